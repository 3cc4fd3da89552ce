/* SPDX-License-Identifier: ISC */
/*
 * Sender, addressee, place and date, mention, signature, footer.  The layout
 * is the writers'; this gives lines.
 * The contract is in heading.h.
 */
#include "heading.h"

#include <stdlib.h>
#include <string.h>

#include "typography.h"
#include "value.h"
#include "words.h"

static enum carnet_status
heading_no_memory(struct carnet_error *err)
{
	return carnet_fail(
	    err, CARNET_NO_MEMORY, CARNET_("letter: not enough memory"));
}

/* "12" or "12 bis": a house number, after which a comma ends no line. */
static bool
heading_is_number(const char *start, size_t len)
{
	return len > 0 && len <= 8 && start[0] >= '0' && start[0] <= '9' &&
	       start[len - 1] != ' ' &&
	       strcspn(start, ",") == strspn(start, "0123456789 abisterqu");
}

/* Adds an address given as lines, or as one line with commas. */
static void
heading_add_address(struct lines *lines, const char *address)
{
	const char *separators = strchr(address, '\n') != NULL ? "\n" : ",";
	const char *start = address;

	while (*start != '\0') {
		size_t len = strcspn(start, separators);
		struct text line = { 0 };
		char *copy;

		if (separators[0] == ',' && heading_is_number(start, len) &&
		    start[len] == ',')
			len += 1 + strcspn(start + len + 1, separators);
		while (len > 0 && start[len - 1] == ' ')
			len--;
		text_add_len(&line, start, len);
		copy = text_take(&line);
		if (copy == NULL)
			lines->failed = true;
		else if (copy[0] != '\0')
			lines_add(lines, copy);
		free(copy);
		start += len;
		start += strspn(start, ",\n ");
	}
}

/* Adds a typed value; where there is none, a blank called `missing`, or
 * nothing if that is NULL. */
static enum carnet_status
heading_add_typed(struct lines *lines, const char *raw, bool address,
    const char *blank, struct lines *missing, struct carnet_error *err)
{
	char *value = NULL;
	enum carnet_status status = value_clean(raw, address, &value, err);

	if (status != CARNET_OK)
		return status;
	if (value != NULL && address)
		heading_add_address(lines, value);
	else if (value != NULL)
		lines_add(lines, value);
	else if (blank != NULL) {
		lines_add(lines, VALUE_BLANK);
		if (address)
			lines_add(lines, VALUE_BLANK);
		lines_add_once(missing, blank);
	}
	free(value);
	return CARNET_OK;
}

static enum carnet_status
heading_sender(const struct job *job, struct letter *letter,
    struct lines *missing, struct carnet_error *err)
{
	static const struct {
		const char *key, *blank;
	} rows[] = {
		{ "name", "person.name" },
		{ "address", "person.address" },
		{ "email", NULL },
		{ "phone", NULL },
	};
	struct lines lines = { 0 };
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; job->channel->heading && status == CARNET_OK &&
			   i < sizeof(rows) / sizeof(rows[0]);
	     i++)
		status = heading_add_typed(&lines,
		    carnet_json_string(job->person, rows[i].key),
		    strcmp(rows[i].key, "address") == 0, rows[i].blank, missing,
		    err);
	if (status == CARNET_OK)
		letter->sender = lines_take(&lines);
	lines_free(&lines);
	if (status == CARNET_OK && letter->sender == NULL)
		status = heading_no_memory(err);
	return status;
}

/* The addressee's name: the person's own for it, or the catalogue's. */
static enum carnet_status
heading_name(const struct job *job, char **ret_name, bool *ret_known,
    struct carnet_error *err)
{
	bool personal = carnet_json_bool(job->entry, "personal", false);
	const char *words =
	    job_text(job, job->entry, personal ? "unnamed" : "name");
	struct text text = { 0 };
	char *name = NULL;
	enum carnet_status status;

	status = value_clean(
	    carnet_json_string(job->recipient, "name"), false, &name, err);
	if (status != CARNET_OK)
		return status;
	*ret_known = name != NULL || (job->entry != NULL && !personal);
	if (name == NULL && words != NULL) {
		typography_add(&text, job->lang, words, strlen(words));
		name = text_take(&text);
	} else if (name == NULL)
		name = strdup(VALUE_BLANK);
	if (name == NULL)
		return heading_no_memory(err);
	*ret_name = name;
	return CARNET_OK;
}

/* It is about care: itself, or the request that it comes after. */
static bool
heading_is_care(const struct job *job)
{
	const cJSON *about = letters_statement(
	    job->letters, carnet_json_string(job->correspondence, "template"));
	const char *to = carnet_json_string(job->statement, "addressee");

	return carnet_json_bool(job->statement, "care", false) ||
	       (to != NULL && strcmp(to, "recipient") == 0 &&
		   carnet_json_bool(about, "care", false));
}

