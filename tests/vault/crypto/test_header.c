/* SPDX-License-Identifier: ISC */
/* The header in memory: encoded, verified, never for another key. */
#include "header_fixture.h"

static void
a_new_header_needs_a_slot(void **state)
{
	struct secret *master = secret_random(32);
	struct header *header = NULL;
	uint8_t *bytes = NULL;
	size_t len = 0;

	(void)state;
	assert_non_null(master);
	assert_int_equal(header_new(KDF_MODERATE, &header, NULL), CARNET_OK);
	assert_int_equal(header_slot_count(header), 0);
	assert_int_equal(header_sequence(header), 0);
	assert_string_equal(header_kdf(header).alg, "argon2id");
	assert_int_equal(header_kdf(header).ops, 3);
	assert_int_equal(header_kdf(header).mem_kib, 262144);
	assert_int_equal(
	    header_encode(header, master, &bytes, &len, NULL), CARNET_INVALID);
	assert_null(bytes);
	header_free(header);
	header_free(NULL);
	secret_free(master);
}

static void
ids_are_random(void **state)
{
	struct header *a = NULL, *b = NULL;

	(void)state;
	assert_int_equal(header_new(KDF_INTERACTIVE, &a, NULL), CARNET_OK);
	assert_int_equal(header_new(KDF_INTERACTIVE, &b, NULL), CARNET_OK);
	assert_memory_not_equal(header_id(a), header_id(b), VAULT_ID_LEN);
	header_free(a);
	header_free(b);
}

static void
what_was_encoded_parses(void **state)
{
	struct header *again = NULL;
	uint8_t *bytes = NULL, *twice = NULL;
	size_t len = 0, twice_len = 0;
	struct fixture fixture;
	struct slot_info slot;

	(void)state;
	fixture_make(&fixture);
	assert_int_equal(
	    header_encode(fixture.header, fixture.master, &bytes, &len, NULL),
	    CARNET_OK);
	assert_int_equal(header_parse(bytes, len, &again, NULL), CARNET_OK);
	assert_memory_equal(
	    header_id(again), header_id(fixture.header), VAULT_ID_LEN);
	assert_int_equal(header_slot_count(again), 1);
	slot = header_slot(again, 0);
	assert_string_equal(slot.id, fixture.slot);
	assert_int_equal(slot.kind, SLOT_RECOVERY);
	assert_string_equal(slot.created, "2026-03-05");
	assert_int_equal(header_verify(again, fixture.master, NULL), CARNET_OK);
	fixture_opens(&fixture, again);
	assert_int_equal(
	    header_encode(again, fixture.master, &twice, &twice_len, NULL),
	    CARNET_OK);
	assert_int_equal(twice_len, len);
	assert_memory_equal(twice, bytes, len);
	free(bytes);
	free(twice);
	header_free(again);
	fixture_clear(&fixture);
}

static void
another_key_changes_nothing(void **state)
{
	struct secret *other = secret_random(32), *words = NULL;
	struct header *again = NULL;
	uint8_t *bytes = NULL, *none = NULL;
	size_t len = 0;
	struct fixture fixture;

	(void)state;
	assert_non_null(other);
	fixture_make(&fixture);
	/* a header that was never written knows its first key too */
	assert_int_equal(header_add_recovery(fixture.header, other, "en",
			     "2026-03-05", &words, NULL, NULL),
	    CARNET_DAMAGED);
	assert_int_equal(
	    header_encode(fixture.header, other, &none, &len, NULL),
	    CARNET_DAMAGED);
	assert_int_equal(
	    header_encode(fixture.header, fixture.master, &bytes, &len, NULL),
	    CARNET_OK);
	assert_int_equal(header_parse(bytes, len, &again, NULL), CARNET_OK);
	assert_int_equal(header_verify(again, other, NULL), CARNET_DAMAGED);
	assert_int_equal(header_add_recovery(again, other, "en", "2026-03-05",
			     &words, NULL, NULL),
	    CARNET_DAMAGED);
	assert_int_equal(
	    header_encode(again, other, &none, &len, NULL), CARNET_DAMAGED);
	assert_int_equal(header_slot_count(again), 1);
	assert_null(words);
	assert_null(none);
	free(bytes);
	header_free(again);
	secret_free(other);
	fixture_clear(&fixture);
}

static void
a_wrong_mac_is_damage_once_opened(void **state)
{
	struct secret *master = NULL;
	struct header *again = NULL;
	struct carnet_error err = { 0 };
	uint8_t *bytes = NULL;
	size_t len = 0;
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	assert_int_equal(
	    header_encode(fixture.header, fixture.master, &bytes, &len, NULL),
	    CARNET_OK);
	for (size_t i = len - 32; i < len; i++) {
		bytes[i] ^= 0x10;
		assert_int_equal(
		    header_parse(bytes, len, &again, NULL), CARNET_OK);
		assert_int_equal(header_open_words(
				     again, fixture.words, &master, NULL, &err),
		    CARNET_DAMAGED);
		assert_null(master);
		header_free(again);
		again = NULL;
		bytes[i] ^= 0x10;
	}
	free(bytes);
	fixture_clear(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_header_needs_a_slot),
		cmocka_unit_test(ids_are_random),
		cmocka_unit_test(what_was_encoded_parses),
		cmocka_unit_test(another_key_changes_nothing),
		cmocka_unit_test(a_wrong_mac_is_damage_once_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
