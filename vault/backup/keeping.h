/* SPDX-License-Identifier: ISC */
/*
 * Which snapshots live, and which of them a policy keeps: over rows in
 * memory, no I/O.  Snapshots are judged by what their heads have seen, never
 * by a clock; a clock only says which day, week or month they count for.
 */
#ifndef KEEPING_H
#define KEEPING_H
#include "carnet_backup.h"
#include "snapshot.h"

enum keeping_reason {
	KEEPING_LAST = 1,
	KEEPING_DAILY = 2,
	KEEPING_WEEKLY = 4,
	KEEPING_MONTHLY = 8,
	KEEPING_YEARLY = 16,
	KEEPING_WITHIN = 32
};
struct keeping_row {
	char id[SNAPSHOT_ID_TEXT];
	uint8_t device[DEVICE_ID_LEN];
	uint64_t lamport;
	int64_t made;
	struct snapshot_head *heads; /* sorted by device */
	size_t heads_len;
	bool is_condemned; /* a list names it, */
	int64_t condemned; /* the newest one of this time */
	bool is_live, is_kept;
	unsigned reasons;
};
struct keeping {
	struct keeping_row *rows; /* the older ones first */
	size_t len, room;
};

enum carnet_status keeping_add(struct keeping *keeping,
    const struct snapshot *snapshot, struct carnet_error *err);
void keeping_clear(struct keeping *keeping);
/*
 * Sorts the rows and sets is_live.  Dead is a condemned one that a later
 * one, which isn't condemned, goes on from: one that has each of its heads,
 * or a later one of the same device.  So what is the newest of its branch
 * lives, whatever a list says that came without the snapshot it was made for.
 */
void keeping_judge(struct keeping *keeping);
/*
 * Sets is_kept and reasons among the living.  Each branch (copies of the
 * vault that were used apart, several devices) has a newest snapshot, and the
 * policy is applied to each branch by itself; its newest one always stays.
 */
void keeping_apply(
    struct keeping *keeping, const struct carnet_keep_policy *policy);
bool keeping_policy_is_empty(const struct carnet_keep_policy *policy);
const struct keeping_row *keeping_find(
    const struct keeping *keeping, const char *id);
#endif
