/* SPDX-License-Identifier: ISC */
/*
 * Hurt segments that were set aside: what --purge erases goes from them,
 * too.  The contract is in ledger.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger_files.h"

enum carnet_status
ledger_erase_bytes(int fd, const char *path, uint64_t position, uint64_t len,
    struct carnet_error *err)
{
	static const uint8_t zeros[4096];
	enum carnet_status status = CARNET_OK;

	while (len > 0 && status == CARNET_OK) {
		size_t step = len < sizeof(zeros) ? (size_t)len : sizeof(zeros);

		status =
		    ledger_file_write_at(fd, path, zeros, step, position, err);
		position += step;
		len -= step;
	}
	return status;
}

/* A record's frame stays: it says how long what was erased is, and where the
 * next record begins. */
static enum carnet_status
aside_erase_seal(int fd, const char *path, const struct segment_record *record,
    struct carnet_error *err)
{
	uint64_t from = record->position + SEGMENT_FRAME_LEN;

	return ledger_erase_bytes(fd, path, from, record->end - from, err);
}

/* One that doesn't open.  With a sound frame, and a sector of zeros where
 * ciphertext was: it was erased, and a power cut may have kept the rest. */
static enum carnet_status
aside_finish_record(int fd, const char *path, const struct segment_view *view,
    const struct segment_record *record, bool *ret_unsure,
    struct carnet_error *err)
{
	if (!record->frame_damaged && !record->cut &&
	    segment_lacks_sector(
		view->bytes, record->position + SEGMENT_FRAME_LEN, record->end))
		return aside_erase_seal(fd, path, record, err);
	*ret_unsure = true;
	return CARNET_OK;
}

static enum carnet_status
aside_erase_record(int fd, const char *path,
    const struct segment_record *record, ledger_doomed *doomed, void *context,
    bool *ret_unsure, struct carnet_error *err)
{
	struct event event = { 0 };
	struct carnet_error why = { 0 };
	enum carnet_status status =
	    event_decode(record->plain, record->plain_len, &event, &why);

	if (status == CARNET_DAMAGED) {
		*ret_unsure = true;
		return CARNET_OK;
	}
	if (status != CARNET_OK) {
		if (err != NULL)
			*err = why;
		return status;
	}
	if (!event.purged && doomed(context, &event))
		status = aside_erase_seal(fd, path, record, err);
	event_clear(&event);
	return status;
}

enum carnet_status
ledger_erase_aside(struct ledger *ledger, int fd, const char *path,
    const struct ledger_file *file, ledger_doomed *doomed, void *context,
    bool *ret_unsure, struct carnet_error *err)
{
	struct segment_record record = { .end = SEGMENT_HEADER_LEN };
	struct segment_view view = { .keys = ledger->keys };
	struct segment_name name;
	uint8_t *bytes = NULL;
	enum carnet_status status;

	ledger_file_name(ledger, file, &name);
	status =
	    ledger_file_load(ledger->vault_fd, path, &bytes, &view.len, err);
	view.name = &name;
	view.bytes = bytes;
	while (status == CARNET_OK && record.end < view.len) {
		status = segment_next(&view, record.end, &record, err);
		if (status != CARNET_OK)
			break;
		if (record.plain == NULL)
			status = aside_finish_record(
			    fd, path, &view, &record, ret_unsure, err);
		else
			status = aside_erase_record(fd, path, &record, doomed,
			    context, ret_unsure, err);
		segment_record_clear(&record);
	}
	free(bytes);
	return status;
}
