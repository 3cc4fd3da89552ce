/* SPDX-License-Identifier: ISC */
/*
 * Each allocation and each system call of the header's life fails in turn
 * (the linker wraps them): the error is told, nothing leaks, no copy on
 * disk is lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#include "header_fixture.h"
#include "keys.h"
#include "sign.h"

/* Calls left until one fails; negative: none will. */
static long allocations_left = -1;
static long calls_left = -1;

static bool
fails_now(long *left)
{
	return *left >= 0 && (*left)-- == 0;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__real_sodium_malloc(size_t size);
void *__wrap_sodium_malloc(size_t size);
int __real_openat(int dir, const char *path, int flags, mode_t mode);
int __wrap_openat(int dir, const char *path, int flags, mode_t mode);
int __real_openat64(int dir, const char *path, int flags, mode_t mode);
int __wrap_openat64(int dir, const char *path, int flags, mode_t mode);
ssize_t __real_read(int fd, void *bytes, size_t len);
ssize_t __wrap_read(int fd, void *bytes, size_t len);
ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to);

void *
__wrap_malloc(size_t size)
{
	return fails_now(&allocations_left) ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return fails_now(&allocations_left) ? NULL : __real_calloc(count, size);
}

void *
__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails_now(&allocations_left)
		   ? NULL
		   : __real_aligned_alloc(alignment, size);
}

void *
__wrap_sodium_malloc(size_t size)
{
	return fails_now(&allocations_left) ? NULL : __real_sodium_malloc(size);
}

int
__wrap_openat(int dir, const char *path, int flags, mode_t mode)
{
	if (fails_now(&calls_left)) {
		errno = EIO;
		return -1;
	}
	return __real_openat(dir, path, flags, mode);
}

/* What glibc calls it where offsets have 64 bits. */
int
__wrap_openat64(int dir, const char *path, int flags, mode_t mode)
{
	if (fails_now(&calls_left)) {
		errno = EIO;
		return -1;
	}
	return __real_openat64(dir, path, flags, mode);
}

/* Gives less than was asked for. */
ssize_t
__wrap_read(int fd, void *bytes, size_t len)
{
	if (fails_now(&calls_left)) {
		errno = EIO;
		return -1;
	}
	return __real_read(fd, bytes, len > 100 ? 100 : len);
}

/* A full disk takes half of it first. */
ssize_t
__wrap_write(int fd, const void *bytes, size_t len)
{
	if (fails_now(&calls_left)) {
		errno = ENOSPC;
		return -1;
	}
	return __real_write(fd, bytes, len > 1 ? len / 2 : len);
}

int
__wrap_fsync(int fd)
{
	if (fails_now(&calls_left)) {
		errno = EIO;
		return -1;
	}
	return __real_fsync(fd);
}

int
__wrap_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	if (fails_now(&calls_left)) {
		errno = EIO;
		return -1;
	}
	return __real_renameat(from_dir, from, to_dir, to);
}

/* One life in memory, without Argon2id. */
static enum carnet_status
live(struct carnet_error *err)
{
	struct secret *master = NULL, *words = NULL, *opened = NULL;
	struct header *header = NULL, *again = NULL;
	uint8_t *bytes = NULL, public_key[SIGN_PUBLIC_LEN];
	enum carnet_status status;
	size_t len = 0;

	status = sign_keypair(public_key, &master, err);
	if (status == CARNET_OK) {
		secret_shorten(master, 32);
		status = header_new(KDF_INTERACTIVE, &header, err);
	}
	if (status == CARNET_OK)
		status = header_add_recovery(
		    header, master, "fr", "2026-03-05", &words, NULL, err);
	if (status == CARNET_OK)
		status = header_encode(header, master, &bytes, &len, err);
	if (status == CARNET_OK)
		status = header_parse(bytes, len, &again, err);
	if (status == CARNET_OK)
		status = header_open_words(again, words, &opened, NULL, err);
	secret_free(opened);
	header_free(again);
	free(bytes);
	secret_free(words);
	header_free(header);
	secret_free(master);
	return status;
}

static void
each_allocation_fails_once(void **state)
{
	long n = 0;
	enum carnet_status status = CARNET_NO_MEMORY;

	(void)state;
	for (; status != CARNET_OK; n++) {
		struct carnet_error err = { 0 };

		allocations_left = n;
		status = live(&err);
		allocations_left = -1;
		if (status != CARNET_OK) {
			assert_int_equal(status, CARNET_NO_MEMORY);
			assert_int_equal(err.status, CARNET_NO_MEMORY);
			assert_string_not_equal(err.message, "");
		}
		assert_true(n < 1000);
	}
	assert_true(n > 20);
}

static void
each_allocation_of_a_passphrase_fails_once(void **state)
{
	struct secret *passphrase = secret_from("\303\251t\303\251", 5);
	struct fixture fixture;
	enum carnet_status status = CARNET_NO_MEMORY;

	(void)state;
	assert_non_null(passphrase);
	fixture_make(&fixture);
	for (long n = 0; status != CARNET_OK; n++) {
		size_t before = header_slot_count(fixture.header);

		allocations_left = n;
		status = header_add_passphrase(fixture.header, fixture.master,
		    passphrase, "2026-03-05", NULL, NULL);
		allocations_left = -1;
		assert_true(status == CARNET_OK || status == CARNET_NO_MEMORY);
		assert_int_equal(header_slot_count(fixture.header),
		    before + (status == CARNET_OK));
	}
	fixture_opens(&fixture, fixture.header);
	secret_free(passphrase);
	fixture_clear(&fixture);
}

