/* SPDX-License-Identifier: ISC */
/*
 * CommonMark to passages, by a walk over libcmark's tree.
 * Draws nothing, measures nothing.
 * The contract is in passages.h.
 */
#include "passages.h"

#include "letter_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmark.h>
#include <utf8proc.h>

#define NBSP "\xc2\xa0"
#define NARROW "\xe2\x80\xaf" /* U+202F */

/* What the walk knows: the passage being filled and its styles. */
struct passage_walk {
	struct passages *passages;
	struct passage *open; /* takes inline text; NULL: none */
	size_t open_len;
	unsigned strong, emphasis; /* how deep in each */
	bool french;
	bool failed; /* no memory */
};

static struct passage *
passages_append(struct passage_walk *walk, enum passage_kind kind)
{
	struct passages *list = walk->passages;
	struct passage *grown;

	/* doubles at every power of two */
	if ((list->len & (list->len - 1)) == 0) {
		size_t room = list->len == 0 ? 1 : list->len * 2;

		grown = reallocarray(list->items, room, sizeof(*grown));
		if (grown == NULL) {
			walk->failed = true;
			return NULL;
		}
		list->items = grown;
	}
	grown = &list->items[list->len++];
	memset(grown, 0, sizeof(*grown));
	grown->kind = kind;
	return grown;
}

static void
passage_bytes(struct passage_walk *walk, const char *bytes, size_t len)
{
	struct passage *open = walk->open;
	char *grown;

	if (open == NULL || walk->failed)
		return;
	grown = realloc(open->text, walk->open_len + len + 1);
	if (grown == NULL) {
		walk->failed = true;
		return;
	}
	memcpy(grown + walk->open_len, bytes, len);
	walk->open_len += len;
	grown[walk->open_len] = '\0';
	open->text = grown;
}

static bool
passage_ends_with(const struct passage_walk *walk, const char *end)
{
	size_t len = strlen(end);

	return walk->open_len >= len &&
	       memcmp(walk->open->text + walk->open_len - len, end, len) == 0;
}

/* The last space becomes a no-break one, unless a span ends on it. */
static void
passage_bind(struct passage_walk *walk, const char *space)
{
	const struct passage *open = walk->open;

	if (!passage_ends_with(walk, " ") || walk->open_len < 2)
		return;
	if (open->spans_len > 0 &&
	    open->spans[open->spans_len - 1].end == walk->open_len)
		return;
	walk->open_len--;
	passage_bytes(walk, space, strlen(space));
}

/* A number stays with the word that it belongs to: "article L. 1461-3". */
static void
passage_bind_number(struct passage_walk *walk)
{
	static const char *const words[] = { "article ", "articles ", "L. ",
		"R. ", "D. ", "art. ", "paragraphe " };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (passage_ends_with(walk, words[i])) {
			passage_bind(walk, NBSP);
			return;
		}
	}
}

/* Text, with the no-break spaces of French typography. */
static void
passage_text(struct passage_walk *walk, const char *text)
{
	for (const char *p = text; *p != '\0' && !walk->failed; p++) {
		if (walk->french) {
			if (*p >= '0' && *p <= '9')
				passage_bind_number(walk);
			if (*p == ';' || *p == '!' || *p == '?')
				passage_bind(walk, NARROW);
			else if (*p == ':' || strncmp(p, "»", 2) == 0)
				passage_bind(walk, NBSP);
			if (*p == ' ' && (passage_ends_with(walk, "«") ||
					     passage_ends_with(walk, "n°"))) {
				passage_bytes(walk, NBSP, 2);
				continue;
			}
		}
		passage_bytes(walk, p, 1);
	}
}

/* Notes that [start, end of text) has a style; joins equal neighbours. */
static void
passage_style(struct passage_walk *walk, size_t start, unsigned style)
{
	struct passage *open = walk->open;
	struct passage_span *spans;

	if (open == NULL || walk->failed || style == 0)
		return;
	/* a space before start may have grown into a no-break one */
	while (start < walk->open_len && (open->text[start] & 0xc0) == 0x80)
		start++;
	if (walk->open_len <= start)
		return;
	if (open->spans_len > 0) {
		struct passage_span *last = &open->spans[open->spans_len - 1];

		if (last->end == start && last->style == style) {
			last->end = walk->open_len;
			return;
		}
	}
	spans = reallocarray(open->spans, open->spans_len + 1, sizeof(*spans));
	if (spans == NULL) {
		walk->failed = true;
		return;
	}
	open->spans = spans;
	spans[open->spans_len].start = start;
	spans[open->spans_len].end = walk->open_len;
	spans[open->spans_len].style = style;
	open->spans_len++;
}

