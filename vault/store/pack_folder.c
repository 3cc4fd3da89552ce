/* SPDX-License-Identifier: ISC */
/*
 * packs/ and its 256 folders: made, synced; packs named and deleted.
 * Looks into no pack.  docs/format.md, "Files of packs"; pack.h.
 */
#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum carnet_status
pack_folder_failed(int errno_value, struct carnet_error *err)
{
	return carnet_fail_errno(
	    err, errno_value, CARNET_("a folder of packs cannot be used"));
}

static int
pack_open_path(int at_fd, const char *name)
{
	return openat(
	    at_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* *ret_fd -1 and errno ENOENT kept when it isn't there and isn't made. */
static enum carnet_status
pack_open_one(int at_fd, const char *name, bool make, int *ret_fd,
    struct carnet_error *err)
{
	int fd;

	if (make && mkdirat(at_fd, name, 0700) != 0 && errno != EEXIST)
		return pack_folder_failed(errno, err);
	fd = pack_open_path(at_fd, name);
	if (fd < 0 && errno == ENOENT)
		return carnet_fail(err, CARNET_NOT_FOUND,
		    CARNET_("a folder of packs is missing"));
	if (fd < 0)
		return pack_folder_failed(errno, err);
	*ret_fd = fd;
	return CARNET_OK;
}

enum carnet_status
pack_open_folder(int vault_fd, const uint8_t id[PACK_ID_LEN], bool make,
    int *ret_fd, struct carnet_error *err)
{
	enum carnet_status status;
	char name[3];
	int packs = -1;

	hex_encode(id, 1, name);
	status = pack_open_one(vault_fd, "packs", make, &packs, err);
	if (status != CARNET_OK)
		return status;
	status = pack_open_one(packs, name, make, ret_fd, err);
	(void)close(packs);
	return status;
}

enum carnet_status
pack_sync_folder(int fd, struct carnet_error *err)
{
	/* EINVAL: this file system has no fsync of folders */
	if (fsync(fd) != 0 && errno != EINVAL)
		return pack_folder_failed(errno, err);
	return CARNET_OK;
}

static enum carnet_status
pack_sync_path(int at_fd, const char *name, struct carnet_error *err)
{
	enum carnet_status status;
	int fd = pack_open_path(at_fd, name);

	if (fd < 0)
		return pack_folder_failed(errno, err);
	status = pack_sync_folder(fd, err);
	(void)close(fd);
	return status;
}

void
pack_discard(int vault_fd, const uint8_t id[PACK_ID_LEN])
{
	char path[PACK_TEMP_TEXT];

	pack_temp_path(id, path);
	(void)unlinkat(vault_fd, path, 0);
}

/* Never over a file that is there, even on file systems without
 * RENAME_NOREPLACE (ids are random: it takes a copied vault to meet one). */
static int
pack_rename(int vault_fd, const char *from, const char *to)
{
	struct stat st;

	if (renameat2(vault_fd, from, vault_fd, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (fstatat(vault_fd, to, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return renameat(vault_fd, from, vault_fd, to);
}

enum carnet_status
packs_sync(int vault_fd, const uint8_t (*ids)[PACK_ID_LEN], size_t len,
    struct carnet_error *err)
{
	bool touched[256] = { false };
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < len; i++)
		touched[ids[i][0]] = true;
	for (unsigned i = 0; i < 256 && status == CARNET_OK; i++) {
		char path[sizeof("packs/ab")] = "packs/";
		uint8_t byte = (uint8_t)i;

		if (!touched[i])
			continue;
		hex_encode(&byte, 1, path + 6);
		status = pack_sync_path(vault_fd, path, err);
	}
	/* they may have been made by a run that died before it synced them */
	if (status == CARNET_OK)
		status = pack_sync_path(vault_fd, "packs", err);
	if (status == CARNET_OK)
		status = pack_sync_path(vault_fd, ".", err);
	return status;
}

enum carnet_status
pack_publish(int vault_fd, uint8_t (*ids)[PACK_ID_LEN], size_t len,
    struct carnet_error *err)
{
	char from[PACK_TEMP_TEXT], to[PACK_PATH_TEXT];
	enum carnet_status status = CARNET_OK;
	size_t named = 0;

	while (named < len) {
		pack_temp_path(ids[named], from);
		pack_path(ids[named], to);
		if (pack_rename(vault_fd, from, to) != 0) {
			status = carnet_fail_errno(
			    err, errno, CARNET_("pack %s cannot be named"), to);
			break;
		}
		named++;
	}
	if (status == CARNET_OK)
		status = packs_sync(
		    vault_fd, (const uint8_t(*)[PACK_ID_LEN])ids, len, err);
	for (size_t i = 0; status != CARNET_OK && i < len; i++) {
		pack_path(ids[i], to);
		if (i < named)
			(void)unlinkat(vault_fd, to, 0);
		else
			pack_discard(vault_fd, ids[i]);
	}
	return status;
}

enum carnet_status
pack_delete(
    int vault_fd, const uint8_t id[PACK_ID_LEN], struct carnet_error *err)
{
	char path[PACK_PATH_TEXT];
	enum carnet_status status;
	int folder = -1;

	status = pack_open_folder(vault_fd, id, false, &folder, NULL);
	if (status == CARNET_NOT_FOUND)
		return CARNET_OK;
	pack_path(id, path);
	if (status != CARNET_OK)
		return carnet_fail(
		    err, status, CARNET_("pack %s cannot be deleted"), path);
	if (unlinkat(folder, strrchr(path, '/') + 1, 0) != 0 && errno != ENOENT)
		status = carnet_fail_errno(
		    err, errno, CARNET_("pack %s cannot be deleted"), path);
	else
		status = pack_sync_folder(folder, err);
	(void)close(folder);
	return status;
}

enum carnet_status
packs_delete(int vault_fd, const uint8_t (*ids)[PACK_ID_LEN], size_t len,
    struct carnet_error *err)
{
	char path[PACK_PATH_TEXT];

	for (size_t i = 0; i < len; i++) {
		pack_path(ids[i], path);
		if (unlinkat(vault_fd, path, 0) != 0 && errno != ENOENT)
			return carnet_fail_errno(err, errno,
			    CARNET_("pack %s cannot be deleted"), path);
	}
	return len == 0 ? CARNET_OK : packs_sync(vault_fd, ids, len, err);
}

enum carnet_status
pack_sweep(
    int vault_fd, const char *path, bool *ret_swept, struct carnet_error *err)
{
	uint8_t ids[1][PACK_ID_LEN];
	char again[PACK_TEMP_TEXT];
	const char *name = strrchr(path, '/');

	if (name == NULL || strncmp(name, "/.tmp-", 6) != 0 ||
	    !hex_decode(name + 6, ids[0], PACK_ID_LEN))
		return CARNET_OK;
	pack_temp_path(ids[0], again);
	if (strcmp(path, again) != 0)
		return CARNET_OK;
	if (unlinkat(vault_fd, path, 0) != 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("pack %s cannot be deleted"), path);
	*ret_swept = true;
	return packs_sync(vault_fd, (const uint8_t(*)[PACK_ID_LEN])ids, 1, err);
}
