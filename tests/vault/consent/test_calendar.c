/* SPDX-License-Identifier: ISC */
/*
 * Holiday rules of every kind, and rolling to a working day.  The data that
 * ships is tested in test_holidays.c.
 */
#include "french.h"

static void
french_days(void **state)
{
	static const char *const off[] = { "2026-01-01", "2026-04-06",
		"2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25",
		"2026-07-14", "2026-08-15", "2026-11-01", "2026-11-11",
		"2026-12-25" };
	int found = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		assert_true(calendar_is_holiday(&french, day(off[i])));
	for (int i = 0; i < 365; i++)
		found += calendar_is_holiday(
		    &french, date_add_days(day("2026-01-01"), i));
	assert_int_equal(found, 11);
	assert_false(calendar_is_holiday(&french, day("2026-04-05")));
	assert_false(calendar_is_working(&french, day("2026-04-05")));
	assert_false(calendar_is_working(&french, day("2026-04-04")));
	assert_true(calendar_is_working(&french, day("2026-04-03")));
	assert_false(calendar_is_working(&french, (struct carnet_date){ 0 }));
	assert_false(calendar_is_holiday(&french, (struct carnet_date){ 0 }));
}

static void
rolling(void **state)
{
	(void)state;
	assert_day(calendar_roll(&french, day("2026-04-07")), "2026-04-07");
	assert_day(calendar_roll(&french, day("2026-04-04")), "2026-04-07");
	assert_day(calendar_roll(&french, day("2026-05-01")), "2026-05-04");
	/* no calendar: weekends alone */
	assert_day(calendar_roll(NULL, day("2026-05-01")), "2026-05-01");
	assert_day(calendar_roll(NULL, day("2026-05-02")), "2026-05-04");
	assert_day(calendar_roll(&french, (struct carnet_date){ 0 }), "");
	assert_day(calendar_roll(&french, day("9999-12-25")), "9999-12-27");
}

