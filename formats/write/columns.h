/* SPDX-License-Identifier: ISC */
/*
 * Lines of plain text, broken by how wide they look in a terminal or in a
 * plain editor.  Knows nothing of letters.
 */
#ifndef COLUMNS_H
#define COLUMNS_H
#include <stddef.h>
#include <stdio.h>

/*
 * Writes text as lines of at most `width` columns (0: as many as it takes),
 * the first after `first`, the others after `next`, which count.  Breaks at
 * spaces and between two wide characters; a longer word keeps a line of its
 * own, whole.  '\n' in text breaks too.  No line ends with a space.
 */
void columns_write(FILE *out, const char *text, const char *first,
    const char *next, size_t width);

/* The columns that valid UTF-8 takes. */
size_t columns_width(const char *text, size_t len);

#endif
