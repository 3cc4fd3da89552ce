/* SPDX-License-Identifier: ISC */
/*
 * Events to bytes and back: every field, every bound, purged ones.  Real
 * sealing is test_segment.c's.  docs/format.md, "Events".
 */
#include "ledger_fixture.h"

/* An event with every field set. */
static struct event
full_event(void)
{
	struct event event =
	    fixture_event("document.noted", "{\"text\":\"é\"}");

	memcpy(event.device, fixture_device, DEVICE_ID_LEN);
	event.seq = 7;
	event.lamport = UINT64_C(1) << 60;
	event.batch_index = 2;
	event.batch_len = 5;
	memset(event.previous, 0x11, HASH_LEN);
	event.recorded = -5;
	event.effective = (struct carnet_date){ 1980, 5, 17 };
	event.heads = calloc(2, sizeof(*event.heads));
	assert_non_null(event.heads);
	event.heads_len = 2;
	memcpy(event.heads[1].device, fixture_other, DEVICE_ID_LEN);
	event.heads[1].seq = 99;
	memset(event.heads[1].hash, 0x22, HASH_LEN);
	return event;
}

static void
encode(struct event *event, uint8_t **ret_bytes, size_t *ret_len)
{
	assert_int_equal(
	    event_encode(event, ret_bytes, ret_len, NULL), CARNET_OK);
	assert_int_equal(*ret_len % 512, 0);
}

static void
every_field_comes_back(void **state)
{
	struct event event = full_event(), back = { 0 };
	uint8_t *bytes = NULL;
	size_t len = 0;

	(void)state;
	encode(&event, &bytes, &len);
	assert_int_equal(event_decode(bytes, len, &back, NULL), CARNET_OK);
	assert_memory_equal(back.device, event.device, DEVICE_ID_LEN);
	assert_true(back.seq == 7 && back.lamport == UINT64_C(1) << 60);
	assert_true(back.batch_index == 2 && back.batch_len == 5);
	assert_memory_equal(back.previous, event.previous, HASH_LEN);
	assert_true(back.recorded == -5);
	assert_int_equal(back.effective.year, 1980);
	assert_int_equal(back.effective.month, 5);
	assert_int_equal(back.effective.day, 17);
	assert_string_equal(back.kind, "document.noted");
	assert_int_equal(back.heads_len, 2);
	assert_true(back.heads[1].seq == 99);
	assert_memory_equal(back.heads[1].hash, event.heads[1].hash, HASH_LEN);
	assert_int_equal(back.payload_len, event.payload_len);
	assert_memory_equal(back.payload, event.payload, event.payload_len);
	assert_memory_equal(back.hash, event.hash, HASH_LEN);
	assert_memory_equal(back.commitment, event.commitment, HASH_LEN);
	event_clear(&event);
	event_clear(&back);
	free(bytes);
}

/* Erasing payload and salt leaves the hash as it was: the chain holds. */
static void
purging_keeps_the_hash(void **state)
{
	struct event event = full_event(), back = { 0 };
	uint8_t *bytes = NULL, hash[HASH_LEN];
	size_t len = 0;

	(void)state;
	encode(&event, &bytes, &len);
	memcpy(hash, event.hash, HASH_LEN);
	free(bytes);
	event.purged = true;
	encode(&event, &bytes, &len);
	assert_int_equal(event_decode(bytes, len, &back, NULL), CARNET_OK);
	assert_true(back.purged);
	assert_null(back.payload);
	assert_memory_equal(back.hash, hash, HASH_LEN);
	for (size_t i = 0; i + 4 < len; i++)
		assert_memory_not_equal(bytes + i, "text", 4);
	event_clear(&event);
	event_clear(&back);
	free(bytes);
}

static void
salts_differ(void **state)
{
	struct event one = full_event(), two = full_event();
	uint8_t *bytes = NULL;
	size_t len = 0;

	(void)state;
	encode(&one, &bytes, &len);
	free(bytes);
	encode(&two, &bytes, &len);
	free(bytes);
	assert_memory_not_equal(one.commitment, two.commitment, HASH_LEN);
	event_clear(&one);
	event_clear(&two);
}

/* No flipped bit of the bytes passes for the same event. */
static void
every_flipped_byte_is_seen(void **state)
{
	struct event event = full_event();
	uint8_t *bytes = NULL;
	size_t len = 0;

	(void)state;
	encode(&event, &bytes, &len);
	for (size_t i = 0; i < len; i++) {
		struct event back = { 0 };
		enum carnet_status status;

		bytes[i] ^= 0x40;
		status = event_decode(bytes, len, &back, NULL);
		/* the header is covered by the hash, the rest by itself */
		if (status == CARNET_OK)
			assert_memory_not_equal(
			    back.hash, event.hash, HASH_LEN);
		else if (i < 2)
			assert_true(
			    status == CARNET_NEWER || status == CARNET_DAMAGED);
		else
			assert_int_equal(status, CARNET_DAMAGED);
		event_clear(&back);
		bytes[i] ^= 0x40;
	}
	for (size_t cut = 0; cut < len; cut += 7) {
		struct event back = { 0 };

		if (event_decode(bytes, cut, &back, NULL) == CARNET_OK)
			assert_memory_equal(back.hash, event.hash, HASH_LEN);
		event_clear(&back);
	}
	event_clear(&event);
	free(bytes);
}

static void
bounds_are_kept(void **state)
{
	struct event event = full_event();
	struct event none = fixture_event("", NULL);
	uint8_t *bytes = NULL;
	size_t len = 0;

	(void)state;
	assert_int_equal(
	    event_encode(&none, &bytes, &len, NULL), CARNET_INVALID);
	memset(none.kind, 'k', sizeof(none.kind)); /* no end */
	assert_int_equal(
	    event_encode(&none, &bytes, &len, NULL), CARNET_INVALID);
	event.payload_len = EVENT_MAX_PAYLOAD + 1;
	assert_int_equal(
	    event_encode(&event, &bytes, &len, NULL), CARNET_INVALID);
	event.payload_len = 1;
	event.heads_len = EVENT_MAX_HEADS + 1;
	assert_int_equal(
	    event_encode(&event, &bytes, &len, NULL), CARNET_INVALID);
	event.heads_len = 2;
	event_clear(&event);
	event_clear(&none);
}

static void
a_newer_event_says_so(void **state)
{
	struct event event = full_event(), back = { 0 };
	struct carnet_error err;
	uint8_t *bytes = NULL;
	size_t len = 0;

	(void)state;
	encode(&event, &bytes, &len);
	bytes[0] = 2;
	assert_int_equal(event_decode(bytes, len, &back, &err), CARNET_NEWER);
	assert_non_null(strstr(err.message, "2"));
	event_clear(&event);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_comes_back),
		cmocka_unit_test(purging_keeps_the_hash),
		cmocka_unit_test(salts_differ),
		cmocka_unit_test(every_flipped_byte_is_seen),
		cmocka_unit_test(bounds_are_kept),
		cmocka_unit_test(a_newer_event_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
