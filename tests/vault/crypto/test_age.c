/* SPDX-License-Identifier: ISC */
/* age files: what goes in comes out, and what age.md forbids is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "age_inside.h"
#include "bech32.h"

#define CHUNK AGE_CHUNK_LEN
#define WORK 4 /* scrypt: fast enough for a test */

struct bytes {
	uint8_t *at;
	size_t len, read;
};

static bool
bytes_take(void *context, const uint8_t *bytes, size_t len)
{
	struct bytes *to = context;

	to->at = realloc(to->at, to->len + len + 1);
	assert_non_null(to->at);
	memcpy(to->at + to->len, bytes, len);
	to->len += len;
	return true;
}

static ptrdiff_t
bytes_give(void *context, uint8_t *bytes, size_t len)
{
	struct bytes *from = context;
	size_t left = from->len - from->read;
	/* short reads are usual */
	size_t part = len > 1000 ? len - len / 3 : len;

	if (part > left)
		part = left;
	memcpy(bytes, from->at + from->read, part);
	from->read += part;
	return (ptrdiff_t)part;
}

struct pair {
	struct secret *secret;
	uint8_t public_key[AGE_PUBLIC_LEN];
};

static struct pair
pair_new(void)
{
	struct pair pair = { .secret = secret_random(32) };

	assert_non_null(pair.secret);
	(void)crypto_scalarmult_base(pair.public_key, secret_peek(pair.secret));
	return pair;
}

static struct bytes
write_file(const struct age_to *to, const uint8_t *plain, size_t len)
{
	struct age_writer *writer = NULL;
	struct bytes file = { 0 };

	assert_int_equal(
	    age_write_begin(to, bytes_take, &file, &writer, NULL), CARNET_OK);
	/* in two pieces */
	assert_int_equal(
	    age_write_more(writer, plain, len / 3, NULL), CARNET_OK);
	assert_int_equal(
	    age_write_more(writer, plain + len / 3, len - len / 3, NULL),
	    CARNET_OK);
	assert_int_equal(age_write_end(writer, NULL), CARNET_OK);
	return file;
}

static enum carnet_status
read_file(struct bytes *file, const struct age_identity *identity,
    struct bytes *ret_plain)
{
	struct carnet_error err = { 0 };

	file->read = 0;
	*ret_plain = (struct bytes){ 0 };
	return age_read(
	    bytes_give, file, identity, bytes_take, ret_plain, &err);
}

static void
what_goes_in_comes_out(void **state)
{
	static const size_t sizes[] = { 0, 1, 100, CHUNK - 1, CHUNK, CHUNK + 1,
		2 * CHUNK, 3 * CHUNK + 5 };
	struct pair one = pair_new(), two = pair_new(), other = pair_new();
	uint8_t recipients[2][AGE_PUBLIC_LEN];
	uint8_t *plain = malloc(4 * CHUNK);

	(void)state;
	memcpy(recipients[0], one.public_key, AGE_PUBLIC_LEN);
	memcpy(recipients[1], two.public_key, AGE_PUBLIC_LEN);
	randombytes_buf(plain, 4 * CHUNK);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct age_to to = { recipients[0], 2, NULL, 0 };
		struct bytes file = write_file(&to, plain, sizes[i]), back;
		const struct secret *secrets[] = { one.secret, two.secret };

		for (size_t j = 0; j < 2; j++) {
			struct age_identity identity = { secrets[j], NULL };

			assert_int_equal(
			    read_file(&file, &identity, &back), CARNET_OK);
			assert_int_equal(back.len, sizes[i]);
			if (back.len > 0)
				assert_memory_equal(back.at, plain, back.len);
			free(back.at);
		}
		assert_int_equal(
		    read_file(&file,
			&(struct age_identity){ other.secret, NULL }, &back),
		    CARNET_WRONG_KEY);
		assert_int_equal(back.len, 0);
		free(back.at);
		free(file.at);
	}
	free(plain);
	secret_free(one.secret);
	secret_free(two.secret);
	secret_free(other.secret);
}

static void
a_passphrase_opens_its_file_alone(void **state)
{
	struct secret *right = secret_from("five plums", 10);
	struct secret *wrong = secret_from("six plums", 9);
	struct age_to to = { NULL, 0, right, WORK };
	struct bytes file = write_file(&to, (const uint8_t *)"hello", 5), back;

	(void)state;
	assert_int_equal(
	    read_file(&file, &(struct age_identity){ NULL, right }, &back),
	    CARNET_OK);
	assert_int_equal(back.len, 5);
	assert_memory_equal(back.at, "hello", 5);
	free(back.at);
	assert_int_equal(
	    read_file(&file, &(struct age_identity){ NULL, wrong }, &back),
	    CARNET_WRONG_KEY);
	free(back.at);
	free(file.at);
	secret_free(right);
	secret_free(wrong);
}

