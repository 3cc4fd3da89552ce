/* SPDX-License-Identifier: ISC */
/*
 * The index that an open vault answers from: the one on the disk, made again
 * or brought level with the ledger when it must be, and one in memory for who
 * only reads where it can't be.  Never answers from what is behind the ledger,
 * but for what its writer is at.  The contract is vault.h's.
 */
#include "vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Whoever takes the lock for a moment gives it back. */
static void
level_unlock(struct carnet_vault *vault, bool had_lock)
{
	if (had_lock || vault->lock_fd < 0)
		return;
	(void)close(vault->lock_fd);
	vault->lock_fd = -1;
}

static enum carnet_status
level_open_as(
    struct carnet_vault *vault, enum index_mode mode, struct carnet_error *err)
{
	char path[4096 + 16];

	(void)snprintf(path, sizeof(path), "%s/index.db", vault->path);
	index_close(vault->index);
	vault->index = NULL;
	return index_open(path, vault->keys, mode, &vault->index, err);
}

/* --- in memory -------------------------------------------------------------
 */

/*
 * Who only reads needs no index on the disk: one is made for this run from
 * ledger and packs, so that its answers are those of the whole ledger.
 * `why` is what came of writing; passed on where memory is no way out.
 */
static enum carnet_status
level_apart(struct carnet_vault *vault, const struct carnet_error *why,
    struct carnet_error *err)
{
	char text[1200];

	if (vault->access != CARNET_READ ||
	    (why->status != CARNET_NO_SPACE && why->status != CARNET_IO)) {
		if (err != NULL)
			*err = *why;
		return why->status;
	}
	(void)snprintf(text, sizeof(text),
	    CARNET_("the vault's index can't be written now (%s), so this "
		    "command made its own, in memory: make room on that disk, "
		    "or let it be written to"),
	    why->message);
	vault_warn(vault, text);
	return replay_apart(vault, err);
}

/* --- making it again -------------------------------------------------------
 */

static enum carnet_status
level_rebuild(struct carnet_vault *vault, struct carnet_error *err)
{
	enum carnet_status status = replay_rebuild(vault, err);

	if (status == CARNET_OK)
		vault_warn(vault,
		    CARNET_("the index was missing or damaged and has been "
			    "built again from the ledger"));
	return status;
}

bool
level_heal(struct carnet_vault *vault)
{
	bool had_lock = vault->lock_fd >= 0;
	struct carnet_error why = { 0 };
	enum carnet_status status = CARNET_OK;

	follow_drop(vault); /* the ledger has it */
	known_forget(vault);
	if (index_is_writing(vault->index))
		return false;
	if (!had_lock)
		status = vault_lock(vault, false, &why);
	if (status == CARNET_OK)
		status = level_rebuild(vault, &why);
	level_unlock(vault, had_lock);
	if (status != CARNET_OK)
		status = level_apart(vault, &why, NULL);
	return status == CARNET_OK && vault->index != NULL;
}

enum carnet_status
level_open_index(struct carnet_vault *vault, struct carnet_error *err)
{
	bool had_lock = vault->lock_fd >= 0;
	struct carnet_error why = { 0 };
	enum carnet_status status =
	    level_open_as(vault, had_lock ? INDEX_WRITE : INDEX_READ, &why);

	if (status == CARNET_DAMAGED && !had_lock) {
		/* somebody may be building it right now */
		status = vault_lock(vault, true, &why);
		if (status == CARNET_OK)
			status = level_open_as(vault, INDEX_WRITE, &why);
	}
	if (status == CARNET_DAMAGED)
		status = level_rebuild(vault, &why);
	level_unlock(vault, had_lock);
	if (status != CARNET_OK)
		status = level_apart(vault, &why, err);
	return status;
}

/* --- level with the ledger -------------------------------------------------
 */

static void
level_say_behind(struct carnet_vault *vault)
{
	vault->damaged = true;
	vault->ledger_behind = true;
	vault_warn(vault,
	    CARNET_("the ledger is older than the index: files were put back, "
		    "cut short or deleted; see carnet check"));
}

static void
level_say_lacking(struct carnet_vault *vault)
{
	vault->damaged = true;
	vault_warn(vault,
	    CARNET_("the index lacks what the disk couldn't read when it was "
		    "made: see carnet check"));
}

/* What the index lacks of the ledger.  *ret_lacking: it says of itself that it
 * lacks something besides. */
static enum carnet_status
level_compare(struct carnet_vault *vault, enum ledger_relation *ret_relation,
    bool *ret_lacking, struct carnet_error *err)
{
	struct ledger_cursor *cursors = NULL;
	size_t len = 0;
	enum carnet_status status =
	    index_cursors(vault->index, &cursors, &len, err);

	if (status == CARNET_OK)
		status = ledger_compare(
		    vault->ledger, cursors, len, ret_relation, err);
	free(cursors);
	if (status == CARNET_DAMAGED) {
		*ret_relation = LEDGER_BEHIND;
		*ret_lacking = false;
		return CARNET_OK;
	}
	if (status == CARNET_OK)
		status = index_is_lacking(vault->index, ret_lacking, err);
	return status;
}

/* With the lock, which is taken if it is not held.  CARNET_LOCKED: another
 * process has it. */
static enum carnet_status
level_follow(struct carnet_vault *vault, bool anew, struct carnet_error *err)
{
	bool had_lock = vault->lock_fd >= 0;
	enum carnet_status status = CARNET_OK;

	if (!had_lock)
		status = vault_lock(vault, false, err);
	if (status != CARNET_OK)
		return status;
	if (!had_lock)
		status = level_open_as(vault, INDEX_WRITE, err);
	if (status == CARNET_OK)
		status = anew ? replay_rebuild(vault, err)
			      : replay_catch_up(vault, err);
	level_unlock(vault, had_lock);
	return status;
}

enum carnet_status
level_index(struct carnet_vault *vault, struct carnet_error *err)
{
	enum ledger_relation relation = LEDGER_SAME;
	struct carnet_error why = { 0 };
	bool lacking = false, had_lock = vault->lock_fd >= 0;
	enum carnet_status status =
	    level_compare(vault, &relation, &lacking, err);

	if (status != CARNET_OK || (relation == LEDGER_SAME && !lacking))
		return status;
	if (relation == LEDGER_BEHIND) {
		level_say_behind(vault);
		return CARNET_OK;
	}
	/* lacking: all of it is read again */
	status =
	    level_follow(vault, lacking || relation == LEDGER_REWRITTEN, &why);
	if (status == CARNET_LOCKED && !had_lock && vault->index != NULL) {
		if (lacking)
			level_say_lacking(vault);
		return CARNET_OK; /* its writer is at it: use what is there */
	}
	if (status != CARNET_OK)
		status = level_apart(vault, &why, err);
	return status;
}
