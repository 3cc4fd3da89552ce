/* SPDX-License-Identifier: ISC */
/*
 * Recovery words: 160 bits as 15 BIP39 words, in French or English, and
 * back from what a person types.  Knows no slot and no vault.
 */
#ifndef WORDS_H
#define WORDS_H
#include "carnet_types.h"
#include "secret.h"

#define WORDS_COUNT 15
#define WORDS_ENTROPY 20 /* bytes; 5 bits of checksum make 15 times 11 */
#define WORDS_LIST_LEN 2048
#define WORDS_MAX_TEXT 2000 /* bytes that are looked at when typed back */

struct words_word {
	char text[12];  /* NFC, UTF-8 */
	char folded[9]; /* lower case, no accents: ASCII */
};

/* Written at build time by wordlists.py. */
extern const struct words_word words_french[WORDS_LIST_LEN];
extern const struct words_word words_english[WORDS_LIST_LEN];

/* lang "fr" or "en", else CARNET_INVALID.  *ret_words: the words, one space
 * between them, no NUL; the caller owns it. */
enum carnet_status words_encode(const uint8_t entropy[WORDS_ENTROPY],
    const char *lang, struct secret **ret_words, struct carnet_error *err);

/*
 * Words as typed: any case, accents or not, anything that is no letter
 * between them, each whole or at least its first four letters.  Both
 * languages are tried; *ret_entropies holds one candidate of WORDS_ENTROPY
 * bytes, or two in the rare case that both languages fit.
 *
 * CARNET_INVALID: the text is too long or no UTF-8, a word is in no list
 * (its position is named), not 15 words, two languages mixed, or the
 * checksum is wrong.
 */
enum carnet_status words_decode(const struct secret *typed,
    struct secret **ret_entropies, struct carnet_error *err);
#endif
