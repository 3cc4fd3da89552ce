/* SPDX-License-Identifier: ISC */
/*
 * Each kind of event of a document, and what becomes of it.
 * vault/index/apply_document.c.
 */
#include "index_fixture.h"

struct made {
	struct fixture fixture;
	char person[EVENT_ID_TEXT], document[EVENT_ID_TEXT];
};

static void
made_open(struct made *made)
{
	fixture_open(&made->fixture);
	fixture_people(&made->fixture, made->person, made->document);
}

static cJSON *
made_view(struct made *made)
{
	cJSON *view = NULL;

	assert_int_equal(
	    index_document(made->fixture.index, made->document, &view, NULL),
	    CARNET_OK);
	return view;
}

static void
expect_field(struct made *made, const char *key, const char *expected)
{
	cJSON *view = made_view(made);

	assert_string_equal(fixture_text(view, key), expected);
	cJSON_Delete(view);
}

static size_t
count_found(struct made *made, const char *query)
{
	cJSON *found = NULL;
	size_t len;

	assert_int_equal(
	    index_search(made->fixture.index, query, NULL, &found, NULL),
	    CARNET_OK);
	len = (size_t)cJSON_GetArraySize(found);
	cJSON_Delete(found);
	return len;
}

static void
added_with_what_is_known(void **state)
{
	struct made made;
	cJSON *view, *pending = NULL;
	const char *id;

	(void)state;
	made_open(&made);
	view = made_view(&made);
	assert_string_equal(fixture_text(view, "title"), "a.txt");
	assert_string_equal(fixture_text(view, "type"), "other");
	assert_string_equal(fixture_text(view, "date"), "");
	assert_string_equal(fixture_text(view, "person"), "Zoé Exemple");
	assert_true(carnet_json_bool(view, "pending", false));
	cJSON_Delete(view);
	id = fixture_apply(&made.fixture, "document.added", NULL,
	    "{'person':'%s','source':'b','size':5,'title':'T','type':'lab',"
	    "'date':'2024-02','tags':['b','a'],'unread':true,'parent':'%s',"
	    "'content':%s}",
	    made.person, made.document, FIXTURE_CONTENT);
	assert_int_equal(
	    index_pending(made.fixture.index, &pending, NULL), CARNET_OK);
	assert_int_equal(cJSON_GetArraySize(pending), 1);
	cJSON_Delete(pending);
	view = made_view(&made);
	assert_int_equal(cJSON_GetArraySize(carnet_json_get(view, "parts")), 1);
	cJSON_Delete(view);
	(void)snprintf(made.document, sizeof(made.document), "%s", id);
	view = made_view(&made);
	assert_string_equal(fixture_text(view, "title"), "T");
	assert_string_equal(fixture_text(view, "type"), "lab");
	assert_string_equal(fixture_text(view, "date"), "2024-02");
	assert_string_equal(
	    fixture_text(
		cJSON_GetArrayItem(carnet_json_get(view, "tags"), 0), "x"),
	    "");
	assert_int_equal(cJSON_GetArraySize(carnet_json_get(view, "tags")), 2);
	cJSON_Delete(view);
	assert_false(fixture_is_odd(&made.fixture));
	fixture_close(&made.fixture);
}

static void
read_fills_what_nobody_typed(void **state)
{
	struct made made;

	(void)state;
	made_open(&made);
	made.fixture.answer =
	    "{\"media\":\"text/plain\",\"text\":\"ferritine élevée\","
	    "\"title\":\"Bilan\",\"document\":\"lab\",\"date\":\"2024-03-01\"}";
	(void)fixture_apply(&made.fixture, "document.edited", NULL,
	    "{'document':'%s','date':'2020'}", made.document);
	(void)fixture_apply(&made.fixture, "document.read", NULL,
	    "{'document':'%s','reader':'text 1','answer':%s}", made.document,
	    FIXTURE_CONTENT);
	expect_field(&made, "title", "Bilan");
	expect_field(&made, "type", "lab");
	expect_field(&made, "date", "2020");
	expect_field(&made, "media", "text/plain");
	assert_int_equal(count_found(&made, "elevee"), 1);
	assert_int_equal(count_found(&made, "bilan"), 1);
	assert_int_equal(count_found(&made, "a.txt"), 0);
	/* read again, by a newer reader: its text takes the old one's place */
	made.fixture.answer = "{\"text\":\"autre\"}";
	(void)fixture_apply(&made.fixture, "document.read", NULL,
	    "{'document':'%s','reader':'text 2','answer':%s}", made.document,
	    FIXTURE_CONTENT);
	assert_int_equal(count_found(&made, "elevee"), 0);
	assert_int_equal(count_found(&made, "autre"), 1);
	fixture_close(&made.fixture);
}

