/* SPDX-License-Identifier: ISC */
/*
 * Lists of what is condemned: encoded and sealed; opened and decoded, with
 * every bound checked.  Touches no file.  The contract is condemned.h's.
 */
#include "condemned.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"

#define CONDEMNED_VERSION 1
#define CONDEMNED_EPOCH 0
#define CONDEMNED_MAGIC_LEN 7
#define CONDEMNED_HEADER_LEN 12 /* magic, version, epoch */
#define CONDEMNED_AD_LEN (CONDEMNED_HEADER_LEN + 16 + CONDEMNED_ID_TEXT - 1)
#define CONDEMNED_FIXED_LEN (8 + 4 + 4)
#define CONDEMNED_SNAPSHOT_LEN (SNAPSHOT_ID_TEXT - 1)
#define CONDEMNED_FILE_LEN (1 + CONDEMNED_NAME_LEN + 8)

static const uint8_t condemned_magic[CONDEMNED_MAGIC_LEN] = { 'c', 'a', 'r',
	'n', 'e', 't', 'x' };

/* --- files ------------------------------------------------------------------
 */

int
condemned_compare(const void *left, const void *right)
{
	const struct condemned_file *a = left, *b = right;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return memcmp(a->name, b->name, CONDEMNED_NAME_LEN);
}

void
condemned_of_pack(
    const uint8_t id[PACK_ID_LEN], struct condemned_file *ret_file)
{
	memset(ret_file, 0, sizeof(*ret_file));
	ret_file->kind = CONDEMNED_PACK;
	memcpy(ret_file->name, id, PACK_ID_LEN);
}

void
condemned_of_segment(
    const uint8_t hash[HASH_LEN], struct condemned_file *ret_file)
{
	memset(ret_file, 0, sizeof(*ret_file));
	ret_file->kind = CONDEMNED_SEGMENT;
	memcpy(ret_file->name, hash, HASH_LEN);
}

void
condemned_of_header(uint64_t sequence, const uint8_t hash[HASH_LEN],
    struct condemned_file *ret_file)
{
	struct cursor_out out = { ret_file->name, 0 };

	ret_file->kind = CONDEMNED_HEADER;
	cursor_put_u64(&out, sequence);
	cursor_put(&out, hash, HASH_LEN);
}

/* "<sequence>-<64 hex>" */
static bool
condemned_parse_header(const char *name, struct condemned_file *ret_file)
{
	uint64_t sequence = 0;
	uint8_t hash[HASH_LEN];
	size_t digits = strspn(name, "0123456789");

	if (digits == 0 || digits > 20 || name[digits] != '-' ||
	    strlen(name + digits + 1) != 2 * HASH_LEN ||
	    !hex_decode(name + digits + 1, hash, HASH_LEN))
		return false;
	sequence = strtoull(name, NULL, 10);
	condemned_of_header(sequence, hash, ret_file);
	return true;
}

bool
condemned_of_name(
    enum condemned_kind kind, const char *name, struct condemned_file *ret_file)
{
	char path[CONDEMNED_PATH_TEXT];
	uint8_t bytes[HASH_LEN];
	size_t len = strlen(name), tail;

	switch (kind) {
	case CONDEMNED_PACK:
		if (len != 2 * PACK_ID_LEN ||
		    !hex_decode(name, bytes, PACK_ID_LEN))
			return false;
		condemned_of_pack(bytes, ret_file);
		break;
	case CONDEMNED_SEGMENT:
		if (len != 2 * HASH_LEN || !hex_decode(name, bytes, HASH_LEN))
			return false;
		condemned_of_segment(bytes, ret_file);
		break;
	case CONDEMNED_HEADER:
		if (!condemned_parse_header(name, ret_file))
			return false;
		break;
	}
	/* a name that isn't written just so ("007-...") isn't ours */
	condemned_path(ret_file, path);
	tail = strlen(path);
	return tail > len && path[tail - len - 1] == '/' &&
	       strcmp(path + tail - len, name) == 0;
}

