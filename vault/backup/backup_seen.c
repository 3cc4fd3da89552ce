/* SPDX-License-Identifier: ISC */
/*
 * What a destination has seen, from its manifests and from segments that no
 * manifest names: one may be hurt or gone, and a vault that was put back from
 * an older copy would fork this device's chain.  The contract is
 * backup_seen.h's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup_run.h"

void
seen_clear(struct backup_seen *seen)
{
	free(seen->heads);
	free(seen->named);
	memset(seen, 0, sizeof(*seen));
}

static enum carnet_status
seen_add(struct backup_seen *seen, const struct snapshot_head *head, bool had,
    struct carnet_error *err)
{
	if (seen->len == seen->room) {
		size_t room = seen->room == 0 ? 64 : 2 * seen->room;
		struct seen_head *heads =
		    reallocarray(seen->heads, room, sizeof(*heads));

		if (heads == NULL)
			return carnet_fail_errno(err, ENOMEM, "backup");
		seen->heads = heads;
		seen->room = room;
	}
	seen->heads[seen->len++] =
	    (struct seen_head){ .head = *head, .had = had };
	return CARNET_OK;
}

/* --- manifests
 * ------------------------------------------------------------------- */

static int
seen_compare_hash(const void *left, const void *right)
{
	return memcmp(left, right, HASH_LEN);
}

/* Sorted, each once: most manifests name the same ones. */
static void
seen_tidy_names(struct backup_seen *seen)
{
	size_t len = 0;

	if (seen->named_len > 1)
		qsort(
		    seen->named, seen->named_len, HASH_LEN, seen_compare_hash);
	for (size_t i = 0; i < seen->named_len; i++)
		if (len == 0 ||
		    memcmp(seen->named[len - 1], seen->named[i], HASH_LEN) != 0)
			memmove(seen->named[len++], seen->named[i], HASH_LEN);
	seen->named_len = len;
}

static enum carnet_status
seen_name(struct backup_seen *seen, const uint8_t hash[HASH_LEN],
    struct carnet_error *err)
{
	if (seen->named_len == seen->named_room)
		seen_tidy_names(seen);
	if (2 * seen->named_len >= seen->named_room) {
		size_t room =
		    seen->named_room == 0 ? 256 : 2 * seen->named_room;
		uint8_t(*named)[HASH_LEN] =
		    reallocarray(seen->named, room, HASH_LEN);

		if (named == NULL)
			return carnet_fail_errno(err, ENOMEM, "backup");
		seen->named = named;
		seen->named_room = room;
	}
	memcpy(seen->named[seen->named_len++], hash, HASH_LEN);
	return CARNET_OK;
}

static enum carnet_status
seen_manifest(
    void *context, struct snapshot *snapshot, struct carnet_error *err)
{
	struct backup_run *run = context;
	const uint8_t *device = run->vault->device;
	bool had = memcmp(snapshot->device, device, DEVICE_ID_LEN) == 0;
	enum carnet_status status = claims_see(&run->claims, snapshot, err);

	for (size_t i = 0; i < snapshot->heads_len && status == CARNET_OK; i++)
		status = seen_add(&run->seen, &snapshot->heads[i],
		    had || memcmp(snapshot->heads[i].device, device,
			       DEVICE_ID_LEN) == 0,
		    err);
	for (size_t i = 0; i < snapshot->segments_len && status == CARNET_OK;
	     i++)
		if (memcmp(snapshot->segments[i].device, device,
			DEVICE_ID_LEN) == 0)
			status = seen_name(
			    &run->seen, snapshot->segments[i].hash, err);
	if (status == CARNET_OK)
		judged_see(run, snapshot);
	return status;
}

static void
seen_manifest_problem(void *context, const char *id, const char *detail)
{
	struct backup_run *run = context;

	destination_problem(run->problems, "snapshot", id, detail);
}

/* --- segments without a manifest
 * ---------------------------------------------------- */

