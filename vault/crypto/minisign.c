/* SPDX-License-Identifier: ISC */
/*
 * minisign's files: four lines, two of them base64.
 * Makes no key and trusts none.  The contract is in minisign.h.
 */
#include "minisign.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINISIGN_BASE64 sodium_base64_VARIANT_ORIGINAL
#define MINISIGN_KEY_LEN (2 + MINISIGN_ID_LEN + SIGN_PUBLIC_LEN)
#define MINISIGN_SIGNATURE_LEN (2 + MINISIGN_ID_LEN + SIGN_LEN)
#define MINISIGN_COMMENT "untrusted comment: "
#define MINISIGN_TRUSTED "trusted comment: "

static_assert(MINISIGN_PUBLIC_TEXT ==
		  sodium_base64_ENCODED_LEN(MINISIGN_KEY_LEN, MINISIGN_BASE64),
    "a public key's text");

struct minisign_hash {
	crypto_generichash_state state;
};

void
minisign_key_of(
    const uint8_t public_key[SIGN_PUBLIC_LEN], struct minisign_key *ret_key)
{
	uint8_t hash[crypto_generichash_BYTES];

	(void)crypto_generichash(
	    hash, sizeof(hash), public_key, SIGN_PUBLIC_LEN, NULL, 0);
	memcpy(ret_key->id, hash, MINISIGN_ID_LEN);
	memcpy(ret_key->public_key, public_key, SIGN_PUBLIC_LEN);
}

void
minisign_key_text(
    const struct minisign_key *key, char text[MINISIGN_PUBLIC_TEXT])
{
	uint8_t bytes[MINISIGN_KEY_LEN] = { 'E', 'd' };

	memcpy(bytes + 2, key->id, MINISIGN_ID_LEN);
	memcpy(bytes + 2 + MINISIGN_ID_LEN, key->public_key, SIGN_PUBLIC_LEN);
	(void)sodium_bin2base64(
	    text, MINISIGN_PUBLIC_TEXT, bytes, sizeof(bytes), MINISIGN_BASE64);
}

/* Exactly len bytes behind base64 text that ends in white space at most. */
static bool
minisign_base64(const char *text, size_t text_len, uint8_t *bytes, size_t len)
{
	size_t got = 0;

	while (text_len > 0 &&
	       (text[text_len - 1] == '\n' || text[text_len - 1] == '\r' ||
		   text[text_len - 1] == ' '))
		text_len--;
	return sodium_base642bin(bytes, len, text, text_len, NULL, &got, NULL,
		   MINISIGN_BASE64) == 0 &&
	       got == len;
}

enum carnet_status
minisign_key_parse(
    const char *text, struct minisign_key *ret_key, struct carnet_error *err)
{
	uint8_t bytes[MINISIGN_KEY_LEN];
	const char *newline;

	if (strncmp(text, "untrusted comment:", 18) == 0) {
		newline = strchr(text, '\n');
		text = newline == NULL ? "" : newline + 1;
	}
	if (!minisign_base64(text, strlen(text), bytes, sizeof(bytes)) ||
	    bytes[0] != 'E' || bytes[1] != 'd')
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("this is not a minisign public key"));
	memcpy(ret_key->id, bytes + 2, MINISIGN_ID_LEN);
	memcpy(
	    ret_key->public_key, bytes + 2 + MINISIGN_ID_LEN, SIGN_PUBLIC_LEN);
	return CARNET_OK;
}

/* --- the digest ---------------------------------------------------------- */

struct minisign_hash *
minisign_hash_begin(void)
{
	struct minisign_hash *hash =
	    aligned_alloc(64, (sizeof(*hash) + 63) / 64 * 64);

	if (hash != NULL)
		(void)crypto_generichash_init(
		    &hash->state, NULL, 0, MINISIGN_DIGEST_LEN);
	return hash;
}

void
minisign_hash_more(struct minisign_hash *hash, const void *bytes, size_t len)
{
	(void)crypto_generichash_update(&hash->state, bytes, len);
}

void
minisign_hash_end(
    struct minisign_hash *hash, uint8_t ret_digest[MINISIGN_DIGEST_LEN])
{
	(void)crypto_generichash_final(
	    &hash->state, ret_digest, MINISIGN_DIGEST_LEN);
	free(hash);
}

void
minisign_hash_abandon(struct minisign_hash *hash)
{
	free(hash);
}

/* --- signing -------------------------------------------------------------- */

/* The signature and the trusted comment behind it, which are signed too. */
static size_t
minisign_join(const uint8_t signature[SIGN_LEN], const char *trusted,
    uint8_t joined[SIGN_LEN + MINISIGN_COMMENT_MAX])
{
	size_t len = strlen(trusted);

	memcpy(joined, signature, SIGN_LEN);
	memcpy(joined + SIGN_LEN, trusted, len);
	return SIGN_LEN + len;
}

static bool
minisign_is_comment(const char *comment)
{
	return strlen(comment) <= MINISIGN_COMMENT_MAX &&
	       strpbrk(comment, "\r\n") == NULL;
}

