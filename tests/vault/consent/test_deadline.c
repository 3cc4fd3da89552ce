/* SPDX-License-Identifier: ISC */
/*
 * Until when an answer is owed: the law's own examples, extensions, pauses,
 * presumed receipts, national days; then what must hold of every day from
 * 2000 to 2100.  States are tested in test_case.c.
 */
#include "french.h"

static const struct case_clock month = { .kind = CLOCK_MONTHS,
	.count = 1,
	.extended_months = 3,
	.presumed_days = 3 };
static const struct case_clock eight_days = {
	.kind = CLOCK_NATIONAL_DAYS, .count = 8, .presumed_days = 3
};

static const struct carnet_calendar *
french_calendar(bool alsace)
{
	static const struct carnet_calendar region = { .holidays = french_rules,
		.len = sizeof(french_rules) / sizeof(french_rules[0]) };

	return alsace ? &region : &french;
}

/* Steps that don't begin with the sending were sent on their first day. */
static struct case_view
view_of(const struct case_step *steps, size_t len,
    const struct case_clock *clock, const struct carnet_calendar *calendar,
    const char *today)
{
	struct case_step all[8] = { { .kind = STEP_SENT, .on = steps[0].on } };
	size_t sent = steps[0].kind == STEP_SENT ? 0 : 1;
	struct case_view view;

	assert_true(len + sent <= 8);
	memcpy(all + sent, steps, len * sizeof(*steps));
	case_evaluate(
	    all, len + sent, false, clock, calendar, day(today), &view);
	return view;
}

