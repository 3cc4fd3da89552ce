/* SPDX-License-Identifier: ISC */
/*
 * One pack copied: to a disk that writes something else, or can't sync; from
 * a pack that is hurt, or forged under a checksum that fits.
 */
#include "store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

#define LONG_LEN ((size_t)700 << 10) /* several steps of copy and check */

/* What the disk does to the first byte at or behind `at`; -1: nothing. */
static struct {
	int64_t at, written;
	bool cannot_sync;
	/* a server that is full says so at last, and has dropped the rest */
	bool shrinks;
	int unreadable; /* 1: the source, 2: the copy */
} disk = { .at = -1 };

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __real_read(int fd, void *bytes, size_t len);
ssize_t __wrap_read(int fd, void *bytes, size_t len);
ssize_t __real_pread64(int fd, void *bytes, size_t len, off64_t offset);
ssize_t __wrap_pread64(int fd, void *bytes, size_t len, off64_t offset);
int __real_fsync(int fd);
int __wrap_fsync(int fd);

ssize_t
__wrap_write(int fd, const void *bytes, size_t len)
{
	int64_t at = disk.at - disk.written;
	uint8_t *other;
	ssize_t done;

	disk.written += (int64_t)len;
	if (disk.at < 0 || at < 0 || at >= (int64_t)len)
		return __real_write(fd, bytes, len);
	other = malloc(len);
	assert_non_null(other);
	memcpy(other, bytes, len);
	other[at] ^= 0x04;
	done = __real_write(fd, other, len);
	free(other);
	assert_int_equal(done, len);
	return done;
}

/* The source is opened to be read, the copy for both. */
static bool
is_unreadable(int fd)
{
	int flags = fcntl(fd, F_GETFL) & O_ACCMODE;

	return disk.unreadable != 0 &&
	       (disk.unreadable == 1) == (flags == O_RDONLY);
}

ssize_t
__wrap_read(int fd, void *bytes, size_t len)
{
	if (is_unreadable(fd)) {
		errno = EIO;
		return -1;
	}
	return __real_read(fd, bytes, len);
}

ssize_t
__wrap_pread64(int fd, void *bytes, size_t len, off64_t offset)
{
	if (is_unreadable(fd)) {
		errno = EIO;
		return -1;
	}
	if (disk.shrinks && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR)
		assert_int_equal(ftruncate(fd, 100), 0);
	return __real_pread64(fd, bytes, len, offset);
}

int
__wrap_fsync(int fd)
{
	if (disk.shrinks || disk.cannot_sync) {
		errno = disk.shrinks ? ENOSPC : EIO;
		return -1;
	}
	return __real_fsync(fd);
}

/* A pack of a short chunk and a long one, and a folder to copy it to. */
struct copying {
	struct fixture fixture;
	struct content content;
	struct files_copy copy;
	uint8_t *good;
	size_t len;
	char to[64];
	bool is_read_error; /* of the last one */
};

static int
set_up(void **state)
{
	struct copying *copying = calloc(1, sizeof(*copying));
	uint8_t *noise = malloc(LONG_LEN);
	struct fixture_files files;
	struct content text = { 0 };
	char folder[PACK_PATH_TEXT];

	assert_non_null(copying);
	assert_non_null(noise);
	memset(&disk, 0, sizeof(disk));
	disk.at = -1;
	fixture_open(&copying->fixture, 21);
	fixture_random(noise, LONG_LEN, 22);
	(void)fixture_put(&copying->fixture, "synthetic", 9, &text);
	(void)fixture_put(
	    &copying->fixture, noise, LONG_LEN, &copying->content);
	(void)fixture_flush(&copying->fixture);
	content_clear(&text);
	free(noise);
	files = fixture_files(&copying->fixture);
	assert_int_equal(files.packs, 1);
	memcpy(copying->copy.id, files.first, PACK_ID_LEN);
	copying->good =
	    fixture_read_pack(&copying->fixture, files.first, &copying->len);
	copying->copy.from = copying->fixture.fd;
	copying->copy.keys = copying->fixture.keys;
	copying->copy.size = copying->len;
	memcpy(copying->copy.hash, copying->good + copying->len - HASH_LEN,
	    HASH_LEN);
	(void)snprintf(
	    copying->to, sizeof(copying->to), "%s/to", copying->fixture.path);
	assert_int_equal(mkdir(copying->to, 0700), 0);
	copying->copy.to = open(copying->to, O_RDONLY | O_DIRECTORY);
	assert_true(copying->copy.to >= 0);
	pack_path(files.first, folder);
	folder[strlen("packs/ab")] = '\0';
	assert_int_equal(mkdirat(copying->copy.to, "packs", 0700), 0);
	assert_int_equal(mkdirat(copying->copy.to, folder, 0700), 0);
	*state = copying;
	return 0;
}

