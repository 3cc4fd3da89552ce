/* SPDX-License-Identifier: ISC */
/*
 * The signing key below a letter: the code left, the texts beside it.
 * The contract is in letter_key.h.
 */
#include "letter_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_SIDE SHEET_MM(29) /* of the code with its margin */
#define KEY_GAP SHEET_MM(3)
#define KEY_SIZE 7.5
#define KEY_PITCH 9.4
#define KEY_COLUMNS 4
#define KEY_ROW 9.8

/* A text in the column beside the code; returns where it ends. */
static double
key_text(const struct flow *flow, const char *text, unsigned style, double y)
{
	double width = flow->width - KEY_SIDE - KEY_GAP;
	PangoLayout *layout =
	    sheet_layout(flow->sheet, text, NULL, style, KEY_SIZE, width);
	int count = pango_layout_get_line_count(layout);

	sheet_tag(flow->sheet, "P");
	sheet_lines(flow->sheet, layout, 0, count, flow->x + KEY_SIDE + KEY_GAP,
	    y, KEY_PITCH);
	sheet_untag(flow->sheet, "P");
	g_object_unref(layout);
	return y + KEY_PITCH * count;
}

/* In rows, read as lines are; returns where they end. */
static double
key_words(const struct flow *flow, char **words, double y)
{
	double column = (flow->width - KEY_SIDE - KEY_GAP) / KEY_COLUMNS;
	size_t i, rows;

	sheet_tag(flow->sheet, "P");
	for (i = 0; words != NULL && words[i] != NULL; i++) {
		PangoLayout *layout;
		char *text = NULL;

		if (asprintf(&text, "%zu. %s", i + 1, words[i]) < 0)
			continue;
		rows = i / KEY_COLUMNS;
		layout = sheet_layout(
		    flow->sheet, text, NULL, PASSAGE_MONO, KEY_SIZE, column);
		sheet_lines(flow->sheet, layout, 0, 1,
		    flow->x + KEY_SIDE + KEY_GAP +
			column * (double)(i % KEY_COLUMNS),
		    y + KEY_ROW * (double)rows, KEY_ROW);
		g_object_unref(layout);
		free(text);
	}
	sheet_untag(flow->sheet, "P");
	rows = (i + KEY_COLUMNS - 1) / KEY_COLUMNS;
	return y + KEY_ROW * (double)rows;
}

void
letter_key_draw(struct flow *flow, const struct letter *letter,
    const struct wording *words, cairo_surface_t *code)
{
	double y, high = KEY_SIDE + KEY_PITCH;

	flow_gap(flow, flow->pitch);
	flow_room(flow, high);
	y = flow->y;
	sheet_line(flow->sheet, flow->x, y, flow->x + flow->width, y, 0.4, 0.5);
	y += KEY_PITCH / 2;
	sheet_tag(flow->sheet, "Figure");
	sheet_picture(flow->sheet, code, flow->x, y, KEY_SIDE, KEY_SIDE);
	sheet_untag(flow->sheet, "Figure");
	y = key_text(flow, words->key, PASSAGE_STRONG, y);
	y = key_text(flow, letter->key, PASSAGE_MONO, y);
	y = key_text(flow, words->key_proves, 0, y);
	(void)key_words(flow, letter->key_words, y + 2);
	flow->y += high;
	flow->fresh = false;
}
