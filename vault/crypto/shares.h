/* SPDX-License-Identifier: ISC */
/*
 * Shares of a key slot as text that can be printed and typed back:
 *
 *   carnet-share-2: abcd efgh ...   (14 groups of four, RFC 4648 base32)
 *
 * 35 bytes: number (1), how many are needed (1), the vault's id (its first
 * 4 bytes), the slot's id (5), the share (20), a checksum (4: the beginning
 * of the BLAKE2b of what is before it).
 */
#ifndef SHARES_H
#define SHARES_H
#include "header.h"
#include "shamir.h"

#define SHARES_PREFIX "carnet-share-"
#define SHARES_BYTES 35
#define SHARES_TEXT 96 /* a line and its NUL */

struct share {
	unsigned number, need;
	uint8_t vault[4];
	char slot[SLOT_ID_TEXT];
	uint8_t y[SHAMIR_LEN];
	uint8_t bytes[SHARES_BYTES]; /* all of it, as it is hashed */
};

/* share->bytes from the rest. */
void share_fill(struct share *share);
void share_print(const struct share *share, char text[SHARES_TEXT]);
/* Whether typed text is shares rather than words. */
bool shares_are_meant(const struct secret *typed);
/*
 * Reads all lines of shares; the same one twice counts once.  *ret_len is at
 * most SHAMIR_MAX.  CARNET_INVALID: a line is no share, or mistyped (its
 * number is named), or they are of different vaults or slots.  The caller
 * wipes shares.
 */
enum carnet_status shares_parse(const struct secret *typed,
    struct share shares[SHAMIR_MAX], size_t *ret_len, struct carnet_error *err);
/* How many lines more are needed; 0: enough, or not shares at all. */
unsigned shares_lacking(const struct secret *typed);
#endif
