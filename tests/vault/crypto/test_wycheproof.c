/* SPDX-License-Identifier: ISC */
/*
 * Wycheproof's known answers, where the environment names the corpora
 * (CARNET_CORPORA), through our own functions as far as these let them in:
 * XChaCha20-Poly1305, Ed25519, and what age files need: X25519, HKDF, HMAC.
 * It has nothing on BLAKE2b, Argon2 and scrypt: test_kdf.c, test_seal.c,
 * check_age.py hold these against other programs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "age_inside.h"
#include "seal.h"
#include "seal_long.h"
#include "sign.h"

#define SUITE_MAX ((size_t)4 << 20)

/* A suite's JSON, or NULL when the corpora aren't here. */
static cJSON *
suite_load(const char *name)
{
	const char *corpora = getenv("CARNET_CORPORA");
	char path[4096];
	FILE *file;
	char *text;
	size_t len;
	cJSON *json = NULL;

	if (corpora == NULL)
		return NULL;
	(void)snprintf(path, sizeof(path),
	    "%s/wycheproof/testvectors_v1/%s_test.json", corpora, name);
	file = fopen(path, "r");
	if (file == NULL)
		return NULL;
	text = malloc(SUITE_MAX);
	assert_non_null(text);
	len = fread(text, 1, SUITE_MAX, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(carnet_json_parse(text, len, &json, NULL), CARNET_OK);
	free(text);
	return json;
}

/* The bytes of a hex field; the caller frees. */
static uint8_t *
suite_bytes(const cJSON *test, const char *name, size_t *ret_len)
{
	const char *hex = carnet_json_string(test, name);
	uint8_t *bytes;

	assert_non_null(hex);
	*ret_len = strlen(hex) / 2;
	bytes = malloc(*ret_len + 1);
	assert_non_null(bytes);
	assert_true(hex_decode(hex, bytes, *ret_len));
	return bytes;
}

static bool
suite_is_valid(const cJSON *test)
{
	return strcmp(carnet_json_string(test, "result"), "valid") == 0;
}

/* By the tag alone, in two pieces. */
static bool
suite_holds(const uint8_t *key, const uint8_t *ad, size_t ad_len,
    const uint8_t *sealed, size_t len)
{
	struct seal_check *check = seal_check_begin(key, ad, ad_len, len);

	assert_non_null(check);
	seal_check_more(check, sealed, len / 2);
	seal_check_more(check, sealed + len / 2, len - len / 2);
	return seal_check_end(check);
}

/* One row of AEAD: nonce, text and tag in our own order. */
static void
aead_row(const cJSON *test)
{
	size_t key_len, iv_len, ad_len, msg_len, ct_len, tag_len;
	uint8_t *key = suite_bytes(test, "key", &key_len);
	uint8_t *iv = suite_bytes(test, "iv", &iv_len);
	uint8_t *ad = suite_bytes(test, "aad", &ad_len);
	uint8_t *msg = suite_bytes(test, "msg", &msg_len);
	uint8_t *ct = suite_bytes(test, "ct", &ct_len);
	uint8_t *tag = suite_bytes(test, "tag", &tag_len);
	uint8_t *sealed = malloc(iv_len + ct_len + tag_len);
	uint8_t *plain = malloc(ct_len + 1);
	bool is_open, is_authentic = false;

	assert_non_null(sealed);
	assert_non_null(plain);
	assert_int_equal(key_len, 32);
	memcpy(sealed, iv, iv_len);
	memcpy(sealed + iv_len, ct, ct_len);
	memcpy(sealed + iv_len + ct_len, tag, tag_len);
	is_open =
	    unseal(key, ad, ad_len, sealed, iv_len + ct_len + tag_len, plain);
	assert_int_equal(is_open, suite_is_valid(test));
	if (is_open) {
		assert_int_equal(msg_len, ct_len);
		assert_memory_equal(plain, msg, msg_len);
	}
	/* the other maker, which long messages go to */
	memset(plain, 0xa5, ct_len + 1);
	assert_true(unseal_long(key, ad, ad_len, sealed,
	    iv_len + ct_len + tag_len, plain, &is_authentic));
	assert_int_equal(is_authentic, suite_is_valid(test));
	if (is_authentic)
		assert_memory_equal(plain, msg, msg_len);
	assert_int_equal(
	    suite_holds(key, ad, ad_len, sealed, iv_len + ct_len + tag_len),
	    suite_is_valid(test));
	free(key);
	free(iv);
	free(ad);
	free(msg);
	free(ct);
	free(tag);
	free(sealed);
	free(plain);
}

static void
xchacha20_poly1305(void **state)
{
	cJSON *json = suite_load("xchacha20_poly1305");
	const cJSON *group, *test;
	int64_t iv_size = 0;
	size_t rows = 0;

	(void)state;
	if (json == NULL)
		skip();
	cJSON_ArrayForEach(group, carnet_json_get(json, "testGroups"))
	{
		/* our nonces have 24 bytes by construction */
		if (!carnet_json_int(group, "ivSize", &iv_size) ||
		    iv_size != 192)
			continue;
		cJSON_ArrayForEach(test, carnet_json_get(group, "tests"))
		{
			aead_row(test);
			rows++;
		}
	}
	assert_true(rows > 250);
	cJSON_Delete(json);
}

/* Through sign_verify where the message has a NUL to split it at. */
static bool
ed25519_verifies(
    const uint8_t *key, const uint8_t *msg, size_t msg_len, const uint8_t *sig)
{
	size_t context = strnlen((const char *)msg, msg_len);

	if (context < msg_len)
		return sign_verify(key, (const char *)msg, msg + context + 1,
		    msg_len - context - 1, sig);
	return crypto_sign_verify_detached(sig, msg, msg_len, key) == 0;
}

static void
ed25519(void **state)
{
	cJSON *json = suite_load("ed25519");
	const cJSON *group, *test;
	size_t rows = 0;

	(void)state;
	if (json == NULL)
		skip();
	cJSON_ArrayForEach(group, carnet_json_get(json, "testGroups"))
	{
		size_t key_len;
		uint8_t *key = suite_bytes(
		    carnet_json_get(group, "publicKey"), "pk", &key_len);

		assert_int_equal(key_len, SIGN_PUBLIC_LEN);
		cJSON_ArrayForEach(test, carnet_json_get(group, "tests"))
		{
			size_t msg_len, sig_len;
			uint8_t *msg = suite_bytes(test, "msg", &msg_len);
			uint8_t *sig = suite_bytes(test, "sig", &sig_len);

			/* ours have 64 bytes by construction */
			if (sig_len == SIGN_LEN) {
				assert_int_equal(
				    ed25519_verifies(key, msg, msg_len, sig),
				    suite_is_valid(test));
				rows++;
			} else
				assert_false(suite_is_valid(test));
			free(msg);
			free(sig);
		}
		free(key);
	}
	assert_true(rows > 100);
	cJSON_Delete(json);
}

/* One exchange, as a recipient of an age file makes it. */
static bool
x25519_row(const cJSON *test)
{
	size_t len;
	uint8_t *other = suite_bytes(test, "public", &len);
	uint8_t *private = suite_bytes(test, "private", &len);
	uint8_t *shared = suite_bytes(test, "shared", &len);
	static const uint8_t nonce[12];
	const uint8_t file_key[AGE_FILE_KEY_LEN] = "known answer 16";
	uint8_t salt[2 * AGE_PUBLIC_LEN], key[AGE_KEY_LEN];
	uint8_t opened[AGE_FILE_KEY_LEN] = { 0 };
	struct secret *secret = secret_from(private, 32);
	const struct age_identity identity = { .x25519 = secret };
	struct age_stanza stanza = { .is_x25519 = true };
	enum carnet_status status;

	assert_int_equal(len, 32);
	assert_non_null(secret);
	/* the sender's side, from the known answer alone */
	memcpy(stanza.share, other, AGE_PUBLIC_LEN);
	memcpy(salt, other, AGE_PUBLIC_LEN);
	assert_int_equal(
	    crypto_scalarmult_base(salt + AGE_PUBLIC_LEN, private), 0);
	age_derive(shared, 32, salt, sizeof(salt),
	    "age-encryption.org/v1/X25519", key);
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(stanza.body, NULL,
	    file_key, sizeof(file_key), NULL, 0, NULL, nonce, key);
	status = age_unwrap(&stanza, &identity, opened, NULL);
	if (sodium_is_zero(shared, 32))
		/* of a low order: age.md has it refused */
		assert_int_equal(status, CARNET_DAMAGED);
	else {
		assert_int_equal(status, CARNET_OK);
		assert_memory_equal(opened, file_key, sizeof(file_key));
	}
	secret_free(secret);
	free(other);
	free(private);
	free(shared);
	return true;
}

/* HKDF as age_derive gives it: 32 bytes, an info without NUL. */
static bool
hkdf_row(const cJSON *test)
{
	size_t ikm_len, salt_len, info_len, okm_len;
	uint8_t *ikm = suite_bytes(test, "ikm", &ikm_len);
	uint8_t *salt = suite_bytes(test, "salt", &salt_len);
	uint8_t *info = suite_bytes(test, "info", &info_len);
	uint8_t *okm = suite_bytes(test, "okm", &okm_len);
	uint8_t key[AGE_KEY_LEN];
	bool fits = suite_is_valid(test) && memchr(info, 0, info_len) == NULL;

	if (fits) {
		info[info_len] = '\0';
		age_derive(
		    ikm, ikm_len, salt, salt_len, (const char *)info, key);
		/* what is asked for more or less of begins alike */
		assert_memory_equal(
		    key, okm, okm_len < sizeof(key) ? okm_len : sizeof(key));
	}
	free(ikm);
	free(salt);
	free(info);
	free(okm);
	return fits;
}

/* HMAC-SHA-256 in parts, as age_key.c calls it; tags may be cut. */
static bool
hmac_row(const cJSON *test)
{
	size_t key_len, msg_len, tag_len;
	uint8_t *key = suite_bytes(test, "key", &key_len);
	uint8_t *msg = suite_bytes(test, "msg", &msg_len);
	uint8_t *tag = suite_bytes(test, "tag", &tag_len);
	uint8_t made[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;

	assert_true(tag_len <= sizeof(made));
	(void)crypto_auth_hmacsha256_init(&state, key, key_len);
	(void)crypto_auth_hmacsha256_update(&state, msg, msg_len / 2);
	(void)crypto_auth_hmacsha256_update(
	    &state, msg + msg_len / 2, msg_len - msg_len / 2);
	(void)crypto_auth_hmacsha256_final(&state, made);
	assert_int_equal(memcmp(made, tag, tag_len) == 0, suite_is_valid(test));
	free(key);
	free(msg);
	free(tag);
	return true;
}

/* Calls row for each test of a suite; how many of them applied. */
static size_t
suite_rows(const char *name, bool (*row)(const cJSON *test))
{
	cJSON *json = suite_load(name);
	const cJSON *group, *test;
	size_t rows = 0;

	if (json == NULL)
		skip();
	cJSON_ArrayForEach(group, carnet_json_get(json, "testGroups"))
	    cJSON_ArrayForEach(test, carnet_json_get(group, "tests")) rows +=
	    row(test);
	cJSON_Delete(json);
	return rows;
}

static void
x25519(void **state)
{
	(void)state;
	assert_true(suite_rows("x25519", x25519_row) > 500);
}

static void
hkdf_sha256(void **state)
{
	(void)state;
	assert_true(suite_rows("hkdf_sha256", hkdf_row) > 80);
}

static void
hmac_sha256(void **state)
{
	(void)state;
	assert_true(suite_rows("hmac_sha256", hmac_row) > 170);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xchacha20_poly1305),
		cmocka_unit_test(ed25519),
		cmocka_unit_test(x25519),
		cmocka_unit_test(hkdf_sha256),
		cmocka_unit_test(hmac_sha256),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
