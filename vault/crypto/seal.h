/* SPDX-License-Identifier: ISC */
/* Sealing: XChaCha20-Poly1305-IETF with a random 24-byte nonce in front.
 * Names and checksums: BLAKE2b-256.  SHA-256 for what others verify. */
#ifndef SEAL_H
#define SEAL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEAL_NONCE_LEN 24
#define SEAL_TAG_LEN 16
#define SEAL_OVERHEAD (SEAL_NONCE_LEN + SEAL_TAG_LEN)
#define HASH_LEN 32

/* Writes len + SEAL_OVERHEAD bytes to sealed (no overlap with plain). */
void seal(const uint8_t key[32], const void *ad, size_t ad_len,
    const void *plain, size_t len, uint8_t *sealed);
/* Writes sealed_len - SEAL_OVERHEAD bytes to plain; false, and plain
 * untouched or zeroed, if it isn't authentic or is too short. */
bool unseal(const uint8_t key[32], const void *ad, size_t ad_len,
    const uint8_t *sealed, size_t sealed_len, void *plain);

/*
 * Whether unseal would open it, asked without opening it: its tag alone is
 * computed, of long ones at three times the speed, of pieces of any length. key
 * and ad stay the caller's, until the end; sealed_len: how long the pieces are
 * in all.
 */
struct seal_check;
struct seal_check *seal_check_begin(const uint8_t key[32], const void *ad,
    size_t ad_len, size_t sealed_len); /* NULL: no memory */
void seal_check_more(
    struct seal_check *check, const uint8_t *sealed, size_t len);
/* False too if less or more was given than was said.  Frees; NULL is fine. */
bool seal_check_end(struct seal_check *check);

/* BLAKE2b-256; key may be NULL (unkeyed checksum), else 32 bytes. */
void hash_bytes(const uint8_t *key, const void *bytes, size_t len,
    uint8_t ret_hash[HASH_LEN]);
/* The same over parts: */
struct hash_state;
struct hash_state *hash_begin(const uint8_t *key); /* NULL: no memory */
void hash_more(struct hash_state *state, const void *bytes, size_t len);
void hash_end(struct hash_state *state, uint8_t ret_hash[HASH_LEN]); /* frees */
void hash_abandon(struct hash_state *state);

/* SHA-256 over parts, same manners. */
struct sha256_state;
struct sha256_state *sha256_begin(void);
void sha256_more(struct sha256_state *state, const void *bytes, size_t len);
void sha256_end(struct sha256_state *state, uint8_t ret_hash[HASH_LEN]);
void sha256_abandon(struct sha256_state *state);

void random_fill(void *bytes, size_t len);
/* Constant time. */
bool bytes_equal(const void *a, const void *b, size_t len);
void bytes_wipe(void *bytes, size_t len);

/* Lower-case hex, NUL-terminated: text holds 2 * len + 1.  decode takes
 * exactly 2 * len lower-case digits, else false and bytes untouched. */
void hex_encode(const void *bytes, size_t len, char *text);
bool hex_decode(const char *text, uint8_t *bytes, size_t len);
/* RFC 4648 base32, lower case, no padding. text holds (len*8+4)/5 + 1. */
void base32_encode(const void *bytes, size_t len, char *text);
#endif
