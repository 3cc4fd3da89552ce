/* SPDX-License-Identifier: ISC */
/*
 * Segments written anew: payloads erased for good, damage left out, the
 * chain whole.  The contract is ledger.h.
 */
#include "ledger_fixture.h"

#include <unistd.h>

#define DEVICE "ledger/d1000000000000000000000000000000"

static bool
is_noted(void *context, const struct event *event)
{
	++*(size_t *)context;
	return strcmp(event->kind, "document.noted") == 0;
}

static void
purging_erases_and_keeps_the_chain(void **state)
{
	struct fixture_report before, after;
	struct fixture fixture;
	size_t asked = 0;

	(void)state;
	fixture_open(&fixture);
	fixture_append(&fixture, 2);
	fixture_append_one(&fixture, "document.noted", "{\"text\":\"gone\"}");
	assert_int_equal(
	    ledger_close_segment(fixture.ledger, &fixture.cursor, NULL),
	    CARNET_OK);
	fixture_append(&fixture, 1);
	fixture_read(&fixture, NULL, &before);
	assert_int_equal(
	    ledger_purge(fixture.ledger, is_noted, &asked, NULL), CARNET_OK);
	assert_int_equal(asked, 4);
	assert_false(fixture_has(&fixture, DEVICE "/1"));
	assert_true(fixture_has(&fixture, DEVICE "/1.1"));
	assert_true(fixture_has(&fixture, DEVICE "/2")); /* nothing doomed */
	fixture_read(&fixture, NULL, &after);
	assert_int_equal(after.events, 4);
	assert_int_equal(after.problems_len, 0);
	assert_memory_equal(after.seqs, before.seqs, sizeof(before.seqs));
	/* once more: what is purged isn't asked about again */
	asked = 0;
	assert_int_equal(
	    ledger_purge(fixture.ledger, is_noted, &asked, NULL), CARNET_OK);
	assert_int_equal(asked, 3);
	assert_false(fixture_has(&fixture, DEVICE "/1.2"));
	fixture_close(&fixture);
}

static void
purging_stops_at_damage(void **state)
{
	struct fixture fixture;
	size_t asked = 0;

	(void)state;
	fixture_open(&fixture);
	fixture_append_one(&fixture, "document.noted", NULL);
	fixture_append(&fixture, 1);
	fixture_flip(&fixture, 1, SEGMENT_HEADER_LEN + 40);
	assert_int_equal(ledger_purge(fixture.ledger, is_noted, &asked, NULL),
	    CARNET_DAMAGED);
	assert_true(fixture_has(&fixture, DEVICE "/1"));
	assert_false(fixture_has(&fixture, DEVICE "/1.1"));
	fixture_close(&fixture);
}

/* What a crash leaves between the new revision and the old one's end. */
static void
purging_deletes_what_a_crash_left(void **state)
{
	struct fixture fixture;
	size_t asked = 0, len = 0;
	uint8_t *old;

	(void)state;
	fixture_open(&fixture);
	fixture_append_one(&fixture, "document.noted", "{\"text\":\"gone\"}");
	old = fixture_load(&fixture, 1, 0, &len);
	assert_int_equal(
	    ledger_purge(fixture.ledger, is_noted, &asked, NULL), CARNET_OK);
	fixture_store(&fixture, 1, 0, old, len);
	assert_true(fixture_has(&fixture, DEVICE "/1"));
	assert_int_equal(
	    ledger_purge(fixture.ledger, is_noted, &asked, NULL), CARNET_OK);
	assert_false(fixture_has(&fixture, DEVICE "/1"));
	assert_true(fixture_has(&fixture, DEVICE "/1.1"));
	free(old);
	fixture_close(&fixture);
}

struct hurt {
	struct fixture *fixture;
	size_t files;
	uint64_t records;
};

static enum carnet_status
put_aside(void *context, const struct ledger_file *file, uint64_t records,
    struct carnet_error *err)
{
	struct hurt *hurt = context;

	(void)err;
	hurt->files++;
	hurt->records = records;
	assert_int_equal(unlinkat(hurt->fixture->fd, file->path, 0), 0);
	return CARNET_OK;
}

/* Whole and without anything of its own it goes; else it is told. */
static void
older_revisions_that_may_be_of_use_stay(void **state)
{
	struct fixture fixture;
	struct hurt hurt = { .fixture = &fixture };
	size_t asked = 0, len = 0, more_len = 0;
	uint8_t *old, *more;

	(void)state;
	fixture_open(&fixture);
	fixture_append_one(&fixture, "document.noted", NULL);
	old = fixture_load(&fixture, 1, 0, &len);
	fixture_append(&fixture, 1);
	more = fixture_load(&fixture, 1, 0, &more_len);
	fixture_store(&fixture, 1, 0, old, len);
	assert_int_equal(
	    ledger_purge(fixture.ledger, is_noted, &asked, NULL), CARNET_OK);
	fixture_store(&fixture, 1, 0, more, more_len); /* knows one more */
	assert_int_equal(
	    ledger_clear_older(fixture.ledger, put_aside, &hurt, NULL),
	    CARNET_OK);
	assert_int_equal(hurt.files, 1);
	assert_int_equal(hurt.records, 2);
	old[SEGMENT_HEADER_LEN + 40] ^= 1;
	fixture_store(&fixture, 1, 0, old, len); /* hurt */
	assert_int_equal(
	    ledger_clear_older(fixture.ledger, put_aside, &hurt, NULL),
	    CARNET_OK);
	assert_int_equal(hurt.files, 2);
	assert_int_equal(hurt.records, 0);
	free(old);
	free(more);
	fixture_close(&fixture);
}

