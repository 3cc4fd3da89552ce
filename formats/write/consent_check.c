/* SPDX-License-Identifier: ISC */
/*
 * What FHIR's JSON schema lets pass in a Consent and its text doesn't: a
 * missing status or patient, ppc-1, a root rule with a type, codes nobody
 * knows.  Not a validator of FHIR.  The contract is in formats.h.
 */
#include <string.h>

#include "consent_codes.h"
#include "formats.h"

static bool
check_is_one(const char *text, const char *const *known)
{
	for (; text != NULL && *known != NULL; known++)
		if (strcmp(text, *known) == 0)
			return true;
	return false;
}

/* A coding of this system, and one of these codes. */
static bool
check_coding(const cJSON *coding, const char *system, const char *const *codes)
{
	const char *given = carnet_json_string(coding, "system");

	return given != NULL && strcmp(given, system) == 0 &&
	       check_is_one(carnet_json_string(coding, "code"), codes);
}

static const cJSON *
check_first_coding(const cJSON *concept)
{
	return cJSON_GetArrayItem(carnet_json_get(concept, "coding"), 0);
}

/* "#id" of something contained. */
static bool
check_reference(const cJSON *consent, const cJSON *reference)
{
	const char *text = carnet_json_string(reference, "reference");
	const cJSON *resource;

	if (text == NULL || text[0] != '#')
		return false;
	cJSON_ArrayForEach(resource, carnet_json_get(consent, "contained"))
	{
		const char *id = carnet_json_string(resource, "id");

		if (id != NULL && strcmp(id, text + 1) == 0)
			return true;
	}
	return false;
}

/* The patient alone will do, and is one. */
static bool
check_patient(const cJSON *consent, const char *key)
{
	const cJSON *reference = carnet_json_get(consent, key);
	const char *text = carnet_json_string(reference, "reference");
	const cJSON *resource;

	if (!check_reference(consent, reference))
		return false;
	cJSON_ArrayForEach(resource, carnet_json_get(consent, "contained"))
	{
		const char *id = carnet_json_string(resource, "id");
		const char *type = carnet_json_string(resource, "resourceType");

		if (id != NULL && strcmp(id, text + 1) == 0)
			return type != NULL && strcmp(type, "Patient") == 0;
	}
	return false;
}

static bool
check_day(const cJSON *object, const char *key, bool needed)
{
	const char *text = carnet_json_string(object, key);
	struct carnet_date date;

	return text == NULL ? !needed : carnet_date_parse(text, &date);
}

static bool
check_rule_codes(const cJSON *concept)
{
	static const char *const rules[] = { "OPTIN", "OPTOUT", "OPTINR",
		"OPTOUTE", "IMPLIEDD", "NOCONSENT", NULL };

	return check_coding(check_first_coding(concept), CODES_ACT, rules);
}

static bool
check_purposes(const cJSON *purposes)
{
	const cJSON *purpose;

	cJSON_ArrayForEach(purpose, purposes)
	{
		const char *system = carnet_json_string(purpose, "system");
		const char *code = carnet_json_string(purpose, "code");

		if (system == NULL || code == NULL || code[0] == '\0' ||
		    (strcmp(system, CODES_REASON) != 0 &&
			strcmp(system, CODES_DPV) != 0))
			return false;
	}
	return true;
}

static const char *
check_provision(const cJSON *consent, const cJSON *provision, int version)
{
	static const char *const types[] = { "deny", "permit", NULL };
	static const char *const actions[] = { "collect", "access", "use",
		"disclose", "correct", NULL };
	static const char *const roles[] = { "PRCP", "IRCP", "CST", NULL };
	const cJSON *item, *period = carnet_json_get(provision, "period");

	if (version == 4 &&
	    !check_is_one(carnet_json_string(provision, "type"), types))
		return "provision.type";
	if (version == 5 && carnet_json_get(provision, "type") != NULL)
		return "provision.type";
	if (!check_day(period, "start", false) ||
	    !check_day(period, "end", false))
		return "provision.period";
	cJSON_ArrayForEach(item, carnet_json_get(provision, "actor"))
	{
		if (!check_coding(
			check_first_coding(carnet_json_get(item, "role")),
			CODES_PARTICIPATION, roles) ||
		    !check_reference(
			consent, carnet_json_get(item, "reference")))
			return "provision.actor";
	}
	cJSON_ArrayForEach(item, carnet_json_get(provision, "action"))
	{
		if (!check_coding(
			check_first_coding(item), CODES_ACTION, actions))
			return "provision.action";
	}
	return check_purposes(carnet_json_get(provision, "purpose"))
		   ? NULL
		   : "provision.purpose";
}