static void
signatures_and_hashes_say_so(void **state)
{
	uint8_t public_key[SIGN_PUBLIC_LEN], signature[SIGN_LEN];
	struct secret *secret = NULL;

	(void)state;
	assert_int_equal(sign_keypair(public_key, &secret, NULL), CARNET_OK);
	assert_true(sign_message(secret, "c", "m", 1, signature));
	allocations_left = 0;
	assert_false(sign_message(secret, "c", "m", 1, signature));
	allocations_left = 0;
	assert_false(sign_verify(public_key, "c", "m", 1, signature));
	allocations_left = 0;
	assert_null(hash_begin(NULL));
	allocations_left = 0;
	assert_null(sha256_begin());
	allocations_left = -1;
	assert_true(sign_verify(public_key, "c", "m", 1, signature));
	secret_free(secret);
}

/* Stores with the nth call failing; true when nothing failed. */
static bool
store_failing_at(int dir, struct fixture *fixture, long n)
{
	struct header *header = NULL;
	uint64_t before = 0, after;
	struct carnet_error err = { 0 };
	enum carnet_status status;
	unsigned bad = 77;

	assert_int_equal(header_load(dir, &header, &bad, NULL), CARNET_OK);
	before = header_sequence(header);
	calls_left = n;
	status = header_store(dir, header, fixture->master, &err);
	calls_left = -1;
	header_free(header);
	header = NULL;
	if (status != CARNET_OK)
		assert_true(status == CARNET_IO || status == CARNET_NO_SPACE);
	/* whatever happened: a whole header, the old one or the new one */
	assert_int_equal(header_load(dir, &header, &bad, NULL), CARNET_OK);
	assert_int_equal(bad, 0);
	after = header_sequence(header);
	assert_true(after == before || after == before + 1);
	if (status == CARNET_OK)
		assert_int_equal(after, before + 1);
	fixture_opens(fixture, header);
	assert_int_equal(
	    header_mend(dir, header, fixture->master, NULL), CARNET_OK);
	header_free(header);
	return status == CARNET_OK;
}

static void
each_call_of_a_store_fails_once(void **state)
{
	static const char *const names[] = { "carnet.head", "carnet.head.1" };
	char path[] = "/tmp/carnet-faults-XXXXXX";
	struct fixture fixture;
	long n = 0;
	int dir;

	(void)state;
	fixture_make(&fixture);
	assert_non_null(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY);
	assert_true(dir >= 0);
	assert_int_equal(
	    header_store(dir, fixture.header, fixture.master, NULL), CARNET_OK);
	while (!store_failing_at(dir, &fixture, n))
		assert_true(++n < 200);
	assert_true(n > 20); /* two copies: open, writes, syncs, rename */
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(unlinkat(dir, names[i], 0), 0);
	assert_int_equal(close(dir), 0);
	assert_int_equal(rmdir(path), 0); /* no temporary name is left */
	fixture_clear(&fixture);
}

/* A copy that can't be read is a bad one, as long as the other is good. */
static void
each_call_of_a_load_fails_once(void **state)
{
	static const char *const names[] = { "carnet.head", "carnet.head.1" };
	char path[] = "/tmp/carnet-faults-XXXXXX";
	struct header *none = NULL;
	struct carnet_error err = { 0 };
	enum carnet_status status;
	struct fixture fixture;
	unsigned none_bad = 0;
	long n = 0;
	int dir;

	(void)state;
	fixture_make(&fixture);
	assert_non_null(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY);
	assert_true(dir >= 0);
	assert_int_equal(
	    header_store(dir, fixture.header, fixture.master, NULL), CARNET_OK);
	for (bool is_over = false; !is_over; n++) {
		struct header *header = NULL;
		unsigned bad = 0;

		calls_left = n;
		assert_int_equal(
		    header_load(dir, &header, &bad, NULL), CARNET_OK);
		is_over = calls_left >= 0;
		calls_left = -1;
		assert_true(is_over ? bad == 0 : bad == 1 || bad == 2);
		fixture_opens(&fixture, header);
		header_free(header);
	}
	assert_true(n > 10);
	status = CARNET_NO_MEMORY;
	for (n = 0; status != CARNET_OK; n++) {
		struct header *header = NULL;
		unsigned bad = 0;

		allocations_left = n;
		status = header_load(dir, &header, &bad, &err);
		allocations_left = -1;
		assert_true(status == CARNET_OK || header == NULL);
		if (status != CARNET_OK)
			assert_int_equal(status, CARNET_NO_MEMORY);
		header_free(header);
	}
	assert_true(n > 5);
	assert_int_equal(unlinkat(dir, names[1], 0), 0);
	calls_left = 0;
	assert_int_equal(header_load(dir, &none, &none_bad, &err), CARNET_IO);
	calls_left = -1;
	assert_null(none);
	assert_string_not_equal(err.message, "");
	assert_int_equal(unlinkat(dir, names[0], 0), 0);
	assert_int_equal(close(dir), 0);
	assert_int_equal(rmdir(path), 0);
	fixture_clear(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_allocation_fails_once),
		cmocka_unit_test(each_allocation_of_a_passphrase_fails_once),
		cmocka_unit_test(signatures_and_hashes_say_so),
		cmocka_unit_test(each_call_of_a_store_fails_once),
		cmocka_unit_test(each_call_of_a_load_fails_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
