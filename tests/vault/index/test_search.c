/* SPDX-License-Identifier: ISC */
/*
 * Queries as people type them: accents, ligatures, phrases, beginnings,
 * fields, and no query that fails.  vault/index/search.c.
 */
#include "index_fixture.h"

static void
search_fill(struct fixture *fixture)
{
	char person[EVENT_ID_TEXT], document[EVENT_ID_TEXT];
	static const struct {
		const char *title, *type, *date, *tag;
	} rows[] = {
		{ "Bilan ferritine élevée", "lab", "2024-03-15", "sang" },
		{ "Le cœur et l\u2019œuvre", "report", "2025-01-02", "cœur" },
		{ "Ordonnance Straße", "prescription", "2026-07-01", "x" },
		{ "Sans date", "other", "", "x" },
	};

	fixture_open(fixture);
	fixture_people(fixture, person, document);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		(void)fixture_apply(fixture, "document.added", NULL,
		    "{'person':'%s','source':'f','size':'5','title':'%s',"
		    "'type':'%s',%s%s%s'tags':['%s'],'content':%s}",
		    person, rows[i].title, rows[i].type,
		    rows[i].date[0] == '\0' ? "" : "'date':'", rows[i].date,
		    rows[i].date[0] == '\0' ? "" : "',", rows[i].tag,
		    FIXTURE_CONTENT);
}

static void
queries_find_what_they_should(void **state)
{
	static const struct {
		const char *query;
		int found;
	} cases[] = { { "ferritine", 1 }, { "FERRITINE", 1 }, { "elevee", 1 },
		{ "élevée", 1 }, { "ELEVÉE", 1 }, { "coeur", 1 }, { "cœur", 1 },
		{ "CŒUR", 1 }, { "oeuvre", 1 }, { "strasse", 1 },
		{ "straße", 1 }, { "ferr*", 1 }, { "ferr", 0 },
		{ "\"bilan ferritine\"", 1 }, { "\"ferritine bilan\"", 0 },
		{ "ferritine bilan", 1 }, { "ferritine coeur", 0 },
		{ "type:lab", 1 }, { "type:lab bilan", 1 },
		{ "type:report bilan", 0 }, { "tag:x", 2 }, { "tag:cœur", 1 },
		{ "from:2025", 2 }, { "to:2024", 1 },
		{ "from:2024-03-15 to:2024-03-15", 1 },
		{ "from:2024 to:2025", 2 }, { "to:2024-02", 0 },
		{ "rien:dutout", 0 }, { "a.txt", 1 }, { "", 5 }, { "  ", 5 },
		{ "\"", 5 }, { "*", 5 }, { "( OR ) AND NOT", 0 },
		{ "NEAR(a b)", 0 }, { "^bilan", 1 }, { "{title}:x", 0 },
		{ "'; DROP TABLE words; --", 0 }, { "\"non fermé", 0 } };
	struct fixture fixture;

	(void)state;
	search_fill(&fixture);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cJSON *found = NULL;
		enum carnet_status status = index_search(
		    fixture.index, cases[i].query, NULL, &found, NULL);

		if (status != CARNET_OK ||
		    cJSON_GetArraySize(found) != cases[i].found)
			print_error("query: %s\n", cases[i].query);
		assert_int_equal(status, CARNET_OK);
		assert_int_equal(cJSON_GetArraySize(found), cases[i].found);
		cJSON_Delete(found);
	}
	fixture_close(&fixture);
}

static void
impossible_queries_are_told(void **state)
{
	static const char *const queries[] = { "from:2024-13", "to:hier",
		"from:2023-02-29" };
	struct fixture fixture;
	cJSON *found = NULL;
	char *longest = malloc(5000);

	(void)state;
	assert_non_null(longest);
	search_fill(&fixture);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(
		    index_search(fixture.index, queries[i], NULL, &found, NULL),
		    CARNET_INVALID);
	memset(longest, 'a', 4999);
	longest[4999] = '\0';
	assert_int_equal(
	    index_search(fixture.index, longest, NULL, &found, NULL),
	    CARNET_INVALID);
	free(longest);
	fixture_close(&fixture);
}

static void
a_snippet_shows_the_word(void **state)
{
	struct fixture fixture;
	cJSON *found = NULL, *filter = cJSON_CreateObject();

	(void)state;
	search_fill(&fixture);
	assert_int_equal(
	    index_search(fixture.index, "bilan", NULL, &found, NULL),
	    CARNET_OK);
	assert_non_null(strstr(
	    fixture_text(cJSON_GetArrayItem(found, 0), "snippet"), "[Bilan]"));
	cJSON_Delete(found);
	(void)cJSON_AddNumberToObject(filter, "limit", 1);
	assert_int_equal(
	    index_search(fixture.index, "tag:x", filter, &found, NULL),
	    CARNET_OK);
	assert_int_equal(cJSON_GetArraySize(found), 1);
	cJSON_Delete(found);
	cJSON_Delete(filter);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queries_find_what_they_should),
		cmocka_unit_test(impossible_queries_are_told),
		cmocka_unit_test(a_snippet_shows_the_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
