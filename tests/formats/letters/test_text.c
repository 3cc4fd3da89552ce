/* SPDX-License-Identifier: ISC */
/* Growing texts and lists of formats/letters/text.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "text.h"

static void
text_grows(void **state)
{
	struct text text = { 0 };
	char *taken;

	(void)state;
	for (int i = 0; i < 10000; i++)
		text_add(&text, "abc");
	taken = text_take(&text);
	assert_non_null(taken);
	assert_int_equal(strlen(taken), 30000);
	assert_string_equal(taken + 29994, "abcabc");
	free(taken);
	taken = text_take(&text);
	assert_string_equal(taken, "");
	free(taken);
	text_free(&text);
}

static void
text_refuses_absurd_sizes(void **state)
{
	struct text text = { 0 };

	(void)state;
	text_add(&text, "a");
	text_add_len(&text, "b", (size_t)1 << 31);
	assert_null(text_take(&text));
	text_free(&text);
}

static void
text_fills_patterns(void **state)
{
	static const struct {
		const char *pattern, *expected;
	} rows[] = {
		{ "", "" },
		{ "{a}", "one" },
		{ "{a}{b}", "one{c}" },
		{ "<{none}>", "<>" },
		{ "{unknown} {", "{unknown} {" },
		{ "}{a", "}{a" },
		{ "{}x", "{}x" },
	};
	static const char *const pairs[] = { "a", "one", "b", "{c}", "none",
		NULL, "", "empty name", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text text = { 0 };
		char *filled;

		/* an empty name is a name only if a pair has it */
		text_fill(&text, rows[i].pattern,
		    i == 6 ? (const char *const[]){ NULL } : pairs);
		filled = text_take(&text);
		assert_string_equal(filled, rows[i].expected);
		free(filled);
	}
}

static void
lines_keep_their_order(void **state)
{
	struct lines lines = { 0 };
	char **array;

	(void)state;
	array = lines_take(&lines);
	assert_non_null(array);
	assert_null(array[0]);
	lines_free_array(array);
	lines_add(&lines, "b");
	lines_add_once(&lines, "a");
	lines_add_once(&lines, "b");
	lines_add(&lines, "b");
	array = lines_take(&lines);
	assert_string_equal(array[0], "b");
	assert_string_equal(array[1], "a");
	assert_string_equal(array[2], "b");
	assert_null(array[3]);
	lines_free_array(array);
	lines_free_array(NULL);
	lines_free(&lines);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_grows),
		cmocka_unit_test(text_refuses_absurd_sizes),
		cmocka_unit_test(text_fills_patterns),
		cmocka_unit_test(lines_keep_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
