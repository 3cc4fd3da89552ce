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

/* --- our ledger
 * ------------------------------------------------------------------- */

static struct snapshot_head *
backup_head_find(struct snapshot *snapshot, const uint8_t device[DEVICE_ID_LEN])
{
	size_t i = snapshot->heads_len;

	while (i > 0 && memcmp(snapshot->heads[i - 1].device, device,
			    DEVICE_ID_LEN) != 0)
		i--;
	return i == 0 ? NULL : &snapshot->heads[i - 1];
}

/* The heads of the snapshot follow the events. */
static enum carnet_status
backup_head_move(
    struct backup_run *run, const struct event *event, struct carnet_error *err)
{
	struct snapshot *snapshot = &run->snapshot;
	struct snapshot_head *head = backup_head_find(snapshot, event->device);

	if (head == NULL) {
		if (snapshot->heads_len == run->heads_room) {
			size_t room = run->heads_room + 8;

			head =
			    reallocarray(snapshot->heads, room, sizeof(*head));
			if (head == NULL)
				return carnet_fail_errno(err, ENOMEM, "backup");
			snapshot->heads = head;
			run->heads_room = room;
		}
		head = &snapshot->heads[snapshot->heads_len++];
	}
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
	enum carnet_status status;

	(void)place;
	run->events++;
	run->has_others |= strncmp(event->kind, "document.", 9) == 0;
	seen_meet(&run->seen, event);
	status = ledger_gaps_take(&run->gaps, event, err);
	if (status == CARNET_OK)
		status = backup_head_move(run, event, err);
	return status;
}

static void
backup_ledger_problem(void *context, const char *path, const char *detail)
{
	struct backup_run *run = context;

	(void)detail;
	if (run->bad[0] == '\0')
		(void)snprintf(run->bad, sizeof(run->bad), "%s", path);
}

/* Something that was seen there of this device isn't in the vault. */
static enum carnet_status
backup_older(struct carnet_error *err)
{
	carnet_fail(err, CARNET_DAMAGED,
	    CARNET_("this backup has seen a newer ledger of this device: the "
		    "vault is an older copy"));
	carnet_hint(err,
	    CARNET_("nothing was written; restore the newest snapshot into a "
		    "new folder, or back this vault up to another one"));
	return CARNET_DAMAGED;
}

static enum carnet_status
backup_cut_short(const uint8_t device[DEVICE_ID_LEN], struct carnet_error *err)
{
	char hex[DEVICE_ID_TEXT];

	hex_encode(device, DEVICE_ID_LEN, hex);
	carnet_fail(err, CARNET_DAMAGED,
	    CARNET_("ledger/%s is not what this vault has backed up before: "
		    "files were put back, cut short or deleted"),
	    hex);
	carnet_hint(
	    err, CARNET_("nothing was written; the newest snapshot has what is "
			 "missing: restore it into a new folder"));
	return CARNET_DAMAGED;
}

static enum carnet_status
backup_judge_ledger(struct backup_run *run, struct carnet_error *err)
{
	const uint8_t *device;

	if (run->bad[0] != '\0') {
		carnet_fail(
		    err, CARNET_DAMAGED, CARNET_("%s is damaged"), run->bad);
		carnet_hint(err, CARNET_("no snapshot was made; see carnet "
					 "check"));
		return CARNET_DAMAGED;
	}
	device = seen_missing(&run->seen, &run->gaps);
	if (device == NULL)
		return CARNET_OK;
	return memcmp(device, run->vault->device, DEVICE_ID_LEN) == 0
		   ? backup_older(err)
		   : backup_cut_short(device, err);
}

/* Behind these cursors; no cursors: all of it. */
static enum carnet_status
backup_read_ledger(struct backup_run *run, const struct ledger_cursor *cursors,
    size_t cursors_len, struct carnet_error *err)
{
	const struct ledger_reading reading = { .cursors = cursors,
		.cursors_len = cursors_len,
		.visit = backup_visit_event,
		.problem = backup_ledger_problem,
		.context = run };

	return replay_read(run->vault, &reading, err);
}

enum carnet_status
backup_check_ledger(struct backup_run *run, struct carnet_error *err)
{
	struct ledger_cursor *cursors = NULL;
	enum carnet_status status = CARNET_OK;
	size_t len = 0;

	if (run->fd >= 0)
		status = seen_load(&run->seen, run, err);
	if (status == CARNET_OK)
		status = backup_judged(run, &cursors, &len, err);
	if (status == CARNET_OK)
		status = backup_read_ledger(run, cursors, len, err);
	free(cursors);
	if (status == CARNET_OK && run->is_judged &&
	    backup_judge_ledger(run, NULL) != CARNET_OK) {
		/* what was written off may stand in what was left out */
		backup_judge_anew(run);
		status = backup_read_ledger(run, NULL, 0, err);
	}
	if (status == CARNET_OK)
		status = backup_judge_ledger(run, err);
	return status;
}

/* --- what others have written there meanwhile
 * --------------------------------------------- */

