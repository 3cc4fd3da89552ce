/* SPDX-License-Identifier: ISC */
/*
 * The subkeys of the master key: crypto_kdf (keyed BLAKE2b), one number a
 * use.  Neither makes nor keeps the master key.  See docs/format.md.
 */
#include "keys.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#define KEYS_CONTEXT                                                           \
	"carnet__" /* crypto_kdf_CONTEXTBYTES, part of the format */

static_assert(KEY_LEN == crypto_kdf_KEYBYTES, "a subkey's length");
static_assert(sizeof(KEYS_CONTEXT) - 1 == crypto_kdf_CONTEXTBYTES,
    "the context's length");

struct keys {
	struct secret *all; /* KEY_USE_MAX times KEY_LEN bytes */
};

enum carnet_status
keys_derive(const struct secret *master, struct keys **ret_keys,
    struct carnet_error *err)
{
	struct keys *keys = NULL;

	if (secret_len(master) != KEY_LEN)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("the master key doesn't have 32 bytes"));
	keys = calloc(1, sizeof(*keys));
	if (keys != NULL)
		keys->all = secret_new((size_t)KEY_USE_MAX * KEY_LEN);
	if (keys == NULL || keys->all == NULL) {
		keys_free(keys);
		return carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("no memory for the keys"));
	}
	for (unsigned i = 0; i < KEY_USE_MAX; i++)
		(void)crypto_kdf_derive_from_key(
		    secret_bytes(keys->all) + (size_t)i * KEY_LEN, KEY_LEN,
		    i + 1, KEYS_CONTEXT, secret_peek(master));
	*ret_keys = keys;
	return CARNET_OK;
}

const uint8_t *
keys_get(const struct keys *keys, enum key_use use)
{
	assert((int)use >= 1 && (int)use <= KEY_USE_MAX);
	return secret_peek(keys->all) + ((size_t)use - 1) * KEY_LEN;
}

void
keys_free(struct keys *keys)
{
	if (keys == NULL)
		return;
	secret_free(keys->all);
	free(keys);
}
