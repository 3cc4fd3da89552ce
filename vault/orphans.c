/* SPDX-License-Identifier: ISC */
/*
 * orphans/: packs in which the ledger names nothing, kept for a while before
 * they are deleted.  Decides nothing.  docs/format.md, "Orphans"; vault.h.
 */
#include "vault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ORPHAN_NAME_TEXT (CARNET_DATE_TEXT + 2 * PACK_ID_LEN + 1)

struct orphan {
	char name[ORPHAN_NAME_TEXT];
	uint8_t id[PACK_ID_LEN];
	struct carnet_date since;
};

/* "<date>-<32 lower-case hex>" and nothing else. */
static bool
orphan_parse(const char *name, struct orphan *ret)
{
	char date[CARNET_DATE_TEXT], again[ORPHAN_NAME_TEXT];
	char hex[2 * PACK_ID_LEN + 1];

	if (strlen(name) != ORPHAN_NAME_TEXT - 1)
		return false;
	(void)snprintf(date, sizeof(date), "%.10s", name);
	if (!carnet_date_parse(date, &ret->since) ||
	    !hex_decode(name + CARNET_DATE_TEXT, ret->id, PACK_ID_LEN))
		return false;
	hex_encode(ret->id, PACK_ID_LEN, hex);
	(void)snprintf(again, sizeof(again), "%s-%s", date, hex);
	(void)snprintf(ret->name, sizeof(ret->name), "%s", again);
	return strcmp(name, again) == 0;
}

static int
orphan_order(const void *left, const void *right)
{
	return strcmp(((const struct orphan *)left)->name,
	    ((const struct orphan *)right)->name);
}

static enum carnet_status
orphans_list(int fd, struct orphan **ret_orphans, size_t *ret_len,
    struct carnet_error *err)
{
	struct orphan *orphans = NULL, *grown;
	enum carnet_status status = CARNET_OK;
	struct dirent *entry;
	size_t len = 0;
	DIR *dir = fdopendir(fd);

	if (dir == NULL) {
		status = carnet_fail_errno(err, errno, "orphans");
		(void)close(fd);
		return status;
	}
	while (errno = 0, (entry = readdir(dir)) != NULL) {
		struct orphan orphan;

		if (!orphan_parse(entry->d_name, &orphan))
			continue;
		grown = reallocarray(orphans, len + 1, sizeof(*orphans));
		if (grown == NULL) {
			errno = ENOMEM;
			break;
		}
		orphans = grown;
		orphans[len++] = orphan;
	}
	if (errno != 0)
		status = carnet_fail_errno(err, errno, "orphans");
	(void)closedir(dir);
	if (status != CARNET_OK) {
		free(orphans);
		return status;
	}
	if (len > 0)
		qsort(orphans, len, sizeof(*orphans), orphan_order);
	*ret_orphans = orphans;
	*ret_len = len;
	return CARNET_OK;
}

static int
orphans_open(const struct carnet_vault *vault)
{
	return openat(vault->fd, "orphans",
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

enum carnet_status
orphans_walk(struct carnet_vault *vault, orphan_visit *visit, void *context,
    struct carnet_error *err)
{
	struct orphan *orphans = NULL;
	char path[ORPHAN_PATH_TEXT];
	enum carnet_status status;
	size_t len = 0;
	int fd = orphans_open(vault);

	if (fd < 0 && errno == ENOENT)
		return CARNET_OK;
	if (fd < 0)
		return carnet_fail_errno(err, errno, "orphans");
	status = orphans_list(fd, &orphans, &len, err);
	for (size_t i = 0; i < len && status == CARNET_OK; i++) {
		(void)snprintf(
		    path, sizeof(path), "orphans/%s", orphans[i].name);
		status =
		    visit(context, orphans[i].id, path, orphans[i].since, err);
	}
	free(orphans);
	return status;
}

enum carnet_status
orphans_set_aside(struct carnet_vault *vault, const uint8_t id[PACK_ID_LEN],
    struct carnet_date today, struct carnet_error *err)
{
	char date[CARNET_DATE_TEXT], hex[2 * PACK_ID_LEN + 1];
	char from[PACK_PATH_TEXT], to[ORPHAN_PATH_TEXT];

	if (mkdirat(vault->fd, "orphans", 0700) != 0 && errno != EEXIST)
		return carnet_fail_errno(err, errno, "orphans");
	carnet_date_format(today, date);
	hex_encode(id, PACK_ID_LEN, hex);
	pack_path(id, from);
	(void)snprintf(to, sizeof(to), "orphans/%s-%s", date, hex);
	if (renameat(vault->fd, from, vault->fd, to) != 0)
		return carnet_fail_errno(err, errno, "%s", from);
	return CARNET_OK;
}

enum carnet_status
orphans_bring_back(struct carnet_vault *vault, const uint8_t id[PACK_ID_LEN],
    const char *path, struct carnet_error *err)
{
	char to[PACK_PATH_TEXT], folder[sizeof("packs/ab")];

	pack_path(id, to);
	(void)snprintf(folder, sizeof(folder), "%.8s", to);
	if (mkdirat(vault->fd, folder, 0700) != 0 && errno != EEXIST)
		return carnet_fail_errno(err, errno, "%s", folder);
	if (renameat(vault->fd, path, vault->fd, to) != 0)
		return carnet_fail_errno(err, errno, "%s", path);
	return CARNET_OK;
}

enum carnet_status
orphans_sync(struct carnet_vault *vault, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	int fd = orphans_open(vault);

	if (fd < 0 && errno == ENOENT)
		return CARNET_OK;
	/* EINVAL: this file system has no fsync of folders */
	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL) ||
	    (fsync(vault->fd) != 0 && errno != EINVAL))
		status = carnet_fail_errno(err, errno, "orphans");
	if (fd >= 0)
		(void)close(fd);
	return status;
}

static enum carnet_status
orphans_bring_back_one(void *context, const uint8_t id[PACK_ID_LEN],
    const char *path, struct carnet_date since, struct carnet_error *err)
{
	enum carnet_status status = orphans_bring_back(context, id, path, err);

	(void)since;
	if (status == CARNET_OK)
		status = packs_sync(((struct carnet_vault *)context)->fd,
		    (const uint8_t(*)[PACK_ID_LEN])id, 1, err);
	return status;
}

enum carnet_status
orphans_bring_back_all(struct carnet_vault *vault, struct carnet_error *err)
{
	enum carnet_status status =
	    orphans_walk(vault, orphans_bring_back_one, vault, err);

	if (status == CARNET_OK)
		status = orphans_sync(vault, err);
	return status;
}
