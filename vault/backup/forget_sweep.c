/* SPDX-License-Identifier: ISC */
/*
 * The second phase of forgetting: deleting what was condemned long enough
 * ago and is still not needed.  Decides nothing but whether something came
 * meanwhile.  The contract is forget_run.h's.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "forget_run.h"

/* A list stays longer than what it names: a copy of the folder that wasn't
 * seen for months may bring back what is forgotten. */
#define FORGET_LIST_MS (365 * (int64_t)24 * 3600 * 1000)
/* After so many files, a look at what has come. */
#define FORGET_LOOK_STEP 16

static enum carnet_status
forget_unlink(struct forget_run *run, const char *path, bool *ret_gone,
    struct carnet_error *err)
{
	*ret_gone = unlinkat(run->backup->fd, path, 0) == 0;
	if (!*ret_gone && errno != ENOENT)
		return carnet_fail_errno(err, errno, "%s", path);
	return CARNET_OK;
}

static enum carnet_status
forget_delete_snapshots(struct forget_run *run, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	bool gone;

	for (size_t i = 0; i < run->state.keeping.len && status == CARNET_OK;
	     i++) {
		const struct keeping_row *row = &run->state.keeping.rows[i];
		char path[FILES_PATH_TEXT];

		if (row->is_live || !forget_is_due(run, row->condemned))
			continue;
		(void)snprintf(path, sizeof(path), "snapshots/%s", row->id);
		status = forget_unlink(run, path, &gone, err);
		if (status == CARNET_OK && gone)
			run->gone_snapshots++;
	}
	if (status == CARNET_OK && run->gone_snapshots > 0)
		status = files_sync_folder(run->backup->fd, "snapshots", err);
	return status;
}

/* --- what came meanwhile ----------------------------------------------------
 */

static enum carnet_status
forget_late_snapshot(void *context, const char *name, struct carnet_error *err)
{
	struct forget_run *run = context;

	(void)err;
	if (snapshot_is_id(name) &&
	    keeping_find(&run->state.keeping, name) == NULL)
		run->is_late = true;
	return CARNET_OK;
}

static enum carnet_status
forget_late_list(void *context, const char *name, struct carnet_error *err)
{
	struct forget_run *run = context;
	bool found = strcmp(name, run->fresh.id) == 0;

	(void)err;
	for (size_t i = 0; i < run->state.len && !found; i++)
		found = strcmp(run->state.lists[i].id, name) == 0;
	if (condemned_is_id(name) && !found)
		run->is_late = true;
	return CARNET_OK;
}

/* Another replica's snapshots and lists may have arrived: this run's view is
 * then too old to delete by. */
static enum carnet_status
forget_look_again(struct forget_run *run, struct carnet_error *err)
{
	int fd = run->backup->fd;
	enum carnet_status status =
	    files_each(fd, "snapshots", forget_late_snapshot, run, err);

	if (status == CARNET_OK)
		status = files_each(
		    fd, CONDEMNED_FOLDER, forget_late_list, run, err);
	return status;
}

/* --- files ------------------------------------------------------------------
 */

static enum carnet_status
forget_delete_file(struct forget_run *run, const struct forget_item *item,
    struct carnet_error *err)
{
	char path[CONDEMNED_PATH_TEXT];
	int64_t written = 0;
	uint64_t size = 0;
	enum carnet_status status;
	bool gone;

	condemned_path(&item->entry.file, path);
	/* written again meanwhile: somebody needs it */
	if (!forget_stat(run->backup->fd, path, &size, &written) ||
	    written != item->entry.written)
		return CARNET_OK;
	status = forget_unlink(run, path, &gone, err);
	if (status == CARNET_OK && gone) {
		run->gone_files++;
		run->gone_bytes += item->size;
	}
	if (status == CARNET_OK && run->options->progress != NULL)
		run->options->progress(
		    run->options->context, run->gone_bytes, run->doomed_bytes);
	return status;
}

static enum carnet_status
forget_sync(struct forget_run *run, struct carnet_error *err)
{
	bool packs[256] = { false }, ledger = false, headers = false;
	enum carnet_status status = CARNET_OK;
	int fd = run->backup->fd;

	for (size_t i = 0; i < run->doomed_len; i++) {
		const struct condemned_file *file = &run->doomed[i].entry.file;

		ledger |= file->kind == CONDEMNED_SEGMENT;
		headers |= file->kind == CONDEMNED_HEADER;
		if (file->kind == CONDEMNED_PACK)
			packs[file->name[0]] = true;
	}
	for (unsigned i = 0; i < 256 && status == CARNET_OK; i++) {
		char folder[sizeof("packs/ab")] = "packs/";
		uint8_t byte = (uint8_t)i;

		hex_encode(&byte, 1, folder + 6);
		if (packs[i])
			status = files_sync_folder(fd, folder, err);
	}
	if (status == CARNET_OK && ledger)
		status = files_sync_folder(fd, "ledger", err);
	if (status == CARNET_OK && headers)
		status = files_sync_folder(fd, "headers", err);
	return status;
}

/* --- lists ------------------------------------------------------------------
 */

/* Whether all that a list names is gone, or needed again. */
static bool
forget_list_is_done(
    const struct forget_run *run, const struct condemned_list *list)
{
	char path[CONDEMNED_PATH_TEXT];
	uint64_t size = 0;

	for (size_t i = 0; i < list->snapshots_len; i++) {
		(void)snprintf(
		    path, sizeof(path), "snapshots/%s", list->snapshots[i]);
		if (files_size(run->backup->fd, path, &size))
			return false;
	}
	for (size_t i = 0; i < list->files_len; i++) {
		condemned_path(&list->files[i].file, path);
		if (files_size(run->backup->fd, path, &size) &&
		    !condemned_set_has(&run->kept, &list->files[i].file))
			return false;
	}
	return true;
}

static enum carnet_status
forget_delete_lists(struct forget_run *run, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	bool gone, any = false;

	for (size_t i = 0; i < run->state.len && status == CARNET_OK; i++) {
		const struct condemned_list *list = &run->state.lists[i];
		char path[FILES_PATH_TEXT];

		if (list->made > run->options->now_ms ||
		    run->options->now_ms - list->made < FORGET_LIST_MS ||
		    !forget_list_is_done(run, list))
			continue;
		(void)snprintf(
		    path, sizeof(path), CONDEMNED_FOLDER "/%s", list->id);
		status = forget_unlink(run, path, &gone, err);
		any |= gone;
	}
	if (status == CARNET_OK && any)
		status =
		    files_sync_folder(run->backup->fd, CONDEMNED_FOLDER, err);
	return status;
}

enum carnet_status
forget_sweep(struct forget_run *run, struct carnet_error *err)
{
	enum carnet_status status = forget_delete_snapshots(run, err);

	for (size_t i = 0;
	     i < run->doomed_len && status == CARNET_OK && !run->is_late; i++) {
		if (i % FORGET_LOOK_STEP == 0)
			status = forget_look_again(run, err);
		if (status == CARNET_OK && !run->is_late)
			status = forget_delete_file(run, &run->doomed[i], err);
	}
	if (status == CARNET_OK && run->gone_files > 0)
		status = forget_sync(run, err);
	if (status == CARNET_OK && !run->is_late)
		status = forget_delete_lists(run, err);
	return status;
}
