/* SPDX-License-Identifier: ISC */
/*
 * From ledger and packs to the index: catching up, building again.  Events
 * are applied in the order that all devices agree on: Lamport counter,
 * device, sequence.
 */
#include "vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One event kept back until its turn. */
struct replay_item {
	struct event event;
	struct ledger_place place;
};

struct replay {
	struct carnet_vault *vault;
	struct index *index;
	const struct replay_watch *watch; /* NULL: told already */
	uint64_t lamport;                 /* of the newest event applied */
	uint8_t device[DEVICE_ID_LEN];
	bool out_of_order;         /* an event came that belongs before those */
	struct replay_item *items; /* only when devices interleave */
	size_t len, room;
	uint64_t done, total; /* bytes of the ledger */
};

static void
replay_problem(void *context, const char *path, const char *detail)
{
	struct replay *replay = context;

	if (replay->watch != NULL && replay->watch->problem != NULL)
		replay->watch->problem(replay->watch->context, path, detail);
}

/* How much there is to read: only where somebody is told of it. */
static uint64_t
replay_ledger_bytes(const struct carnet_vault *vault)
{
	struct ledger_file *files = NULL;
	uint64_t bytes = 0;
	size_t len = 0;

	if (vault->progress == NULL ||
	    ledger_list(vault->fd, &files, &len, NULL) != CARNET_OK)
		return 0;
	for (size_t i = 0; i < len; i++)
		bytes += files[i].size;
	free(files);
	return bytes;
}

static void
replay_step(struct replay *replay, const struct ledger_place *place)
{
	replay->done += place->end - place->position;
	vault_tell(replay->vault, replay->done, replay->total);
}

static int
replay_order(uint64_t lamport, const uint8_t *device, uint64_t other_lamport,
    const uint8_t *other_device)
{
	if (lamport != other_lamport)
		return lamport < other_lamport ? -1 : 1;
	return memcmp(device, other_device, DEVICE_ID_LEN);
}

/* Applies events as they come, as long as they come in order. */
static enum carnet_status
replay_visit(void *context, const struct event *event,
    const struct ledger_place *place, struct carnet_error *err)
{
	struct replay *replay = context;

	if (replay->out_of_order)
		return CARNET_OK;
	replay_step(replay, place);
	if (replay_order(event->lamport, event->device, replay->lamport,
		replay->device) < 0) {
		replay->out_of_order = true;
		return CARNET_OK;
	}
	replay->lamport = event->lamport;
	memcpy(replay->device, event->device, DEVICE_ID_LEN);
	return index_apply(
	    replay->index, event, place, &replay->vault->answers, err);
}

/* Keeps every event, to be sorted. */
static enum carnet_status
replay_collect(void *context, const struct event *event,
    const struct ledger_place *place, struct carnet_error *err)
{
	struct replay *replay = context;
	struct replay_item *item;

	if (replay->len == replay->room) {
		size_t room = replay->room == 0 ? 1024 : replay->room * 2;
		struct replay_item *grown =
		    reallocarray(replay->items, room, sizeof(*grown));

		if (grown == NULL)
			return carnet_fail_errno(err, ENOMEM, "vault");
		replay->items = grown;
		replay->room = room;
	}
	item = &replay->items[replay->len];
	item->event = *event;
	item->event.heads = NULL; /* not needed by apply */
	item->event.heads_len = 0;
	item->place = *place;
	if (event->payload != NULL) {
		item->event.payload = malloc(event->payload_len + 1);
		if (item->event.payload == NULL)
			return carnet_fail_errno(err, ENOMEM, "vault");
		memcpy(item->event.payload, event->payload,
		    event->payload_len + 1);
	}
	replay->len++;
	return CARNET_OK;
}

static int
replay_compare(const void *left, const void *right)
{
	const struct event *a = &((const struct replay_item *)left)->event;
	const struct event *b = &((const struct replay_item *)right)->event;
	int order = replay_order(a->lamport, a->device, b->lamport, b->device);

	if (order != 0)
		return order;
	return a->seq < b->seq ? -1 : (a->seq > b->seq ? 1 : 0);
}

/* Everything, sorted: for devices whose events interleave. */
static enum carnet_status
replay_sorted(struct replay *replay, const struct ledger_reading *first,
    struct carnet_error *err)
{
	struct ledger_reading reading = *first;
	enum carnet_status status;

	reading.visit = replay_collect;
	reading.problem = NULL; /* told already */
	status = ledger_read(replay->vault->ledger, &reading, NULL, err);
	if (status == CARNET_OK && replay->len > 0)
		qsort(replay->items, replay->len, sizeof(*replay->items),
		    replay_compare);
	replay->done = 0;
	for (size_t i = 0; i < replay->len; i++) {
		replay_step(replay, &replay->items[i].place);
		if (status == CARNET_OK)
			status = index_apply(replay->index,
			    &replay->items[i].event, &replay->items[i].place,
			    &replay->vault->answers, err);
		event_clear(&replay->items[i].event);
	}
	free(replay->items);
	replay->items = NULL;
	replay->len = 0;
	return status;
}

