/* SPDX-License-Identifier: ISC */
/* What is missing in a letter, as people say it. */
#ifndef MISSING_WORDS_H
#define MISSING_WORDS_H
#include "session.h"

/* "person.address" to "the writer's address"; what isn't known is returned as
 * it is. */
const char *missing_words(const char *code);
#endif
