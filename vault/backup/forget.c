/* SPDX-License-Identifier: ISC */
/*
 * Forgetting in two phases: snapshots that a policy doesn't keep, and files
 * that then nothing needs, are condemned in a sealed list; what was condemned
 * long enough ago, and is still not needed, is deleted (forget_sweep.c).
 * Why it is safe: docs/decisions/0012-forgetting-in-two-phases.md.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "forget_run.h"

bool
forget_is_due(const struct forget_run *run, int64_t since)
{
	return since <= run->options->now_ms &&
	       run->options->now_ms - since >= FORGETTING_WAIT_MS;
}

bool
forget_stat(
    int dir_fd, const char *path, uint64_t *ret_size, int64_t *ret_written)
{
	struct stat info;

	if (fstatat(dir_fd, path, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(info.st_mode))
		return false;
	*ret_size = (uint64_t)info.st_size;
	*ret_written = (int64_t)info.st_mtim.tv_sec * 1000 +
		       info.st_mtim.tv_nsec / 1000000;
	return true;
}

/* --- what is there ----------------------------------------------------------
 */

void
forget_problem(
    void *context, const char *kind, const char *id, const char *detail)
{
	struct forget_run *run = context;

	destination_problem(run->problems, kind, id, detail);
}

static void
forget_snapshot_problem(void *context, const char *id, const char *detail)
{
	forget_problem(context, "snapshot", id, detail);
}

/* What each snapshot names goes where its fate puts it. */
static enum carnet_status
forget_gather(
    void *context, struct snapshot *snapshot, struct carnet_error *err)
{
	struct forget_run *run = context;
	const struct keeping_row *row =
	    keeping_find(&run->state.keeping, snapshot->id);
	enum carnet_status status = CARNET_OK;

	/* one that came a moment ago is kept */
	if (row == NULL || row->is_kept) {
		forget_check_kept(run, snapshot);
		status = condemned_set_add(&run->kept, snapshot, err);
	}
	if (status == CARNET_OK && (row == NULL || row->is_live))
		status = condemned_set_add(&run->living, snapshot, err);
	if (status == CARNET_OK && row != NULL && !row->is_live &&
	    !forget_is_due(run, row->condemned))
		status = condemned_set_add(&run->waiting, snapshot, err);
	return status;
}

static enum carnet_status
forget_look(struct forget_run *run, struct carnet_error *err)
{
	struct carnet_backup *backup = run->backup;
	const struct forgetting_watch watch = { forget_problem, run };
	const struct destination_visit visit = { forget_gather,
		forget_snapshot_problem, run };
	enum carnet_status status = forgetting_load(backup->fd,
	    backup->vault_id, backup->keys, true, &watch, &run->state, err);

	if (status != CARNET_OK || cJSON_GetArraySize(run->problems) > 0)
		return status;
	keeping_apply(&run->state.keeping, &run->options->policy);
	return destination_snapshots(
	    backup->fd, backup->vault_id, backup->keys, &visit, err);
}

/* --- what becomes of each file ----------------------------------------------
 */

static enum carnet_status
forget_condemn(struct forget_run *run, const struct condemned_entry *entry,
    uint64_t size, struct carnet_error *err)
{
	struct condemned_list *fresh = &run->fresh;

	if (fresh->files_len == run->fresh_room) {
		size_t room = run->fresh_room == 0 ? 64 : 2 * run->fresh_room;
		struct condemned_entry *files =
		    reallocarray(fresh->files, room, sizeof(*files));

		if (files == NULL)
			return carnet_fail_errno(err, ENOMEM, "backup");
		fresh->files = files;
		run->fresh_room = room;
	}
	fresh->files[fresh->files_len++] = *entry;
	run->fresh_bytes += size;
	return CARNET_OK;
}

static enum carnet_status
forget_doom(struct forget_run *run, const struct condemned_entry *entry,
    uint64_t size, struct carnet_error *err)
{
	if (run->doomed_len == run->doomed_room) {
		size_t room = run->doomed_room == 0 ? 64 : 2 * run->doomed_room;
		struct forget_item *doomed =
		    reallocarray(run->doomed, room, sizeof(*doomed));

		if (doomed == NULL)
			return carnet_fail_errno(err, ENOMEM, "backup");
		run->doomed = doomed;
		run->doomed_room = room;
	}
	run->doomed[run->doomed_len++] = (struct forget_item){ *entry, size };
	run->doomed_bytes += size;
	return CARNET_OK;
}

