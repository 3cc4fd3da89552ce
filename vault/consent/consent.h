/* SPDX-License-Identifier: ISC */
/*
 * Decisions, steps, deadlines: pure functions over dates and events, no I/O,
 * no clock, no allocation but what is said.
 */
#ifndef CONSENT_H
#define CONSENT_H
#include "carnet_types.h"

/* --- days ----------------------------------------------------------
 * A result outside the years 1 to 9999 is no date; no date in, no date out
 * (date_diff_days: 0, date_weekday: -1).
 */
struct carnet_date date_add_days(struct carnet_date date, int days);
/* Same day n months on, or the last day of a shorter month (1182/71 3(2)c). */
struct carnet_date date_add_months(struct carnet_date date, int months);
int date_diff_days(struct carnet_date from, struct carnet_date to);
int date_weekday(struct carnet_date date); /* 0 = Sunday */
struct carnet_date date_easter(int year);  /* Gregorian */
/* The Orthodox one, reckoned by the Julian calendar, as a Gregorian date. */
struct carnet_date date_orthodox_easter(int year);

/*
 * A calendar of NULL knows weekends only.  A rule of kind NTH with a day
 * counts from that day on (nth > 0) or back from it (nth < 0), that day
 * included, into the next or last month if need be: { 10, 31, nth 1,
 * weekday 6 } is the Saturday between October 31st and November 6th.
 * Without a day it stays inside its month.  A holiday that is observed
 * NEXT_MONDAY and falls on a weekend is a holiday still, and so is the next
 * weekday that isn't one already.
 */
bool calendar_is_holiday(
    const struct carnet_calendar *calendar, struct carnet_date date);
bool calendar_is_working(
    const struct carnet_calendar *calendar, struct carnet_date date);
/* date itself if working, else the next working day; no date if a year
 * holds none. */
struct carnet_date calendar_roll(
    const struct carnet_calendar *calendar, struct carnet_date date);

/* --- a statement's clock -------------------------------------------- */
enum clock_kind {
	CLOCK_NONE,   /* no answer is owed */
	CLOCK_MONTHS, /* Regulation 1182/71: months, rolled */
	CLOCK_DAYS,   /* Regulation 1182/71: calendar days, rolled */
	/* National law: shown unrolled and rolled. */
	CLOCK_NATIONAL_DAYS,  /* the 8 days of L.1111-7 */
	CLOCK_NATIONAL_MONTHS /* its two months */
};
struct case_clock {
	enum clock_kind kind;
	int count;           /* months or days */
	int extended_months; /* total months from receipt once extended:
			      * 3 under GDPR 12(3); 0: can't be extended */
	int presumed_days;   /* sent + this many days without a receipt: 3 */
	int complain_months; /* that the authority wants without an answer,
			      * from receipt, when that is longer: 1 for the
			      * 8 days of L.1111-7; 0: the clock's own time */
	int extended_days;   /* the same for a time counted in days: 60 for
			      * the 30 + 30 of 45 CFR 164.524; 0: can't */
	bool extended_open;  /* the law lets the addressee name another day in
			      * its notice, whichever: Swiss DSV 18(2) */
	int review_days;     /* where no time is known, carnet's own proposal
			      * when to look again, from the last step that
			      * asks for something; no law; 0: none */
};

enum step_kind {
	STEP_SENT,
	STEP_RECEIVED,
	STEP_ANSWERED,
	STEP_EXTENDED,
	STEP_PAUSED,
	STEP_RESUMED,
	STEP_CLOSED,
	STEP_REMINDED,
	STEP_COMPLAINED
};
#define STEP_KINDS 9
enum step_outcome {
	OUTCOME_NONE,
	OUTCOME_GRANTED,
	OUTCOME_PARTLY,
	OUTCOME_REFUSED
};
struct case_step {
	enum step_kind kind;
	struct carnet_date on;
	enum step_outcome outcome;
};

enum case_state {
	CASE_DRAFT,
	CASE_READY,
	CASE_SENT,
	CASE_RECEIVED,
	CASE_WAITING,
	CASE_EXTENDED,
	CASE_PAUSED,
	CASE_ANSWERED,
	CASE_OVERDUE,
	CASE_REMINDED,
	CASE_COMPLAINED,
	CASE_CLOSED
};
/* What a person should do next; the CLI words it. */
enum case_next {
	NEXT_NOTHING,
	NEXT_COMPLETE,
	NEXT_SEND,
	NEXT_WAIT,
	NEXT_ANSWER_PAUSE,
	NEXT_REMIND,
	NEXT_COMPLAIN,
	NEXT_CLOSE,
	NEXT_AWAIT_AUTHORITY,
	NEXT_LOOK_AGAIN
};

