/* SPDX-License-Identifier: ISC */
/*
 * Breaking paragraphs and lists into sheets.
 * Measures with the sheet's layouts; draws nothing outside its column.
 * The contract is in flow.h.
 */
#include "flow.h"

#include <stdio.h>
#include <string.h>

#define FLOW_INDENT 1.5  /* a level, in sizes of the text */
#define FLOW_DEPTH_MAX 8 /* deeper ones are not indented more */

void
flow_page(struct flow *flow)
{
	flow->end_page(flow, flow->context);
	sheet_next(flow->sheet);
	flow->page++;
	flow->y = flow->top;
	flow->fresh = true;
}

void
flow_gap(struct flow *flow, double height)
{
	if (!flow->fresh)
		flow->y += height;
}

void
flow_room(struct flow *flow, double height)
{
	if (!flow->fresh && flow->y + height > flow->bottom)
		flow_page(flow);
}

/* The mark of an item ("1.", a dash), on the line that begins at y. */
static void
flow_mark(struct flow *flow, double pitch)
{
	if (flow->mark == NULL)
		return;
	sheet_tag(flow->sheet, "Lbl");
	sheet_lines(
	    flow->sheet, flow->mark, 0, 1, flow->mark_x, flow->y, pitch);
	sheet_untag(flow->sheet, "Lbl");
	sheet_tag(flow->sheet, "LBody");
	g_object_unref(flow->mark);
	flow->mark = NULL;
}

static double
flow_indent(const struct flow *flow)
{
	unsigned depth = flow->depth;

	return FLOW_INDENT * flow->size *
	       (depth < FLOW_DEPTH_MAX ? depth : FLOW_DEPTH_MAX);
}

/*
 * How many of `left` lines go onto this sheet; 0: turn the page first.  Never
 * one alone above or below the turn, if there are others.
 */
static int
flow_fit(
    const struct flow *flow, int left, bool first, double pitch, double keep)
{
	double space = flow->bottom - flow->y + 0.01;
	int fit = space < pitch ? 0 : (int)(space / pitch);

	if (fit >= left) {
		if (pitch * left + keep <= space)
			return left;
		fit = left - 2; /* two go with what is kept */
	} else if (left - fit == 1) {
		fit--;
	}
	if (fit >= 2 || (fit == 1 && !first))
		return fit;
	if (!flow->fresh)
		return 0;
	/* a whole sheet is too small for it: anything is better than none */
	fit = (int)(space / pitch);
	return fit < 1 ? 1 : fit > left ? left : fit;
}

void
flow_layout(struct flow *flow, PangoLayout *layout, const char *tag,
    double pitch, double keep)
{
	int count = pango_layout_get_line_count(layout), at = 0;
	double x = flow->x + flow_indent(flow);

	while (at < count) {
		int fit = flow_fit(flow, count - at, at == 0, pitch, keep);

		if (fit == 0) {
			flow_page(flow);
			continue;
		}
		if (at == 0) {
			flow_mark(flow, pitch);
			if (tag != NULL)
				sheet_tag(flow->sheet, tag);
		}
		sheet_lines(
		    flow->sheet, layout, at, at + fit, x, flow->y, pitch);
		flow->y += pitch * fit;
		flow->fresh = false;
		at += fit;
		if (at < count)
			flow_page(flow);
	}
	if (tag != NULL)
		sheet_untag(flow->sheet, tag);
}

