/* SPDX-License-Identifier: ISC */
/*
 * The cage from inside: a forked child shuts itself in and tries to get out.
 * What the launcher makes of it: tests/cli/test_launcher.c.
 * See formats/include/cage.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cage.h"

enum { HELD = 0, ESCAPED = 1, NOT_CAGED = 2 };

typedef int cage_attempt(void);

/* Runs the attempt in a child; its exit status, or 128 + signal. */
static int
attempt_run(cage_attempt *attempt)
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

/* --- the reader's allow-list: everything else kills --------------------- */

static int
reader_open(void)
{
	if (cage_seccomp_reader(NULL) != CARNET_OK)
		return NOT_CAGED;
	(void)syscall(SYS_openat, AT_FDCWD, "/etc/hostname", O_RDONLY);
	return ESCAPED;
}

static int
reader_socket(void)
{
	if (cage_seccomp_reader(NULL) != CARNET_OK)
		return NOT_CAGED;
	(void)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
	return ESCAPED;
}

static int
reader_connect(void)
{
	struct sockaddr address = { .sa_family = AF_UNSPEC };

	if (cage_seccomp_reader(NULL) != CARNET_OK)
		return NOT_CAGED;
	(void)syscall(SYS_connect, 0, &address, sizeof(address));
	return ESCAPED;
}

static int
reader_ptrace(void)
{
	if (cage_seccomp_reader(NULL) != CARNET_OK)
		return NOT_CAGED;
	(void)syscall(SYS_ptrace, PTRACE_ATTACH, getppid(), NULL, NULL);
	return ESCAPED;
}

/* As a vault would be: by every call that opens. */
static int
reader_open_old(void)
{
	if (cage_seccomp_reader(NULL) != CARNET_OK)
		return NOT_CAGED;
#ifdef SYS_open
	(void)syscall(SYS_open, "carnet.head", O_RDONLY);
#else
	(void)syscall(SYS_openat, AT_FDCWD, "carnet.head", O_RDONLY);
#endif
	return ESCAPED;
}

static int
reader_openat2(void)
{
	uint64_t how[3] = { O_RDONLY, 0, 0 };

	if (cage_seccomp_reader(NULL) != CARNET_OK)
		return NOT_CAGED;
	(void)syscall(437, AT_FDCWD, "carnet.head", how, sizeof(how));
	return ESCAPED;
}

static int
reader_fork(void)
{
	if (cage_seccomp_reader(NULL) != CARNET_OK)
		return NOT_CAGED;
	(void)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	return ESCAPED;
}

static int
reader_exec(void)
{
	if (cage_seccomp_reader(NULL) != CARNET_OK)
		return NOT_CAGED;
	(void)execl("/bin/true", "true", (char *)NULL);
	return ESCAPED;
}

static int
reader_io_uring(void)
{
	char params[120] = { 0 };

	if (cage_seccomp_reader(NULL) != CARNET_OK)
		return NOT_CAGED;
	(void)syscall(425, 4, params);
	return ESCAPED;
}

static int
reader_executable_memory(void)
{
	if (cage_seccomp_reader(NULL) != CARNET_OK)
		return NOT_CAGED;
	(void)mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return ESCAPED;
}

static int
reader_other_architecture(void)
{
#ifdef __x86_64__
	long result;

	if (cage_seccomp_reader(NULL) != CARNET_OK)
		return NOT_CAGED;
	/* write(2), asked as a program of 32 bits */
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(4L), "b"(2L), "c"(0L), "d"(0L)
			 : "memory", "cc");
	(void)result;
	return ESCAPED;
#else
	return 128 + SIGSYS;
#endif
}

static int
reader_x32(void)
{
#ifdef __x86_64__
	if (cage_seccomp_reader(NULL) != CARNET_OK)
		return NOT_CAGED;
	(void)syscall(0x40000000 | SYS_write, 2, "", 0);
	return ESCAPED;
#else
	return 128 + SIGSYS;
#endif
}

