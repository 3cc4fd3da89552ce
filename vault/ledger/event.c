/* SPDX-License-Identifier: ISC */
/*
 * Events to bytes and back.  Seals nothing and opens no file.
 * Bytes: docs/format.md, "Events".
 */
#include "event.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"

#define EVENT_ALIGN 512
#define EVENT_HEAD_LEN (DEVICE_ID_LEN + 8 + HASH_LEN)
#define EVENT_HEADER_MAX                                                       \
	(4 + DEVICE_ID_LEN + 8 + 8 + 8 + HASH_LEN + 8 + 4 + 1 +                \
	    EVENT_KIND_TEXT + 2 + EVENT_MAX_HEADS * EVENT_HEAD_LEN + HASH_LEN)

enum event_body { EVENT_BODY_WHOLE = 0, EVENT_BODY_PURGED = 1 };

void
event_clear(struct event *event)
{
	free(event->heads);
	free(event->payload);
	memset(event, 0, sizeof(*event));
}

/* version, length of the header, header; returns its length in all. */
static size_t
event_write_header(const struct event *event, uint8_t *bytes)
{
	struct cursor_out out = { bytes, 0 };
	size_t kind_len = strlen(event->kind);

	cursor_put_u16(&out, EVENT_VERSION);
	cursor_put_u16(&out, 0); /* patched below */
	cursor_put(&out, event->device, DEVICE_ID_LEN);
	cursor_put_u64(&out, event->seq);
	cursor_put_u64(&out, event->lamport);
	cursor_put_u32(&out, event->batch_index);
	cursor_put_u32(&out, event->batch_len == 0 ? 1 : event->batch_len);
	cursor_put(&out, event->previous, HASH_LEN);
	cursor_put_u64(&out, (uint64_t)event->recorded);
	cursor_put_u16(&out, (uint16_t)event->effective.year);
	cursor_put_u8(&out, event->effective.month);
	cursor_put_u8(&out, event->effective.day);
	cursor_put_u8(&out, (uint8_t)kind_len);
	cursor_put(&out, event->kind, kind_len);
	cursor_put_u16(&out, (uint16_t)event->heads_len);
	for (size_t i = 0; i < event->heads_len; i++) {
		cursor_put(&out, event->heads[i].device, DEVICE_ID_LEN);
		cursor_put_u64(&out, event->heads[i].seq);
		cursor_put(&out, event->heads[i].hash, HASH_LEN);
	}
	cursor_put(&out, event->commitment, HASH_LEN);
	bytes[2] = (uint8_t)(out.at & 0xff);
	bytes[3] = (uint8_t)(out.at >> 8);
	return out.at;
}

enum carnet_status
event_encode(struct event *event, uint8_t **ret_bytes, size_t *ret_len,
    struct carnet_error *err)
{
	size_t kind_len = strnlen(event->kind, EVENT_KIND_TEXT);
	size_t header_len, len;
	uint8_t *bytes;
	struct cursor_out out;

	if (kind_len == 0 || kind_len == EVENT_KIND_TEXT ||
	    event->heads_len > EVENT_MAX_HEADS ||
	    event->payload_len > EVENT_MAX_PAYLOAD)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("ledger: an event is too large"));
	len = EVENT_HEADER_MAX + 1 + sizeof(event->salt) + 4 +
	      event->payload_len + EVENT_ALIGN;
	bytes = calloc(1, len);
	if (bytes == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("ledger"));
	header_len = event_write_header(event, bytes);
	out = (struct cursor_out){ bytes, header_len };
	if (event->purged) {
		cursor_put_u8(&out, EVENT_BODY_PURGED);
	} else {
		random_fill(event->salt, sizeof(event->salt));
		cursor_put_u8(&out, EVENT_BODY_WHOLE);
		cursor_put(&out, event->salt, sizeof(event->salt));
		cursor_put_u32(&out, (uint32_t)event->payload_len);
		cursor_put(&out, event->payload, event->payload_len);
		hash_bytes(NULL, bytes + header_len + 1,
		    out.at - header_len - 1, event->commitment);
		memcpy(
		    bytes + header_len - HASH_LEN, event->commitment, HASH_LEN);
	}
	hash_bytes(NULL, bytes, header_len, event->hash);
	*ret_len = (out.at + EVENT_ALIGN - 1) / EVENT_ALIGN * EVENT_ALIGN;
	*ret_bytes = bytes;
	return CARNET_OK;
}

static enum carnet_status
event_damaged(struct carnet_error *err)
{
	return carnet_fail(err, CARNET_DAMAGED,
	    CARNET_("ledger: an event is not well formed"));
}

static enum carnet_status
event_read_header(
    struct cursor_in *in, struct event *event, struct carnet_error *err)
{
	size_t kind_len;

