/* SPDX-License-Identifier: ISC */
/*
 * The vocabulary of purposes: finds one by its code or a plain name, and
 * whether one lies within another.  Decides nothing about what is allowed.
 * The contract is in ../include/formats.h; the data is purposes.json.
 */
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "letters.h"

#define PURPOSES_DEEP 8 /* parents above a purpose, at most */

char *
letters_fold(const char *text)
{
	utf8proc_uint8_t *folded = NULL;
	utf8proc_ssize_t len =
	    utf8proc_map((const utf8proc_uint8_t *)text, 0, &folded,
		UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_DECOMPOSE |
		    UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK);

	return len < 0 ? NULL : (char *)folded;
}

static bool
purposes_same(const char *folded, const char *name)
{
	char *other = letters_fold(name);
	bool same = other != NULL && strcmp(folded, other) == 0;

	free(other);
	return same;
}

/* Its code, one of its plain names, or what letters call it. */
static bool
purposes_is(const cJSON *purpose, const char *folded)
{
	const cJSON *name;

	if (purposes_same(folded, carnet_json_string(purpose, "code")))
		return true;
	cJSON_ArrayForEach(name, carnet_json_get(purpose, "names"))
	{
		if (purposes_same(folded, name->valuestring))
			return true;
	}
	cJSON_ArrayForEach(name, carnet_json_get(purpose, "name"))
	{
		if (purposes_same(folded, name->valuestring))
			return true;
	}
	return false;
}

const cJSON *
letters_purposes(const struct letters *letters)
{
	return carnet_json_get(letters->purposes, "purposes");
}

const cJSON *
letters_purpose(const struct letters *letters, const char *text)
{
	const cJSON *purpose, *found = NULL;
	char *folded = NULL;

	if (text == NULL)
		return NULL;
	/* nearly always a code, as it is stored */
	cJSON_ArrayForEach(purpose, letters_purposes(letters))
	{
		if (strcmp(carnet_json_string(purpose, "code"), text) == 0)
			return purpose;
	}
	folded = letters_fold(text);
	if (folded == NULL)
		return NULL;
	cJSON_ArrayForEach(purpose, letters_purposes(letters))
	{
		if (found == NULL && purposes_is(purpose, folded))
			found = purpose;
	}
	free(folded);
	return found;
}

bool
letters_purpose_within(
    const struct letters *letters, const char *code, const char *above)
{
	for (int i = 0; code != NULL && i < PURPOSES_DEEP; i++) {
		if (strcmp(code, above) == 0)
			return true;
		code = carnet_json_string(
		    letters_purpose(letters, code), "parent");
	}
	return false;
}
