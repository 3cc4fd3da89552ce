/* SPDX-License-Identifier: ISC */
/*
 * The fixture of the index's tests.  Asserts whatever must not fail.
 * The contract is index_fixture.h.
 */
#include "index_fixture.h"

static enum carnet_status
fixture_load_answer(void *context, const struct content *content,
    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err)
{
	struct fixture *fixture = context;

	(void)content;
	if (fixture->answer == NULL)
		return carnet_fail(err, CARNET_DAMAGED, "lost");
	*ret_bytes = (uint8_t *)strdup(fixture->answer);
	*ret_len = strlen(fixture->answer);
	return CARNET_OK;
}

void
fixture_open(struct fixture *fixture)
{
	static const uint8_t master[32] = { 42 };

	*fixture = (struct fixture){ .position = 48 };
	fixture->master = secret_from(master, sizeof(master));
	assert_non_null(fixture->master);
	assert_int_equal(
	    keys_derive(fixture->master, &fixture->keys, NULL), CARNET_OK);
	assert_int_equal(index_open(NULL, fixture->keys, INDEX_MEMORY,
			     &fixture->index, NULL),
	    CARNET_OK);
	fixture->answers.context = fixture;
	fixture->answers.load = fixture_load_answer;
}

void
fixture_close(struct fixture *fixture)
{
	index_close(fixture->index);
	keys_free(fixture->keys);
	secret_free(fixture->master);
}

static void
fixture_quote(char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '\'')
			*text = '"';
}

static char
fixture_letter(const char *kind)
{
	return strcmp(kind, "person.added") == 0        ? 'p'
	       : strcmp(kind, "document.added") == 0    ? 'd'
	       : strcmp(kind, "decision.made") == 0     ? 'c'
	       : strcmp(kind, "statement.drafted") == 0 ? 's'
							: 'x';
}

const char *
fixture_apply(struct fixture *fixture, const char *kind, const char *on,
    const char *payload, ...)
{
	static char id[EVENT_ID_TEXT];
	char text[4096];
	struct event event = { .device = { 0xd1 }, .seq = ++fixture->seq };
	struct ledger_place place = { .segment = 1,
		.position = fixture->position };
	va_list args;

	va_start(args, payload);
	(void)vsnprintf(text, sizeof(text), payload, args);
	va_end(args);
	fixture_quote(text);
	(void)snprintf(event.kind, sizeof(event.kind), "%s", kind);
	event.lamport = event.seq;
	event.recorded = 1772668800000 + (int64_t)event.seq;
	if (on != NULL)
		assert_true(carnet_date_parse(on, &event.effective));
	event.payload = (uint8_t *)text;
	event.payload_len = strlen(text);
	fixture->position = place.end = place.position + 568;
	if (!fixture->together)
		assert_int_equal(index_begin(fixture->index, NULL), CARNET_OK);
	assert_int_equal(index_apply(fixture->index, &event, &place,
			     &fixture->answers, NULL),
	    CARNET_OK);
	if (!fixture->together)
		assert_int_equal(index_commit(fixture->index, NULL), CARNET_OK);
	event_id(keys_get(fixture->keys, KEY_IDS), fixture_letter(kind),
	    event.device, event.seq, 0, id);
	return id;
}

void
fixture_people(struct fixture *fixture, char person[EVENT_ID_TEXT],
    char document[EVENT_ID_TEXT])
{
	(void)snprintf(person, EVENT_ID_TEXT, "%s",
	    fixture_apply(fixture, "person.added", NULL,
		"{'name':'Zoé Exemple','born':'1980-05-17'}"));
	(void)snprintf(document, EVENT_ID_TEXT, "%s",
	    fixture_apply(fixture, "document.added", NULL,
		"{'person':'%s','source':'a.txt','size':'5','content':%s}",
		person, FIXTURE_CONTENT));
}

void
fixture_expect(cJSON *json, const char *expected, ...)
{
	char text[8192];
	va_list args;
	char *got = cJSON_PrintUnformatted(json);

	va_start(args, expected);
	(void)vsnprintf(text, sizeof(text), expected, args);
	va_end(args);
	fixture_quote(text);
	assert_non_null(got);
	assert_string_equal(got, text);
	cJSON_free(got);
	cJSON_Delete(json);
}

bool
fixture_is_odd(struct fixture *fixture)
{
	uint8_t none[HASH_LEN], now[HASH_LEN];
	struct index *empty = NULL;
	const char *name = "";
	size_t i = 0;

	while (index_table_name(fixture->index, i, &name) &&
	       strcmp(name, "oddities") != 0)
		i++;
	assert_string_equal(name, "oddities");
	assert_int_equal(
	    index_open(NULL, fixture->keys, INDEX_MEMORY, &empty, NULL),
	    CARNET_OK);
	assert_int_equal(index_table_digest(empty, i, none, NULL), CARNET_OK);
	assert_int_equal(
	    index_table_digest(fixture->index, i, now, NULL), CARNET_OK);
	index_close(empty);
	return memcmp(none, now, HASH_LEN) != 0;
}

const char *
fixture_text(const cJSON *object, const char *key)
{
	const char *text = carnet_json_string(object, key);

	return text == NULL ? "" : text;
}
