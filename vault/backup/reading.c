/* SPDX-License-Identifier: ISC */
/*
 * One snapshot read as if it were restored, in memory alone: its ledger
 * replayed into an index, every chunk of every document looked for in its
 * packs.  Opens no chunk but lists of chunks.  The contract is backup.h's.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup.h"
#include "index.h"
#include "segment.h"

struct reading_item {
	struct event event;
	struct ledger_place place;
};
struct reading {
	const struct backup_reading *wanted;
	struct carnet_backup *backup;
	struct index *index;
	struct store *store;
	struct reading_item *items;
	size_t len, room;
	struct snapshot_head chain;      /* the event before, of one device */
	struct ledger_gaps gaps;         /* events that aren't there */
	uint8_t signer[SIGN_PUBLIC_LEN]; /* as the ledger names it */
	bool has_signer;
};

static void
reading_problem(const struct reading *reading, const char *kind, const char *id,
    const char *detail)
{
	destination_problem(reading->wanted->problems, kind, id, detail);
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
	if (fd < 0)
		return CARNET_OK;
	status = pack_read_list(
	    fd, pack->id, reading->backup->keys, &rows, &len, err);
	(void)close(fd);
	if (status == CARNET_OK)
		status = index_add_chunks(reading->index, rows, len, err);
	else if (status != CARNET_NO_MEMORY)
		status = CARNET_OK;
	free(rows);
	return status;
}

static enum carnet_status
reading_add_packs(struct reading *reading, struct carnet_error *err)
{
	const struct snapshot *snapshot = reading->wanted->snapshot;
	enum carnet_status status = index_begin(reading->index, err);

	for (size_t i = 0; i < snapshot->packs_len && status == CARNET_OK; i++)
		status = reading_add_pack(reading, &snapshot->packs[i], err);
	if (status == CARNET_OK)
		return index_commit(reading->index, err);
	index_rollback(reading->index);
	return status;
}

/* --- ledger
 * -------------------------------------------------------------------- */

/* Each event continues the chain of its device, or a gap is noted. */
static enum carnet_status
reading_follow(struct reading *reading, const char *path,
    const struct event *event, struct carnet_error *err)
{
	struct snapshot_head *chain = &reading->chain;
	enum carnet_status status = CARNET_OK;

	if (memcmp(chain->device, event->device, DEVICE_ID_LEN) != 0)
		memset(chain, 0, sizeof(*chain));
	if (event->seq > chain->seq + 1)
		status = ledger_gaps_add(&reading->gaps, event->device,
		    chain->seq + 1, event->seq - 1, err);
	else if (event->seq != chain->seq + 1 ||
		 memcmp(event->previous, chain->hash, HASH_LEN) != 0)
		reading_problem(reading, "ledger", path,
		    CARNET_("an event does not continue its device's chain"));
	memcpy(chain->device, event->device, DEVICE_ID_LEN);
	chain->seq = event->seq;
	memcpy(chain->hash, event->hash, HASH_LEN);
	if (status == CARNET_OK)
		status = ledger_gaps_take(&reading->gaps, event, err);
	return status;
}

/* Gaps that a repair wrote down were there when the snapshot was made. */
static void
reading_check_gaps(struct reading *reading)
{
	char detail[LEDGER_GAP_TEXT];

	for (size_t i = 0; i < reading->gaps.found_len; i++) {
		const struct ledger_gap *gap = &reading->gaps.found[i];

		if (ledger_gaps_explain(&reading->gaps, gap))
			continue;
		ledger_gap_describe(gap, detail);
		reading_problem(
		    reading, "ledger", reading->wanted->snapshot->id, detail);
	}
}

/* The key by which the device that made the snapshot introduced itself. */
static void
reading_note_signer(struct reading *reading, const struct event *event)
{
	const char *hex;
	cJSON *payload = NULL;

	if (strcmp(event->kind, "device.added") != 0 ||
	    event->payload == NULL ||
	    memcmp(event->device, reading->wanted->snapshot->device,
		DEVICE_ID_LEN) != 0 ||
	    carnet_json_parse((const char *)event->payload, event->payload_len,
		&payload, NULL) != CARNET_OK)
		return;
	hex = carnet_json_string(payload, "public");
	reading->has_signer |=
	    hex != NULL && strlen(hex) == 2 * SIGN_PUBLIC_LEN &&
	    hex_decode(hex, reading->signer, SIGN_PUBLIC_LEN);
	cJSON_Delete(payload);
}

