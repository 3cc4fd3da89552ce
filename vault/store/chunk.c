/* SPDX-License-Identifier: ISC */
/*
 * FastCDC with normalised chunking and a keyed gear table; chunk names.
 * Does no I/O and keeps no bytes.
 * docs/format.md, "Chunks", has the law; chunk.h the contract.
 */
#include "chunk.h"

#include <string.h>

/* A byte leaves the 64-bit hash after 64 shifts: nothing before counts. */
#define CHUNK_WINDOW 64
/* 22 bits below CHUNK_NORMAL, 18 from there: the average is near 1.1 MiB. */
#define CHUNK_MASK_HARD UINT64_C(0xfffffc0000000000)
#define CHUNK_MASK_EASY UINT64_C(0xffffc00000000000)
#define CHUNK_GEAR_CONTEXT "carnet gear v1"

static uint64_t
chunk_u64(const uint8_t *bytes)
{
	uint64_t value = 0;

	for (int i = 7; i >= 0; i--)
		value = value << 8 | bytes[i];
	return value;
}

/* 64 blocks of 32 bytes, each the keyed hash of context and number. */
void
chunk_gear_derive(const struct keys *keys, struct chunk_gear *ret_gear)
{
	uint8_t message[sizeof(CHUNK_GEAR_CONTEXT)] = CHUNK_GEAR_CONTEXT;
	uint8_t block[HASH_LEN];

	for (size_t i = 0; i < 64; i++) {
		/* the number takes the place of the text's NUL */
		message[sizeof(message) - 1] = (uint8_t)i;
		hash_bytes(
		    keys_get(keys, KEY_GEAR), message, sizeof(message), block);
		for (size_t j = 0; j < 4; j++)
			ret_gear->table[4 * i + j] = chunk_u64(block + 8 * j);
	}
	bytes_wipe(block, sizeof(block));
}

void
chunk_cutter_begin(struct chunk_cutter *cutter, const struct chunk_gear *gear)
{
	cutter->gear = gear;
	cutter->hash = 0;
	cutter->len = 0;
}

/*
 * Rolls over bytes[from..to); returns the index after the first byte where
 * the mask's bits are all zero, or SIZE_MAX if there is none.
 */
static size_t
chunk_scan(struct chunk_cutter *cutter, const uint8_t *bytes, size_t from,
    size_t to, uint64_t mask)
{
	const uint64_t *gear = cutter->gear->table;
	uint64_t hash = cutter->hash;

	for (size_t i = from; i < to; i++) {
		hash = (hash << 1) + gear[bytes[i]];
		if ((hash & mask) == 0)
			return i + 1;
	}
	cutter->hash = hash;
	return SIZE_MAX;
}

/* Bytes until the chunk is `goal` long, of those there are. */
static size_t
chunk_reach(const struct chunk_cutter *cutter, size_t goal, size_t left)
{
	size_t wanted = goal > cutter->len ? goal - cutter->len : 0;

	return wanted < left ? wanted : left;
}

size_t
chunk_cutter_feed(struct chunk_cutter *cutter, const uint8_t *bytes, size_t len,
    bool *ret_cut)
{
	static const struct {
		size_t goal;
		uint64_t mask;
	} steps[] = {
		{ CHUNK_NORMAL - 1, CHUNK_MASK_HARD },
		{ CHUNK_MAX - 1, CHUNK_MASK_EASY },
	};
	size_t at = chunk_reach(cutter, CHUNK_MIN - CHUNK_WINDOW, len);
	size_t step;

	*ret_cut = false;
	cutter->len += at;
	step = chunk_reach(cutter, CHUNK_MIN - 1, len - at);
	for (size_t end = at + step; at < end; at++)
		cutter->hash =
		    (cutter->hash << 1) + cutter->gear->table[bytes[at]];
	cutter->len += step;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		size_t cut;

		step = chunk_reach(cutter, steps[i].goal, len - at);
		cut = chunk_scan(cutter, bytes, at, at + step, steps[i].mask);
		if (cut != SIZE_MAX) {
			*ret_cut = true;
			at = cut;
			break;
		}
		at += step;
		cutter->len += step;
	}
	if (!*ret_cut && at < len) { /* the byte that makes it CHUNK_MAX */
		at++;
		*ret_cut = true;
	}
	if (*ret_cut)
		chunk_cutter_begin(cutter, cutter->gear);
	return at;
}

void
chunk_name_of(const struct keys *keys, const uint8_t *bytes, size_t len,
    struct chunk_name *ret_name)
{
	hash_bytes(keys_get(keys, KEY_NAMES), bytes, len, ret_name->bytes);
}
