/* SPDX-License-Identifier: ISC */
/*
 * A segment's bytes: header, framing, sealing of records.  Opens no file
 * and knows nothing of what an event means.  Bytes:
 * docs/format.md, "Segments".
 */
#include "segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "seal.h"

#define SEGMENT_EPOCH 1
#define SEGMENT_AD_LEN (8 + 16 + DEVICE_ID_LEN + 8 + 4 + 4 + 8)
#define FRAME_CHECK_LEN (SEGMENT_FRAME_LEN - 4)
#define RECORD_MAX_GUESS ((uint64_t)64 << 10)

static const uint8_t segment_magic[8] = { 'c', 'a', 'r', 'n', 'e', 't', 'l',
	'g' };

uint64_t
segment_record_len(size_t plain_len)
{
	return SEGMENT_FRAME_LEN + plain_len + SEAL_OVERHEAD;
}

void
segment_header(
    const struct segment_name *name, uint8_t ret_header[SEGMENT_HEADER_LEN])
{
	struct cursor_out out = { ret_header, 0 };

	memset(ret_header, 0, SEGMENT_HEADER_LEN);
	cursor_put(&out, segment_magic, sizeof(segment_magic));
	cursor_put_u16(&out, SEGMENT_VERSION);
	cursor_put_u32(&out, SEGMENT_EPOCH);
	cursor_put(&out, name->device, DEVICE_ID_LEN);
	cursor_put_u64(&out, name->number);
	cursor_put_u32(&out, name->revision);
}

enum carnet_status
segment_check_header(const struct segment_name *name, const uint8_t *bytes,
    size_t len, struct carnet_error *err)
{
	uint8_t expected[SEGMENT_HEADER_LEN];
	unsigned version;

	if (len < SEGMENT_HEADER_LEN ||
	    memcmp(bytes, segment_magic, sizeof(segment_magic)) != 0)
		return carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("ledger: a segment has no header"));
	version = bytes[8] | (unsigned)bytes[9] << 8;
	segment_header(name, expected);
	/* a flipped byte isn't a newer version: all else must match */
	if (version > SEGMENT_VERSION &&
	    memcmp(bytes + 10, expected + 10, SEGMENT_HEADER_LEN - 10) == 0 &&
	    version < 256)
		return carnet_fail(err, CARNET_NEWER,
		    CARNET_("ledger: segments of version %u: a newer carnet "
			    "is needed"),
		    version);
	if (memcmp(bytes, expected, SEGMENT_HEADER_LEN) != 0)
		return carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("ledger: a segment's header is damaged"));
	return CARNET_OK;
}

static void
segment_ad(const struct segment_name *name, uint64_t position,
    uint8_t ad[SEGMENT_AD_LEN])
{
	struct cursor_out out = { ad, 0 };

	cursor_put(&out, segment_magic, sizeof(segment_magic));
	cursor_put(&out, name->vault, sizeof(name->vault));
	cursor_put(&out, name->device, DEVICE_ID_LEN);
	cursor_put_u64(&out, name->number);
	cursor_put_u32(&out, name->revision);
	cursor_put_u32(&out, SEGMENT_EPOCH);
	cursor_put_u64(&out, position);
}

/* The frame of a record: its length, and a checksum of header, position and
 * length, so that a length can be believed before anything is opened. */
static void
segment_frame(const struct segment_name *name, uint64_t position,
    size_t plain_len, uint8_t frame[SEGMENT_FRAME_LEN])
{
	uint8_t bytes[SEGMENT_HEADER_LEN + 8 + 4], hash[HASH_LEN];
	struct cursor_out out = { bytes, SEGMENT_HEADER_LEN };

	segment_header(name, bytes);
	cursor_put_u64(&out, position);
	cursor_put_u32(&out, (uint32_t)(plain_len + SEAL_OVERHEAD));
	hash_bytes(NULL, bytes, sizeof(bytes), hash);
	memcpy(frame, bytes + SEGMENT_HEADER_LEN + 8, 4);
	memcpy(frame + 4, hash, FRAME_CHECK_LEN);
}

void
segment_seal(const struct keys *keys, const struct segment_name *name,
    uint64_t position, const uint8_t *plain, size_t len, uint8_t *record)
{
	uint8_t ad[SEGMENT_AD_LEN];

	segment_ad(name, position, ad);
	segment_frame(name, position, len, record);
	seal(keys_get(keys, KEY_LEDGER), ad, sizeof(ad), plain, len,
	    record + SEGMENT_FRAME_LEN);
}

