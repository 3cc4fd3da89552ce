/* SPDX-License-Identifier: ISC */
/*
 * Behind closed doors: what carnet can no longer do, what the launcher still
 * does for it, and that nothing outlives carnet.
 * See cli/launcher.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cage.h"
#include "launcher_fixture.h"

enum { HELD = 0, DOORS_OPEN = 2 };

typedef int door_attempt(void);

static int
attempt_run(door_attempt *attempt)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		/* cmocka's own handlers would go on with the next test */
		for (int i = 1; i < NSIG; i++)
			(void)signal(i, SIG_DFL);
		_exit(attempt());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static bool
close_doors(void)
{
	const char *what = NULL;

	return launcher_close_doors(&what, NULL) == CARNET_OK && what != NULL &&
	       what[0] == '\0';
}

static int
try_socket(int family, int type)
{
	if (!close_doors())
		return DOORS_OPEN;
	(void)socket(family, type, 0);
	return 10;
}

static int
try_inet(void)
{
	return try_socket(AF_INET, SOCK_STREAM);
}

static int
try_inet_udp(void)
{
	return try_socket(AF_INET6, SOCK_DGRAM);
}

static int
try_unix(void)
{
	return try_socket(AF_UNIX, SOCK_STREAM);
}

static int
try_netlink(void)
{
	return try_socket(AF_NETLINK, SOCK_RAW);
}

static int
try_connect(void)
{
	struct sockaddr address = { .sa_family = AF_UNSPEC };

	if (!close_doors())
		return DOORS_OPEN;
	(void)connect(0, &address, sizeof(address));
	return 10;
}

static int
try_32_bits(void)
{
#ifdef __x86_64__
	long result;

	if (!close_doors())
		return DOORS_OPEN;
	/* socket(AF_INET, SOCK_STREAM, 0), asked as a program of 32 bits */
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(359L), "b"(2L), "c"(1L), "d"(0L)
			 : "memory", "cc");
	(void)result;
	return 10;
#else
	return 128 + SIGSYS;
#endif
}

static void
test_killed(void **state)
{
	static door_attempt *const attempts[] = { try_inet, try_inet_udp,
		try_unix, try_netlink, try_connect, try_32_bits };

	(void)state;
	if (!cage_has_seccomp())
		skip();
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		int result = attempt_run(attempts[i]);

		/* a kernel without calls of 32 bits knows no such trap */
		if (attempts[i] == try_32_bits && result == 128 + SIGSEGV)
			continue;
		if (result != 128 + SIGSYS)
			fail_msg("attempt %zu: %d, not SIGSYS", i, result);
	}
}

static bool
denied(long result)
{
	return result < 0 && errno == EPERM;
}

static int
try_denied(void)
{
	char params[120] = { 0 };
	int pair[2];

	if (!close_doors())
		return DOORS_OPEN;
	if (!denied(syscall(425, 4, params)))
		return 10;
	if (!denied(execl("/bin/true", "true", (char *)NULL)) ||
	    !denied(
		syscall(SYS_execveat, AT_FDCWD, "/bin/true", NULL, NULL, 0)))
		return 11;
	if (!denied(socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) ||
	    !denied(syscall(SYS_sendto, 1, "", 0, 0, NULL, 0)))
		return 12;
	if (!denied(syscall(
		SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0)) ||
	    !denied(syscall(438, 0, 0, 0))) /* pidfd_getfd */
		return 13;
#ifndef CARNET_SANITIZED
	if (!denied(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL)))
		return 14;
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return 15;
#endif
	if (!denied(syscall(SYS_bpf, 0, NULL, 0)) ||
	    !denied(syscall(SYS_userfaultfd, 0)) ||
	    !denied(syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0)) ||
	    !denied(syscall(SYS_kexec_load, 0, 0, NULL, 0)) ||
	    !denied(syscall(SYS_mount, "", "/", "", 0, NULL)) ||
	    !denied(ioctl(0, TIOCSTI, "x")))
		return 16;
	return HELD;
}

/* What carnet needs goes on: files, pipes, threads' calls, the keyring. */
static int
try_allowed(void)
{
	struct rlimit limit;
	int ends[2], fd;

	if (!close_doors())
		return DOORS_OPEN;
	fd = open("/dev/null", O_RDWR);
	if (fd < 0 || pipe(ends) != 0 || write(ends[1], "x", 1) != 1)
		return 10;
	if (syscall(SYS_keyctl, 0, -3, 0) < 0 && errno == EPERM)
		return 11;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ||
	    getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max != 0)
		return 12;
	return HELD;
}

