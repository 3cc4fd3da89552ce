/* SPDX-License-Identifier: ISC */
/*
 * The launcher's own life: waits for requests and gives each a process that
 * minds it, so that many can run at once and none can hurt the next.  Holds
 * no key, reads no document.  The contract: launcher_wire.h.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher_wire.h"

/* Of Ctrl-C and the like carnet decides; the launcher ends when it does. */
static void
serve_signals(void)
{
	static const int ignored[] = { SIGINT, SIGQUIT, SIGHUP, SIGTERM,
		SIGTSTP, SIGPIPE, SIGUSR1, SIGUSR2 };
	struct sigaction action = { .sa_handler = SIG_IGN };
	sigset_t none;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		(void)sigaction(ignored[i], &action, NULL);
	/* who minds a program reports it himself: nobody is waited for */
	action.sa_handler = SIG_DFL;
	action.sa_flags = SA_NOCLDWAIT;
	(void)sigaction(SIGCHLD, &action, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Keeps its socket and standard error, nothing else that carnet had open. */
static int
serve_descriptors(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0)
		return -1;
	if (fcntl(STDERR_FILENO, F_GETFD) < 0 && dup2(null, STDERR_FILENO) < 0)
		return -1;
	if (fd != 3 && dup3(fd, 3, O_CLOEXEC) < 0)
		return -1;
	if (syscall(SYS_close_range, 4U, ~0U, 0U) != 0) {
		long max = sysconf(_SC_OPEN_MAX);

		for (int i = 4; i < (max > 0 ? max : 1024); i++)
			(void)close(i);
	}
	return 3;
}

_Noreturn void
launcher_serve(int fd, const struct launcher_paths *paths)
{
	static struct launcher_request request;
	int fds[LAUNCHER_FDS];

	(void)prctl(PR_SET_NAME, "carnet-launcher", 0, 0, 0);
	serve_signals();
	fd = serve_descriptors(fd);
	if (fd < 0)
		_exit(EXIT_FAILURE);
	while (launcher_receive(fd, &request, fds)) {
		pid_t pid;

		if (request.program == LAUNCHER_PROGRAMS)
			continue;
		pid = fork();
		if (pid == 0) {
			(void)close(fd);
			launcher_mind(&request, fds, paths);
		}
		/* no process: the pipes close, carnet sees LAUNCHER_LOST */
		for (size_t i = 0; i < LAUNCHER_FDS; i++)
			(void)close(fds[i]);
	}
	_exit(EXIT_SUCCESS);
}