/* The catalogue's lines for a letter's window, {name} replaced.  What is
 * about care goes to the house, not to its data protection officer, who
 * stands behind its name. */
static void
heading_add_block(const struct job *job, const char *name, struct lines *lines)
{
	const cJSON *pattern,
	    *blocks = carnet_json_get(job->entry, "addressee"),
	    *block = carnet_json_get(blocks, job->lang);
	bool care = heading_is_care(job);

	if (block == NULL)
		block = carnet_json_get(blocks, "en");

	if (cJSON_GetArraySize(block) == 0)
		lines_add(lines, name);
	cJSON_ArrayForEach(pattern, block)
	{
		struct text set = { 0 }, line = { 0 };

		typography_add(&set, job->lang, pattern->valuestring,
		    strlen(pattern->valuestring));
		if (set.bytes != NULL)
			text_fill(&line, set.bytes,
			    (const char *const[]){ "name", name, NULL });
		if (set.failed || line.failed || line.bytes == NULL)
			lines->failed = true;
		else
			lines_add(lines, line.bytes);
		text_free(&set);
		text_free(&line);
		if (care && strstr(pattern->valuestring, "{name}") != NULL)
			return;
	}
}

static enum carnet_status
heading_add_where(const struct job *job, struct lines *lines,
    struct lines *missing, struct carnet_error *err)
{
	const char *own = carnet_json_string(job->recipient, "address");
	const char *email = carnet_json_string(job->recipient, "email");
	const cJSON *line, *known = carnet_json_get(job->entry, "address");

	if (job->channel->email) {
		if (email == NULL || email[0] == '\0')
			email = carnet_json_string(job->entry, "email");
		return heading_add_typed(
		    lines, email, false, "recipient.email", missing, err);
	}
	if ((own == NULL || own[0] == '\0') && cJSON_GetArraySize(known) > 0) {
		cJSON_ArrayForEach(line, known)
		    lines_add(lines, line->valuestring);
		return CARNET_OK;
	}
	return heading_add_typed(lines, own, true,
	    job->channel->postal ? "recipient.address" : NULL, missing, err);
}

static enum carnet_status
heading_addressee(const struct job *job, struct letter *letter,
    struct lines *missing, struct carnet_error *err)
{
	struct lines lines = { 0 };
	enum carnet_status status = CARNET_OK;
	char *name = NULL;
	bool known = true;

	if (job_has_addressee(job)) {
		status = heading_name(job, &name, &known, err);
		if (status == CARNET_OK)
			heading_add_block(job, name, &lines);
		if (status == CARNET_OK && !known)
			lines_add_once(missing, "recipient.name");
		if (status == CARNET_OK)
			status = heading_add_where(job, &lines, missing, err);
	}
	free(name);
	if (status == CARNET_OK)
		letter->addressee = lines_take(&lines);
	lines_free(&lines);
	if (status == CARNET_OK && letter->addressee == NULL)
		status = heading_no_memory(err);
	return status;
}

/* Adds the town at the end of the sender's address, if there is one that can
 * be told: "69003 Lyon CEDEX 03" gives Lyon. */
static void
heading_add_town(
    const struct job *job, const struct letter *letter, struct text *town)
{
	const char *address = carnet_json_string(job->person, "address");
	const char *last = NULL, *end;

	if (address == NULL || letter->sender[0] == NULL)
		return;
	for (size_t i = 1; letter->sender[i] != NULL; i++) {
		if (strspn(letter->sender[i], "0123456789") == 5 &&
		    letter->sender[i][5] == ' ')
			last = letter->sender[i] + 6;
	}
	if (last == NULL)
		return;
	end = strcasestr(last, " cedex");
	text_add_len(
	    town, last, end != NULL ? (size_t)(end - last) : strlen(last));
}

/* Place and date of a sheet of paper; a message has none. */
static enum carnet_status
heading_place_date(const struct job *job, struct letter *letter,
    struct lines *missing, struct carnet_error *err)
{
	const char *pattern = carnet_json_string(job->words, "place_date");
	struct text place = { 0 }, date = { 0 }, line = { 0 };
	char *typed = NULL;
	enum carnet_status status = value_clean(
	    carnet_json_string(job->json, "place"), false, &typed, err);

