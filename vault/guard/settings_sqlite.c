/* SPDX-License-Identifier: ISC */
/*
 * One column of one table out of another program's database, read by the
 * file format's description (https://www.sqlite.org/fileformat2.html,
 * sections 1.6, 2 and 2.4): no SQL runs, nothing is locked or written.
 * The contract is in settings.h.
 */
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pagefile.h"
#include "sqlite_schema.h"

#define SQLITE_DEPTH_MAX 20
#define SQLITE_ROW_MAX 65536 /* longer rows are passed over */
#define SQLITE_NAME_MAX 64

struct sqlite_row {
	uint8_t bytes[SQLITE_ROW_MAX];
	size_t len;
};

typedef bool (*sqlite_visit)(const struct sqlite_row *row, void *context);

struct sqlite_walk {
	struct pagefile *file;
	struct sqlite_row *row;
	sqlite_visit visit;
	void *context;
};

/* A number of 1 to 9 bytes; returns how many it took, 0 past the end. */
static size_t
sqlite_varint(const uint8_t *bytes, size_t len, uint64_t *ret)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len && i < 9; i++) {
		if (i == 8) {
			*ret = value << 8 | bytes[i];
			return 9;
		}
		value = value << 7 | (bytes[i] & 0x7f);
		if (bytes[i] < 0x80) {
			*ret = value;
			return i + 1;
		}
	}
	return 0;
}

/* The n-th column as text; false if it is absent or something else. */
static bool
sqlite_text(
    const struct sqlite_row *row, size_t n, const char **ret, size_t *ret_len)
{
	static const uint8_t sizes[] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0 };
	uint64_t header = 0, type = 0, size;
	size_t at = sqlite_varint(row->bytes, row->len, &header);
	uint64_t body = header;

	if (at == 0 || header < at || header > row->len)
		return false;
	for (;; n--) {
		size_t took =
		    sqlite_varint(row->bytes + at, (size_t)header - at, &type);

		if (took == 0)
			return false;
		at += took;
		size = type < 12 ? sizes[type] : (type - 12) / 2;
		if (size > row->len - body)
			return false;
		if (n == 0)
			break;
		body += size;
	}
	if (type < 13 || type % 2 == 0 ||
	    memchr(row->bytes + body, '\0', (size_t)size) != NULL)
		return false;
	*ret = (const char *)row->bytes + body;
	*ret_len = (size_t)size;
	return true;
}

/* The n-th column as a page number; 0 if it is none. */
static uint32_t
sqlite_number(const struct sqlite_row *row, size_t n)
{
	static const uint8_t sizes[] = { 0, 1, 2, 3, 4, 6, 8, 8 };
	uint64_t header = 0, type = 0, value = 0;
	size_t at = sqlite_varint(row->bytes, row->len, &header);
	uint64_t body = header, size;

	if (at == 0 || header < at || header > row->len)
		return 0;
	for (;; n--) {
		size_t took =
		    sqlite_varint(row->bytes + at, (size_t)header - at, &type);

		if (took == 0)
			return 0;
		at += took;
		size = type < 8 ? sizes[type] : type < 12 ? 0 : (type - 12) / 2;
		if (size > row->len - body)
			return 0;
		if (n == 0)
			break;
		body += size;
	}
	if (type < 1 || type > 4)
		return 0;
	for (uint64_t i = 0; i < size; i++)
		value = value << 8 | row->bytes[body + i];
	return (uint32_t)value;
}

/* The kinds of pages, section 1.6: a table's tree keeps rows in its leaves,
 * an index's (and that of a table WITHOUT ROWID) in all its pages. */
struct sqlite_kind {
	uint8_t flag;
	bool leaf, has_rows, has_ids;
};

static const struct sqlite_kind *
sqlite_kind(uint8_t flag)
{
	static const struct sqlite_kind kinds[] = {
		{ 0x0d, true, true, true },
		{ 0x05, false, false, true },
		{ 0x0a, true, true, false },
		{ 0x02, false, true, false },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].flag == flag)
			return &kinds[i];
	return NULL;
}

/* How much of a row of `total` bytes stands in its page. */
static size_t
sqlite_local(uint32_t usable, const struct sqlite_kind *kind, size_t total)
{
	size_t most =
	    kind->has_ids ? usable - 35 : (usable - 12) * 64 / 255 - 23;
	size_t least = (usable - 12) * 32 / 255 - 23;
	size_t local;

	if (total <= most)
		return total;
	local = least + (total - least) % (usable - 4);
	return local <= most ? local : least;
}

/* Puts a row together, overflow pages included; false to pass it over. */
static bool
sqlite_cell(struct sqlite_walk *walk, const struct sqlite_kind *kind,
    const uint8_t *page, size_t at)
{
	const uint32_t usable = walk->file->usable;
	uint64_t total = 0, id = 0;
	size_t took = sqlite_varint(page + at, usable - at, &total);
	size_t local;
	uint8_t *more = NULL;
	uint32_t next;

	if (took == 0 || total > SQLITE_ROW_MAX)
		return false;
	at += took;
	if (kind->has_ids) {
		took = sqlite_varint(page + at, usable - at, &id);
		if (took == 0)
			return false;
		at += took;
	}
	local = sqlite_local(usable, kind, (size_t)total);
	if (local > usable - at)
		return false;
	memcpy(walk->row->bytes, page + at, local);
	walk->row->len = (size_t)total;
	if (local == total)
		return true;
	if (usable - at - local < 4)
		return false;
	next = pagefile_u32(page + at + local);
	more = malloc(PAGEFILE_PAGE_MAX);
	while (more != NULL && local < total &&
	       pagefile_read(walk->file, next, more)) {
		size_t part = (size_t)total - local;

		if (part > usable - 4)
			part = usable - 4;
		memcpy(walk->row->bytes + local, more + 4, part);
		local += part;
		next = pagefile_u32(more);
	}
	free(more);
	return local == total;
}

