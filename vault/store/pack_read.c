/* SPDX-License-Identifier: ISC */
/*
 * Reads one pack, believing nothing: header, chunks, checksum.
 * Doesn't know which packs there are.  docs/format.md, "Packs"; pack.h.
 */
#include "pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PACK_STREAM_LEN ((size_t)256 << 10)
/* What stays near the processor from one look at it to the next. */
#define PACK_VERIFY_STEP ((size_t)128 << 10)

struct pack_opener {
	const struct keys *keys;
	uint8_t *sealed;      /* room bytes; then what was expanded */
	uint8_t *wrapped;     /* room bytes */
	size_t room;          /* enough for the largest chunk so far */
	struct pack_sum *sum; /* of what is read; NULL: nobody asks */
	struct expander *expander;
};

enum carnet_status
pack_damaged(
    const uint8_t id[PACK_ID_LEN], const char *what, struct carnet_error *err)
{
	char path[PACK_PATH_TEXT];

	pack_path(id, path);
	return carnet_fail(
	    err, CARNET_DAMAGED, CARNET_("pack %s is damaged: %s"), path, what);
}

static enum carnet_status
pack_no_memory(struct carnet_error *err)
{
	return carnet_fail(err, CARNET_NO_MEMORY, CARNET_("not enough memory"));
}

