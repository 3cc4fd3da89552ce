/* SPDX-License-Identifier: ISC */
/*
 * Where each chunk lies: rows from the packs' own lists.  Opens no pack.
 * The contract is in index.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "statement.h"

static const char sql_pack_add[] =
    "INSERT OR IGNORE INTO packs (pack) VALUES (?1)";
static const char sql_pack_find[] = "SELECT number FROM packs WHERE pack = ?1";
static const char sql_chunk_add[] =
    "INSERT OR REPLACE INTO chunks (name, pack, position, length, plain)"
    " VALUES (?1, ?2, ?3, ?4, ?5)";
static const char sql_chunk_find[] =
    "SELECT p.pack, c.position, c.length, c.plain FROM chunks c"
    " JOIN packs p ON p.number = c.pack WHERE c.name = ?1";
static const char sql_chunks_forget[] =
    "DELETE FROM chunks WHERE pack = (SELECT number FROM packs"
    " WHERE pack = ?1)";
static const char sql_chunk_forget[] =
    "DELETE FROM chunks WHERE name = ?1 AND pack ="
    " (SELECT number FROM packs WHERE pack = ?2)";
static const char sql_pack_forget[] = "DELETE FROM packs WHERE pack = ?1";
static const char sql_pack_rows[] =
    "SELECT c.name, c.position, c.length, c.plain FROM chunks c"
    " JOIN packs p ON p.number = c.pack WHERE p.pack = ?1"
    " ORDER BY c.position";
static const char sql_packs[] = "SELECT pack FROM packs ORDER BY pack";

const char *const statements_chunks[] = { sql_pack_add, sql_pack_find,
	sql_chunk_add, sql_chunk_find, sql_chunks_forget, sql_chunk_forget,
	sql_pack_forget, sql_pack_rows, sql_packs, NULL };

static enum carnet_status
chunks_run_blob(struct index *index, const char *sql, const uint8_t *blob,
    size_t len, struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status = index_prepare(index, sql, &statement, err);

	if (status != CARNET_OK)
		return status;
	(void)sqlite3_bind_blob(statement, 1, blob, (int)len, SQLITE_STATIC);
	if (sqlite3_step(statement) != SQLITE_DONE)
		status = index_fail(index, "write", err);
	(void)sqlite3_reset(statement);
	return status;
}

/* The pack's number, a new one if it has none. */
static enum carnet_status
chunks_pack_number(struct index *index, const uint8_t pack[PACK_ID_LEN],
    int64_t *ret_number, struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status =
	    chunks_run_blob(index, sql_pack_add, pack, PACK_ID_LEN, err);

	if (status == CARNET_OK)
		status = index_prepare(index, sql_pack_find, &statement, err);
	if (status != CARNET_OK)
		return status;
	(void)sqlite3_bind_blob(statement, 1, pack, PACK_ID_LEN, SQLITE_STATIC);
	if (sqlite3_step(statement) == SQLITE_ROW)
		*ret_number = sqlite3_column_int64(statement, 0);
	else
		status = index_fail(index, "read", err);
	(void)sqlite3_reset(statement);
	return status;
}

enum carnet_status
index_add_chunks(struct index *index, const struct chunk_row *rows, size_t len,
    struct carnet_error *err)
{
	uint8_t pack[PACK_ID_LEN] = { 0 };
	sqlite3_stmt *statement = NULL;
	enum carnet_status status = CARNET_OK;
	int64_t number = -1;

	for (size_t i = 0; i < len && status == CARNET_OK; i++) {
		if (number < 0 ||
		    memcmp(pack, rows[i].place.pack, PACK_ID_LEN) != 0) {
			memcpy(pack, rows[i].place.pack, PACK_ID_LEN);
			status = chunks_pack_number(index, pack, &number, err);
		}
		if (status == CARNET_OK)
			status = index_prepare(
			    index, sql_chunk_add, &statement, err);
		if (status != CARNET_OK)
			break;
		(void)sqlite3_bind_blob(
		    statement, 1, rows[i].name.bytes, HASH_LEN, SQLITE_STATIC);
		(void)sqlite3_bind_int64(statement, 2, number);
		(void)sqlite3_bind_int64(
		    statement, 3, (sqlite3_int64)rows[i].place.offset);
		(void)sqlite3_bind_int64(statement, 4, rows[i].place.len);
		(void)sqlite3_bind_int64(statement, 5, rows[i].place.plain_len);
		if (sqlite3_step(statement) != SQLITE_DONE)
			status = index_fail(index, "write", err);
		(void)sqlite3_reset(statement);
	}
	return status;
}

enum carnet_status
index_forget_pack(struct index *index, const uint8_t pack[PACK_ID_LEN],
    struct carnet_error *err)
{
	enum carnet_status status =
	    chunks_run_blob(index, sql_chunks_forget, pack, PACK_ID_LEN, err);

	if (status == CARNET_OK)
		status = chunks_run_blob(
		    index, sql_pack_forget, pack, PACK_ID_LEN, err);
	return status;
}

