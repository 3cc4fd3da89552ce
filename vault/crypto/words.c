/* SPDX-License-Identifier: ISC */
/*
 * BIP39 words from bits and back.  Doesn't know what the bits open, and
 * uses no BIP39 seed.  The contract is in words.h, bytes in docs/format.md.
 */
#include "words.h"

#include <sodium.h>
#include <string.h>
#include <utf8proc.h>

#define WORDS_BITS 11
#define WORDS_TOKEN 16 /* folded letters kept of a word, and NUL */
#define WORDS_UNKNOWN (-1)
#define WORDS_PARTS 32 /* one code point folds to at most 18 */

enum words_language { WORDS_FRENCH, WORDS_ENGLISH, WORDS_LANGUAGES };

static const struct words_word *const words_lists[WORDS_LANGUAGES] = {
	[WORDS_FRENCH] = words_french,
	[WORDS_ENGLISH] = words_english,
};

/* What was recognised so far. */
struct words_reading {
	int found[WORDS_LANGUAGES][WORDS_COUNT]; /* WORDS_UNKNOWN: not in it */
	size_t len; /* words seen, also those beyond WORDS_COUNT */
	size_t misfits[WORDS_LANGUAGES];
	size_t misfit[WORDS_LANGUAGES]; /* position of the first, from 1 */
	char token[WORDS_TOKEN];
	size_t token_len;
};

/* The checksum: the first five bits of the entropy's SHA-256. */
static uint8_t
words_checksum(const uint8_t entropy[WORDS_ENTROPY])
{
	uint8_t hash[crypto_hash_sha256_BYTES], sum;

	(void)crypto_hash_sha256(hash, entropy, WORDS_ENTROPY);
	sum = hash[0] & 0xf8;
	sodium_memzero(hash, sizeof(hash));
	return sum;
}

enum carnet_status
words_encode(const uint8_t entropy[WORDS_ENTROPY], const char *lang,
    struct secret **ret_words, struct carnet_error *err)
{
	uint8_t bits[WORDS_ENTROPY + 1];
	const struct words_word *list;
	struct secret *words;
	size_t len = 0;

	if (strcmp(lang, "fr") == 0)
		list = words_lists[WORDS_FRENCH];
	else if (strcmp(lang, "en") == 0)
		list = words_lists[WORDS_ENGLISH];
	else
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("recovery words are in French or English"));
	words = secret_new(WORDS_COUNT * sizeof(list[0].text));
	if (words == NULL)
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("no memory for the recovery words"));
	memcpy(bits, entropy, WORDS_ENTROPY);
	bits[WORDS_ENTROPY] = words_checksum(entropy);
	for (size_t i = 0; i < WORDS_COUNT; i++) {
		size_t index = 0, word_len;

		for (size_t bit = i * WORDS_BITS; bit < (i + 1) * WORDS_BITS;
		     bit++)
			index =
			    index << 1 | (bits[bit / 8] >> (7 - bit % 8) & 1U);
		if (i > 0)
			secret_bytes(words)[len++] = ' ';
		word_len = strlen(list[index].text);
		memcpy(secret_bytes(words) + len, list[index].text, word_len);
		len += word_len;
	}
	sodium_memzero(bits, sizeof(bits));
	secret_shorten(words, len);
	*ret_words = words;
	return CARNET_OK;
}

/* A folded word's number in a list, whole or by at least four letters. */
static int
words_find(const struct words_word *list, const char *token, size_t len)
{
	for (int i = 0; i < WORDS_LIST_LEN; i++) {
		const char *folded = list[i].folded;

		if (strncmp(folded, token, len) == 0 &&
		    (folded[len] == '\0' || len >= 4))
			return i;
	}
	return WORDS_UNKNOWN;
}

/* Ends the word being read, if any; false when no list has it. */
static bool
words_end_token(struct words_reading *reading)
{
	size_t len = reading->token_len;
	bool is_known = false;

	if (len == 0)
		return true;
	for (int lang = 0; lang < WORDS_LANGUAGES; lang++) {
		int found = WORDS_UNKNOWN;

		if (len <= 8) /* the longest word of both lists */
			found =
			    words_find(words_lists[lang], reading->token, len);
		if (found != WORDS_UNKNOWN)
			is_known = true;
		else if (reading->misfits[lang]++ == 0)
			reading->misfit[lang] = reading->len + 1;
		if (reading->len < WORDS_COUNT)
			reading->found[lang][reading->len] = found;
	}
	reading->len++;
	reading->token_len = 0;
	sodium_memzero(reading->token, sizeof(reading->token));
	return is_known;
}

static bool
words_is_letter(utf8proc_int32_t codepoint)
{
	utf8proc_category_t category = utf8proc_category(codepoint);

	return category >= UTF8PROC_CATEGORY_LU &&
	       category <= UTF8PROC_CATEGORY_LO;
}

/* Adds one folded code point: a letter to the word, anything else ends it. */
static bool
words_take(struct words_reading *reading, utf8proc_int32_t codepoint)
{
	if (!words_is_letter(codepoint))
		return words_end_token(reading);
	/* no list's word has other letters, so any stand-in is unknown */
	if (codepoint < 'a' || codepoint > 'z')
		codepoint = '?';
	if (reading->token_len < WORDS_TOKEN)
		reading->token[reading->token_len++] = (char)codepoint;
	return true;
}

static enum carnet_status
words_fail_unknown(
    const struct words_reading *reading, struct carnet_error *err)
{
	(void)carnet_fail(err, CARNET_INVALID,
	    CARNET_("recovery word %zu is neither in the French nor in the "
		    "English list"),
	    reading->len);
	carnet_hint(
	    err, CARNET_("Look at that word on the sheet again; accents and "
			 "capitals don't matter."));
	return CARNET_INVALID;
}

