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
#include "ledger_heads.h"
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
	uint64_t seq; /* of the event before, and its hash */
	uint8_t hash[HASH_LEN];
	uint64_t broken; /* records since then that don't open */
	bool unread;     /* a segment since then that the disk can't read */
	struct ledger_gaps gaps;
	struct ledger_heads heads;
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

/* Checks the chain and hands one event on. */
static enum carnet_status
ledger_walk_event(struct ledger_walk *walk, const char *path,
    const struct event *event, const struct ledger_place *place,
    struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	char detail[160];

	if (memcmp(event->device, walk->device, DEVICE_ID_LEN) != 0) {
		ledger_walk_problem(
		    walk, path, CARNET_("an event of another device"));
		return CARNET_OK;
	}
	if (walk->unread && event->seq > walk->seq) {
		walk->unread = false; /* what lies between may be whole */
	} else if (event->seq > walk->seq + 1) {
		status = ledger_gaps_add(&walk->gaps, walk->device,
		    walk->seq + 1, event->seq - 1, err);
	} else if (event->seq != walk->seq + 1 ||
		   memcmp(event->previous, walk->hash, HASH_LEN) != 0) {
		(void)snprintf(detail, sizeof(detail),
		    CARNET_("event %" PRIu64 " does not continue the chain"),
		    event->seq);
		ledger_walk_problem(walk, path, detail);
		if (event->seq <= walk->seq)
			return CARNET_OK; /* seen already: a repeated record */
	}
	walk->broken = 0;
	walk->seq = event->seq;
	memcpy(walk->hash, event->hash, HASH_LEN);
	if (status == CARNET_OK)
		status = ledger_gaps_take(&walk->gaps, event, err);
	if (status == CARNET_OK)
		status = ledger_heads_take(&walk->heads, event, err);
	if (status == CARNET_OK)
		status = walk->reading->visit(
		    walk->reading->context, event, place, err);
	return status;
}

static void
ledger_walk_broken(struct ledger_walk *walk, const char *path,
    const struct segment_record *record)
{
	char detail[160];

	if (record->plain == NULL) {
		walk->broken++;
		(void)snprintf(detail, sizeof(detail),
		    CARNET_("bytes %" PRIu64 " to %" PRIu64 " do not open"),
		    record->position, record->end);
	} else {
		(void)snprintf(detail, sizeof(detail),
		    CARNET_("the length of the record at byte %" PRIu64
			    " is damaged; what it holds is whole"),
		    record->position);
	}
	ledger_walk_problem(walk, path, detail);
}

/* One record that opened. */
static enum carnet_status
ledger_walk_record(struct ledger_walk *walk, const struct ledger_file *file,
    const struct segment_record *record, struct carnet_error *err)
{
	struct ledger_place place = { .segment = file->segment,
		.revision = file->revision,
		.position = record->position,
		.end = record->end };
	struct event event = { 0 };
	struct carnet_error why;
	enum carnet_status status =
	    event_decode(record->plain, record->plain_len, &event, &why);

	if (status == CARNET_OK) {
		status =
		    ledger_walk_event(walk, file->path, &event, &place, err);
	} else if (status == CARNET_DAMAGED) {
		ledger_walk_problem(walk, file->path, why.message);
		status = CARNET_OK;
	} else if (err != NULL) {
		*err = why;
	}
	event_clear(&event);
	return status;
}

static enum carnet_status
ledger_walk_records(struct ledger_walk *walk, const struct ledger_file *file,
    const struct segment_view *view, uint64_t start, bool last,
    struct carnet_error *err)
{
	struct segment_record record = { .end = start };
	enum carnet_status status = CARNET_OK;
	uint64_t end = view->len;

	if (last)
		status = segment_find_torn(view, start, walk->seq + 1,
		    ledger_known_end(walk->known, file), &end, err);
	while (status == CARNET_OK && record.end < end) {
		status = segment_next(view, record.end, &record, err);
		if (status != CARNET_OK)
			break;
		if (record.plain == NULL || record.frame_damaged)
			ledger_walk_broken(walk, file->path, &record);
		if (record.plain != NULL)
			status = ledger_walk_record(walk, file, &record, err);
		segment_record_clear(&record);
	}
	return status;
}

/* A file that the disk can't read now is a problem, and no loss. */
static enum carnet_status
ledger_walk_load(struct ledger_walk *walk, const struct ledger_file *file,
    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err)
{
	struct carnet_error why = { 0 };
	enum carnet_status status = ledger_file_load(
	    walk->ledger->vault_fd, file->path, ret_bytes, ret_len, &why);

	if (status != CARNET_OK && walk->reading->unreadable != NULL &&
	    carnet_is_unreadable(&why)) {
		ledger_walk_problem(walk, file->path, why.message);
		*walk->reading->unreadable = walk->unread = true;
		return CARNET_OK;
	}
	if (status != CARNET_OK && err != NULL)
		*err = why;
	return status;
}

static enum carnet_status
ledger_walk_segment(struct ledger_walk *walk, const struct ledger_file *file,
    bool last, uint64_t start, struct carnet_error *err)
{
	struct segment_name name;
	struct segment_view view = { .keys = walk->ledger->keys,
		.name = &name };
	struct carnet_error why;
	enum carnet_status status;
	uint8_t *bytes = NULL;

	ledger_file_name(walk->ledger, file, &name);
	status = ledger_walk_load(walk, file, &bytes, &view.len, err);
	if (status != CARNET_OK || bytes == NULL)
		return status;
	view.bytes = bytes;
	status = segment_check_header(&name, bytes, view.len, &why);
	if (status == CARNET_DAMAGED) {
		/* a new segment gets its name when it is on the disk: a short
		 * header is damage, too */
		ledger_walk_problem(walk, file->path, why.message);
		status = CARNET_OK;
	}
	if (status != CARNET_OK && err != NULL)
		*err = why;
	if (start < SEGMENT_HEADER_LEN)
		start = SEGMENT_HEADER_LEN;
	if (status == CARNET_OK)
		status =
		    ledger_walk_records(walk, file, &view, start, last, err);
	free(bytes);
	return status;
}

