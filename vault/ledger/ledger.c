/* SPDX-License-Identifier: ISC */
/*
 * Reading the ledger: from segments to events, with what is wrong told and
 * gone around.  Gives no event a meaning.  The contract is in ledger.h.
 */
#include "ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger_files.h"
#include "segment.h"

enum carnet_status
ledger_open(int vault_fd, const uint8_t vault_id[16], const struct keys *keys,
    struct ledger **ret_ledger, struct carnet_error *err)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (ledger == NULL)
		return carnet_fail_errno(err, ENOMEM, "ledger");
	ledger->vault_fd = vault_fd;
	ledger->keys = keys;
	memcpy(ledger->vault_id, vault_id, sizeof(ledger->vault_id));
	*ret_ledger = ledger;
	return CARNET_OK;
}

void
ledger_free(struct ledger *ledger)
{
	free(ledger);
}

/* Reading one device: where it stands, and what has been wrong. */
struct ledger_walk {
	struct ledger *ledger;
	const struct ledger_reading *reading;
	const struct ledger_cursor *known; /* of this device, or NULL */
	uint8_t device[DEVICE_ID_LEN];
	uint64_t expected_segment;
	uint64_t seq;
	uint8_t hash[HASH_LEN];
	bool chain_known; /* seq and hash are those of the event before */
	size_t problems;
};

static void
ledger_walk_problem(
    struct ledger_walk *walk, const char *path, const char *detail)
{
	walk->problems++;
	if (walk->reading->problem != NULL)
		walk->reading->problem(walk->reading->context, path, detail);
}

static const struct ledger_cursor *
ledger_cursor_find(const struct ledger_cursor *cursors, size_t len,
    const uint8_t device[DEVICE_ID_LEN])
{
	for (size_t i = 0; i < len; i++)
		if (memcmp(cursors[i].device, device, DEVICE_ID_LEN) == 0)
			return &cursors[i];
	return NULL;
}

/* Checks the chain and hands one event on. */
static enum carnet_status
ledger_walk_event(struct ledger_walk *walk, const char *path,
    const struct event *event, const struct ledger_place *place,
    struct carnet_error *err)
{
	char detail[160];

	if (memcmp(event->device, walk->device, DEVICE_ID_LEN) != 0) {
		ledger_walk_problem(
		    walk, path, CARNET_("an event of another device"));
		return CARNET_OK;
	}
	if (walk->chain_known && event->seq > walk->seq + 1) {
		(void)snprintf(detail, sizeof(detail),
		    CARNET_("events %" PRIu64 " to %" PRIu64 " are missing"),
		    walk->seq + 1, event->seq - 1);
		ledger_walk_problem(walk, path, detail);
	} else if (walk->chain_known &&
		   (event->seq != walk->seq + 1 ||
		       memcmp(event->previous, walk->hash, HASH_LEN) != 0)) {
		(void)snprintf(detail, sizeof(detail),
		    CARNET_("event %" PRIu64 " does not continue the chain"),
		    event->seq);
		ledger_walk_problem(walk, path, detail);
		if (event->seq <= walk->seq)
			return CARNET_OK; /* seen already: a repeated record */
	}
	walk->chain_known = true;
	walk->seq = event->seq;
	memcpy(walk->hash, event->hash, HASH_LEN);
	return walk->reading->visit(walk->reading->context, event, place, err);
}

/* What doesn't open at `position`: a torn tail, or damage to go around. */
static uint64_t
ledger_walk_broken(struct ledger_walk *walk, const struct ledger_file *file,
    const struct segment_name *name, bool last, const uint8_t *bytes,
    size_t len, uint64_t position)
{
	uint64_t next =
	    segment_resync(walk->ledger->keys, name, bytes, len, position);
	const struct ledger_cursor *known = walk->known;
	bool is_known =
	    known != NULL &&
	    (known->segment > file->segment ||
		(known->segment == file->segment && known->end > position));
	char detail[160];

	if (next == len && last && !is_known)
		return len;
	(void)snprintf(detail, sizeof(detail),
	    CARNET_("bytes %" PRIu64 " to %" PRIu64 " do not open"), position,
	    next);
	ledger_walk_problem(walk, file->path, detail);
	return next;
}

