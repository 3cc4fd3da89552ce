/* SPDX-License-Identifier: ISC */
/* How unlike two short names are, for "did you mean". */
#ifndef NEAREST_H
#define NEAREST_H
#include <stddef.h>

#define NEAREST_FAR 31

/* Letters put in, left out, changed, or two that changed places; NEAREST_FAR
 * for long names. */
size_t nearest_distance(const char *a, const char *b);
#endif