/* Behind the last event: records that don't open, or that the database has
 * seen and that aren't there. */
static enum carnet_status
ledger_walk_end(
    struct ledger_walk *walk, const char *path, struct carnet_error *err)
{
	uint64_t last = walk->seq + walk->broken;

	if (walk->unread) /* nobody knows where it ends */
		return ledger_heads_end(
		    &walk->heads, walk->device, UINT64_MAX, err);
	if (walk->known != NULL && walk->known->seq > last) {
		if (walk->broken == 0)
			ledger_walk_problem(walk, path,
			    CARNET_("older than the database: files were put "
				    "back, or cut short"));
		last = walk->known->seq;
	}
	if (last != walk->seq) {
		enum carnet_status status = ledger_gaps_add(
		    &walk->gaps, walk->device, walk->seq + 1, last, err);

		if (status != CARNET_OK)
			return status;
	}
	return ledger_heads_end(&walk->heads, walk->device, last, err);
}

/* One device's files, all in a row. */
static enum carnet_status
ledger_walk_device(struct ledger_walk *walk, const struct ledger_file *files,
    size_t len, struct carnet_error *err)
{
	const struct ledger_reading *reading = walk->reading;
	const struct ledger_cursor *cursor = ledger_cursor_find(
	    reading->cursors, reading->cursors_len, files[0].device);
	enum carnet_status status = CARNET_OK;

	memcpy(walk->device, files[0].device, DEVICE_ID_LEN);
	walk->known = ledger_cursor_find(
	    reading->known, reading->known_len, files[0].device);
	/* without a cursor the first event is 1, after zeros */
	walk->seq = cursor == NULL ? 0 : cursor->seq;
	walk->broken = 0;
	walk->unread = false;
	memset(walk->hash, 0, HASH_LEN);
	if (cursor != NULL)
		memcpy(walk->hash, cursor->hash, HASH_LEN);
	for (size_t i = 0; i < len && status == CARNET_OK; i++) {
		uint64_t start = 0;

		if (cursor != NULL && files[i].segment < cursor->segment)
			continue;
		if (cursor != NULL && files[i].segment == cursor->segment)
			start = cursor->end;
		status = ledger_walk_segment(
		    walk, &files[i], i + 1 == len, start, err);
	}
	if (status == CARNET_OK)
		status = ledger_walk_end(walk, files[len - 1].path, err);
	return status;
}

/* Devices that the database knows and that have no file. */
static enum carnet_status
ledger_walk_absent(struct ledger_walk *walk, const struct ledger_file *files,
    size_t len, struct carnet_error *err)
{
	const struct ledger_reading *reading = walk->reading;
	enum carnet_status status = CARNET_OK;

	for (size_t k = 0; k < reading->known_len && status == CARNET_OK; k++) {
		const struct ledger_cursor *known = &reading->known[k];
		char path[LEDGER_PATH_TEXT];
		bool found = false;

		for (size_t i = 0; i < len && !found; i++)
			found = memcmp(files[i].device, known->device,
				    DEVICE_ID_LEN) == 0;
		if (found || known->seq == 0)
			continue;
		ledger_path(known->device, 1, 0, path);
		ledger_walk_problem(
		    walk, path, CARNET_("a device's segments are missing"));
		status = ledger_gaps_add(
		    &walk->gaps, known->device, 1, known->seq, err);
		if (status == CARNET_OK)
			status = ledger_heads_end(
			    &walk->heads, known->device, known->seq, err);
	}
	return status;
}

/* What other devices have seen, and isn't there. */
static enum carnet_status
ledger_walk_heads(struct ledger_walk *walk, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < walk->heads.len && status == CARNET_OK; i++) {
		const struct ledger_reach *reach = &walk->heads.items[i];

		if (reach->seen > reach->ends)
			status = ledger_gaps_add(&walk->gaps, reach->device,
			    reach->ends + 1, reach->seen, err);
	}
	return status;
}

/* Tells of all gaps; those that no repair wrote down are problems. */
static void
ledger_walk_gaps(struct ledger_walk *walk)
{
	const struct ledger_reading *reading = walk->reading;
	char path[LEDGER_PATH_TEXT], hex[DEVICE_ID_TEXT];
	char detail[LEDGER_GAP_TEXT];

	for (size_t i = 0; i < walk->gaps.known_len && reading->gap != NULL;
	     i++)
		reading->gap(reading->context, &walk->gaps.known[i]);
	for (size_t i = 0; i < walk->gaps.found_len; i++) {
		const struct ledger_gap *gap = &walk->gaps.found[i];

		if (ledger_gaps_explain(&walk->gaps, gap))
			continue;
		hex_encode(gap->device, DEVICE_ID_LEN, hex);
		(void)snprintf(path, sizeof(path), "ledger/%s", hex);
		ledger_gap_describe(gap, detail);
		ledger_walk_problem(walk, path, detail);
		if (reading->gap != NULL)
			reading->gap(reading->context, gap);
	}
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
	if (status == CARNET_OK)
		status = ledger_walk_absent(&walk, files, len, err);
	if (status == CARNET_OK)
		status = ledger_walk_heads(&walk, err);
	if (status == CARNET_OK)
		ledger_walk_gaps(&walk);
	free(files);
	ledger_gaps_clear(&walk.gaps);
	ledger_heads_clear(&walk.heads);
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
