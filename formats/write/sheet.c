/* SPDX-License-Identifier: ISC */
/*
 * cairo's PDF surface and pango's layouts, with fonts of our own.
 * Decides no positions.
 * The contract is in sheet.h; the post-pass is pdf_post.c.
 */
#include "sheet.h"

#include "fonts.h"
#include "formats.h"
#include "pdf_post.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

struct sheet {
	cairo_surface_t *surface;
	cairo_t *cairo;
	PangoFontMap *map;
	PangoContext *context;
	uint8_t *bytes;
	size_t len, room;
	bool too_large;
	bool rehearsing;
	bool unknown; /* a glyph was missing */
	unsigned pages;
	char *title, *lang, *creation;
};

static cairo_status_t
sheet_write(void *closure, const unsigned char *data, unsigned int len)
{
	struct sheet *sheet = closure;
	uint8_t *grown;

	/* the post-pass adds less than a page */
	if (len > FRAME_MAX - 65536 - sheet->len) {
		sheet->too_large = true;
		return CAIRO_STATUS_WRITE_ERROR;
	}
	if (sheet->len + len > sheet->room) {
		size_t room = (sheet->len + len) * 2;

		grown = realloc(sheet->bytes, room);
		if (grown == NULL)
			return CAIRO_STATUS_NO_MEMORY;
		sheet->bytes = grown;
		sheet->room = room;
	}
	memcpy(sheet->bytes + sheet->len, data, len);
	sheet->len += len;
	return CAIRO_STATUS_SUCCESS;
}

/* "2026-03-05", "2026-03-05T10:20:30Z" or with an offset: "+01:00". */
static bool
sheet_creation_ok(const char *creation)
{
	static const char *const tails[] = { "", "T00:00:00Z",
		"T00:00:00+00:00", "T00:00:00-00:00" };
	char day[CARNET_DATE_TEXT];
	struct carnet_date date;

	if (creation[0] == '\0')
		return true;
	if (strlen(creation) < CARNET_DATE_TEXT - 1)
		return false;
	memcpy(day, creation, CARNET_DATE_TEXT - 1);
	day[CARNET_DATE_TEXT - 1] = '\0';
	if (!carnet_date_parse(day, &date))
		return false;
	creation += CARNET_DATE_TEXT - 1;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		size_t at = 0;

		while (tails[i][at] != '\0' && creation[at] != '\0' &&
		       (tails[i][at] == '0'
			       ? creation[at] >= '0' && creation[at] <= '9'
			       : creation[at] == tails[i][at]))
			at++;
		if (tails[i][at] == '\0' && creation[at] == '\0')
			return true;
	}
	return false;
}

static void
sheet_describe(struct sheet *sheet)
{
	cairo_surface_t *surface = sheet->surface;

	/* a classic table of objects, which the post-pass appends to */
	cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_4);
	cairo_pdf_surface_set_metadata(
	    surface, CAIRO_PDF_METADATA_TITLE, sheet->title);
	cairo_pdf_surface_set_metadata(
	    surface, CAIRO_PDF_METADATA_CREATOR, "carnet " CARNET_VERSION);
	cairo_pdf_surface_set_metadata(
	    surface, CAIRO_PDF_METADATA_CREATE_DATE, sheet->creation);
}

static enum carnet_status
sheet_start(struct sheet *sheet, struct carnet_error *err)
{
	cairo_font_options_t *options;

	sheet->map = fonts_map();
	sheet->surface = cairo_pdf_surface_create_for_stream(
	    sheet_write, sheet, SHEET_WIDTH, SHEET_HEIGHT);
	sheet->cairo = cairo_create(sheet->surface);
	if (sheet->map == NULL || sheet->title == NULL || sheet->lang == NULL ||
	    sheet->creation == NULL ||
	    cairo_status(sheet->cairo) != CAIRO_STATUS_SUCCESS)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a page"));
	sheet_describe(sheet);
	sheet->context = pango_font_map_create_context(sheet->map);
	options = cairo_font_options_create();
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(sheet->context, options);
	cairo_font_options_destroy(options);
	pango_context_set_round_glyph_positions(sheet->context, FALSE);
	pango_context_set_language(
	    sheet->context, pango_language_from_string(sheet->lang));
	pango_cairo_update_context(sheet->cairo, sheet->context);
	return CARNET_OK;
}