/* Takes the event over. */
static enum carnet_status
reading_keep(struct reading *reading, struct event *event,
    const struct ledger_place *place, struct carnet_error *err)
{
	if (reading->len == reading->room) {
		size_t room = reading->room == 0 ? 1024 : 2 * reading->room;
		struct reading_item *items =
		    reallocarray(reading->items, room, sizeof(*items));

		if (items == NULL)
			return carnet_fail_errno(err, ENOMEM, "backup");
		reading->items = items;
		reading->room = room;
	}
	reading->items[reading->len++] =
	    (struct reading_item){ *event, *place };
	memset(event, 0, sizeof(*event));
	return CARNET_OK;
}

/* One record that opened. */
static enum carnet_status
reading_record(struct reading *reading, const struct segment_view *view,
    const char *path, const struct segment_record *record,
    struct carnet_error *err)
{
	struct ledger_place place = { .segment = view->name->number,
		.revision = view->name->revision,
		.position = record->position,
		.end = record->end };
	struct event event = { 0 };
	enum carnet_status status =
	    event_decode(record->plain, record->plain_len, &event, err);

	if (status == CARNET_OK) {
		status = reading_follow(reading, path, &event, err);
		reading_note_signer(reading, &event);
		if (status == CARNET_OK)
			status = reading_keep(reading, &event, &place, err);
	} else if (status != CARNET_NO_MEMORY) {
		reading_problem(reading, "ledger", path,
		    CARNET_("an event cannot be read"));
		status = CARNET_OK;
	}
	event_clear(&event);
	return status;
}

/* The records of one segment in memory; damage is gone around. */
static enum carnet_status
reading_records(struct reading *reading, const struct segment_view *view,
    const char *path, struct carnet_error *err)
{
	struct segment_record record = { .end = SEGMENT_HEADER_LEN };
	enum carnet_status status = CARNET_OK;

	while (status == CARNET_OK && record.end < view->len) {
		status = segment_next(view, record.end, &record, err);
		if (status != CARNET_OK)
			break;
		if (record.plain == NULL || record.frame_damaged)
			reading_problem(reading, "ledger", path,
			    CARNET_("a record does not open"));
		if (record.plain != NULL)
			status =
			    reading_record(reading, view, path, &record, err);
		segment_record_clear(&record);
	}
	return status;
}

static enum carnet_status
reading_segment(struct reading *reading, const struct snapshot_segment *segment,
    struct carnet_error *err)
{
	struct segment_name name = { .number = segment->number,
		.revision = segment->revision };
	struct segment_view view = { .keys = reading->backup->keys,
		.name = &name };
	char path[BACKUP_SEGMENT_TEXT];
	enum carnet_status status;
	uint8_t *bytes = NULL;

	memcpy(name.vault, reading->backup->vault_id, sizeof(name.vault));
	memcpy(name.device, segment->device, DEVICE_ID_LEN);
	destination_segment_path(segment->hash, path);
	status = files_load(reading->backup->fd, path, SNAPSHOT_SEGMENT_MAX,
	    &bytes, &view.len, err);
	if (status == CARNET_NO_MEMORY)
		return status;
	if (status != CARNET_OK)
		return CARNET_OK; /* told already */
	view.bytes = bytes;
	status = segment_check_header(&name, bytes, view.len, err);
	if (status == CARNET_NEWER)
		reading_problem(reading, "ledger", path,
		    CARNET_("written by a newer carnet"));
	else if (status != CARNET_OK)
		reading_problem(reading, "ledger", path,
		    CARNET_("it is not the segment that was named"));
	if (status != CARNET_NEWER)
		status = reading_records(reading, &view, path, err);
	else
		status = CARNET_OK;
	free(bytes);
	return status;
}

static int
reading_compare(const void *left, const void *right)
{
	const struct event *a = &((const struct reading_item *)left)->event;
	const struct event *b = &((const struct reading_item *)right)->event;
	int order;

	if (a->lamport != b->lamport)
		return a->lamport < b->lamport ? -1 : 1;
	order = memcmp(a->device, b->device, DEVICE_ID_LEN);
	if (order != 0)
		return order;
	return a->seq < b->seq ? -1 : (a->seq > b->seq ? 1 : 0);
}

