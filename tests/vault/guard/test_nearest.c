/* SPDX-License-Identifier: ISC */
/* Opening the nearest folder of vault/guard/nearest.c. */
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

#include "guard.h"
#include "scratch.h"

static int
tree_make(void **state)
{
	char *root = calloc(1, PATH_MAX);
	char link[PATH_MAX];

	assert_non_null(root);
	scratch_make(root);
	scratch_folder(root, "a/b");
	scratch_bytes(root, "a/file", "x", 1);
	scratch_path(link, root, "a/nowhere");
	assert_int_equal(symlink("not-there", link), 0);
	scratch_path(link, root, "a/link");
	assert_int_equal(symlink("b", link), 0);
	scratch_path(link, root, "a/loop");
	assert_int_equal(symlink("loop", link), 0);
	*state = root;
	return 0;
}

static int
tree_remove(void **state)
{
	scratch_remove(*state);
	free(*state);
	return 0;
}

static void
opens_what_is_there(void **state)
{
	static const struct {
		const char *path, *opened, *missing;
	} cases[] = {
		{ "a/b", "a/b", "" },
		{ "a/b/", "a/b", "" },
		{ "a//b///", "a/b", "" },
		{ "a/./b/../b", "a/b", "" },
		{ "a/link", "a/b", "" },
		{ "a/new", "a", "new" },
		{ "a/new/", "a", "new" },
		{ "a/b/c//d/./e/", "a/b", "c/d/e" },
		{ "a/link/x", "a/b", "x" },
		{ "x/y/z", "", "x/y/z" },
		{ "x/...", "", "x/..." },
		{ "x/.", "", "x" },
		{ "a/b/../new", "a", "new" },
	};
	const char *root = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[PATH_MAX], want[PATH_MAX];
		struct stat opened, wanted;
		char *missing = NULL;
		int fd = -1;

		scratch_path(path, root, cases[i].path);
		scratch_path(want, root, cases[i].opened);
		assert_int_equal(
		    guard_open_nearest(path, &fd, &missing, NULL), CARNET_OK);
		assert_string_equal(missing, cases[i].missing);
		assert_int_equal(fstat(fd, &opened), 0);
		assert_int_equal(stat(want, &wanted), 0);
		assert_int_equal(opened.st_ino, wanted.st_ino);
		assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
		assert_int_equal(fcntl(fd, F_GETFL) & O_PATH, 0);
		assert_int_equal(close(fd), 0);
		free(missing);
	}
}

static void
refuses_what_is_no_folder(void **state)
{
	static const struct {
		const char *path, *word;
		enum carnet_status status;
	} cases[] = {
		{ "a/file", "file", CARNET_INVALID },
		{ "a/file/x/y", "file", CARNET_INVALID },
		{ "a/nowhere", "link", CARNET_INVALID },
		{ "a/nowhere/x/y", "link", CARNET_INVALID },
		{ "a/loop/x", "opened", CARNET_IO },
		{ "x/../../up", "goes up", CARNET_INVALID },
		{ "a/new/../../up", "goes up", CARNET_INVALID },
	};
	const char *root = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct carnet_error err;
		char path[PATH_MAX];
		char *missing = NULL;
		int fd = -7;

		scratch_path(path, root, cases[i].path);
		assert_int_equal(guard_open_nearest(path, &fd, &missing, &err),
		    cases[i].status);
		assert_non_null(strstr(err.message, cases[i].word));
		assert_int_equal(fd, -7);
		assert_null(missing);
	}
	{
		char *missing = NULL;
		int fd = -7;

		assert_int_equal(guard_open_nearest("", &fd, &missing, NULL),
		    CARNET_INVALID);
	}
}

static void
relative_paths(void **state)
{
	const char *root = *state;
	char *missing = NULL;
	struct stat opened, wanted;
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = -1;

	assert_true(here >= 0);
	assert_int_equal(chdir(root), 0);
	assert_int_equal(
	    guard_open_nearest("n1/n2", &fd, &missing, NULL), CARNET_OK);
	assert_string_equal(missing, "n1/n2");
	assert_int_equal(fstat(fd, &opened), 0);
	assert_int_equal(stat(root, &wanted), 0);
	assert_int_equal(opened.st_ino, wanted.st_ino);
	assert_int_equal(close(fd), 0);
	free(missing);
	assert_int_equal(
	    guard_open_nearest("/", &fd, &missing, NULL), CARNET_OK);
	assert_string_equal(missing, "");
	assert_int_equal(close(fd), 0);
	free(missing);
	assert_int_equal(fchdir(here), 0);
	assert_int_equal(close(here), 0);
}

static void
folder_that_may_not_be_read(void **state)
{
	const char *root = *state;
	char path[PATH_MAX];
	struct carnet_error err;
	char *missing = NULL;
	int fd = -1;

	if (geteuid() == 0)
		skip();
	scratch_folder(root, "closed/in");
	scratch_path(path, root, "closed");
	assert_int_equal(chmod(path, 0), 0);
	scratch_path(path, root, "closed/in/x");
	assert_int_equal(
	    guard_open_nearest(path, &fd, &missing, &err), CARNET_IO);
	scratch_path(path, root, "closed");
	assert_int_equal(chmod(path, 0700), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_what_is_there),
		cmocka_unit_test(refuses_what_is_no_folder),
		cmocka_unit_test(relative_paths),
		cmocka_unit_test(folder_that_may_not_be_read),
	};

	return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
