/* SPDX-License-Identifier: ISC */
/*
 * Reading PNG with libpng, by way of cairo; scaling down.
 * Its size is looked at before anything is unpacked.
 * The contract is in picture.h.
 */
#include "picture.h"

#include <errno.h>
#include <string.h>

struct picture_source {
	const uint8_t *bytes;
	size_t left;
};

static cairo_status_t
picture_bytes(void *closure, unsigned char *data, unsigned int len)
{
	struct picture_source *source = closure;

	if (len > source->left)
		return CAIRO_STATUS_READ_ERROR;
	memcpy(data, source->bytes, len);
	source->bytes += len;
	source->left -= len;
	return CAIRO_STATUS_SUCCESS;
}

static uint32_t
picture_number(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* The signature and the header chunk, which come first (PNG, 5.2, 11.2.2). */
static bool
picture_size_ok(const uint8_t *png, size_t len)
{
	static const uint8_t head[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a,
		'\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R' };
	uint64_t width, height;

	if (len < 33 || memcmp(png, head, sizeof(head)) != 0)
		return false;
	width = picture_number(png + 16);
	height = picture_number(png + 20);
	return width > 0 && height > 0 && width <= 32767 && height <= 32767 &&
	       width * height <= PICTURE_PIXELS_MAX;
}

/* `from`, painted on white at another size. */
static cairo_surface_t *
picture_paint(cairo_surface_t *from, int width, int height)
{
	cairo_surface_t *made =
	    cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
	cairo_t *cairo = cairo_create(made);

	cairo_set_source_rgb(cairo, 1, 1, 1);
	cairo_paint(cairo);
	cairo_scale(cairo, (double)width / cairo_image_surface_get_width(from),
	    (double)height / cairo_image_surface_get_height(from));
	cairo_set_source_surface(cairo, from, 0, 0);
	cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_GOOD);
	cairo_pattern_set_extend(cairo_get_source(cairo), CAIRO_EXTEND_PAD);
	cairo_paint(cairo);
	if (cairo_status(cairo) != CAIRO_STATUS_SUCCESS) {
		cairo_surface_destroy(made);
		made = NULL;
	}
	cairo_destroy(cairo);
	return made;
}

enum carnet_status
picture_read(const uint8_t *png, size_t len, cairo_surface_t **ret_picture,
    struct carnet_error *err)
{
	struct picture_source source = { png, len };
	cairo_surface_t *read, *picture = NULL;
	cairo_status_t status;

	if (!picture_size_ok(png, len))
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("a page: not a PNG picture, or too large"));
	read =
	    cairo_image_surface_create_from_png_stream(picture_bytes, &source);
	status = cairo_surface_status(read);
	if (status == CAIRO_STATUS_SUCCESS)
		picture =
		    picture_paint(read, cairo_image_surface_get_width(read),
			cairo_image_surface_get_height(read));
	cairo_surface_destroy(read);
	/* cairo calls every error of libpng's "no memory" */
	if (status == CAIRO_STATUS_SUCCESS && picture == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a page"));
	if (status != CAIRO_STATUS_SUCCESS)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("a page: a broken PNG picture"));
	*ret_picture = picture;
	return CARNET_OK;
}

enum carnet_status
picture_shrink(
    cairo_surface_t **picture, int width, int height, struct carnet_error *err)
{
	cairo_surface_t *small;

	if (width < 1)
		width = 1;
	if (height < 1)
		height = 1;
	if (cairo_image_surface_get_width(*picture) <= width &&
	    cairo_image_surface_get_height(*picture) <= height)
		return CARNET_OK;
	small = picture_paint(*picture, width, height);
	if (small == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a page"));
	cairo_surface_destroy(*picture);
	*picture = small;
	return CARNET_OK;
}