void
condemned_path(
    const struct condemned_file *file, char path[CONDEMNED_PATH_TEXT])
{
	struct cursor_in in = { file->name, CONDEMNED_NAME_LEN, 0, false };
	char hex[2 * HASH_LEN + 1];
	uint64_t sequence;

	if (file->kind == CONDEMNED_PACK) {
		pack_path(file->name, path);
		return;
	}
	if (file->kind == CONDEMNED_SEGMENT) {
		hex_encode(file->name, HASH_LEN, hex);
		(void)snprintf(path, CONDEMNED_PATH_TEXT, "ledger/%s", hex);
		return;
	}
	sequence = cursor_get_u64(&in);
	hex_encode(file->name + in.at, HASH_LEN, hex);
	(void)snprintf(
	    path, CONDEMNED_PATH_TEXT, "headers/%" PRIu64 "-%s", sequence, hex);
}

/* --- sets -------------------------------------------------------------------
 */

bool
condemned_set_has(
    const struct condemned_set *set, const struct condemned_file *file)
{
	return set->len > 0 &&
	       bsearch(file, set->rows, set->len, sizeof(*set->rows),
		   condemned_compare) != NULL;
}

static enum carnet_status
condemned_set_room(
    struct condemned_set *set, size_t more, struct carnet_error *err)
{
	struct condemned_file *rows;
	size_t room = 2 * (set->len + more);

	if (set->len + more <= set->room)
		return CARNET_OK;
	rows = reallocarray(set->rows, room, sizeof(*rows));
	if (rows == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	set->rows = rows;
	set->room = room;
	return CARNET_OK;
}

enum carnet_status
condemned_set_add(struct condemned_set *set, const struct snapshot *snapshot,
    struct carnet_error *err)
{
	size_t old = set->len;
	struct condemned_set known;
	struct condemned_file file;
	enum carnet_status status = condemned_set_room(
	    set, snapshot->packs_len + snapshot->segments_len + 1, err);

	if (status != CARNET_OK)
		return status;
	known = (struct condemned_set){ set->rows, old, old };
	for (size_t i = 0; i < snapshot->packs_len; i++) {
		condemned_of_pack(snapshot->packs[i].id, &file);
		if (!condemned_set_has(&known, &file))
			set->rows[set->len++] = file;
	}
	for (size_t i = 0; i < snapshot->segments_len; i++) {
		condemned_of_segment(snapshot->segments[i].hash, &file);
		if (!condemned_set_has(&known, &file))
			set->rows[set->len++] = file;
	}
	condemned_of_header(
	    snapshot->header_sequence, snapshot->header_hash, &file);
	if (!condemned_set_has(&known, &file))
		set->rows[set->len++] = file;
	if (set->len > old + 1 || (set->len > old && old > 0))
		qsort(
		    set->rows, set->len, sizeof(*set->rows), condemned_compare);
	return CARNET_OK;
}

void
condemned_set_clear(struct condemned_set *set)
{
	free(set->rows);
	memset(set, 0, sizeof(*set));
}

/* --- ids --------------------------------------------------------------------
 */

void
condemned_new_id(char id[CONDEMNED_ID_TEXT])
{
	snapshot_new_id(id);
	id[0] = 'x';
}

bool
condemned_is_id(const char *text)
{
	char id[SNAPSHOT_ID_TEXT];

	if (strlen(text) != SNAPSHOT_ID_TEXT - 1 || text[0] != 'x')
		return false;
	memcpy(id, text, sizeof(id));
	id[0] = 'b';
	return snapshot_is_id(id);
}

void
condemned_clear(struct condemned_list *list)
{
	free(list->snapshots);
	free(list->files);
	memset(list, 0, sizeof(*list));
}

static void
condemned_ad(const uint8_t header[CONDEMNED_HEADER_LEN],
    const uint8_t vault_id[16], const char *id, uint8_t ad[CONDEMNED_AD_LEN])
{
	struct cursor_out out = { ad, 0 };

	cursor_put(&out, header, CONDEMNED_HEADER_LEN);
	cursor_put(&out, vault_id, 16);
	cursor_put(&out, id, CONDEMNED_ID_TEXT - 1);
}

/* --- writing ----------------------------------------------------------------
 */

static int
condemned_compare_id(const void *left, const void *right)
{
	return memcmp(left, right, CONDEMNED_SNAPSHOT_LEN);
}

static void
condemned_put(const struct condemned_list *list, uint8_t *plain)
{
	struct cursor_out out = { plain, 0 };

	cursor_put_u64(&out, (uint64_t)list->made);
	cursor_put_u32(&out, (uint32_t)list->snapshots_len);
	cursor_put_u32(&out, (uint32_t)list->files_len);
	for (size_t i = 0; i < list->snapshots_len; i++)
		cursor_put(&out, list->snapshots[i], CONDEMNED_SNAPSHOT_LEN);
	for (size_t i = 0; i < list->files_len; i++) {
		cursor_put_u8(&out, list->files[i].file.kind);
		cursor_put(&out, list->files[i].file.name, CONDEMNED_NAME_LEN);
		cursor_put_u64(&out, (uint64_t)list->files[i].written);
	}
}

enum carnet_status
condemned_encode(struct condemned_list *list, const uint8_t vault_id[16],
    const struct keys *keys, uint8_t **ret_bytes, size_t *ret_len,
    struct carnet_error *err)
{
	size_t plain_len = CONDEMNED_FIXED_LEN +
			   list->snapshots_len * CONDEMNED_SNAPSHOT_LEN +
			   list->files_len * CONDEMNED_FILE_LEN;
	size_t len =
	    CONDEMNED_HEADER_LEN + plain_len + SEAL_OVERHEAD + HASH_LEN;
	uint8_t ad[CONDEMNED_AD_LEN], *plain, *bytes;
	struct cursor_out header;

