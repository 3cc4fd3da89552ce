/* SPDX-License-Identifier: ISC */
/* Holiday rules read from data: formats/letters/calendar.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "letters.h"
#include "letters_fixture.h"

static bool
calendar_has_fixed(const struct carnet_calendar *calendar, int month, int day)
{
	for (size_t i = 0; i < calendar->len; i++) {
		const struct carnet_holiday *rule = &calendar->holidays[i];

		if (rule->kind == CARNET_HOLIDAY_FIXED &&
		    rule->month == month && rule->day == day)
			return true;
	}
	return false;
}

static bool
calendar_has_easter(const struct carnet_calendar *calendar, int offset)
{
	for (size_t i = 0; i < calendar->len; i++) {
		const struct carnet_holiday *rule = &calendar->holidays[i];

		if (rule->kind == CARNET_HOLIDAY_EASTER &&
		    rule->offset == offset)
			return true;
	}
	return false;
}

static void
france_has_eleven_days(void **state)
{
	static const int fixed[][2] = { { 1, 1 }, { 5, 1 }, { 5, 8 }, { 7, 14 },
		{ 8, 15 }, { 11, 1 }, { 11, 11 }, { 12, 25 } };
	struct letters *letters = *state;
	struct carnet_calendar calendar;

	letters_calendar(letters, "FR", NULL, &calendar);
	assert_int_equal(calendar.len, 11);
	assert_false(calendar.estimate);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		assert_true(
		    calendar_has_fixed(&calendar, fixed[i][0], fixed[i][1]));
	assert_true(calendar_has_easter(&calendar, 1));
	assert_true(calendar_has_easter(&calendar, 39));
	assert_true(calendar_has_easter(&calendar, 50));
	assert_false(calendar_has_easter(&calendar, -2));
	assert_false(calendar_has_fixed(&calendar, 12, 26));
}

static void
alsace_moselle_has_two_more(void **state)
{
	static const char *const regions[] = { "FR-57", "FR-67", "FR-68" };
	struct letters *letters = *state;
	struct carnet_calendar calendar;

	for (size_t i = 0; i < 3; i++) {
		letters_calendar(letters, "FR", regions[i], &calendar);
		assert_int_equal(calendar.len, 13);
		assert_true(calendar_has_easter(&calendar, -2));
		assert_true(calendar_has_fixed(&calendar, 12, 26));
		assert_false(calendar.estimate);
	}
	letters_calendar(letters, "FR", "FR-69", &calendar);
	assert_int_equal(calendar.len, 11);
}

static void
unknown_countries_have_weekends_only(void **state)
{
	struct letters *letters = *state;
	struct carnet_calendar calendar;

	letters_calendar(letters, "QQ", NULL, &calendar);
	assert_int_equal(calendar.len, 0);
	assert_true(calendar.estimate);
	letters_calendar(letters, NULL, NULL, &calendar);
	assert_int_equal(calendar.len, 0);
	assert_true(calendar.estimate);
	letters_calendar(letters, "fr", "FR-57", &calendar);
	assert_int_equal(calendar.len, 0);
}

/* Loads rules from a text instead of the embedded file. */
static enum carnet_status
calendar_try(const char *json, struct letters **ret_letters)
{
	struct letters *letters = calloc(1, sizeof(*letters));
	struct carnet_error err;
	enum carnet_status status;

	assert_non_null(letters);
	assert_int_equal(
	    carnet_json_parse(json, strlen(json), &letters->holidays, &err),
	    CARNET_OK);
	status = calendar_load(letters, &err);
	*ret_letters = letters;
	return status;
}

static void
bad_rules_are_refused(void **state)
{
	static const char *const bad[] = {
		"{}",
		"{\"kind\":\"lunar\"}",
		"{\"kind\":\"fixed\"}",
		"{\"kind\":\"fixed\",\"month\":13,\"day\":1}",
		"{\"kind\":\"fixed\",\"month\":1,\"day\":0}",
		"{\"kind\":\"fixed\",\"month\":1.5,\"day\":1}",
		"{\"kind\":\"fixed\",\"month\":\"x\",\"day\":1}",
		"{\"kind\":\"nth\",\"month\":1,\"weekday\":1}",
		"{\"kind\":\"nth\",\"month\":1,\"nth\":1,\"weekday\":7}",
		"{\"kind\":\"easter\",\"offset\":500}",
		"{\"kind\":\"easter\",\"offset\":1,\"observed\":\"monday\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct letters *letters = NULL;
		char json[256];

		(void)snprintf(json, sizeof(json),
		    "{\"XX\":{\"estimate\":false,\"holidays\":[%s]}}", bad[i]);
		assert_int_equal(calendar_try(json, &letters), CARNET_INVALID);
		letters_free(letters);
	}
}

static void
rules_keep_all_they_say(void **state)
{
	struct letters *letters = NULL;
	struct carnet_calendar calendar;
	const struct carnet_holiday *rule;

	(void)state;
	assert_int_equal(calendar_try("{\"XX\":{\"estimate\":false,"
				      "\"regional\":true,\"holidays\":["
				      "{\"kind\":\"nth\",\"month\":5,"
				      "\"nth\":-1,\"weekday\":1,"
				      "\"from\":2000,\"until\":2010,"
				      "\"observed\":\"next-monday\"}],"
				      "\"regions\":{\"XX-1\":{\"holidays\":["
				      "{\"kind\":\"orthodox\",\"offset\":-2}"
				      "]}}}}",
			     &letters),
	    CARNET_OK);
	letters_calendar(letters, "XX", NULL, &calendar);
	assert_true(calendar.estimate); /* every place has days of its own */
	assert_int_equal(calendar.len, 1);
	rule = &calendar.holidays[0];
	assert_int_equal(rule->kind, CARNET_HOLIDAY_NTH);
	assert_int_equal(rule->month, 5);
	assert_int_equal(rule->nth, -1);
	assert_int_equal(rule->weekday, 1);
	assert_int_equal(rule->from, 2000);
	assert_int_equal(rule->until, 2010);
	assert_int_equal(rule->observed, CARNET_OBSERVED_NEXT_MONDAY);
	letters_calendar(letters, "XX", "XX-1", &calendar);
	assert_false(calendar.estimate);
	assert_int_equal(calendar.len, 2);
	rule = &calendar.holidays[1];
	assert_int_equal(rule->kind, CARNET_HOLIDAY_ORTHODOX);
	assert_int_equal(rule->offset, -2);
	assert_int_equal(rule->observed, CARNET_OBSERVED_NEVER);
	letters_free(letters);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(france_has_eleven_days),
		cmocka_unit_test(alsace_moselle_has_two_more),
		cmocka_unit_test(unknown_countries_have_weekends_only),
		cmocka_unit_test(bad_rules_are_refused),
		cmocka_unit_test(rules_keep_all_they_say),
	};

	return cmocka_run_group_tests(
	    tests, letters_fixture_load, letters_fixture_free);
}
