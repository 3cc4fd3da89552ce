/* SPDX-License-Identifier: ISC */
/*
 * New folders beneath an opened one: what a bent path can't change.  Files
 * get their name and replace none, whatever the file system can do.
 * See cli/output.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
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

/* A file system without the one, or without both. */
static int no_exclusive_rename, no_link;

int __real_renameat2(int, const char *, int, const char *, unsigned);
int __wrap_renameat2(int, const char *, int, const char *, unsigned);
int
__wrap_renameat2(
    int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	errno = no_exclusive_rename;
	return no_exclusive_rename != 0
		   ? -1
		   : __real_renameat2(from_fd, from, to_fd, to, flags);
}

int __real_linkat(int, const char *, int, const char *, int);
int __wrap_linkat(int, const char *, int, const char *, int);
int
__wrap_linkat(
    int from_fd, const char *from, int to_fd, const char *to, int flags)
{
	errno = no_link;
	return no_link != 0 ? -1
			    : __real_linkat(from_fd, from, to_fd, to, flags);
}

static size_t
names_in(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fdopendir(copy);
	size_t len = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		len++;
	assert_int_equal(closedir(dir), 0);
	return len - 2;
}

static void
test_a_file_replaces_none(void **state)
{
	static const int ways[][2] = { { 0, 0 }, { EINVAL, 0 }, { ENOSYS, 0 },
		{ EINVAL, EPERM }, { ENOSYS, EOPNOTSUPP } };
	char root[] = "/tmp/carnet-output-XXXXXX", byte = 0;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(root));
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int file;

		no_exclusive_rename = ways[i][0];
		no_link = ways[i][1];
		assert_int_equal(
		    output_file_at(fd, "x", "1", 1, NULL), CARNET_OK);
		assert_int_equal(
		    output_file_at(fd, "x", "2", 1, NULL), CARNET_EXISTS);
		assert_int_equal(names_in(fd), 1); /* nothing else is left */
		file = openat(fd, "x", O_RDONLY | O_CLOEXEC);
		assert_int_equal(read(file, &byte, 1), 1);
		assert_int_equal(byte, '1');
		assert_int_equal(close(file), 0);
		assert_int_equal(unlinkat(fd, "x", 0), 0);
	}
	no_exclusive_rename = EIO; /* anything else is told */
	assert_int_equal(output_file_at(fd, "x", "1", 1, NULL), CARNET_IO);
	assert_int_equal(names_in(fd), 0);
	no_exclusive_rename = no_link = 0;
	assert_int_equal(close(fd), 0);
	assert_int_equal(rmdir(root), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folder_at),
		cmocka_unit_test(test_a_file_replaces_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
