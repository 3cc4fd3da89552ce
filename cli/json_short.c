/* SPDX-License-Identifier: ISC */
/*
 * Building result objects without a check a line: what can't be added for
 * want of memory is left out.  The contract is in session.h.
 */
#include "session.h"

void
json_add(cJSON *object, const char *key, cJSON *value)
{
	if (value == NULL || !cJSON_AddItemToObject(object, key, value))
		cJSON_Delete(value);
}

void
json_add_text(cJSON *object, const char *key, const char *text)
{
	json_add(object, key,
	    text == NULL ? cJSON_CreateNull() : cJSON_CreateString(text));
}

void
json_add_number(cJSON *object, const char *key, double number)
{
	json_add(object, key, cJSON_CreateNumber(number));
}

void
json_add_bool(cJSON *object, const char *key, bool value)
{
	json_add(object, key, cJSON_CreateBool(value));
}

void
json_copy(cJSON *object, const cJSON *from, const char *key)
{
	const cJSON *member = carnet_json_get(from, key);

	if (member != NULL)
		json_add(object, key, cJSON_Duplicate(member, 1));
}

const char *
json_text(const cJSON *object, const char *key)
{
	const char *text = carnet_json_string(object, key);

	return text == NULL ? "" : text;
}

/* cJSON_InsertItemInArray of 1.7.15 refuses any place but the first once
 * something was put there: the tail goes aside and comes back instead. */
void
json_insert(cJSON *array, int place, cJSON *item)
{
	cJSON *tail = cJSON_CreateArray(), *moved;

	while ((moved = cJSON_DetachItemFromArray(array, place)) != NULL)
		(void)cJSON_AddItemToArray(tail, moved);
	if (!cJSON_AddItemToArray(array, item))
		cJSON_Delete(item);
	while ((moved = cJSON_DetachItemFromArray(tail, 0)) != NULL)
		(void)cJSON_AddItemToArray(array, moved);
	cJSON_Delete(tail);
}
