/* SPDX-License-Identifier: ISC */
/*
 * A person's signing key: derived from the vault's own and the person's id,
 * so that it is in every backup, on every device, and in no event.
 * docs/decisions/0011-signing-key.md says why.
 */
#include "vault.h"

#include <errno.h>
#include <string.h>

#include "minisign.h"

#define SIGNER_CONTEXT "carnet signer v1"

/* Seed: keyed BLAKE2b-256 over context, NUL and the person's id. */
static enum carnet_status
signer_derive(struct carnet_vault *vault, const char *person,
    struct minisign_key *ret_key, struct secret **ret_secret,
    struct carnet_error *err)
{
	uint8_t message[sizeof(SIGNER_CONTEXT) + CARNET_ID_TEXT] =
	    SIGNER_CONTEXT;
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct secret *seed = secret_new(HASH_LEN);
	size_t len = strlen(person);
	enum carnet_status status;

	if (seed == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	if (len >= CARNET_ID_TEXT) {
		secret_free(seed);
		return carnet_fail(
		    err, CARNET_INVALID, CARNET_("this is no person's id"));
	}
	memcpy(message + sizeof(SIGNER_CONTEXT), person, len);
	hash_bytes(keys_get(vault->keys, KEY_SIGNERS), message,
	    sizeof(SIGNER_CONTEXT) + len, secret_bytes(seed));
	status = sign_keypair_from(seed, public_key, ret_secret, err);
	secret_free(seed);
	if (status == CARNET_OK)
		minisign_key_of(public_key, ret_key);
	return status;
}

enum carnet_status
carnet_signer(struct carnet_vault *vault, const char *person,
    char ret_key[CARNET_SIGNER_TEXT], struct carnet_error *err)
{
	struct minisign_key key;
	struct secret *secret = NULL;
	enum carnet_status status =
	    signer_derive(vault, person, &key, &secret, err);

	secret_free(secret);
	if (status == CARNET_OK)
		minisign_key_text(&key, ret_key);
	return status;
}

enum carnet_status
carnet_sign(struct carnet_vault *vault, const char *person,
    const uint8_t digest[64], const char *comment, const char *trusted,
    char **ret_text, struct carnet_error *err)
{
	struct minisign_key key;
	struct secret *secret = NULL;
	enum carnet_status status =
	    signer_derive(vault, person, &key, &secret, err);

	if (status == CARNET_OK)
		status = minisign_sign(
		    secret, &key, digest, comment, trusted, ret_text, err);
	secret_free(secret);
	return status;
}
