/* SPDX-License-Identifier: ISC */
/*
 * From a reader's frames, and how it ended, to a reading.  Whatever is wrong
 * with them makes an unread document, never an error and never a value.
 * The contract: launcher_reading.h; the frames: formats/include/reader.h.
 */
#include "launcher_reading.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "reader.h"

struct unread_row {
	const char *code, *message;
};

/* Codes that a reader may claim itself come first. */
static const struct unread_row unread_rows[] = {
	{ "no-reader", CARNET_N_("nothing can read this kind yet") },
	{ "malformed", CARNET_N_("not well formed") },
	{ "no-memory", CARNET_N_("too large to be read in bounded memory") },
	{ "no-sandbox",
	    CARNET_N_("this system can't confine a reader: nothing was read") },
	{ "crashed", CARNET_N_("its reader crashed") },
	{ "timeout", CARNET_N_("its reader took too long") },
	{ "nonsense", CARNET_N_("its reader's answers are not in order") },
	{ "encrypted", CARNET_N_("protected by a password or its author") },
	{ "no-program", CARNET_N_("carnet-reader is missing: is carnet "
				  "installed as a whole?") },
};
enum { UNREAD_CLAIMABLE = 4 };

static const char no_pdftotext[] = CARNET_N_(
    "pdftotext is missing: install poppler-utils, then `carnet reindex`");
static const char no_text[] =
    CARNET_N_("its pages hold no text, only pictures");

static void
judge_unread(struct reading *reading, const char *code, const char *message)
{
	for (size_t i = 0; message == NULL; i++) {
		if (strcmp(unread_rows[i].code, code) == 0)
			message = unread_rows[i].message;
	}
	(void)strncpy(
	    reading->unread_code, code, sizeof(reading->unread_code) - 1);
	(void)strncpy(reading->unread_message, message,
	    sizeof(reading->unread_message) - 1);
}

/* Why a program that should have ended with 0 is to blame; NULL: it isn't. */
static const char *
judge_end(const struct launcher_result *result)
{
	switch ((enum launcher_end)result->end) {
	case LAUNCHER_EXITED:
		return result->value == 0 ? NULL : "crashed";
	case LAUNCHER_KILLED:
		return result->value == SIGXCPU ? "timeout" : "crashed";
	case LAUNCHER_TIMED_OUT:
		return "timeout";
	case LAUNCHER_MISSING:
		return "no-program";
	case LAUNCHER_UNCAGED:
		return "no-sandbox";
	case LAUNCHER_LOST:
		break;
	}
	return "crashed";
}

/* A media type as we write it: no parameters, no capital letters. */
static bool
judge_type(const uint8_t *bytes, size_t len, char type[64])
{
	size_t slashes = 0;

	if (len < 3 || len > 63)
		return false;
	for (size_t i = 0; i < len; i++) {
		uint8_t c = bytes[i];

		if (c == '/')
			slashes++;
		else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			     c == '-' || c == '+' || c == '.'))
			return false;
	}
	if (slashes != 1 || bytes[0] == '/' || bytes[len - 1] == '/')
		return false;
	memcpy(type, bytes, len);
	type[len] = '\0';
	return true;
}

static bool
judge_document(const char *claim, char document[16])
{
	static const char *const kinds[] = { "", "lab", "imaging", "report",
		"letter", "prescription", "vaccination", "certificate",
		"invoice", "consent" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(claim, kinds[i]) == 0) {
			(void)strcpy(document, kinds[i]);
			return true;
		}
	}
	return false;
}

/* "text/1": printable and short. */
static bool
judge_reader(const char *claim, char reader[32])
{
	size_t len = strlen(claim);

	if (len > 31)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (claim[i] < '!' || claim[i] > '~')
			return false;
	}
	memcpy(reader, claim, len + 1);
	return true;
}

static bool
judge_title(const char *claim, char **ret_title)
{
	size_t len = strlen(claim);

	if (len > READER_TITLE_MAX * 4 || !reader_text_is_clean(claim, len) ||
	    strpbrk(claim, "\n\t") != NULL)
		return false;
	*ret_title = len > 0 ? strdup(claim) : NULL;
	return len == 0 || *ret_title != NULL;
}

static bool
judge_date(const char *claim, char ret_date[CARNET_DATE_TEXT])
{
	struct carnet_date date;

	if (claim[0] == '\0')
		return true;
	if (!carnet_date_parse(claim, &date))
		return false;
	carnet_date_format(date, ret_date);
	return true;
}

static bool
judge_claimed_unread(const char *claim, struct reading *reading)
{
	if (claim[0] == '\0')
		return true;
	for (size_t i = 0; i < UNREAD_CLAIMABLE; i++) {
		if (strcmp(claim, unread_rows[i].code) == 0) {
			judge_unread(reading, claim, NULL);
			return true;
		}
	}
	return false;
}

static bool
judge_meta(const struct launcher_frame *frame, struct reading *reading)
{
	static const char *const keys[] = { "type", "document", "title", "date",
		"reader", "unread" };
	const char *claims[6];
	cJSON *json = NULL;
	bool good;

	if (frame->len > READER_META_MAX ||
	    carnet_json_parse((const char *)frame->bytes, frame->len, &json,
		NULL) != CARNET_OK)
		return false;
	good = true;
	for (size_t i = 0; i < 6; i++) {
		claims[i] = carnet_json_string(json, keys[i]);
		good = good && claims[i] != NULL;
	}
	/* the reader of pdftotext's output doesn't know better */
	if (good && claims[0][0] != '\0' &&
	    strcmp(reading->type, "application/pdf") != 0)
		good = judge_type((const uint8_t *)claims[0], strlen(claims[0]),
		    reading->type);
	good = good && judge_document(claims[1], reading->document) &&
	       judge_title(claims[2], &reading->title) &&
	       judge_date(claims[3], reading->date) &&
	       judge_reader(claims[4], reading->reader) &&
	       judge_claimed_unread(claims[5], reading);
	reading->cut = carnet_json_bool(json, "cut", false);
	cJSON_Delete(json);
	return good;
}

