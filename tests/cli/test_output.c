/* SPDX-License-Identifier: ISC */
/*
 * New folders beneath an opened one: what a bent path can't change.
 * See cli/output.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"

static int top;

static enum carnet_status
make(const char *missing)
{
	struct carnet_error err = { 0 };
	int fd = -1;
	enum carnet_status status = output_folder_at(top, missing, &fd, &err);

	if (status == CARNET_OK) {
		assert_true(fd >= 0 && fd != top);
		assert_int_equal(
		    output_file_at(fd, "x", "x", 1, &err), CARNET_OK);
		assert_int_equal(close(fd), 0);
	}
	return status;
}

static void
test_folder_at(void **state)
{
	char root[] = "/tmp/carnet-output-XXXXXX", command[128];

	(void)state;
	assert_non_null(mkdtemp(root));
	top = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(top >= 0);
	assert_int_equal(make("a/b/c"), CARNET_OK);
	assert_int_equal(faccessat(top, "a/b/c/x", F_OK, 0), 0);
	assert_int_equal(make("a/b/c"), CARNET_EXISTS); /* not empty now */
	assert_int_equal(make(""), CARNET_EXISTS);
	assert_int_equal(mkdirat(top, "empty", 0700), 0);
	assert_int_equal(make("empty"), CARNET_OK);
	/* a link that appeared after the guard looked */
	assert_int_equal(mkdirat(top, "cloud", 0700), 0);
	assert_int_equal(symlinkat("cloud", top, "out"), 0);
	assert_int_not_equal(make("out"), CARNET_OK);
	assert_int_not_equal(make("out/deep"), CARNET_OK);
	assert_int_equal(unlinkat(top, "cloud", AT_REMOVEDIR), 0);
	/* a file in the way */
	assert_int_not_equal(make("a/b/c/x"), CARNET_OK);
	assert_int_not_equal(make("a/b/c/x/y"), CARNET_OK);
	(void)close(top);
	(void)snprintf(command, sizeof(command), "rm -rf %s", root);
	assert_int_equal(system(command), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_folder_at) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