static void
flow_text(struct flow *flow, const struct passage *passage, double keep)
{
	PangoLayout *layout;
	unsigned style = 0;
	char tag[16] = "P";

	if (passage->kind == PASSAGE_HEADING) {
		style = PASSAGE_STRONG;
		/* H1 is the letter's subject */
		(void)snprintf(tag, sizeof(tag), "H%d",
		    passage->number < 5 ? passage->number + 1 : 6);
		flow_gap(flow, flow->pitch * 0.3);
		if (keep < flow->pitch * 2)
			keep = flow->pitch * 2;
	} else if (passage->kind == PASSAGE_CODE) {
		style = PASSAGE_MONO;
	}
	layout = sheet_layout(flow->sheet, passage->text, passage, style,
	    flow->size, flow->width - flow_indent(flow));
	flow_layout(flow, layout, tag, flow->pitch, keep);
	g_object_unref(layout);
	flow->y += flow->pitch * (passage->kind == PASSAGE_HEADING ? 0.2
				     : flow->tight                 ? 0.12
								   : 0.5);
}

static void
flow_item(struct flow *flow, const struct passage *item)
{
	char mark[24] = "\xe2\x80\x93"; /* an en dash, as French lists have */
	double width, room;

	if (item->ordered)
		(void)snprintf(mark, sizeof(mark), "%d.", item->number);
	flow->mark =
	    sheet_layout(flow->sheet, mark, NULL, 0, flow->size, flow->width);
	width = sheet_layout_width(flow->mark);
	flow->mark_x = flow->x + flow_indent(flow);
	flow->depth++;
	room = flow->x + flow_indent(flow) - flow->mark_x;
	/* a long number stands out to the left, like an accountant's */
	if (width + 3 > room)
		flow->mark_x -= width + 3 - room;
	sheet_tag(flow->sheet, "LI");
}

static void
flow_item_end(struct flow *flow)
{
	if (flow->mark != NULL) { /* an empty item */
		flow_room(flow, flow->pitch);
		flow_mark(flow, flow->pitch);
		flow->y += flow->pitch;
		flow->fresh = false;
	}
	sheet_untag(flow->sheet, "LBody");
	sheet_untag(flow->sheet, "LI");
	flow->depth--;
}

/* A list directly in an item begins inside the item's body. */
static void
flow_list(struct flow *flow)
{
	if (flow->mark != NULL) {
		flow_room(flow, flow->pitch);
		flow_mark(flow, flow->pitch);
	}
	sheet_tag(flow->sheet, "L");
}

static void
flow_passage(struct flow *flow, const struct passage *passage, double keep)
{
	switch (passage->kind) {
	case PASSAGE_PARAGRAPH:
	case PASSAGE_HEADING:
	case PASSAGE_CODE:
		flow_text(flow, passage, keep);
		break;
	case PASSAGE_RULE:
		flow_room(flow, flow->pitch);
		sheet_line(flow->sheet, flow->x + flow->width / 3,
		    flow->y + flow->pitch / 2, flow->x + flow->width * 2 / 3,
		    flow->y + flow->pitch / 2, 0.5, 0.4);
		flow->y += flow->pitch;
		break;
	case PASSAGE_LIST:
		flow_list(flow);
		flow->tight = passage->tight;
		break;
	case PASSAGE_LIST_END:
		sheet_untag(flow->sheet, "L");
		flow_gap(flow, flow->tight ? flow->pitch * 0.38 : 0);
		flow->tight = false;
		break;
	case PASSAGE_ITEM:
		flow_item(flow, passage);
		break;
	case PASSAGE_ITEM_END:
		flow_item_end(flow);
		break;
	case PASSAGE_QUOTE:
		if (flow->mark != NULL)
			flow_mark(flow, flow->pitch);
		sheet_tag(flow->sheet, "BlockQuote");
		flow->depth++;
		break;
	case PASSAGE_QUOTE_END:
		flow->depth--;
		sheet_untag(flow->sheet, "BlockQuote");
		break;
	}
}

void
flow_passages(struct flow *flow, const struct passages *passages, double keep)
{
	size_t last = passages->len;

	/* the last text of all is what the signature stays with */
	while (last > 0 && passages->items[last - 1].text == NULL)
		last--;
	for (size_t i = 0; i < passages->len; i++)
		flow_passage(
		    flow, &passages->items[i], i + 1 == last ? keep : 0);
}
