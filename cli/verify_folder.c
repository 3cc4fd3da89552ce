/* SPDX-License-Identifier: ISC */
/*
 * What a folder holds: its signed records, and what none of them lists.
 * Checks nothing.  The contract is verify.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verify.h"

#define VERIFY_DEPTH 16 /* folders below the one that was named */

/* In order, whatever order the folder has. */
static void
verify_add_name(struct verify *verify, const char *name)
{
	const cJSON *one;
	int place = 0;

	cJSON_ArrayForEach(one, verify->names)
	{
		if (strcmp(one->valuestring, name) == 0)
			return;
		if (strcmp(one->valuestring, name) > 0)
			break;
		place++;
	}
	json_insert(verify->names, place, cJSON_CreateString(name));
}

enum carnet_status
verify_find_records(struct verify *verify)
{
	struct carnet_error *err = &verify->session->err;
	int copy = openat(verify->dir_fd, ".", O_RDONLY | O_DIRECTORY);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (dir == NULL) {
		int saved = errno;

		if (copy >= 0)
			(void)close(copy);
		return carnet_fail_errno(err, saved, _("cannot read"));
	}
	while ((entry = readdir(dir)) != NULL) {
		char name[sizeof(entry->d_name)];

		/* a signature whose record is gone is missed too */
		(void)snprintf(name, sizeof(name), "%s", entry->d_name);
		if (verify_ends(name, RECORD_ENDING SIGNATURE_ENDING))
			name[strlen(name) - strlen(SIGNATURE_ENDING)] = '\0';
		if (verify_ends(name, RECORD_ENDING))
			verify_add_name(verify, name);
	}
	(void)closedir(dir);
	if (cJSON_GetArraySize(verify->names) > 0)
		return CARNET_OK;
	(void)carnet_fail(err, CARNET_NOT_FOUND,
	    _("no signed record (*%s) in this folder"), RECORD_ENDING);
	carnet_hint(err, _("name one file"));
	return err->status;
}

/* Whether a file of the folder is one that was looked at: a record, its
 * signature, or listed by one. */
static bool
verify_is_known(const struct verify *verify, const char *path)
{
	size_t len = strlen(path);
	const cJSON *one;

	cJSON_ArrayForEach(
	    one, verify->files) if (strcmp(json_text(one, "path"), path) ==
				    0) return true;
	if (verify_ends(path, SIGNATURE_ENDING))
		len -= strlen(SIGNATURE_ENDING);
	cJSON_ArrayForEach(
	    one, verify->names) if (strlen(one->valuestring) == len &&
				    strncmp(one->valuestring, path, len) ==
					0) return true;
	return false;
}

static int
verify_order(const void *left, const void *right)
{
	return strcmp((*(cJSON *const *)left)->valuestring,
	    (*(cJSON *const *)right)->valuestring);
}

/* In order, whatever order the folder has. */
static void
verify_sort(cJSON *names)
{
	int len = cJSON_GetArraySize(names);
	cJSON **rows = calloc((size_t)len + 1, sizeof(cJSON *));

	for (int i = 0; rows != NULL && i < len; i++)
		rows[i] = cJSON_DetachItemFromArray(names, 0);
	if (rows != NULL && len > 0)
		qsort(rows, (size_t)len, sizeof(cJSON *), verify_order);
	for (int i = 0; rows != NULL && i < len; i++)
		json_insert(names, i, rows[i]);
	free(rows);
}

static enum carnet_status
verify_walk(struct verify *verify, const char *folder, unsigned depth)
{
	struct carnet_error *err = &verify->session->err;
	int fd = openat(verify->dir_fd, folder[0] == '\0' ? "." : folder,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	enum carnet_status status = CARNET_OK;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct stat info;
	char path[4096];

	if (dir == NULL) {
		status = carnet_fail_errno(err, errno, "%s", folder);
		if (fd >= 0)
			(void)close(fd);
		return status;
	}
	while (
	    status == CARNET_OK && (errno = 0, entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (snprintf(path, sizeof(path), "%s%s", folder,
			entry->d_name) >= (int)sizeof(path) - 1 ||
		    fstatat(verify->dir_fd, path, &info, AT_SYMLINK_NOFOLLOW) !=
			0)
			continue;
		if (S_ISDIR(info.st_mode) && depth < VERIFY_DEPTH) {
			(void)strcat(path, "/");
			status = verify_walk(verify, path, depth + 1);
		} else if (!verify_is_known(verify, path)) {
			(void)cJSON_AddItemToArray(
			    verify->unsigned_names, cJSON_CreateString(path));
		}
	}
	if (status == CARNET_OK && errno != 0)
		status = carnet_fail_errno(err, errno, "%s", folder);
	(void)closedir(dir);
	return status;
}

enum carnet_status
verify_find_unsigned(struct verify *verify)
{
	enum carnet_status status = verify_walk(verify, "", 0);

	verify_sort(verify->unsigned_names);
	return status;
}
