/* SPDX-License-Identifier: ISC */
/* The statements that a decision calls for. */
#ifndef PLAN_STATEMENTS_H
#define PLAN_STATEMENTS_H
#include "plan.h"

/*
 * Fills item->statements with payloads of statement.drafted, in the
 * catalogue's order, and the decision's "basis" with what the first one
 * rests on.  One that the plan has already (the same words to the same body)
 * isn't written twice.
 */
enum carnet_status plan_statements(
    struct plan *plan, struct plan_item *item, const char *calls);
/* Sets the decision's "basis", unless it has one: the references of a
 * statement as a letter in that language would print them. */
void plan_basis(cJSON *decision, const cJSON *statement, const char *lang);
#endif
