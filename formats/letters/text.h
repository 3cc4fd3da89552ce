/* SPDX-License-Identifier: ISC */
/*
 * Text that grows, and lists of lines: what letters are built in.
 * A failed allocation is remembered and told once, by *_take.
 * Used by every file of formats/letters.
 */
#ifndef LETTERS_TEXT_H
#define LETTERS_TEXT_H
#include <stdbool.h>
#include <stddef.h>

struct text {
	char *bytes;
	size_t len, cap;
	bool failed;
};

void text_add(struct text *text, const char *string);
void text_add_len(struct text *text, const char *bytes, size_t len);
/* The caller owns what comes back ("" for an empty text); NULL if an
 * allocation failed.  The text is empty afterwards. */
char *text_take(struct text *text);
void text_free(struct text *text);
/*
 * Adds pattern with each {name} replaced.  pairs: name, value, ... NULL; a
 * NULL value prints as nothing.  An unknown {name} stays as it is.
 */
void text_fill(
    struct text *text, const char *pattern, const char *const *pairs);

struct lines {
	char **items;
	size_t len;
	bool failed;
};

void lines_add(struct lines *lines, const char *string);
/* Adds string unless the list already has it. */
void lines_add_once(struct lines *lines, const char *string);
/* Gives a NULL-terminated array to the caller; NULL if an allocation failed. */
char **lines_take(struct lines *lines);
void lines_free(struct lines *lines);
/* Frees what lines_take gave; accepts NULL. */
void lines_free_array(char **array);
#endif
