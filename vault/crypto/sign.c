/* SPDX-License-Identifier: ISC */
/*
 * Ed25519 (RFC 8032, the plain one) over a context string, a NUL byte and
 * the message.  Stores no key.  The contract is in sign.h.
 */
#include "sign.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static_assert(SIGN_PUBLIC_LEN == crypto_sign_PUBLICKEYBYTES, "public key");
static_assert(SIGN_SECRET_LEN == crypto_sign_SECRETKEYBYTES, "secret key");
static_assert(SIGN_LEN == crypto_sign_BYTES, "signature");

enum carnet_status
sign_keypair(uint8_t ret_public[SIGN_PUBLIC_LEN], struct secret **ret_secret,
    struct carnet_error *err)
{
	struct secret *secret = secret_new(SIGN_SECRET_LEN);

	if (secret == NULL)
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("no memory for a signing key"));
	(void)crypto_sign_keypair(ret_public, secret_bytes(secret));
	*ret_secret = secret;
	return CARNET_OK;
}

enum carnet_status
sign_keypair_from(const struct secret *seed,
    uint8_t ret_public[SIGN_PUBLIC_LEN], struct secret **ret_secret,
    struct carnet_error *err)
{
	struct secret *secret = secret_new(SIGN_SECRET_LEN);

	assert(secret_len(seed) == crypto_sign_SEEDBYTES);
	if (secret == NULL)
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("no memory for a signing key"));
	(void)crypto_sign_seed_keypair(
	    ret_public, secret_bytes(secret), secret_peek(seed));
	*ret_secret = secret;
	return CARNET_OK;
}

/* Context, NUL, message in one piece; NULL: no memory.  The caller wipes. */
static uint8_t *
sign_join(const char *context, const void *message, size_t len, size_t *ret_len)
{
	size_t context_len = strlen(context) + 1;
	uint8_t *joined;

	if (len > SIZE_MAX - context_len)
		return NULL;
	joined = malloc(context_len + len);
	if (joined == NULL)
		return NULL;
	memcpy(joined, context, context_len);
	if (len > 0)
		memcpy(joined + context_len, message, len);
	*ret_len = context_len + len;
	return joined;
}

bool
sign_message(const struct secret *secret, const char *context,
    const void *message, size_t len, uint8_t ret_signature[SIGN_LEN])
{
	size_t joined_len = 0;
	uint8_t *joined = NULL;

	if (secret_len(secret) != SIGN_SECRET_LEN)
		return false;
	joined = sign_join(context, message, len, &joined_len);
	if (joined == NULL)
		return false;
	(void)crypto_sign_detached(
	    ret_signature, NULL, joined, joined_len, secret_peek(secret));
	sodium_memzero(joined, joined_len);
	free(joined);
	return true;
}

bool
sign_verify(const uint8_t public_key[SIGN_PUBLIC_LEN], const char *context,
    const void *message, size_t len, const uint8_t signature[SIGN_LEN])
{
	size_t joined_len = 0;
	uint8_t *joined = sign_join(context, message, len, &joined_len);
	bool good;

	if (joined == NULL)
		return false;
	good = crypto_sign_verify_detached(
		   signature, joined, joined_len, public_key) == 0;
	sodium_memzero(joined, joined_len);
	free(joined);
	return good;
}
