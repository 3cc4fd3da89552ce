/* SPDX-License-Identifier: ISC */
/*
 * Bytes of a text file to code points: UTF-8, UTF-16 with its mark, CP1252.
 * Copy the struct to look ahead.  Filters nothing: text_out.h does.
 */
#ifndef DECODE_H
#define DECODE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DECODE_REPLACEMENT 0xfffdU

enum decode_encoding {
	DECODE_UTF8,
	DECODE_CP1252, /* and with it Latin-1 */
	DECODE_UTF16_LE,
	DECODE_UTF16_BE
};

struct decoder {
	const uint8_t *bytes;
	size_t len, pos;
	enum decode_encoding encoding;
};

/* Chooses the encoding: by a mark, else UTF-8 if it is mostly that, else
 * CP1252.  Stands behind the mark afterwards. */
void decoder_init(struct decoder *decoder, const uint8_t *bytes, size_t len);
/* The next code point, U+FFFD for what is broken; false at the end. */
bool decoder_next(struct decoder *decoder, uint32_t *ret_code);
/* Whether these are the letters that follow, in either case; ascii is lower
 * case.  Moves nothing. */
bool decoder_sees(const struct decoder *decoder, const char *ascii);
#endif
