/* SPDX-License-Identifier: ISC */
/*
 * Loads the embedded catalogue and finds things in it.  Judges nothing: the
 * schemas do, in the tests.
 * The contract is in ../include/formats.h; the keys are in README.md.
 */
#include "letters.h"

#include <stdlib.h>
#include <string.h>

const struct letters_file *
letters_file_find(const char *name)
{
	for (size_t i = 0; i < letters_files_len; i++) {
		if (strcmp(letters_files[i].name, name) == 0)
			return &letters_files[i];
	}
	return NULL;
}

static enum carnet_status
letters_read(const char *name, cJSON **ret_json, struct carnet_error *err)
{
	const struct letters_file *file = letters_file_find(name);

	if (file == NULL)
		return carnet_fail(err, CARNET_NOT_FOUND,
		    CARNET_("the catalogue lacks %s"), name);
	return carnet_json_parse(file->text, file->len, ret_json, err);
}

/* A statement names its bases by id: puts the bases themselves there. */
static enum carnet_status
letters_expand(cJSON *statement, const cJSON *bases, struct carnet_error *err)
{
	cJSON *ids =
	    cJSON_DetachItemFromObjectCaseSensitive(statement, "basis");
	cJSON *expanded = cJSON_AddArrayToObject(statement, "basis");
	const cJSON *id;

	cJSON_ArrayForEach(id, ids)
	{
		const cJSON *basis =
		    !cJSON_IsString(id)
			? NULL
			: carnet_json_get(bases, id->valuestring);
		cJSON *copy =
		    basis == NULL ? NULL : cJSON_Duplicate(basis, true);

		if (copy == NULL || expanded == NULL ||
		    cJSON_AddStringToObject(copy, "id", id->valuestring) ==
			NULL ||
		    !cJSON_AddItemToArray(expanded, copy)) {
			cJSON_Delete(copy);
			cJSON_Delete(ids);
			return carnet_fail(err, CARNET_INVALID,
			    CARNET_("the catalogue names a basis that it "
				    "lacks"));
		}
	}
	cJSON_Delete(ids);
	return CARNET_OK;
}

/* A template that isn't shipped may cite every basis. */
static enum carnet_status
letters_expand_own(cJSON *own, const cJSON *bases, struct carnet_error *err)
{
	cJSON *ids = cJSON_GetObjectItemCaseSensitive(own, "basis");
	const cJSON *basis;

	cJSON_ArrayForEach(basis, bases)
	{
		cJSON *id = cJSON_CreateString(basis->string);

		if (!cJSON_AddItemToArray(ids, id)) {
			cJSON_Delete(id);
			return carnet_fail(err, CARNET_NO_MEMORY,
			    CARNET_("not enough memory for the catalogue"));
		}
	}
	return letters_expand(own, bases, err);
}

static enum carnet_status
letters_expand_all(struct letters *letters, struct carnet_error *err)
{
	const cJSON *bases = carnet_json_get(letters->statements, "bases");
	cJSON *statements =
	    cJSON_GetObjectItemCaseSensitive(letters->statements, "statements");
	cJSON *statement;
	enum carnet_status status = letters_expand_own(
	    cJSON_GetObjectItemCaseSensitive(letters->statements, "own"), bases,
	    err);

	if (status != CARNET_OK)
		return status;
	cJSON_ArrayForEach(statement, statements)
	{
		status = letters_expand(statement, bases, err);
		if (status != CARNET_OK)
			break;
	}
	return status;
}

/* The authorities have a file of their own; they are recipients too. */
static enum carnet_status
letters_add_authorities(struct letters *letters, struct carnet_error *err)
{
	cJSON *to =
	    cJSON_GetObjectItemCaseSensitive(letters->recipients, "recipients");
	cJSON *json = NULL, *from, *item;
	enum carnet_status status =
	    letters_read("authorities.json", &json, err);

	if (status != CARNET_OK)
		return status;
	from = cJSON_GetObjectItemCaseSensitive(json, "recipients");
	while ((item = cJSON_DetachItemFromArray(from, 0)) != NULL) {
		if (!cJSON_AddItemToArray(to, item)) {
			cJSON_Delete(item);
			cJSON_Delete(json);
			return carnet_fail(err, CARNET_INVALID,
			    CARNET_("the catalogue lacks %s"), "recipients");
		}
	}
	cJSON_Delete(json);
	return CARNET_OK;
}

