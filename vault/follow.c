/* SPDX-License-Identifier: ISC */
/*
 * The index follows what is durable, a little at a time, while the next
 * documents are stored: the thread that asks it is the one that writes it.
 * What it hasn't got when it is needed whole, or when the process dies, it
 * gets at once, or out of the ledger.  docs/decisions/0015.
 */
#include "vault.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Others wait for the index no longer than this. */
#define FOLLOW_LIMIT_MS 500
/* For each document stored, so that a batch is done before the next is. */
#define FOLLOW_STEPS 3
#define FOLLOW_BYTES_A_STEP ((uint64_t)16 << 10)

static int64_t
follow_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
follow_forget(struct follow *follow)
{
	for (size_t i = 0; i < follow->len; i++)
		event_clear(&follow->events[i]);
	free(follow->events);
	free(follow->places);
	free(follow->seen);
	twin_forget(&follow->twins);
	memset(follow, 0, sizeof(*follow));
}

/* Whatever went wrong: what the index missed comes first, an event that was
 * skipped would never be asked for again. */
static void
follow_catch_up(struct carnet_vault *vault)
{
	bool was_behind = vault->index_behind;

	index_rollback(vault->index);
	vault->committing = true;
	vault->index_behind = replay_catch_up(vault, NULL) != CARNET_OK;
	vault->committing = false;
	if (vault->index_behind && !was_behind)
		vault_warn(vault, CARNET_("stored; the index will follow with "
					  "the next command"));
}

/* The next event, or words of one document; *ret_done: there is none. */
static enum carnet_status
follow_one(struct carnet_vault *vault, bool *ret_done)
{
	struct follow *follow = &vault->follow;
	size_t i = follow->done;

	if (i == follow->len)
		return index_word_one(vault->index, ret_done, NULL);
	*ret_done = false;
	follow->done++;
	return index_apply(vault->index, &follow->events[i], &follow->places[i],
	    &vault->answers, NULL);
}

static enum carnet_status
follow_write_seen(struct carnet_vault *vault)
{
	struct follow *follow = &vault->follow;
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < follow->seen_len && status == CARNET_OK; i++)
		status = index_seen_add(vault->index, &follow->seen[i], NULL);
	return status;
}

/* At most so many steps; all of them, with the commit, where they suffice. */
static void
follow_go(struct carnet_vault *vault, size_t steps)
{
	enum carnet_status status = CARNET_OK;
	bool done = false;

	vault->committing = true;
	if (vault->index_behind)
		status = CARNET_FAILED; /* in vain: it lacks what was before */
	while (status == CARNET_OK && !done && steps-- > 0)
		status = follow_one(vault, &done);
	if (status == CARNET_OK && done)
		status = follow_write_seen(vault);
	if (status == CARNET_OK && done)
		status = index_commit(vault->index, NULL);
	vault->committing = false;
	if (status != CARNET_OK)
		follow_catch_up(vault);
	if (status != CARNET_OK || done)
		follow_forget(&vault->follow);
}

void
follow_begin(struct carnet_vault *vault, struct ledger_place *places,
    const struct chunk_row *rows, size_t rows_len)
{
	struct follow *follow = &vault->follow;
	enum carnet_status status = CARNET_OK;

	*follow = (struct follow){ .waits = true,
		.since_ms = follow_now_ms(),
		.events = vault->queue,
		.places = places,
		.len = vault->queue_len,
		.seen = vault->seen,
		.seen_len = vault->seen_len,
		.twins = vault->twins };
	vault->queue = NULL;
	vault->queue_len = vault->queue_room = 0;
	vault->seen = NULL;
	vault->seen_len = vault->seen_room = 0;
	memset(&vault->twins, 0, sizeof(vault->twins));
	if (vault->index_behind)
		return; /* told at the end */
	status = index_begin(vault->index, NULL);
	if (status == CARNET_OK)
		status = index_add_chunks(vault->index, rows, rows_len, NULL);
	if (status != CARNET_OK) {
		follow_catch_up(vault);
		follow_forget(follow);
	}
}

void
follow_step(struct carnet_vault *vault, uint64_t bytes)
{
	if (!vault->follow.waits)
		return;
	if (follow_now_ms() - vault->follow.since_ms > FOLLOW_LIMIT_MS)
		follow_end(vault);
	else
		follow_go(vault,
		    FOLLOW_STEPS + (size_t)(bytes / FOLLOW_BYTES_A_STEP));
}

void
follow_end(struct carnet_vault *vault)
{
	if (vault->follow.waits)
		follow_go(vault, SIZE_MAX);
}

void
follow_drop(struct carnet_vault *vault)
{
	if (!vault->follow.waits)
		return;
	index_rollback(vault->index);
	follow_forget(&vault->follow);
}
