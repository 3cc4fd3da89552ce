/* SPDX-License-Identifier: ISC */
/*
 * What a document seems to be, from its text: a title, a date, a kind.  All
 * of them guesses; when in doubt, none.  Reads no bytes of a format.
 */
#ifndef GUESS_H
#define GUESS_H
#include "carnet_types.h"
#include "text_out.h"

/* One line of at most READER_TITLE_MAX characters: of `title` if it has any,
 * else the first line of text that isn't empty.  false: none. */
bool guess_title(const struct text_out *title, const struct text_out *text,
    struct text_out *ret_title);

/* The text's beginning in small letters without accents, with one space for
 * all white space but newlines; the caller frees it.  NULL: no memory. */
char *guess_fold(const char *text, size_t len);

/* Both take what guess_fold gave. */

/* A date that its label says is the document's, and that no other label of
 * the same rank contradicts.  "" in ret_date otherwise. */
void guess_date(const char *folded, char ret_date[CARNET_DATE_TEXT]);
/* "lab", "imaging", "prescription", "vaccination", "invoice", "letter", or
 * "": a static text. */
const char *guess_document(const char *folded);
#endif
