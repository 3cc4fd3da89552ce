/* SPDX-License-Identifier: ISC */
/*
 * A statement as FHIR Consent, R4 and R5 (hl7.org/fhir/R4/consent.html).
 * Knows no vault and no letter's words.  The contract is in formats.h.
 */
#include <errno.h>
#include <string.h>

#include "consent_codes.h"
#include "formats.h"

/* How each kind of word is said. */
static const struct consent_kind {
	const char *kind;
	const char *status4, *status5;
	const char *type;     /* of the nested provision */
	const char *rule;     /* about some purposes or data */
	const char *rule_all; /* about everything */
	bool ended;           /* taken back: it held until the date */
} consent_kinds[] = {
	{ "refuse", "active", "active", "deny", "IMPLIEDD", "OPTOUT", false },
	{ "decline", "rejected", "not-done", "deny", "OPTIN", "OPTIN", false },
	{ "allow", "active", "active", "permit", "OPTIN", "OPTIN", false },
	{ "withdraw", "inactive", "inactive", "permit", "OPTIN", "OPTIN",
	    true },
	{ "lift", "inactive", "inactive", "deny", "IMPLIEDD", "OPTOUT", true },
};

struct consent {
	const cJSON *word;
	const struct consent_kind *kind;
	int version;
	bool all; /* every purpose, all data */
};

static cJSON *
consent_concept(const char *system, const char *code)
{
	cJSON *concept = cJSON_CreateObject(), *coding = cJSON_CreateObject();

	(void)cJSON_AddStringToObject(coding, "system", system);
	(void)cJSON_AddStringToObject(coding, "code", code);
	(void)cJSON_AddItemToArray(
	    cJSON_AddArrayToObject(concept, "coding"), coding);
	return concept;
}

static cJSON *
consent_reference(const char *reference)
{
	cJSON *object = cJSON_CreateObject();

	(void)cJSON_AddStringToObject(object, "reference", reference);
	return object;
}

static void
consent_add_one(cJSON *object, const char *key, cJSON *item)
{
	(void)cJSON_AddItemToArray(cJSON_AddArrayToObject(object, key), item);
}

/* A text, unless there is none: FHIR has no empty strings. */
static void
consent_add_text(
    cJSON *object, const char *key, const cJSON *from, const char *name)
{
	const char *text = carnet_json_string(from, name);

	if (text != NULL && text[0] != '\0')
		(void)cJSON_AddStringToObject(object, key, text);
}

/* --- who -------------------------------------------------------------------
 */

static cJSON *
consent_contained(const char *type, const char *id)
{
	cJSON *resource = cJSON_CreateObject();

	(void)cJSON_AddStringToObject(resource, "resourceType", type);
	(void)cJSON_AddStringToObject(resource, "id", id);
	return resource;
}

static void
consent_add_name(cJSON *resource, const cJSON *person)
{
	cJSON *name = cJSON_CreateObject();

	consent_add_text(name, "text", person, "name");
	if (name->child == NULL)
		cJSON_Delete(name);
	else
		consent_add_one(resource, "name", name);
}

static cJSON *
consent_signer(const cJSON *signer)
{
	const char *as = carnet_json_string(signer, "as");
	cJSON *related = consent_contained("RelatedPerson", "signer");
	cJSON *role = NULL;

	(void)cJSON_AddItemToObject(
	    related, "patient", consent_reference("#pat"));
	if (as != NULL && strcmp(as, "parent") == 0)
		role = consent_concept(CODES_ROLE, "PRN");
	else if (as != NULL && strcmp(as, "guardian") == 0)
		role = consent_concept(CODES_ROLE, "GUARD");
	else if (as != NULL && as[0] != '\0') {
		role = cJSON_CreateObject();
		(void)cJSON_AddStringToObject(role, "text", as);
	}
	if (role != NULL)
		consent_add_one(related, "relationship", role);
	consent_add_name(related, signer);
	return related;
}

static cJSON *
consent_organization(const cJSON *recipient)
{
	cJSON *organization = consent_contained("Organization", "dest");
	cJSON *address = cJSON_CreateObject();

	consent_add_text(organization, "name", recipient, "name");
	consent_add_text(address, "text", recipient, "address");
	consent_add_text(address, "country", recipient, "country");
	if (address->child == NULL)
		cJSON_Delete(address);
	else
		consent_add_one(organization, "address", address);
	return organization;
}

