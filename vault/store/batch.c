/* SPDX-License-Identifier: ISC */
/*
 * Plans where each chunk goes, in the order they came, whatever the threads
 * do: the caller's thread alone plans; squeezers and the writer only work.
 * Contract: batch.h; the order of things on the disk:
 * docs/format.md, "Files of packs".
 */
#include "batch.h"
#include "batch_crew.h"
#include "pack.h"
#include "row_table.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct batch {
	int vault_fd;
	const struct keys *keys;
	struct row_table table;
	uint8_t (*ids)[PACK_ID_LEN]; /* every pack begun, the open one last */
	size_t len, room;
	bool open;    /* the last of them takes more chunks */
	uint64_t end; /* of its chunks, once all are written */
	size_t count;
	struct batch_crew *crew;
	struct carnet_error failure; /* status CARNET_OK: none */
};

struct batch *
batch_new(int vault_fd, const struct keys *keys)
{
	struct batch *batch = calloc(1, sizeof(*batch));

	if (batch == NULL)
		return NULL;
	batch->vault_fd = vault_fd;
	batch->keys = keys;
	batch->crew = batch_crew_new(vault_fd, keys);
	if (batch->crew == NULL) {
		free(batch);
		return NULL;
	}
	return batch;
}

/* Forgets what isn't flushed and deletes its files. */
static void
batch_drop(struct batch *batch)
{
	batch_crew_drop(batch->crew);
	for (size_t i = 0; i < batch->len; i++)
		pack_discard(batch->vault_fd, batch->ids[i]);
	batch->len = 0;
	batch->open = false;
	row_table_clear(&batch->table);
}

void
batch_forget(struct batch *batch)
{
	batch_drop(batch);
	batch->failure.status = CARNET_OK;
}

void
batch_free(struct batch *batch)
{
	if (batch == NULL)
		return;
	batch_drop(batch);
	batch_crew_free(batch->crew);
	free(batch->ids);
	free(batch);
}

void
batch_set_threads(struct batch *batch, unsigned threads)
{
	batch_crew_set_threads(batch->crew, threads);
}

bool
batch_is_empty(const struct batch *batch)
{
	return batch->table.len == 0 && batch->failure.status == CARNET_OK;
}

bool
batch_has(const struct batch *batch, const struct chunk_name *name)
{
	return row_table_find(&batch->table, name) != NULL;
}

size_t
batch_len(const struct batch *batch)
{
	return batch->table.len;
}

static enum carnet_status
batch_no_memory(struct carnet_error *err)
{
	return carnet_fail(err, CARNET_NO_MEMORY, CARNET_("not enough memory"));
}

/* The failure stays until batch_flush has told it. */
static enum carnet_status
batch_lose(struct batch *batch, const struct carnet_error *why,
    struct carnet_error *err)
{
	batch->failure = *why;
	batch_drop(batch);
	if (err != NULL)
		*err = batch->failure;
	return batch->failure.status;
}

/* A new pack, in the plan only. */
static bool
batch_begin_pack(struct batch *batch)
{
	if (batch->len == batch->room) {
		size_t room = batch->room == 0 ? 16 : 2 * batch->room;
		uint8_t(*ids)[PACK_ID_LEN] =
		    realloc(batch->ids, room * sizeof(*ids));

		if (ids == NULL)
			return false;
		batch->ids = ids;
		batch->room = room;
	}
	random_fill(batch->ids[batch->len], PACK_ID_LEN);
	/* into one folder: it is synced once for all of them */
	batch->ids[batch->len][0] = batch->ids[0][0];
	batch->len++;
	batch->open = true;
	batch->end = PACK_HEADER_LEN;
	batch->count = 0;
	return true;
}

/* A squeezed box gets its place, and goes to be written. */
static enum carnet_status
batch_plan(struct batch *batch, struct box *box, struct carnet_error *err)
{
	struct chunk_place *place = &batch->table.rows[box->row].place;

	if (!batch->open && !batch_begin_pack(batch)) {
		batch_return_box(batch, box);
		return batch_no_memory(err);
	}
	memcpy(box->pack, batch->ids[batch->len - 1], PACK_ID_LEN);
	memcpy(place->pack, box->pack, PACK_ID_LEN);
	place->offset = batch->end;
	place->len = (uint32_t)(box_wrapped_len(box) + SEAL_OVERHEAD);
	batch->end += place->len;
	batch->count++;
	box->closes = pack_is_full(batch->end, batch->count);
	batch->open = !box->closes;
	return batch_crew_write(batch->crew, box, err);
}

/* Plans boxes that are squeezed; all of them, or as many as don't wait. */
static enum carnet_status
batch_retire(struct batch *batch, bool all, struct carnet_error *err)
{
	struct box *box;

	while ((box = batch_crew_squeezed(batch->crew, all)) != NULL) {
		enum carnet_status status = batch_plan(batch, box, err);

		if (status != CARNET_OK)
			return status;
	}
	return CARNET_OK;
}

/* Every box squeezed, planned and written. */
static enum carnet_status
batch_settle(struct batch *batch, struct carnet_error *err)
{
	enum carnet_status status = batch_retire(batch, true, err);

	if (status == CARNET_OK)
		status = batch_crew_settle(batch->crew, err);
	return status;
}

