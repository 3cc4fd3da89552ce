/* SPDX-License-Identifier: ISC */
/*
 * Sealing, hashing, random bytes and the texts of bytes, on libsodium; long
 * seals and SHA-256 on OpenSSL, same bytes.  Knows no key's purpose.  The
 * contract is in seal.h, bytes in docs/format.md.
 */
#include "seal.h"

#include <assert.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "seal_long.h"

static_assert(
    SEAL_NONCE_LEN == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce");
static_assert(SEAL_TAG_LEN == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag");

struct hash_state {
	crypto_generichash_state blake2b; /* aligned to 64 bytes */
};

struct sha256_state {
	EVP_MD_CTX *openssl; /* NULL: libsodium does it */
	crypto_hash_sha256_state sha256;
};

void
seal(const uint8_t key[32], const void *ad, size_t ad_len, const void *plain,
    size_t len, uint8_t *sealed)
{
	random_fill(sealed, SEAL_NONCE_LEN);
	if (len >= SEAL_LONG_LEN &&
	    seal_long(key, ad, ad_len, plain, len, sealed))
		return;
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
	    sealed + SEAL_NONCE_LEN, NULL, plain, len, ad, ad_len, NULL, sealed,
	    key);
}

bool
unseal(const uint8_t key[32], const void *ad, size_t ad_len,
    const uint8_t *sealed, size_t sealed_len, void *plain)
{
	bool authentic = false;

	if (sealed_len < SEAL_OVERHEAD)
		return false;
	if (sealed_len >= SEAL_LONG_LEN &&
	    unseal_long(key, ad, ad_len, sealed, sealed_len, plain, &authentic))
		return authentic;
	return crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL,
		   sealed + SEAL_NONCE_LEN, sealed_len - SEAL_NONCE_LEN, ad,
		   ad_len, sealed, key) == 0;
}

void
hash_bytes(const uint8_t *key, const void *bytes, size_t len,
    uint8_t ret_hash[HASH_LEN])
{
	(void)crypto_generichash(
	    ret_hash, HASH_LEN, bytes, len, key, key != NULL ? 32 : 0);
}

struct hash_state *
hash_begin(const uint8_t *key)
{
	struct hash_state *state =
	    aligned_alloc(_Alignof(struct hash_state), sizeof(*state));

	if (state != NULL)
		(void)crypto_generichash_init(
		    &state->blake2b, key, key != NULL ? 32 : 0, HASH_LEN);
	return state;
}

void
hash_more(struct hash_state *state, const void *bytes, size_t len)
{
	if (len > 0)
		(void)crypto_generichash_update(&state->blake2b, bytes, len);
}

void
hash_end(struct hash_state *state, uint8_t ret_hash[HASH_LEN])
{
	(void)crypto_generichash_final(&state->blake2b, ret_hash, HASH_LEN);
	hash_abandon(state);
}

void
hash_abandon(struct hash_state *state)
{
	if (state == NULL)
		return;
	sodium_memzero(state, sizeof(*state));
	free(state);
}

struct sha256_state *
sha256_begin(void)
{
	struct sha256_state *state = malloc(sizeof(*state));

	if (state == NULL)
		return NULL;
	(void)crypto_hash_sha256_init(&state->sha256);
	state->openssl = EVP_MD_CTX_new();
	if (state->openssl != NULL &&
	    EVP_DigestInit_ex(state->openssl, EVP_sha256(), NULL) != 1) {
		EVP_MD_CTX_free(state->openssl);
		state->openssl = NULL;
	}
	return state;
}

void
sha256_more(struct sha256_state *state, const void *bytes, size_t len)
{
	if (len == 0)
		return;
	if (state->openssl == NULL)
		(void)crypto_hash_sha256_update(&state->sha256, bytes, len);
	else /* can't fail once it has begun */
		(void)EVP_DigestUpdate(state->openssl, bytes, len);
}

void
sha256_end(struct sha256_state *state, uint8_t ret_hash[HASH_LEN])
{
	if (state->openssl == NULL)
		(void)crypto_hash_sha256_final(&state->sha256, ret_hash);
	else
		(void)EVP_DigestFinal_ex(state->openssl, ret_hash, NULL);
	sha256_abandon(state);
}

void
sha256_abandon(struct sha256_state *state)
{
	if (state == NULL)
		return;
	EVP_MD_CTX_free(state->openssl);
	sodium_memzero(state, sizeof(*state));
	free(state);
}

void
random_fill(void *bytes, size_t len)
{
	/* Sets up the generator; whatever it says, randombytes_buf gets its
	 * bytes from the system or doesn't return. */
	int ready = sodium_init();

	(void)ready;
	if (len > 0)
		randombytes_buf(bytes, len);
}

bool
bytes_equal(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

void
bytes_wipe(void *bytes, size_t len)
{
	sodium_memzero(bytes, len);
}

void
hex_encode(const void *bytes, size_t len, char *text)
{
	(void)sodium_bin2hex(text, 2 * len + 1, bytes, len);
}

/* The value of a lower-case hex digit, -1 if it isn't one. */
static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool
hex_decode(const char *text, uint8_t *bytes, size_t len)
{
	if (text == NULL || strlen(text) != 2 * len)
		return false;
	for (size_t i = 0; i < 2 * len; i++)
		if (hex_digit(text[i]) < 0)
			return false;
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)((unsigned)hex_digit(text[2 * i]) << 4 |
				     (unsigned)hex_digit(text[2 * i + 1]));
	return true;
}

void
base32_encode(const void *bytes, size_t len, char *text)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	const uint8_t *from = bytes;
	unsigned held = 0, bits = 0;

	for (size_t i = 0; i < len; i++) {
		held = held << 8 | from[i];
		for (bits += 8; bits >= 5; bits -= 5)
			*text++ = digits[held >> (bits - 5) & 31];
		held &= (1U << bits) - 1;
	}
	if (bits > 0)
		*text++ = digits[held << (5 - bits) & 31];
	*text = '\0';
}
