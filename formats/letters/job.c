/* SPDX-License-Identifier: ISC */
/*
 * Reads a press job against the catalogue.  Makes no text.
 * The contract is in job.h.
 */
#include "job.h"

#include <string.h>

static const struct job_channel job_channels[] = {
	{ "ameli", false, false, false, false },
	{ "portal", false, false, false, false },
	{ "form", false, false, false, false },
	{ "phone", false, false, false, false },
	{ "email", true, false, false, true },
	{ "letter", true, true, true, false },
	{ "registered", true, true, true, false },
	{ "hand", true, true, false, false },
	{ "other", true, true, false, false },
};

static const struct job_channel *
job_channel_find(const char *name)
{
	size_t len = sizeof(job_channels) / sizeof(job_channels[0]);

	for (size_t i = 0; name != NULL && i < len; i++) {
		if (strcmp(job_channels[i].name, name) == 0)
			return &job_channels[i];
	}
	return NULL;
}

bool
job_list_has(const cJSON *list, const char *what)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		if (cJSON_IsString(item) &&
		    strcmp(item->valuestring, what) == 0)
			return true;
	}
	return false;
}

bool
job_identifies(const struct job *job, const char *what)
{
	if (!job_list_has(carnet_json_get(job->statement, "identify"), what))
		return false;
	if (job->entry == NULL) /* one's own: never the NIR */
		return strcmp(what, "nir") != 0;
	return job_list_has(carnet_json_get(job->entry, "identify"), what);
}

bool
job_has_addressee(const struct job *job)
{
	return job->channel->heading &&
	       !(strcmp(job->channel->name, "other") == 0 &&
		   carnet_json_bool(job->statement, "keep", false));
}

const char *
job_text(const struct job *job, const cJSON *object, const char *key)
{
	const cJSON *texts = carnet_json_get(object, key);
	const char *text = carnet_json_string(texts, job->lang);

	return text != NULL ? text : carnet_json_string(texts, "en");
}

const cJSON *
job_fact(const struct job *job, const char *id)
{
	const cJSON *found = NULL, *fact;

	cJSON_ArrayForEach(
	    fact, carnet_json_get(letters_facts(job->letters), id))
	{
		struct carnet_date from = { 0 }, until = { 0 };

		(void)carnet_date_parse(
		    carnet_json_string(fact, "from"), &from);
		(void)carnet_date_parse(
		    carnet_json_string(fact, "until"), &until);
		if (!carnet_date_is_set(job->date) ||
		    (carnet_date_compare(job->date, from) >= 0 &&
			carnet_date_compare(job->date, until) <= 0))
			found = fact;
	}
	return found;
}

/* Absent, null, or of this type. */
static bool
job_is(const cJSON *item, int type)
{
	return item == NULL || cJSON_IsNull(item) ||
	       (item->type & 0xFF) == type;
}

/* The known values of a person, a body, a decision or a case are texts, the
 * purposes a list of texts, the steps a list of objects. */
static bool
job_is_plain(const cJSON *object)
{
	static const char *const texts[] = { "id", "name", "born", "birthplace",
		"address", "email", "phone", "nir", "as", "proof", "siren",
		"scope", "from", "until", "reason", "remarks", "request",
		"sent", "received", "due", "via", "first_sent", "template",
		"body_sha256", "lang", "text" };
	const cJSON *purposes = carnet_json_get(object, "purposes");
	const cJSON *steps = carnet_json_get(object, "steps"), *item;
	bool good = job_is(object, cJSON_Object) &&
		    job_is(purposes, cJSON_Array) && job_is(steps, cJSON_Array);

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		good = good &&
		       job_is(carnet_json_get(object, texts[i]), cJSON_String);
	cJSON_ArrayForEach(item, purposes) good = good && cJSON_IsString(item);
	cJSON_ArrayForEach(item, steps) good = good && cJSON_IsObject(item);
	return good;
}

/* Wrong types are refused; keys that aren't known are left alone. */
static enum carnet_status
job_check_types(const cJSON *json, struct carnet_error *err)
{
	static const char *const objects[] = { "person", "represents",
		"recipient", "about", "decision", "case", "template_text" };
	static const char *const strings[] = { "template", "lang", "channel",
		"date", "place", "reference" };
	bool good = cJSON_IsObject(json);

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		good = good &&
		       job_is(carnet_json_get(json, strings[i]), cJSON_String);
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		good = good && job_is_plain(carnet_json_get(json, objects[i]));
	if (!good)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("letter: the job is not well formed"));
	return CARNET_OK;
}

