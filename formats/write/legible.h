/* SPDX-License-Identifier: ISC */
/*
 * Strangers' text made printable: what the fonts lack, or what shows nothing
 * or turns text around, is spelt out as [U+1F600], a stray byte as [0xE9].
 * For exhibits and their titles; in a letter such a character is an error.
 */
#ifndef LEGIBLE_H
#define LEGIBLE_H
#include "carnet_types.h"

/*
 * Bytes to UTF-8 that can be drawn; tabs become spaces, '\r' goes before
 * '\n', '\f' stays.  line: '\n' and '\f' are spelt out too.  The caller frees
 * the text; *ret_spelt is set, never cleared.  NULL: no memory.
 */
char *legible(const char *bytes, size_t len, bool line, bool *ret_spelt);

#endif