/* Every word is in one of the lists, but no list has them all. */
static enum carnet_status
words_fail_mixed(const struct words_reading *reading, struct carnet_error *err)
{
	enum words_language lang = WORDS_FRENCH;

	if (reading->misfits[WORDS_ENGLISH] < reading->misfits[WORDS_FRENCH])
		lang = WORDS_ENGLISH;
	(void)carnet_fail(err, CARNET_INVALID,
	    CARNET_("recovery word %zu is in another language than most of "
		    "the others"),
	    reading->misfit[lang]);
	carnet_hint(
	    err, CARNET_("Look at that word on the sheet again; a sheet is in "
			 "one language."));
	return CARNET_INVALID;
}

/* One code point of the text, folded; its size, 0: not UTF-8. */
static size_t
words_fold(const uint8_t *text, size_t len, utf8proc_int32_t *parts,
    size_t parts_len, size_t *ret_count)
{
	const utf8proc_option_t fold = UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
				       UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK |
				       UTF8PROC_IGNORE;
	int boundary = UTF8PROC_BOUNDCLASS_START;
	utf8proc_int32_t codepoint;
	utf8proc_ssize_t size, count;

	size = utf8proc_iterate(text, (utf8proc_ssize_t)len, &codepoint);
	if (size <= 0)
		return 0;
	count = utf8proc_decompose_char(
	    codepoint, parts, (utf8proc_ssize_t)parts_len, fold, &boundary);
	codepoint = 0;
	if (count < 0 || (size_t)count > parts_len)
		return 0;
	*ret_count = (size_t)count;
	return (size_t)size;
}

/* Reads all words of the text. */
static enum carnet_status
words_read(const struct secret *typed, struct words_reading *reading,
    struct carnet_error *err)
{
	const uint8_t *text = secret_peek(typed);
	size_t len = secret_len(typed), size = 0, count = 0;
	utf8proc_int32_t parts[WORDS_PARTS];
	bool is_known = true;

	if (len > WORDS_MAX_TEXT)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("recovery words: the text is too long"));
	for (size_t i = 0; is_known && i < len; i += size) {
		size =
		    words_fold(text + i, len - i, parts, WORDS_PARTS, &count);
		if (size == 0)
			return carnet_fail(err, CARNET_INVALID,
			    CARNET_("recovery words: not UTF-8 text"));
		for (size_t j = 0; is_known && j < count; j++)
			is_known = words_take(reading, parts[j]);
	}
	sodium_memzero(parts, sizeof(parts));
	if (!is_known || !words_end_token(reading))
		return words_fail_unknown(reading, err);
	return CARNET_OK;
}

/* The bits of 15 numbers; false if their checksum is wrong. */
static bool
words_join(const int found[WORDS_COUNT], uint8_t entropy[WORDS_ENTROPY])
{
	uint8_t bits[WORDS_ENTROPY + 1] = { 0 };
	bool good;

	for (size_t bit = 0; bit < (size_t)WORDS_COUNT * WORDS_BITS; bit++) {
		unsigned word = (unsigned)found[bit / WORDS_BITS];

		if (word >> (WORDS_BITS - 1 - bit % WORDS_BITS) & 1U)
			bits[bit / 8] |= (uint8_t)(0x80U >> bit % 8);
	}
	good = bits[WORDS_ENTROPY] == words_checksum(bits);
	if (good)
		memcpy(entropy, bits, WORDS_ENTROPY);
	sodium_memzero(bits, sizeof(bits));
	return good;
}

/* From all words to the candidates. */
static enum carnet_status
words_conclude(const struct words_reading *reading,
    struct secret **ret_entropies, struct carnet_error *err)
{
	struct secret *entropies;
	size_t len = 0;

	if (reading->len != WORDS_COUNT) {
		(void)carnet_fail(err, CARNET_INVALID,
		    CARNET_("%zu recovery words, not 15"), reading->len);
		carnet_hint(
		    err, CARNET_("Type all the words of the sheet, in order."));
		return CARNET_INVALID;
	}
	if (reading->misfits[WORDS_FRENCH] > 0 &&
	    reading->misfits[WORDS_ENGLISH] > 0)
		return words_fail_mixed(reading, err);
	entropies = secret_new((size_t)WORDS_LANGUAGES * WORDS_ENTROPY);
	if (entropies == NULL)
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("no memory for the recovery words"));
	for (int lang = 0; lang < WORDS_LANGUAGES; lang++)
		if (reading->misfits[lang] == 0 &&
		    words_join(
			reading->found[lang], secret_bytes(entropies) + len))
			len += WORDS_ENTROPY;
	if (len == 0) {
		secret_free(entropies);
		(void)carnet_fail(err, CARNET_INVALID,
		    CARNET_("the recovery words don't fit together: their "
			    "checksum is wrong"));
		carnet_hint(err,
		    CARNET_("Check the order of the words, and that each is "
			    "the one on the sheet."));
		return CARNET_INVALID;
	}
	secret_shorten(entropies, len);
	*ret_entropies = entropies;
	return CARNET_OK;
}

enum carnet_status
words_decode(const struct secret *typed, struct secret **ret_entropies,
    struct carnet_error *err)
{
	struct words_reading reading = { 0 };
	enum carnet_status status;

	status = words_read(typed, &reading, err);
	if (status == CARNET_OK)
		status = words_conclude(&reading, ret_entropies, err);
	sodium_memzero(&reading, sizeof(reading));
	return status;
}