static void
passage_open(struct passage_walk *walk, enum passage_kind kind)
{
	walk->open = passages_append(walk, kind);
	walk->open_len = 0;
	passage_bytes(walk, "", 0);
}

static void
passage_close(struct passage_walk *walk)
{
	walk->open = NULL;
	walk->strong = walk->emphasis = 0;
}

/* A link's address, behind its text when it says something else. */
static void
passage_link(struct passage_walk *walk, cmark_node *node)
{
	const char *url = cmark_node_get_url(node);
	cmark_node *child = cmark_node_first_child(node);
	const char *label = NULL;

	if (url == NULL || url[0] == '\0')
		return;
	if (child != NULL && cmark_node_next(child) == NULL)
		label = cmark_node_get_literal(child);
	if (strncmp(url, "mailto:", 7) == 0)
		url += 7;
	if (label != NULL && strcmp(label, url) == 0)
		return;
	passage_bytes(walk, " (", 2);
	passage_bytes(walk, url, strlen(url));
	passage_bytes(walk, ")", 1);
}

static void
passage_inline(struct passage_walk *walk, cmark_node *node, bool entering)
{
	const char *literal = cmark_node_get_literal(node);
	size_t start = walk->open_len;
	unsigned style = (walk->strong > 0 ? PASSAGE_STRONG : 0) |
			 (walk->emphasis > 0 ? PASSAGE_EMPHASIS : 0);

	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_TEXT:
		passage_text(walk, literal);
		break;
	case CMARK_NODE_HTML_INLINE:
		passage_bytes(walk, literal, strlen(literal));
		break;
	case CMARK_NODE_CODE:
		passage_bytes(walk, literal, strlen(literal));
		style |= PASSAGE_MONO;
		break;
	case CMARK_NODE_SOFTBREAK:
		passage_text(walk, " ");
		break;
	case CMARK_NODE_LINEBREAK:
		passage_bytes(walk, "\n", 1);
		break;
	case CMARK_NODE_STRONG:
		walk->strong += entering ? 1u : -1u;
		return;
	case CMARK_NODE_EMPH:
		walk->emphasis += entering ? 1u : -1u;
		return;
	case CMARK_NODE_LINK:
		if (!entering)
			passage_link(walk, node);
		break;
	default: /* an image stands as its alternative text */
		return;
	}
	passage_style(walk, start, style);
}

/* A block without inlines: its text as it is, without its last line end. */
static void
passage_verbatim(
    struct passage_walk *walk, enum passage_kind kind, const char *literal)
{
	size_t len = strlen(literal);

	while (len > 0 && literal[len - 1] == '\n')
		len--;
	passage_open(walk, kind);
	passage_bytes(walk, literal, len);
	passage_close(walk);
}

/* An ordered item's number: the list's first, plus its place. */
static void
passage_item(struct passage_walk *walk, cmark_node *node)
{
	cmark_node *list = cmark_node_parent(node);
	struct passage *item = passages_append(walk, PASSAGE_ITEM);

	if (item == NULL ||
	    cmark_node_get_list_type(list) != CMARK_ORDERED_LIST)
		return;
	item->ordered = true;
	item->number = cmark_node_get_list_start(list);
	for (node = cmark_node_previous(node); node != NULL;
	     node = cmark_node_previous(node))
		item->number++;
}

