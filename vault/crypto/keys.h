/* SPDX-License-Identifier: ISC */
/* The master key's subkeys, by crypto_kdf with context "carnet__". */
#ifndef KEYS_H
#define KEYS_H
#include "carnet_types.h"
#include "secret.h"

#define KEY_LEN 32

enum key_use { /* the crypto_kdf subkey numbers; part of the disk format */
	KEY_INDEX = 1,
	KEY_NAMES = 2,
	KEY_GEAR = 3,
	KEY_PACKS = 4,
	KEY_LEDGER = 5,
	KEY_HEADER = 6,
	KEY_IDS = 7,
	KEY_DEVICE = 8,
	KEY_MANIFESTS = 9,
	KEY_SIGNERS = 10
};
#define KEY_USE_MAX 10

struct keys;
/* master: KEY_LEN bytes, not kept.  The caller owns *ret_keys. */
enum carnet_status keys_derive(const struct secret *master,
    struct keys **ret_keys, struct carnet_error *err);
/* KEY_LEN bytes, owned by keys. */
const uint8_t *keys_get(const struct keys *keys, enum key_use use);
void keys_free(struct keys *keys);
#endif
