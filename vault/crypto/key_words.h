/* SPDX-License-Identifier: ISC */
/*
 * A public signing key as words, to compare by telephone: the 24 words of
 * BIP39 for its 32 bytes.  Nothing in them is secret.
 */
#ifndef KEY_WORDS_H
#define KEY_WORDS_H
#include "sign.h"

#define KEY_WORDS_COUNT 24 /* 256 bits and 8 of checksum, 11 a word */
#define KEY_WORDS_TEXT 12  /* a word in UTF-8 and its NUL */

/* lang "fr": the French list; any other: the English one. */
void key_words(const uint8_t public_key[SIGN_PUBLIC_LEN], const char *lang,
    char ret_words[KEY_WORDS_COUNT][KEY_WORDS_TEXT]);
#endif
