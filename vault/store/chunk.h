/* SPDX-License-Identifier: ISC */
/*
 * Where a content is cut, and what a piece is called: FastCDC with a gear
 * table of the vault's own, keyed BLAKE2b-256.  Reads no file, seals nothing.
 * docs/format.md, "Chunks", has the law.
 */
#ifndef CHUNK_H
#define CHUNK_H
#include "store.h"

#define CHUNK_MIN ((size_t)64 << 10)
#define CHUNK_NORMAL ((size_t)1 << 20) /* from here on cuts come easily */

struct chunk_gear {
	uint64_t table[256];
};
/* Part of the vault's secrets: wipe it with bytes_wipe. */
void chunk_gear_derive(const struct keys *keys, struct chunk_gear *ret_gear);

struct chunk_cutter {
	const struct chunk_gear *gear;
	uint64_t hash;
	size_t len; /* of the chunk so far */
};
void chunk_cutter_begin(
    struct chunk_cutter *cutter, const struct chunk_gear *gear);
/*
 * The next bytes of the content.  Returns how many of them belong to the
 * chunk that is being cut; *ret_cut says that it ends there (the cutter then
 * stands at the beginning of the next one).  How the content is split over
 * calls changes nothing.
 */
size_t chunk_cutter_feed(struct chunk_cutter *cutter, const uint8_t *bytes,
    size_t len, bool *ret_cut);

void chunk_name_of(const struct keys *keys, const uint8_t *bytes, size_t len,
    struct chunk_name *ret_name);
#endif
