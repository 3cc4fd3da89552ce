/* SPDX-License-Identifier: ISC */
/*
 * What a person has decided, and what it answers on a given day.  Resolves
 * no recipient and no purpose: ids and codes are compared as they are.
 * The contract is in consent.h.
 */
#include "consent.h"

#include <string.h>

static const char *const decision_kinds[] = { "refuse", "decline", "allow",
	"withdraw" };

const char *
decision_kind_name(enum decision_kind kind)
{
	return decision_kinds[kind];
}

static bool
decision_same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Made, and its `from` reached. */
static bool
decision_has_begun(const struct decision *decision, struct carnet_date on)
{
	return carnet_date_is_set(decision->made) &&
	       carnet_date_compare(decision->made, on) <= 0 &&
	       carnet_date_compare(decision->from, on) <= 0;
}

/* `later` puts an end to `decision`, from the day it begins. */
static bool
decision_is_ended_by(
    const struct decision *decision, const struct decision *later)
{
	if (later->kind == DECISION_WITHDRAW &&
	    decision_same(later->withdraws, decision->id))
		return true;
	return decision_same(later->supersedes, decision->id) &&
	       decision_same(later->recipient, decision->recipient);
}

bool
decision_holds(const struct decision *decisions, size_t len, size_t i,
    struct carnet_date on)
{
	const struct decision *decision = &decisions[i];

	if (!carnet_date_is_set(on) || !decision_has_begun(decision, on))
		return false;
	if (decision->kind == DECISION_WITHDRAW)
		return true;
	if (carnet_date_is_set(decision->until) &&
	    carnet_date_compare(decision->until, on) < 0)
		return false;
	for (size_t j = 0; j < len; j++)
		if (j != i && decision_has_begun(&decisions[j], on) &&
		    decision_is_ended_by(decision, &decisions[j]))
			return false;
	return true;
}

static bool
decision_is_whole(const struct decision *decision)
{
	return decision->scope == NULL || strcmp(decision->scope, "all") == 0;
}

/* It says something on that purpose; asked for anything, it always does. */
static bool
decision_touches(const struct decision *decision, const char *purpose)
{
	if (purpose == NULL || decision->purposes_len == 0)
		return true;
	for (size_t i = 0; i < decision->purposes_len; i++)
		if (decision_same(decision->purposes[i], purpose))
			return true;
	return false;
}

/* It leaves nothing of the question open. */
static bool
decision_covers(const struct decision *decision, const char *purpose)
{
	return decision_is_whole(decision) &&
	       (decision->purposes_len == 0 ||
		   (purpose != NULL && decision_touches(decision, purpose)));
}

/* The question, and what holds of all decisions that touch it. */
struct decision_question {
	const struct decision *decisions;
	size_t len;
	const char *recipient, *purpose;
	struct carnet_date on;
};

static bool
decision_counts(const struct decision_question *question, size_t i)
{
	const struct decision *decision = &question->decisions[i];

	return decision->kind != DECISION_WITHDRAW &&
	       decision_same(decision->recipient, question->recipient) &&
	       decision_touches(decision, question->purpose) &&
	       decision_holds(
		   question->decisions, question->len, i, question->on);
}

/* The day the decision took effect. */
static struct carnet_date
decision_start(const struct decision *decision)
{
	return carnet_date_compare(decision->from, decision->made) > 0
		   ? decision->from
		   : decision->made;
}

static enum may_answer
decision_weigh(const struct decision_question *question)
{
	struct carnet_date consent = { 0 }, declined = { 0 };

	for (size_t i = 0; i < question->len; i++) {
		const struct decision *decision = &question->decisions[i];
		struct carnet_date start = decision_start(decision);

		if (!decision_counts(question, i))
			continue;
		if (decision->kind == DECISION_REFUSE)
			return MAY_REFUSED;
		if (decision->kind == DECISION_DECLINE &&
		    carnet_date_compare(start, declined) > 0)
			declined = start;
		if (decision->kind == DECISION_ALLOW &&
		    decision_covers(decision, question->purpose) &&
		    carnet_date_compare(start, consent) > 0)
			consent = start;
	}
	if (!carnet_date_is_set(consent) ||
	    (carnet_date_is_set(declined) &&
		carnet_date_compare(declined, consent) >= 0))
		return MAY_UNKNOWN;
	return MAY_PERMITTED;
}

static bool
decision_decides(
    const struct decision_question *question, size_t i, enum may_answer answer)
{
	const struct decision *decision = &question->decisions[i];

	if (!decision_counts(question, i))
		return false;
	if (answer == MAY_REFUSED)
		return decision->kind == DECISION_REFUSE;
	if (answer == MAY_PERMITTED)
		return decision->kind == DECISION_ALLOW &&
		       decision_covers(decision, question->purpose);
	return true;
}

enum may_answer
decisions_may(const struct decision *decisions, size_t len,
    const char *recipient, const char *purpose, struct carnet_date on,
    size_t *ret_used, size_t *ret_used_len)
{
	struct decision_question question = { .decisions = decisions,
		.len = len,
		.recipient = recipient,
		.purpose = purpose,
		.on = on };
	enum may_answer answer = decision_weigh(&question);
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		if (!decision_decides(&question, i, answer))
			continue;
		if (ret_used != NULL)
			ret_used[used] = i;
		used++;
	}
	if (ret_used_len != NULL)
		*ret_used_len = used;
	return answer;
}
