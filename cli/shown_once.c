/* SPDX-License-Identifier: ISC */
/*
 * Secrets that are shown once: as JSON, and where there is no memory for it,
 * without.  Makes none of them.
 */
#include "shown_once.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

void
shown_once_add(struct shown_once *once, const char *text, size_t size)
{
	if (once->len == SHOWN_ONCE_MAX)
		return;
	once->text[once->len] = text;
	once->size[once->len++] = (int)size;
}

void
shown_once_split(struct shown_once *once, const char *text, size_t len)
{
	const char *at = text, *end = text + len;

	while (at < end) {
		const char *space = memchr(at, ' ', (size_t)(end - at));
		const char *stop = space == NULL ? end : space;

		if (stop > at)
			shown_once_add(once, at, (size_t)(stop - at));
		at = stop + 1;
	}
}

void
shown_once_words(struct shown_once *once, const struct secret *words)
{
	shown_once_split(
	    once, (const char *)secret_peek(words), secret_len(words));
}

cJSON *
shown_once_json(const struct shown_once *once)
{
	cJSON *array = cJSON_CreateArray();
	char copy[CARNET_SHARE_TEXT];

	for (int i = 0; i < once->len && array != NULL; i++) {
		cJSON *item;

		(void)snprintf(
		    copy, sizeof(copy), "%.*s", once->size[i], once->text[i]);
		item = cJSON_CreateString(copy);
		if (item == NULL || !cJSON_AddItemToArray(array, item)) {
			cJSON_Delete(item);
			cJSON_Delete(array);
			array = NULL;
		}
	}
	sodium_memzero(copy, sizeof(copy));
	return array;
}

void
shown_once_print(const struct shown_once *once, bool numbered)
{
	for (int i = 0; i < once->len; i++) {
		if (numbered)
			(void)printf("  %2d. ", i + 1);
		(void)printf("%.*s\n", once->size[i], once->text[i]);
	}
}

/* None of these has a character that JSON would escape. */
static void
shown_once_print_json(const char *key, const struct shown_once *once)
{
	(void)printf("{\"%s\":[", key);
	for (int i = 0; i < once->len; i++)
		(void)printf("%s\"%.*s\"", i == 0 ? "" : ",", once->size[i],
		    once->text[i]);
	(void)printf("]}\n");
}

int
shown_once_result(struct session *session, cJSON *result, const char *key,
    const struct shown_once *once, int code)
{
	char *text = NULL;

	if (!session->json)
		return session_result(session, result, code);
	if (cJSON_GetArraySize(carnet_json_get(result, key)) == once->len)
		text = cJSON_PrintUnformatted(result);
	if (text != NULL) {
		(void)printf("%s\n", text);
		sodium_memzero(text, strlen(text));
	} else {
		shown_once_print_json(key, once);
		code = EXIT_PARTIAL;
	}
	cJSON_free(text);
	cJSON_Delete(result);
	return session_end(session, code);
}
