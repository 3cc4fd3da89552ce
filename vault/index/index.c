/* SPDX-License-Identifier: ISC */
/*
 * The database's life: opening with every pragma that is relied on, making,
 * checking, comparing.  Holds no table's meaning.  The contract is index.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema.h"
#include "statement.h"

#define INDEX_SCHEMA_VERSION 6
#define INDEX_BUSY_MS 30000
#define INDEX_KEY_TEXT (2 * KEY_LEN + 4)

/*
 * While an index is made there is nothing to go back to: no journal on the
 * disk, nothing waits for the disk, and a larger cache, so that a page that
 * is wanted again and again is sealed and opened once (more didn't help a
 * million events).  Its version is written last.
 */
static const char sql_making[] = "PRAGMA journal_mode = MEMORY;"
				 "PRAGMA synchronous = OFF;"
				 "PRAGMA cache_size = -28672";
static const char sql_made[] = "PRAGMA journal_mode = DELETE;"
			       "PRAGMA synchronous = NORMAL";
static const char sql_cache[] = "PRAGMA cache_size = -16384";

static enum carnet_status
index_pragma(struct index *index, const char *sql, struct carnet_error *err)
{
	if (sqlite3_exec(index->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return index_fail(index, "open", err);
	return CARNET_OK;
}

/* Gives the raw key; SQLCipher takes it as x'hex' text only. */
static enum carnet_status
index_set_key(
    struct index *index, const struct keys *keys, struct carnet_error *err)
{
	char text[INDEX_KEY_TEXT];
	int code;

	text[0] = 'x';
	text[1] = '\'';
	hex_encode(keys_get(keys, KEY_INDEX), KEY_LEN, text + 2);
	memcpy(text + 2 + 2 * KEY_LEN, "'", 2);
	code = sqlite3_key(index->db, text, (int)(2 * KEY_LEN + 3));
	bytes_wipe(text, sizeof(text));
	if (code != SQLITE_OK)
		return index_fail(index, "key", err);
	return CARNET_OK;
}

static enum carnet_status
index_set_pragmas(
    struct index *index, enum index_mode mode, struct carnet_error *err)
{
	static const char *const pragmas[] = {
		"PRAGMA cipher_memory_security = OFF",
		"PRAGMA temp_store = MEMORY",
		"PRAGMA mmap_size = 0",
		sql_cache,
		"PRAGMA foreign_keys = ON",
		"PRAGMA trusted_schema = 0",
		"PRAGMA cell_size_check = ON",
		"PRAGMA secure_delete = ON",
	};
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0;
	     status == CARNET_OK && i < sizeof(pragmas) / sizeof(pragmas[0]);
	     i++)
		status = index_pragma(index, pragmas[i], err);
	if (status == CARNET_OK)
		status = index_pragma(
		    index, mode == INDEX_MAKE ? sql_making : sql_made, err);
	if (status == CARNET_OK && mode == INDEX_READ)
		status = index_pragma(index, "PRAGMA query_only = ON", err);
	return status;
}

/* temp_store and foreign_keys must really hold: plain temporary files and
 * dangling rows would go unnoticed. */
static enum carnet_status
index_check_pragmas(struct index *index, struct carnet_error *err)
{
	int64_t temp = 0, foreign = 0, trusted = 1;
	enum carnet_status status;

	status = index_number(index, "PRAGMA temp_store", NULL, 0, &temp, err);
	if (status == CARNET_OK)
		status = index_number(
		    index, "PRAGMA foreign_keys", NULL, 0, &foreign, err);
	if (status == CARNET_OK)
		status = index_number(
		    index, "PRAGMA trusted_schema", NULL, 1, &trusted, err);
	if (status == CARNET_OK && (temp != 2 || foreign != 1 || trusted != 0))
		status = carnet_fail(err, CARNET_UNSUPPORTED,
		    CARNET_("this SQLCipher does not take the settings that "
			    "keep plain text off the disk"));
	return status;
}

static enum carnet_status
index_check_version(struct index *index, struct carnet_error *err)
{
	int64_t version = 0;
	enum carnet_status status =
	    index_number(index, "PRAGMA user_version", NULL, 0, &version, err);

	if (status == CARNET_OK && version != INDEX_SCHEMA_VERSION)
		status = carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("index: made by another version"));
	return status;
}

