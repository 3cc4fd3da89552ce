/* SPDX-License-Identifier: ISC */
/*
 * What header.c, header_json.c and header_file.c share: the header itself.
 * Nobody else includes this; the contract is in header.h.
 */
#ifndef HEADER_RECORD_H
#define HEADER_RECORD_H
#include "header.h"
#include "slot.h"

#define HEADER_VERSION 1
#define HEADER_MAX_SLOTS 32
#define HEADER_MAX_SEQUENCE ((UINT64_C(1) << 53) - 1)
#define HEADER_TAIL (2 * HASH_LEN) /* checksum and MAC */

struct header {
	uint8_t id[VAULT_ID_LEN];
	uint64_t sequence;
	struct kdf_setting kdf;
	struct slot slots[HEADER_MAX_SLOTS];
	size_t slots_len;
	bool is_changed; /* since it was read or stored */

	/* As read or stored; json NULL for a new header.  Two MACs when two
	 * copies differ in nothing else: only the key tells which is good. */
	char *json;
	size_t json_len;
	uint8_t macs[2][HASH_LEN];
	size_t macs_len;

	/* For a new header, which has no MAC to compare with. */
	bool has_mark;
	uint8_t mark[HASH_LEN];
};

/* The JSON of the header with this sequence; the caller frees *ret_json. */
enum carnet_status header_json_write(const struct header *header,
    uint64_t sequence, char **ret_json, size_t *ret_len,
    struct carnet_error *err);
/* --- of slots: header_slots.c, header_shares.c --- */
/* A new slot's place, id, kind and date; the header isn't changed yet. */
enum carnet_status header_begin_slot(struct header *header,
    const struct secret *master, enum slot_kind kind, const char *today,
    struct slot **ret_slot, struct carnet_error *err);
void header_end_slot(struct header *header, const struct slot *slot,
    char ret_slot[SLOT_ID_TEXT]);
/* After a slot was tried with this status: the MAC, then the outputs. */
enum carnet_status header_conclude(const struct header *header,
    const struct slot *opened, enum carnet_status status,
    struct secret **master, struct secret **ret_master,
    char ret_slot[SLOT_ID_TEXT], struct carnet_error *err);
enum carnet_status header_open_shares(const struct header *header,
    const struct secret *typed, struct secret **ret_master,
    char ret_slot[SLOT_ID_TEXT], struct carnet_error *err);

/* Before a change: CARNET_DAMAGED unless the key is this header's; a new
 * header remembers its first. */
enum carnet_status header_admit(struct header *header,
    const struct secret *master, struct carnet_error *err);
/* JSON, checksum and MAC; the caller frees *ret_bytes.  CARNET_DAMAGED: the
 * master key isn't this header's. */
enum carnet_status header_seal(const struct header *header, uint64_t sequence,
    const struct secret *master, uint8_t **ret_bytes, size_t *ret_len,
    struct carnet_error *err);
/* Makes a copy's bytes what the header was last stored as. */
enum carnet_status header_adopt(struct header *header, uint64_t sequence,
    const uint8_t *bytes, size_t len, struct carnet_error *err);
#endif
