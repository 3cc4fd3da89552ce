/* SPDX-License-Identifier: ISC */
/*
 * Which step may follow: the table of transitions, and the order of steps.
 * Knows no clock and no today.
 * The same table, for people: docs/case-transitions.md.
 */
#include "consent.h"

/* A cell: a state (below CASE_STATES), or why the step is refused. */
enum transition_cell {
	DRAFT = CASE_DRAFT,
	SENT = CASE_SENT,
	RECEIVED = CASE_RECEIVED,
	WAITING = CASE_WAITING,
	EXTENDED = CASE_EXTENDED,
	PAUSED = CASE_PAUSED,
	ANSWERED = CASE_ANSWERED,
	OVERDUE = CASE_OVERDUE,
	REMINDED = CASE_REMINDED,
	COMPLAINED = CASE_COMPLAINED,
	CLOSED = CASE_CLOSED,
	NO_UNSENT = CASE_STATES,
	NO_SENT,
	NO_RECEIVED,
	NO_EXTENDED,
	NO_PAUSED,
	NO_RUNNING,
	NO_ANSWERED,
	NO_CLOSED,
	CELLS
};

/* clang-format off */
static const uint8_t transitions[CASE_STATES][STEP_KINDS] = {
	/* sent, received, answered, extended, paused, resumed, closed,
	 * reminded, complained */
	[CASE_DRAFT] = { SENT, NO_UNSENT, NO_UNSENT, NO_UNSENT, NO_UNSENT,
		NO_UNSENT, CLOSED, NO_UNSENT, NO_UNSENT },
	[CASE_READY] = { SENT, NO_UNSENT, NO_UNSENT, NO_UNSENT, NO_UNSENT,
		NO_UNSENT, CLOSED, NO_UNSENT, NO_UNSENT },
	[CASE_SENT] = { NO_SENT, WAITING, ANSWERED, EXTENDED, PAUSED,
		NO_RUNNING, CLOSED, REMINDED, COMPLAINED },
	[CASE_RECEIVED] = { NO_SENT, NO_RECEIVED, ANSWERED, RECEIVED, RECEIVED,
		RECEIVED, CLOSED, REMINDED, COMPLAINED },
	[CASE_WAITING] = { NO_SENT, NO_RECEIVED, ANSWERED, EXTENDED, PAUSED,
		NO_RUNNING, CLOSED, REMINDED, COMPLAINED },
	[CASE_EXTENDED] = { NO_SENT, EXTENDED, ANSWERED, NO_EXTENDED, PAUSED,
		NO_RUNNING, CLOSED, REMINDED, COMPLAINED },
	[CASE_PAUSED] = { NO_SENT, PAUSED, ANSWERED, PAUSED, NO_PAUSED,
		WAITING, CLOSED, PAUSED, COMPLAINED },
	[CASE_ANSWERED] = { NO_SENT, ANSWERED, ANSWERED, NO_ANSWERED,
		NO_ANSWERED, NO_ANSWERED, CLOSED, ANSWERED, COMPLAINED },
	[CASE_OVERDUE] = { NO_SENT, WAITING, ANSWERED, OVERDUE, OVERDUE,
		OVERDUE, CLOSED, REMINDED, COMPLAINED },
	[CASE_REMINDED] = { NO_SENT, REMINDED, ANSWERED, EXTENDED, PAUSED,
		REMINDED, CLOSED, REMINDED, COMPLAINED },
	[CASE_COMPLAINED] = { NO_SENT, COMPLAINED, ANSWERED, COMPLAINED,
		COMPLAINED, COMPLAINED, CLOSED, COMPLAINED, COMPLAINED },
	[CASE_CLOSED] = { NO_CLOSED, NO_CLOSED, NO_CLOSED, NO_CLOSED,
		NO_CLOSED, NO_CLOSED, NO_CLOSED, NO_CLOSED, NO_CLOSED },
};
/* clang-format on */

struct transition_refusal {
	const char *reason;         /* as in the document */
	const char *message, *hint; /* msgids */
};

static const struct transition_refusal refusals[CELLS - CASE_STATES] = {
	[NO_UNSENT - CASE_STATES] = { "not sent",
	    CARNET_N_("this statement hasn't been sent"),
	    CARNET_N_("record when it was sent first (statement sent)") },
	[NO_SENT - CASE_STATES] = { "already sent",
	    CARNET_N_("this statement has been sent already"),
	    CARNET_N_("a second sending is a reminder (statement remind) or a "
		      "new statement") },
	[NO_RECEIVED - CASE_STATES] = { "already received",
	    CARNET_N_("this statement's receipt is recorded already"),
	    CARNET_N_("keep another proof as a document (add)") },
	[NO_EXTENDED - CASE_STATES] = { "already extended",
	    CARNET_N_("the time to answer has been extended already"),
	    CARNET_N_("it can be extended once; the end stays where it is") },
	[NO_PAUSED - CASE_STATES] = { "already paused",
	    CARNET_N_("this statement's clock is paused already"),
	    CARNET_N_("record first when the pause ended (statement "
		      "resumed)") },
	[NO_RUNNING - CASE_STATES] = { "not paused",
	    CARNET_N_("this statement's clock isn't paused"),
	    CARNET_N_("record first when it was paused (statement paused)") },
	[NO_ANSWERED - CASE_STATES] = { "answered",
	    CARNET_N_("this statement has been answered"),
	    CARNET_N_("record a further answer (statement answered), complain, "
		      "or close") },
	[NO_CLOSED - CASE_STATES] = { "closed",
	    CARNET_N_("this statement is closed"),
	    CARNET_N_("write a new statement (statement new)") },
};

