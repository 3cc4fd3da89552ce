/* SPDX-License-Identifier: ISC */
/* What no writer takes, formats/write/letter_check.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "letter_check.h"

static struct letter
plain(void)
{
	static char lang[] = "fr", subject[] = "s", body[] = "b\n\tc\n";
	static char line[] = "Zoë d’Été 王";
	static char *lines[] = { line, NULL };

	return (struct letter){ .lang = lang,
		.subject = subject,
		.body = body,
		.sender = lines,
		.addressee = lines,
		.signature = line };
}

static void
takes_ordinary_letters(void **state)
{
	struct letter letter = plain();
	struct carnet_error err;

	(void)state;
	assert_int_equal(letter_check(&letter, &err), CARNET_OK);
	letter.sender = letter.addressee = NULL;
	assert_int_equal(letter_check(&letter, &err), CARNET_OK);
}

static void
names_what_it_refuses(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "a\nb", "U+000A" },
		{ "a\x1b[31m", "U+001B" },
		{ "a\tb", "U+0009" },
		{ "a\x7f", "U+007F" },
		{ "a\xc2\x85", "U+0085" },
		{ "a\xe2\x80\xae"
		  "b",
		    "U+202E" },
		{ "a\xe2\x81\xa6", "U+2066" },
		{ "\xef\xbb\xbf"
		  "a",
		    "U+FEFF" },
		{ "a\xef\xbf\xbe", "U+FFFE" },
		{ "a\xf3\xa0\x80\x81", "U+E0001" },
		{ "a\xff", "UTF-8" },
		{ "a\xc0\xaf", "UTF-8" },
		{ "a\xed\xa0\x80", "UTF-8" },
		{ "a\xe2\x82", "UTF-8" },
	};
	struct carnet_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct letter letter = plain();
		char text[32];
		char *lines[] = { letter.signature, text, NULL };

		(void)strcpy(text, bad[i].text);
		letter.addressee = lines;
		assert_int_equal(letter_check(&letter, &err), CARNET_INVALID);
		assert_non_null(strstr(err.message, "addressee"));
		assert_non_null(strstr(err.message, bad[i].says));
		letter = plain();
		letter.footer = text;
		assert_int_equal(letter_check(&letter, &err), CARNET_INVALID);
		assert_non_null(strstr(err.message, "footer"));
	}
}

static void
needs_language_subject_and_body(void **state)
{
	static char bad_lang[] = "fr\"><script>";
	struct letter letter = plain();

	(void)state;
	letter.lang = bad_lang;
	assert_int_equal(letter_check(&letter, NULL), CARNET_INVALID);
	letter = plain();
	letter.lang = NULL;
	assert_int_equal(letter_check(&letter, NULL), CARNET_INVALID);
	letter = plain();
	letter.subject = NULL;
	assert_int_equal(letter_check(&letter, NULL), CARNET_INVALID);
	letter = plain();
	letter.body = NULL;
	assert_int_equal(letter_check(&letter, NULL), CARNET_INVALID);
}

static void
counts_lines(void **state)
{
	struct letter letter = plain();
	char *lines[101];

	(void)state;
	for (size_t i = 0; i < 100; i++)
		lines[i] = letter.signature;
	lines[100] = NULL;
	letter.sender = lines;
	assert_int_equal(letter_check(&letter, NULL), CARNET_INVALID);
}

static void
knows_messages(void **state)
{
	static const struct {
		const char *channel;
		bool message;
	} channels[] = { { "ameli", true }, { "portal", true },
		{ "form", true }, { "email", true }, { "letter", false },
		{ "registered", false }, { "hand", false }, { "", false } };
	struct letter letter = plain();

	(void)state;
	assert_false(letter_is_message(&letter));
	for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++) {
		char channel[16];

		(void)strcpy(channel, channels[i].channel);
		letter.channel = channel;
		assert_int_equal(
		    letter_is_message(&letter), channels[i].message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_ordinary_letters),
		cmocka_unit_test(names_what_it_refuses),
		cmocka_unit_test(needs_language_subject_and_body),
		cmocka_unit_test(counts_lines),
		cmocka_unit_test(knows_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
