/* SPDX-License-Identifier: ISC */
/*
 * Where a backup goes: is it this vault's, is it empty, does one lie in the
 * other; opened, made, locked.  The contract is backup_run.h's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup_run.h"

/* Opens the nearest folder that exists above a path that doesn't. */
static int
backup_open_above(const char *path)
{
	char *copy = strdup(path), *slash;
	int fd = -1;

	while (copy != NULL && fd < 0) {
		size_t len = strlen(copy);

		while (len > 1 && copy[len - 1] == '/')
			copy[--len] = '\0';
		slash = strrchr(copy, '/');
		if (slash == NULL) {
			fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			break;
		}
		slash[slash == copy ? 1 : 0] = '\0';
		fd = open(copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (strcmp(copy, "/") == 0)
			break;
	}
	free(copy);
	return fd;
}

static enum carnet_status
backup_check_place(
    struct backup_run *run, int fd, bool exists, struct carnet_error *err)
{
	if (files_is_inside(fd, run->vault->fd) ||
	    (exists && files_is_inside(run->vault->fd, fd))) {
		carnet_fail(err, CARNET_INVALID,
		    CARNET_("the vault and its backup lie in one another"));
		carnet_hint(err, CARNET_("name a folder elsewhere, best on "
					 "another disk"));
		return CARNET_INVALID;
	}
	return CARNET_OK;
}

/* An unmarked folder is this vault's backup when its headers say so. */
static enum carnet_status
backup_adopt_visit(void *context, const char *name, struct carnet_error *err)
{
	struct backup_run *run = context;
	struct header *header = NULL;
	uint8_t *bytes = NULL;
	size_t len = 0;

	(void)err;
	if (destination_load_header(
		run->fd, name, &bytes, &len, &header, NULL) == CARNET_OK &&
	    memcmp(header_id(header), header_id(run->vault->header),
		VAULT_ID_LEN) == 0)
		run->is_ours = true;
	header_free(header);
	free(bytes);
	return CARNET_OK;
}

/* What is at the destination: ours, empty, or an error. */
static enum carnet_status
backup_judge(struct backup_run *run, struct carnet_error *err)
{
	uint8_t id[VAULT_ID_LEN] = { 0 };
	enum carnet_status status =
	    destination_look(run->fd, &run->kind, id, err);

	if (status != CARNET_OK)
		return status;
	if (run->kind == BACKUP_UNMARKED) {
		status = files_each(
		    run->fd, "headers", backup_adopt_visit, run, err);
		if (status == CARNET_OK && !run->is_ours)
			run->kind = BACKUP_STRANGER;
	}
	if (status == CARNET_OK && run->kind == BACKUP_STRANGER) {
		status = carnet_fail(err, CARNET_EXISTS,
		    CARNET_("this folder holds something else"));
		carnet_hint(err, CARNET_("name a new or an empty folder for "
					 "the backup"));
	}
	if (status == CARNET_OK && run->kind == BACKUP_THERE &&
	    memcmp(id, header_id(run->vault->header), VAULT_ID_LEN) != 0) {
		status = carnet_fail(err, CARNET_INVALID,
		    CARNET_("this is a backup of another vault"));
		carnet_hint(
		    err, CARNET_("each vault has a backup folder of its own"));
	}
	return status;
}

enum carnet_status
backup_open_place(
    struct backup_run *run, const char *path, struct carnet_error *err)
{
	enum carnet_status status;
	int above;

	run->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (run->fd < 0 && errno == ENOENT) {
		above = backup_open_above(path);
		status = above < 0 ? CARNET_OK
				   : backup_check_place(run, above, false, err);
		if (above >= 0)
			(void)close(above);
		if (status != CARNET_OK || run->options->dry_run)
			return status;
		if (mkdir(path, 0700) != 0)
			return carnet_fail_errno(err, errno,
			    CARNET_("cannot make the backup's folder"));
		run->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (run->fd < 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("cannot open the backup's folder"));
	status = carnet_folder_judged(run->options->judged, run->fd, err);
	if (status == CARNET_OK)
		status = backup_check_place(run, run->fd, true, err);
	if (status == CARNET_OK)
		status = backup_judge(run, err);
	if (status != CARNET_OK || run->options->dry_run)
		return status;
	status =
	    destination_lock(run->fd, run->options->waiter, &run->lock_fd, err);
	if (status == CARNET_OK) /* who held it may have made it a backup */
		status = backup_judge(run, err);
	return status;
}
