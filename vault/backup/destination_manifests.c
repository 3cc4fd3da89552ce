/* SPDX-License-Identifier: ISC */
/*
 * The manifests of a backup, one or each.  Judges none: who visits them does.
 * docs/format.md, "Manifests".
 */
#include "backup.h"

#include <stdio.h>
#include <stdlib.h>

enum carnet_status
destination_load_snapshot(int fd, const char *id,
    const uint8_t vault_id[VAULT_ID_LEN], const struct keys *keys,
    struct snapshot *ret_snapshot, struct carnet_error *err)
{
	char path[FILES_PATH_TEXT];
	enum carnet_status status;
	uint8_t *bytes = NULL;
	size_t len = 0;

	(void)snprintf(path, sizeof(path), "snapshots/%.100s", id);
	status = files_load(fd, path, SNAPSHOT_FILE_MAX, &bytes, &len, err);
	if (status == CARNET_OK)
		status = snapshot_decode(
		    bytes, len, id, vault_id, keys, ret_snapshot, err);
	free(bytes);
	return status;
}

struct destination_walk {
	int fd;
	const uint8_t *vault_id;
	const struct keys *keys;
	const struct destination_visit *visit;
};

static enum carnet_status
destination_visit_one(void *context, const char *name, struct carnet_error *err)
{
	struct destination_walk *walk = context;
	struct snapshot snapshot = { 0 };
	struct carnet_error why;
	enum carnet_status status;

	if (!snapshot_is_id(name))
		return CARNET_OK; /* what another tool has left */
	status = destination_load_snapshot(
	    walk->fd, name, walk->vault_id, walk->keys, &snapshot, &why);
	if (status == CARNET_NO_MEMORY) {
		if (err != NULL)
			*err = why;
		return status;
	}
	if (status != CARNET_OK) {
		walk->visit->problem(walk->visit->context, name, why.message);
		return CARNET_OK;
	}
	status = walk->visit->visit(walk->visit->context, &snapshot, err);
	snapshot_clear(&snapshot);
	return status;
}

enum carnet_status
destination_snapshots(int fd, const uint8_t vault_id[VAULT_ID_LEN],
    const struct keys *keys, const struct destination_visit *visit,
    struct carnet_error *err)
{
	struct destination_walk walk = { fd, vault_id, keys, visit };

	return files_each(fd, "snapshots", destination_visit_one, &walk, err);
}
