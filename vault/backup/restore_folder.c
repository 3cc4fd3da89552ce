/* SPDX-License-Identifier: ISC */
/*
 * Making room for a restored vault without ever overwriting anything: only
 * files of the shapes that a restore makes, under its marker and with no
 * header beside them, are cleared.  The contract is restore_folder.h's.
 */
#include "restore_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "header.h"

/* Makes the folder and those above it. */
static enum carnet_status
restore_make_path(const char *path, struct carnet_error *err)
{
	char *copy = strdup(path), *slash;
	int saved = 0;

	if (copy == NULL)
		return carnet_fail_errno(err, ENOMEM, "restore");
	for (slash = copy[0] == '\0' ? NULL : strchr(copy + 1, '/');
	     slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(copy, 0700);
		*slash = '/';
	}
	if (mkdir(copy, 0700) != 0 && errno != EEXIST)
		saved = errno;
	free(copy);
	if (saved != 0)
		return carnet_fail_errno(
		    err, saved, CARNET_("cannot make the vault's folder"));
	return CARNET_OK;
}

/* --- leftovers
 * ----------------------------------------------------------------- */

struct restore_leftovers {
	int fd;
	const char *folder;
	bool other; /* something that no restore makes */
	bool marker, any;
	bool clear; /* delete, not only look */
};

static bool
restore_is_hex(const char *name, size_t len)
{
	return strlen(name) == len && strspn(name, "0123456789abcdef") == len;
}

/* "<n>", "<n>.<revision>", "<32 hex>", each also under its temporary name */
static bool
restore_is_file(const char *name)
{
	size_t len = strlen(name), tail = sizeof(FILES_TEMPORARY) - 1;
	char stem[FILES_PATH_TEXT];

	if (len > tail && strcmp(name + len - tail, FILES_TEMPORARY) == 0)
		len -= tail;
	if (len >= sizeof(stem))
		return false;
	memcpy(stem, name, len);
	stem[len] = '\0';
	return restore_is_hex(stem, 32) ||
	       (len > 0 && strspn(stem, "0123456789.") == len);
}

static enum carnet_status
restore_leftover_file(void *context, const char *name, struct carnet_error *err)
{
	struct restore_leftovers *left = context;
	char path[2 * FILES_PATH_TEXT];

	(void)snprintf(path, sizeof(path), "%.100s/%.120s", left->folder, name);
	if (!restore_is_file(name))
		left->other = true;
	else if (left->clear && unlinkat(left->fd, path, 0) != 0 &&
		 errno != ENOENT)
		return carnet_fail_errno(err, errno, "%s", path);
	return CARNET_OK;
}

/* packs/ab, ledger/<device> */
static enum carnet_status
restore_leftover_folder(
    void *context, const char *name, struct carnet_error *err)
{
	struct restore_leftovers *left = context;
	const char *above = left->folder;
	char path[2 * FILES_PATH_TEXT];
	enum carnet_status status;

	if (!restore_is_hex(name, strcmp(above, "packs") == 0 ? 2 : 32)) {
		left->other = true;
		return CARNET_OK;
	}
	(void)snprintf(path, sizeof(path), "%.20s/%.40s", above, name);
	left->folder = path;
	status = files_each(left->fd, path, restore_leftover_file, left, err);
	left->folder = above;
	if (status == CARNET_OK && left->clear && !left->other &&
	    unlinkat(left->fd, path, AT_REMOVEDIR) != 0)
		return carnet_fail_errno(err, errno, "%s", path);
	return status;
}

static enum carnet_status
restore_leftover(void *context, const char *name, struct carnet_error *err)
{
	struct restore_leftovers *left = context;
	size_t len = strlen(name), tail = sizeof(FILES_TEMPORARY) - 1;
	enum carnet_status status;

	left->any = true;
	if (strcmp(name, RESTORE_MARKER) == 0) {
		left->marker = true;
		return CARNET_OK;
	}
	if (strncmp(name, "carnet.head", 11) == 0 && len > tail &&
	    strcmp(name + len - tail, FILES_TEMPORARY) == 0) {
		if (left->clear && unlinkat(left->fd, name, 0) != 0)
			return carnet_fail_errno(err, errno, "%s", name);
		return CARNET_OK;
	}
	if (strcmp(name, "packs") != 0 && strcmp(name, "ledger") != 0) {
		left->other |= strcmp(name, "lost+found") != 0;
		return CARNET_OK;
	}
	left->folder = name;
	status = files_each(left->fd, name, restore_leftover_folder, left, err);
	left->folder = ".";
	if (status == CARNET_OK && left->clear && !left->other &&
	    unlinkat(left->fd, name, AT_REMOVEDIR) != 0)
		return carnet_fail_errno(err, errno, "%s", name);
	return status;
}

