/* SPDX-License-Identifier: ISC */
/*
 * A pack's own list of its chunks, and the check of every one of them.
 * docs/format.md, "Packs": trailer, then list; store.h has the contract.
 */
#include "pack.h"

#include <stdlib.h>
#include <string.h>

struct list_place {
	uint64_t offset, len;
	size_t count;
};

static enum carnet_status
list_no_memory(struct carnet_error *err)
{
	return carnet_fail(err, CARNET_NO_MEMORY, CARNET_("not enough memory"));
}

/* Where the sealed trailer says that the list is; it must fit the file. */
static enum carnet_status
list_find(int fd, const uint8_t id[PACK_ID_LEN], const uint8_t *key,
    const uint8_t header[PACK_HEADER_LEN], struct list_place *ret,
    struct carnet_error *err)
{
	uint8_t sealed[PACK_TRAILER_LEN];
	uint8_t trailer[PACK_TRAILER_LEN - SEAL_OVERHEAD];
	uint8_t ad[PACK_AD_LEN];
	enum carnet_status status;
	uint64_t size = 0;

	status = pack_file_size(fd, id, &size, err);
	if (status != CARNET_OK)
		return status;
	if (size < PACK_SIZE_MIN || size > PACK_SIZE_MAX)
		return pack_damaged(
		    id, CARNET_("its size is not that of a pack"), err);
	status = pack_read_at(
	    fd, id, size - PACK_END_LEN, sealed, sizeof(sealed), err);
	if (status != CARNET_OK)
		return status;
	pack_ad(header, PACK_TRAILER, size - PACK_END_LEN, ad);
	if (!unseal(key, ad, sizeof(ad), sealed, sizeof(sealed), trailer))
		return pack_damaged(
		    id, CARNET_("its trailer does not open"), err);
	ret->offset = pack_get_le(trailer, 8);
	ret->len = pack_get_le(trailer + 8, 8);
	ret->count = (size_t)pack_get_le(trailer + 16, 4);
	if (ret->count == 0 || ret->count > PACK_CHUNKS_MAX ||
	    ret->len != PACK_LIST_HEAD_LEN + ret->count * PACK_ROW_LEN +
			    SEAL_OVERHEAD ||
	    ret->offset < PACK_HEADER_LEN ||
	    ret->offset > size - PACK_END_LEN ||
	    ret->len > size - PACK_END_LEN - ret->offset)
		return pack_damaged(
		    id, CARNET_("its trailer is impossible"), err);
	return CARNET_OK;
}

/* The rows, if chunk follows chunk from the header to the list. */
static bool
list_parse(const uint8_t *list, const uint8_t id[PACK_ID_LEN],
    const struct list_place *where, struct chunk_row *rows)
{
	uint64_t end = PACK_HEADER_LEN;

	if (pack_get_le(list, PACK_LIST_HEAD_LEN) != where->count)
		return false;
	for (size_t i = 0; i < where->count; i++) {
		const uint8_t *bytes =
		    list + PACK_LIST_HEAD_LEN + i * PACK_ROW_LEN;
		struct chunk_place *place = &rows[i].place;

		memcpy(rows[i].name.bytes, bytes, HASH_LEN);
		memcpy(place->pack, id, PACK_ID_LEN);
		place->offset = pack_get_le(bytes + 32, 8);
		place->len = (uint32_t)pack_get_le(bytes + 40, 4);
		place->plain_len = (uint32_t)pack_get_le(bytes + 44, 4);
		if (place->offset != end || place->len < BOX_SEALED_MIN ||
		    place->len > BOX_SEALED_MAX || place->plain_len == 0 ||
		    place->plain_len > CHUNK_MAX)
			return false;
		end += place->len;
	}
	return end == where->offset;
}

enum carnet_status
pack_salvage_list(int fd, const uint8_t id[PACK_ID_LEN],
    const struct keys *keys, struct chunk_row **ret_rows, size_t *ret_len,
    struct carnet_error *err)
{
	const uint8_t *key = keys_get(keys, KEY_PACKS);
	uint8_t header[PACK_HEADER_LEN], ad[PACK_AD_LEN];
	struct list_place where = { 0 };
	struct chunk_row *rows = NULL;
	uint8_t *sealed = NULL, *list = NULL;
	enum carnet_status status;

