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
#include "pack.h"
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

/* Smaller segments are hashed each time: that costs nothing. */
#define JUDGED_SUMMED ((uint64_t)1 << 20) /* bytes */

struct judged_files {
	struct backup_run *run;
	struct ledger_file *files; /* of the vault */
	size_t files_len;
	size_t *at;             /* in them, one a segment of run->judged */
	struct index_sum *sums; /* likewise; those of small ones aren't used */
	bool *has_sum;
	bool is_new; /* a sum that the index doesn't know */
};

struct judged_result {
	bool same;
	uint8_t sum[PACK_SUM_LEN];
};

static void
judged_files_clear(struct judged_files *row)
{
	free(row->files);
	free(row->at);
	free(row->sums);
	free(row->has_sum);
}

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

/* What the bytes of a file go into; NULL: not into this. */
struct judged_hashes {
	struct hash_state *hash;
	struct pack_sum *sum;
};

static void
judged_take(void *context, const uint8_t *bytes, size_t len)
{
	const struct judged_hashes *hashes = context;

	if (hashes->hash != NULL)
		hash_more(hashes->hash, bytes, len);
	if (hashes->sum != NULL)
		pack_sum_more(hashes->sum, bytes, len);
}

/* By the sum, if there is one; else by the hash, with a new sum. */
static void
judged_work(void *context, size_t task, void *result)
{
	const struct judged_files *row = context;
	const struct snapshot_segment *segment =
	    &row->run->judged.segments[task];
	const struct index_sum *known =
	    row->has_sum[task] ? &row->sums[task] : NULL;
	struct judged_hashes hashes = { .sum = pack_sum_begin(PACK_VERSION) };
	struct judged_result *mine = result;
	uint8_t hash[HASH_LEN];
	uint64_t size = 0;

	if (known == NULL)
		hashes.hash = hash_begin(NULL);
	if (hashes.sum == NULL || (known == NULL && hashes.hash == NULL) ||
	    files_stream(row->run->vault->fd, row->files[row->at[task]].path,
		SNAPSHOT_SEGMENT_MAX, judged_take, &hashes, &size,
		NULL) != CARNET_OK ||
	    size != segment->size) {
		pack_sum_abandon(hashes.sum);
		hash_abandon(hashes.hash);
		return;
	}
	pack_sum_end(hashes.sum, mine->sum);
	if (known != NULL) {
		mine->same = bytes_equal(mine->sum, known->sum, PACK_SUM_LEN);
		return;
	}
	hash_end(hashes.hash, hash);
	mine->same = bytes_equal(hash, segment->hash, HASH_LEN);
}

/* CARNET_DAMAGED, without a word: this one is not as it was. */
static enum carnet_status
judged_settle(
    void *context, size_t task, void *result, struct carnet_error *err)
{
	const struct judged_result *mine = result;
	struct judged_files *row = context;

	(void)err;
	if (!mine->same)
		return CARNET_DAMAGED;
	if (row->run->judged.segments[task].size >= JUDGED_SUMMED &&
	    !row->has_sum[task])
		row->is_new = true;
	memcpy(row->sums[task].sum, mine->sum, PACK_SUM_LEN);
	return CARNET_OK;
}

/* Each segment's file here; false: one has gone or has another size. */
static bool
judged_find_files(struct judged_files *row)
{
	const struct snapshot *judged = &row->run->judged;

	for (size_t i = 0; i < judged->segments_len; i++) {
		const struct ledger_file *file = judged_file(
		    row->files, row->files_len, &judged->segments[i]);

		if (file == NULL)
			return false;
		row->at[i] = (size_t)(file - row->files);
	}
	return true;
}

static enum carnet_status
judged_find_sums(struct judged_files *row, struct carnet_error *err)
{
	const struct snapshot *judged = &row->run->judged;
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < judged->segments_len && status == CARNET_OK;
	     i++) {
		memcpy(row->sums[i].hash, judged->segments[i].hash, HASH_LEN);
		if (judged->segments[i].size >= JUDGED_SUMMED &&
		    !row->run->options->read_data)
			status = index_sum_find(row->run->vault->index,
			    &row->sums[i], &row->has_sum[i], err);
	}
	return status;
}

/* For the next time; that they can't be kept is no reason to stop. */
static void
judged_keep_sums(struct judged_files *row)
{
	const struct snapshot *judged = &row->run->judged;
	size_t len = 0;

	for (size_t i = 0; i < judged->segments_len; i++)
		if (judged->segments[i].size >= JUDGED_SUMMED)
			row->sums[len++] = row->sums[i];
	(void)index_sums_set(row->run->vault->index, row->sums, len, NULL);
}

static enum carnet_status
judged_compare_files(
    struct judged_files *row, bool *ret_same, struct carnet_error *err)
{
	struct backup_run *run = row->run;
	enum carnet_status status = judged_find_sums(row, err);

	if (status != CARNET_OK)
		return status;
	status =
	    parallel_run(&(struct parallel){ .count = run->judged.segments_len,
			     .threads = parallel_cores(),
			     .result_len = sizeof(struct judged_result),
			     .context = row,
			     .work = judged_work,
			     .settle = judged_settle },
		err);
	*ret_same = status == CARNET_OK;
	if (status == CARNET_OK && row->is_new && !run->options->dry_run &&
	    run->vault->access == CARNET_WRITE)
		judged_keep_sums(row);
	return status == CARNET_DAMAGED ? CARNET_OK : status;
}

static enum carnet_status
judged_compare(struct backup_run *run, bool *ret_same, struct carnet_error *err)
{
	size_t len = run->judged.segments_len;
	struct judged_files row = { .run = run,
		.at = calloc(len + 1, sizeof(*row.at)),
		.sums = calloc(len + 1, sizeof(*row.sums)),
		.has_sum = calloc(len + 1, sizeof(*row.has_sum)) };
	enum carnet_status status;

	*ret_same = false;
	if (row.at == NULL || row.sums == NULL || row.has_sum == NULL)
		status = carnet_fail_errno(err, ENOMEM, "backup");
	else
		status = ledger_list(
		    run->vault->fd, &row.files, &row.files_len, err);
	if (status == CARNET_OK && judged_find_files(&row))
		status = judged_compare_files(&row, ret_same, err);
	judged_files_clear(&row);
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
