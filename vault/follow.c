/* SPDX-License-Identifier: ISC */
/*
 * The index follows what is durable, on a thread of its own, while the next
 * documents are stored.  The index is lent to it: whoever asks something
 * meanwhile waits for it.  What it can't write, and what it hasn't got when
 * the process dies, it gets out of the ledger.  docs/decisions/0015.
 */
#include "vault.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void
follow_forget(struct follow *follow)
{
	for (size_t i = 0; i < follow->len; i++)
		event_clear(&follow->events[i]);
	free(follow->events);
	free(follow->places);
	free(follow->rows);
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
	known_forget(vault);
	vault->committing = true;
	vault->index_behind = replay_catch_up(vault, NULL) != CARNET_OK;
	vault->committing = false;
	if (vault->index_behind && !was_behind)
		vault_warn(vault, CARNET_("stored; the index will follow with "
					  "the next command"));
}

/* All of it, with the commit.  Works with the index and the batch alone. */
static enum carnet_status
follow_write(struct carnet_vault *vault)
{
	const struct follow *follow = &vault->follow;
	enum carnet_status status = index_begin(vault->index, NULL);

	if (status == CARNET_OK)
		status = index_add_chunks(
		    vault->index, follow->rows, follow->rows_len, NULL);
	for (size_t i = 0; i < follow->len && status == CARNET_OK; i++)
		status = index_apply(vault->index, &follow->events[i],
		    &follow->places[i], &vault->answers, NULL);
	for (size_t i = 0; i < follow->seen_len && status == CARNET_OK; i++)
		status = index_seen_add(vault->index, &follow->seen[i], NULL);
	if (status == CARNET_OK)
		status = index_commit(vault->index, NULL);
	return status;
}

static void *
follow_thread(void *argument)
{
	struct carnet_vault *vault = argument;

	index_borrow();
	vault->follow.status = follow_write(vault);
	atomic_store(&vault->follow.done, true);
	return NULL;
}

/* On this thread, at once. */
static enum carnet_status
follow_inline(struct carnet_vault *vault)
{
	enum carnet_status status;

	vault->committing = true;
	status = follow_write(vault);
	vault->committing = false;
	return status;
}

static void
follow_settle(struct carnet_vault *vault, enum carnet_status status)
{
	if (status != CARNET_OK)
		follow_catch_up(vault);
	follow_forget(&vault->follow);
}

static void
follow_wait(void *context)
{
	follow_end(context);
}

/* Its texts stand in answers, which the store reads, for other events. */
static bool
follow_is_plain(const struct follow *follow)
{
	for (size_t i = 0; i < follow->len; i++)
		if (strcmp(follow->events[i].kind, "document.added") != 0)
			return false;
	return true;
}

/* It takes no signals: those are the caller's.  False: no thread. */
static bool
follow_start(struct carnet_vault *vault)
{
	struct follow *follow = &vault->follow;
	sigset_t all, before;

	index_lend(vault->index, follow_wait, vault);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	follow->waits =
	    pthread_create(&follow->thread, NULL, follow_thread, vault) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!follow->waits)
		index_give_back(vault->index);
	return follow->waits;
}

void
follow_begin(struct carnet_vault *vault, struct ledger_place *places,
    struct chunk_row *rows, size_t rows_len, bool beside)
{
	struct follow *follow = &vault->follow;

	follow->events = vault->queue;
	follow->places = places;
	follow->len = vault->queue_len;
	follow->rows = rows;
	follow->rows_len = rows_len;
	follow->seen = vault->seen;
	follow->seen_len = vault->seen_len;
	follow->twins = vault->twins;
	vault->queue = NULL;
	vault->queue_len = vault->queue_room = 0;
	vault->seen = NULL;
	vault->seen_len = vault->seen_room = 0;
	memset(&vault->twins, 0, sizeof(vault->twins));
	known_add_chunks(vault, rows, rows_len);
	if (vault->index_behind) /* in vain: it lacks what was before */
		follow_settle(vault, CARNET_FAILED);
	else if (!beside || !follow_is_plain(follow) || !follow_start(vault))
		follow_settle(vault, follow_inline(vault));
}

/* The thread has ended. */
static enum carnet_status
follow_join(struct carnet_vault *vault)
{
	struct follow *follow = &vault->follow;

	(void)pthread_join(follow->thread, NULL);
	index_give_back(vault->index);
	follow->waits = false;
	return follow->status;
}

void
follow_look(struct carnet_vault *vault)
{
	if (vault->follow.waits && atomic_load(&vault->follow.done))
		follow_end(vault);
}

void
follow_end(struct carnet_vault *vault)
{
	if (vault->follow.waits)
		follow_settle(vault, follow_join(vault));
}

void
follow_drop(struct carnet_vault *vault)
{
	if (!vault->follow.waits)
		return;
	(void)follow_join(vault);
	index_rollback(vault->index);
	follow_forget(&vault->follow);
}
