/* SPDX-License-Identifier: ISC */
/*
 * The inside of compacting: what is known of the packs, which of them are
 * worth writing anew, one round of it.  For vault/compact*.c alone;
 * docs/format.md, "Compacting".
 */
#ifndef COMPACT_H
#define COMPACT_H
#include "vault.h"

/* --- what is worth it (compact_plan.c): numbers alone, no file ------------ */
#define COMPACT_DEAD_SHARE 4 /* heavy: a quarter of a pack is dead weight */
/* So much is written before what it replaces is deleted: the room on the
 * disk that compacting needs. */
#define COMPACT_ROUND ((uint64_t)256 << 20)

struct compact_weight {       /* of one pack */
	uint64_t size;        /* of its file */
	uint64_t used;        /* where its chunks end */
	uint64_t dead;        /* sealed bytes that nobody needs here */
	size_t listed;        /* chunks, needed or not */
	const uint32_t *lens; /* sealed lengths of those it must keep */
	size_t count;
	bool fixed;  /* it stays, whatever it holds */
	bool chosen; /* the answer */
};
struct compact_outcome { /* of gathering those that were chosen */
	size_t packs, packs_new;
	uint64_t bytes, bytes_new, kept;
};
/*
 * Chooses packs that hold nothing needed, and as many of the small and the
 * heavy ones as come out in fewer packs that take no more bytes, or in no
 * more packs that take fewer; about `round` bytes at most (0: no limit).
 * CARNET_NO_MEMORY.
 */
enum carnet_status compact_plan(struct compact_weight *weights, size_t len,
    uint64_t round, struct compact_outcome *ret_outcome,
    struct carnet_error *err);

/* --- what is there (compact_packs.c) -------------------------------------- */
enum compact_role {
	COMPACT_DEAD, /* no event names it */
	COMPACT_COPY, /* it is in another pack, too, which is its home */
	COMPACT_HOME
};
struct compact_pack {
	uint8_t id[PACK_ID_LEN];
	uint64_t size;
	struct chunk_row *rows; /* its list; NULL: hurt */
	uint8_t *roles;         /* one a row */
	uint32_t *lens;         /* sealed lengths of those at home here */
	size_t len, home;
	uint64_t dead;
	uint32_t rank; /* of its first chunk, in the ledger's order */
	bool fixed;    /* it stays: hurt, or readers hold it */
	bool chosen;
};
struct compact_live { /* a chunk that an event names */
	struct chunk_name name;
	uint32_t rank;
};
struct compact_entry { /* one chunk of one pack */
	const struct chunk_row *row;
	uint32_t pack, order; /* packs in order: where a home is sought first */
};
struct compact {
	struct carnet_vault *vault;
	const struct carnet_compact_options *options;
	struct carnet_date today;
	struct compact_live *live; /* sorted by name */
	size_t live_len, live_room;
	bool unsure; /* an event may be lost: every chunk counts as named */
	struct compact_pack *packs;
	size_t len, room;
	struct compact_entry *entries; /* sorted by name, then order */
	size_t entries_len;
	unsigned patience; /* milliseconds that readers are waited for */
	uint64_t done, total;
	struct { /* for the report */
		size_t packs_before, packs_after, gathered, written, set_aside;
		size_t brought_back, expired, swept, left;
		uint64_t bytes_before, bytes_after;
	} count;
	cJSON *problems;
};

/* Deletes packs that were never finished (not in a dry run), lists all
 * others. */
enum carnet_status compact_load(
    struct compact *compact, struct carnet_error *err);
/* Reads the ledger: which chunks it names. */
enum carnet_status compact_name(
    struct compact *compact, struct carnet_error *err);
/* Gives each chunk of each pack its role. */
enum carnet_status compact_mark(
    struct compact *compact, struct carnet_error *err);
/* The chunk where it is at home; NULL: in no pack that counts. */
const struct compact_entry *compact_home(
    const struct compact *compact, const struct chunk_name *name);
const struct compact_live *compact_find_live(
    const struct compact *compact, const struct chunk_name *name);
/* A pack more; takes rows over.  NULL: no memory. */
struct compact_pack *compact_add_pack(struct compact *compact,
    const uint8_t id[PACK_ID_LEN], uint64_t size, struct chunk_row *rows,
    size_t len);
/* Something in this pack isn't as it was written: it stays as it is. */
void compact_hurt(
    struct compact *compact, struct compact_pack *pack, const char *detail);
/* Whether a reading failed because of the file alone: its bytes aren't what
 * was written, or the disk can't read them now. */
bool compact_is_hurt(const struct carnet_error *why);
void compact_clear(struct compact *compact);
/* Chooses; false in *ret_any: nothing is worth it. */
enum carnet_status compact_choose(struct compact *compact, uint64_t round,
    struct compact_outcome *ret_outcome, bool *ret_any,
    struct carnet_error *err);

/* --- one round (compact_round.c) ------------------------------------------ */
/*
 * Writes the chosen packs' chunks into new ones, reads those back, points the
 * index at them, and only then deletes the old ones.  After a failure
 * nothing is lost; either the old packs hold, or the new ones.
 */
enum carnet_status compact_round(
    struct compact *compact, struct carnet_error *err);
#endif
