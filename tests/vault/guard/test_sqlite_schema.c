/* SPDX-License-Identifier: ISC */
/* Finding columns in CREATE TABLE (vault/guard/sqlite_schema.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sqlite_schema.h"

#define NONE SIZE_MAX

static const struct {
	const char *sql, *column;
	size_t place;
} cases[] = {
	{ "CREATE TABLE t(a, b, c)", "a", 0 },
	{ "CREATE TABLE t(a, b, c)", "C", 2 },
	{ "CREATE TABLE t(a, b, c)", "d", NONE },
	{ "CREATE TABLE \"t\"(\n\"a b\" TEXT,\n[c d] TEXT,\t`e` X)", "c d", 1 },
	{ "CREATE TABLE \"t\"(\n\"a b\" TEXT,\n[c d] TEXT,\t`e` X)", "e", 2 },
	{ "CREATE TABLE t(a NUMERIC(5, 2) DEFAULT (1, (2)), b)", "b", 1 },
	{ "CREATE TABLE t(a TEXT DEFAULT ',x(' , b)", "b", 1 },
	{ "CREATE TABLE t(a TEXT CHECK (a <> ',)'), b)", "b", 1 },
	{ "CREATE TABLE t(a, b, UNIQUE (a, b), FOREIGN KEY (a) REFERENCES "
	  "u(x))",
	    "b", 1 },
	{ "CREATE TABLE t(a, UNIQUE (a))", "unique", NONE },
	{ "CREATE TABLE t(a, \"unique\" TEXT)", "unique", 1 },
	{ "CREATE TABLE t(a, k INTEGER PRIMARY KEY, b)", "b", 2 },
	{ "CREATE TABLE t(a, k INTEGER PRIMARY KEY, b) WITHOUT ROWID", "k", 0 },
	{ "CREATE TABLE t(a, k INTEGER PRIMARY KEY, b) WITHOUT ROWID", "a", 1 },
	{ "CREATE TABLE t(a, k INTEGER PRIMARY KEY, b) strict, without rowid",
	    "b", 2 },
	{ "CREATE TABLE t(a, b, c, CONSTRAINT x PRIMARY KEY (c DESC, a)) "
	  "WITHOUT ROWID;",
	    "c", 0 },
	{ "CREATE TABLE t(a, b, c, CONSTRAINT x PRIMARY KEY (c DESC, a)) "
	  "WITHOUT ROWID;",
	    "a", 1 },
	{ "CREATE TABLE t(a, b, c, CONSTRAINT x PRIMARY KEY (c DESC, a)) "
	  "WITHOUT ROWID;",
	    "b", 2 },
	{ "CREATE TABLE t", "a", NONE },
	{ "CREATE TABLE t(", "a", NONE },
	{ "(((((((", "a", NONE },
	{ "", "a", NONE },
};

static void
columns_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t place = sqlite_schema_place(
		    cases[i].sql, strlen(cases[i].sql), cases[i].column);

		if (place != cases[i].place)
			fail_msg("%s: %s is at %zu", cases[i].sql,
			    cases[i].column, place);
	}
}

/* Cut anywhere, and with any byte in any place: it ends, inside its bounds. */
static void
damaged_statements(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].sql);

		for (size_t cut = 0; cut <= len; cut++) {
			char *copy = malloc(cut + 1);

			assert_non_null(copy);
			memcpy(copy, cases[i].sql, cut);
			for (int byte = 0; byte < 128; byte++) {
				if (cut > 0)
					copy[cut - 1] = (char)byte;
				(void)sqlite_schema_place(copy, cut, "b");
			}
			free(copy);
		}
	}
}

static void
too_many_columns(void **state)
{
	char *sql = calloc(1, 10000);

	(void)state;
	assert_non_null(sql);
	strcpy(sql, "CREATE TABLE t(first");
	for (size_t i = 0; i < 2000; i++)
		strcat(sql, i % 2 == 0 ? ",c" : ",d");
	strcat(sql, ",last) WITHOUT ROWID");
	assert_int_equal(sqlite_schema_place(sql, strlen(sql), "first"), 0);
	assert_int_equal(
	    sqlite_schema_place(sql, strlen(sql), "last"), SIZE_MAX);
	free(sql);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_found),
		cmocka_unit_test(damaged_statements),
		cmocka_unit_test(too_many_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
