/* SPDX-License-Identifier: ISC */
/*
 * What `repair` has set aside in damaged/, and `compact` in orphans/: erasing
 * in those files.
 */
#include "vault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct aside {
	struct carnet_vault *vault;
	const struct chunk_name *doomed; /* sorted */
	size_t doomed_len;
	ledger_doomed *is_doomed;
	void *context;
	bool unsure;
};

static int
aside_order(const void *left, const void *right)
{
	return memcmp(left, right, HASH_LEN);
}

/* Nothing, or "-1" as a second file of this name has it. */
static bool
aside_is_end(const char *text)
{
	return *text == '\0' || *text == '-';
}

/* A pack's: "<32 hex>". */
static enum carnet_status
aside_pack(struct aside *aside, int fd, const char *name,
    const uint8_t id[PACK_ID_LEN], struct carnet_error *err)
{
	struct chunk_row *rows = NULL;
	struct carnet_error why = { 0 };
	size_t len = 0;
	enum carnet_status status =
	    pack_read_list(fd, id, aside->vault->keys, &rows, &len, &why);

	if (status == CARNET_DAMAGED || status == CARNET_NEWER) {
		aside->unsure = true;
		return CARNET_OK;
	}
	if (status != CARNET_OK && err != NULL)
		*err = why;
	for (size_t i = 0; i < len && status == CARNET_OK; i++)
		if (bsearch(&rows[i].name, aside->doomed, aside->doomed_len,
			sizeof(*aside->doomed), aside_order) != NULL)
			status = ledger_erase_bytes(fd, name,
			    rows[i].place.offset, rows[i].place.len, err);
	free(rows);
	return status;
}

/* A segment's: "ledger-<device>-<n>.<revision>". */
static bool
aside_parse_segment(const char *name, struct ledger_file *ret_file)
{
	char hex[DEVICE_ID_TEXT], *end = NULL;

	if (strncmp(name, "ledger-", 7) != 0 ||
	    strlen(name) < 7 + DEVICE_ID_TEXT)
		return false;
	(void)snprintf(hex, sizeof(hex), "%s", name + 7);
	name += 7 + DEVICE_ID_TEXT - 1;
	if (!hex_decode(hex, ret_file->device, DEVICE_ID_LEN) || *name != '-')
		return false;
	ret_file->segment = strtoull(name + 1, &end, 10);
	if (*end != '.')
		return false;
	ret_file->revision = (uint32_t)strtoul(end + 1, &end, 10);
	return aside_is_end(end);
}

static enum carnet_status
aside_file(struct aside *aside, const char *name, struct carnet_error *err)
{
	struct ledger_file file = { 0 };
	uint8_t id[PACK_ID_LEN];
	char path[300], hex[2 * PACK_ID_LEN + 1];
	bool is_segment = aside_parse_segment(name, &file), is_pack;
	enum carnet_status status = CARNET_OK;
	int fd;

	(void)snprintf(hex, sizeof(hex), "%s", name);
	is_pack = !is_segment && strlen(hex) == sizeof(hex) - 1 &&
		  hex_decode(hex, id, PACK_ID_LEN) &&
		  aside_is_end(name + sizeof(hex) - 1);
	if (!is_segment && !is_pack)
		return CARNET_OK;
	(void)snprintf(path, sizeof(path), "damaged/%s", name);
	fd = openat(aside->vault->fd, path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return carnet_fail_errno(err, errno, "%s", path);
	if (is_pack)
		status = aside_pack(aside, fd, path, id, err);
	else
		status =
		    ledger_erase_aside(aside->vault->ledger, fd, path, &file,
			aside->is_doomed, aside->context, &aside->unsure, err);
	if (status == CARNET_OK && fsync(fd) != 0)
		status = carnet_fail_errno(err, errno, "%s", path);
	(void)close(fd);
	return status;
}

/* A pack of orphans/. */
static enum carnet_status
aside_orphan(void *context, const uint8_t id[PACK_ID_LEN], const char *path,
    struct carnet_date since, struct carnet_error *err)
{
	struct aside *aside = context;
	int fd =
	    openat(aside->vault->fd, path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	enum carnet_status status;

	(void)since;
	if (fd < 0)
		return carnet_fail_errno(err, errno, "%s", path);
	status = aside_pack(aside, fd, path, id, err);
	if (status == CARNET_OK && fsync(fd) != 0)
		status = carnet_fail_errno(err, errno, "%s", path);
	(void)close(fd);
	return status;
}

enum carnet_status
aside_erase(struct carnet_vault *vault, const struct chunk_name *doomed,
    size_t doomed_len, ledger_doomed *is_doomed, void *context,
    bool *ret_unsure, struct carnet_error *err)
{
	struct aside aside = { .vault = vault,
		.doomed = doomed,
		.doomed_len = doomed_len,
		.is_doomed = is_doomed,
		.context = context };
	enum carnet_status status =
	    orphans_walk(vault, aside_orphan, &aside, err);
	struct dirent *entry;
	DIR *dir;
	int fd;

	*ret_unsure = aside.unsure;
	if (status != CARNET_OK)
		return status;
	fd = openat(vault->fd, "damaged",
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return CARNET_OK;
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		status = carnet_fail_errno(err, errno, "damaged");
		if (fd >= 0)
			(void)close(fd);
		return status;
	}
	while (status == CARNET_OK && (entry = readdir(dir)) != NULL)
		status = aside_file(&aside, entry->d_name, err);
	(void)closedir(dir);
	*ret_unsure = aside.unsure;
	return status;
}
