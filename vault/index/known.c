/* SPDX-License-Identifier: ISC */
/*
 * What the index knows, read as a whole, for whoever would otherwise ask for
 * each; and lending it to a thread.  The contract is in index.h.
 */
#include <string.h>

#include "statement.h"

static const char sql_chunk_names[] = "SELECT name FROM chunks";
static const char sql_seen_files[] = "SELECT device, inode FROM seen";
static const char sql_twins[] = "SELECT twin FROM documents";
static const char sql_chunk_count[] =
    "SELECT COUNT(*) FROM (SELECT 1 FROM chunks LIMIT ?1)";
static const char sql_seen_count[] =
    "SELECT COUNT(*) FROM (SELECT 1 FROM seen LIMIT ?1)";
static const char sql_twin_count[] =
    "SELECT COUNT(*) FROM (SELECT 1 FROM documents LIMIT ?1)";

const char *const statements_known[] = { sql_chunk_names, sql_seen_files,
	sql_twins, sql_chunk_count, sql_seen_count, sql_twin_count, NULL };

/* --- lending
 * -------------------------------------------------------------------- */

static _Thread_local bool is_borrower;

void
index_lend(struct index *index, void (*wait)(void *context), void *context)
{
	if (index == NULL)
		return;
	index->wait = wait;
	index->wait_context = context;
}

void
index_borrow(void)
{
	is_borrower = true;
}

void
index_give_back(struct index *index)
{
	if (index != NULL)
		index->wait = NULL;
}

void
index_await(struct index *index)
{
	if (index != NULL && index->wait != NULL && !is_borrower)
		index->wait(index->wait_context);
}

/* --- as a whole
 * ----------------------------------------------------------------- */

static enum carnet_status
known_count(struct index *index, const char *sql, size_t most,
    size_t *ret_count, struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status = index_prepare(index, sql, &statement, err);

	if (status != CARNET_OK)
		return status;
	(void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)most);
	if (sqlite3_step(statement) == SQLITE_ROW)
		*ret_count = (size_t)sqlite3_column_int64(statement, 0);
	else
		status = index_fail(index, "read", err);
	(void)sqlite3_reset(statement);
	return status;
}

enum carnet_status
index_known_counts(struct index *index, size_t most,
    struct index_counts *ret_counts, struct carnet_error *err)
{
	enum carnet_status status = index_hold(index, err);

	if (status == CARNET_OK)
		status = known_count(
		    index, sql_chunk_count, most, &ret_counts->chunks, err);
	if (status == CARNET_OK)
		status = known_count(
		    index, sql_seen_count, most, &ret_counts->files, err);
	if (status == CARNET_OK)
		status = known_count(
		    index, sql_twin_count, most, &ret_counts->contents, err);
	return status;
}

static void
known_tell(
    const struct index_known *known, const char *sql, sqlite3_stmt *statement)
{
	struct chunk_name name;

	if (sql == sql_seen_files) {
		known->file(known->context,
		    (uint64_t)sqlite3_column_int64(statement, 0),
		    (uint64_t)sqlite3_column_int64(statement, 1));
	} else if (sql == sql_twins) {
		known->content(known->context,
		    (uint64_t)sqlite3_column_int64(statement, 0));
	} else if (sqlite3_column_bytes(statement, 0) == HASH_LEN) {
		memcpy(name.bytes, sqlite3_column_blob(statement, 0), HASH_LEN);
		known->chunk(known->context, &name);
	}
}

static enum carnet_status
known_rows(struct index *index, const char *sql,
    const struct index_known *known, struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status = index_prepare(index, sql, &statement, err);
	int code;

	if (status != CARNET_OK)
		return status;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		known_tell(known, sql, statement);
	if (code != SQLITE_DONE)
		status = index_fail(index, "read", err);
	(void)sqlite3_reset(statement);
	return status;
}

enum carnet_status
index_known(struct index *index, const struct index_known *known,
    struct carnet_error *err)
{
	enum carnet_status status =
	    known_rows(index, sql_chunk_names, known, err);

	if (status == CARNET_OK)
		status = known_rows(index, sql_seen_files, known, err);
	if (status == CARNET_OK)
		status = known_rows(index, sql_twins, known, err);
	return status;
}
