/* SPDX-License-Identifier: ISC */
/* Records in the Data Privacy Vocabulary of formats/write/word_record.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "formats.h"

static cJSON *
record(const char *kind, const char *basis, const char *more)
{
	char json[1000], *text = NULL;
	struct carnet_error err;
	cJSON *word, *made;

	(void)snprintf(json, sizeof(json),
	    "{\"id\":\"urn:uuid:1\",\"kind\":\"%s\",\"date\":\"2026-03-05\","
	    "\"lang\":\"fr\",\"title\":\"T\",\"person\":{\"name\":\"A\"},"
	    "\"recipient\":{\"name\":\"Caisse\",\"country\":\"FR\"},"
	    "\"basis\":[{\"id\":\"%s\",\"text\":\"the law\"}]%s}",
	    kind, basis, more);
	word = cJSON_Parse(json);
	assert_non_null(word);
	if (write_word_record(word, &text, &err) != CARNET_OK)
		fail_msg("%s: %s", kind, err.message);
	made = cJSON_Parse(text);
	cJSON_free(text);
	cJSON_Delete(word);
	assert_non_null(made);
	return made;
}

static const cJSON *
event(const cJSON *made, int i)
{
	return cJSON_GetArrayItem(
	    carnet_json_get(made, "dpv:hasConsentStatus"), i);
}

/* The fields that ISO/IEC TS 27560 wants, by their DPV terms. */
static void
a_consent_has_all_that_is_mandatory(void **state)
{
	static const char *const header[] = { "@context", "@id", "@type",
		"dct:identifier", "dct:conformsTo", "dct:created",
		"dpv:hasDataSubject", "dpv:hasDataController", "dpv:hasProcess",
		"dpv:hasConsentStatus" };
	static const char *const process[] = { "dpv:hasNotice",
		"dpv:hasPurpose", "dpv:hasLegalBasis", "dpv:hasPersonalData",
		"dpv:hasDataController", "dpv:hasStorageCondition",
		"dpv:hasJurisdiction", "dpv:hasRecipient",
		"dpv:hasConsentControl" };
	static const char *const party[] = { "dct:identifier", "dpv:hasName",
		"dpv:hasAddress", "dpv:hasContact", "@type" };
	static const char *const one[] = { "dct:date", "dct:valid",
		"dpv:isImplementedByEntity", "dpv:hasLegalBasis", "@type" };
	cJSON *made = record("allow", "rgpd-7-3", "");

	(void)state;
	for (size_t i = 0; i < sizeof(header) / sizeof(header[0]); i++)
		assert_non_null(carnet_json_get(made, header[i]));
	for (size_t i = 0; i < sizeof(process) / sizeof(process[0]); i++)
		assert_non_null(carnet_json_get(
		    carnet_json_get(made, "dpv:hasProcess"), process[i]));
	for (size_t i = 0; i < sizeof(party) / sizeof(party[0]); i++)
		assert_non_null(carnet_json_get(
		    carnet_json_get(made, "dpv:hasDataController"), party[i]));
	for (size_t i = 0; i < sizeof(one) / sizeof(one[0]); i++)
		assert_non_null(carnet_json_get(event(made, 0), one[i]));
	cJSON_Delete(made);
}

static void
each_kind_has_its_state(void **state)
{
	static const char *const cases[][2] = { { "allow", "ConsentGiven" },
		{ "decline", "ConsentRefused" },
		{ "withdraw", "ConsentWithdrawn" } };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		cJSON *made = record(cases[i][0], "rgpd-7-3", "");
		const char *type = carnet_json_string(event(made, 0), "@type");

		assert_string_equal(type + 4, cases[i][1]);
		assert_string_equal(
		    carnet_json_string(made, "@type"), "dpv:ConsentRecord");
		cJSON_Delete(made);
	}
}

