/* SPDX-License-Identifier: ISC */
/*
 * Reading the ledger: in order, behind cursors, around damage; gaps, and how
 * the files stand to a database.  The contract is ledger.h.
 */
#include "ledger_fixture.h"

#include <unistd.h>

static void
events_come_in_order(void **state)
{
	struct fixture_report report;
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture);
	fixture_append(&fixture, 3);
	assert_int_equal(
	    ledger_close_segment(fixture.ledger, &fixture.cursor, NULL),
	    CARNET_OK);
	fixture_append(&fixture, 2);
	fixture_read(&fixture, &fixture.cursor, &report);
	assert_int_equal(report.events, 5);
	assert_int_equal(report.problems_len, 0);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(report.seqs[i], i + 1);
	assert_int_equal(report.places[2].segment, 1);
	assert_int_equal(report.places[3].segment, 2);
	fixture_close(&fixture);
}

static enum carnet_status
count(void *context, const struct event *event,
    const struct ledger_place *place, struct carnet_error *err)
{
	(void)event;
	(void)place;
	(void)err;
	++*(size_t *)context;
	return CARNET_OK;
}

static void
a_cursor_is_where_reading_starts(void **state)
{
	struct fixture fixture;
	struct ledger_cursor cursor;
	size_t events = 0, problems = 0;
	struct ledger_reading reading = { .cursors = &cursor,
		.cursors_len = 1,
		.visit = count,
		.context = &events };

	(void)state;
	fixture_open(&fixture);
	fixture_append(&fixture, 3);
	cursor = fixture.cursor;
	fixture_append(&fixture, 2);
	assert_int_equal(
	    ledger_read(fixture.ledger, &reading, &problems, NULL), CARNET_OK);
	assert_int_equal(events, 2);
	assert_int_equal(problems, 0);
	cursor.hash[0] ^= 1; /* the chain goes on from another event */
	assert_int_equal(
	    ledger_read(fixture.ledger, &reading, &problems, NULL), CARNET_OK);
	assert_int_equal(problems, 1);
	fixture_close(&fixture);
}

static enum carnet_status
refuse(void *context, const struct event *event,
    const struct ledger_place *place, struct carnet_error *err)
{
	(void)context;
	(void)event;
	(void)place;
	return carnet_fail(err, CARNET_INTERRUPTED, "no more");
}

static void
a_visitor_can_stop(void **state)
{
	struct fixture fixture;
	const struct ledger_reading reading = { .visit = refuse };

	(void)state;
	fixture_open(&fixture);
	fixture_append(&fixture, 3);
	assert_int_equal(ledger_read(fixture.ledger, &reading, NULL, NULL),
	    CARNET_INTERRUPTED);
	fixture_close(&fixture);
}

static void
a_hurt_record_is_gone_around(void **state)
{
	struct fixture_report report;
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture);
	fixture_append(&fixture, 3);
	fixture_append(&fixture, 2);
	fixture_read(&fixture, NULL, &report);
	fixture_flip(&fixture, 1, report.places[1].position + 50);
	fixture_read(&fixture, NULL, &report);
	assert_int_equal(report.events, 4);
	assert_int_equal(report.seqs[1], 3);
	assert_int_equal(report.problems_len, 2); /* bytes, and the event */
	assert_int_equal(report.gaps_len, 1);
	assert_int_equal(report.gaps[0].from, 2);
	assert_int_equal(report.gaps[0].to, 2);
	assert_false(report.gaps[0].is_known);
	assert_string_equal(report.problems[1], "event 2 is missing");
	fixture_close(&fixture);
}

/* A gap that a "ledger.repaired" names is told, and is no problem. */
static void
a_known_gap_is_no_problem(void **state)
{
	struct fixture_report report;
	struct fixture fixture;
	size_t hurt = 0;

	(void)state;
	fixture_open(&fixture);
	fixture_append(&fixture, 3);
	fixture_read(&fixture, NULL, &report);
	hurt = report.places[1].position;
	fixture_append_one(&fixture, LEDGER_REPAIRED,
	    "{\"gaps\":[{\"device\":\"d1000000000000000000000000000000\","
	    "\"from\":\"2\",\"to\":\"2\"}]}");
	fixture_flip(&fixture, 1, hurt + 50);
	fixture_read(&fixture, NULL, &report);
	assert_int_equal(report.events, 3);
	assert_int_equal(report.problems_len, 1); /* the bytes alone */
	assert_int_equal(report.gaps_len, 1);
	assert_true(report.gaps[0].is_known);
	assert_int_equal(report.gaps[0].repaired, 1772668800000);
	fixture_close(&fixture);
}

