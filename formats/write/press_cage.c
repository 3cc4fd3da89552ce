/* SPDX-License-Identifier: ISC */
/*
 * Limits, Landlock where the kernel has it, and an allow-list of system calls.
 * Protects from what a stranger's PNG does to libpng, not from carnet.
 * The contract is in press_cage.h; DESIGN, "Strangers' files".
 */
#include "press_cage.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/landlock.h>
#include <seccomp.h>

#define CAGE_MEMORY ((rlim_t)2 << 30)
#define CAGE_SECONDS 120
#define CAGE_FILES 64

/* Calls that need no look at their arguments. */
static const int cage_calls[] = { SCMP_SYS(read), SCMP_SYS(write),
	SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(close),
	SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(stat),
	SCMP_SYS(lstat), SCMP_SYS(fstatfs), SCMP_SYS(statfs), SCMP_SYS(access),
	SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
	SCMP_SYS(readlinkat), SCMP_SYS(getdents64), SCMP_SYS(lseek),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
	SCMP_SYS(futex), SCMP_SYS(futex_waitv), SCMP_SYS(membarrier),
	SCMP_SYS(rseq), SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list),
	SCMP_SYS(set_tid_address), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_getattr),
	SCMP_SYS(sched_getscheduler), SCMP_SYS(sched_getparam),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(tgkill),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
	SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
	SCMP_SYS(getrusage), SCMP_SYS(sysinfo), SCMP_SYS(uname),
	SCMP_SYS(getrlimit), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(exit),
	SCMP_SYS(exit_group), SCMP_SYS(restart_syscall) };

static bool
cage_add_guarded(scmp_filter_ctx filter)
{
	const unsigned writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND |
				 (O_TMPFILE & ~O_DIRECTORY);
	const unsigned thread = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;
	bool good = true;

	/* reading only; no new executable memory; threads, no processes */
	good &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, writing, O_RDONLY)) == 0;
	good &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
		    SCMP_A1(SCMP_CMP_MASKED_EQ, writing, O_RDONLY)) == 0;
	good &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
	good &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
	good &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread)) == 0;
	/* its flags lie in memory; without it the C library takes clone */
	good &= seccomp_rule_add(
		    filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
	good &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
		    SCMP_A2(SCMP_CMP_EQ, 0)) == 0;
	good &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
		    SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME)) == 0;
	good &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
		    SCMP_A1(SCMP_CMP_EQ, F_GETFL)) == 0;
	good &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
		    SCMP_A1(SCMP_CMP_EQ, F_GETFD)) == 0;
	good &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
		    SCMP_A1(SCMP_CMP_EQ, F_SETFD)) == 0;
	return good;
}

static bool
cage_seccomp(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool good = filter != NULL;

	for (size_t i = 0;
	     good && i < sizeof(cage_calls) / sizeof(cage_calls[0]); i++) {
		/* calls that this machine's kind lacks are none to allow */
		if (seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, cage_calls[i], 0) != 0 &&
		    cage_calls[i] >= 0)
			good = false;
	}
	good = good && cage_add_guarded(filter) && seccomp_load(filter) == 0;
	if (filter != NULL)
		seccomp_release(filter);
	return good;
}

static void
cage_landlock_add(int rules, const char *folder)
{
	struct landlock_path_beneath_attr beneath = {
		.allowed_access =
		    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR
	};

	beneath.parent_fd = open(folder, O_PATH | O_CLOEXEC);
	if (beneath.parent_fd < 0)
		return;
	(void)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
	    &beneath, 0);
	(void)close(beneath.parent_fd);
}

/* Only the readable folders can be opened; nothing can be made or run.  The
 * first version of Landlock has all that this needs. */
static void
cage_landlock(const char *const *readable)
{
	struct landlock_ruleset_attr attr = {
		.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1
	};
	int rules =
	    (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	if (rules < 0)
		return;
	for (size_t i = 0; readable[i] != NULL; i++)
		cage_landlock_add(rules, readable[i]);
	(void)syscall(SYS_landlock_restrict_self, rules, 0);
	(void)close(rules);
}

static void
cage_limit(int what, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)what, &limit) != 0)
		return;
	if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < value)
		value = limit.rlim_max;
	limit.rlim_cur = limit.rlim_max = value;
	(void)setrlimit((__rlimit_resource_t)what, &limit);
}

const char *
press_cage(const char *const *readable)
{
	cage_limit(RLIMIT_CORE, 0);
	cage_limit(RLIMIT_FSIZE, 0);
	cage_limit(RLIMIT_NOFILE, CAGE_FILES);
	cage_limit(RLIMIT_CPU, CAGE_SECONDS);
#ifdef CARNET_SANITIZED
	/* shadow memory is terabytes of address space, and the search for
	 * leaks traces the process */
	(void)readable;
	(void)cage_landlock;
	(void)cage_seccomp;
	return "none";
#else
	cage_limit(RLIMIT_AS, CAGE_MEMORY);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return "none";
	cage_landlock(readable);
	return cage_seccomp() ? "seccomp" : "none";
#endif
}
