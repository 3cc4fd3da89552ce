/* SPDX-License-Identifier: ISC */
/*
 * A backup's files from one folder to another.  Each is verified by what can
 * be seen without a key: the checksum in it, or the hash that is its name.
 * The contract is copy.h's.
 */
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct copy_kind {
	const char *folder;
	const char *problem; /* its kind */
	uint64_t limit;
	bool (*is_name)(const char *name);
	/* Whether these bytes are what the file's name and checksum say. */
	bool (*is_whole)(const uint8_t *bytes, size_t len, const char *name);
};

/* --- what is whole ----------------------------------------------------------
 */

static bool
copy_is_header_name(const char *name)
{
	struct condemned_file file;

	return condemned_of_name(CONDEMNED_HEADER, name, &file);
}

static bool
copy_is_segment_name(const char *name)
{
	struct condemned_file file;

	return condemned_of_name(CONDEMNED_SEGMENT, name, &file);
}

/* The hash of the whole file is (the end of) its name. */
static bool
copy_is_named(const uint8_t *bytes, size_t len, const char *name)
{
	char hex[2 * HASH_LEN + 1];
	uint8_t hash[HASH_LEN];
	size_t name_len = strlen(name);

	hash_bytes(NULL, bytes, len, hash);
	hex_encode(hash, HASH_LEN, hex);
	return name_len >= 2 * HASH_LEN &&
	       strcmp(name + name_len - 2 * HASH_LEN, hex) == 0;
}

/* Manifests and lists end with the checksum of all before. */
static bool
copy_is_summed(const uint8_t *bytes, size_t len, const char *name)
{
	uint8_t hash[HASH_LEN];

	(void)name;
	if (len <= HASH_LEN)
		return false;
	hash_bytes(NULL, bytes, len - HASH_LEN, hash);
	return memcmp(hash, bytes + len - HASH_LEN, HASH_LEN) == 0;
}

static const struct copy_kind copy_headers = { "headers", "header",
	HEADER_MAX_LEN, copy_is_header_name, copy_is_named };
static const struct copy_kind copy_ledger = { "ledger", "ledger",
	SNAPSHOT_SEGMENT_MAX, copy_is_segment_name, copy_is_named };
static const struct copy_kind copy_lists = { CONDEMNED_FOLDER, "forgotten",
	SNAPSHOT_FILE_MAX, condemned_is_id, copy_is_summed };
static const struct copy_kind copy_snapshots = { "snapshots", "snapshot",
	SNAPSHOT_FILE_MAX, snapshot_is_id, copy_is_summed };

/* --- one file ---------------------------------------------------------------
 */

static void
copy_problem(struct copy_run *run, const char *kind, const char *path,
    const char *detail)
{
	destination_problem(run->problems, kind, path, detail);
}

static void
copy_step(struct copy_run *run, uint64_t bytes, bool is_new)
{
	run->seen_bytes += bytes;
	if (is_new)
		run->new_bytes += bytes;
	if (run->options->progress != NULL)
		run->options->progress(
		    run->options->context, run->seen_bytes, run->total_bytes);
}

