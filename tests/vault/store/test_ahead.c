/* SPDX-License-Identifier: ISC */
/*
 * Files read, cut and named before it is their turn: what comes of them is
 * the same, whatever becomes of the others.  vault/store/ahead.c, store.c.
 */
#include "store_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 60

static const size_t sizes[] = { 0, 1, 300, 65535, 65536, 150000, 262144, 900000,
	4194304, 9000000 };

struct files {
	int fds[FILES];
	uint8_t *bytes[FILES];
	size_t lens[FILES];
};

static int
open_file(struct fixture *fixture, const void *bytes, size_t len)
{
	char path[96];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/source", fixture->path);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, 0), len);
	(void)unlink(path);
	return fd;
}

/* Every third is the same as the one three before. */
static void
make_files(struct fixture *fixture, struct files *files)
{
	for (size_t i = 0; i < FILES; i++) {
		size_t kind = i % 3 == 2 ? 7 : i % 10;

		files->lens[i] = sizes[kind];
		files->bytes[i] = malloc(sizes[kind] + 1);
		assert_non_null(files->bytes[i]);
		fixture_random(
		    files->bytes[i], sizes[kind], i % 3 == 2 ? 7 : 1000 + i);
		files->fds[i] =
		    open_file(fixture, files->bytes[i], files->lens[i]);
	}
}

static void
drop_files(struct files *files)
{
	for (size_t i = 0; i < FILES; i++) {
		free(files->bytes[i]);
		(void)close(files->fds[i]);
	}
}

static bool
give(struct fixture *fixture, int fd)
{
	struct stat info;

	assert_int_equal(fstat(fd, &info), 0);
	return store_read_ahead(fixture->store, fd, &info);
}

static enum carnet_status
put(struct fixture *fixture, int fd, struct content *ret_content)
{
	return store_put_fd(fixture->store, fd, ret_content, NULL, NULL);
}

static void
what_comes_of_it_is_the_same(void **state)
{
	struct fixture *fixture = *state;
	struct content ahead[FILES], plain;
	struct files files;

	make_files(fixture, &files);
	for (size_t i = 0; i < FILES; i++)
		if (i % 7 != 3) /* those are read when they are put */
			assert_true(give(fixture, files.fds[i]));
	for (size_t i = 0; i < FILES; i++) {
		assert_int_equal(
		    store_is_ahead(fixture->store, files.fds[i], NULL),
		    i % 7 != 3);
		assert_int_equal(
		    put(fixture, files.fds[i], &ahead[i]), CARNET_OK);
		if (i == FILES / 2)
			(void)fixture_flush(fixture);
	}
	(void)fixture_flush(fixture);
	for (size_t i = 0; i < FILES; i++) {
		/* nothing is new, and it is called the same */
		assert_int_equal(
		    fixture_put(fixture, files.bytes[i], files.lens[i], &plain),
		    0);
		assert_int_equal(ahead[i].len, plain.len);
		assert_memory_equal(
		    ahead[i].names, plain.names, plain.len * HASH_LEN);
		fixture_expect(
		    fixture, &ahead[i], files.bytes[i], files.lens[i]);
		/* nobody moved it */
		if (i % 7 != 3)
			assert_int_equal(lseek(files.fds[i], 0, SEEK_CUR), 0);
		content_clear(&plain);
		content_clear(&ahead[i]);
	}
	drop_files(&files);
}

static void
one_that_fails_hurts_no_other(void **state)
{
	struct fixture *fixture = *state;
	struct content first, bad = { .size = 42 }, last, broken = { 0 };
	struct files files;
	struct carnet_error err = { 0 };

	make_files(fixture, &files);
	assert_true(give(fixture, files.fds[9]));
	assert_true(give(fixture, fixture->fd)); /* a folder can't be read */
	assert_true(give(fixture, files.fds[19]));
	assert_true(give(fixture, files.fds[28]));
	assert_int_equal(put(fixture, files.fds[9], &first), CARNET_OK);
	assert_int_equal(
	    store_put_fd(fixture->store, fixture->fd, &bad, NULL, &err),
	    CARNET_IO);
	assert_true(strlen(err.message) > 0);
	assert_int_equal(bad.size, 42);
	fixture->broken = true; /* in the middle of a large file */
	assert_int_equal(put(fixture, files.fds[19], &broken), CARNET_FAILED);
	fixture->broken = false;
	assert_int_equal(put(fixture, files.fds[28], &last), CARNET_OK);
	(void)fixture_flush(fixture);
	fixture_expect(fixture, &first, files.bytes[9], files.lens[9]);
	fixture_expect(fixture, &last, files.bytes[28], files.lens[28]);
	content_clear(&first);
	content_clear(&last);
	drop_files(&files);
}

static void
what_is_forgotten_is_read_again(void **state)
{
	struct fixture *fixture = *state;
	struct content content;
	struct files files;

	make_files(fixture, &files);
	for (unsigned round = 0; round < 6; round++) {
		for (size_t i = 0; i < FILES; i++)
			assert_true(give(fixture, files.fds[i]));
		for (size_t i = 0; i < 3 * round; i++) {
			assert_int_equal(
			    put(fixture, files.fds[i], &content), CARNET_OK);
			content_clear(&content);
		}
		store_forget_ahead(fixture->store);
		assert_false(
		    store_is_ahead(fixture->store, files.fds[3 * round], NULL));
	}
	assert_int_equal(lseek(files.fds[19], 0, SEEK_SET), 0);
	assert_int_equal(put(fixture, files.fds[19], &content), CARNET_OK);
	(void)fixture_flush(fixture);
	fixture_expect(fixture, &content, files.bytes[19], files.lens[19]);
	content_clear(&content);
	/* and a store that is closed lets go of what it was given */
	for (size_t i = 0; i < FILES; i++)
		assert_true(give(fixture, files.fds[i]));
	fixture_reopen(fixture);
	drop_files(&files);
}

/* Small when it was given: its box is too small for what it is now. */
static void
one_that_grew_is_whole(void **state)
{
	struct fixture *fixture = *state;
	size_t len = 700000;
	uint8_t *bytes = malloc(len);
	struct content content;
	struct stat before;
	int fd;

	assert_non_null(bytes);
	fixture_random(bytes, len, 3);
	fd = open_file(fixture, bytes, 100);
	assert_int_equal(fstat(fd, &before), 0);
	assert_int_equal(pwrite(fd, bytes, len, 0), len);
	assert_true(store_read_ahead(fixture->store, fd, &before));
	assert_true(store_is_ahead(fixture->store, fd, &before));
	assert_int_equal(before.st_size, 100); /* as it was given */
	assert_int_equal(put(fixture, fd, &content), CARNET_OK);
	assert_int_equal(content.size, len);
	(void)fixture_flush(fixture);
	fixture_expect(fixture, &content, bytes, len);
	content_clear(&content);
	(void)close(fd);
	free(bytes);
}

static void
one_thread_reads_nothing_ahead(void **state)
{
	struct fixture *fixture = *state;
	int fd = open_file(fixture, "alone", 5);

	store_set_threads(fixture->store, 1);
	assert_false(give(fixture, fd));
	assert_false(store_is_ahead(fixture->store, fd, NULL));
	store_forget_ahead(fixture->store);
	(void)close(fd);
}

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture_open(fixture, 1);
	store_set_threads(fixture->store, 3);
	fixture->threads = 3;
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_comes_of_it_is_the_same),
		TEST(one_that_fails_hurts_no_other),
		TEST(what_is_forgotten_is_read_again),
		TEST(one_that_grew_is_whole),
		TEST(one_thread_reads_nothing_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
