/* SPDX-License-Identifier: ISC */
/* Which earlier decision a new one takes the place of. */
#ifndef PLAN_SUPERSEDE_H
#define PLAN_SUPERSEDE_H
#include "plan.h"

/*
 * Sets item->decision's "supersedes" to the decision of the same person,
 * recipient and kind that holds today and that the new one replaces, and
 * item->beside to the ids of those of that kind that hold on, item->against
 * to those that hold and say the contrary: a refusal, a consent.  A refusal
 * replaces only what it covers: a narrower one stands beside the wider.  A
 * consent also replaces a wider one.  A declined form replaces the same one.
 */
enum carnet_status plan_supersede(
    struct session *session, struct plan_item *item);
#endif
