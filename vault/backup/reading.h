/* SPDX-License-Identifier: ISC */
/* Snapshots being read, for reading*.c alone. */
#ifndef READING_H
#define READING_H
#include "backup.h"
#include "index.h"
#include "row_table.h"
#include "segment.h"

struct reading_item {
	struct event event;
	struct ledger_place place;
};

struct reading_signer {
	uint8_t device[DEVICE_ID_LEN];
	uint8_t public[SIGN_PUBLIC_LEN]; /* as the ledger names it */
};

struct reading {
	struct carnet_backup *backup;
	struct snapshot snapshot; /* the one being read */
	cJSON *problems;          /* the caller's */
	bool is_sound;            /* nothing of it was hurt or missing */

	/* what stays from one snapshot to the next */
	struct snapshot before; /* read last, and sound; no segments: none */
	struct index *index;    /* in a transaction that nobody commits */
	struct store_places places;
	struct store *store;
	struct snapshot_head *chains; /* the last event of each device */
	size_t chains_len;
	struct reading_signer *signers;
	size_t signers_len;
	struct snapshot_head
	    applied;             /* the last event of all, in their order */
	struct ledger_gaps gaps; /* events that aren't there */
	struct row_table found;  /* chunks that lie in its packs */
	struct row_table listed; /* lists of chunks that all do */

	/* of this snapshot alone */
	struct reading_item *items; /* events that came with it */
	size_t len, room;
};

void reading_problem(struct reading *reading, const char *kind, const char *id,
    const char *detail);
/* Whether it names this very segment. */
bool reading_has_segment(
    const struct snapshot *snapshot, const struct snapshot_segment *segment);
/* --- reading_ledger.c ------------------------------------------------------
 */
/* The events of all segments that `before` doesn't name, into items, in the
 * order of their devices.  Damage is told and gone around. */
enum carnet_status reading_ledger(
    struct reading *reading, struct carnet_error *err);
#endif
