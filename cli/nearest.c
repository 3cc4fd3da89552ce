/* SPDX-License-Identifier: ISC */
/*
 * Damerau's distance (optimal string alignment) of two short names.
 * Knows no names.  The contract is in nearest.h.
 */
#include "nearest.h"

#include <stdint.h>
#include <string.h>

static size_t
nearest_least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
nearest_distance(const char *a, const char *b)
{
	size_t rows[3][NEAREST_FAR + 1], len = strlen(b), i;

	if (len >= NEAREST_FAR || strlen(a) >= NEAREST_FAR)
		return NEAREST_FAR;
	for (size_t j = 0; j <= len; j++)
		rows[0][j] = j;
	for (i = 1; a[i - 1] != '\0'; i++) {
		const size_t *before = rows[(i - 1) % 3];
		size_t *row = rows[i % 3];

		row[0] = i;
		for (size_t j = 1; j <= len; j++) {
			row[j] = before[j - 1] + (a[i - 1] != b[j - 1]);
			row[j] = nearest_least(row[j], before[j] + 1);
			row[j] = nearest_least(row[j], row[j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] = nearest_least(
				    row[j], rows[(i - 2) % 3][j - 2] + 1);
		}
	}
	return rows[(i - 1) % 3][len];
}
