/* SPDX-License-Identifier: ISC */
/*
 * A snapshot's manifest: what the vault was made of at one moment.  Sealed,
 * and signed by the device that made it.  Bytes: docs/format.md, "Manifests".
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H
#include "ledger.h"
#include "sign.h"
#include "store.h"

#define SNAPSHOT_ID_TEXT 14 /* "b", 12 of base32, NUL */
#define SNAPSHOT_FILE_MAX ((size_t)512 << 20)
#define SNAPSHOT_PACK_MAX ((uint64_t)1 << 40) /* bytes; a bound, not a size */
#define SNAPSHOT_SEGMENT_MAX ((uint64_t)64 << 20)

struct snapshot_pack {
	uint8_t id[PACK_ID_LEN];
	uint64_t size;          /* of the file, bytes */
	uint8_t hash[HASH_LEN]; /* its last bytes: BLAKE2b of all before */
};
struct snapshot_segment {
	uint8_t device[DEVICE_ID_LEN];
	uint64_t number;
	uint32_t revision;
	uint64_t size;
	uint8_t hash[HASH_LEN]; /* of the whole file: its name */
};
struct snapshot_head { /* the last event of a device */
	uint8_t device[DEVICE_ID_LEN];
	uint64_t seq;
	uint64_t lamport;
	uint8_t hash[HASH_LEN];
};
struct snapshot {
	char id[SNAPSHOT_ID_TEXT];
	int64_t made; /* milliseconds since 1970, UTC; orders nothing */
	uint8_t device[DEVICE_ID_LEN];
	uint8_t device_public[SIGN_PUBLIC_LEN];
	uint64_t header_sequence;
	uint8_t header_hash[HASH_LEN];
	uint64_t documents;
	uint64_t events;
	struct snapshot_pack *packs; /* sorted by id */
	size_t packs_len;
	struct snapshot_segment *segments; /* sorted by device, number */
	size_t segments_len;
	struct snapshot_head *heads; /* sorted by device */
	size_t heads_len;
};

void snapshot_clear(struct snapshot *snapshot);
/* A new random id. */
void snapshot_new_id(char id[SNAPSHOT_ID_TEXT]);
bool snapshot_is_id(const char *text);
/* Bytes of all packs and segments. */
uint64_t snapshot_bytes(const struct snapshot *snapshot);
/* The greatest Lamport counter: which of two snapshots is the newer one. */
uint64_t snapshot_lamport(const struct snapshot *snapshot);
/* Whether who has the later heads goes on from the earlier ones: has each of
 * them, or a later one of the same device.  Both are sorted by device. */
bool snapshot_goes_on(const struct snapshot_head *later, size_t later_len,
    const struct snapshot_head *earlier, size_t earlier_len);
/* Sorts what must be sorted, signs, seals.  Caller frees *ret_bytes. */
enum carnet_status snapshot_encode(struct snapshot *snapshot,
    const uint8_t vault_id[16], const struct keys *keys,
    const struct secret *device_secret, uint8_t **ret_bytes, size_t *ret_len,
    struct carnet_error *err);
/*
 * id: the file's name.  CARNET_DAMAGED, CARNET_NEWER.  The caller clears
 * *ret_snapshot.
 */
enum carnet_status snapshot_decode(const uint8_t *bytes, size_t len,
    const char *id, const uint8_t vault_id[16], const struct keys *keys,
    struct snapshot *ret_snapshot, struct carnet_error *err);
#endif
