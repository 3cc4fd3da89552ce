/* SPDX-License-Identifier: ISC */
/*
 * Letter, timeline and exhibits on the sheets of one PDF.
 * Holds one exhibit's page at a time; judges no proof.
 * The contract is in dossier_pdf.h.
 */
#include "dossier_pdf.h"

#include "flow.h"
#include "legible.h"
#include "letter_pdf.h"
#include "picture.h"
#include "wording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOSSIER_LEFT SHEET_MM(20)
#define DOSSIER_WIDTH (SHEET_WIDTH - 2 * DOSSIER_LEFT)
#define DOSSIER_TOP SHEET_MM(18)
#define DOSSIER_BOTTOM SHEET_MM(275)
#define DOSSIER_FOOT SHEET_MM(281)
#define DOSSIER_SIZE 10.0
#define DOSSIER_PITCH 13.5
#define DOSSIER_SMALL 7.5
#define DOSSIER_DOTS 200 /* an inch: more would only fill the disk */
#define DOSSIER_ROWS_MAX 5000
#define DOSSIER_PAGES_MAX 5000
#define DOSSIER_DATE_WIDTH SHEET_MM(36)
#define DOSSIER_STEP_WIDTH SHEET_MM(34)

struct dossier {
	struct sheet *sheet;
	const struct wording *words;
	char *title;    /* legible */
	char *running;  /* the exhibit's name; NULL: none yet */
	unsigned first; /* the sheet with its whole title */
	bool spelt;
	struct flow flow;
};

static enum carnet_status
dossier_no_memory(struct carnet_error *err)
{
	return carnet_fail_errno(err, ENOMEM, CARNET_("a dossier"));
}

static enum carnet_status
dossier_invalid(struct carnet_error *err, const char *what)
{
	return carnet_fail(err, CARNET_INVALID, CARNET_("dossier: %s"), what);
}

static char *
dossier_legible(struct dossier *dossier, const char *text)
{
	return legible(text, strlen(text), true, &dossier->spelt);
}

/* A line at the sheet's foot or head: decoration, cut to one line. */
static void
dossier_margin(
    struct dossier *dossier, const char *text, double x, double y, bool right)
{
	PangoLayout *layout = sheet_layout(dossier->sheet, text, NULL, 0,
	    DOSSIER_SMALL, DOSSIER_WIDTH - SHEET_MM(30));

	if (right)
		x -= sheet_layout_width(layout);
	sheet_lines(dossier->sheet, layout, 0, 1, x, y, DOSSIER_SMALL * 1.3);
	g_object_unref(layout);
}

static void
dossier_end_page(struct flow *flow, void *context)
{
	struct dossier *dossier = context;
	char number[64];

	(void)flow;
	(void)snprintf(number, sizeof(number), "%s %u", dossier->words->page,
	    sheet_pages(dossier->sheet) + 1);
	sheet_line(dossier->sheet, DOSSIER_LEFT, DOSSIER_FOOT - 3,
	    DOSSIER_LEFT + DOSSIER_WIDTH, DOSSIER_FOOT - 3, 0.4, 0.5);
	if (dossier->running != NULL &&
	    sheet_pages(dossier->sheet) != dossier->first)
		dossier_margin(dossier, dossier->running, DOSSIER_LEFT,
		    SHEET_MM(11), false);
	dossier_margin(
	    dossier, dossier->title, DOSSIER_LEFT, DOSSIER_FOOT, false);
	dossier_margin(
	    dossier, number, DOSSIER_LEFT + DOSSIER_WIDTH, DOSSIER_FOOT, true);
}

/* A fresh sheet; the one before is complete already. */
static void
dossier_begin(struct dossier *dossier)
{
	struct flow *flow = &dossier->flow;

	flow->y = flow->top;
	flow->fresh = true;
}

static void
dossier_end(struct dossier *dossier)
{
	dossier_end_page(&dossier->flow, dossier);
	sheet_next(dossier->sheet);
}

