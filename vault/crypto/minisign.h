/* SPDX-License-Identifier: ISC */
/*
 * Signatures in minisign's format (jedisct1.github.io/minisign, "Signature
 * format"), the prehashed kind: Ed25519 over the BLAKE2b-512 of a file, and
 * over that signature with its trusted comment.  Opens no file.
 */
#ifndef MINISIGN_H
#define MINISIGN_H
#include "carnet_types.h"
#include "sign.h"

#define MINISIGN_ID_LEN 8
#define MINISIGN_DIGEST_LEN 64
#define MINISIGN_PUBLIC_TEXT 57 /* base64 of 42 bytes and its NUL */
#define MINISIGN_COMMENT_MAX 1024

struct minisign_key {
	uint8_t id[MINISIGN_ID_LEN];
	uint8_t public_key[SIGN_PUBLIC_LEN];
};

/* A key's id is the beginning of its BLAKE2b. */
void minisign_key_of(
    const uint8_t public_key[SIGN_PUBLIC_LEN], struct minisign_key *ret_key);
/* What `minisign -P` takes. */
void minisign_key_text(
    const struct minisign_key *key, char text[MINISIGN_PUBLIC_TEXT]);
/* The base64 alone, or a key file with its comment.  CARNET_INVALID. */
enum carnet_status minisign_key_parse(
    const char *text, struct minisign_key *ret_key, struct carnet_error *err);

/* BLAKE2b-512 over parts. */
struct minisign_hash;
struct minisign_hash *minisign_hash_begin(void); /* NULL: no memory */
void minisign_hash_more(
    struct minisign_hash *hash, const void *bytes, size_t len);
void minisign_hash_end(/* frees */
    struct minisign_hash *hash, uint8_t ret_digest[MINISIGN_DIGEST_LEN]);
void minisign_hash_abandon(struct minisign_hash *hash); /* NULL is fine */

/* The text of a .minisig file; the caller frees *ret_text.  CARNET_INVALID:
 * a comment with a line break, or too long. */
enum carnet_status minisign_sign(const struct secret *secret,
    const struct minisign_key *key, const uint8_t digest[MINISIGN_DIGEST_LEN],
    const char *comment, const char *trusted, char **ret_text,
    struct carnet_error *err);

struct minisign_signature {
	uint8_t key_id[MINISIGN_ID_LEN];
	uint8_t signature[SIGN_LEN], whole[SIGN_LEN];
	char trusted[MINISIGN_COMMENT_MAX + 1];
};
/* CARNET_INVALID: not a prehashed minisign signature. */
enum carnet_status minisign_parse(const char *text, size_t len,
    struct minisign_signature *ret_signature, struct carnet_error *err);
/* Whether this key made it over this file and its trusted comment. */
bool minisign_verify(const struct minisign_signature *signature,
    const struct minisign_key *key, const uint8_t digest[MINISIGN_DIGEST_LEN]);
#endif
