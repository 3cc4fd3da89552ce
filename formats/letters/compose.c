/* SPDX-License-Identifier: ISC */
/*
 * Composes a letter from a press job: template, fields, heading, warnings.
 * Makes no file: formats/write does.
 * The contract is in ../include/formats.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect.h"
#include "heading.h"
#include "job.h"
#include "template.h"
#include "validity.h"
#include "value.h"

/* One letter in the making. */
struct compose {
	struct job job;
	struct fields fields;
	char *own; /* the person's own words, cleaned: the template's text */
	struct letter_template *template;
	struct lines missing; /* blanks of the body */
	struct lines outside; /* blanks of the subject and the heading */
	struct lines used, warnings;
	size_t max_chars;
};

void
letter_free(struct letter *letter)
{
	if (letter == NULL)
		return;
	free(letter->lang);
	free(letter->channel);
	free(letter->subject);
	lines_free_array(letter->sender);
	lines_free_array(letter->addressee);
	free(letter->place_date);
	free(letter->mention);
	free(letter->body);
	free(letter->signature);
	free(letter->footer);
	free(letter->key);
	lines_free_array(letter->key_words);
	lines_free_array(letter->missing);
	lines_free_array(letter->warnings);
	lines_free_array(letter->basis);
	free(letter);
}

/* The person's own words, without what no reader sees. */
static enum carnet_status
compose_own_template(struct compose *compose, struct carnet_error *err)
{
	enum carnet_status status =
	    value_clean(compose->job.own, true, &compose->own, err);

	if (status != CARNET_OK)
		return status;
	if (compose->own == NULL)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("letter: your own template is empty"));
	return template_parse(carnet_json_string(compose->job.json, "template"),
	    compose->own, strlen(compose->own), &compose->template, err);
}

/* The words for this channel if there are some ("relance.ameli.md"), or the
 * letter's. */
static enum carnet_status
compose_find_template(struct compose *compose, struct carnet_error *err)
{
	const struct job *job = &compose->job;
	const char *file = carnet_json_string(job->statement, "file");
	const struct letters_file *found;
	char name[128];

	if (job->own != NULL)
		return compose_own_template(compose, err);
	(void)snprintf(name, sizeof(name), "%s/%s.%s.md", job->lang, file,
	    job->channel->name);
	found = letters_file_find(name);
	if (found == NULL) {
		(void)snprintf(name, sizeof(name), "%s/%s.md", job->lang, file);
		found = letters_file_find(name);
	}
	if (found == NULL)
		return carnet_fail(err, CARNET_NOT_FOUND,
		    CARNET_("letter: this template isn't in that language"));
	return template_parse(
	    found->name, found->text, found->len, &compose->template, err);
}

static enum carnet_status
compose_fill(struct compose *compose, const char *key, struct text *text,
    struct carnet_error *err)
{
	struct template_context context = { .fields = &compose->fields,
		.letters = compose->job.letters,
		.lang = compose->job.lang,
		.plain = key != NULL,
		.missing = key != NULL ? &compose->outside : &compose->missing,
		.used = &compose->used };

	if (key != NULL)
		return template_fill_key(
		    compose->template, key, &context, text, err);
	return template_fill(compose->template, &context, text, err);
}

/* The body without the empty lines that sections leave behind. */
static char *
compose_tidy(const char *body)
{
	struct text text = { 0 };
	size_t ends = 0;

	for (const char *at = body; *at != '\0'; at++) {
		if (*at == '\n') {
			ends++;
			continue;
		}
		if (text.len > 0 && ends > 0)
			text_add(&text, ends > 1 ? "\n\n" : "\n");
		ends = 0;
		text_add_len(&text, at, 1);
	}
	return text_take(&text);
}

static enum carnet_status
compose_body_once(
    struct compose *compose, struct letter *letter, struct carnet_error *err)
{
	struct text text = { 0 };
	enum carnet_status status;

	lines_free(&compose->missing);
	lines_free(&compose->used);
	free(letter->body);
	letter->body = NULL;
	status = compose_fill(compose, NULL, &text, err);
	if (status == CARNET_OK &&
	    (text.failed || text.bytes == NULL || compose->used.failed))
		status = carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("letter: not enough memory"));
	if (status == CARNET_OK)
		letter->body = compose_tidy(text.bytes);
	text_free(&text);
	if (status == CARNET_OK && letter->body == NULL)
		status = carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("letter: not enough memory"));
	return status;
}

/* What a web form would count, with room for the writers' own words: subject,
 * body, signature, footer, an empty line between each. */
static size_t
compose_count(const struct letter *letter)
{
	const char *const lines[] = { letter->subject, letter->signature,
		letter->footer };
	size_t count = value_count(letter->body) + strlen("Objet : ");

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		count += 4 + value_count_plain(lines[i]);
	return count;
}

/*
 * A message has a largest size: what is too long loses first the person's
 * reasons, then what the template marks as {{#full}}; each with a warning.
 */
static enum carnet_status
compose_body(
    struct compose *compose, struct letter *letter, struct carnet_error *err)
{
	const struct field *reason = fields_find(
	    &compose->fields, "decision.reason", strlen("decision.reason"));
	enum carnet_status status = compose_body_once(compose, letter, err);

	if (status != CARNET_OK || compose->max_chars == 0 ||
	    compose_count(letter) <= compose->max_chars)
		return status;
	if (reason != NULL && reason->value != NULL) {
		fields_set(&compose->fields, "decision.reason", NULL);
		lines_add(&compose->warnings,
		    CARNET_("the reason is too long for this channel and was "
			    "left out; a registered letter has room for it"));
		status = compose_body_once(compose, letter, err);
	}
	if (status != CARNET_OK || compose_count(letter) <= compose->max_chars)
		return status;
	fields_set(&compose->fields, "full", NULL);
	lines_add(&compose->warnings,
	    CARNET_("the names are long: the message was shortened to what "
		    "is necessary"));
	status = compose_body_once(compose, letter, err);
	if (status == CARNET_OK && compose_count(letter) > compose->max_chars)
		lines_add(&compose->warnings,
		    CARNET_("the message is longer than this channel takes"));
	return status;
}

