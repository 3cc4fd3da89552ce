/* SPDX-License-Identifier: ISC */
/*
 * The fields of a job: persons, bodies, decision, law.  Decides nothing about
 * layout; what an addressee may not see (the NIR) never becomes a value.
 * The contract is in collect.h; the fields are described in README.md.
 */
#include "collect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "correspondence.h"
#include "typography.h"
#include "value.h"
#include "words.h"

static enum carnet_status
collect_persons(
    struct fields *fields, const struct job *job, struct carnet_error *err)
{
	static const struct fields_row concerned_rows[] = {
		{ "name", FIELDS_LINE, true },
		{ "born", FIELDS_DATE, true },
		{ "birthplace", FIELDS_LINE, true },
	};
	static const struct fields_row nir[] = { { "nir", FIELDS_LINE, true } };
	static const struct fields_row represents[] = {
		{ "name", FIELDS_LINE, true },
		{ "born", FIELDS_DATE, true },
		{ "proof", FIELDS_LINE, false },
	};
	const cJSON *concerned =
	    job->represents != NULL ? job->represents : job->person;
	const char *as = job->represents != NULL ? "represents" : "person";
	const char *quality = carnet_json_string(job->represents, "as");
	enum carnet_status status;

	status = fields_add_rows(fields, job, job->represents, "represents",
	    "represents", FIELDS_ROWS(represents), err);
	if (status == CARNET_OK)
		status = fields_add_rows(fields, job, concerned, "concerned",
		    as, FIELDS_ROWS(concerned_rows), err);
	if (status == CARNET_OK)
		status =
		    fields_add_rows(fields, job, job->nir ? concerned : NULL,
			"concerned", as, FIELDS_ROWS(nir), err);
	fields_flag(fields, "represented", job->represents != NULL);
	fields_flag(fields, "as.mandate",
	    quality != NULL && strcmp(quality, "mandate") == 0);
	fields_add_words(fields, job, "represents.as",
	    words_find(job->words, "as", quality), "represents.as");
	return status;
}

/* --- bodies ------------------------------------------------------------- */

/* prefix.name: the person's own name for a body, or the catalogue's. */
static enum carnet_status
collect_body(struct fields *fields, const struct job *job, const char *prefix,
    const cJSON *own, const cJSON *entry, struct carnet_error *err)
{
	bool personal = carnet_json_bool(entry, "personal", false);
	const char *known = carnet_json_string(own, "name");
	char name[64];

	(void)snprintf(name, sizeof(name), "%s.name", prefix);
	if ((known != NULL && known[0] != '\0') || entry == NULL || personal)
		return fields_add_typed(
		    fields, job, name, known, FIELDS_LINE, name, err);
	fields_add_words(fields, job, name, job_text(job, entry, "name"), name);
	return CARNET_OK;
}

/* An address of several lines in one, with commas. */
static char *
collect_one_line(const char *typed)
{
	struct text text = { 0 };
	char last = '\0'; /* before the end of a line that has more behind it */
	bool ended = false;

	for (const char *at = typed; *at != '\0'; at++) {
		if (*at == '\n' || *at == '\r') {
			ended = last != '\0';
			continue;
		}
		if (ended && *at == ' ')
			continue;
		if (ended)
			text_add(&text, last == ',' ? " " : ", ");
		ended = false;
		last = *at;
		text_add_len(&text, at, 1);
	}
	return text_take(&text);
}

/* prefix.address: the person's own, or the catalogue's. */
static enum carnet_status
collect_address(struct fields *fields, const struct job *job,
    const char *prefix, const cJSON *own, const cJSON *entry,
    struct carnet_error *err)
{
	const cJSON *item, *known = carnet_json_get(entry, "address");
	const char *typed = carnet_json_string(own, "address");
	struct text text = { 0 };
	char name[64];

	(void)snprintf(name, sizeof(name), "%s.address", prefix);
	if (typed != NULL && typed[0] != '\0') {
		char *line = collect_one_line(typed);
		enum carnet_status status;

		if (line == NULL)
			return carnet_fail(err, CARNET_NO_MEMORY,
			    CARNET_("letter: not enough memory"));
		status = fields_add_typed(
		    fields, job, name, line, FIELDS_LINE, name, err);
		free(line);
		return status;
	}
	cJSON_ArrayForEach(item, known)
	{
		if (text.len > 0)
			text_add(&text, ", ");
		text_add(&text, item->valuestring);
	}
	fields_add_text(fields, name, &text, name, false);
	return CARNET_OK;
}

/* Who gets the letter, and the body that it is about. */
static enum carnet_status
collect_bodies(
    struct fields *fields, const struct job *job, struct carnet_error *err)
{
	static const struct fields_row siren[] = {
		{ "siren", FIELDS_LINE, true },
	};
	enum carnet_status status = collect_body(
	    fields, job, "recipient", job->recipient, job->entry, err);

	if (status == CARNET_OK)
		status = collect_address(
		    fields, job, "recipient", job->recipient, job->entry, err);
	if (status == CARNET_OK)
		status = collect_body(
		    fields, job, "about", job->about, job->about_entry, err);
	if (status == CARNET_OK)
		status = collect_address(
		    fields, job, "about", job->about, job->about_entry, err);
	if (status == CARNET_OK)
		status = fields_add_rows(fields, job, job->about, "about",
		    "about", FIELDS_ROWS(siren), err);
	return status;
}

/* --- the decision ------------------------------------------------------- */

