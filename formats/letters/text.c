/* SPDX-License-Identifier: ISC */
/*
 * Text that grows, and lists of lines.  Knows nothing of letters.
 * The contract is in text.h.
 */
#include "text.h"

#include <stdlib.h>
#include <string.h>

static bool
text_reserve(struct text *text, size_t more)
{
	size_t cap = text->cap == 0 ? 256 : text->cap;
	char *bytes;

	if (text->failed)
		return false;
	while (cap - text->len <= more) {
		if (cap > ((size_t)1 << 30)) {
			text->failed = true;
			return false;
		}
		cap *= 2;
	}
	if (cap == text->cap)
		return true;
	bytes = realloc(text->bytes, cap);
	if (bytes == NULL) {
		text->failed = true;
		return false;
	}
	text->bytes = bytes;
	text->cap = cap;
	return true;
}

void
text_add_len(struct text *text, const char *bytes, size_t len)
{
	if (len >= ((size_t)1 << 30))
		text->failed = true;
	if (!text_reserve(text, len))
		return;
	if (len > 0)
		memcpy(text->bytes + text->len, bytes, len);
	text->len += len;
	text->bytes[text->len] = '\0';
}

void
text_add(struct text *text, const char *string)
{
	text_add_len(text, string, strlen(string));
}

char *
text_take(struct text *text)
{
	char *bytes;

	text_add_len(text, "", 0);
	if (text->failed) {
		text_free(text);
		return NULL;
	}
	bytes = text->bytes;
	*text = (struct text){ 0 };
	return bytes;
}

void
text_free(struct text *text)
{
	free(text->bytes);
	*text = (struct text){ 0 };
}

void
text_fill(struct text *text, const char *pattern, const char *const *pairs)
{
	while (*pattern != '\0') {
		size_t plain = strcspn(pattern, "{");
		const char *end;
		size_t i, len;

		text_add_len(text, pattern, plain);
		pattern += plain;
		if (*pattern == '\0')
			break;
		end = strchr(pattern, '}');
		len = end == NULL ? 0 : (size_t)(end - pattern) - 1;
		for (i = 0; end != NULL && pairs[i] != NULL; i += 2) {
			if (strlen(pairs[i]) == len &&
			    strncmp(pattern + 1, pairs[i], len) == 0)
				break;
		}
		if (end == NULL || pairs[i] == NULL) {
			text_add_len(text, pattern++, 1);
			continue;
		}
		if (pairs[i + 1] != NULL)
			text_add(text, pairs[i + 1]);
		pattern = end + 1;
	}
}

void
lines_add(struct lines *lines, const char *string)
{
	char **items;

	if (lines->failed)
		return;
	items = realloc(lines->items, (lines->len + 2) * sizeof(*items));
	if (items == NULL) {
		lines->failed = true;
		return;
	}
	lines->items = items;
	items[lines->len] = strdup(string);
	if (items[lines->len] == NULL) {
		lines->failed = true;
		return;
	}
	items[++lines->len] = NULL;
}

void
lines_add_once(struct lines *lines, const char *string)
{
	for (size_t i = 0; i < lines->len; i++) {
		if (strcmp(lines->items[i], string) == 0)
			return;
	}
	lines_add(lines, string);
}

char **
lines_take(struct lines *lines)
{
	char **items = NULL;

	if (!lines->failed)
		items = lines->items != NULL ? lines->items
					     : calloc(1, sizeof(*items));
	if (items == NULL) {
		lines_free(lines);
		return NULL;
	}
	*lines = (struct lines){ 0 };
	return items;
}

void
lines_free(struct lines *lines)
{
	for (size_t i = 0; lines->items != NULL && i < lines->len; i++)
		free(lines->items[i]);
	free(lines->items);
	*lines = (struct lines){ 0 };
}

void
lines_free_array(char **array)
{
	for (size_t i = 0; array != NULL && array[i] != NULL; i++)
		free(array[i]);
	free(array);
}
