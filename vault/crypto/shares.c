/* SPDX-License-Identifier: ISC */
/*
 * Shares to text and back.  Splits nothing (shamir.c), opens no slot
 * (header_shares.c).  The contract is in shares.h.
 */
#include "shares.h"

#include <stdio.h>
#include <string.h>

#include "seal.h"

#define SHARES_CHECKED 31 /* bytes before the checksum */
#define SHARES_LETTERS 56

static const char shares_alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

/* Exactly SHARES_LETTERS letters of base32 to SHARES_BYTES bytes. */
static void
shares_unbase32(const uint8_t *values, uint8_t bytes[SHARES_BYTES])
{
	for (size_t i = 0; i < SHARES_BYTES; i += 5) {
		uint64_t group = 0;

		for (size_t j = 0; j < 8; j++)
			group = group << 5 | values[i / 5 * 8 + j];
		for (size_t j = 0; j < 5; j++)
			bytes[i + j] = (uint8_t)(group >> 8 * (4 - j));
	}
}

/* The five bytes behind a slot's id. */
static void
shares_slot_bytes(const char *slot, uint8_t bytes[5])
{
	uint64_t group = 0;

	for (size_t i = 1; i < SLOT_ID_TEXT - 1; i++)
		group =
		    group << 5 | (uint64_t)(strchr(shares_alphabet, slot[i]) -
					    shares_alphabet);
	for (size_t i = 0; i < 5; i++)
		bytes[i] = (uint8_t)(group >> 8 * (4 - i));
}

void
share_fill(struct share *share)
{
	uint8_t hash[HASH_LEN];

	share->bytes[0] = (uint8_t)share->number;
	share->bytes[1] = (uint8_t)share->need;
	memcpy(share->bytes + 2, share->vault, 4);
	shares_slot_bytes(share->slot, share->bytes + 6);
	memcpy(share->bytes + 11, share->y, SHAMIR_LEN);
	hash_bytes(NULL, share->bytes, SHARES_CHECKED, hash);
	memcpy(
	    share->bytes + SHARES_CHECKED, hash, SHARES_BYTES - SHARES_CHECKED);
}

void
share_print(const struct share *share, char text[SHARES_TEXT])
{
	char letters[SHARES_LETTERS + 1];
	size_t at;

	base32_encode(share->bytes, SHARES_BYTES, letters);
	at = (size_t)snprintf(
	    text, SHARES_TEXT, SHARES_PREFIX "%u:", share->number);
	for (size_t i = 0; i < SHARES_LETTERS; i++) {
		if (i % 4 == 0)
			text[at++] = ' ';
		text[at++] = letters[i];
	}
	text[at] = '\0';
	bytes_wipe(letters, sizeof(letters));
}

/* --- reading -------------------------------------------------------------- */