/* --- malformed ------------------------------------------------------------ */

/* Replaces the first `from` by `to`, which may differ in length. */
static struct bytes
changed(const struct bytes *file, const char *from, const char *to)
{
	uint8_t *found = memmem(file->at, file->len, from, strlen(from));
	struct bytes made = { 0 };
	size_t before;

	assert_non_null(found);
	before = (size_t)(found - file->at);
	(void)bytes_take(&made, file->at, before);
	(void)bytes_take(&made, (const uint8_t *)to, strlen(to));
	(void)bytes_take(
	    &made, found + strlen(from), file->len - before - strlen(from));
	return made;
}

static void
malformed_headers_are_refused(void **state)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{ "org/v1\n", "org/v2\n" },
		{ "org/v1\n", "org/v1\r\n" },
		{ "org/v1\n", "org/v1 \n" },
		{ "age-", " age-" },
		{ "-> X25519 ", "-> x25519 " }, /* unknown: then no recipient */
		{ "-> X25519 ", "->X25519 " },
		{ "-> X25519 ", "->  X25519 " },
		{ "-> X25519 ", "-> X25519  " },
		{ "-> X25519 ", "-> X25519 extra " },
		{ "-> X25519 ", "--> " },
		{ "-> X25519 ", "-> X25519 \xc3\xa9" },
		{ "\n--- ", "\n\n--- " },
		{ "\n--- ", "\n---  " },
		{ "\n--- ", "\n---" },
		{ "\n--- ", "=\n--- " },
		{ "\n--- ", "A\n--- " },
		{ "\n--- ", "\n-- " },
		{ "\n--- ", "\n-> grease\n--- " }, /* no body */
		{ "\n--- ",
		    "\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\n"
		    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n--- " },
	};
	struct pair pair = pair_new();
	struct age_to to = { pair.public_key, 1, NULL, 0 };
	struct age_identity identity = { pair.secret, NULL };
	struct bytes file = write_file(&to, (const uint8_t *)"hello", 5), back;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bad = changed(&file, cases[i].from, cases[i].to);
		enum carnet_status status = read_file(&bad, &identity, &back);

		if (status != CARNET_DAMAGED && status != CARNET_WRONG_KEY)
			fail_msg("case %zu: %d", i, (int)status);
		assert_int_equal(back.len, 0);
		free(back.at);
		free(bad.at);
	}
	free(file.at);
	secret_free(pair.secret);
}

static void
scrypt_is_bounded_and_alone(void **state)
{
	static const struct {
		const char *from, *to;
		enum carnet_status status;
	} cases[] = {
		{ " 4\n", " 04\n", CARNET_DAMAGED },
		{ " 4\n", " +4\n", CARNET_DAMAGED },
		{ " 4\n", " 4 \n", CARNET_DAMAGED },
		{ " 4\n", "\n", CARNET_DAMAGED },
		{ " 4\n", " 4 4\n", CARNET_DAMAGED },
		{ " 4\n", " 0\n", CARNET_DAMAGED },
		{ " 4\n", " 64\n", CARNET_DAMAGED },
		{ " 4\n", " 23\n", CARNET_UNSUPPORTED },
		{ " 4\n", " 5\n", CARNET_WRONG_KEY },
		{ "\n-> scrypt", "\n-> grease\n\n-> scrypt", CARNET_DAMAGED },
	};
	struct secret *phrase = secret_from("five plums", 10);
	struct age_to to = { NULL, 0, phrase, WORK };
	struct bytes file = write_file(&to, (const uint8_t *)"hello", 5), back;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bad = changed(&file, cases[i].from, cases[i].to);

		if (read_file(&bad, &(struct age_identity){ NULL, phrase },
			&back) != cases[i].status)
			fail_msg("case %zu", i);
		free(back.at);
		free(bad.at);
	}
	free(file.at);
	secret_free(phrase);
}

