/* SPDX-License-Identifier: ISC */
/* Dates and errors of vault/types.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "carnet_types.h"

static void
dates_are_strict(void **state)
{
	static const char *const bad[] = { "", "2026", "2026-3-05",
		"2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00",
		"0000-01-01", "2026-01-1x", "2026-01-011", " 2026-01-01" };
	struct carnet_date date = { 0 };
	char text[CARNET_DATE_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(carnet_date_parse(bad[i], &date));
	assert_false(carnet_date_parse(NULL, &date));
	assert_false(carnet_date_is_set(date));
	assert_true(carnet_date_parse("2024-02-29", &date));
	carnet_date_format(date, text);
	assert_string_equal(text, "2024-02-29");
}

static void
errors_keep_status_and_hint(void **state)
{
	struct carnet_error err;

	(void)state;
	assert_int_equal(carnet_fail(&err, CARNET_NOT_FOUND, "no %s", "x"),
	    CARNET_NOT_FOUND);
	carnet_hint(&err, "look elsewhere");
	assert_string_equal(err.message, "no x");
	assert_string_equal(err.hint, "look elsewhere");
	assert_int_equal(carnet_fail(NULL, CARNET_IO, "x"), CARNET_IO);
	assert_string_equal(carnet_status_name(CARNET_TOO_EARLY), "too-early");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_strict),
		cmocka_unit_test(errors_keep_status_and_hint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