/* ... and what it is for goes on working. */
static int
reader_works(void)
{
	void *memory;

	if (cage_seccomp_reader(NULL) != CARNET_OK)
		return NOT_CAGED;
	for (size_t i = 0; i < 64; i++) {
		memory = malloc((size_t)1 << 20);
		if (memory == NULL)
			return ESCAPED;
		memset(memory, 1, (size_t)1 << 20);
		free(memory);
	}
	return write(STDOUT_FILENO, "", 0) == 0 ? HELD : ESCAPED;
}

static void
test_reader_filter(void **state)
{
	static cage_attempt *const attempts[] = { reader_open, reader_open_old,
		reader_openat2, reader_socket, reader_connect, reader_ptrace,
		reader_fork, reader_exec, reader_io_uring,
		reader_executable_memory, reader_other_architecture,
		reader_x32 };

	(void)state;
	if (!cage_has_seccomp())
		skip();
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		int result = attempt_run(attempts[i]);

		/* a kernel without calls of 32 bits knows no such trap */
		if (attempts[i] == reader_other_architecture &&
		    result == 128 + SIGSEGV)
			continue;
		if (result != 128 + SIGSYS)
			fail_msg("attempt %zu: %d, not SIGSYS", i, result);
	}
	assert_int_equal(attempt_run(reader_works), HELD);
}

/* --- the children's deny-list: EPERM ------------------------------------ */

static bool
denied(long result)
{
	return result < 0 && (errno == EPERM || errno == ENOSYS);
}

static int
child_denied(void)
{
	char params[120] = { 0 };
	int pair[2];

	if (cage_seccomp_deny(CAGE_DENY_CHILD, NULL) != CARNET_OK)
		return NOT_CAGED;
	if (!denied(socket(AF_INET, SOCK_STREAM, 0)) ||
	    !denied(socket(AF_INET, SOCK_DGRAM, 0)) ||
	    !denied(socket(AF_INET6, SOCK_STREAM, 0)) ||
	    !denied(socket(AF_UNIX, SOCK_STREAM, 0)) ||
	    !denied(socket(AF_NETLINK, SOCK_RAW, 0)) ||
	    !denied(socket(40, SOCK_STREAM, 0)) || /* virtual machines */
	    !denied(socketpair(AF_UNIX, SOCK_STREAM, 0, pair)))
		return 10;
	if (!denied(syscall(425, 4, params)))
		return 11;
	if (!denied(connect(0, &(struct sockaddr){ .sa_family = AF_UNSPEC },
		sizeof(struct sockaddr))))
		return 17;
	if (!denied(ptrace(PTRACE_TRACEME, 0, NULL, NULL)) ||
	    !denied(kill(getppid(), 0)) ||
	    !denied(
		syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0)))
		return 12;
	if (!denied(syscall(SYS_keyctl, 0, -3, 0)))
		return 13;
	if (!denied(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)) ||
	    !denied(syscall(SYS_clone3, NULL, 0)))
		return 14;
	if (!denied(
		syscall(SYS_execveat, AT_FDCWD, "/bin/true", NULL, NULL, 0)))
		return 15;
	if (!denied(syscall(SYS_bpf, 0, NULL, 0)) ||
	    !denied(syscall(SYS_userfaultfd, 0)) ||
	    !denied(syscall(SYS_unshare, 0x10000000)))
		return 16;
	return HELD;
}

static void *
child_thread(void *context)
{
	return context;
}

/* A program that needs threads gets them. */
static int
child_threads(void)
{
	pthread_t thread;
	void *result = NULL;
	int value = 5;

	if (cage_seccomp_deny(CAGE_DENY_CHILD, NULL) != CARNET_OK)
		return NOT_CAGED;
	if (pthread_create(&thread, NULL, child_thread, &value) != 0)
		return 10;
	(void)pthread_join(thread, &result);
	return result == &value ? HELD : 11;
}

