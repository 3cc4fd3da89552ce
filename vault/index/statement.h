/* SPDX-License-Identifier: ISC */
/* Running SQL constants, for vault/index alone. */
#ifndef STATEMENT_H
#define STATEMENT_H
#include <sqlcipher/sqlite3.h>

#include "index.h"

#define INDEX_STATEMENTS 128

struct index {
	sqlite3 *db;
	const uint8_t *ids_key; /* borrowed from keys */
	struct {
		const char *sql; /* the constant's address is the key */
		sqlite3_stmt *statement;
	} cache[INDEX_STATEMENTS];
	size_t cache_len;
	bool makes;     /* until index_settle */
	bool takes_all; /* made of a whole ledger, in one transaction */
	bool writes;    /* nobody else writes while we have it open */
	bool reading;   /* inside a reading transaction: index_hold */
	bool has_cursor;
	struct ledger_cursor cursor; /* written by index_commit */
	void (*wait)(void *context); /* index_lend; NULL: it isn't lent */
	void *wait_context;
	/* by documents.number: which rows in words are missing or old, in
	 * this transaction; below unworded_next none is */
	uint8_t *unworded;
	size_t unworded_len, unworded_next;
	struct numbers *numbers; /* of this transaction; NULL: none */
};

/* --- numbers.c: documents.number by documents.id, in one transaction -------
 */
/* 0: ask the table. */
int64_t numbers_find(const struct index *index, const char *id);
void numbers_keep(struct index *index, const char *id, int64_t number);
void numbers_drop(struct index *index, const char *id);
void numbers_forget(struct index *index); /* all of them */

/* --- the others ------------------------------------------------------------
 */

/* Whoever asks while it is lent waits first, but for the borrower. */
void index_await(struct index *index);
/* Fills err from the database's last error. */
enum carnet_status index_fail(
    struct index *index, const char *what, struct carnet_error *err);
/*
 * Where the writer asks question after question: one reading transaction
 * for all of them, until index_begin ends it.  Each alone would lock the
 * file and look for a journal.  Readers don't: they would hold a writer up.
 */
enum carnet_status index_hold(struct index *index, struct carnet_error *err);
/* As after a commit: no document waits for its row in words. */
void index_forget_unworded(struct index *index);
/* Writes the cursor that index_set_cursor keeps. */
enum carnet_status index_write_cursor(
    struct index *index, struct carnet_error *err);
/* A prepared statement, reset and unbound; owned by the index.  sql must be
 * a constant. */
enum carnet_status index_prepare(struct index *index, const char *sql,
    sqlite3_stmt **ret_statement, struct carnet_error *err);
/* Binds `:key` from an object's members: strings, integers, booleans; what
 * isn't there or is null is NULL; arrays and objects are bound as their
 * JSON text.  params may be NULL. */
enum carnet_status index_bind(struct index *index, sqlite3_stmt *statement,
    const cJSON *params, struct carnet_error *err);
/* Runs a statement that gives no rows. */
enum carnet_status index_run(struct index *index, const char *sql,
    const cJSON *params, struct carnet_error *err);
/*
 * Collects all rows, then resets (an open read would block writers).  A
 * column "name" is a key; "name[]" holds JSON text; "name?" is a boolean;
 * NULL gives null.  The caller deletes *ret_rows.
 */
enum carnet_status index_rows(struct index *index, const char *sql,
    const cJSON *params, cJSON **ret_rows, struct carnet_error *err);
/* The first row; CARNET_NOT_FOUND when there is none. */
enum carnet_status index_row(struct index *index, const char *sql,
    const cJSON *params, cJSON **ret_row, struct carnet_error *err);
/* One integer; `fallback` when there is no row or it is NULL. */
enum carnet_status index_number(struct index *index, const char *sql,
    const cJSON *params, int64_t fallback, int64_t *ret,
    struct carnet_error *err);
/* The first row's first column as a content. */
enum carnet_status index_content(struct index *index, const char *sql,
    const cJSON *params, struct content *ret_content, struct carnet_error *err);

/* A content as a column's bytes: u32 depth, u64 size, names. */
enum carnet_status content_to_blob(const struct content *content,
    uint8_t **ret_blob, size_t *ret_len, struct carnet_error *err);
/* A number that is the same for the same bytes, and hardly ever for others. */
int64_t content_twin(const uint8_t *blob, size_t len);
bool content_from_blob(
    const uint8_t *blob, size_t len, struct content *ret_content);

/* The constants of each file, for the test that prepares them all. */
extern const char *const statements_cursors[];
extern const char *const statements_apply[];
extern const char *const statements_documents_apply[];
extern const char *const statements_word_apply[];
extern const char *const statements_documents[];
extern const char *const statements_search[];
extern const char *const statements_word[];
extern const char *const statements_chunks[];
extern const char *const statements_seen[];
extern const char *const statements_sums[];
extern const char *const statements_known[];
#endif
