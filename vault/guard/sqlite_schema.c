/* SPDX-License-Identifier: ISC */
/*
 * Reads CREATE TABLE statements (https://www.sqlite.org/lang_createtable.html)
 * just far enough to count columns.  The contract is in sqlite_schema.h.
 */
#include "sqlite_schema.h"

#include <string.h>
#include <strings.h>

#define SCHEMA_NAME_MAX 64
#define SCHEMA_COLUMNS_MAX 100

struct schema_cursor {
	const char *at, *end;
};
struct schema_table {
	char names[SCHEMA_COLUMNS_MAX][SCHEMA_NAME_MAX];
	size_t len;
	size_t key[SCHEMA_COLUMNS_MAX]; /* columns of the primary key */
	size_t key_len;
	bool without_rowid;
};

static bool
schema_is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void
schema_skip_blanks(struct schema_cursor *cursor)
{
	while (cursor->at < cursor->end && schema_is_blank(*cursor->at))
		cursor->at++;
}

/* The next word, quotes taken off; "" before punctuation and at the end.
 * Returns true if it was quoted. */
static bool
schema_word(struct schema_cursor *cursor, char word[SCHEMA_NAME_MAX])
{
	static const char opens[] = "\"`['", closes[] = "\"`]'";
	const char *quote = NULL;
	size_t len = 0;

	schema_skip_blanks(cursor);
	if (cursor->at < cursor->end && *cursor->at != '\0')
		quote = strchr(opens, *cursor->at);
	if (quote != NULL)
		cursor->at++;
	while (cursor->at < cursor->end) {
		char byte = *cursor->at;

		if (quote != NULL ? byte == closes[quote - opens]
				  : schema_is_blank(byte) || byte == '(' ||
					byte == ',' || byte == ')')
			break;
		if (len + 1 < SCHEMA_NAME_MAX)
			word[len++] = byte;
		cursor->at++;
	}
	if (quote != NULL && cursor->at < cursor->end)
		cursor->at++;
	word[len] = '\0';
	return quote != NULL;
}

/* Passes one thing: a word, or a whole parenthesis. */
static void
schema_skip(struct schema_cursor *cursor)
{
	char word[SCHEMA_NAME_MAX];
	int depth = 0;

	do {
		schema_skip_blanks(cursor);
		if (cursor->at >= cursor->end)
			return;
		if (*cursor->at == '(') {
			depth++;
			cursor->at++;
		} else if (*cursor->at == ')') {
			depth--;
			cursor->at++;
		} else if (*cursor->at == ',') {
			cursor->at++;
		} else {
			(void)schema_word(cursor, word);
		}
	} while (depth > 0);
}

static size_t
schema_find(const struct schema_table *table, const char *name)
{
	for (size_t i = 0; i < table->len; i++)
		if (strcasecmp(table->names[i], name) == 0)
			return i;
	return SIZE_MAX;
}

static void
schema_add_key(struct schema_table *table, size_t column)
{
	for (size_t i = 0; i < table->key_len; i++)
		if (table->key[i] == column)
			return;
	if (column < table->len && table->key_len < SCHEMA_COLUMNS_MAX)
		table->key[table->key_len++] = column;
}

/* "(a, b DESC)" of a PRIMARY KEY that stands by itself. */
static void
schema_key_columns(struct schema_table *table, struct schema_cursor *cursor)
{
	char word[SCHEMA_NAME_MAX];

	schema_skip_blanks(cursor);
	if (cursor->at >= cursor->end || *cursor->at != '(')
		return;
	do {
		cursor->at++;
		(void)schema_word(cursor, word);
		schema_add_key(table, schema_find(table, word));
		while (cursor->at < cursor->end && *cursor->at != ',' &&
		       *cursor->at != ')')
			schema_skip(cursor);
	} while (cursor->at < cursor->end && *cursor->at == ',');
	if (cursor->at < cursor->end)
		cursor->at++;
}

/* One column or constraint, up to its comma or the last parenthesis. */
static void
schema_definition(struct schema_table *table, struct schema_cursor *cursor)
{
	static const char *const constraints[] = { "CONSTRAINT", "PRIMARY",
		"UNIQUE", "CHECK", "FOREIGN" };
	char word[SCHEMA_NAME_MAX];
	bool quoted = schema_word(cursor, word);
	bool column = true, primary;

	for (size_t i = 0; i < sizeof(constraints) / sizeof(constraints[0]);
	     i++)
		if (!quoted && strcasecmp(word, constraints[i]) == 0)
			column = false;
	if (column && table->len < SCHEMA_COLUMNS_MAX)
		memcpy(table->names[table->len++], word, sizeof(word));
	primary = !column && strcasecmp(word, "PRIMARY") == 0;
	for (;;) {
		schema_skip_blanks(cursor);
		if (cursor->at >= cursor->end || *cursor->at == ',' ||
		    *cursor->at == ')')
			return;
		if (*cursor->at == '(') {
			schema_skip(cursor);
			continue;
		}
		quoted = schema_word(cursor, word);
		if (primary && !quoted && strcasecmp(word, "KEY") == 0) {
			if (column)
				schema_add_key(table, table->len - 1);
			else
				schema_key_columns(table, cursor);
		}
		primary = !quoted && strcasecmp(word, "PRIMARY") == 0;
	}
}

static void
schema_parse(struct schema_table *table, struct schema_cursor *cursor)
{
	char word[SCHEMA_NAME_MAX];

	do {
		cursor->at++;
		schema_definition(table, cursor);
	} while (cursor->at < cursor->end && *cursor->at == ',');
	if (cursor->at < cursor->end)
		cursor->at++;
	while (cursor->at < cursor->end) {
		(void)schema_word(cursor, word);
		if (strcasecmp(word, "WITHOUT") == 0)
			table->without_rowid = true;
		else if (word[0] == '\0')
			cursor->at++;
	}
}

size_t
sqlite_schema_place(const char *sql, size_t len, const char *column)
{
	struct schema_table table = { .len = 0 };
	struct schema_cursor cursor = { .at = memchr(sql, '(', len),
		.end = sql + len };
	size_t found, place;

	if (cursor.at == NULL)
		return SIZE_MAX;
	schema_parse(&table, &cursor);
	found = schema_find(&table, column);
	if (found == SIZE_MAX || !table.without_rowid)
		return found;
	place = table.key_len + found;
	for (size_t i = 0; i < table.key_len; i++) {
		if (table.key[i] == found)
			return i;
		if (table.key[i] < found)
			place--;
	}
	return place;
}
