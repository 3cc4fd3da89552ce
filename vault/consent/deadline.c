/* SPDX-License-Identifier: ISC */
/*
 * Until when an answer is owed: Regulation (EEC, Euratom) 1182/71 and national
 * day counts, extension, pauses.  Knows nothing of states.
 * The rules are told in docs/case-transitions.md.
 */
#include "deadline.h"

#include <stdio.h>
#include <string.h>

/* Art. 3(5): a period of two days or more has two working days in it. */
#define DEADLINE_WORKING_DAYS 2

struct deadline
deadline_start(const struct case_step *steps, size_t len,
    const struct case_clock *clock, const struct carnet_calendar *calendar)
{
	struct deadline deadline = { .clock = clock, .calendar = calendar };
	struct carnet_date sent = { 0 };

	for (size_t i = 0; i < len; i++) {
		if (steps[i].kind == STEP_RECEIVED) {
			deadline.from = steps[i].on;
			return deadline;
		}
		if (steps[i].kind == STEP_SENT && !carnet_date_is_set(sent))
			sent = steps[i].on;
	}
	if (carnet_date_is_set(sent)) {
		deadline.from = date_add_days(sent, clock->presumed_days);
		deadline.presumed = true;
	}
	return deadline;
}

/* Days from `from` (not before receipt) to `to`; never negative. */
static int
deadline_pause_days(const struct deadline *deadline, struct carnet_date from,
    struct carnet_date to)
{
	int days;

	if (carnet_date_compare(from, deadline->from) < 0)
		from = deadline->from;
	days = date_diff_days(from, to);
	return days > 0 ? days : 0;
}

int
deadline_paused_days(const struct deadline *deadline, struct carnet_date day)
{
	if (!carnet_date_is_set(deadline->paused_on))
		return deadline->paused_days;
	return deadline->paused_days +
	       deadline_pause_days(deadline, deadline->paused_on, day);
}

static struct carnet_date
deadline_two_working_days(
    const struct deadline *deadline, struct carnet_date due)
{
	struct carnet_date day = date_add_days(deadline->from, 1);
	int working = 0;

	for (; carnet_date_is_set(day) && carnet_date_compare(day, due) <= 0;
	     day = date_add_days(day, 1))
		if (calendar_is_working(deadline->calendar, day) &&
		    ++working == DEADLINE_WORKING_DAYS)
			return due;
	for (; working < DEADLINE_WORKING_DAYS && carnet_date_is_set(due);
	     working++)
		due = calendar_roll(deadline->calendar, date_add_days(due, 1));
	return due;
}

static bool
deadline_counts_months(const struct case_clock *clock)
{
	return clock->kind == CLOCK_MONTHS ||
	       clock->kind == CLOCK_NATIONAL_MONTHS;
}

void
deadline_end(const struct deadline *deadline, struct carnet_date day,
    struct carnet_date *ret_raw, struct carnet_date *ret_due)
{
	const struct case_clock *clock = deadline->clock;
	struct carnet_date raw = { 0 }, due = { 0 };

	if (clock->kind != CLOCK_NONE && !deadline->open &&
	    carnet_date_is_set(deadline->from)) {
		if (deadline->extended && clock->extended_days > 0)
			raw =
			    date_add_days(deadline->from, clock->extended_days);
		else if (deadline->extended)
			raw = date_add_months(
			    deadline->from, clock->extended_months);
		else if (deadline_counts_months(clock))
			raw = date_add_months(deadline->from, clock->count);
		else
			raw = date_add_days(deadline->from, clock->count);
		raw = date_add_days(raw, deadline_paused_days(deadline, day) +
					     deadline->rolled_days);
		due = calendar_roll(deadline->calendar, raw);
		if (clock->kind == CLOCK_DAYS && !deadline->extended &&
		    clock->count >= DEADLINE_WORKING_DAYS)
			due = deadline_two_working_days(deadline, due);
	}
	*ret_raw = raw;
	*ret_due = due;
}

struct carnet_date
deadline_silence_end(const struct deadline *deadline, struct carnet_date day,
    struct carnet_date due)
{
	struct carnet_date end;

	if (deadline->clock->complain_months == 0 || !carnet_date_is_set(due))
		return due;
	end = date_add_months(deadline->from, deadline->clock->complain_months);
	end = date_add_days(
	    end, deadline_paused_days(deadline, day) + deadline->rolled_days);
	end = calendar_roll(deadline->calendar, end);
	return carnet_date_compare(end, due) > 0 ? end : due;
}

