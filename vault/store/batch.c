/* SPDX-License-Identifier: ISC */
/*
 * Plans where each sealed chunk goes, and has the packs written.  Plans
 * alone decide places, so that they are known before anything is written.
 * Contract: batch.h; the order of things on the disk: FORMAT.md, "Files".
 */
#include "batch.h"
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
	struct pack_writer *writer;
	struct box *spares;
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
	return batch;
}

/* Forgets what isn't flushed and deletes its files. */
static void
batch_drop(struct batch *batch)
{
	pack_abandon(batch->vault_fd, batch->writer);
	batch->writer = NULL;
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
	while (batch->spares != NULL) {
		struct box *box = batch->spares;

		batch->spares = box->next;
		box_free(box);
	}
	free(batch->ids);
	free(batch);
}

bool
batch_is_empty(const struct batch *batch)
{
	return batch->table.len == 0 && batch->failure.status == CARNET_OK;
}

bool
batch_find(const struct batch *batch, const struct chunk_name *name,
    struct chunk_place *ret_place)
{
	const struct chunk_row *row = row_table_find(&batch->table, name);

	if (row != NULL)
		*ret_place = row->place;
	return row != NULL;
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

enum carnet_status
batch_spare_box(
    struct batch *batch, struct box **ret_box, struct carnet_error *err)
{
	struct box *box = batch->spares;

	if (box != NULL)
		batch->spares = box->next;
	else
		box = box_new();
	if (box == NULL)
		return batch_no_memory(err);
	box->next = NULL;
	*ret_box = box;
	return CARNET_OK;
}

void
batch_return_box(struct batch *batch, struct box *box)
{
	if (box == NULL)
		return;
	box->next = batch->spares;
	batch->spares = box;
}

/* A new pack, in the plan only. */
static enum carnet_status
batch_begin_pack(struct batch *batch, struct carnet_error *err)
{
	if (batch->len == batch->room) {
		size_t room = batch->room == 0 ? 16 : 2 * batch->room;
		uint8_t(*ids)[PACK_ID_LEN] =
		    realloc(batch->ids, room * sizeof(*ids));

		if (ids == NULL)
			return batch_no_memory(err);
		batch->ids = ids;
		batch->room = room;
	}
	random_fill(batch->ids[batch->len], PACK_ID_LEN);
	batch->len++;
	batch->open = true;
	batch->end = PACK_HEADER_LEN;
	batch->count = 0;
	return CARNET_OK;
}

/* The box's place in the open pack. */
static enum carnet_status
batch_plan(struct batch *batch, const struct box *box, uint32_t sealed_len,
    struct carnet_error *err)
{
	struct chunk_row row = { .name = box->name };

	if (!batch->open) {
		enum carnet_status status = batch_begin_pack(batch, err);

		if (status != CARNET_OK)
			return status;
	}
	memcpy(row.place.pack, batch->ids[batch->len - 1], PACK_ID_LEN);
	row.place.offset = batch->end;
	row.place.len = sealed_len;
	row.place.plain_len = box->plain_len;
	if (!row_table_add(&batch->table, &row))
		return batch_no_memory(err);
	batch->end += sealed_len;
	batch->count++;
	return CARNET_OK;
}

static enum carnet_status
batch_write(struct batch *batch, const uint8_t id[PACK_ID_LEN],
    const struct box *box, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	if (batch->writer == NULL)
		status = pack_create(
		    batch->vault_fd, id, batch->keys, &batch->writer, err);
	if (status == CARNET_OK)
		status = pack_append(batch->writer, box, err);
	return status;
}

static enum carnet_status
batch_finish_pack(struct batch *batch, struct carnet_error *err)
{
	enum carnet_status status = pack_finish(batch->writer, err);

	if (status == CARNET_OK) {
		pack_writer_free(batch->writer);
		batch->writer = NULL;
	}
	return status;
}

enum carnet_status
batch_add(struct batch *batch, struct box **box, uint32_t *ret_sealed,
    struct carnet_error *err)
{
	uint32_t sealed = (uint32_t)(box_wrapped_len(*box) + SEAL_OVERHEAD);
	struct carnet_error why = batch->failure;
	enum carnet_status status = why.status;

	if (status == CARNET_OK)
		status = batch_plan(batch, *box, sealed, &why);
	if (status == CARNET_OK)
		status =
		    batch_write(batch, batch->ids[batch->len - 1], *box, &why);
	if (status == CARNET_OK && pack_is_full(batch->end, batch->count)) {
		batch->open = false;
		status = batch_finish_pack(batch, &why);
	}
	if (status != CARNET_OK)
		return batch_lose(batch, &why, err);
	batch_return_box(batch, *box);
	*box = NULL;
	*ret_sealed = sealed;
	return CARNET_OK;
}

enum carnet_status
batch_settle(struct batch *batch, struct carnet_error *err)
{
	struct carnet_error why = batch->failure;

	if (why.status == CARNET_OK && batch->writer != NULL)
		(void)pack_settle(batch->writer, &why);
	if (why.status != CARNET_OK)
		return batch_lose(batch, &why, err);
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
	enum carnet_status status = why.status;

	if (status == CARNET_OK && batch->open) {
		batch->open = false;
		status = batch_finish_pack(batch, &why);
	}
	if (status == CARNET_OK && batch->len > 0)
		status =
		    pack_publish(batch->vault_fd, batch->ids, batch->len, &why);
	if (status != CARNET_OK) {
		batch_forget(batch);
		if (err != NULL)
			*err = why;
		return status;
	}
	batch->len = 0;
	*ret_rows = row_table_take(&batch->table, ret_len);
	return CARNET_OK;
}
