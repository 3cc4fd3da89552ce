/* SPDX-License-Identifier: ISC */
/*
 * Writing a snapshot: what the destination lacks, and last the manifest.
 * Which packs those are is backup_plan.c's.  The contract is backup_run.h's.
 */
#include "backup_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BACKUP_SMALL ((uint64_t)1 << 20) /* bytes: cheap enough to read */

static enum carnet_status
backup_make_folders(struct backup_run *run, struct carnet_error *err)
{
	static const char *const folders[] = { "packs", "ledger", "headers",
		"snapshots" };
	enum carnet_status status = CARNET_OK;

	files_sweep(run->fd, ".");
	if (run->kind != BACKUP_THERE)
		status = destination_mark(
		    run->fd, header_id(run->vault->header), err);
	for (size_t i = 0; i < 4 && status == CARNET_OK; i++) {
		files_sweep(run->fd, folders[i]);
		status = files_make_folder(run->fd, folders[i], err);
	}
	if (status == CARNET_OK)
		status = files_sync_folder(run->fd, ".", err);
	return status;
}

static enum carnet_status
backup_pack_copied(void *context, const struct files_copy *copy,
    enum carnet_status status, const struct carnet_error *why,
    struct carnet_error *err)
{
	struct backup_run *run = context;

	if (status != CARNET_OK) {
		if (err != NULL)
			*err = *why;
		if (status == CARNET_DAMAGED)
			carnet_hint(err,
			    CARNET_("no snapshot was made; carnet repair saves "
				    "what is whole, an older snapshot may have "
				    "the rest"));
		return status;
	}
	run->touched[copy->id[0]] = true;
	run->new_bytes += copy->size;
	if (run->options->progress != NULL)
		run->options->progress(
		    run->options->context, run->new_bytes, run->bytes_to_copy);
	return CARNET_OK;
}

