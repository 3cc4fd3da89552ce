/* SPDX-License-Identifier: ISC */
/*
 * One copy's bytes from and to a header: checksum, version, JSON, bounds.
 * Uses no key and no file.  The contract is in header.h, bytes in
 * docs/format.md.
 */
#include "header_record.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_FORMAT "carnet header"

static enum carnet_status
header_damaged(struct carnet_error *err, const char *what)
{
	return carnet_fail(err, CARNET_DAMAGED,
	    CARNET_("the vault's header is damaged: %s"), what);
}

/* An object with exactly these fields. */
static bool
header_has_fields(const cJSON *object, const char *const *names, size_t len)
{
	const cJSON *field;
	size_t count = 0;

	if (!cJSON_IsObject(object))
		return false;
	cJSON_ArrayForEach(field, object) count++;
	for (size_t i = 0; i < len; i++)
		if (carnet_json_get(object, names[i]) == NULL)
			return false;
	return count == len;
}

/* A JSON number that is an integer within the bounds. */
static bool
header_number(const cJSON *object, const char *name, uint64_t min, uint64_t max,
    uint64_t *ret_value)
{
	const cJSON *item = carnet_json_get(object, name);
	int64_t value;

	if (!cJSON_IsNumber(item) || !carnet_json_int(object, name, &value) ||
	    value < 0 || (uint64_t)value < min || (uint64_t)value > max)
		return false;
	*ret_value = (uint64_t)value;
	return true;
}

static bool
header_is_text(const cJSON *object, const char *name, const char *wanted)
{
	const char *text = carnet_json_string(object, name);

	return text != NULL && strcmp(text, wanted) == 0;
}

static enum carnet_status
header_read_kdf(
    const cJSON *kdf, struct kdf_setting *setting, struct carnet_error *err)
{
	static const char *const names[] = { "alg", "salt", "ops", "mem_kib" };
	uint64_t ops, mem_kib;

	if (!header_has_fields(kdf, names, sizeof(names) / sizeof(names[0])) ||
	    !header_is_text(kdf, "alg", "argon2id") ||
	    !hex_decode(carnet_json_string(kdf, "salt"), setting->salt,
		sizeof(setting->salt)))
		return header_damaged(err, CARNET_("its KDF"));
	if (!header_number(kdf, "ops", 0, UINT32_MAX, &ops) ||
	    !header_number(kdf, "mem_kib", 0, UINT32_MAX, &mem_kib) ||
	    !kdf_is_bounded((uint32_t)ops, (uint32_t)mem_kib))
		return header_damaged(
		    err, CARNET_("the KDF's cost is out of bounds"));
	setting->ops = (uint32_t)ops;
	setting->mem_kib = (uint32_t)mem_kib;
	return CARNET_OK;
}

/* "need" and the hash of each share, which only a slot of shares has. */
static bool
header_read_shares(const cJSON *object, struct slot *slot)
{
	const cJSON *shares = carnet_json_get(object, "shares"), *item;
	int count = cJSON_GetArraySize(shares), i = 0;
	uint64_t need;

	if (!cJSON_IsArray(shares) || count < 2 || count > SLOT_SHARES_MAX ||
	    !header_number(object, "need", 2, (uint64_t)count, &need))
		return false;
	cJSON_ArrayForEach(
	    item, shares) if (!cJSON_IsString(item) ||
			      !hex_decode(item->valuestring, slot->shares[i++],
				  HASH_LEN)) return false;
	slot->info.need = (unsigned)need;
	slot->info.count = (unsigned)count;
	return true;
}

