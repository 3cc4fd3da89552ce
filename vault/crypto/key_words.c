/* SPDX-License-Identifier: ISC */
/*
 * BIP39 words of a public key.  The number that minisign puts before a key is
 * made of the key (minisign_key_of), so the words are the whole of it.
 * The contract is in key_words.h.
 */
#include "key_words.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "words.h"

#define KEY_WORDS_BITS 11

static_assert(KEY_WORDS_TEXT == sizeof(words_english[0].text), "a word's text");
static_assert(KEY_WORDS_COUNT * KEY_WORDS_BITS == (SIGN_PUBLIC_LEN + 1) * 8,
    "one byte of checksum");

void
key_words(const uint8_t public_key[SIGN_PUBLIC_LEN], const char *lang,
    char ret_words[KEY_WORDS_COUNT][KEY_WORDS_TEXT])
{
	const struct words_word *list =
	    strcmp(lang, "fr") == 0 ? words_french : words_english;
	uint8_t bits[SIGN_PUBLIC_LEN + 1], hash[crypto_hash_sha256_BYTES];

	(void)crypto_hash_sha256(hash, public_key, SIGN_PUBLIC_LEN);
	memcpy(bits, public_key, SIGN_PUBLIC_LEN);
	bits[SIGN_PUBLIC_LEN] = hash[0];
	for (size_t i = 0; i < KEY_WORDS_COUNT; i++) {
		size_t index = 0;

		for (size_t bit = i * KEY_WORDS_BITS;
		     bit < (i + 1) * KEY_WORDS_BITS; bit++)
			index =
			    index << 1 | (bits[bit / 8] >> (7 - bit % 8) & 1U);
		memcpy(ret_words[i], list[index].text, KEY_WORDS_TEXT);
	}
}
