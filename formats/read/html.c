/* SPDX-License-Identifier: ISC */
/*
 * The words of an HTML page, without scripts and styles, and its title.
 * No parser of the standard: tags end lines, entities become characters.
 * Nothing is fetched, no attribute is kept.  Entities: html_entities.c.
 */
#include <string.h>

#include "decode.h"
#include "html_entities.h"
#include "reader_table.h"

#define HTML_NAME_MAX 16 /* longer names are none that we know */

struct html {
	struct decoder in;
	struct text_out *text, *title; /* title may be NULL */
	bool space; /* white space since the last character */
	bool in_title, in_heading;
	bool has_title; /* by <title>, else by the first <h1> */
	unsigned pre;   /* depth of <pre> */
};

enum html_effect {
	HTML_LINE,      /* begins and ends a line */
	HTML_PARAGRAPH, /* an empty line around it */
	HTML_CELL,      /* a tab behind it */
	HTML_ITEM,      /* a dash before it */
	HTML_SKIP,      /* nothing within it is text */
	HTML_PRE,
	HTML_TITLE,
	HTML_HEADING
};

static const struct html_element {
	const char *name;
	enum html_effect effect;
} elements[] = {
	{ "address", HTML_LINE },
	{ "article", HTML_PARAGRAPH },
	{ "blockquote", HTML_PARAGRAPH },
	{ "br", HTML_LINE },
	{ "caption", HTML_LINE },
	{ "center", HTML_LINE },
	{ "dd", HTML_LINE },
	{ "div", HTML_LINE },
	{ "dl", HTML_LINE },
	{ "dt", HTML_LINE },
	{ "fieldset", HTML_LINE },
	{ "figure", HTML_LINE },
	{ "footer", HTML_LINE },
	{ "form", HTML_LINE },
	{ "h1", HTML_HEADING },
	{ "h2", HTML_PARAGRAPH },
	{ "h3", HTML_PARAGRAPH },
	{ "h4", HTML_PARAGRAPH },
	{ "h5", HTML_PARAGRAPH },
	{ "h6", HTML_PARAGRAPH },
	{ "header", HTML_LINE },
	{ "hr", HTML_LINE },
	{ "li", HTML_ITEM },
	{ "main", HTML_LINE },
	{ "nav", HTML_LINE },
	{ "noscript", HTML_LINE },
	{ "ol", HTML_LINE },
	{ "option", HTML_LINE },
	{ "p", HTML_PARAGRAPH },
	{ "pre", HTML_PRE },
	{ "script", HTML_SKIP },
	{ "section", HTML_LINE },
	{ "style", HTML_SKIP },
	{ "table", HTML_PARAGRAPH },
	{ "td", HTML_CELL },
	{ "template", HTML_SKIP },
	{ "textarea", HTML_LINE },
	{ "th", HTML_CELL },
	{ "title", HTML_TITLE },
	{ "tr", HTML_LINE },
	{ "ul", HTML_LINE },
};

static const struct html_element *
html_element(const char *name)
{
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
		if (strcmp(elements[i].name, name) == 0)
			return &elements[i];
	}
	return NULL;
}

static bool
html_is_space(uint32_t code)
{
	return code == ' ' || (code >= '\t' && code <= '\r');
}

static void
html_put(struct html *html, uint32_t code)
{
	struct text_out *text = html->text;

	if (html->in_title || html->in_heading) {
		if (html->title != NULL && !html->has_title)
			text_out_put(
			    html->title, html_is_space(code) ? ' ' : code);
		if (html->in_title)
			return;
	}
	if (html->pre > 0) {
		text_out_put(text, code);
		return;
	}
	if (html_is_space(code)) {
		html->space = true;
		return;
	}
	if (html->space && text->len > 0 &&
	    text->bytes[text->len - 1] != '\n' &&
	    text->bytes[text->len - 1] != '\t')
		text_out_put(text, ' ');
	html->space = false;
	text_out_put(text, code);
}

/* Behind '&': a character reference, or the '&' itself. */
static void
html_entity(struct html *html)
{
	struct decoder ahead = html->in;
	char name[HTML_ENTITY_MAX + 1];
	size_t len = 0;
	bool closed = false;
	uint32_t code, value;

	while (len < HTML_ENTITY_MAX) {
		struct decoder before = ahead;
		bool is_name;

		if (!decoder_next(&ahead, &code))
			break;
		is_name = (code >= '0' && code <= '9') ||
			  (code >= 'a' && code <= 'z') ||
			  (code >= 'A' && code <= 'Z') ||
			  (code == '#' && len == 0);
		if (!is_name) {
			closed = code == ';';
			if (!closed)
				ahead = before;
			break;
		}
		name[len++] = (char)code;
	}
	name[len] = '\0';
	/* "&eacute" may lack its ';', "?a=1&lang=fr" is no bracket */
	if (html_entity_find(name, &value) &&
	    (closed || value <= 0xff || name[0] == '#')) {
		html->in = ahead;
		html_put(html, value);
	} else
		html_put(html, '&');
}

