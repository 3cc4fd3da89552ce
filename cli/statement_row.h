/* SPDX-License-Identifier: ISC */
/* The rows in which a case is shown: labels of 11 columns, lines of 80. */
#ifndef STATEMENT_ROW_H
#define STATEMENT_ROW_H
#include "session.h"

/* The label padded to 11 columns, counted as seen, and the text; no text: no
 * row. */
void statement_row(const char *label, const char *text);
/* Text broken at blanks so that no line has more columns than `width`, the
 * first one behind label, the others behind rest. */
void statement_row_line(
    const char *label, const char *rest, size_t width, const char *text);
/* "7 April 2026, in 13 days"; on: ISO. */
void statement_row_day(struct session *session, const char *on, char text[160]);
#endif
