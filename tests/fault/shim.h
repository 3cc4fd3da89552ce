/* SPDX-License-Identifier: ISC */
/*
 * Faults on demand: calls that read, write, sync, name or allocate are
 * counted, and the one that is asked for fails, falls short, or is the last.
 * For tests alone.  How it works: shim.c.
 */
#ifndef SHIM_H
#define SHIM_H
#include <stdint.h>

enum shim_kind {
	SHIM_WRITE = 1 << 0,  /* write, pwrite, writev */
	SHIM_SYNC = 1 << 1,   /* fsync, fdatasync */
	SHIM_NAME = 1 << 2,   /* rename*, link*, mkdir*, unlink*, rmdir */
	SHIM_OPEN = 1 << 3,   /* open, openat, opendir by them, fopen */
	SHIM_CUT = 1 << 4,    /* ftruncate */
	SHIM_READ = 1 << 5,   /* read, pread */
	SHIM_MEMORY = 1 << 6, /* malloc and its family */
	SHIM_DISK = SHIM_WRITE | SHIM_SYNC | SHIM_NAME | SHIM_CUT
};

enum shim_act {
	SHIM_COUNT,       /* only count */
	SHIM_KILL_BEFORE, /* SIGKILL instead of the call */
	SHIM_KILL_AFTER,  /* ... behind it */
	SHIM_POWER,       /* what wasn't synced is thrown away or torn, then
			   * SIGKILL */
	SHIM_FAIL,        /* the call fails with `error` */
	SHIM_SHORT        /* half of what was asked for; then EINTR */
};

struct shim_order {
	enum shim_act act;
	unsigned kinds;
	uint64_t at;       /* the first call is 1 */
	int persist;       /* every call from there on, too */
	int error;         /* errno */
	uint64_t seed;     /* what a power cut spares */
	const char *stash; /* a folder beside the roots: what isn't synced is
			    * held back there; NULL: nothing is */
	const char *only;  /* opening and reading: of this path below the roots
			    * alone, as it ends; NULL: of all */
};

/*
 * From here on, in this process alone: calls below the roots (absolute
 * paths, ':' between them) are counted.
 */
void shim_arm(const char *roots, const struct shim_order *order);
/* Stops; how many calls there were. */
uint64_t shim_disarm(void);
/* Whether the fault has come. */
int shim_fired(void);
/* The power goes now, whatever was ordered; with a stash. */
_Noreturn void shim_cut_power(void);
#endif
