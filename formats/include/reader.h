/* SPDX-License-Identifier: ISC */
/*
 * How carnet-reader is spoken to.  It gets one document on its standard
 * input, of which it may leave the rest unread, and answers with frames
 * (formats.h) on its standard output; all of them are a stranger's claims.
 *
 *   TYPE  the media type, as soon as 4 KiB or the end have come
 *   TEXT  what it says: UTF-8, no controls, at most READER_TEXT_MAX; or none
 *   META  {"type","document","title","date","reader","cut","unread"}: texts,
 *         but cut, which is true or false; "" for what isn't known; type is
 *         that of TYPE or, once more was seen, a closer one; unread is ""
 *         or a code: "no-reader", "malformed", "no-memory"
 *   END   empty; then it exits with 0
 *
 * For a PDF it answers TYPE, META (unread "no-reader") and END: it is read by
 * pdftotext, whose output is given to another carnet-reader with
 * READER_FROM_PDFTOTEXT.  Without its sandbox it reads not one byte and
 * answers META (unread "no-sandbox") and END.
 */
#ifndef READER_H
#define READER_H
#include <stdbool.h>
#include <stddef.h>

#define FRAME_TYPE "TYPE"

#define READER_HEAD_LEN ((size_t)4096)      /* what TYPE waits for */
#define READER_INPUT_MAX ((size_t)64 << 20) /* more is not read: cut */
#define READER_TEXT_MAX ((size_t)8 << 20)   /* more is not said: cut */
#define READER_META_MAX ((size_t)64 << 10)  /* bytes of META */
#define READER_TITLE_MAX ((size_t)120)      /* characters of a title */
#define READER_MEMORY_MAX ((size_t)512 << 20)

#define READER_FROM_PDFTOTEXT "--from=pdftotext"
#define READER_WITHOUT_SECCOMP "--without-seccomp"

/* Whether a reader may have said this: UTF-8 with no control but tab and
 * newline, nothing that reorders what is shown.  Opens nothing. */
bool reader_text_is_clean(const char *text, size_t len);
#endif
