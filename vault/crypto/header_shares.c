/* SPDX-License-Identifier: ISC */
/*
 * The slot that any K of N shares open.  In memory only, as header_slots.c;
 * the contract is in header.h.
 */
#include "header_record.h"
#include "shares.h"
#include "words.h"

#include <string.h>

_Static_assert(SHAMIR_LEN == WORDS_ENTROPY, "shares carry a slot's entropy");

enum carnet_status
header_add_shares(struct header *header, const struct secret *master,
    unsigned need, unsigned count, const char *today, char (*ret_texts)[96],
    char ret_slot[SLOT_ID_TEXT], struct carnet_error *err)
{
	struct secret *entropy = NULL, *bytes = NULL, *ys = NULL;
	struct slot *slot = NULL;
	struct share share = { .need = need };
	enum carnet_status status;

	if (need < 2 || need > count || count > SHAMIR_MAX)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("shares: at least 2 are needed, at most all of "
			    "them, and there are at most %d"),
		    SHAMIR_MAX);
	status =
	    header_begin_slot(header, master, SLOT_SHARES, today, &slot, err);
	if (status != CARNET_OK)
		return status;
	entropy = secret_random(SHAMIR_LEN);
	ys = secret_new((size_t)SHAMIR_MAX * SHAMIR_LEN);
	bytes = secret_new(KDF_LEN);
	if (entropy == NULL || bytes == NULL || ys == NULL) {
		status = carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("no memory for the shares"));
		goto done;
	}
	shamir_split(secret_peek(entropy), need, count, secret_bytes(ys));
	memcpy(share.vault, header->id, sizeof(share.vault));
	memcpy(share.slot, slot->info.id, SLOT_ID_TEXT);
	for (unsigned i = 0; i < count; i++) {
		share.number = i + 1;
		memcpy(share.y, secret_peek(ys) + (size_t)i * SHAMIR_LEN,
		    SHAMIR_LEN);
		share_fill(&share);
		share_print(&share, ret_texts[i]);
		hash_bytes(NULL, share.bytes, SHARES_BYTES, slot->shares[i]);
	}
	slot->info.need = need;
	slot->info.count = count;
	kdf_recovery(secret_peek(entropy), header->id, slot->info.id,
	    secret_bytes(bytes));
	slot_wrap(slot, header->id, &header->kdf, secret_peek(bytes), master);
	header_end_slot(header, slot, ret_slot);
done:
	bytes_wipe(&share, sizeof(share));
	secret_free(ys);
	secret_free(bytes);
	secret_free(entropy);
	return status;
}

static const struct slot *
header_find_shares(const struct header *header, const struct share *share)
{
	for (size_t i = 0; i < header->slots_len; i++)
		if (header->slots[i].info.kind == SLOT_SHARES &&
		    strcmp(header->slots[i].info.id, share->slot) == 0)
			return &header->slots[i];
	return NULL;
}

/* Each against the hash that the header keeps of it: names the false one. */
static enum carnet_status
header_check_shares(const struct slot *slot, const struct share *shares,
    size_t len, struct carnet_error *err)
{
	uint8_t hash[HASH_LEN];

	for (size_t i = 0; i < len; i++) {
		hash_bytes(NULL, shares[i].bytes, SHARES_BYTES, hash);
		if (shares[i].number > slot->info.count ||
		    !bytes_equal(
			hash, slot->shares[shares[i].number - 1], HASH_LEN))
			return carnet_fail(err, CARNET_WRONG_KEY,
			    CARNET_("share %u is not one of this vault's"),
			    shares[i].number);
	}
	if (len < slot->info.need)
		return carnet_fail(err, CARNET_WRONG_KEY,
		    CARNET_("%u shares are needed, here are %zu"),
		    slot->info.need, len);
	return CARNET_OK;
}

/* The slot's 64 bytes out of enough true shares. */
static enum carnet_status
header_join_shares(const struct header *header, const struct slot *slot,
    const struct share *shares, struct secret **ret_bytes,
    struct carnet_error *err)
{
	uint8_t xs[SHAMIR_MAX];
	struct secret *ys = secret_new((size_t)SHAMIR_MAX * SHAMIR_LEN);
	struct secret *entropy = secret_new(SHAMIR_LEN);
	struct secret *bytes = secret_new(KDF_LEN);
	bool good = ys != NULL && entropy != NULL && bytes != NULL;

	for (unsigned i = 0; good && i < slot->info.need; i++) {
		xs[i] = (uint8_t)shares[i].number;
		memcpy(secret_bytes(ys) + (size_t)i * SHAMIR_LEN, shares[i].y,
		    SHAMIR_LEN);
	}
	if (good) {
		shamir_join(xs, secret_peek(ys), slot->info.need,
		    secret_bytes(entropy));
		kdf_recovery(secret_peek(entropy), header->id, slot->info.id,
		    secret_bytes(bytes));
		*ret_bytes = bytes;
		bytes = NULL;
	}
	secret_free(ys);
	secret_free(entropy);
	secret_free(bytes);
	return good ? CARNET_OK
		    : carnet_fail(err, CARNET_NO_MEMORY,
			  CARNET_("no memory for the shares"));
}

enum carnet_status
header_open_shares(const struct header *header, const struct secret *typed,
    struct secret **ret_master, char ret_slot[SLOT_ID_TEXT],
    struct carnet_error *err)
{
	struct share shares[SHAMIR_MAX];
	struct secret *bytes = NULL, *master = NULL;
	const struct slot *slot = NULL;
	enum carnet_status status;
	size_t len = 0;

	status = shares_parse(typed, shares, &len, err);
	if (status != CARNET_OK)
		return status;
	slot = header_find_shares(header, &shares[0]);
	if (slot == NULL)
		status = carnet_fail(err, CARNET_WRONG_KEY,
		    CARNET_("these shares don't open this vault"));
	if (status == CARNET_OK)
		status = header_check_shares(slot, shares, len, err);
	if (status == CARNET_OK)
		status = header_join_shares(header, slot, shares, &bytes, err);
	bytes_wipe(shares, sizeof(shares));
	if (status == CARNET_OK) {
		status = slot_open(slot, header->id, &header->kdf,
		    secret_peek(bytes), &master, err);
		if (status == CARNET_WRONG_KEY)
			status = carnet_fail(err, CARNET_DAMAGED,
			    CARNET_("the vault's header is damaged: key slot "
				    "%s doesn't open"),
			    slot->info.id);
		status = header_conclude(
		    header, slot, status, &master, ret_master, ret_slot, err);
	}
	secret_free(master);
	secret_free(bytes);
	return status;
}