	cursor_get(in, event->device, DEVICE_ID_LEN);
	event->seq = cursor_get_u64(in);
	event->lamport = cursor_get_u64(in);
	event->batch_index = cursor_get_u32(in);
	event->batch_len = cursor_get_u32(in);
	if (event->batch_index >= event->batch_len)
		return event_damaged(err);
	cursor_get(in, event->previous, HASH_LEN);
	event->recorded = (int64_t)cursor_get_u64(in);
	event->effective.year = (int16_t)cursor_get_u16(in);
	event->effective.month = cursor_get_u8(in);
	event->effective.day = cursor_get_u8(in);
	kind_len = cursor_get_u8(in);
	if (kind_len == 0 || kind_len >= EVENT_KIND_TEXT)
		return event_damaged(err);
	cursor_get(in, event->kind, kind_len);
	event->heads_len = cursor_get_u16(in);
	if (event->heads_len > EVENT_MAX_HEADS) {
		event->heads_len = 0;
		return event_damaged(err);
	}
	if (event->heads_len > 0) {
		event->heads = calloc(event->heads_len, sizeof(*event->heads));
		if (event->heads == NULL)
			return carnet_fail_errno(
			    err, ENOMEM, CARNET_("ledger"));
	}
	for (size_t i = 0; i < event->heads_len; i++) {
		cursor_get(in, event->heads[i].device, DEVICE_ID_LEN);
		event->heads[i].seq = cursor_get_u64(in);
		cursor_get(in, event->heads[i].hash, HASH_LEN);
	}
	cursor_get(in, event->commitment, HASH_LEN);
	return in->bad ? event_damaged(err) : CARNET_OK;
}

static enum carnet_status
event_read_body(
    struct cursor_in *in, struct event *event, struct carnet_error *err)
{
	uint8_t expected[HASH_LEN];
	uint8_t body = cursor_get_u8(in);
	size_t start = in->at;

	if (body == EVENT_BODY_PURGED) {
		event->purged = true;
		return in->bad ? event_damaged(err) : CARNET_OK;
	}
	cursor_get(in, event->salt, sizeof(event->salt));
	event->payload_len = cursor_get_u32(in);
	if (in->bad || body != EVENT_BODY_WHOLE ||
	    event->payload_len > EVENT_MAX_PAYLOAD ||
	    event->payload_len > in->len - in->at)
		return event_damaged(err);
	event->payload = malloc(event->payload_len + 1);
	if (event->payload == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("ledger"));
	cursor_get(in, event->payload, event->payload_len);
	event->payload[event->payload_len] = '\0';
	hash_bytes(NULL, in->bytes + start, in->at - start, expected);
	if (!bytes_equal(expected, event->commitment, HASH_LEN))
		return carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("ledger: an event is not what was committed to"));
	return CARNET_OK;
}

enum carnet_status
event_decode(const uint8_t *bytes, size_t len, struct event *ret_event,
    struct carnet_error *err)
{
	struct cursor_in in = { bytes, len, 0, false };
	struct event event = { 0 };
	enum carnet_status status;
	uint16_t version = cursor_get_u16(&in);
	size_t header_len = cursor_get_u16(&in);

	if (in.bad || header_len > len)
		return event_damaged(err);
	if (version > EVENT_VERSION)
		return carnet_fail(err, CARNET_NEWER,
		    CARNET_("ledger: events of version %u: a newer carnet is "
			    "needed"),
		    version);
	status = event_read_header(&in, &event, err);
	if (status == CARNET_OK && in.at != header_len)
		status = event_damaged(err);
	if (status == CARNET_OK)
		status = event_read_body(&in, &event, err);
	for (; status == CARNET_OK && in.at < len; in.at++)
		if (bytes[in.at] != 0)
			status = event_damaged(err);
	if (status != CARNET_OK) {
		event_clear(&event);
		return status;
	}
	hash_bytes(NULL, bytes, header_len, event.hash);
	*ret_event = event;
	return CARNET_OK;
}

void
event_id(const uint8_t ids_key[32], char letter,
    const uint8_t device[DEVICE_ID_LEN], uint64_t seq, uint32_t part,
    char text[EVENT_ID_TEXT])
{
	uint8_t bytes[1 + DEVICE_ID_LEN + 8 + 4], hash[HASH_LEN];
	struct cursor_out out = { bytes, 0 };
	char base32[64];

	cursor_put_u8(&out, (uint8_t)letter);
	cursor_put(&out, device, DEVICE_ID_LEN);
	cursor_put_u64(&out, seq);
	cursor_put_u32(&out, part);
	hash_bytes(ids_key, bytes, out.at, hash);
	base32_encode(hash, 8, base32);
	text[0] = letter;
	memcpy(text + 1, base32, EVENT_ID_TEXT - 2);
	text[EVENT_ID_TEXT - 1] = '\0';
}
