/* SPDX-License-Identifier: ISC */
/*
 * A backup copied to another folder: are these two folders that may be copied
 * between, and their locks.  Needs no key, so whoever carries a backup can do
 * it.  Copying files is copy_files.c's; the contract is carnet_backup.h's.
 */
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double
copy_clock(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* --- the folder it comes from -----------------------------------------------
 */

/* The vault's id out of the first whole header, where the marker is hurt. */
static enum carnet_status
copy_take_id(void *context, const char *name, struct carnet_error *err)
{
	struct copy_run *run = context;
	struct header *header = NULL;
	uint8_t *bytes = NULL;
	size_t len = 0;

	(void)err;
	if (!run->is_ours && destination_load_header(run->from, name, &bytes,
				 &len, &header, NULL) == CARNET_OK) {
		memcpy(run->vault_id, header_id(header), VAULT_ID_LEN);
		run->is_ours = true;
	}
	header_free(header);
	free(bytes);
	return CARNET_OK;
}

/* Who writes there waits for us, where we may open the lock at all: a disk
 * that can only be read has no other writer either. */
static enum carnet_status
copy_lock_from(struct copy_run *run, struct carnet_error *err)
{
	const struct carnet_waiter *waiter = run->options->waiter;
	int how = LOCK_SH | LOCK_NB, code;

	run->from_lock =
	    openat(run->from, BACKUP_LOCK, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (run->from_lock < 0)
		return CARNET_OK;
	for (;;) {
		do
			code = flock(run->from_lock, how);
		while (code != 0 && errno == EINTR);
		if (code == 0 || errno != EWOULDBLOCK)
			return CARNET_OK;
		if (waiter == NULL || !waiter->wait(waiter->context))
			break;
		how = LOCK_SH;
	}
	carnet_fail(err, CARNET_LOCKED,
	    CARNET_("another backup is being written there"));
	carnet_hint(err, CARNET_("wait until it is done"));
	return CARNET_LOCKED;
}

static enum carnet_status
copy_open_from(struct copy_run *run, const char *path, struct carnet_error *err)
{
	enum backup_kind kind = BACKUP_EMPTY;
	enum carnet_status status = carnet_backup_probe(path, err);

	if (status != CARNET_OK)
		return status;
	run->from = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (run->from < 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("cannot open the backup's folder"));
	status = destination_look(run->from, &kind, run->vault_id, err);
	if (status == CARNET_OK && kind != BACKUP_THERE) {
		run->is_ours = false;
		status =
		    files_each(run->from, "headers", copy_take_id, run, err);
		if (status == CARNET_OK && !run->is_ours)
			status = carnet_fail(err, CARNET_DAMAGED,
			    CARNET_("no copy of the header is whole"));
	}
	return status == CARNET_OK ? copy_lock_from(run, err) : status;
}

/* --- the folder it goes to --------------------------------------------------
 */

static enum carnet_status
copy_adopt(void *context, const char *name, struct carnet_error *err)
{
	struct copy_run *run = context;
	struct header *header = NULL;
	uint8_t *bytes = NULL;
	size_t len = 0;

	(void)err;
	if (destination_load_header(
		run->to, name, &bytes, &len, &header, NULL) == CARNET_OK &&
	    memcmp(header_id(header), run->vault_id, VAULT_ID_LEN) == 0)
		run->is_ours = true;
	header_free(header);
	free(bytes);
	return CARNET_OK;
}

/* Empty, a backup of the same vault, or an error. */
static enum carnet_status
copy_judge(
    struct copy_run *run, enum backup_kind *ret_kind, struct carnet_error *err)
{
	uint8_t id[VAULT_ID_LEN] = { 0 };
	enum carnet_status status =
	    destination_look(run->to, ret_kind, id, err);

	if (status != CARNET_OK)
		return status;
	if (*ret_kind == BACKUP_UNMARKED) {
		run->is_ours = false;
		status = files_each(run->to, "headers", copy_adopt, run, err);
		if (status == CARNET_OK && !run->is_ours)
			*ret_kind = BACKUP_STRANGER;
	}
	if (status == CARNET_OK && *ret_kind == BACKUP_STRANGER) {
		status = carnet_fail(err, CARNET_EXISTS,
		    CARNET_("this folder holds something else"));
		carnet_hint(err, CARNET_("name a new or an empty folder for "
					 "the backup"));
	}
	if (status == CARNET_OK && *ret_kind == BACKUP_THERE &&
	    memcmp(id, run->vault_id, VAULT_ID_LEN) != 0) {
		status = carnet_fail(err, CARNET_INVALID,
		    CARNET_("this is a backup of another vault"));
		carnet_hint(
		    err, CARNET_("each vault has a backup folder of its own"));
	}
	return status;
}

/* What a copy that was cut off has left; under the lock. */
static void
copy_sweep(const struct copy_run *run)
{
	static const char *const folders[] = { ".", "packs", "ledger",
		"headers", "snapshots", CONDEMNED_FOLDER };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		files_sweep(run->to, folders[i]);
}

static enum carnet_status
copy_inside(struct carnet_error *err)
{
	carnet_fail(err, CARNET_INVALID,
	    CARNET_("a backup and its copy lie in one another"));
	carnet_hint(
	    err, CARNET_("name a folder elsewhere, best on another disk"));
	return CARNET_INVALID;
}

/* Makes the last folder of the path, but none above it: a stick that isn't
 * plugged in must not become a folder. */
static enum carnet_status
copy_open_to(struct copy_run *run, const char *path, struct carnet_error *err)
{
	bool dry = run->options->dry_run;
	enum backup_kind kind = BACKUP_EMPTY;
	enum carnet_status status;

	run->to = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (run->to < 0 && errno == ENOENT) {
		if (run->options->judged != NULL &&
		    files_is_inside(*run->options->judged, run->from))
			return copy_inside(err);
		if (dry)
			return CARNET_OK;
		if (mkdir(path, 0700) != 0)
			return carnet_fail_errno(err, errno,
			    CARNET_("cannot make the backup's folder"));
		run->to = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (run->to < 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("cannot open the backup's folder"));
	status = carnet_folder_judged(run->options->judged, run->to, err);
	if (status == CARNET_OK && (files_is_inside(run->to, run->from) ||
				       files_is_inside(run->from, run->to)))
		status = copy_inside(err);
	if (status == CARNET_OK)
		status = copy_judge(run, &kind, err);
	if (status != CARNET_OK || dry)
		return status;
	status =
	    destination_lock(run->to, run->options->waiter, &run->to_lock, err);
	if (status == CARNET_OK) /* who held it may have made it a backup */
		status = copy_judge(run, &kind, err);
	if (status == CARNET_OK)
		copy_sweep(run);
	if (status == CARNET_OK && kind != BACKUP_THERE)
		status = destination_mark(run->to, run->vault_id, err);
	return status;
}

/* --- all of it --------------------------------------------------------------
 */

static cJSON *
copy_report(struct copy_run *run, double seconds)
{
	cJSON *report = cJSON_CreateObject();

	(void)cJSON_AddNumberToObject(
	    report, "snapshots", (double)run->snapshots);
	(void)cJSON_AddNumberToObject(report, "packs", (double)run->packs);
	(void)cJSON_AddNumberToObject(
	    report, "packs_new", (double)run->packs_new);
	(void)cJSON_AddNumberToObject(
	    report, "new_bytes", (double)run->new_bytes);
	(void)cJSON_AddNumberToObject(
	    report, "total_bytes", (double)run->total_bytes);
	(void)cJSON_AddNumberToObject(report, "seconds", seconds);
	carnet_json_give(&report, "problems", &run->problems);
	return report;
}

enum carnet_status
carnet_backup_copy(const char *from, const char *to,
    const struct carnet_copy_options *options, cJSON **ret_report,
    struct carnet_error *err)
{
	struct copy_run run = { .options = options,
		.from = -1,
		.to = -1,
		.from_lock = -1,
		.to_lock = -1 };
	double begun = copy_clock();
	enum carnet_status status = CARNET_OK;

	run.problems = cJSON_CreateArray();
	if (run.problems == NULL)
		status = carnet_fail_errno(err, ENOMEM, "backup");
	if (status == CARNET_OK)
		status = copy_open_from(&run, from, err);
	if (status == CARNET_OK)
		status = copy_open_to(&run, to, err);
	if (status == CARNET_OK)
		status = copy_count(&run, err);
	if (status == CARNET_OK)
		status = copy_files(&run, err);
	if (status == CARNET_OK)
		*ret_report = copy_report(&run, copy_clock() - begun);
	if (status == CARNET_OK && *ret_report == NULL)
		status = carnet_fail_errno(err, ENOMEM, "backup");
	cJSON_Delete(run.problems);
	if (run.from_lock >= 0)
		(void)close(run.from_lock);
	if (run.to_lock >= 0)
		(void)close(run.to_lock);
	if (run.from >= 0)
		(void)close(run.from);
	if (run.to >= 0)
		(void)close(run.to);
	return status;
}
