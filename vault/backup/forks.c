/* SPDX-License-Identifier: ISC */
/*
 * Snapshot against snapshot, by the heads that their manifests name: one goes
 * on from another if it has every head of it, or a later one of the same
 * device.  Reads no file.  The contract is forks.h's.
 */
#include "forks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum carnet_status
forks_add(struct forks *forks, const struct snapshot *snapshot,
    struct carnet_error *err)
{
	struct fork_row row = { .lamport = snapshot_lamport(snapshot),
		.made = snapshot->made,
		.len = snapshot->heads_len };

	if (forks->len == forks->room) {
		size_t room = forks->room == 0 ? 32 : 2 * forks->room;
		struct fork_row *rows =
		    reallocarray(forks->rows, room, sizeof(*rows));

		if (rows == NULL)
			return carnet_fail_errno(err, ENOMEM, "backup");
		forks->rows = rows;
		forks->room = room;
	}
	row.heads = calloc(row.len + 1, sizeof(*row.heads));
	if (row.heads == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	if (row.len > 0)
		memcpy(
		    row.heads, snapshot->heads, row.len * sizeof(*row.heads));
	memcpy(row.id, snapshot->id, sizeof(row.id));
	forks->rows[forks->len++] = row;
	return CARNET_OK;
}

void
forks_clear(struct forks *forks)
{
	for (size_t i = 0; i < forks->len; i++)
		free(forks->rows[i].heads);
	free(forks->rows);
	memset(forks, 0, sizeof(*forks));
}

static bool
forks_goes_on(const struct fork_row *later, const struct fork_row *earlier)
{
	return snapshot_goes_on(
	    later->heads, later->len, earlier->heads, earlier->len);
}

static int
forks_compare(const void *left, const void *right)
{
	const struct fork_row *a = left, *b = right;

	if (a->lamport != b->lamport)
		return a->lamport < b->lamport ? -1 : 1;
	return a->made < b->made ? -1 : (a->made > b->made ? 1 : 0);
}

/* Of those that say the same, the last one counts. */
static bool
forks_is_end(const struct forks *forks, size_t i)
{
	const struct fork_row *row = &forks->rows[i];

	for (size_t j = 0; j < forks->len; j++)
		if (j != i && forks_goes_on(&forks->rows[j], row) &&
		    (j > i || !forks_goes_on(row, &forks->rows[j])))
			return false;
	return true;
}

cJSON *
forks_ends(struct forks *forks)
{
	cJSON *ends = cJSON_CreateArray();

	if (forks->len > 1)
		qsort(forks->rows, forks->len, sizeof(*forks->rows),
		    forks_compare);
	for (size_t i = 0; i < forks->len && ends != NULL; i++)
		if (forks_is_end(forks, i) &&
		    !cJSON_AddItemToArray(
			ends, cJSON_CreateString(forks->rows[i].id))) {
			cJSON_Delete(ends);
			ends = NULL;
		}
	if (cJSON_GetArraySize(ends) == 1)
		cJSON_DeleteItemFromArray(ends, 0);
	return ends;
}
