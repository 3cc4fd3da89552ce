/* SPDX-License-Identifier: ISC */
/*
 * Dates of validity, unchecked references, who may sign.  Stops nothing: a
 * letter is composed all the same, with a warning.
 * The contract is in validity.h.
 */
#include "validity.h"

#include <stdio.h>
#include <string.h>

/* --- dates -------------------------------------------------------------- */

static void
validity_earlier(struct carnet_date *until, const cJSON *object)
{
	struct carnet_date date;

	if (!carnet_date_parse(carnet_json_string(object, "until"), &date) &&
	    !carnet_date_parse(
		carnet_json_string(object, "valid_until"), &date))
		return;
	if (!carnet_date_is_set(*until) ||
	    carnet_date_compare(date, *until) < 0)
		*until = date;
}

/* Has the letter printed this basis or fact? */
static bool
validity_uses(const struct lines *used, const char *kind, const char *id)
{
	char name[96];

	for (size_t i = 0; i < used->len; i++) {
		(void)snprintf(name, sizeof(name), "%s.%s", kind, id);
		if (strcmp(used->items[i], name) == 0)
			return true;
		(void)snprintf(name, sizeof(name), "%s.%s.short", kind, id);
		if (strcmp(used->items[i], name) == 0)
			return true;
	}
	return false;
}

struct carnet_date
validity_until(const struct job *job, const struct lines *used)
{
	struct carnet_date until = { 0 };
	const cJSON *fact;

	if (job->own == NULL) /* nobody reviewed a person's own words */
		validity_earlier(&until, job->statement);
	validity_earlier(&until, job->entry);
	cJSON_ArrayForEach(fact, carnet_json_get(job->statement, "facts"))
	{
		if (validity_uses(used, "fact", fact->valuestring))
			validity_earlier(
			    &until, job_fact(job, fact->valuestring));
	}
	return until;
}

static void
validity_warn_until(
    const struct job *job, const struct lines *used, struct lines *warnings)
{
	struct carnet_date until = validity_until(job, used);
	char day[CARNET_DATE_TEXT], text[256];

	if (!carnet_date_is_set(until) ||
	    carnet_date_compare(job->date, until) <= 0)
		return;
	carnet_date_format(until, day);
	(void)snprintf(text, sizeof(text),
	    CARNET_("what this letter says was true until %s: check it before "
		    "you send it"),
	    day);
	lines_add(warnings, text);
}

static void
validity_warn_from(const struct job *job, struct lines *warnings)
{
	struct carnet_date from;
	char day[CARNET_DATE_TEXT], text[256];

	if (job->own != NULL ||
	    !carnet_date_parse(
		carnet_json_string(job->statement, "valid_from"), &from) ||
	    carnet_date_compare(job->date, from) >= 0)
		return;
	carnet_date_format(from, day);
	(void)snprintf(text, sizeof(text),
	    CARNET_("this letter was written for dates from %s"), day);
	lines_add(warnings, text);
}

/* Warns of what doesn't hold on the letter's date. */
static void
validity_warn_dates(
    const struct job *job, const struct lines *used, struct lines *warnings)
{
	const cJSON *fact;

	cJSON_ArrayForEach(fact, carnet_json_get(job->statement, "facts"))
	{
		if (validity_uses(used, "fact", fact->valuestring) &&
		    job_fact(job, fact->valuestring) == NULL)
			lines_add(warnings,
			    CARNET_("a fact that the letter would state is "
				    "not known for its date, and was left "
				    "out"));
	}
	if (!carnet_date_is_set(job->date))
		return;
	validity_warn_until(job, used, warnings);
	validity_warn_from(job, warnings);
}

/* --- marks and languages ------------------------------------------------ */

static void
validity_warn_basis(
    const struct job *job, const struct lines *used, struct lines *warnings)
{
	const cJSON *basis;

	cJSON_ArrayForEach(basis, carnet_json_get(job->statement, "basis"))
	{
		const char *id = carnet_json_string(basis, "id");

		if (!carnet_json_bool(basis, "checked", false) &&
		    validity_uses(used, "basis", id)) {
			lines_add(warnings,
			    CARNET_("a reference was not checked in the text "
				    "of the law; the letter marks it"));
			return;
		}
	}
}

static void
validity_warn_language(const struct job *job, struct lines *warnings)
{
	const char *country = carnet_json_string(job->entry, "country");
	const cJSON *theirs = carnet_json_get(job->entry, "languages");

	if (country != NULL && strcmp(country, "FR") == 0 &&
	    strcmp(job->lang, "fr") != 0)
		lines_add(warnings,
		    CARNET_("the addressee works in French: this version is "
			    "for you to read, send the French one"));
	else if (theirs != NULL && !job_list_has(theirs, job->lang))
		lines_add(warnings,
		    CARNET_("the addressee works in another language: this "
			    "version is for you to read"));
}

/* --- who signs ---------------------------------------------------------- */

/* How old the person is on the letter's date; -1: not known. */
static int
validity_age(const struct job *job)
{
	struct carnet_date born;
	int age;

	if (!carnet_date_is_set(job->date) ||
	    !carnet_date_parse(carnet_json_string(job->person, "born"), &born))
		return -1;
	age = job->date.year - born.year;
	if (job->date.month < born.month ||
	    (job->date.month == born.month && job->date.day < born.day))
		age--;
	return age;
}

/* For oneself: of age, or of the age from which the law lets a minor. */
static bool
validity_may_sign(const cJSON *signers, int age)
{
	return age < 0 ||
	       (age >= 18
		       ? job_list_has(signers, "adult")
		       : (age >= 15 && job_list_has(signers, "minor15")) ||
			     (age >= 13 && job_list_has(signers, "minor13")));
}

bool
validity_forbids(const struct job *job)
{
	const cJSON *signers = carnet_json_get(job->statement, "signers");

	return signers != NULL && job->represents == NULL &&
	       carnet_json_bool(job->statement, "self_only", false) &&
	       !validity_may_sign(signers, validity_age(job));
}

static void
validity_warn_signer(const struct job *job, struct lines *warnings)
{
	const cJSON *signers = carnet_json_get(job->statement, "signers");
	const char *quality = carnet_json_string(job->represents, "as");
	int age = validity_age(job);

	if (signers == NULL)
		return;
	if (validity_forbids(job))
		lines_add(warnings,
		    CARNET_("at this age this statement can be made neither by "
			    "this person nor for them"));
	else if (job->represents == NULL && !validity_may_sign(signers, age))
		lines_add(warnings,
		    CARNET_("at this age the law gives this right to a parent "
			    "or guardian: they sign"));
	if (job->represents == NULL)
		return;
	if (!job_list_has(signers, "parent") &&
	    !job_list_has(signers, "guardian") &&
	    !job_list_has(signers, "mandate"))
		lines_add(
		    warnings, CARNET_("only the person themself can make this "
				      "statement"));
	else if (quality != NULL && !job_list_has(signers, quality))
		lines_add(warnings,
		    CARNET_("a person of this quality cannot sign this "
			    "statement for another"));
	if (carnet_json_string(job->represents, "proof") == NULL &&
	    quality != NULL && strcmp(quality, "mandate") == 0)
		lines_add(warnings,
		    CARNET_("a mandate must be attached, signed by the person "
			    "who gives it"));
}

void
validity_warn(
    const struct job *job, const struct lines *used, struct lines *warnings)
{
	validity_warn_dates(job, used, warnings);
	validity_warn_basis(job, used, warnings);
	validity_warn_language(job, warnings);
	validity_warn_signer(job, warnings);
}