static void
forget_wait(struct forget_run *run, uint64_t size, int64_t since)
{
	int64_t until = since + FORGETTING_WAIT_MS;

	run->waiting_files++;
	run->waiting_bytes += size;
	if (run->until == 0 || until < run->until)
		run->until = until;
}

/* Who needs a condemned file writes or touches it: what was written since is
 * condemned anew, and waits anew. */
static enum carnet_status
forget_judge_file(struct forget_run *run, const struct condemned_file *file,
    const char *path, struct carnet_error *err)
{
	struct condemned_entry entry = { .file = *file };
	int64_t since = 0;
	uint64_t size = 0;
	bool is_condemned, is_same = false;

	if (condemned_set_has(&run->kept, file) ||
	    !forget_stat(run->backup->fd, path, &size, &entry.written))
		return CARNET_OK;
	is_condemned = forgetting_since(
	    &run->state, file, entry.written, &since, &is_same);
	if (!is_condemned || !is_same || condemned_set_has(&run->living, file))
		return forget_condemn(run, &entry, size, err);
	if (forget_is_due(run, since) &&
	    !condemned_set_has(&run->waiting, file))
		return forget_doom(run, &entry, size, err);
	forget_wait(run, size, since);
	return CARNET_OK;
}

struct forget_folder {
	struct forget_run *run;
	enum condemned_kind kind;
	char path[FILES_PATH_TEXT];
};

static enum carnet_status
forget_visit_file(void *context, const char *name, struct carnet_error *err)
{
	const struct forget_folder *folder = context;
	char path[CONDEMNED_PATH_TEXT];
	struct condemned_file file;

	if (!condemned_of_name(folder->kind, name, &file))
		return CARNET_OK; /* what another tool has left */
	condemned_path(&file, path);
	return forget_judge_file(folder->run, &file, path, err);
}

static enum carnet_status
forget_visit_packs(void *context, const char *name, struct carnet_error *err)
{
	struct forget_run *run = context;
	struct forget_folder folder = { .run = run, .kind = CONDEMNED_PACK };
	uint8_t byte;

	if (strlen(name) != 2 || !hex_decode(name, &byte, 1))
		return CARNET_OK;
	(void)snprintf(folder.path, sizeof(folder.path), "packs/%.2s", name);
	return files_each(
	    run->backup->fd, folder.path, forget_visit_file, &folder, err);
}

static enum carnet_status
forget_judge_files(struct forget_run *run, struct carnet_error *err)
{
	struct forget_folder headers = { run, CONDEMNED_HEADER, "headers" };
	struct forget_folder ledger = { run, CONDEMNED_SEGMENT, "ledger" };
	int fd = run->backup->fd;
	enum carnet_status status =
	    files_each(fd, headers.path, forget_visit_file, &headers, err);

	if (status == CARNET_OK)
		status = files_each(
		    fd, ledger.path, forget_visit_file, &ledger, err);
	if (status == CARNET_OK)
		status = files_each(fd, "packs", forget_visit_packs, run, err);
	return status;
}