/* --- all of it ---------------------------------------------------------- */

static enum carnet_status
compose_subject(
    struct compose *compose, struct letter *letter, struct carnet_error *err)
{
	struct text text = { 0 };
	enum carnet_status status =
	    compose_fill(compose, "subject", &text, err);

	if (status == CARNET_OK)
		letter->subject = text_take(&text);
	text_free(&text);
	if (status == CARNET_OK && letter->subject == NULL)
		status = carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("letter: not enough memory"));
	return status;
}

/* The largest size that this statement takes by this channel; 0: none. */
static size_t
compose_max_chars(const struct job *job)
{
	int64_t max = 0;

	if (!carnet_json_int(carnet_json_get(job->statement, "max_chars"),
		job->channel->name, &max) ||
	    max < 0)
		return 0;
	return (size_t)max;
}

/* The references that a person's own words cite. */
static bool
compose_cited(const struct compose *compose, struct letter *letter)
{
	struct lines cited = { 0 };

	if (compose->job.own == NULL)
		return true;
	for (size_t i = 0; i < compose->used.len; i++) {
		const char *name = compose->used.items[i];
		struct text id = { 0 };
		char *copy;
		size_t len = strlen(name), short_len = strlen(".short");

		if (strncmp(name, "basis.", strlen("basis.")) != 0)
			continue;
		if (len > short_len &&
		    strcmp(name + len - short_len, ".short") == 0)
			len -= short_len;
		text_add_len(
		    &id, name + strlen("basis."), len - strlen("basis."));
		copy = text_take(&id);
		if (copy == NULL)
			cited.failed = true;
		else
			lines_add_once(&cited, copy);
		free(copy);
	}
	letter->basis = lines_take(&cited);
	lines_free(&cited);
	return letter->basis != NULL;
}

/* The signing key to be printed, if the job has one. */
static enum carnet_status
compose_key(
    const struct job *job, struct letter *letter, struct carnet_error *err)
{
	const cJSON *key = carnet_json_get(job->json, "key"), *word;
	const char *text = carnet_json_string(key, "text");
	struct lines words = { 0 };

	if (text == NULL)
		return CARNET_OK;
	cJSON_ArrayForEach(word, carnet_json_get(key, "words"))
	    lines_add(&words, cJSON_IsString(word) ? word->valuestring : "");
	letter->key = strdup(text);
	letter->key_words = lines_take(&words);
	lines_free(&words);
	if (letter->key == NULL || letter->key_words == NULL)
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("letter: not enough memory"));
	return CARNET_OK;
}

static enum carnet_status
compose_parts(
    struct compose *compose, struct letter *letter, struct carnet_error *err)
{
	struct job *job = &compose->job;
	enum carnet_status status = compose_find_template(compose, err);

	if (status == CARNET_OK)
		status = collect_fields(job, &compose->fields, err);
	if (status == CARNET_OK)
		status = compose_subject(compose, letter, err);
	if (status == CARNET_OK)
		status = heading_compose(job, letter, &compose->outside, err);
	if (status == CARNET_OK)
		status = compose_body(compose, letter, err);
	if (status == CARNET_OK)
		status = heading_footer(
		    job, validity_until(job, &compose->used), letter, err);
	if (status == CARNET_OK && compose->max_chars == 0)
		status = compose_key(job, letter, err);
	return status;
}

static enum carnet_status
compose_all(
    struct compose *compose, struct letter *letter, struct carnet_error *err)
{
	const struct job *job = &compose->job;
	enum carnet_status status;

	letter->max_chars = compose->max_chars = compose_max_chars(job);
	letter->lang = strdup(job->lang);
	letter->channel = strdup(job->channel->name);
	status = compose_parts(compose, letter, err);
	if (status != CARNET_OK)
		return status;
	validity_warn(job, &compose->used, &compose->warnings);
	if (validity_forbids(job))
		lines_add_once(&compose->missing, "signer.age");
	for (size_t i = 0; i < compose->outside.len; i++)
		lines_add_once(&compose->missing, compose->outside.items[i]);
	compose->missing.failed =
	    compose->missing.failed || compose->outside.failed;
	letter->missing = lines_take(&compose->missing);
	letter->warnings = lines_take(&compose->warnings);
	if (!compose_cited(compose, letter) || letter->lang == NULL ||
	    letter->channel == NULL || letter->missing == NULL ||
	    letter->warnings == NULL)
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("letter: not enough memory"));
	return CARNET_OK;
}

enum carnet_status
letters_compose(const struct letters *letters, const cJSON *job,
    struct letter **ret_letter, struct carnet_error *err)
{
	struct compose compose = { 0 };
	struct letter *letter = calloc(1, sizeof(*letter));
	enum carnet_status status;

	if (letter == NULL)
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("letter: not enough memory"));
	status = job_read(letters, job, &compose.job, err);
	if (status == CARNET_OK)
		status = compose_all(&compose, letter, err);
	template_free(compose.template);
	free(compose.own);
	fields_free(&compose.fields);
	lines_free(&compose.missing);
	lines_free(&compose.outside);
	lines_free(&compose.used);
	lines_free(&compose.warnings);
	if (status != CARNET_OK) {
		letter_free(letter);
		return status;
	}
	*ret_letter = letter;
	return CARNET_OK;
}
