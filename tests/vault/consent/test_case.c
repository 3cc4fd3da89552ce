/* SPDX-License-Identifier: ISC */
/*
 * A case's state, next step and first day of complaint, story by story, and
 * any order of steps that the check lets pass.  Cells of the table:
 * test_transition.c; days: test_deadline.c.
 */
#include "french.h"

static const struct case_clock month = { .kind = CLOCK_MONTHS,
	.count = 1,
	.extended_months = 3,
	.presumed_days = 3 };
static const struct case_clock eight_days = { .kind = CLOCK_NATIONAL_DAYS,
	.count = 8,
	.presumed_days = 3,
	.complain_months = 1 };
static const struct case_clock none = { .kind = CLOCK_NONE };
static const struct case_clock unknown = { .kind = CLOCK_NONE,
	.review_days = 30 };
static const struct case_clock swiss = { .kind = CLOCK_NATIONAL_DAYS,
	.count = 30,
	.presumed_days = 3,
	.extended_open = true,
	.review_days = 30 };

struct story {
	const char *name;
	const struct case_clock *clock;
	struct {
		enum step_kind kind;
		const char *on;
		enum step_outcome outcome;
	} steps[5];
	size_t len;
	const char *today;
	enum case_state state;
	enum case_next next;
	const char *due, *complain_from;
	int overdue_days;
};

#define SENT                                                                   \
	{                                                                      \
		STEP_SENT, "2026-03-02", OUTCOME_NONE                          \
	}
#define GOT                                                                    \
	{                                                                      \
		STEP_RECEIVED, "2026-03-05", OUTCOME_NONE                      \
	}

