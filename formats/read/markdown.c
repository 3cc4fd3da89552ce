/* SPDX-License-Identifier: ISC */
/*
 * CommonMark to the text that a person would see, and its first heading.
 * Follows no link and renders nothing; what is too long to be parsed within
 * our memory is given as plain text.
 */
#include <cmark.h>
#include <string.h>

#include "decode.h"
#include "reader_table.h"

/* cmark takes up to some 250 bytes of memory for one of input. */
#define MARKDOWN_MAX ((size_t)1 << 20)

struct markdown_walk {
	struct reader_answer *answer;
	bool in_title; /* within the first heading */
	bool has_title;
};

static void
markdown_put(struct markdown_walk *walk, const char *literal)
{
	if (literal == NULL)
		return;
	text_out_utf8(&walk->answer->text, literal, strlen(literal));
	if (walk->in_title)
		text_out_utf8(&walk->answer->title, literal, strlen(literal));
}

static void
markdown_heading(struct markdown_walk *walk, bool enters)
{
	text_out_line(&walk->answer->text, 1);
	walk->in_title = enters && !walk->has_title;
	if (!enters && !text_out_is_blank(&walk->answer->title))
		walk->has_title = true;
}

/* One step of cmark's walk; blocks end with a line, lists have dashes. */
static void
markdown_node(struct markdown_walk *walk, cmark_node *node, bool enters)
{
	struct text_out *text = &walk->answer->text;
	const char *literal = cmark_node_get_literal(node);

	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_TEXT:
	case CMARK_NODE_CODE:
		markdown_put(walk, literal);
		break;
	case CMARK_NODE_SOFTBREAK:
	case CMARK_NODE_LINEBREAK:
		markdown_put(walk, walk->in_title ? " " : "\n");
		break;
	case CMARK_NODE_CODE_BLOCK:
		markdown_put(walk, literal);
		text_out_line(text, 1);
		break;
	case CMARK_NODE_HTML_BLOCK:
		if (literal != NULL)
			html_put_text(text, literal, strlen(literal));
		text_out_line(text, 1);
		break;
	case CMARK_NODE_HEADING:
		markdown_heading(walk, enters);
		break;
	case CMARK_NODE_ITEM:
		text_out_line(text, 0);
		if (enters)
			text_out_ascii(text, "- ");
		break;
	case CMARK_NODE_PARAGRAPH:
		if (!enters)
			text_out_line(text,
			    cmark_node_get_type(cmark_node_parent(node)) ==
				    CMARK_NODE_ITEM
				? 0
				: 1);
		break;
	case CMARK_NODE_LIST:
		text_out_line(text, enters ? 0 : 1);
		break;
	default:
		break;
	}
}

enum carnet_status
markdown_read(const struct reader_input *input, struct reader_answer *answer,
    struct carnet_error *err)
{
	struct markdown_walk walk = { .answer = answer };
	struct reader_answer plain;
	enum carnet_status status;
	cmark_node *document = NULL;
	cmark_iter *iter = NULL;
	cmark_event_type event;

	if (input->len > MARKDOWN_MAX)
		return text_read(input, answer, err);
	reader_answer_init(&plain);
	status = text_read(input, &plain, err);
	if (status != CARNET_OK || plain.text.failed || plain.text.len == 0) {
		answer->text.failed = plain.text.failed;
		goto done;
	}
	document = cmark_parse_document(
	    plain.text.bytes, plain.text.len, CMARK_OPT_DEFAULT);
	iter = cmark_iter_new(document);
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE)
		markdown_node(&walk, cmark_iter_get_node(iter),
		    event == CMARK_EVENT_ENTER);
done:
	if (iter != NULL)
		cmark_iter_free(iter);
	if (document != NULL)
		cmark_node_free(document);
	reader_answer_clear(&plain);
	return status;
}