static void
test_denied(void **state)
{
	(void)state;
	if (!cage_has_seccomp())
		skip();
	assert_int_equal(attempt_run(try_denied), HELD);
	assert_int_equal(attempt_run(try_allowed), HELD);
}

/* With its doors closed carnet still has documents read. */
static int
try_launcher(void)
{
	struct launcher *launcher = NULL;
	struct fixture_document document = { .bytes = "Bonjour", .len = 7 };
	struct reading *reading = NULL;
	struct secret *secret = NULL;
	int result = HELD;

	if (launcher_start(CARNET_TEST_READER_FOLDER, &launcher, NULL) !=
	    CARNET_OK)
		return 10;
	if (!close_doors())
		return DOORS_OPEN;
	if (launcher_read(launcher, fixture_source, &document, 7, &reading,
		NULL) != CARNET_OK)
		return 11;
	if (reading->text == NULL || strcmp(reading->text, "Bonjour") != 0)
		result = 12;
	reading_free(reading);
	/* the passphrase command isn't in the cage */
	if (launcher_secret(launcher, "grep Seccomp: /proc/self/status",
		&secret, NULL) != CARNET_OK)
		return 13;
	if (memcmp(secret_peek(secret), "Seccomp:\t0", 10) != 0)
		result = 14;
	secret_free(secret);
	launcher_stop(launcher);
	return result;
}

static void
test_launcher_behind_doors(void **state)
{
	char status[4096] = "";
	FILE *file = fopen("/proc/self/status", "r");

	(void)state;
	assert_non_null(file);
	assert_true(fread(status, 1, sizeof(status) - 1, file) > 0);
	(void)fclose(file);
	if (!cage_has_seccomp() || strstr(status, "Seccomp:\t0") == NULL)
		skip(); /* these tests run in a cage themselves */
	assert_int_equal(attempt_run(try_launcher), HELD);
}

static bool
is_gone(pid_t pid)
{
	for (int i = 0; i < 100; i++) {
		char path[64], state = 'X';
		FILE *file;

		(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		file = fopen(path, "r");
		if (file == NULL)
			return true;
		if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
			state = 'X';
		(void)fclose(file);
		if (state == 'Z' || state == 'X')
			return true;
		(void)usleep(20000);
	}
	return false;
}

/* Killed with a program at work, carnet leaves neither it nor the launcher. */
static void
test_nothing_outlives(void **state)
{
	char name[] = "/tmp/carnet-doors-XXXXXX", command[256];
	pid_t pids[2] = { 0 };
	int ends[2], status, file = mkstemp(name);
	char text[32] = "";
	pid_t carnet;

	(void)state;
	assert_true(file >= 0);
	assert_int_equal(pipe(ends), 0);
	(void)snprintf(
	    command, sizeof(command), "echo $$ >%s; exec sleep 100", name);
	carnet = fork();
	assert_true(carnet >= 0);
	if (carnet == 0) {
		struct launcher *launcher = NULL;
		struct secret *secret = NULL;

		if (launcher_start(CARNET_TEST_READER_FOLDER, &launcher,
			NULL) != CARNET_OK)
			_exit(1);
		(void)!write(ends[1], &launcher->pid, sizeof(launcher->pid));
		(void)launcher_secret(launcher, command, &secret, NULL);
		_exit(2);
	}
	(void)close(ends[1]);
	assert_int_equal(
	    read(ends[0], &pids[0], sizeof(pids[0])), sizeof(pids[0]));
	for (int i = 0; i < 200 && strchr(text, '\n') == NULL; i++) {
		(void)usleep(20000);
		(void)!pread(file, text, sizeof(text) - 1, 0);
	}
	pids[1] = (pid_t)atoi(text);
	assert_true(pids[1] > 1);
	assert_int_equal(kill(carnet, SIGKILL), 0);
	assert_int_equal(waitpid(carnet, &status, 0), carnet);
	assert_true(is_gone(pids[0]));
	assert_true(is_gone(pids[1]));
	(void)close(ends[0]);
	(void)close(file);
	(void)unlink(name);
}

/* Ctrl-C reaches the whole group: the launcher leaves it to carnet. */
static void
test_launcher_keeps_on(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
		SIGPIPE };
	struct launcher *launcher = fixture_real();
	struct reading *reading;

	(void)state;
	(void)usleep(100000);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		assert_int_equal(kill(launcher->pid, signals[i]), 0);
	reading = fixture_read(launcher, "Bonjour", 7);
	assert_string_equal(reading->text, "Bonjour");
	reading_free(reading);
	launcher_stop(launcher);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_denied),
		cmocka_unit_test(test_launcher_behind_doors),
		cmocka_unit_test(test_nothing_outlives),
		cmocka_unit_test(test_launcher_keeps_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