/*
 * Another copy of the vault has backed up there, further than this one knows
 * of.  What is the newest is told by Lamport counters: an event of ours gets
 * a higher one, so that the vault used last is the one restored.
 */
enum carnet_status
backup_pass_others(struct backup_run *run, struct carnet_error *err)
{
	struct carnet_vault *vault = run->vault;
	struct snapshot *snapshot = &run->snapshot;
	uint64_t others = seen_lamport_elsewhere(&run->seen);
	enum carnet_status status;

	if (others < snapshot_lamport(snapshot))
		return CARNET_OK;
	if (vault->access != CARNET_WRITE) {
		carnet_fail(err, CARNET_NO_SPACE,
		    CARNET_("another copy of this vault has backed up there, "
			    "and nothing can be written into this one now"));
		carnet_hint(err,
		    CARNET_("back this vault up into another, new folder"));
		return CARNET_NO_SPACE;
	}
	if (vault->lamport < others)
		vault->lamport = others;
	status = carnet_queue(vault, "backup.begun", run->options->today,
	    cJSON_CreateObject(), NULL, err);
	if (status == CARNET_OK)
		status = carnet_commit(vault, err);
	if (status != CARNET_OK)
		return status;
	run->events++;
	snapshot->events = run->events;
	for (size_t i = 0; i < snapshot->heads_len; i++) {
		struct snapshot_head *head = &snapshot->heads[i];

		if (memcmp(head->device, vault->device, DEVICE_ID_LEN) != 0)
			continue;
		head->seq = vault->cursor.seq;
		head->lamport = vault->cursor.lamport;
		memcpy(head->hash, vault->cursor.hash, HASH_LEN);
	}
	return CARNET_OK;
}

/* --- closing
 * ------------------------------------------------------------------------ */

enum carnet_status
backup_hold_still(struct backup_run *run, struct carnet_error *err)
{
	struct carnet_vault *vault = run->vault;
	enum carnet_status status = vault_can_go_on(vault, err);

	if (status != CARNET_OK)
		return status;
	if (!vault->has_device) {
		carnet_fail(err, CARNET_FAILED,
		    CARNET_("this vault was never written to on this device, "
			    "and can't be now"));
		carnet_hint(
		    err, CARNET_("copy its folder to a disk with room: it is "
				 "encrypted"));
		return CARNET_FAILED;
	}
	/* where there can be no lock, there is no writer */
	status = vault_lock(vault, false, err);
	if (status == CARNET_LOCKED)
		return status;
	return replay_find_head(vault, err);
}

/* Whether our last event is the one that the index told, from before there was
 * a lock. */
static enum carnet_status
backup_stood_still(struct backup_run *run, struct carnet_error *err)
{
	const struct carnet_vault *vault = run->vault;
	const struct snapshot_head *head =
	    backup_head_find(&run->snapshot, vault->device);

	if ((head == NULL ? 0 : head->seq) == vault->cursor.seq)
		return CARNET_OK;
	return carnet_fail(err, CARNET_LOCKED,
	    CARNET_("another process is writing to this vault"));
}

/* The index follows; it is level all the same where it can't. */
static enum carnet_status
backup_move_cursor(struct carnet_vault *vault, struct carnet_error *err)
{
	enum carnet_status status = index_begin(vault->index, err);

	if (status != CARNET_OK)
		return status;
	status = index_set_cursor(vault->index, &vault->cursor, err);
	if (status == CARNET_OK)
		status = index_commit(vault->index, err);
	if (status != CARNET_OK)
		index_rollback(vault->index);
	return status;
}

enum carnet_status
backup_close_ledger(struct backup_run *run, struct carnet_error *err)
{
	struct carnet_vault *vault = run->vault;
	uint64_t segment = vault->cursor.segment;
	struct carnet_error why = { 0 };
	enum carnet_status status = CARNET_OK;

	run->is_open = vault->access != CARNET_WRITE;
	if (!run->is_open)
		status =
		    ledger_close_segment(vault->ledger, &vault->cursor, &why);
	if (status != CARNET_OK && carnet_is_unwritable(&why)) {
		run->is_open = true;
		status = CARNET_OK;
	}
	if (status == CARNET_OK && run->is_open)
		status = backup_stood_still(run, &why);
	if (status == CARNET_OK && vault->cursor.segment != segment)
		status = backup_move_cursor(vault, &why);
	if (status != CARNET_OK && carnet_is_unwritable(&why))
		status = CARNET_OK; /* the next writer begins there again */
	if (status != CARNET_OK && err != NULL)
		*err = why;
	return status;
}

/* What a crash left behind the last event isn't named. */
size_t
backup_segment_len(
    const struct backup_run *run, const struct ledger_file *file, size_t len)
{
	const struct ledger_cursor *cursor = &run->vault->cursor;

	if (run->is_open && file->segment == cursor->segment &&
	    file->revision == cursor->revision && len > cursor->end &&
	    memcmp(file->device, cursor->device, DEVICE_ID_LEN) == 0)
		return (size_t)cursor->end;
	return len;
}
