/* SPDX-License-Identifier: ISC */
/*
 * A statement in the W3C's Data Privacy Vocabulary, as JSON-LD: a consent
 * record after ISO/IEC TS 27560:2023 (w3id.org/dpv/guides/consent-27560), or
 * a right exercised (w3id.org/dpv/guides/rights).  What the standard asks for
 * and the letter doesn't know is said to be unknown.  Contract: formats.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "consent_codes.h"
#include "formats.h"

#define RECORD_RIGHTS 4    /* that a consent leaves */
#define RECORD_EXERCISED 3 /* the first ones: a complaint isn't made yet */

static const struct record_kind {
	const char *kind;
	const char *state; /* of the consent; NULL: a right is exercised */
	const char *type;  /* of the consent */
} record_kinds[] = {
	{ "allow", "dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent" },
	{ "withdraw", "dpv:ConsentWithdrawn",
	    "dpv:ExplicitlyExpressedConsent" },
	{ "decline", "dpv:ConsentRefused", "dpv:Consent" },
	{ "refuse", NULL, NULL },
	{ "lift", NULL, NULL },
};

static const char *
record_text(const cJSON *object, const char *key)
{
	const char *text = carnet_json_string(object, key);

	return text == NULL ? "" : text;
}

static void
record_add(cJSON *object, const char *key, const char *text)
{
	if (text[0] != '\0')
		(void)cJSON_AddStringToObject(object, key, text);
}

static cJSON *
record_node(const char *id)
{
	cJSON *node = cJSON_CreateObject();

	(void)cJSON_AddStringToObject(node, "@id", id);
	return node;
}

static void
record_add_node(cJSON *object, const char *key, const char *id)
{
	(void)cJSON_AddItemToObject(object, key, record_node(id));
}

static void
record_add_day(cJSON *object, const char *key, const char *day)
{
	cJSON *value;

	if (day[0] == '\0')
		return;
	value = cJSON_AddObjectToObject(object, key);
	(void)cJSON_AddStringToObject(value, "@type", "xsd:date");
	(void)cJSON_AddStringToObject(value, "@value", day);
}

/* The record's own id, and a part of it: "urn:uuid:…#subject". */
static cJSON *
record_part(const cJSON *word, const char *part, const char *type)
{
	char id[200];
	cJSON *node;

	(void)snprintf(
	    id, sizeof(id), "%.150s#%s", record_text(word, "id"), part);
	node = record_node(id);
	(void)cJSON_AddStringToObject(node, "@type", type);
	return node;
}

static void
record_add_part(
    cJSON *object, const char *key, const cJSON *word, const char *part)
{
	char id[200];

	(void)snprintf(
	    id, sizeof(id), "%.150s#%s", record_text(word, "id"), part);
	record_add_node(object, key, id);
}

static cJSON *
record_begin(const cJSON *word, const char *type)
{
	static const char *const prefixes[][2] = { { "dpv", CODES_DPV },
		{ "eu-gdpr", "https://w3id.org/dpv/legal/eu/gdpr#" },
		{ "loc", "https://w3id.org/dpv/loc#" },
		{ "dct", "http://purl.org/dc/terms/" },
		{ "prov", "http://www.w3.org/ns/prov#" },
		{ "xsd", "http://www.w3.org/2001/XMLSchema#" } };
	cJSON *record = cJSON_CreateObject();
	cJSON *context = cJSON_AddObjectToObject(record, "@context");

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		(void)cJSON_AddStringToObject(
		    context, prefixes[i][0], prefixes[i][1]);
	record_add(record, "@id", record_text(word, "id"));
	record_add(record, "@type", type);
	record_add(record, "dct:identifier", record_text(word, "id"));
	record_add(record, "dct:title", record_text(word, "title"));
	record_add_day(record, "dct:created", record_text(word, "date"));
	record_add(record, "dct:language", record_text(word, "lang"));
	return record;
}

/* --- who -------------------------------------------------------------------
 */

static cJSON *
record_subject(const cJSON *word)
{
	cJSON *subject = record_part(word, "subject", "dpv:DataSubject");
	const cJSON *signer = carnet_json_get(word, "signer");

	record_add(subject, "dct:identifier", record_text(subject, "@id"));
	record_add(subject, "dpv:hasName",
	    record_text(carnet_json_get(word, "person"), "name"));
	if (signer != NULL) {
		cJSON *node = record_part(word, "signer", "dpv:Representative");

		record_add(node, "dpv:hasName", record_text(signer, "name"));
		(void)cJSON_AddItemToObject(
		    subject, "dpv:hasRepresentative", node);
	}
	return subject;
}

