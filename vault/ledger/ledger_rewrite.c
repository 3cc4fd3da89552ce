/* SPDX-License-Identifier: ISC */
/*
 * Segments written anew under their next revision: without payloads that
 * --purge erases, or without what is hurt.  The contract is in ledger.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger_files.h"

struct rewrite {
	struct ledger *ledger;
	struct segment_name old, new;
	ledger_doomed *doomed; /* NULL: nothing is */
	void *context;
	uint64_t seq;   /* of the device's event before */
	uint8_t *bytes; /* of the new segment */
	size_t len;
	uint64_t records;
	bool erased; /* a payload was left out */
	bool hurt;   /* something isn't as it was written */
};

static enum carnet_status
rewrite_add(struct rewrite *rewrite, const uint8_t *plain, size_t plain_len,
    struct carnet_error *err)
{
	size_t record_len = (size_t)segment_record_len(plain_len);
	uint8_t *grown = realloc(rewrite->bytes, rewrite->len + record_len);

	if (grown == NULL)
		return carnet_fail_errno(err, ENOMEM, "ledger");
	rewrite->bytes = grown;
	segment_seal(rewrite->ledger->keys, &rewrite->new, rewrite->len, plain,
	    plain_len, rewrite->bytes + rewrite->len);
	rewrite->len += record_len;
	rewrite->records++;
	return CARNET_OK;
}

/* The event without its payload and salt; its header stays as it was. */
static enum carnet_status
rewrite_erase(
    struct rewrite *rewrite, struct event *event, struct carnet_error *err)
{
	uint8_t *bytes = NULL;
	size_t len = 0;
	enum carnet_status status;

	bytes_wipe(event->payload, event->payload_len);
	event->purged = true;
	status = event_encode(event, &bytes, &len, err);
	if (status == CARNET_OK)
		status = rewrite_add(rewrite, bytes, len, err);
	rewrite->erased = true;
	free(bytes);
	return status;
}

/* Takes one record over. */
static enum carnet_status
rewrite_take(struct rewrite *rewrite, const struct segment_record *record,
    struct carnet_error *err)
{
	struct event event = { 0 };
	struct carnet_error why;
	enum carnet_status status =
	    event_decode(record->plain, record->plain_len, &event, &why);

	if (status == CARNET_DAMAGED) {
		rewrite->hurt = true;
		return CARNET_OK;
	}
	if (status != CARNET_OK) {
		if (err != NULL)
			*err = why;
		return status;
	}
	rewrite->seq = event.seq;
	if (!event.purged && rewrite->doomed != NULL &&
	    rewrite->doomed(rewrite->context, &event))
		status = rewrite_erase(rewrite, &event, err);
	else
		status =
		    rewrite_add(rewrite, record->plain, record->plain_len, err);
	event_clear(&event);
	return status;
}

static enum carnet_status
rewrite_records(struct rewrite *rewrite, const struct segment_view *view,
    bool last, uint64_t known, struct carnet_error *err)
{
	struct segment_record record = { .end = SEGMENT_HEADER_LEN };
	enum carnet_status status = CARNET_OK;
	uint64_t end = view->len;

	if (last)
		status = segment_find_torn(view, SEGMENT_HEADER_LEN,
		    rewrite->seq + 1, known, &end, err);
	while (status == CARNET_OK && record.end < end) {
		status = segment_next(view, record.end, &record, err);
		if (status != CARNET_OK)
			break;
		if (record.plain == NULL || record.frame_damaged)
			rewrite->hurt = true;
		if (record.plain != NULL)
			status = rewrite_take(rewrite, &record, err);
		segment_record_clear(&record);
	}
	return status;
}

