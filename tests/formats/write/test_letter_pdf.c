/* SPDX-License-Identifier: ISC */
/* The PDF's promises that need no reader of PDF; check_pdf.py has others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "fonts.h"
#include "formats.h"

static char lang[] = "fr", subject[] = "s", body[] = "b", name[] = "Zoë";
static char *lines[] = { name, NULL };

static struct letter
letter_of(char *text)
{
	return (struct letter){ .lang = lang,
		.subject = subject,
		.sender = lines,
		.addressee = lines,
		.body = text };
}

static void
the_same_letter_gives_the_same_bytes(void **state)
{
	struct letter letter = letter_of(body);
	uint8_t *one = NULL, *two = NULL;
	size_t one_len, two_len;
	static const char *const moments[] = { "", NULL, "2026-03-05",
		"2026-03-05T10:20:30Z", "2026-03-05T10:20:30+02:00" };

	(void)state;
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		assert_int_equal(
		    write_letter_pdf(&letter, moments[i], &one, &one_len, NULL),
		    CARNET_OK);
		assert_int_equal(
		    write_letter_pdf(&letter, moments[i], &two, &two_len, NULL),
		    CARNET_OK);
		assert_int_equal(one_len, two_len);
		assert_memory_equal(one, two, one_len);
		free(one);
		free(two);
	}
}

static void
no_moment_is_made_up(void **state)
{
	struct letter letter = letter_of(body);
	uint8_t *pdf = NULL;
	size_t len;

	(void)state;
	assert_int_equal(
	    write_letter_pdf(&letter, "", &pdf, &len, NULL), CARNET_OK);
	assert_null(memmem(pdf, len, "/CreationDate", 13));
	assert_null(memmem(pdf, len, "CreateDate", 10));
	free(pdf);
}

static void
moments_are_strict(void **state)
{
	static const char *const bad[] = { "x", "2026-02-30", "2026-03-05 ",
		"2026-03-05T", "2026-03-05T10:20:30", "2026-03-05T10:20Z",
		"2026-03-05T10:20:30+0200", "2026-03-05)/X(" };
	struct letter letter = letter_of(body);
	uint8_t *pdf = NULL;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    write_letter_pdf(&letter, bad[i], &pdf, &len, NULL),
		    CARNET_INVALID);
	assert_null(pdf);
}

static void
lacking_glyphs_are_errors(void **state)
{
	static char chinese[] = "a 王 b", hidden[] = "&#x738b;",
		    emoji[] = "\xf0\x9f\xa7\x91";
	static char *const bodies[] = { chinese, hidden, emoji };
	struct letter letter;
	struct carnet_error err;
	uint8_t *pdf = NULL;
	size_t len;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		letter = letter_of(bodies[i]);
		assert_int_equal(
		    write_letter_pdf(&letter, "", &pdf, &len, &err),
		    CARNET_INVALID);
		assert_non_null(strstr(err.message, "body"));
		assert_non_null(
		    strstr(err.message, i < 2 ? "U+738B" : "U+1F9D1"));
	}
	letter = letter_of(body);
	letter.signature = chinese;
	assert_int_equal(
	    write_letter_pdf(&letter, "", &pdf, &len, &err), CARNET_INVALID);
	assert_non_null(strstr(err.message, "signature"));
	assert_null(pdf);
}

static void
scripts_of_the_font_are_drawn(void **state)
{
	static char scripts[] =
	    "Łódź Ελλάδα Юлия سارة שרה Đặng Ṩ ß e\xcc\x81 x\xcc\x84\xcc\xa3 "
	    "\xe2\x80\x8d\xe2\x80\x8f 1\xe2\x80\xaf%";
	struct letter letter = letter_of(scripts);
	uint8_t *pdf = NULL;
	size_t len;

	(void)state;
	assert_int_equal(
	    write_letter_pdf(&letter, "", &pdf, &len, NULL), CARNET_OK);
	free(pdf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_letter_gives_the_same_bytes),
		cmocka_unit_test(no_moment_is_made_up),
		cmocka_unit_test(moments_are_strict),
		cmocka_unit_test(lacking_glyphs_are_errors),
		cmocka_unit_test(scripts_of_the_font_are_drawn),
	};
	int failed;

	if (fonts_load(NULL) != CARNET_OK)
		return 77;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	fonts_unload();
	return failed;
}
