/* SPDX-License-Identifier: ISC */
/*
 * Header fields and body encodings of mail (RFC 5322, 2045, 2047, 2231).
 * Knows no letter.  The contract is in message.h.
 */
#include "message.h"

#include <string.h>

#define FIELD_LINE 76       /* RFC 2047, 2: at most 76 a line */
#define FIELD_WORD 45       /* bytes in an encoded word: 60 in base64 */
#define FIELD_PARAMETER 300 /* what a file's name may need */

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
field_base64(FILE *out, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i += 3) {
		uint32_t group = (uint32_t)bytes[i] << 16;

		if (i + 1 < len)
			group |= (uint32_t)bytes[i + 1] << 8;
		if (i + 2 < len)
			group |= bytes[i + 2];
		fputc(base64_digits[group >> 18], out);
		fputc(base64_digits[group >> 12 & 63], out);
		fputc(i + 1 < len ? base64_digits[group >> 6 & 63] : '=', out);
		fputc(i + 2 < len ? base64_digits[group & 63] : '=', out);
	}
}

static bool
field_is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* ASCII that stands as it is: no word too long to fold, nothing that reads as
 * an encoded word. */
static bool
field_is_plain(const char *text)
{
	size_t word = 0;

	if (strstr(text, "=?") != NULL)
		return false;
	for (const char *c = text; *c != '\0'; c++) {
		if ((unsigned char)*c >= 0x80 || field_is_control(*c))
			return false;
		word = *c == ' ' ? 0 : word + 1;
		if (word > FIELD_LINE - 20)
			return false;
	}
	return true;
}

/* Folds at blanks; *column: where the line stands. */
static void
field_plain(FILE *out, const char *text, size_t *column)
{
	while (*text != '\0') {
		size_t blanks = strspn(text, " ");
		size_t len = blanks + strcspn(text + blanks, " ");

		if (*column + len > FIELD_LINE && blanks > 0 &&
		    text[blanks] != '\0') {
			fputs("\r\n", out);
			*column = 0;
		}
		(void)fwrite(text, 1, len, out);
		*column += len;
		text += len;
	}
}

/* As many encoded words as it takes, broken between characters. */
static void
field_encoded(FILE *out, const char *text, size_t *column)
{
	uint8_t piece[FIELD_WORD];
	size_t len = strlen(text);

	for (size_t i = 0; i < len;) {
		size_t room = FIELD_WORD, n;

		/* "=?UTF-8?B?" and "?="; what is too little is a new line */
		if (i == 0 && *column + 20 < FIELD_LINE)
			room = (FIELD_LINE - 12 - *column) / 4 * 3;
		if (room > FIELD_WORD)
			room = FIELD_WORD;
		n = len - i < room ? len - i : room;
		while (i + n < len && n > 1 &&
		       ((uint8_t)text[i + n] & 0xc0) == 0x80)
			n--;
		for (size_t k = 0; k < n; k++)
			piece[k] = field_is_control(text[i + k])
				       ? ' '
				       : (uint8_t)text[i + k];
		if (i > 0 || *column + 12 + (n + 2) / 3 * 4 > FIELD_LINE) {
			fputs("\r\n ", out);
			*column = 1;
		}
		fputs("=?UTF-8?B?", out);
		field_base64(out, piece, n);
		fputs("?=", out);
		*column += 12 + (n + 2) / 3 * 4;
		i += n;
	}
}

void
message_text_field(FILE *out, const char *name, const char *text)
{
	size_t column = strlen(name) + 2;

	(void)fprintf(out, "%s: ", name);
	if (field_is_plain(text))
		field_plain(out, text, &column);
	else
		field_encoded(out, text, &column);
	fputs("\r\n", out);
}

void
message_address_field(
    FILE *out, const char *name, const char *display, const char *address)
{
	size_t column = strlen(name) + 2;

	(void)fprintf(out, "%s: ", name);
	if (display[0] == '\0') {
		(void)fprintf(out, "%s\r\n", address);
		return;
	}
	if (field_is_plain(display) && strlen(display) < FIELD_LINE - 20) {
		fputc('"', out);
		for (const char *c = display; *c != '\0'; c++) {
			if (*c == '"' || *c == '\\')
				fputc('\\', out);
			fputc(*c, out);
		}
		fputc('"', out);
		column += strlen(display) + 2;
	} else {
		field_encoded(out, display, &column);
	}
	fputs(column + strlen(address) + 3 > FIELD_LINE ? "\r\n " : " ", out);
	(void)fprintf(out, "<%s>\r\n", address);
}

/* RFC 2231, 7: what stands in an extended value as it is. */
static bool
field_is_attribute(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || strchr("-._", c) != NULL;
}

void
message_parameter(FILE *out, const char *name, const char *value)
{
	bool plain = strlen(value) <= FIELD_LINE - 20;
	unsigned part = 0;
	size_t column = 0;

	for (const char *c = value; *c != '\0'; c++)
		plain = plain && field_is_attribute(*c);
	if (plain) {
		(void)fprintf(out, ";\r\n %s=\"%s\"", name, value);
		return;
	}
	for (size_t i = 0; value[i] != '\0' && i < FIELD_PARAMETER; i++) {
		if (column == 0 || column > FIELD_LINE - 6) {
			column = (size_t)fprintf(out, ";\r\n %s*%u*=%s", name,
				     part, part == 0 ? "UTF-8''" : "") -
				 3;
			part++;
		}
		if (field_is_attribute(value[i]))
			column += (size_t)fprintf(out, "%c", value[i]);
		else
			column += (size_t)fprintf(
			    out, "%%%02X", (unsigned)(uint8_t)value[i]);
	}
}

bool
message_address_ok(const char *address)
{
	const char *at = strchr(address, '@');

	if (at == NULL || at == address || at[1] == '\0' ||
	    strchr(at + 1, '@') != NULL || strlen(address) > 254)
		return false;
	for (const char *c = address; *c != '\0'; c++)
		if (*c <= ' ' || *c >= 0x7f ||
		    strchr("()<>[]:;\\,\"", *c) != NULL)
			return false;
	return true;
}

/* --- bodies ----------------------------------------------------------------
 */

/* One line of text; a soft break where it is too long (RFC 2045, 6.7). */
static void
body_line(FILE *out, const char *text, size_t len)
{
	size_t column = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		bool last = i + 1 == len;
		bool plain =
		    (c > ' ' && c < 0x7f && c != '=') || (c == ' ' && !last);
		size_t need = plain ? 1 : 3;

		if (column + need > FIELD_LINE - 1) {
			fputs("=\r\n", out);
			column = 0;
		}
		/* a mail program may take these for its own */
		if (column == 0 && (c == '.' || c == 'F')) {
			plain = false;
			need = 3;
		}
		if (plain)
			fputc(c, out);
		else
			(void)fprintf(out, "=%02X", (unsigned)c);
		column += need;
	}
	fputs("\r\n", out);
}

void
message_quoted_printable(FILE *out, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		body_line(out, text,
		    len > 0 && text[len - 1] == '\r' ? len - 1 : len);
		text += len + (text[len] == '\n');
	}
}

void
message_base64(FILE *out, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i += 57) {
		field_base64(out, bytes + i, len - i < 57 ? len - i : 57);
		fputs("\r\n", out);
	}
}
