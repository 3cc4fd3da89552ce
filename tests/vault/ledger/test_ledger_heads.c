/* SPDX-License-Identifier: ISC */
/*
 * What a device has seen of another one's ledger is missed when it is gone;
 * vault/ledger/ledger_heads.c.
 */
#include "ledger_fixture.h"
#include "ledger_heads.h"

#include <unistd.h>

/* An event of the other device, which has seen so much of the first. */
static void
append_seen(struct fixture *fixture, struct ledger_cursor *cursor,
    const char *kind, const char *payload, uint64_t seen)
{
	struct event event = fixture_event(kind, payload);
	struct ledger_place place;

	event.heads = calloc(1, sizeof(*event.heads));
	assert_non_null(event.heads);
	event.heads_len = 1;
	memcpy(event.heads->device, fixture_device, DEVICE_ID_LEN);
	event.heads->seq = seen;
	assert_int_equal(ledger_append(fixture->ledger, cursor, 100, &event, 1,
			     &place, NULL),
	    CARNET_OK);
	event_clear(&event);
}

/* Four events in two segments; the other device has seen `seen` of them. */
static void
two_devices(struct fixture *fixture, struct ledger_cursor *other, uint64_t seen)
{
	memset(other, 0, sizeof(*other));
	memcpy(other->device, fixture_other, DEVICE_ID_LEN);
	fixture_open(fixture);
	fixture_append(fixture, 2);
	assert_int_equal(
	    ledger_close_segment(fixture->ledger, &fixture->cursor, NULL),
	    CARNET_OK);
	fixture_append(fixture, 2);
	append_seen(fixture, other, "vault.created", NULL, seen);
}

static void
remove_segment(struct fixture *fixture, uint64_t number)
{
	char path[LEDGER_PATH_TEXT];

	ledger_path(fixture_device, number, 0, path);
	assert_int_equal(unlinkat(fixture->fd, path, 0), 0);
}

static void
what_is_there_is_not_missed(void **state)
{
	struct fixture_report report;
	struct ledger_cursor other;
	struct fixture fixture;

	(void)state;
	for (uint64_t seen = 1; seen <= 4; seen++) {
		two_devices(&fixture, &other, seen);
		fixture_read(&fixture, NULL, &report);
		assert_int_equal(report.events, 5);
		assert_int_equal(report.problems_len, 0);
		assert_int_equal(report.gaps_len, 0);
		fixture_close(&fixture);
	}
}

static void
a_lost_end_is_missed_once(void **state)
{
	struct fixture_report report;
	struct ledger_cursor other;
	struct fixture fixture;

	(void)state;
	two_devices(&fixture, &other, 4);
	remove_segment(&fixture, 2);
	fixture_read(&fixture, NULL, &report);
	assert_int_equal(report.events, 3);
	assert_int_equal(report.problems_len, 1);
	assert_string_equal(report.problems[0], "events 3 to 4 are missing");
	assert_int_equal(report.gaps_len, 1);
	assert_false(report.gaps[0].is_known);
	assert_memory_equal(
	    report.gaps[0].device, fixture_device, DEVICE_ID_LEN);
	/* what a database knows besides is told once, too */
	fixture_read(&fixture, &fixture.cursor, &report);
	assert_int_equal(report.gaps_len, 1);
	append_seen(&fixture, &other, LEDGER_REPAIRED,
	    "{\"gaps\":[{\"device\":\"d1000000000000000000000000000000\","
	    "\"from\":\"3\",\"to\":\"4\"}]}",
	    2);
	fixture_read(&fixture, NULL, &report);
	assert_int_equal(report.problems_len, 0);
	assert_int_equal(report.gaps_len, 1);
	assert_true(report.gaps[0].is_known);
	fixture_close(&fixture);
}

/* Also where reading begins behind what is known. */
static void
all_of_a_device_is_missed(void **state)
{
	struct fixture_report report;
	struct ledger_cursor other, before;
	struct fixture fixture;

	(void)state;
	two_devices(&fixture, &other, 4);
	before = fixture.cursor;
	remove_segment(&fixture, 1);
	remove_segment(&fixture, 2);
	fixture_read(&fixture, NULL, &report);
	assert_int_equal(report.problems_len, 1);
	assert_string_equal(report.problems[0], "events 1 to 4 are missing");
	fixture_read(&fixture, &before, &report);
	assert_int_equal(report.gaps_len, 1);
	assert_int_equal(report.gaps[0].from, 1);
	assert_int_equal(report.gaps[0].to, 4);
	fixture_close(&fixture);
}

static void
the_greatest_counts(void **state)
{
	struct ledger_heads heads = { 0 };
	struct event_head seen[2] = { { .seq = 7 }, { .seq = 3 } };
	struct event event = { .heads = seen, .heads_len = 2 };

	(void)state;
	memcpy(seen[0].device, fixture_device, DEVICE_ID_LEN);
	memcpy(seen[1].device, fixture_device, DEVICE_ID_LEN);
	assert_int_equal(ledger_heads_take(&heads, &event, NULL), CARNET_OK);
	assert_int_equal(
	    ledger_heads_end(&heads, fixture_device, 5, NULL), CARNET_OK);
	assert_int_equal(
	    ledger_heads_end(&heads, fixture_other, 9, NULL), CARNET_OK);
	assert_int_equal(heads.len, 2);
	assert_int_equal(heads.items[0].seen, 7);
	assert_int_equal(heads.items[0].ends, 5);
	assert_int_equal(heads.items[1].seen, 0);
	ledger_heads_clear(&heads);
	assert_int_equal(heads.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_there_is_not_missed),
		cmocka_unit_test(a_lost_end_is_missed_once),
		cmocka_unit_test(all_of_a_device_is_missed),
		cmocka_unit_test(the_greatest_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
