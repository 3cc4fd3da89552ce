/* SPDX-License-Identifier: ISC */
/*
 * New packs without doomed chunks.  Looks into every pack, not only where
 * the index points: a copy that a crash left behind must go too.  Deletes
 * nothing.  Contract: store.h.
 */
#include "store_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct rewrite {
	struct store *store;
	struct chunk_name *doomed; /* sorted */
	size_t doomed_len;
	uint8_t (*old)[PACK_ID_LEN];
	size_t len, room;
};

static int
rewrite_order(const void *a, const void *b)
{
	return memcmp(a, b, HASH_LEN);
}

static bool
rewrite_is_doomed(const struct rewrite *rewrite, const struct chunk_name *name)
{
	return bsearch(name, rewrite->doomed, rewrite->doomed_len,
		   sizeof(*name), rewrite_order) != NULL;
}

static enum carnet_status
rewrite_remember(struct rewrite *rewrite, const uint8_t id[PACK_ID_LEN],
    struct carnet_error *err)
{
	if (rewrite->len == rewrite->room) {
		size_t room = rewrite->room == 0 ? 16 : 2 * rewrite->room;
		uint8_t(*old)[PACK_ID_LEN] =
		    realloc(rewrite->old, room * sizeof(*old));

		if (old == NULL)
			return store_no_memory(err);
		rewrite->old = old;
		rewrite->room = room;
	}
	memcpy(rewrite->old[rewrite->len++], id, PACK_ID_LEN);
	return CARNET_OK;
}

enum carnet_status
store_reseal_chunk(struct store *store, int fd,
    const uint8_t header[PACK_HEADER_LEN], const struct chunk_row *row,
    struct carnet_error *err)
{
	const uint8_t *plain = NULL;
	struct box *box = NULL;
	struct chunk_name name;
	enum carnet_status status;

	status = pack_read_chunk(store->opener, fd, header, row, &plain, err);
	if (status == CARNET_OK)
		status = batch_spare_box(store->batch, &box, err);
	if (status != CARNET_OK)
		return status;
	memcpy(box_plain(box), plain, row->place.plain_len);
	box->plain_len = row->place.plain_len;
	status = store_put_box(store, &box, &name, err);
	batch_return_box(store->batch, box);
	return status;
}

static enum carnet_status
take_prepare(struct store *store, struct carnet_error *err)
{
	if (store->opener == NULL)
		store->opener = pack_opener_new(store->keys);
	if (store->opener == NULL)
		return store_no_memory(err);
	return store_prepare_put(store, err);
}

bool
store_has_unflushed(const struct store *store, const struct chunk_name *name)
{
	return batch_has(store->batch, name);
}

enum carnet_status
store_take_chunk(struct store *store, int fd, const struct chunk_row *row,
    struct carnet_error *err)
{
	uint8_t header[PACK_HEADER_LEN];
	enum carnet_status status = take_prepare(store, err);

	if (status != CARNET_OK || batch_has(store->batch, &row->name))
		return status;
	pack_header(row->place.pack, header);
	store->resealing = true;
	status = store_reseal_chunk(store, fd, header, row, err);
	store->resealing = false;
	return status;
}

enum carnet_status
store_try_chunk(struct store *store, int fd, const struct chunk_row *row,
    struct carnet_error *err)
{
	uint8_t header[PACK_HEADER_LEN];
	enum carnet_status status = take_prepare(store, err);
	const uint8_t *plain = NULL;

	if (status != CARNET_OK)
		return status;
	pack_header(row->place.pack, header);
	return pack_read_chunk(store->opener, fd, header, row, &plain, err);
}

void
store_forget(struct store *store)
{
	batch_forget(store->batch);
}

static enum carnet_status
rewrite_pack(struct rewrite *rewrite, int fd, const uint8_t id[PACK_ID_LEN],
    const struct chunk_row *rows, size_t len, struct carnet_error *err)
{
	uint8_t header[PACK_HEADER_LEN];
	enum carnet_status status = CARNET_OK;
	size_t doomed = 0;

	for (size_t i = 0; i < len; i++)
		doomed += rewrite_is_doomed(rewrite, &rows[i].name) ? 1 : 0;
	if (doomed == 0)
		return CARNET_OK;
	status = pack_read_header(fd, id, header, err);
	for (size_t i = 0; i < len && status == CARNET_OK; i++)
		if (!rewrite_is_doomed(rewrite, &rows[i].name))
			status = store_reseal_chunk(
			    rewrite->store, fd, header, &rows[i], err);
	if (status == CARNET_OK)
		status = rewrite_remember(rewrite, id, err);
	return status;
}

/* A pack that can't be read might hold what must go: then it's a failure. */
static enum carnet_status
rewrite_visit(void *context, const uint8_t id[PACK_ID_LEN], bool is_pack,
    const char *path, uint64_t size, struct carnet_error *err)
{
	struct rewrite *rewrite = context;
	struct chunk_row *rows = NULL;
	enum carnet_status status;
	size_t len = 0;
	int fd;

	(void)size;
	if (!is_pack)
		return CARNET_OK;
	fd = openat(
	    rewrite->store->vault_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("pack %s cannot be read"), path);
	status = pack_read_list(fd, id, rewrite->store->keys, &rows, &len, err);
	if (status == CARNET_OK)
		status = rewrite_pack(rewrite, fd, id, rows, len, err);
	free(rows);
	(void)close(fd);
	return status;
}

static enum carnet_status
rewrite_begin(struct rewrite *rewrite, struct store *store,
    const struct chunk_name *doomed, size_t len, struct carnet_error *err)
{
	enum carnet_status status = take_prepare(store, err);

	if (status != CARNET_OK)
		return status;
	if (!batch_is_empty(store->batch))
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("packs cannot be rewritten before a flush"));
	rewrite->doomed = calloc(len + 1, sizeof(*doomed));
	if (rewrite->doomed == NULL)
		return store_no_memory(err);
	rewrite->store = store;
	rewrite->doomed_len = len;
	if (len > 0) {
		memcpy(rewrite->doomed, doomed, len * sizeof(*doomed));
		qsort(rewrite->doomed, len, sizeof(*doomed), rewrite_order);
	}
	return CARNET_OK;
}

enum carnet_status
store_rewrite_without(struct store *store, const struct chunk_name *doomed,
    size_t doomed_len, struct chunk_row **ret_rows, size_t *ret_rows_len,
    uint8_t (**ret_old)[PACK_ID_LEN], size_t *ret_old_len,
    struct carnet_error *err)
{
	struct rewrite rewrite = { 0 };
	enum carnet_status status;

	status = rewrite_begin(&rewrite, store, doomed, doomed_len, err);
	if (status != CARNET_OK)
		goto done;
	store->resealing = true;
	status = pack_walk(store->vault_fd, rewrite_visit, &rewrite, err);
	store->resealing = false;
	if (status == CARNET_OK)
		status = store_flush(store, ret_rows, ret_rows_len, err);
	else
		batch_forget(store->batch);
	if (status != CARNET_OK)
		goto done;
	*ret_old = rewrite.old;
	*ret_old_len = rewrite.len;
	rewrite.old = NULL;
done:
	free(rewrite.doomed);
	free(rewrite.old);
	return status;
}
