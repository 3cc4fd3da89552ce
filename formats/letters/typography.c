/* SPDX-License-Identifier: ISC */
/*
 * French spaces and apostrophes.  Knows no Markdown beyond leaving its signs
 * alone.  The contract is in typography.h.
 */
#include "typography.h"

#include <ctype.h>
#include <string.h>

#define NBSP "\302\240"      /* U+00A0 */
#define NNBSP "\342\200\257" /* U+202F */

static bool
typography_is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t';
}

/* Is this word an address that must stay as it is? */
static bool
typography_is_address(const char *word, size_t len)
{
	if (len >= 4 && strncmp(word, "www.", 4) == 0)
		return true;
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '@')
			return true;
		if (i + 2 < len && strncmp(word + i, "://", 3) == 0)
			return true;
	}
	return false;
}

/* The space that goes before this word, by how it begins. */
static const char *
typography_before(const char *word, size_t len)
{
	bool alone = len == 1 || !isalnum((unsigned char)word[1]);

	if (len == 0)
		return " ";
	if (strchr(";!?", word[0]) != NULL && alone)
		return NNBSP;
	if (word[0] == ':' && alone)
		return NBSP;
	if (len >= 2 && strncmp(word, "\302\273", 2) == 0) /* » */
		return NBSP;
	return " ";
}

/* Does what follows this word stay on its line? */
static bool
typography_holds_next(const char *word, size_t len)
{
	static const char *const holders[] = { "\302\253", "n\302\260",
		"\302\247", "art.", "L.", "R.", "D.", "R*." };
	static const char *const endings[] = { "\302\253", "article",
		"articles" };
	size_t start = 0;

	while (start < len && strchr("(*_", word[start]) != NULL)
		start++;
	for (size_t i = 0; i < sizeof(holders) / sizeof(holders[0]); i++) {
		if (strlen(holders[i]) == len - start &&
		    strncmp(word + start, holders[i], len - start) == 0)
			return true;
	}
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t ending = strlen(endings[i]);

		if (len >= ending &&
		    strncmp(word + len - ending, endings[i], ending) == 0)
			return true;
	}
	return false;
}

static void
typography_add_word(struct text *text, const char *word, size_t len)
{
	if (typography_is_address(word, len)) {
		text_add_len(text, word, len);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '\'')
			text_add(text, "\342\200\231");
		else
			text_add_len(text, word + i, 1);
	}
}

void
typography_add(
    struct text *text, const char *lang, const char *words, size_t len)
{
	bool french = strcmp(lang, "fr") == 0;
	bool held = false;
	size_t i = 0;

	while (i < len) {
		size_t start = i, end;

		while (i < len && typography_is_space(words[i]))
			i++;
		end = i;
		while (end < len && !typography_is_space(words[end]))
			end++;
		if (french && i == start + 1 && words[start] == ' ' && held)
			text_add(text, NBSP);
		else if (french && i == start + 1 && words[start] == ' ')
			text_add(text, typography_before(words + i, end - i));
		else
			text_add_len(text, words + start, i - start);
		typography_add_word(text, words + i, end - i);
		held = end > i && typography_holds_next(words + i, end - i);
		i = end;
	}
}
