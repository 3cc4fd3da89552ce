/* SPDX-License-Identifier: ISC */
/*
 * What is erased goes from hurt segments that were set aside, and nothing
 * else does.  The contract is ledger.h.
 */
#include "ledger_fixture.h"

#include <fcntl.h>
#include <unistd.h>

#define SECTOR ((size_t)512)
#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONG_NOTE                                                              \
	"{\"text\":\"" HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED \
	"\"}"

static bool
is_noted(void *context, const struct event *event)
{
	++*(size_t *)context;
	return strcmp(event->kind, "document.noted") == 0;
}

static bool
erase(struct fixture *fixture, size_t *asked)
{
	struct ledger_file file = { .segment = 1 };
	bool unsure = false;
	int fd;

	memcpy(file.device, fixture_device, DEVICE_ID_LEN);
	ledger_path(fixture_device, 1, 0, file.path);
	fd = openat(fixture->fd, file.path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ledger_erase_aside(fixture->ledger, fd, file.path,
			     &file, is_noted, asked, &unsure, NULL),
	    CARNET_OK);
	(void)close(fd);
	return unsure;
}

static void
erasing_zeroes_what_is_doomed(void **state)
{
	struct fixture_report report;
	struct fixture fixture;
	size_t len = 0, asked = 0;
	uint8_t *before, *after;

	(void)state;
	fixture_open(&fixture);
	fixture_append(&fixture, 1);
	fixture_append_one(&fixture, "document.noted", "{\"text\":\"gone\"}");
	fixture_append(&fixture, 1);
	fixture_read(&fixture, NULL, &report);
	assert_int_equal(report.events, 3);
	before = fixture_load(&fixture, 1, 0, &len);
	assert_false(erase(&fixture, &asked));
	assert_int_equal(asked, 3);
	after = fixture_load(&fixture, 1, 0, &len);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(after[i],
		    i >= report.places[1].position + SEGMENT_FRAME_LEN &&
			    i < report.places[1].end
			? 0
			: before[i]);
	assert_false(erase(&fixture, &asked)); /* it is gone, and known to be */
	assert_int_equal(asked, 5);
	free(before);
	free(after);
	fixture_close(&fixture);
}

/* Writes back what was there before, where the bits of `kept` say so: of the
 * sectors between from and to the others are zeros. */
static void
put_back(struct fixture *fixture, const uint8_t *before, size_t from, size_t to,
    unsigned kept)
{
	static const uint8_t zeros[SECTOR];
	char path[LEDGER_PATH_TEXT];
	int fd;

	ledger_path(fixture_device, 1, 0, path);
	fd = openat(fixture->fd, path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	for (size_t at = from, next; at < to; at = next, kept >>= 1) {
		next = (at / SECTOR + 1) * SECTOR;
		next = next < to ? next : to;
		assert_int_equal(
		    pwrite(fd, (kept & 1) != 0 ? before + at : zeros, next - at,
			(off_t)at),
		    next - at);
	}
	(void)close(fd);
}

/* The power went while a record was erased: any of its sectors may be as they
 * were.  It opens no more, and all of it goes all the same. */
static void
half_erased_is_erased(void **state)
{
	struct fixture_report report;
	struct fixture fixture;
	uint8_t *before, *after;
	size_t len = 0, asked = 0, from, to, sectors;

	(void)state;
	fixture_open(&fixture);
	fixture_append(&fixture, 1);
	fixture_append_one(&fixture, "document.noted", LONG_NOTE);
	fixture_append(&fixture, 1);
	fixture_read(&fixture, NULL, &report);
	before = fixture_load(&fixture, 1, 0, &len);
	from = report.places[1].position + SEGMENT_FRAME_LEN;
	to = report.places[1].end;
	sectors = (to - 1) / SECTOR - from / SECTOR + 1;
	assert_true(sectors > 2);
	for (unsigned kept = 0; kept < 1U << sectors; kept++) {
		put_back(&fixture, before, from, to, kept);
		assert_false(erase(&fixture, &asked));
		after = fixture_load(&fixture, 1, 0, &len);
		for (size_t i = 0; i < len; i++)
			assert_int_equal(
			    after[i], i >= from && i < to ? 0 : before[i]);
		free(after);
	}
	free(before);
	fixture_close(&fixture);
}

static void
what_does_not_open_stays_and_is_told(void **state)
{
	struct fixture fixture;
	size_t len = 0, asked = 0;
	uint8_t *before, *after;

	(void)state;
	fixture_open(&fixture);
	fixture_append_one(&fixture, "document.noted", NULL);
	fixture_append(&fixture, 1);
	fixture_flip(&fixture, 1, SEGMENT_HEADER_LEN + 40);
	before = fixture_load(&fixture, 1, 0, &len);
	assert_true(erase(&fixture, &asked));
	assert_int_equal(asked, 1);
	after = fixture_load(&fixture, 1, 0, &len);
	assert_memory_equal(before, after, len);
	free(before);
	free(after);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(erasing_zeroes_what_is_doomed),
		cmocka_unit_test(half_erased_is_erased),
		cmocka_unit_test(what_does_not_open_stays_and_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
