/* SPDX-License-Identifier: ISC */
/*
 * Torn or damaged: every way in which a crash can leave the last write, and
 * every flipped byte of it.  docs/format.md, "Torn tails".
 */
#include "ledger_fixture.h"

struct torn_case {
	struct fixture fixture;
	struct ledger_cursor before; /* the last batch */
	uint8_t *bytes;
	size_t len;
};

/* A batch of two, then one of three. */
static void
torn_open(struct torn_case *torn)
{
	fixture_open(&torn->fixture);
	fixture_append(&torn->fixture, 2);
	torn->before = torn->fixture.cursor;
	fixture_append(&torn->fixture, 3);
	torn->bytes = fixture_load(&torn->fixture, 1, 0, &torn->len);
}

static void
torn_close(struct torn_case *torn)
{
	free(torn->bytes);
	fixture_close(&torn->fixture);
}

/* Stores bytes in place of the segment; reads it. */
static void
torn_try(struct torn_case *torn, const uint8_t *bytes, size_t len,
    const struct ledger_cursor *known, struct fixture_report *report)
{
	fixture_store(&torn->fixture, 1, 0, bytes, len);
	fixture_read(&torn->fixture, known, report);
}

static void
expect_none_of_the_batch(const struct fixture_report *report)
{
	assert_int_equal(report->events, 2);
	assert_int_equal(report->problems_len, 0);
	assert_int_equal(report->gaps_len, 0);
}

static void
every_short_write_is_torn(void **state)
{
	struct fixture_report report;
	struct torn_case torn;

	(void)state;
	torn_open(&torn);
	for (size_t len = torn.before.end; len < torn.len; len++) {
		torn_try(&torn, torn.bytes, len, NULL, &report);
		expect_none_of_the_batch(&report);
	}
	torn_try(&torn, torn.bytes, torn.len, NULL, &report);
	assert_int_equal(report.events, 5);
	torn_close(&torn);
}

/* The file was made longer first: any sectors may be missing. */
static void
every_lost_sector_is_torn(void **state)
{
	struct fixture_report report;
	struct torn_case torn;
	size_t first, last;
	uint8_t *bytes;

	(void)state;
	torn_open(&torn);
	bytes = malloc(torn.len);
	assert_non_null(bytes);
	first = torn.before.end / 512;
	last = (torn.len - 1) / 512;
	assert_true(last - first < 8);
	for (unsigned lost = 1; lost < 1U << (last - first + 1); lost++) {
		memcpy(bytes, torn.bytes, torn.len);
		for (size_t s = first; s <= last; s++) {
			size_t from = s * 512, to = from + 512;

			if ((lost >> (s - first) & 1) == 0)
				continue;
			if (from < torn.before.end)
				from = torn.before.end;
			if (to > torn.len)
				to = torn.len;
			memset(bytes + from, 0, to - from);
		}
		torn_try(&torn, bytes, torn.len, NULL, &report);
		expect_none_of_the_batch(&report);
	}
	free(bytes);
	torn_close(&torn);
}

static void
every_flipped_byte_is_damage(void **state)
{
	struct fixture_report report;
	struct torn_case torn;

	(void)state;
	torn_open(&torn);
	for (size_t at = torn.before.end; at < torn.len; at++) {
		torn.bytes[at] ^= 0x41;
		torn_try(&torn, torn.bytes, torn.len, NULL, &report);
		assert_true(report.problems_len > 0);
		assert_true(report.events == 5 || report.events == 4);
		torn.bytes[at] ^= 0x41;
	}
	torn_close(&torn);
}

/* What the database knows was on the disk: nothing of it is torn. */
static void
what_is_known_is_damage(void **state)
{
	struct fixture_report report;
	struct torn_case torn;

	(void)state;
	torn_open(&torn);
	torn_try(
	    &torn, torn.bytes, torn.len - 100, &torn.fixture.cursor, &report);
	assert_true(report.problems_len > 0);
	assert_int_equal(report.events, 4);
	memset(torn.bytes + torn.before.end, 0, torn.len - torn.before.end);
	torn_try(&torn, torn.bytes, torn.len, &torn.fixture.cursor, &report);
	assert_true(report.problems_len > 0);
	/* known up to the batch before, it is torn */
	torn_try(&torn, torn.bytes, torn.len, &torn.before, &report);
	expect_none_of_the_batch(&report);
	torn_close(&torn);
}

/* A whole batch behind it proves that a batch was finished. */
static void
only_the_last_batch_is_torn(void **state)
{
	struct fixture_report report;
	struct torn_case torn;

	(void)state;
	torn_open(&torn);
	memset(torn.bytes + SEGMENT_HEADER_LEN, 0, 512);
	torn_try(&torn, torn.bytes, torn.len, NULL, &report);
	assert_true(report.problems_len > 0);
	assert_int_equal(report.events, 4);
	torn_close(&torn);
}

/* Only the last segment can end in a torn batch. */
static void
only_the_last_segment_is_torn(void **state)
{
	struct fixture_report report;
	struct torn_case torn;

	(void)state;
	torn_open(&torn);
	assert_int_equal(ledger_close_segment(
			     torn.fixture.ledger, &torn.fixture.cursor, NULL),
	    CARNET_OK);
	fixture_append(&torn.fixture, 1);
	torn_try(&torn, torn.bytes, torn.len - 1, NULL, &report);
	assert_true(report.problems_len > 0);
	assert_int_equal(report.events, 5);
	assert_int_equal(report.gaps_len, 1);
	assert_int_equal(report.gaps[0].from, 5);
	torn_close(&torn);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_short_write_is_torn),
		cmocka_unit_test(every_lost_sector_is_torn),
		cmocka_unit_test(every_flipped_byte_is_damage),
		cmocka_unit_test(what_is_known_is_damage),
		cmocka_unit_test(only_the_last_batch_is_torn),
		cmocka_unit_test(only_the_last_segment_is_torn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