static enum carnet_status
ledger_walk_segment(struct ledger_walk *walk, const struct ledger_file *file,
    bool last, uint64_t start, struct carnet_error *err)
{
	struct segment_name name = { .number = file->segment,
		.revision = file->revision };
	struct carnet_error why;
	enum carnet_status status;
	uint8_t *bytes = NULL;
	uint64_t position;
	size_t len;

	memcpy(name.vault, walk->ledger->vault_id, sizeof(name.vault));
	memcpy(name.device, file->device, DEVICE_ID_LEN);
	status = ledger_file_load(
	    walk->ledger->vault_fd, file->path, &bytes, &len, err);
	if (status != CARNET_OK)
		return status;
	status = segment_check_header(&name, bytes, len, &why);
	if (status == CARNET_NEWER) {
		if (err != NULL)
			*err = why;
		goto done;
	}
	if (status != CARNET_OK && (len >= SEGMENT_HEADER_LEN || !last))
		ledger_walk_problem(walk, file->path, why.message);
	status = CARNET_OK;
	position = start > SEGMENT_HEADER_LEN ? start : SEGMENT_HEADER_LEN;
	while (status == CARNET_OK && position < len) {
		struct ledger_place place = { .segment = file->segment,
			.revision = file->revision,
			.position = position };
		struct event event = { 0 };
		uint8_t *plain = NULL;
		size_t plain_len = 0;

		status = segment_open_record(walk->ledger->keys, &name, bytes,
		    len, position, &plain, &plain_len, &place.end, err);
		if (status == CARNET_NOT_FOUND) {
			position = ledger_walk_broken(
			    walk, file, &name, last, bytes, len, position);
			status = CARNET_OK;
			continue;
		}
		if (status != CARNET_OK)
			break;
		if (!segment_length_is_whole(bytes, position, place.end))
			ledger_walk_problem(walk, file->path,
			    CARNET_("the length before a record is damaged; "
				    "the record is whole"));
		position = place.end;
		status = event_decode(plain, plain_len, &event, &why);
		free(plain);
		if (status == CARNET_DAMAGED) {
			ledger_walk_problem(walk, file->path, why.message);
			status = CARNET_OK;
			continue;
		}
		if (status == CARNET_OK)
			status = ledger_walk_event(
			    walk, file->path, &event, &place, err);
		else if (err != NULL)
			*err = why;
		event_clear(&event);
	}
done:
	free(bytes);
	return status;
}

/* Tells of segments that should be between the last one and this. */
static void
ledger_walk_gap(struct ledger_walk *walk, const char *path, uint64_t segment)
{
	char detail[160];

	if (segment > walk->expected_segment) {
		(void)snprintf(detail, sizeof(detail),
		    CARNET_("segments %" PRIu64 " to %" PRIu64
			    " are missing before it"),
		    walk->expected_segment, segment - 1);
		ledger_walk_problem(walk, path, detail);
	}
	walk->expected_segment = segment + 1;
}

