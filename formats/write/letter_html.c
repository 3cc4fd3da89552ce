/* SPDX-License-Identifier: ISC */
/*
 * A letter as one HTML file that loads nothing and runs nothing: its own
 * policy forbids both.  Reads well aloud, prints on A4 for a window envelope.
 * The contract is write_letter_html in ../include/formats.h.
 */
#include "formats.h"
#include "letter_check.h"
#include "passages.h"
#include "wording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANK_MIN 4 /* so many underscores are a blank to fill in */

/* In print the addressee stands where letter_pdf.c has it: x 110, y 55.5 mm;
 * what follows the head, below y 92. */
static const char style[] =
    "html{color:#111;background:#fff;"
    "font:11pt/1.45 'DejaVu Sans',Verdana,sans-serif}\n"
    "body{margin:0 auto;padding:1.5em;max-width:42em;"
    "overflow-wrap:anywhere}\n"
    "address{font-style:normal}\n"
    ".addressee{margin:2em 0 2em 50%}\n"
    ".place{margin:1.5em 0 1.5em 50%}\n"
    ".mention{font-weight:bold}\n"
    "h1{font-size:1em;margin:1.5em 0}\n"
    "h2,h3,h4,h5,h6{font-size:1em;margin:1.2em 0 .4em}\n"
    "p,ul,ol,pre,blockquote{margin:0 0 .8em}\n"
    "ul,ol{padding-left:1.6em}\n"
    ".tight>li>p{margin:0}\n"
    "pre{white-space:pre-wrap}\n"
    "blockquote{padding-left:1em;border-left:2px solid #888}\n"
    "a{color:inherit}\n"
    ".blank{white-space:nowrap}\n"
    ".signature{margin:3em 0 0 50%}\n"
    ".key{margin-top:2em;font-size:.8em;break-inside:avoid}\n"
    "footer{margin-top:3em;padding-top:.5em;border-top:1px solid #888;"
    "font-size:.8em}\n"
    "@page{size:A4;margin:18mm 20mm 12mm}\n"
    "@media print{html{font-size:9.5pt;line-height:1.3}"
    "body{padding:0;max-width:none}"
    "p,ul,ol,pre,blockquote{margin-bottom:.6em}"
    ".head{display:grid;grid-template-columns:66mm 80mm;column-gap:24mm;"
    "min-height:74mm}"
    ".addressee{margin:37.5mm 0 0;grid-column:2}"
    ".place{margin:0 0 .6em 90mm}h1{margin:1em 0}"
    "h1,h2,h3,h4,h5,h6{break-after:avoid}"
    ".signature{break-inside:avoid;break-before:avoid;margin-top:14mm}"
    "footer{margin-top:1.5em}"
    "p,li{orphans:2;widows:2}}\n";

static void
html_bytes(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		switch (text[i]) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		case '\n':
			fputs("<br>\n", out);
			break;
		default:
			fputc(text[i], out);
		}
	}
}

/* Text; a run of underscores is said to be a blank instead of being spelt. */
static void
html_text(FILE *out, const struct wording *words, const char *text, size_t len)
{
	while (len > 0) {
		size_t run = 0, plain = 0;

		while (run < len && text[run] == '_')
			run++;
		if (run >= BLANK_MIN) {
			fprintf(out,
			    "<span class=\"blank\" role=\"img\" "
			    "aria-label=\"%s\">%.*s</span>",
			    words->blank, (int)run, text);
			text += run;
			len -= run;
			continue;
		}
		plain = run;
		while (plain < len && text[plain] != '_')
			plain++;
		html_bytes(out, text, plain);
		text += plain;
		len -= plain;
	}
}

static void
html_styles(FILE *out, unsigned styles, bool open)
{
	const char *slash = open ? "" : "/";
	static const struct {
		unsigned style;
		const char *element;
	} elements[] = {
		{ PASSAGE_STRONG, "strong" },
		{ PASSAGE_EMPHASIS, "em" },
		{ PASSAGE_MONO, "code" },
	};
	size_t len = sizeof(elements) / sizeof(elements[0]);

	for (size_t i = 0; i < len; i++) {
		size_t at = open ? i : len - 1 - i;

		if (styles & elements[at].style)
			fprintf(out, "<%s%s>", slash, elements[at].element);
	}
}

static void
html_inline(
    FILE *out, const struct wording *words, const struct passage *passage)
{
	size_t at = 0;

	for (size_t i = 0; i < passage->spans_len; i++) {
		const struct passage_span *span = &passage->spans[i];

		html_text(out, words, passage->text + at, span->start - at);
		html_styles(out, span->style, true);
		html_text(out, words, passage->text + span->start,
		    span->end - span->start);
		html_styles(out, span->style, false);
		at = span->end;
	}
	html_text(out, words, passage->text + at, strlen(passage->text + at));
}

static void
html_list(FILE *out, const struct passage *list)
{
	fputs(list->ordered ? "<ol" : "<ul", out);
	if (list->ordered && list->number != 1)
		fprintf(out, " start=\"%d\"", list->number);
	fputs(list->tight ? " class=\"tight\">\n" : ">\n", out);
}

