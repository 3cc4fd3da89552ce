/* SPDX-License-Identifier: ISC */
/*
 * Shamir's secret sharing, byte by byte over GF(256) with AES's polynomial:
 * any `need` of `count` shares give the secret, fewer say nothing of it.
 * Constant time in the secret; authenticates nothing (shares.h does).
 */
#ifndef SHAMIR_H
#define SHAMIR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHAMIR_LEN 20 /* bytes of the secret, and of each share */
#define SHAMIR_MAX 16 /* shares */

/* Share i, at x = i + 1, goes to ys + i * SHAMIR_LEN.  1 < need <= count <=
 * SHAMIR_MAX. */
void shamir_split(const uint8_t secret[SHAMIR_LEN], unsigned need,
    unsigned count, uint8_t *ys);
/* From exactly `need` shares at different xs, none of them 0. */
void shamir_join(const uint8_t *xs, const uint8_t *ys, unsigned need,
    uint8_t ret_secret[SHAMIR_LEN]);
#endif
