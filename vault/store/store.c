/* SPDX-License-Identifier: ISC */
/*
 * The open store, and the way in: cut, name, squeeze, hand to the batch.
 * Reading is store_get.c; packs are pack.c's.  Contract: store.h.
 */
#include "store_inside.h"

#include <stdlib.h>
#include <string.h>

enum carnet_status
store_no_memory(struct carnet_error *err)
{
	return carnet_fail(err, CARNET_NO_MEMORY, CARNET_("not enough memory"));
}

enum carnet_status
store_open(int vault_fd, const struct keys *keys,
    const struct store_places *places, struct store **ret_store,
    struct carnet_error *err)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return store_no_memory(err);
	store->vault_fd = vault_fd;
	store->keys = keys;
	store->places = places;
	for (size_t i = 0; i < STORE_OPEN_PACKS; i++)
		store->packs[i].fd = -1;
	chunk_gear_derive(keys, &store->gear);
	store->batch = batch_new(vault_fd, keys);
	if (store->batch == NULL) {
		store_free(store);
		return store_no_memory(err);
	}
	*ret_store = store;
	return CARNET_OK;
}

void
store_free(struct store *store)
{
	if (store == NULL)
		return;
	batch_free(store->batch);
	store_close_packs(store);
	pack_opener_free(store->opener);
	free(store->carry);
	bytes_wipe(&store->gear, sizeof(store->gear));
	free(store);
}

void
store_set_threads(struct store *store, unsigned threads)
{
	batch_set_threads(store->batch, threads);
}

enum carnet_status
store_prepare_put(struct store *store, struct carnet_error *err)
{
	if (store->carry == NULL)
		store->carry = malloc(SOURCE_BLOCK);
	return store->carry != NULL ? CARNET_OK : store_no_memory(err);
}

enum carnet_status
store_place_of(struct store *store, const struct chunk_name *name,
    bool *ret_known, struct chunk_place *ret_place, struct carnet_error *err)
{
	int found =
	    store->places->find(store->places->context, name, ret_place);

	if (found < 0)
		return carnet_fail(err, CARNET_FAILED,
		    CARNET_("the index cannot say where a chunk lies"));
	*ret_known = found > 0;
	return CARNET_OK;
}

enum carnet_status
store_put_box(struct store *store, struct box **box,
    struct chunk_name *ret_name, struct carnet_error *err)
{
	struct chunk_place place;
	enum carnet_status status = CARNET_OK;
	bool known;

	chunk_name_of(
	    store->keys, box_plain(*box), (*box)->plain_len, &(*box)->name);
	*ret_name = (*box)->name;
	known = batch_has(store->batch, ret_name);
	if (!known && !store->resealing)
		status = store_place_of(store, ret_name, &known, &place, err);
	if (status != CARNET_OK || known)
		return status;
	return batch_add(store->batch, box, err);
}

/* Chunk after chunk into the batch, name after name into the builder. */
static enum carnet_status
store_put_chunks(struct store *store, struct source *source,
    struct content_builder *builder, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	struct box *box = NULL;

	for (;;) {
		struct chunk_name name;
		uint32_t len;

		if (box == NULL)
			status = batch_spare_box(store->batch, &box, err);
		if (status == CARNET_OK)
			status = source_next(source, box, err);
		if (status != CARNET_OK || box->plain_len == 0)
			break;
		len = box->plain_len;
		status = store_put_box(store, &box, &name, err);
		if (status == CARNET_OK)
			status = content_builder_add(
			    builder, store, &name, len, err);
		if (status != CARNET_OK)
			break;
	}
	batch_return_box(store->batch, box);
	return status;
}

static enum carnet_status
store_put_source(struct store *store, struct source *source,
    struct content *ret_content, uint64_t *ret_new_bytes,
    struct carnet_error *err)
{
	size_t first = batch_len(store->batch);
	struct content_builder builder = { 0 };
	struct content content = { 0 };
	enum carnet_status status;

	status = content_builder_begin(&builder, err);
	if (status == CARNET_OK)
		status = store_put_chunks(store, source, &builder, err);
	if (status == CARNET_OK)
		status = content_builder_end(&builder, store, &content, err);
	if (status == CARNET_OK && ret_new_bytes != NULL)
		status =
		    batch_sealed_since(store->batch, first, ret_new_bytes, err);
	if (status == CARNET_OK)
		*ret_content = content;
	else
		content_clear(&content);
	content_builder_clear(&builder);
	return status;
}

enum carnet_status
store_put_fd(struct store *store, int fd, struct content *ret_content,
    uint64_t *ret_new_bytes, struct carnet_error *err)
{
	enum carnet_status status = store_prepare_put(store, err);
	struct source source;

	if (status != CARNET_OK)
		return status;
	source_begin_fd(&source, &store->gear, store->carry, fd);
	return store_put_source(
	    store, &source, ret_content, ret_new_bytes, err);
}

enum carnet_status
store_put_bytes(struct store *store, const void *bytes, size_t len,
    struct content *ret_content, uint64_t *ret_new_bytes,
    struct carnet_error *err)
{
	enum carnet_status status = store_prepare_put(store, err);
	struct source source;

	if (status != CARNET_OK)
		return status;
	source_begin_bytes(&source, &store->gear, store->carry, bytes, len);
	return store_put_source(
	    store, &source, ret_content, ret_new_bytes, err);
}

enum carnet_status
store_flush(struct store *store, struct chunk_row **ret_rows, size_t *ret_len,
    struct carnet_error *err)
{
	return batch_flush(store->batch, ret_rows, ret_len, err);
}
