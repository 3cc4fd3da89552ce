/* SPDX-License-Identifier: ISC */
/* Days, months, weekdays and the two Easters of vault/consent/date.c. */
#include <limits.h>

#include "french.h"

#define FIRST_YEAR 2000

/* Days from March 1st; two other programs gave the same. */
static const uint8_t easters[] = { 53, 45, 30, 50, 41, 26, 46, 38, 22, 42, 34,
	54, 38, 30, 50, 35, 26, 46, 31, 51, 42, 34, 47, 39, 30, 50, 35, 27, 46,
	31, 51, 43, 27, 47, 39, 24, 43, 35, 55, 40, 31, 51, 36, 28, 47, 39, 24,
	44, 35, 48, 40, 32, 51, 36, 28, 48, 32, 52, 44, 29, 48, 40, 25, 45, 36,
	28, 41, 33, 52, 44, 29, 49, 40, 25, 45, 37, 49, 41, 33, 53, 37, 29, 49,
	34, 25, 45, 30, 50, 41, 33, 46, 38, 29, 42, 34, 54, 45, 30, 50, 42,
	27 };
static const uint8_t orthodox_easters[] = { 60, 45, 65, 57, 41, 61, 53, 38, 57,
	49, 34, 54, 45, 65, 50, 42, 61, 46, 38, 58, 49, 62, 54, 46, 65, 50, 42,
	62, 46, 38, 58, 43, 62, 54, 39, 59, 50, 35, 55, 47, 66, 51, 43, 63, 54,
	39, 59, 51, 35, 55, 47, 67, 51, 43, 63, 48, 39, 59, 44, 64, 55, 40, 60,
	52, 43, 56, 48, 40, 59, 44, 64, 49, 40, 60, 52, 37, 56, 48, 68, 53, 44,
	64, 49, 41, 60, 45, 37, 57, 48, 61, 53, 38, 57, 49, 41, 54, 45, 65, 57,
	42, 62 };

static void
easter_known_days(void **state)
{
	static const char *const known[] = { "2024-03-31", "2025-04-20",
		"2026-04-05", "2027-03-28", "2028-04-16", "2029-04-01",
		"2030-04-21", "2031-04-13",
		/* the earliest and latest, the two exceptions, old ones */
		"1818-03-22", "2285-03-22", "1943-04-25", "2038-04-25",
		"1954-04-18", "1981-04-19", "2049-04-18", "2076-04-19",
		"1583-04-10", "1900-04-15" };
	static const char *const orthodox[] = { "2024-05-05", "2025-04-20",
		"2026-04-12", "2027-05-02", "2016-05-01", "2013-05-05",
		"1999-04-11", "2100-05-02" };

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_day(date_easter(day(known[i]).year), known[i]);
	for (size_t i = 0; i < sizeof(orthodox) / sizeof(orthodox[0]); i++)
		assert_day(
		    date_orthodox_easter(day(orthodox[i]).year), orthodox[i]);
}

static void
easter_of_a_century(void **state)
{
	(void)state;
	assert_int_equal(sizeof(easters), 101);
	assert_int_equal(sizeof(orthodox_easters), 101);
	for (int i = 0; i < 101; i++) {
		struct carnet_date march = {
			.year = (int16_t)(FIRST_YEAR + i), .month = 3, .day = 1
		};

		assert_int_equal(
		    date_diff_days(march, date_easter(march.year)), easters[i]);
		assert_int_equal(
		    date_diff_days(march, date_orthodox_easter(march.year)),
		    orthodox_easters[i]);
	}
}

static void
easter_is_a_sunday(void **state)
{
	(void)state;
	for (int year = 1; year <= 9999; year++) {
		struct carnet_date easter = date_easter(year);

		assert_int_equal(date_weekday(easter), 0);
		assert_int_equal(date_weekday(date_orthodox_easter(year)), 0);
		assert_true(easter.month == 3
				? easter.day >= 22
				: easter.month == 4 && easter.day <= 25);
	}
	assert_day(date_easter(0), "");
	assert_day(date_easter(10000), "");
	assert_day(date_easter(INT_MIN), "");
	assert_day(date_orthodox_easter(-1), "");
	assert_day(date_orthodox_easter(INT_MAX), "");
}

/* Every day there is, walked by hand, against the numbers. */
static void
every_day_there_is(void **state)
{
	struct carnet_date first = day("0001-01-01"), at = first;
	int number = 0;

	(void)state;
	while (at.year < 10000) {
		struct carnet_date found = date_add_days(first, number);

		if (carnet_date_compare(found, at) != 0 ||
		    date_diff_days(first, at) != number ||
		    date_weekday(at) != (number + 1) % 7)
			fail_msg("day %d", number);
		number++;
		if (at.day++ < carnet_days_in_month(at.year, at.month))
			continue;
		at.day = 1;
		if (at.month++ < 12)
			continue;
		at.month = 1;
		at.year++;
	}
	assert_int_equal(number, 3652059);
	assert_day(date_add_days(first, number), "");
	assert_day(date_add_days(first, -1), "");
	assert_day(date_add_days(first, INT_MAX), "");
	assert_day(date_add_days(day("9999-12-31"), INT_MIN), "");
	assert_day(date_add_days(day("9999-12-31"), 1 - number), "0001-01-01");
}

static void
weekdays(void **state)
{
	(void)state;
	assert_int_equal(date_weekday(day("2026-03-05")), 4);
	assert_int_equal(date_weekday(day("2000-01-01")), 6);
	assert_int_equal(date_weekday(day("1970-01-01")), 4);
	assert_int_equal(date_weekday((struct carnet_date){ 0 }), -1);
}

static void
months(void **state)
{
	static const struct {
		const char *from;
		int months;
		const char *to;
	} cases[] = { { "2026-01-31", 1, "2026-02-28" },
		{ "2024-01-31", 1, "2024-02-29" },
		{ "2100-01-29", 1, "2100-02-28" },
		{ "2000-01-30", 1, "2000-02-29" },
		{ "2026-08-31", 1, "2026-09-30" },
		{ "2026-03-05", 1, "2026-04-05" },
		{ "2026-12-31", 1, "2027-01-31" },
		{ "2026-12-31", 2, "2027-02-28" },
		{ "2026-11-30", 3, "2027-02-28" },
		{ "2024-02-29", 12, "2025-02-28" },
		{ "2024-02-29", 48, "2028-02-29" },
		{ "2026-03-31", -1, "2026-02-28" },
		{ "2026-01-15", -1, "2025-12-15" },
		{ "2026-01-15", 0, "2026-01-15" }, { "9999-12-01", 1, "" },
		{ "0001-01-31", -1, "" }, { "2026-01-01", INT_MAX, "" },
		{ "2026-01-01", INT_MIN, "" }, { "", 1, "" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_day(date_add_months(day(cases[i].from), cases[i].months),
		    cases[i].to);
}

static void
no_date_stays_none(void **state)
{
	struct carnet_date none = { 0 };

	(void)state;
	assert_day(date_add_days(none, 5), "");
	assert_int_equal(date_diff_days(none, day("2026-01-01")), 0);
	assert_int_equal(date_diff_days(day("2026-01-01"), none), 0);
	assert_int_equal(
	    date_diff_days(day("2026-03-01"), day("2026-02-28")), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(easter_known_days),
		cmocka_unit_test(easter_of_a_century),
		cmocka_unit_test(easter_is_a_sunday),
		cmocka_unit_test(every_day_there_is),
		cmocka_unit_test(weekdays),
		cmocka_unit_test(months),
		cmocka_unit_test(no_date_stays_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