bool
case_transition(enum case_state from, enum step_kind step,
    enum case_state *ret_to, const char **ret_reason)
{
	uint8_t cell = transitions[from][step];

	if (cell >= CASE_STATES) {
		if (ret_reason != NULL)
			*ret_reason = refusals[cell - CASE_STATES].reason;
		return false;
	}
	if (ret_to != NULL)
		*ret_to = (enum case_state)cell;
	return true;
}

/* What the steps have been, besides the state they lead to. */
struct transition_past {
	enum case_state state;
	bool received, extended, paused; /* paused: a pause is open */
	struct carnet_date sent, latest;
	struct carnet_date reaction; /* the addressee's first; unset: none */
};

static bool
transition_is_reaction(enum step_kind kind)
{
	return kind == STEP_ANSWERED || kind == STEP_EXTENDED ||
	       kind == STEP_PAUSED;
}

static struct transition_past
transition_walk(const struct case_step *steps, size_t len)
{
	struct transition_past past = { .state = CASE_READY };

	for (size_t i = 0; i < len; i++) {
		const struct case_step *step = &steps[i];

		(void)case_transition(
		    past.state, step->kind, &past.state, NULL);
		if (step->kind == STEP_SENT)
			past.sent = step->on;
		if (step->kind == STEP_RECEIVED)
			past.received = true;
		if (step->kind == STEP_EXTENDED)
			past.extended = true;
		if (step->kind == STEP_PAUSED || step->kind == STEP_RESUMED)
			past.paused = step->kind == STEP_PAUSED;
		if (transition_is_reaction(step->kind) &&
		    (!carnet_date_is_set(past.reaction) ||
			carnet_date_compare(step->on, past.reaction) < 0))
			past.reaction = step->on;
		if (carnet_date_compare(step->on, past.latest) > 0)
			past.latest = step->on;
	}
	return past;
}

/* The table's cell, then what happens only once or in pairs. */
static uint8_t
transition_cell(const struct transition_past *past, enum step_kind step)
{
	uint8_t cell = transitions[past->state][step];

	if (cell >= CASE_STATES)
		return cell;
	if (step == STEP_RECEIVED && past->received)
		return NO_RECEIVED;
	if (step == STEP_EXTENDED && past->extended)
		return NO_EXTENDED;
	if (step == STEP_PAUSED && past->paused)
		return NO_PAUSED;
	if (step == STEP_RESUMED && !past->paused)
		return NO_RUNNING;
	return cell;
}

static enum carnet_status
transition_check_dates(const struct transition_past *past,
    const struct case_step *next, struct carnet_error *err)
{
	const char *message = NULL, *hint = NULL;

	if (next->kind != STEP_RECEIVED) {
		if (carnet_date_compare(next->on, past->latest) < 0) {
			message = CARNET_("this step is dated before one that "
					  "is recorded already");
			hint = CARNET_("steps follow each other: give the day "
				       "of that step or a later one (--on)");
		}
	} else if (carnet_date_compare(next->on, past->sent) < 0) {
		message = CARNET_("a receipt can't be dated before the "
				  "sending");
		hint = CARNET_("give the day of the sending or a later one "
			       "(--on)");
	} else if (carnet_date_is_set(past->reaction) &&
		   carnet_date_compare(next->on, past->reaction) > 0) {
		message = CARNET_("a receipt can't be dated after the "
				  "addressee's first reaction");
		hint = CARNET_("give the day of that reaction or an earlier "
			       "one (--on)");
	}
	if (message == NULL)
		return CARNET_OK;
	(void)carnet_fail(err, CARNET_INVALID, "%s", message);
	carnet_hint(err, "%s", hint);
	return CARNET_INVALID;
}

static bool
transition_date_exists(struct carnet_date date)
{
	return date.year >= 1 && date.year <= 9999 && date.day >= 1 &&
	       date.day <= carnet_days_in_month(date.year, date.month);
}

enum carnet_status
case_step_check(const struct case_step *steps, size_t len,
    const struct case_step *next, struct carnet_error *err)
{
	struct transition_past past;
	uint8_t cell;

	if ((unsigned)next->kind >= STEP_KINDS ||
	    (unsigned)next->outcome > OUTCOME_REFUSED)
		return carnet_fail(
		    err, CARNET_INVALID, CARNET_("no such step"));
	if (!transition_date_exists(next->on)) {
		(void)carnet_fail(err, CARNET_INVALID,
		    CARNET_("a step needs a day that exists"));
		carnet_hint(err, CARNET_("--on YYYY-MM-DD"));
		return CARNET_INVALID;
	}
	if (next->outcome != OUTCOME_NONE && next->kind != STEP_ANSWERED) {
		(void)carnet_fail(err, CARNET_INVALID,
		    CARNET_("only an answer has an outcome"));
		carnet_hint(err, CARNET_("leave --outcome out"));
		return CARNET_INVALID;
	}
	past = transition_walk(steps, len);
	cell = transition_cell(&past, next->kind);
	if (cell >= CASE_STATES) {
		const struct transition_refusal *refusal =
		    &refusals[cell - CASE_STATES];

		(void)carnet_fail(
		    err, CARNET_INVALID, "%s", CARNET_(refusal->message));
		carnet_hint(err, "%s", CARNET_(refusal->hint));
		return CARNET_INVALID;
	}
	return transition_check_dates(&past, next, err);
}
