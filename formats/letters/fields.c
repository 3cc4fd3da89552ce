/* SPDX-License-Identifier: ISC */
/*
 * Fills the closed list of fields from a job.  Decides nothing about layout;
 * what an addressee may not see (the NIR) never becomes a field's value.
 * The contract is in fields.h; the list is described in README.md.
 */
#include "fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "typography.h"
#include "value.h"
#include "words.h"

#define FIELDS_YES "yes"

/* --- the list ---------------------------------------------------------- */

const struct field *
fields_find(const struct fields *fields, const char *name, size_t len)
{
	for (size_t i = 0; i < fields->len; i++) {
		if (strlen(fields->items[i].name) == len &&
		    strncmp(fields->items[i].name, name, len) == 0)
			return &fields->items[i];
	}
	return NULL;
}

/* Takes value (which may be NULL). */
static void
fields_add(struct fields *fields, const char *name, char *value,
    const char *missing, bool markdown)
{
	struct field field = { .name = strdup(name),
		.value = value,
		.missing = missing == NULL ? NULL : strdup(missing),
		.markdown = markdown };
	struct field *items;

	items = realloc(fields->items, (fields->len + 1) * sizeof(*items));
	if (items != NULL)
		fields->items = items;
	if (items == NULL || field.name == NULL ||
	    (missing != NULL && field.missing == NULL)) {
		free(field.name);
		free(field.value);
		free(field.missing);
		fields->failed = true;
		return;
	}
	items[fields->len++] = field;
}

void
fields_set(struct fields *fields, const char *name, const char *value)
{
	char *copy = value == NULL ? NULL : strdup(value);

	if (value != NULL && copy == NULL)
		fields->failed = true;
	for (size_t i = 0; i < fields->len; i++) {
		if (strcmp(fields->items[i].name, name) == 0) {
			free(fields->items[i].value);
			fields->items[i].value = copy;
			return;
		}
	}
	fields_add(fields, name, copy, NULL, false);
}

void
fields_free(struct fields *fields)
{
	for (size_t i = 0; i < fields->len; i++) {
		free(fields->items[i].name);
		free(fields->items[i].value);
		free(fields->items[i].missing);
	}
	free(fields->items);
	*fields = (struct fields){ 0 };
}

static void
fields_flag(struct fields *fields, const char *name, bool on)
{
	fields_set(fields, name, on ? FIELDS_YES : NULL);
}

/* Adds what `text` holds; an empty text is no value. */
static void
fields_add_text(struct fields *fields, const char *name, struct text *text,
    const char *missing, bool markdown)
{
	char *value = text_take(text);

	if (value == NULL)
		fields->failed = true;
	else if (value[0] == '\0') {
		free(value);
		value = NULL;
	}
	fields_add(fields, name, value, missing, markdown);
}

/* Our own words, with the typography of the language. */
static void
fields_add_words(struct fields *fields, const struct job *job, const char *name,
    const char *words, const char *missing)
{
	struct text text = { 0 };

	if (words != NULL)
		typography_add(&text, job->lang, words, strlen(words));
	fields_add_text(fields, name, &text, missing, true);
}

/* --- what a person typed ------------------------------------------------ */

enum fields_how { FIELDS_LINE, FIELDS_LINES, FIELDS_DATE };

static enum carnet_status
fields_add_typed(struct fields *fields, const struct job *job, const char *name,
    const char *raw, enum fields_how how, const char *missing,
    struct carnet_error *err)
{
	struct text text = { 0 };
	char *value = NULL;
	enum carnet_status status =
	    value_clean(raw, how == FIELDS_LINES, &value, err);

	if (status != CARNET_OK)
		return status;
	if (value != NULL && how == FIELDS_DATE)
		words_add_iso(job->words, value, &text);
	else if (value != NULL)
		text_add(&text, value);
	free(value);
	fields_add_text(fields, name, &text, missing, false);
	return CARNET_OK;
}

struct fields_row {
	const char *key;
	enum fields_how how;
	bool needed; /* a blank is reported */
};