static void
a_withdrawal_tells_what_it_ends(void **state)
{
	cJSON *made =
	    record("withdraw", "rgpd-7-3", ",\"since\":\"2025-01-01\"");

	(void)state;
	assert_string_equal(
	    carnet_json_string(event(made, 0), "@type"), "dpv:ConsentGiven");
	assert_string_equal(carnet_json_string(event(made, 1), "@type"),
	    "dpv:ConsentWithdrawn");
	cJSON_Delete(made);
}

static const cJSON *
right(const cJSON *made)
{
	const cJSON *activity =
	    cJSON_GetArrayItem(carnet_json_get(made, "dct:hasPart"), 0);

	return cJSON_GetArrayItem(carnet_json_get(activity, "dpv:hasRight"), 0);
}

static void
an_objection_is_a_right_exercised(void **state)
{
	cJSON *made = record("refuse", "rgpd-21-1", "");
	cJSON *other = record("refuse", "csp-r1111-28", "");

	(void)state;
	assert_string_equal(
	    carnet_json_string(made, "@type"), "dpv:RightExerciseRecord");
	assert_string_equal(
	    carnet_json_string(right(made), "@id"), "eu-gdpr:A21");
	/* another law's right isn't the GDPR's */
	assert_string_equal(
	    carnet_json_string(right(other), "@type"), "dpv:DataSubjectRight");
	assert_null(carnet_json_get(made, "dpv:hasConsentStatus"));
	cJSON_Delete(made);
	cJSON_Delete(other);
}

/* The objection with its last day, and the act that replaces it. */
static void
a_refusal_taken_back_ends_it(void **state)
{
	cJSON *made = record("lift", "rgpd-21-1",
	    ",\"since\":\"2026-01-02\",\"from\":\"2026-04-01\"");
	const cJSON *parts = carnet_json_get(made, "dct:hasPart");
	const cJSON *first = cJSON_GetArrayItem(parts, 0);
	const cJSON *second = cJSON_GetArrayItem(parts, 1);

	(void)state;
	assert_int_equal(cJSON_GetArraySize(parts), 2);
	assert_string_equal(
	    carnet_json_string(carnet_json_get(first, "dct:created"), "@value"),
	    "2026-01-02");
	assert_string_equal(
	    carnet_json_string(
		carnet_json_get(
		    carnet_json_get(first, "dpv:hasScope"), "dct:valid"),
		"@value"),
	    "2026-04-01");
	assert_string_equal(
	    carnet_json_string(
		carnet_json_get(second, "dct:created"), "@value"),
	    "2026-03-05");
	assert_string_equal(
	    carnet_json_string(carnet_json_get(second, "dct:replaces"), "@id"),
	    carnet_json_string(first, "@id"));
	assert_null(carnet_json_get(second, "dpv:hasStatus"));
	cJSON_Delete(made);
	/* no start known, no day of its own: the letter's date ends it */
	made = record("lift", "rgpd-21-1", "");
	first = cJSON_GetArrayItem(carnet_json_get(made, "dct:hasPart"), 0);
	assert_null(carnet_json_get(first, "dct:created"));
	assert_string_equal(
	    carnet_json_string(
		carnet_json_get(
		    carnet_json_get(first, "dpv:hasScope"), "dct:valid"),
		"@value"),
	    "2026-03-05");
	cJSON_Delete(made);
}

static void
what_is_no_decision_has_none(void **state)
{
	cJSON *word = cJSON_Parse("{\"kind\":\"request\"}");
	struct carnet_error err;
	char *text = NULL;

	(void)state;
	assert_int_equal(
	    write_word_record(word, &text, &err), CARNET_UNSUPPORTED);
	assert_null(text);
	cJSON_Delete(word);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_consent_has_all_that_is_mandatory),
		cmocka_unit_test(each_kind_has_its_state),
		cmocka_unit_test(a_withdrawal_tells_what_it_ends),
		cmocka_unit_test(an_objection_is_a_right_exercised),
		cmocka_unit_test(a_refusal_taken_back_ends_it),
		cmocka_unit_test(what_is_no_decision_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
