/* SPDX-License-Identifier: ISC */
/* How hard a passphrase is to guess.  Asks nobody, stores nothing. */
#ifndef STRENGTH_H
#define STRENGTH_H
#include "carnet_types.h"
#include "secret.h"

#define STRENGTH_WEAK_BITS 40.0 /* below: a year or two of good machines */

/*
 * Words that guessers try first: those of these persons (rows with name,
 * born, birthplace...; NULL: none), then what the French choose most.  A NULL
 * ends the list; NULL itself: no memory.
 */
char **strength_words(const cJSON *persons);
void strength_words_free(char **words); /* NULL is fine */

/* zxcvbn's estimate in bits; < 0: it can't be made. */
double strength_bits(const struct secret *passphrase, const char *const *words);
/* How long guessing takes, a msgid: "a few hours". */
const char *strength_duration(double bits);

#endif
