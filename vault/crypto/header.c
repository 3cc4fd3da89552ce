/* SPDX-License-Identifier: ISC */
/*
 * The header in memory: slots added, removed and opened, the MAC.  Reads
 * and writes no file (header_file.c) and no JSON (header_json.c).
 */
#include "header.h"
#include "header_record.h"

#include <stdlib.h>
#include <string.h>

enum carnet_status
header_new(
    enum kdf_cost cost, struct header **ret_header, struct carnet_error *err)
{
	struct header *header = calloc(1, sizeof(*header));
	enum carnet_status status;

	if (header == NULL)
		return carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("no memory for the header"));
	status = kdf_choose(cost, &header->kdf, err);
	if (status != CARNET_OK) {
		header_free(header);
		return status;
	}
	random_fill(header->id, sizeof(header->id));
	header->is_changed = true;
	*ret_header = header;
	return CARNET_OK;
}

void
header_free(struct header *header)
{
	if (header == NULL)
		return;
	free(header->json);
	free(header);
}

/* The MAC of these bytes under the master key's header subkey. */
static enum carnet_status
header_mac(const struct secret *master, const void *bytes, size_t len,
    uint8_t ret_mac[HASH_LEN], struct carnet_error *err)
{
	struct keys *keys = NULL;
	enum carnet_status status = keys_derive(master, &keys, err);

	if (status != CARNET_OK)
		return status;
	hash_bytes(keys_get(keys, KEY_HEADER), bytes, len, ret_mac);
	keys_free(keys);
	return CARNET_OK;
}

enum carnet_status
header_verify(const struct header *header, const struct secret *master,
    struct carnet_error *err)
{
	uint8_t mac[HASH_LEN];
	enum carnet_status status;
	bool is_good = false;

	status = header_mac(master, header->json, header->json_len, mac, err);
	if (status != CARNET_OK)
		return status;
	for (size_t i = 0; i < header->macs_len; i++)
		if (bytes_equal(mac, header->macs[i], HASH_LEN))
			is_good = true;
	if (header->json == NULL && header->has_mark)
		is_good = bytes_equal(mac, header->mark, HASH_LEN);
	bytes_wipe(mac, sizeof(mac));
	if (!is_good)
		return carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("the vault's header is damaged: its MAC isn't "
			    "this key's"));
	return CARNET_OK;
}

enum carnet_status
header_admit(struct header *header, const struct secret *master,
    struct carnet_error *err)
{
	enum carnet_status status;

	if (header->json != NULL || header->has_mark)
		return header_verify(header, master, err);
	status = header_mac(master, NULL, 0, header->mark, err);
	if (status == CARNET_OK)
		header->has_mark = true;
	return status;
}

enum carnet_status
header_adopt(struct header *header, uint64_t sequence, const uint8_t *bytes,
    size_t len, struct carnet_error *err)
{
	char *json = malloc(len - HEADER_TAIL);

	if (json == NULL)
		return carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("no memory for the header"));
	memcpy(json, bytes, len - HEADER_TAIL);
	free(header->json);
	header->json = json;
	header->json_len = len - HEADER_TAIL;
	memcpy(header->macs[0], bytes + len - HASH_LEN, HASH_LEN);
	header->macs_len = 1;
	header->sequence = sequence;
	header->is_changed = false;
	return CARNET_OK;
}

enum carnet_status
header_seal(const struct header *header, uint64_t sequence,
    const struct secret *master, uint8_t **ret_bytes, size_t *ret_len,
    struct carnet_error *err)
{
	const char *json = header->json;
	size_t len = header->json_len;
	enum carnet_status status;
	char *fresh = NULL;
	uint8_t *bytes = NULL;

	if (header->slots_len == 0)
		return carnet_fail(
		    err, CARNET_INVALID, CARNET_("the header has no key slot"));
	status = header_verify(header, master, err);
	if (status != CARNET_OK)
		return status;
	if (header->is_changed || sequence != header->sequence) {
		status = header_json_write(header, sequence, &fresh, &len, err);
		if (status != CARNET_OK)
			return status;
		json = fresh;
	}
	bytes = malloc(len + HEADER_TAIL);
	if (bytes == NULL) {
		status = carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("no memory for the header"));
		goto done;
	}
	memcpy(bytes, json, len);
	hash_bytes(NULL, bytes, len, bytes + len);
	status = header_mac(master, bytes, len, bytes + len + HASH_LEN, err);
	if (status == CARNET_OK) {
		*ret_bytes = bytes;
		*ret_len = len + HEADER_TAIL;
		bytes = NULL;
	}
done:
	free(bytes);
	free(fresh);
	return status;
}

enum carnet_status
header_encode(const struct header *header, const struct secret *master,
    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err)
{
	return header_seal(
	    header, header->sequence, master, ret_bytes, ret_len, err);
}

const uint8_t *
header_id(const struct header *header)
{
	return header->id;
}

uint64_t
header_sequence(const struct header *header)
{
	return header->sequence;
}

struct kdf_info
header_kdf(const struct header *header)
{
	return (struct kdf_info){ "argon2id", header->kdf.ops,
		header->kdf.mem_kib, header->kdf.salt };
}

size_t
header_slot_count(const struct header *header)
{
	return header->slots_len;
}

struct slot_info
header_slot(const struct header *header, size_t i)
{
	return header->slots[i].info;
}