enum carnet_status
sheet_open(const char *title, const char *lang, const char *creation,
    struct sheet **ret_sheet, struct carnet_error *err)
{
	struct sheet *sheet;
	enum carnet_status status;

	if (!sheet_creation_ok(creation))
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("letter: the date is not an ISO 8601 date"));
	status = fonts_load(err);
	if (status != CARNET_OK)
		return status;
	sheet = calloc(1, sizeof(*sheet));
	if (sheet == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a page"));
	sheet->title = strdup(title);
	sheet->lang = strdup(lang);
	sheet->creation = strdup(creation);
	status = sheet_start(sheet, err);
	if (status != CARNET_OK) {
		sheet_free(sheet);
		return status;
	}
	*ret_sheet = sheet;
	return CARNET_OK;
}

enum carnet_status
sheet_close(struct sheet *sheet, uint8_t **ret_bytes, size_t *ret_len,
    struct carnet_error *err)
{
	struct pdf_facts facts = { sheet->title, sheet->lang, sheet->creation };
	cairo_status_t drawn = cairo_status(sheet->cairo);

	cairo_surface_finish(sheet->surface);
	if (drawn == CAIRO_STATUS_SUCCESS)
		drawn = cairo_surface_status(sheet->surface);
	if (sheet->too_large) {
		(void)carnet_fail(
		    err, CARNET_INVALID, CARNET_("PDF: larger than 64 MiB"));
		carnet_hint(
		    err, CARNET_("leave out some proofs, or send them apart"));
		return CARNET_INVALID;
	}
	if (drawn == CAIRO_STATUS_NO_MEMORY)
		return carnet_fail_errno(err, ENOMEM, CARNET_("PDF"));
	if (drawn != CAIRO_STATUS_SUCCESS)
		return carnet_fail(err, CARNET_FAILED,
		    CARNET_("PDF: cannot be drawn (%s)"),
		    cairo_status_to_string(drawn));
	if (sheet->unknown)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("PDF: the font lacks a character"));
	return pdf_post(
	    sheet->bytes, sheet->len, &facts, ret_bytes, ret_len, err);
}

void
sheet_free(struct sheet *sheet)
{
	if (sheet == NULL)
		return;
	if (sheet->context != NULL)
		g_object_unref(sheet->context);
	if (sheet->map != NULL)
		g_object_unref(sheet->map);
	if (sheet->cairo != NULL)
		cairo_destroy(sheet->cairo);
	if (sheet->surface != NULL) {
		cairo_surface_finish(sheet->surface);
		cairo_surface_destroy(sheet->surface);
	}
	free(sheet->bytes);
	free(sheet->title);
	free(sheet->lang);
	free(sheet->creation);
	free(sheet);
}

void
sheet_rehearse(struct sheet *sheet, bool rehearsing)
{
	sheet->rehearsing = rehearsing;
}

bool
sheet_rehearsing(const struct sheet *sheet)
{
	return sheet->rehearsing;
}

static void
sheet_style(PangoAttrList *attributes, unsigned style, guint start, guint end)
{
	PangoAttribute *made[3] = { 0 };

	if (style & PASSAGE_STRONG)
		made[0] = pango_attr_weight_new(PANGO_WEIGHT_BOLD);
	if (style & PASSAGE_EMPHASIS)
		made[1] = pango_attr_style_new(PANGO_STYLE_ITALIC);
	if (style & PASSAGE_MONO)
		made[2] = pango_attr_family_new(FONTS_MONO);
	for (size_t i = 0; i < 3; i++) {
		if (made[i] == NULL)
			continue;
		made[i]->start_index = start;
		made[i]->end_index = end;
		pango_attr_list_insert(attributes, made[i]);
	}
}

PangoLayout *
sheet_layout(struct sheet *sheet, const char *text,
    const struct passage *passage, unsigned style, double size, double width)
{
	PangoLayout *layout = pango_layout_new(sheet->context);
	PangoFontDescription *font = pango_font_description_new();
	PangoAttrList *attributes = pango_attr_list_new();

	/* a hyphen that nobody wrote would change an address; a ligature is
	 * one odd character to whoever searches or listens */
	pango_attr_list_insert(
	    attributes, pango_attr_insert_hyphens_new(FALSE));
	pango_attr_list_insert(
	    attributes, pango_attr_font_features_new("liga=0, clig=0"));

	pango_font_description_set_family_static(
	    font, style & PASSAGE_MONO ? FONTS_MONO : FONTS_SANS);
	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	if (style & PASSAGE_STRONG)
		pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	for (size_t i = 0; passage != NULL && i < passage->spans_len; i++)
		sheet_style(attributes, passage->spans[i].style,
		    (guint)passage->spans[i].start,
		    (guint)passage->spans[i].end);
	pango_layout_set_attributes(layout, attributes);
	pango_attr_list_unref(attributes);
	pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_auto_dir(layout, FALSE);
	pango_layout_set_text(layout, text, -1);
	if (pango_layout_get_unknown_glyphs_count(layout) > 0)
		sheet->unknown = true;
	return layout;
}