static void
consent_add_contained(const struct consent *consent, cJSON *resource)
{
	const cJSON *person = carnet_json_get(consent->word, "person");
	const cJSON *signer = carnet_json_get(consent->word, "signer");
	cJSON *list = cJSON_AddArrayToObject(resource, "contained");
	cJSON *patient = consent_contained("Patient", "pat");

	consent_add_name(patient, person);
	consent_add_text(patient, "birthDate", person, "born");
	(void)cJSON_AddItemToArray(list, patient);
	if (signer != NULL)
		(void)cJSON_AddItemToArray(list, consent_signer(signer));
	(void)cJSON_AddItemToArray(list,
	    consent_organization(carnet_json_get(consent->word, "recipient")));
}

/* --- what ------------------------------------------------------------------
 */

static cJSON *
consent_period(const struct consent *consent)
{
	const cJSON *word = consent->word;
	const char *from = carnet_json_string(word, "from");
	cJSON *period = cJSON_CreateObject();

	if (consent->kind->ended) {
		consent_add_text(period, "start", word, "since");
		consent_add_text(period, "end", word, "date");
		return period;
	}
	consent_add_text(period, "start", word,
	    from != NULL && from[0] != '\0' ? "from" : "date");
	consent_add_text(period, "end", word, "until");
	return period;
}

static cJSON *
consent_actor(void)
{
	cJSON *actor = cJSON_CreateObject();

	(void)cJSON_AddItemToObject(
	    actor, "role", consent_concept(CODES_PARTICIPATION, "PRCP"));
	(void)cJSON_AddItemToObject(
	    actor, "reference", consent_reference("#dest"));
	return actor;
}

/* Who, when, to do what, what for, with which data. */
static cJSON *
consent_provision(const struct consent *consent)
{
	static const char *const actions[] = { "use", "disclose" };
	const cJSON *purpose,
	    *purposes = carnet_json_get(consent->word, "purposes");
	cJSON *provision = cJSON_CreateObject(), *list;

	if (consent->version == 4)
		(void)cJSON_AddStringToObject(
		    provision, "type", consent->kind->type);
	(void)cJSON_AddItemToObject(
	    provision, "period", consent_period(consent));
	consent_add_one(provision, "actor", consent_actor());
	list = cJSON_AddArrayToObject(provision, "action");
	for (size_t i = 0; i < 2; i++)
		(void)cJSON_AddItemToArray(
		    list, consent_concept(CODES_ACTION, actions[i]));
	if (cJSON_GetArraySize(purposes) > 0) {
		list = cJSON_AddArrayToObject(provision, "purpose");
		cJSON_ArrayForEach(purpose, purposes)
		{
			cJSON *coding = cJSON_CreateObject();

			consent_add_text(coding, "system", purpose, "system");
			consent_add_text(coding, "code", purpose, "code");
			(void)cJSON_AddItemToArray(list, coding);
		}
	}
	if (carnet_json_string(consent->word, "scope") != NULL) {
		cJSON *code = cJSON_CreateObject();

		consent_add_text(code, "text", consent->word, "scope");
		consent_add_one(provision, "code", code);
	}
	return provision;
}

/* --- by which law ------------------------------------------------------------
 */

/* Texts that have an address of their own, by the beginning of a basis' id. */
static const struct {
	const char *prefix, *uri;
} consent_laws[] = {
	{ "rgpd-", "https://eur-lex.europa.eu/eli/reg/2016/679/oj" },
	{ "ehds-", "https://eur-lex.europa.eu/eli/reg/2025/327/oj" },
};

static const char *
consent_law(const cJSON *word)
{
	const cJSON *basis;

	for (size_t i = 0; i < sizeof(consent_laws) / sizeof(consent_laws[0]);
	     i++)
		cJSON_ArrayForEach(basis, carnet_json_get(word, "basis"))
		{
			const char *id = carnet_json_string(basis, "id");
			const char *prefix = consent_laws[i].prefix;

			if (id != NULL &&
			    strncmp(id, prefix, strlen(prefix)) == 0)
				return consent_laws[i].uri;
		}
	return NULL;
}

static cJSON *
consent_rule(const struct consent *consent)
{
	return consent_concept(CODES_ACT,
	    consent->all ? consent->kind->rule_all : consent->kind->rule);
}

static cJSON *
consent_attachment(const cJSON *word)
{
	cJSON *attachment = cJSON_CreateObject();

	(void)cJSON_AddStringToObject(
	    attachment, "contentType", "application/pdf");
	consent_add_text(attachment, "language", word, "lang");
	consent_add_text(attachment, "title", word, "title");
	return attachment;
}

/* --- the two versions
 * ---------------------------------------------------------
 */

