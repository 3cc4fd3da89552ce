/* SPDX-License-Identifier: ISC */
/*
 * Walking what `add` is given: by descriptors, following no link, any name
 * that Linux allows.  Links and special files are refused by name.
 */
#include "add_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WALK_MAX_DEPTH 256

struct walk {
	add_walk_visit *visit;
	add_walk_refuse *refuse;
	void *context;
};

static enum carnet_status walk_at(struct walk *walk, int parent_fd,
    const char *name, const char *path, int depth);

void
text_valid_utf8(const char *text, char *copy, size_t len)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t put = 0;

	while (*at != '\0' && put + 5 < len) {
		size_t step = *at < 0x80                   ? 1
			      : *at >= 0xc2 && *at <= 0xdf ? 2
			      : *at >= 0xe0 && *at <= 0xef ? 3
			      : *at >= 0xf0 && *at <= 0xf4 ? 4
							   : 0;

		for (size_t i = 1; i < step; i++)
			if ((at[i] & 0xc0) != 0x80)
				step = 0;
		if (step == 3 && ((at[0] == 0xe0 && at[1] < 0xa0) ||
				     (at[0] == 0xed && at[1] > 0x9f)))
			step = 0;
		if (step == 4 && ((at[0] == 0xf0 && at[1] < 0x90) ||
				     (at[0] == 0xf4 && at[1] > 0x8f)))
			step = 0;
		if (step == 0) {
			put += (size_t)snprintf(
			    copy + put, len - put, "\\x%02x", *at++);
			continue;
		}
		memcpy(copy + put, at, step);
		put += step;
		at += step;
	}
	copy[put] = '\0';
}

static void
walk_refuse(struct walk *walk, const char *path, const char *why)
{
	struct carnet_error err;

	carnet_fail(&err, CARNET_UNSUPPORTED, "%s", why);
	carnet_hint(&err, CARNET_("name the file itself"));
	walk->refuse(walk->context, path, &err);
}

static int
walk_sort(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
walk_keep(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 &&
	       strcmp(entry->d_name, "..") != 0;
}

static enum carnet_status
walk_folder(struct walk *walk, int fd, const char *path, int depth)
{
	struct dirent **names = NULL;
	enum carnet_status status = CARNET_OK;
	struct carnet_error err;
	int count;

	if (depth > WALK_MAX_DEPTH) {
		walk_refuse(walk, path, CARNET_("too many folders deep"));
		return CARNET_OK;
	}
	count = scandirat(fd, ".", &names, walk_keep, walk_sort);
	if (count < 0) {
		carnet_fail_errno(&err, errno, CARNET_("cannot read"));
		walk->refuse(walk->context, path, &err);
		return CARNET_OK;
	}
	for (int i = 0; i < count; i++) {
		char *below = NULL;

		if (status == CARNET_OK &&
		    asprintf(&below, "%s/%s", path, names[i]->d_name) > 0)
			status = walk_at(
			    walk, fd, names[i]->d_name, below, depth + 1);
		free(below);
		free(names[i]);
	}
	free(names);
	return status;
}

/* O_NONBLOCK: a FIFO must not hold us; it is refused after fstat. */
static enum carnet_status
walk_at(struct walk *walk, int parent_fd, const char *name, const char *path,
    int depth)
{
	int fd = openat(parent_fd, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	enum carnet_status status = CARNET_OK;
	struct carnet_error err;
	struct stat info;

	if (fd < 0) {
		if (errno == ELOOP) {
			walk_refuse(walk, path,
			    CARNET_("a symbolic link is not followed"));
		} else if (errno == ENXIO) {
			walk_refuse(walk, path,
			    CARNET_("a special file cannot be stored"));
		} else if (errno == ENOENT && depth == 0 && path[0] == '-') {
			carnet_fail(&err, CARNET_INVALID,
			    CARNET_("neither an option nor a file"));
			carnet_hint(&err,
			    CARNET_("a folder is added with all that is in "
				    "it; the options: carnet help add"));
			walk->refuse(walk->context, path, &err);
		} else {
			carnet_fail_errno(&err, errno, CARNET_("cannot read"));
			walk->refuse(walk->context, path, &err);
		}
		return CARNET_OK;
	}
	if (fstat(fd, &info) != 0) {
		carnet_fail_errno(&err, errno, CARNET_("cannot read"));
		walk->refuse(walk->context, path, &err);
	} else if (S_ISDIR(info.st_mode)) {
		status = walk_folder(walk, fd, path, depth);
	} else if (S_ISREG(info.st_mode)) {
		status = walk->visit(walk->context, path, fd);
	} else {
		walk_refuse(
		    walk, path, CARNET_("a special file cannot be stored"));
	}
	(void)close(fd);
	return status;
}

enum carnet_status
add_walk(const char *path, add_walk_visit *visit, add_walk_refuse *refuse,
    void *context)
{
	struct walk walk = { visit, refuse, context };
	char *trimmed = strdup(path);
	enum carnet_status status;
	size_t len;

	if (trimmed == NULL)
		return CARNET_NO_MEMORY;
	for (len = strlen(trimmed); len > 1 && trimmed[len - 1] == '/'; len--)
		trimmed[len - 1] = '\0';
	status = walk_at(&walk, AT_FDCWD, trimmed, trimmed, 0);
	free(trimmed);
	return status;
}

/* --- counting --------------------------------------------------------------
 */

struct walk_count {
	uint64_t bytes, files;
};

static enum carnet_status
count_visit(void *context, const char *path, int fd)
{
	struct walk_count *count = context;
	struct stat info;

	(void)path;
	if (fstat(fd, &info) == 0) {
		count->bytes += (uint64_t)info.st_size;
		count->files++;
	}
	return CARNET_OK;
}

static void
count_refuse(void *context, const char *path, const struct carnet_error *err)
{
	(void)context;
	(void)path;
	(void)err;
}

void
add_walk_count(const char *path, uint64_t *bytes, uint64_t *files)
{
	struct walk_count count = { 0 };

	if (strcmp(path, "-") == 0)
		return;
	(void)add_walk(path, count_visit, count_refuse, &count);
	*bytes += count.bytes;
	*files += count.files;
}
