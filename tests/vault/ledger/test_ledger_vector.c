/* SPDX-License-Identifier: ISC */
/*
 * The fixed segment of tests/vectors/ledger.json, made by a second writer
 * from docs/format.md: every field reads as it says.
 */
#include "ledger_fixture.h"

static const char *vector_path;

static cJSON *
vector_load(void)
{
	FILE *file = fopen(vector_path, "rbe");
	cJSON *vector = NULL;
	char *text = malloc(1 << 20);
	size_t len;

	assert_non_null(file);
	assert_non_null(text);
	len = fread(text, 1, 1 << 20, file);
	(void)fclose(file);
	assert_int_equal(
	    carnet_json_parse(text, len, &vector, NULL), CARNET_OK);
	free(text);
	return vector;
}

static size_t
vector_bytes(const cJSON *object, const char *key, uint8_t *bytes, size_t max)
{
	const char *hex = carnet_json_string(object, key);

	assert_non_null(hex);
	assert_true(strlen(hex) / 2 <= max);
	assert_true(hex_decode(hex, bytes, strlen(hex) / 2));
	return strlen(hex) / 2;
}

static int64_t
vector_number(const cJSON *object, const char *key)
{
	int64_t value = 0;

	assert_true(carnet_json_int(object, key, &value));
	return value;
}

static void
expect_hex(const cJSON *object, const char *key, const uint8_t *bytes)
{
	char hex[2 * HASH_LEN + 1];

	hex_encode(bytes, HASH_LEN, hex);
	assert_string_equal(hex, carnet_json_string(object, key));
}

static void
expect_event(
    const struct keys *keys, const cJSON *expected, const struct event *event)
{
	const cJSON *date = carnet_json_get(expected, "effective");
	char id[EVENT_ID_TEXT];

	assert_int_equal(event->seq, vector_number(expected, "seq"));
	assert_int_equal(event->lamport, vector_number(expected, "lamport"));
	assert_int_equal(
	    event->batch_index, vector_number(expected, "batch_index"));
	assert_int_equal(
	    event->batch_len, vector_number(expected, "batch_len"));
	assert_true(event->recorded == vector_number(expected, "recorded"));
	assert_int_equal(
	    event->effective.year, cJSON_GetArrayItem(date, 0)->valueint);
	assert_int_equal(
	    event->effective.day, cJSON_GetArrayItem(date, 2)->valueint);
	assert_string_equal(event->kind, carnet_json_string(expected, "kind"));
	assert_int_equal(event->heads_len,
	    cJSON_GetArraySize(carnet_json_get(expected, "heads")));
	assert_int_equal(
	    event->purged, carnet_json_bool(expected, "purged", false));
	if (!event->purged) {
		assert_string_equal((const char *)event->payload,
		    carnet_json_string(expected, "payload"));
		expect_hex(expected, "salt", event->salt);
	}
	expect_hex(expected, "previous", event->previous);
	expect_hex(expected, "commitment", event->commitment);
	expect_hex(expected, "hash", event->hash);
	event_id(
	    keys_get(keys, KEY_IDS), 'd', event->device, event->seq, 0, id);
	assert_string_equal(id, carnet_json_string(expected, "id"));
}

static void
the_vector_reads(void **state)
{
	cJSON *vector = vector_load();
	const cJSON *expected;
	struct segment_name name = { .number = 3, .revision = 1 };
	uint8_t master[32], bytes[8192];
	struct segment_record record = { .end = SEGMENT_HEADER_LEN };
	struct segment_view view = { .name = &name, .bytes = bytes };
	struct secret *secret;
	struct keys *keys = NULL;

	(void)state;
	assert_int_equal(vector_bytes(vector, "master", master, 32), 32);
	assert_int_equal(vector_bytes(vector, "vault", name.vault, 16), 16);
	assert_int_equal(
	    vector_bytes(vector, "device", name.device, DEVICE_ID_LEN), 16);
	view.len = vector_bytes(vector, "segment", bytes, sizeof(bytes));
	secret = secret_from(master, sizeof(master));
	assert_int_equal(keys_derive(secret, &keys, NULL), CARNET_OK);
	view.keys = keys;
	assert_int_equal(
	    segment_check_header(&name, bytes, view.len, NULL), CARNET_OK);
	cJSON_ArrayForEach(expected, carnet_json_get(vector, "events"))
	{
		struct event event = { 0 };

		assert_true(record.end < view.len);
		assert_int_equal(
		    segment_next(&view, record.end, &record, NULL), CARNET_OK);
		assert_non_null(record.plain);
		assert_false(record.frame_damaged);
		assert_int_equal(
		    event_decode(record.plain, record.plain_len, &event, NULL),
		    CARNET_OK);
		expect_event(keys, expected, &event);
		event_clear(&event);
		segment_record_clear(&record);
	}
	assert_int_equal(record.end, view.len);
	keys_free(keys);
	secret_free(secret);
	cJSON_Delete(vector);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vector_reads),
	};

	if (argc != 2)
		return 2;
	vector_path = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
