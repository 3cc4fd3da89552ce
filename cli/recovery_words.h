/* SPDX-License-Identifier: ISC */
/* Recovery words that were shown on the screen: were they written down?  Knows
 * no slot and no sheet. */
#ifndef RECOVERY_WORDS_H
#define RECOVERY_WORDS_H
#include "shown_once.h"

/* At a terminal: three of them are typed back, else all are shown again.
 * Says it if they weren't.  Nothing is asked with --json, or when stdout is no
 * terminal. */
void recovery_words_confirm(
    struct session *session, const struct shown_once *words);

#endif
