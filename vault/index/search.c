/* SPDX-License-Identifier: ISC */
/*
 * Full text: a person's query to FTS5's, the best of the newest matches, a
 * snippet each.  Only the newest 500 are ranked: ranking every match of a
 * common word would take 30 times as long.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "statement.h"

#define SEARCH_MAX_QUERY 4096
#define SEARCH_DEFAULT_LIMIT 20

static const char sql_matches[] =
    "SELECT m.number AS number, d.id AS id, d.title AS title,"
    " d.type AS type, d.date AS date, d.size AS size,"
    " (SELECT json_group_array(tag) FROM (SELECT tag FROM tags"
    " WHERE document = d.number ORDER BY tag)) AS \"tags[]\", p.name AS person"
    " FROM (SELECT words.rowid AS number,"
    " bm25(words, 10.0, 1.0, 5.0, 3.0) AS score"
    " FROM words JOIN documents f ON f.number = words.rowid"
    " WHERE words MATCH :match AND f.removed IS NULL"
    " AND (:person IS NULL OR f.person = :person)"
    " AND (:type IS NULL OR f.type = :type)"
    " AND (:tag IS NULL OR EXISTS (SELECT 1 FROM tags"
    " WHERE document = f.number AND tag = :tag))"
    " AND (:since IS NULL OR f.date >= :since)"
    " AND (:until IS NULL OR (f.date <> '' AND f.date <= :until))"
    " ORDER BY words.rowid DESC LIMIT 500) m"
    " JOIN documents d ON d.number = m.number"
    " JOIN persons p ON p.id = d.person"
    " ORDER BY m.score, d.date DESC, d.number DESC LIMIT :limit";
static const char sql_snippet[] =
    "SELECT snippet(words, -1, '[', ']', '…', 16) AS snippet FROM words"
    " WHERE words MATCH :match AND rowid = :number";

const char *const statements_search[] = { sql_matches, sql_snippet, NULL };

/* The query as FTS5 takes it, built into a bounded buffer. */
struct search_match {
	char text[SEARCH_MAX_QUERY * 3];
	size_t len;
	bool full;
};

static void
search_put(struct search_match *match, const char *bytes, size_t len)
{
	if (match->len + len + 1 > sizeof(match->text)) {
		match->full = true;
		return;
	}
	memcpy(match->text + match->len, bytes, len);
	match->len += len;
	match->text[match->len] = '\0';
}

/* Ligatures as the index has them; quotes doubled. */
static void
search_put_word(struct search_match *match, const char *word, size_t len)
{
	static const struct {
		const char *from, *to;
	} expand[] = { { "œ", "oe" }, { "Œ", "oe" }, { "æ", "ae" },
		{ "Æ", "ae" }, { "ß", "ss" } };

	for (size_t i = 0; i < len;) {
		size_t step = 1;

		for (size_t k = 0; k < 5; k++) {
			if (len - i >= 2 &&
			    memcmp(word + i, expand[k].from, 2) == 0) {
				search_put(match, expand[k].to, 2);
				step = 2;
				break;
			}
		}
		if (step == 1 && word[i] == '"')
			search_put(match, "\"\"", 2);
		else if (step == 1)
			search_put(match, word + i, 1);
		i += step;
	}
}

/* Something the tokenizer would keep: a letter, a digit, beyond ASCII. */
static bool
search_has_letter(const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (isalnum((unsigned char)word[i]) ||
		    (unsigned char)word[i] >= 0x80)
			return true;
	return false;
}

/* One word or phrase, quoted; a final * makes it a prefix. */
static void
search_add_term(struct search_match *match, const char *word, size_t len)
{
	bool prefix = len > 1 && word[len - 1] == '*';

	if (prefix)
		len--;
	if (!search_has_letter(word, len))
		return;
	if (match->len > 0)
		search_put(match, " ", 1);
	search_put(match, "\"", 1);
	search_put_word(match, word, len);
	search_put(match, "\"", 1);
	if (prefix)
		search_put(match, "*", 1);
}

/* "2024" or "2024-03" becomes its first or last day. */
static bool
search_date(const char *text, size_t len, bool last, char ret[CARNET_DATE_TEXT])
{
	char padded[CARNET_DATE_TEXT];
	struct carnet_date date;

	if (len != 4 && len != 7 && len != 10)
		return false;
	(void)snprintf(padded, sizeof(padded), "%.*s%s", (int)len, text,
	    len == 4 ? "-01-01" : (len == 7 ? "-01" : ""));
	if (!carnet_date_parse(padded, &date))
		return false;
	if (last && len == 4)
		date.month = 12;
	if (last && len < 10)
		date.day = (uint8_t)carnet_days_in_month(date.year, date.month);
	carnet_date_format(date, ret);
	return true;
}

