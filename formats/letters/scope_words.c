/* SPDX-License-Identifier: ISC */
/*
 * A stored scope in the words of a language, for a letter or a screen.  Names
 * no document: a letter says how many were named apart.
 * The contract is in ../include/formats.h; the words are in words.json.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "letters.h"
#include "scope.h"
#include "text.h"
#include "words.h"

struct scope_words {
	const cJSON *words; /* of the language */
	struct text text;
	size_t documents;
	bool unknown; /* it isn't in our syntax: print it as it is */
};

static void
scope_words_add(
    struct scope_words *words, const char *phrase, const char *const *pairs)
{
	const char *pattern = words_find(words->words, "scope", phrase);

	if (words->text.len > 0)
		text_add(&words->text, ", ");
	text_fill(&words->text, pattern == NULL ? "" : pattern, pairs);
}

static void
scope_words_period(struct scope_words *words, const struct scope_item *item)
{
	struct carnet_date from, until;
	struct text first = { 0 }, last = { 0 };
	char *begin, *end;

	if (!scope_period(item, &from, &until)) {
		words->unknown = true;
		return;
	}
	if (carnet_date_is_set(from))
		words_add_date(words->words, from, &first);
	if (carnet_date_is_set(until))
		words_add_date(words->words, until, &last);
	begin = text_take(&first);
	end = text_take(&last);
	words->text.failed |= begin == NULL || end == NULL;
	scope_words_add(words,
	    !carnet_date_is_set(until)  ? "since"
	    : !carnet_date_is_set(from) ? "before"
					: "between",
	    (const char *const[]){ "from", begin, "until", end, NULL });
	free(begin);
	free(end);
}

static void
scope_words_item(struct scope_words *words, const struct scope_item *item)
{
	static const char *const phrases[] = { [SCOPE_QUERY] = "query",
		[SCOPE_STUDY] = "study",
		[SCOPE_BASE] = "base",
		[SCOPE_TEXT] = NULL };
	char kind[32];

	if (item->sort == SCOPE_UNKNOWN) {
		words->unknown = true;
	} else if (item->sort == SCOPE_DOCUMENT) {
		words->documents++;
	} else if (item->sort == SCOPE_PERIOD) {
		scope_words_period(words, item);
	} else if (item->sort == SCOPE_KIND) {
		(void)snprintf(
		    kind, sizeof(kind), "%.*s", (int)item->len, item->at);
		if (words->text.len > 0)
			text_add(&words->text, ", ");
		text_add(&words->text, words_find(words->words, "kinds", kind));
	} else if (phrases[item->sort] != NULL) {
		/* such an item goes to the end: at is NUL-terminated */
		scope_words_add(words, phrases[item->sort],
		    (const char *const[]){ "text", item->at, NULL });
	} else {
		if (words->text.len > 0)
			text_add(&words->text, ", ");
		text_add(&words->text, item->at);
	}
}

enum carnet_status
letters_scope_words(const struct letters *letters, const char *scope,
    const char *lang, char **ret_words, struct carnet_error *err)
{
	struct scope_words words = { .words = letters_words(letters, lang) };
	const cJSON *kinds = carnet_json_get(words.words, "kinds");
	const char *left =
	    scope == NULL || strcmp(scope, "all") == 0 ? "" : scope;
	struct scope_item item;
	char count[24], *text;

	while (scope_next(&left, kinds, &item))
		scope_words_item(&words, &item);
	(void)snprintf(count, sizeof(count), "%zu", words.documents);
	if (words.documents > 0)
		scope_words_add(&words,
		    words.documents == 1 ? "document" : "documents",
		    (const char *const[]){ "count", count, NULL });
	if (words.unknown) {
		text_free(&words.text);
		text_add(&words.text, scope);
	}
	text = text_take(&words.text);
	if (text == NULL)
		return carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("not enough memory"));
	*ret_words = text;
	return CARNET_OK;
}
