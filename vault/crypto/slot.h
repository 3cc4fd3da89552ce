/* SPDX-License-Identifier: ISC */
/*
 * One key slot: the master key wrapped under 32 of the 64 bytes that kdf.h
 * makes, next to the commitment.  Knows no file.
 */
#ifndef SLOT_H
#define SLOT_H
#include "kdf.h"
#include "keys.h"
#include "seal.h"

#define SLOT_WRAPPED_LEN (KEY_LEN + SEAL_OVERHEAD)
#define SLOT_COMMITMENT_LEN 32
#define SLOT_SHARES_MAX 16

struct slot {
	struct slot_info info;
	uint8_t commitment[SLOT_COMMITMENT_LEN];
	uint8_t wrapped[SLOT_WRAPPED_LEN];
	/* shares: the hash of each, so that a false one can be named */
	uint8_t shares[SLOT_SHARES_MAX][HASH_LEN];
};

/* "passphrase", "recovery", "keyfile", "shares". */
const char *slot_kind_name(enum slot_kind kind);
bool slot_kind_parse(const char *name, enum slot_kind *ret_kind);
/* A random id; "k" and 8 characters of base32. */
void slot_make_id(char id[SLOT_ID_TEXT]);
bool slot_id_is_valid(const char *id);

/* Wraps 32 bytes of master key; kdf_bytes: KDF_LEN bytes. */
void slot_wrap(struct slot *slot, const uint8_t vault_id[VAULT_ID_LEN],
    const struct kdf_setting *setting, const uint8_t *kdf_bytes,
    const struct secret *master);
/*
 * CARNET_WRONG_KEY (err untouched): the commitment is another's.
 * CARNET_DAMAGED: the commitment is right, the wrapped key isn't authentic.
 */
enum carnet_status slot_open(const struct slot *slot,
    const uint8_t vault_id[VAULT_ID_LEN], const struct kdf_setting *setting,
    const uint8_t *kdf_bytes, struct secret **ret_master,
    struct carnet_error *err);
#endif