	if (status != CARNET_OK)
		return status;
	if (!job->channel->heading || pattern == NULL)
		goto done;
	if (typed != NULL)
		text_add(&place, typed);
	else
		heading_add_town(job, letter, &place);
	if (place.len == 0) {
		text_add(&place, VALUE_BLANK);
		lines_add_once(missing, "place");
	}
	if (carnet_date_is_set(job->date))
		words_add_date(job->words, job->date, &date);
	else {
		text_add(&date, VALUE_BLANK);
		lines_add_once(missing, "date");
	}
	if (!place.failed && !date.failed)
		text_fill(&line, pattern,
		    (const char *const[]){
			"place", place.bytes, "date", date.bytes, NULL });
	line.failed = line.failed || place.failed || date.failed;
done:
	letter->place_date = text_take(&line);
	text_free(&place);
	text_free(&date);
	free(typed);
	return letter->place_date == NULL ? heading_no_memory(err) : CARNET_OK;
}

static enum carnet_status
heading_mention(
    const struct job *job, struct letter *letter, struct carnet_error *err)
{
	const char *words =
	    words_find(job->words, "mention", job->channel->name);
	struct text text = { 0 };

	if (words != NULL)
		typography_add(&text, job->lang, words, strlen(words));
	letter->mention = text_take(&text);
	return letter->mention == NULL ? heading_no_memory(err) : CARNET_OK;
}

/* Who signs: the person, and for whom. */
static enum carnet_status
heading_signature(const struct job *job, struct letter *letter,
    struct lines *missing, struct carnet_error *err)
{
	const char *pattern = carnet_json_string(job->words, "signed_for");
	struct text text = { 0 };
	char *signer = NULL, *name = NULL;
	enum carnet_status status;

	status = value_clean(
	    carnet_json_string(job->person, "name"), false, &signer, err);
	if (status == CARNET_OK)
		status =
		    value_clean(carnet_json_string(job->represents, "name"),
			false, &name, err);
	if (status != CARNET_OK)
		goto done;
	if (signer == NULL)
		lines_add_once(missing, "person.name");
	if (job->represents != NULL && name == NULL)
		lines_add_once(missing, "represents.name");
	/* a message is short, and its body says for whom */
	if (job->represents == NULL || !job->channel->heading ||
	    pattern == NULL)
		pattern = "{signer}";
	text_fill(&text, pattern,
	    (const char *const[]){ "signer",
		signer != NULL ? signer : VALUE_BLANK, "name",
		name != NULL ? name : VALUE_BLANK, NULL });
	letter->signature = text_take(&text);
	if (letter->signature == NULL)
		status = heading_no_memory(err);
done:
	free(signer);
	free(name);
	return status;
}

/* The reference and, on a letter, whose template it is and until when that is
 * to be used: a person's own words are nobody else's. */
static void
heading_add_footer(const struct job *job, const char *reference,
    struct carnet_date until, struct text *line)
{
	const char *words = carnet_json_string(job->words, "footer_template");
	struct text text = { 0 }, date = { 0 };

	if (reference != NULL)
		text_fill(line,
		    carnet_json_string(job->words, "footer_reference"),
		    (const char *const[]){ "reference", reference, NULL });
	if (job->own != NULL || !job->channel->heading || words == NULL ||
	    !carnet_date_is_set(until))
		return;
	if (reference != NULL)
		text_add(
		    line, carnet_json_string(job->words, "footer_between"));
	words_add_date(job->words, until, &date);
	typography_add(&text, job->lang, words, strlen(words));
	if (date.bytes != NULL && text.bytes != NULL)
		text_fill(line, text.bytes,
		    (const char *const[]){ "date", date.bytes, NULL });
	line->failed = line->failed || date.failed || text.failed;
	text_free(&text);
	text_free(&date);
}

enum carnet_status
heading_footer(const struct job *job, struct carnet_date until,
    struct letter *letter, struct carnet_error *err)
{
	struct text line = { 0 };
	char *reference = NULL;
	enum carnet_status status = value_clean(
	    carnet_json_string(job->json, "reference"), false, &reference, err);

	if (status != CARNET_OK)
		return status;
	/* a wish that is kept for years is the person's own: no footer */
	if (!carnet_json_bool(job->statement, "wish", false))
		heading_add_footer(job, reference, until, &line);
	free(reference);
	free(letter->footer);
	letter->footer = text_take(&line);
	return letter->footer == NULL ? heading_no_memory(err) : CARNET_OK;
}

enum carnet_status
heading_compose(const struct job *job, struct letter *letter,
    struct lines *missing, struct carnet_error *err)
{
	enum carnet_status status = heading_sender(job, letter, missing, err);

	if (status == CARNET_OK)
		status = heading_addressee(job, letter, missing, err);
	if (status == CARNET_OK)
		status = heading_place_date(job, letter, missing, err);
	if (status == CARNET_OK)
		status = heading_mention(job, letter, err);
	if (status == CARNET_OK)
		status = heading_signature(job, letter, missing, err);
	if (status == CARNET_OK)
		status =
		    heading_footer(job, (struct carnet_date){ 0 }, letter, err);
	return status;
}
