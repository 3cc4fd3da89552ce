/* SPDX-License-Identifier: ISC */
/* One run of a backup, for backup.c and backup_ledger.c alone. */
#ifndef BACKUP_RUN_H
#define BACKUP_RUN_H
#include "backup.h"
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
	uint64_t events;
	struct backup_seen *seen; /* heads that manifests there name */
	size_t seen_len, seen_room;
	size_t heads_room;
	char bad[LEDGER_PATH_TEXT]; /* the first damaged segment */
	bool is_fork;
	cJSON *warnings, *problems;
};

/*
 * Reads the whole ledger: it must be undamaged, hold every event of this
 * device that the destination has seen, and contradict none of others.
 * Collects the heads of the snapshot.  CARNET_DAMAGED.
 */
enum carnet_status backup_check_ledger(
    struct backup_run *run, struct carnet_error *err);
/* Closes this device's open segment, so that it never changes again. */
enum carnet_status backup_close_ledger(
    struct backup_run *run, struct carnet_error *err);
#endif