static const char *
record_or_unknown(const char *text)
{
	return text[0] == '\0' ? "not stated in the letter" : text;
}

static cJSON *
record_controller(const cJSON *word)
{
	const cJSON *recipient = carnet_json_get(word, "recipient");
	cJSON *node = record_part(word, "recipient", "dpv:DataController");
	const char *address = record_text(recipient, "address");
	const char *email = record_text(recipient, "email");

	record_add(node, "dct:identifier", record_text(node, "@id"));
	record_add(node, "dpv:hasName", record_text(recipient, "name"));
	record_add(node, "dpv:hasAddress", record_or_unknown(address));
	record_add(node, "dpv:hasContact",
	    email[0] != '\0' ? email : record_or_unknown(address));
	return node;
}

/* --- what ------------------------------------------------------------------
 */

static cJSON *
record_purposes(const cJSON *word)
{
	const cJSON *purpose, *purposes = carnet_json_get(word, "purposes");
	cJSON *list = cJSON_CreateArray(), *node;
	char id[300];

	cJSON_ArrayForEach(purpose, purposes)
	{
		const char *system = record_text(purpose, "system");
		const char *code = record_text(purpose, "code");

		if (strcmp(system, CODES_DPV) == 0)
			(void)snprintf(id, sizeof(id), "dpv:%.200s", code);
		else
			(void)snprintf(
			    id, sizeof(id), "%.200s#%.80s", system, code);
		node = record_node(id);
		(void)cJSON_AddStringToObject(node, "@type", "dpv:Purpose");
		(void)cJSON_AddItemToArray(list, node);
	}
	if (cJSON_GetArraySize(list) == 0) {
		node = cJSON_CreateObject();
		(void)cJSON_AddStringToObject(node, "@type", "dpv:Purpose");
		(void)cJSON_AddStringToObject(
		    node, "dct:description", "every purpose");
		(void)cJSON_AddItemToArray(list, node);
	}
	return list;
}

static cJSON *
record_data(const cJSON *word)
{
	const char *scope = record_text(word, "scope");
	cJSON *node = cJSON_CreateObject();

	(void)cJSON_AddStringToObject(
	    node, "@type", "dpv:SpecialCategoryPersonalData");
	(void)cJSON_AddStringToObject(node, "dct:description",
	    scope[0] == '\0' ? "all health data" : scope);
	return node;
}

/* The articles of the GDPR that the letter rests on, by its bases' ids; for a
 * right of another law, the references themselves. */
static cJSON *
record_rights(const cJSON *word, size_t count)
{
	static const char *const rights[RECORD_RIGHTS][2] = {
		{ "rgpd-7-3", "eu-gdpr:A7-3" }, { "rgpd-21-1", "eu-gdpr:A21" },
		{ "rgpd-21-2", "eu-gdpr:A21" }, { "rgpd-77", "eu-gdpr:A77" }
	};
	cJSON *list = cJSON_CreateArray(), *other, *sources;
	const cJSON *basis, *one;
	bool named = false, known;

	for (size_t i = 0; i < count; i++)
		cJSON_ArrayForEach(basis, carnet_json_get(word, "basis"))
		{
			if (strcmp(record_text(basis, "id"), rights[i][0]) != 0)
				continue;
			known = false;
			cJSON_ArrayForEach(one, list) known =
			    known ||
			    strcmp(record_text(one, "@id"), rights[i][1]) == 0;
			if (!known)
				(void)cJSON_AddItemToArray(
				    list, record_node(rights[i][1]));
			named = named || i < 3;
		}
	if (named)
		return list;
	other = cJSON_CreateObject();
	(void)cJSON_AddStringToObject(other, "@type", "dpv:DataSubjectRight");
	sources = cJSON_AddArrayToObject(other, "dct:source");
	cJSON_ArrayForEach(basis, carnet_json_get(word, "basis"))(void)
	    cJSON_AddItemToArray(
		sources, cJSON_CreateString(record_text(basis, "text")));
	(void)cJSON_AddItemToArray(list, other);
	return list;
}

