/* SPDX-License-Identifier: ISC */
/*
 * A letter as plain text: a whole letter of 72 columns, or, for a channel
 * that takes messages, subject and message without any layout.
 * Decides nothing about the words.
 * The contract is write_letter_text in ../include/formats.h.
 */
#include "columns.h"
#include "formats.h"
#include "letter_check.h"
#include "passages.h"
#include "wording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#define LETTER_COLUMNS 72
#define LETTER_RIGHT "                                    " /* 36 */
#define LETTER_INDENT_MAX 24

/* Where a passage stands: what its first and its other lines begin with. */
struct text_place {
	FILE *out;
	size_t width;
	char first[4 * LETTER_INDENT_MAX];
	char next[4 * LETTER_INDENT_MAX];
	size_t indents[LETTER_INDENT_MAX]; /* lengths of next, to go back */
	size_t depth;
	unsigned tight; /* how many open lists are tight */
	bool marked;    /* first holds an item's mark */
	bool begun;     /* something has been written */
};

/* Deeper than the columns allow: the text stays, the indent doesn't grow. */
static void
text_enter(struct text_place *place, const char *mark, const char *indent)
{
	size_t len = strlen(place->next);

	if (place->depth < LETTER_INDENT_MAX)
		place->indents[place->depth] = len;
	place->depth++;
	if (len + strlen(indent) > LETTER_INDENT_MAX ||
	    place->depth > LETTER_INDENT_MAX)
		indent = mark = "";
	if (!place->marked)
		memcpy(place->first, place->next, len + 1);
	strcat(place->first, mark);
	strcat(place->next, indent);
	place->marked = place->marked || mark[0] != '\0';
}

static void
text_leave(struct text_place *place)
{
	place->depth--;
	if (place->depth < LETTER_INDENT_MAX)
		place->next[place->indents[place->depth]] = '\0';
}

static void
text_write(struct text_place *place, const char *text)
{
	const char *first = place->marked ? place->first : place->next;

	columns_write(place->out, text, first, place->next, place->width);
	place->marked = false;
	place->begun = true;
}

/* An empty line between blocks, but not between the items of a tight list
 * nor before an item's own first paragraph. */
static void
text_gap(struct text_place *place)
{
	if (place->begun && place->tight == 0)
		fputc('\n', place->out);
	place->begun = false;
}

static void
text_item(struct text_place *place, const struct passage *item)
{
	char mark[24], indent[24];

	if (item->ordered)
		(void)snprintf(mark, sizeof(mark), "%d. ", item->number);
	else
		(void)snprintf(mark, sizeof(mark), "- ");
	memset(indent, ' ', sizeof(indent));
	indent[strlen(mark)] = '\0';
	text_enter(place, mark, indent);
}

static void
text_passage(struct text_place *place, const struct passage *passage)
{
	switch (passage->kind) {
	case PASSAGE_PARAGRAPH:
	case PASSAGE_HEADING:
		text_gap(place);
		text_write(place, passage->text);
		break;
	case PASSAGE_CODE:
		text_gap(place);
		text_enter(place, "    ", "    ");
		columns_write(place->out, passage->text,
		    place->marked ? place->first : place->next, place->next, 0);
		text_leave(place);
		place->marked = false;
		place->begun = true;
		break;
	case PASSAGE_RULE:
		text_gap(place);
		text_write(place, "* * *");
		break;
	case PASSAGE_LIST:
		/* a list has its empty line even inside a tight one's item */
		if (place->tight == 0)
			text_gap(place);
		place->tight += passage->tight ? 1 : 0;
		break;
	case PASSAGE_LIST_END:
		place->tight -= passage->tight ? 1 : 0;
		place->begun = true;
		break;
	case PASSAGE_ITEM:
		if (place->tight == 0)
			text_gap(place);
		text_item(place, passage);
		break;
	case PASSAGE_ITEM_END:
		if (place->marked)
			text_write(place, "");
		text_leave(place);
		break;
	case PASSAGE_QUOTE:
		text_gap(place);
		text_enter(place, "> ", "> ");
		break;
	case PASSAGE_QUOTE_END:
		text_leave(place);
		place->begun = true;
		break;
	}
}

static void
text_body(FILE *out, const struct passages *body, size_t width)
{
	struct text_place place = { .out = out, .width = width };

	for (size_t i = 0; i < body->len; i++)
		text_passage(&place, &body->items[i]);
}

/* An empty line between parts, none before the first. */
static void
text_part(FILE *out, bool *begun)
{
	if (*begun)
		fputc('\n', out);
	*begun = true;
}

static void
text_lines(FILE *out, char **lines, const char *indent, bool *begun)
{
	if (lines == NULL || lines[0] == NULL)
		return;
	text_part(out, begun);
	for (size_t i = 0; lines[i] != NULL; i++)
		columns_write(out, lines[i], indent, indent, LETTER_COLUMNS);
}