/* Adds prefix.key for each row; a blank is called as.key. */
static enum carnet_status
fields_add_rows(struct fields *fields, const struct job *job,
    const cJSON *object, const char *prefix, const char *as,
    const struct fields_row *rows, size_t len, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < len && status == CARNET_OK; i++) {
		char name[64], missing[64];

		(void)snprintf(
		    name, sizeof(name), "%s.%s", prefix, rows[i].key);
		(void)snprintf(
		    missing, sizeof(missing), "%s.%s", as, rows[i].key);
		status = fields_add_typed(fields, job, name,
		    carnet_json_string(object, rows[i].key), rows[i].how,
		    rows[i].needed ? missing : NULL, err);
	}
	return status;
}

#define ROWS(rows) rows, sizeof(rows) / sizeof(rows[0])

static enum carnet_status
fields_add_persons(
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
	    "represents", ROWS(represents), err);
	if (status == CARNET_OK)
		status = fields_add_rows(fields, job, concerned, "concerned",
		    as, ROWS(concerned_rows), err);
	if (status == CARNET_OK)
		status =
		    fields_add_rows(fields, job, job->nir ? concerned : NULL,
			"concerned", as, ROWS(nir), err);
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
fields_add_body(struct fields *fields, const struct job *job,
    const char *prefix, const cJSON *own, const cJSON *entry,
    struct carnet_error *err)
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

/* Where the body is that a letter is about: a complaint names it. */
static enum carnet_status
fields_add_about(
    struct fields *fields, const struct job *job, struct carnet_error *err)
{
	static const struct fields_row siren[] = {
		{ "siren", FIELDS_LINE, true },
	};
	const cJSON *line,
	    *known = carnet_json_get(job->about_entry, "address");
	const char *own = carnet_json_string(job->about, "address");
	struct text text = { 0 };
	enum carnet_status status;

	status = fields_add_body(
	    fields, job, "about", job->about, job->about_entry, err);
	if (status == CARNET_OK)
		status = fields_add_rows(fields, job, job->about, "about",
		    "about", ROWS(siren), err);
	if (status != CARNET_OK)
		return status;
	if (own != NULL && own[0] != '\0')
		return fields_add_typed(fields, job, "about.address", own,
		    FIELDS_LINE, "about.address", err);
	cJSON_ArrayForEach(line, known)
	{
		if (text.len > 0)
			text_add(&text, ", ");
		text_add(&text, line->valuestring);
	}
	fields_add_text(fields, "about.address", &text, "about.address", false);
	return CARNET_OK;
}

/* --- the decision ------------------------------------------------------- */

static enum carnet_status
fields_add_purposes(
    struct fields *fields, const struct job *job, struct carnet_error *err)
{
	const cJSON *purpose;
	struct text text = { 0 };

