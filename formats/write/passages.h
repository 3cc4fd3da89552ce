/* SPDX-License-Identifier: ISC */
/*
 * A letter's body, from CommonMark to a flat list of passages that the text,
 * HTML and PDF writers walk.  Knows nothing of pages or columns.
 * Links become "text (address)", so that they survive on paper; raw HTML is
 * ordinary text; nothing is interpreted beyond CommonMark.
 */
#ifndef PASSAGES_H
#define PASSAGES_H
#include "carnet_types.h"

enum passage_kind {
	PASSAGE_PARAGRAPH,
	PASSAGE_HEADING, /* number: its level, 1..6 */
	PASSAGE_CODE,    /* text keeps its line ends */
	PASSAGE_RULE,
	PASSAGE_LIST, /* tight: no space between its items */
	PASSAGE_LIST_END,
	PASSAGE_ITEM, /* number: of an ordered list; 0: a dash */
	PASSAGE_ITEM_END,
	PASSAGE_QUOTE,
	PASSAGE_QUOTE_END
};

#define PASSAGE_STRONG 1u
#define PASSAGE_EMPHASIS 2u
#define PASSAGE_MONO 4u

struct passage_span {
	size_t start, end; /* bytes of text */
	unsigned style;    /* PASSAGE_STRONG... or'ed */
};

struct passage {
	enum passage_kind kind;
	int number;
	bool ordered;
	bool tight;
	char *text; /* NULL for LIST, ITEM, QUOTE, RULE; '\n': a hard break */
	struct passage_span *spans; /* in order, not overlapping */
	size_t spans_len;
};

struct passages {
	struct passage *items;
	size_t len;
};

/*
 * Parses a body.  lang: in French, spaces before ; : ! ? », after « and n°
 * become no-break spaces.  The caller owns *ret_passages (passages_free).
 * CARNET_INVALID: a character reference (&#x202e;) hides one that
 * letter_check refuses.  CARNET_NO_MEMORY.
 */
enum carnet_status passages_parse(const char *markdown, const char *lang,
    struct passages **ret_passages, struct carnet_error *err);
void passages_free(struct passages *passages);

#endif
