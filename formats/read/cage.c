/* SPDX-License-Identifier: ISC */
/*
 * Limits and Landlock.  Its constants are our own: Debian 12's headers stop
 * at ABI 2, and what this kernel has is asked when it runs.
 * The contract: cage.h.  Landlock: landlock(7).  seccomp: cage_seccomp.c.
 */
#include "cage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LANDLOCK_CREATE_RULESET_CALL 444
#define LANDLOCK_ADD_RULE_CALL 445
#define LANDLOCK_RESTRICT_SELF_CALL 446

#define LANDLOCK_ASK_VERSION 1U
#define LANDLOCK_PATH_BENEATH 1

enum {
	LANDLOCK_EXECUTE = 1 << 0,
	LANDLOCK_WRITE_FILE = 1 << 1,
	LANDLOCK_READ_FILE = 1 << 2,
	LANDLOCK_READ_DIR = 1 << 3,
	LANDLOCK_REMOVE = 1 << 4 | 1 << 5, /* folders, files */
	LANDLOCK_MAKE = 1 << 7 | 1 << 8,   /* folders, files */
	LANDLOCK_ALL_1 = (1 << 13) - 1,    /* ABI 1: 13 rights */
	LANDLOCK_REFER = 1 << 13,          /* 2 */
	LANDLOCK_TRUNCATE = 1 << 14,       /* 3 */
	LANDLOCK_TCP = 1 << 0 | 1 << 1,    /* 4: bind, connect */
	LANDLOCK_IOCTL_DEV = 1 << 15,      /* 5 */
	LANDLOCK_SCOPES = 1 << 0 | 1 << 1  /* 6: abstract sockets, signals */
};

struct cage_ruleset { /* the kernel takes its beginning, by version */
	uint64_t files;
	uint64_t net;
	uint64_t scoped;
};

struct cage_beneath {
	uint64_t allowed;
	int32_t folder;
} __attribute__((packed));

int
cage_landlock_abi(void)
{
	long abi = syscall(LANDLOCK_CREATE_RULESET_CALL, NULL, (size_t)0,
	    LANDLOCK_ASK_VERSION);

	return abi > 0 && abi < 1000 ? (int)abi : 0;
}

static enum carnet_status
cage_set_limit(int resource, uint64_t value, struct carnet_error *err)
{
	/* SIGXCPU, which tells why, comes only before the hard limit */
	uint64_t hard = resource == RLIMIT_CPU ? value + 1 : value;
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)resource, &limit) != 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("cannot limit a reader"));
	if (limit.rlim_max < hard)
		hard = limit.rlim_max; /* somebody was stricter */
	limit.rlim_cur = value < hard ? value : hard;
	limit.rlim_max = hard;
	if (setrlimit((__rlimit_resource_t)resource, &limit) != 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("cannot limit a reader"));
	return CARNET_OK;
}

enum carnet_status
cage_limit(const struct cage_limits *limits, struct carnet_error *err)
{
	const struct {
		int resource;
		uint64_t value;
	} rows[] = {
#ifndef CARNET_SANITIZED
		{ RLIMIT_AS, limits->memory },
#endif
		{ RLIMIT_CPU, limits->cpu_seconds },
		{ RLIMIT_FSIZE, 0 },
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_NOFILE, limits->files },
		{ RLIMIT_MEMLOCK, 0 },
		{ RLIMIT_MSGQUEUE, 0 },
	};
	enum carnet_status status = CARNET_OK;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("cannot confine a reader"));
	for (size_t i = 0;
	     status == CARNET_OK && i < sizeof(rows) / sizeof(rows[0]); i++)
		status = cage_set_limit(rows[i].resource, rows[i].value, err);
	return status;
}

/* Everything this version can deny; *ret_size is what it knows of it. */
static struct cage_ruleset
cage_ruleset(int abi, size_t *ret_size)
{
	struct cage_ruleset ruleset = { .files = LANDLOCK_ALL_1 };

	*ret_size = sizeof(ruleset.files);
	if (abi >= 2)
		ruleset.files |= LANDLOCK_REFER;
	if (abi >= 3)
		ruleset.files |= LANDLOCK_TRUNCATE;
	if (abi >= 4) {
		ruleset.net = LANDLOCK_TCP;
		*ret_size += sizeof(ruleset.net);
	}
	if (abi >= 5)
		ruleset.files |= LANDLOCK_IOCTL_DEV;
	if (abi >= 6) {
		ruleset.scoped = LANDLOCK_SCOPES;
		*ret_size += sizeof(ruleset.scoped);
	}
	return ruleset;
}

/* The kernel's rights for one of ours. */
static uint64_t
cage_rights(unsigned rights)
{
	static const struct {
		unsigned right;
		uint64_t kernel;
	} rows[] = {
		{ CAGE_READ, LANDLOCK_READ_FILE | LANDLOCK_READ_DIR },
		{ CAGE_EXECUTE, LANDLOCK_EXECUTE },
		{ CAGE_WRITE, LANDLOCK_WRITE_FILE | LANDLOCK_REMOVE |
				  LANDLOCK_MAKE | LANDLOCK_REFER |
				  LANDLOCK_TRUNCATE },
		{ CAGE_LIST, LANDLOCK_READ_DIR },
		{ CAGE_TERMINAL, LANDLOCK_READ_FILE | LANDLOCK_WRITE_FILE |
				     LANDLOCK_IOCTL_DEV },
	};
	uint64_t kernel = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((rights & rows[i].right) != 0)
			kernel |= rows[i].kernel;
	return kernel;
}

/* `known`: the rights that this kernel's version has. */
static enum carnet_status
cage_allow(int ruleset, uint64_t known, const struct cage_path *path,
    struct carnet_error *err)
{
	struct cage_beneath rule = { 0 };
	struct stat st;
	enum carnet_status status = CARNET_OK;
	int fd = open(path->path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES
			   ? CARNET_OK
			   : carnet_fail_errno(err, errno,
				 CARNET_("cannot confine a reader"));
	rule.folder = fd;
	rule.allowed = cage_rights(path->rights) & known;
	if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed &= LANDLOCK_EXECUTE | LANDLOCK_READ_FILE |
				LANDLOCK_WRITE_FILE | LANDLOCK_TRUNCATE |
				LANDLOCK_IOCTL_DEV;
	if (rule.allowed != 0 && syscall(LANDLOCK_ADD_RULE_CALL, ruleset,
				     LANDLOCK_PATH_BENEATH, &rule, 0U) != 0)
		status = carnet_fail_errno(
		    err, errno, CARNET_("cannot confine a reader"));
	(void)close(fd);
	return status;
}

enum carnet_status
cage_landlock(
    const struct cage_path *paths, size_t len, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	struct cage_ruleset ruleset;
	int abi = cage_landlock_abi();
	size_t size;
	int fd;

	if (abi == 0)
		return CARNET_OK;
	ruleset = cage_ruleset(abi, &size);
	fd = (int)syscall(LANDLOCK_CREATE_RULESET_CALL, &ruleset, size, 0U);
	if (fd < 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("cannot confine a reader"));
	for (size_t i = 0; status == CARNET_OK && i < len; i++)
		status = cage_allow(fd, ruleset.files, &paths[i], err);
	if (status == CARNET_OK &&
	    (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		syscall(LANDLOCK_RESTRICT_SELF_CALL, fd, 0U) != 0))
		status = carnet_fail_errno(
		    err, errno, CARNET_("cannot confine a reader"));
	(void)close(fd);
	return status;
}
