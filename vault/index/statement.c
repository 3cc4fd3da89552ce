/* SPDX-License-Identifier: ISC */
/*
 * Running SQL constants: binding from JSON, rows to JSON, a cache of
 * prepared statements.  Holds no question of its own.
 * The contract is in statement.h.
 */
#include "statement.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the system said, where it is that nothing can be written there now;
 * SQLite has no code of its own for a quota, or for a journal that can't be
 * made.  0: something else. */
static int
index_unwritable(struct index *index, int code)
{
	int number;

	if (index == NULL || index->db == NULL)
		return 0;
	if ((code & 0xff) == SQLITE_READONLY)
		return EROFS;
	number = sqlite3_system_errno(index->db);
	return number == ENOSPC || number == EDQUOT || number == EROFS ||
		       number == EACCES || number == EPERM
		   ? number
		   : 0;
}

enum carnet_status
index_fail(struct index *index, const char *what, struct carnet_error *err)
{
	int code = index == NULL ? SQLITE_CANTOPEN
				 : sqlite3_extended_errcode(index->db);
	int number;

	switch (code & 0xff) {
	case SQLITE_NOMEM:
		return carnet_fail_errno(err, ENOMEM, CARNET_("index"));
	case SQLITE_FULL:
		return carnet_fail_errno(err, ENOSPC, CARNET_("index"));
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return carnet_fail(err, CARNET_LOCKED,
		    CARNET_("index: another process is using it"));
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_SCHEMA:
		carnet_fail(err, CARNET_DAMAGED, CARNET_("index: damaged"));
		carnet_hint(err, CARNET_("carnet repair builds it again from "
					 "the ledger"));
		return CARNET_DAMAGED;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
		number = index_unwritable(index, code);
		if (number != 0)
			return carnet_fail_errno(err, number, CARNET_("index"));
		return carnet_fail(err, CARNET_IO, CARNET_("index: %s: %s"),
		    what, sqlite3_errstr(code & 0xff));
	default:
		return carnet_fail(err, CARNET_FAILED, CARNET_("index: %s: %s"),
		    what, sqlite3_errstr(code & 0xff));
	}
}

enum carnet_status
index_prepare(struct index *index, const char *sql,
    sqlite3_stmt **ret_statement, struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;

	if (index == NULL)
		return index_fail(index, "open", err);
	index_await(index);
	for (size_t i = 0; i < index->cache_len; i++) {
		if (index->cache[i].sql != sql)
			continue;
		*ret_statement = index->cache[i].statement;
		(void)sqlite3_reset(*ret_statement);
		(void)sqlite3_clear_bindings(*ret_statement);
		return CARNET_OK;
	}
	if (index->cache_len == INDEX_STATEMENTS)
		return carnet_fail(
		    err, CARNET_FAILED, CARNET_("index: too many statements"));
	if (sqlite3_prepare_v3(index->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
		&statement, NULL) != SQLITE_OK)
		return index_fail(index, "prepare", err);
	index->cache[index->cache_len].sql = sql;
	index->cache[index->cache_len++].statement = statement;
	*ret_statement = statement;
	return CARNET_OK;
}

/* Binds one parameter from its JSON value; an SQLite code. */
static int
statement_bind_value(sqlite3_stmt *statement, int place, const cJSON *value)
{
	char *text;

	if (value == NULL || cJSON_IsNull(value))
		return sqlite3_bind_null(statement, place);
	if (cJSON_IsBool(value))
		return sqlite3_bind_int(
		    statement, place, cJSON_IsTrue(value) ? 1 : 0);
	if (cJSON_IsNumber(value))
		return sqlite3_bind_int64(
		    statement, place, (sqlite3_int64)value->valuedouble);
	if (cJSON_IsString(value))
		return sqlite3_bind_text(
		    statement, place, value->valuestring, -1, SQLITE_TRANSIENT);
	text = cJSON_PrintUnformatted(value);
	if (text == NULL)
		return SQLITE_NOMEM;
	return sqlite3_bind_text(statement, place, text, -1, cJSON_free);
}

enum carnet_status
index_bind(struct index *index, sqlite3_stmt *statement, const cJSON *params,
    struct carnet_error *err)
{
	int count = sqlite3_bind_parameter_count(statement);

	for (int place = 1; place <= count; place++) {
		const char *name =
		    sqlite3_bind_parameter_name(statement, place);
		const cJSON *value =
		    name == NULL ? NULL : carnet_json_get(params, name + 1);
		int code = statement_bind_value(statement, place, value);

		if (code == SQLITE_NOMEM)
			return carnet_fail_errno(err, ENOMEM, "index");
		if (code != SQLITE_OK)
			return index_fail(index, "bind", err);
	}
	return CARNET_OK;
}

enum carnet_status
index_run(struct index *index, const char *sql, const cJSON *params,
    struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status = index_prepare(index, sql, &statement, err);
	int code;

	if (status == CARNET_OK)
		status = index_bind(index, statement, params, err);
	if (status != CARNET_OK)
		return status;
	do
		code = sqlite3_step(statement);
	while (code == SQLITE_ROW);
	if (code != SQLITE_DONE)
		status = index_fail(index, "write", err);
	(void)sqlite3_reset(statement);
	return status;
}

