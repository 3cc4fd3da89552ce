/* SPDX-License-Identifier: ISC */
/* Strangers' text, formats/write/legible.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "fonts.h"
#include "legible.h"

static void
check(
    const char *bytes, size_t len, bool line, const char *expected, bool spelt)
{
	bool was = false;
	char *text = legible(bytes, len, line, &was);

	assert_non_null(text);
	assert_string_equal(text, expected);
	assert_int_equal(was, spelt);
	free(text);
}

static void
what_can_be_drawn_stays(void **state)
{
	static const char text[] = "Zoë œuvre Łódź Ελλάδα Россия سلام שלום ☎";

	(void)state;
	check("", 0, false, "", false);
	check(text, strlen(text), true, text, false);
	check("a\r\nb\nc\f", 7, false, "a\nb\nc\f", false);
	check("a\tb\n\tc", 6, false, "a       b\n        c", false);
	check("a\tb", 3, true, "a b", false);
}

static void
the_rest_is_spelt_out(void **state)
{
	(void)state;
	check("王", 3, true, "[U+738B]", true);
	check("\xf0\x9f\xa7\x91", 4, true, "[U+1F9D1]", true);
	check("a\x1b[0m", 5, true, "a[U+001B][0m", true);
	check("a\0b", 3, true, "a[U+0000]b", true);
	check("\xe9t\xe9", 3, true, "[0xE9]t[0xE9]", true);
	check("\xe2\x82", 2, true, "[0xE2][0x82]", true);
	check("\xe2\x80\xae"
	      "x",
	    4, true, "[U+202E]x", true);
	check("a\nb\f", 4, true, "a[U+000A]b[U+000C]", true);
	check("a\rb", 3, false, "a[U+000D]b", true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_drawn_stays),
		cmocka_unit_test(the_rest_is_spelt_out),
	};
	int failed;

	if (fonts_load(NULL) != CARNET_OK)
		return 77;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	fonts_unload();
	return failed;
}
