/* SPDX-License-Identifier: ISC */
/*
 * Dates and set phrases in the letter's language, from words.json: no locale
 * and no strftime, so that a letter reads the same on every system.
 */
#ifndef LETTERS_WORDS_H
#define LETTERS_WORDS_H
#include "carnet_types.h"
#include "text.h"

/* words[group][key]; NULL: none. */
const char *words_find(const cJSON *words, const char *group, const char *key);
/* "1er mars 2026", "1 March 2026". */
void words_add_date(
    const cJSON *words, struct carnet_date date, struct text *text);
/* The same for an ISO date; what isn't one is added as it stands. */
void words_add_iso(const cJSON *words, const char *iso, struct text *text);
#endif
