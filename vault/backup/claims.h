/* SPDX-License-Identifier: ISC */
/*
 * What a backup may rely on of the files that a destination has already.
 * What this device's newest snapshot there names is safe: nobody forgets it.
 * Of anything else somebody may be about to forget it, on another replica of
 * the folder, who doesn't know of us: it is claimed by being touched, and if
 * it is condemned, by being written again.
 */
#ifndef CLAIMS_H
#define CLAIMS_H
#include "forgetting.h"

struct claims {
	bool dry_run; /* touches nothing */
	int fd;       /* the destination; -1: there is none yet */
	uint8_t device[DEVICE_ID_LEN];
	struct forgetting forgetting;
	bool is_blind;                 /* a list doesn't open */
	struct condemned_set own;      /* what our newest snapshot names */
	char newest[SNAPSHOT_ID_TEXT]; /* its id; "": none yet */
};

/* Tells of one manifest there; each of them, in any order. */
enum carnet_status claims_see(struct claims *claims,
    const struct snapshot *snapshot, struct carnet_error *err);
/* Reads the lists, once all manifests were seen.  A list that doesn't open
 * makes everything that isn't ours be written again. */
enum carnet_status claims_settle(struct claims *claims,
    const uint8_t vault_id[VAULT_ID_LEN], const struct keys *keys,
    struct carnet_error *err);
/* Whether the file, which is there and whole, will stay. */
bool claims_rely(
    const struct claims *claims, const struct condemned_file *file);
/*
 * Just before a manifest is written: all that it names must be there, and
 * what isn't ours is claimed once more, however long the backup has taken.
 * CARNET_CHANGED: something was deleted while it was being made.
 */
enum carnet_status claims_look_again(const struct claims *claims,
    const struct snapshot *snapshot, struct carnet_error *err);
void claims_clear(struct claims *claims);
#endif