static void
consent_finish_4(const struct consent *consent, cJSON *resource)
{
	const cJSON *word = consent->word;
	const char *law = consent_law(word);
	bool signer = carnet_json_get(word, "signer") != NULL;
	cJSON *policy = cJSON_CreateObject(), *root = cJSON_CreateObject();

	(void)cJSON_AddItemToObject(
	    resource, "scope", consent_concept(CODES_SCOPE, "patient-privacy"));
	(void)cJSON_AddItemToObject(
	    resource, "patient", consent_reference("#pat"));
	consent_add_text(resource, "dateTime", word, "date");
	consent_add_one(resource, "performer",
	    consent_reference(signer ? "#signer" : "#pat"));
	(void)cJSON_AddItemToObject(
	    resource, "sourceAttachment", consent_attachment(word));
	if (law != NULL) {
		(void)cJSON_AddStringToObject(policy, "uri", law);
		consent_add_one(resource, "policy", policy);
	} else {
		cJSON_Delete(policy);
	}
	(void)cJSON_AddItemToObject(
	    resource, "policyRule", consent_rule(consent));
	consent_add_one(root, "provision", consent_provision(consent));
	(void)cJSON_AddItemToObject(resource, "provision", root);
}

/*
 * R5's provisions are exceptions to the base decision.  A word about all of
 * it is the decision itself; about a part, the exception, and the decision is
 * its opposite.
 */
static void
consent_finish_5(const struct consent *consent, cJSON *resource)
{
	const cJSON *word = consent->word;
	const char *law = consent_law(word);
	bool signer = carnet_json_get(word, "signer") != NULL;
	bool deny = strcmp(consent->kind->type, "deny") == 0;
	cJSON *basis;

	(void)cJSON_AddItemToObject(
	    resource, "subject", consent_reference("#pat"));
	consent_add_text(resource, "date", word, "date");
	(void)cJSON_AddItemToObject(
	    resource, "period", consent_period(consent));
	consent_add_one(resource, "grantor",
	    consent_reference(signer ? "#signer" : "#pat"));
	consent_add_one(resource, "grantee", consent_reference("#dest"));
	consent_add_one(resource, "sourceAttachment", consent_attachment(word));
	consent_add_one(resource, "regulatoryBasis", consent_rule(consent));
	if (law != NULL) {
		basis = cJSON_AddObjectToObject(resource, "policyBasis");
		(void)cJSON_AddStringToObject(basis, "url", law);
	}
	(void)cJSON_AddStringToObject(
	    resource, "decision", deny == consent->all ? "deny" : "permit");
	if (!consent->all)
		consent_add_one(
		    resource, "provision", consent_provision(consent));
}

static cJSON *
consent_resource(const struct consent *consent)
{
	cJSON *resource = cJSON_CreateObject();
	cJSON *identifier = cJSON_CreateObject(), *category;

	(void)cJSON_AddStringToObject(resource, "resourceType", "Consent");
	consent_add_contained(consent, resource);
	(void)cJSON_AddStringToObject(
	    identifier, "system", "urn:ietf:rfc:3986");
	consent_add_text(identifier, "value", consent->word, "id");
	consent_add_one(resource, "identifier", identifier);
	(void)cJSON_AddStringToObject(resource, "status",
	    consent->version == 4 ? consent->kind->status4
				  : consent->kind->status5);
	category = cJSON_AddArrayToObject(resource, "category");
	(void)cJSON_AddItemToArray(
	    category, consent_concept(CODES_LOINC, "59284-0"));
	(void)cJSON_AddItemToArray(
	    category, consent_concept(CODES_ACT, "IDSCL"));
	if (consent->version == 4)
		consent_finish_4(consent, resource);
	else
		consent_finish_5(consent, resource);
	return resource;
}

static const struct consent_kind *
consent_kind_find(const char *kind)
{
	for (size_t i = 0; i < sizeof(consent_kinds) / sizeof(consent_kinds[0]);
	     i++)
		if (kind != NULL && strcmp(consent_kinds[i].kind, kind) == 0)
			return &consent_kinds[i];
	return NULL;
}

enum carnet_status
write_consent(
    const cJSON *word, int version, char **ret_text, struct carnet_error *err)
{
	struct consent consent = { word,
		consent_kind_find(carnet_json_string(word, "kind")), version,
		carnet_json_string(word, "scope") == NULL &&
		    cJSON_GetArraySize(carnet_json_get(word, "purposes")) ==
			0 };
	enum carnet_status status;
	cJSON *resource;
	char *text;

	if (version != 4 && version != 5)
		return carnet_fail(err, CARNET_UNSUPPORTED,
		    CARNET_("FHIR: only versions 4 and 5"));
	if (consent.kind == NULL)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("FHIR: this isn't the word of a decision"));
	resource = consent_resource(&consent);
	status = check_consent(resource, version, err);
	text = status == CARNET_OK ? cJSON_Print(resource) : NULL;
	cJSON_Delete(resource);
	if (status != CARNET_OK)
		return status;
	if (text == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a record"));
	*ret_text = text;
	return CARNET_OK;
}
