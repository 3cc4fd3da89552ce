/* SPDX-License-Identifier: ISC */
/*
 * libqrencode's modules as pixels.
 * The contract is in code.h.
 */
#include "code.h"

#include <errno.h>
#include <qrencode.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CODE_DOT 8   /* pixels a module */
#define CODE_QUIET 4 /* modules of margin, ISO/IEC 18004 */

/* A row of pixels: modules of one row, or the quiet zone above and below. */
static void
code_row(const QRcode *code, int row, uint32_t *pixels, int side)
{
	for (int x = 0; x < side; x++) {
		int column = x / CODE_DOT - CODE_QUIET;
		bool inside = row >= 0 && row < code->width && column >= 0 &&
			      column < code->width;
		bool dark =
		    inside && (code->data[row * code->width + column] & 1) != 0;

		pixels[x] = dark ? 0 : 0xffffff;
	}
}

static cairo_surface_t *
code_draw(const QRcode *code)
{
	int side = (code->width + 2 * CODE_QUIET) * CODE_DOT;
	cairo_surface_t *picture =
	    cairo_image_surface_create(CAIRO_FORMAT_RGB24, side, side);
	unsigned char *data;
	int stride;

	if (cairo_surface_status(picture) != CAIRO_STATUS_SUCCESS) {
		cairo_surface_destroy(picture);
		return NULL;
	}
	cairo_surface_flush(picture);
	data = cairo_image_surface_get_data(picture);
	stride = cairo_image_surface_get_stride(picture);
	for (int y = 0; y < side; y++)
		code_row(code, y / CODE_DOT - CODE_QUIET,
		    (uint32_t *)(void *)(data + (size_t)y * (size_t)stride),
		    side);
	cairo_surface_mark_dirty(picture);
	return picture;
}

cairo_surface_t *
code_picture(const char *text)
{
	QRcode *code = QRcode_encodeString8bit(
	    text, 0 /* as small as fits */, QR_ECLEVEL_Q);
	cairo_surface_t *picture;

	if (code == NULL)
		return NULL;
	picture = code_draw(code);
	QRcode_free(code);
	if (picture == NULL)
		errno = ENOMEM;
	return picture;
}
