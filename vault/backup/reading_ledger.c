/* SPDX-License-Identifier: ISC */
/*
 * A snapshot's ledger: the events of its segments, each chain whole, and its
 * ends those that the manifest names.  Applies none.  The contract is
 * reading.h's.
 */
#include "reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The chain of a device so far; a new one is empty.  NULL: no memory. */
static struct snapshot_head *
reading_chain(struct reading *reading, const uint8_t device[DEVICE_ID_LEN])
{
	struct snapshot_head *chains = reading->chains;
	size_t len = reading->chains_len;

	for (size_t i = len; i > 0; i--)
		if (memcmp(chains[i - 1].device, device, DEVICE_ID_LEN) == 0)
			return &chains[i - 1];
	chains = reallocarray(chains, len + 1, sizeof(*chains));
	if (chains == NULL)
		return NULL;
	reading->chains = chains;
	reading->chains_len = len + 1;
	chains[len] = (struct snapshot_head){ 0 };
	memcpy(chains[len].device, device, DEVICE_ID_LEN);
	return &chains[len];
}

/* Each event continues the chain of its device, or a gap is noted. */
static enum carnet_status
reading_follow(struct reading *reading, const char *path,
    const struct event *event, struct carnet_error *err)
{
	struct snapshot_head *chain = reading_chain(reading, event->device);
	enum carnet_status status = CARNET_OK;

	if (chain == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	if (event->seq > chain->seq + 1)
		status = ledger_gaps_add(&reading->gaps, event->device,
		    chain->seq + 1, event->seq - 1, err);
	else if (event->seq != chain->seq + 1 ||
		 memcmp(event->previous, chain->hash, HASH_LEN) != 0)
		reading_problem(reading, "ledger", path,
		    CARNET_("an event does not continue its device's chain"));
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
		    reading, "ledger", reading->snapshot.id, detail);
	}
}

/* The key by which a device has introduced itself; a new one is zeros.  NULL:
 * no memory. */
static struct reading_signer *
reading_signer(struct reading *reading, const uint8_t device[DEVICE_ID_LEN])
{
	struct reading_signer *signers = reading->signers;
	size_t len = reading->signers_len;

	for (size_t i = 0; i < len; i++)
		if (memcmp(signers[i].device, device, DEVICE_ID_LEN) == 0)
			return &signers[i];
	signers = reallocarray(signers, len + 1, sizeof(*signers));
	if (signers == NULL)
		return NULL;
	reading->signers = signers;
	reading->signers_len = len + 1;
	signers[len] = (struct reading_signer){ 0 };
	memcpy(signers[len].device, device, DEVICE_ID_LEN);
	return &signers[len];
}

static enum carnet_status
reading_note_signer(struct reading *reading, const struct event *event,
    struct carnet_error *err)
{
	struct reading_signer *signer;
	uint8_t public[SIGN_PUBLIC_LEN];
	const char *hex;
	cJSON *payload = NULL;
	bool found;

	if (strcmp(event->kind, "device.added") != 0 ||
	    event->payload == NULL ||
	    carnet_json_parse((const char *)event->payload, event->payload_len,
		&payload, NULL) != CARNET_OK)
		return CARNET_OK;
	hex = carnet_json_string(payload, "public");
	found = hex != NULL && strlen(hex) == 2 * SIGN_PUBLIC_LEN &&
		hex_decode(hex, public, SIGN_PUBLIC_LEN);
	cJSON_Delete(payload);
	if (!found)
		return CARNET_OK;
	signer = reading_signer(reading, event->device);
	if (signer == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	memcpy(signer->public, public, SIGN_PUBLIC_LEN);
	return CARNET_OK;
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
		if (status == CARNET_OK)
			status = reading_note_signer(reading, &event, err);
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
	if (status != CARNET_OK) {
		reading->is_sound = false; /* told already */
		return CARNET_OK;
	}
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

static bool
reading_has_head(const struct snapshot_head *heads, size_t len,
    const struct snapshot_head *head)
{
	for (size_t i = 0; i < len; i++)
		if (heads[i].seq == head->seq &&
		    memcmp(heads[i].device, head->device, DEVICE_ID_LEN) == 0 &&
		    memcmp(heads[i].hash, head->hash, HASH_LEN) == 0)
			return true;
	return false;
}

/* Whether an event that the manifest names as a device's last was read: with
 * this snapshot, or with those before. */
static bool
reading_ends(const struct reading *reading, const struct snapshot_head *head)
{
	for (size_t i = reading->len; i > 0; i--) {
		const struct event *event = &reading->items[i - 1].event;

		if (event->seq == head->seq &&
		    memcmp(event->device, head->device, DEVICE_ID_LEN) == 0 &&
		    memcmp(event->hash, head->hash, HASH_LEN) == 0)
			return true;
	}
	return reading_has_head(reading->chains, reading->chains_len, head) ||
	       reading_has_head(
		   reading->before.heads, reading->before.heads_len, head);
}

static void
reading_check_heads(struct reading *reading)
{
	const struct snapshot *snapshot = &reading->snapshot;

	for (size_t i = 0; i < snapshot->heads_len; i++)
		if (!reading_ends(reading, &snapshot->heads[i]))
			reading_problem(reading, "snapshot", snapshot->id,
			    CARNET_("its ledger does not end as it says"));
	for (size_t i = 0; i < reading->signers_len; i++) {
		const struct reading_signer *signer = &reading->signers[i];

		if (memcmp(signer->device, snapshot->device, DEVICE_ID_LEN) ==
			0 &&
		    memcmp(signer->public, snapshot->device_public,
			SIGN_PUBLIC_LEN) != 0)
			reading_problem(reading, "snapshot", snapshot->id,
			    CARNET_("it is signed by a key that is not its "
				    "device's"));
	}
}

enum carnet_status
reading_ledger(struct reading *reading, struct carnet_error *err)
{
	const struct snapshot *snapshot = &reading->snapshot;
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < snapshot->segments_len && status == CARNET_OK;
	     i++)
		if (!reading_has_segment(
			&reading->before, &snapshot->segments[i]))
			status = reading_segment(
			    reading, &snapshot->segments[i], err);
	if (status == CARNET_OK) {
		reading_check_gaps(reading);
		reading_check_heads(reading);
	}
	return status;
}
