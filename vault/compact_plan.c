/* SPDX-License-Identifier: ISC */
/*
 * Which packs are worth writing anew.  Opens none.  The contract is
 * compact.h.
 */
#include "compact.h"

#include <stdlib.h>

/* Packs as a writer would fill them, chunk after chunk. */
struct plan_writer {
	uint64_t end;
	size_t count;
	size_t packs; /* closed ones */
	uint64_t bytes;
};

static void
plan_write(struct plan_writer *writer, const struct compact_weight *weight)
{
	for (size_t i = 0; i < weight->count; i++) {
		writer->end += weight->lens[i];
		writer->count++;
		if (!pack_is_full(writer->end, writer->count))
			continue;
		writer->bytes += pack_size_of(writer->end, writer->count);
		writer->packs++;
		writer->end = PACK_CHUNKS_BEGIN;
		writer->count = 0;
	}
}

static size_t
plan_packs(const struct plan_writer *writer)
{
	return writer->packs + (writer->count > 0 ? 1 : 0);
}

static uint64_t
plan_bytes(const struct plan_writer *writer)
{
	return writer->bytes +
	       (writer->count > 0 ? pack_size_of(writer->end, writer->count)
				  : 0);
}

static bool
plan_is_heavy(const struct compact_weight *weight)
{
	return weight->dead >= weight->used / COMPACT_DEAD_SHARE;
}

/* A writer would not have closed it there. */
static bool
plan_is_small(const struct compact_weight *weight)
{
	return weight->listed < PACK_CHUNKS_MAX && weight->used < PACK_FULL;
}

/* Heavy ones first, then from the smallest up. */
static int
plan_order(const void *left, const void *right)
{
	const struct compact_weight *a =
	    *(const struct compact_weight *const *)left;
	const struct compact_weight *b =
	    *(const struct compact_weight *const *)right;

	if (plan_is_heavy(a) != plan_is_heavy(b))
		return plan_is_heavy(a) ? -1 : 1;
	if (a->used != b->used)
		return a->used < b->used ? -1 : 1;
	return a < b ? -1 : a > b;
}

static bool
plan_gains(const struct compact_outcome *outcome)
{
	return (outcome->packs_new < outcome->packs &&
		   outcome->bytes_new <= outcome->bytes) ||
	       (outcome->packs_new <= outcome->packs &&
		   outcome->bytes_new < outcome->bytes);
}

/* The longest beginning of the list that gains. */
static size_t
plan_longest(struct compact_weight *const *candidates, size_t len,
    uint64_t round, struct compact_outcome *outcome)
{
	struct plan_writer writer = { .end = PACK_CHUNKS_BEGIN };
	struct compact_outcome now = *outcome;
	size_t best = 0;

	for (size_t i = 0; i < len; i++) {
		const struct compact_weight *weight = candidates[i];

		if (best > 0 && round > 0 && now.kept > round)
			break;
		plan_write(&writer, weight);
		now.packs++;
		now.bytes += weight->size;
		for (size_t k = 0; k < weight->count; k++)
			now.kept += weight->lens[k];
		now.packs_new = plan_packs(&writer);
		now.bytes_new = plan_bytes(&writer);
		if (!plan_gains(&now))
			continue;
		best = i + 1;
		*outcome = now;
	}
	return best;
}

enum carnet_status
compact_plan(struct compact_weight *weights, size_t len, uint64_t round,
    struct compact_outcome *ret_outcome, struct carnet_error *err)
{
	struct compact_weight **candidates =
	    calloc(len + 1, sizeof(struct compact_weight *));
	struct compact_outcome empty = { 0 }, outcome = { 0 };
	size_t count = 0, chosen;

	if (candidates == NULL)
		return carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("not enough memory"));
	for (size_t i = 0; i < len; i++) {
		weights[i].chosen = !weights[i].fixed && weights[i].count == 0;
		if (weights[i].chosen) { /* it costs nothing to write */
			empty.packs++;
			empty.bytes += weights[i].size;
		} else if (!weights[i].fixed && (plan_is_small(&weights[i]) ||
						    plan_is_heavy(&weights[i])))
			candidates[count++] = &weights[i];
	}
	if (count > 0)
		qsort(candidates, count, sizeof(struct compact_weight *),
		    plan_order);
	chosen = plan_longest(candidates, count, round, &outcome);
	for (size_t i = 0; i < chosen; i++)
		candidates[i]->chosen = true;
	free(candidates);
	outcome.packs += empty.packs;
	outcome.bytes += empty.bytes;
	*ret_outcome = outcome;
	return CARNET_OK;
}
