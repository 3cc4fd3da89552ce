/* SPDX-License-Identifier: ISC */
/* What a person types, judged before it is written anywhere. */
#ifndef PLAIN_TEXT_H
#define PLAIN_TEXT_H
#include "session.h"

/*
 * Whether a text is UTF-8 of 1 to max characters with no control character
 * (lines: line breaks are fine) and none that turns the reading order around.
 * If not, fills session->err: CARNET_INVALID, "WHAT: ..." and why.
 */
enum carnet_status plain_text_check(struct session *session, const char *what,
    const char *text, size_t max, bool lines);
/*
 * A copy, to be freed, in which a backslash and an n, as they come out of a
 * shell's quotes, are a line break; NULL: no memory.
 */
char *plain_text_lines(const char *typed);
#endif
