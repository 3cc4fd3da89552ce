/* SPDX-License-Identifier: ISC */
/*
 * Which events a destination has seen: the heads that its manifests name,
 * and, of this device, what lies in its ledger/ without a manifest.  Judges
 * the vault's own ledger against them.  For backup_run.h's run alone.
 */
#ifndef BACKUP_SEEN_H
#define BACKUP_SEEN_H
#include "backup.h"
#include "ledger.h"

struct backup_run;

struct seen_head {
	struct snapshot_head head;
	bool had;   /* this device has had that event */
	bool found; /* in our ledger */
};
struct backup_seen {
	struct seen_head *heads; /* sorted by device, sequence, hash */
	size_t len, room;
	uint8_t (*named)[HASH_LEN]; /* this device's segments, in manifests */
	size_t named_len, named_room;
	bool contradicted; /* an event of ours is another one there */
	uint8_t contradicted_device[DEVICE_ID_LEN];
};

/* Reads the manifests, then the segments of this device that none names. */
enum carnet_status seen_load(
    struct backup_seen *seen, struct backup_run *run, struct carnet_error *err);
void seen_clear(struct backup_seen *seen);
/* An event of our own ledger. */
void seen_meet(struct backup_seen *seen, const struct event *event);
/* As if none had been met. */
void seen_forget_met(struct backup_seen *seen);
/* After all were met: a device of which ours lacks, or has otherwise, what
 * this device has had; NULL: none.  gaps: what repairs wrote off. */
const uint8_t *seen_missing(
    const struct backup_seen *seen, const struct ledger_gaps *gaps);
/* The greatest Lamport counter among heads that ours lacks; 0: none. */
uint64_t seen_lamport_elsewhere(const struct backup_seen *seen);
#endif
