/* SPDX-License-Identifier: ISC */
/*
 * The snapshots of a backup as a list, the newest last, and the ends of its
 * branches.  The contract is include/carnet_backup.h.
 */
#include "backup.h"
#include "forks.h"

#include <errno.h>
#include <stdlib.h>

/* One row of the list; what orders it goes along as hidden numbers. */
struct destination_row {
	uint64_t lamport;
	int64_t made;
	cJSON *json;
};
struct destination_rows {
	struct destination_row *rows;
	size_t len, room;
	cJSON *problems;
	struct forks forks;
};

static void
destination_rows_problem(void *context, const char *id, const char *detail)
{
	destination_problem(((struct destination_rows *)context)->problems,
	    "snapshot", id, detail);
}

static enum carnet_status
destination_rows_add(
    void *context, struct snapshot *snapshot, struct carnet_error *err)
{
	struct destination_rows *list = context;
	char device[DEVICE_ID_TEXT];
	cJSON *json;

	if (list->len == list->room) {
		size_t room = list->room == 0 ? 32 : 2 * list->room;
		struct destination_row *rows =
		    reallocarray(list->rows, room, sizeof(*rows));

		if (rows == NULL)
			return carnet_fail_errno(err, ENOMEM, "backup");
		list->rows = rows;
		list->room = room;
	}
	hex_encode(snapshot->device, DEVICE_ID_LEN, device);
	json = cJSON_CreateObject();
	(void)cJSON_AddStringToObject(json, "id", snapshot->id);
	(void)cJSON_AddNumberToObject(json, "time_ms", (double)snapshot->made);
	(void)cJSON_AddStringToObject(json, "device", device);
	(void)cJSON_AddNumberToObject(
	    json, "packs", (double)snapshot->packs_len);
	(void)cJSON_AddNumberToObject(
	    json, "documents", (double)snapshot->documents);
	(void)cJSON_AddNumberToObject(json, "events", (double)snapshot->events);
	(void)cJSON_AddNumberToObject(
	    json, "bytes", (double)snapshot_bytes(snapshot));
	list->rows[list->len++] =
	    (struct destination_row){ snapshot_lamport(snapshot),
		    snapshot->made, json };
	return forks_add(&list->forks, snapshot, err);
}

static int
destination_rows_compare(const void *left, const void *right)
{
	const struct destination_row *a = left, *b = right;

	if (a->lamport != b->lamport)
		return a->lamport < b->lamport ? -1 : 1;
	return a->made < b->made ? -1 : (a->made > b->made ? 1 : 0);
}

enum carnet_status
carnet_backup_list(struct carnet_backup *backup, cJSON **ret_array,
    cJSON **ret_forks, cJSON **ret_problems, struct carnet_error *err)
{
	struct destination_rows list = { .problems = cJSON_CreateArray() };
	struct destination_visit visit = { destination_rows_add,
		destination_rows_problem, &list };
	cJSON *array = cJSON_CreateArray();
	enum carnet_status status = destination_snapshots(
	    backup->fd, backup->vault_id, backup->keys, &visit, err);

	if (list.len > 1)
		qsort(list.rows, list.len, sizeof(*list.rows),
		    destination_rows_compare);
	for (size_t i = 0; i < list.len; i++)
		(void)cJSON_AddItemToArray(array, list.rows[i].json);
	free(list.rows);
	if (status == CARNET_OK) {
		*ret_forks = forks_ends(&list.forks);
		if (*ret_forks == NULL)
			status = carnet_fail_errno(err, ENOMEM, "backup");
	}
	forks_clear(&list.forks);
	if (status != CARNET_OK) {
		cJSON_Delete(array);
		cJSON_Delete(list.problems);
		return status;
	}
	*ret_array = array;
	*ret_problems = list.problems;
	return CARNET_OK;
}
