/* SPDX-License-Identifier: ISC */
/*
 * What the index knows, read as a whole, for whoever would otherwise ask for
 * each; and lending it to a thread.  The contract is in index.h.
 */
#include <string.h>

#include "statement.h"

static const char sql_chunk_names[] = "SELECT name FROM chunks";
static const char sql_seen_files[] = "SELECT device, inode FROM seen";
static const char sql_chunk_count[] = "SELECT COUNT(*) FROM chunks";
static const char sql_seen_count[] = "SELECT COUNT(*) FROM seen";

const char *const statements_known[] = { sql_chunk_names, sql_seen_files,
	sql_chunk_count, sql_seen_count, NULL };

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

enum carnet_status
index_known_counts(struct index *index, size_t *ret_chunks, size_t *ret_files,
    struct carnet_error *err)
{
	int64_t chunks = 0, files = 0;
	enum carnet_status status =
	    index_number(index, sql_chunk_count, NULL, 0, &chunks, err);

	if (status == CARNET_OK)
		status =
		    index_number(index, sql_seen_count, NULL, 0, &files, err);
	*ret_chunks = (size_t)chunks;
	*ret_files = (size_t)files;
	return status;
}

/* Resets the statement; what ended it must be its end. */
static enum carnet_status
known_end(struct index *index, sqlite3_stmt *statement, int code,
    struct carnet_error *err)
{
	enum carnet_status status =
	    code == SQLITE_DONE ? CARNET_OK : index_fail(index, "read", err);

	(void)sqlite3_reset(statement);
	return status;
}

static enum carnet_status
known_chunks(struct index *index,
    void (*chunk)(void *context, const struct chunk_name *name), void *context,
    struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status =
	    index_prepare(index, sql_chunk_names, &statement, err);
	int code;

	if (status != CARNET_OK)
		return status;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		struct chunk_name name;

		if (sqlite3_column_bytes(statement, 0) != HASH_LEN)
			continue;
		memcpy(name.bytes, sqlite3_column_blob(statement, 0), HASH_LEN);
		chunk(context, &name);
	}
	return known_end(index, statement, code, err);
}

enum carnet_status
index_known(struct index *index,
    void (*chunk)(void *context, const struct chunk_name *name),
    void (*file)(void *context, uint64_t device, uint64_t inode), void *context,
    struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status = known_chunks(index, chunk, context, err);
	int code;

	if (status == CARNET_OK)
		status = index_prepare(index, sql_seen_files, &statement, err);
	if (status != CARNET_OK)
		return status;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		file(context, (uint64_t)sqlite3_column_int64(statement, 0),
		    (uint64_t)sqlite3_column_int64(statement, 1));
	return known_end(index, statement, code, err);
}