static void
a_missing_segment_is_a_gap(void **state)
{
	struct fixture_report report;
	struct fixture fixture;
	char path[LEDGER_PATH_TEXT];

	(void)state;
	fixture_open(&fixture);
	for (int i = 0; i < 3; i++) {
		fixture_append(&fixture, 2);
		assert_int_equal(
		    ledger_close_segment(fixture.ledger, &fixture.cursor, NULL),
		    CARNET_OK);
	}
	ledger_path(fixture_device, 2, 0, path);
	assert_int_equal(unlinkat(fixture.fd, path, 0), 0);
	fixture_read(&fixture, NULL, &report);
	assert_int_equal(report.events, 4);
	assert_int_equal(report.problems_len, 1);
	assert_string_equal(report.problems[0], "events 3 to 4 are missing");
	fixture_close(&fixture);
}

static void
older_files_are_behind(void **state)
{
	enum ledger_relation relation = LEDGER_SAME;
	struct fixture_report report;
	struct fixture fixture;
	struct ledger_cursor newer;
	uint8_t *bytes;
	size_t len = 0;

	(void)state;
	fixture_open(&fixture);
	fixture_append(&fixture, 3);
	bytes = fixture_load(&fixture, 1, 0, &len);
	fixture_append(&fixture, 2);
	newer = fixture.cursor;
	assert_int_equal(
	    ledger_compare(fixture.ledger, &newer, 1, &relation, NULL),
	    CARNET_OK);
	assert_int_equal(relation, LEDGER_SAME);
	fixture_store(&fixture, 1, 0, bytes, len);
	free(bytes);
	assert_int_equal(
	    ledger_compare(fixture.ledger, &newer, 1, &relation, NULL),
	    CARNET_OK);
	assert_int_equal(relation, LEDGER_BEHIND);
	fixture_read(&fixture, &newer, &report);
	assert_int_equal(report.events, 3);
	assert_int_equal(report.problems_len, 2);
	assert_int_equal(report.gaps[0].from, 4);
	assert_int_equal(report.gaps[0].to, 5);
	newer.revision = 1;
	assert_int_equal(
	    ledger_compare(fixture.ledger, &newer, 1, &relation, NULL),
	    CARNET_OK);
	assert_int_equal(relation, LEDGER_REWRITTEN);
	assert_int_equal(
	    ledger_compare(fixture.ledger, NULL, 0, &relation, NULL),
	    CARNET_OK);
	assert_int_equal(relation, LEDGER_AHEAD);
	memcpy(newer.device, fixture_other, DEVICE_ID_LEN);
	fixture_read(&fixture, &newer, &report); /* all of a device is gone */
	assert_int_equal(report.gaps_len, 1);
	assert_int_equal(report.gaps[0].to, 5);
	fixture_close(&fixture);
}

static void
a_newer_segment_stops_reading(void **state)
{
	const struct ledger_reading reading = { .visit = refuse };
	struct carnet_error err;
	struct fixture fixture;
	uint8_t *bytes;
	size_t len = 0;

	(void)state;
	fixture_open(&fixture);
	fixture_append(&fixture, 1);
	bytes = fixture_load(&fixture, 1, 0, &len);
	bytes[8] = 9;
	fixture_store(&fixture, 1, 0, bytes, len);
	free(bytes);
	assert_int_equal(
	    ledger_read(fixture.ledger, &reading, NULL, &err), CARNET_NEWER);
	assert_non_null(strstr(err.message, "9"));
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_come_in_order),
		cmocka_unit_test(a_cursor_is_where_reading_starts),
		cmocka_unit_test(a_visitor_can_stop),
		cmocka_unit_test(a_hurt_record_is_gone_around),
		cmocka_unit_test(a_known_gap_is_no_problem),
		cmocka_unit_test(a_missing_segment_is_a_gap),
		cmocka_unit_test(older_files_are_behind),
		cmocka_unit_test(a_newer_segment_stops_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