	pack_header(id, header);
	status = list_find(fd, id, key, header, &where, err);
	if (status != CARNET_OK)
		return status;
	sealed = malloc(where.len);
	list = malloc(where.len);
	rows = calloc(where.count, sizeof(*rows));
	if (sealed == NULL || list == NULL || rows == NULL) {
		status = list_no_memory(err);
		goto done;
	}
	status = pack_read_at(fd, id, where.offset, sealed, where.len, err);
	if (status != CARNET_OK)
		goto done;
	pack_ad(header, PACK_LIST, where.offset, ad);
	if (!unseal(key, ad, sizeof(ad), sealed, where.len, list)) {
		status =
		    pack_damaged(id, CARNET_("its list does not open"), err);
		goto done;
	}
	if (!list_parse(list, id, &where, rows)) {
		status =
		    pack_damaged(id, CARNET_("its list is impossible"), err);
		goto done;
	}
	*ret_rows = rows;
	*ret_len = where.count;
	rows = NULL;
done:
	free(sealed);
	free(list);
	free(rows);
	return status;
}

enum carnet_status
pack_read_list(int fd, const uint8_t id[PACK_ID_LEN], const struct keys *keys,
    struct chunk_row **ret_rows, size_t *ret_len, struct carnet_error *err)
{
	uint8_t header[PACK_HEADER_LEN];
	enum carnet_status status = pack_read_header(fd, id, header, err);

	if (status != CARNET_OK)
		return status;
	return pack_salvage_list(fd, id, keys, ret_rows, ret_len, err);
}

/* Every seal verified, and, with names, what is in it looked at; what is read
 * of chunks goes into the sum too, unless it is NULL. */
static enum carnet_status
list_verify_all(int fd, const struct chunk_row *rows, size_t len,
    const struct keys *keys, bool names, struct pack_sum *sum,
    struct carnet_error *err)
{
	struct pack_opener *opener = pack_opener_new(keys);
	uint8_t header[PACK_HEADER_LEN];
	enum carnet_status status = CARNET_OK;
	const uint8_t *plain;

	if (opener == NULL)
		return list_no_memory(err);
	pack_opener_sum(opener, sum);
	pack_header(rows[0].place.pack, header);
	for (size_t i = 0; i < len && status == CARNET_OK; i++)
		status = names ? pack_read_chunk(
				     opener, fd, header, &rows[i], &plain, err)
			       : pack_verify_chunk(
				     opener, fd, header, &rows[i], err);
	pack_opener_free(opener);
	return status;
}

/* Header, chunks, and what lies behind them, each byte read once. */
static enum carnet_status
list_check_once(int fd, const struct chunk_row *rows, size_t len,
    const struct keys *keys, bool names, struct carnet_error *err)
{
	const struct chunk_place *last = &rows[len - 1].place;
	uint8_t header[PACK_HEADER_LEN], mine[PACK_SUM_LEN], said[PACK_SUM_LEN];
	enum carnet_status status;
	struct pack_sum *sum;
	uint64_t size = 0;

	status = pack_file_size(fd, last->pack, &size, err);
	if (status == CARNET_OK)
		status = pack_read_at(
		    fd, last->pack, 0, header, sizeof(header), err);
	if (status != CARNET_OK)
		return status;
	sum = pack_sum_begin(pack_get_le(header + 8, 2));
	if (sum == NULL)
		return list_no_memory(err);
	pack_sum_more(sum, header, sizeof(header));
	status = list_verify_all(fd, rows, len, keys, names, sum, err);
	if (status == CARNET_OK)
		status = pack_sum_range(fd, last->pack, sum,
		    last->offset + last->len, size - PACK_SUM_LEN, err);
	if (status == CARNET_OK)
		status = pack_read_at(fd, last->pack, size - PACK_SUM_LEN, said,
		    sizeof(said), err);
	if (status != CARNET_OK) {
		pack_sum_abandon(sum);
		return status;
	}
	pack_sum_end(sum, mine);
	return bytes_equal(mine, said, PACK_SUM_LEN)
		   ? CARNET_OK
		   : carnet_fail(err, CARNET_DAMAGED, "checksum");
}

enum carnet_status
pack_check_all(int fd, const uint8_t id[PACK_ID_LEN], const struct keys *keys,
    bool names, struct chunk_row **ret_rows, size_t *ret_len,
    struct carnet_error *err)
{
	struct chunk_row *rows = NULL;
	size_t len = 0;
	enum carnet_status status =
	    pack_read_list(fd, id, keys, &rows, &len, NULL);

	if (status == CARNET_OK)
		status =
		    rows == NULL
			? CARNET_DAMAGED /* never: none is empty */
			: list_check_once(fd, rows, len, keys, names, NULL);
	/* what is wrong is told by the checks that look for one thing each */
	if (status != CARNET_OK) {
		free(rows);
		rows = NULL;
		status = pack_check_file(fd, id, err);
		if (status == CARNET_OK)
			status = pack_read_list(fd, id, keys, &rows, &len, err);
		if (status == CARNET_OK)
			status = list_verify_all(
			    fd, rows, len, keys, names, NULL, err);
	}
	if (status == CARNET_OK && ret_rows != NULL) {
		*ret_rows = rows;
		*ret_len = len;
		rows = NULL;
	}
	free(rows);
	return status;
}