/* One device's files, all in a row. */
static enum carnet_status
ledger_walk_device(struct ledger_walk *walk, const struct ledger_file *files,
    size_t len, struct carnet_error *err)
{
	const struct ledger_reading *reading = walk->reading;
	const struct ledger_cursor *cursor = ledger_cursor_find(
	    reading->cursors, reading->cursors_len, files[0].device);
	const struct ledger_file *newest = &files[len - 1];
	enum carnet_status status = CARNET_OK;

	memcpy(walk->device, files[0].device, DEVICE_ID_LEN);
	walk->known = ledger_cursor_find(
	    reading->known, reading->known_len, files[0].device);
	walk->expected_segment = cursor == NULL ? 1 : cursor->segment;
	walk->chain_known = true; /* the first event is 1, after zeros */
	walk->seq = cursor == NULL ? 0 : cursor->seq;
	memset(walk->hash, 0, HASH_LEN);
	if (cursor != NULL)
		memcpy(walk->hash, cursor->hash, HASH_LEN);
	for (size_t i = 0; i < len && status == CARNET_OK; i++) {
		uint64_t start = 0;

		if (cursor != NULL && files[i].segment < cursor->segment)
			continue;
		if (cursor != NULL && files[i].segment == cursor->segment)
			start = cursor->end;
		ledger_walk_gap(walk, files[i].path, files[i].segment);
		status = ledger_walk_segment(
		    walk, &files[i], files + i == newest, start, err);
	}
	if (status == CARNET_OK && walk->known != NULL &&
	    (newest->segment < walk->known->segment ||
		(newest->segment == walk->known->segment &&
		    newest->revision == walk->known->revision &&
		    newest->size < walk->known->end)))
		ledger_walk_problem(walk, newest->path,
		    CARNET_("older than the database: files were put back, or "
			    "cut short"));
	return status;
}

enum carnet_status
ledger_read(struct ledger *ledger, const struct ledger_reading *reading,
    size_t *ret_problems, struct carnet_error *err)
{
	struct ledger_walk walk = { .ledger = ledger, .reading = reading };
	struct ledger_file *files = NULL;
	enum carnet_status status;
	size_t len = 0, end;

	status = ledger_list(ledger->vault_fd, &files, &len, err);
	if (status != CARNET_OK)
		return status;
	for (size_t i = 0; i < len && status == CARNET_OK; i = end) {
		for (end = i + 1;
		     end < len && memcmp(files[i].device, files[end].device,
				      DEVICE_ID_LEN) == 0;
		     end++)
			;
		status = ledger_walk_device(&walk, files + i, end - i, err);
	}
	for (size_t k = 0; k < reading->known_len && status == CARNET_OK; k++) {
		char path[LEDGER_PATH_TEXT];
		bool found = false;

		for (size_t i = 0; i < len && !found; i++)
			found =
			    memcmp(files[i].device, reading->known[k].device,
				DEVICE_ID_LEN) == 0;
		if (found)
			continue;
		ledger_path(reading->known[k].device, 1, 0, path);
		ledger_walk_problem(
		    &walk, path, CARNET_("a device's segments are missing"));
	}
	free(files);
	if (status == CARNET_OK && ret_problems != NULL)
		*ret_problems = walk.problems;
	return status;
}

enum carnet_status
ledger_compare(struct ledger *ledger, const struct ledger_cursor *cursors,
    size_t len, enum ledger_relation *ret_relation, struct carnet_error *err)
{
	enum ledger_relation relation = LEDGER_SAME;
	struct ledger_file *files = NULL;
	size_t files_len = 0, found = 0;
	enum carnet_status status =
	    ledger_list(ledger->vault_fd, &files, &files_len, err);

	if (status != CARNET_OK)
		return status;
	for (size_t i = 0; i < files_len; i++) {
		const struct ledger_cursor *cursor =
		    ledger_cursor_find(cursors, len, files[i].device);
		enum ledger_relation one = LEDGER_SAME;

		if (cursor == NULL || files[i].segment > cursor->segment) {
			one = files[i].size > SEGMENT_HEADER_LEN ? LEDGER_AHEAD
								 : LEDGER_SAME;
		} else if (files[i].segment == cursor->segment) {
			found++;
			if (files[i].revision != cursor->revision)
				one = LEDGER_REWRITTEN;
			else if (files[i].size < cursor->end)
				one = LEDGER_BEHIND;
			else if (files[i].size > cursor->end)
				one = LEDGER_AHEAD;
		}
		if (one > relation)
			relation = one;
	}
	if (found < len)
		relation = LEDGER_BEHIND;
	free(files);
	*ret_relation = relation;
	return CARNET_OK;
}
