/* SPDX-License-Identifier: ISC */
/*
 * Copying a pack: the copy's checksum is verified before it gets its name,
 * so that damage never goes on under a good one.  The contract is files.h's.
 */
#include "files.h"
#include "parallel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What stays near the processor while it is read, then written. */
#define FILES_COPY_STEP ((size_t)128 << 10)
/* Each waits for the disk now and then; more of them gain nothing. */
#define FILES_COPY_THREADS 6U
/* After so many bytes the disk may begin. */
#define FILES_WRITE_STEP ((uint64_t)1 << 20)

/* One step, at most `most` bytes; *ret_len 0 at the end. */
static enum carnet_status
files_copy_step(struct files_copy *copy, const char *path, int from, int to,
    uint64_t most, uint8_t *bytes, size_t *ret_len, struct carnet_error *err)
{
	size_t step = most < FILES_COPY_STEP ? (size_t)most : FILES_COPY_STEP;
	ssize_t got;
	size_t put = 0;

	do
		got = read(from, bytes, step);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		copy->is_read_error = true;
		return carnet_fail_errno(err, errno, "%s", path);
	}
	while (put < (size_t)got) {
		ssize_t n = write(to, bytes + put, (size_t)got - put);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return carnet_fail_errno(err, errno, "%s", path);
		put += (size_t)n;
	}
	*ret_len = put;
	return CARNET_OK;
}

/* The disk writes while the rest is read, so that the sync has less to wait
 * for.  A wish, no promise: what it says isn't asked. */
static void
files_begin_writing(int to, uint64_t done)
{
	if (done % FILES_WRITE_STEP == 0)
		(void)sync_file_range(to, (off_t)(done - FILES_WRITE_STEP),
		    (off_t)FILES_WRITE_STEP, SYNC_FILE_RANGE_WRITE);
}

/* No more than was named, however much lies there. */
static enum carnet_status
files_copy_bytes(struct files_copy *copy, const char *path, int from, int to,
    struct carnet_error *err)
{
	uint8_t *bytes = malloc(FILES_COPY_STEP);
	enum carnet_status status = CARNET_OK;
	uint64_t left = copy->size;
	size_t len = 1;

	if (bytes == NULL)
		return carnet_fail_errno(err, ENOMEM, "%s", path);
	(void)posix_fadvise(from, 0, 0, POSIX_FADV_SEQUENTIAL);
	while (status == CARNET_OK && len > 0 && left > 0) {
		status = files_copy_step(
		    copy, path, from, to, left, bytes, &len, err);
		left -= status == CARNET_OK ? len : 0;
		files_begin_writing(to, copy->size - left);
	}
	free(bytes);
	return status;
}

/* What lies behind the end that was named. */
static enum carnet_status
files_copy_excess(const struct files_copy *copy, const char *path, int from,
    struct carnet_error *err)
{
	struct stat info;

	if (fstat(from, &info) == 0 && (uint64_t)info.st_size > copy->size)
		return carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("%s is longer than it was; what is too much was "
			    "left out"),
		    path);
	return CARNET_OK;
}

/* By its checksum, and by its seals where there is a key. */
static enum carnet_status
files_copy_whole(
    const struct files_copy *copy, int fd, struct carnet_error *err)
{
	if (copy->keys == NULL)
		return pack_check_file(fd, copy->id, err);
	return pack_check_all(fd, copy->id, copy->keys, false, NULL, NULL, err);
}

/* Verifies the copy, whether the disk has it yet or not: no reading tells.  A
 * bad copy of a good pack is the other disk's doing. */
static enum carnet_status
files_copy_verify(const struct files_copy *copy, const char *path, int from,
    int to, struct carnet_error *err)
{
	enum carnet_status status = files_copy_whole(copy, to, err);
	struct stat info;

	if (status == CARNET_DAMAGED && fstat(from, &info) == 0 &&
	    (uint64_t)info.st_size == copy->size &&
	    files_copy_whole(copy, from, NULL) == CARNET_OK) {
		carnet_fail(err, CARNET_IO,
		    CARNET_("%s: its copy is not what was written"), path);
		carnet_hint(err, CARNET_("the disk it is copied to does not "
					 "keep what it is given"));
		return CARNET_IO;
	}
	return status;
}

/* What the file turned out to be, against what it should be. */
static enum carnet_status
files_copy_compare(
    struct files_copy *copy, const char *path, int to, struct carnet_error *err)
{
	uint64_t wanted = copy->size;
	uint8_t hash[HASH_LEN];
	struct stat info;
	ssize_t n;

	memcpy(hash, copy->hash, HASH_LEN);
	if (fstat(to, &info) != 0)
		return carnet_fail_errno(err, errno, "%s", path);
	if (info.st_size < HASH_LEN)
		return carnet_fail(
		    err, CARNET_DAMAGED, CARNET_("%s is cut short"), path);
	copy->size = (uint64_t)info.st_size;
	do
		n = pread(to, copy->hash, HASH_LEN, info.st_size - HASH_LEN);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return carnet_fail_errno(err, errno, "%s", path);
	if (n != HASH_LEN || copy->size != wanted ||
	    !bytes_equal(hash, copy->hash, HASH_LEN))
		return carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("%s is not the pack that was named"), path);
	return CARNET_OK;
}