static const cJSON *
job_object(const cJSON *json, const char *key)
{
	const cJSON *item = carnet_json_get(json, key);

	return cJSON_IsObject(item) ? item : NULL;
}

/* Who gets the letter: a fixed id, or NULL for whoever the job names.
 * "authority" is the one that takes complaints about that body, or that body
 * if it is an authority itself. */
static const char *
job_fixed_addressee(const struct job *job, const char *id)
{
	const char *fixed = carnet_json_string(job->statement, "addressee");
	const cJSON *named = letters_recipient(job->letters, id);
	const char *kind = carnet_json_string(named, "kind");

	if (fixed == NULL || strcmp(fixed, "recipient") == 0)
		return NULL;
	if (strcmp(fixed, "authority") != 0)
		return fixed;
	if (id == NULL || (kind != NULL && strcmp(kind, "authority") == 0))
		return NULL;
	fixed = carnet_json_string(named, "authority");
	return fixed != NULL ? fixed : ""; /* not known: a blank */
}

/*
 * If the job names another body than the fixed addressee, then that is the
 * body that the letter is about.
 */
static void
job_find_bodies(struct job *job)
{
	const cJSON *named = job_object(job->json, "recipient");
	const char *id = carnet_json_string(named, "id");
	const char *fixed = job_fixed_addressee(job, id);

	job->about = job_object(job->json, "about");
	job->recipient = named;
	if (fixed != NULL && id != NULL && strcmp(fixed, id) != 0) {
		job->recipient = NULL;
		if (job->about == NULL)
			job->about = named;
	}
	job->entry =
	    letters_recipient(job->letters, fixed != NULL ? fixed : id);
	id = carnet_json_string(job->about, "id");
	if (id == NULL)
		id = carnet_json_string(job->statement, "about");
	job->about_entry = letters_recipient(job->letters, id);
}

/* The person's own words in the letter's language, or NULL. */
static const char *
job_own_words(const cJSON *json, const char *lang)
{
	const cJSON *own = job_object(json, "template_text");
	const char *theirs = carnet_json_string(own, "lang");

	if (lang == NULL || theirs == NULL || strcmp(theirs, lang) != 0)
		return NULL;
	return carnet_json_string(own, "text");
}

/* Which statement it is, and in which words: the person's own win over the
 * shipped ones, and may be for a template that isn't shipped. */
static enum carnet_status
job_find_statement(struct job *job, struct carnet_error *err)
{
	const char *template = carnet_json_string(job->json, "template");

	job->lang = carnet_json_string(job->json, "lang");
	job->words = letters_words(job->letters, job->lang);
	job->own = job_own_words(job->json, job->lang);
	job->statement = letters_statement(job->letters, template);
	if (job->statement == NULL && job->own != NULL && template != NULL)
		job->statement = letters_own(job->letters);
	if (job->statement == NULL)
		return carnet_fail(
		    err, CARNET_NOT_FOUND, CARNET_("letter: no such template"));
	if (job->words == NULL ||
	    (job->own == NULL &&
		!job_list_has(
		    carnet_json_get(job->statement, "languages"), job->lang)))
		return carnet_fail(err, CARNET_NOT_FOUND,
		    CARNET_("letter: this template isn't in that language"));
	return CARNET_OK;
}

enum carnet_status
job_read(const struct letters *letters, const cJSON *json, struct job *ret_job,
    struct carnet_error *err)
{
	struct job job = { .letters = letters, .json = json };
	enum carnet_status status = job_check_types(json, err);
	const char *date = carnet_json_string(json, "date");
	const char *channel = carnet_json_string(json, "channel");

	if (status != CARNET_OK)
		return status;
	status = job_find_statement(&job, err);
	if (status != CARNET_OK)
		return status;
	if (channel == NULL || *channel == '\0')
		channel = carnet_json_string(job.statement, "channel");
	job.channel = job_channel_find(channel);
	if (job.channel == NULL)
		return carnet_fail(
		    err, CARNET_INVALID, CARNET_("letter: unknown channel"));
	if (date != NULL && *date != '\0' &&
	    !carnet_date_parse(date, &job.date))
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("letter: the date is not a date"));
	job.person = job_object(json, "person");
	job.represents = job_object(json, "represents");
	job.decision = job_object(json, "decision");
	job.correspondence = job_object(json, "case");
	job_find_bodies(&job);
	job.nir = job_identifies(&job, "nir");
	*ret_job = job;
	return CARNET_OK;
}
