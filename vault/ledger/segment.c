/* SPDX-License-Identifier: ISC */
/*
 * A segment's bytes: header, framing, sealing of records.  Opens no file
 * and knows nothing of what an event means.  Bytes: FORMAT.md beside this.
 */
#include "segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "seal.h"

#define SEGMENT_EPOCH 1
#define SEGMENT_AD_LEN (8 + 16 + DEVICE_ID_LEN + 8 + 4 + 4 + 8)
#define RECORD_LEN_LEN 4
#define RECORD_MAX_GUESS ((size_t)64 << 10)

static const uint8_t segment_magic[8] = { 'c', 'a', 'r', 'n', 'e', 't', 'l',
	'g' };

uint64_t
segment_record_len(size_t plain_len)
{
	return RECORD_LEN_LEN + plain_len + SEAL_OVERHEAD;
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

void
segment_seal(const struct keys *keys, const struct segment_name *name,
    uint64_t position, const uint8_t *plain, size_t len, uint8_t *record)
{
	struct cursor_out out = { record, 0 };
	uint8_t ad[SEGMENT_AD_LEN];

	segment_ad(name, position, ad);
	cursor_put_u32(&out, (uint32_t)(len + SEAL_OVERHEAD));
	seal(keys_get(keys, KEY_LEDGER), ad, sizeof(ad), plain, len,
	    record + RECORD_LEN_LEN);
}

/* Tries to open plain_len bytes at position into plain. */
static bool
segment_try(const struct keys *keys, const struct segment_name *name,
    const uint8_t *bytes, size_t len, uint64_t position, size_t plain_len,
    uint8_t *plain)
{
	uint8_t ad[SEGMENT_AD_LEN];

	if (position > len || segment_record_len(plain_len) > len - position)
		return false;
	segment_ad(name, position, ad);
	return unseal(keys_get(keys, KEY_LEDGER), ad, sizeof(ad),
	    bytes + position + RECORD_LEN_LEN, plain_len + SEAL_OVERHEAD,
	    plain);
}

/* Opens the record at position; its length is what its first bytes say, or,
 * with `guess`, any that a short record can have. */
static enum carnet_status
segment_open_at(const struct keys *keys, const struct segment_name *name,
    const uint8_t *bytes, size_t len, uint64_t position, bool guess,
    uint8_t **ret_plain, size_t *ret_plain_len, struct carnet_error *err)
{
	struct cursor_in in = { bytes, len, (size_t)position, false };
	size_t said, room, plain_len = 0;
	bool opened = false;
	uint8_t *plain;

	room = len - (size_t)position - (size_t)segment_record_len(0);
	if (room > RECORD_MAX_PLAIN)
		room = RECORD_MAX_PLAIN;
	said = cursor_get_u32(&in) - (size_t)SEAL_OVERHEAD;
	if (said > room || said == 0 || said % RECORD_ALIGN != 0)
		said = 0;
	if (said == 0 && !guess)
		return CARNET_NOT_FOUND;
	plain = malloc(room + 1);
	if (plain == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("ledger"));
	if (said != 0) {
		plain_len = said;
		opened =
		    segment_try(keys, name, bytes, len, position, said, plain);
	}
	for (size_t i = RECORD_ALIGN;
	     guess && !opened && i <= room && i <= RECORD_MAX_GUESS;
	     i += RECORD_ALIGN) {
		plain_len = i;
		opened =
		    segment_try(keys, name, bytes, len, position, i, plain);
	}
	if (!opened) {
		free(plain);
		return CARNET_NOT_FOUND;
	}
	*ret_plain = plain;
	*ret_plain_len = plain_len;
	return CARNET_OK;
}

enum carnet_status
segment_open_record(const struct keys *keys, const struct segment_name *name,
    const uint8_t *bytes, size_t len, uint64_t position, uint8_t **ret_plain,
    size_t *ret_plain_len, uint64_t *ret_end, struct carnet_error *err)
{
	enum carnet_status status;

	if (position > len || len - position < segment_record_len(RECORD_ALIGN))
		return carnet_fail(err, CARNET_NOT_FOUND,
		    CARNET_("ledger: a record is cut short"));
	status = segment_open_at(keys, name, bytes, len, position, true,
	    ret_plain, ret_plain_len, err);
	if (status == CARNET_NOT_FOUND)
		return carnet_fail(err, CARNET_NOT_FOUND,
		    CARNET_("ledger: a record does not open"));
	if (status == CARNET_OK)
		*ret_end = position + segment_record_len(*ret_plain_len);
	return status;
}

bool
segment_length_is_whole(const uint8_t *bytes, uint64_t position, uint64_t end)
{
	struct cursor_in in = { bytes, (size_t)end, (size_t)position, false };

	return cursor_get_u32(&in) == end - position - RECORD_LEN_LEN;
}

uint64_t
segment_resync(const struct keys *keys, const struct segment_name *name,
    const uint8_t *bytes, size_t len, uint64_t position)
{
	/* byte by byte: few places look like a length, fewer still open */
	for (uint64_t at = position + 1;
	     at + segment_record_len(RECORD_ALIGN) <= len; at++) {
		uint8_t *plain = NULL;
		size_t plain_len;

		if (segment_open_at(keys, name, bytes, len, at, false, &plain,
			&plain_len, NULL) == CARNET_OK) {
			free(plain);
			return at;
		}
	}
	return len;
}
