/* SPDX-License-Identifier: ISC */
/*
 * From a snapshot to a vault: packs, ledger, and last the header, so that
 * what is cut off is no vault.  The folder is restore_folder.c's.  The
 * contract is include/carnet_backup.h.
 */
#include "restore_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
restore_problem(struct restore *restore, const char *kind, const char *id,
    const char *detail)
{
	destination_problem(restore->problems, kind, id, detail);
}

/* --- copying
 * --------------------------------------------------------------------- */

static void
restore_step(struct restore *restore, uint64_t bytes)
{
	restore->bytes += bytes;
	if (restore->options->progress != NULL)
		restore->options->progress(restore->options->context,
		    restore->bytes, restore->bytes_total);
}

/* What is missing or damaged in the backup is told, not fatal; a damaged
 * pack is kept for what is whole in it. */
static enum carnet_status
restore_pack_copied(void *context, const struct files_copy *copy,
    enum carnet_status status, const struct carnet_error *why,
    struct carnet_error *err)
{
	struct restore *restore = context;
	char path[PACK_PATH_TEXT];

	/* a newer pack isn't kept: the vault wouldn't open with it */
	if (status == CARNET_DAMAGED || status == CARNET_NEWER ||
	    copy->is_read_error) {
		pack_path(copy->id, path);
		restore_problem(restore, "pack", path, why->message);
	} else if (status != CARNET_OK) {
		if (err != NULL)
			*err = *why;
		return status;
	}
	if (status == CARNET_OK || status == CARNET_DAMAGED)
		restore_step(restore, copy->size);
	return CARNET_OK;
}

static enum carnet_status
restore_copy_packs(struct restore *restore, struct carnet_error *err)
{
	const struct snapshot *snapshot = &restore->snapshot;
	struct files_copy *copies =
	    calloc(snapshot->packs_len + 1, sizeof(*copies));
	enum carnet_status status;

	if (copies == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	for (size_t i = 0; i < snapshot->packs_len; i++) {
		const struct snapshot_pack *pack = &snapshot->packs[i];
		struct files_copy *copy = &copies[i];

		copy->from = restore->backup->fd;
		copy->to = restore->folder.fd;
		copy->size = pack->size;
		copy->keys = restore->backup->keys;
		copy->keep_damaged = true;
		memcpy(copy->id, pack->id, PACK_ID_LEN);
		memcpy(copy->hash, pack->hash, HASH_LEN);
	}
	status = files_copy_packs(
	    copies, snapshot->packs_len, restore_pack_copied, restore, err);
	free(copies);
	return status;
}

static enum carnet_status
restore_packs(struct restore *restore, struct carnet_error *err)
{
	const struct snapshot *snapshot = &restore->snapshot;
	enum carnet_status status = restore_copy_packs(restore, err);

	for (size_t i = 0; i < snapshot->packs_len && status == CARNET_OK;
	     i++) {
		char folder[sizeof("packs/ab")] = "packs/";

		hex_encode(snapshot->packs[i].id, 1, folder + 6);
		if (i == 0 ||
		    snapshot->packs[i].id[0] != snapshot->packs[i - 1].id[0])
			status =
			    files_sync_folder(restore->folder.fd, folder, err);
	}
	if (status == CARNET_OK)
		status = files_sync_folder(restore->folder.fd, "packs", err);
	return status;
}

static enum carnet_status
restore_segment(struct restore *restore, const struct snapshot_segment *segment,
    struct carnet_error *err)
{
	char from[BACKUP_SEGMENT_TEXT], to[FILES_PATH_TEXT];
	char device[DEVICE_ID_TEXT], folder[FILES_PATH_TEXT];
	struct carnet_error why;
	enum carnet_status status;
	uint8_t hash[HASH_LEN], *bytes = NULL;
	size_t len = 0;

	hex_encode(segment->device, DEVICE_ID_LEN, device);
	(void)snprintf(folder, sizeof(folder), "ledger/%s", device);
	if (segment->revision == 0)
		(void)snprintf(to, sizeof(to), "ledger/%s/%" PRIu64, device,
		    segment->number);
	else
		(void)snprintf(to, sizeof(to), "ledger/%s/%" PRIu64 ".%" PRIu32,
		    device, segment->number, segment->revision);
	destination_segment_path(segment->hash, from);
	status = files_load(restore->backup->fd, from, SNAPSHOT_SEGMENT_MAX,
	    &bytes, &len, &why);
	if (status == CARNET_NO_MEMORY) {
		if (err != NULL)
			*err = why;
		return status;
	}
	if (status != CARNET_OK) {
		restore_problem(restore, "ledger", from, why.message);
		return CARNET_OK;
	}
	if (len > segment->size) {
		restore_problem(restore, "ledger", from,
		    CARNET_("it is longer than it was; what is too much was "
			    "left out"));
		len = (size_t)segment->size;
	}
	hash_bytes(NULL, bytes, len, hash);
	if (len != segment->size || memcmp(hash, segment->hash, HASH_LEN) != 0)
		restore_problem(restore, "ledger", from,
		    CARNET_("its checksum is not that of its bytes"));
	status = files_make_folder(restore->folder.fd, folder, err);
	if (status == CARNET_OK)
		status = files_write(restore->folder.fd, to, bytes, len, err);
	if (status == CARNET_OK)
		status = files_sync_folder(restore->folder.fd, folder, err);
	free(bytes);
	restore_step(restore, len);
	return status;
}

static enum carnet_status
restore_ledger(struct restore *restore, struct carnet_error *err)
{
	const struct snapshot *snapshot = &restore->snapshot;
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < snapshot->segments_len && status == CARNET_OK;
	     i++)
		status = restore_segment(restore, &snapshot->segments[i], err);
	if (status == CARNET_OK)
		status = files_sync_folder(restore->folder.fd, "ledger", err);
	return status;
}

