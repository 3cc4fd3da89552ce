/* SPDX-License-Identifier: ISC */
/*
 * Memory that runs out, at every allocation in turn: formats/letters answers
 * with an error or with the right letter, and loses nothing.
 * Linked with --wrap, so that only this room's allocations fail.
 */
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

static long countdown = -1; /* -1: nothing fails */

static bool
fails_now(void)
{
	return countdown >= 0 && countdown-- == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

void *
__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return fails_now() ? NULL : __real_calloc(count, size);
}

void *
__wrap_realloc(void *old, size_t size)
{
	return fails_now() ? NULL : __real_realloc(old, size);
}

char *
__wrap_strdup(const char *text)
{
	return fails_now() ? NULL : __real_strdup(text);
}

static void
loading_survives(void **state)
{
	struct carnet_error err;
	long failures = 0;

	(void)state;
	for (;; failures++) {
		struct letters *letters = NULL;
		enum carnet_status status;

		countdown = failures;
		status = letters_load(&letters, &err);
		if (status == CARNET_OK) {
			assert_true(countdown >= 0); /* nothing failed */
			countdown = -1;
			letters_free(letters);
			break;
		}
		countdown = -1;
		assert_int_equal(status, CARNET_NO_MEMORY);
		assert_null(letters);
	}
	assert_in_range(failures, 20, 100000);
}

static bool
same_lines(char **a, char **b)
{
	for (; *a != NULL && *b != NULL; a++, b++) {
		if (strcmp(*a, *b) != 0)
			return false;
	}
	return *a == NULL && *b == NULL;
}

static void
assert_same(const struct letter *a, const struct letter *b)
{
	assert_string_equal(a->body, b->body);
	assert_string_equal(a->subject, b->subject);
	assert_string_equal(a->footer, b->footer);
	assert_string_equal(a->signature, b->signature);
	assert_string_equal(a->place_date, b->place_date);
	assert_string_equal(a->mention, b->mention);
	assert_true(same_lines(a->sender, b->sender));
	assert_true(same_lines(a->addressee, b->addressee));
	assert_true(same_lines(a->missing, b->missing));
	assert_true(same_lines(a->warnings, b->warnings));
	assert_true((a->basis == NULL) == (b->basis == NULL));
	assert_true(a->basis == NULL || same_lines(a->basis, b->basis));
}

static void
compose_survives(const struct letters *letters, const char *json)
{
	struct letter *whole = NULL;
	struct carnet_error err;
	long failures = 0;
	cJSON *job = NULL;

	assert_int_equal(
	    carnet_json_parse(json, strlen(json), &job, &err), CARNET_OK);
	assert_int_equal(
	    letters_compose(letters, job, &whole, &err), CARNET_OK);
	for (;; failures++) {
		struct letter *letter = NULL;
		enum carnet_status status;
		bool failed;

		countdown = failures;
		status = letters_compose(letters, job, &letter, &err);
		failed = countdown < 0;
		countdown = -1;
		if (status != CARNET_OK) {
			assert_int_equal(status, CARNET_NO_MEMORY);
			assert_null(letter);
			continue;
		}
		/* a failure that is not told must have changed nothing */
		assert_same(letter, whole);
		letter_free(letter);
		if (!failed)
			break;
	}
	assert_in_range(failures, 100, 100000);
	letter_free(whole);
	cJSON_Delete(job);
}

static void
composing_survives(void **state)
{
	compose_survives(*state,
	    "{\"template\":\"fr/snds-opposition\",\"lang\":\"fr\","
	    "\"channel\":\"registered\",\"date\":\"2027-02-01\","
	    "\"person\":{\"name\":\"Anne\",\"address\":\"4 rue Haute, "
	    "35000 Rennes\"},\"represents\":{\"name\":\"Léo\","
	    "\"as\":\"mandate\"},\"decision\":{\"purposes\":[\"HRESCH\","
	    "\"autre\"],\"scope\":\"tout\",\"reason\":\"a\\nb\"}}");
}

static void
composing_a_message_survives(void **state)
{
	char json[2200], reason[1501];

	memset(reason, 'z', 1500);
	reason[1500] = '\0';
	(void)snprintf(json, sizeof(json),
	    "{\"template\":\"fr/snds-opposition\",\"lang\":\"fr\","
	    "\"person\":{\"name\":\"Anne\"},\"decision\":{\"reason\":"
	    "\"%s\"}}",
	    reason);
	compose_survives(*state, json);
}

static void
composing_a_complaint_survives(void **state)
{
	compose_survives(*state,
	    "{\"template\":\"fr/plainte-cnil\",\"lang\":\"fr\","
	    "\"recipient\":{\"id\":\"fr/cnam\"},\"case\":{\"template\":"
	    "\"fr/cnam-opposition\",\"steps\":[{\"kind\":\"sent\","
	    "\"on\":\"2026-03-04\",\"via\":\"registered\",\"proof\":"
	    "\"d1\"},{\"kind\":\"answered\",\"on\":\"2026-03-20\","
	    "\"outcome\":\"partly\"}]}}");
}

static void
composing_own_words_survives(void **state)
{
	compose_survives(*state,
	    "{\"template\":\"ma-lettre\",\"lang\":\"fr\","
	    "\"recipient\":{\"id\":\"fr/caisse\"},\"template_text\":"
	    "{\"lang\":\"fr\",\"text\":\"---\\nsubject: Essai\\n---\\n\\n"
	    "{{>identity}}\\n{{#hand}}x{{/hand}}{{basis.rgpd-15}} "
	    "{{basis.csp-l1111-4.short}}\"}}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loading_survives),
		cmocka_unit_test(composing_survives),
		cmocka_unit_test(composing_a_message_survives),
		cmocka_unit_test(composing_a_complaint_survives),
		cmocka_unit_test(composing_own_words_survives),
	};

	return cmocka_run_group_tests(
	    tests, letters_fixture_load, letters_fixture_free);
}
