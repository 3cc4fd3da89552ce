/* SPDX-License-Identifier: ISC */
/* Slots: added, opened, removed; what is wrong is said as it is. */
#include <stdio.h>

#include "header_fixture.h"

static struct secret *
secret_text(const char *text)
{
	struct secret *secret = secret_from(text, strlen(text));

	assert_non_null(secret);
	return secret;
}

static void
changing_a_passphrase_rewraps(void **state)
{
	struct secret *first = secret_text("correct horse");
	struct secret *second = secret_text("agrafe de batterie");
	struct secret *master = NULL, *opened = NULL;
	char slot[SLOT_ID_TEXT], next[SLOT_ID_TEXT], by[SLOT_ID_TEXT] = "";
	struct header *again = NULL;
	uint8_t *bytes = NULL;
	size_t len = 0;
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	assert_int_equal(header_add_passphrase(fixture.header, fixture.master,
			     first, "2026-03-05", slot, NULL),
	    CARNET_OK);
	assert_int_equal(
	    header_open_passphrase(fixture.header, first, &master, by, NULL),
	    CARNET_OK);
	assert_string_equal(by, slot);
	assert_memory_equal(
	    secret_peek(master), secret_peek(fixture.master), 32);
	assert_int_equal(header_add_passphrase(fixture.header, master, second,
			     "2026-04-07", next, NULL),
	    CARNET_OK);
	assert_string_not_equal(slot, next);
	assert_int_equal(
	    header_remove_slot(fixture.header, slot, NULL), CARNET_OK);
	assert_int_equal(
	    header_encode(fixture.header, master, &bytes, &len, NULL),
	    CARNET_OK);
	assert_int_equal(header_parse(bytes, len, &again, NULL), CARNET_OK);
	assert_int_equal(
	    header_open_passphrase(again, first, &opened, by, NULL),
	    CARNET_WRONG_KEY);
	assert_null(opened);
	assert_int_equal(
	    header_open_passphrase(again, second, &opened, by, NULL),
	    CARNET_OK);
	assert_string_equal(by, next);
	assert_memory_equal(
	    secret_peek(opened), secret_peek(fixture.master), 32);
	fixture_opens(&fixture, again);
	secret_free(opened);
	secret_free(master);
	secret_free(first);
	secret_free(second);
	free(bytes);
	header_free(again);
	fixture_clear(&fixture);
}

static void
an_empty_passphrase_is_refused(void **state)
{
	struct secret *empty = secret_new(0);
	struct fixture fixture;

	(void)state;
	assert_non_null(empty);
	fixture_make(&fixture);
	assert_int_equal(header_add_passphrase(fixture.header, fixture.master,
			     empty, "2026-03-05", NULL, NULL),
	    CARNET_INVALID);
	assert_int_equal(header_slot_count(fixture.header), 1);
	secret_free(empty);
	fixture_clear(&fixture);
}

static void
without_a_passphrase_none_opens(void **state)
{
	struct secret *passphrase = secret_text("x"), *master = NULL;
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	assert_int_equal(header_open_passphrase(
			     fixture.header, passphrase, &master, NULL, NULL),
	    CARNET_WRONG_KEY);
	assert_null(master);
	secret_free(passphrase);
	fixture_clear(&fixture);
}

static void
words_of_another_vault_are_a_wrong_key(void **state)
{
	struct secret *master = NULL;
	struct fixture fixture, other;
	struct carnet_error err = { 0 };
	char by[SLOT_ID_TEXT] = "";

	(void)state;
	fixture_make(&fixture);
	fixture_make(&other);
	assert_int_equal(
	    header_open_words(fixture.header, other.words, &master, by, &err),
	    CARNET_WRONG_KEY);
	assert_null(master);
	assert_string_equal(by, "");
	assert_int_equal(err.status, CARNET_WRONG_KEY);
	fixture_clear(&other);
	fixture_clear(&fixture);
}