static uint64_t
seen_number(const uint8_t *bytes, size_t len)
{
	uint64_t number = 0;

	while (len-- > 0)
		number = number << 8 | bytes[len];
	return number;
}

/* What a segment's header says it is (docs/format.md, "Segments"). */
static void
seen_segment_name(const struct backup_run *run, const uint8_t *header,
    struct segment_name *ret_name)
{
	memcpy(ret_name->vault, header_id(run->vault->header),
	    sizeof(ret_name->vault));
	memcpy(ret_name->device, header + 14, DEVICE_ID_LEN);
	ret_name->number = seen_number(header + 30, 8);
	ret_name->revision = (uint32_t)seen_number(header + 38, 4);
}

/* The last event in it; what doesn't open says nothing. */
static enum carnet_status
seen_last_event(struct backup_run *run, const uint8_t *bytes, size_t len,
    struct carnet_error *err)
{
	struct segment_name name = { 0 };
	struct segment_view view = { .keys = run->vault->keys,
		.name = &name,
		.bytes = bytes,
		.len = len };
	struct segment_record record = { .end = SEGMENT_HEADER_LEN };
	struct snapshot_head head = { 0 };
	enum carnet_status status = CARNET_OK;

	seen_segment_name(run, bytes, &name);
	if (segment_check_header(&name, bytes, len, NULL) != CARNET_OK)
		return CARNET_OK;
	while (status == CARNET_OK && record.end < len) {
		struct event event = { 0 };

		status = segment_next(&view, record.end, &record, err);
		if (status == CARNET_OK && record.plain != NULL &&
		    event_decode(record.plain, record.plain_len, &event,
			NULL) == CARNET_OK) {
			memcpy(head.device, event.device, DEVICE_ID_LEN);
			head.seq = event.seq;
			head.lamport = event.lamport;
			memcpy(head.hash, event.hash, HASH_LEN);
		}
		event_clear(&event);
		segment_record_clear(&record);
	}
	if (status == CARNET_OK && head.seq > 0 &&
	    memcmp(head.device, run->vault->device, DEVICE_ID_LEN) == 0)
		status = seen_add(&run->seen, &head, true, err);
	return status;
}

