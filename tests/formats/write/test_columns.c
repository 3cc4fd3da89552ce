/* SPDX-License-Identifier: ISC */
/* Lines of formats/write/columns.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "columns.h"

static void
check(const char *text, const char *first, const char *next, size_t width,
    const char *expected)
{
	char *made = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&made, &len);

	assert_non_null(out);
	columns_write(out, text, first, next, width);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(made, expected);
	free(made);
}

static void
breaks_at_spaces(void **state)
{
	(void)state;
	check("one two three", "", "", 7, "one two\nthree\n");
	check("one two three", "", "", 8, "one two\nthree\n");
	check("one two", "", "", 0, "one two\n");
	check("one   two", "", "", 5, "one\ntwo\n");
	check("ends with blanks   ", "", "", 72, "ends with blanks\n");
	check("", "", "", 72, "\n");
	check("", "  ", "  ", 72, "\n");
}

static void
prefixes_count(void **state)
{
	(void)state;
	check("aaa bbb ccc", "- ", "  ", 9, "- aaa bbb\n  ccc\n");
	check("a\nb", "> ", "> ", 9, "> a\n> b\n");
	check("a\n", "", "", 9, "a\n");
	check("a\n\nb", "  ", "  ", 9, "  a\n\n  b\n");
}

static void
long_words_stay_whole(void **state)
{
	(void)state;
	check("a https://example.org/path b", "", "", 8,
	    "a\nhttps://example.org/path\nb\n");
	check("xxxxxxxxxx", "          ", "", 4, "          xxxxxxxxxx\n");
}

static void
width_is_what_is_seen(void **state)
{
	(void)state;
	/* two columns each, and breakable between each other */
	check("王小明王小明", "", "", 6, "王小明\n王小明\n");
	check("a王 b", "", "", 3, "a王\nb\n");
	/* a combining accent has no width */
	check("e\xcc\x81"
	      "e\xcc\x81 x",
	    "", "", 4,
	    "e\xcc\x81"
	    "e\xcc\x81 x\n");
	/* no break at a no-break space */
	check("aa bb\xc2\xa0;", "", "", 6, "aa\nbb\xc2\xa0;\n");
	assert_int_equal(columns_width("é王x", strlen("é王x")), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(breaks_at_spaces),
		cmocka_unit_test(prefixes_count),
		cmocka_unit_test(long_words_stay_whole),
		cmocka_unit_test(width_is_what_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