/* Reads one segment's file and makes its next revision, in memory. */
static enum carnet_status
rewrite_segment(struct rewrite *rewrite, const struct ledger_file *file,
    bool last, uint64_t known, struct carnet_error *err)
{
	struct ledger *ledger = rewrite->ledger;
	struct segment_view view = { .keys = ledger->keys,
		.name = &rewrite->old };
	struct carnet_error why;
	enum carnet_status status;
	uint8_t *bytes = NULL;

	ledger_file_name(ledger, file, &rewrite->old);
	rewrite->new = rewrite->old;
	rewrite->new.revision++;
	status = ledger_file_load(
	    ledger->vault_fd, file->path, &bytes, &view.len, err);
	if (status != CARNET_OK)
		return status;
	view.bytes = bytes;
	status =
	    segment_check_header(&rewrite->old, view.bytes, view.len, &why);
	if (status == CARNET_DAMAGED) {
		rewrite->hurt = true;
		status = CARNET_OK;
	} else if (status != CARNET_OK && err != NULL) {
		*err = why;
	}
	rewrite->bytes = malloc(SEGMENT_HEADER_LEN);
	rewrite->len = SEGMENT_HEADER_LEN;
	if (status == CARNET_OK && rewrite->bytes == NULL)
		status = carnet_fail_errno(err, ENOMEM, "ledger");
	if (status == CARNET_OK)
		segment_header(&rewrite->new, rewrite->bytes);
	if (status == CARNET_OK)
		status = rewrite_records(rewrite, &view, last, known, err);
	free(bytes);
	return status;
}

static void
rewrite_next(struct rewrite *rewrite, bool same_device)
{
	free(rewrite->bytes);
	rewrite->bytes = NULL;
	rewrite->records = 0;
	rewrite->erased = rewrite->hurt = false;
	if (!same_device)
		rewrite->seq = 0;
}

static bool
rewrite_is_last(const struct ledger_file *files, size_t len, size_t i)
{
	return i + 1 == len ||
	       memcmp(files[i].device, files[i + 1].device, DEVICE_ID_LEN) != 0;
}

enum carnet_status
ledger_purge(struct ledger *ledger, ledger_doomed *doomed, void *context,
    struct carnet_error *err)
{
	struct rewrite rewrite = {
		.ledger = ledger, .doomed = doomed, .context = context
	};
	struct ledger_file *files = NULL;
	enum carnet_status status;
	size_t len = 0;

	status = ledger_list(ledger->vault_fd, &files, &len, err);
	for (size_t i = 0; i < len && status == CARNET_OK; i++) {
		bool last = rewrite_is_last(files, len, i);

		status = rewrite_segment(&rewrite, &files[i], last, 0, err);
		if (status == CARNET_OK && rewrite.hurt)
			status = carnet_fail(err, CARNET_DAMAGED,
			    CARNET_("%s: a record does not open"),
			    files[i].path);
		if (status == CARNET_OK && rewrite.erased) {
			status = ledger_new_segment(ledger, &rewrite.new,
			    rewrite.bytes, rewrite.len, err);
			if (status == CARNET_OK &&
			    unlinkat(ledger->vault_fd, files[i].path, 0) != 0)
				status = carnet_fail_errno(
				    err, errno, "%s", files[i].path);
		}
		rewrite_next(&rewrite, !last);
	}
	free(files);
	return status;
}

enum carnet_status
ledger_mend(struct ledger *ledger, const struct ledger_cursor *known,
    size_t known_len, ledger_hurt_visit *hurt, void *context,
    struct carnet_error *err)
{
	struct rewrite rewrite = { .ledger = ledger };
	struct ledger_file *files = NULL;
	enum carnet_status status;
	size_t len = 0;

	status = ledger_list(ledger->vault_fd, &files, &len, err);
	for (size_t i = 0; i < len && status == CARNET_OK; i++) {
		bool last = rewrite_is_last(files, len, i);
		const struct ledger_cursor *cursor =
		    ledger_cursor_find(known, known_len, files[i].device);

		status = rewrite_segment(&rewrite, &files[i], last,
		    ledger_known_end(cursor, &files[i]), err);
		if (status == CARNET_OK && rewrite.hurt) {
			status = ledger_new_segment(ledger, &rewrite.new,
			    rewrite.bytes, rewrite.len, err);
			if (status == CARNET_OK)
				status = hurt(
				    context, &files[i], rewrite.records, err);
		}
		rewrite_next(&rewrite, !last);
	}
	free(files);
	return status;
}
