/* SPDX-License-Identifier: ISC */
/*
 * The vault's own events, persons, cursors, oddities: what becomes of each
 * kind, and that nonsense never stops anything.  vault/index/apply.c.
 */
#include "index_fixture.h"

static void
the_vaults_own_events(void **state)
{
	struct fixture fixture;
	cJSON *log = NULL;

	(void)state;
	fixture_open(&fixture);
	(void)fixture_apply(
	    &fixture, "device.added", NULL, "{'public':'%s'}", FIXTURE_NAME);
	(void)fixture_apply(
	    &fixture, "vault.created", "2026-03-05", "{'carnet':'0.1.0'}");
	(void)fixture_apply(&fixture, "key.changed", NULL,
	    "{'action':'add','slot':'kaaaaaaaa'}");
	(void)fixture_apply(&fixture, "ledger.repaired", NULL, "{'gaps':[]}");
	assert_false(fixture_is_odd(&fixture));
	assert_int_equal(index_log(fixture.index, NULL, &log, NULL), CARNET_OK);
	assert_int_equal(cJSON_GetArraySize(log), 4);
	assert_string_equal(
	    fixture_text(cJSON_GetArrayItem(log, 1), "subject"), "kaaaaaaaa");
	assert_string_equal(
	    fixture_text(cJSON_GetArrayItem(log, 2), "on"), "2026-03-05");
	assert_string_equal(
	    fixture_text(cJSON_GetArrayItem(log, 2), "detail"), "0.1.0");
	cJSON_Delete(log);
	fixture_close(&fixture);
}

static void
persons_are_added_and_edited(void **state)
{
	char id[EVENT_ID_TEXT], other[EVENT_ID_TEXT];
	struct fixture fixture;
	cJSON *person = NULL, *list = NULL;

	(void)state;
	fixture_open(&fixture);
	(void)snprintf(id, sizeof(id), "%s",
	    fixture_apply(&fixture, "person.added", NULL,
		"{'name':'Zoé','born':'1980-05-17','email':'z@example.org'}"));
	(void)snprintf(other, sizeof(other), "%s",
	    fixture_apply(&fixture, "person.added", NULL, "{'name':'Léo'}"));
	/* absent stays, null clears, text sets */
	(void)fixture_apply(&fixture, "person.edited", NULL,
	    "{'person':'%s','email':null,'phone':'01'}", id);
	assert_int_equal(
	    index_person(fixture.index, id, &person, NULL), CARNET_OK);
	fixture_expect(person,
	    "{'id':'%s','name':'Zoé','born':'1980-05-17','birthplace':null,"
	    "'address':null,'email':null,'phone':'01','nir':null}",
	    id);
	(void)fixture_apply(&fixture, "person.represents", NULL,
	    "{'person':'%s','represents':'%s','as':'parent'}", id, other);
	(void)fixture_apply(&fixture, "person.represents", NULL,
	    "{'person':'%s','represents':'%s','as':'guardian',"
	    "'proof':'dxxxx'}",
	    id, other);
	assert_int_equal(
	    index_representations(fixture.index, &list, NULL), CARNET_OK);
	fixture_expect(list,
	    "[{'person':'%s','represents':'%s','as':'guardian',"
	    "'proof':'dxxxx','represents_name':'Léo'}]",
	    id, other);
	assert_false(fixture_is_odd(&fixture));
	fixture_close(&fixture);
}

static void
what_left_and_where(void **state)
{
	struct fixture fixture;
	cJSON *list = NULL;

	(void)state;
	fixture_open(&fixture);
	(void)fixture_apply(&fixture, "export.made", NULL,
	    "{'what':'export','ids':['daaaa'],'recipient':'fr/cnam',"
	    "'format':'original'}");
	(void)fixture_apply(
	    &fixture, "backup.made", NULL, "{'snapshot':'baaaaaaaaaaaa'}");
	(void)fixture_apply(&fixture, "place.trusted", NULL,
	    "{'path':'/srv/x','reason':'first'}");
	(void)fixture_apply(&fixture, "place.trusted", NULL,
	    "{'path':'/srv/x','reason':'mine'}");
	assert_int_equal(index_places(fixture.index, &list, NULL), CARNET_OK);
	fixture_expect(list, "[{'path':'/srv/x','reason':'mine'}]");
	assert_int_equal(index_counts(fixture.index, &list, NULL), CARNET_OK);
	assert_int_equal(carnet_json_get(list, "last_backup_ms")->valuedouble,
	    1772668800002);
	cJSON_Delete(list);
	assert_int_equal(
	    index_disclosures(fixture.index, &list, NULL), CARNET_OK);
	assert_int_equal(cJSON_GetArraySize(list), 1);
	cJSON_Delete(list);
	assert_false(fixture_is_odd(&fixture));
	fixture_close(&fixture);
}

