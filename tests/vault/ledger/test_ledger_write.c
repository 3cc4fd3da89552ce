/* SPDX-License-Identifier: ISC */
/*
 * Appending: numbers, chain, batches; new segments; what a crash left is cut
 * off, and nothing is kept of an append that fails.  The contract: ledger.h.
 */
#include "ledger_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void
append_sets_the_chain(void **state)
{
	struct event events[3];
	struct ledger_place places[3];
	struct fixture fixture;
	struct ledger_cursor cursor;

	(void)state;
	fixture_open(&fixture);
	cursor = fixture.cursor;
	for (size_t i = 0; i < 3; i++)
		events[i] = fixture_event("vault.created", NULL);
	assert_int_equal(
	    ledger_append(fixture.ledger, &cursor, 41, events, 3, places, NULL),
	    CARNET_OK);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(events[i].seq, i + 1);
		assert_int_equal(events[i].lamport, 42 + i);
		assert_int_equal(events[i].batch_index, i);
		assert_int_equal(events[i].batch_len, 3);
		if (i > 0) {
			assert_memory_equal(
			    events[i].previous, events[i - 1].hash, HASH_LEN);
			assert_int_equal(places[i].position, places[i - 1].end);
		}
	}
	assert_int_equal(cursor.seq, 3);
	assert_int_equal(cursor.lamport, 44);
	assert_memory_equal(cursor.hash, events[2].hash, HASH_LEN);
	for (size_t i = 0; i < 3; i++)
		event_clear(&events[i]);
	fixture_close(&fixture);
}

static void
a_full_segment_is_followed(void **state)
{
	struct fixture_report report;
	struct fixture fixture;
	char *text = malloc((size_t)2 << 20);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', ((size_t)2 << 20) - 1);
	text[((size_t)2 << 20) - 1] = '\0';
	fixture_open(&fixture);
	for (int i = 0; i < 4; i++)
		fixture_append_one(&fixture, "document.noted", text);
	assert_int_equal(fixture.cursor.segment, 2);
	fixture_read(&fixture, &fixture.cursor, &report);
	assert_int_equal(report.events, 4);
	assert_int_equal(report.problems_len, 0);
	free(text);
	fixture_close(&fixture);
}

/* Leaves half a record behind the last one, as a crash does. */
static void
leave_torn_tail(struct fixture *fixture)
{
	size_t len = 0;
	uint8_t *bytes = fixture_load(fixture, 1, 0, &len);
	uint8_t *longer = realloc(bytes, len + 300);

	assert_non_null(longer);
	memset(longer + len, 0, 300);
	fixture_store(fixture, 1, 0, longer, len + 300);
	free(longer);
}

static void
a_torn_tail_is_cut_off(void **state)
{
	struct fixture_report report;
	struct fixture fixture;
	uint8_t *bytes;
	size_t len = 0;

	(void)state;
	fixture_open(&fixture);
	fixture_append(&fixture, 1);
	leave_torn_tail(&fixture);
	fixture_append(&fixture, 1);
	fixture_read(&fixture, &fixture.cursor, &report);
	assert_int_equal(report.events, 2);
	assert_int_equal(report.problems_len, 0);
	leave_torn_tail(&fixture);
	assert_int_equal(
	    ledger_close_segment(fixture.ledger, &fixture.cursor, NULL),
	    CARNET_OK);
	assert_int_equal(fixture.cursor.segment, 2);
	bytes = fixture_load(&fixture, 1, 0, &len);
	assert_int_equal(len, report.places[1].end);
	free(bytes);
	fixture_read(&fixture, &fixture.cursor, &report);
	assert_int_equal(report.problems_len, 0);
	/* an empty one isn't closed again */
	assert_int_equal(
	    ledger_close_segment(fixture.ledger, &fixture.cursor, NULL),
	    CARNET_OK);
	assert_int_equal(fixture.cursor.segment, 2);
	fixture_close(&fixture);
}

static void
a_failed_append_adds_nothing(void **state)
{
	struct ledger_place places[1];
	struct ledger_cursor before;
	struct fixture_report report;
	struct fixture fixture;
	struct event event = fixture_event("vault.created", NULL);

	(void)state;
	fixture_open(&fixture);
	fixture_append(&fixture, 2);
	before = fixture.cursor;
	event.payload_len = EVENT_MAX_PAYLOAD + 1;
	assert_int_equal(ledger_append(fixture.ledger, &fixture.cursor, 9,
			     &event, 1, places, NULL),
	    CARNET_INVALID);
	event.payload_len = 2;
	/* the file is shorter than the cursor says: nothing is written */
	fixture.cursor.end += 600;
	assert_int_equal(ledger_append(fixture.ledger, &fixture.cursor, 9,
			     &event, 1, places, NULL),
	    CARNET_DAMAGED);
	fixture.cursor.end -= 600;
	assert_memory_equal(&fixture.cursor, &before, sizeof(before));
	fixture_read(&fixture, &before, &report);
	assert_int_equal(report.events, 2);
	assert_int_equal(report.problems_len, 0);
	event_clear(&event);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(append_sets_the_chain),
		cmocka_unit_test(a_full_segment_is_followed),
		cmocka_unit_test(a_torn_tail_is_cut_off),
		cmocka_unit_test(a_failed_append_adds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
