/* SPDX-License-Identifier: ISC */
/*
 * A QR code as a picture.  Knows neither what it says nor where it stands.
 */
#ifndef CODE_H
#define CODE_H
#include <cairo.h>

/* The picture of this ASCII text with its margin; the caller destroys it.
 * NULL: it is too long for a code, or (errno ENOMEM) there is no memory. */
cairo_surface_t *code_picture(const char *text);
#endif
