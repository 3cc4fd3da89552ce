/* SPDX-License-Identifier: ISC */
/*
 * The manifests of a backup, one or each, opened on all cores and visited in
 * order.  Judges none: who visits them does.
 * docs/format.md, "Manifests".
 */
#include "backup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "parallel.h"

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
	char (*ids)[SNAPSHOT_ID_TEXT];
	size_t len, room;
};

struct destination_manifest {
	enum carnet_status status;
	struct carnet_error why;
	struct snapshot snapshot;
};

static enum carnet_status
destination_note_id(void *context, const char *name, struct carnet_error *err)
{
	struct destination_walk *walk = context;

	if (!snapshot_is_id(name))
		return CARNET_OK; /* what another tool has left */
	if (walk->len == walk->room) {
		size_t room = walk->room == 0 ? 64 : 2 * walk->room;
		void *ids = reallocarray(walk->ids, room, sizeof(*walk->ids));

		if (ids == NULL)
			return carnet_fail_errno(err, ENOMEM, "backup");
		walk->ids = ids;
		walk->room = room;
	}
	(void)snprintf(walk->ids[walk->len++], sizeof(*walk->ids), "%s", name);
	return CARNET_OK;
}

/* On any thread. */
static void
destination_load_one(void *context, size_t task, void *result)
{
	const struct destination_walk *walk = context;
	struct destination_manifest *mine = result;

	mine->status = destination_load_snapshot(walk->fd, walk->ids[task],
	    walk->vault_id, walk->keys, &mine->snapshot, &mine->why);
}

static enum carnet_status
destination_visit_one(
    void *context, size_t task, void *result, struct carnet_error *err)
{
	const struct destination_walk *walk = context;
	struct destination_manifest *mine = result;

	if (mine->status == CARNET_OK)
		return walk->visit->visit(
		    walk->visit->context, &mine->snapshot, err);
	if (mine->status == CARNET_NO_MEMORY) {
		if (err != NULL)
			*err = mine->why;
		return mine->status;
	}
	walk->visit->problem(
	    walk->visit->context, walk->ids[task], mine->why.message);
	return CARNET_OK;
}

static void
destination_drop_one(void *context, void *result)
{
	(void)context;
	snapshot_clear(&((struct destination_manifest *)result)->snapshot);
}

enum carnet_status
destination_snapshots(int fd, const uint8_t vault_id[VAULT_ID_LEN],
    const struct keys *keys, const struct destination_visit *visit,
    struct carnet_error *err)
{
	struct destination_walk walk = {
		.fd = fd, .vault_id = vault_id, .keys = keys, .visit = visit
	};
	enum carnet_status status =
	    files_each(fd, "snapshots", destination_note_id, &walk, err);

	if (status == CARNET_OK)
		status = parallel_run(
		    &(struct parallel){ .count = walk.len,
			.threads = parallel_cores(),
			.result_len = sizeof(struct destination_manifest),
			.context = &walk,
			.work = destination_load_one,
			.settle = destination_visit_one,
			.drop = destination_drop_one },
		    err);
	free(walk.ids);
	return status;
}
