/* SPDX-License-Identifier: ISC */
/*
 * Progress, on a terminal only: bytes, files, rate, time left.
 */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct progress {
	const char *what;
	uint64_t done, total, files;
	double begun, shown;
	bool visible;
};

static double
progress_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct progress *
progress_start(struct session *session, const char *what, uint64_t total)
{
	struct progress *progress;

	if (session->quiet || session->json || isatty(STDERR_FILENO) == 0)
		return NULL;
	progress = calloc(1, sizeof(*progress));
	if (progress == NULL)
		return NULL;
	progress->what = what;
	progress->total = total;
	progress->begun = progress_now();
	return progress;
}

static void
progress_show(struct progress *progress)
{
	double now = progress_now(), spent = now - progress->begun;
	char done[32], rate[32], left[48] = "";

	if (spent < 1 || now - progress->shown < 0.2)
		return;
	progress->shown = now;
	progress->visible = true;
	print_size((double)progress->done, done);
	print_size((double)progress->done / spent, rate);
	if (progress->total > progress->done && progress->done > 0)
		(void)snprintf(left, sizeof(left), ", %d%%, %.0f s",
		    (int)(100 * progress->done / progress->total),
		    spent * (double)(progress->total - progress->done) /
			(double)progress->done);
	(void)fprintf(
	    stderr, "\r\033[K%s: %s, %s/s%s", progress->what, done, rate, left);
	(void)fflush(stderr);
}

void
progress_step(struct progress *progress, uint64_t bytes, uint64_t files)
{
	if (progress == NULL)
		return;
	progress->done += bytes;
	progress->files += files;
	progress_show(progress);
}

void
progress_set(void *context, uint64_t done, uint64_t total)
{
	struct progress *progress = context;

	if (progress == NULL)
		return;
	progress->done = done;
	progress->total = total;
	progress_show(progress);
}

void
progress_stop(struct progress *progress)
{
	if (progress == NULL)
		return;
	if (progress->visible)
		(void)fprintf(stderr, "\r\033[K");
	free(progress);
}
