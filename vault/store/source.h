/* SPDX-License-Identifier: ISC */
/*
 * A content on its way in: read from a descriptor or from memory, handed
 * out chunk by chunk.  Names and seals nothing.
 */
#ifndef SOURCE_H
#define SOURCE_H
#include "chunk.h"
#include "squeeze.h"

#include <sys/types.h>

#define SOURCE_BLOCK ((size_t)256 << 10)

struct source {
	int fd;       /* -1: from memory */
	bool is_file; /* read at `at`, whose position isn't moved */
	off_t at;
	const uint8_t *bytes;
	size_t len;
	struct chunk_cutter cutter;
	uint8_t *carry; /* SOURCE_BLOCK: read already, of the next chunk */
	size_t carry_len;
	bool ended; /* nothing more can be read */
};
/* carry: SOURCE_BLOCK bytes that the caller lends. */
void source_begin_fd(struct source *source, const struct chunk_gear *gear,
    uint8_t *carry, int fd);
/* The same, of a file from its beginning; its position isn't moved. */
void source_begin_file(struct source *source, const struct chunk_gear *gear,
    uint8_t *carry, int fd);
void source_begin_bytes(struct source *source, const struct chunk_gear *gear,
    uint8_t *carry, const void *bytes, size_t len);
/* The next chunk's bytes into the box, as many as it has room for; plain_len
 * 0 at the end. */
enum carnet_status source_next(
    struct source *source, struct box *box, struct carnet_error *err);
/* Whether the next box would surely be empty. */
bool source_is_done(const struct source *source);
#endif
