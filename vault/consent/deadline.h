/* SPDX-License-Identifier: ISC */
/*
 * The clock of one statement while its steps are walked through.  Private to
 * this room; case.c drives it.
 */
#ifndef DEADLINE_H
#define DEADLINE_H
#include "consent.h"

struct deadline {
	const struct case_clock *clock;
	const struct carnet_calendar *calendar;
	struct carnet_date from; /* receipt; unset: not sent yet */
	bool presumed;
	bool extended;    /* an extension counts */
	bool late;        /* one came too late */
	bool open;        /* one counts, to a day that the notice names */
	bool none;        /* one was announced, and this time has none */
	bool paused_once; /* some pause counted */
	int paused_days;  /* of the pauses that have ended */
	int rolled_days;  /* from raw to a pause that began after it, in the
			   * days that rolling had given: they stay given */
	struct carnet_date paused_on; /* a pause that counts is open */
};

/* Receipt is the step that says so, wherever it stands in the record. */
struct deadline deadline_start(const struct case_step *steps, size_t len,
    const struct case_clock *clock, const struct carnet_calendar *calendar);
/*
 * The last day for the answer as things stand on `day`: a pause still open
 * counts until then.  Both unset: no answer is owed, or nothing was sent.
 */
void deadline_end(const struct deadline *deadline, struct carnet_date day,
    struct carnet_date *ret_raw, struct carnet_date *ret_due);
/* The last day of the time that the authority wants without an answer, with
 * the same pauses, rolled; never before due. */
struct carnet_date deadline_silence_end(const struct deadline *deadline,
    struct carnet_date day, struct carnet_date due);
/* True if the day comes after the deadline as it stands on that day. */
bool deadline_is_past(const struct deadline *deadline, struct carnet_date day);
/* Both return whether it counts: only one that comes in time does. */
bool deadline_extend(struct deadline *deadline, struct carnet_date day);
bool deadline_pause(struct deadline *deadline, struct carnet_date day);
/* Days that pauses push the end by, one still open until `day`. */
int deadline_paused_days(
    const struct deadline *deadline, struct carnet_date day);
/* The view's rule in words; "" without a deadline. */
void deadline_rule(const struct case_clock *clock, const struct case_view *view,
    bool translated, char *text, size_t size);
void deadline_resume(struct deadline *deadline, struct carnet_date day);
#endif
