/* SPDX-License-Identifier: ISC */
/*
 * A scope's items, for the two files that read them.  formats.h has what
 * others see, docs/scope.md the syntax.
 */
#ifndef LETTERS_SCOPE_H
#define LETTERS_SCOPE_H
#include "carnet_types.h"

enum scope_sort {
	SCOPE_UNKNOWN,
	SCOPE_KIND,     /* "lab" */
	SCOPE_DOCUMENT, /* "dk3…": the letter d and base32 */
	SCOPE_PERIOD,   /* "2019..2021" */
	SCOPE_QUERY,    /* "query:…", the last one, to the end */
	SCOPE_STUDY,    /* "study:…", the same */
	SCOPE_BASE,     /* "base:…" */
	SCOPE_TEXT      /* "text:…": a person's own words */
};
struct scope_item {
	enum scope_sort sort;
	const char *at; /* borrowed; behind the colon where there is one */
	size_t len;
};
/* The next item of *text, which moves behind it; false at the end.
 * kinds: the known ones, an object whose keys they are. */
bool scope_next(
    const char **text, const cJSON *kinds, struct scope_item *ret_item);
/* Both ends of a period as whole days; an open end is unset.  False: a day
 * that doesn't exist, no end at all, or an end before its beginning. */
bool scope_period(const struct scope_item *item, struct carnet_date *ret_from,
    struct carnet_date *ret_until);
#endif
