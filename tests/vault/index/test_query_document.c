/* SPDX-License-Identifier: ISC */
/*
 * Ids and their beginnings, lists and their filters, duplicates, contents.
 * vault/index/query_document.c.
 */
#include "index_fixture.h"

static void
ids_resolve_by_their_beginning(void **state)
{
	char person[EVENT_ID_TEXT], document[EVENT_ID_TEXT];
	char found[EVENT_ID_TEXT], prefix[EVENT_ID_TEXT];
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture);
	fixture_people(&fixture, person, document);
	for (size_t len = 2; len < EVENT_ID_TEXT; len++) {
		(void)snprintf(
		    prefix, sizeof(prefix), "%.*s", (int)len, document);
		assert_int_equal(
		    index_resolve(fixture.index, 'd', prefix, found, NULL),
		    CARNET_OK);
		assert_string_equal(found, document);
	}
	assert_int_equal(index_resolve(fixture.index, 'd', "d", found, NULL),
	    CARNET_NOT_FOUND);
	assert_int_equal(
	    index_resolve(fixture.index, 'c', document, found, NULL),
	    CARNET_NOT_FOUND);
	assert_int_equal(
	    index_resolve(fixture.index, 'p', "ZOÉ EXEMPLE", found, NULL),
	    CARNET_NOT_FOUND); /* NOCASE folds ASCII alone */
	assert_int_equal(
	    index_resolve(fixture.index, 'p', "zoé exemple", found, NULL),
	    CARNET_OK);
	assert_string_equal(found, person);
	(void)fixture_apply(
	    &fixture, "person.added", NULL, "{'name':'Zoé Exemple'}");
	assert_int_equal(
	    index_resolve(fixture.index, 'p', "Zoé Exemple", found, NULL),
	    CARNET_AMBIGUOUS);
	assert_int_equal(
	    index_resolve(fixture.index, 'p', person, found, NULL), CARNET_OK);
	fixture_close(&fixture);
}

static void
lists_take_filters(void **state)
{
	static const struct {
		const char *key, *value;
		int found;
	} cases[] = { { "type", "lab", 1 }, { "type", "x", 0 },
		{ "tag", "t", 1 }, { "since", "2024-01-01", 1 },
		{ "until", "2023-12-31", 0 }, { "until", "2024-12-31", 1 } };
	char person[EVENT_ID_TEXT], document[EVENT_ID_TEXT];
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture);
	fixture_people(&fixture, person, document);
	(void)fixture_apply(&fixture, "document.edited", NULL,
	    "{'document':'%s','type':'lab','date':'2024-05-05'}", document);
	(void)fixture_apply(&fixture, "document.tagged", NULL,
	    "{'document':'%s','add':['t']}", document);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cJSON *filter = cJSON_CreateObject(), *list = NULL;

		(void)cJSON_AddStringToObject(
		    filter, cases[i].key, cases[i].value);
		assert_int_equal(
		    index_documents(fixture.index, filter, &list, NULL),
		    CARNET_OK);
		assert_int_equal(cJSON_GetArraySize(list), cases[i].found);
		cJSON_Delete(filter);
		cJSON_Delete(list);
	}
	fixture_close(&fixture);
}

static void
the_same_content_is_a_duplicate(void **state)
{
	char person[EVENT_ID_TEXT], document[EVENT_ID_TEXT];
	char found[EVENT_ID_TEXT];
	struct content content = { 0 };
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture);
	fixture_people(&fixture, person, document);
	assert_int_equal(
	    index_document_content(fixture.index, document, &content, NULL),
	    CARNET_OK);
	assert_int_equal(content.size, 5);
	assert_int_equal(content.len, 1);
	assert_int_equal(content.names[0].bytes[0], 0xaa);
	assert_int_equal(
	    index_duplicate(fixture.index, person, &content, found, NULL),
	    CARNET_OK);
	assert_string_equal(found, document);
	assert_int_equal(
	    index_duplicate(fixture.index, "pother", &content, found, NULL),
	    CARNET_OK);
	assert_string_equal(found, "");
	content.size = 6;
	assert_int_equal(
	    index_duplicate(fixture.index, person, &content, found, NULL),
	    CARNET_OK);
	assert_string_equal(found, "");
	content_clear(&content);
	fixture_close(&fixture);
}

static enum carnet_status
count_content(void *context, const char *id, bool is_answer,
    const struct content *content, struct carnet_error *err)
{
	(void)id;
	(void)err;
	assert_int_equal(content->size, 5);
	((int *)context)[is_answer ? 1 : 0]++;
	return CARNET_OK;
}

static void
every_content_is_visited(void **state)
{
	char person[EVENT_ID_TEXT], document[EVENT_ID_TEXT];
	struct fixture fixture;
	int counts[2] = { 0 };

	(void)state;
	fixture_open(&fixture);
	fixture_people(&fixture, person, document);
	fixture.answer = "{}";
	(void)fixture_apply(&fixture, "document.read", NULL,
	    "{'document':'%s','reader':'r','answer':%s}", document,
	    FIXTURE_CONTENT);
	(void)fixture_apply(&fixture, "document.removed", NULL,
	    "{'document':'%s'}", document); /* trash counts, too */
	assert_int_equal(
	    index_contents(fixture.index, count_content, counts, NULL),
	    CARNET_OK);
	assert_int_equal(counts[0], 1);
	assert_int_equal(counts[1], 1);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_resolve_by_their_beginning),
		cmocka_unit_test(lists_take_filters),
		cmocka_unit_test(the_same_content_is_a_duplicate),
		cmocka_unit_test(every_content_is_visited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
