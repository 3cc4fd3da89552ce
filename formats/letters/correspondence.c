/* SPDX-License-Identifier: ISC */
/*
 * What became of a request, as fields: dates, channel, the steps as a list.
 * Computes no deadline.
 * The contract is in correspondence.h.
 */
#include "correspondence.h"

#include <string.h>

#include "typography.h"
#include "value.h"
#include "words.h"

/* "- 5 mars 2026 : envoi, lettre recommandée (justificatif joint)" */
static void
correspondence_step(struct text *text, const struct job *job, const cJSON *step)
{
	const char *kind =
	    words_find(job->words, "steps", carnet_json_string(step, "kind"));
	const char *via =
	    words_find(job->words, "channels", carnet_json_string(step, "via"));
	const char *outcome = words_find(
	    job->words, "outcomes", carnet_json_string(step, "outcome"));
	const char *proof = carnet_json_string(job->words, "proof");
	const char *colon = carnet_json_string(job->words, "colon");
	struct text line = { 0 }, date = { 0 };
	struct carnet_date on;

	if (kind == NULL)
		return;
	text_add(text, "- ");
	if (carnet_date_parse(carnet_json_string(step, "on"), &on))
		words_add_date(job->words, on, &date);
	else
		text_add(&date, VALUE_BLANK);
	/* "5. März" must not begin a numbered list */
	if (date.bytes != NULL)
		value_add_markdown(text, date.bytes);
	text->failed = text->failed || date.failed;
	text_free(&date);
	text_add(&line, colon != NULL ? colon : ": ");
	text_add(&line, kind);
	if (via != NULL) {
		text_add(&line, ", ");
		text_add(&line, via);
	}
	if (outcome != NULL) {
		text_add(&line, ", ");
		text_add(&line, outcome);
	}
	if (proof != NULL && carnet_json_string(step, "proof") != NULL) {
		text_add(&line, " (");
		text_add(&line, proof);
		text_add(&line, ")");
	}
	if (line.bytes != NULL)
		typography_add(text, job->lang, line.bytes, line.len);
	text->failed = text->failed || line.failed;
	text_free(&line);
	text_add(text, "\n");
}

/* Which proofs go with the letter: of sending, of receipt, of anything else. */
static void
correspondence_proofs(struct fields *fields, const struct job *job)
{
	const cJSON *step;
	bool sent = false, received = false, other = false;

	cJSON_ArrayForEach(step, carnet_json_get(job->correspondence, "steps"))
	{
		const char *kind = carnet_json_string(step, "kind");

		if (kind == NULL || carnet_json_string(step, "proof") == NULL)
			continue;
		if (strcmp(kind, "sent") == 0)
			sent = true;
		else if (strcmp(kind, "received") == 0)
			received = true;
		else
			other = true;
	}
	fields_flag(fields, "case.proof_sent", sent);
	fields_flag(fields, "case.proof_received", received);
	fields_flag(fields, "case.proof_other",
	    other || carnet_json_bool(job->correspondence, "reminders", false));
}

static void
correspondence_timeline(struct fields *fields, const struct job *job)
{
	const cJSON *step;
	struct text text = { 0 };

	cJSON_ArrayForEach(step, carnet_json_get(job->correspondence, "steps"))
	    correspondence_step(&text, job, step);
	if (text.len > 0)
		text.bytes[--text.len] = '\0'; /* the last line's end */
	fields_add_text(fields, "case.timeline", &text, "case.steps", true);
}

/* When the body answered, and how (its last answer); whether it took more
 * time. */
static void
correspondence_answer(struct fields *fields, const struct job *job)
{
	const cJSON *step, *answer = NULL;
	bool extended = false;
	const char *outcome;
	struct text text = { 0 };

	cJSON_ArrayForEach(step, carnet_json_get(job->correspondence, "steps"))
	{
		const char *kind = carnet_json_string(step, "kind");

		if (kind != NULL && strcmp(kind, "answered") == 0)
			answer = step;
		if (kind != NULL && strcmp(kind, "extended") == 0)
			extended = true;
	}
	outcome = carnet_json_string(answer, "outcome");
	if (carnet_json_string(answer, "on") != NULL)
		words_add_iso(
		    job->words, carnet_json_string(answer, "on"), &text);
	fields_add_text(fields, "case.answered", &text, "case.answered", false);
	fields_flag(fields, "case.extended", extended);
	fields_flag(fields, "case.refused",
	    outcome != NULL && strcmp(outcome, "refused") == 0);
	fields_flag(fields, "case.partly",
	    outcome != NULL && strcmp(outcome, "partly") == 0);
}

/* Whether the last day to answer is past when the letter is written. */
static void
correspondence_due(struct fields *fields, const struct job *job)
{
	struct carnet_date due;
	bool known = carnet_date_parse(
	    carnet_json_string(job->correspondence, "due"), &due);
	bool over = known && carnet_date_is_set(job->date) &&
		    carnet_date_compare(due, job->date) < 0;

	fields_flag(fields, "case.over", over);
	fields_flag(fields, "case.pending", known && !over);
}

/* What the letters about a request call it, and whether its answer was due
 * within the one month of the GDPR. */
static void
correspondence_source(struct fields *fields, const struct job *job)
{
	const cJSON *source = letters_statement(
	    job->letters, carnet_json_string(job->correspondence, "template"));
	const cJSON *clock = carnet_json_get(source, "clock");
	/* in this very language, or else the general words for it */
	const char *claim =
	    carnet_json_string(carnet_json_get(source, "claim"), job->lang);
	const char *kind = carnet_json_string(clock, "kind");
	int64_t count = 0;

	if (claim == NULL)
		claim = carnet_json_string(
		    carnet_json_get(job->statement, "claim"), job->lang);
	if (claim == NULL)
		claim = carnet_json_string(job->words, "claim");
	fields_add_words(fields, job, "case.claim", claim, NULL);
	fields_add_words(fields, job, "case.via",
	    words_find(job->words, "channels",
		carnet_json_string(job->correspondence, "via")),
	    "case.via");
	fields_flag(fields, "case.month",
	    clock == NULL ||
		(kind != NULL && strcmp(kind, "months") == 0 &&
		    carnet_json_int(clock, "count", &count) && count == 1));
}

enum carnet_status
correspondence_collect(
    const struct job *job, struct fields *fields, struct carnet_error *err)
{
	static const struct fields_row rows[] = {
		{ "sent", FIELDS_DATE, true },
		{ "received", FIELDS_DATE, true },
		{ "due", FIELDS_DATE, true },
		{ "body_sha256", FIELDS_LINE, true },
	};
	const cJSON *record = job->correspondence;
	const char *first = carnet_json_string(record, "first_sent");
	enum carnet_status status;

	status = fields_add_rows(
	    fields, job, record, "case", "case", FIELDS_ROWS(rows), err);
	if (status == CARNET_OK)
		status = fields_add_typed(fields, job, "case.first_sent",
		    first != NULL ? first : carnet_json_string(record, "sent"),
		    FIELDS_DATE, "case.sent", err);
	correspondence_source(fields, job);
	correspondence_timeline(fields, job);
	correspondence_answer(fields, job);
	correspondence_proofs(fields, job);
	correspondence_due(fields, job);
	fields_flag(fields, "case.outside",
	    carnet_json_bool(job->correspondence, "outside", false));
	return status;
}
