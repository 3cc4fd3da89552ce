/* SPDX-License-Identifier: ISC */
/*
 * What the packs hold, which of it the ledger names, and where each chunk is
 * at home.  Writes nothing but away unfinished packs.  The contract is
 * compact.h.
 */
#include "compact.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
compact_pack_clear(struct compact_pack *pack)
{
	free(pack->rows);
	free(pack->roles);
	free(pack->lens);
}

void
compact_clear(struct compact *compact)
{
	for (size_t i = 0; i < compact->len; i++)
		compact_pack_clear(&compact->packs[i]);
	free(compact->packs);
	free(compact->live);
	free(compact->entries);
	cJSON_Delete(compact->problems);
}

struct compact_pack *
compact_add_pack(struct compact *compact, const uint8_t id[PACK_ID_LEN],
    uint64_t size, struct chunk_row *rows, size_t len)
{
	struct compact_pack pack = { .size = size, .rows = rows, .len = len };

	if (compact->len == compact->room) {
		size_t room = compact->room == 0 ? 64 : 2 * compact->room;
		struct compact_pack *grown =
		    reallocarray(compact->packs, room, sizeof(*grown));

		if (grown == NULL)
			goto failed;
		compact->packs = grown;
		compact->room = room;
	}
	memcpy(pack.id, id, PACK_ID_LEN);
	pack.fixed = rows == NULL;
	pack.roles = calloc(len + 1, sizeof(*pack.roles));
	pack.lens = calloc(len + 1, sizeof(*pack.lens));
	if (pack.roles == NULL || pack.lens == NULL)
		goto failed;
	compact->packs[compact->len] = pack;
	return &compact->packs[compact->len++];
failed:
	compact_pack_clear(&pack);
	return NULL;
}

bool
compact_is_hurt(const struct carnet_error *why)
{
	return why->status == CARNET_DAMAGED || carnet_is_unreadable(why);
}

void
compact_hurt(
    struct compact *compact, struct compact_pack *pack, const char *detail)
{
	char path[PACK_PATH_TEXT];

	pack->fixed = true;
	pack->chosen = false;
	compact->vault->damaged = true;
	pack_path(pack->id, path);
	(void)carnet_problem_add(compact->problems, "pack", path, detail);
}

/* --- loading -------------------------------------------------------------- */

static enum carnet_status
load_sweep(struct compact *compact, const char *path, struct carnet_error *err)
{
	bool swept = false;
	enum carnet_status status = CARNET_OK;

	if (!compact->options->dry_run)
		status = pack_sweep(compact->vault->fd, path, &swept, err);
	if (swept)
		compact->count.swept++;
	return status;
}