static char
shares_lower(uint8_t c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool
shares_begin(const uint8_t *at, const uint8_t *end)
{
	const char *prefix = SHARES_PREFIX;

	if ((size_t)(end - at) < strlen(prefix))
		return false;
	for (; *prefix != '\0'; prefix++)
		if (shares_lower(*at++) != *prefix)
			return false;
	return true;
}

/* The line's end; *at is moved behind blanks in front of it. */
static const uint8_t *
shares_line(const uint8_t **at, const uint8_t *end)
{
	const uint8_t *stop;

	while (*at < end &&
	       (**at == '\n' || **at == '\r' || **at == ' ' || **at == '\t'))
		(*at)++;
	for (stop = *at; stop < end && *stop != '\n'; stop++)
		;
	return stop;
}

bool
shares_are_meant(const struct secret *typed)
{
	const uint8_t *at = secret_peek(typed), *end = at + secret_len(typed);

	(void)shares_line(&at, end);
	return shares_begin(at, end);
}

static enum carnet_status
shares_wrong(struct carnet_error *err, unsigned number, const char *what)
{
	(void)carnet_fail(
	    err, CARNET_INVALID, CARNET_("share on line %u: %s"), number, what);
	carnet_hint(err,
	    CARNET_("a share is one line: carnet-share-1: and 14 groups of "
		    "four letters and digits"));
	return CARNET_INVALID;
}

/* The letters of one line, as numbers; the caller wipes them. */
static enum carnet_status
shares_read_letters(const uint8_t *at, const uint8_t *end, unsigned line,
    uint8_t values[SHARES_LETTERS], struct carnet_error *err)
{
	size_t count = 0;

	if (!shares_begin(at, end))
		return shares_wrong(err, line, CARNET_("it is no share"));
	while (at < end && *at != ':')
		at++;
	for (at += at < end; at < end; at++) {
		const char *found;

		if (*at == ' ' || *at == '\t' || *at == '-' || *at == '\r')
			continue;
		found = memchr(shares_alphabet, shares_lower(*at), 32);
		if (found == NULL)
			return shares_wrong(
			    err, line, CARNET_("a character that none has"));
		if (count == SHARES_LETTERS)
			return shares_wrong(err, line, CARNET_("too long"));
		values[count++] = (uint8_t)(found - shares_alphabet);
	}
	if (count < SHARES_LETTERS)
		return shares_wrong(err, line, CARNET_("too short"));
	return CARNET_OK;
}

/* One line between at and end; line: its number, for messages. */
static enum carnet_status
shares_parse_line(const uint8_t *at, const uint8_t *end, unsigned line,
    struct share *share, struct carnet_error *err)
{
	uint8_t values[SHARES_LETTERS], hash[HASH_LEN];
	enum carnet_status status =
	    shares_read_letters(at, end, line, values, err);

	if (status == CARNET_OK)
		shares_unbase32(values, share->bytes);
	bytes_wipe(values, sizeof(values));
	if (status != CARNET_OK)
		return status;
	hash_bytes(NULL, share->bytes, SHARES_CHECKED, hash);
	if (!bytes_equal(hash, share->bytes + SHARES_CHECKED,
		SHARES_BYTES - SHARES_CHECKED))
		return shares_wrong(err, line, CARNET_("it is mistyped"));
	share->number = share->bytes[0];
	share->need = share->bytes[1];
	memcpy(share->vault, share->bytes + 2, 4);
	share->slot[0] = 'k';
	base32_encode(share->bytes + 6, 5, share->slot + 1);
	memcpy(share->y, share->bytes + 11, SHAMIR_LEN);
	if (share->number < 1 || share->number > SHAMIR_MAX ||
	    share->need < 2 || share->need > SHAMIR_MAX)
		return shares_wrong(err, line, CARNET_("it is no share"));
	return CARNET_OK;
}

/* Same vault, slot and need as the first; *ret_new: not there yet. */
static bool
shares_fit(const struct share *shares, size_t len, const struct share *share,
    bool *ret_new)
{
	*ret_new = true;
	for (size_t i = 0; i < len; i++) {
		if (share->need != shares[i].need ||
		    memcmp(share->vault, shares[i].vault, 4) != 0 ||
		    strcmp(share->slot, shares[i].slot) != 0)
			return false;
		if (share->number == shares[i].number)
			*ret_new = false;
	}
	return true;
}

enum carnet_status
shares_parse(const struct secret *typed, struct share shares[SHAMIR_MAX],
    size_t *ret_len, struct carnet_error *err)
{
	const uint8_t *at = secret_peek(typed), *end = at + secret_len(typed);
	enum carnet_status status = CARNET_OK;
	unsigned line = 0;
	size_t len = 0;

	while (status == CARNET_OK) {
		const uint8_t *stop = shares_line(&at, end);
		struct share share = { 0 };
		bool is_new = true;

		if (at == end)
			break;
		status = shares_parse_line(at, stop, ++line, &share, err);
		if (status == CARNET_OK &&
		    !shares_fit(shares, len, &share, &is_new))
			status = shares_wrong(err, line,
			    CARNET_("it belongs to another set of shares"));
		if (status == CARNET_OK && is_new && len < SHAMIR_MAX)
			shares[len++] = share;
		bytes_wipe(&share, sizeof(share));
		at = stop;
	}
	if (status == CARNET_OK && len == 0)
		status = shares_wrong(err, 1, CARNET_("it is no share"));
	if (status == CARNET_OK)
		*ret_len = len;
	else
		bytes_wipe(shares, SHAMIR_MAX * sizeof(shares[0]));
	return status;
}

unsigned
shares_lacking(const struct secret *typed)
{
	struct share shares[SHAMIR_MAX];
	unsigned lacking = 0;
	size_t len = 0;

	if (shares_are_meant(typed) &&
	    shares_parse(typed, shares, &len, NULL) == CARNET_OK && len > 0) {
		lacking =
		    shares[0].need > len ? shares[0].need - (unsigned)len : 0;
		bytes_wipe(shares, sizeof(shares));
	}
	return lacking;
}