/* Moves behind `what`, or to the end. */
static void
html_behind(struct html *html, const char *what)
{
	uint32_t code;

	while (!decoder_sees(&html->in, what)) {
		if (!decoder_next(&html->in, &code))
			return;
	}
	for (size_t i = 0; what[i] != '\0'; i++)
		(void)decoder_next(&html->in, &code);
}

/* The rest of a tag up to its '>', which quotes may hide.  True for "/>". */
static bool
html_tag_rest(struct html *html)
{
	uint32_t code, quote = 0, last = 0;

	while (decoder_next(&html->in, &code)) {
		if (quote != 0) {
			if (code == quote)
				quote = 0;
		} else if ((code == '"' || code == '\'') &&
			   (last == '=' || html_is_space(last)))
			quote = code;
		else if (code == '>')
			return last == '/';
		if (!html_is_space(code) || last != '=')
			last = code;
	}
	return false;
}

/* Up to the end tag of an element whose content is no text. */
static void
html_skip(struct html *html, const char *name)
{
	char end[HTML_NAME_MAX + 4] = "</";
	uint32_t code;

	strcat(end, name);
	while (!decoder_sees(&html->in, end)) {
		if (!decoder_next(&html->in, &code))
			return;
	}
	html_behind(html, ">");
}

/* <title> comes first and wins; an empty one leaves it to the first <h1>. */
static void
html_title_ends(struct html *html)
{
	if ((html->in_title || html->in_heading) && html->title != NULL &&
	    !text_out_is_blank(html->title))
		html->has_title = true;
	html->in_title = false;
	html->in_heading = false;
}

static void
html_effect(struct html *html, const struct html_element *element, bool ends,
    bool is_empty)
{
	struct text_out *text = html->text;

	if (ends || html->in_title) /* one that isn't closed ends here */
		html_title_ends(html);
	if (element->effect != HTML_TITLE)
		html->space = false;
	switch (element->effect) {
	case HTML_LINE:
		text_out_line(text, 0);
		break;
	case HTML_PARAGRAPH:
		text_out_line(text, 1);
		break;
	case HTML_CELL:
		if (ends)
			text_out_put(text, '\t');
		break;
	case HTML_ITEM:
		text_out_line(text, 0);
		if (!ends)
			text_out_ascii(text, "- ");
		break;
	case HTML_SKIP:
		if (!ends && !is_empty)
			html_skip(html, element->name);
		break;
	case HTML_PRE:
		text_out_line(text, 1);
		html->pre = ends ? 0 : 1;
		break;
	case HTML_TITLE:
		html->in_title = !ends && !is_empty;
		break;
	case HTML_HEADING:
		text_out_line(text, 1);
		html->in_heading = !ends;
		break;
	}
}

/* Behind '<'. */
static void
html_tag(struct html *html)
{
	const struct html_element *element;
	struct decoder begin;
	char name[HTML_NAME_MAX + 1];
	size_t len = 0;
	bool ends = false, is_empty;
	uint32_t code;

	if (decoder_sees(&html->in, "!--")) {
		html_behind(html, "-->");
		return;
	}
	if (decoder_sees(&html->in, "![cdata[")) {
		html_behind(html, "]]>");
		return;
	}
	if (decoder_sees(&html->in, "!") || decoder_sees(&html->in, "?")) {
		html_behind(html, ">");
		return;
	}
	if (decoder_sees(&html->in, "/")) {
		(void)decoder_next(&html->in, &code);
		ends = true;
	}
	begin = html->in;
	while (len < HTML_NAME_MAX && decoder_next(&html->in, &code)) {
		if (code >= 'A' && code <= 'Z')
			code += 'a' - 'A';
		if (!((code >= 'a' && code <= 'z') ||
			(len > 0 && code >= '0' && code <= '9')))
			break;
		name[len++] = (char)code;
		begin = html->in;
	}
	name[len] = '\0';
	html->in = begin;
	if (len == 0 && !ends) { /* "a < b" is text */
		html_put(html, '<');
		return;
	}
	is_empty = html_tag_rest(html);
	element = html_element(name);
	if (element != NULL)
		html_effect(html, element, ends, is_empty);
}

static void
html_run(struct html *html)
{
	uint32_t code;

	while (!html->text->cut && decoder_next(&html->in, &code)) {
		if (code == '<')
			html_tag(html);
		else if (code == '&')
			html_entity(html);
		else
			html_put(html, code);
	}
	text_out_line(html->text, 0);
}

void
html_put_text(struct text_out *out, const char *html_text, size_t len)
{
	struct html html = { .text = out };

	html.in = (struct decoder){ .bytes = (const uint8_t *)html_text,
		.len = len,
		.encoding = DECODE_UTF8 };
	html_run(&html);
}

enum carnet_status
html_read(const struct reader_input *input, struct reader_answer *answer,
    struct carnet_error *err)
{
	struct html html = { .text = &answer->text, .title = &answer->title };

	(void)err;
	decoder_init(&html.in, input->bytes, input->len);
	html_run(&html);
	return CARNET_OK;
}