static bool sqlite_walk_page(
    struct sqlite_walk *walk, uint32_t number, int depth);

/* The cells of one page; false stops the walk. */
static bool
sqlite_walk_cells(struct sqlite_walk *walk, const uint8_t *page, size_t base,
    const struct sqlite_kind *kind, int depth)
{
	const uint32_t usable = walk->file->usable;
	const size_t head = base + (kind->leaf ? 8 : 12);
	const size_t cells = pagefile_u16(page + base + 3);
	bool going = true;

	for (size_t i = 0; going && i < cells; i++) {
		size_t at;

		if (head + 2 * i + 2 > usable)
			break;
		at = pagefile_u16(page + head + 2 * i);
		if (at < head || at + 4 > usable)
			continue;
		if (!kind->leaf) {
			going = sqlite_walk_page(
			    walk, pagefile_u32(page + at), depth + 1);
			at += 4;
		}
		if (going && kind->has_rows &&
		    sqlite_cell(walk, kind, page, at))
			going = walk->visit(walk->row, walk->context);
	}
	if (going && !kind->leaf)
		going = sqlite_walk_page(
		    walk, pagefile_u32(page + base + 8), depth + 1);
	return going;
}

/* Visits the rows of a tree; false stops. */
static bool
sqlite_walk_page(struct sqlite_walk *walk, uint32_t number, int depth)
{
	const size_t base = number == 1 ? 100 : 0;
	uint8_t *page = malloc(PAGEFILE_PAGE_MAX);
	const struct sqlite_kind *kind = NULL;
	bool going = page != NULL;

	if (page != NULL && depth <= SQLITE_DEPTH_MAX &&
	    pagefile_read(walk->file, number, page))
		kind = sqlite_kind(page[base]);
	if (kind != NULL)
		going = sqlite_walk_cells(walk, page, base, kind, depth);
	free(page);
	return going;
}

struct sqlite_search {
	char table[SQLITE_NAME_MAX], column[SQLITE_NAME_MAX];
	char filter[SQLITE_NAME_MAX], wanted[SQLITE_NAME_MAX]; /* or "" */
	uint32_t root; /* of the table; 0: not found */
	size_t column_at, filter_at;
	settings_sink sink;
	void *context;
	size_t values;
};

/* A row of sqlite_schema: type, name, tbl_name, rootpage, sql. */
static bool
sqlite_visit_schema(const struct sqlite_row *row, void *context)
{
	struct sqlite_search *search = context;
	const char *type, *name, *sql;
	size_t type_len, name_len, sql_len;

	if (!sqlite_text(row, 0, &type, &type_len) ||
	    !sqlite_text(row, 1, &name, &name_len) ||
	    !sqlite_text(row, 4, &sql, &sql_len) || type_len != 5 ||
	    memcmp(type, "table", 5) != 0 ||
	    name_len != strlen(search->table) ||
	    strncasecmp(name, search->table, name_len) != 0)
		return true;
	search->column_at = sqlite_schema_place(sql, sql_len, search->column);
	search->filter_at = sqlite_schema_place(sql, sql_len, search->filter);
	if (search->column_at != SIZE_MAX &&
	    (search->filter[0] == '\0' || search->filter_at != SIZE_MAX))
		search->root = sqlite_number(row, 3);
	return false;
}

static bool
sqlite_visit_row(const struct sqlite_row *row, void *context)
{
	struct sqlite_search *search = context;
	const char *text;
	char *value;
	size_t len;
	bool going;

	if (search->filter[0] != '\0' &&
	    (!sqlite_text(row, search->filter_at, &text, &len) ||
		len != strlen(search->wanted) ||
		memcmp(text, search->wanted, len) != 0))
		return true;
	if (!sqlite_text(row, search->column_at, &text, &len))
		return true;
	value = strndup(text, len);
	if (value == NULL || search->values++ >= SETTINGS_VALUES_MAX) {
		free(value);
		return false;
	}
	going = search->sink(value, search->context);
	free(value);
	return going;
}

/* "table.column?filter=wanted" */
static bool
sqlite_parse_key(const char *key, struct sqlite_search *search)
{
	int parts = sscanf(key, "%63[^.].%63[^?]?%63[^=]=%63s", search->table,
	    search->column, search->filter, search->wanted);

	return parts == 2 || parts == 4;
}

void
settings_sqlite(
    const char *path, const char *key, settings_sink sink, void *context)
{
	struct sqlite_search search = { .sink = sink, .context = context };
	struct pagefile file = { 0 };
	struct sqlite_walk walk = { .file = &file, .context = &search };

	if (!sqlite_parse_key(key, &search) || !pagefile_open(path, &file))
		return;
	walk.row = malloc(sizeof(*walk.row));
	if (walk.row != NULL) {
		walk.visit = sqlite_visit_schema;
		(void)sqlite_walk_page(&walk, 1, 0);
		walk.visit = sqlite_visit_row;
		if (search.root != 0)
			(void)sqlite_walk_page(&walk, search.root, 0);
	}
	free(walk.row);
	pagefile_close(&file);
}
