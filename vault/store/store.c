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
	ahead_free(store->ahead);
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
	store->threads = threads;
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

/* Whether a chunk need not be put. */
static enum carnet_status
store_knows(struct store *store, const struct chunk_name *name, bool *ret_known,
    struct carnet_error *err)
{
	struct chunk_place place;

	*ret_known = batch_has(store->batch, name);
	if (*ret_known || store->resealing)
		return CARNET_OK;
	if (store->places->lacks != NULL &&
	    store->places->lacks(store->places->context, name))
		return CARNET_OK;
	return store_place_of(store, name, ret_known, &place, err);
}

enum carnet_status
store_put_box(struct store *store, struct box **box,
    struct chunk_name *ret_name, struct carnet_error *err)
{
	enum carnet_status status;
	bool known = false;

	chunk_name_of(
	    store->keys, box_plain(*box), (*box)->plain_len, &(*box)->name);
	*ret_name = (*box)->name;
	status = store_knows(store, ret_name, &known, err);
	if (status != CARNET_OK || known)
		return status;
	return batch_add(store->batch, box, err);
}

/* Puts a box that was named ahead.  If the batch keeps it, another one goes
 * back in its place: those who read never have fewer. */
static enum carnet_status
store_put_ahead_box(
    struct store *store, struct box *box, struct carnet_error *err)
{
	struct box *other = NULL;
	bool known = false;
	enum carnet_status status = store_knows(store, &box->name, &known, err);

	if (status == CARNET_OK && !known && box->plain_len > BOX_SMALL)
		status = batch_spare_box(store->batch, &other, err);
	if (status == CARNET_OK && !known)
		status = batch_add(store->batch, &box, err);
	if (box != NULL) {
		ahead_return(store->ahead, box);
	} else {
		ahead_return(store->ahead, other);
		other = NULL;
	}
	batch_return_box(store->batch, other);
	return status;
}

/* What was read ahead of the file whose turn it is. */
static enum carnet_status
store_put_ahead(struct store *store, struct content_builder *builder,
    struct carnet_error *err)
{
	enum carnet_status status;

	for (;;) {
		struct chunk_name name;
		struct box *box = NULL;
		uint32_t len;

		status = ahead_next(store->ahead, &box, err);
		if (status != CARNET_OK || box == NULL)
			break;
		name = box->name;
		len = box->plain_len;
		status = store_put_ahead_box(store, box, err);
		if (status == CARNET_OK)
			status = content_builder_add(
			    builder, store, &name, len, err);
		if (status != CARNET_OK)
			break;
	}
	ahead_end_turn(store->ahead);
	return status;
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

/* source NULL: what was read ahead. */
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
		status = source == NULL
			     ? store_put_ahead(store, &builder, err)
			     : store_put_chunks(store, source, &builder, err);
	else if (source == NULL)
		ahead_end_turn(store->ahead);
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

	if (store_is_ahead(store, fd, NULL))
		return store_put_source(
		    store, NULL, ret_content, ret_new_bytes, err);
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

bool
store_read_ahead(struct store *store, int fd, const struct stat *before)
{
	if (store->ahead == NULL && store->threads > 1)
		store->ahead =
		    ahead_new(store->keys, &store->gear, store->threads);
	return store->ahead != NULL && ahead_give(store->ahead, fd, before);
}

bool
store_is_ahead(const struct store *store, int fd, struct stat *ret_before)
{
	return ahead_is_first(store->ahead, fd, ret_before);
}

void
store_forget_ahead(struct store *store)
{
	ahead_free(store->ahead);
	store->ahead = NULL;
}

enum carnet_status
store_flush(struct store *store, struct chunk_row **ret_rows, size_t *ret_len,
    struct carnet_error *err)
{
	return batch_flush(store->batch, ret_rows, ret_len, err);
}
