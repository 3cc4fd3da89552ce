/* SPDX-License-Identifier: ISC */
/* PNG pictures, whole and hurt, formats/write/picture.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "picture.h"

struct png {
	uint8_t bytes[65536];
	size_t len;
};

static cairo_status_t
png_write(void *closure, const unsigned char *data, unsigned int len)
{
	struct png *png = closure;

	if (len > sizeof(png->bytes) - png->len)
		return CAIRO_STATUS_WRITE_ERROR;
	memcpy(png->bytes + png->len, data, len);
	png->len += len;
	return CAIRO_STATUS_SUCCESS;
}

/* A picture of one colour. */
static void
png_make(struct png *png, int width, int height, double red, double alpha)
{
	cairo_surface_t *surface =
	    cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
	cairo_t *cairo = cairo_create(surface);

	png->len = 0;
	cairo_set_source_rgba(cairo, red, 0, 0, alpha);
	cairo_paint(cairo);
	cairo_destroy(cairo);
	assert_int_equal(
	    cairo_surface_write_to_png_stream(surface, png_write, png),
	    CAIRO_STATUS_SUCCESS);
	cairo_surface_destroy(surface);
}

static uint32_t
pixel(cairo_surface_t *surface)
{
	uint32_t value;

	cairo_surface_flush(surface);
	memcpy(&value, cairo_image_surface_get_data(surface), 4);
	return value & 0xffffff;
}

static void
reads_onto_white(void **state)
{
	static struct png png;
	cairo_surface_t *picture = NULL;

	(void)state;
	png_make(&png, 30, 20, 1, 1);
	assert_int_equal(
	    picture_read(png.bytes, png.len, &picture, NULL), CARNET_OK);
	assert_int_equal(cairo_image_surface_get_width(picture), 30);
	assert_int_equal(cairo_image_surface_get_height(picture), 20);
	assert_int_equal(
	    cairo_image_surface_get_format(picture), CAIRO_FORMAT_RGB24);
	assert_int_equal(pixel(picture), 0xff0000);
	cairo_surface_destroy(picture);
	png_make(&png, 1, 1, 1, 0);
	assert_int_equal(
	    picture_read(png.bytes, png.len, &picture, NULL), CARNET_OK);
	assert_int_equal(pixel(picture), 0xffffff);
	cairo_surface_destroy(picture);
}

static void
shrinks_only_what_is_larger(void **state)
{
	static struct png png;
	cairo_surface_t *picture = NULL, *before;

	(void)state;
	png_make(&png, 300, 200, 1, 1);
	assert_int_equal(
	    picture_read(png.bytes, png.len, &picture, NULL), CARNET_OK);
	before = picture;
	assert_int_equal(picture_shrink(&picture, 300, 200, NULL), CARNET_OK);
	assert_ptr_equal(picture, before);
	assert_int_equal(picture_shrink(&picture, 30, 20, NULL), CARNET_OK);
	assert_int_equal(cairo_image_surface_get_width(picture), 30);
	assert_int_equal(cairo_image_surface_get_height(picture), 20);
	assert_int_equal(pixel(picture), 0xff0000);
	assert_int_equal(picture_shrink(&picture, 0, 0, NULL), CARNET_OK);
	assert_int_equal(cairo_image_surface_get_width(picture), 1);
	cairo_surface_destroy(picture);
}

static void
hurt_pictures_are_refused(void **state)
{
	static struct png png;
	cairo_surface_t *picture = NULL;
	size_t refused = 0;

	(void)state;
	png_make(&png, 8, 8, 1, 1);
	for (size_t cut = 0; cut < png.len - 12; cut++) {
		uint8_t *exact = malloc(cut + 1);

		assert_non_null(exact);
		memcpy(exact, png.bytes, cut);
		assert_int_equal(
		    picture_read(exact, cut, &picture, NULL), CARNET_INVALID);
		free(exact);
	}
	for (size_t i = 0; i < png.len; i++) {
		png.bytes[i] ^= 0x41;
		if (picture_read(png.bytes, png.len, &picture, NULL) ==
		    CARNET_OK)
			cairo_surface_destroy(picture);
		else
			refused++;
		png.bytes[i] ^= 0x41;
	}
	assert_true(refused > 30);
}

/* The header alone is enough to refuse what would fill the memory. */
static void
bombs_are_refused(void **state)
{
	static const struct {
		uint32_t width, height;
	} sizes[] = { { 0, 1 }, { 1, 0 }, { 32768, 1 }, { 20000, 20000 },
		{ 0xffffffff, 0xffffffff }, { 0x80000000, 2 } };
	static struct png png;
	cairo_surface_t *picture = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		png_make(&png, 8, 8, 1, 1);
		for (int j = 0; j < 4; j++) {
			png.bytes[16 + j] =
			    (uint8_t)(sizes[i].width >> (24 - 8 * j));
			png.bytes[20 + j] =
			    (uint8_t)(sizes[i].height >> (24 - 8 * j));
		}
		assert_int_equal(
		    picture_read(png.bytes, png.len, &picture, NULL),
		    CARNET_INVALID);
	}
	assert_null(picture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_onto_white),
		cmocka_unit_test(shrinks_only_what_is_larger),
		cmocka_unit_test(hurt_pictures_are_refused),
		cmocka_unit_test(bombs_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
