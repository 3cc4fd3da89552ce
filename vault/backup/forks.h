/* SPDX-License-Identifier: ISC */
/*
 * Which snapshots of a backup no other one goes on from.  There is one,
 * unless copies of the vault were used apart: then each branch has its own.
 */
#ifndef FORKS_H
#define FORKS_H
#include "snapshot.h"

struct fork_row {
	char id[SNAPSHOT_ID_TEXT];
	uint64_t lamport;
	int64_t made;
	struct snapshot_head *heads;
	size_t len;
};
struct forks {
	struct fork_row *rows;
	size_t len, room;
};

/* Copies what it needs. */
enum carnet_status forks_add(struct forks *forks,
    const struct snapshot *snapshot, struct carnet_error *err);
void forks_clear(struct forks *forks);
/* The branches' ends, the one that counts as the newest last; an empty array
 * when there is but one.  NULL: no memory. */
cJSON *forks_ends(struct forks *forks);
#endif
