/* SPDX-License-Identifier: ISC */
/*
 * Sealing, hashes and texts.  Known answers: RFC 4648 and FIPS 180 for
 * base32 and SHA-256, Python's hashlib for BLAKE2b-256.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "seal.h"
#include "seal_long.h"

static const uint8_t key[32] = { 1, 2, 3 };

static void
what_was_sealed_opens(void **state)
{
	static const size_t lens[] = { 0, 1, 63, 64, 65, 1000 };
	uint8_t plain[1000], sealed[1000 + SEAL_OVERHEAD], back[1000];

	(void)state;
	random_fill(plain, sizeof(plain));
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		seal(key, "ad", 2, plain, lens[i], sealed);
		assert_true(unseal(
		    key, "ad", 2, sealed, lens[i] + SEAL_OVERHEAD, back));
		assert_memory_equal(back, plain, lens[i]);
	}
	seal(key, NULL, 0, NULL, 0, sealed);
	assert_true(unseal(key, NULL, 0, sealed, SEAL_OVERHEAD, back));
}

static void
every_flipped_bit_is_seen(void **state)
{
	uint8_t sealed[20 + SEAL_OVERHEAD], back[20], other[32];
	static const uint8_t zero[20];

	(void)state;
	seal(key, "ad", 2, "twenty bytes of text", 20, sealed);
	for (size_t i = 0; i < sizeof(sealed) * 8; i++) {
		memset(back, 0, sizeof(back));
		sealed[i / 8] ^= (uint8_t)(1U << i % 8);
		assert_false(
		    unseal(key, "ad", 2, sealed, sizeof(sealed), back));
		assert_memory_equal(back, zero, sizeof(zero));
		sealed[i / 8] ^= (uint8_t)(1U << i % 8);
	}
	for (size_t len = 0; len < sizeof(sealed); len++)
		assert_false(unseal(key, "ad", 2, sealed, len, back));
	assert_false(unseal(key, "aD", 2, sealed, sizeof(sealed), back));
	assert_false(unseal(key, "ad", 1, sealed, sizeof(sealed), back));
	memcpy(other, key, sizeof(other));
	other[31] ^= 1;
	assert_false(unseal(other, "ad", 2, sealed, sizeof(sealed), back));
	assert_true(unseal(key, "ad", 2, sealed, sizeof(sealed), back));
}

/* Two makers, one construction: each opens what the other has sealed. */
static void
long_seals_are_libsodiums(void **state)
{
	static const size_t lens[] = { SEAL_LONG_LEN - 1, SEAL_LONG_LEN,
		SEAL_LONG_LEN + 1, 65536, 100003, (size_t)4 << 20 };
	const size_t most = (size_t)4 << 20;
	uint8_t *plain = malloc(most), *back = malloc(most);
	uint8_t *sealed = malloc(most + SEAL_OVERHEAD);

	(void)state;
	random_fill(plain, most);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		size_t len = lens[i];

		seal(key, "ad", 2, plain, len, sealed);
		assert_int_equal(crypto_aead_xchacha20poly1305_ietf_decrypt(
				     back, NULL, NULL, sealed + 24, len + 16,
				     (const uint8_t *)"ad", 2, sealed, key),
		    0);
		assert_memory_equal(back, plain, len);
		(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
		    sealed + 24, NULL, plain, len, NULL, 0, NULL, sealed, key);
		memset(back, 1, len);
		assert_true(
		    unseal(key, NULL, 0, sealed, len + SEAL_OVERHEAD, back));
		assert_memory_equal(back, plain, len);
	}
	random_fill(sealed, 24);
	assert_true(seal_long(key, "ad", 2, plain, 1, sealed));
	assert_true(unseal(key, "ad", 2, sealed, 1 + SEAL_OVERHEAD, back));
	free(plain);
	free(back);
	free(sealed);
}

/* Nothing of a long text that isn't authentic is left for the caller. */
static void
long_forgeries_leave_zeros(void **state)
{
	enum { LEN = 8192 };
	static uint8_t plain[LEN], sealed[LEN + SEAL_OVERHEAD], back[LEN];
	static const uint8_t zero[LEN];

	(void)state;
	random_fill(plain, LEN);
	seal(key, "ad", 2, plain, LEN, sealed);
	for (size_t i = 0; i < sizeof(sealed); i += 97) {
		sealed[i] ^= 0x10;
		memset(back, 1, LEN);
		assert_false(
		    unseal(key, "ad", 2, sealed, sizeof(sealed), back));
		assert_memory_equal(back, zero, LEN);
		sealed[i] ^= 0x10;
	}
	assert_false(unseal(key, "aD", 2, sealed, sizeof(sealed), back));
	assert_false(unseal(key, "ad", 2, sealed, sizeof(sealed) - 1, back));
	assert_true(unseal(key, "ad", 2, sealed, sizeof(sealed), back));
}

static void
nonces_differ(void **state)
{
	uint8_t a[1 + SEAL_OVERHEAD], b[1 + SEAL_OVERHEAD];

	(void)state;
	seal(key, NULL, 0, "x", 1, a);
	seal(key, NULL, 0, "x", 1, b);
	assert_memory_not_equal(a, b, 24);
	assert_memory_not_equal(a + 24, b + 24, 17);
}

static int
nonce_compare(const void *a, const void *b)
{
	return memcmp(a, b, 24);
}

/* Two alike among a million would be a generator that counts, or starts
 * again; one sealing at a time, as the vault does it. */
