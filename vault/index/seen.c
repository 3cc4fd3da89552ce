/* SPDX-License-Identifier: ISC */
/*
 * Files that were read before, by what the kernel says of them: so that an
 * unchanged one isn't read again.  A cache that no event makes; what isn't
 * in it is read.  The contract is in index.h.
 */
#include <stdio.h>
#include <string.h>

#include "statement.h"

static const char sql_seen_find[] =
    "SELECT s.document FROM seen s JOIN documents d ON d.id = s.document"
    " WHERE s.device = ?1 AND s.inode = ?2 AND s.size = ?3"
    " AND s.modified = ?4 AND s.changed = ?5 AND d.person = ?6"
    " AND d.removed IS NULL";
static const char sql_seen_add[] =
    "INSERT OR REPLACE INTO seen (device, inode, size, modified, changed,"
    " document) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

const char *const statements_seen[] = { sql_seen_find, sql_seen_add, NULL };

static void
seen_bind(
    sqlite3_stmt *statement, const struct index_seen *seen, const char *last)
{
	(void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)seen->device);
	(void)sqlite3_bind_int64(statement, 2, (sqlite3_int64)seen->inode);
	(void)sqlite3_bind_int64(statement, 3, (sqlite3_int64)seen->size);
	(void)sqlite3_bind_int64(statement, 4, seen->modified);
	(void)sqlite3_bind_int64(statement, 5, seen->changed);
	(void)sqlite3_bind_text(statement, 6, last, -1, SQLITE_STATIC);
}

enum carnet_status
index_seen_find(struct index *index, const char *person,
    struct index_seen *seen, bool *ret_found, struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status = index_hold(index, err);
	int code;

	if (status == CARNET_OK)
		status = index_prepare(index, sql_seen_find, &statement, err);
	if (status != CARNET_OK)
		return status;
	seen_bind(statement, seen, person);
	code = sqlite3_step(statement);
	*ret_found = code == SQLITE_ROW;
	if (code == SQLITE_ROW)
		(void)snprintf(seen->document, sizeof(seen->document), "%s",
		    (const char *)sqlite3_column_text(statement, 0));
	else if (code != SQLITE_DONE)
		status = index_fail(index, "read", err);
	(void)sqlite3_reset(statement);
	(void)sqlite3_clear_bindings(statement);
	return status;
}

enum carnet_status
index_seen_add(struct index *index, const struct index_seen *seen,
    struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status =
	    index_prepare(index, sql_seen_add, &statement, err);

	if (status != CARNET_OK)
		return status;
	seen_bind(statement, seen, seen->document);
	if (sqlite3_step(statement) != SQLITE_DONE)
		status = index_fail(index, "write", err);
	(void)sqlite3_reset(statement);
	(void)sqlite3_clear_bindings(statement);
	return status;
}
