/* SPDX-License-Identifier: ISC */
/*
 * Dates and set phrases from words.json.  Chooses no language.
 * The contract is in words.h.
 */
#include "words.h"

#include <stdio.h>

const char *
words_find(const cJSON *words, const char *group, const char *key)
{
	if (key == NULL)
		return NULL;
	return carnet_json_string(carnet_json_get(words, group), key);
}

void
words_add_date(const cJSON *words, struct carnet_date date, struct text *text)
{
	const cJSON *month = cJSON_GetArrayItem(
	    carnet_json_get(words, "months"), date.month - 1);
	const char *pattern = carnet_json_string(words, "date");
	const char *first = carnet_json_string(words, "first");
	char day[8], year[8];

	(void)snprintf(day, sizeof(day), "%d", date.day);
	(void)snprintf(year, sizeof(year), "%d", date.year);
	if (!cJSON_IsString(month) || pattern == NULL) {
		char iso[CARNET_DATE_TEXT];

		carnet_date_format(date, iso);
		text_add(text, iso);
		return;
	}
	text_fill(text, pattern,
	    (const char *const[]){ "day",
		date.day == 1 && first != NULL ? first : day, "month",
		month->valuestring, "year", year, NULL });
}

void
words_add_iso(const cJSON *words, const char *iso, struct text *text)
{
	struct carnet_date date;

	if (carnet_date_parse(iso, &date))
		words_add_date(words, date, text);
	else
		text_add(text, iso);
}
