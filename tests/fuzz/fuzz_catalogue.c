/* SPDX-License-Identifier: ISC */
/* Fuzzes the catalogue's files, which stand in the input one behind the
 * other, a NUL between them; then computes with its holidays.
 * Compares nothing: the sanitizers judge.  How to run it: tests/fuzz/run. */
#include <stdlib.h>
#include <string.h>

#include "consent.h"
#include "letters.h"

#define TEXT_LEN 8192
#define FILES 8

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* In place of what embed.py makes; blanks fill what is left of a text. */
static char texts[FILES][TEXT_LEN + 1];
const struct letters_file letters_files[] = {
	{ "recipients.json", texts[0], TEXT_LEN },
	{ "authorities.json", texts[1], TEXT_LEN },
	{ "statements.json", texts[2], TEXT_LEN },
	{ "words.json", texts[3], TEXT_LEN },
	{ "purposes.json", texts[4], TEXT_LEN },
	{ "holidays.json", texts[5], TEXT_LEN },
	{ "windows.json", texts[6], TEXT_LEN },
	{ "answers.json", texts[7], TEXT_LEN },
};
const size_t letters_files_len = FILES;

static void
put_texts(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < FILES; i++) {
		const uint8_t *end = len == 0 ? NULL : memchr(bytes, 0, len);
		size_t part = end == NULL ? len : (size_t)(end - bytes);

		memset(texts[i], ' ', TEXT_LEN);
		memcpy(texts[i], part == 0 ? (const uint8_t *)"{}" : bytes,
		    part == 0 ? 2 : (part < TEXT_LEN ? part : TEXT_LEN));
		bytes += end == NULL ? part : part + 1;
		len -= end == NULL ? part : part + 1;
	}
}

/* Everything by its id, as verbs look for it. */
static void
find_all(const struct letters *letters)
{
	const cJSON *item, *basis;

	cJSON_ArrayForEach(item, letters_recipients(letters))(void)
	    letters_recipient(letters, carnet_json_string(item, "id"));
	cJSON_ArrayForEach(item, letters_statements(letters))
	{
		(void)letters_statement(
		    letters, carnet_json_string(item, "id"));
		cJSON_ArrayForEach(basis, carnet_json_get(item, "basis"))
		{
			const char *id = carnet_json_string(basis, "id");

			/* letters_load has put each basis there */
			if (id == NULL)
				abort();
			(void)letters_basis(letters, id);
		}
	}
	(void)letters_words(letters, "fr");
	(void)letters_own(letters);
	(void)letters_facts(letters);
}

static void
compute(const struct letters *letters)
{
	static const char *const places[][2] = { { "FR", NULL },
		{ "FR", "FR-57" }, { "DE", "DE-BY" }, { "XX", NULL } };
	struct carnet_date date = { 2026, 1, 1 };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct carnet_calendar calendar;

		letters_calendar(
		    letters, places[i][0], places[i][1], &calendar);
		for (int month = 1; month <= 12; month++) {
			date.month = (int8_t)month;
			date.day = (int8_t)(month + 12);
			(void)calendar_is_working(&calendar, date);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct letters *letters = NULL;

	put_texts(bytes, len);
	if (letters_load(&letters, NULL) != CARNET_OK)
		return 0;
	find_all(letters);
	compute(letters);
	letters_free(letters);
	return 0;
}
