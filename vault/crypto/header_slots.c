/* SPDX-License-Identifier: ISC */
/*
 * The header's slots: opened with a passphrase or words, added, removed.
 * In memory only; header_store commits.  The contract is in header.h.
 */
#include "header_record.h"
#include "shares.h"
#include "words.h"

#include <string.h>

static size_t
header_count_kind(const struct header *header, enum slot_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < header->slots_len; i++)
		count += header->slots[i].info.kind == kind;
	return count;
}

enum carnet_status
header_conclude(const struct header *header, const struct slot *opened,
    enum carnet_status status, struct secret **master,
    struct secret **ret_master, char ret_slot[SLOT_ID_TEXT],
    struct carnet_error *err)
{
	if (status == CARNET_OK)
		status = header_verify(header, *master, err);
	if (status != CARNET_OK)
		return status;
	*ret_master = *master;
	*master = NULL;
	if (ret_slot != NULL)
		memcpy(ret_slot, opened->info.id, SLOT_ID_TEXT);
	return CARNET_OK;
}

enum carnet_status
header_stretch(const struct header *header, const struct secret *typed,
    struct secret **ret_bytes, struct carnet_error *err)
{
	return kdf_passphrase(&header->kdf, typed, ret_bytes, err);
}

enum carnet_status
header_open_stretched(const struct header *header, enum slot_kind kind,
    const struct secret *bytes, struct secret **ret_master,
    char ret_slot[SLOT_ID_TEXT], struct carnet_error *err)
{
	struct secret *master = NULL;
	const struct slot *opened = NULL;
	enum carnet_status status, result = CARNET_WRONG_KEY;

	for (size_t i = 0; i < header->slots_len && master == NULL; i++) {
		if (header->slots[i].info.kind != kind)
			continue;
		status = slot_open(&header->slots[i], header->id, &header->kdf,
		    secret_peek(bytes), &master, err);
		if (status != CARNET_WRONG_KEY) {
			opened = &header->slots[i];
			result = status;
		}
	}
	if (result == CARNET_WRONG_KEY)
		(void)carnet_fail(err, CARNET_WRONG_KEY, "%s",
		    kind == SLOT_PASSPHRASE
			? CARNET_("wrong passphrase")
			: CARNET_("this key file doesn't open this vault"));
	if (result == CARNET_WRONG_KEY && kind == SLOT_PASSPHRASE)
		carnet_hint(err,
		    CARNET_("capitals, accents and spaces count; if it is "
			    "forgotten, the recovery sheet opens it: carnet "
			    "key recover, or carnet restore --recover"));
	result = header_conclude(
	    header, opened, result, &master, ret_master, ret_slot, err);
	secret_free(master);
	return result;
}

/* All slots of a kind that Argon2id is paid for, at the price of one. */
static enum carnet_status
header_open_paid(const struct header *header, enum slot_kind kind,
    const struct secret *typed, struct secret **ret_master,
    char ret_slot[SLOT_ID_TEXT], struct carnet_error *err)
{
	struct secret *bytes = NULL;
	enum carnet_status status = header_stretch(header, typed, &bytes, err);

	if (status == CARNET_OK)
		status = header_open_stretched(
		    header, kind, bytes, ret_master, ret_slot, err);
	secret_free(bytes);
	return status;
}

enum carnet_status
header_open_passphrase(const struct header *header,
    const struct secret *passphrase, struct secret **ret_master,
    char ret_slot[SLOT_ID_TEXT], struct carnet_error *err)
{
	if (header_count_kind(header, SLOT_PASSPHRASE) == 0)
		return carnet_fail(err, CARNET_WRONG_KEY,
		    CARNET_("this vault has no passphrase"));
	return header_open_paid(
	    header, SLOT_PASSPHRASE, passphrase, ret_master, ret_slot, err);
}

enum carnet_status
header_open_keyfile(const struct header *header, const struct secret *key,
    struct secret **ret_master, char ret_slot[SLOT_ID_TEXT],
    struct carnet_error *err)
{
	if (header_count_kind(header, SLOT_KEYFILE) == 0)
		return carnet_fail(err, CARNET_WRONG_KEY,
		    CARNET_("this vault has no key file"));
	return header_open_paid(
	    header, SLOT_KEYFILE, key, ret_master, ret_slot, err);
}

