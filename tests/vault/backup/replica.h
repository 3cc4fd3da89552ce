/* SPDX-License-Identifier: ISC */
/*
 * Two replicas of a folder, and what carries files between them: a tool that
 * only copies (rsync), or one that carries deletions too and lets a change
 * win over a deletion (Syncthing).  For the tests of this folder.
 */
#ifndef REPLICA_H
#define REPLICA_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLICA_PATH 256
#define REPLICA_FILES 256

struct replica_file {
	char path[REPLICA_PATH]; /* from the folder's top */
	int64_t written;         /* nanoseconds; what tells a version */
};
struct replica_state { /* sorted by path */
	struct replica_file files[REPLICA_FILES];
	size_t len;
};
struct replica_pair {
	char paths[2][REPLICA_PATH];
	bool deletions;            /* are carried, too */
	const char *late;          /* this folder stays behind; NULL: none */
	struct replica_state base; /* what both had in common last */
};

void replica_read(const char *top, struct replica_state *ret_state);
/* Carries what changed in replica `from` to the other one. */
void replica_carry(struct replica_pair *pair, int from);
/* What the second one has, the first one has too: it came from there. */
void replica_settle(struct replica_pair *pair);
/* A folder with all that is below it, times included. */
void replica_copy(const char *from, const char *to);
void replica_remove(const char *top);
/* Sets the time of every file that was written in that span. */
void replica_set_time(
    const char *top, int64_t since, int64_t until, int64_t written);
#endif
