/* SPDX-License-Identifier: ISC */
/*
 * Which snapshot is restored: the one that was named, or the newest.  The
 * contract is restore_run.h's.
 */
#include "restore_run.h"

#include <string.h>

struct restore_search {
	const char *prefix;
	char id[SNAPSHOT_ID_TEXT];
	size_t found;
};

static enum carnet_status
restore_match(void *context, const char *name, struct carnet_error *err)
{
	struct restore_search *search = context;

	(void)err;
	if (snapshot_is_id(name) &&
	    strncmp(name, search->prefix, strlen(search->prefix)) == 0) {
		memcpy(search->id, name, sizeof(search->id));
		search->found++;
	}
	return CARNET_OK;
}

static enum carnet_status
restore_find(struct restore *restore, struct carnet_error *err)
{
	struct carnet_backup *backup = restore->backup;
	struct restore_search search = { .prefix = restore->options->snapshot };
	enum carnet_status status;

	status =
	    files_each(backup->fd, "snapshots", restore_match, &search, err);
	if (status == CARNET_OK && search.found == 0) {
		status = carnet_fail(
		    err, CARNET_NOT_FOUND, CARNET_("no such snapshot"));
		carnet_hint(err, CARNET_("see them with: carnet backup list "
					 "DEST"));
	} else if (status == CARNET_OK && search.found > 1) {
		status = carnet_fail(err, CARNET_AMBIGUOUS,
		    CARNET_("several snapshots begin like that"));
	}
	if (status == CARNET_OK)
		status = destination_load_snapshot(backup->fd, search.id,
		    backup->vault_id, backup->keys, &restore->snapshot, err);
	restore->has_snapshot = status == CARNET_OK;
	return status;
}

/* Keeps the newer one, by what it has seen, not by a clock. */
static enum carnet_status
restore_newest_visit(
    void *context, struct snapshot *snapshot, struct carnet_error *err)
{
	struct restore *restore = context;
	uint64_t old = snapshot_lamport(&restore->snapshot);
	uint64_t new = snapshot_lamport(snapshot);
	enum carnet_status status = forks_add(&restore->forks, snapshot, err);

	if (status != CARNET_OK)
		return status;
	if (restore->has_snapshot &&
	    (new < old ||
		(new == old && snapshot->made <= restore->snapshot.made)))
		return CARNET_OK;
	snapshot_clear(&restore->snapshot);
	restore->snapshot = *snapshot;
	restore->has_snapshot = true;
	memset(snapshot, 0, sizeof(*snapshot));
	return CARNET_OK;
}

static void
restore_newest_problem(void *context, const char *id, const char *detail)
{
	restore_problem(context, "snapshot", id, detail);
}

enum carnet_status
restore_choose(struct restore *restore, struct carnet_error *err)
{
	struct destination_visit visit = { restore_newest_visit,
		restore_newest_problem, restore };
	const char *wanted = restore->options->snapshot;
	enum carnet_status status;

	if (wanted != NULL && strcmp(wanted, "latest") != 0)
		return restore_find(restore, err);
	status = destination_snapshots(restore->backup->fd,
	    restore->backup->vault_id, restore->backup->keys, &visit, err);
	if (status == CARNET_OK && !restore->has_snapshot)
		status = carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("no snapshot there can be opened"));
	return status;
}
