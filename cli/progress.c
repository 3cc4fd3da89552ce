/* SPDX-License-Identifier: ISC */
/*
 * Progress, on a terminal only: bytes, files, rate, time left, as much of it
 * as fits on one line.  The contract is in progress.h.
 */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROGRESS_AFTER 1.0 /* seconds */
#define PROGRESS_EVERY 0.2
#define PROGRESS_TEXT 512

struct progress {
	const char *what;
	uint64_t done, total, before; /* bytes; before: when it was begun */
	uint64_t files, files_total;
	double begun, shown; /* begun 0: with the first step */
};

/* The one that stands on the terminal now. */
static struct progress *progress_visible;

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
	const char *terminal = getenv("TERM");
	struct progress *progress;

	if (session->quiet || session->json || isatty(STDERR_FILENO) == 0 ||
	    terminal == NULL || strcmp(terminal, "dumb") == 0)
		return NULL;
	progress = calloc(1, sizeof(*progress));
	if (progress == NULL)
		return NULL;
	progress->what = what;
	progress->total = total;
	return progress;
}

void
progress_expect(struct progress *progress, uint64_t bytes, uint64_t files)
{
	if (progress == NULL)
		return;
	progress->total += bytes;
	progress->files_total += files;
}

/* --- the line --------------------------------------------------------------
 */

/* How much of it is done, 0 to 1; 0 when that can't be known. */
static double
progress_share(const struct progress *progress)
{
	double share = 0;

	if (progress->total > progress->before)
		share = (double)(progress->done - progress->before) /
			(double)(progress->total - progress->before);
	else if (progress->total == 0 && progress->files_total > 0)
		share = (double)progress->files / (double)progress->files_total;
	return share > 1 ? 1 : share;
}

static void
progress_sizes(const struct progress *progress, char text[96])
{
	char done[32], total[32];

	print_size((double)progress->done, done);
	print_size((double)progress->total, total);
	if (progress->total >= progress->done)
		(void)snprintf(text, 96, _("%s of %s"), done, total);
	else
		(void)snprintf(text, 96, "%s", done);
}

static void
progress_left(double seconds, char text[96])
{
	if (seconds < 90)
		(void)snprintf(text, 96, _("%.0f s left"), seconds);
	else if (seconds < 90 * 60)
		(void)snprintf(text, 96, _("%.0f min left"), seconds / 60);
	else
		(void)snprintf(text, 96, _("%.0f h left"), seconds / 3600);
}

static void
progress_files(const struct progress *progress, bool brief, char text[96])
{
	unsigned long long files = progress->files;
	unsigned long long total = progress->files_total;

	if (total >= files && !brief)
		(void)snprintf(text, 96,
		    PLURAL_("%llu of %llu file", "%llu of %llu files", total),
		    files, total);
	else
		(void)snprintf(
		    text, 96, PLURAL_("%llu file", "%llu files", files), files);
}

/* Puts a part behind the others, if the terminal's line has room for it. */
static bool
progress_add(char line[PROGRESS_TEXT], const char *part)
{
	char longer[PROGRESS_TEXT + 128];
	size_t last = strlen(line) - 1; /* of "what: " */

	(void)snprintf(longer, sizeof(longer), "%s%s%s", line,
	    line[last] == ' ' ? "" : ", ", part);
	if (strlen(longer) >= PROGRESS_TEXT ||
	    print_columns(longer) >= print_terminal(stderr))
		return false;
	memcpy(line, longer, PROGRESS_TEXT);
	return true;
}

/* brief: files without how many there are.  False: not all of it had room. */
static bool
progress_line(const struct progress *progress, double spent, bool brief,
    char line[PROGRESS_TEXT])
{
	double share = progress_share(progress);
	char part[96], rate[32];
	bool whole = true;

	(void)snprintf(line, PROGRESS_TEXT, _("%s: "), progress->what);
	if (progress->done > 0) {
		progress_sizes(progress, part);
		whole &= progress_add(line, part);
	}
	if (share > 0) {
		progress_left(spent * (1 - share) / share, part);
		whole &= progress_add(line, part);
	}
	if (progress->files > 0) {
		progress_files(progress, brief, part);
		whole &= progress_add(line, part);
	}
	if (progress->done > progress->before) {
		print_size(
		    (double)(progress->done - progress->before) / spent, rate);
		(void)snprintf(part, sizeof(part), _("%s/s"), rate);
		whole &= progress_add(line, part);
	}
	return whole;
}

static void
progress_write(const struct progress *progress, double spent)
{
	char line[PROGRESS_TEXT];

	if (!progress_line(progress, spent, false, line))
		(void)progress_line(progress, spent, true, line);
	(void)fprintf(stderr, "\r\033[K%s", line);
	(void)fflush(stderr);
}

static void
progress_show(struct progress *progress)
{
	double now = progress_now();

	if (progress->begun == 0)
		progress->begun = now;
	if (now - progress->begun < PROGRESS_AFTER ||
	    now - progress->shown < PROGRESS_EVERY)
		return;
	progress->shown = now;
	progress_visible = progress;
	progress_write(progress, now - progress->begun);
}

void
progress_hide(void)
{
	if (progress_visible == NULL)
		return;
	progress_visible->shown = 0; /* it comes back at the next step */
	progress_visible = NULL;
	(void)fprintf(stderr, "\r\033[K");
	(void)fflush(stderr);
}

/* --- steps ----------------------------------------------------------------
 */

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
	if (done < progress->done || total != progress->total) {
		progress->begun = 0; /* another part of the work */
		progress->before = done;
	}
	progress->done = done;
	progress->total = total;
	progress_show(progress);
}

void
progress_stop(struct progress *progress)
{
	if (progress == NULL)
		return;
	if (progress_visible == progress)
		progress_hide();
	free(progress);
}
