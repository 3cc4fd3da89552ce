/* SPDX-License-Identifier: ISC */
/*
 * Syncs that begin early: one for so many bytes, none for fewer, and what one
 * of them fails with is told at the end, though the last one succeeds.
 * See cli/early_sync.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <unistd.h>

#include "early_sync.h"

#define ENOUGH ((size_t)1 << 30)

static sem_t called;
static int calls, fail_at;

int __wrap_syncfs(int fd);
int
__wrap_syncfs(int fd)
{
	int call = ++calls;

	(void)fd;
	(void)sem_post(&called);
	errno = EIO;
	return call == fail_at ? -1 : 0;
}

/* What all came to, with an early sync or without. */
static int
written(size_t len, int failing)
{
	struct early_sync *early;

	calls = 0;
	fail_at = failing;
	assert_int_equal(sem_init(&called, 0, 0), 0);
	early = early_sync_begin(-1);
	assert_non_null(early);
	early_sync_wrote(early, len);
	if (len >= ENOUGH)
		assert_int_equal(sem_wait(&called), 0);
	return early_sync_end(early, -1);
}

static void
test_all_is_synced_at_the_end(void **state)
{
	(void)state;
	assert_int_equal(written(1, 0), 0);
	assert_int_equal(calls, 1);
	assert_int_equal(written(1, 1), EIO);
	calls = fail_at = 0;
	assert_int_equal(early_sync_end(NULL, -1), 0);
	assert_int_equal(calls, 1);
}

static void
test_an_early_sync_that_fails_is_told(void **state)
{
	(void)state;
	assert_int_equal(written(ENOUGH, 0), 0);
	assert_int_equal(calls, 2);
	assert_int_equal(written(ENOUGH, 1), EIO);
	assert_int_equal(calls, 2);
	assert_int_equal(written(ENOUGH, 2), EIO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_is_synced_at_the_end),
		cmocka_unit_test(test_an_early_sync_that_fails_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
