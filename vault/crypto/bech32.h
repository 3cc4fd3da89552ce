/* SPDX-License-Identifier: ISC */
/* Bech32 (BIP 173) as age writes its keys: no limit of 90 characters. */
#ifndef BECH32_H
#define BECH32_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Exactly len bytes behind this lower-case prefix; all in lower or all in
 * upper case.  False, and bytes untouched: anything else.
 */
bool bech32_decode(
    const char *text, const char *prefix, uint8_t *bytes, size_t len);
/* In lower case; text holds strlen(prefix) + 8 + (len*8+4)/5 characters. */
void bech32_encode(
    const char *prefix, const uint8_t *bytes, size_t len, char *text);
#endif