/* The snapshot's own header; if it is hurt, the one that opened the backup. */
static enum carnet_status
restore_load_header(struct restore *restore, uint8_t **ret_bytes,
    size_t *ret_len, struct carnet_error *err)
{
	struct carnet_backup *backup = restore->backup;
	const struct snapshot *snapshot = &restore->snapshot;
	char path[BACKUP_HEADER_TEXT];
	struct header *header = NULL;
	struct carnet_error why;
	enum carnet_status status;

	destination_header_path(
	    snapshot->header_sequence, snapshot->header_hash, path);
	status = destination_load_header(backup->fd,
	    path + sizeof("headers/") - 1, ret_bytes, ret_len, &header, &why);
	if (status == CARNET_OK) {
		status = header_verify(header, backup->master, &why);
		header_free(header);
		if (status == CARNET_OK) {
			restore->other_header =
			    memcmp(snapshot->header_hash, backup->header_hash,
				HASH_LEN) != 0;
			return CARNET_OK;
		}
		free(*ret_bytes);
		*ret_bytes = NULL;
	}
	restore_problem(restore, "header", path, why.message);
	return header_encode(
	    backup->header, backup->master, ret_bytes, ret_len, err);
}

/* With the first of them it is a vault; both together are as init makes it. */
static enum carnet_status
restore_header(struct restore *restore, struct carnet_error *err)
{
	enum carnet_status status;
	uint8_t *bytes = NULL;
	size_t len = 0;

	status = restore_load_header(restore, &bytes, &len, err);
	if (status == CARNET_OK)
		status = files_write(
		    restore->folder.fd, "carnet.head.1", bytes, len, err);
	if (status == CARNET_OK)
		status = files_write(
		    restore->folder.fd, "carnet.head", bytes, len, err);
	if (status == CARNET_OK)
		status = files_sync_folder(restore->folder.fd, ".", err);
	free(bytes);
	return status;
}

/* --- all of it
 * ------------------------------------------------------------------------- */

static cJSON *
restore_report(struct restore *restore)
{
	cJSON *report = cJSON_CreateObject();
	cJSON *forks = forks_ends(&restore->forks);

	(void)cJSON_AddStringToObject(report, "vault", restore->options->to);
	(void)cJSON_AddStringToObject(report, "snapshot", restore->snapshot.id);
	(void)cJSON_AddNumberToObject(
	    report, "documents", (double)restore->documents);
	(void)cJSON_AddNumberToObject(
	    report, "events", (double)restore->events);
	(void)cJSON_AddNumberToObject(report, "bytes", (double)restore->bytes);
	(void)cJSON_AddBoolToObject(
	    report, "other_header", restore->other_header);
	carnet_json_give(&report, "forks", &forks);
	carnet_json_give(&report, "problems", &restore->problems);
	return report;
}

/* What failed is no vault: under its marker it can be begun again. */
static void
restore_take_back(struct restore *restore)
{
	static const char *const names[] = { "carnet.head", "carnet.head.1",
		"index.db", "index.db-journal", "lock", "packs.lock" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlinkat(restore->folder.fd, names[i], 0);
}

static enum carnet_status
restore_write(struct restore *restore, struct carnet_error *err)
{
	enum carnet_status status =
	    restore_folder_begin(restore->options->to, restore->options->judged,
		restore->backup->fd, &restore->folder, err);

	if (status == CARNET_OK)
		status = restore_packs(restore, err);
	if (status == CARNET_OK)
		status = restore_ledger(restore, err);
	if (status == CARNET_OK) {
		status = restore_header(restore, err);
		if (status == CARNET_OK)
			status = restore_open(restore, err);
		if (status != CARNET_OK)
			restore_take_back(restore);
	}
	if (status == CARNET_OK)
		status = restore_folder_end(&restore->folder, err);
	if (status == CARNET_OK)
		status = restore_passphrase(restore, err);
	restore_folder_close(&restore->folder);
	return status;
}

enum carnet_status
carnet_backup_restore(struct carnet_backup *backup,
    const struct carnet_restore_options *options, cJSON **ret_report,
    struct carnet_error *err)
{
	struct restore restore = { .backup = backup,
		.options = options,
		.folder = RESTORE_FOLDER_NONE };
	enum carnet_status status = CARNET_OK;

	restore.problems = cJSON_CreateArray();
	if (restore.problems == NULL)
		status = carnet_fail_errno(err, ENOMEM, "restore");
	if (status == CARNET_OK)
		status = restore_choose(&restore, err);
	if (status == CARNET_OK) {
		restore.bytes_total = snapshot_bytes(&restore.snapshot);
		if (options->dry_run) {
			restore.documents = (int64_t)restore.snapshot.documents;
			restore.events = restore.snapshot.events;
			restore.bytes = restore.bytes_total;
		} else {
			status = restore_write(&restore, err);
		}
	}
	if (status == CARNET_OK)
		*ret_report = restore_report(&restore);
	if (status == CARNET_OK && *ret_report == NULL)
		status = carnet_fail_errno(err, ENOMEM, "backup");
	cJSON_Delete(restore.problems);
	snapshot_clear(&restore.snapshot);
	forks_clear(&restore.forks);
	return status;
}