/* What can't be is a row to show: nothing else of the event stays. */
static void
nonsense_is_an_oddity(void **state)
{
	static const struct {
		const char *kind, *payload;
	} cases[] = { { "person.added", "{}" }, { "person.added", "not" },
		{ "person.added", "[1]" }, { "person.added", "{'name':null}" },
		{ "person.edited", "{'person':'pnobody','name':'x'}" },
		{ "person.represents", "{'person':'pnobody','as':'parent'}" },
		{ "document.added", "{'person':'p'}" },
		{ "document.added", "{'person':'p','size':'-1'}" },
		{ "document.added", "{'person':'p','size':'5','content':"
				    "{'size':'5','depth':2,'names':[]}}" },
		{ "document.read", "{'document':'dnone'}" },
		{ "document.edited", "{'document':'dnone','title':'x'}" },
		{ "document.tagged", "{'document':'dnone','add':['x']}" },
		{ "document.noted", "{'document':'dnone','text':'x'}" },
		{ "document.removed", "{'document':'dnone'}" },
		{ "document.restored", "{'document':'dnone'}" },
		{ "decision.made", "{'kind':'perhaps','person':'p',"
				   "'recipient':'fr/pds'}" },
		{ "statement.drafted", "{'decision':'cnone','person':'p'}" },
		{ "statement.step", "{'statement':'snone','kind':'sent'}" },
		{ "export.made", "{}" }, { "place.trusted", "{'path':'x'}" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture;
		cJSON *counts = NULL;
		uint64_t unknown = 7;

		fixture_open(&fixture);
		(void)fixture_apply(&fixture, cases[i].kind, "2026-03-05", "%s",
		    cases[i].payload);
		if (!fixture_is_odd(&fixture))
			fail_msg("%s %s", cases[i].kind, cases[i].payload);
		assert_int_equal(
		    index_counts(fixture.index, &counts, NULL), CARNET_OK);
		fixture_expect(counts,
		    "{'persons':0,'documents':0,'facts':0,'decisions':0,"
		    "'statements':0,'last_backup_ms':null}");
		assert_int_equal(
		    index_unknown_kinds(fixture.index, &unknown, NULL),
		    CARNET_OK);
		assert_int_equal(unknown, 0);
		fixture_close(&fixture);
	}
}

static void
an_unknown_kind_is_counted(void **state)
{
	struct fixture fixture;
	uint64_t unknown = 0;

	(void)state;
	fixture_open(&fixture);
	(void)fixture_apply(&fixture, "future.thing", NULL, "{'x':1}");
	assert_int_equal(
	    index_unknown_kinds(fixture.index, &unknown, NULL), CARNET_OK);
	assert_int_equal(unknown, 1);
	assert_true(fixture_is_odd(&fixture));
	fixture_close(&fixture);
}

/* A purged event stands in the log and changes nothing else. */
static void
a_purged_event_is_a_gap(void **state)
{
	struct event event = { .seq = 4, .lamport = 9, .purged = true };
	const struct ledger_place place = { .segment = 2, .end = 700 };
	struct ledger_cursor *cursors = NULL;
	struct fixture fixture;
	cJSON *log = NULL;
	size_t len = 0;

	(void)state;
	fixture_open(&fixture);
	(void)snprintf(event.kind, sizeof(event.kind), "person.added");
	assert_int_equal(
	    index_apply(fixture.index, &event, &place, NULL, NULL), CARNET_OK);
	assert_false(fixture_is_odd(&fixture));
	assert_int_equal(index_log(fixture.index, NULL, &log, NULL), CARNET_OK);
	assert_true(
	    carnet_json_bool(cJSON_GetArrayItem(log, 0), "purged", false));
	cJSON_Delete(log);
	assert_int_equal(
	    index_cursors(fixture.index, &cursors, &len, NULL), CARNET_OK);
	assert_int_equal(len, 1);
	assert_int_equal(cursors[0].segment, 2);
	assert_int_equal(cursors[0].end, 700);
	assert_int_equal(cursors[0].seq, 4);
	assert_int_equal(cursors[0].lamport, 9);
	free(cursors);
	fixture_close(&fixture);
}

static void
the_newest_event_leads(void **state)
{
	uint8_t device[DEVICE_ID_LEN];
	struct ledger_cursor cursor = { .device = { 9 }, .segment = 3 };
	struct ledger_cursor *cursors = NULL;
	struct fixture fixture;
	uint64_t lamport = 7;
	size_t len = 0;

	(void)state;
	fixture_open(&fixture);
	assert_int_equal(
	    index_newest(fixture.index, &lamport, device, NULL), CARNET_OK);
	assert_int_equal(lamport, 0);
	for (int i = 0; i < 3; i++)
		(void)fixture_apply(&fixture, "vault.created", NULL, "{}");
	assert_int_equal(
	    index_newest(fixture.index, &lamport, device, NULL), CARNET_OK);
	assert_int_equal(lamport, 3);
	assert_int_equal(device[0], 0xd1);
	assert_int_equal(
	    index_set_cursor(fixture.index, &cursor, NULL), CARNET_OK);
	assert_int_equal(
	    index_cursors(fixture.index, &cursors, &len, NULL), CARNET_OK);
	assert_int_equal(len, 2);
	assert_int_equal(cursors[0].segment, 3);
	free(cursors);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vaults_own_events),
		cmocka_unit_test(persons_are_added_and_edited),
		cmocka_unit_test(what_left_and_where),
		cmocka_unit_test(nonsense_is_an_oddity),
		cmocka_unit_test(an_unknown_kind_is_counted),
		cmocka_unit_test(a_purged_event_is_a_gap),
		cmocka_unit_test(the_newest_event_leads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
