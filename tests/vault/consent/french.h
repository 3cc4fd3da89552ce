/* SPDX-License-Identifier: ISC */
/*
 * France's calendar and short ways to write dates, for the tests of this
 * folder only; test_holidays.c tests the data that ships.
 */
#ifndef FRENCH_H
#define FRENCH_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent.h"

#define FRENCH_FIXED(m, d)                                                     \
	{                                                                      \
		.kind = CARNET_HOLIDAY_FIXED, .month = (m), .day = (d)         \
	}
#define FRENCH_EASTER(days)                                                    \
	{                                                                      \
		.kind = CARNET_HOLIDAY_EASTER, .offset = (days)                \
	}

/* The last two are Alsace-Moselle's. */
static const struct carnet_holiday french_rules[] = { FRENCH_FIXED(1, 1),
	FRENCH_EASTER(1), FRENCH_FIXED(5, 1), FRENCH_FIXED(5, 8),
	FRENCH_EASTER(39), FRENCH_EASTER(50), FRENCH_FIXED(7, 14),
	FRENCH_FIXED(8, 15), FRENCH_FIXED(11, 1), FRENCH_FIXED(11, 11),
	FRENCH_FIXED(12, 25), FRENCH_EASTER(-2), FRENCH_FIXED(12, 26) };
static const struct carnet_calendar french = { .holidays = french_rules,
	.len = 11 };

static inline struct carnet_date
day(const char *text)
{
	struct carnet_date date = { 0 };

	if (text[0] != '\0' && !carnet_date_parse(text, &date))
		fail_msg("not a date: %s", text);
	return date;
}

#define assert_day(date, text) assert_day_at((date), (text), __FILE__, __LINE__)

static inline void
assert_day_at(
    struct carnet_date date, const char *text, const char *file, int line)
{
	char found[CARNET_DATE_TEXT];

	carnet_date_format(date, found);
	_assert_string_equal(found, text, file, line);
}
#endif