/* What holds no event of its own hides nothing: also two of them. */
static void
a_newest_revision_of_nothing_hides_none(void **state)
{
	struct fixture fixture;
	struct hurt hurt = { .fixture = &fixture };
	size_t len = 0, now_len = 0, found = 0;
	uint8_t *old, *now;

	(void)state;
	fixture_open(&fixture);
	fixture_append(&fixture, 2);
	old = fixture_load(&fixture, 1, 0, &len);
	fixture_store(&fixture, 1, 1, old, 0);
	fixture_store(&fixture, 1, 2, old, len); /* sealed for another name */
	assert_int_equal(
	    ledger_unhide_older(fixture.ledger, put_aside, &hurt, &found, NULL),
	    CARNET_OK);
	assert_int_equal(found, 2);
	assert_int_equal(hurt.files, 2);
	now = fixture_load(&fixture, 1, 0, &now_len);
	assert_int_equal(now_len, len);
	assert_memory_equal(now, old, len);
	assert_int_equal(
	    ledger_unhide_older(fixture.ledger, put_aside, &hurt, &found, NULL),
	    CARNET_OK);
	assert_int_equal(found, 0);
	free(old);
	free(now);
	fixture_close(&fixture);
}

/* Header, frame, seal: each is mended as far as can be, once. */
static void
mending_leaves_damage_out(void **state)
{
	static const struct {
		const char *what;
		uint64_t at; /* behind the second record's position, or */
		bool header; /* in the header */
		uint64_t left;
	} cases[] = { { "header", 20, true, 3 }, { "frame", 2, false, 3 },
		{ "checksum", 9, false, 3 }, { "seal", 60, false, 2 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture_report report;
		struct fixture fixture;
		struct hurt hurt = { .fixture = &fixture };

		fixture_open(&fixture);
		fixture_append(&fixture, 3);
		fixture_read(&fixture, NULL, &report);
		fixture_flip(&fixture, 1,
		    cases[i].at +
			(cases[i].header ? 0 : report.places[1].position));
		fixture_read(&fixture, NULL, &report);
		assert_true(report.problems_len > 0);
		assert_int_equal(ledger_mend(fixture.ledger, NULL, 0, put_aside,
				     &hurt, NULL),
		    CARNET_OK);
		assert_int_equal(hurt.files, 1);
		assert_int_equal(hurt.records, cases[i].left);
		assert_true(fixture_has(&fixture, DEVICE "/1.1"));
		fixture_read(&fixture, NULL, &report);
		assert_int_equal(report.events, cases[i].left);
		assert_int_equal(
		    report.problems_len, cases[i].left == 3 ? 0 : 1);
		assert_int_equal(ledger_mend(fixture.ledger, NULL, 0, put_aside,
				     &hurt, NULL),
		    CARNET_OK);
		assert_int_equal(hurt.files, 1);
		fixture_close(&fixture);
	}
}

static void
mending_leaves_a_torn_tail_alone(void **state)
{
	struct fixture fixture;
	struct hurt hurt = { .fixture = &fixture };
	struct ledger_cursor known;
	uint8_t *bytes;
	size_t len = 0;

	(void)state;
	fixture_open(&fixture);
	fixture_append(&fixture, 1);
	fixture_append(&fixture, 1);
	known = fixture.cursor;
	bytes = fixture_load(&fixture, 1, 0, &len);
	fixture_store(&fixture, 1, 0, bytes, len - 9);
	free(bytes);
	assert_int_equal(
	    ledger_mend(fixture.ledger, NULL, 0, put_aside, &hurt, NULL),
	    CARNET_OK);
	assert_int_equal(hurt.files, 0);
	/* unless it is known to have been whole */
	assert_int_equal(
	    ledger_mend(fixture.ledger, &known, 1, put_aside, &hurt, NULL),
	    CARNET_OK);
	assert_int_equal(hurt.files, 1);
	assert_int_equal(hurt.records, 1);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(purging_erases_and_keeps_the_chain),
		cmocka_unit_test(purging_stops_at_damage),
		cmocka_unit_test(purging_deletes_what_a_crash_left),
		cmocka_unit_test(older_revisions_that_may_be_of_use_stay),
		cmocka_unit_test(a_newest_revision_of_nothing_hides_none),
		cmocka_unit_test(mending_leaves_damage_out),
		cmocka_unit_test(mending_leaves_a_torn_tail_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