static bool
judge_text(const struct launcher_frame *frame, struct reading *reading)
{
	if (frame->len == 0 || frame->len > READER_TEXT_MAX ||
	    !reader_text_is_clean((const char *)frame->bytes, frame->len))
		return false;
	reading->text = malloc(frame->len + 1);
	if (reading->text == NULL)
		return false;
	memcpy(reading->text, frame->bytes, frame->len);
	reading->text[frame->len] = '\0';
	reading->text_len = frame->len;
	return true;
}

/* TYPE, then TEXT or not, META, END, and nothing behind it; without its
 * sandbox a reader has no TYPE. */
static bool
judge_frames(const struct launcher_line *line, struct reading *reading)
{
	bool has_type = false, has_meta = false, has_end = false;
	struct launcher_frame frame;
	size_t offset = 0;

	if (line->flooded || line->answer_len == 0)
		return false;
	while (launcher_frame_next(
	    line->answer, line->answer_len, &offset, &frame)) {
		bool good = false;

		if (has_end)
			return false;
		if (strcmp(frame.tag, FRAME_TYPE) == 0 && !has_type) {
			has_type = true;
			good =
			    strcmp(reading->type, "application/pdf") == 0 ||
			    judge_type(frame.bytes, frame.len, reading->type);
		} else if (strcmp(frame.tag, FRAME_TEXT) == 0 && has_type &&
			   !has_meta && reading->text == NULL)
			good = judge_text(&frame, reading);
		else if (strcmp(frame.tag, FRAME_META) == 0 && !has_meta) {
			has_meta = true;
			good = judge_meta(&frame, reading);
		} else if (strcmp(frame.tag, FRAME_END) == 0 && has_meta) {
			has_end = true;
			good = frame.len == 0;
		}
		if (!good)
			return false;
	}
	return has_end && offset == line->answer_len &&
	       (has_type || strcmp(reading->unread_code, "no-sandbox") == 0);
}

/* Nothing but the type is kept of an answer that can't be trusted. */
static void
judge_forget(struct reading *reading)
{
	free(reading->text);
	free(reading->title);
	reading->text = reading->title = NULL;
	reading->text_len = 0;
	reading->document[0] = reading->date[0] = '\0';
	reading->unread_code[0] = '\0';
	reading->cut = false;
	memset(reading->unread_message, 0, sizeof(reading->unread_message));
}

/* What pdftotext's exit status and complaint say.  1: the file can't be
 * opened; 3: its author forbids it (pdftotext(1)). */
static void
judge_pdftotext(
    const struct launcher_line *line, const char *why, struct reading *reading)
{
	const struct launcher_result *end = &line->ends[0];

	judge_forget(reading);
	if (end->end == LAUNCHER_MISSING)
		judge_unread(reading, "no-reader", no_pdftotext);
	else if (end->end != LAUNCHER_EXITED)
		judge_unread(reading, why, NULL);
	else if (end->value == 3 ||
		 strstr(line->complaint, "Incorrect password") != NULL)
		judge_unread(reading, "encrypted", NULL);
	else
		judge_unread(reading, "malformed", NULL);
}

/* It had more to print than its reader takes. */
static bool
judge_was_cut_off(
    const struct launcher_line *line, const struct reading *reading)
{
	return reading->cut && line->ends[0].end == LAUNCHER_KILLED &&
	       line->ends[0].value == SIGPIPE;
}

static void
judge_pdf(
    const struct launcher_line *line, bool answered, struct reading *reading)
{
	const char *why = judge_end(&line->ends[0]);

	if (answered && judge_was_cut_off(line, reading))
		return;
	if (why != NULL) {
		judge_pdftotext(line, why, reading);
		return;
	}
	if (!answered || reading->unread_code[0] != '\0' ||
	    reading->text != NULL)
		return;
	if (strstr(line->complaint, "Error") != NULL)
		judge_unread(reading, "malformed", NULL);
	else
		judge_unread(reading, "no-reader", no_text);
}

enum carnet_status
launcher_judge(const struct launcher_line *line, struct reading *reading,
    struct carnet_error *err)
{
	const struct launcher_result *end = &line->ends[line->len - 1];
	bool is_pdf = line->len == 2;
	const char *why = judge_end(end);
	bool answered;

	(void)err;
	(void)strcpy(reading->type,
	    is_pdf ? "application/pdf" : "application/octet-stream");
	answered = judge_frames(line, reading);
	if (why == NULL && !answered)
		why = "nonsense";
	if (line->flooded)
		why = "nonsense"; /* killed for it, not crashed */
	if (why != NULL) {
		judge_forget(reading);
		judge_unread(reading, why, NULL);
	}
	if (is_pdf)
		judge_pdf(line, why == NULL, reading);
	return CARNET_OK;
}

void
reading_free(struct reading *reading)
{
	if (reading == NULL)
		return;
	free(reading->text);
	free(reading->title);
	free(reading);
}
