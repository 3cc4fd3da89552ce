/* SPDX-License-Identifier: ISC */
/*
 * Key slots of an open vault: adding, changing, removing.  The header is
 * stored before success is reported.  The contract is include/carnet.h.
 */
#include "slot.h"
#include "vault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum carnet_status
carnet_key_list(
    struct carnet_vault *vault, cJSON **ret_array, struct carnet_error *err)
{
	cJSON *array = cJSON_CreateArray();
	size_t count = header_slot_count(vault->header);

	for (size_t i = 0; i < count && array != NULL; i++) {
		struct slot_info slot = header_slot(vault->header, i);
		cJSON *row = cJSON_CreateObject();

		(void)cJSON_AddStringToObject(row, "id", slot.id);
		(void)cJSON_AddStringToObject(
		    row, "kind", slot_kind_name(slot.kind));
		(void)cJSON_AddStringToObject(row, "created", slot.created);
		if (slot.kind == SLOT_SHARES) {
			(void)cJSON_AddNumberToObject(row, "need", slot.need);
			(void)cJSON_AddNumberToObject(row, "of", slot.count);
		}
		(void)cJSON_AddItemToArray(array, row);
	}
	if (array == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	*ret_array = array;
	return CARNET_OK;
}

enum carnet_status
carnet_key_kdf(
    struct carnet_vault *vault, cJSON **ret_object, struct carnet_error *err)
{
	struct kdf_info kdf = header_kdf(vault->header);
	cJSON *object = cJSON_CreateObject();

	if (object == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	(void)cJSON_AddStringToObject(object, "alg", kdf.alg);
	(void)cJSON_AddNumberToObject(object, "ops", kdf.ops);
	(void)cJSON_AddNumberToObject(object, "mem_kib", kdf.mem_kib);
	*ret_object = object;
	return CARNET_OK;
}

/* Stores the header, then writes down in the ledger what was done. */
static enum carnet_status
key_store(struct carnet_vault *vault, const char *action, const char *slot,
    struct carnet_error *err)
{
	cJSON *payload = cJSON_CreateObject();
	enum carnet_status status =
	    header_store(vault->fd, vault->header, vault->master, err);

	if (status != CARNET_OK) {
		cJSON_Delete(payload);
		/* the first copy may be there already, and then it counts */
		carnet_hint(err,
		    CARNET_("the new passphrase or words may hold already: try "
			    "both, the old and the new passphrase"));
		return status;
	}
	vault_payload_add(&payload, "action", action);
	vault_payload_add(&payload, "slot", slot);
	/* the slots are what they are now, whatever becomes of this note */
	if (carnet_queue(vault, "key.changed", NULL, payload, NULL, NULL) !=
		CARNET_OK ||
	    carnet_commit(vault, NULL) != CARNET_OK) {
		carnet_discard(vault);
		vault_warn(vault,
		    CARNET_("the keys are changed, but the vault could not "
			    "write that down"));
	}
	return CARNET_OK;
}

enum carnet_status
carnet_key_add_passphrase(struct carnet_vault *vault,
    const struct secret *passphrase, const char *today,
    char ret_slot[CARNET_ID_TEXT], struct carnet_error *err)
{
	char slot[SLOT_ID_TEXT];
	enum carnet_status status = header_add_passphrase(
	    vault->header, vault->master, passphrase, today, slot, err);

	if (status == CARNET_OK)
		status = key_store(vault, "add passphrase", slot, err);
	if (status == CARNET_OK)
		(void)snprintf(ret_slot, CARNET_ID_TEXT, "%s", slot);
	return status;
}

enum carnet_status
carnet_key_add_recovery(struct carnet_vault *vault, const char *lang,
    const char *today, struct secret **ret_words, char ret_slot[CARNET_ID_TEXT],
    struct carnet_error *err)
{
	struct secret *words = NULL;
	char slot[SLOT_ID_TEXT];
	enum carnet_status status = header_add_recovery(
	    vault->header, vault->master, lang, today, &words, slot, err);

	if (status == CARNET_OK)
		status = key_store(vault, "add recovery", slot, err);
	if (status != CARNET_OK) {
		secret_free(words);
		return status;
	}
	(void)snprintf(ret_slot, CARNET_ID_TEXT, "%s", slot);
	*ret_words = words;
	return CARNET_OK;
}

enum carnet_status
carnet_key_add_keyfile(struct carnet_vault *vault, const struct secret *key,
    const char *today, char ret_slot[CARNET_ID_TEXT], struct carnet_error *err)
{
	char slot[SLOT_ID_TEXT];
	enum carnet_status status = header_add_keyfile(
	    vault->header, vault->master, key, today, slot, err);

	if (status == CARNET_OK)
		status = key_store(vault, "add keyfile", slot, err);
	if (status == CARNET_OK)
		(void)snprintf(ret_slot, CARNET_ID_TEXT, "%s", slot);
	return status;
}

enum carnet_status
carnet_key_add_shares(struct carnet_vault *vault, unsigned need, unsigned count,
    const char *today, char (*ret_texts)[CARNET_SHARE_TEXT],
    char ret_slot[CARNET_ID_TEXT], struct carnet_error *err)
{
	char slot[SLOT_ID_TEXT];
	enum carnet_status status = header_add_shares(vault->header,
	    vault->master, need, count, today, ret_texts, slot, err);

	if (status == CARNET_OK)
		status = key_store(vault, "add shares", slot, err);
	if (status == CARNET_OK)
		(void)snprintf(ret_slot, CARNET_ID_TEXT, "%s", slot);
	return status;
}

enum carnet_status
carnet_key_remove(struct carnet_vault *vault, const char *id,
    char ret_slot[CARNET_ID_TEXT], struct carnet_error *err)
{
	char slot[SLOT_ID_TEXT];
	enum carnet_status status =
	    header_find_slot(vault->header, id, slot, err);

	if (status == CARNET_OK)
		status = header_remove_slot(vault->header, slot, err);
	if (status == CARNET_OK)
		status = key_store(vault, "remove", slot, err);
	if (status == CARNET_OK)
		(void)snprintf(ret_slot, CARNET_ID_TEXT, "%s", slot);
	return status;
}

/* The i-th passphrase slot other than `except` goes; true if there was one. */
static bool
key_remove_passphrase(struct header *header, const char *except)
{
	for (size_t i = 0; i < header_slot_count(header); i++) {
		struct slot_info slot = header_slot(header, i);

		if (slot.kind == SLOT_PASSPHRASE &&
		    strcmp(slot.id, except) != 0)
			return header_remove_slot(header, slot.id, NULL) ==
			       CARNET_OK;
	}
	return false;
}

enum carnet_status
carnet_key_change(struct carnet_vault *vault, const struct secret *passphrase,
    const char *today, char ret_slot[CARNET_ID_TEXT], struct carnet_error *err)
{
	char slot[SLOT_ID_TEXT];
	enum carnet_status status = header_add_passphrase(
	    vault->header, vault->master, passphrase, today, slot, err);

	if (status != CARNET_OK)
		return status;
	if (vault->by_words) {
		while (key_remove_passphrase(vault->header, slot))
			;
	} else if (vault->slot[0] != '\0') {
		status = header_remove_slot(vault->header, vault->slot, err);
	}
	if (status == CARNET_OK)
		status = key_store(vault, "change", slot, err);
	if (status == CARNET_OK) {
		(void)snprintf(vault->slot, sizeof(vault->slot), "%s", slot);
		(void)snprintf(ret_slot, CARNET_ID_TEXT, "%s", slot);
	}
	return status;
}