/* Christmas and the day after, New Year, the British way. */
static void
substitutes(void **state)
{
	static const struct carnet_holiday rules[] = {
		{ .kind = CARNET_HOLIDAY_FIXED,
		    .month = 12,
		    .day = 25,
		    .observed = CARNET_OBSERVED_NEXT_MONDAY },
		{ .kind = CARNET_HOLIDAY_FIXED,
		    .month = 12,
		    .day = 26,
		    .observed = CARNET_OBSERVED_NEXT_MONDAY },
		{ .kind = CARNET_HOLIDAY_FIXED,
		    .month = 1,
		    .day = 1,
		    .observed = CARNET_OBSERVED_NEXT_MONDAY },
		{ .kind = CARNET_HOLIDAY_FIXED, .month = 1, .day = 2 },
	};
	static const struct carnet_calendar calendar = { .holidays = rules,
		.len = 4 };
	static const struct {
		const char *date;
		bool off;
	} cases[] = { /* 25 Sat, 26 Sun: Mon and Tue */
		{ "2021-12-27", true }, { "2021-12-28", true },
		{ "2021-12-29", false },
		/* 25 Sun, 26 Mon: Tue */
		{ "2022-12-26", true }, { "2022-12-27", true },
		{ "2022-12-28", false },
		/* 25 Fri, 26 Sat: Mon */
		{ "2026-12-28", true }, { "2026-12-29", false },
		/* January 1st a Sunday, the 2nd a holiday of its own: Tue */
		{ "2023-01-02", true }, { "2023-01-03", true },
		{ "2023-01-04", false },
		/* January 1st a Saturday; the 2nd doesn't move */
		{ "2022-01-03", true }, { "2022-01-04", false },
		/* the weekend days themselves stay holidays */
		{ "2021-12-25", true }, { "2021-12-26", true },
		/* on a weekday nothing moves */
		{ "2024-12-27", false }, { "2024-12-30", false }
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (calendar_is_holiday(&calendar, day(cases[i].date)) !=
		    cases[i].off)
			fail_msg("%s", cases[i].date);
}

/* Two rules for one Saturday owe one day, not two. */
static void
a_day_named_twice_owes_one(void **state)
{
	static const struct carnet_holiday rules[] = {
		{ .kind = CARNET_HOLIDAY_FIXED,
		    .month = 12,
		    .day = 25,
		    .observed = CARNET_OBSERVED_NEXT_MONDAY },
		{ .kind = CARNET_HOLIDAY_FIXED,
		    .month = 12,
		    .day = 25,
		    .observed = CARNET_OBSERVED_NEXT_MONDAY },
	};
	static const struct carnet_calendar calendar = { .holidays = rules,
		.len = 2 };

	(void)state;
	assert_true(calendar_is_holiday(&calendar, day("2021-12-27")));
	assert_false(calendar_is_holiday(&calendar, day("2021-12-28")));
}

struct nth_case {
	struct carnet_holiday rule;
	int year;
	const char *only; /* the year's one day; "": none */
};

#define NTH(m, d, n, w)                                                        \
	{                                                                      \
		.kind = CARNET_HOLIDAY_NTH, .month = (m), .day = (d),          \
		.nth = (n), .weekday = (w)                                     \
	}

static void
nth_weekdays(void **state)
{
	static const struct nth_case cases[] = {
		{ NTH(5, 0, 1, 1), 2026, "2026-05-04" },
		{ NTH(5, 0, -1, 1), 2026, "2026-05-25" },
		{ NTH(8, 0, -1, 1), 2026, "2026-08-31" },
		{ NTH(8, 0, -2, 1), 2026, "2026-08-24" },
		{ NTH(2, 0, 5, 0), 2026, "" },
		{ NTH(2, 0, 5, 4), 2024, "2024-02-29" },
		{ NTH(2, 0, -1, 4), 2024, "2024-02-29" },
		/* from a day on: All Saints' in Finland and Sweden */
		{ NTH(10, 31, 1, 6), 2026, "2026-10-31" },
		{ NTH(10, 31, 1, 6), 2025, "2025-11-01" },
		{ NTH(10, 31, 1, 6), 2027, "2027-11-06" },
		{ NTH(6, 20, 1, 6), 2026, "2026-06-20" },
		{ NTH(6, 20, 1, 6), 2025, "2025-06-21" },
		{ NTH(6, 20, 2, 6), 2026, "2026-06-27" },
		/* back from a day: the Wednesday before November 23rd */
		{ NTH(11, 22, -1, 3), 2026, "2026-11-18" },
		{ NTH(11, 22, -1, 3), 2023, "2023-11-22" },
		{ NTH(11, 22, -2, 3), 2023, "2023-11-15" },
		/* nonsense names no day */
		{ NTH(0, 0, 1, 1), 2026, "" },
		{ NTH(13, 0, 1, 1), 2026, "" },
		{ NTH(5, 0, 0, 1), 2026, "" },
		{ NTH(5, 0, 1, 7), 2026, "" },
		{ NTH(5, 0, 1, -1), 2026, "" },
		{ NTH(2, 30, 1, 1), 2026, "" },
		{ NTH(5, -1, 1, 1), 2026, "" },
		{ NTH(-5, 0, 1, 1), 2026, "" },
		{ NTH(12, 32, -1, 1), 2026, "" },
		{ NTH(5, 0, 127, 1), 2026, "" },
		{ NTH(5, 0, -128, 1), 2026, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct carnet_calendar calendar = { &cases[i].rule, 1, false };
		struct carnet_date date = {
			.year = (int16_t)cases[i].year, .month = 1, .day = 1
		};
		char only[CARNET_DATE_TEXT] = "";
		int found = 0;

		for (; date.year == cases[i].year;
		     date = date_add_days(date, 1)) {
			if (!calendar_is_holiday(&calendar, date))
				continue;
			carnet_date_format(date, only);
			found++;
		}
		if (found > 1 || strcmp(only, cases[i].only) != 0)
			fail_msg("case %zu: %d days, %s", i, found, only);
	}
}

static void
years_bound_a_rule(void **state)
{
	static const struct carnet_holiday rules[] = {
		{ .kind = CARNET_HOLIDAY_FIXED,
		    .month = 5,
		    .day = 5,
		    .from = 2024,
		    .until = 2025 },
		{ .kind = CARNET_HOLIDAY_ORTHODOX,
		    .offset = -2,
		    .until = 2024 },
		{ .kind = CARNET_HOLIDAY_EASTER, .offset = 1, .from = 2026 },
	};
	static const struct carnet_calendar calendar = { .holidays = rules,
		.len = 3 };

	(void)state;
	assert_false(calendar_is_holiday(&calendar, day("2023-05-05")));
	assert_true(calendar_is_holiday(&calendar, day("2024-05-05")));
	assert_true(calendar_is_holiday(&calendar, day("2025-05-05")));
	assert_false(calendar_is_holiday(&calendar, day("2026-05-05")));
	assert_true(calendar_is_holiday(&calendar, day("2024-05-03")));
	assert_false(calendar_is_holiday(&calendar, day("2025-04-18")));
	assert_false(calendar_is_holiday(&calendar, day("2025-04-21")));
	assert_true(calendar_is_holiday(&calendar, day("2026-04-06")));
}

/* A calendar without a single working day doesn't hang the program. */
static void
no_working_day_at_all(void **state)
{
	static struct carnet_holiday rules[31 * 12];
	struct carnet_calendar calendar = { rules, 31 * 12, false };

	(void)state;
	for (int i = 0; i < 31 * 12; i++) {
		rules[i].month = (int8_t)(i / 31 + 1);
		rules[i].day = (int8_t)(i % 31 + 1);
		rules[i].observed = CARNET_OBSERVED_NEXT_MONDAY;
	}
	assert_day(calendar_roll(&calendar, day("2026-01-01")), "");
	assert_day(calendar_roll(&calendar, day("9999-12-31")), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(french_days),
		cmocka_unit_test(rolling),
		cmocka_unit_test(substitutes),
		cmocka_unit_test(a_day_named_twice_owes_one),
		cmocka_unit_test(nth_weekdays),
		cmocka_unit_test(years_bound_a_rule),
		cmocka_unit_test(no_working_day_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
