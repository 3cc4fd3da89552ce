/* SPDX-License-Identifier: ISC */
/*
 * Writing the ledger: appending under one sync, closing segments.
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

enum carnet_status
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

/* What a crash left behind the last batch would be damage in a segment that
 * isn't the last one any more. */
enum carnet_status
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
	fd = openat(ledger->vault_fd, path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
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
		event->batch_index = (uint32_t)i;
		event->batch_len = (uint32_t)len;
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
