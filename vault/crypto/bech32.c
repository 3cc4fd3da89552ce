/* SPDX-License-Identifier: ISC */
/*
 * Bech32: groups of five bits and a checksum of six characters (BIP 173).
 * Not secret by itself: an identity's text is wiped by who holds it.
 */
#include "bech32.h"

#include <string.h>

#define BECH32_BYTES_MAX 64
#define BECH32_GROUPS_MAX ((BECH32_BYTES_MAX * 8 + 4) / 5 + 6)
#define BECH32_CHECKSUM 6

static const char bech32_letters[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/* One step of the checksum, a BCH code over GF(32). */
static uint32_t
bech32_step(uint32_t sum, uint8_t value)
{
	static const uint32_t generators[] = { 0x3b6a57b2, 0x26508e6d,
		0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
	uint32_t top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ value;
	for (int i = 0; i < 5; i++)
		if ((top >> i & 1) != 0)
			sum ^= generators[i];
	return sum;
}

static uint32_t
bech32_sum(const char *prefix, const uint8_t *groups, size_t len)
{
	uint32_t sum = 1;

	for (const char *c = prefix; *c != '\0'; c++)
		sum = bech32_step(sum, (uint8_t)*c >> 5);
	sum = bech32_step(sum, 0);
	for (const char *c = prefix; *c != '\0'; c++)
		sum = bech32_step(sum, (uint8_t)*c & 31);
	for (size_t i = 0; i < len; i++)
		sum = bech32_step(sum, groups[i]);
	return sum;
}

/* Copies the text in lower case; false: mixed case, or too long. */
static bool
bech32_lower(const char *text, char *lower, size_t size)
{
	bool has_lower = false, has_upper = false;
	size_t i;

	for (i = 0; text[i] != '\0'; i++) {
		char c = text[i];

		if (i + 1 >= size)
			return false;
		has_lower |= c >= 'a' && c <= 'z';
		has_upper |= c >= 'A' && c <= 'Z';
		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	lower[i] = '\0';
	return !(has_lower && has_upper);
}

/* Groups of five bits to bytes; false: spare bits that aren't zero. */
static bool
bech32_join(const uint8_t *groups, size_t count, uint8_t *bytes, size_t len)
{
	uint32_t held = 0;
	unsigned bits = 0;
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		held = held << 5 | groups[i];
		bits += 5;
		if (bits >= 8 && at < len) {
			bits -= 8;
			bytes[at++] = (uint8_t)(held >> bits);
			held &= (1U << bits) - 1;
		}
	}
	return at == len && bits < 5 && held == 0;
}

bool
bech32_decode(const char *text, const char *prefix, uint8_t *bytes, size_t len)
{
	char lower[BECH32_GROUPS_MAX + 32];
	uint8_t groups[BECH32_GROUPS_MAX] = { 0 }, out[BECH32_BYTES_MAX];
	size_t count = (len * 8 + 4) / 5, prefix_len = strlen(prefix);
	const char *letters = lower + prefix_len + 1;

	if (len > BECH32_BYTES_MAX ||
	    !bech32_lower(text, lower, sizeof(lower)) ||
	    strncmp(lower, prefix, prefix_len) != 0 ||
	    lower[prefix_len] != '1' ||
	    strlen(letters) != count + BECH32_CHECKSUM)
		return false;
	for (size_t i = 0; i < count + BECH32_CHECKSUM; i++) {
		const char *found = strchr(bech32_letters, letters[i]);

		if (found == NULL)
			return false;
		groups[i] = (uint8_t)(found - bech32_letters);
	}
	if (bech32_sum(prefix, groups, count + BECH32_CHECKSUM) != 1 ||
	    !bech32_join(groups, count, out, len))
		return false;
	memcpy(bytes, out, len);
	return true;
}

void
bech32_encode(const char *prefix, const uint8_t *bytes, size_t len, char *text)
{
	uint8_t groups[BECH32_GROUPS_MAX] = { 0 };
	size_t count = 0, prefix_len = strlen(prefix);
	uint32_t held = 0, sum;
	unsigned bits = 0;

	for (size_t i = 0; i < len; i++) {
		held = (held << 8 | bytes[i]) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			groups[count++] = (uint8_t)(held >> (bits - 5) & 31);
	}
	if (bits > 0)
		groups[count++] = (uint8_t)(held << (5 - bits) & 31);
	sum = bech32_sum(prefix, groups, count + BECH32_CHECKSUM) ^ 1;
	for (size_t i = 0; i < BECH32_CHECKSUM; i++)
		groups[count + i] = (uint8_t)(sum >> 5 * (5 - i) & 31);
	memcpy(text, prefix, prefix_len);
	text[prefix_len] = '1';
	for (size_t i = 0; i < count + BECH32_CHECKSUM; i++)
		text[prefix_len + 1 + i] = bech32_letters[groups[i]];
	text[prefix_len + 1 + count + BECH32_CHECKSUM] = '\0';
}
