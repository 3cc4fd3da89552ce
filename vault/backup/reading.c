/* SPDX-License-Identifier: ISC */
/*
 * Snapshots read as if they were restored, in memory alone: the ledger
 * replayed into an index, every chunk of every document looked for in the
 * packs.  Opens no chunk but lists of chunks.  Of a snapshot that names all
 * that the one before did, only what came since is read: what was found for
 * that one, this one has, too.  The contract is backup.h's.
 */
#include "reading.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
reading_problem(struct reading *reading, const char *kind, const char *id,
    const char *detail)
{
	reading->is_sound = false;
	destination_problem(reading->problems, kind, id, detail);
}

/* --- from one snapshot to the next
 * ------------------------------------------------------ */

static int
reading_compare_segment(const void *left, const void *right)
{
	const struct snapshot_segment *a = left, *b = right;
	int order = memcmp(a->device, b->device, DEVICE_ID_LEN);

	if (order != 0)
		return order;
	return a->number < b->number ? -1 : (a->number > b->number ? 1 : 0);
}

bool
reading_has_segment(
    const struct snapshot *snapshot, const struct snapshot_segment *segment)
{
	const struct snapshot_segment *found =
	    snapshot->segments_len == 0
		? NULL
		: bsearch(segment, snapshot->segments, snapshot->segments_len,
		      sizeof(*segment), reading_compare_segment);

	return found != NULL && found->revision == segment->revision &&
	       found->size == segment->size &&
	       memcmp(found->hash, segment->hash, HASH_LEN) == 0;
}

static int
reading_compare_pack(const void *left, const void *right)
{
	return memcmp(((const struct snapshot_pack *)left)->id,
	    ((const struct snapshot_pack *)right)->id, PACK_ID_LEN);
}

static bool
reading_has_pack(
    const struct snapshot *snapshot, const struct snapshot_pack *pack)
{
	return snapshot->packs_len > 0 &&
	       bsearch(pack, snapshot->packs, snapshot->packs_len,
		   sizeof(*pack), reading_compare_pack) != NULL;
}

/* Whether each device's new segments stand behind those before. */
static bool
reading_is_behind(const struct snapshot *before, const struct snapshot *later)
{
	for (size_t i = 0; i + 1 < later->segments_len; i++) {
		const struct snapshot_segment *pair = &later->segments[i];

		if (memcmp(pair[0].device, pair[1].device, DEVICE_ID_LEN) ==
			0 &&
		    !reading_has_segment(before, &pair[0]) &&
		    reading_has_segment(before, &pair[1]))
			return false;
	}
	return true;
}

static bool
reading_goes_on(const struct reading *reading)
{
	const struct snapshot *before = &reading->before;
	const struct snapshot *later = &reading->snapshot;

	if (reading->index == NULL)
		return false;
	for (size_t i = 0; i < before->segments_len; i++)
		if (!reading_has_segment(later, &before->segments[i]))
			return false;
	for (size_t i = 0; i < before->packs_len; i++)
		if (!reading_has_pack(later, &before->packs[i]))
			return false;
	return reading_is_behind(before, later);
}

static void
reading_drop_items(struct reading *reading)
{
	for (size_t i = 0; i < reading->len; i++)
		event_clear(&reading->items[i].event);
	reading->len = 0;
}

/* As if nothing had been read. */
static void
reading_reset(struct reading *reading)
{
	reading_drop_items(reading);
	snapshot_clear(&reading->before);
	store_free(reading->store);
	reading->store = NULL;
	index_rollback(reading->index);
	index_close(reading->index);
	reading->index = NULL;
	free(reading->chains);
	reading->chains = NULL;
	reading->chains_len = 0;
	free(reading->signers);
	reading->signers = NULL;
	reading->signers_len = 0;
	reading->applied = (struct snapshot_head){ 0 };
	ledger_gaps_clear(&reading->gaps);
	row_table_clear(&reading->found);
	row_table_clear(&reading->listed);
}

static enum carnet_status
reading_begin(struct reading *reading, struct carnet_error *err)
{
	enum carnet_status status = index_open(
	    NULL, reading->backup->keys, INDEX_MEMORY, &reading->index, err);

	if (status == CARNET_OK) {
		reading->places =
		    (struct store_places){ .context = reading->index,
			    .find = index_find_chunk };
		status = store_open(reading->backup->fd, reading->backup->keys,
		    &reading->places, &reading->store, err);
	}
	if (status == CARNET_OK)
		status = index_begin(reading->index, err);
	return status; /* never committed: nobody searches it for words */
}

