/* SPDX-License-Identifier: ISC */
/*
 * Writing the ledger: appending under one sync, and erasing payloads.
 * The caller holds the writer's lock.  The contract is in ledger.h.
 */
#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger_files.h"
#include "segment.h"

static void
ledger_segment_name(const struct ledger *ledger,
    const struct ledger_cursor *cursor, struct segment_name *ret_name)
{
	memset(ret_name, 0, sizeof(*ret_name));
	memcpy(ret_name->vault, ledger->vault_id, sizeof(ret_name->vault));
	memcpy(ret_name->device, cursor->device, DEVICE_ID_LEN);
	ret_name->number = cursor->segment;
	ret_name->revision = cursor->revision;
}

/* Makes the device's folder if it isn't there, and syncs ledger/. */
static enum carnet_status
ledger_make_folder(struct ledger *ledger, const uint8_t device[DEVICE_ID_LEN],
    struct carnet_error *err)
{
	char hex[DEVICE_ID_TEXT], path[LEDGER_PATH_TEXT];

	hex_encode(device, DEVICE_ID_LEN, hex);
	(void)snprintf(path, sizeof(path), "ledger/%s", hex);
	if (mkdirat(ledger->vault_fd, path, 0700) == 0)
		return ledger_sync_folder(ledger->vault_fd, "ledger", err);
	if (errno != EEXIST)
		return carnet_fail_errno(err, errno, "%s", path);
	return CARNET_OK;
}

/*
 * A new segment: header under a temporary name, synced, renamed.  A crash
 * leaves no segment or a whole one.
 */
