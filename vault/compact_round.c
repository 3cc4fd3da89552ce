/* SPDX-License-Identifier: ISC */
/*
 * One round of compacting: new packs, then the index, then the old packs go.
 * Decides nothing.  The contract is compact.h; why nothing is lost:
 * docs/format.md, "Compacting".
 */
#include "compact.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define ROUND_STEP_MS 20

struct round {
	struct compact *compact;
	struct compact_pack **goes; /* in the ledger's order */
	size_t goes_len;
	struct chunk_row *rows; /* new places */
	size_t rows_len;
	struct chunk_row *homes; /* places that copies are now sought at */
	size_t homes_len, homes_room;
	uint8_t (*made)[PACK_ID_LEN];
	size_t made_len;
};

static enum carnet_status
round_open(const struct round *round, const uint8_t id[PACK_ID_LEN],
    int *ret_fd, struct carnet_error *err)
{
	char path[PACK_PATH_TEXT];
	int fd;

	pack_path(id, path);
	fd = openat(
	    round->compact->vault->fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("pack %s cannot be read"), path);
	*ret_fd = fd;
	return CARNET_OK;
}

/* --- the chunks into the batch -------------------------------------------- */

static enum carnet_status
round_remember_home(
    struct round *round, const struct chunk_row *row, struct carnet_error *err)
{
	if (round->homes_len == round->homes_room) {
		size_t room =
		    round->homes_room == 0 ? 64 : 2 * round->homes_room;
		struct chunk_row *grown =
		    reallocarray(round->homes, room, sizeof(*grown));

		if (grown == NULL)
			return carnet_fail_errno(err, ENOMEM, "vault");
		round->homes = grown;
		round->homes_room = room;
	}
	round->homes[round->homes_len++] = *row;
	return CARNET_OK;
}

/* Whether the chunk opens in a pack that stays; then that is its place. */
static enum carnet_status
round_try_home(struct round *round, const struct chunk_name *name,
    bool *ret_there, struct carnet_error *err)
{
	struct compact *compact = round->compact;
	const struct compact_entry *home = compact_home(compact, name);
	struct carnet_error why = { 0 };
	struct compact_pack *pack;
	enum carnet_status status;
	int fd = -1;

	*ret_there = false;
	if (home == NULL)
		return CARNET_OK;
	pack = &compact->packs[home->pack];
	if (pack->chosen || pack->fixed)
		return CARNET_OK;
	status = round_open(round, pack->id, &fd, &why);
	if (status == CARNET_OK) {
		status =
		    store_try_chunk(compact->vault->store, fd, home->row, &why);
		(void)close(fd);
	}
	if (status != CARNET_OK && compact_is_hurt(&why)) {
		compact_hurt(compact, pack, why.message);
		return CARNET_OK;
	}
	if (status != CARNET_OK) {
		if (err != NULL)
			*err = why;
		return status;
	}
	*ret_there = true;
	return round_remember_home(round, home->row, err);
}

/* A chunk is safe when it is in the batch, or opens in a pack that stays. */
static enum carnet_status
round_take_chunk(struct round *round, struct compact_pack *pack, int fd,
    size_t i, struct carnet_error *err)
{
	struct store *store = round->compact->vault->store;
	const struct chunk_row *row = &pack->rows[i];
	struct carnet_error why = { 0 };
	enum carnet_status status = CARNET_OK;
	bool there = false;

	if (pack->roles[i] == COMPACT_DEAD ||
	    store_has_unflushed(store, &row->name))
		return CARNET_OK;
	if (pack->roles[i] == COMPACT_COPY)
		status = round_try_home(round, &row->name, &there, err);
	if (status != CARNET_OK || there)
		return status;
	status = store_take_chunk(store, fd, row, &why);
	/* it may have been the writing that failed */
	if (status != CARNET_OK && compact_is_hurt(&why) &&
	    store_try_chunk(store, fd, row, NULL) != CARNET_OK) {
		compact_hurt(round->compact, pack, why.message);
		return CARNET_OK;
	}
	if (status != CARNET_OK && err != NULL)
		*err = why;
	return status;
}

static enum carnet_status
round_take_pack(
    struct round *round, struct compact_pack *pack, struct carnet_error *err)
{
	struct compact *compact = round->compact;
	struct carnet_error why = { 0 };
	int fd = -1;
	enum carnet_status status = round_open(round, pack->id, &fd, &why);

