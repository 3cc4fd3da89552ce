/* SPDX-License-Identifier: ISC */
/*
 * How far the ledger has been applied, and which of its events have been.
 * The contract is in index.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "statement.h"

static const char sql_cursor_set[] =
    "INSERT INTO cursors (device, segment, revision, position, seq, lamport,"
    " hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    " ON CONFLICT (device) DO UPDATE SET segment = ?2, revision = ?3,"
    " position = ?4, seq = ?5, lamport = ?6, hash = ?7";
static const char sql_cursors[] =
    "SELECT device, segment, revision, position, seq, lamport, hash"
    " FROM cursors ORDER BY device";
static const char sql_newest[] =
    "SELECT lamport, device FROM events ORDER BY lamport DESC, device DESC,"
    " seq DESC LIMIT 1";
static const char sql_event_hash[] =
    "SELECT hash FROM events WHERE lamport = ?1 AND device = ?2 AND seq = ?3";

const char *const statements_cursors[] = { sql_cursor_set, sql_cursors,
	sql_newest, sql_event_hash, NULL };

enum carnet_status
index_write_cursor(struct index *index, struct carnet_error *err)
{
	const struct ledger_cursor *cursor = &index->cursor;
	sqlite3_stmt *statement = NULL;
	enum carnet_status status;

	index_await(index);
	if (index == NULL || !index->has_cursor)
		return CARNET_OK;
	index->has_cursor = false;
	status = index_prepare(index, sql_cursor_set, &statement, err);
	if (status != CARNET_OK)
		return status;
	(void)sqlite3_bind_blob(
	    statement, 1, cursor->device, DEVICE_ID_LEN, SQLITE_STATIC);
	(void)sqlite3_bind_int64(statement, 2, (sqlite3_int64)cursor->segment);
	(void)sqlite3_bind_int64(statement, 3, cursor->revision);
	(void)sqlite3_bind_int64(statement, 4, (sqlite3_int64)cursor->end);
	(void)sqlite3_bind_int64(statement, 5, (sqlite3_int64)cursor->seq);
	(void)sqlite3_bind_int64(statement, 6, (sqlite3_int64)cursor->lamport);
	(void)sqlite3_bind_blob(
	    statement, 7, cursor->hash, HASH_LEN, SQLITE_STATIC);
	if (sqlite3_step(statement) != SQLITE_DONE)
		status = index_fail(index, "write", err);
	(void)sqlite3_reset(statement);
	return status;
}

/* Event after event moves it: it is written once a device and commit. */
enum carnet_status
index_set_cursor(struct index *index, const struct ledger_cursor *cursor,
    struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	if (index->has_cursor &&
	    memcmp(index->cursor.device, cursor->device, DEVICE_ID_LEN) != 0)
		status = index_write_cursor(index, err);
	index->cursor = *cursor;
	index->has_cursor = true;
	return status;
}

static void
cursors_copy_blob(
    sqlite3_stmt *statement, int column, uint8_t *bytes, size_t len)
{
	const void *blob = sqlite3_column_blob(statement, column);

	memset(bytes, 0, len);
	if (blob != NULL &&
	    (size_t)sqlite3_column_bytes(statement, column) == len)
		memcpy(bytes, blob, len);
}

enum carnet_status
index_cursors(struct index *index, struct ledger_cursor **ret_cursors,
    size_t *ret_len, struct carnet_error *err)
{
	struct ledger_cursor *cursors = NULL;
	sqlite3_stmt *statement = NULL;
	size_t len = 0;
	int code = SQLITE_DONE;
	enum carnet_status status = index_write_cursor(index, err);

	if (status == CARNET_OK)
		status = index_prepare(index, sql_cursors, &statement, err);
	while (status == CARNET_OK &&
	       (code = sqlite3_step(statement)) == SQLITE_ROW) {
		struct ledger_cursor *grown =
		    reallocarray(cursors, len + 1, sizeof(*grown));

		if (grown == NULL) {
			status = carnet_fail_errno(err, ENOMEM, "index");
			break;
		}
		cursors = grown;
		cursors_copy_blob(
		    statement, 0, cursors[len].device, DEVICE_ID_LEN);
		cursors[len].segment =
		    (uint64_t)sqlite3_column_int64(statement, 1);
		cursors[len].revision =
		    (uint32_t)sqlite3_column_int64(statement, 2);
		cursors[len].end = (uint64_t)sqlite3_column_int64(statement, 3);
		cursors[len].seq = (uint64_t)sqlite3_column_int64(statement, 4);
		cursors[len].lamport =
		    (uint64_t)sqlite3_column_int64(statement, 5);
		cursors_copy_blob(statement, 6, cursors[len].hash, HASH_LEN);
		len++;
	}
	if (status == CARNET_OK && code != SQLITE_DONE)
		status = index_fail(index, "read", err);
	if (statement != NULL)
		(void)sqlite3_reset(statement);
	if (status != CARNET_OK) {
		free(cursors);
		return status;
	}
	*ret_cursors = cursors;
	*ret_len = len;
	return CARNET_OK;
}

enum carnet_status
index_newest(struct index *index, uint64_t *ret_lamport,
    uint8_t ret_device[DEVICE_ID_LEN], struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status =
	    index_prepare(index, sql_newest, &statement, err);
	int code;

	if (status != CARNET_OK)
		return status;
	*ret_lamport = 0;
	memset(ret_device, 0, DEVICE_ID_LEN);
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW) {
		*ret_lamport = (uint64_t)sqlite3_column_int64(statement, 0);
		cursors_copy_blob(statement, 1, ret_device, DEVICE_ID_LEN);
	} else if (code != SQLITE_DONE) {
		status = index_fail(index, "read", err);
	}
	(void)sqlite3_reset(statement);
	return status;
}

enum carnet_status
index_has_event(struct index *index, const struct ledger_cursor *event,
    bool *ret_has, struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	uint8_t hash[HASH_LEN];
	enum carnet_status status =
	    index_prepare(index, sql_event_hash, &statement, err);
	int code;

	*ret_has = false;
	if (status != CARNET_OK)
		return status;
	(void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)event->lamport);
	(void)sqlite3_bind_blob(
	    statement, 2, event->device, DEVICE_ID_LEN, SQLITE_STATIC);
	(void)sqlite3_bind_int64(statement, 3, (sqlite3_int64)event->seq);
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW) {
		cursors_copy_blob(statement, 0, hash, HASH_LEN);
		*ret_has = bytes_equal(hash, event->hash, HASH_LEN);
	} else if (code != SQLITE_DONE) {
		status = index_fail(index, "read", err);
	}
	(void)sqlite3_reset(statement);
	return status;
}
