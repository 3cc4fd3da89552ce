/* SPDX-License-Identifier: ISC */
/* FHIR Consent of formats/write/consent_fhir.c and the checks beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"

#define ID "urn:uuid:86acbf6b-dde8-8242-b13b-4544adbc394f"

static cJSON *
word(const char *kind, const char *more)
{
	char json[2000];
	cJSON *made;

	(void)snprintf(json, sizeof(json),
	    "{\"id\":\"" ID "\",\"kind\":\"%s\",\"date\":\"2026-03-05\","
	    "\"lang\":\"fr\",\"title\":\"Opposition\","
	    "\"person\":{\"name\":\"Anne Onyme\",\"born\":\"1980-02-29\"},"
	    "\"recipient\":{\"name\":\"Caisse\",\"country\":\"FR\"},"
	    "\"basis\":[{\"id\":\"rgpd-21-1\",\"text\":\"RGPD, 21\"}]%s}",
	    kind, more);
	made = cJSON_Parse(json);
	assert_non_null(made);
	return made;
}

#define RESEARCH                                                               \
	",\"purposes\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/"  \
	"v3-ActReason\",\"code\":\"HRESCH\"}]"

static cJSON *
consent(const char *kind, int version, const char *more)
{
	cJSON *from = word(kind, more), *made;
	struct carnet_error err;
	char *text = NULL;

	if (write_consent(from, version, &text, &err) != CARNET_OK)
		fail_msg("%s: %s", kind, err.message);
	made = cJSON_Parse(text);
	assert_non_null(made);
	cJSON_free(text);
	cJSON_Delete(from);
	return made;
}

static const cJSON *
nested(const cJSON *made)
{
	return cJSON_GetArrayItem(
	    carnet_json_get(carnet_json_get(made, "provision"), "provision"),
	    0);
}

static const char *
rule(const cJSON *made)
{
	const cJSON *coding = cJSON_GetArrayItem(
	    carnet_json_get(carnet_json_get(made, "policyRule"), "coding"), 0);

	return carnet_json_string(coding, "code");
}

static void
each_kind_has_its_form(void **state)
{
	static const struct {
		const char *kind, *more, *status, *type, *rule, *status5,
		    *decision5;
	} cases[] = {
		{ "refuse", RESEARCH, "active", "deny", "IMPLIEDD", "active",
		    "permit" },
		{ "refuse", "", "active", "deny", "OPTOUT", "active", "deny" },
		{ "decline", "", "rejected", "deny", "OPTIN", "not-done",
		    "deny" },
		{ "allow", RESEARCH, "active", "permit", "OPTIN", "active",
		    "deny" },
		{ "allow", "", "active", "permit", "OPTIN", "active",
		    "permit" },
		{ "withdraw", ",\"since\":\"2025-01-01\"", "inactive", "permit",
		    "OPTIN", "inactive", "permit" },
		{ "lift", "", "inactive", "deny", "OPTOUT", "inactive",
		    "deny" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cJSON *made = consent(cases[i].kind, 4, cases[i].more);
		cJSON *made5 = consent(cases[i].kind, 5, cases[i].more);

		assert_string_equal(
		    carnet_json_string(made, "status"), cases[i].status);
		assert_string_equal(
		    carnet_json_string(nested(made), "type"), cases[i].type);
		assert_null(carnet_json_get(
		    carnet_json_get(made, "provision"), "type"));
		assert_string_equal(rule(made), cases[i].rule);
		assert_string_equal(
		    carnet_json_string(made5, "status"), cases[i].status5);
		assert_string_equal(
		    carnet_json_string(made5, "decision"), cases[i].decision5);
		/* the whole is the decision, a part an exception to it */
		assert_int_equal(
		    cJSON_GetArraySize(carnet_json_get(made5, "provision")),
		    strstr(cases[i].more, "purposes") != NULL ? 1 : 0);
		cJSON_Delete(made);
		cJSON_Delete(made5);
	}
}

static void
what_is_taken_back_has_ended(void **state)
{
	cJSON *made = consent("withdraw", 4, ",\"since\":\"2025-01-01\"");
	const cJSON *period = carnet_json_get(nested(made), "period");

	(void)state;
	assert_string_equal(carnet_json_string(period, "start"), "2025-01-01");
	assert_string_equal(carnet_json_string(period, "end"), "2026-03-05");
	cJSON_Delete(made);
}

