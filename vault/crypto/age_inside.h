/* SPDX-License-Identifier: ISC */
/* What the age_*.c files share; nobody else includes this. */
#ifndef AGE_INSIDE_H
#define AGE_INSIDE_H
#include "age.h"

#define AGE_FILE_KEY_LEN 16
#define AGE_KEY_LEN 32
#define AGE_BODY_LEN 32 /* a wrapped file key: 16 bytes and a tag */
#define AGE_SALT_LEN 16
#define AGE_MAC_LEN 32
#define AGE_NONCE_LEN 16 /* in front of the payload */
#define AGE_TAG_LEN 16
#define AGE_CHUNK_LEN ((size_t)64 << 10)
#define AGE_HEADER_MAX ((size_t)64 << 10)
#define AGE_VERSION "age-encryption.org/v1"

struct age_stanza { /* one way to the file key */
	bool is_scrypt, is_x25519;
	uint8_t share[AGE_PUBLIC_LEN]; /* x25519: the ephemeral key */
	uint8_t salt[AGE_SALT_LEN];    /* scrypt */
	unsigned work_factor;
	uint8_t body[AGE_BODY_LEN];
};

/* --- age_key.c --- */
/* HKDF-SHA-256 (RFC 5869) to 32 bytes; salt may be NULL. */
void age_derive(const uint8_t *input, size_t input_len, const uint8_t *salt,
    size_t salt_len, const char *info, uint8_t ret_key[AGE_KEY_LEN]);
enum carnet_status age_wrap_x25519(const uint8_t *file_key,
    const uint8_t public_key[AGE_PUBLIC_LEN], struct age_stanza *ret_stanza,
    struct carnet_error *err);
enum carnet_status age_wrap_scrypt(const uint8_t *file_key,
    const struct secret *passphrase, unsigned work_factor,
    struct age_stanza *ret_stanza, struct carnet_error *err);
/* CARNET_WRONG_KEY (err untouched): it opens nothing. */
enum carnet_status age_unwrap(const struct age_stanza *stanza,
    const struct age_identity *identity, uint8_t ret_file_key[AGE_FILE_KEY_LEN],
    struct carnet_error *err);
/* The header's MAC over its text up to and with "---". */
void age_mac(const uint8_t *file_key, const char *text, size_t len,
    uint8_t ret_mac[AGE_MAC_LEN]);
void age_payload_key(const uint8_t *file_key,
    const uint8_t nonce[AGE_NONCE_LEN], uint8_t ret_key[AGE_KEY_LEN]);
/* The nonce of a chunk: 11 bytes of number, 1 of "last". */
void age_chunk_nonce(uint64_t number, bool last, uint8_t ret_nonce[12]);

/* --- age_header.c --- */
/* The caller frees *ret_text (len bytes, ends in a newline). */
enum carnet_status age_header_write(const uint8_t *file_key,
    const struct age_stanza *stanzas, size_t stanzas_len, char **ret_text,
    size_t *ret_len, struct carnet_error *err);
struct age_header {
	struct age_stanza stanzas[AGE_RECIPIENTS_MAX]; /* known kinds alone */
	size_t stanzas_len;
	size_t mac_len; /* of the text that the MAC covers */
	uint8_t mac[AGE_MAC_LEN];
};
/* text: from the first line up to and with the last one's newline.
 * CARNET_DAMAGED. */
enum carnet_status age_header_parse(const char *text, size_t len,
    struct age_header *ret_header, struct carnet_error *err);
#endif
