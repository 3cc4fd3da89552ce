/* SPDX-License-Identifier: ISC */
/*
 * Starts a program as if on a kernel that lacks something: a filter answers
 * for the calls that are missing.  No part of carnet.
 * Usage: old_kernel no-seccomp|no-landlock|no-keyring... -- PROGRAM ARGS
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Calls that answer "no such call", and prctl's that are invalid. */
static int
old_kernel_lack(scmp_filter_ctx filter, const char *what)
{
	static const int landlock[] = { 444, 445, 446 };
	int result = 0;

	if (strcmp(what, "no-seccomp") == 0) {
		result = seccomp_rule_add(
		    filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0);
		if (result == 0)
			result = seccomp_rule_add(filter,
			    SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
			    SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP));
		if (result == 0)
			result = seccomp_rule_add(filter,
			    SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
			    SCMP_A0(SCMP_CMP_EQ, PR_GET_SECCOMP));
		return result;
	}
	if (strcmp(what, "no-keyring") == 0) {
		result = seccomp_rule_add(
		    filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(keyctl), 0);
		return result != 0
			   ? result
			   : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
				 SCMP_SYS(add_key), 0);
	}
	if (strcmp(what, "no-landlock") != 0)
		return -EINVAL;
	for (size_t i = 0; result == 0 && i < 3; i++)
		result = seccomp_rule_add(
		    filter, SCMP_ACT_ERRNO(ENOSYS), landlock[i], 0);
	return result;
}

int
main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int at = 1;

	if (filter == NULL)
		return 125;
	for (; at < argc && strcmp(argv[at], "--") != 0; at++)
		if (old_kernel_lack(filter, argv[at]) != 0)
			return 125;
	if (at + 1 >= argc || seccomp_load(filter) != 0)
		return 125;
	seccomp_release(filter);
	(void)execv(argv[at + 1], argv + at + 1);
	perror(argv[at + 1]);
	return 126;
}