/* A lost or senseless answer leaves the document without text. */
static void
an_answer_can_be_lost(void **state)
{
	static const char *const answers[] = { NULL, "", "[]", "{\"text\":1}",
		"{\"text\":\"\"}" };

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct made made;
		cJSON *view;

		made_open(&made);
		made.fixture.answer = answers[i];
		(void)fixture_apply(&made.fixture, "document.read", NULL,
		    "{'document':'%s','reader':'text 1','answer':%s}",
		    made.document, FIXTURE_CONTENT);
		view = made_view(&made);
		assert_string_equal(fixture_text(view, "title"), "a.txt");
		assert_false(carnet_json_bool(view, "pending", true));
		cJSON_Delete(view);
		assert_false(fixture_is_odd(&made.fixture));
		fixture_close(&made.fixture);
	}
}

static void
unread_says_why(void **state)
{
	struct made made;

	(void)state;
	made_open(&made);
	(void)fixture_apply(&made.fixture, "document.read", NULL,
	    "{'document':'%s','reader':'pdf 1','media':'application/pdf',"
	    "'unread':{'code':'timeout','message':'too slow'}}",
	    made.document);
	expect_field(&made, "unread_code", "timeout");
	expect_field(&made, "unread_message", "too slow");
	expect_field(&made, "media", "application/pdf");
	fixture_close(&made.fixture);
}

static void
tags_and_notes(void **state)
{
	struct made made;
	cJSON *view;

	(void)state;
	made_open(&made);
	(void)fixture_apply(&made.fixture, "document.tagged", NULL,
	    "{'document':'%s','add':['sang','x','sang'],'remove':[]}",
	    made.document);
	(void)fixture_apply(&made.fixture, "document.tagged", NULL,
	    "{'document':'%s','remove':['x','none']}", made.document);
	(void)fixture_apply(&made.fixture, "document.noted", NULL,
	    "{'document':'%s','text':'le cœur'}", made.document);
	(void)fixture_apply(&made.fixture, "document.noted", NULL,
	    "{'document':'%s','text':'seconde'}", made.document);
	assert_int_equal(count_found(&made, "sang"), 1);
	assert_int_equal(count_found(&made, "x"), 0);
	assert_int_equal(count_found(&made, "coeur"), 1);
	assert_int_equal(count_found(&made, "cœur seconde"), 1);
	view = made_view(&made);
	fixture_expect(
	    cJSON_Duplicate(carnet_json_get(view, "tags"), 1), "['sang']");
	assert_int_equal(cJSON_GetArraySize(carnet_json_get(view, "notes")), 2);
	cJSON_Delete(view);
	fixture_close(&made.fixture);
}

/* No savepoint is needed: what fails has written nothing. */
static void
half_an_event_is_none(void **state)
{
	static const char *const kinds[] = { "document.tagged",
		"document.tagged", "document.noted", "document.noted" };
	static const char *const payloads[] = {
		"{'document':'%s','add':['neuf',5]}",
		"{'document':'%s','add':['neuf'],'remove':['a',{}]}",
		"{'document':'%s'}", "{'document':'%sx','text':'neuf'}"
	};
	struct made made;

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		made_open(&made);
		(void)fixture_apply(
		    &made.fixture, kinds[i], NULL, payloads[i], made.document);
		assert_true(fixture_is_odd(&made.fixture));
		assert_int_equal(count_found(&made, "neuf"), 0);
		assert_int_equal(count_found(&made, "tag:neuf"), 0);
		fixture_close(&made.fixture);
	}
}

/* An event says which document by its id, by nothing else. */
static void
a_number_in_an_event_means_nothing(void **state)
{
	struct made made;

	(void)state;
	made_open(&made);
	(void)fixture_apply(&made.fixture, "document.edited", NULL,
	    "{'_number':7,'document':'%s','title':'Bilan'}", made.document);
	(void)fixture_apply(&made.fixture, "document.edited", NULL,
	    "{'_number':7,'document':'%s','date':'2024-03-15'}", made.document);
	expect_field(&made, "title", "Bilan");
	expect_field(&made, "date", "2024-03-15");
	assert_int_equal(count_found(&made, "bilan from:2024-03"), 1);
	fixture_close(&made.fixture);
}

