/* SPDX-License-Identifier: ISC */
/*
 * The vault's header: its id and the key slots, in two copies
 * (carnet.head, carnet.head.1), each exact JSON bytes, BLAKE2b, MAC.
 * Bounds are checked before any cost.  docs/format.md has every byte.
 */
#ifndef HEADER_H
#define HEADER_H
#include "carnet_types.h"
#include "secret.h"

#define VAULT_ID_LEN 16
#define SLOT_ID_TEXT 10 /* "k", 8 characters of base32, NUL */
#define HEADER_MAX_LEN ((size_t)64 << 10)
#define HEADER_SALT_LEN 16

enum slot_kind { SLOT_PASSPHRASE, SLOT_RECOVERY, SLOT_KEYFILE, SLOT_SHARES };
enum kdf_cost { KDF_INTERACTIVE, KDF_MODERATE, KDF_SENSITIVE };

struct slot_info { /* what `key list` shows */
	char id[SLOT_ID_TEXT];
	enum slot_kind kind;
	char created[CARNET_DATE_TEXT];
	unsigned need, count; /* shares: any `need` of `count`; else 0 */
};
struct kdf_info {
	const char *alg; /* "argon2id" */
	uint32_t ops;
	uint32_t mem_kib;
	const uint8_t *salt; /* HEADER_SALT_LEN bytes, the header's own */
};

struct header;

/* A header with no slot, for a new vault with a random id. */
enum carnet_status header_new(
    enum kdf_cost cost, struct header **ret_header, struct carnet_error *err);
void header_free(struct header *header);

/* One copy's bytes.  parse checks checksum, version, bounds; not the MAC.
 * CARNET_DAMAGED; CARNET_NEWER (message names the version needed). */
enum carnet_status header_parse(const uint8_t *bytes, size_t len,
    struct header **ret_header, struct carnet_error *err);
/* The caller frees *ret_bytes (free). */
enum carnet_status header_encode(const struct header *header,
    const struct secret *master, uint8_t **ret_bytes, size_t *ret_len,
    struct carnet_error *err);
/* CARNET_DAMAGED if the MAC isn't the master key's. */
enum carnet_status header_verify(const struct header *header,
    const struct secret *master, struct carnet_error *err);

/*
 * Reads both copies in a vault's folder, takes the good one with the higher
 * sequence.  *ret_bad: bit 0/1 set where copy 0/1 is damaged or missing (an
 * older good copy isn't damage).  Both bits with CARNET_OK: the copies
 * differ in their MACs alone; header_check, with the key, tells which is
 * wrong.  CARNET_NO_VAULT when neither file is there; CARNET_DAMAGED when
 * both are bad or are two vaults'; CARNET_NEWER when either is newer.
 */
enum carnet_status header_load(int dir_fd, struct header **ret_header,
    unsigned *ret_bad, struct carnet_error *err);
/* One copy alone (0 or 1), for a repair when the other one, with the higher
 * sequence, turns out to have a wrong MAC.  CARNET_NOT_FOUND: no such file. */
enum carnet_status header_load_copy(int dir_fd, unsigned copy,
    struct header **ret_header, struct carnet_error *err);
/* Judges both copies with the key in hand, the MACs too: bits as above, and
 * CARNET_OK however many are bad.  Changes nothing. */
enum carnet_status header_check(int dir_fd, const struct secret *master,
    unsigned *ret_bad, struct carnet_error *err);
/* Raises the sequence and writes both copies, one after the other: to a
 * temporary name, fsync, rename, fsync of the folder. */
enum carnet_status header_store(int dir_fd, struct header *header,
    const struct secret *master, struct carnet_error *err);
/* Makes a missing, damaged or older copy equal to the good one, and removes
 * what an interrupted store has left.  CARNET_INVALID: header has changes
 * that weren't stored. */
enum carnet_status header_mend(int dir_fd, const struct header *header,
    const struct secret *master, struct carnet_error *err);