static enum carnet_status
ledger_new_segment(struct ledger *ledger, const struct segment_name *name,
    const uint8_t *bytes, size_t len, struct carnet_error *err)
{
	char path[LEDGER_PATH_TEXT], folder[LEDGER_PATH_TEXT];
	char temporary[LEDGER_PATH_TEXT], hex[DEVICE_ID_TEXT];
	enum carnet_status status;
	int fd;

	hex_encode(name->device, DEVICE_ID_LEN, hex);
	ledger_path(name->device, name->number, name->revision, path);
	(void)snprintf(folder, sizeof(folder), "ledger/%s", hex);
	(void)snprintf(temporary, sizeof(temporary), "ledger/%s/.new", hex);
	status = ledger_make_folder(ledger, name->device, err);
	if (status != CARNET_OK)
		return status;
	(void)unlinkat(ledger->vault_fd, temporary, 0);
	fd = openat(ledger->vault_fd, temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return carnet_fail_errno(err, errno, "%s", temporary);
	status = ledger_file_write_at(fd, temporary, bytes, len, 0, err);
	if (status == CARNET_OK && fsync(fd) != 0)
		status = carnet_fail_errno(err, errno, "%s", temporary);
	(void)close(fd);
	if (status == CARNET_OK &&
	    renameat(ledger->vault_fd, temporary, ledger->vault_fd, path) != 0)
		status = carnet_fail_errno(err, errno, "%s", path);
	if (status == CARNET_OK)
		status = ledger_sync_folder(ledger->vault_fd, folder, err);
	if (status != CARNET_OK)
		(void)unlinkat(ledger->vault_fd, temporary, 0);
	return status;
}

/* A torn tail is one only in the last segment: it goes before another one
 * begins. */
static enum carnet_status
ledger_cut_tail(struct ledger *ledger, const struct ledger_cursor *cursor,
    struct carnet_error *err)
{
	char path[LEDGER_PATH_TEXT];
	enum carnet_status status = CARNET_OK;
	struct stat info;
	int fd;

	if (cursor->segment == 0)
		return CARNET_OK;
	ledger_path(cursor->device, cursor->segment, cursor->revision, path);
	fd = openat(ledger->vault_fd, path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return carnet_fail_errno(err, errno, "%s", path);
	if (fstat(fd, &info) != 0 ||
	    ((uint64_t)info.st_size > cursor->end &&
		(ftruncate(fd, (off_t)cursor->end) != 0 || fsync(fd) != 0)))
		status = carnet_fail_errno(err, errno, "%s", path);
	(void)close(fd);
	return status;
}

static enum carnet_status
ledger_start_segment(struct ledger *ledger, struct ledger_cursor *cursor,
    struct carnet_error *err)
{
	struct ledger_cursor next = *cursor;
	uint8_t header[SEGMENT_HEADER_LEN];
	struct segment_name name;
	enum carnet_status status;

	next.segment++;
	next.revision = 0;
	next.end = SEGMENT_HEADER_LEN;
	ledger_segment_name(ledger, &next, &name);
	segment_header(&name, header);
	status = ledger_cut_tail(ledger, cursor, err);
	if (status == CARNET_OK)
		status = ledger_new_segment(
		    ledger, &name, header, sizeof(header), err);
	if (status == CARNET_OK)
		*cursor = next;
	return status;
}

enum carnet_status
ledger_close_segment(struct ledger *ledger, struct ledger_cursor *cursor,
    struct carnet_error *err)
{
	/* also of an empty one: it may be copied as it is */
	if (cursor->end <= SEGMENT_HEADER_LEN)
		return ledger_cut_tail(ledger, cursor, err);
	return ledger_start_segment(ledger, cursor, err);
}

/* Encodes and seals the events one behind the other. */
static enum carnet_status
ledger_seal_batch(struct ledger *ledger, struct ledger_cursor *cursor,
    uint64_t lamport, struct event *events, size_t len,
    struct ledger_place *places, uint8_t **ret_bytes, size_t *ret_len,
    struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	struct segment_name name;
	uint8_t *batch = NULL;
	size_t batch_len = 0;

	ledger_segment_name(ledger, cursor, &name);
	for (size_t i = 0; i < len && status == CARNET_OK; i++) {
		struct event *event = &events[i];
		uint8_t *plain = NULL, *grown;
		size_t plain_len = 0, record_len;

		memcpy(event->device, cursor->device, DEVICE_ID_LEN);
		event->seq = cursor->seq + 1;
		event->lamport = lamport + i + 1;
		memcpy(event->previous, cursor->hash, HASH_LEN);
		status = event_encode(event, &plain, &plain_len, err);
		if (status != CARNET_OK)
			break;
		record_len = (size_t)segment_record_len(plain_len);
		grown = realloc(batch, batch_len + record_len);
		if (grown == NULL) {
			free(plain);
			status = carnet_fail_errno(err, ENOMEM, "ledger");
			break;
		}
		batch = grown;
		segment_seal(ledger->keys, &name, cursor->end, plain, plain_len,
		    batch + batch_len);
		free(plain);
		places[i] = (struct ledger_place){ .segment = cursor->segment,
			.revision = cursor->revision,
			.position = cursor->end,
			.end = cursor->end + record_len };
		batch_len += record_len;
		cursor->end += record_len;
		cursor->seq = event->seq;
		cursor->lamport = event->lamport;
		memcpy(cursor->hash, event->hash, HASH_LEN);
	}
	if (status != CARNET_OK) {
		free(batch);
		return status;
	}
	*ret_bytes = batch;
	*ret_len = batch_len;
	return CARNET_OK;
}

/* Appends bytes at `from`; whatever is behind it (a torn tail) goes first. */
static enum carnet_status
ledger_write_batch(struct ledger *ledger, const struct ledger_cursor *cursor,
    uint64_t from, const uint8_t *bytes, size_t len, struct carnet_error *err)
{
	char path[LEDGER_PATH_TEXT];
	enum carnet_status status = CARNET_OK;
	struct stat info;
	int fd;

	ledger_path(cursor->device, cursor->segment, cursor->revision, path);
	fd = openat(ledger->vault_fd, path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return carnet_fail_errno(err, errno, "%s", path);
	if (fstat(fd, &info) != 0)
		status = carnet_fail_errno(err, errno, "%s", path);
	else if ((uint64_t)info.st_size < from)
		status = carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("%s: shorter than the database says"), path);
	else if ((uint64_t)info.st_size > from &&
		 ftruncate(fd, (off_t)from) != 0)
		status = carnet_fail_errno(err, errno, "%s", path);
	if (status == CARNET_OK) {
		status = ledger_file_write_at(fd, path, bytes, len, from, err);
		if (status == CARNET_OK && fdatasync(fd) != 0)
			status = carnet_fail_errno(err, errno, "%s", path);
		/* best effort: what stays is a torn tail, cut off next time */
		if (status != CARNET_OK && ftruncate(fd, (off_t)from) != 0)
			errno = 0;
	}
	(void)close(fd);
	return status;
}

enum carnet_status
ledger_append(struct ledger *ledger, struct ledger_cursor *cursor,
    uint64_t lamport, struct event *events, size_t len,
    struct ledger_place *ret_places, struct carnet_error *err)
{
	struct ledger_cursor next = *cursor;
	enum carnet_status status = CARNET_OK;
	uint8_t *batch = NULL;
	size_t batch_len = 0;
	uint64_t from;

	if (next.segment == 0 || next.end >= SEGMENT_CLOSE_LEN)
		status = ledger_start_segment(ledger, &next, err);
	from = next.end;
	if (status == CARNET_OK)
		status = ledger_seal_batch(ledger, &next, lamport, events, len,
		    ret_places, &batch, &batch_len, err);
	if (status == CARNET_OK)
		status = ledger_write_batch(
		    ledger, &next, from, batch, batch_len, err);
	free(batch);
	if (status == CARNET_OK)
		*cursor = next;
	return status;
}

/* --- purge --------------------------------------------------------------- */

struct purge_rewrite {
	struct ledger *ledger;
	struct segment_name old, new;
	uint8_t *bytes; /* of the new segment */
	size_t len;
	bool changed;
};

static enum carnet_status
purge_add_record(struct purge_rewrite *rewrite, const uint8_t *plain,
    size_t plain_len, struct carnet_error *err)
{
	size_t record_len = (size_t)segment_record_len(plain_len);
	uint8_t *grown = realloc(rewrite->bytes, rewrite->len + record_len);

	if (grown == NULL)
		return carnet_fail_errno(err, ENOMEM, "ledger");
	rewrite->bytes = grown;
	segment_seal(rewrite->ledger->keys, &rewrite->new, rewrite->len, plain,
	    plain_len, rewrite->bytes + rewrite->len);
	rewrite->len += record_len;
	return CARNET_OK;
}

/* Takes one record over, without its payload if it is doomed. */
static enum carnet_status
purge_take_record(struct purge_rewrite *rewrite, const uint8_t *plain,
    size_t plain_len, ledger_doomed *doomed, void *context,
    struct carnet_error *err)
{
	struct event event = { 0 };
	uint8_t *erased = NULL;
	size_t erased_len = 0;
	enum carnet_status status = event_decode(plain, plain_len, &event, err);

	if (status != CARNET_OK)
		return status;
	if (event.purged || !doomed(context, &event)) {
		event_clear(&event);
		return purge_add_record(rewrite, plain, plain_len, err);
	}
	event.purged = true;
	bytes_wipe(event.payload, event.payload_len);
	status = event_encode(&event, &erased, &erased_len, err);
	if (status == CARNET_OK)
		status = purge_add_record(rewrite, erased, erased_len, err);
	rewrite->changed = true;
	free(erased);
	event_clear(&event);
	return status;
}

static enum carnet_status
purge_segment(struct ledger *ledger, const struct ledger_file *file,
    ledger_doomed *doomed, void *context, struct carnet_error *err)
{
	struct purge_rewrite rewrite = { .ledger = ledger };
	enum carnet_status status;
	uint8_t *bytes = NULL;
	uint64_t position = SEGMENT_HEADER_LEN;
	size_t len = 0;

	memcpy(rewrite.old.vault, ledger->vault_id, 16);
	memcpy(rewrite.old.device, file->device, DEVICE_ID_LEN);
	rewrite.old.number = file->segment;
	rewrite.old.revision = file->revision;
	rewrite.new = rewrite.old;
	rewrite.new.revision++;
	status =
	    ledger_file_load(ledger->vault_fd, file->path, &bytes, &len, err);
	if (status == CARNET_OK)
		status = segment_check_header(&rewrite.old, bytes, len, err);
	rewrite.bytes = malloc(SEGMENT_HEADER_LEN);
	rewrite.len = SEGMENT_HEADER_LEN;
	if (status == CARNET_OK && rewrite.bytes == NULL)
		status = carnet_fail_errno(err, ENOMEM, "ledger");
	if (status == CARNET_OK)
		segment_header(&rewrite.new, rewrite.bytes);
	while (status == CARNET_OK && position < len) {
		uint8_t *plain = NULL;
		size_t plain_len = 0;

		status = segment_open_record(ledger->keys, &rewrite.old, bytes,
		    len, position, &plain, &plain_len, &position, err);
		if (status == CARNET_NOT_FOUND)
			status = carnet_fail(err, CARNET_DAMAGED,
			    CARNET_("%s: a record does not open"), file->path);
		if (status == CARNET_OK)
			status = purge_take_record(
			    &rewrite, plain, plain_len, doomed, context, err);
		if (plain != NULL)
			bytes_wipe(plain, plain_len);
		free(plain);
	}
	if (status == CARNET_OK && rewrite.changed) {
		status = ledger_new_segment(
		    ledger, &rewrite.new, rewrite.bytes, rewrite.len, err);
		if (status == CARNET_OK &&
		    unlinkat(ledger->vault_fd, file->path, 0) != 0)
			status =
			    carnet_fail_errno(err, errno, "%s", file->path);
	}
	free(rewrite.bytes);
	free(bytes);
	return status;
}

enum carnet_status
ledger_purge(struct ledger *ledger, ledger_doomed *doomed, void *context,
    struct carnet_error *err)
{
	struct ledger_file *files = NULL;
	enum carnet_status status;
	size_t len = 0;

	status = ledger_list(ledger->vault_fd, &files, &len, err);
	for (size_t i = 0; i < len && status == CARNET_OK; i++)
		status = purge_segment(ledger, &files[i], doomed, context, err);
	free(files);
	return status;
}