/* --- packs
 * -------------------------------------------------------------------- */

/* A pack that isn't whole was told of already. */
static enum carnet_status
reading_add_pack(struct reading *reading, const struct snapshot_pack *pack,
    struct carnet_error *err)
{
	struct chunk_row *rows = NULL;
	char path[PACK_PATH_TEXT];
	enum carnet_status status;
	size_t len = 0;
	int fd;

	pack_path(pack->id, path);
	fd = openat(reading->backup->fd, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		reading->is_sound = false;
		return CARNET_OK;
	}
	status = pack_read_list(
	    fd, pack->id, reading->backup->keys, &rows, &len, err);
	(void)close(fd);
	if (status == CARNET_OK) {
		status = index_add_chunks(reading->index, rows, len, err);
	} else if (status != CARNET_NO_MEMORY) {
		reading->is_sound = false;
		status = CARNET_OK;
	}
	free(rows);
	return status;
}

static enum carnet_status
reading_add_packs(struct reading *reading, struct carnet_error *err)
{
	const struct snapshot *snapshot = &reading->snapshot;
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < snapshot->packs_len && status == CARNET_OK; i++)
		if (!reading_has_pack(&reading->before, &snapshot->packs[i]))
			status =
			    reading_add_pack(reading, &snapshot->packs[i], err);
	return status;
}

/* --- events
 * -------------------------------------------------------------------- */

static int
reading_order(const struct event *a, uint64_t lamport,
    const uint8_t device[DEVICE_ID_LEN], uint64_t seq)
{
	int order;

	if (a->lamport != lamport)
		return a->lamport < lamport ? -1 : 1;
	order = memcmp(a->device, device, DEVICE_ID_LEN);
	if (order != 0)
		return order;
	return a->seq < seq ? -1 : (a->seq > seq ? 1 : 0);
}

static int
reading_compare(const void *left, const void *right)
{
	const struct event *a = &((const struct reading_item *)left)->event;
	const struct event *b = &((const struct reading_item *)right)->event;

	return reading_order(a, b->lamport, b->device, b->seq);
}

/* Text of answers isn't needed to know whether chunks are there. */
static enum carnet_status
reading_no_answer(void *context, const struct content *content,
    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err)
{
	(void)context;
	(void)content;
	(void)ret_bytes;
	(void)ret_len;
	(void)err;
	return CARNET_NOT_FOUND;
}

/* *ret_late: an event belongs before those of the snapshots before, and none
 * was applied. */
static enum carnet_status
reading_replay(
    struct reading *reading, bool *ret_late, struct carnet_error *err)
{
	const struct index_answers answers = { reading, reading_no_answer };
	struct snapshot_head *applied = &reading->applied;
	enum carnet_status status = CARNET_OK;

	if (reading->len == 0)
		return CARNET_OK;
	qsort(reading->items, reading->len, sizeof(*reading->items),
	    reading_compare);
	*ret_late = reading_order(&reading->items[0].event, applied->lamport,
			applied->device, applied->seq) < 0;
	for (size_t i = 0;
	     i < reading->len && status == CARNET_OK && !*ret_late; i++) {
		const struct event *event = &reading->items[i].event;

		status = index_apply(reading->index, event,
		    &reading->items[i].place, &answers, err);
		applied->lamport = event->lamport;
		applied->seq = event->seq;
		memcpy(applied->device, event->device, DEVICE_ID_LEN);
	}
	return status;
}

/* --- documents
 * ------------------------------------------------------------------ */

/* Of contents that were found before, nothing is asked again. */
static bool
reading_knows(const struct reading *reading, const struct content *content)
{
	const struct row_table *table =
	    content->depth == 0 ? &reading->found : &reading->listed;

	for (size_t i = 0; i < content->len; i++)
		if (row_table_find(table, &content->names[i]) == NULL)
			return false;
	return true;
}

static enum carnet_status
reading_note(struct row_table *table, const struct chunk_row *row,
    struct carnet_error *err)
{
	if (row_table_find(table, &row->name) != NULL ||
	    row_table_add(table, row))
		return CARNET_OK;
	return carnet_fail_errno(err, ENOMEM, "backup");
}

/* Looks for each chunk; counts those that aren't there. */
static enum carnet_status
reading_find(struct reading *reading, const struct chunk_name *names,
    size_t len, size_t *ret_missing, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < len && status == CARNET_OK; i++) {
		struct chunk_row row = { .name = names[i] };

		if (row_table_find(&reading->found, &names[i]) != NULL)
			continue;
		if (index_find_chunk(reading->index, &names[i], &row.place) ==
		    1)
			status = reading_note(&reading->found, &row, err);
		else
			++*ret_missing;
	}
	return status;
}

