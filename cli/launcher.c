/* SPDX-License-Identifier: ISC */
/*
 * Starts and ends the launcher.  What it then does: launcher_serve.c; how it
 * is used: launcher_read.c, launcher_press.c, launcher_secret.c.
 * The contract: launcher.h.
 */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher_line.h"
#include "launcher_wire.h"

#define LAUNCHER_READ_MILLISECONDS 60000U
#define LAUNCHER_PRESS_MILLISECONDS 300000U

/* Both programs by their folders; false: too long. */
static bool
launcher_place(const char *reader_folder, const char *press_folder,
    struct launcher_paths *paths)
{
	int reader = snprintf(paths->reader, sizeof(paths->reader),
	    "%s/carnet-reader", reader_folder);
	int press = snprintf(paths->press, sizeof(paths->press),
	    "%s/carnet-press", press_folder);

	return reader > 0 && (size_t)reader < sizeof(paths->reader) &&
	       press > 0 && (size_t)press < sizeof(paths->press);
}

/* Beside this program in the build tree, else below the prefix that it was
 * installed in, else where the build said. */
static void
launcher_find(struct launcher_paths *paths)
{
	char self[3072], reader[4000], press[4000];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len > 0) {
		char *folder;

		self[len] = '\0';
		folder = dirname(self);
		(void)snprintf(
		    reader, sizeof(reader), "%s/../formats/read", folder);
		(void)snprintf(
		    press, sizeof(press), "%s/../formats/write", folder);
		if (launcher_place(reader, press, paths) &&
		    access(paths->reader, X_OK) == 0)
			return;
		(void)snprintf(
		    reader, sizeof(reader), "%s/../libexec/carnet", folder);
		if (launcher_place(reader, reader, paths) &&
		    access(paths->reader, X_OK) == 0)
			return;
	}
	(void)launcher_place(CARNET_LIBEXECDIR, CARNET_LIBEXECDIR, paths);
}

static _Noreturn void
launcher_child(int fd, pid_t parent, const struct launcher_paths *paths)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	launcher_serve(fd, paths);
}

enum carnet_status
launcher_start_timed(const char *libexec, uint32_t read_milliseconds,
    struct launcher **ret_launcher, struct carnet_error *err)
{
	struct launcher *launcher = NULL;
	struct launcher_paths *paths = NULL;
	enum carnet_status status = CARNET_OK;
	int fds[2] = { -1, -1 };
	pid_t parent = getpid();
	char *folder = NULL;

	launcher = calloc(1, sizeof(*launcher));
	paths = calloc(1, sizeof(*paths));
	if (launcher == NULL || paths == NULL) {
		status = carnet_fail_errno(err, ENOMEM, CARNET_("a launcher"));
		goto done;
	}
	launcher->socket = launcher->null = -1;
	launcher->read_milliseconds = read_milliseconds != 0
					  ? read_milliseconds
					  : LAUNCHER_READ_MILLISECONDS;
	launcher->press_milliseconds = LAUNCHER_PRESS_MILLISECONDS;
	/* programs are started from "/": no relative path */
	if (libexec != NULL)
		folder = realpath(libexec, NULL);
	if (folder != NULL)
		libexec = folder;
	if (libexec == NULL)
		launcher_find(paths);
	else if (!launcher_place(libexec, libexec, paths)) {
		status = carnet_fail(err, CARNET_INVALID,
		    CARNET_("the folder of carnet's own programs has too "
			    "long a name"));
		goto done;
	}
	launcher->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (launcher->null < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
		status = carnet_fail_errno(
		    err, errno, CARNET_("cannot start the launcher"));
		goto done;
	}
	launcher->pid = fork();
	if (launcher->pid == 0) {
		(void)close(fds[0]);
		launcher_child(fds[1], parent, paths);
	}
	if (launcher->pid < 0) {
		status = carnet_fail_errno(
		    err, errno, CARNET_("cannot start the launcher"));
		goto done;
	}
	launcher->socket = fds[0];
	fds[0] = -1;
	*ret_launcher = launcher;
	launcher = NULL;
done:
	for (size_t i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			(void)close(fds[i]);
	}
	if (launcher != NULL && launcher->null >= 0)
		(void)close(launcher->null);
	free(launcher);
	free(paths);
	free(folder);
	return status;
}

enum carnet_status
launcher_start(const char *libexec, struct launcher **ret_launcher,
    struct carnet_error *err)
{
	return launcher_start_timed(libexec, 0, ret_launcher, err);
}

void
launcher_stop(struct launcher *launcher)
{
	if (launcher == NULL)
		return;
	(void)close(launcher->socket); /* at which it ends */
	(void)close(launcher->null);
	while (waitpid(launcher->pid, NULL, 0) < 0 && errno == EINTR)
		;
	free(launcher);
}
