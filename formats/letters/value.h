/* SPDX-License-Identifier: ISC */
/*
 * What a person typed, on its way into a letter: cleaned of what no reader
 * sees, and escaped so that it prints as typed.  Interprets nothing.
 * Used by fields.c, heading.c, fill.c and compose.c.
 */
#ifndef LETTERS_VALUE_H
#define LETTERS_VALUE_H
#include "carnet_types.h"
#include "text.h"

#define VALUE_MAX ((size_t)64 << 10)
#define VALUE_BLANK "____________" /* a ruled blank, to fill by hand */

/*
 * Removes control, bidirectional-control, tag and non-characters, composes
 * (NFC), trims, and joins lines with one space unless `lines` keeps them
 * (no empty first or last one, at most one empty between two).  *ret_value
 * is NULL when nothing is left.  CARNET_INVALID: not UTF-8, or longer than
 * VALUE_MAX bytes.  The caller frees *ret_value.
 */
enum carnet_status value_clean(
    const char *raw, bool lines, char **ret_value, struct carnet_error *err);
/* Adds a cleaned value to CommonMark so that it prints as typed; a line's
 * end becomes a hard break. */
void value_add_markdown(struct text *text, const char *value);
/*
 * How many characters a web form counts in this escaped text without other
 * markup: UTF-16 units, and two for a line's end.
 */
size_t value_count(const char *markdown);
/* The same for a text without escapes. */
size_t value_count_plain(const char *text);
#endif
