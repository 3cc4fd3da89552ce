/* SPDX-License-Identifier: ISC */
/*
 * The way out: find a chunk's pack, open it, verify, hand on.  Keeps a few
 * packs open; writes nothing.  Contract: store.h.
 */
#include "store_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
store_close_packs(struct store *store)
{
	for (size_t i = 0; i < STORE_OPEN_PACKS; i++) {
		if (store->packs[i].fd >= 0)
			(void)close(store->packs[i].fd);
		store->packs[i].fd = -1;
	}
}

/* The slot that holds this pack, else the one used longest ago. */
static struct open_pack *
get_slot(struct store *store, const uint8_t id[PACK_ID_LEN])
{
	struct open_pack *oldest = &store->packs[0];

	for (size_t i = 0; i < STORE_OPEN_PACKS; i++) {
		struct open_pack *pack = &store->packs[i];

		if (pack->fd >= 0 && memcmp(pack->id, id, PACK_ID_LEN) == 0)
			return pack;
		if (oldest->fd >= 0 &&
		    (pack->fd < 0 || pack->used < oldest->used))
			oldest = pack;
	}
	return oldest;
}

static enum carnet_status
get_open_pack(struct store *store, const uint8_t id[PACK_ID_LEN],
    bool unflushed, struct open_pack **ret_pack, struct carnet_error *err)
{
	struct open_pack *pack = get_slot(store, id);
	char path[PACK_PATH_TEXT];
	enum carnet_status status;
	int fd;

	pack->used = ++store->clock;
	*ret_pack = pack;
	if (pack->fd >= 0 && memcmp(pack->id, id, PACK_ID_LEN) == 0)
		return CARNET_OK;
	pack_path(id, path);
	fd = unflushed ? batch_open_pack(store->batch, id)
		       : openat(store->vault_fd, path,
			     O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ELOOP || errno == ENOTDIR))
		return pack_damaged(id, CARNET_("it is missing"), err);
	if (fd < 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("pack %s cannot be read"), path);
	status = pack_read_header(fd, id, pack->header, err);
	if (status != CARNET_OK) {
		(void)close(fd);
		return status;
	}
	if (pack->fd >= 0)
		(void)close(pack->fd);
	pack->fd = fd;
	memcpy(pack->id, id, PACK_ID_LEN);
	return CARNET_OK;
}

/* Where the chunk is, among the unflushed or where the index says. */
static enum carnet_status
get_place(struct store *store, const struct chunk_name *name,
    struct chunk_place *ret_place, bool *ret_unflushed,
    struct carnet_error *err)
{
	enum carnet_status status;
	bool known = false;

	*ret_unflushed = batch_has(store->batch, name);
	if (*ret_unflushed)
		return batch_place(store->batch, name, ret_place, err);
	status = store_place_of(store, name, &known, ret_place, err);
	if (status == CARNET_OK && !known)
		return carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("a chunk is in no pack that the index knows"));
	return status;
}

enum carnet_status
store_read_chunk(struct store *store, const struct chunk_name *name,
    const uint8_t **ret_plain, size_t *ret_len, struct carnet_error *err)
{
	struct chunk_row row = { .name = *name };
	struct open_pack *pack = NULL;
	enum carnet_status status;
	bool unflushed = false;

	if (store->opener == NULL)
		store->opener = pack_opener_new(store->keys);
	if (store->opener == NULL) {
		(void)store_no_memory(err);
		return CARNET_NO_MEMORY;
	}
	status = get_place(store, name, &row.place, &unflushed, err);
	if (status == CARNET_OK)
		status =
		    get_open_pack(store, row.place.pack, unflushed, &pack, err);
	if (status == CARNET_OK)
		status = pack_read_chunk(store->opener, pack->fd, pack->header,
		    &row, ret_plain, err);
	if (status == CARNET_OK)
		*ret_len = row.place.plain_len;
	return status;
}

/* Reading one content: how far it is, and who takes it. */
struct get {
	struct store *store;
	store_sink *sink;
	void *context;
	uint64_t left;
};

static enum carnet_status
get_not_whole(struct carnet_error *err)
{
	return carnet_fail(err, CARNET_DAMAGED,
	    CARNET_("a document's chunks don't make up its size"));
}

static enum carnet_status
get_chunk(
    struct get *get, const struct chunk_name *name, struct carnet_error *err)
{
	const uint8_t *plain = NULL;
	enum carnet_status status;
	size_t len = 0;

	status = store_read_chunk(get->store, name, &plain, &len, err);
	if (status != CARNET_OK)
		return status;
	if (len > get->left)
		return get_not_whole(err);
	get->left -= len;
	if (!get->sink(get->context, plain, len))
		return carnet_fail(
		    err, CARNET_INTERRUPTED, CARNET_("reading was stopped"));
	return CARNET_OK;
}