/* clang-format off */
static const struct story stories[] = {
	{ "written", &month, { { 0 } }, 0, "2026-03-01",
	    CASE_READY, NEXT_SEND, "", "", 0 },
	{ "sent", &month, { SENT }, 1, "2026-03-02",
	    CASE_SENT, NEXT_WAIT, "2026-04-07", "2026-04-08", 0 },
	{ "sent, the future", &month, { SENT }, 1, "2020-01-01",
	    CASE_SENT, NEXT_WAIT, "2026-04-07", "2026-04-08", 0 },
	{ "received", &month, { SENT, GOT }, 2, "2026-03-05",
	    CASE_WAITING, NEXT_WAIT, "2026-04-07", "2026-04-08", 0 },
	{ "the last day", &month, { SENT, GOT }, 2, "2026-04-07",
	    CASE_WAITING, NEXT_WAIT, "2026-04-07", "2026-04-08", 0 },
	{ "the day after", &month, { SENT, GOT }, 2, "2026-04-08",
	    CASE_OVERDUE, NEXT_COMPLAIN, "2026-04-07", "2026-04-08", 1 },
	{ "overdue without proof of receipt", &month, { SENT }, 1,
	    "2026-04-10",
	    CASE_OVERDUE, NEXT_REMIND, "2026-04-07", "2026-04-08", 3 },
	{ "the last of eight days", &eight_days, { SENT, GOT }, 2,
	    "2026-03-13",
	    CASE_WAITING, NEXT_WAIT, "2026-03-13", "2026-04-08", 0 },
	{ "eight days are over, a month isn't", &eight_days, { SENT, GOT }, 2,
	    "2026-03-14",
	    CASE_OVERDUE, NEXT_REMIND, "2026-03-13", "2026-04-08", 1 },
	{ "reminded before a month", &eight_days,
	    { SENT, GOT, { STEP_REMINDED, "2026-03-14", OUTCOME_NONE } }, 3,
	    "2026-04-07",
	    CASE_REMINDED, NEXT_WAIT, "2026-03-13", "2026-04-08", 25 },
	{ "reminded, a month without an answer", &eight_days,
	    { SENT, GOT, { STEP_REMINDED, "2026-03-14", OUTCOME_NONE } }, 3,
	    "2026-04-08",
	    CASE_REMINDED, NEXT_COMPLAIN, "2026-03-13", "2026-04-08", 26 },
	{ "a month without an answer", &eight_days, { SENT, GOT }, 2,
	    "2026-04-08",
	    CASE_OVERDUE, NEXT_COMPLAIN, "2026-03-13", "2026-04-08", 26 },
	{ "refused within eight days", &eight_days,
	    { SENT, GOT, { STEP_ANSWERED, "2026-03-09", OUTCOME_REFUSED } }, 3,
	    "2026-03-09",
	    CASE_ANSWERED, NEXT_COMPLAIN, "", "2026-03-09", 0 },
	{ "overdue and reminded", &month,
	    { SENT, { STEP_REMINDED, "2026-04-10", OUTCOME_NONE } }, 2,
	    "2026-04-12",
	    CASE_REMINDED, NEXT_COMPLAIN, "2026-04-07", "2026-04-08", 5 },
	{ "reminded early, in time", &month,
	    { SENT, GOT, { STEP_REMINDED, "2026-03-20", OUTCOME_NONE } }, 3,
	    "2026-04-07",
	    CASE_REMINDED, NEXT_WAIT, "2026-04-07", "2026-04-08", 0 },
	{ "reminded early, then late", &month,
	    { SENT, GOT, { STEP_REMINDED, "2026-03-20", OUTCOME_NONE } }, 3,
	    "2026-04-08",
	    CASE_REMINDED, NEXT_COMPLAIN, "2026-04-07", "2026-04-08", 1 },
	{ "extended", &month,
	    { SENT, GOT, { STEP_EXTENDED, "2026-04-07", OUTCOME_NONE } }, 3,
	    "2026-04-10",
	    CASE_EXTENDED, NEXT_WAIT, "2026-06-05", "2026-06-06", 0 },
	{ "extended and overdue", &month,
	    { SENT, GOT, { STEP_EXTENDED, "2026-04-07", OUTCOME_NONE } }, 3,
	    "2026-06-06",
	    CASE_OVERDUE, NEXT_COMPLAIN, "2026-06-05", "2026-06-06", 1 },
	{ "extended too late", &month,
	    { SENT, GOT, { STEP_EXTENDED, "2026-04-08", OUTCOME_NONE } }, 3,
	    "2026-04-10",
	    CASE_OVERDUE, NEXT_COMPLAIN, "2026-04-07", "2026-04-08", 3 },
	{ "extended too late, after a reminder", &month,
	    { SENT, GOT, { STEP_REMINDED, "2026-04-08", OUTCOME_NONE },
		{ STEP_EXTENDED, "2026-04-09", OUTCOME_NONE } }, 4,
	    "2026-04-10",
	    CASE_REMINDED, NEXT_COMPLAIN, "2026-04-07", "2026-04-08", 3 },
	{ "late by the presumed receipt, in time by the real one", &month,
	    { SENT, { STEP_REMINDED, "2026-04-08", OUTCOME_NONE },
		{ STEP_EXTENDED, "2026-04-10", OUTCOME_NONE },
		{ STEP_RECEIVED, "2026-03-10", OUTCOME_NONE } }, 4,
	    "2026-04-10",
	    CASE_EXTENDED, NEXT_WAIT, "2026-06-10", "2026-06-11", 0 },
	{ "paused", &month,
	    { SENT, GOT, { STEP_PAUSED, "2026-03-10", OUTCOME_NONE } }, 3,
	    "2026-03-10",
	    CASE_PAUSED, NEXT_ANSWER_PAUSE, "2026-04-07", "2026-04-08", 0 },
	{ "extended, paused, resumed", &month,
	    { SENT, { STEP_EXTENDED, "2026-03-09", OUTCOME_NONE },
		{ STEP_PAUSED, "2026-03-10", OUTCOME_NONE },
		{ STEP_RESUMED, "2026-03-12", OUTCOME_NONE } }, 4,
	    "2026-03-12",
	    CASE_EXTENDED, NEXT_WAIT, "2026-06-08", "2026-06-09", 0 },
	{ "granted", &month,
	    { SENT, { STEP_ANSWERED, "2026-03-20", OUTCOME_GRANTED } }, 2,
	    "2026-06-01", CASE_ANSWERED, NEXT_CLOSE, "", "", 0 },
	{ "partly", &month,
	    { SENT, GOT, { STEP_ANSWERED, "2026-03-20", OUTCOME_PARTLY } }, 3,
	    "2026-03-20",
	    CASE_ANSWERED, NEXT_COMPLAIN, "", "2026-03-20", 0 },
	{ "refused", &month,
	    { SENT, { STEP_ANSWERED, "2026-03-20", OUTCOME_REFUSED } }, 2,
	    "2026-03-01",
	    CASE_ANSWERED, NEXT_COMPLAIN, "", "2026-03-20", 0 },
	{ "answered, no word of how", &month,
	    { SENT, { STEP_ANSWERED, "2026-03-20", OUTCOME_NONE } }, 2,
	    "2026-03-21", CASE_ANSWERED, NEXT_CLOSE, "", "2026-03-20", 0 },
	{ "refused, then granted", &month,
	    { SENT, { STEP_ANSWERED, "2026-03-20", OUTCOME_REFUSED },
		{ STEP_ANSWERED, "2026-03-25", OUTCOME_GRANTED } }, 3,
	    "2026-03-25", CASE_ANSWERED, NEXT_CLOSE, "", "", 0 },
	{ "partly, and a reminder", &month,
	    { SENT, { STEP_ANSWERED, "2026-03-20", OUTCOME_PARTLY },
		{ STEP_REMINDED, "2026-04-25", OUTCOME_NONE } }, 3,
	    "2026-04-25",
	    CASE_ANSWERED, NEXT_COMPLAIN, "", "2026-03-20", 0 },
	{ "granted, the receipt recorded afterwards", &month,
	    { SENT, { STEP_ANSWERED, "2026-03-20", OUTCOME_GRANTED }, GOT }, 3,
	    "2026-06-01", CASE_ANSWERED, NEXT_CLOSE, "", "", 0 },
	{ "complained", &month,
	    { SENT, GOT, { STEP_COMPLAINED, "2026-04-08", OUTCOME_NONE } }, 3,
	    "2026-05-08", CASE_COMPLAINED, NEXT_AWAIT_AUTHORITY,
	    "2026-04-07", "2026-04-08", 0 },
	{ "complained, then refused", &month,
	    { SENT, GOT, { STEP_COMPLAINED, "2026-04-08", OUTCOME_NONE },
		{ STEP_ANSWERED, "2026-04-20", OUTCOME_REFUSED } }, 4,
	    "2026-05-08",
	    CASE_ANSWERED, NEXT_AWAIT_AUTHORITY, "", "2026-04-20", 0 },
	{ "complained, then granted", &month,
	    { SENT, GOT, { STEP_COMPLAINED, "2026-04-08", OUTCOME_NONE },
		{ STEP_ANSWERED, "2026-04-20", OUTCOME_GRANTED } }, 4,
	    "2026-05-08", CASE_ANSWERED, NEXT_CLOSE, "", "", 0 },
	{ "closed", &month,
	    { SENT, GOT, { STEP_CLOSED, "2026-03-08", OUTCOME_NONE } }, 3,
	    "2026-05-08", CASE_CLOSED, NEXT_NOTHING, "", "", 0 },
	{ "closed, never sent", &month,
	    { { STEP_CLOSED, "2026-03-08", OUTCOME_NONE } }, 1,
	    "2026-05-08", CASE_CLOSED, NEXT_NOTHING, "", "", 0 },
	{ "handed over, no answer owed", &none, { SENT }, 1, "2030-01-01",
	    CASE_SENT, NEXT_NOTHING, "", "", 0 },
	{ "receipt signed, no answer owed", &none, { SENT, GOT }, 2,
	    "2030-01-01", CASE_RECEIVED, NEXT_NOTHING, "", "", 0 },
	{ "no answer owed, asked again", &none,
	    { SENT, { STEP_REMINDED, "2026-04-25", OUTCOME_NONE } }, 2,
	    "2030-01-01", CASE_REMINDED, NEXT_NOTHING, "", "", 0 },
	{ "no answer owed, refused", &none,
	    { SENT, { STEP_ANSWERED, "2026-03-20", OUTCOME_REFUSED } }, 2,
	    "2026-03-20",
	    CASE_ANSWERED, NEXT_COMPLAIN, "", "2026-03-20", 0 },
};
/* clang-format on */

