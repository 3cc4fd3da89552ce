/* SPDX-License-Identifier: ISC */
/*
 * Writes one pack: header, sealed chunks, list, padding, trailer, checksum.
 * Doesn't choose what goes into it, nor gives it its name (pack_folder.c).
 * docs/format.md, "Packs"; pack.h.
 */
#include "pack.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PACK_GATHER_LEN ((size_t)256 << 10)
/* After so many bytes the disk may begin. */
#define PACK_WRITE_STEP ((uint64_t)2 << 20)

struct pack_writer {
	uint8_t id[PACK_ID_LEN];
	uint8_t header[PACK_HEADER_LEN];
	const uint8_t *key;
	int fd;
	uint64_t end; /* bytes of the pack so far, gathered ones included */
	uint64_t written, begun; /* of them; those the disk was told to write */
	struct pack_sum *sum;
	uint8_t *gathered; /* PACK_GATHER_LEN, not yet written */
	size_t gathered_len;
	uint8_t *sealed; /* BOX_SEALED_MAX */
	uint8_t *list;   /* rows, as they will be sealed */
	size_t count, room;
};

static enum carnet_status
pack_write_failed(
    const struct pack_writer *writer, int errno_value, struct carnet_error *err)
{
	char path[PACK_PATH_TEXT];

	pack_path(writer->id, path);
	return carnet_fail_errno(
	    err, errno_value, CARNET_("pack %s cannot be written"), path);
}

/* The disk writes while the rest is sealed, so that the sync at the end has
 * less to wait for.  A wish, no promise: what it says isn't asked. */
static void
pack_begin_writing(struct pack_writer *writer)
{
	uint64_t len = writer->written - writer->begun;

	if (len < PACK_WRITE_STEP)
		return;
	(void)sync_file_range(writer->fd, (off_t)writer->begun, (off_t)len,
	    SYNC_FILE_RANGE_WRITE);
	writer->begun = writer->written;
}

static enum carnet_status
pack_write_all(struct pack_writer *writer, const uint8_t *bytes, size_t len,
    struct carnet_error *err)
{
	while (len > 0) {
		ssize_t n = write(writer->fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return pack_write_failed(
			    writer, n < 0 ? errno : ENOSPC, err);
		bytes += n;
		len -= (size_t)n;
		writer->written += (size_t)n;
	}
	pack_begin_writing(writer);
	return CARNET_OK;
}

enum carnet_status
pack_settle(struct pack_writer *writer, struct carnet_error *err)
{
	size_t len = writer->gathered_len;

	writer->gathered_len = 0;
	return pack_write_all(writer, writer->gathered, len, err);
}

/* Sums up, then gathers or writes. */
static enum carnet_status
pack_emit(struct pack_writer *writer, const uint8_t *bytes, size_t len,
    struct carnet_error *err)
{
	pack_sum_more(writer->sum, bytes, len);
	writer->end += len;
	if (len > PACK_GATHER_LEN - writer->gathered_len) {
		enum carnet_status status = pack_settle(writer, err);

		if (status != CARNET_OK)
			return status;
	}
	if (len >= PACK_GATHER_LEN)
		return pack_write_all(writer, bytes, len, err);
	memcpy(writer->gathered + writer->gathered_len, bytes, len);
	writer->gathered_len += len;
	return CARNET_OK;
}

static enum carnet_status
pack_open_temp(int vault_fd, const uint8_t id[PACK_ID_LEN], int *ret_fd,
    struct carnet_error *err)
{
	char path[PACK_TEMP_TEXT];
	int folder = -1, fd;
	enum carnet_status status;

	status = pack_open_folder(vault_fd, id, true, &folder, err);
	if (status != CARNET_OK)
		return status;
	pack_temp_path(id, path);
	fd = openat(folder, strrchr(path, '/') + 1,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		status = carnet_fail_errno(
		    err, errno, CARNET_("pack %s cannot be made"), path);
	else
		*ret_fd = fd;
	(void)close(folder);
	return status;
}

enum carnet_status
pack_create(int vault_fd, const uint8_t id[PACK_ID_LEN],
    const struct keys *keys, struct pack_writer **ret_writer,
    struct carnet_error *err)
{
	struct pack_writer *writer = calloc(1, sizeof(*writer));
	uint8_t header[PACK_HEADER_LEN];
	enum carnet_status status = CARNET_NO_MEMORY;

