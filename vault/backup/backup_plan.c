/* SPDX-License-Identifier: ISC */
/*
 * What a snapshot is made of, and what of it the destination lacks.  Copies
 * nothing.  The contract is backup_run.h's.
 */
#include "backup_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t
backup_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum carnet_status
backup_plan_pack(void *context, const uint8_t id[PACK_ID_LEN], bool is_pack,
    const char *path, uint64_t size, struct carnet_error *err)
{
	struct backup_run *run = context;
	struct snapshot *snapshot = &run->snapshot;

	(void)path;
	if (!is_pack)
		return CARNET_OK;
	if (snapshot->packs_len == run->packs_room) {
		size_t room = run->packs_room == 0 ? 64 : 2 * run->packs_room;
		struct snapshot_pack *packs =
		    reallocarray(snapshot->packs, room, sizeof(*packs));

		if (packs == NULL)
			return carnet_fail_errno(err, ENOMEM, "backup");
		snapshot->packs = packs;
		run->packs_room = room;
	}
	snapshot->packs[snapshot->packs_len].size = size;
	memcpy(snapshot->packs[snapshot->packs_len++].id, id, PACK_ID_LEN);
	return CARNET_OK;
}

/* A pack that the index knows and that is gone would be lost silently. */
static enum carnet_status
backup_check_packs(struct backup_run *run, struct carnet_error *err)
{
	const struct snapshot *snapshot = &run->snapshot;
	uint8_t(*known)[PACK_ID_LEN] = NULL;
	enum carnet_status status;
	size_t len = 0;

	status = index_packs(run->vault->index, &known, &len, err);
	for (size_t i = 0; i < len && status == CARNET_OK; i++) {
		char path[PACK_PATH_TEXT];
		bool found = false;
		size_t low = 0, high = snapshot->packs_len;

		while (low < high && !found) { /* pack_walk sorts by name */
			size_t middle = low + (high - low) / 2;
			int order = memcmp(
			    known[i], snapshot->packs[middle].id, PACK_ID_LEN);

			found = order == 0;
			if (order < 0)
				high = middle;
			else
				low = middle + 1;
		}
		if (found)
			continue;
		pack_path(known[i], path);
		status = carnet_fail(
		    err, CARNET_DAMAGED, CARNET_("%s is missing"), path);
		carnet_hint(err,
		    CARNET_("see carnet check; carnet restore brings it back "
			    "from an older snapshot"));
	}
	free(known);
	return status;
}

/* As many as the newest snapshot said, if nothing was said of any since: each
 * would have to be counted. */
static enum carnet_status
backup_count_documents(struct backup_run *run, struct carnet_error *err)
{
	cJSON *counts = NULL;
	int64_t documents = 0;
	enum carnet_status status;

	if (run->is_judged && !run->has_others) {
		run->snapshot.documents = run->judged.documents;
		return CARNET_OK;
	}
	status = index_counts(run->vault->index, &counts, err);
	if (status != CARNET_OK)
		return status;
	(void)carnet_json_int(counts, "documents", &documents);
	cJSON_Delete(counts);
	run->snapshot.documents = (uint64_t)documents;
	return CARNET_OK;
}

enum carnet_status
backup_plan(struct backup_run *run, struct carnet_error *err)
{
	struct snapshot *snapshot = &run->snapshot;
	enum carnet_status status;

	snapshot_new_id(snapshot->id);
	snapshot->made = backup_now_ms();
	memcpy(snapshot->device, run->vault->device, DEVICE_ID_LEN);
	memcpy(snapshot->device_public, run->vault->device_public,
	    SIGN_PUBLIC_LEN);
	snapshot->events = run->events;
	status = backup_count_documents(run, err);
	if (status == CARNET_OK)
		status = pack_walk(run->vault->fd, backup_plan_pack, run, err);

	if (status == CARNET_OK)
		status = backup_mark_packs(run, err);
	if (status == CARNET_OK)
		status = backup_check_packs(run, err);
	return status;
}
