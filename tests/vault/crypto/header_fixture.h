/* SPDX-License-Identifier: ISC */
/*
 * Headers for the tests of this folder: with a recovery slot alone (which
 * costs no Argon2id), and copies whose JSON was edited and checksum redone.
 */
#ifndef HEADER_FIXTURE_H
#define HEADER_FIXTURE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "header.h"
#include "seal.h"

struct fixture {
	struct header *header;
	struct secret *master;
	struct secret *words; /* of the recovery slot */
	char slot[SLOT_ID_TEXT];
};

static inline void
fixture_make(struct fixture *fixture)
{
	*fixture = (struct fixture){ 0 };
	fixture->master = secret_random(32);
	assert_non_null(fixture->master);
	assert_int_equal(
	    header_new(KDF_INTERACTIVE, &fixture->header, NULL), CARNET_OK);
	assert_int_equal(
	    header_add_recovery(fixture->header, fixture->master, "fr",
		"2026-03-05", &fixture->words, fixture->slot, NULL),
	    CARNET_OK);
}

static inline void
fixture_clear(struct fixture *fixture)
{
	header_free(fixture->header);
	secret_free(fixture->master);
	secret_free(fixture->words);
}

/* Opens with the fixture's words and compares the master key. */
static inline void
fixture_opens(const struct fixture *fixture, const struct header *header)
{
	struct secret *master = NULL;
	struct carnet_error err = { 0 };

	if (header_open_words(header, fixture->words, &master, NULL, &err) !=
	    CARNET_OK)
		fail_msg("%s", err.message);
	assert_int_equal(secret_len(master), 32);
	assert_memory_equal(
	    secret_peek(master), secret_peek(fixture->master), 32);
	secret_free(master);
}

/* A copy's bytes: JSON, its checksum, a MAC of nothing in particular. */
static inline uint8_t *
fixture_copy(const char *json, size_t json_len, size_t *ret_len)
{
	uint8_t *bytes = calloc(1, json_len + 64);

	assert_non_null(bytes);
	memcpy(bytes, json, json_len);
	hash_bytes(NULL, json, json_len, bytes + json_len);
	*ret_len = json_len + 64;
	return bytes;
}
#endif
