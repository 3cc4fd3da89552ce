/* SPDX-License-Identifier: ISC */
/*
 * tests/vectors/header.json, which a second implementation wrote: read,
 * opened with passphrase and words, and written again byte for byte.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "header_fixture.h"
#include "kdf.h"
#include "keys.h"
#include "words.h"

static const char *vector_path;

static cJSON *
vector_load(void)
{
	static char text[65536];
	FILE *file = fopen(vector_path, "r");
	cJSON *json = NULL;
	size_t len;

	assert_non_null(file);
	len = fread(text, 1, sizeof(text), file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(carnet_json_parse(text, len, &json, NULL), CARNET_OK);
	return json;
}

/* The bytes of a hex field; the caller frees. */
static uint8_t *
vector_bytes(const cJSON *json, const char *name, size_t *ret_len)
{
	const char *hex = carnet_json_string(json, name);
	uint8_t *bytes;

	assert_non_null(hex);
	*ret_len = strlen(hex) / 2;
	bytes = malloc(*ret_len + 1);
	assert_non_null(bytes);
	assert_true(hex_decode(hex, bytes, *ret_len));
	return bytes;
}

static struct secret *
vector_secret(const cJSON *json, const char *name)
{
	size_t len = 0;
	uint8_t *bytes = vector_bytes(json, name, &len);
	struct secret *secret = secret_from(bytes, len);

	assert_non_null(secret);
	free(bytes);
	return secret;
}

static struct header *
vector_header(const cJSON *json)
{
	struct header *header = NULL;
	size_t len = 0;
	uint8_t *copy = vector_bytes(json, "copy", &len);

	assert_int_equal(header_parse(copy, len, &header, NULL), CARNET_OK);
	free(copy);
	return header;
}

static void
subkeys_agree(void **state)
{
	static const char *const uses[KEY_USE_MAX] = { "index", "names", "gear",
		"packs", "ledger", "header", "ids", "device", "manifests",
		"signers" };
	cJSON *json = vector_load();
	struct secret *master = vector_secret(json, "master");
	struct keys *keys = NULL;

	(void)state;
	assert_int_equal(keys_derive(master, &keys, NULL), CARNET_OK);
	for (int i = 0; i < KEY_USE_MAX; i++) {
		char hex[2 * KEY_LEN + 1];

		hex_encode(keys_get(keys, (enum key_use)(i + 1)), KEY_LEN, hex);
		assert_string_equal(
		    hex, carnet_json_string(
			     carnet_json_get(json, "subkeys"), uses[i]));
	}
	keys_free(keys);
	secret_free(master);
	cJSON_Delete(json);
}

static void
the_passphrase_opens(void **state)
{
	cJSON *json = vector_load();
	struct header *header = vector_header(json);
	struct secret *wanted = vector_secret(json, "master");
	struct secret *passphrase = vector_secret(json, "passphrase_utf8");
	struct secret *master = NULL;
	char slot[SLOT_ID_TEXT] = "";

	(void)state;
	assert_int_equal(header_sequence(header), 41);
	assert_int_equal(header_slot_count(header), 2);
	assert_int_equal(
	    header_open_passphrase(header, passphrase, &master, slot, NULL),
	    CARNET_OK);
	assert_string_equal(slot, "kpassword");
	assert_memory_equal(secret_peek(master), secret_peek(wanted), KEY_LEN);
	secret_free(master);
	secret_free(passphrase);
	secret_free(wanted);
	header_free(header);
	cJSON_Delete(json);
}

static void
the_words_open_in_both_languages(void **state)
{
	static const char *const langs[] = { "fr", "en" };
	cJSON *json = vector_load();
	struct header *header = vector_header(json);
	struct secret *wanted = vector_secret(json, "master");
	struct secret *entropy = vector_secret(json, "recovery_entropy");

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const char *text = carnet_json_string(
		    carnet_json_get(json, "recovery_words"), langs[i]);
		struct secret *words = NULL, *master = NULL;
		char slot[SLOT_ID_TEXT] = "";

		assert_non_null(text);
		assert_int_equal(
		    words_encode(secret_peek(entropy), langs[i], &words, NULL),
		    CARNET_OK);
		assert_int_equal(secret_len(words), strlen(text));
		assert_memory_equal(secret_peek(words), text, strlen(text));
		assert_int_equal(
		    header_open_words(header, words, &master, slot, NULL),
		    CARNET_OK);
		assert_string_equal(slot, "krecovery");
		assert_memory_equal(
		    secret_peek(master), secret_peek(wanted), KEY_LEN);
		secret_free(master);
		secret_free(words);
	}
	secret_free(entropy);
	secret_free(wanted);
	header_free(header);
	cJSON_Delete(json);
}

static void
derivations_agree(void **state)
{
	cJSON *json = vector_load();
	const cJSON *slots = carnet_json_get(json, "slots");
	struct secret *passphrase = vector_secret(json, "passphrase_utf8");
	struct secret *entropy = vector_secret(json, "recovery_entropy");
	struct kdf_setting setting = { .ops = 2, .mem_kib = 65536 };
	struct secret *out = NULL;
	uint8_t *wanted, recovered[KDF_LEN], *vault;
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < KDF_SALT_LEN; i++)
		setting.salt[i] = (uint8_t)(0x40 + i);
	assert_int_equal(
	    kdf_passphrase(&setting, passphrase, &out, NULL), CARNET_OK);
	wanted = vector_bytes(cJSON_GetArrayItem(slots, 0), "derived", &len);
	assert_int_equal(len, KDF_LEN);
	assert_memory_equal(secret_peek(out), wanted, KDF_LEN);
	free(wanted);
	vault = vector_bytes(json, "vault", &len);
	kdf_recovery(secret_peek(entropy), vault, "krecovery", recovered);
	wanted = vector_bytes(cJSON_GetArrayItem(slots, 1), "derived", &len);
	assert_memory_equal(recovered, wanted, KDF_LEN);
	free(wanted);
	free(vault);
	secret_free(out);
	secret_free(entropy);
	secret_free(passphrase);
	cJSON_Delete(json);
}

/* The next store writes what the other implementation would have. */
static void
it_is_written_byte_for_byte(void **state)
{
	char path[] = "/tmp/carnet-vector-XXXXXX";
	cJSON *json = vector_load();
	struct header *header = vector_header(json);
	struct secret *master = vector_secret(json, "master");
	static const char *const names[] = { "carnet.head", "carnet.head.1" };
	uint8_t *wanted, there[8192];
	size_t len = 0;
	int dir;

	(void)state;
	wanted = vector_bytes(json, "copy_after_next_store", &len);
	assert_non_null(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY);
	assert_true(dir >= 0);
	assert_int_equal(header_store(dir, header, master, NULL), CARNET_OK);
	for (size_t i = 0; i < 2; i++) {
		int fd = openat(dir, names[i], O_RDONLY);

		assert_true(fd >= 0);
		assert_int_equal(read(fd, there, sizeof(there)), len);
		assert_memory_equal(there, wanted, len);
		assert_int_equal(close(fd), 0);
		assert_int_equal(unlinkat(dir, names[i], 0), 0);
	}
	assert_int_equal(close(dir), 0);
	assert_int_equal(rmdir(path), 0);
	free(wanted);
	secret_free(master);
	header_free(header);
	cJSON_Delete(json);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subkeys_agree),
		cmocka_unit_test(the_passphrase_opens),
		cmocka_unit_test(the_words_open_in_both_languages),
		cmocka_unit_test(derivations_agree),
		cmocka_unit_test(it_is_written_byte_for_byte),
	};

	if (argc != 2)
		return 2;
	vector_path = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
