/* SPDX-License-Identifier: ISC */
/*
 * A pack's numbers: header, additional data, padding, when it is full.
 * Touches no file.  docs/format.md, "Packs"; pack.h.
 */
#include "pack.h"

#include <stdio.h>
#include <string.h>

#define PACK_OVERFULL ((uint64_t)24 << 20) /* close it anyway */
#define PACK_POWERS_END ((uint64_t)16 << 20)

static const char pack_magic[8] = "carnetpk";

void
pack_put_le(uint8_t *bytes, uint64_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

uint64_t
pack_get_le(const uint8_t *bytes, size_t len)
{
	uint64_t value = 0;

	for (size_t i = len; i > 0; i--)
		value = value << 8 | bytes[i - 1];
	return value;
}

void
pack_header(const uint8_t id[PACK_ID_LEN], uint8_t ret[PACK_HEADER_LEN])
{
	memcpy(ret, pack_magic, sizeof(pack_magic));
	pack_put_le(ret + 8, 1, 2);
	pack_put_le(ret + 10, PACK_EPOCH, 4);
	memcpy(ret + 14, id, PACK_ID_LEN);
}

void
pack_ad(const uint8_t header[PACK_HEADER_LEN], enum pack_part part,
    uint64_t offset, uint8_t ret_ad[PACK_AD_LEN])
{
	memcpy(ret_ad, header, PACK_HEADER_LEN);
	ret_ad[PACK_HEADER_LEN] = (uint8_t)part;
	pack_put_le(ret_ad + PACK_HEADER_LEN + 1, offset, 8);
}

/* floor(log2(value)); value > 0 */
static unsigned
pack_log2(uint64_t value)
{
	unsigned bits = 0;

	while (value >>= 1)
		bits++;
	return bits;
}

uint64_t
pack_padded(uint64_t len)
{
	uint64_t step = PACK_SIZE_MIN;
	unsigned exponent, kept;

	if (len <= PACK_POWERS_END) {
		while (step < len)
			step *= 2;
		return step;
	}
	exponent = pack_log2(len);
	kept = pack_log2(exponent) + 1;
	step = (uint64_t)1 << (exponent > kept ? exponent - kept : 0);
	return (len + step - 1) / step * step;
}

uint64_t
pack_unpadded(uint64_t end, size_t count)
{
	return end + PACK_LIST_HEAD_LEN + count * PACK_ROW_LEN + SEAL_OVERHEAD +
	       PACK_END_LEN;
}

uint64_t
pack_size_of(uint64_t end, size_t count)
{
	return pack_padded(pack_unpadded(end, count));
}

bool
pack_is_full(uint64_t end, size_t count)
{
	uint64_t len = pack_unpadded(end, count);

	if (count >= PACK_CHUNKS_MAX || end >= PACK_OVERFULL)
		return true;
	/* past 16 MiB, wait for a moment when the padding is under 1/128 */
	return end >= PACK_FULL && pack_padded(len) - len <= len / 128;
}

void
pack_path(const uint8_t id[PACK_ID_LEN], char text[PACK_PATH_TEXT])
{
	char hex[PACK_ID_TEXT];

	hex_encode(id, PACK_ID_LEN, hex);
	(void)snprintf(text, PACK_PATH_TEXT, "packs/%.2s/%s", hex, hex);
}

void
pack_temp_path(const uint8_t id[PACK_ID_LEN], char text[PACK_TEMP_TEXT])
{
	char hex[PACK_ID_TEXT];

	hex_encode(id, PACK_ID_LEN, hex);
	(void)snprintf(text, PACK_TEMP_TEXT, "packs/%.2s/.tmp-%s", hex, hex);
}