enum carnet_status
pack_read_at(int fd, const uint8_t id[PACK_ID_LEN], uint64_t offset,
    uint8_t *bytes, size_t len, struct carnet_error *err)
{
	char path[PACK_PATH_TEXT];

	while (len > 0) {
		ssize_t n = pread(fd, bytes, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int why = errno;

			pack_path(id, path);
			return carnet_fail_errno(
			    err, why, CARNET_("pack %s cannot be read"), path);
		}
		if (n == 0)
			return pack_damaged(
			    id, CARNET_("it is cut short"), err);
		bytes += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return CARNET_OK;
}

enum carnet_status
pack_file_size(int fd, const uint8_t id[PACK_ID_LEN], uint64_t *ret_size,
    struct carnet_error *err)
{
	char path[PACK_PATH_TEXT];
	struct stat st;

	if (fstat(fd, &st) != 0) {
		int why = errno;

		pack_path(id, path);
		return carnet_fail_errno(
		    err, why, CARNET_("pack %s cannot be read"), path);
	}
	if (!S_ISREG(st.st_mode))
		return pack_damaged(id, CARNET_("it is no regular file"), err);
	*ret_size = (uint64_t)st.st_size;
	return CARNET_OK;
}

enum carnet_status
pack_sum_range(int fd, const uint8_t id[PACK_ID_LEN], struct pack_sum *sum,
    uint64_t at, uint64_t end, struct carnet_error *err)
{
	uint8_t *bytes = malloc(PACK_STREAM_LEN);
	enum carnet_status status = CARNET_OK;

	if (bytes == NULL)
		return pack_no_memory(err);
	while (at < end && status == CARNET_OK) {
		size_t n = end - at < PACK_STREAM_LEN ? (size_t)(end - at)
						      : PACK_STREAM_LEN;

		status = pack_read_at(fd, id, at, bytes, n, err);
		if (status == CARNET_OK)
			pack_sum_more(sum, bytes, n);
		at += n;
	}
	free(bytes);
	return status;
}

/* Of the file's first len bytes, as its version has it. */
static enum carnet_status
pack_sum_file(int fd, const uint8_t id[PACK_ID_LEN], uint64_t version,
    uint64_t len, uint8_t ret_sum[PACK_SUM_LEN], struct carnet_error *err)
{
	struct pack_sum *sum = pack_sum_begin(version);
	enum carnet_status status;

	if (sum == NULL)
		return pack_no_memory(err);
	status = pack_sum_range(fd, id, sum, 0, len, err);
	if (status == CARNET_OK)
		pack_sum_end(sum, ret_sum);
	else
		pack_sum_abandon(sum);
	return status;
}

enum carnet_status
pack_check_file(int fd, const uint8_t id[PACK_ID_LEN], struct carnet_error *err)
{
	uint8_t header[PACK_HEADER_LEN], mine[PACK_HEADER_LEN];
	uint8_t sum[PACK_SUM_LEN], said[PACK_SUM_LEN];
	enum carnet_status status;
	uint64_t size = 0;

	status = pack_file_size(fd, id, &size, err);
	if (status != CARNET_OK)
		return status;
	if (size < PACK_HEADER_LEN + PACK_SUM_LEN)
		return pack_damaged(id, CARNET_("it is cut short"), err);
	status =
	    pack_read_at(fd, id, size - PACK_SUM_LEN, said, sizeof(said), err);
	if (status == CARNET_OK)
		status = pack_read_at(fd, id, 0, header, sizeof(header), err);
	if (status == CARNET_OK)
		status = pack_sum_file(fd, id, pack_get_le(header + 8, 2),
		    size - PACK_SUM_LEN, sum, err);
	if (status != CARNET_OK)
		return status;
	if (!bytes_equal(sum, said, PACK_SUM_LEN))
		return pack_damaged(
		    id, CARNET_("its checksum is not that of its bytes"), err);
	pack_header(id, mine);
	/* version and epoch aren't judged: a newer pack can be copied too */
	if (memcmp(header, mine, 8) != 0)
		return pack_damaged(id, CARNET_("it is not a pack"), err);
	if (memcmp(header + 14, id, PACK_ID_LEN) != 0)
		return pack_damaged(
		    id, CARNET_("it has the name of another pack"), err);
	return CARNET_OK;
}

/* A version or an epoch that we don't know: newer, unless it is damage. */
static enum carnet_status
pack_newer(int fd, const uint8_t id[PACK_ID_LEN], uint64_t version,
    uint64_t epoch, struct carnet_error *err)
{
	enum carnet_status status = pack_check_file(fd, id, err);
	char path[PACK_PATH_TEXT];

	if (status != CARNET_OK)
		return status;
	if (version == 0)
		return pack_damaged(id, CARNET_("it is not a pack"), err);
	pack_path(id, path);
	status =
	    version > PACK_VERSION
		? carnet_fail(err, CARNET_NEWER,
		      CARNET_(
			  "pack %s is of pack version %u; this carnet reads "
			  "versions up to %u"),
		      path, (unsigned)version, (unsigned)PACK_VERSION)
		: carnet_fail(err, CARNET_NEWER,
		      CARNET_("pack %s is of key epoch %u; this carnet knows "
			      "epoch %u"),
		      path, (unsigned)epoch, (unsigned)PACK_EPOCH);
	carnet_hint(err, CARNET_("a newer carnet is needed"));
	return status;
}

enum carnet_status
pack_read_header(int fd, const uint8_t id[PACK_ID_LEN],
    uint8_t ret_header[PACK_HEADER_LEN], struct carnet_error *err)
{
	uint8_t mine[PACK_HEADER_LEN], header[PACK_HEADER_LEN];
	enum carnet_status status;
	uint64_t version, epoch, size = 0;

	status = pack_file_size(fd, id, &size, err);
	if (status == CARNET_OK)
		status = pack_read_at(fd, id, 0, header, sizeof(header), err);
	if (status != CARNET_OK)
		return status;
	pack_header(id, mine);
	if (memcmp(header, mine, 8) != 0)
		return pack_damaged(id, CARNET_("it is not a pack"), err);
	version = pack_get_le(header + 8, 2);
	epoch = pack_get_le(header + 10, 4);
	if (version < 1 || version > PACK_VERSION || epoch != PACK_EPOCH)
		return pack_newer(fd, id, version, epoch, err);
	if (memcmp(header + 14, id, PACK_ID_LEN) != 0)
		return pack_damaged(
		    id, CARNET_("it has the name of another pack"), err);
	memcpy(ret_header, mine, PACK_HEADER_LEN);
	return CARNET_OK;
}

struct pack_opener *
pack_opener_new(const struct keys *keys)
{
	struct pack_opener *opener = calloc(1, sizeof(*opener));

	if (opener == NULL)
		return NULL;
	opener->keys = keys;
	opener->expander = expander_new();
	if (opener->expander == NULL) {
		pack_opener_free(opener);
		return NULL;
	}
	return opener;
}

void
pack_opener_sum(struct pack_opener *opener, struct pack_sum *sum)
{
	opener->sum = sum;
}

void
pack_opener_free(struct pack_opener *opener)
{
	if (opener == NULL)
		return;
	free(opener->sealed);
	free(opener->wrapped);
	expander_free(opener->expander);
	free(opener);
}

/* For so many bytes sealed, and for as many of what is in them. */
static bool
pack_opener_reserve(struct pack_opener *opener, size_t room)
{
	if (room <= opener->room)
		return true;
	free(opener->sealed);
	free(opener->wrapped);
	opener->sealed = malloc(room);
	opener->wrapped = malloc(room);
	opener->room =
	    opener->sealed != NULL && opener->wrapped != NULL ? room : 0;
	return opener->room > 0;
}

/* Whether a chunk can be there at all, and what its seal is bound to. */
static enum carnet_status
pack_judge_place(const struct chunk_place *place,
    const uint8_t header[PACK_HEADER_LEN], uint8_t ret_ad[PACK_AD_LEN],
    struct carnet_error *err)
{
	if (place->len < BOX_SEALED_MIN || place->len > BOX_SEALED_MAX ||
	    place->plain_len > CHUNK_MAX || place->offset < PACK_HEADER_LEN ||
	    place->offset > PACK_SIZE_MAX)
		return pack_damaged(
		    place->pack, CARNET_("a chunk's place is impossible"), err);
	pack_ad(header, PACK_CHUNK, place->offset, ret_ad);
	return CARNET_OK;
}

/* Bytes of a chunk, told to the sum too. */
static enum carnet_status
pack_read_piece(struct pack_opener *opener, int fd,
    const struct chunk_place *place, size_t at, uint8_t *bytes, size_t len,
    struct carnet_error *err)
{
	enum carnet_status status =
	    pack_read_at(fd, place->pack, place->offset + at, bytes, len, err);

	if (status == CARNET_OK && opener->sum != NULL)
		pack_sum_more(opener->sum, bytes, len);
	return status;
}

static enum carnet_status
pack_does_not_open(const struct chunk_place *place, struct carnet_error *err)
{
	return pack_damaged(place->pack, CARNET_("a chunk does not open"), err);
}

enum carnet_status
pack_verify_chunk(struct pack_opener *opener, int fd,
    const uint8_t header[PACK_HEADER_LEN], const struct chunk_row *row,
    struct carnet_error *err)
{
	const struct chunk_place *place = &row->place;
	uint8_t ad[PACK_AD_LEN];
	enum carnet_status status = pack_judge_place(place, header, ad, err);
	struct seal_check *check;

	if (status != CARNET_OK)
		return status;
	check = seal_check_begin(
	    keys_get(opener->keys, KEY_PACKS), ad, sizeof(ad), place->len);
	if (check == NULL || !pack_opener_reserve(opener, PACK_VERIFY_STEP))
		status = pack_no_memory(err);
	for (size_t at = 0; at < place->len && status == CARNET_OK;
	     at += PACK_VERIFY_STEP) {
		size_t left = place->len - at;
		size_t step = left < PACK_VERIFY_STEP ? left : PACK_VERIFY_STEP;

		status = pack_read_piece(
		    opener, fd, place, at, opener->sealed, step, err);
		if (status == CARNET_OK)
			seal_check_more(check, opener->sealed, step);
	}
	if (!seal_check_end(check) && status == CARNET_OK)
		status = pack_does_not_open(place, err);
	return status;
}

enum carnet_status
pack_read_chunk(struct pack_opener *opener, int fd,
    const uint8_t header[PACK_HEADER_LEN], const struct chunk_row *row,
    const uint8_t **ret_plain, struct carnet_error *err)
{
	const struct chunk_place *place = &row->place;
	uint8_t ad[PACK_AD_LEN];
	enum carnet_status status = pack_judge_place(place, header, ad, err);
	const uint8_t *plain = NULL;
	struct chunk_name name;

	if (status == CARNET_OK &&
	    !pack_opener_reserve(opener,
		place->len > place->plain_len ? place->len : place->plain_len))
		status = pack_no_memory(err);
	if (status == CARNET_OK)
		status = pack_read_piece(
		    opener, fd, place, 0, opener->sealed, place->len, err);
	if (status != CARNET_OK)
		return status;
	if (!unseal(keys_get(opener->keys, KEY_PACKS), ad, sizeof(ad),
		opener->sealed, place->len, opener->wrapped))
		return pack_does_not_open(place, err);
	if (!box_expand(opener->expander, opener->wrapped,
		place->len - SEAL_OVERHEAD, place->plain_len, opener->sealed,
		&plain))
		return pack_damaged(
		    place->pack, CARNET_("a chunk does not expand"), err);
	hash_bytes(keys_get(opener->keys, KEY_NAMES), plain, place->plain_len,
	    name.bytes);
	if (!bytes_equal(name.bytes, row->name.bytes, HASH_LEN))
		return pack_damaged(
		    place->pack, CARNET_("a chunk is not the one named"), err);
	*ret_plain = plain;
	return CARNET_OK;
}