static void
check_story(const struct story *story, struct case_view *ret_view)
{
	struct case_step steps[5] = { 0 };
	char due[CARNET_DATE_TEXT], from[CARNET_DATE_TEXT];
	struct case_view view;

	for (size_t j = 0; j < story->len; j++) {
		steps[j].kind = story->steps[j].kind;
		steps[j].on = day(story->steps[j].on);
		steps[j].outcome = story->steps[j].outcome;
		assert_int_equal(
		    case_step_check(steps, j, &steps[j], NULL), CARNET_OK);
	}
	case_evaluate(steps, story->len, false, story->clock, &french,
	    day(story->today), &view);
	carnet_date_format(view.due, due);
	carnet_date_format(view.complain_from, from);
	if (view.state != story->state || view.next != story->next ||
	    view.overdue_days != story->overdue_days ||
	    strcmp(due, story->due) != 0 ||
	    strcmp(from, story->complain_from) != 0)
		fail_msg("%s: %s, next %s, due %s, complain %s, %d",
		    story->name, case_state_name(view.state),
		    case_next_name(view.next), due, from, view.overdue_days);
	*ret_view = view;
}

static void
stories_end_as_told(void **state)
{
	struct case_view view;

	(void)state;
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		check_story(&stories[i], &view);
		assert_false(carnet_date_is_set(view.look_again));
	}
}

