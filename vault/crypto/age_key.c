/* SPDX-License-Identifier: ISC */
/*
 * age's file key, wrapped for a recipient or under a passphrase, and what is
 * derived from it (age.md: "The X25519 recipient type", "The scrypt recipient
 * type", "Header MAC", "Payload").  Reads and writes no file.
 */
#include "age_inside.h"
#include "bech32.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert(AGE_PUBLIC_LEN == crypto_scalarmult_BYTES, "a public key");
static_assert(AGE_BODY_LEN == AGE_FILE_KEY_LEN + AGE_TAG_LEN, "a body");

#define AGE_X25519_INFO AGE_VERSION "/X25519"
#define AGE_SCRYPT_INFO AGE_VERSION "/scrypt"

enum carnet_status
age_recipient_parse(const char *text, uint8_t ret_public[AGE_PUBLIC_LEN],
    struct carnet_error *err)
{
	if (bech32_decode(text, "age", ret_public, AGE_PUBLIC_LEN))
		return CARNET_OK;
	(void)carnet_fail(
	    err, CARNET_INVALID, CARNET_("this is not an age recipient"));
	carnet_hint(err,
	    CARNET_("a recipient begins with age1 and has 62 characters; its "
		    "owner sees it with age-keygen -y"));
	return CARNET_INVALID;
}

/* libsodium 1.0.18 has no HKDF: extract, then one block of expand. */
void
age_derive(const uint8_t *input, size_t input_len, const uint8_t *salt,
    size_t salt_len, const char *info, uint8_t ret_key[AGE_KEY_LEN])
{
	static const uint8_t one = 1;
	crypto_auth_hmacsha256_state state;
	uint8_t extracted[crypto_auth_hmacsha256_BYTES];

	(void)crypto_auth_hmacsha256_init(
	    &state, salt == NULL ? &one : salt, salt_len);
	(void)crypto_auth_hmacsha256_update(&state, input, input_len);
	(void)crypto_auth_hmacsha256_final(&state, extracted);
	(void)crypto_auth_hmacsha256_init(&state, extracted, sizeof(extracted));
	(void)crypto_auth_hmacsha256_update(
	    &state, (const uint8_t *)info, strlen(info));
	(void)crypto_auth_hmacsha256_update(&state, &one, 1);
	(void)crypto_auth_hmacsha256_final(&state, ret_key);
	sodium_memzero(extracted, sizeof(extracted));
	sodium_memzero(&state, sizeof(state));
}

/* Each wrapping key wraps once: the nonce is zero. */
static void
age_seal_body(const uint8_t *wrapping_key, const uint8_t *file_key,
    uint8_t body[AGE_BODY_LEN])
{
	static const uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

	(void)crypto_aead_chacha20poly1305_ietf_encrypt(body, NULL, file_key,
	    AGE_FILE_KEY_LEN, NULL, 0, NULL, nonce, wrapping_key);
}

static bool
age_open_body(const uint8_t *wrapping_key, const uint8_t body[AGE_BODY_LEN],
    uint8_t *file_key)
{
	static const uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

	return crypto_aead_chacha20poly1305_ietf_decrypt(file_key, NULL, NULL,
		   body, AGE_BODY_LEN, NULL, 0, nonce, wrapping_key) == 0;
}

/* From either side of the exchange; false: the shared secret is all zeros. */
static bool
age_x25519_key(const uint8_t *secret, const uint8_t *other,
    const uint8_t *share, const uint8_t *public_key, uint8_t *key)
{
	uint8_t shared[crypto_scalarmult_BYTES], salt[2 * AGE_PUBLIC_LEN];

	if (crypto_scalarmult(shared, secret, other) != 0 ||
	    sodium_is_zero(shared, sizeof(shared)))
		return false;
	memcpy(salt, share, AGE_PUBLIC_LEN);
	memcpy(salt + AGE_PUBLIC_LEN, public_key, AGE_PUBLIC_LEN);
	age_derive(
	    shared, sizeof(shared), salt, sizeof(salt), AGE_X25519_INFO, key);
	sodium_memzero(shared, sizeof(shared));
	return true;
}

enum carnet_status
age_wrap_x25519(const uint8_t *file_key,
    const uint8_t public_key[AGE_PUBLIC_LEN], struct age_stanza *ret_stanza,
    struct carnet_error *err)
{
	uint8_t ephemeral[crypto_scalarmult_SCALARBYTES], key[AGE_KEY_LEN];
	bool good;

	*ret_stanza = (struct age_stanza){ .is_x25519 = true };
	randombytes_buf(ephemeral, sizeof(ephemeral));
	(void)crypto_scalarmult_base(ret_stanza->share, ephemeral);
	good = age_x25519_key(
	    ephemeral, public_key, ret_stanza->share, public_key, key);
	sodium_memzero(ephemeral, sizeof(ephemeral));
	if (!good)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("this age recipient is not a usable key"));
	age_seal_body(key, file_key, ret_stanza->body);
	sodium_memzero(key, sizeof(key));
	return CARNET_OK;
}