/* Each returns the rule that is broken, or NULL. */
static const char *
check_version_4(const cJSON *consent)
{
	static const char *const states[] = { "draft", "proposed", "active",
		"rejected", "inactive", "entered-in-error", NULL };
	static const char *const scopes[] = { "adr", "research",
		"patient-privacy", "treatment", NULL };
	const cJSON *root = carnet_json_get(consent, "provision"), *item;
	const cJSON *rule = carnet_json_get(consent, "policyRule");
	const char *broken = NULL;

	if (!check_is_one(carnet_json_string(consent, "status"), states))
		return "status";
	if (!check_coding(check_first_coding(carnet_json_get(consent, "scope")),
		CODES_SCOPE, scopes))
		return "scope";
	if (!check_patient(consent, "patient"))
		return "patient";
	if (!check_day(consent, "dateTime", true))
		return "dateTime";
	if (rule == NULL &&
	    cJSON_GetArraySize(carnet_json_get(consent, "policy")) == 0)
		return "ppc-1";
	if (rule != NULL && !check_rule_codes(rule))
		return "policyRule";
	if (carnet_json_get(root, "type") != NULL)
		return "provision.type";
	cJSON_ArrayForEach(item, carnet_json_get(root, "provision")) broken =
	    broken != NULL ? broken : check_provision(consent, item, 4);
	return broken;
}

static const char *
check_version_5(const cJSON *consent)
{
	static const char *const states[] = { "draft", "active", "inactive",
		"not-done", "entered-in-error", "unknown", NULL };
	static const char *const decisions[] = { "deny", "permit", NULL };
	static const char *const gone[] = { "scope", "patient", "dateTime",
		"performer", "policy", "policyRule" };
	const cJSON *item;
	const char *broken = NULL;

	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		if (carnet_json_get(consent, gone[i]) != NULL)
			return gone[i];
	if (!check_is_one(carnet_json_string(consent, "status"), states))
		return "status";
	if (!check_patient(consent, "subject"))
		return "subject";
	if (!check_day(consent, "date", true))
		return "date";
	if (!check_is_one(carnet_json_string(consent, "decision"), decisions))
		return "decision";
	cJSON_ArrayForEach(item, carnet_json_get(consent, "regulatoryBasis"))
	    broken =
		broken != NULL || check_rule_codes(item) ? broken
							 : "regulatoryBasis";
	cJSON_ArrayForEach(item, carnet_json_get(consent, "provision")) broken =
	    broken != NULL ? broken : check_provision(consent, item, 5);
	return broken;
}

enum carnet_status
check_consent(const cJSON *consent, int version, struct carnet_error *err)
{
	const char *type = carnet_json_string(consent, "resourceType");
	const cJSON *identifier =
	    cJSON_GetArrayItem(carnet_json_get(consent, "identifier"), 0);
	const char *id = carnet_json_string(identifier, "value");
	const char *broken;

	if (type == NULL || strcmp(type, "Consent") != 0)
		broken = "resourceType";
	else if (id == NULL || strncmp(id, "urn:uuid:", 9) != 0)
		broken = "identifier";
	else if (cJSON_GetArraySize(carnet_json_get(consent, "category")) == 0)
		broken = "category";
	else
		broken = version == 4 ? check_version_4(consent)
				      : check_version_5(consent);
	if (broken == NULL)
		return CARNET_OK;
	return carnet_fail(err, CARNET_INVALID,
	    CARNET_("FHIR: the consent breaks the rule about %s"), broken);
}
