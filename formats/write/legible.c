/* SPDX-License-Identifier: ISC */
/*
 * Spelling out what cannot be drawn.
 * Draws nothing.
 * The contract is in legible.h.
 */
#include "legible.h"

#include "fonts.h"
#include "letter_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#define LEGIBLE_TAB 8

/* Writes one character that begins at p; returns its bytes. */
static size_t
legible_char(FILE *out, const char *p, size_t left, bool line, size_t *column,
    bool *ret_spelt)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n =
	    utf8proc_iterate((const uint8_t *)p, (utf8proc_ssize_t)left, &c);

	++*column;
	if (n <= 0) {
		fprintf(out, "[0x%02X]", (unsigned)(uint8_t)*p);
		*ret_spelt = true;
		return 1;
	}
	if (c == '\r' && left > 1 && p[1] == '\n' && !line)
		return 1;
	if ((c == '\n' || c == '\f') && !line) {
		*column = 0;
		fputc(c, out);
	} else if (c == '\t') {
		do
			fputc(' ', out);
		while (!line && (*column)++ % LEGIBLE_TAB != 0);
		--*column;
	} else if (letter_char_ok(c, true) && fonts_have((uint32_t)c)) {
		(void)fwrite(p, 1, (size_t)n, out);
	} else {
		fprintf(out, "[U+%04X]", (unsigned)c);
		*ret_spelt = true;
	}
	return (size_t)n;
}

char *
legible(const char *bytes, size_t len, bool line, bool *ret_spelt)
{
	char *text = NULL;
	size_t text_len = 0, column = 0;
	FILE *out = open_memstream(&text, &text_len);
	bool broken;

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < len;)
		i += legible_char(
		    out, bytes + i, len - i, line, &column, ret_spelt);
	broken = ferror(out) != 0;
	if (fclose(out) != 0 || broken) {
		free(text);
		return NULL;
	}
	return text;
}
