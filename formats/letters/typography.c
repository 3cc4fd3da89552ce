/* SPDX-License-Identifier: ISC */
/*
 * Spaces and apostrophes, by language.  Knows no Markdown beyond leaving its
 * signs alone.  The contract is in typography.h.
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

static bool
typography_ends(const char *word, size_t len, const char *ending)
{
	size_t ending_len = strlen(ending);

	return len >= ending_len &&
	       strncmp(word + len - ending_len, ending, ending_len) == 0;
}

/* What keeps the number behind it on its line. */
static const struct {
	const char *lang;
	const char *words[8];
} typography_always[] = {
	{ "fr", { "n\302\260", "\302\247", "art.", "L.", "R.", "D.", "R*.",
		    NULL } },
	{ "de", { "\302\247", "\302\247\302\247", "Art.", "Abs.", "Nr.",
		    "Buchst.", NULL } },
	{ "es", { "n.\302\272", "art.", "art\303\255culo", NULL } },
	{ "it", { "n.", "art.", "articolo", "par.", "lett.", NULL } },
	{ "nl", { "nr.", "art.", "artikel", "lid", NULL } },
};

static bool
typography_always_holds(const char *lang, const char *word, size_t len)
{
	size_t langs = sizeof(typography_always) / sizeof(typography_always[0]);
	size_t start = 0;

	while (start < len && strchr("(*_", word[start]) != NULL)
		start++;
	for (size_t i = 0; i < langs; i++) {
		const char *const *held = typography_always[i].words;

		if (strcmp(typography_always[i].lang, lang) != 0)
			continue;
		for (; *held != NULL; held++) {
			if (strlen(*held) == len - start &&
			    strncmp(word + start, *held, len - start) == 0)
				return true;
		}
	}
	return false;
}

/* Does this word begin with a digit?  None: a field follows. */
static bool
typography_is_number(const char *word, size_t len)
{
	return len == 0 || isdigit((unsigned char)word[0]);
}

/* Does the next word stay on this one's line?  No next one: a field. */
static bool
typography_holds(
    const char *word, size_t len, const char *next, size_t next_len)
{
	if (typography_ends(word, len, "\302\253")) /* « */
		return true;
	if (!typography_ends(word, len, "article") &&
	    !typography_ends(word, len, "articles"))
		return false;
	return next_len == 0 || (next[0] >= '0' && next[0] <= '9') ||
	       (next_len > 1 && strchr("LRD", next[0]) != NULL &&
		   strchr(".*", next[1]) != NULL);
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
	const char *last = words;
	size_t i = 0, last_len = 0;

	while (i < len) {
		size_t start = i, end;

		while (i < len && typography_is_space(words[i]))
			i++;
		end = i;
		while (end < len && !typography_is_space(words[end]))
			end++;
		if (i != start + 1 || words[start] != ' ')
			text_add_len(text, words + start, i - start);
		else if (typography_always_holds(lang, last, last_len) &&
			 (french || typography_is_number(words + i, end - i)))
			text_add(text, NBSP);
		else if (!french)
			text_add(text, " ");
		else if (typography_holds(last, last_len, words + i, end - i))
			text_add(text, NBSP);
		else
			text_add(text, typography_before(words + i, end - i));
		typography_add_word(text, words + i, end - i);
		last = words + i;
		last_len = end - i;
		i = end;
	}
}
