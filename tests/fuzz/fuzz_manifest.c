/* SPDX-License-Identifier: ISC */
/* Fuzzes a backup's manifest, the first byte choosing what of it: the file's
 * bytes, the same with a right checksum, or what a seal that opens and a
 * signature that is right hold.  One that is taken is written and read again,
 * and must say the same.  How to run it: tests/fuzz/run. */
#include <stdlib.h>
#include <string.h>

#include "snapshot.h"

#define HEADER_LEN ((size_t)12)
#define CONTEXT "carnet snapshot v1"
#define DEVICE_KEY_AT ((size_t)8 + DEVICE_ID_LEN)

enum part { RAW, HASHED, SEALED, PARTS };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char id[SNAPSHOT_ID_TEXT] = "bfuzzfuzzfuzz";
static const uint8_t vault[16] = { 7 };
static const uint8_t header[HEADER_LEN] = "carnetm\1";
static struct keys *keys;
static struct secret *device;
static uint8_t device_public[SIGN_PUBLIC_LEN];

static void
make_keys(void)
{
	static const uint8_t master[KEY_LEN] = { 9 };
	struct secret *secret = secret_from(master, sizeof(master));

	if (secret == NULL || keys_derive(secret, &keys, NULL) != CARNET_OK ||
	    sign_keypair_from(secret, device_public, &device, NULL) !=
		CARNET_OK)
		abort();
	secret_free(secret);
}

/* The file for this plain text, signed and sealed; the caller frees it. */
static uint8_t *
make_sealed(const uint8_t *bytes, size_t len, size_t *ret_len)
{
	size_t ad_len = HEADER_LEN + sizeof(vault) + sizeof(id) - 1;
	uint8_t *joined = malloc(ad_len + len + SIGN_LEN);
	uint8_t *file =
	    malloc(HEADER_LEN + len + SIGN_LEN + SEAL_OVERHEAD + HASH_LEN);

	if (joined == NULL || file == NULL)
		abort();
	memcpy(file, header, HEADER_LEN);
	memcpy(joined, header, HEADER_LEN);
	memcpy(joined + HEADER_LEN, vault, sizeof(vault));
	memcpy(joined + HEADER_LEN + sizeof(vault), id, sizeof(id) - 1);
	memcpy(joined + ad_len, bytes, len);
	if (len >= DEVICE_KEY_AT + SIGN_PUBLIC_LEN)
		memcpy(joined + ad_len + DEVICE_KEY_AT, device_public,
		    SIGN_PUBLIC_LEN);
	if (!sign_message(
		device, CONTEXT, joined, ad_len + len, joined + ad_len + len))
		abort();
	len += SIGN_LEN;
	seal(keys_get(keys, KEY_MANIFESTS), joined, ad_len, joined + ad_len,
	    len, file + HEADER_LEN);
	free(joined);
	*ret_len = HEADER_LEN + len + SEAL_OVERHEAD + HASH_LEN;
	return file;
}

/* Both say the same of every pack, segment and head. */
static bool
same(const struct snapshot *a, const struct snapshot *b)
{
	return a->made == b->made && a->events == b->events &&
	       a->documents == b->documents && a->packs_len == b->packs_len &&
	       a->segments_len == b->segments_len &&
	       a->heads_len == b->heads_len &&
	       snapshot_bytes(a) == snapshot_bytes(b) &&
	       snapshot_lamport(a) == snapshot_lamport(b) &&
	       memcmp(a->packs, b->packs, a->packs_len * sizeof(*a->packs)) ==
		   0;
}

static void
read_again(struct snapshot *snapshot)
{
	struct snapshot again = { 0 };
	uint8_t *file = NULL;
	size_t len = 0;

	if (snapshot_encode(snapshot, vault, keys, device, &file, &len, NULL) !=
		CARNET_OK ||
	    snapshot_decode(file, len, id, vault, keys, &again, NULL) !=
		CARNET_OK ||
	    !same(snapshot, &again))
		abort();
	snapshot_clear(&again);
	free(file);
}

static void
read_file(const uint8_t *file, size_t len)
{
	struct snapshot snapshot = { 0 };

	if (snapshot_decode(file, len, id, vault, keys, &snapshot, NULL) ==
	    CARNET_OK)
		read_again(&snapshot);
	snapshot_clear(&snapshot);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint8_t *file;
	enum part part;

	if (len == 0)
		return 0;
	if (keys == NULL)
		make_keys();
	part = (enum part)(bytes[0] % PARTS);
	bytes++;
	len--;
	if (part == SEALED) {
		file = make_sealed(bytes, len, &len);
	} else {
		file = malloc(len + 1);
		if (file == NULL)
			abort();
		memcpy(file, bytes, len);
	}
	if (part != RAW && len >= HASH_LEN)
		hash_bytes(NULL, file, len - HASH_LEN, file + len - HASH_LEN);
	read_file(file, len);
	free(file);
	return 0;
}
