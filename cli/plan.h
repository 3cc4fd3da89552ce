/* SPDX-License-Identifier: ISC */
/*
 * Decisions about to be recorded, with the statements that they call for:
 * made whole first, then written all at once or not at all.  refuse, allow
 * and withdraw share it.
 */
#ifndef PLAN_H
#define PLAN_H
#include "decision_list.h"
#include "session.h"

struct plan_item {
	cJSON *recipient;  /* recipient_find's view */
	cJSON *decision;   /* the event's payload; gone once queued */
	cJSON *statements; /* payloads, the one whose answer is owed first */
	cJSON *beside;     /* ids of decisions of that kind that hold on */
	cJSON *against;    /* ids of those that say the contrary, and hold */
	char id[CARNET_ID_TEXT]; /* once queued */
};
struct plan {
	struct session *session;
	struct plan_item *items;
	size_t len;
};
/*
 * Adds one decision: wish has what decision.made has besides person,
 * recipient, basis and supersedes, which follow.  calls: which list of the
 * recipient's statements ("refuse"... "lift"); NULL: none.
 * CARNET_NOT_FOUND: no such recipient.  CARNET_INVALID: nothing can be
 * refused there.  The same recipient again is no second decision.
 */
enum carnet_status plan_add(struct plan *plan, const char *recipient,
    const cJSON *wish, const char *calls);
/* Writes all of it; proof: a path, or NULL.  With --dry-run only looks. */
enum carnet_status plan_commit(struct plan *plan, const char *proof);
/* Says what was done (or would be), what to do next; the exit code. */
int plan_report(struct plan *plan);
void plan_free(struct plan *plan);
#endif