static void
words_in_capitals_without_accents_open(void **state)
{
	/* every accented letter of the French list, composed */
	static const char *const accents[][2] = { { "\303\251", "E" },
		{ "\303\250", "E" }, { "\303\252", "E" }, { "\303\240", "A" },
		{ "\303\242", "A" }, { "\303\256", "I" }, { "\303\257", "I" },
		{ "\303\264", "O" }, { "\303\271", "U" }, { "\303\273", "U" },
		{ "\303\247", "C" } };

	(void)state;
	for (int round = 0; round < 20; round++) {
		struct fixture fixture;
		char text[512] = "", plain[512] = "";
		size_t at = 0;

		fixture_make(&fixture);
		memcpy(text, secret_peek(fixture.words),
		    secret_len(fixture.words));
		for (const char *c = text; *c != '\0'; c++) {
			if ((*c & 0x80) == 0) {
				plain[at++] = *c >= 'a' && *c <= 'z'
						  ? (char)(*c - 32)
						  : *c;
				continue;
			}
			for (size_t i = 0;
			     i < sizeof(accents) / sizeof(accents[0]); i++)
				if (strncmp(c, accents[i][0], 2) == 0)
					plain[at++] = accents[i][1][0];
			c++;
		}
		secret_free(fixture.words);
		fixture.words = secret_text(plain);
		fixture_opens(&fixture, fixture.header);
		fixture_clear(&fixture);
	}
}

static void
mistyped_words_are_invalid(void **state)
{
	struct secret *typed = secret_text("abaisser abandon carnet"),
		      *master = NULL;
	struct fixture fixture;
	struct carnet_error err = { 0 };

	(void)state;
	fixture_make(&fixture);
	assert_int_equal(
	    header_open_words(fixture.header, typed, &master, NULL, &err),
	    CARNET_INVALID);
	assert_non_null(strstr(err.message, "word 3"));
	assert_null(master);
	secret_free(typed);
	fixture_clear(&fixture);
}

static void
the_last_slot_stays(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	assert_int_equal(header_remove_slot(fixture.header, fixture.slot, NULL),
	    CARNET_INVALID);
	assert_int_equal(header_slot_count(fixture.header), 1);
	fixture_opens(&fixture, fixture.header);
	fixture_clear(&fixture);
}

static void
slots_go_by_any_unique_prefix(void **state)
{
	struct secret *words = NULL;
	char second[SLOT_ID_TEXT], prefix[SLOT_ID_TEXT];
	size_t same = 1;
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	assert_int_equal(header_add_recovery(fixture.header, fixture.master,
			     "en", "2026-03-06", &words, second, NULL),
	    CARNET_OK);
	assert_int_equal(
	    header_remove_slot(fixture.header, "k", NULL), CARNET_AMBIGUOUS);
	assert_int_equal(
	    header_remove_slot(fixture.header, "", NULL), CARNET_NOT_FOUND);
	assert_int_equal(
	    header_remove_slot(fixture.header, "k0", NULL), CARNET_NOT_FOUND);
	assert_int_equal(header_slot_count(fixture.header), 2);
	while (fixture.slot[same] == second[same])
		same++;
	memcpy(prefix, fixture.slot, sizeof(prefix));
	prefix[same + 1] = '\0';
	assert_int_equal(
	    header_remove_slot(fixture.header, prefix, NULL), CARNET_OK);
	assert_int_equal(header_slot_count(fixture.header), 1);
	assert_string_equal(header_slot(fixture.header, 0).id, second);
	secret_free(fixture.words);
	fixture.words = words;
	fixture_opens(&fixture, fixture.header);
	fixture_clear(&fixture);
}

