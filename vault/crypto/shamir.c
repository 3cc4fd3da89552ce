/* SPDX-License-Identifier: ISC */
/*
 * Shamir's secret sharing over GF(256) (Shamir 1979; the field of FIPS 197).
 * No tables: a table is looked up at an address that the secret chooses.
 */
#include "shamir.h"

#include <assert.h>

#include "seal.h"

/* The product in the field, by shifts and masks. */
static uint8_t
shamir_times(uint8_t a, uint8_t b)
{
	unsigned product = 0, shifted = a;

	for (int bit = 0; bit < 8; bit++) {
		product ^= shifted & (0U - (b >> bit & 1U));
		shifted = shifted << 1 ^ (0x11bU & (0U - (shifted >> 7 & 1U)));
	}
	return (uint8_t)product;
}

/* 1 / a, which is a to the power of 254; 0 for 0. */
static uint8_t
shamir_inverse(uint8_t a)
{
	uint8_t result = 1, square = a;

	for (int bit = 1; bit < 8; bit++) {
		square = shamir_times(square, square);
		result = shamir_times(result, square);
	}
	return result;
}

void
shamir_split(const uint8_t secret[SHAMIR_LEN], unsigned need, unsigned count,
    uint8_t *ys)
{
	uint8_t coefficients[SHAMIR_MAX];

	assert(need > 1 && need <= count && count <= SHAMIR_MAX);
	for (size_t at = 0; at < SHAMIR_LEN; at++) {
		/* a polynomial of degree need - 1 whose value at 0 is ours */
		random_fill(coefficients, sizeof(coefficients));
		coefficients[0] = secret[at];
		for (unsigned i = 0; i < count; i++) {
			uint8_t x = (uint8_t)(i + 1), y = 0;

			for (unsigned j = need; j-- > 0;)
				y = shamir_times(y, x) ^ coefficients[j];
			ys[(size_t)i * SHAMIR_LEN + at] = y;
		}
	}
	bytes_wipe(coefficients, sizeof(coefficients));
}

void
shamir_join(const uint8_t *xs, const uint8_t *ys, unsigned need,
    uint8_t ret_secret[SHAMIR_LEN])
{
	uint8_t weights[SHAMIR_MAX];

	assert(need > 1 && need <= SHAMIR_MAX);
	/* Lagrange's weights at 0: the product of xj / (xj - xi) */
	for (unsigned i = 0; i < need; i++) {
		weights[i] = 1;
		for (unsigned j = 0; j < need; j++)
			if (j != i)
				weights[i] = shamir_times(weights[i],
				    shamir_times(
					xs[j], shamir_inverse(xs[j] ^ xs[i])));
	}
	for (size_t at = 0; at < SHAMIR_LEN; at++) {
		uint8_t byte = 0;

		for (unsigned i = 0; i < need; i++)
			byte ^= shamir_times(
			    weights[i], ys[(size_t)i * SHAMIR_LEN + at]);
		ret_secret[at] = byte;
	}
	bytes_wipe(weights, sizeof(weights));
}