static enum carnet_status
load_pack(void *context, const uint8_t id[PACK_ID_LEN], bool is_pack,
    const char *path, uint64_t size, struct carnet_error *err)
{
	struct compact *compact = context;
	struct chunk_row *rows = NULL;
	struct compact_pack *pack;
	struct carnet_error why = { 0 };
	enum carnet_status status;
	size_t len = 0;
	int fd;

	if (!is_pack)
		return load_sweep(compact, path, err);
	fd =
	    openat(compact->vault->fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		status = carnet_fail_errno(&why, errno, "%s", path);
	else
		status = pack_read_list(
		    fd, id, compact->vault->keys, &rows, &len, &why);
	if (fd >= 0)
		(void)close(fd);
	if (status != CARNET_OK && !compact_is_hurt(&why)) {
		if (err != NULL)
			*err = why;
		return status;
	}
	pack = compact_add_pack(compact, id, size, rows, len);
	if (pack == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	if (status != CARNET_OK)
		compact_hurt(compact, pack, why.message);
	return CARNET_OK;
}

enum carnet_status
compact_load(struct compact *compact, struct carnet_error *err)
{
	return pack_walk(compact->vault->fd, load_pack, compact, err);
}

/* --- what the ledger names ------------------------------------------------ */

static enum carnet_status
name_add(struct compact *compact, const struct chunk_name *names, size_t len,
    struct carnet_error *err)
{
	if (compact->live_len + len > compact->live_room) {
		size_t room = 2 * (compact->live_len + len);
		struct compact_live *grown =
		    reallocarray(compact->live, room, sizeof(*grown));

		if (grown == NULL)
			return carnet_fail_errno(err, ENOMEM, "vault");
		compact->live = grown;
		compact->live_room = room;
	}
	for (size_t i = 0; i < len; i++) {
		compact->live[compact->live_len].name = names[i];
		compact->live[compact->live_len].rank =
		    (uint32_t)compact->live_len;
		compact->live_len++;
	}
	return CARNET_OK;
}

/* Of a content whose list can't be read, the chunks are anybody's. */
static enum carnet_status
name_content(void *context, const struct event *event, const cJSON *payload,
    const struct content *content, struct carnet_error *err)
{
	struct compact *compact = context;
	struct chunk_name *names = NULL;
	struct carnet_error why = { 0 };
	size_t len = 0;
	enum carnet_status status = store_content_names(
	    compact->vault->store, content, &names, &len, &why);

	(void)event;
	(void)payload;
	if (status != CARNET_OK && compact_is_hurt(&why)) {
		compact->unsure = true;
		return name_add(compact, content->names, content->len, err);
	}
	if (status != CARNET_OK) {
		if (err != NULL)
			*err = why;
		return status;
	}
	status = name_add(compact, names, len, err);
	free(names);
	return status;
}

static int
name_order(const void *left, const void *right)
{
	const struct compact_live *a = left, *b = right;
	int order = memcmp(&a->name, &b->name, HASH_LEN);

	return order != 0 ? order : (a->rank > b->rank) - (a->rank < b->rank);
}

enum carnet_status
compact_name(struct compact *compact, struct carnet_error *err)
{
	bool whole = false;
	enum carnet_status status =
	    named_contents(compact->vault, name_content, compact, &whole, err);

	if (status != CARNET_OK)
		return status;
	/* what the disk can't read now may name more */
	if (!whole || compact->vault->packs_unreadable)
		compact->unsure = true;
	if (compact->live_len > 0)
		qsort(compact->live, compact->live_len, sizeof(*compact->live),
		    name_order);
	return CARNET_OK;
}

static int
live_order(const void *left, const void *right)
{
	return memcmp(left, right, HASH_LEN);
}

const struct compact_live *
compact_find_live(const struct compact *compact, const struct chunk_name *name)
{
	if (compact->live_len == 0)
		return NULL;
	return bsearch(name, compact->live, compact->live_len,
	    sizeof(*compact->live), live_order);
}

/* --- roles ---------------------------------------------------------------- */

/* Full packs first: what is in one of them needs no other. */
static int
mark_order_packs(const void *left, const void *right)
{
	const struct compact_pack *a =
	    *(const struct compact_pack *const *)left;
	const struct compact_pack *b =
	    *(const struct compact_pack *const *)right;

	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	if (a->len != b->len)
		return a->len > b->len ? -1 : 1;
	return memcmp(a->id, b->id, PACK_ID_LEN);
}

static int
mark_order_entries(const void *left, const void *right)
{
	const struct compact_entry *a = left, *b = right;
	int order = memcmp(&a->row->name, &b->row->name, HASH_LEN);

	return order != 0 ? order
			  : (a->order > b->order) - (a->order < b->order);
}

/* Every chunk of every pack that counts, sorted. */
static enum carnet_status
mark_gather(struct compact *compact, struct carnet_error *err)
{
	struct compact_pack **order =
	    calloc(compact->len + 1, sizeof(struct compact_pack *));
	size_t len = 0, rows = 0;

	for (size_t i = 0; i < compact->len && order != NULL; i++) {
		if (compact->packs[i].fixed)
			continue;
		order[len++] = &compact->packs[i];
		rows += compact->packs[i].len;
	}
	free(compact->entries);
	compact->entries_len = 0;
	compact->entries = calloc(rows + 1, sizeof(*compact->entries));
	if (order == NULL || compact->entries == NULL) {
		free(order);
		return carnet_fail_errno(err, ENOMEM, "vault");
	}
	if (len > 0)
		qsort(order, len, sizeof(struct compact_pack *),
		    mark_order_packs);
	for (size_t i = 0; i < len; i++)
		for (size_t k = 0; k < order[i]->len; k++)
			compact->entries[compact->entries_len++] =
			    (struct compact_entry){ &order[i]->rows[k],
				    (uint32_t)(order[i] - compact->packs),
				    (uint32_t)i };
	if (rows > 0)
		qsort(compact->entries, rows, sizeof(*compact->entries),
		    mark_order_entries);
	free(order);
	return CARNET_OK;
}

static void
mark_entry(struct compact *compact, size_t i)
{
	const struct compact_entry *entry = &compact->entries[i];
	struct compact_pack *pack = &compact->packs[entry->pack];
	const struct compact_live *live =
	    compact_find_live(compact, &entry->row->name);
	uint8_t *role = &pack->roles[entry->row - pack->rows];

	if (live == NULL && !compact->unsure)
		*role = COMPACT_DEAD;
	else if (i > 0 &&
		 memcmp(&entry[-1].row->name, &entry->row->name, HASH_LEN) == 0)
		*role = COMPACT_COPY;
	else
		*role = COMPACT_HOME;
	if (*role == COMPACT_HOME) {
		pack->lens[pack->home++] = entry->row->place.len;
		if (live != NULL && live->rank < pack->rank)
			pack->rank = live->rank;
	} else
		pack->dead += entry->row->place.len;
}

enum carnet_status
compact_mark(struct compact *compact, struct carnet_error *err)
{
	enum carnet_status status = mark_gather(compact, err);

	for (size_t i = 0; i < compact->len; i++) {
		compact->packs[i].home = 0;
		compact->packs[i].dead = 0;
		compact->packs[i].rank = UINT32_MAX;
	}
	for (size_t i = 0; status == CARNET_OK && i < compact->entries_len; i++)
		mark_entry(compact, i);
	return status;
}

const struct compact_entry *
compact_home(const struct compact *compact, const struct chunk_name *name)
{
	size_t low = 0, high = compact->entries_len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(&compact->entries[middle].row->name, name,
			HASH_LEN) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == compact->entries_len ||
	    memcmp(&compact->entries[low].row->name, name, HASH_LEN) != 0)
		return NULL;
	return &compact->entries[low];
}

enum carnet_status
compact_choose(struct compact *compact, uint64_t round,
    struct compact_outcome *ret_outcome, bool *ret_any,
    struct carnet_error *err)
{
	struct compact_weight *weights =
	    calloc(compact->len + 1, sizeof(*weights));
	enum carnet_status status;

	if (weights == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	for (size_t i = 0; i < compact->len; i++) {
		const struct compact_pack *pack = &compact->packs[i];
		const struct chunk_place *last =
		    pack->len == 0 ? NULL : &pack->rows[pack->len - 1].place;

		weights[i] = (struct compact_weight){ .size = pack->size,
			.used = last == NULL ? 0 : last->offset + last->len,
			.dead = pack->dead,
			.listed = pack->len,
			.lens = pack->lens,
			.count = pack->home,
			.fixed = pack->fixed };
	}
	status = compact_plan(weights, compact->len, round, ret_outcome, err);
	*ret_any = false;
	for (size_t i = 0; i < compact->len && status == CARNET_OK; i++) {
		compact->packs[i].chosen = weights[i].chosen;
		*ret_any |= weights[i].chosen;
	}
	free(weights);
	return status;
}
