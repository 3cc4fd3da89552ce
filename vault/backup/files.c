/* SPDX-License-Identifier: ISC */
/*
 * Immutable files: loaded, written, swept; folders made, synced, listed.
 * Copying packs is files_copy.c's.  The contract is in files.h.
 */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_STEP ((size_t)256 << 10) /* bytes read at once */

enum carnet_status
files_make_folder(int dir_fd, const char *path, struct carnet_error *err)
{
	if (mkdirat(dir_fd, path, 0700) != 0 && errno != EEXIST)
		return carnet_fail_errno(err, errno, "%s", path);
	return CARNET_OK;
}

enum carnet_status
files_sync_folder(int dir_fd, const char *path, struct carnet_error *err)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int saved = 0;

	if (fd < 0)
		return carnet_fail_errno(err, errno, "%s", path);
	if (fsync(fd) != 0)
		saved = errno;
	(void)close(fd);
	/* EINVAL: this file system has no fsync of folders */
	if (saved != 0 && saved != EINVAL)
		return carnet_fail_errno(err, saved, "%s", path);
	return CARNET_OK;
}

bool
files_size(int dir_fd, const char *path, uint64_t *ret_size)
{
	struct stat info;

	if (fstatat(dir_fd, path, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(info.st_mode))
		return false;
	*ret_size = (uint64_t)info.st_size;
	return true;
}

/* O_NONBLOCK: a FIFO of this name must not hold us. */
static enum carnet_status
files_open(int dir_fd, const char *path, int *ret_fd, uint64_t *ret_size,
    struct carnet_error *err)
{
	int fd = openat(dir_fd, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat info;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return carnet_fail(
		    err, CARNET_NOT_FOUND, CARNET_("%s is missing"), path);
	if (fd < 0 && (errno == ELOOP || errno == ENXIO))
		return carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("%s isn't a regular file"), path);
	if (fd < 0)
		return carnet_fail_errno(err, errno, "%s", path);
	if (fstat(fd, &info) != 0) {
		int saved = errno;

		(void)close(fd);
		return carnet_fail_errno(err, saved, "%s", path);
	}
	if (!S_ISREG(info.st_mode)) {
		(void)close(fd);
		return carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("%s isn't a regular file"), path);
	}
	*ret_fd = fd;
	*ret_size = (uint64_t)info.st_size;
	return CARNET_OK;
}

static enum carnet_status
files_read_at(int fd, const char *path, uint64_t position, uint8_t *bytes,
    size_t len, struct carnet_error *err)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n =
		    pread(fd, bytes + got, len - got, (off_t)(position + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return carnet_fail_errno(err, errno, "%s", path);
		if (n == 0)
			return carnet_fail(err, CARNET_DAMAGED,
			    CARNET_("%s is cut short"), path);
		got += (size_t)n;
	}
	return CARNET_OK;
}

/* No longer than `limit`. */
static enum carnet_status
files_open_within(int dir_fd, const char *path, uint64_t limit, int *ret_fd,
    uint64_t *ret_size, struct carnet_error *err)
{
	enum carnet_status status =
	    files_open(dir_fd, path, ret_fd, ret_size, err);

	if (status != CARNET_OK || *ret_size <= limit)
		return status;
	(void)close(*ret_fd);
	*ret_fd = -1;
	(void)carnet_fail(
	    err, CARNET_DAMAGED, CARNET_("%s is too large"), path);
	return CARNET_DAMAGED;
}

enum carnet_status
files_load(int dir_fd, const char *path, uint64_t limit, uint8_t **ret_bytes,
    size_t *ret_len, struct carnet_error *err)
{
	enum carnet_status status;
	uint8_t *bytes = NULL;
	uint64_t size = 0;
	int fd = -1;

	status = files_open_within(dir_fd, path, limit, &fd, &size, err);
	if (status != CARNET_OK)
		return status;
	bytes = malloc((size_t)size + 1);
	if (bytes == NULL) {
		(void)carnet_fail_errno(err, ENOMEM, "%s", path);
		status = CARNET_NO_MEMORY;
		goto done;
	}
	status = files_read_at(fd, path, 0, bytes, (size_t)size, err);
	if (status == CARNET_OK) {
		*ret_bytes = bytes;
		*ret_len = (size_t)size;
		bytes = NULL;
	}
done:
	free(bytes);
	(void)close(fd);
	return status;
}

enum carnet_status
files_stream(int dir_fd, const char *path, uint64_t limit, files_take *take,
    void *context, uint64_t *ret_size, struct carnet_error *err)
{
	uint8_t *bytes = malloc(FILES_STEP);
	enum carnet_status status;
	uint64_t size = 0;
	int fd = -1;

	if (bytes == NULL)
		return carnet_fail_errno(err, ENOMEM, "%s", path);
	status = files_open_within(dir_fd, path, limit, &fd, &size, err);
	for (uint64_t at = 0; at < size && status == CARNET_OK;) {
		size_t len =
		    size - at < FILES_STEP ? (size_t)(size - at) : FILES_STEP;

		status = files_read_at(fd, path, at, bytes, len, err);
		if (status == CARNET_OK)
			take(context, bytes, len);
		at += len;
	}
	if (fd >= 0)
		(void)close(fd);
	free(bytes);
	*ret_size = size;
	return status;
}

bool
files_holds(int dir_fd, const char *path, const uint8_t *bytes, size_t len)
{
	uint8_t *there = NULL;
	size_t there_len = 0;
	bool same;

	if (files_load(dir_fd, path, len, &there, &there_len, NULL) !=
	    CARNET_OK)
		return false;
	same = there_len == len && memcmp(there, bytes, len) == 0;
	free(there);
	return same;
}