	if (len > SNAPSHOT_FILE_MAX)
		return carnet_fail(err, CARNET_UNSUPPORTED,
		    CARNET_("too many files to condemn at once"));
	if (list->snapshots_len > 1)
		qsort(list->snapshots, list->snapshots_len,
		    sizeof(*list->snapshots), condemned_compare_id);
	if (list->files_len > 1)
		qsort(list->files, list->files_len, sizeof(*list->files),
		    condemned_compare);
	plain = malloc(plain_len);
	bytes = malloc(len);
	if (plain == NULL || bytes == NULL) {
		free(plain);
		free(bytes);
		return carnet_fail_errno(err, ENOMEM, "backup");
	}
	header = (struct cursor_out){ bytes, 0 };
	cursor_put(&header, condemned_magic, CONDEMNED_MAGIC_LEN);
	cursor_put_u8(&header, CONDEMNED_VERSION);
	cursor_put_u32(&header, CONDEMNED_EPOCH);
	condemned_ad(bytes, vault_id, list->id, ad);
	condemned_put(list, plain);
	seal(keys_get(keys, KEY_MANIFESTS), ad, sizeof(ad), plain, plain_len,
	    bytes + CONDEMNED_HEADER_LEN);
	free(plain);
	hash_bytes(NULL, bytes, len - HASH_LEN, bytes + len - HASH_LEN);
	*ret_bytes = bytes;
	*ret_len = len;
	return CARNET_OK;
}

/* --- reading ----------------------------------------------------------------
 */

static enum carnet_status
condemned_damaged(const char *id, const char *what, struct carnet_error *err)
{
	return carnet_fail(err, CARNET_DAMAGED, CARNET_("%s/%s is damaged: %s"),
	    CONDEMNED_FOLDER, id, what);
}

/* The checks that need no key. */
static enum carnet_status
condemned_check_file(
    const uint8_t *bytes, size_t len, const char *id, struct carnet_error *err)
{
	struct cursor_in in = { bytes, len, CONDEMNED_MAGIC_LEN, false };
	uint8_t hash[HASH_LEN];

	if (len < CONDEMNED_HEADER_LEN + HASH_LEN)
		return condemned_damaged(id, CARNET_("it is cut short"), err);
	hash_bytes(NULL, bytes, len - HASH_LEN, hash);
	if (!bytes_equal(hash, bytes + len - HASH_LEN, HASH_LEN) ||
	    memcmp(bytes, condemned_magic, CONDEMNED_MAGIC_LEN) != 0)
		return condemned_damaged(
		    id, CARNET_("its checksum is not that of its bytes"), err);
	if (cursor_get_u8(&in) != CONDEMNED_VERSION ||
	    cursor_get_u32(&in) != CONDEMNED_EPOCH) {
		carnet_fail(err, CARNET_NEWER,
		    CARNET_("%s/%s was made by a newer carnet"),
		    CONDEMNED_FOLDER, id);
		carnet_hint(err, CARNET_("install the newer carnet"));
		return CARNET_NEWER;
	}
	return CARNET_OK;
}

/* Each list strictly ascending, each kind known. */
static bool
condemned_is_sane(const struct condemned_list *list)
{
	for (size_t i = 0; i < list->snapshots_len; i++)
		if (!snapshot_is_id(list->snapshots[i]) ||
		    (i > 0 && condemned_compare_id(list->snapshots[i - 1],
				  list->snapshots[i]) >= 0))
			return false;
	for (size_t i = 0; i < list->files_len; i++)
		if (list->files[i].file.kind < CONDEMNED_PACK ||
		    list->files[i].file.kind > CONDEMNED_HEADER ||
		    (i > 0 && condemned_compare(
				  &list->files[i - 1], &list->files[i]) >= 0))
			return false;
	return true;
}

static enum carnet_status
condemned_get(
    struct cursor_in *in, struct condemned_list *list, struct carnet_error *err)
{
	uint64_t snapshots, files;