/* Whether its header in clear names this device. */
static bool
seen_is_this_devices(const struct backup_run *run, const char *path)
{
	uint8_t header[SEGMENT_HEADER_LEN];
	struct segment_name name = { 0 };
	ssize_t got;
	int fd = openat(run->fd, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return false;
	do
		got = read(fd, header, sizeof(header));
	while (got < 0 && errno == EINTR);
	(void)close(fd);
	if (got != (ssize_t)sizeof(header))
		return false;
	seen_segment_name(run, header, &name);
	return memcmp(name.device, run->vault->device, DEVICE_ID_LEN) == 0;
}

static enum carnet_status
seen_segment(void *context, const char *text, struct carnet_error *err)
{
	struct backup_run *run = context;
	char path[BACKUP_SEGMENT_TEXT];
	uint8_t name[HASH_LEN], hash[HASH_LEN], *bytes = NULL;
	enum carnet_status status;
	size_t len = 0;

	if (strlen(text) != 2 * HASH_LEN || !hex_decode(text, name, HASH_LEN))
		return CARNET_OK;
	if (run->seen.named_len > 0 &&
	    bsearch(name, run->seen.named, run->seen.named_len, HASH_LEN,
		seen_compare_hash) != NULL)
		return CARNET_OK;
	destination_segment_path(name, path);
	if (!seen_is_this_devices(run, path))
		return CARNET_OK;
	status =
	    files_load(run->fd, path, SNAPSHOT_SEGMENT_MAX, &bytes, &len, err);
	if (status == CARNET_NO_MEMORY)
		return status;
	if (status != CARNET_OK) /* hurt: it says nothing */
		return CARNET_OK;
	hash_bytes(NULL, bytes, len, hash);
	if (memcmp(hash, name, HASH_LEN) == 0)
		status = seen_last_event(run, bytes, len, err);
	free(bytes);
	return status;
}

/* --- all of it
 * -------------------------------------------------------------------- */

static int
seen_compare(const void *left, const void *right)
{
	const struct snapshot_head *a = &((const struct seen_head *)left)->head;
	const struct snapshot_head *b =
	    &((const struct seen_head *)right)->head;
	int order = memcmp(a->device, b->device, DEVICE_ID_LEN);

	if (order != 0)
		return order;
	if (a->seq != b->seq)
		return a->seq < b->seq ? -1 : 1;
	return memcmp(a->hash, b->hash, HASH_LEN);
}

enum carnet_status
seen_load(
    struct backup_seen *seen, struct backup_run *run, struct carnet_error *err)
{
	struct destination_visit visit = { seen_manifest, seen_manifest_problem,
		run };
	const uint8_t *vault_id = header_id(run->vault->header);
	enum carnet_status status;

	run->claims.fd = run->fd;
	run->claims.dry_run = run->options->dry_run;
	memcpy(run->claims.device, run->vault->device, DEVICE_ID_LEN);
	status = destination_snapshots(
	    run->fd, vault_id, run->vault->keys, &visit, err);
	if (status == CARNET_OK)
		status = claims_settle(
		    &run->claims, vault_id, run->vault->keys, err);
	if (status == CARNET_OK && run->vault->has_device) {
		seen_tidy_names(seen);
		status = files_each(run->fd, "ledger", seen_segment, run, err);
	}
	if (seen->len > 1)
		qsort(
		    seen->heads, seen->len, sizeof(*seen->heads), seen_compare);
	return status;
}

/* --- judging
 * ---------------------------------------------------------------------- */

/* The first head of this device and number, or where it would be. */
static size_t
seen_find(const struct backup_seen *seen, const uint8_t device[DEVICE_ID_LEN],
    uint64_t seq)
{
	struct seen_head sought = { .head = { .seq = seq } };
	size_t low = 0, high = seen->len;

	memcpy(sought.head.device, device, DEVICE_ID_LEN);
	while (low < high) { /* its hash is zeros: the first of all */
		size_t middle = low + (high - low) / 2;

		if (seen_compare(&seen->heads[middle], &sought) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
seen_meet(struct backup_seen *seen, const struct event *event)
{
	for (size_t i = seen_find(seen, event->device, event->seq);
	     i < seen->len && seen->heads[i].head.seq == event->seq &&
	     memcmp(seen->heads[i].head.device, event->device, DEVICE_ID_LEN) ==
		 0;
	     i++) {
		seen->heads[i].found = true;
		if (bytes_equal(
			seen->heads[i].head.hash, event->hash, HASH_LEN))
			continue;
		seen->contradicted = true;
		memcpy(seen->contradicted_device, event->device, DEVICE_ID_LEN);
	}
}

void
seen_forget_met(struct backup_seen *seen)
{
	seen->contradicted = false;
	for (size_t i = 0; i < seen->len; i++)
		seen->heads[i].found = false;
}

const uint8_t *
seen_missing(const struct backup_seen *seen, const struct ledger_gaps *gaps)
{
	if (seen->contradicted)
		return seen->contradicted_device;
	for (size_t i = 0; i < seen->len; i++) {
		const struct snapshot_head *head = &seen->heads[i].head;
		struct ledger_gap gap = { .from = head->seq, .to = head->seq };

		memcpy(gap.device, head->device, DEVICE_ID_LEN);
		if (seen->heads[i].had && !seen->heads[i].found &&
		    !ledger_gaps_explain(gaps, &gap))
			return head->device;
	}
	return NULL;
}

uint64_t
seen_lamport_elsewhere(const struct backup_seen *seen)
{
	uint64_t lamport = 0;

	for (size_t i = 0; i < seen->len; i++)
		if (!seen->heads[i].found &&
		    seen->heads[i].head.lamport > lamport)
			lamport = seen->heads[i].head.lamport;
	return lamport;
}