/* No law sets a time, or lets them name the day: carnet proposes one. */
static void
where_no_time_is_known(void **state)
{
	/* clang-format off */
	static const struct {
		struct story story;
		const char *look_again;
	} rows[] = {
		{ { "no time known, sent", &unknown,
		    { SENT }, 1, "2026-03-03",
		    CASE_SENT, NEXT_LOOK_AGAIN, "", "", 0 },
		    "2026-04-01" },
		{ { "no time known, received", &unknown,
		    { SENT, GOT }, 2, "2026-06-01",
		    CASE_RECEIVED, NEXT_LOOK_AGAIN, "", "", 0 },
		    "2026-04-07" },
		{ { "no time known, reminded", &unknown,
		    { SENT, GOT, { STEP_REMINDED, "2026-04-07", OUTCOME_NONE } }, 3, "2026-04-08",
		    CASE_REMINDED, NEXT_LOOK_AGAIN, "", "", 0 },
		    "2026-05-07" },
		{ { "no time known, answered", &unknown,
		    { SENT, { STEP_ANSWERED, "2026-03-09", OUTCOME_GRANTED } }, 2, "2026-03-09",
		    CASE_ANSWERED, NEXT_CLOSE, "", "", 0 },
		    "" },
		{ { "no time known, closed", &unknown,
		    { SENT, { STEP_CLOSED, "2026-03-09", OUTCOME_NONE } }, 2, "2026-03-09",
		    CASE_CLOSED, NEXT_NOTHING, "", "", 0 },
		    "" },
		{ { "no time known, with the authority", &unknown,
		    { SENT, { STEP_COMPLAINED, "2026-03-09", OUTCOME_NONE } }, 2, "2026-03-09",
		    CASE_COMPLAINED, NEXT_AWAIT_AUTHORITY, "", "", 0 },
		    "" },
		{ { "they name the day, not yet", &swiss,
		    { SENT, GOT }, 2, "2026-03-06",
		    CASE_WAITING, NEXT_WAIT, "2026-04-07", "2026-04-08", 0 },
		    "" },
		{ { "they name the day, in time", &swiss,
		    { SENT, GOT, { STEP_EXTENDED, "2026-04-01", OUTCOME_NONE } }, 3, "2026-07-01",
		    CASE_EXTENDED, NEXT_LOOK_AGAIN, "", "", 0 },
		    "2026-05-04" },
		{ { "they name the day, too late", &swiss,
		    { SENT, GOT, { STEP_EXTENDED, "2026-04-08", OUTCOME_NONE } }, 3, "2026-04-08",
		    CASE_OVERDUE, NEXT_COMPLAIN, "2026-04-07", "2026-04-08", 1 },
		    "" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct case_view view;
		char day_text[CARNET_DATE_TEXT];

		check_story(&rows[i].story, &view);
		carnet_date_format(view.look_again, day_text);
		if (strcmp(day_text, rows[i].look_again) != 0)
			fail_msg(
			    "%s: look again %s", rows[i].story.name, day_text);
		/* it never stands beside a law's own day */
		assert_true(!carnet_date_is_set(view.look_again) ||
			    !carnet_date_is_set(view.due));
	}
}

static void
blanks_make_a_draft(void **state)
{
	struct case_step sent = { .kind = STEP_SENT, .on = day("2026-03-02") };
	struct case_view view;

	(void)state;
	case_evaluate(NULL, 0, true, &month, &french, day("2026-03-01"), &view);
	assert_int_equal(view.state, CASE_DRAFT);
	assert_int_equal(view.next, NEXT_COMPLETE);
	case_evaluate(
	    &sent, 1, true, &month, &french, day("2026-03-02"), &view);
	assert_int_equal(view.state, CASE_SENT);
}

static void
names_go_both_ways(void **state)
{
	enum step_outcome outcome;
	enum step_kind kind;

	(void)state;
	for (unsigned i = 0; i < STEP_KINDS; i++) {
		const char *name = step_kind_name((enum step_kind)i);

		assert_true(step_kind_parse(name, &kind));
		assert_int_equal(kind, i);
	}
	for (unsigned i = OUTCOME_GRANTED; i <= OUTCOME_REFUSED; i++) {
		assert_true(step_outcome_parse(
		    step_outcome_name((enum step_outcome)i), &outcome));
		assert_int_equal(outcome, i);
	}
	assert_false(step_kind_parse("", &kind));
	assert_false(step_kind_parse("Sent", &kind));
	assert_false(step_kind_parse("draft", &kind));
	assert_false(step_outcome_parse("", &outcome));
	assert_false(step_outcome_parse("grant", &outcome));
	assert_string_equal(step_outcome_name(OUTCOME_NONE), "");
	assert_string_equal(case_state_name(CASE_CLOSED), "closed");
	assert_string_equal(
	    case_next_name(NEXT_AWAIT_AUTHORITY), "await-authority");
}

/* What must hold of every case, whatever happened. */
static void
check_view(const struct case_step *steps, size_t len,
    const struct case_view *view, struct carnet_date today)
{
	bool due = carnet_date_is_set(view->due);
	bool late = due && carnet_date_compare(today, view->due) > 0;

	assert_true(
	    len == 0 ? view->state == CASE_READY
		     : view->state != CASE_READY && view->state != CASE_DRAFT);
	assert_int_equal(view->state == CASE_CLOSED,
	    len > 0 && steps[len - 1].kind == STEP_CLOSED);
	if (view->state == CASE_ANSWERED || view->state == CASE_CLOSED)
		assert_false(due);
	if (due) {
		assert_true(calendar_is_working(&french, view->due));
		assert_true(carnet_date_compare(view->raw, view->due) <= 0);
		assert_true(view->rule[0] != '\0');
	}
	assert_int_equal(view->state == CASE_OVERDUE ||
			     (view->state == CASE_REMINDED && late),
	    view->overdue_days > 0);
	if (view->state == CASE_OVERDUE)
		assert_true(late);
	if (view->state == CASE_PAUSED || view->state == CASE_SENT ||
	    view->state == CASE_WAITING || view->state == CASE_EXTENDED)
		assert_false(late);
}

/* Long random lives: what the check lets pass, the evaluation understands. */
static void
any_life_makes_sense(void **state)
{
	uint32_t random = 88172645U;
	size_t reached[CASE_STATES] = { 0 };

	(void)state;
	for (int life = 0; life < 40000; life++) {
		struct carnet_date on = day("2026-01-01");
		struct case_step steps[12];
		size_t len = 0;

		for (int i = 0; i < 16 && len < 12; i++) {
			struct case_step step = { .kind = STEP_SENT };
			struct case_view view;

			random ^= random << 13;
			random ^= random >> 17;
			random ^= random << 5;
			step.kind = (enum step_kind)(random % STEP_KINDS);
			on = date_add_days(on, (int)(random / 16 % 24));
			step.on =
			    step.kind == STEP_RECEIVED
				? date_add_days(on, -(int)(random / 512 % 30))
				: on;
			if (step.kind == STEP_ANSWERED)
				step.outcome = random / 1024 % 4;
			if (step.kind == STEP_CLOSED && random % 8 != 0)
				continue;
			if (case_step_check(steps, len, &step, NULL) !=
			    CARNET_OK)
				continue;
			steps[len++] = step;
			case_evaluate(
			    steps, len, false, &month, &french, on, &view);
			check_view(steps, len, &view, on);
			reached[view.state]++;
			case_evaluate(steps, len, false, &month, &french,
			    day("2030-01-01"), &view);
			check_view(steps, len, &view, day("2030-01-01"));
			reached[view.state]++;
		}
	}
	for (int i = CASE_SENT; i < CASE_STATES; i++)
		if (i != CASE_RECEIVED && reached[i] == 0)
			fail_msg("%s: never reached",
			    case_state_name((enum case_state)i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stories_end_as_told),
		cmocka_unit_test(where_no_time_is_known),
		cmocka_unit_test(blanks_make_a_draft),
		cmocka_unit_test(names_go_both_ways),
		cmocka_unit_test(any_life_makes_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
