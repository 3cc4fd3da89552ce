/* SPDX-License-Identifier: ISC */
/*
 * From what a person has to the 64 bytes that open a slot: 32 of wrapping
 * key, 32 of commitment.  Knows no slot; bounds are checked by the header.
 */
#ifndef KDF_H
#define KDF_H
#include "carnet_types.h"
#include "header.h"
#include "secret.h"

#define KDF_SALT_LEN 16
#define KDF_LEN 64
#define KDF_OPS_MIN 2U
#define KDF_OPS_MAX 20U
#define KDF_MEM_KIB_MIN (64U << 10) /* 64 MiB: KDF_INTERACTIVE's own */
#define KDF_MEM_KIB_MAX (4U << 20)  /* 4 GiB */
#define KDF_PASSPHRASE_MAX 1024     /* bytes, as typed */

struct kdf_setting { /* Argon2id's; shared by all passphrase slots */
	uint32_t ops;
	uint32_t mem_kib;
	uint8_t salt[KDF_SALT_LEN];
};

/* The numbers of a cost and a random salt; CARNET_INVALID: no such cost. */
enum carnet_status kdf_choose(enum kdf_cost cost,
    struct kdf_setting *ret_setting, struct carnet_error *err);
/* Whether a setting is within the bounds. */
bool kdf_is_bounded(uint32_t ops, uint32_t mem_kib);

/*
 * Argon2id of the passphrase, in NFC if it is UTF-8.  The caller owns
 * *ret_out (KDF_LEN bytes).  CARNET_INVALID: an empty or too long one.
 * CARNET_NO_MEMORY: with the size in the message.
 */
enum carnet_status kdf_passphrase(const struct kdf_setting *setting,
    const struct secret *passphrase, struct secret **ret_out,
    struct carnet_error *err);

/* Keyed BLAKE2b-512 for the 20 bytes behind recovery words, bound to one
 * slot of one vault.  out: KDF_LEN bytes. */
void kdf_recovery(const uint8_t *entropy, const uint8_t vault_id[VAULT_ID_LEN],
    const char *slot_id, uint8_t *out);
#endif