static void
dossier_text(struct dossier *dossier, const char *text, const char *tag,
    unsigned style, double size, double keep)
{
	struct flow *flow = &dossier->flow;
	PangoLayout *layout =
	    sheet_layout(dossier->sheet, text, NULL, style, size, flow->width);

	flow_layout(flow, layout, tag, size * 1.35, keep);
	g_object_unref(layout);
}

/* --- the timeline ------------------------------------------------------- */

/* A cell beside the row's last one: it stays on the row's first sheet. */
static double
dossier_cell(struct dossier *dossier, const char *text, const char *tag,
    unsigned style, double x, double width)
{
	PangoLayout *layout = sheet_layout(
	    dossier->sheet, text, NULL, style, DOSSIER_SIZE, width - 6);
	double room = dossier->flow.bottom - dossier->flow.y;
	int count = pango_layout_get_line_count(layout);

	if (count * DOSSIER_PITCH > room)
		count = (int)(room / DOSSIER_PITCH);
	sheet_tag(dossier->sheet, tag);
	sheet_lines(dossier->sheet, layout, 0, count, x, dossier->flow.y,
	    DOSSIER_PITCH);
	sheet_untag(dossier->sheet, tag);
	g_object_unref(layout);
	return dossier->flow.y + count * DOSSIER_PITCH;
}

static void
dossier_row(struct dossier *dossier, const char *const cells[3],
    const char *tag, unsigned style)
{
	struct flow *flow = &dossier->flow;
	double x = DOSSIER_LEFT + DOSSIER_DATE_WIDTH + DOSSIER_STEP_WIDTH;
	struct flow column;
	PangoLayout *layout;
	double first, second, end;

	layout = sheet_layout(dossier->sheet, cells[2], NULL, style,
	    DOSSIER_SIZE, DOSSIER_LEFT + DOSSIER_WIDTH - x);
	end = DOSSIER_PITCH * pango_layout_get_line_count(layout);
	/* a row is cut only if it is taller than six lines */
	flow_room(
	    flow, (end < 6 * DOSSIER_PITCH ? end : 6 * DOSSIER_PITCH) + 4);
	sheet_tag(dossier->sheet, "TR");
	first = dossier_cell(
	    dossier, cells[0], tag, style, DOSSIER_LEFT, DOSSIER_DATE_WIDTH);
	second = dossier_cell(dossier, cells[1], tag, style,
	    DOSSIER_LEFT + DOSSIER_DATE_WIDTH, DOSSIER_STEP_WIDTH);
	column = *flow;
	column.x = x;
	column.width = DOSSIER_LEFT + DOSSIER_WIDTH - x;
	flow_layout(&column, layout, tag, DOSSIER_PITCH, 0);
	g_object_unref(layout);
	sheet_untag(dossier->sheet, "TR");
	end = column.y;
	if (column.page == flow->page && first > end)
		end = first;
	if (column.page == flow->page && second > end)
		end = second;
	flow->page = column.page;
	flow->y = end + 2;
	flow->fresh = false;
	sheet_line(dossier->sheet, DOSSIER_LEFT, flow->y,
	    DOSSIER_LEFT + DOSSIER_WIDTH, flow->y, 0.3, 0.6);
	flow->y += 2;
}

static enum carnet_status
dossier_step(
    struct dossier *dossier, const cJSON *step, struct carnet_error *err)
{
	const char *on = carnet_json_string(step, "on");
	const char *kind = carnet_json_string(step, "kind");
	const char *text = carnet_json_string(step, "text");
	char *cells[3] = { NULL };
	char *date = NULL;
	bool made;

	if (on == NULL || kind == NULL)
		return dossier_invalid(
		    err, CARNET_("a step without a date or a kind"));
	date = wording_date(dossier->words, on);
	if (date != NULL)
		cells[0] = dossier_legible(dossier, date);
	cells[1] = dossier_legible(dossier, wording_step(dossier->words, kind));
	cells[2] = dossier_legible(dossier, text == NULL ? "" : text);
	made = cells[0] != NULL && cells[1] != NULL && cells[2] != NULL;
	if (made)
		dossier_row(dossier, (const char *const *)cells, "TD", 0);
	free(date);
	for (size_t i = 0; i < 3; i++)
		free(cells[i]);
	return made ? CARNET_OK : dossier_no_memory(err);
}