static void
law_table(void **state)
{
	static const struct {
		const char *received, *raw, *due, *extended;
		bool alsace;
	} rows[] = {
		{ "2026-03-05", "2026-04-05", "2026-04-07", "2026-06-05", 0 },
		{ "2026-01-31", "2026-02-28", "2026-03-02", "2026-04-30", 0 },
		{ "2026-01-30", "2026-02-28", "2026-03-02", "2026-04-30", 0 },
		{ "2026-08-31", "2026-09-30", "2026-09-30", "2026-11-30", 0 },
		{ "2026-04-01", "2026-05-01", "2026-05-04", "2026-07-01", 0 },
		{ "2026-04-08", "2026-05-08", "2026-05-11", "2026-07-08", 0 },
		{ "2026-11-25", "2026-12-25", "2026-12-28", "2027-02-25", 0 },
		{ "2026-07-15", "2026-08-15", "2026-08-17", "2026-10-15", 0 },
		{ "2026-12-31", "2027-01-31", "2027-02-01", "2027-03-31", 0 },
		{ "2026-03-03", "2026-04-03", "2026-04-07", NULL, 1 },
		{ "2026-03-03", "2026-04-03", "2026-04-03", NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct case_step steps[] = {
			{ .kind = STEP_SENT, .on = day(rows[i].received) },
			{ .kind = STEP_RECEIVED, .on = day(rows[i].received) },
			{ .kind = STEP_EXTENDED, .on = day(rows[i].received) },
		};
		const struct carnet_calendar *calendar =
		    french_calendar(rows[i].alsace);
		struct case_view view =
		    view_of(steps, 2, &month, calendar, rows[i].received);

		assert_day(view.clock_from, rows[i].received);
		assert_day(view.raw, rows[i].raw);
		assert_day(view.due, rows[i].due);
		assert_false(view.presumed || view.estimate);
		assert_string_equal(
		    view.rule, "1182/71 art. 3: receipt + 1 month");
		assert_int_equal(
		    date_diff_days(view.due, view.complain_from), 1);
		if (rows[i].extended == NULL)
			continue;
		view = view_of(steps, 3, &month, calendar, rows[i].received);
		assert_day(view.due, rows[i].extended);
		assert_true(view.extended);
		assert_string_equal(
		    view.rule, "1182/71 art. 3: receipt + 3 months");
	}
}

/* 2026-12-31 + 3 months, rolled first or not, tells the two apart. */
static void
an_extension_is_rolled_once(void **state)
{
	struct case_step steps[] = {
		{ .kind = STEP_RECEIVED, .on = day("2026-02-14") },
		{ .kind = STEP_EXTENDED, .on = day("2026-03-16") },
	};
	struct case_view view;

	(void)state;
	/* +1 month: Saturday March 14th, rolled to the 16th */
	view = view_of(steps, 1, &month, &french, "2026-02-14");
	assert_day(view.raw, "2026-03-14");
	assert_day(view.due, "2026-03-16");
	/* notice on the rolled last day counts; the end is not June 16th */
	view = view_of(steps, 2, &month, &french, "2026-03-16");
	assert_day(view.raw, "2026-05-14");
	assert_day(view.due, "2026-05-15"); /* the 14th is Ascension */
	assert_true(view.extended);
	assert_false(view.late_extension);
	/* a day later it is too late, and the first deadline stands */
	steps[1].on = day("2026-03-17");
	view = view_of(steps, 2, &month, &french, "2026-03-17");
	assert_day(view.due, "2026-03-16");
	assert_false(view.extended);
	assert_true(view.late_extension);
	assert_string_equal(
	    view.rule, "1182/71 art. 3: receipt + 1 month; late extension");
	assert_int_equal(view.overdue_days, 1);
}

static void
what_cannot_be_extended(void **state)
{
	struct case_step steps[] = {
		{ .kind = STEP_RECEIVED, .on = day("2026-04-30") },
		{ .kind = STEP_EXTENDED, .on = day("2026-05-02") },
	};
	struct case_view view =
	    view_of(steps, 2, &eight_days, &french, "2026-05-02");

	(void)state;
	assert_day(view.due, "2026-05-11");
	assert_true(view.no_extension);
	assert_false(view.late_extension);
	assert_int_equal(view.state, CASE_WAITING);
	assert_string_equal(
	    view.rule, "national law: receipt + 8 days; it can't be extended");
	/* late as well: still one that can't be had, and nothing else */
	steps[1].on = day("2026-05-12");
	view = view_of(steps, 2, &eight_days, &french, "2026-05-12");
	assert_true(view.no_extension);
	assert_false(view.late_extension);
	assert_int_equal(view.state, CASE_OVERDUE);
	/* what can be extended isn't called so */
	steps[1].on = day("2026-06-02");
	view = view_of(steps, 2, &month, &french, "2026-06-02");
	assert_true(view.late_extension);
	assert_false(view.no_extension);
}

/* 45 CFR 164.524: 30 days, and 30 more upon a notice within the first. */
static void
days_can_be_extended_by_days(void **state)
{
	static const struct case_clock clock = { .kind = CLOCK_NATIONAL_DAYS,
		.count = 30,
		.presumed_days = 3,
		.extended_days = 60 };
	struct case_step steps[] = {
		{ .kind = STEP_RECEIVED, .on = day("2026-03-02") },
		{ .kind = STEP_EXTENDED, .on = day("2026-04-01") },
	};
	struct case_view view =
	    view_of(steps, 1, &clock, &french, "2026-03-02");

	(void)state;
	assert_day(view.raw, "2026-04-01");
	assert_string_equal(view.rule, "national law: receipt + 30 days");
	view = view_of(steps, 2, &clock, &french, "2026-04-02");
	assert_day(view.raw, "2026-05-01");
	assert_day(view.due, "2026-05-04");
	assert_int_equal(view.state, CASE_EXTENDED);
	assert_string_equal(view.rule, "national law: receipt + 60 days");
	steps[1].on = day("2026-04-02"); /* a day too late */
	view = view_of(steps, 2, &clock, &french, "2026-04-02");
	assert_day(view.due, "2026-04-01");
	assert_true(view.late_extension);
	assert_false(view.no_extension);
}

static void
national_days_are_shown_both_ways(void **state)
{
	struct case_step steps[] = { { .kind = STEP_RECEIVED,
	    .on = day("2026-04-30") } };
	struct case_view view =
	    view_of(steps, 1, &eight_days, &french, "2026-05-08");

	(void)state;
	assert_day(view.raw, "2026-05-08");
	assert_day(view.due, "2026-05-11");
	assert_string_equal(view.rule, "national law: receipt + 8 days");
	assert_int_equal(view.state, CASE_WAITING);
	view = view_of(steps, 1, &eight_days, &french, "2026-05-12");
	assert_int_equal(view.state, CASE_OVERDUE);
	assert_int_equal(view.overdue_days, 1);
}

/* The two months of L.1111-7 and the three of R.1111-36. */
static void
national_months_name_their_own_law(void **state)
{
	struct case_clock clock = {
		.kind = CLOCK_NATIONAL_MONTHS, .count = 2, .presumed_days = 3
	};
	struct case_step steps[] = {
		{ .kind = STEP_RECEIVED, .on = day("2026-03-08") },
		{ .kind = STEP_EXTENDED, .on = day("2026-03-10") },
	};
	struct case_view view =
	    view_of(steps, 1, &clock, &french, "2026-03-09");

	(void)state;
	assert_day(view.raw, "2026-05-08");
	assert_day(view.due, "2026-05-11");
	assert_day(view.complain_from, "2026-05-12");
	assert_string_equal(view.rule, "national law: receipt + 2 months");
	view = view_of(steps, 2, &clock, &french, "2026-03-11");
	assert_day(view.due, "2026-05-11");
	assert_true(view.no_extension);
	clock.count = 1;
	steps[0].on = day("2026-01-31");
	view = view_of(steps, 1, &clock, &french, "2026-02-01");
	assert_day(view.raw, "2026-02-28");
	assert_day(view.due, "2026-03-02");
	assert_string_equal(view.rule, "national law: receipt + 1 month");
}

/* Eight days for the answer, a month before the authority takes it. */
static void
the_authority_wants_more_silence(void **state)
{
	static const struct case_clock clock = { .kind = CLOCK_NATIONAL_DAYS,
		.count = 8,
		.presumed_days = 3,
		.complain_months = 1 };
	struct case_step steps[] = {
		{ .kind = STEP_RECEIVED, .on = day("2026-03-05") },
		{ .kind = STEP_PAUSED, .on = day("2026-03-10") },
		{ .kind = STEP_RESUMED, .on = day("2026-03-20") },
	};
	struct case_view view =
	    view_of(steps, 1, &clock, &french, "2026-03-14");

	(void)state;
	assert_day(view.due, "2026-03-13");
	assert_day(view.complain_from, "2026-04-08"); /* as for a month */
	assert_string_equal(view.rule, "national law: receipt + 8 days");
	/* a pause pushes both ends: the 23rd, and April 15th */
	view = view_of(steps, 3, &clock, &french, "2026-03-20");
	assert_day(view.due, "2026-03-23");
	assert_day(view.complain_from, "2026-04-16");
	/* what is longer anyway stays */
	view = view_of(steps, 1,
	    &(struct case_clock){ .kind = CLOCK_NATIONAL_DAYS,
		.count = 60,
		.complain_months = 1 },
	    &french, "2026-03-14");
	assert_day(view.due, "2026-05-04");
	assert_day(view.complain_from, "2026-05-05");
}

static void
receipt_is_presumed_until_known(void **state)
{
	struct case_step steps[] = {
		{ .kind = STEP_SENT, .on = day("2026-03-02") },
		{ .kind = STEP_RECEIVED, .on = day("2026-03-10") },
	};
	struct case_view view =
	    view_of(steps, 1, &month, &french, "2026-03-02");

	(void)state;
	assert_day(view.clock_from, "2026-03-05");
	assert_day(view.due, "2026-04-07");
	assert_true(view.presumed && view.estimate);
	assert_string_equal(
	    view.rule, "1182/71 art. 3: receipt + 1 month; receipt presumed");
	view = view_of(steps, 2, &month, &french, "2026-03-10");
	assert_day(view.clock_from, "2026-03-10");
	assert_day(view.due, "2026-04-10");
	assert_false(view.presumed || view.estimate);
}

static void
calendars_without_a_second_source(void **state)
{
	static const struct carnet_calendar guess = {
		.holidays = french_rules, .len = 11, .estimate = true
	};
	struct case_step steps[] = { { .kind = STEP_RECEIVED,
	    .on = day("2026-04-01") } };
	struct case_view view = view_of(steps, 1, &month, &guess, "2026-04-01");

	(void)state;
	assert_true(view.estimate);
	assert_day(view.due, "2026-05-04");
	view = view_of(steps, 1, &month, NULL, "2026-04-01");
	assert_true(view.estimate);
	assert_day(view.due, "2026-05-01");
}

static void
pauses_push_the_end(void **state)
{
	struct case_step steps[] = {
		{ .kind = STEP_SENT, .on = day("2026-03-01") },
		{ .kind = STEP_RECEIVED, .on = day("2026-03-05") },
		{ .kind = STEP_PAUSED, .on = day("2026-03-10") },
		{ .kind = STEP_RESUMED, .on = day("2026-03-20") },
		{ .kind = STEP_EXTENDED, .on = day("2026-04-15") },
	};
	struct case_view view =
	    view_of(steps, 3, &month, &french, "2026-03-10");

	(void)state;
	assert_int_equal(view.state, CASE_PAUSED);
	assert_day(view.due, "2026-04-07");
	assert_true(view.estimate);
	/* an open pause moves with today, and is never overdue */
	view = view_of(steps, 3, &month, &french, "2026-03-14");
	assert_int_equal(view.paused_days, 4);
	assert_day(view.raw, "2026-04-09");
	view = view_of(steps, 3, &month, &french, "2027-03-10");
	assert_int_equal(view.state, CASE_PAUSED);
	assert_int_equal(view.overdue_days, 0);
	assert_true(carnet_date_compare(view.due, day("2027-03-10")) > 0);
	/* a pause in the future counts nothing yet */
	view = view_of(steps, 3, &month, &french, "2026-03-06");
	assert_int_equal(view.paused_days, 0);
	view = view_of(steps, 4, &month, &french, "2026-03-20");
	assert_int_equal(view.state, CASE_WAITING);
	assert_int_equal(view.paused_days, 10);
	assert_day(view.raw, "2026-04-15");
	assert_day(view.due, "2026-04-15");
	assert_true(view.estimate);
	assert_string_equal(
	    view.rule, "1182/71 art. 3: receipt + 1 month; + 10 days paused");
	/* in time, because of the pause; the days are added to 3 months */
	view = view_of(steps, 5, &month, &french, "2026-04-15");
	assert_int_equal(view.state, CASE_EXTENDED);
	assert_day(view.raw, "2026-06-15");
}

static void
pauses_that_push_nothing(void **state)
{
	struct case_step late[] = {
		{ .kind = STEP_RECEIVED, .on = day("2026-03-05") },
		{ .kind = STEP_PAUSED, .on = day("2026-04-08") },
		{ .kind = STEP_RESUMED, .on = day("2026-05-08") },
	};
	struct case_step early[] = {
		{ .kind = STEP_SENT, .on = day("2026-03-02") },
		{ .kind = STEP_PAUSED, .on = day("2026-03-03") },
		{ .kind = STEP_RESUMED, .on = day("2026-03-07") },
	};
	struct case_view view = view_of(late, 2, &month, &french, "2026-04-09");

	(void)state;
	assert_int_equal(view.state, CASE_OVERDUE);
	assert_day(view.due, "2026-04-07");
	assert_false(view.estimate);
	view = view_of(late, 3, &month, &french, "2026-06-09");
	assert_int_equal(view.state, CASE_OVERDUE);
	assert_day(view.due, "2026-04-07");
	assert_int_equal(view.paused_days, 0);
	/* before the presumed receipt no clock runs: 5th to 7th count */
	view = view_of(early, 3, &month, &french, "2026-03-08");
	assert_int_equal(view.paused_days, 2);
	assert_day(view.raw, "2026-04-07");
	/* ended on the day of receipt: nothing to add */
	early[2].on = day("2026-03-04");
	view = view_of(early, 3, &month, &french, "2026-03-08");
	assert_int_equal(view.paused_days, 0);
	assert_day(view.due, "2026-04-07");
}

static void
two_pauses_add_up(void **state)
{
	struct case_step steps[] = {
		{ .kind = STEP_RECEIVED, .on = day("2026-03-05") },
		{ .kind = STEP_PAUSED, .on = day("2026-03-10") },
		{ .kind = STEP_RESUMED, .on = day("2026-03-11") },
		/* after the first end, before the one pushed by a day */
		{ .kind = STEP_PAUSED, .on = day("2026-04-07") },
		{ .kind = STEP_RESUMED, .on = day("2026-04-17") },
	};
	struct case_view view =
	    view_of(steps, 5, &month, &french, "2026-04-17");

	(void)state;
	assert_int_equal(view.paused_days, 11);
	/* the second began a day after raw, on the rolled day */
	assert_day(view.raw, "2026-04-17");
	assert_int_equal(view.overdue_days, 0);
	assert_string_equal(
	    view.rule, "1182/71 art. 3: receipt + 1 month; + 11 days paused");
}

/* A pause that begins on the day rolling gave leaves that day to be had. */
static void
a_pause_on_the_rolled_day(void **state)
{
	struct case_step steps[] = {
		{ .kind = STEP_RECEIVED, .on = day("2026-02-14") },
		{ .kind = STEP_PAUSED, .on = day("2026-03-16") },
		{ .kind = STEP_RESUMED, .on = day("2026-03-18") },
	};
	struct case_view view =
	    view_of(steps, 2, &month, &french, "2026-03-18");

	(void)state;
	assert_day(view.due, "2026-03-18");
	assert_int_equal(view.paused_days, 2);
	view = view_of(steps, 3, &month, &french, "2026-03-18");
	assert_int_equal(view.state, CASE_WAITING);
	assert_day(view.due, "2026-03-18");
	view = view_of(steps, 3, &month, &french, "2026-03-19");
	assert_int_equal(view.overdue_days, 1);
}

static void
short_periods_have_two_working_days(void **state)
{
	static const struct {
		const char *received;
		int count;
		const char *raw, *due;
	} rows[] = {
		/* Friday + 2: Sunday; Monday is the first working day */
		{ "2026-03-06", 2, "2026-03-08", "2026-03-10" },
		{ "2026-03-06", 3, "2026-03-09", "2026-03-10" },
		{ "2026-03-06", 4, "2026-03-10", "2026-03-10" },
		/* Thursday before Easter + 2: Saturday; Friday, Tuesday */
		{ "2026-04-02", 2, "2026-04-04", "2026-04-07" },
		{ "2026-04-03", 3, "2026-04-06", "2026-04-08" },
		/* a single day needs only itself */
		{ "2026-03-06", 1, "2026-03-07", "2026-03-09" },
		{ "2026-03-03", 2, "2026-03-05", "2026-03-05" },
		{ "2026-03-05", 42, "2026-04-16", "2026-04-16" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct case_clock clock = { .kind = CLOCK_DAYS,
			.count = rows[i].count };
		struct case_step step = { .kind = STEP_RECEIVED,
			.on = day(rows[i].received) };
		struct case_view view =
		    view_of(&step, 1, &clock, &french, rows[i].received);

		assert_day(view.raw, rows[i].raw);
		assert_day(view.due, rows[i].due);
	}
}

static void
no_answer_owed_no_deadline(void **state)
{
	static const struct case_clock none = { .kind = CLOCK_NONE,
		.count = 1,
		.extended_months = 3,
		.presumed_days = 3 };
	struct case_step steps[] = {
		{ .kind = STEP_SENT, .on = day("2026-03-02") },
		{ .kind = STEP_RECEIVED, .on = day("2026-03-05") },
	};
	struct case_view view = view_of(steps, 2, &none, &french, "2030-01-01");

	(void)state;
	assert_day(view.due, "");
	assert_day(view.raw, "");
	assert_day(view.complain_from, "");
	assert_string_equal(view.rule, "");
	assert_false(view.estimate);
}

/* At the end of time there is no deadline rather than a wrong one. */
static void
the_last_days_there_are(void **state)
{
	struct case_step steps[] = { { .kind = STEP_SENT,
	    .on = day("9999-12-30") } };
	struct case_view view =
	    view_of(steps, 1, &month, &french, "9999-12-31");

	(void)state;
	assert_day(view.due, "");
	assert_int_equal(view.state, CASE_SENT);
	steps[0].kind = STEP_RECEIVED;
	view = view_of(steps, 1, &month, &french, "9999-12-31");
	assert_day(view.due, "");
	assert_int_equal(view.state, CASE_WAITING);
}

/* The longest rule fits, and a short buffer is cut, not overrun. */
static void
rules_fit(void **state)
{
	static const struct case_clock clock = { .kind = CLOCK_NATIONAL_DAYS,
		.count = 2147483647 };
	struct case_view view = { .due = day("2026-01-01"),
		.presumed = true,
		.late_extension = true,
		.no_extension = true,
		.paused_days = 3652058 };
	char text[200], cut[12];

	(void)state;
	assert_string_equal(case_rule_text(&clock, &view, text, sizeof(text)),
	    "national law: receipt + 2147483647 days; receipt presumed; "
	    "+ 3652058 days paused; late extension; it can't be extended");
	assert_string_equal(
	    case_rule_text(&clock, &view, cut, sizeof(cut)), "national la");
}

/*
 * Every day of a century as receipt: the end never falls on a day off, never
 * before its raw day, less than two weeks after it, and a later receipt never
 * ends earlier.
 */
static void
century(const struct case_clock *clock, bool extended)
{
	struct carnet_date on = day("2000-01-01"), last = { 0 };

	for (; on.year <= 2100; on = date_add_days(on, 1)) {
		struct case_step steps[] = {
			{ .kind = STEP_SENT, .on = on },
			{ .kind = STEP_RECEIVED, .on = on },
			{ .kind = STEP_EXTENDED, .on = on },
		};
		struct case_view view;

		case_evaluate(
		    steps, extended ? 3 : 2, false, clock, &french, on, &view);
		assert_true(calendar_is_working(&french, view.due));
		assert_in_range(date_diff_days(view.raw, view.due), 0, 5);
		assert_true(carnet_date_compare(last, view.due) <= 0);
		assert_int_equal(view.extended, extended);
		last = view.due;
	}
}

static void
a_century_of_days(void **state)
{
	static const struct case_clock days = { .kind = CLOCK_DAYS,
		.count = 42 };
	static const struct case_clock two_days = { .kind = CLOCK_DAYS,
		.count = 2 };
	static const struct case_clock two_months = { .kind = CLOCK_MONTHS,
		.count = 2 };

	(void)state;
	century(&month, false);
	century(&month, true);
	century(&eight_days, false);
	century(&days, false);
	century(&two_days, false);
	century(&two_months, false);
}

/* No clock is asked: the zone and the hour can't matter. */
static void
time_zones_change_nothing(void **state)
{
	static const char *const zones[] = { "UTC", "Pacific/Kiritimati",
		"Pacific/Pago_Pago", "Europe/Paris" };
	struct case_step steps[] = { { .kind = STEP_RECEIVED,
	    .on = day("2026-03-05") } };

	(void)state;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		assert_int_equal(setenv("TZ", zones[i], 1), 0);
		assert_day(view_of(steps, 1, &month, &french, "2026-03-05").due,
		    "2026-04-07");
	}
	assert_int_equal(unsetenv("TZ"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(law_table),
		cmocka_unit_test(an_extension_is_rolled_once),
		cmocka_unit_test(what_cannot_be_extended),
		cmocka_unit_test(days_can_be_extended_by_days),
		cmocka_unit_test(national_days_are_shown_both_ways),
		cmocka_unit_test(national_months_name_their_own_law),
		cmocka_unit_test(the_authority_wants_more_silence),
		cmocka_unit_test(receipt_is_presumed_until_known),
		cmocka_unit_test(calendars_without_a_second_source),
		cmocka_unit_test(pauses_push_the_end),
		cmocka_unit_test(pauses_that_push_nothing),
		cmocka_unit_test(two_pauses_add_up),
		cmocka_unit_test(a_pause_on_the_rolled_day),
		cmocka_unit_test(short_periods_have_two_working_days),
		cmocka_unit_test(no_answer_owed_no_deadline),
		cmocka_unit_test(the_last_days_there_are),
		cmocka_unit_test(rules_fit),
		cmocka_unit_test(a_century_of_days),
		cmocka_unit_test(time_zones_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