static void
record_add_country(cJSON *object, const cJSON *word)
{
	const char *country =
	    record_text(carnet_json_get(word, "recipient"), "country");
	char id[16];

	(void)snprintf(id, sizeof(id), "loc:%.2s", country);
	if (country[0] != '\0')
		record_add_node(object, "dpv:hasJurisdiction", id);
	else
		record_add(
		    object, "dpv:hasJurisdiction", record_or_unknown(country));
}

/* --- a consent ---------------------------------------------------------------
 */

static cJSON *
record_process(const cJSON *word, const struct record_kind *kind)
{
	static const char *const unknown[][2] = { { "dpv:StorageLocation",
						      "dpv:hasLocation" },
		{ "dpv:StorageDuration", "dpv:hasDuration" } };
	cJSON *process = record_part(word, "process", "dpv:Process"), *node;
	cJSON *conditions;

	node = cJSON_AddObjectToObject(process, "dpv:hasNotice");
	record_add(node, "@type", "dpv:ConsentNotice");
	record_add(node, "dct:language", record_text(word, "lang"));
	record_add(
	    node, "dct:title", record_or_unknown(record_text(word, "request")));
	(void)cJSON_AddItemToObject(
	    process, "dpv:hasPurpose", record_purposes(word));
	record_add_node(process, "dpv:hasLegalBasis", kind->type);
	(void)cJSON_AddItemToObject(
	    process, "dpv:hasPersonalData", record_data(word));
	record_add_part(process, "dpv:hasDataController", word, "recipient");
	record_add_part(process, "dpv:hasRecipient", word, "recipient");
	conditions = cJSON_AddArrayToObject(process, "dpv:hasStorageCondition");
	for (size_t i = 0; i < 2; i++) {
		node = cJSON_CreateObject();
		record_add(node, "@type", unknown[i][0]);
		record_add(node, unknown[i][1], record_or_unknown(""));
		(void)cJSON_AddItemToArray(conditions, node);
	}
	record_add_country(process, word);
	node = cJSON_AddObjectToObject(process, "dpv:hasConsentControl");
	record_add(node, "@type", "dpv:WithdrawConsent");
	record_add(node, "dpv:isExercisedAt",
	    record_or_unknown(
		record_text(carnet_json_get(word, "recipient"), "address")));
	(void)cJSON_AddItemToObject(
	    process, "dpv:hasRight", record_rights(word, RECORD_RIGHTS));
	return process;
}

static cJSON *
record_event(
    const cJSON *word, const char *state, const char *day, const char *type)
{
	const char *until = record_text(word, "until");
	bool signer = carnet_json_get(word, "signer") != NULL;
	cJSON *event = cJSON_CreateObject();

	record_add(event, "@type", state);
	record_add_day(event, "dct:date", day);
	record_add(event, "dct:valid",
	    until[0] == '\0' ? "until it is withdrawn" : until);
	record_add_node(event, "dpv:hasLegalBasis", type);
	record_add_part(event, "dpv:isImplementedByEntity", word,
	    signer ? "signer" : "subject");
	record_add(event, "dpv:hasIndicationMethod", "a signed letter");
	return event;
}

static cJSON *
record_consent(const cJSON *word, const struct record_kind *kind)
{
	cJSON *record = record_begin(word, "dpv:ConsentRecord"), *events;
	const char *since = record_text(word, "since");

	record_add_node(record, "dct:conformsTo",
	    "https://w3id.org/dpv/schema/dpv-27560#record");
	(void)cJSON_AddItemToObject(
	    record, "dpv:hasDataSubject", record_subject(word));
	(void)cJSON_AddItemToObject(
	    record, "dpv:hasDataController", record_controller(word));
	(void)cJSON_AddItemToObject(
	    record, "dpv:hasProcess", record_process(word, kind));
	events = cJSON_AddArrayToObject(record, "dpv:hasConsentStatus");
	if (strcmp(kind->kind, "withdraw") == 0 && since[0] != '\0')
		(void)cJSON_AddItemToArray(events,
		    record_event(word, "dpv:ConsentGiven", since, kind->type));
	(void)cJSON_AddItemToArray(
	    events, record_event(word, kind->state, record_text(word, "date"),
			kind->type));
	return record;
}

/* --- a right exercised -------------------------------------------------------
 */