static int
tear_down(void **state)
{
	struct copying *copying = *state;

	content_clear(&copying->content);
	free(copying->good);
	assert_int_equal(close(copying->copy.to), 0);
	fixture_close(&copying->fixture);
	free(copying);
	return 0;
}

static enum carnet_status
copy_once(struct copying *copying, struct carnet_error *err)
{
	struct files_copy copy = copying->copy; /* it changes its own */
	enum carnet_status status;

	disk.written = 0;
	status = files_copy_pack(&copy, err);
	copying->is_read_error = copy.is_read_error;
	return status;
}

/* What lies there under the pack's name (1) and its temporary one (2). */
static unsigned
what_is_there(const struct copying *copying)
{
	char path[PACK_PATH_TEXT], temporary[2 * PACK_PATH_TEXT];

	pack_path(copying->copy.id, path);
	(void)snprintf(
	    temporary, sizeof(temporary), "%s" FILES_TEMPORARY, path);
	return (faccessat(copying->copy.to, path, F_OK, 0) == 0 ? 1U : 0U) |
	       (faccessat(copying->copy.to, temporary, F_OK, 0) == 0 ? 2U : 0U);
}

static void
remove_copy(const struct copying *copying)
{
	char path[PACK_PATH_TEXT];

	pack_path(copying->copy.id, path);
	assert_int_equal(unlinkat(copying->copy.to, path, 0), 0);
	assert_int_equal(what_is_there(copying), 0);
}

/* Byte for byte; then it goes. */
static void
expect_copy(const struct copying *copying, const uint8_t *bytes)
{
	char path[PACK_PATH_TEXT];
	uint8_t *there = malloc(copying->len + 1);
	int fd;

	assert_non_null(there);
	pack_path(copying->copy.id, path);
	fd = openat(copying->copy.to, path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, there, copying->len + 1), copying->len);
	assert_memory_equal(there, bytes, copying->len);
	assert_int_equal(close(fd), 0);
	free(there);
	remove_copy(copying);
}

/* With the checksum that fits: nothing but a seal tells. */
static void
forge(struct copying *copying, size_t at)
{
	uint8_t *bytes = malloc(copying->len);
	struct pack_sum *sum = pack_sum_begin(PACK_VERSION);

	assert_non_null(bytes);
	assert_non_null(sum);
	memcpy(bytes, copying->good, copying->len);
	bytes[at] ^= 0x04;
	pack_sum_more(sum, bytes, copying->len - PACK_SUM_LEN);
	pack_sum_end(sum, bytes + copying->len - PACK_SUM_LEN);
	memcpy(copying->copy.hash, bytes + copying->len - HASH_LEN, HASH_LEN);
	fixture_write_pack(
	    &copying->fixture, copying->copy.id, bytes, copying->len);
	free(bytes);
}

static void
a_good_pack_is_copied(void **state)
{
	struct copying *copying = *state;

	assert_int_equal(copy_once(copying, NULL), CARNET_OK);
	expect_copy(copying, copying->good);
	copying->copy.keys = NULL;
	assert_int_equal(copy_once(copying, NULL), CARNET_OK);
	expect_copy(copying, copying->good);
}

/* Header, each step of the long chunk, list, padding, trailer, checksum: the
 * pack is whole, its copy isn't, and so there is none. */
static void
a_disk_that_writes_something_else(void **state)
{
	struct copying *copying = *state;
	struct carnet_error err = { 0 };

	for (unsigned keyless = 0; keyless < 2; keyless++) {
		if (keyless)
			copying->copy.keys = NULL;
		for (size_t at = 0; at < copying->len;
		     at += at < 64 || at + 256 > copying->len ? 1 : 65521) {
			disk.at = (int64_t)at;
			assert_int_equal(copy_once(copying, &err), CARNET_IO);
			assert_non_null(strstr(err.message, "its copy"));
			assert_int_equal(what_is_there(copying), 0);
		}
	}
	disk.at = -1;
	assert_int_equal(copy_once(copying, NULL), CARNET_OK);
	expect_copy(copying, copying->good);
}