static void
there_are_at_most_32(void **state)
{
	struct fixture fixture;
	struct secret *words = NULL;
	struct header *again = NULL;
	uint8_t *bytes = NULL;
	size_t len = 0;

	(void)state;
	fixture_make(&fixture);
	for (int i = 1; i < 32; i++) {
		assert_int_equal(
		    header_add_recovery(fixture.header, fixture.master, "en",
			"2026-03-06", &words, NULL, NULL),
		    CARNET_OK);
		secret_free(words);
		words = NULL;
	}
	assert_int_equal(header_add_recovery(fixture.header, fixture.master,
			     "en", "2026-03-06", &words, NULL, NULL),
	    CARNET_INVALID);
	assert_null(words);
	assert_int_equal(
	    header_encode(fixture.header, fixture.master, &bytes, &len, NULL),
	    CARNET_OK);
	assert_true(len < HEADER_MAX_LEN);
	assert_int_equal(header_parse(bytes, len, &again, NULL), CARNET_OK);
	assert_int_equal(header_slot_count(again), 32);
	fixture_opens(&fixture, again);
	free(bytes);
	header_free(again);
	fixture_clear(&fixture);
}

static void
a_slot_needs_a_date_and_a_language(void **state)
{
	struct fixture fixture;
	struct secret *words = NULL;

	(void)state;
	fixture_make(&fixture);
	assert_int_equal(header_add_recovery(fixture.header, fixture.master,
			     "fr", "today", &words, NULL, NULL),
	    CARNET_INVALID);
	assert_int_equal(header_add_recovery(fixture.header, fixture.master,
			     "de", "2026-03-05", &words, NULL, NULL),
	    CARNET_INVALID);
	assert_null(words);
	assert_int_equal(header_slot_count(fixture.header), 1);
	fixture_clear(&fixture);
}

/* A slot whose fields were moved to another place doesn't open. */
static void
a_slot_is_bound_to_its_vault_and_id(void **state)
{
	static const char *const fields[] = { "\"id\":\"", "\"wrapped\":\"" };
	struct fixture fixture;
	uint8_t *bytes = NULL;
	size_t len = 0;

	(void)state;
	fixture_make(&fixture);
	assert_int_equal(
	    header_encode(fixture.header, fixture.master, &bytes, &len, NULL),
	    CARNET_OK);
	for (size_t i = 0; i < 2; i++) {
		struct header *header = NULL;
		struct secret *master = NULL;
		char *json = calloc(1, len), *at;
		uint8_t *copy;
		size_t copy_len = 0;
		enum carnet_status status;

		assert_non_null(json);
		memcpy(json, bytes, len - 64);
		/* the slot's fields come after the vault's */
		at = strstr(strstr(json, "\"slots\""), fields[i]);
		assert_non_null(at);
		at += strlen(fields[i]) + (i == 0 ? 1 : 0);
		*at = *at == 'a' ? 'b' : 'a';
		copy = fixture_copy(json, len - 64, &copy_len);
		assert_int_equal(
		    header_parse(copy, copy_len, &header, NULL), CARNET_OK);
		status = header_open_words(
		    header, fixture.words, &master, NULL, NULL);
		/* another id: another commitment; another wrapping: damage */
		assert_int_equal(
		    status, i == 0 ? CARNET_WRONG_KEY : CARNET_DAMAGED);
		assert_null(master);
		header_free(header);
		free(copy);
		free(json);
	}
	free(bytes);
	fixture_clear(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changing_a_passphrase_rewraps),
		cmocka_unit_test(an_empty_passphrase_is_refused),
		cmocka_unit_test(without_a_passphrase_none_opens),
		cmocka_unit_test(words_of_another_vault_are_a_wrong_key),
		cmocka_unit_test(words_in_capitals_without_accents_open),
		cmocka_unit_test(mistyped_words_are_invalid),
		cmocka_unit_test(the_last_slot_stays),
		cmocka_unit_test(slots_go_by_any_unique_prefix),
		cmocka_unit_test(there_are_at_most_32),
		cmocka_unit_test(a_slot_needs_a_date_and_a_language),
		cmocka_unit_test(a_slot_is_bound_to_its_vault_and_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
