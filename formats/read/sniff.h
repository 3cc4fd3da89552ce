/* SPDX-License-Identifier: ISC */
/*
 * What a file is, judged by its first bytes alone; names count for nothing.
 * Takes nothing apart and reads no file.  The signatures: sniff*.c.
 */
#ifndef SNIFF_H
#define SNIFF_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SNIFF_LEN ((size_t)4096) /* more than this is never looked at */

/*
 * The media type of a document that begins with these bytes: a static text,
 * never NULL.  whole: nothing follows them.  "application/octet-stream" when
 * nothing fits; "application/x-empty" for no bytes at all.
 */
const char *sniff_type(const uint8_t *bytes, size_t len, bool whole);

/* The parts, for sniff.c: NULL or false when it isn't one. */

/* Data elements of a DICOM set without its preamble: PS3.10, PS3.5 A. */
bool sniff_dicom_elements(const uint8_t *bytes, size_t len);
/* These three take text: UTF-8, Latin-1, or UTF-16 already made narrow. */
const char *sniff_json(const char *text, size_t len, bool whole);
const char *sniff_markup(const char *text, size_t len);
bool sniff_markdown(const char *text, size_t len);
#endif