/* A list chunk's entries, copied out of the opener's buffer. */
static enum carnet_status
get_list(struct store *store, const struct chunk_name *name,
    uint8_t **ret_entries, size_t *ret_count, struct carnet_error *err)
{
	const uint8_t *plain = NULL;
	enum carnet_status status;
	uint8_t *entries;
	size_t len = 0;

	status = store_read_chunk(store, name, &plain, &len, err);
	if (status != CARNET_OK)
		return status;
	if (len == 0 || len % CONTENT_ENTRY_LEN != 0)
		return carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("a document's list of chunks is impossible"));
	entries = malloc(len);
	if (entries == NULL)
		return store_no_memory(err);
	memcpy(entries, plain, len);
	*ret_entries = entries;
	*ret_count = len / CONTENT_ENTRY_LEN;
	return CARNET_OK;
}

static enum carnet_status
get_listed(
    struct get *get, const struct chunk_name *list, struct carnet_error *err)
{
	uint8_t *entries = NULL;
	enum carnet_status status;
	struct chunk_name name;
	size_t count = 0;

	status = get_list(get->store, list, &entries, &count, err);
	for (size_t i = 0; i < count && status == CARNET_OK; i++) {
		const uint8_t *entry = entries + i * CONTENT_ENTRY_LEN;
		uint64_t before = get->left;

		memcpy(name.bytes, entry, HASH_LEN);
		status = get_chunk(get, &name, err);
		if (status == CARNET_OK &&
		    before - get->left != pack_get_le(entry + HASH_LEN, 4))
			status = get_not_whole(err);
	}
	free(entries);
	return status;
}

static enum carnet_status
get_depth(const struct content *content, struct carnet_error *err)
{
	if (content->depth <= 1)
		return CARNET_OK;
	return carnet_fail(err, CARNET_NEWER,
	    CARNET_("a document is kept in a way that only a newer carnet "
		    "reads"));
}

enum carnet_status
store_get(struct store *store, const struct content *content, store_sink *sink,
    void *context, struct carnet_error *err)
{
	struct get get = { store, sink, context, content->size };
	enum carnet_status status = get_depth(content, err);

	for (size_t i = 0; i < content->len && status == CARNET_OK; i++)
		status = content->depth == 0
			     ? get_chunk(&get, &content->names[i], err)
			     : get_listed(&get, &content->names[i], err);
	if (status == CARNET_OK && get.left != 0)
		status = get_not_whole(err);
	return status;
}

struct get_gather {
	uint8_t *bytes;
	size_t len;
};

static bool
get_gather(void *context, const uint8_t *bytes, size_t len)
{
	struct get_gather *gather = context;

	memcpy(gather->bytes + gather->len, bytes, len);
	gather->len += len;
	return true;
}

enum carnet_status
store_get_bytes(struct store *store, const struct content *content,
    size_t limit, uint8_t **ret_bytes, size_t *ret_len,
    struct carnet_error *err)
{
	struct get_gather gather = { 0 };
	enum carnet_status status;

	if (content->size > limit)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("a document is too large to be read whole"));
	/* get_chunk never hands out more than content->size */
	gather.bytes = malloc(content->size > 0 ? content->size : 1);
	if (gather.bytes == NULL)
		return store_no_memory(err);
	status = store_get(store, content, get_gather, &gather, err);
	if (status != CARNET_OK) {
		free(gather.bytes);
		return status;
	}
	*ret_bytes = gather.bytes;
	*ret_len = gather.len;
	return CARNET_OK;
}

/* Adds `count` names, `stride` bytes apart, to a list that grows. */
static bool
get_names_add(struct chunk_name **names, size_t *len, const uint8_t *from,
    size_t count, size_t stride)
{
	struct chunk_name *more =
	    realloc(*names, (*len + count) * sizeof(**names));

	if (more == NULL)
		return false;
	*names = more;
	for (size_t i = 0; i < count; i++)
		memcpy(more[(*len)++].bytes, from + i * stride, HASH_LEN);
	return true;
}

enum carnet_status
store_content_names(struct store *store, const struct content *content,
    struct chunk_name **ret_names, size_t *ret_len, struct carnet_error *err)
{
	struct chunk_name *names = calloc(content->len + 1, sizeof(*names));
	size_t len = content->len;
	enum carnet_status status = get_depth(content, err);

	if (names == NULL)
		return store_no_memory(err);
	if (len > 0)
		memcpy(names, content->names, len * sizeof(*names));
	for (size_t i = 0; content->depth == 1 && i < content->len; i++) {
		uint8_t *entries = NULL;
		size_t count = 0;

		status =
		    get_list(store, &content->names[i], &entries, &count, err);
		if (status == CARNET_OK && !get_names_add(&names, &len, entries,
					       count, CONTENT_ENTRY_LEN))
			status = store_no_memory(err);
		free(entries);
		if (status != CARNET_OK)
			break;
	}
	if (status != CARNET_OK) {
		free(names);
		return status;
	}
	*ret_names = names;
	*ret_len = len;
	return CARNET_OK;
}