static void
a_million_nonces_differ(void **state)
{
	enum { COUNT = 1000000 };
	uint8_t sealed[SEAL_OVERHEAD];
	uint8_t(*nonces)[24] = malloc((size_t)COUNT * 24);

	(void)state;
	assert_non_null(nonces);
	for (size_t i = 0; i < COUNT; i++) {
		seal(key, NULL, 0, "", 0, sealed);
		memcpy(nonces[i], sealed, 24);
	}
	qsort(nonces, COUNT, 24, nonce_compare);
	for (size_t i = 1; i < COUNT; i++)
		assert_true(memcmp(nonces[i - 1], nonces[i], 24) != 0);
	free(nonces);
}

static void
assert_hash(const uint8_t hash[HASH_LEN], const char *wanted)
{
	char hex[2 * HASH_LEN + 1];

	hex_encode(hash, HASH_LEN, hex);
	assert_string_equal(hex, wanted);
}

static void
hashes_have_their_values(void **state)
{
	uint8_t hash[HASH_LEN], whole[HASH_LEN];
	struct hash_state *parts;
	struct sha256_state *sha256;
	uint8_t count[32], piece[1000];

	(void)state;
	hash_bytes(NULL, "abc", 3, hash);
	assert_hash(hash, "bddd813c634239723171ef3fee98579b"
			  "94964e3bb1cb3e427262c8c068d52319");
	for (unsigned i = 0; i < 32; i++)
		count[i] = (uint8_t)i;
	hash_bytes(count, "abc", 3, hash);
	assert_hash(hash, "d63a32d3e44738d7907f964316c241ad"
			  "aba0abfeabc32349677578a15a203f7f");
	hash_bytes(NULL, NULL, 0, hash);
	assert_hash(hash, "0e5751c026e543b2e8ab2eb06099daa1"
			  "d1e5df47778f7787faab45cdf12fe3a8");
	parts = hash_begin(count);
	assert_non_null(parts);
	hash_more(parts, "a", 1);
	hash_more(parts, NULL, 0);
	hash_more(parts, "bc", 2);
	hash_end(parts, hash);
	hash_bytes(count, "abc", 3, whole);
	assert_memory_equal(hash, whole, HASH_LEN);
	sha256 = sha256_begin();
	assert_non_null(sha256);
	sha256_more(sha256, "ab", 2);
	sha256_more(sha256, "c", 1);
	sha256_end(sha256, hash);
	assert_hash(hash, "ba7816bf8f01cfea414140de5dae2223"
			  "b00361a396177a9cb410ff61f20015ad");
	/* a million times "a": FIPS 180's answer, and Python's for BLAKE2b */
	memset(piece, 'a', sizeof(piece));
	sha256 = sha256_begin();
	parts = hash_begin(NULL);
	assert_non_null(sha256);
	assert_non_null(parts);
	for (size_t i = 0; i < 1000; i++) {
		sha256_more(sha256, piece, sizeof(piece));
		hash_more(parts, piece, sizeof(piece));
	}
	sha256_end(sha256, hash);
	assert_hash(hash, "cdc76e5c9914fb9281a1c7e284d73e67"
			  "f1809a48a497200e046d39ccc7112cd0");
	hash_end(parts, hash);
	assert_hash(hash, "0741850f36cba4259628355d1073e24d"
			  "db9ca0e1bfac36fd39ae5dc2101e23a4");
	hash_abandon(hash_begin(NULL));
	hash_abandon(NULL);
	sha256_abandon(sha256_begin());
	sha256_abandon(NULL);
}

static void
hex_is_strict(void **state)
{
	static const char *const bad[] = { "", "0", "012", "01234", "012G",
		"01 2", "ABCD", "0x12", "01\n2" };
	uint8_t bytes[2] = { 7, 7 };
	char text[5];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(hex_decode(bad[i], bytes, 2));
	assert_false(hex_decode(NULL, bytes, 2));
	assert_memory_equal(bytes, "\7\7", 2);
	assert_true(hex_decode("00af", bytes, 2));
	hex_encode(bytes, 2, text);
	assert_string_equal(text, "00af");
	assert_true(hex_decode("", bytes, 0));
}

static void
base32_is_rfc_4648(void **state)
{
	static const char *const rows[][2] = { { "", "" }, { "f", "my" },
		{ "fo", "mzxq" }, { "foo", "mzxw6" }, { "foob", "mzxw6yq" },
		{ "fooba", "mzxw6ytb" }, { "foobar", "mzxw6ytboi" },
		{ "\xff\xff\xff\xff\xff", "77777777" } };
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		base32_encode(rows[i][0], strlen(rows[i][0]), text);
		assert_string_equal(text, rows[i][1]);
	}
}

static void
equality_and_wiping(void **state)
{
	uint8_t bytes[4] = { 1, 2, 3, 4 };

	(void)state;
	assert_true(bytes_equal("abcd", "abcd", 4));
	assert_false(bytes_equal("abcd", "abce", 4));
	assert_true(bytes_equal("abcd", "abce", 3));
	bytes_wipe(bytes, 3);
	assert_memory_equal(bytes, "\0\0\0\4", 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sealed_opens),
		cmocka_unit_test(every_flipped_bit_is_seen),
		cmocka_unit_test(long_seals_are_libsodiums),
		cmocka_unit_test(long_forgeries_leave_zeros),
		cmocka_unit_test(nonces_differ),
		cmocka_unit_test(a_million_nonces_differ),
		cmocka_unit_test(hashes_have_their_values),
		cmocka_unit_test(hex_is_strict),
		cmocka_unit_test(base32_is_rfc_4648),
		cmocka_unit_test(equality_and_wiping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
