/* SPDX-License-Identifier: ISC */
/* Secrets that are shown once, and are lost if they aren't: recovery words,
 * shares.  All of them are shown, also when memory runs out. */
#ifndef SHOWN_ONCE_H
#define SHOWN_ONCE_H
#include "secret.h"
#include "session.h"

#define SHOWN_ONCE_MAX 32

struct shown_once { /* points into what the caller keeps */
	const char *text[SHOWN_ONCE_MAX];
	int size[SHOWN_ONCE_MAX];
	int len;
};

void shown_once_add(struct shown_once *once, const char *text, size_t size);
/* The words of a text that has spaces between them. */
void shown_once_split(struct shown_once *once, const char *text, size_t len);
void shown_once_words(struct shown_once *once, const struct secret *words);
/* An array of texts: all of them, or NULL without memory. */
cJSON *shown_once_json(const struct shown_once *once);
/* One a line to stdout; allocates nothing. */
void shown_once_print(const struct shown_once *once, bool numbered);
/* Is session_result for a result that has them under this key: where that
 * can't be printed, they are, alone, and the code is EXIT_PARTIAL. */
int shown_once_result(struct session *session, cJSON *result, const char *key,
    const struct shown_once *once, int code);
#endif
