/* SPDX-License-Identifier: ISC */
/*
 * Where a column stands in the rows of a table, from its CREATE TABLE.
 * Understands what SQLite itself has accepted, no more.
 */
#ifndef SQLITE_SCHEMA_H
#define SQLITE_SCHEMA_H
#include "carnet_types.h"

/* The column's place in the stored record (a table WITHOUT ROWID stores its
 * key first); SIZE_MAX if there is no such column. */
size_t sqlite_schema_place(const char *sql, size_t len, const char *column);

#endif