enum carnet_status
files_pack_mark(int dir_fd, const char *path, uint64_t *ret_size,
    uint8_t ret_hash[HASH_LEN], struct carnet_error *err)
{
	uint8_t hash[HASH_LEN];
	enum carnet_status status;
	uint64_t size = 0;
	int fd = -1;

	status = files_open(dir_fd, path, &fd, &size, err);
	if (status != CARNET_OK)
		return status;
	if (size < HASH_LEN)
		status = carnet_fail(
		    err, CARNET_DAMAGED, CARNET_("%s is cut short"), path);
	else
		status = files_read_at(
		    fd, path, size - HASH_LEN, hash, sizeof(hash), err);
	(void)close(fd);
	if (status != CARNET_OK)
		return status;
	*ret_size = size;
	memcpy(ret_hash, hash, HASH_LEN);
	return CARNET_OK;
}

static enum carnet_status
files_write_fd(int fd, const char *path, const uint8_t *bytes, size_t len,
    struct carnet_error *err)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return carnet_fail_errno(err, errno, "%s", path);
		bytes += n;
		len -= (size_t)n;
	}
	if (fsync(fd) != 0)
		return carnet_fail_errno(err, errno, "%s", path);
	return CARNET_OK;
}

enum carnet_status
files_write(int dir_fd, const char *path, const void *bytes, size_t len,
    struct carnet_error *err)
{
	char temporary[FILES_PATH_TEXT + sizeof(FILES_TEMPORARY)];
	enum carnet_status status;
	int fd;

	(void)snprintf(
	    temporary, sizeof(temporary), "%s" FILES_TEMPORARY, path);
	fd = openat(dir_fd, temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return carnet_fail_errno(err, errno, "%s", path);
	status = files_write_fd(fd, path, bytes, len, err);
	/* some file systems report a full disk only here */
	if (close(fd) != 0 && status == CARNET_OK)
		status = carnet_fail_errno(err, errno, "%s", path);
	if (status == CARNET_OK &&
	    renameat(dir_fd, temporary, dir_fd, path) != 0)
		status = carnet_fail_errno(err, errno, "%s", path);
	if (status != CARNET_OK)
		(void)unlinkat(dir_fd, temporary, 0);
	return status;
}

/* --- folders
 * ------------------------------------------------------------------- */

struct files_names {
	char **names;
	size_t len, room;
};

static int
files_compare(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool
files_names_add(struct files_names *list, const char *name)
{
	if (list->len == list->room) {
		size_t room = list->room == 0 ? 64 : 2 * list->room;
		char **names = reallocarray(list->names, room, sizeof(*names));

		if (names == NULL)
			return false;
		list->names = names;
		list->room = room;
	}
	list->names[list->len] = strdup(name);
	if (list->names[list->len] == NULL)
		return false;
	list->len++;
	return true;
}

static void
files_names_clear(struct files_names *list)
{
	for (size_t i = 0; i < list->len; i++)
		free(list->names[i]);
	free(list->names);
}

static enum carnet_status
files_list(int dir_fd, const char *path, struct files_names *list,
    struct carnet_error *err)
{
	int fd = openat(
	    dir_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct dirent *entry;
	int saved = 0;
	DIR *dir;

	if (fd < 0 && errno == ENOENT)
		return CARNET_OK;
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		saved = errno;
		if (fd >= 0)
			(void)close(fd);
		return carnet_fail_errno(err, saved, "%s", path);
	}
	while (errno = 0, (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (!files_names_add(list, entry->d_name)) {
			errno = ENOMEM;
			break;
		}
	}
	saved = errno;
	(void)closedir(dir);
	if (saved != 0)
		return carnet_fail_errno(err, saved, "%s", path);
	if (list->len > 1)
		qsort(list->names, list->len, sizeof(char *), files_compare);
	return CARNET_OK;
}

enum carnet_status
files_each(int dir_fd, const char *path, files_visit *visit, void *context,
    struct carnet_error *err)
{
	struct files_names list = { 0 };
	enum carnet_status status = files_list(dir_fd, path, &list, err);

	for (size_t i = 0; i < list.len && status == CARNET_OK; i++)
		if (list.names[i][0] != '.')
			status = visit(context, list.names[i], err);
	files_names_clear(&list);
	return status;
}

static bool
files_is_temporary(const char *name)
{
	size_t len = strlen(name), tail = sizeof(FILES_TEMPORARY) - 1;

	return len > tail && strcmp(name + len - tail, FILES_TEMPORARY) == 0;
}

void
files_sweep(int dir_fd, const char *path)
{
	bool is_packs = strcmp(path, "packs") == 0;
	struct files_names list = { 0 };
	char below[FILES_PATH_TEXT + 256];

	if (files_list(dir_fd, path, &list, NULL) != CARNET_OK)
		list.len += 0; /* what was listed so far is swept */
	for (size_t i = 0; i < list.len; i++) {
		(void)snprintf(
		    below, sizeof(below), "%.100s/%s", path, list.names[i]);
		if (files_is_temporary(list.names[i]))
			(void)unlinkat(dir_fd, below, 0);
		else if (is_packs && strlen(list.names[i]) == 2)
			files_sweep(dir_fd, below);
	}
	files_names_clear(&list);
}

bool
files_is_inside(int fd, int other)
{
	return carnet_folder_is_inside(fd, other);
}
