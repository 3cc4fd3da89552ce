/* SPDX-License-Identifier: ISC */
/*
 * A letter as a French business letter on A4, for a DL window envelope.
 * Draws; doesn't change a word.
 * The contract is write_letter_pdf in ../include/formats.h.
 *
 * Where the addressee stands.  A DL envelope is 220 by 110 mm; its window is
 * 100 mm wide, 35 or 45 mm high, 20 mm from the right and lower edges.  A4
 * folded in three is 210 by 99 mm and slides: 10 mm sideways, 11 mm up and
 * down.  So on the sheet, x 100..190 with y 55..79 (window of 35 mm) or
 * 45..79 (45 mm) is always seen, and x 90..200 with y 34..90 may be seen.
 * The addressee is kept in the first; in the second there is nothing else: a
 * letter about health shows no subject through its window.
 */
#include "letter_pdf.h"

#include "code.h"
#include "flow.h"
#include "fonts.h"
#include "letter_check.h"
#include "letter_key.h"
#include "wording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#define LETTER_LEFT SHEET_MM(20)
#define LETTER_TEXT (SHEET_WIDTH - 2 * LETTER_LEFT)
#define LETTER_TOP SHEET_MM(18)
#define LETTER_SENDER SHEET_MM(66) /* ends before x 90 */
#define LETTER_RIGHT SHEET_MM(108)
#define LETTER_RIGHT_WIDTH SHEET_MM(80) /* ends before x 190 */
#define LETTER_WINDOW_TOP SHEET_MM(55.5)
#define LETTER_WINDOW_HIGH SHEET_MM(46.5) /* the higher window */
#define LETTER_WINDOW_END SHEET_MM(78.5)
#define LETTER_UNSEEN SHEET_MM(91.5)
#define LETTER_FOOT SHEET_MM(287) /* nothing below */
#define LETTER_FOOT_SIZE 7.5
#define LETTER_FOOT_PITCH 9.2

/* One try at a size: what is known while a letter is drawn or rehearsed. */
struct letter_try {
	const struct letter *letter;
	const struct wording *words;
	struct sheet *sheet;
	double size, pitch, sign; /* room for the signature by hand */
	double foot_top;
	unsigned total;        /* pages; 0: not known yet */
	cairo_surface_t *code; /* of the signing key; NULL: none */
};

/* Sizes and pitches from the roomy to the tight: the first that makes one page
 * is taken; the roomiest if none does. */
static const struct {
	double size, pitch, sign;
} letter_sizes[] = { { 11, 1.42, 20 }, { 10.5, 1.4, 18 }, { 10, 1.4, 18 },
	{ 9.5, 1.36, 16 }, { 9.5, 1.27, 12 } };

/* Does it go into an envelope: is there an addressee for the window? */
static bool
letter_folds(const struct letter *letter)
{
	return letter->addressee != NULL && letter->addressee[0] != NULL;
}

static PangoLayout *
letter_foot(const struct letter_try *try)
{
	const char *text = try->letter->footer;

	if (text == NULL || text[0] == '\0')
		return NULL;
	return sheet_layout(try->sheet, text, NULL, 0, LETTER_FOOT_SIZE,
	    LETTER_TEXT - SHEET_MM(24));
}

