/* SPDX-License-Identifier: ISC */
/*
 * Lists of what is condemned, as a destination has them, and what they make
 * of its snapshots.  Writes nothing.  The contract is forgetting.h's.
 */
#include "forgetting.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct forgetting_walk {
	int fd;
	const uint8_t *vault_id;
	const struct keys *keys;
	const struct forgetting_watch *watch;
	struct forgetting *forgetting;
};

static void
forgetting_tell(const struct forgetting_walk *walk, const char *kind,
    const char *id, const char *detail)
{
	if (walk->watch != NULL)
		walk->watch->problem(walk->watch->context, kind, id, detail);
}

/* --- lists ------------------------------------------------------------------
 */

static enum carnet_status
forgetting_add(struct forgetting *forgetting, struct condemned_list *list,
    struct carnet_error *err)
{
	if (forgetting->len == forgetting->room) {
		size_t room = forgetting->room == 0 ? 8 : 2 * forgetting->room;
		struct condemned_list *lists =
		    reallocarray(forgetting->lists, room, sizeof(*lists));

		if (lists == NULL)
			return carnet_fail_errno(err, ENOMEM, "backup");
		forgetting->lists = lists;
		forgetting->room = room;
	}
	forgetting->lists[forgetting->len++] = *list;
	memset(list, 0, sizeof(*list));
	return CARNET_OK;
}

static enum carnet_status
forgetting_visit_list(void *context, const char *name, struct carnet_error *err)
{
	struct forgetting_walk *walk = context;
	struct condemned_list list = { 0 };
	char path[FILES_PATH_TEXT];
	struct carnet_error why;
	enum carnet_status status;
	uint8_t *bytes = NULL;
	size_t len = 0;

	if (!condemned_is_id(name))
		return CARNET_OK; /* what another tool has left */
	(void)snprintf(path, sizeof(path), CONDEMNED_FOLDER "/%.20s", name);
	status =
	    files_load(walk->fd, path, SNAPSHOT_FILE_MAX, &bytes, &len, &why);
	if (status == CARNET_OK)
		status = condemned_decode(
		    bytes, len, name, walk->vault_id, walk->keys, &list, &why);
	free(bytes);
	if (status == CARNET_OK)
		status = forgetting_add(walk->forgetting, &list, &why);
	condemned_clear(&list);
	if (status == CARNET_NO_MEMORY) {
		if (err != NULL)
			*err = why;
		return status;
	}
	if (status != CARNET_OK)
		forgetting_tell(walk, "forgotten", path, why.message);
	return CARNET_OK;
}

enum carnet_status
forgetting_load_lists(int fd, const uint8_t vault_id[VAULT_ID_LEN],
    const struct keys *keys, const struct forgetting_watch *watch,
    struct forgetting *forgetting, struct carnet_error *err)
{
	struct forgetting_walk walk = { fd, vault_id, keys, watch, forgetting };

	return files_each(
	    fd, CONDEMNED_FOLDER, forgetting_visit_list, &walk, err);
}

bool
forgetting_since(const struct forgetting *forgetting,
    const struct condemned_file *file, int64_t written, int64_t *ret_made,
    bool *ret_same)
{
	bool found = false, same = false;
	int64_t made = 0;

	for (size_t i = 0; i < forgetting->len; i++) {
		const struct condemned_list *list = &forgetting->lists[i];
		const struct condemned_entry *entry =
		    list->files_len == 0
			? NULL
			: bsearch(file, list->files, list->files_len,
			      sizeof(*list->files), condemned_compare);

		if (entry == NULL)
			continue;
		if (!found || list->made > made)
			made = list->made;
		found = true;
		same |= entry->written == written;
	}
	*ret_made = made;
	*ret_same = same;
	return found;
}

/* --- snapshots --------------------------------------------------------------
 */

static enum carnet_status
forgetting_visit_snapshot(
    void *context, struct snapshot *snapshot, struct carnet_error *err)
{
	struct forgetting_walk *walk = context;

	return keeping_add(&walk->forgetting->keeping, snapshot, err);
}

static void
forgetting_snapshot_problem(void *context, const char *id, const char *detail)
{
	forgetting_tell(context, "snapshot", id, detail);
}

static bool
forgetting_names(const struct condemned_list *list, const char *id)
{
	for (size_t i = 0; i < list->snapshots_len; i++)
		if (strcmp(list->snapshots[i], id) == 0)
			return true;
	return false;
}

void
forgetting_judge(struct forgetting *forgetting)
{
	struct keeping *keeping = &forgetting->keeping;

	for (size_t i = 0; i < keeping->len; i++) {
		struct keeping_row *row = &keeping->rows[i];

		for (size_t j = 0; j < forgetting->len; j++) {
			const struct condemned_list *list =
			    &forgetting->lists[j];

			if (!forgetting_names(list, row->id))
				continue;
			if (!row->is_condemned || list->made > row->condemned)
				row->condemned = list->made;
			row->is_condemned = true;
		}
	}
	keeping_judge(keeping);
}

enum carnet_status
forgetting_load(int fd, const uint8_t vault_id[VAULT_ID_LEN],
    const struct keys *keys, bool all, const struct forgetting_watch *watch,
    struct forgetting *forgetting, struct carnet_error *err)
{
	struct forgetting_walk walk = { fd, vault_id, keys, watch, forgetting };
	const struct destination_visit visit = { forgetting_visit_snapshot,
		forgetting_snapshot_problem, &walk };
	enum carnet_status status =
	    forgetting_load_lists(fd, vault_id, keys, watch, forgetting, err);

	if (status != CARNET_OK || (forgetting->len == 0 && !all))
		return status;
	status = destination_snapshots(fd, vault_id, keys, &visit, err);
	if (status == CARNET_OK)
		forgetting_judge(forgetting);
	return status;
}

void
forgetting_clear(struct forgetting *forgetting)
{
	for (size_t i = 0; i < forgetting->len; i++)
		condemned_clear(&forgetting->lists[i]);
	free(forgetting->lists);
	keeping_clear(&forgetting->keeping);
	memset(forgetting, 0, sizeof(*forgetting));
}

bool
forgetting_is_dead(const struct forgetting *forgetting, const char *id)
{
	const struct keeping_row *row = keeping_find(&forgetting->keeping, id);

	return row != NULL && !row->is_live;
}