static enum carnet_status
backup_copy_missing(struct backup_run *run, struct carnet_error *err)
{
	const struct snapshot *snapshot = &run->snapshot;
	struct files_copy *copies =
	    calloc(snapshot->packs_len + 1, sizeof(*copies));
	enum carnet_status status;
	size_t len = 0;

	if (copies == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	for (size_t i = 0; i < snapshot->packs_len; i++) {
		const struct snapshot_pack *pack = &snapshot->packs[i];
		struct files_copy *copy = &copies[len];

		if (!run->missing[i])
			continue;
		copy->from = run->vault->fd;
		copy->to = run->fd;
		copy->keys = run->vault->keys;
		copy->size = pack->size;
		memcpy(copy->id, pack->id, PACK_ID_LEN);
		memcpy(copy->hash, pack->hash, HASH_LEN);
		len++;
	}
	status = files_copy_packs(copies, len, backup_pack_copied, run, err);
	free(copies);
	return status;
}

static enum carnet_status
backup_copy_packs(struct backup_run *run, struct carnet_error *err)
{
	enum carnet_status status = backup_copy_missing(run, err);

	if (status == CARNET_OK)
		status = files_sync_packs(run->fd, run->touched, err);
	return status;
}

static bool
backup_relies_on(struct backup_run *run, const uint8_t hash[HASH_LEN])
{
	struct condemned_file claim;

	condemned_of_segment(hash, &claim);
	return claims_rely(&run->claims, &claim);
}

/* By its size alone: only a large one that was judged and copied before, and
 * isn't asked to be read. */
static bool
backup_has_segment(
    struct backup_run *run, const struct snapshot_segment *segment)
{
	char path[BACKUP_SEGMENT_TEXT];
	struct stat there;

	destination_segment_path(segment->hash, path);
	return segment->size > BACKUP_SMALL && !run->options->read_data &&
	       fstatat(run->fd, path, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(there.st_mode) &&
	       (uint64_t)there.st_size == segment->size &&
	       backup_relies_on(run, segment->hash);
}

/* In the manifest; backup_copy_ledger has made the room. */
static void
backup_name_segment(
    struct backup_run *run, const struct snapshot_segment *segment)
{
	struct snapshot *snapshot = &run->snapshot;

	if (snapshot->segments != NULL)
		snapshot->segments[snapshot->segments_len++] = *segment;
}

static enum carnet_status
backup_copy_segment(struct backup_run *run, const struct ledger_file *file,
    struct carnet_error *err)
{
	const struct snapshot_segment *judged = judged_segment(run, file);
	struct snapshot_segment segment = { .number = file->segment,
		.revision = file->revision };
	char path[BACKUP_SEGMENT_TEXT];
	enum carnet_status status;
	uint8_t *bytes = NULL;
	size_t len = 0;

	if (judged != NULL && backup_has_segment(run, judged)) {
		backup_name_segment(run, judged);
		return CARNET_OK;
	}
	status = files_load(run->vault->fd, file->path, SNAPSHOT_SEGMENT_MAX,
	    &bytes, &len, err);
	if (status != CARNET_OK)
		return status;
	len = backup_segment_len(run, file, len);
	memcpy(segment.device, file->device, DEVICE_ID_LEN);
	segment.size = len;
	hash_bytes(NULL, bytes, len, segment.hash);
	destination_segment_path(segment.hash, path);
	if (judged != NULL &&
	    !bytes_equal(segment.hash, judged->hash, HASH_LEN)) {
		free(bytes); /* its sum alone was compared */
		return carnet_fail(
		    err, CARNET_DAMAGED, CARNET_("%s is damaged"), file->path);
	}
	if (!files_holds(run->fd, path, bytes, len) ||
	    !backup_relies_on(run, segment.hash)) {
		status = files_write(run->fd, path, bytes, len, err);
		run->new_bytes += len;
	}
	free(bytes);
	if (status == CARNET_OK)
		backup_name_segment(run, &segment);
	return status;
}

/* Every closed segment; the open one was just begun and is empty, or stands in
 * the snapshot as far as it goes. */
static enum carnet_status
backup_copy_ledger(struct backup_run *run, struct carnet_error *err)
{
	struct ledger_file *files = NULL;
	enum carnet_status status;
	size_t len = 0;

	status = ledger_list(run->vault->fd, &files, &len, err);
	if (status == CARNET_OK) {
		run->snapshot.segments =
		    calloc(len + 1, sizeof(*run->snapshot.segments));
		if (run->snapshot.segments == NULL)
			status = carnet_fail_errno(err, ENOMEM, "backup");
	}
	for (size_t i = 0; i < len && status == CARNET_OK; i++)
		if (backup_segment_len(run, &files[i], files[i].size) >
		    SEGMENT_HEADER_LEN)
			status = backup_copy_segment(run, &files[i], err);
	free(files);
	if (status == CARNET_OK)
		status = files_sync_folder(run->fd, "ledger", err);
	return status;
}

static enum carnet_status
backup_copy_header(struct backup_run *run, struct carnet_error *err)
{
	struct carnet_vault *vault = run->vault;
	struct snapshot *snapshot = &run->snapshot;
	struct condemned_file claim;
	char path[BACKUP_HEADER_TEXT];
	enum carnet_status status;
	uint8_t *bytes = NULL;
	size_t len = 0;

	status = header_encode(vault->header, vault->master, &bytes, &len, err);
	if (status != CARNET_OK)
		return status;
	snapshot->header_sequence = header_sequence(vault->header);
	hash_bytes(NULL, bytes, len, snapshot->header_hash);
	destination_header_path(
	    snapshot->header_sequence, snapshot->header_hash, path);
	condemned_of_header(
	    snapshot->header_sequence, snapshot->header_hash, &claim);
	if (!files_holds(run->fd, path, bytes, len) ||
	    !claims_rely(&run->claims, &claim)) {
		status = files_write(run->fd, path, bytes, len, err);
		run->new_bytes += len;
	}
	free(bytes);
	if (status == CARNET_OK)
		status = files_sync_folder(run->fd, "headers", err);
	return status;
}

/* Forged or hurt copies keep nobody out, but each may cost an Argon2id. */
static enum carnet_status
backup_warn_headers(struct backup_run *run, struct carnet_error *err)
{
	size_t count = 0;
	char text[256];
	enum carnet_status status = destination_count_strangers(
	    run->fd, run->vault->header, run->vault->master, &count, err);

	if (status != CARNET_OK || count == 0)
		return status;
	(void)snprintf(text, sizeof(text),
	    CARNET_PLURAL_("%zu header copy there is hurt or not this vault's: "
			   "see carnet backup check",
		"%zu header copies there are hurt or not this vault's: see "
		"carnet backup check",
		count),
	    count);
	(void)cJSON_AddItemToArray(run->warnings, cJSON_CreateString(text));
	return CARNET_OK;
}

/* Last of all: with it the snapshot exists. */
static enum carnet_status
backup_write_manifest(struct backup_run *run, struct carnet_error *err)
{
	struct carnet_vault *vault = run->vault;
	char path[FILES_PATH_TEXT];
	enum carnet_status status;
	uint8_t *bytes = NULL;
	size_t len = 0;

	status = claims_look_again(&run->claims, &run->snapshot, err);
	if (status != CARNET_OK)
		return status;
	status = snapshot_encode(&run->snapshot, header_id(vault->header),
	    vault->keys, vault->device_secret, &bytes, &len, err);
	if (status != CARNET_OK)
		return status;
	(void)snprintf(path, sizeof(path), "snapshots/%s", run->snapshot.id);
	status = files_write(run->fd, path, bytes, len, err);
	free(bytes);
	if (status == CARNET_OK)
		status = files_sync_folder(run->fd, "snapshots", err);
	run->new_bytes += len;
	return status;
}

/* The snapshot is there, whatever becomes of this. */
static void
backup_note(struct backup_run *run)
{
	cJSON *payload = cJSON_CreateObject();
	const char *today = run->options->today;

	vault_payload_add(&payload, "snapshot", run->snapshot.id);
	if (run->options->to_cloud)
		(void)cJSON_AddTrueToObject(payload, "to_cloud");
	if (carnet_queue(run->vault, "backup.made", today, payload, NULL,
		NULL) != CARNET_OK ||
	    carnet_commit(run->vault, NULL) != CARNET_OK)
		(void)cJSON_AddItemToArray(run->warnings,
		    cJSON_CreateString(CARNET_("the snapshot is made, but the "
					       "vault could not write that "
					       "down")));
}

enum carnet_status
backup_write(struct backup_run *run, struct carnet_error *err)
{
	enum carnet_status status = backup_pass_others(run, err);

	if (status == CARNET_OK)
		status = backup_close_ledger(run, err);
	if (status == CARNET_OK)
		status = backup_make_folders(run, err);
	if (status == CARNET_OK)
		status = backup_copy_packs(run, err);
	if (status == CARNET_OK)
		status = backup_copy_ledger(run, err);
	if (status == CARNET_OK)
		status = backup_copy_header(run, err);
	if (status == CARNET_OK)
		status = backup_warn_headers(run, err);
	if (status == CARNET_OK)
		status = backup_write_manifest(run, err);
	if (status == CARNET_OK)
		backup_note(run);
	return status;
}