enum carnet_status
letters_load(struct letters **ret_letters, struct carnet_error *err)
{
	struct letters *letters = calloc(1, sizeof(*letters));
	enum carnet_status status;

	if (letters == NULL)
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("not enough memory for the catalogue"));
	status = letters_read("recipients.json", &letters->recipients, err);
	if (status == CARNET_OK)
		status = letters_add_authorities(letters, err);
	if (status == CARNET_OK)
		status =
		    letters_read("statements.json", &letters->statements, err);
	if (status == CARNET_OK)
		status = letters_read("words.json", &letters->words, err);
	if (status == CARNET_OK)
		status = letters_read("purposes.json", &letters->purposes, err);
	if (status == CARNET_OK)
		status = letters_read("holidays.json", &letters->holidays, err);
	if (status == CARNET_OK)
		status = letters_read("windows.json", &letters->windows, err);
	if (status == CARNET_OK)
		status = letters_read("answers.json", &letters->answers, err);
	if (status == CARNET_OK)
		status = letters_expand_all(letters, err);
	if (status == CARNET_OK)
		status = calendar_load(letters, err);
	if (status != CARNET_OK) {
		letters_free(letters);
		return status;
	}
	*ret_letters = letters;
	return CARNET_OK;
}

void
letters_free(struct letters *letters)
{
	if (letters == NULL)
		return;
	for (size_t i = 0; i < letters->calendars_len; i++) {
		free(letters->calendars[i].country);
		free(letters->calendars[i].region);
		free(letters->calendars[i].holidays);
	}
	free(letters->calendars);
	cJSON_Delete(letters->recipients);
	cJSON_Delete(letters->statements);
	cJSON_Delete(letters->words);
	cJSON_Delete(letters->purposes);
	cJSON_Delete(letters->holidays);
	cJSON_Delete(letters->windows);
	cJSON_Delete(letters->answers);
	free(letters);
}

static const cJSON *
letters_find(const cJSON *array, const char *id)
{
	const cJSON *item;

	if (id == NULL)
		return NULL;
	cJSON_ArrayForEach(item, array)
	{
		const char *name = carnet_json_string(item, "id");

		if (name != NULL && strcmp(name, id) == 0)
			return item;
	}
	return NULL;
}

const cJSON *
letters_recipients(const struct letters *letters)
{
	return carnet_json_get(letters->recipients, "recipients");
}

const cJSON *
letters_recipient(const struct letters *letters, const char *id)
{
	return letters_find(letters_recipients(letters), id);
}

const cJSON *
letters_statements(const struct letters *letters)
{
	return carnet_json_get(letters->statements, "statements");
}

const cJSON *
letters_statement(const struct letters *letters, const char *id)
{
	return letters_find(letters_statements(letters), id);
}

const cJSON *
letters_answers(const struct letters *letters)
{
	return carnet_json_get(letters->answers, "answers");
}

const cJSON *
letters_windows(const struct letters *letters)
{
	return letters->windows;
}

const cJSON *
letters_words(const struct letters *letters, const char *lang)
{
	return lang == NULL ? NULL : carnet_json_get(letters->words, lang);
}

const cJSON *
letters_facts(const struct letters *letters)
{
	return carnet_json_get(letters->statements, "facts");
}

const cJSON *
letters_own(const struct letters *letters)
{
	return carnet_json_get(letters->statements, "own");
}

const cJSON *
letters_basis(const struct letters *letters, const char *id)
{
	return carnet_json_get(
	    carnet_json_get(letters->statements, "bases"), id);
}
