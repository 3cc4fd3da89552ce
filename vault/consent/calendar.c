/* SPDX-License-Identifier: ISC */
/*
 * Which days are worked under a calendar of holiday rules.  Reads no file:
 * the rules are data (formats/letters/holidays.json).
 * The contract is in consent.h; the rules are in carnet_types.h.
 */
#include "consent.h"

/* A substitute day stands at most this long after its holiday. */
#define CALENDAR_REACH 14
/* So many days without a working one: the calendar is nonsense. */
#define CALENDAR_GIVE_UP 366

/*
 * The nth weekday from an anchor on (nth > 0) or back (nth < 0).  day 0: the
 * anchor is the month's first or last day, and the result stays inside it.
 */
static bool
calendar_is_nth(const struct carnet_holiday *rule, struct carnet_date date)
{
	struct carnet_date anchor = { .year = date.year,
		.month = (uint8_t)rule->month,
		.day = (uint8_t)rule->day };
	int month = rule->month, away;
	int last = carnet_days_in_month(date.year, month);

	if (date_weekday(date) != rule->weekday || rule->nth == 0 ||
	    last == 0 || rule->day < 0 || rule->day > last)
		return false;
	if (rule->day == 0) {
		if (date.month != month)
			return false;
		anchor.day = (uint8_t)(rule->nth > 0 ? 1 : last);
	}
	away = date_diff_days(anchor, date);
	if (rule->nth > 0)
		return away >= 0 && away / 7 == rule->nth - 1;
	return away <= 0 && -away / 7 == -rule->nth - 1;
}

static bool
calendar_rule_is(const struct carnet_holiday *rule, struct carnet_date date)
{
	int month = rule->month, day = rule->day;

	if ((rule->from != 0 && date.year < rule->from) ||
	    (rule->until != 0 && date.year > rule->until))
		return false;
	switch (rule->kind) {
	case CARNET_HOLIDAY_FIXED:
		return date.month == month && date.day == day;
	case CARNET_HOLIDAY_EASTER:
		return date_diff_days(date_easter(date.year), date) ==
		       rule->offset;
	case CARNET_HOLIDAY_ORTHODOX:
		return date_diff_days(date_orthodox_easter(date.year), date) ==
		       rule->offset;
	case CARNET_HOLIDAY_NTH:
		return calendar_is_nth(rule, date);
	}
	return false;
}

static bool
calendar_is_weekend(struct carnet_date date)
{
	int weekday = date_weekday(date);

	return weekday == 0 || weekday == 6;
}

/* Some rule names this very day; with `moves`, some rule that moves. */
static bool
calendar_is_named(
    const struct carnet_calendar *calendar, struct carnet_date date, bool moves)
{
	for (size_t i = 0; i < calendar->len; i++) {
		const struct carnet_holiday *rule = &calendar->holidays[i];

		if (moves && rule->observed == CARNET_OBSERVED_NEVER)
			continue;
		if (calendar_rule_is(rule, date))
			return true;
	}
	return false;
}

/*
 * A weekday that stands in for a holiday on the weekend before: holidays owe
 * a day each, in order, and each free weekday that follows pays one.
 */
static bool
calendar_is_substitute(
    const struct carnet_calendar *calendar, struct carnet_date date)
{
	int owed = 0;

	for (int back = CALENDAR_REACH; back >= 0; back--) {
		struct carnet_date day = date_add_days(date, -back);

		if (!carnet_date_is_set(day))
			continue;
		if (calendar_is_weekend(day)) {
			owed += calendar_is_named(calendar, day, true) ? 1 : 0;
		} else if (owed > 0 &&
			   !calendar_is_named(calendar, day, false)) {
			if (back == 0)
				return true;
			owed--;
		}
	}
	return false;
}

static bool
calendar_moves(const struct carnet_calendar *calendar)
{
	for (size_t i = 0; i < calendar->len; i++)
		if (calendar->holidays[i].observed != CARNET_OBSERVED_NEVER)
			return true;
	return false;
}

bool
calendar_is_holiday(
    const struct carnet_calendar *calendar, struct carnet_date date)
{
	if (calendar == NULL || !carnet_date_is_set(date))
		return false;
	if (calendar_is_named(calendar, date, false))
		return true;
	return calendar_moves(calendar) && !calendar_is_weekend(date) &&
	       calendar_is_substitute(calendar, date);
}

bool
calendar_is_working(
    const struct carnet_calendar *calendar, struct carnet_date date)
{
	return carnet_date_is_set(date) && !calendar_is_weekend(date) &&
	       !calendar_is_holiday(calendar, date);
}

struct carnet_date
calendar_roll(const struct carnet_calendar *calendar, struct carnet_date date)
{
	for (int i = 0; i < CALENDAR_GIVE_UP; i++) {
		if (!carnet_date_is_set(date) ||
		    calendar_is_working(calendar, date))
			return date;
		date = date_add_days(date, 1);
	}
	return (struct carnet_date){ 0 };
}
