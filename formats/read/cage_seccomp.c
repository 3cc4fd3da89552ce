/* SPDX-License-Identifier: ISC */
/*
 * The filters on system calls: what carnet-reader alone may do, and what its
 * companions and carnet itself may never do.  Calls of another architecture
 * (x32, 32 bits) kill.  Limits no file: Landlock does, in cage.c.
 * The contract: cage.h.
 */
#include "cage.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

bool
cage_has_seccomp(void)
{
	uint32_t action = SECCOMP_RET_KILL_PROCESS;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static enum carnet_status
cage_seccomp_fail(int result, struct carnet_error *err)
{
	if (!cage_has_seccomp())
		return carnet_fail(err, CARNET_UNSUPPORTED,
		    CARNET_("this kernel has no seccomp filters"));
	return carnet_fail_errno(
	    err, -result, CARNET_("cannot install a filter on system calls"));
}

/* What a reader does between its first byte and its last. */
static const int reader_calls[] = {
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(close),
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(getrandom), /* malloc's first call */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
#ifdef CARNET_SANITIZED
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(sched_yield),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(tgkill),
#endif
};

enum carnet_status
cage_seccomp_reader(struct carnet_error *err)
{
	static const int memory_calls[] = { SCMP_SYS(mmap),
		SCMP_SYS(mprotect) };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	enum carnet_status status = CARNET_OK;
	int result = 0;

	if (filter == NULL)
		return cage_seccomp_fail(-ENOMEM, err);
	result = seccomp_attr_set(
	    filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	for (size_t i = 0;
	     result == 0 && i < sizeof(reader_calls) / sizeof(reader_calls[0]);
	     i++)
		result = seccomp_rule_add(
		    filter, SCMP_ACT_ALLOW, reader_calls[i], 0);
	/* memory, but none that can be executed */
	for (size_t i = 0; result == 0 && i < 2; i++)
		result =
		    seccomp_rule_add(filter, SCMP_ACT_ALLOW, memory_calls[i], 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (result == 0)
		result = seccomp_load(filter);
	if (result != 0)
		status = cage_seccomp_fail(result, err);
	seccomp_release(filter);
	return status;
}

enum cage_way {
	CAGE_FOR_CHILD = 1,
	CAGE_FOR_SELF = 2,
	CAGE_FOR_BOTH = 3,
	CAGE_KILLS_SELF = 4 /* EPERM for a child, death for carnet */
};

struct cage_denied {
	int call;
	unsigned way;
};

static const struct cage_denied denied[] = {
	/* the network, and every other kind of socket */
	{ SCMP_SYS(socket), CAGE_FOR_BOTH | CAGE_KILLS_SELF },
	{ SCMP_SYS(connect), CAGE_FOR_BOTH | CAGE_KILLS_SELF },
	{ SCMP_SYS(socketpair), CAGE_FOR_BOTH },
	{ SCMP_SYS(bind), CAGE_FOR_BOTH },
	{ SCMP_SYS(listen), CAGE_FOR_BOTH },
	{ SCMP_SYS(accept), CAGE_FOR_BOTH },
	{ SCMP_SYS(accept4), CAGE_FOR_BOTH },
	{ SCMP_SYS(sendto), CAGE_FOR_BOTH },
	{ SCMP_SYS(sendmmsg), CAGE_FOR_BOTH },
	{ SCMP_SYS(recvfrom), CAGE_FOR_BOTH },
	{ SCMP_SYS(recvmmsg), CAGE_FOR_BOTH },
	{ SCMP_SYS(setsockopt), CAGE_FOR_BOTH },
	{ SCMP_SYS(sendmsg), CAGE_FOR_CHILD }, /* carnet: to its launcher */
	{ SCMP_SYS(recvmsg), CAGE_FOR_BOTH },
	/* which does all of the above without the calls */
	{ SCMP_SYS(io_uring_setup), CAGE_FOR_BOTH },
	{ SCMP_SYS(io_uring_enter), CAGE_FOR_BOTH },
	{ SCMP_SYS(io_uring_register), CAGE_FOR_BOTH },
	/* other programs; a child still has its own to become */
	{ SCMP_SYS(execve), CAGE_FOR_SELF },
	{ SCMP_SYS(execveat), CAGE_FOR_BOTH },
	{ SCMP_SYS(fork), CAGE_FOR_CHILD },
	{ SCMP_SYS(vfork), CAGE_FOR_CHILD },
/* other processes */
#ifdef CARNET_SANITIZED
	{ SCMP_SYS(ptrace), CAGE_FOR_CHILD }, /* LeakSanitizer traces carnet */
#else
	{ SCMP_SYS(ptrace), CAGE_FOR_BOTH },
#endif
	{ SCMP_SYS(process_vm_readv), CAGE_FOR_BOTH },
	{ SCMP_SYS(process_vm_writev), CAGE_FOR_BOTH },
	{ SCMP_SYS(process_madvise), CAGE_FOR_BOTH },
	{ SCMP_SYS(pidfd_getfd), CAGE_FOR_BOTH },
	{ SCMP_SYS(kcmp), CAGE_FOR_BOTH },
	{ SCMP_SYS(kill), CAGE_FOR_CHILD },
	{ SCMP_SYS(tkill), CAGE_FOR_CHILD },
	{ SCMP_SYS(pidfd_send_signal), CAGE_FOR_CHILD },
	{ SCMP_SYS(rt_sigqueueinfo), CAGE_FOR_CHILD },
	{ SCMP_SYS(setpriority), CAGE_FOR_CHILD },
	/* the kernel's keyring: `carnet unlock` needs it, nobody else */
	{ SCMP_SYS(keyctl), CAGE_FOR_CHILD },
	{ SCMP_SYS(add_key), CAGE_FOR_CHILD },
	{ SCMP_SYS(request_key), CAGE_FOR_BOTH }, /* may start a program */
	/* System V's and POSIX's ways to others */
	{ SCMP_SYS(shmget), CAGE_FOR_CHILD },
	{ SCMP_SYS(shmat), CAGE_FOR_CHILD },
	{ SCMP_SYS(msgget), CAGE_FOR_CHILD },
	{ SCMP_SYS(mq_open), CAGE_FOR_BOTH },
	/* the machine */
	{ SCMP_SYS(bpf), CAGE_FOR_BOTH },
	{ SCMP_SYS(userfaultfd), CAGE_FOR_BOTH },
	{ SCMP_SYS(perf_event_open), CAGE_FOR_BOTH },
	{ SCMP_SYS(kexec_load), CAGE_FOR_BOTH },
	{ SCMP_SYS(kexec_file_load), CAGE_FOR_BOTH },
	{ SCMP_SYS(init_module), CAGE_FOR_BOTH },
	{ SCMP_SYS(finit_module), CAGE_FOR_BOTH },
	{ SCMP_SYS(delete_module), CAGE_FOR_BOTH },
	{ SCMP_SYS(mount), CAGE_FOR_BOTH },
	{ SCMP_SYS(umount2), CAGE_FOR_BOTH },
	{ SCMP_SYS(move_mount), CAGE_FOR_BOTH },
	{ SCMP_SYS(fsopen), CAGE_FOR_BOTH },
	{ SCMP_SYS(open_tree), CAGE_FOR_BOTH },
	{ SCMP_SYS(pivot_root), CAGE_FOR_BOTH },
	{ SCMP_SYS(chroot), CAGE_FOR_BOTH },
	{ SCMP_SYS(unshare), CAGE_FOR_BOTH },
	{ SCMP_SYS(setns), CAGE_FOR_BOTH },
	{ SCMP_SYS(open_by_handle_at), CAGE_FOR_BOTH },
	{ SCMP_SYS(swapon), CAGE_FOR_BOTH },
	{ SCMP_SYS(reboot), CAGE_FOR_BOTH },
	{ SCMP_SYS(acct), CAGE_FOR_BOTH },
	{ SCMP_SYS(quotactl), CAGE_FOR_BOTH },
	{ SCMP_SYS(syslog), CAGE_FOR_BOTH },
	{ SCMP_SYS(personality), CAGE_FOR_CHILD },
};

/* Rules that look at arguments. */
static int
cage_deny_arguments(scmp_filter_ctx filter, enum cage_deny deny)
{
	static const unsigned long typing[] = { TIOCSTI, TIOCLINUX };
	int result = 0;

	/* typing into the terminal for somebody else */
	for (size_t i = 0; result == 0 && i < 2; i++)
		result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
		    SCMP_SYS(ioctl), 1,
		    SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffUL, typing[i]));
	if (result != 0 || deny != CAGE_DENY_CHILD)
		return result;
	/* threads, no processes; glibc falls back from clone3, whose flags
	 * no filter can see */
	result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
	    SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
	if (result == 0)
		result = seccomp_rule_add(
		    filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return result;
}

enum carnet_status
cage_seccomp_deny(enum cage_deny deny, struct carnet_error *err)
{
	unsigned who = deny == CAGE_DENY_SELF ? CAGE_FOR_SELF : CAGE_FOR_CHILD;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	enum carnet_status status = CARNET_OK;
	int result;

	if (filter == NULL)
		return cage_seccomp_fail(-ENOMEM, err);
	result = seccomp_attr_set(
	    filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (result == 0)
		result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	for (size_t i = 0;
	     result == 0 && i < sizeof(denied) / sizeof(denied[0]); i++) {
		bool kills = deny == CAGE_DENY_SELF &&
			     (denied[i].way & CAGE_KILLS_SELF) != 0;

		if ((denied[i].way & who) != 0)
			result = seccomp_rule_add(filter,
			    kills ? SCMP_ACT_KILL_PROCESS
				  : SCMP_ACT_ERRNO(EPERM),
			    denied[i].call, 0);
	}
	if (result == 0)
		result = cage_deny_arguments(filter, deny);
	if (result == 0)
		result = seccomp_load(filter);
	if (result != 0)
		status = cage_seccomp_fail(result, err);
	seccomp_release(filter);
	return status;
}
