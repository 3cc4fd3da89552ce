/* SPDX-License-Identifier: ISC */
/*
 * A content's chunks: up to 64 names by themselves; more than that in lists
 * which are chunks too.  Reads nothing (store_get.c does).
 * docs/format.md, "Contents".
 */
#include "store_inside.h"

#include <stdlib.h>
#include <string.h>

void
content_clear(struct content *content)
{
	if (content == NULL)
		return;
	free(content->names);
	memset(content, 0, sizeof(*content));
}

enum carnet_status
content_builder_begin(struct content_builder *builder, struct carnet_error *err)
{
	memset(builder, 0, sizeof(*builder));
	builder->entries = malloc(CONTENT_LIST_MAX * CONTENT_ENTRY_LEN);
	return builder->entries != NULL ? CARNET_OK : store_no_memory(err);
}

void
content_builder_clear(struct content_builder *builder)
{
	free(builder->entries);
	free(builder->lists);
	memset(builder, 0, sizeof(*builder));
}

/* The entries so far become a list chunk. */
static enum carnet_status
content_builder_list(struct content_builder *builder, struct store *store,
    struct carnet_error *err)
{
	size_t len = builder->count * CONTENT_ENTRY_LEN;
	struct box *box = NULL;
	enum carnet_status status;

	if (builder->len == builder->room) {
		size_t room = builder->room == 0 ? 4 : 2 * builder->room;
		struct chunk_name *lists =
		    realloc(builder->lists, room * sizeof(*lists));

		if (lists == NULL)
			return store_no_memory(err);
		builder->lists = lists;
		builder->room = room;
	}
	status = batch_spare_box(store->batch, &box, err);
	if (status != CARNET_OK)
		return status;
	memcpy(box_plain(box), builder->entries, len);
	box->plain_len = (uint32_t)len;
	status = store_put_box(store, &box, &builder->lists[builder->len], err);
	batch_return_box(store->batch, box);
	builder->len++;
	builder->count = 0;
	return status;
}

enum carnet_status
content_builder_add(struct content_builder *builder, struct store *store,
    const struct chunk_name *name, uint32_t len, struct carnet_error *err)
{
	uint8_t *entry = builder->entries + builder->count * CONTENT_ENTRY_LEN;

	memcpy(entry, name->bytes, HASH_LEN);
	pack_put_le(entry + HASH_LEN, len, 4);
	builder->count++;
	builder->size += len;
	if (builder->count == CONTENT_LIST_MAX)
		return content_builder_list(builder, store, err);
	return CARNET_OK;
}

enum carnet_status
content_builder_end(struct content_builder *builder, struct store *store,
    struct content *ret_content, struct carnet_error *err)
{
	bool direct = builder->len == 0 && builder->count <= CONTENT_DIRECT_MAX;
	struct content content = { .size = builder->size };

	if (direct) {
		content.names =
		    calloc(builder->count > 0 ? builder->count : 1, HASH_LEN);
		if (content.names == NULL)
			return store_no_memory(err);
		for (; content.len < builder->count; content.len++)
			memcpy(content.names[content.len].bytes,
			    builder->entries + content.len * CONTENT_ENTRY_LEN,
			    HASH_LEN);
	} else {
		if (builder->count > 0) {
			enum carnet_status status =
			    content_builder_list(builder, store, err);

			if (status != CARNET_OK)
				return status;
		}
		content.depth = 1;
		content.names = builder->lists;
		content.len = builder->len;
		builder->lists = NULL;
	}
	*ret_content = content;
	return CARNET_OK;
}
