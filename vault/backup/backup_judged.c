/* SPDX-License-Identifier: ISC */
/*
 * What needs no second judgement: events in segments that this device's own
 * newest manifest there names, and that are here byte for byte.  They were
 * opened, and held against all that was there, when it was made.  The contract
 * is backup_run.h's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backup_run.h"
#include "parallel.h"

/* Signed by this device; the one that it used last. */
void
judged_see(struct backup_run *run, struct snapshot *snapshot)
{
	const struct carnet_vault *vault = run->vault;

	if (memcmp(snapshot->device, vault->device, DEVICE_ID_LEN) != 0 ||
	    memcmp(snapshot->device_public, vault->device_public,
		SIGN_PUBLIC_LEN) != 0 ||
	    (run->judged.events > 0 &&
		snapshot_lamport(snapshot) <= snapshot_lamport(&run->judged)))
		return;
	snapshot_clear(&run->judged);
	run->judged = *snapshot;
	memset(snapshot, 0, sizeof(*snapshot));
}

/* --- byte for byte
 * ---------------------------------------------------------------- */

struct judged_files {
	int fd; /* the vault */
	const struct snapshot *judged;
	const struct ledger_file *files; /* of the vault */
	size_t *at;                      /* in them, one a segment of judged */
};

static const struct ledger_file *
judged_file(const struct ledger_file *files, size_t len,
    const struct snapshot_segment *segment)
{
	for (size_t i = 0; i < len; i++)
		if (files[i].segment == segment->number &&
		    files[i].revision == segment->revision &&
		    files[i].size == segment->size &&
		    memcmp(files[i].device, segment->device, DEVICE_ID_LEN) ==
			0)
			return &files[i];
	return NULL;
}

static void
judged_work(void *context, size_t task, void *result)
{
	const struct judged_files *row = context;
	const struct snapshot_segment *segment = &row->judged->segments[task];
	uint8_t hash[HASH_LEN], *bytes = NULL;
	bool *same = result;
	size_t len = 0;

	if (files_load(row->fd, row->files[row->at[task]].path,
		SNAPSHOT_SEGMENT_MAX, &bytes, &len, NULL) != CARNET_OK)
		return;
	hash_bytes(NULL, bytes, len, hash);
	*same = bytes_equal(hash, segment->hash, HASH_LEN);
	free(bytes);
}

/* CARNET_DAMAGED, without a word: this one is not as it was. */
static enum carnet_status
judged_settle(
    void *context, size_t task, void *result, struct carnet_error *err)
{
	(void)context;
	(void)task;
	(void)err;
	return *(bool *)result ? CARNET_OK : CARNET_DAMAGED;
}

