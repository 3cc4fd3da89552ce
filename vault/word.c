/* SPDX-License-Identifier: ISC */
/*
 * Persons and their word, as the ledger tells it: recipients, decisions,
 * statements, what was sent.  What follows from them is vault/consent's.
 */
#include "vault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WORD_FROZEN_LIMIT ((size_t)32 << 20)

enum carnet_status
carnet_persons(
    struct carnet_vault *vault, cJSON **ret_array, struct carnet_error *err)
{
	return index_persons(vault->index, ret_array, err);
}

enum carnet_status
carnet_person(struct carnet_vault *vault, const char *id, cJSON **ret_object,
    struct carnet_error *err)
{
	return index_person(vault->index, id, ret_object, err);
}

enum carnet_status
carnet_person_find(struct carnet_vault *vault, const char *name,
    char ret_id[CARNET_ID_TEXT], struct carnet_error *err)
{
	enum carnet_status status;
	const char *id;
	cJSON *persons = NULL;

	if (name != NULL && name[0] != '\0')
		return index_resolve(vault->index, 'p', name, ret_id, err);
	status = index_persons(vault->index, &persons, err);
	if (status != CARNET_OK)
		return status;
	id = carnet_json_string(cJSON_GetArrayItem(persons, 0), "id");
	if (id == NULL)
		status = carnet_fail(err, CARNET_NOT_FOUND,
		    CARNET_("there is nobody in this vault yet"));
	else
		(void)snprintf(ret_id, CARNET_ID_TEXT, "%s", id);
	cJSON_Delete(persons);
	return status;
}

enum carnet_status
carnet_representations(
    struct carnet_vault *vault, cJSON **ret_array, struct carnet_error *err)
{
	return index_representations(vault->index, ret_array, err);
}

enum carnet_status
carnet_recipients(
    struct carnet_vault *vault, cJSON **ret_array, struct carnet_error *err)
{
	return index_recipients(vault->index, ret_array, err);
}

enum carnet_status
carnet_decisions(struct carnet_vault *vault, const cJSON *filter,
    cJSON **ret_array, struct carnet_error *err)
{
	return index_decisions(vault->index, filter, ret_array, err);
}

enum carnet_status
carnet_statements(struct carnet_vault *vault, const cJSON *filter,
    cJSON **ret_array, struct carnet_error *err)
{
	return index_statements(vault->index, filter, ret_array, err);
}

enum carnet_status
carnet_freeze(struct carnet_vault *vault, const void *bytes, size_t len,
    cJSON **ret_content, struct carnet_error *err)
{
	return document_put_json(vault, bytes, len, ret_content, err);
}

enum carnet_status
carnet_frozen(struct carnet_vault *vault, const char *statement,
    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err)
{
	struct content content = { 0 };
	enum carnet_status status =
	    index_statement_frozen(vault->index, statement, &content, err);

	if (status != CARNET_OK)
		return status;
	status = store_get_bytes(
	    vault->store, &content, WORD_FROZEN_LIMIT, ret_bytes, ret_len, err);
	if (status == CARNET_DAMAGED)
		vault->damaged = true;
	content_clear(&content);
	return status;
}

enum carnet_status
carnet_disclosures(
    struct carnet_vault *vault, cJSON **ret_array, struct carnet_error *err)
{
	return index_disclosures(vault->index, ret_array, err);
}

enum carnet_status
carnet_calendar(
    struct carnet_vault *vault, cJSON **ret_array, struct carnet_error *err)
{
	cJSON *rows = NULL, *calendar;
	enum carnet_status status = index_calendar(vault->index, &rows, err);

	if (status != CARNET_OK)
		return status;
	calendar = cJSON_DetachItemFromObjectCaseSensitive(
	    cJSON_GetArrayItem(rows, 0), "calendar");
	cJSON_Delete(rows);
	*ret_array = calendar != NULL ? calendar : cJSON_CreateArray();
	return CARNET_OK;
}

enum carnet_status
carnet_places(
    struct carnet_vault *vault, cJSON **ret_array, struct carnet_error *err)
{
	return index_places(vault->index, ret_array, err);
}
