/* SPDX-License-Identifier: ISC */
/*
 * One scenario, one kind of fault, many points: for each, a fresh copy of the
 * template, a process in which the fault comes, and a judgement after it.
 * Knows no scenario: scenarios.c.  Called by tests/fault/run.
 *
 * drive SCENARIO ACT KINDS ERROR PERSIST SEED LIMIT HOLD SCRATCH
 *   LIMIT: so many points at most, spread evenly; 0: every one; =N: the Nth
 *   HOLD: 1: what wasn't synced is lost when the run has ended, too
 * The last line: "N points, N bad, N calls, N reported as failed, N mended":
 * mended by `repair` because an index lacked something and check said so.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "place.h"
#include "shim.h"

#define DRIVE_SECONDS 120 /* a run that takes longer hangs */
#define DRIVE_SHOWN 20    /* bad points that are told in full */

struct drive {
	struct place place;
	const struct scenario *scenario;
	struct shim_order order;
	bool hold;
	uint64_t limit;
	uint64_t only; /* 0: all of them */
	uint64_t points, bad, refused, mended;
};

static bool
drive_can_fail(const struct drive *drive)
{
	return drive->order.act == SHIM_FAIL || drive->order.act == SHIM_SHORT;
}

/* In the run's own process. */
_Noreturn static void
drive_run(struct drive *drive)
{
	struct place *place = &drive->place;
	struct told *told = place->told;
	struct carnet_error err = { 0 };
	enum carnet_status status;
	char roots[PLACE_PATH + 8];

	(void)snprintf(roots, sizeof(roots), "%s", place->work);
	shim_arm(roots, &drive->order);
	status = drive->scenario->run(place, &err);
	if (drive->hold) {
		told->status = status;
		told->err = err;
		told->finished = true;
		shim_cut_power();
	}
	told->calls = shim_disarm();
	told->status = status;
	told->err = err;
	told->finished = true;
	exit(status == CARNET_OK || shim_fired() ? 0 : 3);
}

/* The wait status, or -1 when it had to be stopped. */
static int
drive_wait(pid_t pid)
{
	int status = -1;

	if (waitpid(pid, &status, 0) != pid)
		place_fail("waiting", NULL);
	return status;
}

static int
drive_child(struct drive *drive, bool judging)
{
	pid_t pid;

	(void)fflush(stderr);
	pid = fork();
	if (pid < 0)
		place_fail("fork", NULL);
	if (pid == 0) {
		(void)alarm(DRIVE_SECONDS);
		if (!judging)
			drive_run(drive);
		exit(drive->scenario->judge(&drive->place) ? 0 : 1);
	}
	return drive_wait(pid);
}

/* How the run's process may end. */
static bool
drive_judge_end(const struct drive *drive, int status)
{
	const struct told *told = drive->place.told;

	if (WIFSIGNALED(status))
		return judge(WTERMSIG(status) == SIGKILL &&
				 (!drive_can_fail(drive) || drive->hold),
		    "ended by signal %d", WTERMSIG(status));
	if (!judge(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		"ended with %d", WEXITSTATUS(status)))
		return false;
	if (told->status == CARNET_OK)
		return true;
	return judge(told->err.message[0] != '\0' &&
			 strchr(told->err.message, '\n') == NULL &&
			 told->err.status == told->status,
	    "a failure (%d) without one line of reason: '%s' (%d)",
	    (int)told->status, told->err.message, (int)told->err.status);
}

static void
drive_point(struct drive *drive, uint64_t at)
{
	const struct told *told = drive->place.told;
	bool good;
	int status;

	drive->order.at = at;
	if (drive->order.seed != 0)
		drive->order.seed = at * 7919 + 1;
	place_fresh(&drive->place);
	status = drive_child(drive, false);
	good = drive_judge_end(drive, status);
	if (told->finished && told->status != CARNET_OK)
		drive->refused++;
	good &= drive_child(drive, true) == 0;
	drive->mended += told->mended;
	drive->points++;
	if (!good && drive->bad++ < DRIVE_SHOWN)
		(void)fprintf(stderr, "^ %s, point %llu: %s%s\n",
		    drive->scenario->name, (unsigned long long)at,
		    told->finished ? "finished " : "died",
		    !told->finished             ? ""
		    : told->status == CARNET_OK ? "well"
						: told->err.message);
}

/* How many calls a run makes when nothing happens. */
static uint64_t
drive_count(struct drive *drive)
{
	struct shim_order order = drive->order;
	bool hold = drive->hold;
	uint64_t calls;
	int status;

	drive->order.act = SHIM_COUNT;
	drive->order.stash = NULL;
	drive->hold = false;
	place_fresh(&drive->place);
	status = drive_child(drive, false);
	calls = drive->place.told->calls;
	if (!judge(status == 0 && drive->place.told->status == CARNET_OK,
		"%s fails without a fault: %s", drive->scenario->name,
		drive->place.told->err.message) ||
	    drive_child(drive, true) != 0)
		exit(2);
	drive->order = order;
	drive->hold = hold;
	return calls;
}

static void
drive_all(struct drive *drive)
{
	uint64_t calls = drive_count(drive), limit = drive->limit;

	if (limit == 0 || limit > calls)
		limit = calls;
	if (drive->only != 0) {
		limit = 0;
		drive_point(drive, drive->only);
	}
	for (uint64_t i = 0; i < limit; i++)
		drive_point(drive, 1 + i * calls / limit);
	if (drive->order.stash != NULL &&
	    drive->only == 0) /* and when all has been done */
		drive_point(drive, calls + 1);
	printf("%llu points, %llu bad, %llu calls, %llu reported as "
	       "failed, %llu mended\n",
	    (unsigned long long)drive->points, (unsigned long long)drive->bad,
	    (unsigned long long)calls, (unsigned long long)drive->refused,
	    (unsigned long long)drive->mended);
}

static const struct scenario *
drive_scenario(const char *name)
{
	for (size_t i = 0; scenarios[i].name != NULL; i++)
		if (strcmp(scenarios[i].name, name) == 0)
			return &scenarios[i];
	(void)fprintf(stderr, "drive: no scenario %s\n", name);
	exit(2);
}

int
main(int argc, char **argv)
{
	static struct drive drive;
	struct place *place = &drive.place;

	if (argc != 10 || sodium_init() < 0)
		return 2;
	drive.scenario = drive_scenario(argv[1]);
	drive.order.act = (enum shim_act)strtoul(argv[2], NULL, 10);
	drive.order.kinds = (unsigned)strtoul(argv[3], NULL, 10);
	drive.order.error = (int)strtol(argv[4], NULL, 10);
	drive.order.persist = (int)strtol(argv[5], NULL, 10);
	drive.order.seed = strtoull(argv[6], NULL, 10);
	drive.limit = strtoull(argv[7], NULL, 10);
	if (argv[7][0] == '=')
		drive.only = strtoull(argv[7] + 1, NULL, 10);
	drive.hold = strcmp(argv[8], "1") == 0;
	place->may_repair = drive.hold;
	place_begin(place, argv[9]);
	if (drive.hold || drive.order.act == SHIM_POWER)
		drive.order.stash = place->stash;
	drive.scenario->prepare(place);
	if (rename(place->work, place->template) != 0)
		place_fail("template", NULL);
	drive_all(&drive);
	place_end(place);
	return drive.bad == 0 ? 0 : 1;
}