	cJSON_ArrayForEach(purpose, carnet_json_get(job->decision, "purposes"))
	{
		const char *words = !cJSON_IsString(purpose)
					? NULL
					: words_find(job->words, "purposes",
					      purpose->valuestring);
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
fields_add_decision(
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
	enum carnet_status status;

	status = fields_add_rows(fields, job, job->decision, "decision",
	    "decision", ROWS(rows), err);
	if (status != CARNET_OK)
		return status;
	if (scope != NULL && strcmp(scope, "all") == 0)
		scope = NULL;
	status = fields_add_typed(fields, job, "decision.scope", scope,
	    FIELDS_LINE, "decision.scope", err);
	if (status != CARNET_OK)
		return status;
	return fields_add_purposes(fields, job, err);
}

/* --- the correspondence ------------------------------------------------- */

/* "- 5 mars 2026 : envoi (lettre recommandée) ; justificatif joint" */
static void
fields_add_step(struct text *text, const struct job *job, const cJSON *step)
{
	const char *kind =
	    words_find(job->words, "steps", carnet_json_string(step, "kind"));
	const char *via =
	    words_find(job->words, "channels", carnet_json_string(step, "via"));
	const char *outcome = words_find(
	    job->words, "outcomes", carnet_json_string(step, "outcome"));
	const char *proof = carnet_json_string(job->words, "proof");
	const char *colon = carnet_json_string(job->words, "colon");
	struct text line = { 0 };
	struct carnet_date on;

	if (kind == NULL)
		return;
	text_add(text, "- ");
	if (carnet_date_parse(carnet_json_string(step, "on"), &on))
		words_add_date(job->words, on, text);
	else
		value_add_markdown(text, VALUE_BLANK);
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

static void
fields_add_timeline(struct fields *fields, const struct job *job)
{
	const cJSON *step;
	struct text text = { 0 };

	cJSON_ArrayForEach(step, carnet_json_get(job->correspondence, "steps"))
	    fields_add_step(&text, job, step);
	if (text.len > 0)
		text.bytes[--text.len] = '\0'; /* the last line's end */
	fields_add_text(fields, "case.timeline", &text, "case.steps", true);
}

/* When the body answered, and how (its last answer); whether it took more
 * time. */
static void
fields_add_answer(struct fields *fields, const struct job *job)
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

/* What the letters about a request call it, and whether its answer was due
 * within the one month of the GDPR. */
static void
fields_add_source(struct fields *fields, const struct job *job)
{
	const cJSON *source = letters_statement(
	    job->letters, carnet_json_string(job->correspondence, "template"));
	const cJSON *clock = carnet_json_get(source, "clock");
	const char *claim = job_text(job, source, "claim");
	int64_t count = 0;

	if (claim == NULL)
		claim = job_text(job, job->statement, "claim");
	if (claim == NULL)
		claim = carnet_json_string(job->words, "claim");
	fields_add_words(fields, job, "case.claim", claim, NULL);
	fields_add_words(fields, job, "case.via",
	    words_find(job->words, "channels",
		carnet_json_string(job->correspondence, "via")),
	    "case.via");
	fields_flag(fields, "case.month",
	    clock == NULL ||
		(carnet_json_int(clock, "count", &count) && count == 1));
}

static enum carnet_status
fields_add_case(
    struct fields *fields, const struct job *job, struct carnet_error *err)
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
	    fields, job, record, "case", "case", ROWS(rows), err);
	if (status == CARNET_OK)
		status = fields_add_typed(fields, job, "case.first_sent",
		    first != NULL ? first : carnet_json_string(record, "sent"),
		    FIELDS_DATE, "case.sent", err);
	fields_add_source(fields, job);
	fields_add_timeline(fields, job);
	fields_add_answer(fields, job);
	return status;
}

/* --- the law ------------------------------------------------------------ */

/* One reference; an unchecked one carries its mark. */
static void
fields_add_reference(struct fields *fields, const struct job *job,
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
fields_add_law(struct fields *fields, const struct job *job)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, carnet_json_get(job->statement, "basis"))
	{
		const char *id = carnet_json_string(item, "id");
		char name[64];

		(void)snprintf(name, sizeof(name), "basis.%s", id);
		fields_add_reference(fields, job, name, item, "text");
		if (carnet_json_get(item, "short") == NULL)
			continue;
		(void)snprintf(name, sizeof(name), "basis.%s.short", id);
		fields_add_reference(fields, job, name, item, "short");
	}
	cJSON_ArrayForEach(item, carnet_json_get(job->statement, "facts"))
	{
		const cJSON *fact = job_fact(job, item->valuestring);
		char name[64];

		(void)snprintf(
		    name, sizeof(name), "fact.%s", item->valuestring);
		fields_add_reference(fields, job, name, fact, "text");
	}
}

/* Ruled lines for what a person adds by hand. */
static void
fields_add_rules(struct fields *fields)
{
	struct text text = { 0 };

	for (int line = 0; line < 2; line++) {
		if (line > 0)
			text_add(&text, "\\\n");
		for (int i = 0; i < 5; i++)
			value_add_markdown(&text, VALUE_BLANK);
	}
	fields_add_text(fields, "lines", &text, NULL, true);
}

static void
fields_add_flags(struct fields *fields, const struct job *job)
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
fields_collect(
    const struct job *job, struct fields *ret_fields, struct carnet_error *err)
{
	struct fields *fields = ret_fields;
	enum carnet_status status;

	*fields = (struct fields){ 0 };
	fields_add_law(fields, job);
	fields_add_flags(fields, job);
	fields_add_rules(fields);
	status = fields_add_persons(fields, job, err);
	if (status == CARNET_OK)
		status = fields_add_body(
		    fields, job, "recipient", job->recipient, job->entry, err);
	if (status == CARNET_OK)
		status = fields_add_about(fields, job, err);
	if (status == CARNET_OK)
		status = fields_add_decision(fields, job, err);
	if (status == CARNET_OK)
		status = fields_add_case(fields, job, err);
	if (status == CARNET_OK && fields->failed)
		status = carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("letter: not enough memory"));
	return status;
}