/* Below the column: the footer, the page's number, where to fold. */
static void
letter_end_page(struct flow *flow, void *context)
{
	struct letter_try *try = context;
	PangoLayout *foot = letter_foot(try);
	bool last = flow->page == try->total;
	char number[64];

	if (foot != NULL) {
		sheet_line(try->sheet, LETTER_LEFT, try->foot_top - 3,
		    LETTER_LEFT + LETTER_TEXT, try->foot_top - 3, 0.4, 0.5);
		/* content once, decoration on the sheets before */
		if (last)
			sheet_tag(try->sheet, "P");
		sheet_lines(try->sheet, foot, 0,
		    pango_layout_get_line_count(foot), LETTER_LEFT,
		    try->foot_top, LETTER_FOOT_PITCH);
		if (last)
			sheet_untag(try->sheet, "P");
		g_object_unref(foot);
	}
	if (try->total > 1) {
		(void)snprintf(number, sizeof(number), "%s %u/%u",
		    try->words->page, flow->page, try->total);
		foot = sheet_layout(try->sheet, number, NULL, 0,
		    LETTER_FOOT_SIZE, SHEET_MM(60));
		sheet_lines(try->sheet, foot, 0, 1,
		    LETTER_LEFT + LETTER_TEXT - sheet_layout_width(foot),
		    try->foot_top, LETTER_FOOT_PITCH);
		g_object_unref(foot);
	}
	if (flow->page == 1 && letter_folds(try->letter)) {
		for (int fold = 99; fold < 297; fold += 99)
			sheet_line(try->sheet, SHEET_MM(5), SHEET_MM(fold),
			    SHEET_MM(8), SHEET_MM(fold), 0.4, 0.6);
	}
}

/* Lines, each a layout; returns how many lines they break into. */
static int
letter_block_lines(struct sheet *sheet, char **lines, double size, double width)
{
	int count = 0;

	for (size_t i = 0; lines != NULL && lines[i] != NULL; i++) {
		PangoLayout *layout =
		    sheet_layout(sheet, lines[i], NULL, 0, size, width);

		count += pango_layout_get_line_count(layout);
		g_object_unref(layout);
	}
	return count;
}

/* Draws them as one paragraph; returns where it ends. */
static double
letter_block(struct sheet *sheet, char **lines, double size, double pitch,
    double x, double y, double width)
{
	if (lines == NULL || lines[0] == NULL)
		return y;
	sheet_tag(sheet, "P");
	for (size_t i = 0; lines[i] != NULL; i++) {
		PangoLayout *layout =
		    sheet_layout(sheet, lines[i], NULL, 0, size, width);
		int count = pango_layout_get_line_count(layout);

		sheet_lines(sheet, layout, 0, count, x, y, pitch);
		y += pitch * count;
		g_object_unref(layout);
	}
	sheet_untag(sheet, "P");
	return y;
}

/* In the window whatever its height, else in the higher one, else from its
 * upper edge on, as far as it takes. */
static double
letter_addressee(struct sheet *sheet, char **lines)
{
	static const double sizes[] = { 10.5, 10, 9.5, 9, 8.5 };
	static const double tops[] = { LETTER_WINDOW_TOP, LETTER_WINDOW_HIGH };
	size_t len = sizeof(sizes) / sizeof(sizes[0]);
	double size = 0, pitch = 0, height = 0;

	for (size_t high = 0; high < 2; high++) {
		for (size_t i = 0; i < len; i++) {
			size = sizes[i];
			pitch = size * (i < 2 ? 1.25 : 1.15);
			height = pitch * letter_block_lines(sheet, lines, size,
					     LETTER_RIGHT_WIDTH);
			if (height > LETTER_WINDOW_END - tops[high])
				continue;
			/* the higher window shows the lower one's place too */
			return letter_block(sheet, lines, size, pitch,
			    LETTER_RIGHT,
			    high == 0 ? tops[0] : LETTER_WINDOW_END - height,
			    LETTER_RIGHT_WIDTH);
		}
	}
	return letter_block(sheet, lines, size, pitch, LETTER_RIGHT,
	    LETTER_WINDOW_HIGH, LETTER_RIGHT_WIDTH);
}

/* One text in one place; returns where it ends. */
static double
letter_text(struct sheet *sheet, const char *text, const char *tag,
    unsigned style, double size, double x, double y, double width)
{
	PangoLayout *layout;
	int count;

	if (text == NULL || text[0] == '\0')
		return y;
	layout = sheet_layout(sheet, text, NULL, style, size, width);
	count = pango_layout_get_line_count(layout);
	sheet_tag(sheet, tag);
	sheet_lines(sheet, layout, 0, count, x, y, size * 1.3);
	sheet_untag(sheet, tag);
	g_object_unref(layout);
	return y + size * 1.3 * count;
}