/* One column of the current row as JSON; *ret_key is what it is called. */
static cJSON *
statement_column(sqlite3_stmt *statement, int column, char ret_key[64])
{
	const char *name = sqlite3_column_name(statement, column);
	size_t len = strnlen(name, 63);
	bool is_json = len > 2 && strcmp(name + len - 2, "[]") == 0;
	bool is_boolean = len > 1 && name[len - 1] == '?';
	const char *text;

	memcpy(ret_key, name, len);
	ret_key[len - (is_json ? 2 : 0) - (is_boolean ? 1 : 0)] = '\0';
	switch (sqlite3_column_type(statement, column)) {
	case SQLITE_INTEGER:
		if (is_boolean)
			return cJSON_CreateBool(
			    sqlite3_column_int(statement, column) != 0);
		return cJSON_CreateNumber(
		    (double)sqlite3_column_int64(statement, column));
	case SQLITE_FLOAT:
		return cJSON_CreateNumber(
		    sqlite3_column_double(statement, column));
	case SQLITE_TEXT:
		text = (const char *)sqlite3_column_text(statement, column);
		if (text == NULL)
			return NULL;
		return is_json ? cJSON_Parse(text) : cJSON_CreateString(text);
	default:
		return cJSON_CreateNull();
	}
}

static cJSON *
statement_row(sqlite3_stmt *statement)
{
	cJSON *row = cJSON_CreateObject();
	int columns = sqlite3_column_count(statement);

	for (int i = 0; row != NULL && i < columns; i++) {
		char key[64];
		cJSON *value = statement_column(statement, i, key);

		if (value == NULL || !cJSON_AddItemToObject(row, key, value)) {
			cJSON_Delete(value);
			cJSON_Delete(row);
			row = NULL;
		}
	}
	return row;
}

enum carnet_status
index_rows(struct index *index, const char *sql, const cJSON *params,
    cJSON **ret_rows, struct carnet_error *err)
{
	cJSON *rows = cJSON_CreateArray();
	sqlite3_stmt *statement = NULL;
	enum carnet_status status = index_prepare(index, sql, &statement, err);
	int code = SQLITE_DONE;

	if (status == CARNET_OK && rows == NULL)
		status = carnet_fail_errno(err, ENOMEM, "index");
	if (status == CARNET_OK)
		status = index_bind(index, statement, params, err);
	while (status == CARNET_OK &&
	       (code = sqlite3_step(statement)) == SQLITE_ROW) {
		cJSON *row = statement_row(statement);

		if (row == NULL || !cJSON_AddItemToArray(rows, row)) {
			cJSON_Delete(row);
			status = carnet_fail_errno(err, ENOMEM, "index");
		}
	}
	if (status == CARNET_OK && code != SQLITE_DONE)
		status = index_fail(index, "read", err);
	if (statement != NULL)
		(void)sqlite3_reset(statement);
	if (status != CARNET_OK) {
		cJSON_Delete(rows);
		return status;
	}
	*ret_rows = rows;
	return CARNET_OK;
}

enum carnet_status
index_row(struct index *index, const char *sql, const cJSON *params,
    cJSON **ret_row, struct carnet_error *err)
{
	cJSON *rows = NULL, *row;
	enum carnet_status status = index_rows(index, sql, params, &rows, err);

	if (status != CARNET_OK)
		return status;
	row = cJSON_DetachItemFromArray(rows, 0);
	cJSON_Delete(rows);
	if (row == NULL)
		return carnet_fail(
		    err, CARNET_NOT_FOUND, CARNET_("no such entry"));
	*ret_row = row;
	return CARNET_OK;
}

enum carnet_status
index_number(struct index *index, const char *sql, const cJSON *params,
    int64_t fallback, int64_t *ret, struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status = index_prepare(index, sql, &statement, err);
	int code;

	if (status == CARNET_OK)
		status = index_bind(index, statement, params, err);
	if (status != CARNET_OK)
		return status;
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW &&
	    sqlite3_column_type(statement, 0) != SQLITE_NULL)
		*ret = sqlite3_column_int64(statement, 0);
	else if (code == SQLITE_ROW || code == SQLITE_DONE)
		*ret = fallback;
	else
		status = index_fail(index, "read", err);
	(void)sqlite3_reset(statement);
	return status;
}

enum carnet_status
index_content(struct index *index, const char *sql, const cJSON *params,
    struct content *ret_content, struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status = index_prepare(index, sql, &statement, err);
	int code;

	if (status == CARNET_OK)
		status = index_bind(index, statement, params, err);
	if (status != CARNET_OK)
		return status;
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW &&
	    sqlite3_column_type(statement, 0) == SQLITE_BLOB) {
		const uint8_t *blob = sqlite3_column_blob(statement, 0);
		int len = sqlite3_column_bytes(statement, 0);

		if (!content_from_blob(blob, (size_t)len, ret_content))
			status = carnet_fail(
			    err, CARNET_DAMAGED, CARNET_("index: damaged"));
	} else if (code == SQLITE_ROW || code == SQLITE_DONE) {
		status = carnet_fail(
		    err, CARNET_NOT_FOUND, CARNET_("no such entry"));
	} else {
		status = index_fail(index, "read", err);
	}
	(void)sqlite3_reset(statement);
	return status;
}
