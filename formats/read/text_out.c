/* SPDX-License-Identifier: ISC */
/*
 * The one way by which text leaves a reader.  Knows no format.
 * The contract: text_out.h.
 */
#include "text_out.h"

#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "reader.h"

enum text_state {
	TEXT_PLAIN = 0,
	TEXT_RETURN,   /* behind '\r' */
	TEXT_ESCAPE,   /* behind ESC */
	TEXT_SEQUENCE, /* in "ESC [ ..." */
	TEXT_COMMAND   /* in "ESC ] ...", up to BEL or the line's end */
};

void
text_out_init(struct text_out *out, size_t max)
{
	*out = (struct text_out){ .max = max };
}

void
text_out_clear(struct text_out *out)
{
	free(out->bytes);
	*out = (struct text_out){ .max = out->max };
}

static bool
text_out_room(struct text_out *out, size_t more)
{
	size_t capacity = out->capacity;
	char *bytes;

	if (out->failed || out->cut)
		return false;
	if (out->len + more > out->max) {
		out->cut = true;
		return false;
	}
	if (out->len + more < capacity)
		return true;
	capacity = capacity == 0 ? 1024 : capacity * 2;
	bytes = realloc(out->bytes, capacity);
	if (bytes == NULL) {
		out->failed = true;
		return false;
	}
	out->bytes = bytes;
	out->capacity = capacity;
	return true;
}

static void
text_out_append(struct text_out *out, uint32_t code)
{
	uint8_t buffer[4];
	size_t len = 0;

	if (code < 0x80)
		buffer[len++] = (uint8_t)code;
	else if (code < 0x800)
		buffer[len++] = (uint8_t)(0xc0 | code >> 6);
	else if (code < 0x10000) {
		buffer[len++] = (uint8_t)(0xe0 | code >> 12);
		buffer[len++] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
	} else {
		buffer[len++] = (uint8_t)(0xf0 | code >> 18);
		buffer[len++] = (uint8_t)(0x80 | (code >> 12 & 0x3f));
		buffer[len++] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
	}
	if (code >= 0x80)
		buffer[len++] = (uint8_t)(0x80 | (code & 0x3f));
	if (!text_out_room(out, len))
		return;
	memcpy(out->bytes + out->len, buffer, len);
	out->len += len;
	out->bytes[out->len] = '\0';
}

/* Controls, and what only changes how text looks or in which order. */
static bool
text_is_left_out(uint32_t code)
{
	return (code < 0x20 && code != '\t' && code != '\n') ||
	       (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x61c ||
	       (code >= 0x200b && code <= 0x200f && code != 0x200c &&
		   code != 0x200d) ||
	       (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
	       (code >= 0xfff0 && code <= 0xfffb) ||
	       (code & 0xfffe) == 0xfffe ||
	       (code >= 0xd800 && code <= 0xdfff) ||
	       (code >= 0xe0000 && code <= 0xe0fff) || code > 0x10ffff;
}

/* True when this code point belongs to a terminal sequence. */
static bool
text_out_escape(struct text_out *out, uint32_t code)
{
	switch (out->state) {
	case TEXT_ESCAPE:
		out->state = code == '['   ? TEXT_SEQUENCE
			     : code == ']' ? TEXT_COMMAND
					   : TEXT_PLAIN;
		return code >= 0x20 && code < 0x7f;
	case TEXT_SEQUENCE:
		if (code >= 0x20 && code < 0x40)
			return true;
		out->state = TEXT_PLAIN;
		return code >= 0x40 && code < 0x7f;
	case TEXT_COMMAND:
		if (code != 7 && code != 0x1b && code != '\n' && code != '\r')
			return true;
		out->state = code == 0x1b ? TEXT_ESCAPE : TEXT_PLAIN;
		return code == 7 || code == 0x1b;
	default:
		return false;
	}
}

void
text_out_put(struct text_out *out, uint32_t code)
{
	if (text_out_escape(out, code))
		return;
	if (code == '\n' && out->state == TEXT_RETURN) {
		out->state = TEXT_PLAIN;
		return;
	}
	out->state = code == '\r'   ? TEXT_RETURN
		     : code == 0x1b ? TEXT_ESCAPE
				    : TEXT_PLAIN;
	if (code == '\r' || code == '\f' || code == '\v' || code == 0x85 ||
	    code == 0x2028 || code == 0x2029)
		code = '\n';
	if (!text_is_left_out(code))
		text_out_append(out, code);
}

void
text_out_ascii(struct text_out *out, const char *text)
{
	for (; *text != '\0'; text++)
		text_out_put(out, (unsigned char)*text);
}

void
text_out_utf8(struct text_out *out, const char *text, size_t len)
{
	struct decoder decoder = { .bytes = (const uint8_t *)text,
		.len = len,
		.encoding = DECODE_UTF8 };
	uint32_t code;

	while (decoder_next(&decoder, &code))
		text_out_put(out, code);
}

void
text_out_line(struct text_out *out, unsigned empty)
{
	unsigned ends = 0;

	while (out->len > 0 && out->bytes[out->len - 1] == ' ')
		out->bytes[--out->len] = '\0';
	while (ends < out->len && out->bytes[out->len - 1 - ends] == '\n')
		ends++;
	if (out->len == ends)
		return; /* nothing was put yet */
	for (; ends < empty + 1; ends++)
		text_out_append(out, '\n');
}

bool
text_out_is_blank(const struct text_out *out)
{
	for (size_t i = 0; i < out->len; i++) {
		char c = out->bytes[i];

		if (c != ' ' && c != '\n' && c != '\t')
			return false;
	}
	return true;
}

bool
reader_text_is_clean(const char *text, size_t len)
{
	struct decoder decoder = { .bytes = (const uint8_t *)text,
		.len = len,
		.encoding = DECODE_UTF8 };
	uint32_t code;

	while (decoder_next(&decoder, &code)) {
		if (text_is_left_out(code))
			return false;
		if (code == DECODE_REPLACEMENT &&
		    (decoder.pos < 3 ||
			memcmp(text + decoder.pos - 3, "\xef\xbf\xbd", 3) != 0))
			return false;
	}
	return true;
}