static void
passage_block(struct passage_walk *walk, cmark_node *node, bool entering)
{
	struct passage *made;

	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_PARAGRAPH:
	case CMARK_NODE_HEADING:
		if (!entering) {
			passage_close(walk);
			return;
		}
		passage_open(
		    walk, cmark_node_get_type(node) == CMARK_NODE_HEADING
			      ? PASSAGE_HEADING
			      : PASSAGE_PARAGRAPH);
		if (walk->open != NULL)
			walk->open->number = cmark_node_get_heading_level(node);
		return;
	case CMARK_NODE_LIST:
		made = passages_append(
		    walk, entering ? PASSAGE_LIST : PASSAGE_LIST_END);
		if (made != NULL) {
			made->tight = cmark_node_get_list_tight(node) != 0;
			made->ordered = cmark_node_get_list_type(node) ==
					CMARK_ORDERED_LIST;
			made->number = cmark_node_get_list_start(node);
		}
		return;
	case CMARK_NODE_ITEM:
		if (entering)
			passage_item(walk, node);
		else
			(void)passages_append(walk, PASSAGE_ITEM_END);
		return;
	case CMARK_NODE_BLOCK_QUOTE:
		(void)passages_append(
		    walk, entering ? PASSAGE_QUOTE : PASSAGE_QUOTE_END);
		return;
	case CMARK_NODE_CODE_BLOCK:
		passage_verbatim(
		    walk, PASSAGE_CODE, cmark_node_get_literal(node));
		return;
	case CMARK_NODE_HTML_BLOCK:
		passage_verbatim(
		    walk, PASSAGE_PARAGRAPH, cmark_node_get_literal(node));
		return;
	case CMARK_NODE_THEMATIC_BREAK:
		(void)passages_append(walk, PASSAGE_RULE);
		return;
	default:
		return;
	}
}

/* Character references are read by now: nothing refused may come of them. */
static enum carnet_status
passages_check(const struct passages *passages, struct carnet_error *err)
{
	for (size_t i = 0; i < passages->len; i++) {
		const char *text = passages->items[i].text;
		size_t left = text == NULL ? 0 : strlen(text);
		utf8proc_ssize_t n;
		utf8proc_int32_t c;

		for (; left > 0; text += n, left -= (size_t)n) {
			n = utf8proc_iterate(
			    (const uint8_t *)text, (utf8proc_ssize_t)left, &c);
			if (n <= 0)
				return carnet_fail(err, CARNET_INVALID,
				    CARNET_("letter: body: not UTF-8"));
			if (!letter_char_ok(c, false))
				return carnet_fail(err, CARNET_INVALID,
				    CARNET_("letter: %s: the character "
					    "U+%04X cannot be written"),
				    "body", (unsigned)c);
		}
	}
	return CARNET_OK;
}

enum carnet_status
passages_parse(const char *markdown, const char *lang,
    struct passages **ret_passages, struct carnet_error *err)
{
	struct passage_walk walk = { 0 };
	cmark_node *document = NULL;
	cmark_iter *iter = NULL;
	cmark_event_type event;
	enum carnet_status status;

	walk.french = strncmp(lang, "fr", 2) == 0;
	walk.passages = calloc(1, sizeof(*walk.passages));
	document =
	    cmark_parse_document(markdown, strlen(markdown), CMARK_OPT_DEFAULT);
	if (document != NULL)
		iter = cmark_iter_new(document);
	if (walk.passages == NULL || iter == NULL)
		walk.failed = true;
	while (!walk.failed &&
	       (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iter);
		bool entering = event == CMARK_EVENT_ENTER;

		if (cmark_node_get_type(node) >= CMARK_NODE_FIRST_INLINE)
			passage_inline(&walk, node, entering);
		else
			passage_block(&walk, node, entering);
	}
	if (iter != NULL)
		cmark_iter_free(iter);
	if (document != NULL)
		cmark_node_free(document);
	if (walk.failed) {
		passages_free(walk.passages);
		return carnet_fail_errno(
		    err, ENOMEM, CARNET_("the body of a letter"));
	}
	status = passages_check(walk.passages, err);
	if (status != CARNET_OK) {
		passages_free(walk.passages);
		return status;
	}
	*ret_passages = walk.passages;
	return CARNET_OK;
}

void
passages_free(struct passages *passages)
{
	if (passages == NULL)
		return;
	for (size_t i = 0; i < passages->len; i++) {
		free(passages->items[i].text);
		free(passages->items[i].spans);
	}
	free(passages->items);
	free(passages);
}