/* Sender, addressee, mention, place and date; returns where they end. */
static double
letter_head(struct letter_try *try)
{
	const struct letter *letter = try->letter;
	struct sheet *sheet = try->sheet;
	double size = 10, y, left, right;

	y = letter_block(sheet, letter->sender, size, size * 1.3, LETTER_LEFT,
	    LETTER_TOP, LETTER_SENDER);
	right = letter_addressee(sheet, letter->addressee);
	y = y > right ? y : right;
	if (y > LETTER_TOP)
		y += SHEET_MM(3);
	if (letter_folds(letter) && y < LETTER_UNSEEN)
		y = LETTER_UNSEEN;
	left = letter_text(sheet, letter->mention, "P", PASSAGE_STRONG,
	    size - 0.5, LETTER_LEFT, y, SHEET_MM(84));
	right = letter_text(sheet, letter->place_date, "P", 0, size,
	    LETTER_RIGHT, y, LETTER_RIGHT_WIDTH);
	return left > right ? left : right;
}

static void
letter_subject(struct flow *flow, const struct letter_try *try)
{
	PangoLayout *layout;
	char *text = NULL;

	if (asprintf(&text, "%s%s%s", try->words->subject, try->words->colon,
		try->letter->subject) < 0)
		text = NULL;
	layout = sheet_layout(flow->sheet,
	    text == NULL ? try->letter->subject : text, NULL, PASSAGE_STRONG,
	    flow->size, flow->width);
	flow_layout(flow, layout, "H1", flow->pitch, flow->pitch * 3);
	g_object_unref(layout);
	free(text);
}

/* Right of the middle: room to sign by hand, then the name. */
static void
letter_sign(struct flow *flow, const struct letter_try *try)
{
	struct flow right = *flow;
	PangoLayout *layout;

	if (try->letter->signature == NULL || try->letter->signature[0] == '\0')
		return;
	right.x = LETTER_RIGHT;
	right.width = LETTER_RIGHT_WIDTH;
	right.y += SHEET_MM(try->sign);
	layout = sheet_layout(flow->sheet, try->letter->signature, NULL, 0,
	    flow->size, right.width);
	flow_layout(&right, layout, "P", flow->pitch, 0);
	g_object_unref(layout);
	flow->y = right.y;
	flow->page = right.page;
	flow->fresh = right.fresh;
}

static double
letter_sign_height(const struct letter_try *try)
{
	char *lines[] = { try->letter->signature, NULL };
	double height;

	if (lines[0] == NULL || lines[0][0] == '\0')
		return 0;
	height = try->pitch * letter_block_lines(try->sheet, lines, try->size,
				  LETTER_RIGHT_WIDTH);
	return SHEET_MM(try->sign) + try->pitch * 0.5 + height;
}

/* One pass over the whole letter; returns how many sheets it took. */
static unsigned
letter_pass(struct letter_try *try, const struct passages *body)
{
	struct flow flow = { .sheet = try->sheet,
		.x = LETTER_LEFT,
		.width = LETTER_TEXT,
		.top = SHEET_MM(20),
		.size = try->size,
		.pitch = try->pitch,
		.page = 1,
		.end_page = letter_end_page,
		.context = try };
	PangoLayout *foot = letter_foot(try);
	double keep = letter_sign_height(try);

	try->foot_top = LETTER_FOOT - LETTER_FOOT_PITCH;
	if (foot != NULL)
		try->foot_top =
		    LETTER_FOOT -
		    LETTER_FOOT_PITCH * pango_layout_get_line_count(foot);
	if (foot != NULL)
		g_object_unref(foot);
	flow.bottom = try->foot_top - SHEET_MM(4);
	/* a footer as long as a page would leave no column */
	if (flow.bottom < SHEET_MM(160))
		flow.bottom = SHEET_MM(160);
	sheet_tag(try->sheet, "Document");
	flow.y = letter_head(try) + try->pitch * 0.9;
	if (flow.y + try->pitch * 6 > flow.bottom)
		flow_page(&flow); /* names of hundreds of letters */
	letter_subject(&flow, try);
	flow_gap(&flow, try->pitch * 0.8);
	if (keep > SHEET_MM(60))
		keep = SHEET_MM(60);
	flow_passages(&flow, body, keep);
	letter_sign(&flow, try);
	if (try->code != NULL)
		letter_key_draw(&flow, try->letter, try->words, try->code);
	letter_end_page(&flow, try);
	sheet_untag(try->sheet, "Document");
	sheet_next(try->sheet);
	return flow.page;
}

