/* SPDX-License-Identifier: ISC */
/*
 * What every writer asks of a letter before it writes: well-formed text that
 * shows what it says.  Knows no fonts: what can be drawn, the PDF writer asks.
 */
#ifndef LETTER_CHECK_H
#define LETTER_CHECK_H
#include "formats.h"

/*
 * CARNET_INVALID without subject, body or a language tag; and, naming U+XXXX
 * and the part, for text that is not UTF-8, for control characters (the body
 * may hold line ends and tabs), and for those that turn the order of reading
 * around (U+202A to 202E, U+2066 to 2069): a name could make a letter show
 * what it doesn't say.
 */
enum carnet_status letter_check(
    const struct letter *letter, struct carnet_error *err);

/* The parts by their names in errors; NULL lines and texts count as "". */
typedef enum carnet_status letter_part_check(void *context, const char *part,
    const char *text, struct carnet_error *err);
enum carnet_status letter_each_part(const struct letter *letter,
    letter_part_check *check, void *context, struct carnet_error *err);

/* Does the channel take a subject and a message, no sheet of paper? */
bool letter_is_message(const struct letter *letter);

/* May this character stand in a file?  line: of a single line. */
bool letter_char_ok(int32_t character, bool line);

#endif