/* Tries one recovery slot with each candidate. */
static enum carnet_status
header_try_words(const struct header *header, const struct slot *slot,
    const struct secret *entropies, struct secret *bytes,
    struct secret **ret_master, struct carnet_error *err)
{
	enum carnet_status status = CARNET_WRONG_KEY;

	for (size_t at = 0;
	     at < secret_len(entropies) && status == CARNET_WRONG_KEY;
	     at += WORDS_ENTROPY) {
		kdf_recovery(secret_peek(entropies) + at, header->id,
		    slot->info.id, secret_bytes(bytes));
		status = slot_open(slot, header->id, &header->kdf,
		    secret_peek(bytes), ret_master, err);
	}
	return status;
}

enum carnet_status
header_open_words(const struct header *header, const struct secret *words,
    struct secret **ret_master, char ret_slot[SLOT_ID_TEXT],
    struct carnet_error *err)
{
	struct secret *entropies = NULL, *bytes = NULL, *master = NULL;
	const struct slot *opened = NULL;
	enum carnet_status status, result = CARNET_WRONG_KEY;

	if (shares_are_meant(words))
		return header_open_shares(
		    header, words, ret_master, ret_slot, err);
	status = words_decode(words, &entropies, err);
	if (status != CARNET_OK)
		return status;
	bytes = secret_new(KDF_LEN);
	if (bytes == NULL) {
		secret_free(entropies);
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("no memory for the recovery words"));
	}
	for (size_t i = 0; i < header->slots_len && master == NULL; i++) {
		if (header->slots[i].info.kind != SLOT_RECOVERY)
			continue;
		status = header_try_words(
		    header, &header->slots[i], entropies, bytes, &master, err);
		if (status != CARNET_WRONG_KEY) {
			opened = &header->slots[i];
			result = status;
		}
	}
	if (result == CARNET_WRONG_KEY) {
		(void)carnet_fail(err, CARNET_WRONG_KEY,
		    CARNET_("these recovery words don't open this vault"));
		carnet_hint(err,
		    CARNET_("They may be another vault's, or were removed."));
	}
	result = header_conclude(
	    header, opened, result, &master, ret_master, ret_slot, err);
	secret_free(master);
	secret_free(bytes);
	secret_free(entropies);
	return result;
}

enum carnet_status
header_begin_slot(struct header *header, const struct secret *master,
    enum slot_kind kind, const char *today, struct slot **ret_slot,
    struct carnet_error *err)
{
	struct slot *slot = &header->slots[header->slots_len];
	struct carnet_date date;
	enum carnet_status status;
	bool is_taken;

	if (header->slots_len == HEADER_MAX_SLOTS) {
		(void)carnet_fail(err, CARNET_INVALID,
		    CARNET_("the vault has %d key slots already"),
		    HEADER_MAX_SLOTS);
		carnet_hint(err, CARNET_("Remove one first."));
		return CARNET_INVALID;
	}
	if (!carnet_date_parse(today, &date))
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("a key slot's date isn't a date"));
	status = header_admit(header, master, err);
	if (status != CARNET_OK)
		return status;
	*slot = (struct slot){ .info.kind = kind };
	carnet_date_format(date, slot->info.created);
	do {
		slot_make_id(slot->info.id);
		is_taken = false;
		for (size_t i = 0; i < header->slots_len; i++)
			if (strcmp(header->slots[i].info.id, slot->info.id) ==
			    0)
				is_taken = true;
	} while (is_taken);
	*ret_slot = slot;
	return CARNET_OK;
}

void
header_end_slot(
    struct header *header, const struct slot *slot, char ret_slot[SLOT_ID_TEXT])
{
	header->slots_len++;
	header->is_changed = true;
	if (ret_slot != NULL)
		memcpy(ret_slot, slot->info.id, SLOT_ID_TEXT);
}