enum carnet_status
letter_pdf_draw(
    struct sheet *sheet, const struct letter *letter, struct carnet_error *err)
{
	struct letter_try try = { .letter = letter,
		.words = wording_for(letter->lang),
		.sheet = sheet };
	size_t len = sizeof(letter_sizes) / sizeof(letter_sizes[0]), i;
	struct passages *body = NULL;
	enum carnet_status status;
	unsigned pages = 0;

	status = passages_parse(letter->body, letter->lang, &body, err);
	if (status != CARNET_OK)
		return status;
	if (letter->key != NULL) {
		try.code = code_picture(letter->key);
		if (try.code == NULL) {
			passages_free(body);
			return carnet_fail(err, CARNET_INVALID,
			    CARNET_("letter: the signing key makes no code"));
		}
	}
	sheet_rehearse(sheet, true);
	for (i = 0; i <= len && pages != 1; i++) {
		size_t at = i < len ? i : 0;

		try.size = letter_sizes[at].size;
		try.pitch = try.size * letter_sizes[at].pitch;
		try.sign = letter_sizes[at].sign;
		pages = letter_pass(&try, body);
	}
	sheet_rehearse(sheet, false);
	try.total = pages;
	(void)letter_pass(&try, body);
	if (try.code != NULL)
		cairo_surface_destroy(try.code);
	passages_free(body);
	return CARNET_OK;
}

static enum carnet_status
letter_glyphs(
    void *context, const char *part, const char *text, struct carnet_error *err)
{
	size_t left = strlen(text);
	utf8proc_ssize_t n;
	utf8proc_int32_t c;

	(void)context;
	for (; left > 0; text += n, left -= (size_t)n) {
		n = utf8proc_iterate(
		    (const uint8_t *)text, (utf8proc_ssize_t)left, &c);
		if (n <= 0)
			return carnet_fail(err, CARNET_INVALID,
			    CARNET_("letter: %s: not UTF-8"), part);
		if (fonts_have((uint32_t)c))
			continue;
		(void)carnet_fail(err, CARNET_INVALID,
		    CARNET_("letter: %s: the font lacks the character U+%04X"),
		    part, (unsigned)c);
		carnet_hint(err,
		    CARNET_("write it in Latin letters, or take the HTML"));
		return CARNET_INVALID;
	}
	return CARNET_OK;
}

enum carnet_status
letter_pdf_check(const struct letter *letter, struct carnet_error *err)
{
	struct passages *body = NULL;
	enum carnet_status status;

	status = letter_check(letter, err);
	if (status == CARNET_OK)
		status = fonts_load(err);
	if (status == CARNET_OK)
		status = letter_each_part(letter, letter_glyphs, NULL, err);
	if (status == CARNET_OK)
		status = passages_parse(letter->body, letter->lang, &body, err);
	/* again: character references may have become others */
	for (size_t i = 0; status == CARNET_OK && i < body->len; i++) {
		if (body->items[i].text != NULL)
			status = letter_glyphs(
			    NULL, "body", body->items[i].text, err);
	}
	passages_free(body);
	return status;
}

enum carnet_status
write_letter_pdf(const struct letter *letter, const char *creation,
    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err)
{
	struct sheet *sheet = NULL;
	enum carnet_status status;

	status = letter_pdf_check(letter, err);
	if (status == CARNET_OK)
		status = sheet_open(letter->subject, letter->lang,
		    creation == NULL ? "" : creation, &sheet, err);
	if (status == CARNET_OK)
		status = letter_pdf_draw(sheet, letter, err);
	if (status == CARNET_OK)
		status = sheet_close(sheet, ret_bytes, ret_len, err);
	sheet_free(sheet);
	return status;
}
