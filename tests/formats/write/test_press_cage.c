/* SPDX-License-Identifier: ISC */
/* What can still be done inside formats/write/press_cage.c's cage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "press_cage.h"

#define NO_CAGE 100

/* Is there a Landlock to keep /etc shut? */
static bool
has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
}

/* Runs `attempt` in a child's cage; its result is the exit code. */
static int
in_cage(int (*attempt)(void))
{
	const char *const readable[] = { "/usr/share", NULL };
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (strcmp(press_cage(readable), "seccomp") != 0)
			_exit(NO_CAGE);
		_exit(attempt());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NO_CAGE)
		skip();
	return WEXITSTATUS(status);
}

static int
forbidden(long result)
{
	return result == -1 &&
	       (errno == EPERM || errno == EACCES || errno == ENOSYS);
}

static int
try_network(void)
{
	int pair[2];

	return forbidden(socket(AF_INET, SOCK_STREAM, 0)) &&
	       forbidden(socket(AF_UNIX, SOCK_STREAM, 0)) &&
	       forbidden(socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) &&
	       forbidden(syscall(SYS_connect, 0, NULL, 0)) &&
	       forbidden(syscall(SYS_sendmsg, 1, NULL, 0)) &&
	       forbidden(syscall(SYS_io_uring_setup, 1, NULL));
}

static int
try_programs(void)
{
	char name[] = "/bin/true";
	char *argv[] = { name, NULL };

	return forbidden(execv(name, argv)) && forbidden(syscall(SYS_fork)) &&
	       forbidden(syscall(SYS_vfork)) &&
	       forbidden(ptrace(PTRACE_TRACEME, 0, NULL, NULL)) &&
	       forbidden(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0)) &&
	       forbidden(syscall(
		   SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0)) &&
	       forbidden(syscall(SYS_keyctl, 0, 0, 0, 0, 0)) &&
	       mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

static int
try_writing(void)
{
	return forbidden(open("/tmp/carnet-cage", O_WRONLY | O_CREAT, 0600)) &&
	       forbidden(open("/tmp", O_RDWR | O_TMPFILE, 0600)) &&
	       forbidden(open("/dev/null", O_WRONLY)) &&
	       forbidden(open("/dev/null", O_RDWR)) &&
	       forbidden(mkdir("/tmp/carnet-cage", 0700)) &&
	       forbidden(unlink("/tmp/carnet-cage")) &&
	       forbidden(rename("/tmp/carnet-cage", "/tmp/carnet-cage2")) &&
	       forbidden(symlink("/", "/tmp/carnet-cage")) &&
	       forbidden(truncate("/tmp/carnet-cage", 0)) &&
	       forbidden(syscall(SYS_memfd_create, "x", 0));
}

static int
try_other_files(void)
{
	return forbidden(open("/etc/passwd", O_RDONLY)) &&
	       forbidden(open("/proc/self/environ", O_RDONLY)) &&
	       forbidden(open("/tmp", O_RDONLY | O_DIRECTORY));
}

static void *
set_flag(void *flag)
{
	*(bool *)flag = true;
	return NULL;
}

static int
try_what_it_needs(void)
{
	pthread_t thread;
	bool ran = false;
	void *room = malloc((size_t)64 << 20);
	int folder = open("/usr/share", O_RDONLY | O_DIRECTORY);

	return room != NULL && folder >= 0 &&
	       pthread_create(&thread, NULL, set_flag, &ran) == 0 &&
	       pthread_join(thread, NULL) == 0 && ran;
}

static int
try_limits(void)
{
	struct rlimit core, size, memory;

	return getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 &&
	       getrlimit(RLIMIT_FSIZE, &size) == 0 && size.rlim_max == 0 &&
	       getrlimit(RLIMIT_AS, &memory) == 0 &&
	       memory.rlim_max != RLIM_INFINITY &&
	       forbidden(setrlimit(RLIMIT_NOFILE, &core));
}

static void
no_network(void **state)
{
	(void)state;
	assert_int_equal(in_cage(try_network), 1);
}

static void
no_programs(void **state)
{
	(void)state;
	assert_int_equal(in_cage(try_programs), 1);
}

static void
no_writing(void **state)
{
	(void)state;
	assert_int_equal(in_cage(try_writing), 1);
}

static void
no_other_files(void **state)
{
	(void)state;
	if (!has_landlock())
		skip();
	assert_int_equal(in_cage(try_other_files), 1);
}

static void
what_it_needs(void **state)
{
	(void)state;
	assert_int_equal(in_cage(try_what_it_needs), 1);
}

static void
limits_hold(void **state)
{
	(void)state;
	assert_int_equal(in_cage(try_limits), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_network),
		cmocka_unit_test(no_programs),
		cmocka_unit_test(no_writing),
		cmocka_unit_test(no_other_files),
		cmocka_unit_test(what_it_needs),
		cmocka_unit_test(limits_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
