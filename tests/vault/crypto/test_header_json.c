/* SPDX-License-Identifier: ISC */
/*
 * A copy's bytes, hostile or hurt: each row edits a good header's JSON and
 * gives it a right checksum, so that only the named check can refuse it.
 */
#include <stdio.h>

#include "header_fixture.h"

#define HEX16 "000102030405060708090a0b0c0d0e0f"
#define HEX32 HEX16 HEX16
#define HEX72 HEX32 HEX32 "0001020304050607"
#define HEAD                                                                   \
	"{\"format\":\"carnet header\",\"version\":1,\"id\":\"" HEX16          \
	"\",\"sequence\":7,"
#define KDF                                                                    \
	"\"kdf\":{\"alg\":\"argon2id\",\"salt\":\"" HEX16                      \
	"\",\"ops\":2,\"mem_kib\":65536},"
#define SLOT(id)                                                               \
	"{\"id\":\"" id "\",\"kind\":\"passphrase\",\"created\":\""            \
	"2026-03-05\",\"commitment\":\"" HEX32 "\",\"wrapped\":\"" HEX72 "\"}"
#define GOOD HEAD KDF "\"slots\":[" SLOT("kaaaaaaaa") "]}\n"

static enum carnet_status
parse_text(
    const char *json, size_t len, struct header **ret, struct carnet_error *err)
{
	size_t copy_len = 0;
	uint8_t *copy = fixture_copy(json, len, &copy_len);
	enum carnet_status status = header_parse(copy, copy_len, ret, err);

	free(copy);
	return status;
}

/* The good header with the first `from` replaced by `to`. */
static char *
edited(const char *from, const char *to)
{
	const char *at = strstr(GOOD, from);
	size_t size = strlen(GOOD) + strlen(to) + 1;
	char *text = malloc(size);

	assert_non_null(at);
	assert_non_null(text);
	(void)snprintf(text, size, "%.*s%s%s", (int)(at - GOOD), GOOD, to,
	    at + strlen(from));
	return text;
}

static void
the_pattern_itself_is_good(void **state)
{
	struct header *header = NULL;
	struct carnet_error err = { 0 };

	(void)state;
	if (parse_text(GOOD, strlen(GOOD), &header, &err) != CARNET_OK)
		fail_msg("%s", err.message);
	assert_int_equal(header_sequence(header), 7);
	assert_int_equal(header_kdf(header).ops, 2);
	assert_int_equal(header_id(header)[15], 15);
	header_free(header);
}

