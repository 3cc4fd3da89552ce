/* SPDX-License-Identifier: ISC */
/* Scopes and purposes: formats/letters/scope.c, scope_words.c, purposes.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "letters_fixture.h"

#define NB "\302\240"

static enum carnet_status
resolve(void *context, const char *prefix, char ret_id[14],
    struct carnet_error *err)
{
	(void)context;
	if (strcmp(prefix, "dnone") == 0)
		return carnet_fail(err, CARNET_NOT_FOUND, "none");
	(void)snprintf(ret_id, 14, "%.5s22222222", prefix);
	return CARNET_OK;
}

static void
reads(void **state)
{
	static const struct {
		const char *typed, *stored; /* NULL: refused */
	} cases[] = {
		{ "all", "all" },
		{ "  all", "all" },
		{ "lab", "lab" },
		{ "lab,imaging ;lab", "lab; imaging" },
		{ "daaaa", "daaaa22222222" },
		{ "2019..2021", "2019-01-01..2021-12-31" },
		{ "2019-02..2020-02", "2019-02-01..2020-02-29" },
		{ "2019-02-03..", "2019-02-03.." },
		{ "..2019", "..2019-12-31" },
		{ "lab; query: a, b; c", "lab; query:a, b; c" },
		{ "study:Constances", "study:Constances" },
		{ "base:SNIIRAM", "base:SNIIRAM" },
		{ "text:labb", "text:labb" },
		{ "my blood, all of it", "text:my blood, all of it" },
		{ "", NULL },
		{ ";,", NULL },
		{ "labb", NULL },
		{ "Lab", NULL },
		{ "lab; labb", NULL },
		{ "dnone", NULL },
		{ "query:", NULL },
		{ "text: ", NULL },
		{ "..", NULL },
		{ "2019..x", NULL },
		{ "2021..2019", NULL },
		{ "2019-02-30..", NULL },
		{ "2019...2020", NULL },
		{ "2019..2020, 2021..", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct carnet_error err = { 0 };
		char *scope = NULL;
		enum carnet_status status = letters_scope_parse(
		    *state, cases[i].typed, resolve, NULL, &scope, &err);

		print_message("%s\n", cases[i].typed);
		if (cases[i].stored == NULL) {
			assert_int_not_equal(status, CARNET_OK);
			assert_null(scope);
			assert_string_not_equal(err.message, "");
			continue;
		}
		assert_int_equal(status, CARNET_OK);
		assert_string_equal(scope, cases[i].stored);
		free(scope);
	}
}

static void
a_very_long_scope_is_refused(void **state)
{
	static char text[4096];
	char *scope = NULL;

	memset(text, 'a', sizeof(text) - 1);
	assert_int_equal(
	    letters_scope_parse(*state, text, resolve, NULL, &scope, NULL),
	    CARNET_INVALID);
}

static void
says(void **state)
{
	static const struct {
		const char *scope, *lang, *words;
	} cases[] = {
		{ NULL, "fr", "" },
		{ "all", "fr", "" },
		{ "lab", "fr", "résultats d’analyses" },
		{ "lab; imaging", "en", "test results, medical images" },
		{ "2019-01-01..2021-12-31", "fr",
		    "du 1er janvier 2019 au 31 décembre 2021" },
		{ "2019-03-05..", "fr", "à partir du 5 mars 2019" },
		{ "..2019-12-31", "en", "until 31 December 2019" },
		{ "dabcde2222222", "en", "one document named separately" },
		{ "dabcde2222222; dabcdf2222222", "fr",
		    "2 documents désignés à part" },
		{ "lab; query:a, b; c", "fr",
		    "résultats d’analyses, ce qui concerne «" NB "a, b; c" NB
		    "»" },
		{ "text:mon genou; le gauche", "fr", "mon genou; le gauche" },
		/* not of our syntax: as it stands */
		{ "something else", "fr", "something else" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *words = NULL;

		assert_int_equal(letters_scope_words(*state, cases[i].scope,
				     cases[i].lang, &words, NULL),
		    CARNET_OK);
		assert_string_equal(words, cases[i].words);
		free(words);
	}
}

static void
covers(void **state)
{
	static const struct {
		const char *wide, *narrow;
		bool covers;
	} cases[] = {
		{ "all", "lab", true },
		{ NULL, "all", true },
		{ "lab", "all", false },
		{ "lab", "lab", true },
		{ "lab; imaging", "imaging", true },
		{ "imaging", "lab; imaging", false },
		{ "lab", "labs", false },
		{ "lab", "lab; 2019-01-01..", false },
		{ "2019-01-01..", "2019-01-01..", true },
		{ "text:a", "text:b", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    letters_scope_covers(cases[i].wide, cases[i].narrow),
		    cases[i].covers);
}

static void
purposes_are_found(void **state)
{
	static const char *const same[] = { "HRESCH", "hresch", "research",
		"RECHERCHE", "recherche en sante", "Health Research" };

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		assert_string_equal(
		    carnet_json_string(
			letters_purpose(*state, same[i]), "code"),
		    "HRESCH");
	assert_null(letters_purpose(*state, ""));
	assert_null(letters_purpose(*state, "resarch"));
	assert_null(letters_purpose(*state, "\377"));
	assert_null(letters_purpose(*state, NULL));
	assert_true(letters_purpose_within(*state, "CLINTRCH", "HRESCH"));
	assert_true(letters_purpose_within(*state, "HRESCH", "HRESCH"));
	assert_false(letters_purpose_within(*state, "HRESCH", "CLINTRCH"));
	assert_false(letters_purpose_within(*state, "nothing", "HRESCH"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(a_very_long_scope_is_refused),
		cmocka_unit_test(says),
		cmocka_unit_test(covers),
		cmocka_unit_test(purposes_are_found),
	};

	return cmocka_run_group_tests(
	    tests, letters_fixture_load, letters_fixture_free);
}