bool
deadline_is_past(const struct deadline *deadline, struct carnet_date day)
{
	struct carnet_date raw, due;

	deadline_end(deadline, day, &raw, &due);
	return carnet_date_is_set(due) && carnet_date_compare(day, due) > 0;
}

/* A clock runs, and has not run out. */
static bool
deadline_runs(const struct deadline *deadline, struct carnet_date day)
{
	return deadline->clock->kind != CLOCK_NONE &&
	       carnet_date_is_set(deadline->from) &&
	       !deadline_is_past(deadline, day);
}

bool
deadline_extend(struct deadline *deadline, struct carnet_date day)
{
	bool can = deadline->clock->extended_months > 0 ||
		   deadline->clock->extended_days > 0 ||
		   deadline->clock->extended_open;
	bool counts =
	    can && !deadline->extended && deadline_runs(deadline, day);

	if (counts)
		deadline->rolled_days = 0;
	deadline->extended = deadline->extended || counts;
	deadline->open = deadline->extended && deadline->clock->extended_open;
	deadline->late = deadline->late || (can && !counts);
	deadline->none = deadline->none || !can;
	return counts;
}

bool
deadline_pause(struct deadline *deadline, struct carnet_date day)
{
	struct carnet_date raw, due;

	if (!deadline_runs(deadline, day))
		return false;
	deadline_end(deadline, day, &raw, &due);
	if (carnet_date_compare(day, raw) > 0)
		deadline->rolled_days += date_diff_days(raw, day);
	deadline->paused_on = day;
	deadline->paused_once = true;
	return true;
}

void
deadline_resume(struct deadline *deadline, struct carnet_date day)
{
	deadline->paused_days = deadline_paused_days(deadline, day);
	deadline->paused_on = (struct carnet_date){ 0 };
}

/* What the clock says, as a format with one number. */
static const char *
deadline_base(const struct case_clock *clock, bool extended, int count)
{
	bool national = clock->kind == CLOCK_NATIONAL_DAYS ||
			clock->kind == CLOCK_NATIONAL_MONTHS;

	if ((extended && clock->extended_days == 0) ||
	    deadline_counts_months(clock)) {
		if (national)
			return count == 1
				   ? CARNET_N_(
					 "national law: receipt + %d month")
				   : CARNET_N_(
					 "national law: receipt + %d months");
		return count == 1
			   ? CARNET_N_("1182/71 art. 3: receipt + %d month")
			   : CARNET_N_("1182/71 art. 3: receipt + %d months");
	}
	if (national)
		return count == 1
			   ? CARNET_N_("national law: receipt + %d day")
			   : CARNET_N_("national law: receipt + %d days");
	return count == 1 ? CARNET_N_("1182/71 art. 3: receipt + %d day")
			  : CARNET_N_("1182/71 art. 3: receipt + %d days");
}

/* Adds a piece, cut where the text is full. */
static void
deadline_rule_add(
    char *text, size_t size, bool translated, const char *msgid, int number)
{
	const char *format = translated ? CARNET_(msgid) : msgid;
	size_t len = strlen(text);

	(void)snprintf(text + len, size - len, format, number);
}

void
deadline_rule(const struct case_clock *clock, const struct case_view *view,
    bool translated, char *text, size_t size)
{
	int count = clock->count;

	text[0] = '\0';
	if (!carnet_date_is_set(view->due))
		return;
	if (view->extended)
		count = clock->extended_days > 0 ? clock->extended_days
						 : clock->extended_months;
	deadline_rule_add(text, size, translated,
	    deadline_base(clock, view->extended, count), count);
	if (view->presumed)
		deadline_rule_add(
		    text, size, translated, CARNET_N_("; receipt presumed"), 0);
	if (view->paused_days > 0)
		deadline_rule_add(text, size, translated,
		    view->paused_days == 1 ? CARNET_N_("; + %d day paused")
					   : CARNET_N_("; + %d days paused"),
		    view->paused_days);
	if (view->late_extension)
		deadline_rule_add(
		    text, size, translated, CARNET_N_("; late extension"), 0);
	if (view->no_extension)
		deadline_rule_add(text, size, translated,
		    CARNET_N_("; it can't be extended"), 0);
}
