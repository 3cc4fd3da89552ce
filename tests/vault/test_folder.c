/* SPDX-License-Identifier: ISC */
/*
 * Where a folder stands: itself, below, beside, moved; through links.
 * See vault/folder.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "carnet_types.h"

static int
open_folder(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void
test_inside(void **state)
{
	char root[] = "/tmp/carnet-folder-XXXXXX", command[128];
	struct carnet_error err = { 0 };
	int top, a, b, deep;

	(void)state;
	assert_non_null(mkdtemp(root));
	top = open_folder(AT_FDCWD, root);
	assert_int_equal(mkdirat(top, "a", 0700), 0);
	assert_int_equal(mkdirat(top, "b", 0700), 0);
	assert_int_equal(mkdirat(top, "a/deep", 0700), 0);
	assert_int_equal(symlinkat("b", top, "link"), 0);
	a = open_folder(top, "a");
	b = open_folder(top, "b");
	deep = open_folder(top, "a/deep");
	assert_true(carnet_folder_is_inside(a, a));
	assert_true(carnet_folder_is_inside(deep, a));
	assert_true(carnet_folder_is_inside(deep, top));
	assert_false(carnet_folder_is_inside(a, deep));
	assert_false(carnet_folder_is_inside(deep, b));
	assert_false(carnet_folder_is_inside(-1, a));
	assert_false(carnet_folder_is_inside(a, -1));
	/* by what it is, not by what it is called */
	(void)close(b);
	b = open_folder(top, "link");
	assert_false(carnet_folder_is_inside(b, a));
	assert_int_equal(carnet_folder_judged(NULL, b, &err), CARNET_OK);
	assert_int_equal(carnet_folder_judged(&a, deep, &err), CARNET_OK);
	assert_int_equal(carnet_folder_judged(&a, b, &err), CARNET_CHANGED);
	assert_true(strlen(err.message) > 0);
	/* moved away meanwhile */
	assert_int_equal(renameat(top, "a/deep", top, "b/deep"), 0);
	assert_int_equal(carnet_folder_judged(&a, deep, &err), CARNET_CHANGED);
	(void)close(deep);
	(void)close(b);
	(void)close(a);
	(void)close(top);
	(void)snprintf(command, sizeof(command), "rm -rf %s", root);
	assert_int_equal(system(command), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_inside) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