static bool
header_read_slot(const cJSON *object, struct slot *slot)
{
	static const char *const names[] = { "id", "kind", "created",
		"commitment", "wrapped", "need", "shares" };
	const char *id = carnet_json_string(object, "id");
	const char *kind = carnet_json_string(object, "kind");
	const char *created = carnet_json_string(object, "created");
	struct carnet_date date;
	size_t fields = sizeof(names) / sizeof(names[0]);

	if (kind == NULL || strcmp(kind, "shares") != 0)
		fields -= 2;
	if (!header_has_fields(object, names, fields) || id == NULL ||
	    !slot_id_is_valid(id) || kind == NULL ||
	    !slot_kind_parse(kind, &slot->info.kind) ||
	    !carnet_date_parse(created, &date) ||
	    !hex_decode(carnet_json_string(object, "commitment"),
		slot->commitment, sizeof(slot->commitment)) ||
	    !hex_decode(carnet_json_string(object, "wrapped"), slot->wrapped,
		sizeof(slot->wrapped)) ||
	    (slot->info.kind == SLOT_SHARES &&
		!header_read_shares(object, slot)))
		return false;
	memcpy(slot->info.id, id, SLOT_ID_TEXT);
	memcpy(slot->info.created, created, CARNET_DATE_TEXT);
	return true;
}

static enum carnet_status
header_read_slots(
    const cJSON *slots, struct header *header, struct carnet_error *err)
{
	const cJSON *item;

	if (!cJSON_IsArray(slots))
		return header_damaged(err, CARNET_("its key slots"));
	cJSON_ArrayForEach(item, slots)
	{
		struct slot *slot = &header->slots[header->slots_len];

		if (header->slots_len == HEADER_MAX_SLOTS)
			return header_damaged(
			    err, CARNET_("too many key slots"));
		if (!header_read_slot(item, slot))
			return header_damaged(err, CARNET_("a key slot"));
		for (size_t i = 0; i < header->slots_len; i++)
			if (strcmp(header->slots[i].info.id, slot->info.id) ==
			    0)
				return header_damaged(
				    err, CARNET_("a key slot is there twice"));
		header->slots_len++;
	}
	if (header->slots_len == 0)
		return header_damaged(err, CARNET_("it has no key slot"));
	return CARNET_OK;
}

static enum carnet_status
header_read_json(
    const cJSON *json, struct header *header, struct carnet_error *err)
{
	static const char *const names[] = { "format", "version", "id",
		"sequence", "kdf", "slots" };
	enum carnet_status status;
	uint64_t version;

	if (!header_is_text(json, "format", HEADER_FORMAT) ||
	    !header_number(json, "version", 1, UINT32_MAX, &version))
		return header_damaged(err, CARNET_("it isn't a header"));
	if (version > HEADER_VERSION) {
		(void)carnet_fail(err, CARNET_NEWER,
		    CARNET_("the vault's header has format version %u; this "
			    "carnet reads version %d"),
		    (unsigned)version, HEADER_VERSION);
		carnet_hint(err,
		    CARNET_("Install a carnet that reads header version %u."),
		    (unsigned)version);
		return CARNET_NEWER;
	}
	if (!header_has_fields(json, names, sizeof(names) / sizeof(names[0])))
		return header_damaged(err, CARNET_("its fields"));
	if (!hex_decode(carnet_json_string(json, "id"), header->id,
		sizeof(header->id)) ||
	    !header_number(
		json, "sequence", 0, HEADER_MAX_SEQUENCE, &header->sequence))
		return header_damaged(err, CARNET_("its id or its sequence"));
	status =
	    header_read_kdf(carnet_json_get(json, "kdf"), &header->kdf, err);
	if (status != CARNET_OK)
		return status;
	return header_read_slots(carnet_json_get(json, "slots"), header, err);
}

enum carnet_status
header_parse(const uint8_t *bytes, size_t len, struct header **ret_header,
    struct carnet_error *err)
{
	uint8_t hash[HASH_LEN];
	struct header *header = NULL;
	cJSON *json = NULL;
	enum carnet_status status;