static enum carnet_status
header_add_paid(struct header *header, const struct secret *master,
    enum slot_kind kind, const struct secret *typed, const char *today,
    char ret_slot[SLOT_ID_TEXT], struct carnet_error *err)
{
	struct secret *bytes = NULL;
	struct slot *slot = NULL;
	enum carnet_status status;

	status = header_begin_slot(header, master, kind, today, &slot, err);
	if (status != CARNET_OK)
		return status;
	status = kdf_passphrase(&header->kdf, typed, &bytes, err);
	if (status != CARNET_OK)
		return status;
	slot_wrap(slot, header->id, &header->kdf, secret_peek(bytes), master);
	secret_free(bytes);
	header_end_slot(header, slot, ret_slot);
	return CARNET_OK;
}

enum carnet_status
header_add_passphrase(struct header *header, const struct secret *master,
    const struct secret *passphrase, const char *today,
    char ret_slot[SLOT_ID_TEXT], struct carnet_error *err)
{
	return header_add_paid(
	    header, master, SLOT_PASSPHRASE, passphrase, today, ret_slot, err);
}

enum carnet_status
header_add_keyfile(struct header *header, const struct secret *master,
    const struct secret *key, const char *today, char ret_slot[SLOT_ID_TEXT],
    struct carnet_error *err)
{
	return header_add_paid(
	    header, master, SLOT_KEYFILE, key, today, ret_slot, err);
}

enum carnet_status
header_add_recovery(struct header *header, const struct secret *master,
    const char *lang, const char *today, struct secret **ret_words,
    char ret_slot[SLOT_ID_TEXT], struct carnet_error *err)
{
	struct secret *entropy = NULL, *bytes = NULL, *words = NULL;
	struct slot *slot = NULL;
	enum carnet_status status;

	status =
	    header_begin_slot(header, master, SLOT_RECOVERY, today, &slot, err);
	if (status != CARNET_OK)
		return status;
	entropy = secret_random(WORDS_ENTROPY);
	bytes = secret_new(KDF_LEN);
	if (entropy == NULL || bytes == NULL) {
		status = carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("no memory for the recovery words"));
		goto done;
	}
	status = words_encode(secret_peek(entropy), lang, &words, err);
	if (status != CARNET_OK)
		goto done;
	kdf_recovery(secret_peek(entropy), header->id, slot->info.id,
	    secret_bytes(bytes));
	slot_wrap(slot, header->id, &header->kdf, secret_peek(bytes), master);
	header_end_slot(header, slot, ret_slot);
	*ret_words = words;
done:
	secret_free(bytes);
	secret_free(entropy);
	return status;
}

static enum carnet_status
header_seek_slot(const struct header *header, const char *id, size_t *ret_found,
    struct carnet_error *err)
{
	size_t len = strlen(id), found = 0, matches = 0;

	for (size_t i = 0; len > 0 && i < header->slots_len; i++)
		if (strncmp(header->slots[i].info.id, id, len) == 0) {
			found = i;
			matches++;
		}
	if (matches == 0)
		return carnet_fail(
		    err, CARNET_NOT_FOUND, CARNET_("no such key slot"));
	if (matches > 1)
		return carnet_fail(err, CARNET_AMBIGUOUS,
		    CARNET_("several key slots begin like that"));
	*ret_found = found;
	return CARNET_OK;
}

enum carnet_status
header_find_slot(const struct header *header, const char *id,
    char ret_slot[SLOT_ID_TEXT], struct carnet_error *err)
{
	size_t found = 0;
	enum carnet_status status = header_seek_slot(header, id, &found, err);

	if (status == CARNET_OK)
		memcpy(ret_slot, header->slots[found].info.id, SLOT_ID_TEXT);
	return status;
}

enum carnet_status
header_remove_slot(
    struct header *header, const char *id, struct carnet_error *err)
{
	size_t found = 0;
	enum carnet_status status = header_seek_slot(header, id, &found, err);

	if (status != CARNET_OK)
		return status;
	if (header->slots_len == 1) {
		(void)carnet_fail(err, CARNET_INVALID,
		    CARNET_("the last key slot can't be removed"));
		carnet_hint(err, CARNET_("Add another one first."));
		return CARNET_INVALID;
	}
	header->slots_len--;
	memmove(&header->slots[found], &header->slots[found + 1],
	    (header->slots_len - found) * sizeof(header->slots[0]));
	header->is_changed = true;
	return CARNET_OK;
}
