/* SPDX-License-Identifier: ISC */
/*
 * What part of the data a decision is about: reads the small syntax of
 * docs/scope.md and brings it into one form.  Finds no document by itself.
 * The contract is in scope.h and ../include/formats.h.
 */
#include "scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "letters.h"
#include "text.h"

#define SCOPE_MAX 2000
#define SCOPE_BLANKS " \t"

static const struct {
	const char *prefix;
	enum scope_sort sort;
} scope_prefixes[] = {
	{ "query:", SCOPE_QUERY },
	{ "study:", SCOPE_STUDY },
	{ "base:", SCOPE_BASE },
	{ "text:", SCOPE_TEXT },
};

static bool
scope_is_document(const char *at, size_t len)
{
	if (len < 2 || len > 13 || at[0] != 'd')
		return false;
	for (size_t i = 1; i < len; i++)
		if (!((at[i] >= 'a' && at[i] <= 'z') ||
			(at[i] >= '2' && at[i] <= '7')))
			return false;
	return true;
}

static enum scope_sort
scope_sort_of(const char *at, size_t len, const cJSON *kinds)
{
	const cJSON *kind;

	cJSON_ArrayForEach(kind, kinds)
	{
		if (strlen(kind->string) == len &&
		    strncmp(kind->string, at, len) == 0)
			return SCOPE_KIND;
	}
	for (size_t i = 0; i + 1 < len; i++)
		if (at[i] == '.' && at[i + 1] == '.')
			return SCOPE_PERIOD;
	return scope_is_document(at, len) ? SCOPE_DOCUMENT : SCOPE_UNKNOWN;
}

bool
scope_next(const char **text, const cJSON *kinds, struct scope_item *ret_item)
{
	const char *at = *text + strspn(*text, SCOPE_BLANKS ",;");
	size_t len;

	if (*at == '\0')
		return false;
	for (size_t i = 0;
	     i < sizeof(scope_prefixes) / sizeof(scope_prefixes[0]); i++) {
		size_t skip = strlen(scope_prefixes[i].prefix);

		if (strncmp(at, scope_prefixes[i].prefix, skip) != 0)
			continue;
		at += skip + strspn(at + skip, SCOPE_BLANKS);
		len = strlen(at);
		*text = at + len;
		*ret_item =
		    (struct scope_item){ scope_prefixes[i].sort, at, len };
		return true;
	}
	len = strcspn(at, ",;");
	*text = at + len;
	while (len > 0 && strchr(SCOPE_BLANKS, at[len - 1]) != NULL)
		len--;
	*ret_item =
	    (struct scope_item){ scope_sort_of(at, len, kinds), at, len };
	return true;
}

/* "2019", "2019-03" or "2019-03-05" as its first or last day. */
static bool
scope_day(const char *at, size_t len, bool last, struct carnet_date *ret_date)
{
	char day[CARNET_DATE_TEXT];
	struct carnet_date date;

	if (len != 4 && len != 7 && len != 10)
		return false;
	(void)snprintf(day, sizeof(day), "%.*s%s", (int)len, at,
	    len == 4 ? (last ? "-12-31" : "-01-01") : (len == 7 ? "-01" : ""));
	if (!carnet_date_parse(day, &date))
		return false;
	if (len == 7 && last)
		date.day = (uint8_t)carnet_days_in_month(date.year, date.month);
	*ret_date = date;
	return true;
}

bool
scope_period(const struct scope_item *item, struct carnet_date *ret_from,
    struct carnet_date *ret_until)
{
	struct carnet_date from = { 0 }, until = { 0 };
	size_t left = 0;

	while (left + 1 < item->len &&
	       (item->at[left] != '.' || item->at[left + 1] != '.'))
		left++;
	if (left + 2 > item->len || item->len == 2)
		return false;
	if (left > 0 && !scope_day(item->at, left, false, &from))
		return false;
	if (left + 2 < item->len &&
	    !scope_day(item->at + left + 2, item->len - left - 2, true, &until))
		return false;
	if (carnet_date_is_set(from) && carnet_date_is_set(until) &&
	    carnet_date_compare(from, until) > 0)
		return false;
	*ret_from = from;
	*ret_until = until;
	return true;
}

/* --- to the stored form ------------------------------------------------- */

struct scope_parse {
	const cJSON *kinds;
	letters_resolve *resolve;
	void *context;
	struct text text;
	bool period; /* there is one already */
};

/* Adds an item unless it is there already. */
static void
scope_add(
    struct scope_parse *parse, const char *prefix, const char *at, size_t len)
{
	char item[SCOPE_MAX + 16];
	const char *found = parse->text.bytes;
	size_t size;

	(void)snprintf(item, sizeof(item), "%s%.*s", prefix, (int)len, at);
	size = strlen(item);
	while (found != NULL && (found = strstr(found, item)) != NULL) {
		bool begins = found == parse->text.bytes || found[-1] == ' ';
		char after = found[size];

		if (begins && (after == '\0' || after == ';'))
			return;
		found++;
	}
	if (parse->text.len > 0)
		text_add(&parse->text, "; ");
	text_add(&parse->text, item);
}

static enum carnet_status
scope_add_period(struct scope_parse *parse, const struct scope_item *item,
    struct carnet_error *err)
{
	char from[CARNET_DATE_TEXT], until[CARNET_DATE_TEXT], both[32];
	struct carnet_date first, last;

