/* SPDX-License-Identifier: ISC */
/*
 * XChaCha20-Poly1305 as its draft builds it: HChaCha20 makes a key of the
 * nonce's first 16 bytes, ChaCha20-Poly1305 (RFC 8439) takes the other 8.
 * Falls back on nothing: seal.c does.  docs/decisions has the reason.
 */
#include "seal_long.h"
#include "seal.h"

#include <limits.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

static pthread_once_t long_once = PTHREAD_ONCE_INIT;
static EVP_CIPHER *long_cipher; /* kept until the process ends; NULL: none */

static void
long_fetch(void)
{
	long_cipher = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
}

/* A context for this key and nonce; NULL: it can't be had. */
static EVP_CIPHER_CTX *
long_begin(const uint8_t key[32], const uint8_t *nonce, bool encrypt)
{
	uint8_t subkey[32], rest[12] = { 0 };
	EVP_CIPHER_CTX *context;
	int done;

	(void)pthread_once(&long_once, long_fetch);
	if (long_cipher == NULL)
		return NULL;
	context = EVP_CIPHER_CTX_new();
	if (context == NULL)
		return NULL;
	(void)crypto_core_hchacha20(subkey, nonce, key, NULL);
	memcpy(rest + 4, nonce + 16, 8);
	done = EVP_CipherInit_ex2(
	    context, long_cipher, subkey, rest, encrypt ? 1 : 0, NULL);
	sodium_memzero(subkey, sizeof(subkey));
	if (done != 1) {
		EVP_CIPHER_CTX_free(context);
		return NULL;
	}
	return context;
}

/* Additional data, then the text itself: false if OpenSSL fails. */
static bool
long_run(EVP_CIPHER_CTX *context, const void *ad, size_t ad_len,
    const uint8_t *from, size_t len, uint8_t *to)
{
	int n = 0;

	if (ad_len > 0 &&
	    EVP_CipherUpdate(context, NULL, &n, ad, (int)ad_len) != 1)
		return false;
	return EVP_CipherUpdate(context, to, &n, from, (int)len) == 1 &&
	       (size_t)n == len;
}

bool
seal_long(const uint8_t key[32], const void *ad, size_t ad_len,
    const void *plain, size_t len, uint8_t *sealed)
{
	EVP_CIPHER_CTX *context;
	uint8_t none[16];
	int n = 0;
	bool done;

	if (len > INT_MAX || ad_len > INT_MAX)
		return false;
	context = long_begin(key, sealed, true);
	done = context != NULL &&
	       long_run(
		   context, ad, ad_len, plain, len, sealed + SEAL_NONCE_LEN) &&
	       EVP_CipherFinal_ex(context, none, &n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_LEN,
		   sealed + SEAL_NONCE_LEN + len) == 1;
	EVP_CIPHER_CTX_free(context); /* wipes the key */
	return done;
}

bool
unseal_long(const uint8_t key[32], const void *ad, size_t ad_len,
    const uint8_t *sealed, size_t sealed_len, void *plain, bool *ret_authentic)
{
	size_t len = sealed_len - SEAL_OVERHEAD;
	EVP_CIPHER_CTX *context;
	uint8_t none[16], tag[SEAL_TAG_LEN];
	int n = 0;
	bool done;

	if (len > INT_MAX || ad_len > INT_MAX)
		return false;
	memcpy(tag, sealed + SEAL_NONCE_LEN + len, sizeof(tag));
	context = long_begin(key, sealed, false);
	done =
	    context != NULL &&
	    EVP_CIPHER_CTX_ctrl(
		context, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_LEN, tag) == 1 &&
	    long_run(context, ad, ad_len, sealed + SEAL_NONCE_LEN, len, plain);
	if (done)
		*ret_authentic = EVP_CipherFinal_ex(context, none, &n) == 1;
	if (context != NULL && (!done || !*ret_authentic))
		sodium_memzero(plain, len);
	EVP_CIPHER_CTX_free(context);
	return done;
}