double
sheet_layout_width(PangoLayout *layout)
{
	PangoRectangle logical;

	pango_layout_get_extents(layout, NULL, &logical);
	return (double)logical.width / PANGO_SCALE;
}

void
sheet_lines(struct sheet *sheet, PangoLayout *layout, int from, int until,
    double x, double y, double pitch)
{
	PangoLayoutIter *iter;
	int at = 0;

	if (sheet->rehearsing)
		return;
	iter = pango_layout_get_iter(layout);
	do {
		PangoRectangle box;
		double above, height, baseline;

		if (at >= until)
			break;
		if (at++ < from)
			continue;
		pango_layout_iter_get_line_extents(iter, NULL, &box);
		/* the line's own box in the middle of the pitch */
		height = (double)box.height / PANGO_SCALE;
		above = (double)(pango_layout_iter_get_baseline(iter) - box.y) /
			PANGO_SCALE;
		baseline = y + (pitch - height) / 2 + above;
		cairo_move_to(
		    sheet->cairo, x + (double)box.x / PANGO_SCALE, baseline);
		pango_cairo_show_layout_line(
		    sheet->cairo, pango_layout_iter_get_line_readonly(iter));
		y += pitch;
	} while (pango_layout_iter_next_line(iter));
	pango_layout_iter_free(iter);
}

void
sheet_tag(struct sheet *sheet, const char *name)
{
	if (!sheet->rehearsing)
		cairo_tag_begin(sheet->cairo, name, NULL);
}

void
sheet_untag(struct sheet *sheet, const char *name)
{
	if (!sheet->rehearsing)
		cairo_tag_end(sheet->cairo, name);
}

void
sheet_line(struct sheet *sheet, double x, double y, double to_x, double to_y,
    double thickness, double grey)
{
	if (sheet->rehearsing)
		return;
	cairo_save(sheet->cairo);
	cairo_set_source_rgb(sheet->cairo, grey, grey, grey);
	cairo_set_line_width(sheet->cairo, thickness);
	cairo_move_to(sheet->cairo, x, y);
	cairo_line_to(sheet->cairo, to_x, to_y);
	cairo_stroke(sheet->cairo);
	cairo_restore(sheet->cairo);
}

void
sheet_picture(struct sheet *sheet, cairo_surface_t *picture, double x, double y,
    double width, double height)
{
	if (sheet->rehearsing)
		return;
	cairo_save(sheet->cairo);
	cairo_translate(sheet->cairo, x, y);
	cairo_scale(sheet->cairo,
	    width / cairo_image_surface_get_width(picture),
	    height / cairo_image_surface_get_height(picture));
	cairo_set_source_surface(sheet->cairo, picture, 0, 0);
	/* not cairo_paint: first on a page, it forgets the tags before it */
	cairo_rectangle(sheet->cairo, 0, 0,
	    cairo_image_surface_get_width(picture),
	    cairo_image_surface_get_height(picture));
	cairo_fill(sheet->cairo);
	cairo_restore(sheet->cairo);
}

void
sheet_next(struct sheet *sheet)
{
	if (sheet->rehearsing)
		return;
	cairo_show_page(sheet->cairo);
	sheet->pages++;
}

unsigned
sheet_pages(const struct sheet *sheet)
{
	return sheet->pages;
}

void
sheet_bookmark(struct sheet *sheet, const char *title)
{
	char place[64];

	if (sheet->rehearsing)
		return;
	(void)snprintf(
	    place, sizeof(place), "page=%u pos=[0 0]", sheet->pages + 1);
	(void)cairo_pdf_surface_add_outline(
	    sheet->surface, CAIRO_PDF_OUTLINE_ROOT, title, place, 0);
}
