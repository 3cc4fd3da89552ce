/* SPDX-License-Identifier: ISC */
/*
 * Opens a directory, or the nearest one above that exists.  Makes nothing.
 * The contract is in guard.h.
 */
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the last part of path starts; `len` is the path's length without
 * the slashes at its end. */
static size_t
nearest_last_part(const char *path, size_t len)
{
	while (len > 0 && path[len - 1] != '/')
		len--;
	return len;
}

static size_t
nearest_without_slashes(const char *path, size_t len)
{
	while (len > 1 && path[len - 1] == '/')
		len--;
	return len;
}

/* Opens the first len bytes of path ("." for none). */
static int
nearest_open(const char *path, size_t len)
{
	char *prefix = len > 0 ? strndup(path, len) : strdup(".");
	int fd = -1, saved;

	if (prefix == NULL) {
		errno = ENOMEM;
		return -1;
	}
	do
		fd = open(prefix, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	saved = errno;
	free(prefix);
	errno = saved;
	return fd;
}

/* True if something stands at that path, be it a link to nowhere. */
static bool
nearest_is_there(const char *path, size_t len)
{
	char *prefix = strndup(path, len);
	struct stat seen;
	bool there = prefix != NULL && lstat(prefix, &seen) == 0;

	free(prefix);
	return there;
}

/* The part that is missing goes into names that are made later: it may not
 * go up again. */
static bool
nearest_goes_up(const char *missing)
{
	while (*missing != '\0') {
		size_t len = strcspn(missing, "/");

		if (len == 2 && missing[0] == '.' && missing[1] == '.')
			return true;
		missing += len;
		missing += strspn(missing, "/");
	}
	return false;
}

/* Copies what is missing without doubled slashes and dots. */
static char *
nearest_missing(const char *path, size_t from, size_t len)
{
	char *missing = malloc(len - from + 1);
	size_t out = 0;

	if (missing == NULL)
		return NULL;
	while (from < len) {
		size_t part = 0;

		while (from < len && path[from] == '/')
			from++;
		while (from + part < len && path[from + part] != '/')
			part++;
		if (part == 0)
			break;
		if (part != 1 || path[from] != '.') {
			if (out > 0)
				missing[out++] = '/';
			memcpy(missing + out, path + from, part);
			out += part;
		}
		from += part;
	}
	missing[out] = '\0';
	return missing;
}

static enum carnet_status
nearest_fail(int errno_value, struct carnet_error *err)
{
	if (errno_value == ENOTDIR)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("a part of the path is a file, not a folder"));
	return carnet_fail_errno(
	    err, errno_value, CARNET_("the folder can't be opened"));
}

enum carnet_status
guard_open_nearest(
    const char *path, int *ret_fd, char **ret_missing, struct carnet_error *err)
{
	size_t full = strlen(path);
	size_t len = nearest_without_slashes(path, full);
	char *missing = NULL;
	int fd;

	if (full == 0)
		return carnet_fail(
		    err, CARNET_INVALID, CARNET_("the path is empty"));
	while ((fd = nearest_open(path, len)) < 0) {
		if (errno != ENOENT || len == 0 || (len == 1 && path[0] == '/'))
			return nearest_fail(errno, err);
		if (nearest_is_there(path, len))
			return carnet_fail(err, CARNET_INVALID,
			    CARNET_("a part of the path is a link that leads "
				    "nowhere"));
		len = nearest_last_part(path, len);
		len = nearest_without_slashes(path, len);
	}
	missing = nearest_missing(path, len, full);
	if (missing == NULL || nearest_goes_up(missing)) {
		enum carnet_status status =
		    missing == NULL
			? carnet_fail_errno(err, ENOMEM, CARNET_("no memory"))
			: carnet_fail(err, CARNET_INVALID,
			      CARNET_("the path goes up from a folder that "
				      "isn't there"));

		free(missing);
		(void)close(fd);
		return status;
	}
	*ret_fd = fd;
	*ret_missing = missing;
	return CARNET_OK;
}
