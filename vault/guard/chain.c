/* SPDX-License-Identifier: ISC */
/*
 * From an opened directory up to the root.  Reads names and inodes, never a
 * file.  The contract is in chain.h.
 */
#include "chain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool
chain_walk(int dir_fd, chain_visit visit, void *context)
{
	struct stat here, above;
	int fd = dir_fd;
	bool arrived = false;

	if (fstat(fd, &here) != 0)
		return false;
	for (size_t level = 0; level < CHAIN_MAX; level++) {
		int up;

		if (!visit(fd, &here, level, context))
			break;
		up = openat(
		    fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (up < 0)
			break;
		if (fstat(up, &above) != 0) {
			(void)close(up);
			break;
		}
		if (fd != dir_fd)
			(void)close(fd);
		fd = up;
		if (above.st_dev == here.st_dev &&
		    above.st_ino == here.st_ino) {
			arrived = true;
			break;
		}
		here = above;
	}
	if (fd != dir_fd)
		(void)close(fd);
	return arrived;
}

static bool
chain_note(int fd, const struct stat *stat, size_t level, void *context)
{
	struct chain *chain = context;

	(void)fd;
	chain->levels[level].dev = stat->st_dev;
	chain->levels[level].ino = stat->st_ino;
	chain->len = level + 1;
	return true;
}

enum carnet_status
chain_open(int dir_fd, struct chain *ret_chain, struct carnet_error *err)
{
	char link[64];
	struct stat opened, named;
	ssize_t len;

	ret_chain->fd = dir_fd;
	ret_chain->owned = false;
	ret_chain->whole = false;
	ret_chain->len = 0;
	ret_chain->path[0] = '\0';
	if (fstat(dir_fd, &opened) != 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("the folder can't be read"));
	if (!S_ISDIR(opened.st_mode))
		return carnet_fail(
		    err, CARNET_INVALID, CARNET_("it is not a folder"));
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", dir_fd);
	len = readlink(link, ret_chain->path, sizeof(ret_chain->path) - 1);
	if (len <= 0 || (size_t)len >= sizeof(ret_chain->path) - 1)
		len = 0;
	ret_chain->path[len] = '\0';
	ret_chain->lost =
	    ret_chain->path[0] != '/' || stat(ret_chain->path, &named) != 0 ||
	    named.st_dev != opened.st_dev || named.st_ino != opened.st_ino;
	ret_chain->whole = chain_walk(dir_fd, chain_note, ret_chain);
	return CARNET_OK;
}

bool
chain_open_alias(const char *path, int dir_fd, struct chain *ret_chain)
{
	struct stat first, other;
	int fd;

	if (strlen(path) >= sizeof(ret_chain->path))
		return false;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	if (fstat(fd, &other) != 0 || fstat(dir_fd, &first) != 0 ||
	    first.st_dev != other.st_dev || first.st_ino != other.st_ino) {
		(void)close(fd);
		return false;
	}
	ret_chain->fd = fd;
	ret_chain->owned = true;
	ret_chain->lost = false;
	ret_chain->len = 0;
	(void)snprintf(ret_chain->path, sizeof(ret_chain->path), "%s", path);
	ret_chain->whole = chain_walk(fd, chain_note, ret_chain);
	return true;
}

void
chain_close(struct chain *chain)
{
	if (chain != NULL && chain->owned) {
		(void)close(chain->fd);
		chain->owned = false;
	}
}

/* Drops "//", "/./" and the last "/"; false for a path that is relative,
 * too long, or has "..". */
static bool
chain_tidy(const char *path, char tidy[PATH_MAX])
{
	size_t len = 0;

	if (path[0] != '/')
		return false;
	while (*path != '\0') {
		size_t part;

		path += strspn(path, "/");
		part = strcspn(path, "/");
		if (part == 0)
			break;
		if (part == 2 && path[0] == '.' && path[1] == '.')
			return false;
		if (part != 1 || path[0] != '.') {
			if (len + part + 2 > PATH_MAX)
				return false;
			tidy[len++] = '/';
			memcpy(tidy + len, path, part);
			len += part;
		}
		path += part;
	}
	tidy[len] = '\0';
	return true;
}

/* Folders in an absolute path: 0 for "/". */
static size_t
chain_depth(const char *path)
{
	size_t depth = 0;

	for (size_t i = 0; path[i] != '\0'; i++)
		if (path[i] == '/' && path[i + 1] != '\0')
			depth++;
	return depth;
}

size_t
chain_find_text(const struct chain *chain, const char *path)
{
	char tidy[PATH_MAX];
	size_t len;

	if (!chain_tidy(path, tidy))
		return SIZE_MAX;
	len = strlen(tidy);
	if (strncmp(chain->path, tidy, len) != 0 ||
	    (chain->path[len] != '\0' && chain->path[len] != '/'))
		return SIZE_MAX;
	return chain_depth(chain->path) - chain_depth(tidy);
}

size_t
chain_find(const struct chain *chain, const char *path)
{
	struct stat seen;

	if (path[0] != '/')
		return SIZE_MAX;
	if (stat(path, &seen) == 0 && S_ISDIR(seen.st_mode)) {
		for (size_t i = 0; i < chain->len; i++)
			if (chain->levels[i].dev == seen.st_dev &&
			    chain->levels[i].ino == seen.st_ino)
				return i;
	}
	return chain_find_text(chain, path);
}

void
chain_level_path(const struct chain *chain, size_t level, char path[PATH_MAX])
{
	size_t len = strlen(chain->path);

	for (; level > 0 && len > 0; level--) {
		while (len > 0 && chain->path[len - 1] != '/')
			len--;
		if (len > 0)
			len--;
	}
	if (len == 0)
		(void)strcpy(path, "/");
	else
		(void)snprintf(path, PATH_MAX, "%.*s", (int)len, chain->path);
}
