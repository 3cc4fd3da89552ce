/* SPDX-License-Identifier: ISC */
/*
 * Threads that take the next task of a row; the caller settles results in
 * order, and a ring of them bounds how far anyone runs ahead.  Contract:
 * parallel.h.
 */
#include "parallel.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define PARALLEL_THREADS_MAX 16U
/* Results that may wait, for each thread: tasks differ in size. */
#define PARALLEL_AHEAD ((size_t)4)

struct parallel_run {
	const struct parallel *row;
	pthread_mutex_t lock;
	pthread_cond_t done_first; /* the first that isn't settled */
	pthread_cond_t released;   /* there is room, or it is over */
	size_t next;               /* the first task that nobody has taken */
	size_t settled;            /* the first that isn't settled */
	size_t room;               /* of the ring */
	unsigned full;             /* threads that wait for room in it */
	bool *done;                /* room of them */
	uint8_t *results;
	bool stopping;
};

unsigned
parallel_cores(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	return (unsigned)CPU_COUNT(&set);
}

static void *
parallel_result(struct parallel_run *run, size_t task)
{
	return run->results + task % run->room * run->row->result_len;
}

static void *
parallel_thread(void *argument)
{
	struct parallel_run *run = argument;
	const struct parallel *row = run->row;

	(void)pthread_mutex_lock(&run->lock);
	for (;;) {
		size_t task;

		run->full++;
		while (!run->stopping && run->next < row->count &&
		       run->next - run->settled >= run->room)
			(void)pthread_cond_wait(&run->released, &run->lock);
		run->full--;
		if (run->stopping || run->next >= row->count)
			break;
		task = run->next++;
		(void)pthread_mutex_unlock(&run->lock);
		row->work(row->context, task, parallel_result(run, task));
		(void)pthread_mutex_lock(&run->lock);
		run->done[task % run->room] = true;
		if (task == run->settled) /* nobody waits for another */
			(void)pthread_cond_signal(&run->done_first);
	}
	(void)pthread_mutex_unlock(&run->lock);
	return NULL;
}

/* Waits for the task; with nobody else to do it, does it here. */
static void
parallel_await(struct parallel_run *run, size_t task, bool alone)
{
	if (alone) {
		run->next = task + 1;
		run->row->work(
		    run->row->context, task, parallel_result(run, task));
		return;
	}
	(void)pthread_mutex_lock(&run->lock);
	while (!run->done[task % run->room])
		(void)pthread_cond_wait(&run->done_first, &run->lock);
	(void)pthread_mutex_unlock(&run->lock);
}

/* Its place in the ring is free again. */
static void
parallel_release(struct parallel_run *run, size_t task)
{
	const struct parallel *row = run->row;
	void *result = parallel_result(run, task);

	if (row->drop != NULL)
		row->drop(row->context, result);
	memset(result, 0, row->result_len);
	(void)pthread_mutex_lock(&run->lock);
	run->done[task % run->room] = false;
	run->settled = task + 1;
	if (run->full > 0)
		(void)pthread_cond_broadcast(&run->released);
	(void)pthread_mutex_unlock(&run->lock);
}

/* They take no signals: those are the caller's. */
static unsigned
parallel_start(struct parallel_run *run, pthread_t *threads, unsigned wanted)
{
	sigset_t all, before;
	unsigned count = 0;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	while (count < wanted &&
	       pthread_create(&threads[count], NULL, parallel_thread, run) == 0)
		count++;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return count;
}

static void
parallel_stop(struct parallel_run *run, const pthread_t *threads, unsigned len)
{
	(void)pthread_mutex_lock(&run->lock);
	run->stopping = true;
	(void)pthread_cond_broadcast(&run->released);
	(void)pthread_mutex_unlock(&run->lock);
	for (unsigned i = 0; i < len; i++)
		(void)pthread_join(threads[i], NULL);
}

static enum carnet_status
parallel_settle_all(
    struct parallel_run *run, unsigned wanted, struct carnet_error *err)
{
	const struct parallel *row = run->row;
	pthread_t threads[PARALLEL_THREADS_MAX];
	unsigned count = parallel_start(run, threads, wanted);
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < row->count && status == CARNET_OK; i++) {
		parallel_await(run, i, count == 0);
		status =
		    row->settle(row->context, i, parallel_result(run, i), err);
		parallel_release(run, i);
	}
	parallel_stop(run, threads, count);
	for (size_t i = run->settled; i < run->next && row->drop != NULL; i++)
		row->drop(row->context, parallel_result(run, i));
	return status;
}

enum carnet_status
parallel_run(const struct parallel *row, struct carnet_error *err)
{
	struct parallel_run run = { .row = row };
	unsigned wanted = row->threads < 2 || row->count < 2 ? 0 : row->threads;
	enum carnet_status status;

	if (wanted > PARALLEL_THREADS_MAX)
		wanted = PARALLEL_THREADS_MAX;
	run.room = wanted == 0 ? 1 : wanted * PARALLEL_AHEAD;
	run.done = calloc(run.room, sizeof(*run.done));
	run.results = calloc(run.room, row->result_len);
	if (run.done == NULL || run.results == NULL) {
		status = carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("not enough memory"));
	} else {
		(void)pthread_mutex_init(&run.lock, NULL);
		(void)pthread_cond_init(&run.done_first, NULL);
		(void)pthread_cond_init(&run.released, NULL);
		status = parallel_settle_all(&run, wanted, err);
		(void)pthread_cond_destroy(&run.released);
		(void)pthread_cond_destroy(&run.done_first);
		(void)pthread_mutex_destroy(&run.lock);
	}
	free(run.done);
	free(run.results);
	return status;
}
