/* SPDX-License-Identifier: ISC */
/* What passphrases are worth, and which words count as known.
 * See cli/strength.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "strength.h"

static cJSON *
family(void)
{
	cJSON *persons = cJSON_Parse(
	    "[{\"name\":\"H\xc3\xa9l\xc3\xa8ne Martineau\",\"born\":"
	    "\"1980-03-05\",\"birthplace\":\"Saint-Quentin\",\"address\":"
	    "null,\"phone\":\"06 12 34 56 78\"},{\"name\":\"Bo\",\"born\":"
	    "\"1979\"},{\"name\":12},3]");

	assert_non_null(persons);
	return persons;
}

static double
bits_of(const char *text, const char *const *words)
{
	struct secret *secret = secret_from(text, strlen(text));
	double bits;

	assert_non_null(secret);
	bits = strength_bits(secret, words);
	secret_free(secret);
	return bits;
}

static void
weak_and_strong(void **state)
{
	static const struct {
		const char *text;
		bool weak;
	} rows[] = { { "azerty", true }, { "Azerty123", true },
		{ "motdepasse", true }, { "Soleil2024!", true },
		{ "password1", true }, { "12345678901234567890", true },
		{ "aaaaaaaaaaaaaaaaaaaaaaaa", true },
		/* theirs, with and without accents, however it is put */
		{ "H\xc3\xa9l\xc3\xa8ne1980", true }, { "helene1980", true },
		{ "martineau05031980", true }, { "Martineau05/03/1980", true },
		{ "quentin0612", true },
		/* strong for anybody */
		{ "vache tiroir lune panier", false },
		{ "correct horse battery staple", false },
		{ "Zq7#vLp0!rTe", false } };
	cJSON *persons = family();
	char **words = strength_words(persons);

	(void)state;
	assert_non_null(words);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double bits = bits_of(rows[i].text, (const char *const *)words);

		if (bits < 0 || (bits < STRENGTH_WEAK_BITS) != rows[i].weak)
			fail_msg("%s: %f bits", rows[i].text, bits);
	}
	strength_words_free(words);
	cJSON_Delete(persons);
}

/* The person's own data and the French list are what makes these weak. */
static void
words_make_a_difference(void **state)
{
	static const char *const rows[] = { "motdepasse", "martineauquentin",
		"chouchou doudou loulou" };
	cJSON *persons = family();
	char **words = strength_words(persons);

	(void)state;
	assert_non_null(words);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(bits_of(rows[i], (const char *const *)words) + 5 <
			    bits_of(rows[i], NULL));
	strength_words_free(words);
	cJSON_Delete(persons);
	words = strength_words(NULL);
	assert_non_null(words);
	assert_true(bits_of("motdepasse", (const char *const *)words) <
		    STRENGTH_WEAK_BITS);
	strength_words_free(words);
	strength_words_free(NULL);
}

static size_t
open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	(void)closedir(dir);
	return count;
}

static void
long_and_strange_ones(void **state)
{
	static char huge[4001];
	size_t before = open_files();

	(void)state;
	memset(huge, 'x', sizeof(huge) - 1);
	assert_true(bits_of(huge, NULL) >= 0);
	for (size_t i = 0; i + 1 < sizeof(huge); i++)
		huge[i] = (char)(1 + (i * 7919 + i / 13) % 255);
	assert_true(bits_of(huge, NULL) > STRENGTH_WEAK_BITS);
	assert_true(bits_of("\xff\xfe\x80", NULL) >= 0);
	assert_int_equal(open_files(), before);
}

static void
durations_in_words(void **state)
{
	(void)state;
	assert_string_equal(strength_duration(0), "less than a minute");
	assert_string_equal(strength_duration(20), "less than a minute");
	assert_string_equal(strength_duration(22), "a few minutes");
	assert_string_equal(strength_duration(28), "a few hours");
	assert_string_equal(strength_duration(33), "a few days");
	assert_string_equal(strength_duration(37), "a few months");
	assert_string_equal(
	    strength_duration(STRENGTH_WEAK_BITS), "a few years");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weak_and_strong),
		cmocka_unit_test(words_make_a_difference),
		cmocka_unit_test(long_and_strange_ones),
		cmocka_unit_test(durations_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