/* The subject is the page's h1; a heading of the body begins at h2. */
static void
html_passage(
    FILE *out, const struct wording *words, const struct passage *passage)
{
	int level = passage->number < 5 ? passage->number + 1 : 6;

	switch (passage->kind) {
	case PASSAGE_PARAGRAPH:
		fputs("<p>", out);
		html_inline(out, words, passage);
		fputs("</p>\n", out);
		break;
	case PASSAGE_HEADING:
		fprintf(out, "<h%d>", level);
		html_inline(out, words, passage);
		fprintf(out, "</h%d>\n", level);
		break;
	case PASSAGE_CODE:
		fputs("<pre>", out);
		html_bytes(out, passage->text, strlen(passage->text));
		fputs("</pre>\n", out);
		break;
	case PASSAGE_RULE:
		fputs("<hr>\n", out);
		break;
	case PASSAGE_LIST:
		html_list(out, passage);
		break;
	case PASSAGE_LIST_END:
		fputs(passage->ordered ? "</ol>\n" : "</ul>\n", out);
		break;
	case PASSAGE_ITEM:
		fputs("<li>", out);
		break;
	case PASSAGE_ITEM_END:
		fputs("</li>\n", out);
		break;
	case PASSAGE_QUOTE:
		fputs("<blockquote>\n", out);
		break;
	case PASSAGE_QUOTE_END:
		fputs("</blockquote>\n", out);
		break;
	}
}

/* dir=auto: a name in another script doesn't turn its neighbours around. */
static void
html_address(FILE *out, const struct wording *words, const char *name,
    const char *label, char **lines)
{
	if (lines == NULL || lines[0] == NULL)
		return;
	fprintf(out, "<section class=\"%s\" aria-label=\"%s\"><address>\n",
	    name, label);
	for (size_t i = 0; lines[i] != NULL; i++) {
		fputs("<bdi>", out);
		html_text(out, words, lines[i], strlen(lines[i]));
		fputs(lines[i + 1] == NULL ? "</bdi>\n" : "</bdi><br>\n", out);
	}
	fputs("</address></section>\n", out);
}

static void
html_line(
    FILE *out, const struct wording *words, const char *name, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	fprintf(out, "<p class=\"%s\">", name);
	html_text(out, words, text, strlen(text));
	fputs("</p>\n", out);
}

static void
html_head(FILE *out, const struct letter *letter)
{
	fprintf(out,
	    "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'unsafe-inline'; "
	    "img-src data:\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n"
	    "<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n<title>",
	    letter->lang);
	html_bytes(out, letter->subject, strlen(letter->subject));
	fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", style);
}

/* Below the letter: the signing key, as it is typed and as words. */
static void
html_key(FILE *out, const struct letter *letter, const struct wording *words)
{
	if (letter->key == NULL)
		return;
	fprintf(out, "<section class=\"key\" aria-label=\"%s\">\n<p>%s<br>\n",
	    words->key, words->key);
	fputs("<code>", out);
	html_bytes(out, letter->key, strlen(letter->key));
	fprintf(out, "</code></p>\n<p>%s</p>\n<p>", words->key_proves);
	for (size_t i = 0;
	     letter->key_words != NULL && letter->key_words[i] != NULL; i++) {
		fprintf(out, "%s%zu.\xc2\xa0", i == 0 ? "" : " ", i + 1);
		html_bytes(
		    out, letter->key_words[i], strlen(letter->key_words[i]));
	}
	fputs("</p>\n</section>\n", out);
}

static void
html_letter(FILE *out, const struct letter *letter, const struct passages *body)
{
	const struct wording *words = wording_for(letter->lang);
	bool message = letter_is_message(letter);

	html_head(out, letter);
	fputs("<main>\n", out);
	if (!message) {
		fputs("<header class=\"head\">\n", out);
		html_address(
		    out, words, "sender", words->sender, letter->sender);
		html_address(out, words, "addressee", words->addressee,
		    letter->addressee);
		fputs("</header>\n", out);
		html_line(out, words, "place", letter->place_date);
		html_line(out, words, "mention", letter->mention);
	}
	fprintf(out, "<h1>%s%s", words->subject, words->colon);
	html_text(out, words, letter->subject, strlen(letter->subject));
	fputs("</h1>\n", out);
	for (size_t i = 0; i < body->len; i++)
		html_passage(out, words, &body->items[i]);
	html_line(out, words, "signature", letter->signature);
	html_key(out, letter, words);
	fputs("</main>\n", out);
	if (letter->footer != NULL && letter->footer[0] != '\0') {
		fputs("<footer>", out);
		html_text(out, words, letter->footer, strlen(letter->footer));
		fputs("</footer>\n", out);
	}
	fputs("</body>\n</html>\n", out);
}

enum carnet_status
write_letter_html(
    const struct letter *letter, char **ret_html, struct carnet_error *err)
{
	struct passages *body = NULL;
	FILE *out = NULL;
	char *html = NULL;
	size_t len = 0;
	bool broken;
	enum carnet_status status;

	status = letter_check(letter, err);
	if (status != CARNET_OK)
		goto done;
	status = passages_parse(letter->body, letter->lang, &body, err);
	if (status != CARNET_OK)
		goto done;
	out = open_memstream(&html, &len);
	if (out == NULL) {
		status = carnet_fail_errno(err, errno, CARNET_("a letter"));
		goto done;
	}
	html_letter(out, letter, body);
	broken = ferror(out) != 0;
	if (fclose(out) != 0 || broken) {
		status = carnet_fail_errno(err, ENOMEM, CARNET_("a letter"));
		goto done;
	}
	*ret_html = html;
	html = NULL;
done:
	free(html);
	passages_free(body);
	return status;
}