static enum carnet_status
files_copy_open(struct files_copy *copy, const char *path,
    const char *temporary, int *ret_from, int *ret_to, struct carnet_error *err)
{
	enum carnet_status status;

	*ret_from = openat(copy->from, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*ret_from < 0) {
		copy->is_read_error = true;
		if (errno == ENOENT)
			return carnet_fail(err, CARNET_NOT_FOUND,
			    CARNET_("%s is missing"), path);
		return carnet_fail_errno(err, errno, "%s", path);
	}
	*ret_to = openat(copy->to, temporary,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (*ret_to < 0) {
		status = carnet_fail_errno(err, errno, "%s", path);
		(void)close(*ret_from);
		return status;
	}
	return CARNET_OK;
}

/* Whether the copy is the pack that was named, and on the disk.  The sync
 * comes last, because the disk writes while the copy is verified, but says
 * more than all of it: what wasn't written can't be verified either. */
static enum carnet_status
files_copy_judge(struct files_copy *copy, const char *path, int from, int to,
    struct carnet_error *err)
{
	enum carnet_status status =
	    files_copy_verify(copy, path, from, to, err);

	if (status == CARNET_OK)
		status = files_copy_compare(copy, path, to, err);
	if (status == CARNET_OK)
		status = files_copy_excess(copy, path, from, err);
	if (fsync(to) != 0)
		status = carnet_fail_errno(err, errno, "%s", path);
	return status;
}

/* A copy that stays gets its name; any other goes.  Takes `to` over. */
static enum carnet_status
files_copy_settle(const struct files_copy *copy, const char *path,
    const char *temporary, int to, enum carnet_status judged,
    struct carnet_error *err)
{
	bool stays = judged == CARNET_OK ||
		     (judged == CARNET_DAMAGED && copy->keep_damaged);
	enum carnet_status status = judged;

	if (close(to) != 0 && stays) {
		status = carnet_fail_errno(err, errno, "%s", path);
		stays = false;
	}
	if (stays && renameat(copy->to, temporary, copy->to, path) != 0) {
		status = carnet_fail_errno(err, errno, "%s", path);
		stays = false;
	}
	if (!stays)
		(void)unlinkat(copy->to, temporary, 0);
	return status;
}

enum carnet_status
files_copy_pack(struct files_copy *copy, struct carnet_error *err)
{
	char path[PACK_PATH_TEXT];
	char temporary[PACK_PATH_TEXT + sizeof(FILES_TEMPORARY)];
	enum carnet_status status;
	int from = -1, to = -1;

	pack_path(copy->id, path);
	(void)snprintf(
	    temporary, sizeof(temporary), "%s" FILES_TEMPORARY, path);
	status = files_copy_open(copy, path, temporary, &from, &to, err);
	if (status != CARNET_OK)
		return status;
	status = files_copy_bytes(copy, path, from, to, err);
	if (status == CARNET_OK)
		status = files_copy_judge(copy, path, from, to, err);
	status = files_copy_settle(copy, path, temporary, to, status, err);
	(void)close(from);
	return status;
}

/* --- many
 * ---------------------------------------------------------------------- */

struct files_row {
	struct files_copy *copies;
	files_copied *copied;
	void *context;
};
struct files_result {
	enum carnet_status status;
	struct carnet_error why;
};

static void
files_row_work(void *context, size_t task, void *result)
{
	struct files_copy *copy = &((struct files_row *)context)->copies[task];
	char folder[sizeof("packs/ab")] = "packs/";
	struct files_result *mine = result;

	hex_encode(copy->id, 1, folder + 6);
	mine->status = files_make_folder(copy->to, folder, &mine->why);
	if (mine->status == CARNET_OK)
		mine->status = files_copy_pack(copy, &mine->why);
}

static enum carnet_status
files_row_settle(
    void *context, size_t task, void *result, struct carnet_error *err)
{
	const struct files_row *row = context;
	const struct files_result *mine = result;

	return row->copied(
	    row->context, &row->copies[task], mine->status, &mine->why, err);
}

enum carnet_status
files_copy_packs(struct files_copy *copies, size_t len, files_copied *copied,
    void *context, struct carnet_error *err)
{
	struct files_row row = { copies, copied, context };
	const struct parallel tasks = { .count = len,
		/* each waits for the disk now and then */
		.threads = 2 * parallel_cores() < FILES_COPY_THREADS
			       ? 2 * parallel_cores()
			       : FILES_COPY_THREADS,
		.result_len = sizeof(struct files_result),
		.context = &row,
		.work = files_row_work,
		.settle = files_row_settle };

	return parallel_run(&tasks, err);
}

enum carnet_status
files_sync_packs(int dir_fd, const bool touched[256], struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	for (unsigned i = 0; i < 256 && status == CARNET_OK; i++) {
		char folder[sizeof("packs/ab")] = "packs/";
		uint8_t byte = (uint8_t)i;

		hex_encode(&byte, 1, folder + 6);
		if (touched[i])
			status = files_sync_folder(dir_fd, folder, err);
	}
	if (status == CARNET_OK)
		status = files_sync_folder(dir_fd, "packs", err);
	return status;
}