enum carnet_status
minisign_sign(const struct secret *secret, const struct minisign_key *key,
    const uint8_t digest[MINISIGN_DIGEST_LEN], const char *comment,
    const char *trusted, char **ret_text, struct carnet_error *err)
{
	uint8_t bytes[MINISIGN_SIGNATURE_LEN] = { 'E', 'D' };
	uint8_t *signature = bytes + 2 + MINISIGN_ID_LEN, whole[SIGN_LEN];
	uint8_t joined[SIGN_LEN + MINISIGN_COMMENT_MAX];
	char first[sodium_base64_ENCODED_LEN(
	    MINISIGN_SIGNATURE_LEN, MINISIGN_BASE64)];
	char second[sodium_base64_ENCODED_LEN(SIGN_LEN, MINISIGN_BASE64)];
	size_t len;

	if (!minisign_is_comment(comment) || !minisign_is_comment(trusted))
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("a signature's comment is one line of at most "
			    "%d bytes"),
		    MINISIGN_COMMENT_MAX);
	memcpy(bytes + 2, key->id, MINISIGN_ID_LEN);
	(void)crypto_sign_detached(
	    signature, NULL, digest, MINISIGN_DIGEST_LEN, secret_peek(secret));
	len = minisign_join(signature, trusted, joined);
	(void)crypto_sign_detached(
	    whole, NULL, joined, len, secret_peek(secret));
	(void)sodium_bin2base64(
	    first, sizeof(first), bytes, sizeof(bytes), MINISIGN_BASE64);
	(void)sodium_bin2base64(
	    second, sizeof(second), whole, sizeof(whole), MINISIGN_BASE64);
	if (asprintf(ret_text,
		MINISIGN_COMMENT "%s\n%s\n" MINISIGN_TRUSTED "%s\n%s\n",
		comment, first, trusted, second) < 0)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a signature"));
	return CARNET_OK;
}

/* --- checking ------------------------------------------------------------- */

static bool
minisign_next_line(
    const char **at, const char *end, const char **ret_line, size_t *ret_len)
{
	const char *newline;

	if (*at == end)
		return false;
	newline = memchr(*at, '\n', (size_t)(end - *at));
	*ret_line = *at;
	*ret_len = (size_t)((newline == NULL ? end : newline) - *at);
	*at = newline == NULL ? end : newline + 1;
	if (*ret_len > 0 && (*ret_line)[*ret_len - 1] == '\r')
		(*ret_len)--;
	return true;
}

enum carnet_status
minisign_parse(const char *text, size_t len,
    struct minisign_signature *ret_signature, struct carnet_error *err)
{
	static const size_t comment_len = sizeof(MINISIGN_COMMENT) - 1;
	static const size_t trusted_len = sizeof(MINISIGN_TRUSTED) - 1;
	struct minisign_signature signature = { 0 };
	uint8_t bytes[MINISIGN_SIGNATURE_LEN];
	const char *at = text, *end = text + len, *lines[4];
	size_t lens[4];
	bool good = true;

	for (size_t i = 0; i < 4 && good; i++)
		good = minisign_next_line(&at, end, &lines[i], &lens[i]);
	if (!good || at != end || lens[0] < comment_len ||
	    memcmp(lines[0], MINISIGN_COMMENT, comment_len) != 0 ||
	    !minisign_base64(lines[1], lens[1], bytes, sizeof(bytes)) ||
	    bytes[0] != 'E' || bytes[1] != 'D' || lens[2] < trusted_len ||
	    lens[2] - trusted_len > MINISIGN_COMMENT_MAX ||
	    memcmp(lines[2], MINISIGN_TRUSTED, trusted_len) != 0 ||
	    memchr(lines[2], '\0', lens[2]) != NULL ||
	    !minisign_base64(
		lines[3], lens[3], signature.whole, sizeof(signature.whole)))
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("this is not a minisign signature"));
	memcpy(signature.key_id, bytes + 2, MINISIGN_ID_LEN);
	memcpy(signature.signature, bytes + 2 + MINISIGN_ID_LEN, SIGN_LEN);
	memcpy(
	    signature.trusted, lines[2] + trusted_len, lens[2] - trusted_len);
	*ret_signature = signature;
	return CARNET_OK;
}

bool
minisign_verify(const struct minisign_signature *signature,
    const struct minisign_key *key, const uint8_t digest[MINISIGN_DIGEST_LEN])
{
	uint8_t joined[SIGN_LEN + MINISIGN_COMMENT_MAX];
	size_t len =
	    minisign_join(signature->signature, signature->trusted, joined);

	return memcmp(signature->key_id, key->id, MINISIGN_ID_LEN) == 0 &&
	       crypto_sign_verify_detached(signature->signature, digest,
		   MINISIGN_DIGEST_LEN, key->public_key) == 0 &&
	       crypto_sign_verify_detached(
		   signature->whole, joined, len, key->public_key) == 0;
}