struct case_view {
	enum case_state state;
	enum case_next next;
	/* Last day for the answer, rolled; unset: none.  raw: not rolled. */
	struct carnet_date due;
	struct carnet_date raw;
	struct carnet_date clock_from; /* receipt, real or presumed */
	/*
	 * The first day that a complaint can be made: the day after due, or
	 * after complain_months if these end later; once answered the day of
	 * the answer, unless all was granted.  Unset: never.
	 */
	struct carnet_date complain_from;
	/*
	 * carnet's own proposal, no law's day: when to look whether something
	 * has happened, where no time for the answer is known.  Unset: none.
	 */
	struct carnet_date look_again;
	bool presumed;       /* clock_from is sent + presumed_days */
	bool estimate;       /* presumed, a pause, or the calendar's own */
	int overdue_days;    /* today - due when overdue or reminded, else 0 */
	bool extended;       /* an extension counts: raw and due have it */
	bool late_extension; /* one came too late */
	bool no_extension;   /* one was announced, and that time has none */
	int paused_days;     /* that raw and due have */
	/*
	 * English: "1182/71 art. 3: receipt + 1 month"; "" without a deadline.
	 * Translated: case_rule_text.
	 */
	char rule[128];
};

/*
 * The state of a case from its steps, in the order recorded, as
 * case_step_check let them pass.  `missing`: blanks remain in the letter
 * (draft rather than ready).  A recorded step counts whatever today is; today
 * decides between waiting and overdue, and how long an open pause has been.
 * calendar NULL: weekends only, labelled estimate.
 *
 * All rules, state by state: docs/case-transitions.md.
 */
void case_evaluate(const struct case_step *steps, size_t len, bool missing,
    const struct case_clock *clock, const struct carnet_calendar *calendar,
    struct carnet_date today, struct case_view *ret_view);
/* The view's rule in the reader's language; returns text. */
char *case_rule_text(const struct case_clock *clock,
    const struct case_view *view, char *text, size_t size);
/*
 * May this step follow those?  Refused, CARNET_INVALID with what to do:
 * what the table of transitions refuses (an answer before any sending, a
 * step on a closed case...), a second receipt or extension, an end without a
 * pause, a step dated before an earlier one.  A receipt alone may be
 * recorded late: its date has to stand between the sending and the
 * addressee's first reaction.  Neither today nor the clock matters here: a
 * complaint before view.complain_from is the caller's to refuse.
 */
enum carnet_status case_step_check(const struct case_step *steps, size_t len,
    const struct case_step *next, struct carnet_error *err);
/*
 * One cell of the table of transitions: true and the state after the step,
 * or false and why not, in the words of docs/case-transitions.md.  Either
 * output may be NULL.
 */
bool case_transition(enum case_state from, enum step_kind step,
    enum case_state *ret_to, const char **ret_reason);
#define CASE_STATES 12
const char *case_state_name(enum case_state state); /* "draft"... */
const char *step_kind_name(enum step_kind kind);    /* "sent"... */
bool step_kind_parse(const char *name, enum step_kind *ret_kind);
const char *step_outcome_name(enum step_outcome outcome); /* "" for none */
bool step_outcome_parse(const char *name, enum step_outcome *ret_outcome);
const char *case_next_name(enum case_next next); /* "send"... */

/* --- decisions ------------------------------------------------------- */
enum decision_kind {
	DECISION_REFUSE,
	DECISION_DECLINE,
	DECISION_ALLOW,
	DECISION_WITHDRAW
};
const char *decision_kind_name(enum decision_kind kind);

struct decision { /* borrowed strings */
	const char *id;
	enum decision_kind kind;
	const char *recipient;
	const char *const *purposes; /* none: all purposes */
	size_t purposes_len;
	const char *scope;        /* NULL or "all": everything */
	struct carnet_date made;  /* effective date */
	struct carnet_date from;  /* unset: made */
	struct carnet_date until; /* inclusive; unset: no end */
	const char *supersedes;   /* a decision's id, or NULL */
	const char *withdraws;    /* WITHDRAW: the decision taken back */
};
enum may_answer { MAY_PERMITTED, MAY_REFUSED, MAY_UNKNOWN };
/*
 * May this recipient (this very id) have data for this purpose (NULL: for
 * anything at all) on that day?  Of the decisions that hold and touch the
 * question the strictest wins:
 *   1. a refusal, even of one purpose when asked for anything, even of a part
 *	of the data (scope): refused;
 *   2. a form declined as late as the last consent or later, or no consent
 *	that covers the question: unknown.  A decline says no to its form and
 *	leaves the rest unknown; it never reads as a refusal;
 *   3. a consent to everything (scope), for that purpose or for all; asked for
 *	anything, for all: permitted.
 * Unknown never reads as permitted.
 * ret_used (room for len; or NULL): indexes of the decisions that decide, in
 * their order; for unknown, those that touch the question and don't suffice.
 */
enum may_answer decisions_may(const struct decision *decisions, size_t len,
    const char *recipient, const char *purpose, struct carnet_date on,
    size_t *ret_used, size_t *ret_used_len);
/*
 * Whether the decision holds on that day: made and begun (from), not ended
 * (until), not taken back or superseded by a decision that has begun by then.
 * A decision supersedes only one of the same recipient, and for good: when it
 * ends or is taken back in its turn, the older one doesn't come back to life.
 * A withdrawal holds from its day on; it can be neither withdrawn nor
 * superseded (decide anew instead).
 */
bool decision_holds(const struct decision *decisions, size_t len, size_t i,
    struct carnet_date on);
#endif