/* The length that a sound frame at position says; false: it isn't sound. */
static bool
segment_read_frame(
    const struct segment_view *view, uint64_t position, size_t *ret_plain_len)
{
	struct cursor_in in = { view->bytes, view->len, (size_t)position,
		false };
	uint8_t expected[SEGMENT_FRAME_LEN];
	size_t sealed_len;

	if (view->len - position < SEGMENT_FRAME_LEN)
		return false;
	sealed_len = cursor_get_u32(&in);
	if (sealed_len < SEAL_OVERHEAD + RECORD_ALIGN ||
	    sealed_len > SEAL_OVERHEAD + RECORD_MAX_PLAIN ||
	    (sealed_len - SEAL_OVERHEAD) % RECORD_ALIGN != 0)
		return false;
	segment_frame(
	    view->name, position, sealed_len - SEAL_OVERHEAD, expected);
	if (!bytes_equal(expected, view->bytes + position, SEGMENT_FRAME_LEN))
		return false;
	*ret_plain_len = sealed_len - SEAL_OVERHEAD;
	return true;
}

/* Opens plain_len bytes at position; CARNET_NOT_FOUND: they don't open. */
static enum carnet_status
segment_open(const struct segment_view *view, uint64_t position,
    size_t plain_len, struct segment_record *record, struct carnet_error *err)
{
	uint8_t ad[SEGMENT_AD_LEN], *plain;

	if (segment_record_len(plain_len) > view->len - position)
		return CARNET_NOT_FOUND;
	plain = malloc(plain_len);
	if (plain == NULL)
		return carnet_fail_errno(err, ENOMEM, "ledger");
	segment_ad(view->name, position, ad);
	if (!unseal(keys_get(view->keys, KEY_LEDGER), ad, sizeof(ad),
		view->bytes + position + SEGMENT_FRAME_LEN,
		plain_len + SEAL_OVERHEAD, plain)) {
		free(plain);
		return CARNET_NOT_FOUND;
	}
	record->plain = plain;
	record->plain_len = plain_len;
	record->end = position + segment_record_len(plain_len);
	return CARNET_OK;
}

/* The next position behind `position` that has a sound frame and is either
 * whole or cut off by the file's end, or the file's end. */
static uint64_t
segment_resync(const struct segment_view *view, uint64_t position)
{
	size_t plain_len;

	for (uint64_t at = position + 1; at < view->len; at++)
		if (segment_read_frame(view, at, &plain_len))
			return at;
	return view->len;
}

/* A frame that isn't sound: the record may end where the next one begins, or
 * be one of the usual short ones. */
static enum carnet_status
segment_guess(const struct segment_view *view, struct segment_record *record,
    struct carnet_error *err)
{
	uint64_t next = segment_resync(view, record->position);
	uint64_t room = next - record->position, least = segment_record_len(0);
	enum carnet_status status = CARNET_NOT_FOUND;

	record->frame_damaged = true;
	record->end = next;
	if (room > least && (room - least) % RECORD_ALIGN == 0 &&
	    room - least <= RECORD_MAX_PLAIN)
		status = segment_open(view, record->position,
		    (size_t)(room - least), record, err);
	for (uint64_t plain_len = RECORD_ALIGN;
	     status == CARNET_NOT_FOUND && plain_len <= RECORD_MAX_GUESS &&
	     least + plain_len < room;
	     plain_len += RECORD_ALIGN)
		status = segment_open(
		    view, record->position, (size_t)plain_len, record, err);
	return status;
}

enum carnet_status
segment_next(const struct segment_view *view, uint64_t position,
    struct segment_record *ret_record, struct carnet_error *err)
{
	struct segment_record record = { .position = position,
		.end = view->len };
	enum carnet_status status = CARNET_NOT_FOUND;
	size_t plain_len = 0;

	if (segment_read_frame(view, position, &plain_len)) {
		uint64_t record_len = segment_record_len(plain_len);

		record.cut = record_len > view->len - position;
		if (!record.cut) {
			record.end = position + record_len;
			status = segment_open(
			    view, position, plain_len, &record, err);
		}
	} else if (view->len - position < SEGMENT_FRAME_LEN) {
		record.cut = true;
	} else {
		status = segment_guess(view, &record, err);
	}
	if (status != CARNET_OK && status != CARNET_NOT_FOUND)
		return status;
	*ret_record = record;
	return CARNET_OK;
}

void
segment_record_clear(struct segment_record *record)
{
	if (record->plain != NULL)
		bytes_wipe(record->plain, record->plain_len);
	free(record->plain);
	record->plain = NULL;
}