static enum carnet_status
forget_judge_snapshots(struct forget_run *run, struct carnet_error *err)
{
	const struct keeping *keeping = &run->state.keeping;

	run->fresh.snapshots =
	    calloc(keeping->len + 1, sizeof(*run->fresh.snapshots));
	if (run->fresh.snapshots == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	for (size_t i = 0; i < keeping->len; i++) {
		const struct keeping_row *row = &keeping->rows[i];

		if (row->is_live && !row->is_kept)
			memcpy(run->fresh.snapshots[run->fresh.snapshots_len++],
			    row->id, sizeof(row->id));
		if (!row->is_live && forget_is_due(run, row->condemned))
			run->doomed_snapshots++;
	}
	return CARNET_OK;
}

/* --- the first phase --------------------------------------------------------
 */

/* With the list in its place, and only then, something is condemned. */
static enum carnet_status
forget_write(struct forget_run *run, struct carnet_error *err)
{
	struct carnet_backup *backup = run->backup;
	char path[FILES_PATH_TEXT];
	enum carnet_status status;
	uint8_t *bytes = NULL;
	size_t len = 0;

	if (run->fresh.files_len == 0 && run->fresh.snapshots_len == 0)
		return CARNET_OK;
	condemned_new_id(run->fresh.id);
	run->fresh.made = run->options->now_ms;
	status = condemned_encode(
	    &run->fresh, backup->vault_id, backup->keys, &bytes, &len, err);
	if (status == CARNET_OK)
		status = files_make_folder(backup->fd, CONDEMNED_FOLDER, err);
	if (status == CARNET_OK)
		status = files_sync_folder(backup->fd, ".", err);
	(void)snprintf(
	    path, sizeof(path), CONDEMNED_FOLDER "/%s", run->fresh.id);
	if (status == CARNET_OK)
		status = files_write(backup->fd, path, bytes, len, err);
	free(bytes);
	if (status == CARNET_OK)
		status = files_sync_folder(backup->fd, CONDEMNED_FOLDER, err);
	return status;
}

/* --- what is told -----------------------------------------------------------
 */

static cJSON *
forget_reasons(unsigned reasons)
{
	static const char *const names[] = { "last", "daily", "weekly",
		"monthly", "yearly", "within" };
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((reasons & (1u << i)) != 0)
			(void)cJSON_AddItemToArray(
			    array, cJSON_CreateString(names[i]));
	return array;
}

static cJSON *
forget_report_row(const struct keeping_row *row)
{
	cJSON *json = cJSON_CreateObject(), *reasons;

	(void)cJSON_AddStringToObject(json, "id", row->id);
	(void)cJSON_AddNumberToObject(json, "time_ms", (double)row->made);
	if (row->is_kept) {
		reasons = forget_reasons(row->reasons);
		carnet_json_give(&json, "reasons", &reasons);
	}
	return json;
}

static void
forget_report_snapshots(const struct forget_run *run, cJSON **report)
{
	cJSON *kept = cJSON_CreateArray(), *forgotten = cJSON_CreateArray();

	for (size_t i = 0; i < run->state.keeping.len; i++) {
		const struct keeping_row *row = &run->state.keeping.rows[i];
		cJSON **list = row->is_kept ? &kept : &forgotten, *json;

		if (!row->is_live)
			continue;
		json = forget_report_row(row);
		if (json == NULL || !cJSON_AddItemToArray(*list, json)) {
			cJSON_Delete(json);
			cJSON_Delete(*list);
			*list = NULL;
		}
	}
	carnet_json_give(report, "kept", &kept);
	carnet_json_give(report, "forgotten", &forgotten);
}

static void
forget_report_files(
    cJSON *report, const char *key, uint64_t files, uint64_t bytes)
{
	cJSON *json = cJSON_AddObjectToObject(report, key);

	(void)cJSON_AddNumberToObject(json, "files", (double)files);
	(void)cJSON_AddNumberToObject(json, "bytes", (double)bytes);
}

static cJSON *
forget_report(struct forget_run *run)
{
	cJSON *report = cJSON_CreateObject();
	bool dry = run->options->dry_run;
	int64_t fresh_until = run->options->now_ms + FORGETTING_WAIT_MS;
	uint64_t waiting = run->waiting_files + run->fresh.files_len;

	if (run->fresh.files_len > 0 &&
	    (run->until == 0 || fresh_until < run->until))
		run->until = fresh_until;
	forget_report_snapshots(run, &report);
	forget_report_files(
	    report, "condemned", run->fresh.files_len, run->fresh_bytes);
	forget_report_files(report, "deleted",
	    dry ? run->doomed_len : run->gone_files,
	    dry ? run->doomed_bytes : run->gone_bytes);
	(void)cJSON_AddNumberToObject(cJSON_GetObjectItem(report, "deleted"),
	    "snapshots",
	    (double)(dry ? run->doomed_snapshots : run->gone_snapshots));
	forget_report_files(
	    report, "waiting", waiting, run->waiting_bytes + run->fresh_bytes);
	if (run->until > 0)
		(void)cJSON_AddNumberToObject(
		    report, "until_ms", (double)run->until);
	(void)cJSON_AddBoolToObject(report, "late", run->is_late);
	(void)cJSON_AddBoolToObject(report, "unlocked", run->is_unlocked);
	carnet_json_give(&report, "problems", &run->problems);
	return report;
}

/* --- all of it --------------------------------------------------------------
 */

static enum carnet_status
forget_all(struct forget_run *run, struct carnet_error *err)
{
	static const char *const folders[] = { ".", "packs", "ledger",
		"headers", "snapshots", CONDEMNED_FOLDER };
	const struct carnet_forget_options *options = run->options;
	int fd = run->backup->fd;
	enum carnet_status status = CARNET_OK;

	if (!options->dry_run) {
		status =
		    destination_lock(fd, options->waiter, &run->lock_fd, err);
		run->is_unlocked = status == CARNET_OK && run->lock_fd < 0;
		for (size_t i = 0; i < 6 && status == CARNET_OK; i++)
			files_sweep(fd, folders[i]);
	}
	if (status == CARNET_OK)
		status = forget_look(run, err);
	/* what can't be read may need anything */
	if (status != CARNET_OK || cJSON_GetArraySize(run->problems) > 0)
		return status;
	status = forget_judge_snapshots(run, err);
	if (status == CARNET_OK)
		status = forget_judge_files(run, err);
	if (status == CARNET_OK && !options->dry_run)
		status = forget_write(run, err);
	if (status == CARNET_OK && options->progress != NULL)
		options->progress(options->context, 0, run->doomed_bytes);
	if (status == CARNET_OK && !options->dry_run && !run->is_unlocked)
		status = forget_sweep(run, err);
	return status;
}

enum carnet_status
carnet_backup_forget(struct carnet_backup *backup,
    const struct carnet_forget_options *options, cJSON **ret_report,
    struct carnet_error *err)
{
	struct forget_run run = {
		.backup = backup, .options = options, .lock_fd = -1
	};
	enum carnet_status status = CARNET_OK;

	run.problems = cJSON_CreateArray();
	if (run.problems == NULL)
		status = carnet_fail_errno(err, ENOMEM, "backup");
	if (status == CARNET_OK)
		status = forget_all(&run, err);
	if (status == CARNET_OK)
		*ret_report = forget_report(&run);
	if (status == CARNET_OK && *ret_report == NULL)
		status = carnet_fail_errno(err, ENOMEM, "backup");
	cJSON_Delete(run.problems);
	forgetting_clear(&run.state);
	condemned_set_clear(&run.kept);
	condemned_set_clear(&run.living);
	condemned_set_clear(&run.waiting);
	condemned_clear(&run.fresh);
	free(run.doomed);
	if (run.lock_fd >= 0)
		(void)close(run.lock_fd);
	return status;
}

enum carnet_status
carnet_backup_forgotten(struct carnet_backup *backup, cJSON **ret_array,
    cJSON *problems, struct carnet_error *err)
{
	struct forget_run run = { .backup = backup, .problems = problems };
	const struct forgetting_watch watch = { forget_problem, &run };
	cJSON *array = cJSON_CreateArray();
	enum carnet_status status = CARNET_OK;

	if (array == NULL)
		status = carnet_fail_errno(err, ENOMEM, "backup");
	if (status == CARNET_OK)
		status = forgetting_load(backup->fd, backup->vault_id,
		    backup->keys, false, &watch, &run.state, err);
	for (size_t i = 0; i < run.state.keeping.len; i++) {
		const struct keeping_row *row = &run.state.keeping.rows[i];
		cJSON *json;

		if (row->is_live || status != CARNET_OK)
			continue;
		json = cJSON_CreateObject();
		(void)cJSON_AddStringToObject(json, "id", row->id);
		(void)cJSON_AddNumberToObject(json, "until_ms",
		    (double)(row->condemned + FORGETTING_WAIT_MS));
		(void)cJSON_AddItemToArray(array, json);
	}
	forgetting_clear(&run.state);
	if (status == CARNET_OK)
		*ret_array = array;
	else
		cJSON_Delete(array);
	return status;
}