static void
others_stanzas_are_passed_over(void **state)
{
	struct pair pair = pair_new();
	uint8_t file_key[AGE_FILE_KEY_LEN] = { 7 };
	struct age_stanza stanza;
	struct age_header header;
	char text[2000];
	char *written = NULL;
	size_t len = 0;

	(void)state;
	assert_int_equal(
	    age_wrap_x25519(file_key, pair.public_key, &stanza, NULL),
	    CARNET_OK);
	assert_int_equal(
	    age_header_write(file_key, &stanza, 1, &written, &len, NULL),
	    CARNET_OK);
	/* a body of one full line and an empty one, then ours */
	(void)snprintf(text, sizeof(text), "%s\n-> grease a b c\n%s\n\n%s",
	    AGE_VERSION,
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    written + strlen(AGE_VERSION) + 1);
	assert_int_equal(
	    age_header_parse(text, strlen(text), &header, NULL), CARNET_OK);
	assert_int_equal(header.stanzas_len, 1);
	free(written);
	secret_free(pair.secret);
}

static void
a_changed_payload_is_refused(void **state)
{
	struct pair pair = pair_new();
	struct age_to to = { pair.public_key, 1, NULL, 0 };
	struct age_identity identity = { pair.secret, NULL };
	uint8_t *plain = calloc(1, 3 * CHUNK);
	struct bytes file = write_file(&to, plain, 2 * CHUNK + 10), back;
	size_t sealed = CHUNK + AGE_TAG_LEN;
	size_t header = file.len - 2 * sealed - 10 - AGE_TAG_LEN;
	uint8_t *swap = malloc(sealed);

	(void)state;
	/* cut: inside, at a chunk's end, one byte, before the nonce */
	for (size_t cut = 1; cut < file.len; cut += cut < 40 ? 1 : 7919) {
		struct bytes bad = { file.at, file.len - cut, 0 };

		assert_int_not_equal(
		    read_file(&bad, &identity, &back), CARNET_OK);
		free(back.at);
	}
	for (size_t chunks = 0; chunks < 3; chunks++) {
		struct bytes bad = { file.at, header + chunks * sealed, 0 };

		assert_int_equal(
		    read_file(&bad, &identity, &back), CARNET_DAMAGED);
		free(back.at);
	}
	/* every byte of the header, some of the payload */
	for (size_t i = 0; i < file.len; i += i < header + 20 ? 1 : 9973) {
		file.at[i] ^= 1;
		assert_int_not_equal(
		    read_file(&file, &identity, &back), CARNET_OK);
		free(back.at);
		file.at[i] ^= 1;
	}
	/* something behind the end; chunks in another order */
	(void)bytes_take(&file, (const uint8_t *)"x", 1);
	assert_int_equal(read_file(&file, &identity, &back), CARNET_DAMAGED);
	free(back.at);
	file.len--;
	memcpy(swap, file.at + header, sealed);
	memmove(file.at + header, file.at + header + sealed, sealed);
	memcpy(file.at + header + sealed, swap, sealed);
	assert_int_equal(read_file(&file, &identity, &back), CARNET_DAMAGED);
	assert_int_equal(back.len, 0);
	free(back.at);
	free(swap);
	free(plain);
	free(file.at);
	secret_free(pair.secret);
}

static void
recipients_are_checked(void **state)
{
	static const char *const bad[] = {
		"",
		"age1",
		"age1abc",
		"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8"
		"q",
		"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8",
		"Age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8"
		"p",
		"agf1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8"
		"p",
		"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
		" ",
	};
	static const char good[] = /* of age's own manual */
	    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
	uint8_t key[AGE_PUBLIC_LEN], low_order[1][AGE_PUBLIC_LEN] = { { 0 } };
	struct age_writer *writer = NULL;
	struct bytes file = { 0 };
	char text[80];

	(void)state;
	assert_int_equal(age_recipient_parse(good, key, NULL), CARNET_OK);
	bech32_encode("age", key, sizeof(key), text);
	assert_string_equal(text, good);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (age_recipient_parse(bad[i], key, NULL) != CARNET_INVALID)
			fail_msg("case %zu", i);
	assert_int_equal(
	    age_write_begin(&(struct age_to){ low_order[0], 1, NULL, 0 },
		bytes_take, &file, &writer, NULL),
	    CARNET_INVALID);
	assert_int_equal(age_write_begin(&(struct age_to){ 0 }, bytes_take,
			     &file, &writer, NULL),
	    CARNET_INVALID);
	assert_int_equal(file.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(a_passphrase_opens_its_file_alone),
		cmocka_unit_test(malformed_headers_are_refused),
		cmocka_unit_test(scrypt_is_bounded_and_alone),
		cmocka_unit_test(others_stanzas_are_passed_over),
		cmocka_unit_test(a_changed_payload_is_refused),
		cmocka_unit_test(recipients_are_checked),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
