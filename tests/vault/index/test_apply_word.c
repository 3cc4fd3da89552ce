/* SPDX-License-Identifier: ISC */
/*
 * Recipients, decisions, statements and their steps, from event to row and
 * to what is asked.  vault/index/apply_word.c, query_word.c.
 */
#include "index_fixture.h"

static void
recipients_gather_what_is_said(void **state)
{
	struct fixture fixture;
	cJSON *list = NULL;

	(void)state;
	fixture_open(&fixture);
	(void)fixture_apply(&fixture, "recipient.set", NULL,
	    "{'recipient':'fr/caisse','name':'CPAM','region':'75',"
	    "'public':'yes'}");
	(void)fixture_apply(&fixture, "recipient.set", NULL,
	    "{'recipient':'fr/caisse','address':'rue A','region':'69'}");
	assert_int_equal(
	    index_recipients(fixture.index, &list, NULL), CARNET_OK);
	fixture_expect(list,
	    "[{'id':'fr/caisse','name':'CPAM','address':'rue A',"
	    "'region':'69','email':null,'country':null,"
	    "'public':'yes'}]");
	assert_false(fixture_is_odd(&fixture));
	fixture_close(&fixture);
}

static void
decisions_keep_all_they_say(void **state)
{
	char person[EVENT_ID_TEXT], document[EVENT_ID_TEXT];
	char first[EVENT_ID_TEXT], second[EVENT_ID_TEXT];
	struct fixture fixture;
	cJSON *list = NULL, *filter = cJSON_CreateObject();

	(void)state;
	fixture_open(&fixture);
	fixture_people(&fixture, person, document);
	(void)snprintf(first, sizeof(first), "%s",
	    fixture_apply(&fixture, "decision.made", "2026-03-05",
		"{'kind':'refuse','person':'%s','recipient':'fr/pds',"
		"'purposes':['research'],'scope':'all','from':'2026-03-05',"
		"'until':null,'reason':'r','basis':['RGPD 21'],"
		"'proof':'%s'}",
		person, document));
	(void)snprintf(second, sizeof(second), "%s",
	    fixture_apply(&fixture, "decision.made", "2026-04-01",
		"{'kind':'withdraw','person':'%s','recipient':'fr/pds',"
		"'withdraws':'%s'}",
		person, first));
	assert_int_equal(
	    index_decisions(fixture.index, NULL, &list, NULL), CARNET_OK);
	assert_int_equal(cJSON_GetArraySize(list), 2);
	assert_string_equal(
	    fixture_text(cJSON_GetArrayItem(list, 1), "made"), "2026-04-01");
	assert_string_equal(
	    fixture_text(cJSON_GetArrayItem(list, 1), "withdraws"), first);
	fixture_expect(
	    cJSON_Duplicate(
		carnet_json_get(cJSON_GetArrayItem(list, 0), "purposes"), 1),
	    "['research']");
	cJSON_Delete(list);
	(void)cJSON_AddStringToObject(filter, "id", second);
	assert_int_equal(
	    index_decisions(fixture.index, filter, &list, NULL), CARNET_OK);
	assert_int_equal(cJSON_GetArraySize(list), 1);
	cJSON_Delete(list);
	cJSON_Delete(filter);
	assert_false(fixture_is_odd(&fixture));
	fixture_close(&fixture);
}

static void
statements_and_their_steps(void **state)
{
	char person[EVENT_ID_TEXT], document[EVENT_ID_TEXT];
	char id[EVENT_ID_TEXT];
	struct content content = { 0 };
	struct fixture fixture;
	const cJSON *row;
	cJSON *list = NULL;

	(void)state;
	fixture_open(&fixture);
	fixture_people(&fixture, person, document);
	(void)snprintf(id, sizeof(id), "%s",
	    fixture_apply(&fixture, "statement.drafted", "2026-03-05",
		"{'person':'%s','template':'snds-opposition',"
		"'recipient':'fr/caisse','channel':'ameli','lang':'fr'}",
		person));
	assert_int_equal(
	    index_statement_frozen(fixture.index, id, &content, NULL),
	    CARNET_NOT_FOUND);
	(void)fixture_apply(&fixture, "statement.step", "2026-03-06",
	    "{'statement':'%s','kind':'sent','via':'registered',"
	    "'frozen':%s}",
	    id, FIXTURE_CONTENT);
	(void)fixture_apply(&fixture, "statement.step", "2026-04-01",
	    "{'statement':'%s','kind':'answered','outcome':'granted',"
	    "'via':'email','proof':'%s'}",
	    id, document);
	assert_int_equal(
	    index_statements(fixture.index, NULL, &list, NULL), CARNET_OK);
	row = cJSON_GetArrayItem(list, 0);
	assert_string_equal(fixture_text(row, "channel"), "registered");
	assert_true(carnet_json_bool(row, "frozen", false));
	fixture_expect(cJSON_Duplicate(carnet_json_get(row, "steps"), 1),
	    "[{'kind':'sent','on':'2026-03-06','via':'registered',"
	    "'outcome':null,'reason':null,'proof':null},"
	    "{'kind':'answered','on':'2026-04-01','via':'email',"
	    "'outcome':'granted','reason':null,'proof':'%s'}]",
	    document);
	cJSON_Delete(list);
	assert_int_equal(
	    index_statement_frozen(fixture.index, id, &content, NULL),
	    CARNET_OK);
	assert_int_equal(content.size, 5);
	content_clear(&content);
	assert_false(fixture_is_odd(&fixture));
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipients_gather_what_is_said),
		cmocka_unit_test(decisions_keep_all_they_say),
		cmocka_unit_test(statements_and_their_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