/* A file that somebody claimed by touching it stays claimed in the copy. */
static void
copy_time(struct copy_run *run, const char *path)
{
	struct stat from, to;

	if (run->options->dry_run ||
	    fstatat(run->from, path, &from, AT_SYMLINK_NOFOLLOW) != 0 ||
	    fstatat(run->to, path, &to, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	if (from.st_mtim.tv_sec > to.st_mtim.tv_sec ||
	    (from.st_mtim.tv_sec == to.st_mtim.tv_sec &&
		from.st_mtim.tv_nsec > to.st_mtim.tv_nsec)) {
		struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
			from.st_mtim };

		(void)utimensat(run->to, path, times, AT_SYMLINK_NOFOLLOW);
	}
}

static bool
copy_has(const struct copy_run *run, const char *path, const uint8_t *bytes,
    size_t len)
{
	uint8_t *there = NULL;
	size_t there_len = 0;
	bool same;

	if (run->to < 0 || files_load(run->to, path, len, &there, &there_len,
			       NULL) != CARNET_OK)
		return false;
	same = there_len == len && memcmp(there, bytes, len) == 0;
	free(there);
	return same;
}

struct copy_walk {
	struct copy_run *run;
	const struct copy_kind *kind;
};

static enum carnet_status
copy_bytes(struct copy_run *run, const char *path, const uint8_t *bytes,
    size_t len, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	bool is_new = !copy_has(run, path, bytes, len);

	if (is_new && !run->options->dry_run)
		status = files_write(run->to, path, bytes, len, err);
	else
		copy_time(run, path);
	if (status == CARNET_OK)
		copy_step(run, len, is_new);
	return status;
}

static enum carnet_status
copy_visit(void *context, const char *name, struct carnet_error *err)
{
	const struct copy_walk *walk = context;
	struct copy_run *run = walk->run;
	char path[FILES_PATH_TEXT];
	struct carnet_error why;
	enum carnet_status status;
	uint8_t *bytes = NULL;
	size_t len = 0;

	if (!walk->kind->is_name(name))
		return CARNET_OK; /* what another tool has left */
	(void)snprintf(
	    path, sizeof(path), "%s/%.100s", walk->kind->folder, name);
	status =
	    files_load(run->from, path, walk->kind->limit, &bytes, &len, &why);
	if (status == CARNET_NOT_FOUND)
		return CARNET_OK; /* forgotten a moment ago */
	if (status == CARNET_NO_MEMORY)
		return carnet_fail_errno(err, ENOMEM, "%s", path);
	if (status == CARNET_OK && !walk->kind->is_whole(bytes, len, name))
		status = carnet_fail(&why, CARNET_DAMAGED,
		    CARNET_("its checksum is not that of its bytes"));
	if (status != CARNET_OK) {
		copy_problem(run, walk->kind->problem,
		    walk->kind == &copy_snapshots ? name : path, why.message);
		free(bytes);
		return CARNET_OK;
	}
	status = copy_bytes(run, path, bytes, len, err);
	free(bytes);
	if (status == CARNET_OK && walk->kind == &copy_snapshots)
		run->snapshots++;
	return status;
}

static enum carnet_status
copy_folder(struct copy_run *run, const struct copy_kind *kind,
    struct carnet_error *err)
{
	struct copy_walk walk = { run, kind };
	enum carnet_status status = CARNET_OK;

	if (!run->options->dry_run)
		status = files_make_folder(run->to, kind->folder, err);
	if (status == CARNET_OK)
		status =
		    files_each(run->from, kind->folder, copy_visit, &walk, err);
	if (status == CARNET_OK && !run->options->dry_run)
		status = files_sync_folder(run->to, kind->folder, err);
	return status;
}

/* --- packs ------------------------------------------------------------------
 */

/* By its size and its last bytes, a checksum of all others. */
static bool
copy_has_pack(struct copy_run *run, const char *path, uint64_t size,
    const uint8_t hash[HASH_LEN])
{
	uint8_t there[HASH_LEN];
	uint64_t there_size = 0;

	return run->to >= 0 &&
	       files_pack_mark(run->to, path, &there_size, there, NULL) ==
		   CARNET_OK &&
	       there_size == size && memcmp(there, hash, HASH_LEN) == 0;
}

/* A pack never changes: of two that differ one was changed, and without a key
 * nobody can tell which.  One that is hurt is copied again. */
static bool
copy_is_other(
    const struct copy_run *run, const char *path, const uint8_t id[PACK_ID_LEN])
{
	bool whole;
	int fd = run->to < 0 ? -1
			     : openat(run->to, path,
				   O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
				       O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return false;
	whole = pack_check_file(fd, id, NULL) == CARNET_OK;
	(void)close(fd);
	return whole;
}

/* The packs that the destination lacks. */
struct copy_lacking {
	struct copy_run *run;
	struct files_copy *copies;
	size_t len, room;
	bool touched[256]; /* folders below packs/ */
};

static enum carnet_status
copy_lacks(struct copy_lacking *lacking, const struct files_copy *copy,
    struct carnet_error *err)
{
	if (lacking->len == lacking->room) {
		size_t room = lacking->room == 0 ? 64 : 2 * lacking->room;
		struct files_copy *copies =
		    reallocarray(lacking->copies, room, sizeof(*copies));

		if (copies == NULL)
			return carnet_fail_errno(err, ENOMEM, "backup");
		lacking->copies = copies;
		lacking->room = room;
	}
	lacking->copies[lacking->len++] = *copy;
	return CARNET_OK;
}

static enum carnet_status
copy_visit_pack(void *context, const char *name, struct carnet_error *err)
{
	struct copy_lacking *lacking = context;
	struct copy_run *run = lacking->run;
	struct files_copy copy = { .from = run->from, .to = run->to };
	char path[CONDEMNED_PATH_TEXT];
	struct condemned_file file;
	struct carnet_error why;
	enum carnet_status status;

	if (!condemned_of_name(CONDEMNED_PACK, name, &file))
		return CARNET_OK;
	condemned_path(&file, path);
	memcpy(copy.id, file.name, PACK_ID_LEN);
	status = files_pack_mark(run->from, path, &copy.size, copy.hash, &why);
	if (status == CARNET_NOT_FOUND)
		return CARNET_OK; /* forgotten a moment ago */
	run->packs++;
	if (status != CARNET_OK) {
		copy_problem(run, "pack", path, why.message);
		return CARNET_OK;
	}
	if (copy_has_pack(run, path, copy.size, copy.hash)) {
		copy_time(run, path);
		copy_step(run, copy.size, false);
		return CARNET_OK;
	}
	if (copy_is_other(run, path, copy.id)) {
		copy_problem(run, "pack", path,
		    CARNET_("the one there is another, and was left as it is: "
			    "backup check says which one is right"));
		copy_step(run, copy.size, false);
		return CARNET_OK;
	}
	return copy_lacks(lacking, &copy, err);
}

static enum carnet_status
copy_visit_packs(void *context, const char *name, struct carnet_error *err)
{
	struct copy_lacking *lacking = context;
	char folder[sizeof("packs/ab")];
	uint8_t byte;

	if (strlen(name) != 2 || !hex_decode(name, &byte, 1))
		return CARNET_OK;
	(void)snprintf(folder, sizeof(folder), "packs/%.2s", name);
	return files_each(
	    lacking->run->from, folder, copy_visit_pack, lacking, err);
}

/* One that is hurt is told; what the destination can't take ends it all. */
static enum carnet_status
copy_pack_copied(void *context, const struct files_copy *copy,
    enum carnet_status status, const struct carnet_error *why,
    struct carnet_error *err)
{
	struct copy_lacking *lacking = context;
	char path[PACK_PATH_TEXT];

	pack_path(copy->id, path);
	if (status == CARNET_DAMAGED || copy->is_read_error) {
		copy_problem(lacking->run, "pack", path, why->message);
		copy_step(lacking->run, copy->size, false);
		return CARNET_OK;
	}
	if (status != CARNET_OK) {
		if (err != NULL)
			*err = *why;
		return status;
	}
	lacking->touched[copy->id[0]] = true;
	lacking->run->packs_new++;
	copy_step(lacking->run, copy->size, true);
	return CARNET_OK;
}

static enum carnet_status
copy_lacking_packs(struct copy_lacking *lacking, struct carnet_error *err)
{
	struct copy_run *run = lacking->run;
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; run->options->dry_run && i < lacking->len; i++) {
		run->packs_new++;
		copy_step(run, lacking->copies[i].size, true);
	}
	if (run->options->dry_run)
		return CARNET_OK;
	status = files_make_folder(run->to, "packs", err);
	if (status == CARNET_OK)
		status = files_copy_packs(lacking->copies, lacking->len,
		    copy_pack_copied, lacking, err);
	if (status == CARNET_OK)
		status = files_sync_packs(run->to, lacking->touched, err);
	return status;
}

static enum carnet_status
copy_packs(struct copy_run *run, struct carnet_error *err)
{
	struct copy_lacking lacking = { .run = run };
	enum carnet_status status =
	    files_each(run->from, "packs", copy_visit_packs, &lacking, err);

	if (status == CARNET_OK)
		status = copy_lacking_packs(&lacking, err);
	free(lacking.copies);
	return status;
}

/* --- all of it --------------------------------------------------------------
 */

struct copy_names {
	char (*names)[SNAPSHOT_ID_TEXT];
	size_t len, room;
};

static enum carnet_status
copy_remember(void *context, const char *name, struct carnet_error *err)
{
	struct copy_names *list = context;

	if (!snapshot_is_id(name))
		return CARNET_OK;
	if (list->len == list->room) {
		size_t room = list->room == 0 ? 32 : 2 * list->room;
		char(*names)[SNAPSHOT_ID_TEXT] =
		    reallocarray(list->names, room, sizeof(*names));

		if (names == NULL)
			return carnet_fail_errno(err, ENOMEM, "backup");
		list->names = names;
		list->room = room;
	}
	(void)snprintf(
	    list->names[list->len++], SNAPSHOT_ID_TEXT, "%.13s", name);
	return CARNET_OK;
}

/* Those that were there when the copying began: what they name was, too. */
static enum carnet_status
copy_manifests(struct copy_run *run, const struct copy_names *list,
    struct carnet_error *err)
{
	struct copy_walk walk = { run, &copy_snapshots };
	enum carnet_status status = CARNET_OK;

	if (!run->options->dry_run)
		status = files_make_folder(run->to, "snapshots", err);
	if (status == CARNET_OK && !run->options->dry_run)
		status = files_sync_folder(run->to, ".", err);
	for (size_t i = 0; i < list->len && status == CARNET_OK; i++)
		status = copy_visit(&walk, list->names[i], err);
	if (status == CARNET_OK && !run->options->dry_run)
		status = files_sync_folder(run->to, "snapshots", err);
	return status;
}

enum carnet_status
copy_files(struct copy_run *run, struct carnet_error *err)
{
	struct copy_names list = { 0 };
	enum carnet_status status =
	    files_each(run->from, "snapshots", copy_remember, &list, err);

	if (status == CARNET_OK)
		status = copy_folder(run, &copy_headers, err);
	if (status == CARNET_OK)
		status = copy_folder(run, &copy_ledger, err);
	if (status == CARNET_OK)
		status = copy_packs(run, err);
	if (status == CARNET_OK)
		status = copy_folder(run, &copy_lists, err);
	if (status == CARNET_OK)
		status = copy_manifests(run, &list, err);
	free(list.names);
	return status;
}

/* --- how much it is ---------------------------------------------------------
 */

struct copy_sum {
	struct copy_run *run;
	const char *folder;
};

static enum carnet_status
copy_count_file(void *context, const char *name, struct carnet_error *err)
{
	const struct copy_sum *sum = context;
	char path[FILES_PATH_TEXT];
	uint64_t size = 0;

	(void)err;
	(void)snprintf(path, sizeof(path), "%s/%.100s", sum->folder, name);
	if (files_size(sum->run->from, path, &size))
		sum->run->total_bytes += size;
	return CARNET_OK;
}

static enum carnet_status
copy_count_packs(void *context, const char *name, struct carnet_error *err)
{
	struct copy_run *run = context;
	char folder[sizeof("packs/ab")];
	const struct copy_sum sum = { run, folder };

	if (strlen(name) != 2)
		return CARNET_OK;
	(void)snprintf(folder, sizeof(folder), "packs/%.2s", name);
	return files_each(
	    run->from, folder, copy_count_file, (void *)(uintptr_t)&sum, err);
}

enum carnet_status
copy_count(struct copy_run *run, struct carnet_error *err)
{
	static const char *const folders[] = { "headers", "ledger",
		CONDEMNED_FOLDER, "snapshots" };
	enum carnet_status status =
	    files_each(run->from, "packs", copy_count_packs, run, err);

	for (size_t i = 0; i < 4 && status == CARNET_OK; i++) {
		struct copy_sum sum = { run, folders[i] };

		status = files_each(
		    run->from, folders[i], copy_count_file, &sum, err);
	}
	return status;
}