static void
hostile_fields_are_refused(void **state)
{
	static const struct {
		const char *name, *from, *to;
	} rows[] = {
		{ "ops below the floor", "\"ops\":2", "\"ops\":1" },
		{ "no passes", "\"ops\":2", "\"ops\":0" },
		{ "negative passes", "\"ops\":2", "\"ops\":-2" },
		{ "too many passes", "\"ops\":2", "\"ops\":21" },
		{ "2^32 passes", "\"ops\":2", "\"ops\":4294967296" },
		{ "2^32 + 2 passes", "\"ops\":2", "\"ops\":4294967298" },
		{ "half a pass", "\"ops\":2", "\"ops\":2.5" },
		{ "passes as text", "\"ops\":2", "\"ops\":\"2\"" },
		{ "passes beyond double", "\"ops\":2", "\"ops\":1e999" },
		{ "64 GiB", "65536", "67108864" },
		{ "4 GiB and a bit", "65536", "4194305" },
		{ "memory of 2^32 KiB", "65536", "4294967296" },
		{ "memory below the floor", "65536", "65535" },
		{ "8 MiB", "65536", "8192" },
		{ "no memory", "65536", "0" },
		{ "another algorithm", "argon2id", "argon2i" },
		{ "algorithm in capitals", "argon2id", "Argon2id" },
		{ "short salt", "\"salt\":\"00", "\"salt\":\"" },
		{ "long salt", "\"salt\":\"", "\"salt\":\"00" },
		{ "salt in capitals", "\"salt\":\"000102030405060708090a",
		    "\"salt\":\"000102030405060708090A" },
		{ "salt missing", "\"salt\":\"" HEX16 "\",", "" },
		{ "field in the KDF", "\"ops\":2", "\"ops\":2,\"lanes\":1" },
		{ "KDF a list", KDF, "\"kdf\":[]," },
		{ "KDF missing", KDF, "" },
		{ "unknown field", "\"sequence\":7",
		    "\"sequence\":7,\"x\":null" },
		{ "doubled field", "\"sequence\":7",
		    "\"sequence\":7,\"sequence\":8" },
		{ "field in capitals", "\"sequence\"", "\"Sequence\"" },
		{ "short id", "\"id\":\"00", "\"id\":\"" },
		{ "no hex", "\"id\":\"00", "\"id\":\"0g" },
		{ "negative sequence", "\"sequence\":7", "\"sequence\":-7" },
		{ "sequence of 2^53", "\"sequence\":7",
		    "\"sequence\":9007199254740992" },
		{ "sequence as text", "\"sequence\":7", "\"sequence\":\"7\"" },
		{ "version 0", "\"version\":1", "\"version\":0" },
		{ "version as text", "\"version\":1", "\"version\":\"1\"" },
		{ "another format", "carnet header", "carnet index" },
		{ "format missing", "\"format\":\"carnet header\",", "" },
		{ "no slot", SLOT("kaaaaaaaa"), "" },
		{ "slots an object", "[" SLOT("kaaaaaaaa") "]", "{}" },
		{ "slot a number", SLOT("kaaaaaaaa"), "1" },
		{ "doubled slot", "\"slots\":[",
		    "\"slots\":[" SLOT("kaaaaaaaa") "," },
		{ "slot id too short", "kaaaaaaaa", "kaaaaaaa" },
		{ "slot id too long", "kaaaaaaaa", "kaaaaaaaaa" },
		{ "slot id of another letter", "kaaaaaaaa", "saaaaaaaa" },
		{ "slot id no base32", "kaaaaaaaa", "kaaaaaaa1" },
		{ "unknown kind", "\"passphrase\"", "\"fido2\"" },
		{ "no such day", "2026-03-05", "2026-02-30" },
		{ "short commitment", "\"commitment\":\"00",
		    "\"commitment\":\"" },
		{ "long commitment", "\"commitment\":\"",
		    "\"commitment\":\"00" },
		{ "short wrapping", "\"wrapped\":\"00", "\"wrapped\":\"" },
		{ "long wrapping", "\"wrapped\":\"", "\"wrapped\":\"00" },
		{ "field in a slot", "\"created\"", "\"x\":1,\"created\"" },
		{ "truncated", "]}\n", "]" },
		{ "trailing comma", "]}\n", "],}" },
		{ "an array", "{\"format\"", "[{\"format\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = edited(rows[i].from, rows[i].to);
		struct header *header = NULL;
		struct carnet_error err = { 0 };

		if (parse_text(text, strlen(text), &header, &err) !=
		    CARNET_DAMAGED)
			fail_msg("%s was taken: %s", rows[i].name, err.message);
		assert_null(header);
		free(text);
	}
}

static void
the_highest_allowed_is_taken(void **state)
{
	static const char *const rows[][2] = { { "\"ops\":2", "\"ops\":20" },
		{ "65536", "4194304" },
		{ "\"sequence\":7", "\"sequence\":9007199254740991" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = edited(rows[i][0], rows[i][1]);
		struct header *header = NULL;

		assert_int_equal(
		    parse_text(text, strlen(text), &header, NULL), CARNET_OK);
		header_free(header);
		free(text);
	}
}

static void
a_newer_version_is_named(void **state)
{
	/* whatever a newer one holds, its version is told first */
	static const char *const rows[][2] = { { "\"version\":1",
						   "\"version\":2" },
		{ "\"version\":1", "\"version\":2,\"x\":[]" },
		{ HEAD, "{\"format\":\"carnet header\",\"version\":2," } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = edited(rows[i][0], rows[i][1]);
		struct header *header = NULL;
		struct carnet_error err = { 0 };

		assert_int_equal(parse_text(text, strlen(text), &header, &err),
		    CARNET_NEWER);
		assert_non_null(strstr(err.message, "version 2"));
		assert_null(header);
		free(text);
	}
}

static void
too_many_slots_are_refused(void **state)
{
	static char text[HEADER_MAX_LEN];
	struct header *header = NULL;
	size_t len;

	(void)state;
	for (int slots = 32; slots <= 33; slots++) {
		len = (size_t)sprintf(text, "%s", HEAD KDF "\"slots\":[");
		for (int i = 0; i < slots; i++) {
			char *id;

			len += (size_t)sprintf(text + len, "%s%s",
			    i > 0 ? "," : "", SLOT("kaaaaaaaa"));
			id = strstr(text + len - strlen(SLOT("kaaaaaaaa")),
			    "kaaaaaaaa");
			id[1] = (char)('a' + i % 26);
			id[2] = (char)('a' + i / 26);
		}
		len += (size_t)sprintf(text + len, "]}");
		assert_int_equal(parse_text(text, len, &header, NULL),
		    slots == 32 ? CARNET_OK : CARNET_DAMAGED);
		header_free(header);
		header = NULL;
	}
}

static void
depth_and_size_are_bounded(void **state)
{
	char *text = malloc(2 * HEADER_MAX_LEN);
	struct header *header = NULL;

	(void)state;
	assert_non_null(text);
	memset(text, '[', 2 * HEADER_MAX_LEN);
	assert_int_equal(parse_text(text, HEADER_MAX_LEN - 64, &header, NULL),
	    CARNET_DAMAGED);
	/* good JSON, but one byte too long with its blanks */
	memset(text, ' ', 2 * HEADER_MAX_LEN);
	memcpy(text, GOOD, strlen(GOOD));
	assert_int_equal(
	    parse_text(text, HEADER_MAX_LEN - 64, &header, NULL), CARNET_OK);
	header_free(header);
	header = NULL;
	assert_int_equal(parse_text(text, HEADER_MAX_LEN - 63, &header, NULL),
	    CARNET_DAMAGED);
	assert_null(header);
	free(text);
}

static void
every_flipped_bit_and_every_cut_is_seen(void **state)
{
	size_t len = 0;
	uint8_t *copy = fixture_copy(GOOD, strlen(GOOD), &len);
	struct header *header = NULL;

	(void)state;
	/* the MAC, the last 32 bytes, is seen once a slot opened */
	for (size_t i = 0; i < (len - 32) * 8; i++) {
		copy[i / 8] ^= (uint8_t)(1U << i % 8);
		assert_int_equal(
		    header_parse(copy, len, &header, NULL), CARNET_DAMAGED);
		copy[i / 8] ^= (uint8_t)(1U << i % 8);
	}
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(
		    header_parse(copy, cut, &header, NULL), CARNET_DAMAGED);
	assert_null(header);
	free(copy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_pattern_itself_is_good),
		cmocka_unit_test(hostile_fields_are_refused),
		cmocka_unit_test(the_highest_allowed_is_taken),
		cmocka_unit_test(a_newer_version_is_named),
		cmocka_unit_test(too_many_slots_are_refused),
		cmocka_unit_test(depth_and_size_are_bounded),
		cmocka_unit_test(every_flipped_bit_and_every_cut_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
