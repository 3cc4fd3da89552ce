/* SPDX-License-Identifier: ISC */
/* One run of backup copy, for copy.c and copy_files.c alone. */
#ifndef COPY_H
#define COPY_H
#include "backup.h"
#include "condemned.h"

struct copy_run {
	const struct carnet_copy_options *options;
	int from, to; /* to -1: a dry run, and it isn't there */
	int from_lock, to_lock;
	uint8_t vault_id[VAULT_ID_LEN];
	bool is_ours; /* an unmarked folder: a header there is this vault's */
	uint64_t snapshots, packs, packs_new, new_bytes, seen_bytes;
	uint64_t total_bytes;
	cJSON *problems;
};

/* Adds up the bytes of all that would be copied, or is there already. */
enum carnet_status copy_count(struct copy_run *run, struct carnet_error *err);
/* Headers, segments, packs, lists, and last the manifests.  What is hurt is
 * told of and left out.  In a dry run nothing is written. */
enum carnet_status copy_files(struct copy_run *run, struct carnet_error *err);
#endif
