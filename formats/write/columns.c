/* SPDX-License-Identifier: ISC */
/*
 * Breaking plain text into lines by display width.
 * Doesn't hyphenate and doesn't justify.
 * The contract is in columns.h.
 */
#include "columns.h"

#include <stdbool.h>
#include <string.h>

#include <utf8proc.h>

/* One character's width and bytes; a stray byte counts as one column. */
static size_t
columns_char(const char *text, size_t len, size_t *ret_bytes)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n =
	    utf8proc_iterate((const uint8_t *)text, (utf8proc_ssize_t)len, &c);
	int width;

	if (n <= 0) {
		*ret_bytes = 1;
		return 1;
	}
	*ret_bytes = (size_t)n;
	width = utf8proc_charwidth(c);
	return width < 0 ? 0 : (size_t)width;
}

size_t
columns_width(const char *text, size_t len)
{
	size_t width = 0, bytes;

	for (size_t i = 0; i < len; i += bytes)
		width += columns_char(text + i, len - i, &bytes);
	return width;
}

/*
 * How many bytes of text go into a line of `room` columns; *ret_skip: with
 * the spaces that the break swallows.
 */
static size_t
columns_break(const char *text, size_t len, size_t room, size_t *ret_skip)
{
	size_t width = 0, at = 0, bytes, last_width = 0;
	bool inside = false; /* a word has begun */

	*ret_skip = len;
	for (size_t i = 0; i < len; i += bytes) {
		size_t wide = columns_char(text + i, len - i, &bytes);

		if (text[i] == ' ') {
			if (inside)
				at = i;
			inside = false;
		} else {
			if (wide == 2 && last_width == 2 && inside)
				at = i;
			inside = true;
		}
		width += wide;
		last_width = wide;
		if (width <= room || at == 0 || text[i] == ' ')
			continue;
		*ret_skip = at + strspn(text + at, " ");
		return at;
	}
	while (len > 0 && text[len - 1] == ' ')
		len--;
	return len;
}

void
columns_write(FILE *out, const char *text, const char *first, const char *next,
    size_t width)
{
	const char *prefix = first;

	for (;;) {
		size_t len = strcspn(text, "\n");
		size_t taken = columns_width(prefix, strlen(prefix));
		size_t room = width == 0          ? (size_t)-1
			      : width > taken + 1 ? width - taken
						  : 1;
		size_t skip, line = columns_break(text, len, room, &skip);
		size_t trimmed = strlen(prefix);

		while (line == 0 && trimmed > 0 && prefix[trimmed - 1] == ' ')
			trimmed--;
		fprintf(
		    out, "%.*s%.*s\n", (int)trimmed, prefix, (int)line, text);
		text += skip;
		prefix = next;
		if (skip < len)
			continue;
		if (*text == '\0')
			return;
		text++; /* the line end; nothing more behind it? */
		if (*text == '\0')
			return;
	}
}
