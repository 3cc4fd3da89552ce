/* SPDX-License-Identifier: ISC */
/*
 * The recovery sheet, drawn top down on one page of A4.
 * Knows no vault: the words are text like any other.
 * The contract is in recovery_pdf.h.
 */
#include "recovery_pdf.h"

#include "code.h"
#include "flow.h"
#include "fonts.h"
#include "legible.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define RECOVERY_LEFT SHEET_MM(25)
#define RECOVERY_WIDTH (SHEET_WIDTH - 2 * RECOVERY_LEFT)
#define RECOVERY_TOP SHEET_MM(22)
#define RECOVERY_BOTTOM SHEET_MM(280)
#define RECOVERY_SIZE 11.0
#define RECOVERY_PITCH 15.0
#define RECOVERY_WORD_SIZE 14.0
#define RECOVERY_WORD_PITCH 24.0
#define RECOVERY_COLUMNS 2
#define RECOVERY_COLUMN SHEET_MM(52)
#define RECOVERY_WORDS_MAX 48
#define RECOVERY_CODE SHEET_MM(50) /* side of the QR code */

struct recovery {
	const cJSON *job;
	struct sheet *sheet;
	struct flow flow;
};

static enum carnet_status
recovery_invalid(struct carnet_error *err, const char *what)
{
	return carnet_fail(
	    err, CARNET_INVALID, CARNET_("recovery sheet: %s"), what);
}

static enum carnet_status
recovery_no_memory(struct carnet_error *err)
{
	return carnet_fail_errno(err, ENOMEM, CARNET_("the recovery sheet"));
}

/* There is one page only: recovery_draw finds out when it was not enough. */
static void
recovery_end_page(struct flow *flow, void *context)
{
	(void)flow;
	(void)context;
}

static enum carnet_status
recovery_text(struct recovery *recovery, const char *text, const char *tag,
    unsigned style, double size, struct carnet_error *err)
{
	struct flow *flow = &recovery->flow;
	PangoLayout *layout;
	bool spelt = false;
	char *shown;

	if (text == NULL || text[0] == '\0')
		return CARNET_OK;
	shown = legible(text, strlen(text), true, &spelt);
	if (shown == NULL)
		return recovery_no_memory(err);
	layout = sheet_layout(
	    recovery->sheet, shown, NULL, style, size, flow->width);
	flow_layout(flow, layout, tag, size * 1.36, 0);
	g_object_unref(layout);
	free(shown);
	return CARNET_OK;
}

/* A member of the job as a paragraph, and the gap below it. */
static enum carnet_status
recovery_part(struct recovery *recovery, const char *key, const char *tag,
    unsigned style, double size, struct carnet_error *err)
{
	enum carnet_status status = recovery_text(recovery,
	    carnet_json_string(recovery->job, key), tag, style, size, err);

	flow_gap(&recovery->flow, RECOVERY_PITCH * 0.7);
	return status;
}

/* --- the words ---------------------------------------------------------- */

static enum carnet_status
recovery_word(struct recovery *recovery, const char *word, int number, double x,
    double y, struct carnet_error *err)
{
	PangoLayout *layout;
	char *text = NULL;

	if (asprintf(&text, "%2d. %s", number, word) < 0)
		return recovery_no_memory(err);
	layout = sheet_layout(recovery->sheet, text, NULL,
	    PASSAGE_MONO | PASSAGE_STRONG, RECOVERY_WORD_SIZE, RECOVERY_COLUMN);
	sheet_tag(recovery->sheet, "P");
	sheet_lines(recovery->sheet, layout, 0, 1, x, y, RECOVERY_WORD_PITCH);
	sheet_untag(recovery->sheet, "P");
	g_object_unref(layout);
	explicit_bzero(text, strlen(text));
	free(text);
	return CARNET_OK;
}

/* Without accents, which recovery words don't need: readers of QR codes guess
 * at how anything beyond ASCII is written, and guess wrong. */
static cairo_surface_t *
recovery_encode(const char *phrase)
{
	utf8proc_uint8_t *plain = NULL;
	cairo_surface_t *picture;

	if (utf8proc_map((const utf8proc_uint8_t *)phrase, 0, &plain,
		UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_DECOMPOSE |
		    UTF8PROC_STRIPMARK) < 0)
		return NULL;
	picture = code_picture((const char *)plain);
	explicit_bzero(plain, strlen((const char *)plain));
	free(plain);
	return picture;
}

/* The words, one space between them, as a picture for a camera. */
static enum carnet_status
recovery_code(struct recovery *recovery, const char *phrase, double y,
    struct carnet_error *err)
{
	cairo_surface_t *picture = recovery_encode(phrase);

	if (picture == NULL)
		return errno == ENOMEM ? recovery_no_memory(err)
				       : recovery_invalid(err,
					     CARNET_("too long for a QR code"));
	sheet_tag(recovery->sheet, "Figure");
	sheet_picture(recovery->sheet, picture,
	    RECOVERY_LEFT + RECOVERY_WIDTH - RECOVERY_CODE, y, RECOVERY_CODE,
	    RECOVERY_CODE);
	sheet_untag(recovery->sheet, "Figure");
	cairo_surface_destroy(picture);
	return CARNET_OK;
}

