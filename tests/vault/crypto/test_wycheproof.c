/* SPDX-License-Identifier: ISC */
/*
 * Wycheproof's known answers, where the environment names the corpora
 * (CARNET_CORPORA): XChaCha20-Poly1305 through unseal, Ed25519.
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

#include "seal.h"
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
	bool is_open;

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xchacha20_poly1305),
		cmocka_unit_test(ed25519),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