	list->made = (int64_t)cursor_get_u64(in);
	snapshots = cursor_get_u32(in);
	files = cursor_get_u32(in);
	if (in->bad ||
	    snapshots * CONDEMNED_SNAPSHOT_LEN + files * CONDEMNED_FILE_LEN !=
		in->len - in->at)
		return condemned_damaged(
		    list->id, CARNET_("its length is not what it says"), err);
	list->snapshots = calloc(snapshots + 1, sizeof(*list->snapshots));
	list->files = calloc(files + 1, sizeof(*list->files));
	if (list->snapshots == NULL || list->files == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	list->snapshots_len = (size_t)snapshots;
	list->files_len = (size_t)files;
	for (size_t i = 0; i < list->snapshots_len; i++)
		cursor_get(in, list->snapshots[i], CONDEMNED_SNAPSHOT_LEN);
	for (size_t i = 0; i < list->files_len; i++) {
		list->files[i].file.kind = cursor_get_u8(in);
		cursor_get(in, list->files[i].file.name, CONDEMNED_NAME_LEN);
		list->files[i].written = (int64_t)cursor_get_u64(in);
	}
	if (in->bad || !condemned_is_sane(list))
		return condemned_damaged(
		    list->id, CARNET_("its lists are impossible"), err);
	return CARNET_OK;
}

enum carnet_status
condemned_decode(const uint8_t *bytes, size_t len, const char *id,
    const uint8_t vault_id[16], const struct keys *keys,
    struct condemned_list *ret_list, struct carnet_error *err)
{
	struct condemned_list list = { 0 };
	enum carnet_status status = condemned_check_file(bytes, len, id, err);
	size_t sealed_len, plain_len;
	uint8_t ad[CONDEMNED_AD_LEN], *plain;
	struct cursor_in in;

	if (status != CARNET_OK)
		return status;
	sealed_len = len - CONDEMNED_HEADER_LEN - HASH_LEN;
	if (sealed_len < SEAL_OVERHEAD + CONDEMNED_FIXED_LEN)
		return condemned_damaged(id, CARNET_("it is cut short"), err);
	plain_len = sealed_len - SEAL_OVERHEAD;
	plain = malloc(plain_len);
	if (plain == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	(void)snprintf(list.id, sizeof(list.id), "%s", id);
	condemned_ad(bytes, vault_id, list.id, ad);
	if (unseal(keys_get(keys, KEY_MANIFESTS), ad, sizeof(ad),
		bytes + CONDEMNED_HEADER_LEN, sealed_len, plain)) {
		in = (struct cursor_in){ plain, plain_len, 0, false };
		status = condemned_get(&in, &list, err);
	} else {
		status = condemned_damaged(id,
		    CARNET_("it is not this vault's, or has another's name"),
		    err);
	}
	free(plain);
	if (status != CARNET_OK)
		condemned_clear(&list);
	else
		*ret_list = list;
	return status;
}
