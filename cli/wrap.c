/* SPDX-License-Identifier: ISC */
/*
 * Breaks a sentence into lines of 80 columns.  Never breaks a word: a path
 * can be copied whole.  The contract is in wrap.h.
 */
#include "wrap.h"

#include <stdio.h>
#include <string.h>

#include "session.h"

#define WRAP_COLUMNS 80

/* Characters of the first len bytes, as a terminal counts most of them. */
static size_t
wrap_width(const char *text, size_t len)
{
	size_t width = 0;

	for (size_t i = 0; i < len; i++)
		width += ((unsigned char)text[i] & 0xc0) != 0x80;
	return width;
}

/* Bytes of the longest beginning of whole words that fits. */
static size_t
wrap_fitting(const char *text, size_t columns)
{
	size_t fits = strcspn(text, " ");

	while (text[fits] == ' ') {
		size_t next = fits + 1 + strcspn(text + fits + 1, " ");

		if (wrap_width(text, next) > columns)
			break;
		fits = next;
	}
	return fits;
}

void
print_wrapped_behind(unsigned indent, const char *label, const char *text)
{
	while (*text != '\0') {
		size_t len = wrap_fitting(text, WRAP_COLUMNS - indent);
		size_t columns = wrap_width(label, strlen(label));

		print_line("%s%*s%.*s", label,
		    columns < indent ? (int)(indent - columns) : 0, "",
		    (int)len, text);
		label = "";
		text += len;
		text += strspn(text, " ");
	}
}

void
print_wrapped(unsigned indent, const char *text)
{
	print_wrapped_behind(indent, "", text);
}
