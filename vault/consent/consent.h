/* SPDX-License-Identifier: ISC */
/*
 * Decisions, steps, deadlines: pure functions over dates and events, no I/O,
 * no clock, no allocation but what is said.
 */
#ifndef CONSENT_H
#define CONSENT_H
#include "carnet_types.h"

/* --- days ---------------------------------------------------------- */
struct carnet_date date_add_days(struct carnet_date date, int days);
/* Same day n months on, or the last day of a shorter month (1182/71 3(2)c). */
struct carnet_date date_add_months(struct carnet_date date, int months);
int date_diff_days(struct carnet_date from, struct carnet_date to);
int date_weekday(struct carnet_date date); /* 0 = Sunday */
struct carnet_date date_easter(int year);
struct carnet_date date_orthodox_easter(int year);
bool calendar_is_holiday(const struct carnet_calendar *calendar,
    struct carnet_date date);
bool calendar_is_working(const struct carnet_calendar *calendar,
    struct carnet_date date);
/* date itself if working, else the next working day. */
struct carnet_date calendar_roll(const struct carnet_calendar *calendar,
    struct carnet_date date);

/* --- a statement's clock -------------------------------------------- */
enum clock_kind {
	CLOCK_NONE,	 /* no answer is owed */
	CLOCK_MONTHS,	 /* Regulation 1182/71: months, rolled */
	CLOCK_DAYS,	 /* Regulation 1182/71: calendar days, rolled */
	CLOCK_NATIONAL_DAYS /* shown unrolled and rolled (8 days of L.1111-7) */
};
struct case_clock {
	enum clock_kind kind;
	int count;		/* months or days */
	int extended_months;	/* total months from receipt once extended:
				 * 3 under GDPR 12(3); 0: can't be extended */
	int presumed_days;	/* sent + this many days without a receipt: 3 */
};

enum step_kind {
	STEP_SENT, STEP_RECEIVED, STEP_ANSWERED, STEP_EXTENDED, STEP_PAUSED,
	STEP_RESUMED, STEP_CLOSED, STEP_REMINDED, STEP_COMPLAINED
};
#define STEP_KINDS 9
enum step_outcome { OUTCOME_NONE, OUTCOME_GRANTED, OUTCOME_PARTLY,
	OUTCOME_REFUSED };
struct case_step {
	enum step_kind kind;
	struct carnet_date on;
	enum step_outcome outcome;
};

enum case_state { CASE_DRAFT, CASE_READY, CASE_SENT, CASE_RECEIVED,
	CASE_WAITING, CASE_EXTENDED, CASE_PAUSED, CASE_ANSWERED, CASE_OVERDUE,
	CASE_REMINDED, CASE_COMPLAINED, CASE_CLOSED };
/* What a person should do next; the CLI words it. */
enum case_next { NEXT_NOTHING, NEXT_COMPLETE, NEXT_SEND, NEXT_WAIT,
	NEXT_ANSWER_PAUSE, NEXT_REMIND, NEXT_COMPLAIN, NEXT_CLOSE,
	NEXT_AWAIT_AUTHORITY };

struct case_view {
	enum case_state state;
	enum case_next next;
	struct carnet_date due;	 /* last day for the answer, rolled; unset: none */
	struct carnet_date raw;	 /* the same before rolling */
	struct carnet_date clock_from; /* receipt, real or presumed */
	struct carnet_date complain_from; /* the day after due; unset: never */
	bool presumed;	 /* clock_from is sent + presumed_days */
	bool estimate;	 /* presumed, a pause, or the calendar's own */
	int overdue_days;/* today - due when overdue, else 0 */
	char rule[96];	 /* e.g. "1182/71 art. 3: receipt + 1 month" (English,
			  * a gettext msgid) */
};

/*
 * The state of a case from its steps, in the order recorded (dates are
 * non-decreasing: case_step_check saw to it).  `missing`: blanks remain in
 * the letter (draft rather than ready).  A recorded step counts whatever
 * today is; today only decides between waiting and overdue.
 */
void case_evaluate(const struct case_step *steps, size_t len, bool missing,
    const struct case_clock *clock, const struct carnet_calendar *calendar,
    struct carnet_date today, struct case_view *ret_view);
/*
 * May this step follow those?  Order and dates (a step before an earlier
 * step's date, an answer before any sending, a step on a closed case, an
 * extension after the first deadline is allowed but...).  CARNET_INVALID
 * with what to do.
 */
enum carnet_status case_step_check(const struct case_step *steps, size_t len,
    const struct case_step *next, struct carnet_error *err);
const char *case_state_name(enum case_state state);  /* "draft"... */
const char *step_kind_name(enum step_kind kind);     /* "sent"... */
bool step_kind_parse(const char *name, enum step_kind *ret_kind);
const char *step_outcome_name(enum step_outcome outcome); /* "" for none */
bool step_outcome_parse(const char *name, enum step_outcome *ret_outcome);
const char *case_next_name(enum case_next next);     /* "send"... */

/* --- decisions ------------------------------------------------------- */
enum decision_kind { DECISION_REFUSE, DECISION_DECLINE, DECISION_ALLOW,
	DECISION_WITHDRAW };
const char *decision_kind_name(enum decision_kind kind);

struct decision { /* borrowed strings */
	const char *id;
	enum decision_kind kind;
	const char *recipient;
	const char *const *purposes; /* none: all purposes */
	size_t purposes_len;
	const char *scope;	   /* NULL or "all": everything */
	struct carnet_date made;   /* effective date */
	struct carnet_date from;   /* unset: made */
	struct carnet_date until;  /* inclusive; unset: no end */
	const char *supersedes;	   /* a decision's id, or NULL */
	const char *withdraws;	   /* WITHDRAW: the decision taken back */
};
enum may_answer { MAY_PERMITTED, MAY_REFUSED, MAY_UNKNOWN };
/*
 * May this recipient have data for this purpose (NULL: for any) on that
 * day?  The stricter of what holds wins; a decline says no to its form only
 * and leaves the rest unknown; a consent with a limited scope or purpose
 * permits only that; unknown never reads as permitted.  ret_used: indexes of
 * the decisions that decide, at most `len` of them; ret_used_len their count.
 */
enum may_answer decisions_may(const struct decision *decisions, size_t len,
    const char *recipient, const char *purpose, struct carnet_date on,
    size_t *ret_used, size_t *ret_used_len);
/* Whether the decision holds on that day (made, not before from, not after
 * until, not superseded by or withdrawn by one made on or before that day). */
bool decision_holds(const struct decision *decisions, size_t len, size_t i,
    struct carnet_date on);
#endif