/* The manifest's heads are the last events that were read. */
static void
reading_check_heads(struct reading *reading)
{
	const struct snapshot *snapshot = reading->wanted->snapshot;

	for (size_t h = 0; h < snapshot->heads_len; h++) {
		const struct snapshot_head *head = &snapshot->heads[h];
		bool found = false;

		for (size_t i = reading->len; i > 0 && !found; i--) {
			const struct event *event =
			    &reading->items[i - 1].event;

			found = event->seq == head->seq &&
				memcmp(event->device, head->device,
				    DEVICE_ID_LEN) == 0 &&
				memcmp(event->hash, head->hash, HASH_LEN) == 0;
		}
		if (!found)
			reading_problem(reading, "snapshot", snapshot->id,
			    CARNET_("its ledger does not end as it says"));
	}
	if (reading->has_signer &&
	    memcmp(reading->signer, snapshot->device_public, SIGN_PUBLIC_LEN) !=
		0)
		reading_problem(reading, "snapshot", snapshot->id,
		    CARNET_("it is signed by a key that is not its device's"));
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

static enum carnet_status
reading_replay(struct reading *reading, struct carnet_error *err)
{
	const struct index_answers answers = { reading, reading_no_answer };
	enum carnet_status status = index_begin(reading->index, err);

	if (reading->len > 1)
		qsort(reading->items, reading->len, sizeof(*reading->items),
		    reading_compare);
	for (size_t i = 0; i < reading->len && status == CARNET_OK; i++)
		status = index_apply(reading->index, &reading->items[i].event,
		    &reading->items[i].place, &answers, err);
	return status; /* never committed: nobody searches it for words */
}

/* --- documents
 * ------------------------------------------------------------------ */

static enum carnet_status
reading_content(void *context, const char *id, bool is_answer,
    const struct content *content, struct carnet_error *err)
{
	struct reading *reading = context;
	const char *kind = is_answer ? "answer" : "document";
	struct chunk_name *names = NULL;
	struct chunk_place place;
	size_t len = 0, missing = 0;
	char detail[160];
	enum carnet_status status =
	    store_content_names(reading->store, content, &names, &len, err);

	if (status == CARNET_DAMAGED) {
		(void)snprintf(detail, sizeof(detail),
		    CARNET_("snapshot %s: the list of its chunks is damaged"),
		    reading->wanted->snapshot->id);
		reading_problem(reading, kind, id, detail);
		return CARNET_OK;
	}
	if (status != CARNET_OK)
		return status;
	for (size_t i = 0; i < len; i++)
		if (index_find_chunk(reading->index, &names[i], &place) != 1)
			missing++;
	free(names);
	if (missing > 0) {
		(void)snprintf(detail, sizeof(detail),
		    CARNET_("snapshot %s: %zu of its chunks are missing"),
		    reading->wanted->snapshot->id, missing);
		reading_problem(reading, kind, id, detail);
	}
	return CARNET_OK;
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

enum carnet_status
reading_check(const struct backup_reading *wanted, uint64_t *ret_documents,
    struct carnet_error *err)
{
	struct reading reading = { .wanted = wanted, .backup = wanted->backup };
	const struct snapshot *snapshot = wanted->snapshot;
	struct store_places places;
	enum carnet_status status;

	status = index_open(
	    NULL, wanted->backup->keys, INDEX_MEMORY, &reading.index, err);
	if (status == CARNET_OK) {
		places =
		    (struct store_places){ reading.index, index_find_chunk };
		status = store_open(wanted->backup->fd, wanted->backup->keys,
		    &places, &reading.store, err);
	}
	if (status == CARNET_OK)
		status = reading_add_packs(&reading, err);
	for (size_t i = 0; i < snapshot->segments_len && status == CARNET_OK;
	     i++)
		status = reading_segment(&reading, &snapshot->segments[i], err);
	if (status == CARNET_OK) {
		reading_check_gaps(&reading);
		reading_check_heads(&reading);
		status = reading_replay(&reading, err);
	}
	if (status == CARNET_OK)
		status = index_contents(
		    reading.index, reading_content, &reading, err);
	if (status == CARNET_OK)
		status = reading_count(&reading, ret_documents, err);
	for (size_t i = 0; i < reading.len; i++)
		event_clear(&reading.items[i].event);
	free(reading.items);
	ledger_gaps_clear(&reading.gaps);
	store_free(reading.store);
	index_rollback(reading.index);
	index_close(reading.index);
	return status;
}