static void
text_line(FILE *out, const char *text, const char *indent, bool *begun)
{
	if (text == NULL || text[0] == '\0')
		return;
	text_part(out, begun);
	columns_write(out, text, indent, indent, LETTER_COLUMNS);
}

/* Web forms lose no-break spaces, or count them as several characters. */
static void
text_plain_spaces(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0';) {
		if (strncmp(from, "\xc2\xa0", 2) == 0) {
			*to++ = ' ';
			from += 2;
		} else if (strncmp(from, "\xe2\x80\xaf", 3) == 0) {
			*to++ = ' ';
			from += 3;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

/* As a web form counts: UTF-16 units, a line end is one. */
static size_t
text_count(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++) {
		if ((*text & 0xc0) != 0x80)
			count += ((unsigned char)*text >= 0xf0) ? 2 : 1;
	}
	return count;
}

static enum carnet_status
text_limit(
    const struct letter *letter, const char *text, struct carnet_error *err)
{
	size_t count = text_count(text);

	if (letter->max_chars == 0 || count <= letter->max_chars)
		return CARNET_OK;
	(void)carnet_fail(err, CARNET_INVALID,
	    CARNET_("letter: %zu characters; this channel takes %zu"), count,
	    letter->max_chars);
	carnet_hint(
	    err, CARNET_("shorten the reason, or choose another channel"));
	return CARNET_INVALID;
}

/* The signing key and its words, four a line. */
static void
text_key(FILE *out, const struct letter *letter, const struct wording *words,
    size_t columns)
{
	char **word = letter->key_words;

	if (letter->key == NULL)
		return;
	fprintf(out, "\n%s\n%s\n", words->key, letter->key);
	columns_write(out, words->key_proves, "", "", columns);
	for (size_t i = 0; word != NULL && word[i] != NULL; i++) {
		int pad = 13 - (int)columns_width(word[i], strlen(word[i]));

		fprintf(
		    out, "%s%2zu. %s", i % 4 == 0 ? "\n" : "", i + 1, word[i]);
		if (i % 4 != 3 && word[i + 1] != NULL)
			fprintf(out, "%*s", pad, "");
	}
	fputc('\n', out);
}

static void
text_message(FILE *out, const struct letter *letter,
    const struct wording *words, const struct passages *body)
{
	fprintf(
	    out, "%s%s%s\n\n", words->subject, words->colon, letter->subject);
	text_body(out, body, 0);
	if (letter->signature != NULL && letter->signature[0] != '\0')
		fprintf(out, "\n%s\n", letter->signature);
	text_key(out, letter, words, 0);
	if (letter->footer != NULL && letter->footer[0] != '\0')
		fprintf(out, "\n%s\n", letter->footer);
}

static void
text_letter(FILE *out, const struct letter *letter, const struct wording *words,
    const struct passages *body)
{
	char label[64];
	bool begun = false;

	text_lines(out, letter->sender, "", &begun);
	text_lines(out, letter->addressee, LETTER_RIGHT, &begun);
	text_line(out, letter->place_date, LETTER_RIGHT, &begun);
	text_line(out, letter->mention, "", &begun);
	(void)snprintf(
	    label, sizeof(label), "%s%s", words->subject, words->colon);
	text_part(out, &begun);
	columns_write(out, letter->subject, label, "", LETTER_COLUMNS);
	text_part(out, &begun);
	text_body(out, body, LETTER_COLUMNS);
	if (letter->signature != NULL && letter->signature[0] != '\0')
		fputc('\n', out); /* to sign above the name */
	text_line(out, letter->signature, LETTER_RIGHT, &begun);
	text_key(out, letter, words, LETTER_COLUMNS);
	text_line(out, letter->footer, "", &begun);
}

enum carnet_status
write_letter_text(
    const struct letter *letter, char **ret_text, struct carnet_error *err)
{
	const struct wording *words = wording_for(letter->lang);
	struct passages *body = NULL;
	FILE *out = NULL;
	char *text = NULL;
	size_t len = 0;
	bool broken;
	enum carnet_status status;

	status = letter_check(letter, err);
	if (status != CARNET_OK)
		goto done;
	status = passages_parse(letter->body, letter->lang, &body, err);
	if (status != CARNET_OK)
		goto done;
	out = open_memstream(&text, &len);
	if (out == NULL) {
		status = carnet_fail_errno(err, errno, CARNET_("a letter"));
		goto done;
	}
	if (letter_is_message(letter))
		text_message(out, letter, words, body);
	else
		text_letter(out, letter, words, body);
	broken = ferror(out) != 0;
	if (fclose(out) != 0 || broken) {
		status = carnet_fail_errno(err, ENOMEM, CARNET_("a letter"));
		goto done;
	}
	if (letter_is_message(letter))
		text_plain_spaces(text);
	status = text_limit(letter, text, err);
	if (status != CARNET_OK)
		goto done;
	*ret_text = text;
	text = NULL;
done:
	free(text);
	passages_free(body);
	return status;
}
