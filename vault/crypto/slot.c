/* SPDX-License-Identifier: ISC */
/*
 * Wrapping and opening one slot.  Pays for no KDF, reads no header.
 * The contract is in slot.h, the additional data in docs/format.md.
 */
#include "slot.h"

#include <string.h>

#define SLOT_CONTEXT "carnet slot v1" /* with its NUL in front of the data */
#define SLOT_AD_LEN                                                            \
	(sizeof(SLOT_CONTEXT) + VAULT_ID_LEN + SLOT_ID_TEXT - 1 + 1 + 1 + 4 +  \
	    4 + KDF_SALT_LEN)

static const struct {
	enum slot_kind kind;
	const char *name;
	uint8_t number; /* in the additional data */
	bool has_kdf;   /* whether Argon2id's numbers are bound */
} slot_kinds[] = {
	{ SLOT_PASSPHRASE, "passphrase", 1, true },
	{ SLOT_RECOVERY, "recovery", 2, false },
	{ SLOT_KEYFILE, "keyfile", 3, true },
	{ SLOT_SHARES, "shares", 4, false },
};

#define SLOT_KINDS (sizeof(slot_kinds) / sizeof(slot_kinds[0]))

const char *
slot_kind_name(enum slot_kind kind)
{
	for (size_t i = 0; i < SLOT_KINDS; i++)
		if (slot_kinds[i].kind == kind)
			return slot_kinds[i].name;
	return "";
}

bool
slot_kind_parse(const char *name, enum slot_kind *ret_kind)
{
	for (size_t i = 0; i < SLOT_KINDS; i++)
		if (strcmp(slot_kinds[i].name, name) == 0) {
			*ret_kind = slot_kinds[i].kind;
			return true;
		}
	return false;
}

void
slot_make_id(char id[SLOT_ID_TEXT])
{
	uint8_t bytes[5];

	random_fill(bytes, sizeof(bytes));
	id[0] = 'k';
	base32_encode(bytes, sizeof(bytes), id + 1);
}

bool
slot_id_is_valid(const char *id)
{
	return strlen(id) == SLOT_ID_TEXT - 1 && id[0] == 'k' &&
	       strspn(id + 1, "abcdefghijklmnopqrstuvwxyz234567") ==
		   SLOT_ID_TEXT - 2;
}

static uint8_t *
slot_put_u32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		*to++ = (uint8_t)(value >> 8 * i);
	return to;
}

/* What the wrapped key is bound to. */
static void
slot_additional_data(const struct slot *slot,
    const uint8_t vault_id[VAULT_ID_LEN], const struct kdf_setting *setting,
    uint8_t ad[SLOT_AD_LEN])
{
	uint8_t *to = ad;
	size_t kind = 0;

	while (slot_kinds[kind].kind != slot->info.kind)
		kind++;
	memset(ad, 0, SLOT_AD_LEN);
	memcpy(to, SLOT_CONTEXT, sizeof(SLOT_CONTEXT));
	to += sizeof(SLOT_CONTEXT);
	memcpy(to, vault_id, VAULT_ID_LEN);
	to += VAULT_ID_LEN;
	memcpy(to, slot->info.id, SLOT_ID_TEXT - 1);
	to += SLOT_ID_TEXT - 1;
	*to++ = slot_kinds[kind].number;
	if (!slot_kinds[kind].has_kdf)
		return; /* zeros: words stay good when the cost changes */
	*to++ = 1;      /* argon2id */
	to = slot_put_u32(to, setting->ops);
	to = slot_put_u32(to, setting->mem_kib);
	memcpy(to, setting->salt, KDF_SALT_LEN);
}

void
slot_wrap(struct slot *slot, const uint8_t vault_id[VAULT_ID_LEN],
    const struct kdf_setting *setting, const uint8_t *kdf_bytes,
    const struct secret *master)
{
	uint8_t ad[SLOT_AD_LEN];

	slot_additional_data(slot, vault_id, setting, ad);
	memcpy(slot->commitment, kdf_bytes + KEY_LEN, SLOT_COMMITMENT_LEN);
	seal(kdf_bytes, ad, sizeof(ad), secret_peek(master), KEY_LEN,
	    slot->wrapped);
}

enum carnet_status
slot_open(const struct slot *slot, const uint8_t vault_id[VAULT_ID_LEN],
    const struct kdf_setting *setting, const uint8_t *kdf_bytes,
    struct secret **ret_master, struct carnet_error *err)
{
	uint8_t ad[SLOT_AD_LEN];
	struct secret *master;

	if (!bytes_equal(
		slot->commitment, kdf_bytes + KEY_LEN, SLOT_COMMITMENT_LEN))
		return CARNET_WRONG_KEY;
	master = secret_new(KEY_LEN);
	if (master == NULL)
		return carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("no memory for the key"));
	slot_additional_data(slot, vault_id, setting, ad);
	if (!unseal(kdf_bytes, ad, sizeof(ad), slot->wrapped,
		sizeof(slot->wrapped), secret_bytes(master))) {
		secret_free(master);
		return carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("the vault's header is damaged: key slot %s "
			    "doesn't open"),
		    slot->info.id);
	}
	*ret_master = master;
	return CARNET_OK;
}
