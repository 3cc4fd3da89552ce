/* SPDX-License-Identifier: ISC */
/*
 * A row of tasks on several threads: each done once, settled in order, and
 * nothing left over when one of them fails.
 */
#include "parallel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs those above it */
#include <cmocka.h>
#include <stdatomic.h>
#include <time.h>

#define TASKS 3000

struct trial {
	atomic_uint done[TASKS]; /* how often each was worked on */
	size_t settled;
	size_t fails_at; /* TASKS: never */
};
struct trial_result {
	size_t square;
	char *text; /* owned */
};

static atomic_int alive; /* texts that aren't freed */

static void
trial_work(void *context, size_t task, void *result)
{
	struct trial *trial = context;
	struct trial_result *mine = result;

	assert_null(mine->text); /* zeroed */
	(void)atomic_fetch_add(&trial->done[task], 1);
	if (task % 97 == 0) { /* some take longer than others */
		const struct timespec pause = { .tv_nsec = 300000 };

		(void)nanosleep(&pause, NULL);
	}
	mine->square = task * task;
	mine->text = strdup("x");
	(void)atomic_fetch_add(&alive, 1);
}

static enum carnet_status
trial_settle(void *context, size_t task, void *result, struct carnet_error *err)
{
	struct trial *trial = context;

	assert_int_equal(task, trial->settled);
	assert_int_equal(((struct trial_result *)result)->square, task * task);
	if (task == trial->fails_at)
		return carnet_fail(err, CARNET_IO, "task %zu", task);
	trial->settled++;
	return CARNET_OK;
}

static void
trial_drop(void *context, void *result)
{
	(void)context;
	free(((struct trial_result *)result)->text);
	(void)atomic_fetch_sub(&alive, 1);
}

static void
run_trial(size_t count, unsigned threads, size_t fails_at)
{
	static struct trial trial;
	const struct parallel row = { .count = count,
		.threads = threads,
		.result_len = sizeof(struct trial_result),
		.context = &trial,
		.work = trial_work,
		.settle = trial_settle,
		.drop = trial_drop };
	struct carnet_error err = { 0 };
	enum carnet_status status;
	bool fails = fails_at < count;

	memset(&trial, 0, sizeof(trial));
	trial.fails_at = fails_at;
	status = parallel_run(&row, &err);
	assert_int_equal(status, fails ? CARNET_IO : CARNET_OK);
	assert_int_equal(trial.settled, fails ? fails_at : count);
	assert_int_equal(atomic_load(&alive), 0);
	for (size_t i = 0; i < count; i++) {
		unsigned done = atomic_load(&trial.done[i]);

		assert_true(done <= 1);
		assert_true(done == 1 || (fails && i > fails_at));
	}
	/* nobody runs ahead of what can wait */
	for (size_t i = fails_at; fails && i < count; i++)
		if (i > fails_at + 5U * (threads + 1U))
			assert_int_equal(atomic_load(&trial.done[i]), 0);
}

static void
every_task_is_settled_in_order(void **state)
{
	(void)state;
	for (unsigned threads = 0; threads <= 40; threads += 5) {
		run_trial(0, threads, TASKS);
		run_trial(1, threads, TASKS);
		run_trial(TASKS, threads, TASKS);
	}
}

static void
a_failure_ends_the_row(void **state)
{
	(void)state;
	for (unsigned threads = 0; threads <= 8; threads += 2) {
		run_trial(1, threads, 0);
		run_trial(TASKS, threads, 0);
		run_trial(TASKS, threads, 100);
		run_trial(TASKS, threads, TASKS - 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_task_is_settled_in_order),
		cmocka_unit_test(a_failure_ends_the_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