const uint8_t *header_id(const struct header *header); /* VAULT_ID_LEN */
uint64_t header_sequence(const struct header *header);
struct kdf_info header_kdf(const struct header *header);
size_t header_slot_count(const struct header *header);
struct slot_info header_slot(const struct header *header, size_t i);

/*
 * Opens a slot.  The caller owns *ret_master (32 bytes).  ret_slot may be
 * NULL.  CARNET_WRONG_KEY: none opens.  CARNET_DAMAGED: the commitment was
 * right, but the wrapped key or the header's MAC is wrong.  CARNET_NO_MEMORY:
 * Argon2id could not get its memory (the message has the size).  One Argon2id
 * however many slots.
 */
enum carnet_status header_open_passphrase(const struct header *header,
    const struct secret *passphrase, struct secret **ret_master,
    char ret_slot[SLOT_ID_TEXT], struct carnet_error *err);
/* The same with what keyfile_read made of a key file. */
enum carnet_status header_open_keyfile(const struct header *header,
    const struct secret *key, struct secret **ret_master,
    char ret_slot[SLOT_ID_TEXT], struct carnet_error *err);
/*
 * Both in two steps, for those who try many headers: what Argon2id makes of a
 * passphrase or key file serves for every header with the same salt, passes
 * and memory.  The caller frees *ret_bytes.  CARNET_WRONG_KEY,
 * CARNET_DAMAGED, CARNET_NO_MEMORY as above.
 */
enum carnet_status header_stretch(const struct header *header,
    const struct secret *typed, struct secret **ret_bytes,
    struct carnet_error *err);
enum carnet_status header_open_stretched(const struct header *header,
    enum slot_kind kind, const struct secret *bytes, struct secret **ret_master,
    char ret_slot[SLOT_ID_TEXT], struct carnet_error *err);
/* words: UTF-8 text as typed: any case, accents or not, any blanks; or
 * shares, a line each (shares.h).
 * CARNET_INVALID names the position of a word that is in no list. */
enum carnet_status header_open_words(const struct header *header,
    const struct secret *words, struct secret **ret_master,
    char ret_slot[SLOT_ID_TEXT], struct carnet_error *err);

/* Adding and removing change the header in memory; header_store commits. */
enum carnet_status header_add_passphrase(struct header *header,
    const struct secret *master, const struct secret *passphrase,
    const char *today, char ret_slot[SLOT_ID_TEXT], struct carnet_error *err);
enum carnet_status header_add_keyfile(struct header *header,
    const struct secret *master, const struct secret *key, const char *today,
    char ret_slot[SLOT_ID_TEXT], struct carnet_error *err);
/* A slot that any `need` of `count` shares open; ret_texts has room for
 * `count` lines (SHARES_TEXT).  CARNET_INVALID: 1 < need <= count <= 16. */
enum carnet_status header_add_shares(struct header *header,
    const struct secret *master, unsigned need, unsigned count,
    const char *today, char (*ret_texts)[96], char ret_slot[SLOT_ID_TEXT],
    struct carnet_error *err);
/* lang "fr" or "en".  *ret_words: the words, one space between them. */
enum carnet_status header_add_recovery(struct header *header,
    const struct secret *master, const char *lang, const char *today,
    struct secret **ret_words, char ret_slot[SLOT_ID_TEXT],
    struct carnet_error *err);
/* id: a slot's id or any unique prefix.  *ret_slot: all of it.
 * CARNET_NOT_FOUND, CARNET_AMBIGUOUS. */
enum carnet_status header_find_slot(const struct header *header, const char *id,
    char ret_slot[SLOT_ID_TEXT], struct carnet_error *err);
/* The same id.  The last slot can't be removed (CARNET_INVALID). */
enum carnet_status header_remove_slot(
    struct header *header, const char *id, struct carnet_error *err);
#endif
