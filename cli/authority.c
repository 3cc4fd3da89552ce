/* SPDX-License-Identifier: ISC */
/*
 * Complaints go to the authority of the body's own country.  Writes nothing.
 * The contract is in authority.h.
 */
#include "authority.h"

#include <string.h>

#include "case_view.h"

/* Where the GDPR holds: the EU, Iceland, Liechtenstein, Norway. */
static const char authority_eea[] =
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO "
    "PL PT RO SE SI SK";

/* Two letters; "": not known, or the EU as a whole. */
static void
authority_country(
    const struct letter_desk *desk, const char *recipient, char country[3])
{
	const cJSON *own = letter_recipient(desk, recipient);
	const cJSON *entry =
	    letters_recipient(desk->session->letters, recipient);
	const char *code = json_text(own, "country");
	const char *region = json_text(own, "region");

	if (code[0] == '\0' && entry != NULL)
		code = json_text(entry, "country");
	if ((code[0] == '\0' || strcmp(code, "EU") == 0) && region[0] != '\0')
		code = region; /* "DE-BY" */
	memset(country, 0, 3);
	if (strlen(code) >= 2 && strcmp(code, "EU") != 0)
		memcpy(country, code, 2);
}

enum authority_place
authority_place(const struct letter_desk *desk, const char *recipient)
{
	char country[3];

	authority_country(desk, recipient, country);
	if (country[0] == '\0')
		return strncmp(recipient, "eu/", 3) == 0 ? PLACE_GDPR
							 : PLACE_FRANCE;
	if (strcmp(country, "FR") == 0)
		return PLACE_FRANCE;
	return strstr(authority_eea, country) != NULL ||
		       strcmp(country, "GB") == 0
		   ? PLACE_GDPR
		   : PLACE_ELSEWHERE;
}

static bool
authority_is(const cJSON *entry)
{
	return strcmp(json_text(entry, "kind"), "authority") == 0;
}

/* The only one of a country's part, or else of the country. */
static const char *
authority_search(const struct letter_desk *desk, const char *country,
    const char *region, bool part)
{
	const cJSON *one, *found = NULL;

	cJSON_ArrayForEach(one, letters_recipients(desk->session->letters))
	{
		if (!authority_is(one) ||
		    strcmp(json_text(one, "country"), country) != 0 ||
		    strcmp(json_text(one, "region"), part ? region : "") != 0)
			continue;
		if (found != NULL)
			return "";
		found = one;
	}
	return json_text(found, "id");
}

const char *
authority_of(const struct letter_desk *desk, const char *recipient)
{
	const cJSON *entry =
	    letters_recipient(desk->session->letters, recipient);
	const char *region =
		       json_text(letter_recipient(desk, recipient), "region"),
		   *found = "";
	char country[3];

	if (authority_is(entry))
		return recipient;
	if (json_text(entry, "authority")[0] != '\0')
		return json_text(entry, "authority");
	authority_country(desk, recipient, country);
	if (country[0] == '\0')
		return "";
	if (region[0] != '\0')
		found = authority_search(desk, country, region, true);
	return found[0] != '\0'
		   ? found
		   : authority_search(desk, country, region, false);
}

/* A country's own complaint, outside the EEA: to its authority; where that is
 * one of a part of it, only for a body of that part. */
static const char *
authority_national(
    const struct letter_desk *desk, const char *recipient, const char *country)
{
	const struct letters *letters = desk->session->letters;
	const char *region =
	    json_text(letter_recipient(desk, recipient), "region");
	const cJSON *one, *to;

	if (region[0] == '\0')
		region =
		    json_text(letters_recipient(letters, recipient), "region");
	cJSON_ArrayForEach(one, letters_statements(letters))
	{
		const char *part;

		to = letters_recipient(letters, json_text(one, "addressee"));
		part = json_text(to, "region");
		if (authority_is(to) &&
		    strcmp(json_text(to, "country"), country) == 0 &&
		    (part[0] == '\0' || strcmp(part, region) == 0))
			return json_text(one, "id");
	}
	return "";
}

const char *
authority_complaint(const struct letter_desk *desk, const cJSON *row)
{
	const struct letters *letters = desk->session->letters;
	const char *usual = json_text(
	    carnet_json_get(case_statement(desk, row), "next"), "complaint");
	const char *to =
	    json_text(letters_statement(letters, usual), "addressee");
	char country[3];
	const cJSON *one;

	authority_country(desk, json_text(row, "recipient"), country);
	if (usual[0] == '\0' || country[0] == '\0' ||
	    strcmp(json_text(letters_recipient(letters, to), "country"),
		country) == 0)
		return usual;
	if (strstr(authority_eea, country) == NULL)
		return authority_national(
		    desk, json_text(row, "recipient"), country);
	if (strcmp(to, "authority") == 0)
		return usual;
	cJSON_ArrayForEach(one, letters_statements(letters))
	{
		if (strcmp(json_text(one, "addressee"), "authority") == 0)
			return json_text(one, "id");
	}
	return usual;
}

struct carnet_date
authority_until(const cJSON *complaint, struct carnet_date from)
{
	int64_t days = 0;

	if (!carnet_json_int(complaint, "within_days", &days) || days <= 0 ||
	    !carnet_date_is_set(from))
		return (struct carnet_date){ 0 };
	return date_add_days(from, (int)days);
}

const char *
authority_addressee(
    const struct letter_desk *desk, const cJSON *statement, const char *to)
{
	const char *fixed = json_text(statement, "addressee");

	if (strcmp(fixed, "authority") == 0)
		return authority_of(desk, to);
	return strcmp(fixed, "recipient") == 0 ? to : fixed;
}
