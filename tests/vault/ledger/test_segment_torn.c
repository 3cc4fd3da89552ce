/* SPDX-License-Identifier: ISC */
/*
 * Torn or damaged: every way in which a crash can leave the last write, and
 * every flipped byte of it.  docs/format.md, "Torn tails".
 */
#include "ledger_fixture.h"

#define BEFORE 2

struct torn_case {
	struct fixture fixture;
	struct ledger_cursor before; /* the last batch */
	uint8_t *bytes;
	size_t len;
};

/* A batch of before_len events, then one of three. */
static void
torn_open(struct torn_case *torn, size_t before_len)
{
	fixture_open(&torn->fixture);
	fixture_append(&torn->fixture, before_len);
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
expect_none_of_the_batch(const struct fixture_report *report, size_t before_len)
{
	assert_int_equal(report->events, before_len);
	assert_int_equal(report->problems_len, 0);
	assert_int_equal(report->gaps_len, 0);
}

static void
every_short_write_is_torn(void **state)
{
	struct fixture_report report;
	struct torn_case torn;

	(void)state;
	torn_open(&torn, BEFORE);
	for (size_t len = torn.before.end; len < torn.len; len++) {
		torn_try(&torn, torn.bytes, len, NULL, &report);
		expect_none_of_the_batch(&report, BEFORE);
	}
	torn_try(&torn, torn.bytes, torn.len, NULL, &report);
	assert_int_equal(report.events, 5);
	torn_close(&torn);
}

/* Every set of the last batch's sectors is missing in turn. */
static void
lose_sectors(struct torn_case *torn, size_t before_len)
{
	size_t first = torn->before.end / 512, last = (torn->len - 1) / 512;
	uint8_t *bytes = malloc(torn->len);
	struct fixture_report report;

	assert_non_null(bytes);
	assert_true(last - first < 8);
	for (unsigned lost = 1; lost < 1U << (last - first + 1); lost++) {
		memcpy(bytes, torn->bytes, torn->len);
		for (size_t s = first; s <= last; s++) {
			size_t from = s * 512, to = from + 512;

			if ((lost >> (s - first) & 1) == 0)
				continue;
			if (from < torn->before.end)
				from = torn->before.end;
			if (to > torn->len)
				to = torn->len;
			memset(bytes + from, 0, to - from);
		}
		torn_try(torn, bytes, torn->len, NULL, &report);
		expect_none_of_the_batch(&report, before_len);
	}
	free(bytes);
}

/* The file was made longer first: any sectors may be missing, wherever the
 * batch begins in one.  Eight records before it, and a sector ends with a
 * frame; 63, and it ends in the middle of one. */
static void
every_lost_sector_is_torn(void **state)
{
	(void)state;
	for (size_t before_len = 1; before_len <= 64; before_len++) {
		struct torn_case torn;

		torn_open(&torn, before_len);
		lose_sectors(&torn, before_len);
		torn_close(&torn);
	}
}

static void
every_flipped_byte_is_damage(void **state)
{
	struct fixture_report report;
	struct torn_case torn;

	(void)state;
	torn_open(&torn, BEFORE);
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
	torn_open(&torn, BEFORE);
	torn_try(
	    &torn, torn.bytes, torn.len - 100, &torn.fixture.cursor, &report);
	assert_true(report.problems_len > 0);
	assert_int_equal(report.events, 4);
	memset(torn.bytes + torn.before.end, 0, torn.len - torn.before.end);
	torn_try(&torn, torn.bytes, torn.len, &torn.fixture.cursor, &report);
	assert_true(report.problems_len > 0);
	/* known up to the batch before, it is torn */
	torn_try(&torn, torn.bytes, torn.len, &torn.before, &report);
	expect_none_of_the_batch(&report, BEFORE);
	torn_close(&torn);
}

/* A whole batch behind it proves that a batch was finished. */
static void
only_the_last_batch_is_torn(void **state)
{
	struct fixture_report report;
	struct torn_case torn;

	(void)state;
	torn_open(&torn, BEFORE);
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
	torn_open(&torn, BEFORE);
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