	if (parse->period)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("a scope has one period at most"));
	if (!scope_period(item, &first, &last)) {
		carnet_fail(
		    err, CARNET_INVALID, CARNET_("this period does not exist"));
		carnet_hint(err, "2019..2021, 2019-03..2019-05-31, 2020..");
		return CARNET_INVALID;
	}
	carnet_date_format(first, from);
	carnet_date_format(last, until);
	(void)snprintf(both, sizeof(both), "%s..%s", from, until);
	scope_add(parse, "", both, strlen(both));
	parse->period = true;
	return CARNET_OK;
}

static enum carnet_status
scope_fail_word(const struct scope_parse *parse, struct carnet_error *err)
{
	char known[400] = "";
	const cJSON *kind;
	size_t at = 0;

	cJSON_ArrayForEach(kind, parse->kinds)
	{
		if (at < sizeof(known))
			at += (size_t)snprintf(known + at, sizeof(known) - at,
			    "%s, ", kind->string);
	}
	carnet_fail(
	    err, CARNET_INVALID, CARNET_("the scope has an unknown word"));
	carnet_hint(err,
	    CARNET_("known: all, %sa document's id, 2019..2021, query:…, "
		    "study:…, base:…, text:…"),
	    known);
	return CARNET_INVALID;
}

static enum carnet_status
scope_add_item(struct scope_parse *parse, const struct scope_item *item,
    struct carnet_error *err)
{
	char prefix[14], id[14];
	enum carnet_status status;

	if (item->sort == SCOPE_KIND) {
		scope_add(parse, "", item->at, item->len);
		return CARNET_OK;
	}
	if (item->sort == SCOPE_PERIOD)
		return scope_add_period(parse, item, err);
	if (item->sort == SCOPE_DOCUMENT) {
		(void)snprintf(
		    prefix, sizeof(prefix), "%.*s", (int)item->len, item->at);
		status = parse->resolve(parse->context, prefix, id, err);
		if (status == CARNET_OK)
			scope_add(parse, "", id, strlen(id));
		return status;
	}
	if (item->sort == SCOPE_UNKNOWN)
		return scope_fail_word(parse, err);
	if (item->len == 0)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("the scope has nothing behind its colon"));
	for (size_t i = 0;
	     i < sizeof(scope_prefixes) / sizeof(scope_prefixes[0]); i++)
		if (scope_prefixes[i].sort == item->sort)
			scope_add(parse, scope_prefixes[i].prefix, item->at,
			    item->len);
	return CARNET_OK;
}

/* A sentence rather than a list: some unknown item has a blank inside. */
static bool
scope_is_sentence(const char *text, const cJSON *kinds)
{
	struct scope_item item;

	while (scope_next(&text, kinds, &item))
		if (item.sort == SCOPE_UNKNOWN &&
		    memchr(item.at, ' ', item.len) != NULL)
			return true;
	return false;
}

enum carnet_status
letters_scope_parse(const struct letters *letters, const char *text,
    letters_resolve *resolve, void *context, char **ret_scope,
    struct carnet_error *err)
{
	struct scope_parse parse = {
		.kinds = carnet_json_get(letters_words(letters, "en"), "kinds"),
		.resolve = resolve,
		.context = context,
	};
	struct scope_item item;
	enum carnet_status status = CARNET_OK;
	char *scope;

	text += strspn(text, SCOPE_BLANKS);
	if (strlen(text) > SCOPE_MAX)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("the scope is longer than 2,000 bytes"));
	if (strcmp(text, "all") == 0)
		text_add(&parse.text, "all");
	else if (scope_is_sentence(text, parse.kinds))
		scope_add(&parse, "text:", text, strlen(text));
	else
		while (status == CARNET_OK &&
		       scope_next(&text, parse.kinds, &item))
			status = scope_add_item(&parse, &item, err);
	if (status == CARNET_OK && parse.text.len == 0)
		status = scope_fail_word(&parse, err);
	if (status != CARNET_OK) {
		text_free(&parse.text);
		return status;
	}
	scope = text_take(&parse.text);
	if (scope == NULL)
		return carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("not enough memory"));
	*ret_scope = scope;
	return CARNET_OK;
}

/* --- one within another -------------------------------------------------- */

/* `scope` has this very item. */
static bool
scope_has(const char *scope, const struct scope_item *wanted)
{
	struct scope_item item;

	while (scope_next(&scope, NULL, &item))
		if (item.sort == wanted->sort && item.len == wanted->len &&
		    memcmp(item.at, wanted->at, item.len) == 0)
			return true;
	return false;
}

static bool
scope_has_period(const char *scope)
{
	struct scope_item item;

	while (scope_next(&scope, NULL, &item))
		if (item.sort == SCOPE_PERIOD)
			return true;
	return false;
}

bool
letters_scope_covers(const char *wide, const char *narrow)
{
	struct scope_item item;
	const char *left = narrow;

	if (wide == NULL || strcmp(wide, "all") == 0)
		return true;
	if (narrow == NULL || strcmp(narrow, "all") == 0)
		return false;
	if (strcmp(wide, narrow) == 0)
		return true;
	/* what is unlike in time or named in words may reach further */
	if (scope_has_period(wide) || scope_has_period(narrow))
		return false;
	while (scope_next(&left, NULL, &item))
		if (!scope_has(wide, &item))
			return false;
	return true;
}
