/* SPDX-License-Identifier: ISC */
/*
 * Sheets of A4 that become one tagged, reproducible PDF.  Draws what it is
 * told where it is told; knows no letter.  Lengths are points from the
 * sheet's upper left corner; SHEET_MM turns millimetres into them.
 */
#ifndef SHEET_H
#define SHEET_H
#include "passages.h"

#include <cairo.h>
#include <pango/pango.h>

#define SHEET_MM(mm) ((mm) * (72.0 / 25.4))
#define SHEET_WIDTH SHEET_MM(210)
#define SHEET_HEIGHT SHEET_MM(297)

struct sheet;

/*
 * title, lang: what readers say; creation: an ISO 8601 day or moment, or ""
 * (then the file tells none).  CARNET_INVALID: creation is something else.
 * The caller owns *ret_sheet (sheet_free).
 */
enum carnet_status sheet_open(const char *title, const char *lang,
    const char *creation, struct sheet **ret_sheet, struct carnet_error *err);
/* Ends the file.  CARNET_INVALID: it is too large for one frame, or a glyph
 * was missing after all.  The caller frees *ret_bytes. */
enum carnet_status sheet_close(struct sheet *sheet, uint8_t **ret_bytes,
    size_t *ret_len, struct carnet_error *err);
void sheet_free(struct sheet *sheet); /* NULL is fine */

/* A rehearsal: from here on nothing is drawn, only measured. */
void sheet_rehearse(struct sheet *sheet, bool rehearsing);
bool sheet_rehearsing(const struct sheet *sheet);

/*
 * Text broken into lines of `width`; style: PASSAGE_STRONG...  passage: whose
 * spans to show, or NULL.  The caller unrefs it.
 */
PangoLayout *sheet_layout(struct sheet *sheet, const char *text,
    const struct passage *passage, unsigned style, double size, double width);
/* The width that the layout's longest line takes. */
double sheet_layout_width(PangoLayout *layout);
/* Draws lines [from, until) with their boxes `pitch` high, the first at y. */
void sheet_lines(struct sheet *sheet, PangoLayout *layout, int from, int until,
    double x, double y, double pitch);

/* A structure element of PDF ("P", "L", "LI", "Table"...). */
void sheet_tag(struct sheet *sheet, const char *name);
void sheet_untag(struct sheet *sheet, const char *name);
/* A hairline; decoration, no content. */
void sheet_line(struct sheet *sheet, double x, double y, double to_x,
    double to_y, double thickness, double grey);
/* A picture, scaled into the box; surfaces are cairo's RGB24. */
void sheet_picture(struct sheet *sheet, cairo_surface_t *picture, double x,
    double y, double width, double height);
/* The current page is complete. */
void sheet_next(struct sheet *sheet);
unsigned sheet_pages(const struct sheet *sheet); /* complete ones */
/* A bookmark to the current page. */
void sheet_bookmark(struct sheet *sheet, const char *title);

#endif
