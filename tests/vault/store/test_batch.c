/* SPDX-License-Identifier: ISC */
/*
 * Disks that fill up, refuse and lie, memory that runs out: what was flushed
 * stays, what wasn't leaves nothing.  The linker puts our own calls in the
 * place of the system's (--wrap); vault/store/batch.c, pack.c, pack_folder.c.
 */
#include "store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

enum site {
	SITE_NONE,
	SITE_WRITE,
	SITE_FSYNC,
	SITE_RENAME,
	SITE_MKDIR,
	SITE_OPEN,
	SITE_MEMORY
};

/* One fault: the countdown-th call of this kind fails, or all from it on. */
static _Atomic(enum site) fault_site;
static atomic_int fault_countdown;
static atomic_bool fault_stays;
static atomic_int fault_errno;
static atomic_bool fault_short; /* writes are cut to pieces and interrupted */

ssize_t __real_write(int fd, const void *bytes, size_t len);
int __real_fsync(int fd);
int __real_renameat2(
    int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __real_mkdirat(int fd, const char *path, mode_t mode);
int __real_openat64(int fd, const char *path, int flags, mode_t mode);
void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__real_realloc(void *old, size_t len);

ssize_t __wrap_write(int fd, const void *bytes, size_t len);
int __wrap_fsync(int fd);
int __wrap_renameat2(
    int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __wrap_mkdirat(int fd, const char *path, mode_t mode);
int __wrap_openat64(int fd, const char *path, int flags, mode_t mode);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_realloc(void *old, size_t len);

static bool
fault_now(enum site site)
{
	int left;

	if (site != fault_site)
		return false;
	left = atomic_fetch_sub(&fault_countdown, 1);
	if (left != 1 && !(fault_stays && left < 1))
		return false;
	errno = fault_errno;
	return true;
}

ssize_t
__wrap_write(int fd, const void *bytes, size_t len)
{
	static atomic_uint turn;

	if (fault_now(SITE_WRITE))
		return -1;
	if (fault_short) {
		unsigned n = atomic_fetch_add(&turn, 1);

		if (n % 3 == 0) {
			errno = EINTR;
			return -1;
		}
		if (len > 1000)
			len = 1000 + n % 70000 < len ? 1000 + n % 70000 : len;
	}
	return __real_write(fd, bytes, len);
}

int
__wrap_fsync(int fd)
{
	return fault_now(SITE_FSYNC) ? -1 : __real_fsync(fd);
}

int
__wrap_renameat2(
    int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	if (fault_now(SITE_RENAME))
		return -1;
	return __real_renameat2(from_fd, from, to_fd, to, flags);
}

int
__wrap_mkdirat(int fd, const char *path, mode_t mode)
{
	return fault_now(SITE_MKDIR) ? -1 : __real_mkdirat(fd, path, mode);
}

int
__wrap_openat64(int fd, const char *path, int flags, mode_t mode)
{
	if (fault_now(SITE_OPEN))
		return -1;
	return __real_openat64(fd, path, flags, mode);
}

void *
__wrap_malloc(size_t len)
{
	return fault_now(SITE_MEMORY) ? NULL : __real_malloc(len);
}

void *
__wrap_calloc(size_t count, size_t len)
{
	return fault_now(SITE_MEMORY) ? NULL : __real_calloc(count, len);
}

void *
__wrap_realloc(void *old, size_t len)
{
	return fault_now(SITE_MEMORY) ? NULL : __real_realloc(old, len);
}

static void
fault_set(enum site site, int countdown, bool stays, int errno_value)
{
	fault_site = site;
	atomic_store(&fault_countdown, countdown);
	fault_stays = stays;
	fault_errno = errno_value;
}

#define OLD_LEN ((size_t)700 * 1000)
#define MIDDLE_LEN ((size_t)3 << 20)
#define NEW_LEN ((size_t)27 << 20) /* two packs */

struct disk {
	struct fixture fixture;
	struct content old; /* flushed before any fault */
	uint8_t *bytes;     /* NEW_LEN; the first OLD_LEN are the old one */
};

static int
set_up_threads(void **state, unsigned threads)
{
	struct disk *disk = calloc(1, sizeof(*disk));

	disk->bytes = malloc(NEW_LEN);
	fixture_open(&disk->fixture, 31);
	disk->fixture.threads = threads;
	fixture_reopen(&disk->fixture);
	fixture_random(disk->bytes, NEW_LEN, 32);
	(void)fixture_put(&disk->fixture, disk->bytes, OLD_LEN, &disk->old);
	(void)fixture_flush(&disk->fixture);
	*state = disk;
	return 0;
}

static int
set_up(void **state)
{
	return set_up_threads(state, 1);
}

static int
set_up_three(void **state)
{
	return set_up_threads(state, 3);
}

static int
tear_down(void **state)
{
	struct disk *disk = *state;

	fault_set(SITE_NONE, 0, false, 0);
	content_clear(&disk->old);
	fixture_close(&disk->fixture);
	free(disk->bytes);
	free(disk);
	return 0;
}

/* Puts two documents and flushes: a middling one and more than a pack. */
static enum carnet_status
add_two(struct disk *disk, size_t len, struct carnet_error *err)
{
	struct fixture *fixture = &disk->fixture;
	struct content a = { 0 }, b = { 0 };
	struct chunk_row *rows = NULL;
	enum carnet_status status, flushed;
	size_t rows_len = 0;

	status = store_put_bytes(
	    fixture->store, disk->bytes + 1, len / 3, &a, NULL, err);
	if (status == CARNET_OK)
		status = store_put_bytes(
		    fixture->store, disk->bytes + 2, len - 2, &b, NULL, err);
	if (status != CARNET_OK)
		err = NULL; /* keep the first one's words */
	flushed = store_flush(fixture->store, &rows, &rows_len, err);
	if (flushed == CARNET_OK && status == CARNET_OK) {
		fault_set(SITE_NONE, 0, false, 0);
		fixture_index(fixture, rows, rows_len);
		fixture_expect(fixture, &a, disk->bytes + 1, len / 3);
		fixture_expect(fixture, &b, disk->bytes + 2, len - 2);
	}
	if (flushed != CARNET_OK) {
		assert_null(rows);
		assert_int_equal(rows_len, 0);
	}
	free(rows);
	content_clear(&a);
	content_clear(&b);
	return status != CARNET_OK ? status : flushed;
}

/*
 * Lets the 1st, 2nd, 3rd... call fail until none does.  After each failure:
 * no file more than before, and the old document reads.  Returns how many
 * failures there were.
 */
static int
fail_each(struct disk *disk, enum site site, bool stays, int errno_value,
    enum carnet_status want, size_t len)
{
	struct fixture *fixture = &disk->fixture;

	for (int i = 1;; i++) {
		struct carnet_error err = { 0 };
		struct fixture_files files;
		enum carnet_status status;

		fault_set(site, i, stays, errno_value);
		status = add_two(disk, len, &err);
		fault_set(SITE_NONE, 0, false, 0);
		if (status == CARNET_OK)
			return i - 1;
		if (status != want)
			fail_msg("failure %d: %s: %s", i,
			    carnet_status_name(status), err.message);
		assert_int_equal(err.status, want);
		assert_true(strlen(err.message) > 0);
		files = fixture_files(fixture);
		/* a lone put may have failed without hurting the rest */
		if (site != SITE_MEMORY)
			assert_int_equal(files.packs, 1);
		assert_int_equal(files.others, 0);
		fixture_expect(fixture, &disk->old, disk->bytes, OLD_LEN);
		if (i % 2 == 0)
			fixture_reopen(fixture);
		assert_true(i < 2000);
	}
}

static void
full_disks_leave_nothing(void **state)
{
	struct disk *disk = *state;

	assert_true(fail_each(disk, SITE_WRITE, true, ENOSPC, CARNET_NO_SPACE,
			2 * MIDDLE_LEN) >= 8);
}

static void
a_write_that_fails_once_loses_the_batch(void **state)
{
	struct disk *disk = *state;

	assert_true(fail_each(disk, SITE_WRITE, false, EIO, CARNET_IO,
			2 * MIDDLE_LEN) >= 8);
}

static void
quotas_are_full_disks(void **state)
{
	struct disk *disk = *state;

	assert_true(fail_each(disk, SITE_WRITE, true, EDQUOT, CARNET_NO_SPACE,
			OLD_LEN) > 1);
}

/* Two packs, two or three folders on the way: a failure of each counts. */
static void
a_failed_fsync_is_never_retried(void **state)
{
	struct disk *disk = *state;

	assert_in_range(
	    fail_each(disk, SITE_FSYNC, false, EIO, CARNET_IO, NEW_LEN), 5, 6);
}

static void
a_failed_name_takes_all_back(void **state)
{
	struct disk *disk = *state;

	assert_int_equal(
	    fail_each(disk, SITE_RENAME, false, EIO, CARNET_IO, NEW_LEN), 2);
}

/* File systems without RENAME_NOREPLACE. */
static void
plain_renames_do_too(void **state)
{
	struct disk *disk = *state;

	fault_set(SITE_RENAME, 1, true, EINVAL);
	assert_int_equal(add_two(disk, NEW_LEN, NULL), CARNET_OK);
	assert_int_equal(fixture_files(&disk->fixture).others, 0);
}

static void
folders_that_cannot_be_made_or_opened(void **state)
{
	struct disk *disk = *state;

	assert_true(
	    fail_each(disk, SITE_MKDIR, false, EACCES, CARNET_IO, NEW_LEN) > 2);
}

static void
files_that_cannot_be_opened(void **state)
{
	struct disk *disk = *state;

	assert_true(
	    fail_each(disk, SITE_OPEN, false, EMFILE, CARNET_IO, NEW_LEN) > 5);
}

/* An allocation that fails once may be done without: then all is well. */
static void
memory_that_runs_out(void **state)
{
	struct disk *disk = *state;
	struct fixture *fixture = &disk->fixture;
	int failures = 0;

	for (int i = 1; i <= 30; i++) {
		struct carnet_error err = { 0 };
		enum carnet_status status;

		if (i % 2 == 0)
			fixture_reopen(fixture);
		fixture_random(disk->bytes + OLD_LEN, MIDDLE_LEN, 1000U + i);
		fault_set(SITE_MEMORY, i, false, ENOMEM);
		status = add_two(disk, OLD_LEN + MIDDLE_LEN, &err);
		fault_set(SITE_NONE, 0, false, 0);
		if (status != CARNET_OK) {
			assert_int_equal(status, CARNET_NO_MEMORY);
			failures++;
		}
		assert_int_equal(fixture_files(fixture).others, 0);
		fixture_expect(fixture, &disk->old, disk->bytes, OLD_LEN);
	}
	assert_true(failures >= 8);
}

static void
memory_that_stays_out(void **state)
{
	struct disk *disk = *state;

	fixture_reopen(&disk->fixture);
	assert_true(fail_each(disk, SITE_MEMORY, true, ENOMEM, CARNET_NO_MEMORY,
			OLD_LEN) > 10);
}

static void
short_writes_are_completed(void **state)
{
	struct disk *disk = *state;
	struct fixture_files files;
	int fd;

	fault_short = true;
	assert_int_equal(add_two(disk, NEW_LEN, NULL), CARNET_OK);
	fault_short = false;
	files = fixture_files(&disk->fixture);
	fd = fixture_open_pack(&disk->fixture, files.first);
	assert_int_equal(pack_check_file(fd, files.first, NULL), CARNET_OK);
	(void)close(fd);
	fd = fixture_open_pack(&disk->fixture, files.last);
	assert_int_equal(pack_check_file(fd, files.last, NULL), CARNET_OK);
	(void)close(fd);
}

/* The real thing: a limit on the size of files. */
static void
file_size_limits_are_told(void **state)
{
	struct disk *disk = *state;
	struct fixture *fixture = &disk->fixture;
	struct rlimit limit, small;
	struct carnet_error err;
	void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
	enum carnet_status status;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 300 * 1000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	status = add_two(disk, NEW_LEN, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	(void)signal(SIGXFSZ, before);
	assert_int_equal(status, CARNET_IO);
	assert_int_equal(fixture_files(fixture).packs, 1);
	assert_int_equal(fixture_files(fixture).others, 0);
	fixture_expect(fixture, &disk->old, disk->bytes, OLD_LEN);
	assert_int_equal(add_two(disk, NEW_LEN, &err), CARNET_OK);
}

/* A failure in the middle of a batch is told by every put until the flush. */
static void
a_lost_batch_says_so(void **state)
{
	struct disk *disk = *state;
	struct fixture *fixture = &disk->fixture;
	struct content content = { 0 };
	struct chunk_row *rows = NULL;
	struct carnet_error err;
	size_t len = 0;

	fault_set(SITE_WRITE, 1, false, ENOSPC);
	(void)store_put_bytes(
	    fixture->store, disk->bytes + 1, NEW_LEN - 1, &content, NULL, &err);
	content_clear(&content);
	fault_set(SITE_NONE, 0, false, 0);
	assert_int_equal(
	    store_put_bytes(fixture->store, "new", 3, &content, NULL, &err),
	    CARNET_NO_SPACE);
	assert_int_equal(fixture_files(fixture).others, 0);
	/* what is known already needs no pack */
	assert_int_equal(
	    fixture_put(fixture, disk->bytes, OLD_LEN, &content), 0);
	content_clear(&content);
	assert_int_equal(
	    store_flush(fixture->store, &rows, &len, &err), CARNET_NO_SPACE);
	assert_null(rows);
	(void)fixture_put(fixture, "new", 3, &content);
	assert_int_equal(fixture_flush(fixture), 1);
	fixture_expect(fixture, &content, "new", 3);
	content_clear(&content);
}

#define ONE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down),              \
	{                                                                      \
#name ", three threads", name, set_up_three, tear_down, NULL   \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(full_disks_leave_nothing),
		TEST(a_write_that_fails_once_loses_the_batch),
		TEST(quotas_are_full_disks),
		TEST(a_failed_fsync_is_never_retried),
		ONE(a_failed_name_takes_all_back),
		ONE(plain_renames_do_too),
		ONE(folders_that_cannot_be_made_or_opened),
		ONE(files_that_cannot_be_opened),
		TEST(memory_that_runs_out),
		TEST(memory_that_stays_out),
		TEST(short_writes_are_completed),
		TEST(file_size_limits_are_told),
		TEST(a_lost_batch_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
