/* SPDX-License-Identifier: ISC */
/*
 * Segments written anew under their next revision: without payloads that
 * --purge erases, or without what is hurt.  The contract is in ledger.h.
 */
#include <errno.h>
#include <stdio.h>
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
	uint64_t end; /* of what isn't torn in the old one */
	bool erased;  /* a payload was left out */
	bool hurt;    /* something isn't as it was written */
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
	rewrite->end = end;
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

/* Gone, also after a power cut. */
static enum carnet_status
rewrite_delete(struct ledger *ledger, const struct ledger_file *file,
    struct carnet_error *err)
{
	char folder[LEDGER_PATH_TEXT], hex[DEVICE_ID_TEXT];

	hex_encode(file->device, DEVICE_ID_LEN, hex);
	(void)snprintf(folder, sizeof(folder), "ledger/%s", hex);
	if (unlinkat(ledger->vault_fd, file->path, 0) != 0)
		return carnet_fail_errno(err, errno, "%s", file->path);
	return ledger_sync_folder(ledger->vault_fd, folder, err);
}

/* Where it is: repair puts it out of the way. */
static enum carnet_status
rewrite_leave(void *context, const struct ledger_file *file, uint64_t records,
    struct carnet_error *err)
{
	(void)context;
	(void)file;
	(void)records;
	(void)err;
	return CARNET_OK;
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
			if (status == CARNET_OK)
				status = rewrite_delete(ledger, &files[i], err);
		}
		rewrite_next(&rewrite, !last);
	}
	free(files);
	if (status == CARNET_OK)
		status = ledger_clear_older(ledger, rewrite_leave, NULL, err);
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

enum carnet_status
ledger_cut_torn(struct ledger *ledger, const uint8_t device[DEVICE_ID_LEN],
    const struct ledger_cursor *known, size_t known_len,
    struct carnet_error *err)
{
	struct rewrite rewrite = { .ledger = ledger };
	struct ledger_file *files = NULL;
	enum carnet_status status;
	size_t len = 0;

	status = ledger_list(ledger->vault_fd, &files, &len, err);
	for (size_t i = 0; i < len && status == CARNET_OK; i++) {
		const struct ledger_cursor *cursor =
		    ledger_cursor_find(known, known_len, files[i].device);
		struct ledger_cursor at = { .segment = files[i].segment,
			.revision = files[i].revision };
		bool last = rewrite_is_last(files, len, i);

		if (device != NULL &&
		    memcmp(files[i].device, device, DEVICE_ID_LEN) != 0)
			continue;
		status = rewrite_segment(&rewrite, &files[i], last,
		    ledger_known_end(cursor, &files[i]), err);
		memcpy(at.device, files[i].device, DEVICE_ID_LEN);
		at.end = rewrite.end;
		if (status == CARNET_OK && last && !rewrite.hurt &&
		    rewrite.end < files[i].size)
			status = ledger_cut_tail(ledger, &at, err);
		rewrite_next(&rewrite, !last);
	}
	free(files);
	return status;
}

/* How many whole events a segment's file holds; *ret_hurt: and something
 * that isn't one. */
static enum carnet_status
rewrite_count(struct ledger *ledger, const struct ledger_file *file,
    uint64_t *ret_records, bool *ret_hurt, struct carnet_error *err)
{
	struct rewrite rewrite = { .ledger = ledger };
	enum carnet_status status =
	    rewrite_segment(&rewrite, file, false, 0, err);

	*ret_records = rewrite.records;
	*ret_hurt = rewrite.hurt;
	free(rewrite.bytes);
	return status;
}

static enum carnet_status
rewrite_clear_one(struct ledger *ledger, const struct ledger_file *newest,
    const struct ledger_file *older, ledger_hurt_visit *hurt, void *context,
    struct carnet_error *err)
{
	bool newest_hurt = true, older_hurt = true;
	uint64_t newest_len = 0, older_len = 0;
	enum carnet_status status =
	    rewrite_count(ledger, newest, &newest_len, &newest_hurt, err);

	if (status == CARNET_OK)
		status =
		    rewrite_count(ledger, older, &older_len, &older_hurt, err);
	if (status != CARNET_OK)
		return status;
	if (newest_hurt || older_hurt || older_len > newest_len)
		return hurt(context, older, older_len, err);
	return rewrite_delete(ledger, older, err);
}

/* One such file; the next call finds what lies behind it. */
static enum carnet_status
rewrite_unhide_one(struct ledger *ledger, const struct ledger_file *newest,
    const struct ledger_file *older, ledger_hurt_visit *hurt, void *context,
    bool *ret_found, struct carnet_error *err)
{
	bool newest_hurt = false, older_hurt = false;
	uint64_t newest_len = 0, older_len = 0;
	enum carnet_status status;

	if (newest->segment != older->segment ||
	    memcmp(newest->device, older->device, DEVICE_ID_LEN) != 0)
		return CARNET_OK;
	status = rewrite_count(ledger, newest, &newest_len, &newest_hurt, err);
	if (status == CARNET_OK && newest_hurt && newest_len == 0)
		status =
		    rewrite_count(ledger, older, &older_len, &older_hurt, err);
	if (status != CARNET_OK || older_len == 0)
		return status;
	*ret_found = true;
	return hurt(context, newest, 0, err);
}

enum carnet_status
ledger_unhide_older(struct ledger *ledger, ledger_hurt_visit *hurt,
    void *context, size_t *ret_found, struct carnet_error *err)
{
	struct ledger_file *files = NULL, *older = NULL;
	size_t len, older_len;
	enum carnet_status status;
	bool found;

	*ret_found = 0;
	do {
		len = older_len = 0;
		found = false;
		status = ledger_list_older(
		    ledger->vault_fd, &older, &older_len, err);
		if (status == CARNET_OK && older_len > 0)
			status =
			    ledger_list(ledger->vault_fd, &files, &len, err);
		for (size_t i = 0; i < older_len && !found; i++)
			for (size_t k = 0;
			     k < len && status == CARNET_OK && !found; k++)
				status = rewrite_unhide_one(ledger, &files[k],
				    &older[i], hurt, context, &found, err);
		free(files);
		free(older);
		files = older = NULL;
		*ret_found += found ? 1 : 0;
	} while (found && status == CARNET_OK);
	return status;
}

enum carnet_status
ledger_clear_older(struct ledger *ledger, ledger_hurt_visit *hurt,
    void *context, struct carnet_error *err)
{
	struct ledger_file *files = NULL, *older = NULL;
	size_t len = 0, older_len = 0;
	enum carnet_status status =
	    ledger_list_older(ledger->vault_fd, &older, &older_len, err);

	if (status == CARNET_OK && older_len > 0)
		status = ledger_list(ledger->vault_fd, &files, &len, err);
	for (size_t i = 0; i < older_len && status == CARNET_OK; i++)
		for (size_t k = 0; k < len && status == CARNET_OK; k++)
			if (files[k].segment == older[i].segment &&
			    memcmp(files[k].device, older[i].device,
				DEVICE_ID_LEN) == 0)
				status = rewrite_clear_one(ledger, &files[k],
				    &older[i], hurt, context, err);
	free(files);
	free(older);
	return status;
}