static enum carnet_status
age_scrypt_key(const struct secret *passphrase,
    const uint8_t salt[AGE_SALT_LEN], unsigned work_factor, uint8_t *key,
    struct carnet_error *err)
{
	uint8_t whole[sizeof(AGE_SCRYPT_INFO) - 1 + AGE_SALT_LEN];

	memcpy(whole, AGE_SCRYPT_INFO, sizeof(AGE_SCRYPT_INFO) - 1);
	memcpy(whole + sizeof(AGE_SCRYPT_INFO) - 1, salt, AGE_SALT_LEN);
	/* r 8, p 1: 128 * 8 * N bytes of memory */
	if (crypto_pwhash_scryptsalsa208sha256_ll(secret_peek(passphrase),
		secret_len(passphrase), whole, sizeof(whole),
		UINT64_C(1) << work_factor, 8, 1, key, AGE_KEY_LEN) != 0)
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("no memory for the passphrase: %u MiB are needed"),
		    1U << (work_factor > 10 ? work_factor - 10 : 0));
	return CARNET_OK;
}

enum carnet_status
age_wrap_scrypt(const uint8_t *file_key, const struct secret *passphrase,
    unsigned work_factor, struct age_stanza *ret_stanza,
    struct carnet_error *err)
{
	struct age_stanza stanza = { .is_scrypt = true,
		.work_factor = work_factor };
	uint8_t key[AGE_KEY_LEN];
	enum carnet_status status;

	randombytes_buf(stanza.salt, sizeof(stanza.salt));
	status = age_scrypt_key(passphrase, stanza.salt, work_factor, key, err);
	if (status != CARNET_OK)
		return status;
	age_seal_body(key, file_key, stanza.body);
	sodium_memzero(key, sizeof(key));
	*ret_stanza = stanza;
	return CARNET_OK;
}

enum carnet_status
age_unwrap(const struct age_stanza *stanza, const struct age_identity *identity,
    uint8_t ret_file_key[AGE_FILE_KEY_LEN], struct carnet_error *err)
{
	uint8_t key[AGE_KEY_LEN], public_key[AGE_PUBLIC_LEN];
	enum carnet_status status = CARNET_WRONG_KEY;
	bool opened = false;

	if (stanza->is_x25519 && identity->x25519 != NULL) {
		const uint8_t *secret = secret_peek(identity->x25519);

		(void)crypto_scalarmult_base(public_key, secret);
		if (!age_x25519_key(
			secret, stanza->share, stanza->share, public_key, key))
			return carnet_fail(err, CARNET_DAMAGED,
			    CARNET_("a recipient's line is not a key"));
		opened = age_open_body(key, stanza->body, ret_file_key);
	} else if (stanza->is_scrypt && identity->passphrase != NULL) {
		if (stanza->work_factor > AGE_WORK_MAX)
			return carnet_fail(err, CARNET_UNSUPPORTED,
			    CARNET_("its passphrase costs too much: work "
				    "factor %u, %d at most"),
			    stanza->work_factor, AGE_WORK_MAX);
		status = age_scrypt_key(identity->passphrase, stanza->salt,
		    stanza->work_factor, key, err);
		if (status != CARNET_OK)
			return status;
		opened = age_open_body(key, stanza->body, ret_file_key);
	}
	sodium_memzero(key, sizeof(key));
	return opened ? CARNET_OK : CARNET_WRONG_KEY;
}

void
age_mac(const uint8_t *file_key, const char *text, size_t len,
    uint8_t ret_mac[AGE_MAC_LEN])
{
	uint8_t key[AGE_KEY_LEN];

	age_derive(file_key, AGE_FILE_KEY_LEN, NULL, 0, "header", key);
	(void)crypto_auth_hmacsha256(ret_mac, (const uint8_t *)text, len, key);
	sodium_memzero(key, sizeof(key));
}

void
age_payload_key(const uint8_t *file_key, const uint8_t nonce[AGE_NONCE_LEN],
    uint8_t ret_key[AGE_KEY_LEN])
{
	age_derive(file_key, AGE_FILE_KEY_LEN, nonce, AGE_NONCE_LEN, "payload",
	    ret_key);
}

void
age_chunk_nonce(uint64_t number, bool last, uint8_t ret_nonce[12])
{
	memset(ret_nonce, 0, 12);
	for (int i = 0; i < 8; i++)
		ret_nonce[10 - i] = (uint8_t)(number >> 8 * i);
	ret_nonce[11] = last ? 1 : 0;
}