/* A "field:value" term goes into params; false: not a field, a plain word. */
static bool
search_take_field(const char *word, size_t len, cJSON *params, bool *ret_bad)
{
	static const struct {
		const char *name, *param;
		bool is_date, is_last;
	} fields[] = { { "type:", "type", false, false },
		{ "tag:", "tag", false, false },
		{ "from:", "since", true, false },
		{ "since:", "since", true, false },
		{ "to:", "until", true, true },
		{ "until:", "until", true, true } };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		size_t name_len = strlen(fields[i].name);
		char value[256];

		if (len <= name_len ||
		    strncmp(word, fields[i].name, name_len) != 0)
			continue;
		if (fields[i].is_date &&
		    !search_date(word + name_len, len - name_len,
			fields[i].is_last, value)) {
			*ret_bad = true;
			return true;
		}
		if (!fields[i].is_date)
			(void)snprintf(value, sizeof(value), "%.*s",
			    (int)(len - name_len), word + name_len);
		cJSON_DeleteItemFromObjectCaseSensitive(
		    params, fields[i].param);
		*ret_bad = cJSON_AddStringToObject(
			       params, fields[i].param, value) == NULL;
		return true;
	}
	return false;
}

static enum carnet_status
search_parse(const char *query, struct search_match *match, cJSON *params,
    struct carnet_error *err)
{
	const char *at = query;

	if (strlen(query) > SEARCH_MAX_QUERY)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("search: the query is too long"));
	while (*at != '\0') {
		const char *end;
		bool bad = false;

		if (isspace((unsigned char)*at)) {
			at++;
			continue;
		}
		if (*at == '"') {
			end = strchr(at + 1, '"');
			if (end == NULL)
				end = at + strlen(at);
			search_add_term(match, at + 1, (size_t)(end - at) - 1);
			at = *end == '"' ? end + 1 : end;
			continue;
		}
		for (end = at; *end != '\0' && *end != '"' &&
			       !isspace((unsigned char)*end);
		     end++)
			;
		if (!search_take_field(at, (size_t)(end - at), params, &bad))
			search_add_term(match, at, (size_t)(end - at));
		if (bad) {
			carnet_fail(err, CARNET_INVALID,
			    CARNET_("search: a date in the query does not "
				    "exist"));
			carnet_hint(err, CARNET_("write from:2024, "
						 "from:2024-03 or "
						 "from:2024-03-15"));
			return CARNET_INVALID;
		}
		at = end;
	}
	return match->full ? carnet_fail(err, CARNET_INVALID,
				 CARNET_("search: the query is too long"))
			   : CARNET_OK;
}

/* Replaces each row's number by its snippet. */
static enum carnet_status
search_add_snippets(struct index *index, const char *match, cJSON *rows,
    struct carnet_error *err)
{
	cJSON *row;

	cJSON_ArrayForEach(row, rows)
	{
		cJSON *params = cJSON_CreateObject(), *found = NULL;
		cJSON *number =
		    cJSON_DetachItemFromObjectCaseSensitive(row, "number");
		enum carnet_status status;

		if (!cJSON_AddItemToObject(params, "number", number) ||
		    cJSON_AddStringToObject(params, "match", match) == NULL) {
			cJSON_Delete(params);
			return carnet_fail_errno(err, ENOMEM, "index");
		}
		status = index_row(index, sql_snippet, params, &found, err);
		cJSON_Delete(params);
		if (status != CARNET_OK)
			return status;
		(void)cJSON_AddItemToObject(row, "snippet",
		    cJSON_DetachItemFromObjectCaseSensitive(found, "snippet"));
		cJSON_Delete(found);
	}
	return CARNET_OK;
}

enum carnet_status
index_search(struct index *index, const char *query, const cJSON *filter,
    cJSON **ret_array, struct carnet_error *err)
{
	struct search_match *match = calloc(1, sizeof(*match));
	cJSON *params =
	    filter == NULL ? cJSON_CreateObject() : cJSON_Duplicate(filter, 1);
	cJSON *rows = NULL;
	enum carnet_status status = CARNET_OK;
	int64_t limit;

	if (match == NULL || params == NULL) {
		status = carnet_fail_errno(err, ENOMEM, "index");
		goto done;
	}
	status = search_parse(query, match, params, err);
	if (status == CARNET_OK && !carnet_json_int(params, "limit", &limit) &&
	    cJSON_AddNumberToObject(params, "limit", SEARCH_DEFAULT_LIMIT) ==
		NULL)
		status = carnet_fail_errno(err, ENOMEM, "index");
	if (status != CARNET_OK)
		goto done;
	if (match->len == 0) { /* fields alone */
		status = index_documents(index, params, &rows, err);
	} else if (cJSON_AddStringToObject(params, "match", match->text) ==
		   NULL) {
		status = carnet_fail_errno(err, ENOMEM, "index");
	} else {
		status = index_rows(index, sql_matches, params, &rows, err);
		if (status == CARNET_OK)
			status =
			    search_add_snippets(index, match->text, rows, err);
	}
	if (status == CARNET_OK) {
		*ret_array = rows;
		rows = NULL;
	}
done:
	cJSON_Delete(rows);
	cJSON_Delete(params);
	free(match);
	return status;
}
