/* SPDX-License-Identifier: ISC */
/*
 * Sums of the ledger's files, for backups: whether a file is still the one
 * that was hashed is asked quicker by them.  A cache that no event makes.
 * docs/decisions/0014-judged-once.md.  The contract is in index.h.
 */
#include <string.h>

#include "statement.h"

static const char sql_sum_find[] = "SELECT sum FROM sums WHERE hash = ?1";
static const char sql_sums_forget[] = "DELETE FROM sums";
static const char sql_sum_add[] =
    "INSERT OR REPLACE INTO sums (hash, sum) VALUES (?1, ?2)";

const char *const statements_sums[] = { sql_sum_find, sql_sums_forget,
	sql_sum_add, NULL };

enum carnet_status
index_sum_find(struct index *index, struct index_sum *sum, bool *ret_found,
    struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status =
	    index_prepare(index, sql_sum_find, &statement, err);
	int code;

	*ret_found = false;
	if (status != CARNET_OK)
		return status;
	(void)sqlite3_bind_blob(
	    statement, 1, sum->hash, HASH_LEN, SQLITE_STATIC);
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW &&
	    sqlite3_column_bytes(statement, 0) == HASH_LEN) {
		memcpy(sum->sum, sqlite3_column_blob(statement, 0), HASH_LEN);
		*ret_found = true;
	} else if (code != SQLITE_ROW && code != SQLITE_DONE) {
		status = index_fail(index, "read", err);
	}
	(void)sqlite3_reset(statement);
	return status;
}

static enum carnet_status
sums_step(struct index *index, const char *sql, const struct index_sum *sum,
    struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status = index_prepare(index, sql, &statement, err);

	if (status != CARNET_OK)
		return status;
	if (sum != NULL) {
		(void)sqlite3_bind_blob(
		    statement, 1, sum->hash, HASH_LEN, SQLITE_STATIC);
		(void)sqlite3_bind_blob(
		    statement, 2, sum->sum, HASH_LEN, SQLITE_STATIC);
	}
	if (sqlite3_step(statement) != SQLITE_DONE)
		status = index_fail(index, "write", err);
	(void)sqlite3_reset(statement);
	return status;
}

enum carnet_status
index_sums_set(struct index *index, const struct index_sum *sums, size_t len,
    struct carnet_error *err)
{
	enum carnet_status status = index_begin(index, err);

	if (status != CARNET_OK)
		return status;
	status = sums_step(index, sql_sums_forget, NULL, err);
	for (size_t i = 0; i < len && status == CARNET_OK; i++)
		status = sums_step(index, sql_sum_add, &sums[i], err);
	if (status == CARNET_OK)
		status = index_commit(index, err);
	if (status != CARNET_OK)
		index_rollback(index);
	return status;
}
