/* SPDX-License-Identifier: ISC */
/*
 * Tries what carnet has given up: each attempt in a forked child, because
 * some of them kill.  Bare system calls, so that no function of ours can
 * reach a network (tests/check_arrows.py looks at the symbols).
 * What closes the doors: doors.c.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cage.h"
#include "doctor.h"

enum { DOORS_INET = 2, DOORS_UNIX = 1, DOORS_NETLINK = 16, DOORS_STREAM = 1 };

typedef long doors_attempt(void);

/* True if the attempt fails, or dies of trying. */
static bool
doors_held(doors_attempt *attempt)
{
	pid_t pid = fork();
	int status = 0;

	if (pid < 0)
		return false;
	if (pid == 0) {
		(void)signal(SIGSYS, SIG_DFL);
		_exit(attempt() < 0 && (errno == EPERM || errno == ENOSYS ||
					   errno == EACCES)
			  ? EXIT_SUCCESS
			  : EXIT_FAILURE);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return WIFSIGNALED(status) ? WTERMSIG(status) == SIGSYS
				   : WEXITSTATUS(status) == EXIT_SUCCESS;
}

static long
doors_try_inet(void)
{
	return syscall(SYS_socket, DOORS_INET, DOORS_STREAM, 0);
}

static long
doors_try_unix(void)
{
	return syscall(SYS_socket, DOORS_UNIX, DOORS_STREAM, 0);
}

static long
doors_try_netlink(void)
{
	return syscall(SYS_socket, DOORS_NETLINK, DOORS_STREAM, 0);
}

static long
doors_try_ring(void)
{
	char params[120] = { 0 };

	return syscall(SYS_io_uring_setup, 4, params);
}

static long
doors_try_exec(void)
{
	static char *const args[] = { (char *)"false", NULL };

	/* if it can be started, it says so by failing */
	return execve("/bin/false", args, args + 1);
}

static long
doors_try_trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static long
doors_try_memory(void)
{
	return syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

static void
doors_network(struct doctor *doctor)
{
	static doors_attempt *const attempts[] = { doors_try_inet,
		doors_try_unix, doors_try_netlink, doors_try_ring };
	bool held = true;

	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		held = doors_held(attempts[i]) && held;
	doctor_note(doctor, "network", held, "%s",
	    held ? _("this process can open no connection: it was tried")
		 : _("this process could open a connection, because the "
		     "kernel gives no filter.  carnet itself opens none, but "
		     "nothing forces it: use a kernel with seccomp, or run "
		     "carnet without a network (unshare -rn carnet …)"));
}

static void
doors_processes(struct doctor *doctor)
{
	bool exec = doors_held(doors_try_exec);
	bool trace = doors_held(doors_try_trace) &&
		     doors_held(doors_try_memory) &&
		     prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
	struct rlimit core;
	bool no_core = getrlimit(RLIMIT_CORE, &core) == 0 &&
		       core.rlim_max == 0 &&
		       prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;

	doctor_note(doctor, "exec", exec, "%s",
	    exec ? _("this process can start no other program: it was tried")
		 : _("this process could start other programs: use a kernel "
		     "with seccomp"));
	doctor_note(doctor, "trace", trace, "%s",
	    trace ? _("this process can look into no other, and none of yours "
		      "into it (root can)")
		  : _("other programs of yours can look into this process: "
		      "use a kernel with seccomp, and no build for "
		      "debugging"));
	doctor_note(doctor, "core-dumps", no_core, "%s",
	    no_core ? _("a crash leaves no copy of its memory on the disk")
		    : _("a crash could leave a copy of its memory on the "
			"disk: say ulimit -c 0 before you call carnet"));
}

void
doctor_doors(struct doctor *doctor)
{
	bool seccomp = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2;
	int abi = cage_landlock_abi();
	const char *preload = getenv("LD_PRELOAD");
	bool preloaded = preload != NULL && preload[0] != '\0';

	doors_network(doctor);
	doors_processes(doctor);
	doctor_note(doctor, "seccomp", seccomp, "%s",
	    seccomp
		? _("the kernel filters the calls of this process")
		: _("this kernel has no filter on calls (seccomp): no "
		    "document is read, it is only stored; use a kernel with "
		    "CONFIG_SECCOMP_FILTER, or a container that allows it"));
	if (abi > 0 && doctor->session->confined)
		doctor_note(doctor, "landlock", true,
		    _("the kernel lets carnet touch only the vault and what "
		      "you name, and keeps readers away from all files "
		      "(Landlock, version %d)"),
		    abi);
	else if (abi > 0)
		doctor_note(doctor, "landlock", false,
		    _("readers are kept away from files, but carnet itself is "
		      "not: the kernel refused (Landlock, version %d)"),
		    abi);
	else
		doctor_note(doctor, "landlock", false,
		    _("this kernel has no Landlock: carnet-reader still can't "
		      "open any file (seccomp), but pdftotext and its like "
		      "could read yours.  They could send nothing anywhere.  "
		      "Use a kernel of 5.13 or newer, with landlock among its "
		      "lsm="));
	doctor_note(doctor, "preload", !preloaded, "%s",
	    preloaded ? _("another library is loaded into carnet and can do "
			  "all that it can: unset LD_PRELOAD")
		      : _("no foreign library is loaded into carnet"));
}
