/* SPDX-License-Identifier: ISC */
/*
 * The tag alone says what opening says: by OpenSSL, by libsodium where OpenSSL
 * can't, and where it fails half way; and its key doesn't stay in memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seal.h"
#include "seal_long.h"

static const uint8_t key[32] = { 1, 2, 3 };

/* --- OpenSSL, as it may be ------------------------------------------------ */

static struct {
	bool cannot_fetch, cannot_init, cannot_update, cannot_finish;
	unsigned begun, ended;
} openssl;

EVP_MAC *__real_EVP_MAC_fetch(
    OSSL_LIB_CTX *library, const char *name, const char *properties);
EVP_MAC *__wrap_EVP_MAC_fetch(
    OSSL_LIB_CTX *library, const char *name, const char *properties);
int __real_EVP_MAC_init(EVP_MAC_CTX *context, const unsigned char *with,
    size_t len, const OSSL_PARAM params[]);
int __wrap_EVP_MAC_init(EVP_MAC_CTX *context, const unsigned char *with,
    size_t len, const OSSL_PARAM params[]);
int __real_EVP_MAC_update(
    EVP_MAC_CTX *context, const unsigned char *bytes, size_t len);
int __wrap_EVP_MAC_update(
    EVP_MAC_CTX *context, const unsigned char *bytes, size_t len);
int __real_EVP_MAC_final(
    EVP_MAC_CTX *context, unsigned char *tag, size_t *ret_len, size_t room);
int __wrap_EVP_MAC_final(
    EVP_MAC_CTX *context, unsigned char *tag, size_t *ret_len, size_t room);

EVP_MAC *
__wrap_EVP_MAC_fetch(
    OSSL_LIB_CTX *library, const char *name, const char *properties)
{
	return openssl.cannot_fetch
		   ? NULL
		   : __real_EVP_MAC_fetch(library, name, properties);
}

int
__wrap_EVP_MAC_init(EVP_MAC_CTX *context, const unsigned char *with, size_t len,
    const OSSL_PARAM params[])
{
	if (openssl.cannot_init)
		return 0;
	openssl.begun++;
	return __real_EVP_MAC_init(context, with, len, params);
}

int
__wrap_EVP_MAC_update(
    EVP_MAC_CTX *context, const unsigned char *bytes, size_t len)
{
	return openssl.cannot_update
		   ? 0
		   : __real_EVP_MAC_update(context, bytes, len);
}

int
__wrap_EVP_MAC_final(
    EVP_MAC_CTX *context, unsigned char *tag, size_t *ret_len, size_t room)
{
	openssl.ended++;
	return openssl.cannot_finish
		   ? 0
		   : __real_EVP_MAC_final(context, tag, ret_len, room);
}

/* --- what must be so by whomever ------------------------------------------ */

/* In pieces of `step` bytes, of which `len` are said to be; and it is what
 * opening says. */
static bool
holds(const uint8_t *with, const void *ad, size_t ad_len, const uint8_t *sealed,
    size_t len, size_t step)
{
	struct seal_check *check = seal_check_begin(with, ad, ad_len, len);
	uint8_t *plain = malloc(len + 1);
	bool fits;

	assert_non_null(check);
	assert_non_null(plain);
	for (size_t at = 0; at < len; at += step)
		seal_check_more(
		    check, sealed + at, len - at < step ? len - at : step);
	fits = seal_check_end(check);
	assert_int_equal(fits, unseal(with, ad, ad_len, sealed, len, plain));
	free(plain);
	return fits;
}

/* Of every length around the blocks of text and of additional data, of each
 * forged byte, on both sides of where OpenSSL takes over, whatever the
 * pieces. */
static void
it_holds_if_it_opens(void **state)
{
	enum { MOST = SEAL_LONG_LEN + SEAL_OVERHEAD };
	static const size_t lens[] = { 0, 1, 15, 16, 17, 1000,
		SEAL_LONG_LEN - SEAL_OVERHEAD - 1,
		SEAL_LONG_LEN - SEAL_OVERHEAD, SEAL_LONG_LEN - 1, SEAL_LONG_LEN,
		SEAL_LONG_LEN + 1, MOST };
	uint8_t plain[MOST], sealed[MOST + SEAL_OVERHEAD + 1], other[32];
	uint8_t ad[33];

	(void)state;
	random_fill(plain, sizeof(plain));
	random_fill(ad, sizeof(ad));
	memcpy(other, key, sizeof(other));
	other[0] ^= 1;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		size_t len = lens[i] + SEAL_OVERHEAD;

		for (size_t n = 0; n <= sizeof(ad); n++) {
			seal(key, ad, n, plain, lens[i], sealed);
			assert_true(holds(key, ad, n, sealed, len, len));
			assert_true(holds(key, ad, n, sealed, len, n + 1));
			assert_false(holds(other, ad, n, sealed, len, len));
			assert_false(
			    holds(key, plain, n + 1, sealed, len, len));
			assert_false(holds(key, ad, n, sealed, len - 1, len));
			assert_false(holds(key, ad, n, sealed, len + 1, len));
		}
		for (size_t at = 0; at < len; at++) {
			sealed[at] ^= 0x80;
			assert_false(
			    holds(key, ad, sizeof(ad), sealed, len, len));
			sealed[at] ^= 0x80;
		}
	}
}

