/* SPDX-License-Identifier: ISC */
/* One run of a backup, for backup*.c alone. */
#ifndef BACKUP_RUN_H
#define BACKUP_RUN_H
#include "backup.h"
#include "backup_seen.h"
#include "claims.h"
#include "segment.h"
#include "vault.h"

struct backup_run {
	struct carnet_vault *vault;
	const struct carnet_backup_options *options;
	int fd; /* the destination; -1: a dry run, and it isn't there */
	int lock_fd;
	enum backup_kind kind;
	bool is_ours; /* BACKUP_UNMARKED: a header there is this vault's */
	struct snapshot snapshot; /* becoming */
	size_t packs_room;
	bool *missing; /* one a pack: the destination lacks it */
	bool touched[256];
	uint64_t packs_new, bytes_to_copy, new_bytes;
	uint64_t checked_bytes; /* of packs there, with read_data */
	uint64_t events;
	bool has_others;         /* events of documents, behind those judged */
	struct backup_seen seen; /* what the destination knows of */
	struct ledger_gaps gaps; /* the known ones of our ledger */
	struct claims claims;    /* on what is there already */
	struct snapshot judged;  /* the newest there of this device's own */
	bool is_judged;          /* the segments it names are as they were */
	bool is_open; /* this device's last segment couldn't be closed */
	size_t heads_room;
	char bad[LEDGER_PATH_TEXT]; /* the first damaged segment */
	cJSON *warnings, *problems;
};

/* Opens the destination; makes its last folder, but none above it: a stick
 * that isn't plugged in must not become a folder. */
enum carnet_status backup_open_place(
    struct backup_run *run, const char *path, struct carnet_error *err);
/* Size and hash of every pack of the snapshot, and whether the destination
 * lacks it: run->missing, packs_new, bytes_to_copy. */
enum carnet_status backup_mark_packs(
    struct backup_run *run, struct carnet_error *err);
/* A manifest there; taken (and cleared) when it is the one to go on from. */
void judged_see(struct backup_run *run, struct snapshot *snapshot);
/*
 * If all segments that run->judged names are here byte for byte, and all heads
 * seen there up to its own are events of ours: where to begin reading, with
 * heads and events of the snapshot so far, and run->is_judged.  Otherwise no
 * cursor: all is to be read.  The caller frees *ret_cursors.
 */
enum carnet_status backup_judged(struct backup_run *run,
    struct ledger_cursor **ret_cursors, size_t *ret_len,
    struct carnet_error *err);
/* What is known of a judged segment; NULL: it isn't one. */
const struct snapshot_segment *judged_segment(
    const struct backup_run *run, const struct ledger_file *file);
/* As if nothing had been judged or read yet. */
void backup_judge_anew(struct backup_run *run);
/*
 * Reads the ledger, but for what is judged already: it must be undamaged, hold
 * every event that this device has had (as the destination tells), but for
 * those that a repair wrote off, and contradict none of others.  Collects the
 * heads of the snapshot.  CARNET_DAMAGED.
 */
enum carnet_status backup_check_ledger(
    struct backup_run *run, struct carnet_error *err);
/* Writes an event whose Lamport counter is above all that the destination
 * knows of and this vault doesn't. */
enum carnet_status backup_pass_others(
    struct backup_run *run, struct carnet_error *err);
/* A vault that couldn't be opened for writing can be backed up as it is, while
 * nobody writes to it, if a writer could have gone on from it.
 * CARNET_DAMAGED, CARNET_NEWER, CARNET_LOCKED, CARNET_FAILED. */
enum carnet_status backup_hold_still(
    struct backup_run *run, struct carnet_error *err);
/* Closes this device's open segment, so that it never changes again.  Where
 * nothing can be written it stays open (run->is_open). */
enum carnet_status backup_close_ledger(
    struct backup_run *run, struct carnet_error *err);
/* What the snapshot is made of; needs a checked ledger.  CARNET_DAMAGED: a
 * pack that the index knows is missing. */
enum carnet_status backup_plan(
    struct backup_run *run, struct carnet_error *err);
/* Copies what the destination lacks, then the manifest: with it the snapshot
 * exists.  Notes it in the vault, or warns that it couldn't. */
enum carnet_status backup_write(
    struct backup_run *run, struct carnet_error *err);
/* How much of a segment's file, len bytes long, a snapshot names. */
size_t backup_segment_len(
    const struct backup_run *run, const struct ledger_file *file, size_t len);
#endif