/* Empty, or nothing but leftovers; else CARNET_EXISTS. */
static enum carnet_status
restore_look(int fd, bool *ret_leftovers, struct carnet_error *err)
{
	struct restore_leftovers left = { .fd = fd, .folder = "." };
	struct header *header = NULL;
	enum carnet_status status;
	unsigned bad = 0;

	status = header_load(fd, &header, &bad, NULL);
	header_free(header);
	if (status != CARNET_NO_VAULT) {
		carnet_fail(
		    err, CARNET_EXISTS, CARNET_("there is a vault already"));
		carnet_hint(err, CARNET_("name a new folder with --to"));
		return CARNET_EXISTS;
	}
	status = files_each(fd, ".", restore_leftover, &left, err);
	if (status != CARNET_OK)
		return status;
	if (left.other || (left.any && !left.marker)) {
		carnet_fail(err, CARNET_EXISTS,
		    CARNET_("this folder holds something else"));
		carnet_hint(err, CARNET_("name a new folder with --to"));
		return CARNET_EXISTS;
	}
	*ret_leftovers = left.marker;
	return CARNET_OK;
}

/* --- begin and end
 * ------------------------------------------------------------------ */

static enum carnet_status
restore_lock(struct restore_folder *folder, struct carnet_error *err)
{
	int code;

	folder->marker_fd = openat(folder->fd, RESTORE_MARKER,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (folder->marker_fd < 0)
		return carnet_fail_errno(err, errno, RESTORE_MARKER);
	do
		code = flock(folder->marker_fd, LOCK_EX | LOCK_NB);
	while (code != 0 && errno == EINTR);
	if (code != 0 && errno == EWOULDBLOCK)
		return carnet_fail(err, CARNET_LOCKED,
		    CARNET_("another restore is writing there"));
	return CARNET_OK; /* other errors: a disk without locks */
}

static enum carnet_status
restore_make_rooms(struct restore_folder *folder, struct carnet_error *err)
{
	struct restore_leftovers left = {
		.fd = folder->fd, .folder = ".", .clear = true
	};
	bool leftovers = false;
	enum carnet_status status;

	/* again, now that nobody else is at it */
	status = restore_look(folder->fd, &leftovers, err);
	if (status == CARNET_OK)
		status =
		    files_each(folder->fd, ".", restore_leftover, &left, err);
	if (status == CARNET_OK)
		status = files_make_folder(folder->fd, "packs", err);
	if (status == CARNET_OK)
		status = files_make_folder(folder->fd, "ledger", err);
	if (status == CARNET_OK)
		status = files_sync_folder(folder->fd, ".", err);
	return status;
}

enum carnet_status
restore_folder_begin(const char *path, const int *judged, int backup_fd,
    struct restore_folder *folder, struct carnet_error *err)
{
	bool leftovers = false;
	enum carnet_status status = restore_make_path(path, err);

	if (status != CARNET_OK)
		return status;
	folder->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("cannot open the vault's folder"));
	status = carnet_folder_judged(judged, folder->fd, err);
	if (status != CARNET_OK)
		return status;
	if (files_is_inside(folder->fd, backup_fd))
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("a vault does not belong inside its backup"));
	status = restore_look(folder->fd, &leftovers, err);
	if (status == CARNET_OK)
		status = restore_lock(folder, err);
	if (status == CARNET_OK)
		status = restore_make_rooms(folder, err);
	return status;
}

enum carnet_status
restore_folder_end(struct restore_folder *folder, struct carnet_error *err)
{
	if (unlinkat(folder->fd, RESTORE_MARKER, 0) != 0 && errno != ENOENT)
		return carnet_fail_errno(err, errno, RESTORE_MARKER);
	return files_sync_folder(folder->fd, ".", err);
}

void
restore_folder_close(struct restore_folder *folder)
{
	if (folder->marker_fd >= 0)
		(void)close(folder->marker_fd);
	if (folder->fd >= 0)
		(void)close(folder->fd);
	folder->marker_fd = folder->fd = -1;
}
