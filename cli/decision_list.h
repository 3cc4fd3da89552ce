/* SPDX-License-Identifier: ISC */
/*
 * A person's decisions, ready for vault/consent to weigh: refuse, allow,
 * withdraw, consents and may ask here.
 */
#ifndef DECISION_LIST_H
#define DECISION_LIST_H
#include "consent.h"
#include "session.h"

struct decision_list {
	cJSON *rows;            /* as carnet_decisions has them */
	struct decision *items; /* in the same order; texts are the rows' */
	const cJSON **row_of;   /* of each item */
	size_t len;
	const char **purposes; /* what items point to */
};

/*
 * Of session->person, sorted by recipient, then as they were made.  recipient
 * NULL: all.  A refusal's purposes come with all that stand above and below
 * them (docs/scope.md): to ask about one is to ask about what is in it; a
 * consent's stay the very ones that it names.
 */
enum carnet_status decision_list_load(struct session *session,
    const char *recipient, struct decision_list *ret_list);
void decision_list_free(struct decision_list *list);
/* One refuses what the other allows, at least in part: rows of the same
 * recipient, their purposes as they were typed. */
bool decision_rows_clash(
    const struct letters *letters, const cJSON *one, const cJSON *other);
/* The day of session->today. */
struct carnet_date decision_today(const struct session *session);
/* Codes of --purpose, in *ret_purposes (an array; empty for every purpose).
 * CARNET_INVALID: an unknown one, the hint has the known ones. */
enum carnet_status decision_purposes(
    struct session *session, cJSON **ret_purposes);
/* "health research" of a code, in the interface's language; the code itself
 * where the vocabulary doesn't know it. */
const char *decision_purpose_name(struct session *session, const char *code);
#endif