static enum carnet_status
judged_compare(struct backup_run *run, bool *ret_same, struct carnet_error *err)
{
	const struct snapshot *judged = &run->judged;
	struct judged_files row = { .fd = run->vault->fd, .judged = judged };
	struct ledger_file *files = NULL;
	enum carnet_status status;
	size_t len = 0;

	*ret_same = false;
	row.at = calloc(judged->segments_len + 1, sizeof(*row.at));
	if (row.at == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	status = ledger_list(run->vault->fd, &files, &len, err);
	if (status == CARNET_OK)
		*ret_same = true;
	for (size_t i = 0; i < judged->segments_len && *ret_same; i++) {
		const struct ledger_file *file =
		    judged_file(files, len, &judged->segments[i]);

		*ret_same = file != NULL;
		row.at[i] = file == NULL ? 0 : (size_t)(file - files);
	}
	row.files = files;
	if (*ret_same) {
		status = parallel_run(
		    &(struct parallel){ .count = judged->segments_len,
			.threads = parallel_cores(),
			.result_len = sizeof(bool),
			.context = &row,
			.work = judged_work,
			.settle = judged_settle },
		    err);
		*ret_same = status == CARNET_OK;
		if (status == CARNET_DAMAGED)
			status = CARNET_OK;
	}
	free(files);
	free(row.at);
	return status;
}

/* --- what else was seen there
 * ------------------------------------------------------ */

static void
judged_cursor(
    const struct snapshot_head *head, struct ledger_cursor *ret_cursor)
{
	*ret_cursor = (struct ledger_cursor){ .seq = head->seq,
		.lamport = head->lamport };
	memcpy(ret_cursor->device, head->device, DEVICE_ID_LEN);
	memcpy(ret_cursor->hash, head->hash, HASH_LEN);
}

static const struct snapshot_head *
judged_head(const struct snapshot *judged, const uint8_t device[DEVICE_ID_LEN])
{
	for (size_t i = 0; i < judged->heads_len; i++)
		if (memcmp(judged->heads[i].device, device, DEVICE_ID_LEN) == 0)
			return &judged->heads[i];
	return NULL;
}

/*
 * Older heads that were seen there must be events of this very chain.  The
 * index knows them; an index of another chain lacks this one's end, whose
 * hash stands for all before it.
 */
static enum carnet_status
judged_meet(struct backup_run *run, bool *ret_met, struct carnet_error *err)
{
	const struct snapshot *judged = &run->judged;
	enum carnet_status status = CARNET_OK;
	struct ledger_cursor event;

	*ret_met = true;
	for (size_t i = 0;
	     i < judged->heads_len && *ret_met && status == CARNET_OK; i++) {
		judged_cursor(&judged->heads[i], &event);
		status =
		    index_has_event(run->vault->index, &event, ret_met, err);
	}
	for (size_t i = 0; i < run->seen.len && *ret_met && status == CARNET_OK;
	     i++) {
		struct seen_head *seen = &run->seen.heads[i];
		const struct snapshot_head *head =
		    judged_head(judged, seen->head.device);

		if (head == NULL || seen->head.seq > head->seq)
			continue; /* what is read will tell */
		judged_cursor(&seen->head, &event);
		status =
		    index_has_event(run->vault->index, &event, ret_met, err);
		seen->found = *ret_met;
	}
	return status;
}

/* --- all of it
 * -------------------------------------------------------------------- */

/* The end of each device's last segment there; a device without any has been
 * lost or never had one: read from the start. */
static enum carnet_status
judged_ends(struct backup_run *run, struct ledger_cursor **ret_cursors,
    size_t *ret_len, struct carnet_error *err)
{
	const struct snapshot *judged = &run->judged;
	struct ledger_cursor *cursors =
	    calloc(judged->heads_len + 1, sizeof(*cursors));
	size_t len = 0;

	if (cursors == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	for (size_t i = 0; i < judged->segments_len; i++) {
		const struct snapshot_segment *segment = &judged->segments[i];
		const struct snapshot_head *head =
		    judged_head(judged, segment->device);

		if (head == NULL)
			continue;
		if (len == 0 || memcmp(cursors[len - 1].device, segment->device,
				    DEVICE_ID_LEN) != 0)
			judged_cursor(head, &cursors[len++]);
		cursors[len - 1].segment = segment->number; /* sorted */
		cursors[len - 1].revision = segment->revision;
		cursors[len - 1].end = segment->size;
	}
	*ret_cursors = cursors;
	*ret_len = len;
	return CARNET_OK;
}

enum carnet_status
backup_judged(struct backup_run *run, struct ledger_cursor **ret_cursors,
    size_t *ret_len, struct carnet_error *err)
{
	struct snapshot *snapshot = &run->snapshot;
	const struct snapshot *judged = &run->judged;
	enum carnet_status status = CARNET_OK;
	bool same = false;

	*ret_cursors = NULL;
	*ret_len = 0;
	if (judged->segments_len > 0)
		status = judged_compare(run, &same, err);
	if (status == CARNET_OK && same)
		status = judged_meet(run, &same, err);
	if (status != CARNET_OK || !same)
		return status;
	snapshot->heads = calloc(judged->heads_len + 1, sizeof(*judged->heads));
	if (snapshot->heads == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	memcpy(snapshot->heads, judged->heads,
	    judged->heads_len * sizeof(*judged->heads));
	snapshot->heads_len = run->heads_room = judged->heads_len;
	run->events = judged->events;
	run->is_judged = true;
	return judged_ends(run, ret_cursors, ret_len, err);
}

void
backup_judge_anew(struct backup_run *run)
{
	struct snapshot *snapshot = &run->snapshot;

	free(snapshot->heads);
	snapshot->heads = NULL;
	snapshot->heads_len = run->heads_room = 0;
	run->events = 0;
	run->is_judged = false;
	run->bad[0] = '\0';
	ledger_gaps_clear(&run->gaps);
	seen_forget_met(&run->seen);
}

const struct snapshot_segment *
judged_segment(const struct backup_run *run, const struct ledger_file *file)
{
	const struct snapshot *judged = &run->judged;

	for (size_t i = 0; i < judged->segments_len && run->is_judged; i++)
		if (judged_file(file, 1, &judged->segments[i]) != NULL)
			return &judged->segments[i];
	return NULL;
}
