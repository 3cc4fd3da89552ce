/* SPDX-License-Identifier: ISC */
/*
 * What a destination says of forgetting: all its lists of what is condemned,
 * and which of its snapshots are dead by them.  Reads only.
 */
#ifndef FORGETTING_H
#define FORGETTING_H
#include "backup.h"
#include "condemned.h"
#include "keeping.h"

/* How long what is condemned stays. */
#define FORGETTING_WAIT_MS ((int64_t)30 * 24 * 3600 * 1000)

struct forgetting {
	struct condemned_list *lists;
	size_t len, room;
	struct keeping keeping;
};

/* Files and snapshots that can't be read: kind "snapshot" or "forgotten". */
struct forgetting_watch {
	void (*problem)(void *context, const char *kind, const char *id,
	    const char *detail);
	void *context;
};

/* The lists alone. */
enum carnet_status forgetting_load_lists(int fd,
    const uint8_t vault_id[VAULT_ID_LEN], const struct keys *keys,
    const struct forgetting_watch *watch, struct forgetting *forgetting,
    struct carnet_error *err);
/* Marks the rows of `keeping` that lists name, and judges them. */
void forgetting_judge(struct forgetting *forgetting);
/* All of it; without lists no manifest is read unless `all`. */
enum carnet_status forgetting_load(int fd, const uint8_t vault_id[VAULT_ID_LEN],
    const struct keys *keys, bool all, const struct forgetting_watch *watch,
    struct forgetting *forgetting, struct carnet_error *err);
void forgetting_clear(struct forgetting *forgetting);
/*
 * Whether a list names the file.  *ret_made: the newest one's time;
 * *ret_same: one of them names it as it was written then.
 */
bool forgetting_since(const struct forgetting *forgetting,
    const struct condemned_file *file, int64_t written, int64_t *ret_made,
    bool *ret_same);
/* Whether lists condemn this snapshot, and a later one makes up for it. */
bool forgetting_is_dead(const struct forgetting *forgetting, const char *id);
#endif
