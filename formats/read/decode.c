/* SPDX-License-Identifier: ISC */
/*
 * Code points out of a stranger's bytes, one at a time, whatever they are.
 * Never fails: what isn't a character is U+FFFD.
 * The contract: decode.h.  UTF-8: RFC 3629; UTF-16: RFC 2781.
 */
#include "decode.h"

#include <string.h>

/* CP1252, 0x80..0x9F; 0 where it has nothing. */
static const uint16_t cp1252[32] = { 0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026,
	0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0,
	0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122,
	0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178 };

/* One UTF-8 sequence; of a broken one as many bytes as could have begun it. */
static bool
decode_utf8(struct decoder *decoder, uint32_t *ret_code)
{
	uint8_t lead = decoder->bytes[decoder->pos++];
	uint8_t low = 0x80, high = 0xbf;
	uint32_t code;
	int more;

	*ret_code = lead;
	if (lead < 0x80)
		return true;
	*ret_code = DECODE_REPLACEMENT;
	if (lead < 0xc2 || lead > 0xf4)
		return false;
	more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
	code = lead & (0x3fU >> more);
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	for (; more > 0; more--) {
		uint8_t next;

		if (decoder->pos >= decoder->len)
			return false;
		next = decoder->bytes[decoder->pos];
		if (next < low || next > high)
			return false;
		decoder->pos++;
		code = code << 6 | (next & 0x3fU);
		low = 0x80;
		high = 0xbf;
	}
	*ret_code = code;
	return true;
}

static uint32_t
decode_unit(const struct decoder *decoder, size_t pos)
{
	const uint8_t *unit = decoder->bytes + pos;

	return decoder->encoding == DECODE_UTF16_LE
		   ? (uint32_t)unit[0] | (uint32_t)unit[1] << 8
		   : (uint32_t)unit[1] | (uint32_t)unit[0] << 8;
}

static uint32_t
decode_utf16(struct decoder *decoder)
{
	uint32_t code, next;

	if (decoder->len - decoder->pos < 2) {
		decoder->pos = decoder->len;
		return DECODE_REPLACEMENT;
	}
	code = decode_unit(decoder, decoder->pos);
	decoder->pos += 2;
	if (code < 0xd800 || code > 0xdfff)
		return code;
	if (code > 0xdbff || decoder->len - decoder->pos < 2)
		return DECODE_REPLACEMENT;
	next = decode_unit(decoder, decoder->pos);
	if (next < 0xdc00 || next > 0xdfff)
		return DECODE_REPLACEMENT;
	decoder->pos += 2;
	return 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
}

bool
decoder_next(struct decoder *decoder, uint32_t *ret_code)
{
	uint8_t byte;

	if (decoder->pos >= decoder->len)
		return false;
	switch (decoder->encoding) {
	case DECODE_UTF8:
		(void)decode_utf8(decoder, ret_code);
		return true;
	case DECODE_UTF16_LE:
	case DECODE_UTF16_BE:
		*ret_code = decode_utf16(decoder);
		return true;
	case DECODE_CP1252:
		break;
	}
	byte = decoder->bytes[decoder->pos++];
	*ret_code = byte;
	if (byte >= 0x80 && byte < 0xa0)
		*ret_code = cp1252[byte - 0x80] != 0 ? cp1252[byte - 0x80]
						     : DECODE_REPLACEMENT;
	return true;
}

bool
decoder_sees(const struct decoder *decoder, const char *ascii)
{
	struct decoder ahead = *decoder;
	uint32_t code;

	for (; *ascii != '\0'; ascii++) {
		if (!decoder_next(&ahead, &code))
			return false;
		if (code >= 'A' && code <= 'Z')
			code += 'a' - 'A';
		if (code != (unsigned char)*ascii)
			return false;
	}
	return true;
}

/* UTF-8 when what is well formed outweighs what isn't: one broken letter in
 * a long text doesn't turn all its accents into pairs of signs. */
static enum decode_encoding
decode_guess(const uint8_t *bytes, size_t len)
{
	struct decoder decoder = { .bytes = bytes, .len = len };
	size_t good = 0, bad = 0;

	while (decoder.pos < len) {
		uint32_t code;
		bool right = decode_utf8(&decoder, &code);

		if (right && code >= 0x80)
			good++;
		else if (!right)
			bad++;
	}
	return bad > good ? DECODE_CP1252 : DECODE_UTF8;
}

void
decoder_init(struct decoder *decoder, const uint8_t *bytes, size_t len)
{
	*decoder = (struct decoder){ .bytes = bytes, .len = len };
	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		decoder->pos = 3;
		decoder->encoding = DECODE_UTF8;
	} else if (len >= 2 && memcmp(bytes, "\xff\xfe", 2) == 0) {
		decoder->pos = 2;
		decoder->encoding = DECODE_UTF16_LE;
	} else if (len >= 2 && memcmp(bytes, "\xfe\xff", 2) == 0) {
		decoder->pos = 2;
		decoder->encoding = DECODE_UTF16_BE;
	} else
		decoder->encoding = decode_guess(bytes, len);
}
