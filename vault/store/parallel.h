/* SPDX-License-Identifier: ISC */
/*
 * A row of tasks that don't need each other, done by several threads; what
 * came of them is told in the row's order.  Knows nothing of the tasks.
 */
#ifndef PARALLEL_H
#define PARALLEL_H
#include "carnet_types.h"

/* One a core this process may use. */
unsigned parallel_cores(void);

struct parallel {
	size_t count;      /* tasks 0 to count - 1 */
	unsigned threads;  /* fewer where more can't be had */
	size_t result_len; /* bytes of one task's result; zeroed before */
	void *context;
	/* On any thread, each task once. */
	void (*work)(void *context, size_t task, void *result);
	/* On the caller's thread, in order.  A failure ends the row: no task
	 * begins after it, those begun are waited for. */
	enum carnet_status (*settle)(
	    void *context, size_t task, void *result, struct carnet_error *err);
	/* On the caller's thread, for every task that began; frees what the
	 * result holds.  NULL: it holds nothing. */
	void (*drop)(void *context, void *result);
};
/* CARNET_NO_MEMORY, or what settle says. */
enum carnet_status parallel_run(
    const struct parallel *row, struct carnet_error *err);
#endif