static enum carnet_status
dossier_timeline(
    struct dossier *dossier, const cJSON *timeline, struct carnet_error *err)
{
	const char *const heads[3] = { dossier->words->date,
		dossier->words->step, dossier->words->detail };
	enum carnet_status status = CARNET_OK;
	const cJSON *step;

	if (cJSON_GetArraySize(timeline) > DOSSIER_ROWS_MAX)
		return dossier_invalid(err, CARNET_("too many steps"));
	dossier_text(dossier, dossier->words->timeline, "H1", PASSAGE_STRONG,
	    13, 3 * DOSSIER_PITCH);
	flow_gap(&dossier->flow, 6);
	sheet_tag(dossier->sheet, "Table");
	dossier_row(dossier, heads, "TH", PASSAGE_STRONG);
	cJSON_ArrayForEach(step, timeline)
	{
		status = dossier_step(dossier, step, err);
		if (status != CARNET_OK)
			return status;
	}
	sheet_untag(dossier->sheet, "Table");
	return CARNET_OK;
}

/* --- the exhibits ------------------------------------------------------- */

static char *
dossier_name(struct dossier *dossier, const cJSON *exhibit, int number)
{
	const char *title = carnet_json_string(exhibit, "title");
	char *shown, *name = NULL;

	shown = dossier_legible(dossier, title == NULL ? "" : title);
	if (shown == NULL)
		return NULL;
	if (asprintf(&name, "%s%d%s%s", dossier->words->exhibit, number,
		shown[0] == '\0' ? "" : " \xe2\x80\x93 ", shown) < 0)
		name = NULL;
	free(shown);
	return name;
}

static enum carnet_status
dossier_list(
    struct dossier *dossier, const cJSON *exhibits, struct carnet_error *err)
{
	const cJSON *exhibit;
	int number = 0;

	flow_gap(&dossier->flow, 20);
	dossier_text(dossier, dossier->words->exhibits, "H1", PASSAGE_STRONG,
	    13, 2 * DOSSIER_PITCH);
	flow_gap(&dossier->flow, 6);
	sheet_tag(dossier->sheet, "L");
	cJSON_ArrayForEach(exhibit, exhibits)
	{
		char *name = dossier_name(dossier, exhibit, ++number);

		if (name == NULL)
			return dossier_no_memory(err);
		sheet_tag(dossier->sheet, "LI");
		dossier_text(dossier, name, "LBody", 0, DOSSIER_SIZE, 0);
		sheet_untag(dossier->sheet, "LI");
		flow_gap(&dossier->flow, 2);
		free(name);
	}
	sheet_untag(dossier->sheet, "L");
	return CARNET_OK;
}

/* The head of an exhibit's first sheet. */
static void
dossier_title(struct dossier *dossier, const char *name, const char *sha256)
{
	struct flow *flow = &dossier->flow;
	char digest[256];

	sheet_bookmark(dossier->sheet, name);
	dossier_text(dossier, name, "H1", PASSAGE_STRONG, 12, 0);
	if (sha256 != NULL && strlen(sha256) == 64 &&
	    strspn(sha256, "0123456789abcdef") == 64) {
		(void)snprintf(digest, sizeof(digest), "%s%s%s",
		    dossier->words->digest, dossier->words->colon, sha256);
		flow_gap(flow, 2);
		dossier_text(dossier, digest, "P", 0, DOSSIER_SMALL, 0);
	}
	flow->y += 4;
	sheet_line(dossier->sheet, DOSSIER_LEFT, flow->y,
	    DOSSIER_LEFT + DOSSIER_WIDTH, flow->y, 0.6, 0.3);
	flow->y += 8;
}

