/* SPDX-License-Identifier: ISC */
/*
 * Files that leave the vault: under a temporary name first, synced, and
 * never over something that is there.  The contract is in output.h.
 */
#include "output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct output {
	int dir_fd; /* borrowed */
	int fd;
	int failed; /* errno of the first write that failed */
	char name[256];
	char temporary[64];
};

enum carnet_status
output_begin(int dir_fd, const char *name, struct output **ret_output,
    struct carnet_error *err)
{
	static atomic_uint counter; /* threads write side by side */
	struct output *output = calloc(1, sizeof(*output));

	if (output == NULL)
		return carnet_fail_errno(err, ENOMEM, "%s", name);
	output->dir_fd = dir_fd;
	(void)snprintf(output->name, sizeof(output->name), "%s", name);
	(void)snprintf(output->temporary, sizeof(output->temporary),
	    ".carnet-%ld-%u", (long)getpid(), atomic_fetch_add(&counter, 1));
	output->fd = openat(dir_fd, output->temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (output->fd < 0) {
		int saved = errno;

		free(output);
		return carnet_fail_errno(err, saved, "%s", name);
	}
	*ret_output = output;
	return CARNET_OK;
}

bool
output_more(struct output *output, const uint8_t *bytes, size_t len)
{
	while (len > 0 && output->failed == 0) {
		ssize_t n = write(output->fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			output->failed = errno;
			break;
		}
		bytes += n;
		len -= (size_t)n;
	}
	return output->failed == 0;
}

enum carnet_status
output_settle(struct output *output, struct carnet_error *err)
{
	if (output->failed == 0 && fsync(output->fd) != 0)
		output->failed = errno;
	if (output->failed != 0)
		return carnet_fail_errno(
		    err, output->failed, "%s", output->name);
	return CARNET_OK;
}

void
output_abandon(struct output *output)
{
	if (output == NULL)
		return;
	(void)close(output->fd);
	(void)unlinkat(output->dir_fd, output->temporary, 0);
	free(output);
}

/* Replaces nothing: by one step where the file system has it, else by two;
 * some have only a rename that replaces.  0, or errno. */
static int
output_rename(const struct output *output)
{
	int dir = output->dir_fd;

	if (renameat2(dir, output->temporary, dir, output->name,
		RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return errno;
	if (linkat(dir, output->temporary, dir, output->name, 0) == 0) {
		(void)unlinkat(dir, output->temporary, 0);
		return 0;
	}
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
		return errno;
	if (faccessat(dir, output->name, F_OK, 0) == 0)
		return EEXIST;
	return renameat(dir, output->temporary, dir, output->name) == 0 ? 0
									: errno;
}

static enum carnet_status
output_name(struct output *output, bool sync, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	if (sync && output->failed == 0 && fsync(output->fd) != 0)
		output->failed = errno;
	if (output->failed == 0)
		output->failed = output_rename(output);
	if (output->failed == EEXIST)
		status = carnet_fail(err, CARNET_EXISTS,
		    CARNET_("%s is there already"), output->name);
	else if (output->failed != 0)
		status =
		    carnet_fail_errno(err, output->failed, "%s", output->name);
	if (output->failed != 0)
		(void)unlinkat(output->dir_fd, output->temporary, 0);
	(void)close(output->fd);
	free(output);
	return status;
}

enum carnet_status
output_end(struct output *output, struct carnet_error *err)
{
	return output_name(output, true, err);
}

enum carnet_status
output_end_unsynced(struct output *output, struct carnet_error *err)
{
	return output_name(output, false, err);
}

enum carnet_status
output_file_at(int dir_fd, const char *name, const void *bytes, size_t len,
    struct carnet_error *err)
{
	struct output *output = NULL;
	enum carnet_status status = output_begin(dir_fd, name, &output, err);

	if (output == NULL)
		return status;
	(void)output_more(output, bytes, len);
	return output_end(output, err);
}

enum carnet_status
output_open_parent(const char *path, char *name, size_t size, int *ret_fd,
    struct carnet_error *err)
{
	const char *slash = strrchr(path, '/');
	const char *last = slash == NULL ? path : slash + 1;
	char *folder = slash == NULL   ? strdup(".")
		       : slash == path ? strdup("/")
				       : strndup(path, (size_t)(slash - path));
	enum carnet_status status = CARNET_OK;
	int fd;

	if (folder == NULL)
		return carnet_fail_errno(err, ENOMEM, "%s", path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		status = carnet_fail_errno(err, errno, "%s", folder);
	else if (last[0] == '\0' || strlen(last) >= size)
		status = carnet_fail(err, CARNET_INVALID,
		    CARNET_("%s: not a file's name"), path);
	free(folder);
	if (status != CARNET_OK) {
		if (fd >= 0)
			(void)close(fd);
		return status;
	}
	(void)snprintf(name, size, "%s", last);
	*ret_fd = fd;
	return CARNET_OK;
}

void
output_close_folder(int dir_fd)
{
	(void)fsync(dir_fd);
	(void)close(dir_fd);
}

enum carnet_status
output_file(
    const char *path, const void *bytes, size_t len, struct carnet_error *err)
{
	char name[256];
	int fd = -1;
	enum carnet_status status =
	    output_open_parent(path, name, sizeof(name), &fd, err);

	if (status != CARNET_OK)
		return status;
	status = output_file_at(fd, name, bytes, len, err);
	output_close_folder(fd);
	return status;
}

enum carnet_status
output_open_folder(const char *path, int *ret_fd, struct carnet_error *err)
{
	int fd;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return carnet_fail_errno(err, errno, "%s", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return carnet_fail_errno(err, errno, "%s", path);
	*ret_fd = fd;
	return CARNET_OK;
}

/* True if nothing is in the folder; -1: can't tell, errno. */
static int
output_is_empty(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;
	int saved = errno;
	bool empty = true;

	if (dir == NULL) {
		if (copy >= 0)
			(void)close(copy);
		errno = saved;
		return -1;
	}
	while (empty && (entry = readdir(dir)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 ||
			strcmp(entry->d_name, "..") == 0;
	(void)closedir(dir);
	return empty ? 1 : 0;
}

/* Takes over fd: gives it on if its folder is empty, else closes it. */
static enum carnet_status
output_take_empty(
    int fd, const char *path, int *ret_fd, struct carnet_error *err)
{
	int empty = output_is_empty(fd), saved = errno;

	if (empty == 1) {
		*ret_fd = fd;
		return CARNET_OK;
	}
	(void)close(fd);
	if (empty < 0)
		return carnet_fail_errno(err, saved, "%s", path);
	carnet_fail(err, CARNET_EXISTS,
	    CARNET_("%s: this folder holds something already"), path);
	carnet_hint(err, CARNET_("name a new folder"));
	return CARNET_EXISTS;
}

enum carnet_status
output_folder(const char *path, int *ret_fd, struct carnet_error *err)
{
	int fd = -1;
	enum carnet_status status = output_open_folder(path, &fd, err);

	if (status != CARNET_OK)
		return status;
	return output_take_empty(fd, path, ret_fd, err);
}

/* One folder more; closes dir_fd unless it is `keep`. */
static int
output_step(int dir_fd, int keep, const char *name)
{
	int fd = -1, saved;

	if (mkdirat(dir_fd, name, 0700) == 0 || errno == EEXIST)
		fd = openat(dir_fd, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	saved = errno;
	if (dir_fd != keep)
		(void)close(dir_fd);
	errno = saved;
	return fd;
}

enum carnet_status
output_folder_at(
    int dir_fd, const char *missing, int *ret_fd, struct carnet_error *err)
{
	char *copy = strdup(missing), *rest = NULL;
	enum carnet_status status = CARNET_OK;
	int fd = dir_fd;

	if (copy == NULL)
		return carnet_fail_errno(err, ENOMEM, "%s", missing);
	for (char *name = strtok_r(copy, "/", &rest); name != NULL && fd >= 0;
	     name = strtok_r(NULL, "/", &rest))
		fd = output_step(fd, dir_fd, name);
	if (fd == dir_fd)
		fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		status = carnet_fail_errno(err, errno, "%s", missing);
	else
		status = output_take_empty(
		    fd, missing[0] == '\0' ? "." : missing, ret_fd, err);
	free(copy);
	return status;
}

void
output_safe_name(const char *wanted, char name[128])
{
	size_t len = 0;

	for (const char *at = wanted; *at != '\0' && len < 120; at++) {
		unsigned char byte = (unsigned char)*at;

		if (byte < 0x20 || byte == 0x7f || strchr("/\\:*?\"<>|", byte))
			name[len++] = '_';
		else if (byte == '.' && len == 0)
			name[len++] = '_';
		else
			name[len++] = (char)byte;
	}
	/* not in the middle of a character */
	while (len >= 119 && ((unsigned char)name[len - 1] & 0x80) != 0)
		len--;
	if (len == 0)
		name[len++] = '_';
	name[len] = '\0';
}