static void
a_disk_that_cannot_sync(void **state)
{
	struct copying *copying = *state;
	struct carnet_error err = { 0 };

	disk.cannot_sync = true;
	assert_int_equal(copy_once(copying, &err), CARNET_IO);
	assert_int_equal(what_is_there(copying), 0);
	/* nor is a hurt one kept that isn't on the disk */
	forge(copying, PACK_HEADER_LEN + 100);
	copying->copy.keep_damaged = true;
	assert_int_equal(copy_once(copying, &err), CARNET_IO);
	assert_int_equal(what_is_there(copying), 0);
}

/* What wasn't written can't be verified: the disk's own word comes first. */
static void
a_disk_that_is_full_at_last(void **state)
{
	struct copying *copying = *state;

	disk.shrinks = true;
	assert_int_equal(copy_once(copying, NULL), CARNET_NO_SPACE);
	assert_int_equal(what_is_there(copying), 0);
}

/* Which of the two it was is told. */
static void
a_disk_that_cannot_read(void **state)
{
	struct copying *copying = *state;

	for (disk.unreadable = 1; disk.unreadable <= 2; disk.unreadable++) {
		assert_int_equal(copy_once(copying, NULL), CARNET_IO);
		assert_int_equal(copying->is_read_error, disk.unreadable == 1);
		assert_int_equal(what_is_there(copying), 0);
	}
}

/* Whole, but another one, or longer, or shorter than it was named. */
static void
it_must_be_the_pack_that_was_named(void **state)
{
	struct copying *copying = *state;
	uint8_t *longer = calloc(1, copying->len + 1);
	struct carnet_error err = { 0 };

	assert_non_null(longer);
	copying->copy.hash[3] ^= 1;
	assert_int_equal(copy_once(copying, &err), CARNET_DAMAGED);
	assert_non_null(strstr(err.message, "is not the pack"));
	assert_int_equal(what_is_there(copying), 0);
	copying->copy.hash[3] ^= 1;

	memcpy(longer, copying->good, copying->len);
	fixture_write_pack(
	    &copying->fixture, copying->copy.id, longer, copying->len + 1);
	assert_int_equal(copy_once(copying, &err), CARNET_DAMAGED);
	assert_non_null(strstr(err.message, "longer"));
	assert_int_equal(what_is_there(copying), 0);
	copying->copy.keep_damaged = true; /* without what is too much */
	assert_int_equal(copy_once(copying, NULL), CARNET_DAMAGED);
	expect_copy(copying, copying->good);
	copying->copy.keep_damaged = false;

	fixture_write_pack(
	    &copying->fixture, copying->copy.id, longer, copying->len - 1);
	assert_int_equal(copy_once(copying, NULL), CARNET_DAMAGED);
	assert_int_equal(what_is_there(copying), 0);
	copying->copy.id[1] ^= 1; /* there is none of that name */
	assert_int_equal(copy_once(copying, NULL), CARNET_NOT_FOUND);
	assert_true(copying->is_read_error);
	free(longer);
}

/* Whoever changes a pack and its checksum is told by a key, at whatever
 * byte of the seals. */
static void
a_forged_pack_is_damaged(void **state)
{
	struct copying *copying = *state;
	const struct keys *keys = copying->copy.keys;

	for (size_t at = PACK_HEADER_LEN; at < PACK_HEADER_LEN + LONG_LEN;
	     at += at < 300 ? 1 : 32749) {
		forge(copying, at);
		copying->copy.keys = keys;
		assert_int_equal(copy_once(copying, NULL), CARNET_DAMAGED);
		assert_int_equal(what_is_there(copying), 0);
		copying->copy.keys = NULL;
		assert_int_equal(copy_once(copying, NULL), CARNET_OK);
		remove_copy(copying);
	}
}

static void
a_hurt_pack_stays_if_that_is_asked(void **state)
{
	struct copying *copying = *state;
	uint8_t *hurt = malloc(copying->len);

	assert_non_null(hurt);
	memcpy(hurt, copying->good, copying->len);
	hurt[PACK_HEADER_LEN + 5000] ^= 0x80;
	fixture_write_pack(
	    &copying->fixture, copying->copy.id, hurt, copying->len);
	assert_int_equal(copy_once(copying, NULL), CARNET_DAMAGED);
	assert_int_equal(what_is_there(copying), 0);
	copying->copy.keep_damaged = true;
	assert_int_equal(copy_once(copying, NULL), CARNET_DAMAGED);
	expect_copy(copying, hurt);
	free(hurt);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_good_pack_is_copied, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_disk_that_writes_something_else, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_disk_that_cannot_sync, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_disk_that_is_full_at_last, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_disk_that_cannot_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    it_must_be_the_pack_that_was_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_forged_pack_is_damaged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_hurt_pack_stays_if_that_is_asked, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
