/* SPDX-License-Identifier: ISC */
/* One run of forget, for forget.c and forget_sweep.c alone. */
#ifndef FORGET_RUN_H
#define FORGET_RUN_H
#include "forgetting.h"

struct forget_item {
	struct condemned_entry entry;
	uint64_t size;
};
struct forget_run {
	struct carnet_backup *backup;
	const struct carnet_forget_options *options;
	int lock_fd;
	struct forgetting state;
	struct condemned_set kept;    /* named by a snapshot that stays, */
	struct condemned_set living;  /* by one that lived until now, */
	struct condemned_set waiting; /* by a dead one that isn't due */
	struct condemned_list fresh;  /* what this run condemns */
	size_t fresh_room;
	uint64_t fresh_bytes;
	struct forget_item *doomed; /* files that are due */
	size_t doomed_len, doomed_room;
	uint64_t doomed_bytes, waiting_files, waiting_bytes;
	int64_t until;           /* when the next of them is due; 0: none */
	size_t doomed_snapshots; /* dead and due */
	size_t gone_snapshots, gone_files;
	uint64_t gone_bytes;
	bool is_late;     /* a snapshot came while this run was deleting */
	bool is_unlocked; /* a disk without locks: nothing is deleted */
	cJSON *problems;
};

/* A forgetting_watch's: the context is the run. */
void forget_problem(
    void *context, const char *kind, const char *id, const char *detail);
/* Each file that the snapshot names and run->kept doesn't: what is wrong with
 * it is a problem.  A pack is looked at by its size and its last bytes, which
 * are a hash of all others; the rest, which is small, by all its bytes. */
void forget_check_kept(struct forget_run *run, const struct snapshot *snapshot);
/* Whether what was condemned then may go now. */
bool forget_is_due(const struct forget_run *run, int64_t since);
/* Size of a regular file, and when it was written; false: none there. */
bool forget_stat(
    int dir_fd, const char *path, uint64_t *ret_size, int64_t *ret_written);
/*
 * Deletes what is due: snapshots first, then files, then lists that have
 * nothing more to say.  Whatever came meanwhile stops it.
 */
enum carnet_status forget_sweep(
    struct forget_run *run, struct carnet_error *err);
#endif
