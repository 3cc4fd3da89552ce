/* SPDX-License-Identifier: ISC */
/*
 * Cleans and escapes what a person typed.  Interprets nothing of it.
 * The contract is in value.h; bidirectional controls: Unicode TR 9 and 36.
 */
#include "value.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* Characters that would print nothing, or turn what stands around them. */
static bool
value_is_hidden(utf8proc_int32_t c)
{
	static const struct {
		utf8proc_int32_t first, last;
	} hidden[] = {
		{ 0x00, 0x09 },
		{ 0x0B, 0x1F },
		{ 0x7F, 0x9F },
		{ 0x061C, 0x061C },
		{ 0x180E, 0x180E },
		{ 0x200B, 0x200B },
		{ 0x200E, 0x200F },
		{ 0x202A, 0x202E },
		{ 0x2060, 0x206F },
		{ 0xFDD0, 0xFDEF },
		{ 0xFEFF, 0xFEFF },
		{ 0xFFF9, 0xFFFB },
		{ 0xE0000, 0xE0FFF },
	};

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	}
	return (c & 0xFFFE) == 0xFFFE;
}

static bool
value_is_line_end(utf8proc_int32_t c)
{
	return c == '\n' || c == 0x0B || c == 0x0C || c == 0x85 ||
	       c == 0x2028 || c == 0x2029;
}

static void
value_add_codepoint(struct text *text, utf8proc_int32_t c)
{
	utf8proc_uint8_t bytes[4];
	utf8proc_ssize_t len = utf8proc_encode_char(c, bytes);

	text_add_len(text, (const char *)bytes, (size_t)len);
}

/* White space and line ends wait here until something follows them. */
struct value_gap {
	bool space;
	size_t ends;
};

static void
value_close_gap(struct text *text, struct value_gap *gap, bool lines)
{
	if (text->len > 0 && gap->ends > 0 && lines)
		text_add(text, gap->ends > 1 ? "\n\n" : "\n");
	else if (text->len > 0 && (gap->ends > 0 || gap->space))
		text_add(text, " ");
	*gap = (struct value_gap){ 0 };
}

static enum carnet_status
value_filter(
    const char *raw, bool lines, struct text *text, struct carnet_error *err)
{
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)raw;
	utf8proc_ssize_t left = (utf8proc_ssize_t)strlen(raw);
	struct value_gap gap = { 0 };

	while (left > 0) {
		utf8proc_int32_t c;
		utf8proc_ssize_t len = utf8proc_iterate(at, left, &c);

		if (len <= 0)
			return carnet_fail(err, CARNET_INVALID,
			    CARNET_("letter: a value is not UTF-8 text"));
		at += len;
		left -= len;
		if (c == '\r' && (left == 0 || *at != '\n'))
			c = '\n';
		if (value_is_line_end(c))
			gap.ends++;
		else if (c == ' ' || c == '\t')
			gap.space = true;
		else if (!value_is_hidden(c)) {
			value_close_gap(text, &gap, lines);
			value_add_codepoint(text, c);
		}
	}
	return CARNET_OK;
}

enum carnet_status
value_clean(
    const char *raw, bool lines, char **ret_value, struct carnet_error *err)
{
	struct text text = { 0 };
	enum carnet_status status;
	utf8proc_uint8_t *composed;
	char *value = NULL;

	if (raw == NULL) {
		*ret_value = NULL;
		return CARNET_OK;
	}
	if (strlen(raw) > VALUE_MAX)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("letter: a value is longer than 64 KiB"));
	status = value_filter(raw, lines, &text, err);
	if (status != CARNET_OK) {
		text_free(&text);
		return status;
	}
	value = text_take(&text);
	if (value == NULL)
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("letter: not enough memory"));
	if (value[0] == '\0') {
		free(value);
		*ret_value = NULL;
		return CARNET_OK;
	}
	composed = utf8proc_NFC((const utf8proc_uint8_t *)value);
	free(value);
	if (composed == NULL)
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("letter: not enough memory"));
	*ret_value = (char *)composed;
	return CARNET_OK;
}

static bool
value_is_punctuation(char c)
{
	return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') ||
	       (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

void
value_add_markdown(struct text *text, const char *value)
{
	for (; *value != '\0'; value++) {
		if (*value == '\n')
			text_add(text, "\\\n");
		else if (value_is_punctuation(*value)) {
			text_add(text, "\\");
			text_add_len(text, value, 1);
		} else
			text_add_len(text, value, 1);
	}
}

static size_t
value_units(char c)
{
	unsigned char byte = (unsigned char)c;

	if (byte == '\n' || byte >= 0xF0)
		return 2;
	return (byte & 0xC0) != 0x80 ? 1 : 0;
}

size_t
value_count(const char *markdown)
{
	size_t count = 0;

	for (; *markdown != '\0'; markdown++) {
		if (*markdown != '\\' ||
		    !(value_is_punctuation(markdown[1]) || markdown[1] == '\n'))
			count += value_units(*markdown);
		else if (markdown[1] != '\n')
			count += value_units(*++markdown);
	}
	return count;
}

size_t
value_count_plain(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += value_units(*text);
	return count;
}