/* Without losing the batch.  Those on their way come back once they are
 * written: one after the other is planned until one is there. */
static enum carnet_status
batch_find_box(struct batch *batch, size_t room, struct box **ret_box,
    struct carnet_error *err)
{
	struct box *box = batch_crew_spare(batch->crew, room, false);

	while (box == NULL) {
		struct box *next = batch_crew_squeezed(batch->crew, true);
		enum carnet_status status = CARNET_OK;

		if (next == NULL)
			break;
		status = batch_plan(batch, next, err);
		if (status != CARNET_OK)
			return status;
		box = batch_crew_spare(batch->crew, room, false);
	}
	if (box == NULL)
		box = batch_crew_spare(batch->crew, room, true);
	if (box == NULL)
		return batch_no_memory(err);
	*ret_box = box;
	return CARNET_OK;
}

enum carnet_status
batch_spare_box(
    struct batch *batch, struct box **ret_box, struct carnet_error *err)
{
	struct carnet_error why = { 0 };

	if (batch_find_box(batch, CHUNK_MAX, ret_box, &why) != CARNET_OK)
		return batch_lose(batch, &why, err);
	return CARNET_OK;
}

/* Gives the chunk to a box just large enough; the large one stays here. */
static enum carnet_status
batch_shrink(struct batch *batch, struct box **box, struct carnet_error *err)
{
	struct box *small = NULL;
	enum carnet_status status;

	if ((*box)->plain_len > BOX_SMALL || (*box)->room == BOX_SMALL)
		return CARNET_OK;
	status = batch_find_box(batch, BOX_SMALL, &small, err);
	if (status != CARNET_OK)
		return status;
	memcpy(box_plain(small), box_plain(*box), (*box)->plain_len);
	small->plain_len = (*box)->plain_len;
	small->name = (*box)->name;
	*box = small;
	return CARNET_OK;
}

void
batch_return_box(struct batch *batch, struct box *box)
{
	if (box != NULL)
		batch_crew_return(batch->crew, box);
}

enum carnet_status
batch_add(struct batch *batch, struct box **box, struct carnet_error *err)
{
	struct chunk_row row = { .name = (*box)->name };
	struct carnet_error why = batch->failure;
	struct box *goes = *box;

	if (why.status == CARNET_OK)
		(void)batch_shrink(batch, &goes, &why);
	if (why.status != CARNET_OK)
		return batch_lose(batch, &why, err);
	row.place.plain_len = goes->plain_len;
	goes->row = batch->table.len;
	if (!row_table_add(&batch->table, &row))
		(void)batch_no_memory(&why);
	else
		(void)batch_crew_squeeze(batch->crew, goes, &why);
	if (why.status != CARNET_OK && goes != *box)
		batch_return_box(batch, goes);
	if (why.status == CARNET_OK) {
		if (goes == *box)
			*box = NULL;
		(void)batch_retire(batch, false, &why);
	}
	if (why.status != CARNET_OK)
		return batch_lose(batch, &why, err);
	return CARNET_OK;
}

enum carnet_status
batch_sealed_since(struct batch *batch, size_t first, uint64_t *ret_bytes,
    struct carnet_error *err)
{
	struct carnet_error why = batch->failure;
	uint64_t bytes = 0;

	if (first == batch->table.len) { /* nothing new: nothing to lose */
		*ret_bytes = 0;
		return CARNET_OK;
	}
	if (why.status == CARNET_OK)
		(void)batch_retire(batch, true, &why);
	if (why.status != CARNET_OK)
		return batch_lose(batch, &why, err);
	for (size_t i = first; i < batch->table.len; i++)
		bytes += batch->table.rows[i].place.len;
	*ret_bytes = bytes;
	return CARNET_OK;
}

enum carnet_status
batch_place(struct batch *batch, const struct chunk_name *name,
    struct chunk_place *ret_place, struct carnet_error *err)
{
	struct carnet_error why = { 0 };

	if (batch_settle(batch, &why) != CARNET_OK)
		return batch_lose(batch, &why, err);
	*ret_place = row_table_find(&batch->table, name)->place;
	return CARNET_OK;
}

int
batch_open_pack(const struct batch *batch, const uint8_t id[PACK_ID_LEN])
{
	char path[PACK_TEMP_TEXT];

	pack_temp_path(id, path);
	return openat(batch->vault_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

enum carnet_status
batch_flush(struct batch *batch, struct chunk_row **ret_rows, size_t *ret_len,
    struct carnet_error *err)
{
	struct carnet_error why = batch->failure;

	if (why.status == CARNET_OK)
		(void)batch_retire(batch, true, &why);
	if (why.status == CARNET_OK)
		(void)batch_crew_finish(batch->crew, &why);
	if (why.status == CARNET_OK && batch->len > 0)
		(void)pack_publish(
		    batch->vault_fd, batch->ids, batch->len, &why);
	if (why.status != CARNET_OK) {
		batch_forget(batch);
		if (err != NULL)
			*err = why;
		return why.status;
	}
	batch->len = 0;
	batch->open = false;
	*ret_rows = row_table_take(&batch->table, ret_len);
	return CARNET_OK;
}
