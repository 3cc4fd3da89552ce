/* SPDX-License-Identifier: ISC */
/*
 * Arithmetic on civil days, and the two Easters.  Knows no clock, no time
 * zone and no holiday.
 * The contract is in consent.h; dates themselves are in carnet_types.h.
 */
#include "consent.h"

#define DATE_LAST_YEAR 9999
#define DATE_CYCLE_YEARS 400 /* the Gregorian calendar repeats after these */
#define DATE_CYCLE_DAYS 146097

/* Days from 0001-01-01 to January 1st of that year. */
static int
date_year_start(int year)
{
	int past = year - 1;

	return past * 365 + past / 4 - past / 100 + past / 400;
}

static int
date_number(struct carnet_date date)
{
	int number = date_year_start(date.year) + date.day - 1;

	for (int month = 1; month < date.month; month++)
		number += carnet_days_in_month(date.year, month);
	return number;
}

static struct carnet_date
date_from_number(int64_t number)
{
	int year, month = 1, day;

	if (number < 0 || number >= date_year_start(DATE_LAST_YEAR + 1))
		return (struct carnet_date){ 0 };
	/* right, or one too low or high */
	year = (int)(number * DATE_CYCLE_YEARS / DATE_CYCLE_DAYS) + 1;
	if (date_year_start(year) > number)
		year--;
	else if (date_year_start(year + 1) <= number)
		year++;
	day = (int)number - date_year_start(year);
	while (day >= carnet_days_in_month(year, month)) {
		day -= carnet_days_in_month(year, month);
		month++;
	}
	return (struct carnet_date){ .year = (int16_t)year,
		.month = (uint8_t)month,
		.day = (uint8_t)(day + 1) };
}

struct carnet_date
date_add_days(struct carnet_date date, int days)
{
	if (!carnet_date_is_set(date))
		return date;
	return date_from_number((int64_t)date_number(date) + days);
}

struct carnet_date
date_add_months(struct carnet_date date, int months)
{
	int64_t total = (int64_t)date.year * 12 + date.month - 1 + months;
	int last;

	if (!carnet_date_is_set(date) || total < 12 ||
	    total >= (int64_t)(DATE_LAST_YEAR + 1) * 12)
		return (struct carnet_date){ 0 };
	date.year = (int16_t)(total / 12);
	date.month = (uint8_t)(total % 12 + 1);
	last = carnet_days_in_month(date.year, date.month);
	if (date.day > last)
		date.day = (uint8_t)last;
	return date;
}

int
date_diff_days(struct carnet_date from, struct carnet_date to)
{
	if (!carnet_date_is_set(from) || !carnet_date_is_set(to))
		return 0;
	return date_number(to) - date_number(from);
}

int
date_weekday(struct carnet_date date)
{
	if (!carnet_date_is_set(date))
		return -1;
	return (date_number(date) + 1) % 7; /* 0001-01-01 was a Monday */
}

struct carnet_date
date_easter(int year)
{
	int century = year / 100, golden = year % 19;
	int correction, epact, weekday, march;

	if (year < 1 || year > DATE_LAST_YEAR)
		return (struct carnet_date){ 0 };
	/* leap days and lunar drift that the Gregorian reform leaves out */
	correction = century - century / 4 - (8 * century + 13) / 25 + 15;
	epact = (19 * golden + correction) % 30;
	/* the two exceptions that keep the full moon before April 19th */
	if (epact == 29 || (epact == 28 && golden > 10))
		epact--;
	weekday = (year + year / 4 + epact + 2 - century + century / 4) % 7;
	march = 28 + epact - weekday; /* counted from March 0th */
	return date_add_days(
	    (struct carnet_date){ .year = (int16_t)year, .month = 3, .day = 1 },
	    march - 1);
}

struct carnet_date
date_orthodox_easter(int year)
{
	int moon, weekday, behind;

	if (year < 1 || year > DATE_LAST_YEAR)
		return (struct carnet_date){ 0 };
	moon = (19 * (year % 19) + 15) % 30;
	weekday = (year + year / 4 + moon) % 7;
	/* days that the Julian calendar is behind from March of that year */
	behind = year / 100 - year / 400 - 2;
	return date_add_days(
	    (struct carnet_date){ .year = (int16_t)year, .month = 3, .day = 1 },
	    27 + moon - weekday + behind);
}
