/* SPDX-License-Identifier: ISC */
/*
 * Text that runs down a column, from sheet to sheet: no lone first or last
 * line of a paragraph, no heading alone at the foot.  Knows no letter.
 */
#ifndef FLOW_H
#define FLOW_H
#include "sheet.h"

struct flow {
	struct sheet *sheet;
	double x, width;       /* the column */
	double y, top, bottom; /* next line's upper edge; of later sheets */
	double size, pitch;    /* of body text, in points */
	unsigned page;         /* from 1 */
	bool fresh;            /* nothing in the column of this sheet yet */
	/* what stands outside the column; called as each sheet is complete */
	void (*end_page)(struct flow *flow, void *context);
	void *context;
	/* an item's mark, drawn with its first line; NULL: none.  Owned. */
	PangoLayout *mark;
	double mark_x;
	unsigned depth; /* of lists and quotes, for indents */
	bool tight;     /* in a list without space between its items */
};

/* Completes this sheet and goes to the top of the next. */
void flow_page(struct flow *flow);
/* Down by `height`, but not at the top of a sheet. */
void flow_gap(struct flow *flow, double height);
/* Makes sure that `height` is left, or turns the page. */
void flow_room(struct flow *flow, double height);
/*
 * Draws a layout as one element `tag` (NULL: none), with line pitch `pitch`.
 * keep: what must fit below its last lines on the same sheet.
 */
void flow_layout(struct flow *flow, PangoLayout *layout, const char *tag,
    double pitch, double keep);
/* A letter's body.  keep: what must stay with its last lines. */
void flow_passages(
    struct flow *flow, const struct passages *passages, double keep);

#endif
