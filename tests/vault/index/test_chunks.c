/* SPDX-License-Identifier: ISC */
/*
 * Where chunks lie: added, found, forgotten with their pack, remembered by
 * pack; and contents between JSON and bytes.  vault/index/chunks.c, content.c.
 */
#include "index_fixture.h"

static void
chunks_go_with_their_pack(void **state)
{
	struct chunk_row rows[3] = { 0 }, *remembered = NULL;
	uint8_t(*packs)[PACK_ID_LEN] = NULL;
	struct chunk_place place;
	struct fixture fixture;
	size_t len = 0;

	(void)state;
	fixture_open(&fixture);
	for (uint8_t i = 0; i < 3; i++) {
		rows[i].name.bytes[0] = i;
		rows[i].place.pack[0] = i < 2 ? 7 : 8;
		rows[i].place.offset = 30U + 100U * i;
		rows[i].place.len = 100;
		rows[i].place.plain_len = 60;
	}
	assert_int_equal(
	    index_add_chunks(fixture.index, rows, 3, NULL), CARNET_OK);
	assert_int_equal(
	    index_add_chunks(fixture.index, rows, 3, NULL), CARNET_OK);
	assert_int_equal(
	    index_packs(fixture.index, &packs, &len, NULL), CARNET_OK);
	assert_int_equal(len, 2);
	free(packs);
	assert_int_equal(
	    index_find_chunk(fixture.index, &rows[1].name, &place), 1);
	assert_int_equal(place.offset, 130);
	assert_int_equal(place.pack[0], 7);
	assert_int_equal(index_pack_rows(fixture.index, rows[0].place.pack,
			     &remembered, &len, NULL),
	    CARNET_OK);
	assert_int_equal(len, 2);
	free(remembered);
	assert_int_equal(
	    index_forget_pack(fixture.index, rows[0].place.pack, NULL),
	    CARNET_OK);
	assert_int_equal(
	    index_find_chunk(fixture.index, &rows[1].name, &place), 0);
	assert_int_equal(
	    index_find_chunk(fixture.index, &rows[2].name, &place), 1);
	fixture_close(&fixture);
}

static void
contents_come_back_from_json(void **state)
{
	struct chunk_name names[2] = { { { 1 } }, { { 2 } } };
	struct content content = { .size = UINT64_C(9007199254740993),
		.depth = 1,
		.names = names,
		.len = 2 };
	struct content back = { 0 };
	cJSON *json = content_to_json(&content);

	(void)state;
	assert_non_null(json);
	assert_string_equal(
	    carnet_json_string(json, "size"), "9007199254740993");
	assert_true(content_from_json(json, &back));
	assert_true(back.size == content.size && back.depth == 1);
	assert_int_equal(back.len, 2);
	assert_memory_equal(back.names, names, sizeof(names));
	content_clear(&back);
	cJSON_Delete(json);
}

static void
impossible_contents_are_refused(void **state)
{
	static const char *const texts[] = { "{}", "[]",
		"{\"size\":\"1\",\"depth\":0}",
		"{\"size\":\"-1\",\"depth\":0,\"names\":[]}",
		"{\"size\":\"1\",\"depth\":2,\"names\":[]}",
		"{\"size\":\"1\",\"depth\":0,\"names\":[1]}",
		"{\"size\":\"1\",\"depth\":0,\"names\":[\"aa\"]}",
		"{\"size\":\"x\",\"depth\":0,\"names\":[]}" };
	struct content content;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		cJSON *json = NULL;

		assert_int_equal(
		    carnet_json_parse(texts[i], strlen(texts[i]), &json, NULL),
		    CARNET_OK);
		assert_false(content_from_json(json, &content));
		cJSON_Delete(json);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_go_with_their_pack),
		cmocka_unit_test(contents_come_back_from_json),
		cmocka_unit_test(impossible_contents_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
