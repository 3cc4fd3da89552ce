/* SPDX-License-Identifier: ISC */
/*
 * A statement's case: its state, its deadline and what comes next, out of its
 * steps.  Refuses nothing (transition.c does) and keeps nothing.
 * The rules are told in docs/case-transitions.md.
 */
#include "consent.h"
#include "deadline.h"

#include <stdio.h>
#include <string.h>

static const char *const case_states[CASE_STATES] = { "draft", "ready", "sent",
	"received", "waiting", "extended", "paused", "answered", "overdue",
	"reminded", "complained", "closed" };
static const char *const case_steps[STEP_KINDS] = { "sent", "received",
	"answered", "extended", "paused", "resumed", "closed", "reminded",
	"complained" };
static const char *const case_outcomes[] = { "", "granted", "partly",
	"refused" };
static const char *const case_nexts[] = { "nothing", "complete", "send", "wait",
	"answer-pause", "remind", "complain", "close", "await-authority",
	"look-again" };

const char *
case_state_name(enum case_state state)
{
	return case_states[state];
}

const char *
step_kind_name(enum step_kind kind)
{
	return case_steps[kind];
}

const char *
step_outcome_name(enum step_outcome outcome)
{
	return case_outcomes[outcome];
}

const char *
case_next_name(enum case_next next)
{
	return case_nexts[next];
}

bool
step_kind_parse(const char *name, enum step_kind *ret_kind)
{
	for (unsigned i = 0; i < STEP_KINDS; i++) {
		if (strcmp(name, case_steps[i]) == 0) {
			*ret_kind = (enum step_kind)i;
			return true;
		}
	}
	return false;
}

bool
step_outcome_parse(const char *name, enum step_outcome *ret_outcome)
{
	for (unsigned i = OUTCOME_GRANTED; i <= OUTCOME_REFUSED; i++) {
		if (strcmp(name, case_outcomes[i]) == 0) {
			*ret_outcome = (enum step_outcome)i;
			return true;
		}
	}
	return false;
}

/* What the walk through the steps leaves behind. */
struct case_walk {
	enum case_state state;
	struct deadline deadline;
	bool reminded, complained;
	struct carnet_date answered_on; /* the last answer; unset: none */
	struct carnet_date asked_on;    /* the last step that asks for one */
	enum step_outcome outcome;
};

/* The clock runs and nothing else says what the state is. */
static bool
case_is_running(enum case_state state)
{
	return state == CASE_SENT || state == CASE_WAITING ||
	       state == CASE_EXTENDED;
}

/* An extension or a pause that doesn't count leaves the state as it is. */
static void
case_walk_step(struct case_walk *walk, const struct case_step *step)
{
	struct deadline *deadline = &walk->deadline;
	enum case_state to;
	bool counts = true;

	if (case_is_running(walk->state) &&
	    deadline_is_past(deadline, step->on))
		walk->state = CASE_OVERDUE;
	if (!case_transition(walk->state, step->kind, &to, NULL))
		return;
	if (step->kind == STEP_EXTENDED)
		counts = deadline_extend(deadline, step->on);
	else if (step->kind == STEP_PAUSED)
		counts =
		    to == CASE_PAUSED && deadline_pause(deadline, step->on);
	if (!counts)
		to = walk->state;
	if (walk->state == CASE_PAUSED && to != CASE_PAUSED)
		deadline_resume(deadline, step->on);
	walk->state = to;
	walk->reminded = walk->reminded || step->kind == STEP_REMINDED;
	walk->complained = walk->complained || step->kind == STEP_COMPLAINED;
	if ((step->kind == STEP_SENT || step->kind == STEP_RECEIVED ||
		step->kind == STEP_REMINDED || step->kind == STEP_EXTENDED) &&
	    carnet_date_compare(step->on, walk->asked_on) > 0)
		walk->asked_on = step->on;
	if (step->kind == STEP_ANSWERED) {
		walk->answered_on = step->on;
		walk->outcome = step->outcome;
	}
}

/* The state as it is shown today. */
static enum case_state
case_shown(const struct case_walk *walk, bool missing, struct carnet_date today)
{
	enum case_state state = walk->state;

	if (state == CASE_READY && missing)
		return CASE_DRAFT;
	if (state == CASE_WAITING && walk->deadline.clock->kind == CLOCK_NONE)
		return CASE_RECEIVED;
	if (!case_is_running(state))
		return state;
	if (deadline_is_past(&walk->deadline, today))
		return CASE_OVERDUE;
	return state == CASE_WAITING && walk->deadline.extended ? CASE_EXTENDED
								: state;
}

static enum case_next
case_next_after_answer(const struct case_walk *walk)
{
	if (walk->outcome == OUTCOME_GRANTED || walk->outcome == OUTCOME_NONE)
		return NEXT_CLOSE;
	return walk->complained ? NEXT_AWAIT_AUTHORITY : NEXT_COMPLAIN;
}