static enum carnet_status
dossier_picture(struct dossier *dossier, const struct dossier_page *page,
    struct carnet_error *err)
{
	struct flow *flow = &dossier->flow;
	cairo_surface_t *picture = NULL;
	double width, height, scale, room, x;
	enum carnet_status status;

	status = picture_read(page->bytes, page->len, &picture, err);
	if (status != CARNET_OK)
		return status;
	width = cairo_image_surface_get_width(picture);
	height = cairo_image_surface_get_height(picture);
	/* a title of hundreds of letters leaves little room: turn the page */
	flow_room(flow, SHEET_MM(100));
	room = flow->bottom - flow->y;
	scale = flow->width / width < room / height ? flow->width / width
						    : room / height;
	if (scale > 1) /* never blown up beyond 72 dots an inch */
		scale = 1;
	width *= scale;
	height *= scale;
	status = picture_shrink(&picture, (int)(width * DOSSIER_DOTS / 72),
	    (int)(height * DOSSIER_DOTS / 72), err);
	if (status == CARNET_OK) {
		x = flow->x + (flow->width - width) / 2;
		sheet_tag(dossier->sheet, "Figure");
		sheet_picture(
		    dossier->sheet, picture, x, flow->y, width, height);
		sheet_untag(dossier->sheet, "Figure");
		sheet_line(
		    dossier->sheet, x, flow->y, x + width, flow->y, 0.3, 0.6);
		sheet_line(dossier->sheet, x, flow->y + height, x + width,
		    flow->y + height, 0.3, 0.6);
		sheet_line(
		    dossier->sheet, x, flow->y, x, flow->y + height, 0.3, 0.6);
		sheet_line(dossier->sheet, x + width, flow->y, x + width,
		    flow->y + height, 0.3, 0.6);
		flow->y += height;
		flow->fresh = false;
	}
	cairo_surface_destroy(picture);
	return status;
}

/* Plain text, line by line; '\f' turns the page. */
static enum carnet_status
dossier_plain(struct dossier *dossier, const struct dossier_page *page,
    struct carnet_error *err)
{
	bool spelt = false;
	char *text =
	    legible((const char *)page->bytes, page->len, false, &spelt);
	char *line = text;

	if (text == NULL)
		return dossier_no_memory(err);
	dossier->spelt = dossier->spelt || spelt;
	if (spelt) {
		dossier_text(dossier, dossier->words->escaped, "P",
		    PASSAGE_EMPHASIS, DOSSIER_SMALL, 0);
		flow_gap(&dossier->flow, 4);
	}
	while (*line != '\0') {
		size_t len = strcspn(line, "\n\f");
		char end = line[len];

		line[len] = '\0';
		dossier_text(
		    dossier, line, len > 0 ? "P" : NULL, PASSAGE_MONO, 9, 0);
		if (end == '\0')
			break;
		line += len + 1;
		if (end == '\f' && *line != '\0')
			flow_page(&dossier->flow);
	}
	free(text);
	return CARNET_OK;
}

static enum carnet_status
dossier_pages(struct dossier *dossier, int64_t pages, dossier_next *next,
    void *context, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	for (int64_t i = 0; i < pages && status == CARNET_OK; i++) {
		struct dossier_page page = { 0 };

		status = next(context, &page, err);
		if (status != CARNET_OK)
			return status;
		if (i > 0) {
			dossier_end(dossier);
			dossier_begin(dossier);
		}
		if (page.picture)
			status = dossier_picture(dossier, &page, err);
		else
			status = dossier_plain(dossier, &page, err);
		free(page.bytes);
	}
	return status;
}

