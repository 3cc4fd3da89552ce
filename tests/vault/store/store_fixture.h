/* SPDX-License-Identifier: ISC */
/*
 * A store in a folder of its own, with an index in memory; for tests only.
 * Keys are fixed, bytes come from a seeded generator: all synthetic.
 */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* needs the ones before */

#include "pack.h"
#include "row_table.h"
#include "store.h"

struct fixture {
	char path[64];
	int fd;
	struct secret *master;
	struct keys *keys;
	struct row_table known; /* the index */
	int finds;              /* how often it was asked */
	bool broken;            /* it answers with errors */
	struct store_places places;
	unsigned threads; /* of the store; 0: its own default */
	struct store *store;
};

/* master: 32 bytes of `seed`. */
void fixture_open(struct fixture *fixture, uint8_t seed);
void fixture_close(struct fixture *fixture);
/* Frees the store and opens it again. */
void fixture_reopen(struct fixture *fixture);
/* Flushes and puts the rows into the index; the packs' number of rows. */
size_t fixture_flush(struct fixture *fixture);
void fixture_index(
    struct fixture *fixture, const struct chunk_row *rows, size_t len);
/* Puts and asserts success; returns the new bytes. */
uint64_t fixture_put(struct fixture *fixture, const void *bytes, size_t len,
    struct content *ret_content);
/* Asserts that the content reads back as these bytes. */
void fixture_expect(struct fixture *fixture, const struct content *content,
    const void *bytes, size_t len);
void fixture_random(uint8_t *bytes, size_t len, uint64_t seed);

/* Files under packs/. */
struct fixture_files {
	size_t packs, others;
	uint64_t bytes;
	uint8_t first[PACK_ID_LEN], last[PACK_ID_LEN];
};
struct fixture_files fixture_files(struct fixture *fixture);
/* A whole pack's bytes, malloc'd. */
uint8_t *fixture_read_pack(
    struct fixture *fixture, const uint8_t id[PACK_ID_LEN], size_t *ret_len);
/* Replaces a pack's bytes (in place, any length). */
void fixture_write_pack(struct fixture *fixture, const uint8_t id[PACK_ID_LEN],
    const uint8_t *bytes, size_t len);
/* To write single bytes of it. */
int fixture_rewrite_pack(
    struct fixture *fixture, const uint8_t id[PACK_ID_LEN]);
int fixture_open_pack(struct fixture *fixture, const uint8_t id[PACK_ID_LEN]);
#endif