/* Their time is over: a complaint, unless the authority wants to see more
 * silence first. */
static enum case_next
case_next_overdue(const struct case_walk *walk, const struct case_view *view,
    struct carnet_date today)
{
	if (view->overdue_days > 0 &&
	    carnet_date_compare(today, view->complain_from) < 0)
		return walk->reminded ? NEXT_WAIT : NEXT_REMIND;
	/* no proof of receipt: a reminder makes the complaint safe */
	return view->presumed && !walk->reminded ? NEXT_REMIND : NEXT_COMPLAIN;
}

static enum case_next
case_next_of(const struct case_walk *walk, const struct case_view *view,
    struct carnet_date today)
{
	switch (view->state) {
	case CASE_DRAFT:
		return NEXT_COMPLETE;
	case CASE_READY:
		return NEXT_SEND;
	case CASE_PAUSED:
		return NEXT_ANSWER_PAUSE;
	case CASE_ANSWERED:
		return case_next_after_answer(walk);
	case CASE_OVERDUE:
		return case_next_overdue(walk, view, today);
	case CASE_COMPLAINED:
		return NEXT_AWAIT_AUTHORITY;
	case CASE_CLOSED:
		return NEXT_NOTHING;
	case CASE_RECEIVED:
	case CASE_SENT:
	case CASE_WAITING:
	case CASE_EXTENDED:
	case CASE_REMINDED:
		break;
	}
	if (!carnet_date_is_set(view->due))
		return carnet_date_is_set(view->look_again) ? NEXT_LOOK_AGAIN
							    : NEXT_NOTHING;
	return view->overdue_days > 0 ? case_next_overdue(walk, view, today)
				      : NEXT_WAIT;
}

/* Where no time for the answer is known: no law's day, carnet's proposal. */
static void
case_view_look_again(const struct case_walk *walk, struct case_view *view)
{
	const struct deadline *deadline = &walk->deadline;

	view->extended = deadline->extended;
	if ((deadline->clock->kind == CLOCK_NONE || deadline->open) &&
	    deadline->clock->review_days > 0 &&
	    carnet_date_is_set(walk->asked_on) &&
	    view->state != CASE_COMPLAINED)
		view->look_again = calendar_roll(
		    deadline->calendar, date_add_days(walk->asked_on,
					    deadline->clock->review_days));
}

/* raw, due and all that goes with them; once it is answered, only the day
 * from which a complaint can be made. */
static void
case_view_deadline(const struct case_walk *walk, struct carnet_date today,
    struct case_view *view)
{
	const struct deadline *deadline = &walk->deadline;
	struct carnet_date day = today;

	view->clock_from = deadline->from;
	view->presumed = deadline->presumed;
	if (view->state == CASE_CLOSED)
		return;
	if (carnet_date_is_set(walk->answered_on)) {
		if (walk->outcome != OUTCOME_GRANTED)
			view->complain_from = walk->answered_on;
		return;
	}
	if (carnet_date_is_set(deadline->paused_on) &&
	    carnet_date_compare(day, deadline->paused_on) < 0)
		day = deadline->paused_on;
	deadline_end(deadline, day, &view->raw, &view->due);
	if (!carnet_date_is_set(view->due)) {
		case_view_look_again(walk, view);
		return;
	}
	view->complain_from =
	    date_add_days(deadline_silence_end(deadline, day, view->due), 1);
	view->extended = deadline->extended;
	view->late_extension = deadline->late;
	view->no_extension = deadline->none;
	view->paused_days = deadline_paused_days(deadline, day);
	view->estimate = deadline->presumed || deadline->paused_once ||
			 deadline->calendar == NULL ||
			 deadline->calendar->estimate;
	if ((view->state == CASE_OVERDUE || view->state == CASE_REMINDED) &&
	    carnet_date_compare(today, view->due) > 0)
		view->overdue_days = date_diff_days(view->due, today);
}

void
case_evaluate(const struct case_step *steps, size_t len, bool missing,
    const struct case_clock *clock, const struct carnet_calendar *calendar,
    struct carnet_date today, struct case_view *ret_view)
{
	struct case_walk walk = { .state = CASE_READY };
	struct case_view view = { 0 };

	walk.deadline = deadline_start(steps, len, clock, calendar);
	for (size_t i = 0; i < len; i++)
		case_walk_step(&walk, &steps[i]);
	view.state = case_shown(&walk, missing, today);
	case_view_deadline(&walk, today, &view);
	view.next = case_next_of(&walk, &view, today);
	deadline_rule(clock, &view, false, view.rule, sizeof(view.rule));
	*ret_view = view;
}

char *
case_rule_text(const struct case_clock *clock, const struct case_view *view,
    char *text, size_t size)
{
	deadline_rule(clock, view, true, text, size);
	return text;
}
