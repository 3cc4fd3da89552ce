/* SPDX-License-Identifier: ISC */
/*
 * Manifests: encoded, signed and sealed; opened, verified and decoded, with
 * every bound checked.  Touches no file.  docs/format.md, "Manifests".
 */
#include "snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"

#define SNAPSHOT_VERSION 1
#define SNAPSHOT_EPOCH 0
#define SNAPSHOT_MAGIC_LEN 7
#define SNAPSHOT_HEADER_LEN 12 /* magic, version, epoch */
#define SNAPSHOT_AD_LEN (SNAPSHOT_HEADER_LEN + 16 + SNAPSHOT_ID_TEXT - 1)
#define SNAPSHOT_FIXED_LEN                                                     \
	(8 + DEVICE_ID_LEN + SIGN_PUBLIC_LEN + 8 + HASH_LEN + 8 + 8 + 3 * 4)
#define SNAPSHOT_PACK_LEN (PACK_ID_LEN + 8 + HASH_LEN)
#define SNAPSHOT_SEGMENT_LEN (DEVICE_ID_LEN + 8 + 4 + 8 + HASH_LEN)
#define SNAPSHOT_HEAD_LEN (DEVICE_ID_LEN + 8 + 8 + HASH_LEN)
#define SNAPSHOT_CONTEXT "carnet snapshot v1"

static const uint8_t snapshot_magic[SNAPSHOT_MAGIC_LEN] = { 'c', 'a', 'r', 'n',
	'e', 't', 'm' };

void
snapshot_clear(struct snapshot *snapshot)
{
	free(snapshot->packs);
	free(snapshot->segments);
	free(snapshot->heads);
	memset(snapshot, 0, sizeof(*snapshot));
}

void
snapshot_new_id(char id[SNAPSHOT_ID_TEXT])
{
	uint8_t bytes[8];
	char text[14];

	random_fill(bytes, sizeof(bytes));
	base32_encode(bytes, sizeof(bytes), text);
	id[0] = 'b';
	memcpy(id + 1, text, SNAPSHOT_ID_TEXT - 2);
	id[SNAPSHOT_ID_TEXT - 1] = '\0';
}

bool
snapshot_is_id(const char *text)
{
	return strlen(text) == SNAPSHOT_ID_TEXT - 1 && text[0] == 'b' &&
	       strspn(text + 1, "abcdefghijklmnopqrstuvwxyz234567") ==
		   SNAPSHOT_ID_TEXT - 2;
}

uint64_t
snapshot_bytes(const struct snapshot *snapshot)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < snapshot->packs_len; i++)
		bytes += snapshot->packs[i].size;
	for (size_t i = 0; i < snapshot->segments_len; i++)
		bytes += snapshot->segments[i].size;
	return bytes;
}

uint64_t
snapshot_lamport(const struct snapshot *snapshot)
{
	uint64_t newest = 0;

	for (size_t i = 0; i < snapshot->heads_len; i++)
		if (snapshot->heads[i].lamport > newest)
			newest = snapshot->heads[i].lamport;
	return newest;
}

bool
snapshot_goes_on(const struct snapshot_head *later, size_t later_len,
    const struct snapshot_head *earlier, size_t earlier_len)
{
	size_t at = 0;

	for (size_t i = 0; i < earlier_len; i++) {
		const struct snapshot_head *head = &earlier[i];

		while (at < later_len && memcmp(later[at].device, head->device,
					     DEVICE_ID_LEN) < 0)
			at++;
		if (at == later_len ||
		    memcmp(later[at].device, head->device, DEVICE_ID_LEN) !=
			0 ||
		    later[at].seq < head->seq ||
		    (later[at].seq == head->seq &&
			memcmp(later[at].hash, head->hash, HASH_LEN) != 0))
			return false;
	}
	return true;
}

static void
snapshot_ad(const uint8_t header[SNAPSHOT_HEADER_LEN],
    const uint8_t vault_id[16], const char *id, uint8_t ad[SNAPSHOT_AD_LEN])
{
	struct cursor_out out = { ad, 0 };

	cursor_put(&out, header, SNAPSHOT_HEADER_LEN);
	cursor_put(&out, vault_id, 16);
	cursor_put(&out, id, SNAPSHOT_ID_TEXT - 1);
}

/* --- order ------------------------------------------------------------------
 */

static int
snapshot_compare_pack(const void *left, const void *right)
{
	return memcmp(((const struct snapshot_pack *)left)->id,
	    ((const struct snapshot_pack *)right)->id, PACK_ID_LEN);
}