/* Nor what the index adds to it: its id, its time, the text that was read. */
static void
what_the_index_adds_no_event_says(void **state)
{
	struct made made;
	cJSON *view = NULL;
	int64_t added = 0;
	const char *id;

	(void)state;
	made_open(&made);
	id = fixture_apply(&made.fixture, "document.added", NULL,
	    "{'_id':'%s','_at':7,'_on':'1999-01-01','person':'%s',"
	    "'source':'b','size':'5','words':'rubis','content':%s}",
	    made.document, made.person, FIXTURE_CONTENT);
	assert_string_not_equal(id, made.document);
	assert_int_equal(
	    index_document(made.fixture.index, id, &view, NULL), CARNET_OK);
	assert_string_equal(fixture_text(view, "source"), "b");
	assert_true(carnet_json_int(view, "added_ms", &added));
	assert_int_equal(added, 1772668800003);
	cJSON_Delete(view);
	(void)fixture_apply(&made.fixture, "document.noted", NULL,
	    "{'document':'%s','text':'mot','words':'rubis'}", made.document);
	assert_int_equal(count_found(&made, "rubis"), 0);
	assert_int_equal(count_found(&made, "mot"), 1);
	assert_false(fixture_is_odd(&made.fixture));
	fixture_close(&made.fixture);
}

static void
trash_and_back_and_purge(void **state)
{
	struct made made;
	struct content content;
	cJSON *list = NULL;

	(void)state;
	made_open(&made);
	(void)fixture_apply(&made.fixture, "document.noted", NULL,
	    "{'document':'%s','text':'mot'}", made.document);
	(void)fixture_apply(&made.fixture, "document.removed", NULL,
	    "{'document':'%s'}", made.document);
	assert_int_equal(
	    index_documents(made.fixture.index, NULL, &list, NULL), CARNET_OK);
	fixture_expect(list, "[]");
	assert_int_equal(count_found(&made, "mot"), 0);
	(void)fixture_apply(&made.fixture, "document.restored", NULL,
	    "{'document':'%s'}", made.document);
	assert_int_equal(count_found(&made, "mot"), 1);
	(void)fixture_apply(&made.fixture, "document.purged", NULL,
	    "{'document':'%s'}", made.document);
	assert_int_equal(count_found(&made, "mot"), 0);
	assert_int_equal(index_document_content(
			     made.fixture.index, made.document, &content, NULL),
	    CARNET_NOT_FOUND);
	/* twice, or of nothing: no oddity, it is gone */
	(void)fixture_apply(&made.fixture, "document.purged", NULL,
	    "{'document':'%s'}", made.document);
	assert_false(fixture_is_odd(&made.fixture));
	fixture_close(&made.fixture);
}

/* What people do to two documents, and what a third one was. */
static void
live_with_documents(struct made *made)
{
	struct fixture *fixture = &made->fixture;
	char second[EVENT_ID_TEXT], third[EVENT_ID_TEXT];

	(void)snprintf(second, sizeof(second), "%s",
	    fixture_apply(fixture, "document.added", NULL,
		"{'person':'%s','source':'b.txt','size':'5','content':%s,"
		"'tags':['neuf']}",
		made->person, FIXTURE_CONTENT));
	(void)snprintf(third, sizeof(third), "%s",
	    fixture_apply(fixture, "document.added", NULL,
		"{'person':'%s','source':'c.txt','size':'5','content':%s}",
		made->person, FIXTURE_CONTENT));
	(void)fixture_apply(fixture, "document.noted", NULL,
	    "{'document':'%s','text':'jamais lu'}", second);
	fixture->answer = "{\"text\":\"ferritine\"}";
	(void)fixture_apply(fixture, "document.read", NULL,
	    "{'document':'%s','reader':'text 1','answer':%s}", made->document,
	    FIXTURE_CONTENT);
	(void)fixture_apply(fixture, "document.edited", NULL,
	    "{'document':'%s','title':'Cœur'}", made->document);
	(void)fixture_apply(fixture, "document.tagged", NULL,
	    "{'document':'%s','add':['sang']}", made->document);
	fixture->answer = "{\"text\":\"vitamine\"}";
	(void)fixture_apply(fixture, "document.read", NULL,
	    "{'document':'%s','reader':'text 2','answer':%s}", made->document,
	    FIXTURE_CONTENT);
	(void)fixture_apply(fixture, "document.noted", NULL,
	    "{'document':'%s','text':'à revoir'}", made->document);
	(void)fixture_apply(
	    fixture, "document.edited", NULL, "{'document':'%s'}", third);
	(void)fixture_apply(
	    fixture, "document.purged", NULL, "{'document':'%s'}", third);
}

/* In one transaction: the number of the last document goes to the next one,
 * and nothing that names the former is about it. */