static enum carnet_status
collect_purposes(
    struct fields *fields, const struct job *job, struct carnet_error *err)
{
	const cJSON *purpose;
	struct text text = { 0 };

	cJSON_ArrayForEach(purpose, carnet_json_get(job->decision, "purposes"))
	{
		const char *words = !cJSON_IsString(purpose)
					? NULL
					: job_text(job,
					      letters_purpose(job->letters,
						  purpose->valuestring),
					      "name");
		char *typed = NULL;
		enum carnet_status status = CARNET_OK;

		if (words == NULL && cJSON_IsString(purpose))
			status = value_clean(
			    purpose->valuestring, false, &typed, err);
		if (status != CARNET_OK) {
			text_free(&text);
			return status;
		}
		if (text.len > 0 && (words != NULL || typed != NULL))
			text_add(&text, ", ");
		if (words != NULL || typed != NULL)
			text_add(&text, words != NULL ? words : typed);
		free(typed);
	}
	fields_add_text(
	    fields, "decision.purposes", &text, "decision.purposes", false);
	return CARNET_OK;
}

static enum carnet_status
collect_decision(
    struct fields *fields, const struct job *job, struct carnet_error *err)
{
	static const struct fields_row rows[] = {
		{ "reason", FIELDS_LINES, false },
		{ "remarks", FIELDS_LINES, false },
		{ "request", FIELDS_LINE, true },
		{ "from", FIELDS_DATE, false },
		{ "until", FIELDS_DATE, false },
	};
	const char *scope = carnet_json_string(job->decision, "scope");
	char *words = NULL;
	enum carnet_status status;

	status = fields_add_rows(fields, job, job->decision, "decision",
	    "decision", FIELDS_ROWS(rows), err);
	if (status != CARNET_OK)
		return status;
	status =
	    letters_scope_words(job->letters, scope, job->lang, &words, err);
	if (status != CARNET_OK)
		return status;
	status = fields_add_typed(fields, job, "decision.scope",
	    words[0] == '\0' ? NULL : words, FIELDS_LINE, "decision.scope",
	    err);
	free(words);
	if (status != CARNET_OK)
		return status;
	return collect_purposes(fields, job, err);
}

/* --- the law ------------------------------------------------------------ */

/* One reference; an unchecked one carries its mark. */
static void
collect_reference(struct fields *fields, const struct job *job,
    const char *name, const cJSON *source, const char *key)
{
	const char *words = job_text(job, source, key);
	const char *mark = carnet_json_string(job->words, "unchecked");
	struct text text = { 0 };

	if (words != NULL)
		typography_add(&text, job->lang, words, strlen(words));
	if (words != NULL && mark != NULL &&
	    !carnet_json_bool(source, "checked", false)) {
		text_add(&text, " (");
		text_add(&text, mark);
		text_add(&text, ")");
	}
	fields_add_text(fields, name, &text, NULL, true);
}

static void
collect_law(struct fields *fields, const struct job *job)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, carnet_json_get(job->statement, "basis"))
	{
		const char *id = carnet_json_string(item, "id");
		char name[64];

		(void)snprintf(name, sizeof(name), "basis.%s", id);
		collect_reference(fields, job, name, item, "text");
		if (carnet_json_get(item, "short") == NULL)
			continue;
		(void)snprintf(name, sizeof(name), "basis.%s.short", id);
		collect_reference(fields, job, name, item, "short");
	}
	cJSON_ArrayForEach(item, carnet_json_get(job->statement, "facts"))
	{
		const cJSON *fact = job_fact(job, item->valuestring);
		char name[64];

		(void)snprintf(
		    name, sizeof(name), "fact.%s", item->valuestring);
		collect_reference(fields, job, name, fact, "text");
	}
}

/* Ruled lines for what a person adds by hand, and a blank for what another
 * does: a witness, a co-signer. */
static void
collect_rules(struct fields *fields)
{
	struct text text = { 0 };

	value_add_markdown(&text, VALUE_BLANK VALUE_BLANK);
	fields_add_text(fields, "blank", &text, NULL, true);

	for (int line = 0; line < 2; line++) {
		if (line > 0)
			text_add(&text, "\\\n");
		for (int i = 0; i < 5; i++)
			value_add_markdown(&text, VALUE_BLANK);
	}
	fields_add_text(fields, "lines", &text, NULL, true);
}

static void
collect_flags(struct fields *fields, const struct job *job)
{
	static const char *const what[] = { "born", "birthplace", "nir" };

	for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "identify.%s", what[i]);
		fields_flag(fields, name, job_identifies(job, what[i]));
	}
	fields_flag(fields, "paper", job->channel->paper);
	fields_flag(fields, "hand", strcmp(job->channel->name, "hand") == 0);
	fields_flag(fields, "addressed", job_has_addressee(job));
	fields_flag(fields, "full", true);
}

enum carnet_status
collect_fields(
    const struct job *job, struct fields *ret_fields, struct carnet_error *err)
{
	struct fields *fields = ret_fields;
	enum carnet_status status;

	*fields = (struct fields){ 0 };
	collect_law(fields, job);
	collect_flags(fields, job);
	collect_rules(fields);
	status = collect_persons(fields, job, err);
	if (status == CARNET_OK)
		status = collect_bodies(fields, job, err);
	if (status == CARNET_OK)
		status = collect_decision(fields, job, err);
	if (status == CARNET_OK)
		status = correspondence_collect(job, fields, err);
	if (status == CARNET_OK && fields->failed)
		status = carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("letter: not enough memory"));
	return status;
}