	if (writer == NULL)
		goto done;
	memcpy(writer->id, id, PACK_ID_LEN);
	writer->fd = -1;
	writer->key = keys_get(keys, KEY_PACKS);
	writer->sum = pack_sum_begin(PACK_VERSION);
	writer->gathered = malloc(PACK_GATHER_LEN);
	writer->sealed = malloc(BOX_SEALED_MAX);
	if (writer->sum == NULL || writer->gathered == NULL ||
	    writer->sealed == NULL)
		goto done;
	status = pack_open_temp(vault_fd, id, &writer->fd, err);
	if (status != CARNET_OK)
		goto done;
	pack_header(id, writer->header);
	memcpy(header, writer->header, sizeof(header));
	pack_put_le(header + 8, PACK_VERSION, 2);
	/* fits what is gathered: nothing is written yet, nothing can fail */
	(void)pack_emit(writer, header, sizeof(header), NULL);
	*ret_writer = writer;
	writer = NULL;
done:
	if (status == CARNET_NO_MEMORY)
		(void)carnet_fail(err, status, CARNET_("not enough memory"));
	pack_writer_free(writer);
	return status;
}

void
pack_writer_free(struct pack_writer *writer)
{
	if (writer == NULL)
		return;
	if (writer->fd >= 0)
		(void)close(writer->fd);
	pack_sum_abandon(writer->sum);
	free(writer->gathered);
	free(writer->sealed);
	free(writer->list);
	free(writer);
}

void
pack_abandon(int vault_fd, struct pack_writer *writer)
{
	if (writer == NULL)
		return;
	pack_discard(vault_fd, writer->id);
	pack_writer_free(writer);
}

static enum carnet_status
pack_list_row(struct pack_writer *writer, const struct box *box,
    uint32_t sealed_len, struct carnet_error *err)
{
	uint8_t *row;

	if (writer->count == writer->room) {
		size_t room = writer->room == 0 ? 64 : 2 * writer->room;
		uint8_t *list = realloc(
		    writer->list, PACK_LIST_HEAD_LEN + room * PACK_ROW_LEN);

		if (list == NULL)
			return carnet_fail(err, CARNET_NO_MEMORY,
			    CARNET_("not enough memory"));
		writer->list = list;
		writer->room = room;
	}
	row = writer->list + PACK_LIST_HEAD_LEN + writer->count * PACK_ROW_LEN;
	memcpy(row, box->name.bytes, HASH_LEN);
	pack_put_le(row + 32, writer->end, 8);
	pack_put_le(row + 40, sealed_len, 4);
	pack_put_le(row + 44, box->plain_len, 4);
	writer->count++;
	return CARNET_OK;
}

/* Seals len bytes for the pack's present end, and emits them. */
static enum carnet_status
pack_emit_sealed(struct pack_writer *writer, enum pack_part part,
    const uint8_t *bytes, size_t len, struct carnet_error *err)
{
	uint8_t ad[PACK_AD_LEN];

	pack_ad(writer->header, part, writer->end, ad);
	seal(writer->key, ad, sizeof(ad), bytes, len, writer->sealed);
	return pack_emit(writer, writer->sealed, len + SEAL_OVERHEAD, err);
}

enum carnet_status
pack_append(
    struct pack_writer *writer, const struct box *box, struct carnet_error *err)
{
	size_t len = box_wrapped_len(box);
	enum carnet_status status =
	    pack_list_row(writer, box, (uint32_t)(len + SEAL_OVERHEAD), err);

	if (status != CARNET_OK)
		return status;
	return pack_emit_sealed(writer, PACK_CHUNK, box_wrapped(box), len, err);
}

/*
 * Padding: zeros sealed with a key that is thrown away, so that it looks
 * like the rest.  At most BOX_SEALED_MAX at a time.
 */
static enum carnet_status
pack_emit_padding(
    struct pack_writer *writer, uint64_t len, struct carnet_error *err)
{
	static const uint8_t zeros[PACK_GATHER_LEN - SEAL_OVERHEAD];
	uint8_t key[KEY_LEN];
	enum carnet_status status = CARNET_OK;

	random_fill(key, sizeof(key));
	while (status == CARNET_OK && len > 0) {
		size_t n =
		    PACK_GATHER_LEN < len ? PACK_GATHER_LEN : (size_t)len;

		seal(key, NULL, 0, zeros, sizeof(zeros), writer->sealed);
		status = pack_emit(writer, writer->sealed, n, err);
		len -= n;
	}
	bytes_wipe(key, sizeof(key));
	return status;
}

static enum carnet_status
pack_emit_end(struct pack_writer *writer, uint64_t list_at, size_t list_len,
    struct carnet_error *err)
{
	uint8_t trailer[PACK_TRAILER_LEN - SEAL_OVERHEAD];
	uint8_t sum[PACK_SUM_LEN];
	enum carnet_status status;

	pack_put_le(trailer, list_at, 8);
	pack_put_le(trailer + 8, list_len, 8);
	pack_put_le(trailer + 16, writer->count, 4);
	status = pack_emit_sealed(
	    writer, PACK_TRAILER, trailer, sizeof(trailer), err);
	if (status == CARNET_OK)
		status = pack_settle(writer, err);
	if (status != CARNET_OK)
		return status;
	pack_sum_end(writer->sum, sum);
	writer->sum = NULL;
	return pack_write_all(writer, sum, sizeof(sum), err);
}

enum carnet_status
pack_finish(struct pack_writer *writer, struct carnet_error *err)
{
	uint64_t list_at = writer->end;
	size_t len = PACK_LIST_HEAD_LEN + writer->count * PACK_ROW_LEN;
	uint64_t unpadded = pack_unpadded(list_at, writer->count);
	enum carnet_status status;

	assert(writer->count > 0);
	pack_put_le(writer->list, writer->count, PACK_LIST_HEAD_LEN);
	status = pack_emit_sealed(writer, PACK_LIST, writer->list, len, err);
	if (status == CARNET_OK)
		status = pack_emit_padding(
		    writer, pack_padded(unpadded) - unpadded, err);
	if (status == CARNET_OK)
		status =
		    pack_emit_end(writer, list_at, len + SEAL_OVERHEAD, err);
	/* never twice: the second fsync could succeed without the data */
	if (status == CARNET_OK && fsync(writer->fd) != 0)
		status = pack_write_failed(writer, errno, err);
	return status;
}