static int
child_exec(void)
{
	if (cage_seccomp_deny(CAGE_DENY_CHILD, NULL) != CARNET_OK)
		return NOT_CAGED;
	(void)execl("/bin/true", "true", (char *)NULL);
	return 10;
}

static void
test_child_filter(void **state)
{
	(void)state;
	if (!cage_has_seccomp())
		skip();
	assert_int_equal(attempt_run(child_denied), HELD);
	assert_int_equal(attempt_run(child_threads), HELD);
	assert_int_equal(attempt_run(child_exec), HELD);
}

/* --- Landlock ------------------------------------------------------------ */

static int
landlock_none(void)
{
	struct stat st;

	if (cage_landlock(NULL, 0, NULL) != CARNET_OK)
		return NOT_CAGED;
	if (open("/etc/hostname", O_RDONLY) >= 0 || errno != EACCES)
		return 10;
	if (open("/", O_RDONLY | O_DIRECTORY) >= 0 || errno != EACCES)
		return 11;
	if (open("/tmp/carnet-cage", O_WRONLY | O_CREAT, 0600) >= 0 ||
	    errno != EACCES)
		return 12;
	if (execl("/bin/true", "true", (char *)NULL) != -1 || errno != EACCES)
		return 13;
	return stat("/", &st) == 0 ? HELD : 14; /* metadata isn't covered */
}

static int
landlock_some(void)
{
	const struct cage_path paths[] = { { "/usr", CAGE_READ },
		{ "/dev/null", CAGE_READ }, { "/no/such/folder", CAGE_READ } };

	if (cage_landlock(paths, 3, NULL) != CARNET_OK)
		return NOT_CAGED;
	if (open("/usr", O_RDONLY | O_DIRECTORY) < 0 ||
	    open("/dev/null", O_RDONLY) < 0)
		return 10;
	if (open("/dev/null", O_WRONLY) >= 0 ||
	    open("/etc/passwd", O_RDONLY) >= 0)
		return 11;
	if (open("/usr/carnet-cage", O_WRONLY | O_CREAT, 0600) >= 0)
		return 12;
	(void)execl("/usr/bin/true", "true", (char *)NULL);
	return errno == EACCES ? HELD : 13;
}

static void
test_landlock(void **state)
{
	(void)state;
	if (cage_landlock_abi() == 0)
		skip();
	assert_int_equal(attempt_run(landlock_none), HELD);
	assert_int_equal(attempt_run(landlock_some), HELD);
}

/* --- limits -------------------------------------------------------------- */

static int
limits_hold(void)
{
	const struct cage_limits limits = {
		.memory = (uint64_t)256 << 20, .cpu_seconds = 5, .files = 8
	};
	struct rlimit limit;
	int fd = open("/dev/null", O_RDONLY);

	if (cage_limit(&limits, NULL) != CARNET_OK)
		return NOT_CAGED;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ||
	    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return 10;
#ifndef CARNET_SANITIZED
	if (mmap(NULL, (size_t)512 << 20, PROT_READ,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		return 11;
#endif
	for (int i = 0; i < 20; i++)
		fd = open("/dev/null", O_RDONLY);
	if (fd >= 0 || errno != EMFILE)
		return 12;
	if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_max != 0 ||
	    getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max != 0 ||
	    getrlimit(RLIMIT_CPU, &limit) != 0 || limit.rlim_cur != 5)
		return 13;
	return HELD;
}

static int
limits_cpu(void)
{
	const struct cage_limits limits = {
		.memory = (uint64_t)256 << 20, .cpu_seconds = 1, .files = 8
	};

	if (cage_limit(&limits, NULL) != CARNET_OK)
		return NOT_CAGED;
	for (volatile unsigned i = 0;; i++)
		;
}

static void
test_limits(void **state)
{
	(void)state;
	assert_int_equal(attempt_run(limits_hold), HELD);
	assert_int_equal(attempt_run(limits_cpu), 128 + SIGXCPU);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reader_filter),
		cmocka_unit_test(test_child_filter),
		cmocka_unit_test(test_landlock),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
