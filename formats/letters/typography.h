/* SPDX-License-Identifier: ISC */
/*
 * The spaces and marks of a language, set in our own words: never in what a
 * person typed.  Changes existing spaces and apostrophes only; adds none.
 * Used by fill.c, fields.c, collect.c, correspondence.c and heading.c.
 */
#ifndef LETTERS_TYPOGRAPHY_H
#define LETTERS_TYPOGRAPHY_H
#include "text.h"

/*
 * Adds len bytes of UTF-8 to text.  French: a narrow no-break space before
 * ; ! ? and a no-break space before : and », after «, and after n°, §, art.,
 * article, and the L., R., D. of codes; every language: ' becomes an
 * apostrophe. A word with @, :// or www. is left as it is.
 */
void typography_add(
    struct text *text, const char *lang, const char *words, size_t len);
#endif