static enum carnet_status
reading_note_lists(struct reading *reading, const struct content *content,
    struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0;
	     content->depth > 0 && i < content->len && status == CARNET_OK; i++)
		status = reading_note(&reading->listed,
		    &(struct chunk_row){ .name = content->names[i] }, err);
	return status;
}

static enum carnet_status
reading_content(void *context, const char *id, bool is_answer,
    const struct content *content, struct carnet_error *err)
{
	struct reading *reading = context;
	const char *kind = is_answer ? "answer" : "document";
	struct chunk_name *names = NULL;
	size_t len = 0, missing = 0;
	char detail[160];
	enum carnet_status status;

	if (reading_knows(reading, content))
		return CARNET_OK;
	status =
	    store_content_names(reading->store, content, &names, &len, err);
	if (status == CARNET_DAMAGED) {
		(void)snprintf(detail, sizeof(detail),
		    CARNET_("snapshot %s: the list of its chunks is damaged"),
		    reading->snapshot.id);
		reading_problem(reading, kind, id, detail);
		return CARNET_OK;
	}
	if (status != CARNET_OK)
		return status;
	status = reading_find(reading, names, len, &missing, err);
	free(names);
	if (status == CARNET_OK && missing == 0)
		status = reading_note_lists(reading, content, err);
	if (missing > 0) {
		(void)snprintf(detail, sizeof(detail),
		    CARNET_("snapshot %s: %zu of its chunks are missing"),
		    reading->snapshot.id, missing);
		reading_problem(reading, kind, id, detail);
	}
	return status;
}

static enum carnet_status
reading_count(
    struct reading *reading, uint64_t *ret_documents, struct carnet_error *err)
{
	cJSON *counts = NULL;
	int64_t documents = 0;
	enum carnet_status status = index_counts(reading->index, &counts, err);

	if (status != CARNET_OK)
		return status;
	(void)carnet_json_int(counts, "documents", &documents);
	cJSON_Delete(counts);
	*ret_documents = (uint64_t)documents;
	return CARNET_OK;
}

/* --- all of it
 * ---------------------------------------------------------------------- */

/* *ret_late: as reading_replay's. */
static enum carnet_status
reading_more(struct reading *reading, bool *ret_late, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	if (reading->index == NULL)
		status = reading_begin(reading, err);
	if (status == CARNET_OK)
		status = reading_add_packs(reading, err);
	if (status == CARNET_OK)
		status = reading_ledger(reading, err);
	if (status == CARNET_OK)
		status = reading_replay(reading, ret_late, err);
	return status;
}

enum carnet_status
reading_check(struct reading *reading, struct snapshot *snapshot,
    cJSON *problems, uint64_t *ret_documents, struct carnet_error *err)
{
	int told = cJSON_GetArraySize(problems);
	enum carnet_status status;
	bool is_late = false;

	reading->snapshot = *snapshot;
	memset(snapshot, 0, sizeof(*snapshot));
	reading->problems = problems;
	if (!reading_goes_on(reading))
		reading_reset(reading);
	reading->is_sound = true;
	status = reading_more(reading, &is_late, err);
	if (status == CARNET_OK && is_late) {
		reading_reset(reading);
		while (cJSON_GetArraySize(problems) > told) /* once more */
			cJSON_DeleteItemFromArray(problems, told);
		is_late = false;
		status = reading_more(reading, &is_late, err);
	}
	if (status == CARNET_OK)
		status = index_contents(
		    reading->index, reading_content, reading, err);
	if (status == CARNET_OK)
		status = reading_count(reading, ret_documents, err);
	reading_drop_items(reading);
	snapshot_clear(&reading->before);
	reading->before = reading->snapshot;
	memset(&reading->snapshot, 0, sizeof(reading->snapshot));
	if (status != CARNET_OK || !reading->is_sound)
		reading_reset(reading);
	return status;
}

struct reading *
reading_open(struct carnet_backup *backup)
{
	struct reading *reading = calloc(1, sizeof(*reading));

	if (reading != NULL)
		reading->backup = backup;
	return reading;
}

void
reading_close(struct reading *reading)
{
	if (reading == NULL)
		return;
	reading_reset(reading);
	free(reading->items);
	free(reading);
}
