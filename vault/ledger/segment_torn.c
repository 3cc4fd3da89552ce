/* SPDX-License-Identifier: ISC */
/*
 * A write that a crash cut off, told apart from damage: by what the batch
 * says of itself, never by a guess.  docs/format.md, "Torn tails".
 */
#include "segment.h"

#include <string.h>

#define SECTOR 512

/* The last batch, while the segment is walked. */
struct torn {
	uint64_t start;  /* where it begins */
	uint64_t seq;    /* of its first event; 0: not known */
	uint64_t owed;   /* events of it that should still follow */
	bool hole;       /* something of it doesn't open */
	bool incomplete; /* the file ends too early, or lacks a sector */
	bool mixed;      /* what doesn't open isn't of this batch alone */
};

bool
segment_lacks_sector(const uint8_t *bytes, uint64_t from, uint64_t to)
{
	static const uint8_t zeros[SECTOR];

	while (from < to) {
		uint64_t end = (from / SECTOR + 1) * SECTOR;

		if (end > to)
			end = to;
		if (memcmp(bytes + from, zeros, (size_t)(end - from)) == 0)
			return true;
		from = end;
	}
	return false;
}

static void
torn_take_hole(struct torn *torn, const struct segment_view *view,
    const struct segment_record *record)
{
	torn->hole = true;
	torn->incomplete |= record->cut || segment_lacks_sector(view->bytes,
					       record->position, record->end);
	/* a sound frame is one record; else nobody knows how many */
	if (record->frame_damaged)
		torn->owed = 0;
	else if (torn->owed > 0)
		torn->owed--;
}

/* One that opens; its frame may lie at the end of a sector that never came. */
static void
torn_take_event(struct torn *torn, const struct segment_view *view,
    const struct segment_record *record, const struct event *event)
{
	if (event->batch_index == 0) /* what is before was finished once */
		*torn = (struct torn){ .start = record->position,
			.seq = event->seq };
	else if (event->seq - event->batch_index != torn->seq)
		torn->mixed = true;
	torn->owed = event->batch_len - 1 - event->batch_index;
	if (record->frame_damaged &&
	    segment_lacks_sector(view->bytes, record->position,
		record->position + SEGMENT_FRAME_LEN))
		torn->hole = torn->incomplete = true;
	if (torn->owed == 0 && !torn->hole && !torn->mixed)
		*torn = (struct torn){ .start = record->end,
			.seq = event->seq + 1 };
}

enum carnet_status
segment_find_torn(const struct segment_view *view, uint64_t start, uint64_t seq,
    uint64_t known, uint64_t *ret_torn, struct carnet_error *err)
{
	struct torn torn = { .start = start, .seq = seq };
	struct segment_record record = { .end = start };
	enum carnet_status status = CARNET_OK;

	while (status == CARNET_OK && record.end < view->len) {
		struct event event = { 0 };

		status = segment_next(view, record.end, &record, err);
		if (status != CARNET_OK)
			break;
		if (record.plain == NULL)
			torn_take_hole(&torn, view, &record);
		else if (event_decode(record.plain, record.plain_len, &event,
			     NULL) == CARNET_OK)
			torn_take_event(&torn, view, &record, &event);
		else /* whole, and not to be understood: never torn */
			torn = (struct torn){ .start = record.end };
		event_clear(&event);
		segment_record_clear(&record);
	}
	if (status != CARNET_OK)
		return status;
	*ret_torn = (torn.incomplete || torn.owed > 0) && !torn.mixed &&
			    torn.start >= known && torn.start < view->len
			? torn.start
			: view->len;
	return CARNET_OK;
}
