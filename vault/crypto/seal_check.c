/* SPDX-License-Identifier: ISC */
/*
 * The tag of a seal without its text: Poly1305 over additional data and
 * ciphertext as RFC 8439 (2.8) lays them out, by OpenSSL where it pays.
 * Decrypts nothing.  The contract is in seal.h.
 */
#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "seal.h"
#include "seal_long.h"

struct seal_check {
	const uint8_t *key;
	const void *ad;
	size_t ad_len, text_len;
	size_t at;            /* how much was given: nonce, text, tag */
	EVP_MAC_CTX *openssl; /* NULL: libsodium does it */
	crypto_onetimeauth_state sodium;
	uint8_t nonce[SEAL_NONCE_LEN], tag[SEAL_TAG_LEN];
	bool is_short;   /* no seal is */
	bool has_failed; /* OpenSSL has, half way */
};

static pthread_once_t check_once = PTHREAD_ONCE_INIT;
static EVP_MAC *check_mac; /* kept until the process ends; NULL: none */

static void
check_fetch(void)
{
	check_mac = EVP_MAC_fetch(NULL, "POLY1305", NULL);
}

/* NULL: OpenSSL can't do it here. */
static EVP_MAC_CTX *
check_openssl(const uint8_t tag_key[32])
{
	EVP_MAC_CTX *context;

	(void)pthread_once(&check_once, check_fetch);
	context = check_mac != NULL ? EVP_MAC_CTX_new(check_mac) : NULL;
	if (context != NULL && EVP_MAC_init(context, tag_key, 32, NULL) != 1) {
		EVP_MAC_CTX_free(context);
		context = NULL;
	}
	return context;
}

static void
check_update(struct seal_check *check, const uint8_t *bytes, size_t len)
{
	if (len == 0)
		return;
	if (check->openssl == NULL)
		(void)crypto_onetimeauth_update(&check->sodium, bytes, len);
	else if (EVP_MAC_update(check->openssl, bytes, len) != 1)
		check->has_failed = true;
}

/* Zeros up to a whole block. */
static void
check_pad(struct seal_check *check, size_t len)
{
	static const uint8_t zeros[16];

	check_update(check, zeros, (16 - len % 16) % 16);
}

struct seal_check *
seal_check_begin(
    const uint8_t key[32], const void *ad, size_t ad_len, size_t sealed_len)
{
	/* more than malloc promises: the state of Poly1305 */
	struct seal_check *check =
	    aligned_alloc(_Alignof(struct seal_check), sizeof(*check));

	if (check == NULL)
		return NULL;
	memset(check, 0, sizeof(*check));
	check->key = key;
	check->ad = ad;
	check->ad_len = ad_len;
	check->is_short = sealed_len < SEAL_OVERHEAD;
	check->text_len = check->is_short ? 0 : sealed_len - SEAL_OVERHEAD;
	return check;
}

/* The nonce is whole: with it there is a key, of this one tag, where the
 * stream begins (RFC 8439, 2.6). */
static void
check_begin(struct seal_check *check)
{
	uint8_t tag_key[32];

	(void)crypto_stream_xchacha20(
	    tag_key, sizeof(tag_key), check->nonce, check->key);
	if (check->text_len >= SEAL_LONG_LEN)
		check->openssl = check_openssl(tag_key);
	if (check->openssl == NULL)
		(void)crypto_onetimeauth_init(&check->sodium, tag_key);
	sodium_memzero(tag_key, sizeof(tag_key));
	check_update(check, check->ad, check->ad_len);
	check_pad(check, check->ad_len);
}

static size_t
check_least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Takes those at the beginning that belong to one part: nonce, text, tag or
 * what is too much.  How many. */
static size_t
check_take(struct seal_check *check, const uint8_t *sealed, size_t len)
{
	const size_t text_end = SEAL_NONCE_LEN + check->text_len;
	size_t n = len;

	if (check->at < SEAL_NONCE_LEN) {
		n = check_least(len, SEAL_NONCE_LEN - check->at);
		memcpy(check->nonce + check->at, sealed, n);
		if (check->at + n == SEAL_NONCE_LEN)
			check_begin(check);
	} else if (check->at < text_end) {
		n = check_least(len, text_end - check->at);
		check_update(check, sealed, n);
	} else if (check->at < text_end + SEAL_TAG_LEN) {
		n = check_least(len, text_end + SEAL_TAG_LEN - check->at);
		memcpy(check->tag + (check->at - text_end), sealed, n);
	}
	return n;
}

void
seal_check_more(struct seal_check *check, const uint8_t *sealed, size_t len)
{
	while (len > 0) {
		size_t n = check_take(check, sealed, len);

		check->at += n;
		sealed += n;
		len -= n;
	}
}

/* Whether it is the tag of what was given.  OpenSSL's final wipes the key. */
static bool
check_compare(struct seal_check *check)
{
	uint8_t lengths[16], tag[SEAL_TAG_LEN] = { 0 };
	size_t len = 0;
	bool fits;

	for (unsigned i = 0; i < 8; i++) {
		lengths[i] = (uint8_t)((uint64_t)check->ad_len >> 8 * i);
		lengths[8 + i] = (uint8_t)((uint64_t)check->text_len >> 8 * i);
	}
	check_pad(check, check->text_len);
	check_update(check, lengths, sizeof(lengths));
	if (check->openssl == NULL)
		(void)crypto_onetimeauth_final(&check->sodium, tag);
	else if (EVP_MAC_final(check->openssl, tag, &len, sizeof(tag)) != 1)
		check->has_failed = true;
	fits = !check->has_failed &&
	       sodium_memcmp(tag, check->tag, SEAL_TAG_LEN) == 0;
	sodium_memzero(tag, sizeof(tag)); /* a forger's, if it isn't his */
	return fits;
}

bool
seal_check_end(struct seal_check *check)
{
	bool fits, is_whole;

	if (check == NULL)
		return false;
	is_whole =
	    !check->is_short && check->at == check->text_len + SEAL_OVERHEAD;
	/* of what was cut off, too: its key must not stay in memory */
	fits = check->at >= SEAL_NONCE_LEN && check_compare(check);
	EVP_MAC_CTX_free(check->openssl);
	sodium_memzero(check, sizeof(*check));
	free(check);
	return fits && is_whole;
}
