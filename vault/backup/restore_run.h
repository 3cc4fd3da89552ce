/* SPDX-License-Identifier: ISC */
/* One run of a restore, for restore*.c alone. */
#ifndef RESTORE_RUN_H
#define RESTORE_RUN_H
#include "backup.h"
#include "forks.h"
#include "restore_folder.h"
#include "vault.h"

struct restore {
	struct carnet_backup *backup;
	const struct carnet_restore_options *options;
	struct snapshot snapshot;
	bool has_snapshot;
	struct restore_folder folder;
	bool other_header;
	uint64_t bytes, bytes_total, events;
	int64_t documents;
	cJSON *problems;
	struct forks forks;
};

/* What is missing or hurt in the backup: told, not fatal. */
void restore_problem(struct restore *restore, const char *kind, const char *id,
    const char *detail);
/* The snapshot that was asked for, or the newest, and where histories part.
 * CARNET_NOT_FOUND, CARNET_AMBIGUOUS, CARNET_DAMAGED: none opens. */
enum carnet_status restore_choose(
    struct restore *restore, struct carnet_error *err);
/* Opens what was restored: makes its index, counts its documents and events,
 * names documents that lack chunks. */
enum carnet_status restore_open(
    struct restore *restore, struct carnet_error *err);
/* If a new passphrase was given: in place of all that the header had. */
enum carnet_status restore_passphrase(
    struct restore *restore, struct carnet_error *err);
#endif