/* Lengths that need more than 16 bits, in pieces that end anywhere. */
static void
long_ones_hold(void **state)
{
	const size_t len = ((size_t)4 << 20) + 7;
	uint8_t *plain = malloc(len), *sealed = malloc(len + SEAL_OVERHEAD);

	(void)state;
	assert_non_null(plain);
	assert_non_null(sealed);
	random_fill(plain, len);
	seal(key, "ad", 2, plain, len, sealed);
	assert_true(holds(key, "ad", 2, sealed, len + SEAL_OVERHEAD, 131072));
	assert_true(holds(key, "ad", 2, sealed, len + SEAL_OVERHEAD, 99991));
	for (size_t at = 0; at < len + SEAL_OVERHEAD; at += 524309) {
		sealed[at] ^= 1;
		assert_false(
		    holds(key, "ad", 2, sealed, len + SEAL_OVERHEAD, 131072));
		sealed[at] ^= 1;
	}
	free(plain);
	free(sealed);
}

/* Neither a piece too few nor one too many is all of it. */
static void
it_holds_only_whole(void **state)
{
	uint8_t sealed[100 + SEAL_OVERHEAD], plain[100] = { 0 };
	struct seal_check *check;

	(void)state;
	seal(key, "ad", 2, plain, sizeof(plain), sealed);
	for (size_t len = 0; len < sizeof(sealed); len++) {
		check = seal_check_begin(key, "ad", 2, sizeof(sealed));
		seal_check_more(check, sealed, len);
		assert_false(seal_check_end(check));
		if (len < SEAL_OVERHEAD)
			assert_false(holds(key, "ad", 2, sealed, len, 7));
	}
	check = seal_check_begin(key, "ad", 2, sizeof(sealed));
	seal_check_more(check, sealed, sizeof(sealed));
	seal_check_more(check, plain, 1);
	assert_false(seal_check_end(check));
	assert_false(seal_check_end(NULL));
	assert_true(holds(key, "ad", 2, sealed, sizeof(sealed), 24));
	/* of what is too short to be a seal, whatever comes */
	seal(key, "ad", 2, plain, 0, sealed);
	for (size_t said = 0; said < SEAL_OVERHEAD; said++) {
		check = seal_check_begin(key, "ad", 2, said);
		seal_check_more(check, sealed, SEAL_OVERHEAD);
		assert_false(seal_check_end(check));
	}
}

/* --- with OpenSSL, without, and where it fails ---------------------------- */

/* Whether a whole long seal holds. */
static bool
a_long_one_holds(bool all_zero)
{
	static uint8_t sealed[2 * SEAL_LONG_LEN];
	struct seal_check *check;

	if (!all_zero) {
		static const uint8_t plain[sizeof(sealed) - SEAL_OVERHEAD];

		seal(key, NULL, 0, plain, sizeof(plain), sealed);
	} else {
		memset(sealed, 0, sizeof(sealed));
	}
	check = seal_check_begin(key, NULL, 0, sizeof(sealed));
	assert_non_null(check);
	seal_check_more(check, sealed, sizeof(sealed));
	return seal_check_end(check);
}

/* Nothing that fails half way holds: not even with the tag that a failing
 * call leaves, zeros. */
static void
what_fails_does_not_hold(void **state)
{
	(void)state;
	openssl.cannot_update = true;
	assert_false(a_long_one_holds(false));
	assert_false(a_long_one_holds(true));
	openssl.cannot_update = false;
	openssl.cannot_finish = true;
	assert_false(a_long_one_holds(false));
	assert_false(a_long_one_holds(true));
	openssl.cannot_finish = false;
	assert_true(a_long_one_holds(false));
	openssl.cannot_init = true; /* libsodium does it */
	assert_true(a_long_one_holds(false));
	assert_false(a_long_one_holds(true));
	openssl.cannot_init = false;
}

/* OpenSSL's final is what wipes the key: it comes for each that has begun. */
static void
no_key_stays(void **state)
{
	static uint8_t sealed[2 * SEAL_LONG_LEN];
	unsigned begun = openssl.begun;

	(void)state;
	openssl.ended = openssl.begun;
	for (size_t len = 0; len <= sizeof(sealed); len += 8) {
		struct seal_check *check =
		    seal_check_begin(key, NULL, 0, sizeof(sealed));

		seal_check_more(check, sealed, len);
		assert_false(seal_check_end(check));
		assert_int_equal(openssl.ended, openssl.begun);
	}
	assert_true(openssl.begun > begun + 1000);
}

static void
libsodium_says_the_same(void **state)
{
	pid_t child = fork(); /* what OpenSSL has is asked once a process */
	int result = 0;

	assert_true(child >= 0);
	if (child == 0) {
		openssl.cannot_fetch = true;
		it_holds_if_it_opens(state);
		long_ones_hold(state);
		_exit(openssl.begun == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(result, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* the first: nothing has been asked of OpenSSL yet */
		cmocka_unit_test(libsodium_says_the_same),
		cmocka_unit_test(it_holds_if_it_opens),
		cmocka_unit_test(long_ones_hold),
		cmocka_unit_test(it_holds_only_whole),
		cmocka_unit_test(what_fails_does_not_hold),
		cmocka_unit_test(no_key_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
