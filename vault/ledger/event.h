/* SPDX-License-Identifier: ISC */
/*
 * One event: what happened, when it was recorded, and its place in the
 * device's chain.  The hash covers the header's bytes as written; the header
 * holds a commitment to the payload, so that --purge can erase the payload
 * and leave a gap that still verifies.  Bytes: docs/format.md, "Events".
 */
#ifndef EVENT_H
#define EVENT_H
#include "carnet_types.h"
#include "seal.h"

#define DEVICE_ID_LEN 16
#define DEVICE_ID_TEXT (2 * DEVICE_ID_LEN + 1)
#define EVENT_KIND_TEXT 32
#define EVENT_VERSION 1
#define EVENT_MAX_PAYLOAD ((size_t)2 << 20)
#define EVENT_MAX_HEADS 64

struct event_head { /* the newest event seen of one device */
	uint8_t device[DEVICE_ID_LEN];
	uint64_t seq; /* from 1 */
	uint8_t hash[HASH_LEN];
};

struct event {
	uint8_t device[DEVICE_ID_LEN];
	uint64_t seq;         /* of the device, from 1 without gaps */
	uint64_t lamport;     /* greater than that of every event seen */
	uint32_t batch_index; /* its place among those that were written */
	uint32_t batch_len;   /* with it, from 0; 0 is taken for 1 */
	uint8_t previous[HASH_LEN]; /* zeros for a device's first */
	int64_t recorded; /* milliseconds since 1970, UTC; orders nothing */
	struct carnet_date effective; /* --on; unset: none */
	char kind[EVENT_KIND_TEXT];
	struct event_head *heads; /* of other devices; owned */
	size_t heads_len;
	bool purged;      /* payload and salt were erased */
	uint8_t *payload; /* JSON, owned; NULL when purged */
	size_t payload_len;
	uint8_t salt[32];
	uint8_t commitment[HASH_LEN];
	uint8_t hash[HASH_LEN]; /* set by encode and decode */
};

void event_clear(struct event *event);
/* Draws a salt, sets commitment and hash, gives the record's bytes, padded
 * to 512.  A purged event keeps its commitment.  Caller frees *ret_bytes. */
enum carnet_status event_encode(struct event *event, uint8_t **ret_bytes,
    size_t *ret_len, struct carnet_error *err);
/* CARNET_DAMAGED, CARNET_NEWER; the caller clears *ret_event. */
enum carnet_status event_decode(const uint8_t *bytes, size_t len,
    struct event *ret_event, struct carnet_error *err);
/* Letter and 12 characters of base32 of keyed BLAKE2b(device, seq, part). */
#define EVENT_ID_TEXT 14
void event_id(const uint8_t ids_key[32], char letter,
    const uint8_t device[DEVICE_ID_LEN], uint64_t seq, uint32_t part,
    char text[EVENT_ID_TEXT]);
#endif
