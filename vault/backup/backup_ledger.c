/* SPDX-License-Identifier: ISC */
/*
 * May this vault be backed up there?  Its ledger must be whole, and must
 * continue what the destination has seen: a vault that was put back from an
 * older copy would fork this device's chain.  The contract is backup_run.h's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup_run.h"

struct backup_seen {
	struct snapshot_head head;
	bool found; /* in our ledger */
};

/* --- what the destination has seen
 * ---------------------------------------------- */

static enum carnet_status
backup_seen_add(
    void *context, struct snapshot *snapshot, struct carnet_error *err)
{
	struct backup_run *run = context;
	size_t room = run->seen_len + snapshot->heads_len;

	if (room > run->seen_room) {
		struct backup_seen *seen =
		    reallocarray(run->seen, 2 * room, sizeof(*seen));

		if (seen == NULL)
			return carnet_fail_errno(err, ENOMEM, "backup");
		run->seen = seen;
		run->seen_room = 2 * room;
	}
	for (size_t i = 0; i < snapshot->heads_len; i++)
		run->seen[run->seen_len++] =
		    (struct backup_seen){ snapshot->heads[i], false };
	return CARNET_OK;
}

static void
backup_seen_problem(void *context, const char *id, const char *detail)
{
	struct backup_run *run = context;

	destination_problem(run->problems, "snapshot", id, detail);
}

static int
backup_seen_compare(const void *left, const void *right)
{
	const struct snapshot_head *a =
	    &((const struct backup_seen *)left)->head;
	const struct snapshot_head *b =
	    &((const struct backup_seen *)right)->head;
	int order = memcmp(a->device, b->device, DEVICE_ID_LEN);

	if (order != 0)
		return order;
	if (a->seq != b->seq)
		return a->seq < b->seq ? -1 : 1;
	return memcmp(a->hash, b->hash, HASH_LEN);
}

static enum carnet_status
backup_seen_load(struct backup_run *run, struct carnet_error *err)
{
	struct destination_visit visit = { backup_seen_add, backup_seen_problem,
		run };
	enum carnet_status status;

	if (run->fd < 0)
		return CARNET_OK;
	status = destination_snapshots(run->fd, header_id(run->vault->header),
	    run->vault->keys, &visit, err);
	if (run->seen_len > 1)
		qsort(run->seen, run->seen_len, sizeof(*run->seen),
		    backup_seen_compare);
	return status;
}

/* The first head of this device and number, or where it would be. */
static size_t
backup_seen_find(const struct backup_run *run,
    const uint8_t device[DEVICE_ID_LEN], uint64_t seq)
{
	struct backup_seen sought = { .head = { .seq = seq } };
	size_t low = 0, high = run->seen_len;

	memcpy(sought.head.device, device, DEVICE_ID_LEN);
	while (low < high) { /* its hash is zeros: the first of all */
		size_t middle = low + (high - low) / 2;

		if (backup_seen_compare(&run->seen[middle], &sought) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* --- our ledger
 * ------------------------------------------------------------------- */

/* The heads of the snapshot follow the events. */
static enum carnet_status
backup_head_move(
    struct backup_run *run, const struct event *event, struct carnet_error *err)
{
	struct snapshot *snapshot = &run->snapshot;
	struct snapshot_head *head;

	if (snapshot->heads_len == 0 ||
	    memcmp(snapshot->heads[snapshot->heads_len - 1].device,
		event->device, DEVICE_ID_LEN) != 0) {
		if (snapshot->heads_len == run->heads_room) {
			size_t room = run->heads_room + 8;

			head =
			    reallocarray(snapshot->heads, room, sizeof(*head));
			if (head == NULL)
				return carnet_fail_errno(err, ENOMEM, "backup");
			snapshot->heads = head;
			run->heads_room = room;
		}
		snapshot->heads_len++;
	}
	/* ledger_read goes device by device */
	head = &snapshot->heads[snapshot->heads_len - 1];
	memcpy(head->device, event->device, DEVICE_ID_LEN);
	head->seq = event->seq;
	head->lamport = event->lamport;
	memcpy(head->hash, event->hash, HASH_LEN);
	return CARNET_OK;
}

static enum carnet_status
backup_visit_event(void *context, const struct event *event,
    const struct ledger_place *place, struct carnet_error *err)
{
	struct backup_run *run = context;

	(void)place;
	run->events++;
	for (size_t i = backup_seen_find(run, event->device, event->seq);
	     i < run->seen_len && run->seen[i].head.seq == event->seq &&
	     memcmp(run->seen[i].head.device, event->device, DEVICE_ID_LEN) ==
		 0;
	     i++) {
		run->seen[i].found = true;
		if (!bytes_equal(run->seen[i].head.hash, event->hash, HASH_LEN))
			run->is_fork = true;
	}
	return backup_head_move(run, event, err);
}

static void
backup_ledger_problem(void *context, const char *path, const char *detail)
{
	struct backup_run *run = context;

	(void)detail;
	if (run->bad[0] == '\0')
		(void)snprintf(run->bad, sizeof(run->bad), "%s", path);
}

static enum carnet_status
backup_judge_ledger(struct backup_run *run, struct carnet_error *err)
{
	if (run->bad[0] != '\0') {
		carnet_fail(
		    err, CARNET_DAMAGED, CARNET_("%s is damaged"), run->bad);
		carnet_hint(err, CARNET_("no snapshot was made; see carnet "
					 "check"));
		return CARNET_DAMAGED;
	}
	for (size_t i = 0; i < run->seen_len && !run->is_fork; i++)
		run->is_fork = !run->seen[i].found &&
			       memcmp(run->seen[i].head.device,
				   run->vault->device, DEVICE_ID_LEN) == 0;
	if (!run->is_fork)
		return CARNET_OK;
	carnet_fail(err, CARNET_DAMAGED,
	    CARNET_("this backup has seen a newer ledger of this device: the "
		    "vault is an older copy"));
	carnet_hint(err,
	    CARNET_("nothing was written; restore the newest snapshot into a "
		    "new folder, or back this vault up to another one"));
	return CARNET_DAMAGED;
}

enum carnet_status
backup_check_ledger(struct backup_run *run, struct carnet_error *err)
{
	struct carnet_vault *vault = run->vault;
	struct ledger_reading reading = { .visit = backup_visit_event,
		.problem = backup_ledger_problem,
		.context = run };
	struct ledger_cursor *known = NULL;
	size_t len = 0;
	enum carnet_status status = backup_seen_load(run, err);

	if (status == CARNET_OK)
		status = index_cursors(vault->index, &known, &len, err);
	reading.known = known;
	reading.known_len = len;
	if (status == CARNET_OK)
		status = ledger_read(vault->ledger, &reading, NULL, err);
	free(known);
	if (status == CARNET_OK)
		status = backup_judge_ledger(run, err);
	return status;
}

/* --- closing
 * ------------------------------------------------------------------------ */

enum carnet_status
backup_close_ledger(struct backup_run *run, struct carnet_error *err)
{
	struct carnet_vault *vault = run->vault;
	uint64_t segment = vault->cursor.segment;
	enum carnet_status status =
	    ledger_close_segment(vault->ledger, &vault->cursor, err);

	if (status == CARNET_OK && vault->cursor.segment == segment)
		return CARNET_OK;
	if (status == CARNET_OK)
		status = index_begin(vault->index, err);
	if (status != CARNET_OK)
		return status;
	status = index_set_cursor(vault->index, &vault->cursor, err);
	if (status == CARNET_OK)
		status = index_commit(vault->index, err);
	if (status != CARNET_OK)
		index_rollback(vault->index);
	return status;
}