/* In columns, read down: 1 to 8 left, 9 to 15 right. */
static enum carnet_status
recovery_words(struct recovery *recovery, struct carnet_error *err)
{
	const cJSON *words = carnet_json_get(recovery->job, "words"), *word;
	int count = cJSON_GetArraySize(words), i = 0;
	int rows = (count + RECOVERY_COLUMNS - 1) / RECOVERY_COLUMNS;
	int column, row;
	double top = recovery->flow.y, height;
	char phrase[RECOVERY_WORDS_MAX * 40] = "";
	enum carnet_status status = CARNET_OK;

	if (count < 1 || count > RECOVERY_WORDS_MAX)
		return recovery_invalid(err, CARNET_("no words"));
	cJSON_ArrayForEach(word, words)
	{
		const char *text =
		    cJSON_IsString(word) ? word->valuestring : "";

		if (text[0] == '\0' || strlen(text) > 32)
			status = recovery_invalid(err, CARNET_("no words"));
		if (status != CARNET_OK)
			break;
		if (i > 0)
			(void)strcat(phrase, " ");
		(void)strcat(phrase, text);
		column = i / rows;
		row = i % rows;
		status = recovery_word(recovery, text, i + 1,
		    RECOVERY_LEFT + column * RECOVERY_COLUMN,
		    top + row * RECOVERY_WORD_PITCH, err);
		i++;
	}
	if (status == CARNET_OK)
		status =
		    recovery_code(recovery, phrase, top - SHEET_MM(3), err);
	explicit_bzero(phrase, sizeof(phrase));
	height = rows * RECOVERY_WORD_PITCH;
	if (height < RECOVERY_CODE)
		height = RECOVERY_CODE;
	recovery->flow.y = top + height + RECOVERY_PITCH;
	recovery->flow.fresh = false;
	return status;
}

/* --- the rest ----------------------------------------------------------- */

/* What happened, and what to type then. */
static enum carnet_status
recovery_steps(struct recovery *recovery, struct carnet_error *err)
{
	const cJSON *step;
	enum carnet_status status = CARNET_OK;

	cJSON_ArrayForEach(step, carnet_json_get(recovery->job, "steps"))
	{
		status =
		    recovery_text(recovery, carnet_json_string(step, "text"),
			"P", 0, RECOVERY_SIZE, err);
		flow_gap(&recovery->flow, 4);
		if (status == CARNET_OK)
			status = recovery_text(recovery,
			    carnet_json_string(step, "command"), "P",
			    PASSAGE_MONO, RECOVERY_SIZE - 1, err);
		flow_gap(&recovery->flow, RECOVERY_PITCH * 0.8);
		if (status != CARNET_OK)
			break;
	}
	return status;
}

static enum carnet_status
recovery_facts(struct recovery *recovery, struct carnet_error *err)
{
	const cJSON *fact;
	enum carnet_status status = CARNET_OK;

	cJSON_ArrayForEach(fact, carnet_json_get(recovery->job, "facts"))
	{
		if (status != CARNET_OK)
			break;
		status = recovery_text(recovery,
		    cJSON_IsString(fact) ? fact->valuestring : "", "P", 0,
		    RECOVERY_SIZE, err);
	}
	flow_gap(&recovery->flow, RECOVERY_PITCH);
	return status;
}

static enum carnet_status
recovery_draw(struct recovery *recovery, struct carnet_error *err)
{
	struct flow *flow = &recovery->flow;
	enum carnet_status status;

	*flow = (struct flow){ .sheet = recovery->sheet,
		.x = RECOVERY_LEFT,
		.width = RECOVERY_WIDTH,
		.y = RECOVERY_TOP,
		.top = RECOVERY_TOP,
		.bottom = RECOVERY_BOTTOM,
		.size = RECOVERY_SIZE,
		.pitch = RECOVERY_PITCH,
		.page = 1,
		.fresh = true,
		.end_page = recovery_end_page };
	sheet_tag(recovery->sheet, "Document");
	status =
	    recovery_part(recovery, "title", "H1", PASSAGE_STRONG, 20, err);
	if (status == CARNET_OK)
		status = recovery_facts(recovery, err);
	if (status == CARNET_OK)
		status =
		    recovery_part(recovery, "lead", "P", 0, RECOVERY_SIZE, err);
	if (status == CARNET_OK)
		status = recovery_words(recovery, err);
	if (status == CARNET_OK)
		status = recovery_steps(recovery, err);
	if (status == CARNET_OK)
		status = recovery_part(
		    recovery, "note", "P", PASSAGE_STRONG, RECOVERY_SIZE, err);
	sheet_untag(recovery->sheet, "Document");
	sheet_next(recovery->sheet);
	if (status == CARNET_OK && (flow->page != 1 || flow->y > flow->bottom))
		status = recovery_invalid(err, CARNET_("more than one page"));
	return status;
}

enum carnet_status
write_recovery_pdf(const cJSON *job, uint8_t **ret_bytes, size_t *ret_len,
    struct carnet_error *err)
{
	struct recovery recovery = { .job = job };
	const char *title = carnet_json_string(job, "title");
	const char *lang = carnet_json_string(job, "lang");
	const char *date = carnet_json_string(job, "date");
	enum carnet_status status;

	if (title == NULL || lang == NULL)
		return recovery_invalid(
		    err, CARNET_("a title or a language is missing"));
	status = fonts_load(err);
	if (status == CARNET_OK)
		status = sheet_open(title, lang, date == NULL ? "" : date,
		    &recovery.sheet, err);
	if (status == CARNET_OK)
		status = recovery_draw(&recovery, err);
	if (status == CARNET_OK)
		status = sheet_close(recovery.sheet, ret_bytes, ret_len, err);
	sheet_free(recovery.sheet);
	return status;
}
