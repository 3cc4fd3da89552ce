/* SPDX-License-Identifier: ISC */
/*
 * Secret bytes in guarded, locked memory that is wiped when given back.
 * Reads and prints nothing.  The contract is in secret.h.
 */
#include "secret.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct secret {
	uint8_t *bytes; /* sodium_malloc */
	size_t len;
	size_t room; /* what was allocated; len may have been shortened */
	bool is_locked;
};

struct secret *
secret_new(size_t len)
{
	struct secret *secret;

	if (sodium_init() < 0)
		return NULL;
	secret = calloc(1, sizeof(*secret));
	if (secret == NULL)
		return NULL;
	secret->bytes = sodium_malloc(len > 0 ? len : 1);
	if (secret->bytes == NULL) {
		free(secret);
		return NULL;
	}
	secret->len = len;
	secret->room = len > 0 ? len : 1;
	/* sodium_malloc locks too but doesn't tell; locks don't add up */
	secret->is_locked = sodium_mlock(secret->bytes, secret->room) == 0;
	sodium_memzero(secret->bytes, secret->room);
	return secret;
}

struct secret *
secret_random(size_t len)
{
	struct secret *secret = secret_new(len);

	if (secret != NULL)
		randombytes_buf(secret->bytes, len);
	return secret;
}

struct secret *
secret_from(const void *bytes, size_t len)
{
	struct secret *secret = secret_new(len);

	if (secret != NULL && len > 0)
		memcpy(secret->bytes, bytes, len);
	return secret;
}

uint8_t *
secret_bytes(struct secret *secret)
{
	return secret->bytes;
}

const uint8_t *
secret_peek(const struct secret *secret)
{
	return secret->bytes;
}

size_t
secret_len(const struct secret *secret)
{
	return secret->len;
}

void
secret_shorten(struct secret *secret, size_t len)
{
	if (len >= secret->len)
		return;
	sodium_memzero(secret->bytes + len, secret->len - len);
	secret->len = len;
}

bool
secret_is_locked(const struct secret *secret)
{
	return secret->is_locked;
}

void
secret_free(struct secret *secret)
{
	if (secret == NULL)
		return;
	sodium_memzero(secret->bytes, secret->room);
	sodium_free(secret->bytes);
	free(secret);
}
