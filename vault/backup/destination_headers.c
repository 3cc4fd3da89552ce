/* SPDX-License-Identifier: ISC */
/*
 * The header copies of a backup: their names, one of them read, those that
 * aren't the vault's counted.  docs/format.md, "Backup".
 */
#include "backup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- one copy ---------------------------------------------------------------
 */

void
destination_header_path(uint64_t sequence, const uint8_t hash[HASH_LEN],
    char path[BACKUP_HEADER_TEXT])
{
	char hex[2 * HASH_LEN + 1];

	hex_encode(hash, HASH_LEN, hex);
	(void)snprintf(
	    path, BACKUP_HEADER_TEXT, "headers/%" PRIu64 "-%s", sequence, hex);
}

enum carnet_status
destination_load_header(int fd, const char *name, uint8_t **ret_bytes,
    size_t *ret_len, struct header **ret_header, struct carnet_error *err)
{
	char path[FILES_PATH_TEXT], expected[BACKUP_HEADER_TEXT];
	struct header *header = NULL;
	enum carnet_status status;
	uint8_t hash[HASH_LEN], *bytes = NULL;
	size_t len = 0;

	(void)snprintf(path, sizeof(path), "headers/%.100s", name);
	status = files_load(fd, path, HEADER_MAX_LEN, &bytes, &len, err);
	if (status == CARNET_OK)
		status = header_parse(bytes, len, &header, err);
	if (status == CARNET_OK) {
		hash_bytes(NULL, bytes, len, hash);
		destination_header_path(
		    header_sequence(header), hash, expected);
		if (strcmp(path, expected) != 0)
			status = carnet_fail(err, CARNET_DAMAGED,
			    CARNET_("%s is not what its name says"), path);
	}
	if (status != CARNET_OK) {
		header_free(header);
		free(bytes);
		return status;
	}
	*ret_bytes = bytes;
	*ret_len = len;
	*ret_header = header;
	return CARNET_OK;
}

/* --- copies that aren't this vault's
 * ------------------------------------------------------ */

struct strangers {
	int fd;
	const struct header *own;
	const struct secret *master;
	size_t count;
};

static enum carnet_status
strangers_visit(void *context, const char *name, struct carnet_error *err)
{
	struct strangers *strangers = context;
	struct header *header = NULL;
	enum carnet_status status;
	uint8_t *bytes = NULL;
	size_t len = 0;

	status = destination_load_header(
	    strangers->fd, name, &bytes, &len, &header, NULL);
	if (status == CARNET_OK &&
	    (memcmp(header_id(header), header_id(strangers->own),
		 VAULT_ID_LEN) != 0 ||
		header_verify(header, strangers->master, NULL) != CARNET_OK))
		status = CARNET_DAMAGED;
	header_free(header);
	free(bytes);
	if (status == CARNET_NO_MEMORY)
		return carnet_fail_errno(err, ENOMEM, "headers");
	strangers->count += status == CARNET_OK ? 0 : 1;
	return CARNET_OK;
}

enum carnet_status
destination_count_strangers(int fd, const struct header *own,
    const struct secret *master, size_t *ret_count, struct carnet_error *err)
{
	struct strangers strangers = { .fd = fd, .own = own, .master = master };
	enum carnet_status status =
	    files_each(fd, "headers", strangers_visit, &strangers, err);

	if (status == CARNET_OK)
		*ret_count = strangers.count;
	return status;
}
