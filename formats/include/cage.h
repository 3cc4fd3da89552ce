/* SPDX-License-Identifier: ISC */
/*
 * The cage of a process that touches a stranger's bytes: limits, Landlock,
 * seccomp.  All of it is for the calling process and can't be undone.
 * What it is made of and why: the threat model, docs/threat-model.md.
 */
#ifndef CAGE_H
#define CAGE_H
#include "carnet_types.h"

/* Landlock's version in this kernel; 0: none. */
int cage_landlock_abi(void);
/* Whether this kernel takes seccomp filters. */
bool cage_has_seccomp(void);

struct cage_limits {
	uint64_t memory;      /* bytes of address space */
	unsigned cpu_seconds; /* then SIGXCPU */
	unsigned files;       /* highest descriptor + 1 */
};
/* No new privileges, not dumpable, no core; writes to no file.  The limit on
 * memory is left out where a sanitizer needs terabytes of addresses. */
enum carnet_status cage_limit(
    const struct cage_limits *limits, struct carnet_error *err);

enum cage_right {
	CAGE_READ = 1,     /* files and folders below it */
	CAGE_EXECUTE = 2,  /* start it, or programs below it */
	CAGE_WRITE = 4,    /* change it; make, change and remove below it */
	CAGE_LIST = 8,     /* the names in it and below, no file's content */
	CAGE_TERMINAL = 16 /* ask a terminal without echo */
};
struct cage_path {
	const char *path; /* what doesn't exist is left out */
	unsigned rights;
};
/* Denies every file and folder but these (none: len 0), TCP, and signals and
 * abstract sockets outside the cage, as far as this kernel's Landlock goes.
 * CARNET_OK also where there is none: seccomp is what must hold. */
enum carnet_status cage_landlock(
    const struct cage_path *paths, size_t len, struct carnet_error *err);

/* Only the calls that carnet-reader needs between reading and answering; any
 * other kills the process.  CARNET_UNSUPPORTED: this kernel has no seccomp. */
enum carnet_status cage_seccomp_reader(struct carnet_error *err);

enum cage_deny {
	/* a program that is started for a stranger's bytes: no sockets, no
	 * other process, no way into one; one execve is still to come */
	CAGE_DENY_CHILD,
	/* carnet itself: no new socket (that kills), no execve, no way into
	 * another process; its threads too */
	CAGE_DENY_SELF
};
/* Everything but what is named in cage_seccomp.c stays allowed. */
enum carnet_status cage_seccomp_deny(
    enum cage_deny deny, struct carnet_error *err);
#endif