/* The record's beginning: who, and to whom. */
static cJSON *
record_of_rights(const cJSON *word)
{
	cJSON *record = record_begin(word, "dpv:RightExerciseRecord");

	(void)cJSON_AddItemToObject(
	    record, "dpv:hasDataSubject", record_subject(word));
	(void)cJSON_AddItemToObject(
	    record, "dpv:hasDataController", record_controller(word));
	return record;
}

/* An act of exercising the right, on that day. */
static cJSON *
record_activity(
    const cJSON *word, const char *part, const char *text, const char *day)
{
	cJSON *activity = record_part(word, part, ""), *types;
	bool signer = carnet_json_get(word, "signer") != NULL;

	cJSON_DeleteItemFromObjectCaseSensitive(activity, "@type");
	types = cJSON_AddArrayToObject(activity, "@type");
	(void)cJSON_AddItemToArray(
	    types, cJSON_CreateString("dpv:RightExerciseActivity"));
	(void)cJSON_AddItemToArray(types, cJSON_CreateString("prov:Activity"));
	record_add(activity, "dct:description", text);
	record_add_day(activity, "dct:created", day);
	(void)cJSON_AddItemToObject(
	    activity, "dpv:hasRight", record_rights(word, RECORD_EXERCISED));
	record_add_part(activity, "dpv:hasDataSubject", word, "subject");
	record_add_part(
	    activity, "dpv:hasRecipientDataController", word, "recipient");
	record_add_part(activity, "prov:wasAssociatedWith", word,
	    signer ? "signer" : "subject");
	record_add_country(activity, word);
	return activity;
}

/* The objection itself: its status, what it covers, until when. */
static cJSON *
record_objection(
    const cJSON *word, const char *text, const char *day, const char *until)
{
	cJSON *activity = record_activity(word, "exercise", text, day), *scope;

	record_add_node(activity, "dpv:hasStatus", "dpv:RequestInitiated");
	scope = cJSON_AddObjectToObject(activity, "dpv:hasScope");
	(void)cJSON_AddItemToObject(
	    scope, "dpv:hasPurpose", record_purposes(word));
	(void)cJSON_AddItemToObject(
	    scope, "dpv:hasPersonalData", record_data(word));
	record_add_day(scope, "dct:valid", until);
	return activity;
}

static cJSON *
record_exercise(const cJSON *word)
{
	cJSON *record = record_of_rights(word);

	(void)cJSON_AddItemToArray(
	    cJSON_AddArrayToObject(record, "dct:hasPart"),
	    record_objection(word, record_text(word, "title"),
		record_text(word, "date"), record_text(word, "until")));
	return record;
}

/*
 * An objection taken back: the objection, whose scope ends that day, and the
 * act that replaces it.  DPV's statuses say how a request is dealt with, and
 * none that it is taken back: the act has none.
 */
static cJSON *
record_lift(const cJSON *word)
{
	cJSON *record = record_of_rights(word), *parts, *lifting;
	const char *end = record_text(word, "from");

	if (end[0] == '\0')
		end = record_text(word, "date");
	parts = cJSON_AddArrayToObject(record, "dct:hasPart");
	(void)cJSON_AddItemToArray(
	    parts, record_objection(
		       word, "the objection", record_text(word, "since"), end));
	lifting = record_activity(word, "lifting", record_text(word, "title"),
	    record_text(word, "date"));
	record_add_part(lifting, "dpv:isAfter", word, "exercise");
	record_add_part(lifting, "dct:replaces", word, "exercise");
	(void)cJSON_AddItemToArray(parts, lifting);
	return record;
}

enum carnet_status
write_word_record(const cJSON *word, char **ret_text, struct carnet_error *err)
{
	const struct record_kind *kind = NULL;
	cJSON *record;
	char *text;

	for (size_t i = 0; i < sizeof(record_kinds) / sizeof(record_kinds[0]);
	     i++)
		if (strcmp(record_kinds[i].kind, record_text(word, "kind")) ==
		    0)
			kind = &record_kinds[i];
	if (kind == NULL)
		return carnet_fail(err, CARNET_UNSUPPORTED,
		    CARNET_("only a refusal, a form declined, a consent, and "
			    "what takes one back have a record"));
	if (strcmp(kind->kind, "lift") == 0)
		record = record_lift(word);
	else
		record = kind->state == NULL ? record_exercise(word)
					     : record_consent(word, kind);
	text = cJSON_Print(record);
	cJSON_Delete(record);
	if (text == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a record"));
	*ret_text = text;
	return CARNET_OK;
}
