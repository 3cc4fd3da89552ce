/* SPDX-License-Identifier: ISC */
/* One repair of one vault, for the files that begin with repair. */
#ifndef REPAIR_H
#define REPAIR_H
#include "vault.h"

struct repair {
	struct carnet_vault *vault;
	cJSON *mended;
	cJSON *problems;
	struct index *old; /* the index as it was; NULL: it doesn't open */
	bool end_known;    /* it said how far the ledger went */
	size_t ledger_problems;
	cJSON *ledger_said;      /* these, as they were told */
	struct ledger_gap *gaps; /* events that are lost, not known before */
	size_t gaps_len;
	uint8_t (*hurt)[PACK_ID_LEN];
	size_t hurt_len;
	/* What the disk can't read now may be read a minute later: it is left
	 * as it is, and nothing is called lost because of it. */
	bool packs_unread, ledger_unread;
	uint64_t bytes, bytes_total; /* of packs */
};

/* repair.c */
void repair_note(
    cJSON *list, const char *kind, const char *id, const char *detail);
/* What the disk can't read now, and why; a problem. */
void repair_note_unread(
    struct repair *repair, const char *kind, const char *path, const char *why);
/* Moves a file of the vault to damaged/, under a name of its own there. */
enum carnet_status repair_set_aside(struct repair *repair, const char *path,
    const char *name, struct carnet_error *err);

/* repair_ledger.c */
/* Reads the whole ledger, with what the old index knew of it, then writes
 * hurt segments anew. */
enum carnet_status repair_ledger(
    struct repair *repair, struct carnet_error *err);

/* repair_packs.c */
/* Reads every pack; what still opens of hurt ones goes into new ones.  The
 * store knows no chunk afterwards. */
enum carnet_status repair_packs(
    struct repair *repair, struct carnet_error *err);
#endif
