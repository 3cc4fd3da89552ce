/* SPDX-License-Identifier: ISC */
/* minisign signatures: made, read back, refused; check_formats.py asks
 * minisign itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "minisign.h"

static void
digest_of(const char *text, uint8_t digest[MINISIGN_DIGEST_LEN])
{
	struct minisign_hash *hash = minisign_hash_begin();

	assert_non_null(hash);
	minisign_hash_more(hash, text, strlen(text));
	minisign_hash_end(hash, digest);
}

static void
every_bit_counts(void **state)
{
	uint8_t public_key[SIGN_PUBLIC_LEN], digest[MINISIGN_DIGEST_LEN];
	struct minisign_signature signature;
	struct secret *secret = NULL;
	struct minisign_key key, other;
	char *text = NULL, public_text[MINISIGN_PUBLIC_TEXT];
	size_t good = 0, len;

	(void)state;
	assert_int_equal(sign_keypair(public_key, &secret, NULL), CARNET_OK);
	minisign_key_of(public_key, &key);
	minisign_key_text(&key, public_text);
	assert_int_equal(
	    minisign_key_parse(public_text, &other, NULL), CARNET_OK);
	assert_memory_equal(&key, &other, sizeof(key));
	digest_of("a file", digest);
	assert_int_equal(minisign_sign(secret, &key, digest, "by carnet",
			     "file:a", &text, NULL),
	    CARNET_OK);
	len = strlen(text);
	assert_int_equal(
	    minisign_parse(text, len, &signature, NULL), CARNET_OK);
	assert_string_equal(signature.trusted, "file:a");
	assert_true(minisign_verify(&signature, &key, digest));
	digest[5] ^= 1;
	assert_false(minisign_verify(&signature, &key, digest));
	digest[5] ^= 1;
	other.public_key[0] ^= 1;
	assert_false(minisign_verify(&signature, &other, digest));
	other = key;
	other.id[0] ^= 1;
	assert_false(minisign_verify(&signature, &other, digest));
	/* any changed bit but those of the untrusted comment */
	for (size_t i = 0; i < len * 8; i++) {
		text[i / 8] ^= (char)(1 << i % 8);
		if (minisign_parse(text, len, &signature, NULL) == CARNET_OK &&
		    minisign_verify(&signature, &key, digest))
			good++;
		text[i / 8] ^= (char)(1 << i % 8);
	}
	/* "by carnet" may change; none of its bits may make a line break,
	 * nor may a last newline vanish into white space unseen */
	assert_in_range(good, 1, 9 * 8 + 8);
	free(text);
	secret_free(secret);
}

static void
what_is_no_signature_is_refused(void **state)
{
	static const char *const texts[] = { "", "\n", "untrusted comment: x\n",
		"untrusted comment: x\nAAAA\ntrusted comment: y\nAAAA\n",
		"trusted comment: x\n\n\n\n" };
	struct minisign_signature signature;
	struct minisign_key key;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(minisign_parse(texts[i], strlen(texts[i]),
				     &signature, NULL),
		    CARNET_INVALID);
		assert_int_equal(
		    minisign_key_parse(texts[i], &key, NULL), CARNET_INVALID);
	}
}

static void
comments_are_one_line(void **state)
{
	uint8_t public_key[SIGN_PUBLIC_LEN],
	    digest[MINISIGN_DIGEST_LEN] = { 0 };
	struct secret *secret = NULL;
	struct minisign_key key;
	char *text = NULL, large[MINISIGN_COMMENT_MAX + 2];

	(void)state;
	memset(large, 'a', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	assert_int_equal(sign_keypair(public_key, &secret, NULL), CARNET_OK);
	minisign_key_of(public_key, &key);
	assert_int_equal(
	    minisign_sign(secret, &key, digest, "a\nb", "c", &text, NULL),
	    CARNET_INVALID);
	assert_int_equal(
	    minisign_sign(secret, &key, digest, "a", "b\rc", &text, NULL),
	    CARNET_INVALID);
	assert_int_equal(
	    minisign_sign(secret, &key, digest, "a", large, &text, NULL),
	    CARNET_INVALID);
	assert_null(text);
	secret_free(secret);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(what_is_no_signature_is_refused),
		cmocka_unit_test(comments_are_one_line),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
