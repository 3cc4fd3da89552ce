/* SPDX-License-Identifier: ISC */
/*
 * A statement's row as vault/consent wants it: steps, clock, calendar.
 */
#ifndef CASE_VIEW_H
#define CASE_VIEW_H
#include "consent.h"
#include "letter.h"

#define CASE_STEPS_MAX 512

struct case_facts {
	struct case_step steps[CASE_STEPS_MAX];
	size_t len;
	struct case_clock clock;
	struct carnet_calendar calendar; /* of the addressee's place */
};
/* CARNET_UNSUPPORTED: more steps than a case can have. */
enum carnet_status case_facts_read(const struct letter_desk *desk,
    const cJSON *row, struct case_facts *ret_facts);
/* The last day for the answer as it stood before one came, "" if none: what
 * reminders and complaints speak of. */
void case_due_unanswered(const struct case_facts *facts,
    struct carnet_date today, char ret_due[CARNET_DATE_TEXT]);
/* The catalogue's statement of a row, or the one for templates of one's own;
 * NULL: it has no template. */
const cJSON *case_statement(const struct letter_desk *desk, const cJSON *row);
struct carnet_date case_today(const struct session *session);
#endif