/* An index without what may be read a minute later says so. */
static enum carnet_status
replay_commit(struct replay *replay, bool unreadable, struct carnet_error *err)
{
	struct index *index = replay->index;
	enum carnet_status status = CARNET_OK;

	/* without a pack, documents lack what was read out of them */
	if (unreadable || replay->vault->packs_unreadable)
		status = index_mark_lacking(index, err);
	if (status == CARNET_OK)
		status = index_commit(index, err);
	if (status != CARNET_OK)
		index_rollback(index);
	return status;
}

enum carnet_status
replay_into(struct carnet_vault *vault, struct index *index,
    const struct replay_watch *watch, size_t *ret_problems,
    bool *ret_unreadable, struct carnet_error *err)
{
	struct replay replay = { .vault = vault,
		.index = index,
		.watch = watch,
		.total = replay_ledger_bytes(vault) };
	bool unreadable = false;
	struct ledger_reading reading = { .visit = replay_visit,
		.problem = replay_problem,
		.known = watch->known,
		.known_len = watch->known_len,
		.context = &replay,
		.unreadable = &unreadable };
	enum carnet_status status;

	/* first quickly: problems are told by the first reading */
	status = index_begin(index, err);
	if (status == CARNET_OK)
		status =
		    replay_ahead(vault->ledger, &reading, ret_problems, err);
	if (status == CARNET_OK && replay.out_of_order) {
		index_rollback(index);
		status = index_begin(index, err);
		if (status == CARNET_OK)
			status = replay_sorted(&replay, &reading, err);
	}
	if (status == CARNET_OK)
		status = replay_commit(&replay, unreadable, err);
	else
		index_rollback(index);
	if (status == CARNET_OK && ret_unreadable != NULL)
		*ret_unreadable = unreadable;
	return status;
}

/* --- packs
 * -------------------------------------------------------------------- */

struct replay_packs {
	struct carnet_vault *vault;
	uint8_t (*known)[PACK_ID_LEN]; /* sorted */
	size_t known_len;
	uint64_t bytes; /* of the packs seen */
};

static int
replay_compare_pack(const void *left, const void *right)
{
	return memcmp(left, right, PACK_ID_LEN);
}

static void
replay_say_unreadable(struct carnet_vault *vault)
{
	if (!vault->packs_unreadable)
		vault_warn(
		    vault, CARNET_("the disk can't read a pack now: see carnet "
				   "check"));
	vault->damaged = true;
	vault->packs_unreadable = true;
}

/* Adds a pack's list to the index; a damaged pack is left to check, one that
 * the disk can't read is asked for again next time. */
static enum carnet_status
replay_visit_pack(void *context, const uint8_t id[PACK_ID_LEN], bool is_pack,
    const char *path, uint64_t size, struct carnet_error *err)
{
	struct replay_packs *packs = context;
	struct chunk_row *rows = NULL;
	struct carnet_error why = { 0 };
	enum carnet_status status = CARNET_OK;
	size_t len = 0;
	int fd;

	packs->bytes += size;
	vault_tell(packs->vault, packs->bytes, 0);
	if (!is_pack || (packs->known_len > 0 &&
			    bsearch(id, packs->known, packs->known_len,
				PACK_ID_LEN, replay_compare_pack) != NULL))
		return CARNET_OK;
	fd = openat(packs->vault->fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		status = carnet_fail_errno(&why, errno, "%s", path);
	} else {
		status = pack_read_list(
		    fd, id, packs->vault->keys, &rows, &len, &why);
		(void)close(fd);
	}
	if (status != CARNET_OK && carnet_is_unreadable(&why)) {
		replay_say_unreadable(packs->vault);
		return CARNET_OK;
	}
	if (status == CARNET_DAMAGED) {
		packs->vault->damaged = true;
		vault_warn(packs->vault,
		    CARNET_("a pack is damaged: see carnet check"));
		return CARNET_OK;
	}
	if (status == CARNET_OK)
		status = index_add_chunks(packs->vault->index, rows, len, err);
	else if (err != NULL)
		*err = why;
	free(rows);
	return status;
}

/* Reads the lists of all packs that the index doesn't know. */
static enum carnet_status
replay_packs(struct carnet_vault *vault, struct carnet_error *err)
{
	struct replay_packs packs = { .vault = vault };
	struct carnet_error why = { 0 };
	enum carnet_status status;

	vault->packs_unreadable = false;
	status = index_packs(vault->index, &packs.known, &packs.known_len, err);
	if (status == CARNET_OK)
		status = index_begin(vault->index, err);
	if (status != CARNET_OK) {
		free(packs.known);
		return status;
	}
	status = pack_walk(vault->fd, replay_visit_pack, &packs, &why);
	if (status != CARNET_OK && carnet_is_unreadable(&why)) {
		replay_say_unreadable(vault); /* a folder of packs */
		status = CARNET_OK;
	} else if (status != CARNET_OK && err != NULL) {
		*err = why;
	}
	if (status == CARNET_OK && vault->packs_unreadable)
		status = index_mark_lacking(vault->index, err);
	if (status == CARNET_OK)
		status = index_commit(vault->index, err);
	if (status != CARNET_OK)
		index_rollback(vault->index);
	free(packs.known);
	return status;
}

