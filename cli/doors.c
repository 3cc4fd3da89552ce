/* SPDX-License-Identifier: ISC */
/*
 * Closes carnet's own doors before it holds a key: no new socket, no other
 * program, no way into another process, no core dump.  The launcher was
 * forked before and keeps what carnet gives up.
 * The contract: launcher.h; the list of calls: formats/read/cage_seccomp.c.
 */
#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "cage.h"
#include "launcher.h"

enum { DOORS_SECCOMP = 1, DOORS_CORE = 2 };

enum carnet_status
launcher_close_doors(const char **ret_what, struct carnet_error *err)
{
	static const char *const lacking[] = {
		[0] = "",
		[DOORS_SECCOMP] = "seccomp",
		[DOORS_CORE] = "limit on core dumps",
		[DOORS_SECCOMP | DOORS_CORE] = "seccomp, "
					       "limit on core dumps",
	};
	struct rlimit core = { 0 };
	enum carnet_status status;
	unsigned lacks = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("cannot give up new privileges"));
#ifndef CARNET_SANITIZED /* LeakSanitizer traces us at the end */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("cannot forbid core dumps"));
#endif
	if (setrlimit(RLIMIT_CORE, &core) != 0)
		lacks |= DOORS_CORE;
	status = cage_seccomp_deny(CAGE_DENY_SELF, err);
	if (status == CARNET_UNSUPPORTED)
		lacks |= DOORS_SECCOMP;
	else if (status != CARNET_OK)
		return status;
	*ret_what = lacking[lacks];
	return CARNET_OK;
}