static enum carnet_status
index_make_tables(struct index *index, struct carnet_error *err)
{
	enum carnet_status status = index_pragma(index, "BEGIN", err);

	if (status == CARNET_OK)
		status = index_pragma(index, index_schema, err);
	if (status == CARNET_OK)
		status = index_pragma(index, "COMMIT", err);
	return status;
}

/* An empty file in place of an old database and its journal; SQLite would
 * make one that others can read. */
static enum carnet_status
index_make_file(const char *path, struct carnet_error *err)
{
	char journal[4096 + 16];
	int fd;

	(void)snprintf(journal, sizeof(journal), "%s-journal", path);
	/* first: without its journal it might be taken for whole */
	if (unlink(path) != 0 && errno != ENOENT)
		return carnet_fail_errno(err, errno, "index.db");
	if (unlink(journal) != 0 && errno != ENOENT)
		return carnet_fail_errno(err, errno, "index.db-journal");
	fd = open(
	    path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return carnet_fail_errno(err, errno, "index.db");
	(void)close(fd);
	return CARNET_OK;
}

enum carnet_status
index_open(const char *path, const struct keys *keys, enum index_mode mode,
    struct index **ret_index, struct carnet_error *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW;
	struct index *index = calloc(1, sizeof(*index));
	enum carnet_status status = CARNET_OK;
	bool make = mode == INDEX_MAKE || mode == INDEX_MEMORY;
	int code;

	if (index == NULL)
		return carnet_fail_errno(err, ENOMEM, "index");
	index->ids_key = keys_get(keys, KEY_IDS);
	index->writes = mode != INDEX_READ;
	index->makes = mode == INDEX_MAKE;
	index->takes_all = make;
	if (mode == INDEX_MAKE)
		status = index_make_file(path, err);
	else if (mode != INDEX_MEMORY && access(path, F_OK) != 0)
		status =
		    carnet_fail(err, CARNET_DAMAGED, CARNET_("index: missing"));
	if (status != CARNET_OK)
		goto done;
	if (mode == INDEX_MEMORY)
		flags |= SQLITE_OPEN_CREATE;
	code = sqlite3_open_v2(
	    mode == INDEX_MEMORY ? ":memory:" : path, &index->db, flags, NULL);
	if (code == SQLITE_OK && sqlite3_db_readonly(index->db, "main") == 1 &&
	    mode != INDEX_READ) {
		status = carnet_fail_errno(err, EROFS, CARNET_("index"));
		goto done;
	}
	if (code != SQLITE_OK) {
		status = index->db == NULL
			     ? carnet_fail_errno(err, ENOMEM, "index")
			     : index_fail(index, "open", err);
		goto done;
	}
	(void)sqlite3_extended_result_codes(index->db, 1);
	(void)sqlite3_busy_timeout(index->db, INDEX_BUSY_MS);
	/* it would print to stderr what our errors say */
	(void)sqlite3_exec(
	    index->db, "PRAGMA cipher_log_level = NONE", NULL, NULL, NULL);
	if (mode != INDEX_MEMORY)
		status = index_set_key(index, keys, err);
	if (status == CARNET_OK)
		status = index_set_pragmas(index, mode, err);
	if (status == CARNET_OK)
		status = index_check_pragmas(index, err);
	if (status == CARNET_OK && make)
		status = index_make_tables(index, err);
	if (status == CARNET_OK && !make)
		status = index_check_version(index, err);
done:
	if (status != CARNET_OK) {
		index_close(index);
		return status;
	}
	*ret_index = index;
	return CARNET_OK;
}

/* The first commit waits until all that was written is on the disk; only then
 * the version says that it is whole. */
enum carnet_status
index_settle(struct index *index, struct carnet_error *err)
{
	char version[64];
	enum carnet_status status;

	if (!index->makes)
		return CARNET_OK;
	status = index_pragma(index, sql_made, err);
	if (status == CARNET_OK)
		status = index_pragma(index, "PRAGMA user_version = 0", err);
	(void)snprintf(version, sizeof(version), "PRAGMA user_version = %d",
	    INDEX_SCHEMA_VERSION);
	if (status == CARNET_OK)
		status = index_pragma(index, version, err);
	if (status == CARNET_OK)
		status = index_pragma(index, sql_cache, err);
	if (status == CARNET_OK)
		index->makes = index->takes_all = false;
	return status;
}

/* SQLite keeps this number for the program that uses a database. */
enum carnet_status
index_mark_lacking(struct index *index, struct carnet_error *err)
{
	return index_pragma(index, "PRAGMA application_id = 1", err);
}

enum carnet_status
index_is_lacking(
    struct index *index, bool *ret_lacking, struct carnet_error *err)
{
	int64_t number = 0;
	enum carnet_status status =
	    index_number(index, "PRAGMA application_id", NULL, 0, &number, err);

	if (status == CARNET_OK)
		*ret_lacking = number != 0;
	return status;
}

void
index_close(struct index *index)
{
	if (index == NULL)
		return;
	index_await(index);
	for (size_t i = 0; i < index->cache_len; i++)
		(void)sqlite3_finalize(index->cache[i].statement);
	(void)sqlite3_close(index->db);
	index_forget_unworded(index);
	numbers_forget(index);
	free(index);
}

enum carnet_status
index_hold(struct index *index, struct carnet_error *err)
{
	enum carnet_status status;

	if (index == NULL)
		return index_fail(index, "open", err);
	index_await(index);
	if (!index->writes || sqlite3_get_autocommit(index->db) == 0)
		return CARNET_OK;
	status = index_run(index, "BEGIN DEFERRED", NULL, err);
	index->reading = status == CARNET_OK;
	return status;
}

enum carnet_status
index_begin(struct index *index, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	if (index == NULL)
		return index_fail(index, "open", err);
	index_await(index);
	if (index->reading)
		status = index_run(index, "END", NULL, err);
	index->reading = false;
	index->has_cursor = false;
	if (status == CARNET_OK)
		status = index_run(index, "BEGIN IMMEDIATE", NULL, err);
	return status;
}

/* The full text gathers a lot in memory, and asks for documents in the order
 * in which they lie: it needs the memory more than the large cache does. */
static enum carnet_status
index_make_room(struct index *index, struct carnet_error *err)
{
	if (!index->makes || index->unworded_len == 0)
		return CARNET_OK;
	/* what it failed with the next statement says, too, and better */
	(void)sqlite3_db_cacheflush(index->db);
	return index_pragma(index, sql_cache, err);
}

enum carnet_status
index_commit(struct index *index, struct carnet_error *err)
{
	enum carnet_status status;
	bool done = false;

	index_await(index);
	numbers_forget(index); /* behind it others may write */
	status = index_make_room(index, err);
	while (status == CARNET_OK && !done)
		status = index_word_one(index, &done, err);
	if (status == CARNET_OK)
		status = index_write_cursor(index, err);
	if (status == CARNET_OK)
		status = index_run(index, "COMMIT", NULL, err);
	return status;
}

void
index_rollback(struct index *index)
{
	if (index == NULL)
		return;
	index_await(index);
	index->reading = false;
	index->has_cursor = false;
	index_forget_unworded(index);
	numbers_forget(index);
	if (sqlite3_get_autocommit(index->db) == 0)
		(void)sqlite3_exec(index->db, "ROLLBACK", NULL, NULL, NULL);
}

bool
index_is_writing(const struct index *index)
{
	return index != NULL && !index->reading &&
	       sqlite3_get_autocommit(index->db) == 0;
}

enum carnet_status
index_check(struct index *index, struct carnet_error *err)
{
	cJSON *rows = NULL;
	bool bad;
	enum carnet_status status = index_rows(
	    index, "PRAGMA cipher_integrity_check", NULL, &rows, err);

	if (status != CARNET_OK)
		return status;
	bad = cJSON_GetArraySize(rows) > 0;
	cJSON_Delete(rows);
	rows = NULL;
	if (!bad) {
		status = index_rows(
		    index, "PRAGMA integrity_check(1)", NULL, &rows, err);
		if (status != CARNET_OK)
			return status;
		const char *said = carnet_json_string(
		    cJSON_GetArrayItem(rows, 0), "integrity_check");
		bad = said == NULL || strcmp(said, "ok") != 0;
		cJSON_Delete(rows);
	}
	if (bad)
		return carnet_fail(
		    err, CARNET_DAMAGED, CARNET_("index: damaged"));
	return CARNET_OK;
}

/* --- comparing -------------------------------------------------------------
 */

/* cursors differ when a segment was rewritten; packs and chunks say where
 * bytes lie, not what happened: they are compared by check against the
 * packs themselves. */
static const struct {
	const char *name;
	const char *rows;
} index_tables[] = {
	{ "events", "SELECT * FROM events ORDER BY lamport, device, seq" },
	{ "oddities", "SELECT * FROM oddities ORDER BY lamport, device, seq" },
	{ "devices", "SELECT * FROM devices ORDER BY device" },
	{ "persons", "SELECT * FROM persons ORDER BY number" },
	{ "representations",
	    "SELECT * FROM representations ORDER BY person, represents" },
	{ "documents", "SELECT * FROM documents ORDER BY number" },
	{ "tags", "SELECT * FROM tags ORDER BY document, tag" },
	{ "notes", "SELECT * FROM notes ORDER BY document, number" },
	{ "words", "SELECT rowid, title, text, tags, notes FROM words "
		   "ORDER BY rowid" },
	{ "recipients", "SELECT * FROM recipients ORDER BY id" },
	{ "decisions", "SELECT * FROM decisions ORDER BY number" },
	{ "statements", "SELECT * FROM statements ORDER BY number" },
	{ "steps", "SELECT * FROM steps ORDER BY statement, number" },
	{ "disclosures", "SELECT * FROM disclosures ORDER BY number" },
	{ "backups", "SELECT * FROM backups ORDER BY snapshot" },
	{ "places", "SELECT * FROM places ORDER BY path" },
};
#define INDEX_TABLES (sizeof(index_tables) / sizeof(index_tables[0]))

bool
index_table_name(struct index *index, size_t i, const char **ret_name)
{
	(void)index;
	if (i >= INDEX_TABLES)
		return false;
	*ret_name = index_tables[i].name;
	return true;
}

/* Type, length and bytes of each column. */
static void
index_digest_row(sqlite3_stmt *statement, struct hash_state *state)
{
	int columns = sqlite3_column_count(statement);

	for (int i = 0; i < columns; i++) {
		int type = sqlite3_column_type(statement, i);
		const void *bytes = sqlite3_column_blob(statement, i);
		int len = sqlite3_column_bytes(statement, i);

		hash_more(state, &type, sizeof(type));
		hash_more(state, &len, sizeof(len));
		if (len > 0)
			hash_more(state, bytes, (size_t)len);
	}
}

enum carnet_status
index_table_digest(struct index *index, size_t i, uint8_t ret_hash[HASH_LEN],
    struct carnet_error *err)
{
	struct hash_state *state = hash_begin(NULL);
	sqlite3_stmt *statement = NULL;
	enum carnet_status status;
	int code = SQLITE_DONE;

	if (state == NULL)
		return carnet_fail_errno(err, ENOMEM, "index");
	status = index_prepare(index, index_tables[i].rows, &statement, err);
	while (status == CARNET_OK &&
	       (code = sqlite3_step(statement)) == SQLITE_ROW)
		index_digest_row(statement, state);
	if (status == CARNET_OK && code != SQLITE_DONE)
		status = index_fail(index, "read", err);
	if (statement != NULL)
		(void)sqlite3_reset(statement);
	if (status != CARNET_OK) {
		hash_abandon(state);
		return status;
	}
	hash_end(state, ret_hash);
	return CARNET_OK;
}

enum carnet_status
index_digest(
    struct index *index, uint8_t ret_hash[HASH_LEN], struct carnet_error *err)
{
	uint8_t all[INDEX_TABLES][HASH_LEN];
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < INDEX_TABLES && status == CARNET_OK; i++)
		status = index_table_digest(index, i, all[i], err);
	if (status == CARNET_OK)
		hash_bytes(NULL, all, sizeof(all), ret_hash);
	return status;
}

enum carnet_status
index_prepare_all(struct index *index, struct carnet_error *err)
{
	const char *const *const lists[] = { statements_cursors,
		statements_apply, statements_documents_apply,
		statements_word_apply, statements_documents, statements_word,
		statements_search, statements_chunks, statements_seen,
		statements_sums, statements_known };
	enum carnet_status status = CARNET_OK;
	sqlite3_stmt *statement;

	for (size_t l = 0; l < sizeof(lists) / sizeof(lists[0]); l++)
		for (size_t i = 0; lists[l][i] != NULL && status == CARNET_OK;
		     i++)
			status =
			    index_prepare(index, lists[l][i], &statement, err);
	for (size_t i = 0; i < INDEX_TABLES && status == CARNET_OK; i++)
		status =
		    index_prepare(index, index_tables[i].rows, &statement, err);
	return status;
}
