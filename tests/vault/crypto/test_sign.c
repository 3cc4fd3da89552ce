/* SPDX-License-Identifier: ISC */
/* Signatures: context, message, key and signature all count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <string.h>

#include "sign.h"

static void
only_the_same_message_verifies(void **state)
{
	uint8_t public_key[SIGN_PUBLIC_LEN], signature[SIGN_LEN];
	struct secret *secret = NULL;

	(void)state;
	assert_int_equal(sign_keypair(public_key, &secret, NULL), CARNET_OK);
	assert_int_equal(secret_len(secret), SIGN_SECRET_LEN);
	assert_true(
	    sign_message(secret, "carnet head v1", "abc", 3, signature));
	assert_true(
	    sign_verify(public_key, "carnet head v1", "abc", 3, signature));
	assert_false(
	    sign_verify(public_key, "carnet head v2", "abc", 3, signature));
	assert_false(
	    sign_verify(public_key, "carnet head v1", "abd", 3, signature));
	assert_false(
	    sign_verify(public_key, "carnet head v1", "abc", 2, signature));
	/* the NUL keeps the context apart from the message */
	assert_false(
	    sign_verify(public_key, "carnet head v1a", "bc", 2, signature));
	for (size_t i = 0; i < SIGN_LEN * 8; i++) {
		signature[i / 8] ^= (uint8_t)(1U << i % 8);
		assert_false(sign_verify(
		    public_key, "carnet head v1", "abc", 3, signature));
		signature[i / 8] ^= (uint8_t)(1U << i % 8);
	}
	public_key[3] ^= 4;
	assert_false(
	    sign_verify(public_key, "carnet head v1", "abc", 3, signature));
	secret_free(secret);
}

static void
others_can_verify(void **state)
{
	static const char joined[] = "carnet head v1\0abc";
	uint8_t public_key[SIGN_PUBLIC_LEN], signature[SIGN_LEN];
	struct secret *secret = NULL;

	(void)state;
	assert_int_equal(sign_keypair(public_key, &secret, NULL), CARNET_OK);
	assert_true(
	    sign_message(secret, "carnet head v1", "abc", 3, signature));
	assert_int_equal(
	    crypto_sign_verify_detached(signature, (const uint8_t *)joined,
		sizeof(joined) - 1, public_key),
	    0);
	assert_true(sign_message(secret, "empty", NULL, 0, signature));
	assert_true(sign_verify(public_key, "empty", NULL, 0, signature));
	secret_free(secret);
}

static void
a_short_secret_signs_nothing(void **state)
{
	struct secret *secret = secret_random(32);
	uint8_t signature[SIGN_LEN] = { 9 }, before[SIGN_LEN] = { 9 };

	(void)state;
	assert_non_null(secret);
	assert_false(sign_message(secret, "x", "y", 1, signature));
	assert_memory_equal(signature, before, SIGN_LEN);
	secret_free(secret);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_same_message_verifies),
		cmocka_unit_test(others_can_verify),
		cmocka_unit_test(a_short_secret_signs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
