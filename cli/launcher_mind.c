/* SPDX-License-Identifier: ISC */
/*
 * Minds one program: starts it, waits for it, kills it when its time is up
 * or nobody wants its answer any more, and reports its end.  Sees none of
 * its input or output.  The contract: launcher_wire.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launcher_wire.h"

enum { MIND_STEP = 20 }; /* milliseconds, where there is no pidfd */

static int64_t
mind_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Ends with whoever started this process, also when that is over already. */
static void
mind_die_with(pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
}

/* Forks the program.  -1, and why, when it could not be started. */
static pid_t
mind_start(const struct launcher_request *request, const int fds[LAUNCHER_FDS],
    const struct launcher_paths *paths, struct launcher_result *ret_result)
{
	pid_t mind = getpid(), pid;
	int failure[2];
	ssize_t n;

	*ret_result = (struct launcher_result){ .end = LAUNCHER_LOST };
	if (pipe2(failure, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		mind_die_with(mind);
		(void)close(failure[0]);
		*ret_result = launcher_become(request, fds, paths);
		n = write(failure[1], ret_result, sizeof(*ret_result));
		_exit(n < 0 ? 126 : 127);
	}
	(void)close(failure[1]);
	if (pid > 0) {
		do /* an end without a word: it has become the program */
			n = read(failure[0], ret_result, sizeof(*ret_result));
		while (n < 0 && errno == EINTR);
		if (n != 0) {
			(void)waitpid(pid, NULL, 0);
			pid = -1;
		}
	}
	(void)close(failure[0]);
	return pid;
}

/* False when the program must be killed: *ret_late tells why. */
static bool
mind_wait(pid_t pid, int result, uint32_t milliseconds, bool *ret_late)
{
	int64_t end = mind_now() + milliseconds;
	struct pollfd polls[2] = {
		{ .fd = (int)syscall(SYS_pidfd_open, pid, 0U),
		    .events = POLLIN },
		{ .fd = result }, /* POLLERR: its reader has gone */
	};
	bool ended = false;

	*ret_late = false;
	while (!ended && !*ret_late && (polls[1].revents & POLLERR) == 0) {
		int64_t left = milliseconds == 0 ? -1 : end - mind_now();
		siginfo_t info = { 0 };

		if (milliseconds != 0 && left <= 0) {
			*ret_late = true;
			break;
		}
		if (polls[0].fd < 0 && (left < 0 || left > MIND_STEP))
			left = MIND_STEP;
		if (left > INT32_MAX)
			left = INT32_MAX;
		if (poll(polls, 2, (int)left) < 0 && errno != EINTR)
			break;
		/* leaves it a zombie, so that its number stays taken */
		ended = waitid(P_PID, (id_t)pid, &info,
			    WEXITED | WNOHANG | WNOWAIT) == 0 &&
			info.si_pid == pid;
	}
	if (polls[0].fd >= 0)
		(void)close(polls[0].fd);
	return ended;
}

static struct launcher_result
mind_result(int status, bool late)
{
	struct launcher_result result = { .end = LAUNCHER_EXITED,
		.value = WEXITSTATUS(status) };

	if (late)
		result.end = LAUNCHER_TIMED_OUT;
	else if (WIFSIGNALED(status)) {
		result.end = LAUNCHER_KILLED;
		result.value = WTERMSIG(status);
	}
	return result;
}

_Noreturn void
launcher_mind(const struct launcher_request *request,
    const int fds[LAUNCHER_FDS], const struct launcher_paths *paths)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	struct launcher_result result;
	bool late = false;
	int status = 0;
	ssize_t n;
	pid_t pid;

	/* its parent is the launcher, which may be gone already: then
	 * nobody holds the other ends, and the wait below ends at once */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	(void)sigaction(SIGCHLD, &action, NULL);
	pid = mind_start(request, fds, paths, &result);
	for (size_t i = 0; i < LAUNCHER_RESULT_FD; i++)
		(void)close(fds[i]);
	if (pid > 0) {
		if (!mind_wait(pid, fds[LAUNCHER_RESULT_FD],
			request->milliseconds, &late))
			(void)kill(pid, SIGKILL);
		/* whatever it has started, if it leads a group of its own */
		if (request->program != LAUNCHER_COMMAND)
			(void)kill(-pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		result = mind_result(status, late);
	}
	n = write(fds[LAUNCHER_RESULT_FD], &result, sizeof(result));
	_exit(n == (ssize_t)sizeof(result) ? EXIT_SUCCESS : EXIT_FAILURE);
}