static int
snapshot_compare_segment(const void *left, const void *right)
{
	const struct snapshot_segment *a = left, *b = right;
	int order = memcmp(a->device, b->device, DEVICE_ID_LEN);

	if (order != 0)
		return order;
	return a->number < b->number ? -1 : (a->number > b->number ? 1 : 0);
}

static int
snapshot_compare_head(const void *left, const void *right)
{
	return memcmp(((const struct snapshot_head *)left)->device,
	    ((const struct snapshot_head *)right)->device, DEVICE_ID_LEN);
}

static void
snapshot_sort(void *rows, size_t len, size_t size,
    int (*compare)(const void *, const void *))
{
	if (len > 1)
		qsort(rows, len, size, compare);
}

/* --- writing
 * ------------------------------------------------------------------ */

/* Everything but the signature, which follows. */
static size_t
snapshot_put(const struct snapshot *snapshot, uint8_t *bytes)
{
	struct cursor_out out = { bytes, 0 };

	cursor_put_u64(&out, (uint64_t)snapshot->made);
	cursor_put(&out, snapshot->device, DEVICE_ID_LEN);
	cursor_put(&out, snapshot->device_public, SIGN_PUBLIC_LEN);
	cursor_put_u64(&out, snapshot->header_sequence);
	cursor_put(&out, snapshot->header_hash, HASH_LEN);
	cursor_put_u64(&out, snapshot->documents);
	cursor_put_u64(&out, snapshot->events);
	cursor_put_u32(&out, (uint32_t)snapshot->packs_len);
	cursor_put_u32(&out, (uint32_t)snapshot->segments_len);
	cursor_put_u32(&out, (uint32_t)snapshot->heads_len);
	for (size_t i = 0; i < snapshot->packs_len; i++) {
		cursor_put(&out, snapshot->packs[i].id, PACK_ID_LEN);
		cursor_put_u64(&out, snapshot->packs[i].size);
		cursor_put(&out, snapshot->packs[i].hash, HASH_LEN);
	}
	for (size_t i = 0; i < snapshot->segments_len; i++) {
		cursor_put(&out, snapshot->segments[i].device, DEVICE_ID_LEN);
		cursor_put_u64(&out, snapshot->segments[i].number);
		cursor_put_u32(&out, snapshot->segments[i].revision);
		cursor_put_u64(&out, snapshot->segments[i].size);
		cursor_put(&out, snapshot->segments[i].hash, HASH_LEN);
	}
	for (size_t i = 0; i < snapshot->heads_len; i++) {
		cursor_put(&out, snapshot->heads[i].device, DEVICE_ID_LEN);
		cursor_put_u64(&out, snapshot->heads[i].seq);
		cursor_put_u64(&out, snapshot->heads[i].lamport);
		cursor_put(&out, snapshot->heads[i].hash, HASH_LEN);
	}
	return out.at;
}

enum carnet_status
snapshot_encode(struct snapshot *snapshot, const uint8_t vault_id[16],
    const struct keys *keys, const struct secret *device_secret,
    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err)
{
	size_t plain_len = SNAPSHOT_FIXED_LEN +
			   snapshot->packs_len * SNAPSHOT_PACK_LEN +
			   snapshot->segments_len * SNAPSHOT_SEGMENT_LEN +
			   snapshot->heads_len * SNAPSHOT_HEAD_LEN + SIGN_LEN;
	size_t len = SNAPSHOT_HEADER_LEN + plain_len + SEAL_OVERHEAD + HASH_LEN;
	enum carnet_status status = CARNET_OK;
	uint8_t *joined = NULL, *bytes = NULL, *plain;
	struct cursor_out header;
	size_t at;

	if (len > SNAPSHOT_FILE_MAX)
		return carnet_fail(err, CARNET_UNSUPPORTED,
		    CARNET_("too many packs for one snapshot"));
	snapshot_sort(snapshot->packs, snapshot->packs_len,
	    sizeof(*snapshot->packs), snapshot_compare_pack);
	snapshot_sort(snapshot->segments, snapshot->segments_len,
	    sizeof(*snapshot->segments), snapshot_compare_segment);
	snapshot_sort(snapshot->heads, snapshot->heads_len,
	    sizeof(*snapshot->heads), snapshot_compare_head);
	/* what is signed: additional data, then the plain text */
	joined = malloc(SNAPSHOT_AD_LEN + plain_len);
	bytes = malloc(len);
	if (joined == NULL || bytes == NULL) {
		status = carnet_fail_errno(err, ENOMEM, "snapshot");
		goto done;
	}
	plain = joined + SNAPSHOT_AD_LEN;
	header = (struct cursor_out){ bytes, 0 };
	cursor_put(&header, snapshot_magic, SNAPSHOT_MAGIC_LEN);
	cursor_put_u8(&header, SNAPSHOT_VERSION);
	cursor_put_u32(&header, SNAPSHOT_EPOCH);
	snapshot_ad(bytes, vault_id, snapshot->id, joined);
	at = snapshot_put(snapshot, plain);
	if (!sign_message(device_secret, SNAPSHOT_CONTEXT, joined,
		SNAPSHOT_AD_LEN + at, plain + at)) {
		status = carnet_fail_errno(err, ENOMEM, "snapshot");
		goto done;
	}
	seal(keys_get(keys, KEY_MANIFESTS), joined, SNAPSHOT_AD_LEN, plain,
	    plain_len, bytes + SNAPSHOT_HEADER_LEN);
	hash_bytes(NULL, bytes, len - HASH_LEN, bytes + len - HASH_LEN);
	*ret_bytes = bytes;
	*ret_len = len;
	bytes = NULL;
done:
	free(joined);
	free(bytes);
	return status;
}