static enum carnet_status
dossier_exhibit(struct dossier *dossier, const cJSON *exhibit, int number,
    dossier_next *next, void *context, struct carnet_error *err)
{
	enum carnet_status status;
	int64_t pages;
	char *name;

	if (!carnet_json_int(exhibit, "pages", &pages) || pages < 0 ||
	    pages > DOSSIER_PAGES_MAX)
		return dossier_invalid(
		    err, CARNET_("an exhibit without a number of pages"));
	name = dossier_name(dossier, exhibit, number);
	if (name == NULL)
		return dossier_no_memory(err);
	free(dossier->running);
	dossier->running = name;
	dossier->first = sheet_pages(dossier->sheet);
	dossier_begin(dossier);
	sheet_tag(dossier->sheet, "Sect");
	dossier_title(dossier, name, carnet_json_string(exhibit, "sha256"));
	if (pages == 0)
		dossier_text(
		    dossier, dossier->words->apart, "P", 0, DOSSIER_SIZE, 0);
	status = dossier_pages(dossier, pages, next, context, err);
	sheet_untag(dossier->sheet, "Sect");
	dossier_end(dossier);
	return status;
}

/* --- all of it ---------------------------------------------------------- */

static enum carnet_status
dossier_draw(struct dossier *dossier, const cJSON *job,
    const struct letter *letter, dossier_next *next, void *context,
    struct carnet_error *err)
{
	const cJSON *timeline = carnet_json_get(job, "timeline");
	const cJSON *exhibits = carnet_json_get(job, "exhibits");
	bool steps = cJSON_GetArraySize(timeline) > 0;
	bool proofs = cJSON_GetArraySize(exhibits) > 0;
	enum carnet_status status;
	const cJSON *exhibit;
	int number = 0;

	sheet_bookmark(dossier->sheet, letter->subject);
	status = letter_pdf_draw(dossier->sheet, letter, err);
	if (status != CARNET_OK)
		return status;
	sheet_tag(dossier->sheet, "Document");
	if (steps || proofs) {
		dossier_begin(dossier);
		sheet_bookmark(dossier->sheet, steps
						   ? dossier->words->timeline
						   : dossier->words->exhibits);
	}
	if (steps)
		status = dossier_timeline(dossier, timeline, err);
	if (proofs && status == CARNET_OK)
		status = dossier_list(dossier, exhibits, err);
	if ((steps || proofs) && status == CARNET_OK)
		dossier_end(dossier);
	cJSON_ArrayForEach(exhibit, exhibits)
	{
		if (status == CARNET_OK)
			status = dossier_exhibit(
			    dossier, exhibit, ++number, next, context, err);
	}
	if (status == CARNET_OK)
		sheet_untag(dossier->sheet, "Document");
	return status;
}

enum carnet_status
write_dossier_pdf(const cJSON *job, const struct letter *letter,
    dossier_next *next, void *context, uint8_t **ret_bytes, size_t *ret_len,
    unsigned *ret_pages, bool *ret_spelt, struct carnet_error *err)
{
	const char *title = carnet_json_string(job, "title");
	const char *date = carnet_json_string(job, "date");
	struct dossier dossier = { .words = wording_for(letter->lang) };
	enum carnet_status status;

	status = letter_pdf_check(letter, err);
	if (status != CARNET_OK)
		return status;
	dossier.title =
	    dossier_legible(&dossier, title == NULL ? letter->subject : title);
	if (dossier.title == NULL)
		return dossier_no_memory(err);
	status = sheet_open(dossier.title, letter->lang,
	    date == NULL ? "" : date, &dossier.sheet, err);
	if (status != CARNET_OK)
		goto done;
	dossier.flow = (struct flow){ .sheet = dossier.sheet,
		.x = DOSSIER_LEFT,
		.width = DOSSIER_WIDTH,
		.top = DOSSIER_TOP,
		.bottom = DOSSIER_BOTTOM,
		.size = DOSSIER_SIZE,
		.pitch = DOSSIER_PITCH,
		.page = 1,
		.end_page = dossier_end_page,
		.context = &dossier };
	status = dossier_draw(&dossier, job, letter, next, context, err);
	if (status == CARNET_OK)
		status = sheet_close(dossier.sheet, ret_bytes, ret_len, err);
	if (status == CARNET_OK) {
		*ret_pages = sheet_pages(dossier.sheet);
		*ret_spelt = dossier.spelt;
	}
done:
	sheet_free(dossier.sheet);
	free(dossier.title);
	free(dossier.running);
	return status;
}