static void
what_was_purged_is_not_its_successor(void **state)
{
	struct made made;
	char purged[EVENT_ID_TEXT], next[EVENT_ID_TEXT];

	(void)state;
	made_open(&made);
	made.fixture.together = true;
	assert_int_equal(index_begin(made.fixture.index, NULL), CARNET_OK);
	for (int i = 0; i < 2; i++) {
		(void)snprintf(i == 0 ? purged : next, EVENT_ID_TEXT, "%s",
		    fixture_apply(&made.fixture, "document.added", NULL,
			"{'person':'%s','source':'b','size':'5','content':%s}",
			made.person, FIXTURE_CONTENT));
		(void)fixture_apply(&made.fixture, "document.noted", NULL,
		    "{'document':'%s','text':'premier'}",
		    i == 0 ? purged : next);
		if (i == 0)
			(void)fixture_apply(&made.fixture, "document.purged",
			    NULL, "{'document':'%s'}", purged);
	}
	assert_false(fixture_is_odd(&made.fixture));
	(void)fixture_apply(&made.fixture, "document.noted", NULL,
	    "{'document':'%s','text':'revenant'}", purged);
	assert_true(fixture_is_odd(&made.fixture));
	(void)fixture_apply(&made.fixture, "document.noted", NULL,
	    "{'document':'%s','text':'second'}", next);
	assert_int_equal(index_commit(made.fixture.index, NULL), CARNET_OK);
	assert_int_equal(count_found(&made, "premier second"), 1);
	assert_int_equal(count_found(&made, "revenant"), 0);
	fixture_close(&made.fixture);
}

/* More documents than are kept in mind, in no order. */
static void
many_documents_are_told_apart(void **state)
{
	enum { MANY = 140000, NOTES = 2000 };
	char(*ids)[EVENT_ID_TEXT] = calloc(MANY, sizeof(*ids));
	struct made made;
	cJSON *found = NULL;

	(void)state;
	assert_non_null(ids);
	made_open(&made);
	made.fixture.together = true;
	assert_int_equal(index_begin(made.fixture.index, NULL), CARNET_OK);
	for (int i = 0; i < MANY; i++)
		(void)snprintf(ids[i], EVENT_ID_TEXT, "%s",
		    fixture_apply(&made.fixture, "document.added", NULL,
			"{'person':'%s','source':'b','size':'5','content':%s}",
			made.person, FIXTURE_CONTENT));
	for (int i = 0; i < NOTES; i++)
		(void)fixture_apply(&made.fixture, "document.noted", NULL,
		    "{'document':'%s','text':'mot%d'}", ids[i * 7919 % MANY],
		    i);
	assert_int_equal(index_commit(made.fixture.index, NULL), CARNET_OK);
	for (int i = 0; i < NOTES; i += 97) {
		char word[16];

		(void)snprintf(word, sizeof(word), "mot%d", i);
		assert_int_equal(
		    index_search(made.fixture.index, word, NULL, &found, NULL),
		    CARNET_OK);
		assert_int_equal(cJSON_GetArraySize(found), 1);
		assert_string_equal(
		    fixture_text(cJSON_GetArrayItem(found, 0), "id"),
		    ids[i * 7919 % MANY]);
		cJSON_Delete(found);
	}
	fixture_close(&made.fixture);
	free(ids);
}

/* The full text is written once for many events, and says the same as if it
 * had been written after each. */
static void
together_is_as_one_by_one(void **state)
{
	uint8_t together[HASH_LEN], apart[HASH_LEN];
	struct made made;

	(void)state;
	for (int i = 0; i < 2; i++) {
		made_open(&made);
		made.fixture.together = i == 0;
		if (i == 0)
			assert_int_equal(
			    index_begin(made.fixture.index, NULL), CARNET_OK);
		live_with_documents(&made);
		if (i == 0)
			assert_int_equal(
			    index_commit(made.fixture.index, NULL), CARNET_OK);
		assert_int_equal(count_found(&made, "coeur sang revoir"), 1);
		assert_int_equal(count_found(&made, "vitamine"), 1);
		assert_int_equal(count_found(&made, "ferritine"), 0);
		assert_int_equal(count_found(&made, "a.txt"), 0);
		assert_int_equal(count_found(&made, "neuf lu b.txt"), 1);
		assert_int_equal(count_found(&made, "c.txt"), 0);
		assert_int_equal(index_digest(made.fixture.index,
				     i == 0 ? together : apart, NULL),
		    CARNET_OK);
		fixture_close(&made.fixture);
	}
	assert_memory_equal(together, apart, HASH_LEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(added_with_what_is_known),
		cmocka_unit_test(read_fills_what_nobody_typed),
		cmocka_unit_test(an_answer_can_be_lost),
		cmocka_unit_test(unread_says_why),
		cmocka_unit_test(tags_and_notes),
		cmocka_unit_test(half_an_event_is_none),
		cmocka_unit_test(a_number_in_an_event_means_nothing),
		cmocka_unit_test(what_the_index_adds_no_event_says),
		cmocka_unit_test(trash_and_back_and_purge),
		cmocka_unit_test(what_was_purged_is_not_its_successor),
		cmocka_unit_test(many_documents_are_told_apart),
		cmocka_unit_test(together_is_as_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