enum carnet_status
index_forget_rows(struct index *index, const uint8_t pack[PACK_ID_LEN],
    const struct chunk_row *rows, size_t len, struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < len && status == CARNET_OK; i++) {
		status =
		    index_prepare(index, sql_chunk_forget, &statement, err);
		if (status != CARNET_OK)
			break;
		(void)sqlite3_bind_blob(
		    statement, 1, rows[i].name.bytes, HASH_LEN, SQLITE_STATIC);
		(void)sqlite3_bind_blob(
		    statement, 2, pack, PACK_ID_LEN, SQLITE_STATIC);
		if (sqlite3_step(statement) != SQLITE_DONE)
			status = index_fail(index, "write", err);
		(void)sqlite3_reset(statement);
	}
	if (status == CARNET_OK)
		status = chunks_run_blob(
		    index, sql_pack_forget, pack, PACK_ID_LEN, err);
	return status;
}

int
index_find_chunk(
    void *context, const struct chunk_name *name, struct chunk_place *ret_place)
{
	struct index *index = context;
	sqlite3_stmt *statement = NULL;
	int found = -1, code;

	if (index_hold(index, NULL) != CARNET_OK ||
	    index_prepare(index, sql_chunk_find, &statement, NULL) != CARNET_OK)
		return -1;
	(void)sqlite3_bind_blob(
	    statement, 1, name->bytes, HASH_LEN, SQLITE_STATIC);
	code = sqlite3_step(statement);
	if (code == SQLITE_DONE) {
		found = 0;
	} else if (code == SQLITE_ROW &&
		   sqlite3_column_bytes(statement, 0) == PACK_ID_LEN) {
		memcpy(ret_place->pack, sqlite3_column_blob(statement, 0),
		    PACK_ID_LEN);
		ret_place->offset =
		    (uint64_t)sqlite3_column_int64(statement, 1);
		ret_place->len = (uint32_t)sqlite3_column_int64(statement, 2);
		ret_place->plain_len =
		    (uint32_t)sqlite3_column_int64(statement, 3);
		found = 1;
	} else if ((code & 0xff) == SQLITE_CORRUPT ||
		   (code & 0xff) == SQLITE_NOTADB) {
		found = INDEX_HURT;
	}
	(void)sqlite3_reset(statement);
	return found;
}

enum carnet_status
index_packs(struct index *index, uint8_t (**ret_packs)[PACK_ID_LEN],
    size_t *ret_len, struct carnet_error *err)
{
	uint8_t(*packs)[PACK_ID_LEN] = NULL;
	sqlite3_stmt *statement = NULL;
	size_t len = 0, room = 0;
	int code = SQLITE_DONE;
	enum carnet_status status =
	    index_prepare(index, sql_packs, &statement, err);

	while (status == CARNET_OK &&
	       (code = sqlite3_step(statement)) == SQLITE_ROW) {
		if (len == room) {
			void *grown;

			room = room == 0 ? 64 : room * 2;
			grown = reallocarray(packs, room, sizeof(*packs));
			if (grown == NULL) {
				status =
				    carnet_fail_errno(err, ENOMEM, "index");
				break;
			}
			packs = grown;
		}
		memset(packs[len], 0, PACK_ID_LEN);
		if (sqlite3_column_bytes(statement, 0) == PACK_ID_LEN)
			memcpy(packs[len], sqlite3_column_blob(statement, 0),
			    PACK_ID_LEN);
		len++;
	}
	if (status == CARNET_OK && code != SQLITE_DONE)
		status = index_fail(index, "read", err);
	if (statement != NULL)
		(void)sqlite3_reset(statement);
	if (status != CARNET_OK) {
		free(packs);
		return status;
	}
	*ret_packs = packs;
	*ret_len = len;
	return CARNET_OK;
}

enum carnet_status
index_pack_rows(struct index *index, const uint8_t pack[PACK_ID_LEN],
    struct chunk_row **ret_rows, size_t *ret_len, struct carnet_error *err)
{
	struct chunk_row *rows = NULL;
	sqlite3_stmt *statement = NULL;
	size_t len = 0;
	int code = SQLITE_DONE;
	enum carnet_status status =
	    index_prepare(index, sql_pack_rows, &statement, err);

	if (status == CARNET_OK)
		(void)sqlite3_bind_blob(
		    statement, 1, pack, PACK_ID_LEN, SQLITE_STATIC);
	while (status == CARNET_OK &&
	       (code = sqlite3_step(statement)) == SQLITE_ROW) {
		struct chunk_row *grown =
		    reallocarray(rows, len + 1, sizeof(*grown));

		if (grown == NULL) {
			status = carnet_fail_errno(err, ENOMEM, "index");
			break;
		}
		rows = grown;
		memset(&rows[len], 0, sizeof(rows[len]));
		if (sqlite3_column_bytes(statement, 0) == HASH_LEN)
			memcpy(rows[len].name.bytes,
			    sqlite3_column_blob(statement, 0), HASH_LEN);
		memcpy(rows[len].place.pack, pack, PACK_ID_LEN);
		rows[len].place.offset =
		    (uint64_t)sqlite3_column_int64(statement, 1);
		rows[len].place.len =
		    (uint32_t)sqlite3_column_int64(statement, 2);
		rows[len].place.plain_len =
		    (uint32_t)sqlite3_column_int64(statement, 3);
		len++;
	}
	if (status == CARNET_OK && code != SQLITE_DONE)
		status = index_fail(index, "read", err);
	if (statement != NULL)
		(void)sqlite3_reset(statement);
	if (status != CARNET_OK) {
		free(rows);
		return status;
	}
	*ret_rows = rows;
	*ret_len = len;
	return CARNET_OK;
}
