/* SPDX-License-Identifier: ISC */
/*
 * A stranger's PNG as a picture to draw.  Runs only inside the press's cage.
 */
#ifndef PICTURE_H
#define PICTURE_H
#include "carnet_types.h"

#include <cairo.h>

#define PICTURE_PIXELS_MAX 40000000 /* A4 at 600 dots an inch is 35 million */

/* Opaque (on white), RGB24.  The caller destroys *ret_picture.
 * CARNET_INVALID: no PNG, a broken one, or more than PICTURE_PIXELS_MAX. */
enum carnet_status picture_read(const uint8_t *png, size_t len,
    cairo_surface_t **ret_picture, struct carnet_error *err);
/* The same picture, with at most so many pixels a side; *picture is replaced
 * if it is larger. */
enum carnet_status picture_shrink(
    cairo_surface_t **picture, int width, int height, struct carnet_error *err);

#endif
