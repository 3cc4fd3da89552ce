/* SPDX-License-Identifier: ISC */
/*
 * Names of segments' files: which count, which revision, in which order.
 * The contract is ledger_files.h.
 */
#include "ledger_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEVICE "ledger/d1000000000000000000000000000000"

static void
touch(struct fixture *fixture, const char *path)
{
	int fd = openat(fixture->fd, path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	(void)close(fd);
}

static void
only_segments_are_listed(void **state)
{
	static const char *const names[] = { DEVICE "/2", DEVICE "/10",
		DEVICE "/1", DEVICE "/1.1", DEVICE "/1.12", DEVICE "/1.2",
		/* none of these is one */
		DEVICE "/.new", DEVICE "/01", DEVICE "/0", DEVICE "/3.0",
		DEVICE "/3.", DEVICE "/3.1.1", DEVICE "/x", DEVICE "/-4",
		DEVICE "/4 ", DEVICE "/5.4294967296", DEVICE "/1099511627777" };
	struct ledger_file *files = NULL;
	struct fixture fixture;
	size_t len = 0;

	(void)state;
	fixture_open(&fixture);
	assert_int_equal(mkdirat(fixture.fd, DEVICE, 0700), 0);
	assert_int_equal(mkdirat(fixture.fd, "ledger/D1", 0700), 0);
	assert_int_equal(mkdirat(fixture.fd, DEVICE "/7", 0700), 0);
	assert_int_equal(symlinkat("1", fixture.fd, DEVICE "/8"), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		touch(&fixture, names[i]);
	assert_int_equal(
	    ledger_list(fixture.fd, &files, &len, NULL), CARNET_OK);
	assert_int_equal(len, 3);
	assert_string_equal(files[0].path, DEVICE "/1.12");
	assert_int_equal(files[0].revision, 12);
	assert_string_equal(files[1].path, DEVICE "/2");
	assert_string_equal(files[2].path, DEVICE "/10");
	free(files);
	fixture_close(&fixture);
}

static void
no_folder_is_damage(void **state)
{
	struct ledger_file *files = NULL;
	struct fixture fixture;
	size_t len = 0;

	(void)state;
	fixture_open(&fixture);
	assert_int_equal(unlinkat(fixture.fd, "ledger", AT_REMOVEDIR), 0);
	assert_int_equal(
	    ledger_list(fixture.fd, &files, &len, NULL), CARNET_DAMAGED);
	fixture_close(&fixture);
}

static void
a_file_too_large_is_damage(void **state)
{
	struct fixture fixture;
	uint8_t *bytes = NULL;
	size_t len = 0;
	int fd;

	(void)state;
	fixture_open(&fixture);
	fd = openat(fixture.fd, "ledger/big", O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)SEGMENT_MAX_FILE + 1), 0);
	assert_int_equal(
	    ledger_file_load(fixture.fd, "ledger/big", &bytes, &len, NULL),
	    CARNET_DAMAGED);
	assert_int_equal(ftruncate(fd, 5), 0);
	assert_int_equal(
	    ledger_file_load(fixture.fd, "ledger/big", &bytes, &len, NULL),
	    CARNET_OK);
	assert_int_equal(len, 5);
	free(bytes);
	(void)close(fd);
	fixture_close(&fixture);
}

static void
what_is_known_of_a_file(void **state)
{
	const struct ledger_file file = { .segment = 4, .revision = 1 };
	struct ledger_cursor known = { .segment = 4, .revision = 1, .end = 99 };

	(void)state;
	assert_int_equal(ledger_known_end(NULL, &file), 0);
	assert_int_equal(ledger_known_end(&known, &file), 99);
	known.segment = 3;
	assert_int_equal(ledger_known_end(&known, &file), 0);
	known.segment = 5;
	assert_true(ledger_known_end(&known, &file) == UINT64_MAX);
	known.segment = 4;
	known.revision = 0;
	assert_true(ledger_known_end(&known, &file) == UINT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_segments_are_listed),
		cmocka_unit_test(no_folder_is_damage),
		cmocka_unit_test(a_file_too_large_is_damage),
		cmocka_unit_test(what_is_known_of_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