	if (status != CARNET_OK && compact_is_hurt(&why)) {
		compact_hurt(compact, pack, why.message);
		return CARNET_OK;
	}
	if (status != CARNET_OK) {
		if (err != NULL)
			*err = why;
		return status;
	}
	/* a pack that turns out to be hurt is no longer chosen */
	for (size_t i = 0; i < pack->len && pack->chosen; i++) {
		status = round_take_chunk(round, pack, fd, i, err);
		if (status != CARNET_OK)
			break;
	}
	(void)close(fd);
	compact->done += pack->size;
	if (compact->options->progress != NULL)
		compact->options->progress(
		    compact->options->context, compact->done, compact->total);
	return status;
}

static int
round_order(const void *left, const void *right)
{
	const struct compact_pack *a =
	    *(const struct compact_pack *const *)left;
	const struct compact_pack *b =
	    *(const struct compact_pack *const *)right;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return memcmp(a->id, b->id, PACK_ID_LEN);
}

static enum carnet_status
round_take(struct round *round, struct carnet_error *err)
{
	struct compact *compact = round->compact;
	enum carnet_status status = CARNET_OK;
	size_t left = 0;

	round->goes = calloc(compact->len + 1, sizeof(struct compact_pack *));
	if (round->goes == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	for (size_t i = 0; i < compact->len; i++)
		if (compact->packs[i].chosen)
			round->goes[round->goes_len++] = &compact->packs[i];
	if (round->goes_len > 0)
		qsort(round->goes, round->goes_len,
		    sizeof(struct compact_pack *), round_order);
	for (size_t i = 0; i < round->goes_len && status == CARNET_OK; i++)
		status = round_take_pack(round, round->goes[i], err);
	for (size_t i = 0; i < round->goes_len; i++)
		if (round->goes[i]->chosen)
			round->goes[left++] = round->goes[i];
	round->goes_len = left;
	return status;
}

/* --- what was written is read back ---------------------------------------- */

static enum carnet_status
round_list_made(struct round *round, struct carnet_error *err)
{
	round->made = calloc(round->rows_len + 1, PACK_ID_LEN);
	if (round->made == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	for (size_t i = 0; i < round->rows_len; i++)
		if (i == 0 ||
		    memcmp(round->rows[i].place.pack,
			round->rows[i - 1].place.pack, PACK_ID_LEN) != 0)
			memcpy(round->made[round->made_len++],
			    round->rows[i].place.pack, PACK_ID_LEN);
	return CARNET_OK;
}

static enum carnet_status
round_read_back(struct round *round, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < round->made_len && status == CARNET_OK; i++) {
		int fd = -1;

		status = round_open(round, round->made[i], &fd, err);
		if (status != CARNET_OK)
			return status;
		status = pack_check_all(fd, round->made[i],
		    round->compact->vault->keys, true, NULL, NULL, err);
		(void)close(fd);
	}
	return status;
}

static enum carnet_status
round_write(struct round *round, struct carnet_error *err)
{
	struct carnet_vault *vault = round->compact->vault;
	enum carnet_status status =
	    store_flush(vault->store, &round->rows, &round->rows_len, err);

	if (status == CARNET_OK)
		status = round_list_made(round, err);
	if (status == CARNET_OK)
		status = round_read_back(round, err);
	if (status != CARNET_OK && round->made_len > 0)
		(void)packs_delete(vault->fd,
		    (const uint8_t(*)[PACK_ID_LEN])round->made, round->made_len,
		    NULL);
	return status;
}

/* --- the index ------------------------------------------------------------ */

/* Durable when it returns: with old packs gone, an old index would be lost
 * in them.  SQLite syncs the file, but not that its journal is gone. */
static enum carnet_status
round_point(struct round *round, struct carnet_error *err)
{
	struct carnet_vault *vault = round->compact->vault;
	enum carnet_status status = index_begin(vault->index, err);

	for (size_t i = 0; i < round->goes_len && status == CARNET_OK; i++)
		status = index_forget_rows(vault->index, round->goes[i]->id,
		    round->goes[i]->rows, round->goes[i]->len, err);
	if (status == CARNET_OK)
		status = index_add_chunks(
		    vault->index, round->homes, round->homes_len, err);
	if (status == CARNET_OK)
		status = index_add_chunks(
		    vault->index, round->rows, round->rows_len, err);
	if (status == CARNET_OK)
		status = index_commit(vault->index, err);
	if (status != CARNET_OK)
		index_rollback(vault->index);
	if (status == CARNET_OK && fsync(vault->fd) != 0 && errno != EINVAL)
		status = carnet_fail_errno(err, errno, "index.db");
	return status;
}

/* --- the old packs -------------------------------------------------------- */

/* True: nobody reads packs, and nobody begins to. */
static bool
round_lock(struct compact *compact)
{
	const struct timespec step = { 0, ROUND_STEP_MS * 1000000L };
	struct carnet_vault *vault = compact->vault;

	if (vault->packs_fd < 0)
		return true;
	while (flock(vault->packs_fd, LOCK_EX | LOCK_NB) != 0) {
		/* asking for the whole lock may have given up our share */
		while (flock(vault->packs_fd, LOCK_SH) != 0 && errno == EINTR)
			;
		if (compact->patience < ROUND_STEP_MS) {
			compact->patience = 0;
			return false;
		}
		compact->patience -= ROUND_STEP_MS;
		(void)nanosleep(&step, NULL);
	}
	return true;
}

static bool
round_has_dead(const struct compact_pack *pack)
{
	for (size_t i = 0; i < pack->len; i++)
		if (pack->roles[i] == COMPACT_DEAD)
			return true;
	return false;
}

/* What nobody names is kept for a while; the rest is in other packs. */
static enum carnet_status
round_remove(struct round *round, struct carnet_error *err)
{
	struct compact *compact = round->compact;
	struct carnet_vault *vault = compact->vault;
	uint8_t(*ids)[PACK_ID_LEN] = calloc(round->goes_len + 1, PACK_ID_LEN);
	enum carnet_status status = CARNET_OK;
	size_t deleted = 0, aside = 0;

	if (ids == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	for (size_t i = 0; i < round->goes_len && status == CARNET_OK; i++) {
		const struct compact_pack *pack = round->goes[i];

		if (!round_has_dead(pack)) {
			memcpy(ids[deleted++], pack->id, PACK_ID_LEN);
			continue;
		}
		aside++;
		memcpy(ids[round->goes_len - aside], pack->id, PACK_ID_LEN);
		status =
		    orphans_set_aside(vault, pack->id, compact->today, err);
	}
	if (status == CARNET_OK && aside > 0)
		status = orphans_sync(vault, err);
	if (status == CARNET_OK && aside > 0)
		status = packs_sync(vault->fd,
		    (const uint8_t(*)[PACK_ID_LEN])(
			ids + round->goes_len - aside),
		    aside, err);
	if (status == CARNET_OK)
		status = packs_delete(vault->fd,
		    (const uint8_t(*)[PACK_ID_LEN])ids, deleted, err);
	free(ids);
	if (status == CARNET_OK)
		compact->count.set_aside += aside;
	return status;
}

/* --- all of it ------------------------------------------------------------ */

/* The list of packs as it is now.  Who can't be removed stays, and counts
 * for nothing: all of it is elsewhere.  False: no memory. */
static bool
round_account(struct round *round, bool removed)
{
	struct compact *compact = round->compact;
	size_t left = 0;

	compact->count.gathered += round->goes_len;
	compact->count.written += round->made_len;
	for (size_t i = 0; i < compact->len; i++) {
		struct compact_pack *pack = &compact->packs[i];

		if (pack->chosen && !removed) {
			pack->fixed = true;
			pack->chosen = false;
			compact->count.left++;
		}
		if (pack->chosen) {
			free(pack->rows);
			free(pack->roles);
			free(pack->lens);
		} else
			compact->packs[left++] = *pack;
	}
	compact->len = left;
	for (size_t i = 0, end = 0; i < round->rows_len; i = end) {
		const struct chunk_row *first = &round->rows[i], *last;
		struct chunk_row *rows;

		while (end < round->rows_len &&
		       memcmp(round->rows[end].place.pack, first->place.pack,
			   PACK_ID_LEN) == 0)
			end++;
		rows = calloc(end - i, sizeof(*rows));
		if (rows == NULL)
			return false;
		memcpy(rows, first, (end - i) * sizeof(*rows));
		last = &rows[end - i - 1];
		if (compact_add_pack(compact, first->place.pack,
			pack_size_of(
			    last->place.offset + last->place.len, end - i),
			rows, end - i) == NULL)
			return false;
	}
	return true;
}

enum carnet_status
compact_round(struct compact *compact, struct carnet_error *err)
{
	struct carnet_vault *vault = compact->vault;
	struct round round = { .compact = compact };
	bool alone = false;
	enum carnet_status status = round_take(&round, err);

	if (status != CARNET_OK)
		store_forget(vault->store);
	if (status == CARNET_OK)
		status = round_write(&round, err);
	if (status == CARNET_OK)
		status = round_point(&round, err);
	if (status == CARNET_OK) { /* from here on the new packs hold */
		alone = round_lock(compact);
		if (alone)
			status = round_remove(&round, err);
		if (alone && vault->packs_fd >= 0)
			(void)flock(vault->packs_fd, LOCK_SH);
		if (!round_account(&round, alone && status == CARNET_OK) &&
		    status == CARNET_OK)
			status = carnet_fail_errno(err, ENOMEM, "vault");
	}
	free(round.goes);
	free(round.rows);
	free(round.homes);
	free(round.made);
	return status;
}