static void
a_parent_performs_for_the_child(void **state)
{
	cJSON *made = consent(
	    "refuse", 4, ",\"signer\":{\"name\":\"A\",\"as\":\"parent\"}");
	cJSON *made5 = consent(
	    "refuse", 5, ",\"signer\":{\"name\":\"A\",\"as\":\"parent\"}");

	(void)state;
	assert_string_equal(
	    carnet_json_string(carnet_json_get(made, "patient"), "reference"),
	    "#pat");
	assert_string_equal(
	    carnet_json_string(
		cJSON_GetArrayItem(carnet_json_get(made, "performer"), 0),
		"reference"),
	    "#signer");
	assert_string_equal(
	    carnet_json_string(
		cJSON_GetArrayItem(carnet_json_get(made5, "grantor"), 0),
		"reference"),
	    "#signer");
	cJSON_Delete(made);
	cJSON_Delete(made5);
}

/* Breaks one member of a good consent and names the rule. */
static void
broken(int version, const char *path, const char *value, const char *rule_name)
{
	cJSON *made = consent("refuse", version, RESEARCH), *at = made;
	struct carnet_error err;
	char copy[100], *save = NULL, *part, *next;

	(void)snprintf(copy, sizeof(copy), "%s", path);
	part = strtok_r(copy, ".", &save);
	while ((next = strtok_r(NULL, ".", &save)) != NULL) {
		at = cJSON_GetObjectItemCaseSensitive(at, part);
		while (cJSON_IsArray(at))
			at = cJSON_GetArrayItem(at, 0);
		assert_non_null(at);
		part = next;
	}
	cJSON_DeleteItemFromObjectCaseSensitive(at, part);
	if (value != NULL)
		(void)cJSON_AddItemToObject(at, part, cJSON_Parse(value));
	assert_int_equal(check_consent(made, version, &err), CARNET_INVALID);
	if (strstr(err.message, rule_name) == NULL)
		fail_msg("%s: %s", path, err.message);
	cJSON_Delete(made);
}

static void
the_checks_find_what_the_schema_misses(void **state)
{
	cJSON *made = consent("refuse", 4, "");
	struct carnet_error err;

	(void)state;
	broken(4, "resourceType", "\"Patient\"", "resourceType");
	broken(4, "status", NULL, "status");
	broken(4, "status", "\"agreed\"", "status");
	broken(4, "patient", NULL, "patient");
	broken(4, "patient.reference", "\"#dest\"", "patient");
	broken(4, "patient.reference", "\"#nobody\"", "patient");
	broken(4, "scope", NULL, "scope");
	broken(4, "category", "[]", "category");
	broken(4, "identifier", NULL, "identifier");
	broken(4, "dateTime", "\"2026-02-30\"", "dateTime");
	broken(4, "policyRule.coding.code", "\"MAYBE\"", "policyRule");
	broken(4, "provision.type", "\"deny\"", "provision.type");
	broken(4, "provision.provision.type", NULL, "provision.type");
	broken(4, "provision.provision.actor.role", NULL, "provision.actor");
	broken(4, "provision.provision.action.coding.code", "\"eat\"",
	    "provision.action");
	broken(4, "provision.provision.purpose.system", "\"x\"",
	    "provision.purpose");
	broken(4, "provision.provision.period.start", "\"2026-13-01\"",
	    "provision.period");
	broken(5, "subject", NULL, "subject");
	broken(5, "decision", "\"maybe\"", "decision");
	broken(5, "status", "\"rejected\"", "status");
	broken(5, "patient", "{}", "patient");
	broken(5, "regulatoryBasis.coding.code", "\"X\"", "regulatoryBasis");
	broken(5, "provision.type", "\"deny\"", "provision.type");
	/* ppc-1: policy or policyRule */
	cJSON_DeleteItemFromObjectCaseSensitive(made, "policyRule");
	assert_int_equal(check_consent(made, 4, &err), CARNET_OK);
	cJSON_DeleteItemFromObjectCaseSensitive(made, "policy");
	assert_int_equal(check_consent(made, 4, &err), CARNET_INVALID);
	assert_non_null(strstr(err.message, "ppc-1"));
	cJSON_Delete(made);
}

static void
what_cannot_be_is_refused(void **state)
{
	cJSON *good = word("refuse", ""), *kind = word("maybe", "");
	cJSON *day = word("refuse", "");
	struct carnet_error err;
	char *text = NULL;

	(void)state;
	assert_int_equal(
	    write_consent(good, 3, &text, &err), CARNET_UNSUPPORTED);
	assert_int_equal(write_consent(kind, 4, &text, &err), CARNET_INVALID);
	cJSON_DeleteItemFromObjectCaseSensitive(day, "date");
	assert_int_equal(write_consent(day, 4, &text, &err), CARNET_INVALID);
	assert_null(text);
	cJSON_Delete(good);
	cJSON_Delete(kind);
	cJSON_Delete(day);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_its_form),
		cmocka_unit_test(what_is_taken_back_has_ended),
		cmocka_unit_test(a_parent_performs_for_the_child),
		cmocka_unit_test(the_checks_find_what_the_schema_misses),
		cmocka_unit_test(what_cannot_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