/* --- reading ----------------------------------------------------------------
 */

static enum carnet_status
snapshot_damaged(const char *id, const char *what, struct carnet_error *err)
{
	return carnet_fail(err, CARNET_DAMAGED,
	    CARNET_("snapshot %s is damaged: %s"), id, what);
}

/* The checks that need no key. */
static enum carnet_status
snapshot_check_file(
    const uint8_t *bytes, size_t len, const char *id, struct carnet_error *err)
{
	struct cursor_in in = { bytes, len, SNAPSHOT_MAGIC_LEN, false };
	uint8_t hash[HASH_LEN];

	if (len < SNAPSHOT_HEADER_LEN + HASH_LEN)
		return snapshot_damaged(id, CARNET_("it is cut short"), err);
	hash_bytes(NULL, bytes, len - HASH_LEN, hash);
	if (!bytes_equal(hash, bytes + len - HASH_LEN, HASH_LEN))
		return snapshot_damaged(
		    id, CARNET_("its checksum is not that of its bytes"), err);
	if (memcmp(bytes, snapshot_magic, SNAPSHOT_MAGIC_LEN) != 0)
		return snapshot_damaged(
		    id, CARNET_("it is not a manifest"), err);
	if (cursor_get_u8(&in) != SNAPSHOT_VERSION ||
	    cursor_get_u32(&in) != SNAPSHOT_EPOCH) {
		carnet_fail(err, CARNET_NEWER,
		    CARNET_("snapshot %s was made by a newer carnet"), id);
		carnet_hint(err, CARNET_("install the newer carnet"));
		return CARNET_NEWER;
	}
	return CARNET_OK;
}

/* Room for the rows that the counts announce: the plain text's length must
 * be exactly theirs, so that nothing is allocated for what isn't there. */
static enum carnet_status
snapshot_get_counts(
    struct cursor_in *in, struct snapshot *snapshot, struct carnet_error *err)
{
	uint64_t packs = cursor_get_u32(in), segments = cursor_get_u32(in);
	uint64_t heads = cursor_get_u32(in);

	if (in->bad || packs * SNAPSHOT_PACK_LEN +
			       segments * SNAPSHOT_SEGMENT_LEN +
			       heads * SNAPSHOT_HEAD_LEN + SIGN_LEN !=
			   in->len - in->at)
		return snapshot_damaged(snapshot->id,
		    CARNET_("its length is not what it says"), err);
	snapshot->packs = calloc(packs + 1, sizeof(*snapshot->packs));
	snapshot->segments = calloc(segments + 1, sizeof(*snapshot->segments));
	snapshot->heads = calloc(heads + 1, sizeof(*snapshot->heads));
	if (snapshot->packs == NULL || snapshot->segments == NULL ||
	    snapshot->heads == NULL)
		return carnet_fail_errno(err, ENOMEM, "snapshot");
	snapshot->packs_len = (size_t)packs;
	snapshot->segments_len = (size_t)segments;
	snapshot->heads_len = (size_t)heads;
	return CARNET_OK;
}

/* Each list strictly ascending, each size within bounds. */
static bool
snapshot_is_sane(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->packs_len; i++)
		if (snapshot->packs[i].size < HASH_LEN ||
		    snapshot->packs[i].size > SNAPSHOT_PACK_MAX ||
		    (i > 0 && snapshot_compare_pack(&snapshot->packs[i - 1],
				  &snapshot->packs[i]) >= 0))
			return false;
	for (size_t i = 0; i < snapshot->segments_len; i++)
		if (snapshot->segments[i].number == 0 ||
		    snapshot->segments[i].size > SNAPSHOT_SEGMENT_MAX ||
		    (i > 0 &&
			snapshot_compare_segment(&snapshot->segments[i - 1],
			    &snapshot->segments[i]) >= 0))
			return false;
	for (size_t i = 0; i < snapshot->heads_len; i++)
		if (snapshot->heads[i].seq == 0 ||
		    (i > 0 && snapshot_compare_head(&snapshot->heads[i - 1],
				  &snapshot->heads[i]) >= 0))
			return false;
	return true;
}