	if (len <= HEADER_TAIL || len > HEADER_MAX_LEN)
		return header_damaged(err, CARNET_("its length"));
	hash_bytes(NULL, bytes, len - HEADER_TAIL, hash);
	if (!bytes_equal(hash, bytes + len - HEADER_TAIL, HASH_LEN))
		return header_damaged(err, CARNET_("its checksum is wrong"));
	status = carnet_json_parse(
	    (const char *)bytes, len - HEADER_TAIL, &json, err);
	if (status == CARNET_INVALID)
		return header_damaged(err, CARNET_("it isn't JSON"));
	if (status != CARNET_OK)
		return status;
	header = calloc(1, sizeof(*header));
	if (header == NULL) {
		status = carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("no memory for the header"));
		goto done;
	}
	status = header_read_json(json, header, err);
	if (status == CARNET_OK)
		status =
		    header_adopt(header, header->sequence, bytes, len, err);
	if (status == CARNET_OK) {
		*ret_header = header;
		header = NULL;
	}
done:
	header_free(header);
	cJSON_Delete(json);
	return status;
}

/* Text that grows up to HEADER_MAX_LEN. */
struct header_text {
	char *text;
	size_t len;
};

static void CARNET_PRINTF(2, 3)
    header_print(struct header_text *out, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(
	    out->text + out->len, HEADER_MAX_LEN - out->len, format, args);
	va_end(args);
	/* 32 slots of 16 shares take 45 KiB: it never gets there */
	if (len > 0 && (size_t)len < HEADER_MAX_LEN - out->len)
		out->len += (size_t)len;
}

static void
header_print_shares(struct header_text *out, const struct slot *slot)
{
	char hash[2 * HASH_LEN + 1];

	header_print(out, ",\"need\":%u,\"shares\":[", slot->info.need);
	for (unsigned i = 0; i < slot->info.count; i++) {
		hex_encode(slot->shares[i], HASH_LEN, hash);
		header_print(out, "%s\"%s\"", i == 0 ? "" : ",", hash);
	}
	header_print(out, "]");
}

static void
header_print_slot(struct header_text *out, const struct slot *slot)
{
	char commitment[2 * SLOT_COMMITMENT_LEN + 1];
	char wrapped[2 * SLOT_WRAPPED_LEN + 1];

	hex_encode(slot->commitment, sizeof(slot->commitment), commitment);
	hex_encode(slot->wrapped, sizeof(slot->wrapped), wrapped);
	header_print(out,
	    "{\"id\":\"%s\",\"kind\":\"%s\",\"created\":\"%s\","
	    "\"commitment\":\"%s\",\"wrapped\":\"%s\"",
	    slot->info.id, slot_kind_name(slot->info.kind), slot->info.created,
	    commitment, wrapped);
	if (slot->info.kind == SLOT_SHARES)
		header_print_shares(out, slot);
	header_print(out, "}");
}

enum carnet_status
header_json_write(const struct header *header, uint64_t sequence,
    char **ret_json, size_t *ret_len, struct carnet_error *err)
{
	struct header_text out = { malloc(HEADER_MAX_LEN), 0 };
	char id[2 * VAULT_ID_LEN + 1], salt[2 * KDF_SALT_LEN + 1];

	if (out.text == NULL)
		return carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("no memory for the header"));
	hex_encode(header->id, sizeof(header->id), id);
	hex_encode(header->kdf.salt, sizeof(header->kdf.salt), salt);
	header_print(&out,
	    "{\"format\":\"" HEADER_FORMAT "\",\"version\":%d,\"id\":\"%s\","
	    "\"sequence\":%llu,\"kdf\":{\"alg\":\"argon2id\",\"salt\":\"%s\","
	    "\"ops\":%u,\"mem_kib\":%u},\"slots\":[",
	    HEADER_VERSION, id, (unsigned long long)sequence, salt,
	    header->kdf.ops, header->kdf.mem_kib);
	for (size_t i = 0; i < header->slots_len; i++) {
		if (i > 0)
			header_print(&out, ",");
		header_print_slot(&out, &header->slots[i]);
	}
	header_print(&out, "]}\n");
	*ret_json = out.text;
	*ret_len = out.len;
	return CARNET_OK;
}
