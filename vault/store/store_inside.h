/* SPDX-License-Identifier: ISC */
/*
 * What the files of the store itself share: the open store, one chunk in,
 * one chunk out, the lists of a large content.
 */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H
#include "ahead.h"
#include "batch.h"
#include "chunk.h"
#include "pack.h"
#include "source.h"

#define STORE_OPEN_PACKS 8

struct open_pack {
	int fd; /* -1: none */
	uint8_t id[PACK_ID_LEN];
	uint8_t header[PACK_HEADER_LEN];
	uint64_t used; /* the store's clock at its last use */
};

struct store {
	int vault_fd;
	const struct keys *keys;
	const struct store_places *places;
	struct chunk_gear gear;
	struct batch *batch;
	unsigned threads;
	struct ahead *ahead;        /* NULL until something is given to it */
	uint8_t *carry;             /* NULL until something is put */
	struct pack_opener *opener; /* NULL until something is read */
	struct open_pack packs[STORE_OPEN_PACKS];
	uint64_t clock;
	bool resealing; /* store_rewrite_without: what places knows is new */
};

enum carnet_status store_no_memory(struct carnet_error *err);
/* store_places.find, with an error: whether places knows the chunk. */
enum carnet_status store_place_of(struct store *store,
    const struct chunk_name *name, bool *ret_known,
    struct chunk_place *ret_place, struct carnet_error *err);

/* One chunk in: names the box's plain bytes.  The box may be taken over
 * (*box NULL). */
enum carnet_status store_put_box(struct store *store, struct box **box,
    struct chunk_name *ret_name, struct carnet_error *err);
/* What putting needs and reading doesn't. */
enum carnet_status store_prepare_put(
    struct store *store, struct carnet_error *err);

/* One chunk out, verified; *ret_plain is the store's until the next one. */
enum carnet_status store_read_chunk(struct store *store,
    const struct chunk_name *name, const uint8_t **ret_plain, size_t *ret_len,
    struct carnet_error *err);
/* One chunk of a pack at fd into the batch, verified (rewrite.c). */
enum carnet_status store_reseal_chunk(struct store *store, int fd,
    const uint8_t header[PACK_HEADER_LEN], const struct chunk_row *row,
    struct carnet_error *err);
void store_close_packs(struct store *store);

/* Lists (content.c): entries of (name, u32 LE length). */
#define CONTENT_ENTRY_LEN ((size_t)36)
#define CONTENT_LIST_MAX ((size_t)4096) /* entries in one list */
#define CONTENT_DIRECT_MAX ((size_t)64) /* names at depth 0 */

struct content_builder {
	uint64_t size;
	uint8_t *entries; /* CONTENT_LIST_MAX of them */
	size_t count;
	struct chunk_name *lists;
	size_t len, room;
};
enum carnet_status content_builder_begin(
    struct content_builder *builder, struct carnet_error *err);
void content_builder_clear(struct content_builder *builder);
enum carnet_status content_builder_add(struct content_builder *builder,
    struct store *store, const struct chunk_name *name, uint32_t len,
    struct carnet_error *err);
enum carnet_status content_builder_end(struct content_builder *builder,
    struct store *store, struct content *ret_content, struct carnet_error *err);
#endif
