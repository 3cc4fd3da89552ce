/* SPDX-License-Identifier: ISC */
/*
 * What is erased goes from hurt segments that were set aside, and nothing
 * else does.  The contract is ledger.h.
 */
#include "ledger_fixture.h"

#include <fcntl.h>
#include <unistd.h>

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
		    i >= report.places[1].position && i < report.places[1].end
			? 0
			: before[i]);
	free(before);
	free(after);
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
		cmocka_unit_test(what_does_not_open_stays_and_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