static void
replay_say_damaged(struct carnet_vault *vault)
{
	vault->damaged = true;
	vault->ledger_damaged = true;
	vault_warn(vault, CARNET_("the ledger is damaged: see carnet check"));
}

static void
replay_say_unread(struct carnet_vault *vault)
{
	vault->damaged = true;
	vault->ledger_unreadable = true;
	vault_warn(vault,
	    CARNET_("the disk can't read a part of the ledger now: see carnet "
		    "check"));
}

/* --- the vault's own index
 * ------------------------------------------------------ */

static enum carnet_status
replay_make(
    struct carnet_vault *vault, enum index_mode mode, struct carnet_error *err)
{
	const struct replay_watch watch = { 0 };
	bool unreadable = false;
	char path[4096 + 16];
	size_t problems = 0;
	enum carnet_status status;

	(void)snprintf(path, sizeof(path), "%s/index.db", vault->path);
	index_close(vault->index);
	vault->index = NULL;
	vault->index_behind = true; /* half of one must not be followed */
	status = index_open(path, vault->keys, mode, &vault->index, err);
	if (status == CARNET_OK)
		status = replay_packs(vault, err);
	if (status == CARNET_OK)
		status = replay_into(
		    vault, vault->index, &watch, &problems, &unreadable, err);
	if (status == CARNET_OK)
		status = index_settle(vault->index, err);
	vault->index_behind = status != CARNET_OK;
	vault->ledger_unreadable = false;
	if (status == CARNET_OK && unreadable)
		replay_say_unread(vault);
	else if (status == CARNET_OK && problems > 0)
		replay_say_damaged(vault);
	return status;
}

enum carnet_status
replay_rebuild(struct carnet_vault *vault, struct carnet_error *err)
{
	return replay_make(vault, INDEX_MAKE, err);
}

enum carnet_status
replay_apart(struct carnet_vault *vault, struct carnet_error *err)
{
	return replay_make(vault, INDEX_MEMORY, err);
}

enum carnet_status
replay_catch_up(struct carnet_vault *vault, struct carnet_error *err)
{
	struct replay replay = { .vault = vault, .index = vault->index };
	bool unreadable = false;
	struct ledger_reading reading = { .visit = replay_visit,
		.context = &replay,
		.unreadable = &unreadable };
	struct ledger_cursor *cursors = NULL;
	size_t len = 0, problems = 0;
	enum carnet_status status = replay_packs(vault, err);

	if (status == CARNET_OK)
		status = index_cursors(vault->index, &cursors, &len, err);
	if (status == CARNET_OK)
		status = index_newest(
		    vault->index, &replay.lamport, replay.device, err);
	reading.cursors = reading.known = cursors;
	reading.cursors_len = reading.known_len = len;
	if (status == CARNET_OK)
		status = index_begin(vault->index, err);
	if (status == CARNET_OK) {
		status = ledger_read(vault->ledger, &reading, &problems, err);
		/* what lies behind it would hide that it was passed over */
		if (status == CARNET_OK && !unreadable && !replay.out_of_order)
			status = replay_commit(&replay, false, err);
		else
			index_rollback(vault->index);
	}
	free(cursors);
	if (status == CARNET_OK && unreadable && vault->committing)
		return carnet_fail(err, CARNET_FAILED, "index");
	if (status == CARNET_OK && unreadable) {
		replay_say_unread(vault);
		return CARNET_OK;
	}
	if (status == CARNET_OK && replay.out_of_order)
		return vault->committing
			   ? carnet_fail(err, CARNET_FAILED, "index")
			   : replay_rebuild(vault, err);
	if (status == CARNET_OK && problems > 0)
		replay_say_damaged(vault);
	if (status == CARNET_OK) /* one that was half made is whole now */
		status = index_settle(vault->index, err);
	return status;
}

enum carnet_status
replay_read(struct carnet_vault *vault, const struct ledger_reading *reading,
    struct carnet_error *err)
{
	struct ledger_reading known = *reading;
	struct ledger_cursor *cursors = NULL;
	enum carnet_status status =
	    index_cursors(vault->index, &cursors, &known.known_len, err);

	known.known = cursors;
	if (status == CARNET_OK)
		status = ledger_read(vault->ledger, &known, NULL, err);
	free(cursors);
	return status;
}

enum carnet_status
replay_find_head(struct carnet_vault *vault, struct carnet_error *err)
{
	struct ledger_cursor *cursors = NULL;
	uint8_t device[DEVICE_ID_LEN];
	size_t len = 0;
	enum carnet_status status =
	    index_cursors(vault->index, &cursors, &len, err);

	if (status != CARNET_OK)
		return status;
	memset(&vault->cursor, 0, sizeof(vault->cursor));
	memcpy(vault->cursor.device, vault->device, DEVICE_ID_LEN);
	for (size_t i = 0; i < len; i++)
		if (memcmp(cursors[i].device, vault->device, DEVICE_ID_LEN) ==
		    0)
			vault->cursor = cursors[i];
	free(cursors);
	return index_newest(vault->index, &vault->lamport, device, err);
}