static enum carnet_status
snapshot_get(
    struct cursor_in *in, struct snapshot *snapshot, struct carnet_error *err)
{
	enum carnet_status status;

	snapshot->made = (int64_t)cursor_get_u64(in);
	cursor_get(in, snapshot->device, DEVICE_ID_LEN);
	cursor_get(in, snapshot->device_public, SIGN_PUBLIC_LEN);
	snapshot->header_sequence = cursor_get_u64(in);
	cursor_get(in, snapshot->header_hash, HASH_LEN);
	snapshot->documents = cursor_get_u64(in);
	snapshot->events = cursor_get_u64(in);
	status = snapshot_get_counts(in, snapshot, err);
	if (status != CARNET_OK)
		return status;
	for (size_t i = 0; i < snapshot->packs_len; i++) {
		cursor_get(in, snapshot->packs[i].id, PACK_ID_LEN);
		snapshot->packs[i].size = cursor_get_u64(in);
		cursor_get(in, snapshot->packs[i].hash, HASH_LEN);
	}
	for (size_t i = 0; i < snapshot->segments_len; i++) {
		cursor_get(in, snapshot->segments[i].device, DEVICE_ID_LEN);
		snapshot->segments[i].number = cursor_get_u64(in);
		snapshot->segments[i].revision = cursor_get_u32(in);
		snapshot->segments[i].size = cursor_get_u64(in);
		cursor_get(in, snapshot->segments[i].hash, HASH_LEN);
	}
	for (size_t i = 0; i < snapshot->heads_len; i++) {
		cursor_get(in, snapshot->heads[i].device, DEVICE_ID_LEN);
		snapshot->heads[i].seq = cursor_get_u64(in);
		snapshot->heads[i].lamport = cursor_get_u64(in);
		cursor_get(in, snapshot->heads[i].hash, HASH_LEN);
	}
	if (in->bad || !snapshot_is_sane(snapshot))
		return snapshot_damaged(
		    snapshot->id, CARNET_("its lists are impossible"), err);
	return CARNET_OK;
}

enum carnet_status
snapshot_decode(const uint8_t *bytes, size_t len, const char *id,
    const uint8_t vault_id[16], const struct keys *keys,
    struct snapshot *ret_snapshot, struct carnet_error *err)
{
	struct snapshot snapshot = { 0 };
	enum carnet_status status = snapshot_check_file(bytes, len, id, err);
	size_t sealed_len, plain_len;
	struct cursor_in in;
	uint8_t *joined;

	if (status != CARNET_OK)
		return status;
	sealed_len = len - SNAPSHOT_HEADER_LEN - HASH_LEN;
	if (sealed_len < SEAL_OVERHEAD + SNAPSHOT_FIXED_LEN + SIGN_LEN)
		return snapshot_damaged(id, CARNET_("it is cut short"), err);
	plain_len = sealed_len - SEAL_OVERHEAD;
	joined = malloc(SNAPSHOT_AD_LEN + plain_len);
	if (joined == NULL)
		return carnet_fail_errno(err, ENOMEM, "snapshot");
	memcpy(snapshot.id, id, sizeof(snapshot.id));
	snapshot_ad(bytes, vault_id, id, joined);
	if (!unseal(keys_get(keys, KEY_MANIFESTS), joined, SNAPSHOT_AD_LEN,
		bytes + SNAPSHOT_HEADER_LEN, sealed_len,
		joined + SNAPSHOT_AD_LEN)) {
		status = snapshot_damaged(id,
		    CARNET_("it is not this vault's, or has another's name"),
		    err);
		goto done;
	}
	in =
	    (struct cursor_in){ joined + SNAPSHOT_AD_LEN, plain_len, 0, false };
	status = snapshot_get(&in, &snapshot, err);
	if (status == CARNET_OK &&
	    !sign_verify(snapshot.device_public, SNAPSHOT_CONTEXT, joined,
		SNAPSHOT_AD_LEN + in.at, in.bytes + in.at))
		status = snapshot_damaged(
		    id, CARNET_("its signature is not its device's"), err);
done:
	free(joined);
	if (status != CARNET_OK)
		snapshot_clear(&snapshot);
	else
		*ret_snapshot = snapshot;
	return status;
}
