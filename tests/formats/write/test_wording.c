/* SPDX-License-Identifier: ISC */
/* Words and dates of formats/write/wording.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "wording.h"

#define NBSP "\xc2\xa0"

static void
words_follow_the_tag(void **state)
{
	(void)state;
	assert_string_equal(wording_for("fr")->subject, "Objet");
	assert_string_equal(wording_for("fr-BE")->subject, "Objet");
	assert_string_equal(wording_for("en-GB")->subject, "Subject");
	assert_string_equal(wording_for("fry")->subject, "Subject");
	assert_string_equal(wording_for(NULL)->subject, "Subject");
}

static void
no_word_is_missing(void **state)
{
	static const char *const langs[] = { "fr", "en", "de", "es", "it",
		"nl" };

	(void)state;
	for (size_t i = 0; i < sizeof(langs) / sizeof(langs[0]); i++) {
		const struct wording *words = wording_for(langs[i]);
		const char *const all[] = { words->subject, words->colon,
			words->page, words->sender, words->addressee,
			words->signature, words->blank, words->timeline,
			words->date, words->step, words->detail,
			words->exhibits, words->exhibit, words->digest,
			words->apart, words->escaped };

		assert_string_equal(words->lang, langs[i]);
		for (size_t j = 0; j < sizeof(all) / sizeof(all[0]); j++)
			assert_non_null(all[j]);
		for (size_t j = 0; j < 12; j++)
			assert_non_null(words->months[j]);
	}
}

static void
check_date(const char *lang, const char *iso, const char *expected)
{
	char *text = wording_date(wording_for(lang), iso);

	assert_string_equal(text, expected);
	free(text);
}

static void
dates_are_said(void **state)
{
	(void)state;
	check_date("de", "2026-03-01", "1." NBSP "März" NBSP "2026");
	check_date("es", "2026-03-01",
	    "1" NBSP "de" NBSP "marzo" NBSP "de" NBSP "2026");
	check_date("it", "2026-03-01", "1º" NBSP "marzo" NBSP "2026");
	check_date("nl", "2026-03-01", "1" NBSP "maart" NBSP "2026");
	check_date("fr", "2026-03-05",
	    "5\xc2\xa0"
	    "mars\xc2\xa0"
	    "2026");
	check_date("fr", "2026-08-01",
	    "1er\xc2\xa0"
	    "août\xc2\xa0"
	    "2026");
	check_date("en", "2026-12-01",
	    "1\xc2\xa0"
	    "December\xc2\xa0"
	    "2026");
	check_date("fr", "2026-02-30", "2026-02-30");
	check_date("fr", "", "");
}

static void
steps_are_said(void **state)
{
	(void)state;
	assert_string_equal(wording_step(wording_for("fr"), "sent"), "Envoi");
	assert_string_equal(wording_step(wording_for("en"), "sent"), "Sent");
	assert_string_equal(
	    wording_step(wording_for("de"), "sent"), "Absendung");
	assert_string_equal(
	    wording_step(wording_for("nl"), "closed"), "Afsluiting");
	assert_string_equal(wording_step(wording_for("fr"), "x"), "x");
}

static void
tags_are_strict(void **state)
{
	(void)state;
	assert_true(wording_tag_ok("fr"));
	assert_true(wording_tag_ok("de-CH-1996"));
	assert_false(wording_tag_ok(NULL));
	assert_false(wording_tag_ok(""));
	assert_false(wording_tag_ok("f"));
	assert_false(wording_tag_ok("fr\""));
	assert_false(wording_tag_ok("fr)"));
	assert_false(wording_tag_ok("1fr"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_follow_the_tag),
		cmocka_unit_test(no_word_is_missing),
		cmocka_unit_test(dates_are_said),
		cmocka_unit_test(steps_are_said),
		cmocka_unit_test(tags_are_strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
