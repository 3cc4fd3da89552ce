/* SPDX-License-Identifier: ISC */
/*
 * Compares a new decision with those that hold: what it covers it replaces,
 * what is wider stands on.  The contract is in plan_supersede.h, the reasons
 * in docs/decisions/0010-what-supersedes.md.
 */
#include "plan_supersede.h"

#include <string.h>

/* Every purpose of the narrow one lies within one of the wide one. */
static bool
supersede_covers_purposes(const struct letters *letters, const cJSON *wide,
    const cJSON *narrow, bool exactly)
{
	const cJSON *one, *other;

	if (cJSON_GetArraySize(wide) == 0)
		return true;
	cJSON_ArrayForEach(one, narrow)
	{
		bool found = false;

		cJSON_ArrayForEach(other, wide) found =
		    found ||
		    (exactly ? strcmp(one->valuestring, other->valuestring) == 0
			     : letters_purpose_within(letters, one->valuestring,
				   other->valuestring));
		if (!found)
			return false;
	}
	return cJSON_GetArraySize(narrow) > 0;
}

/* It doesn't end before the other does. */
static bool
supersede_covers_time(const cJSON *wide, const cJSON *narrow)
{
	const char *end = carnet_json_string(wide, "until");
	const char *other = carnet_json_string(narrow, "until");

	return end == NULL || (other != NULL && strcmp(end, other) >= 0);
}

static bool
supersede_covers(const struct letters *letters, const cJSON *wide,
    const cJSON *narrow, bool exactly)
{
	return supersede_covers_purposes(letters,
		   carnet_json_get(wide, "purposes"),
		   carnet_json_get(narrow, "purposes"), exactly) &&
	       letters_scope_covers(carnet_json_string(wide, "scope"),
		   carnet_json_string(narrow, "scope")) &&
	       supersede_covers_time(wide, narrow);
}

static bool
supersede_replaces(
    const struct letters *letters, const cJSON *decision, const cJSON *before)
{
	const char *kind = json_text(decision, "kind");

	if (strcmp(kind, "decline") == 0)
		return strcmp(json_text(decision, "request"),
			   json_text(before, "request")) == 0;
	if (strcmp(kind, "refuse") == 0)
		return supersede_covers(letters, decision, before, false);
	return supersede_covers(letters, decision, before, true) ||
	       supersede_covers(letters, before, decision, true);
}

enum carnet_status
plan_supersede(struct session *session, struct plan_item *item)
{
	const char *kind = json_text(item->decision, "kind");
	const char *replaced = NULL;
	struct decision_list list = { 0 };
	enum carnet_status status = decision_list_load(
	    session, json_text(item->recipient, "id"), &list);

	if (status != CARNET_OK)
		return status;
	for (size_t i = 0; i < list.len; i++) {
		const cJSON *row = list.row_of[i];

		if (!decision_holds(
			list.items, list.len, i, decision_today(session)))
			continue;
		if (decision_rows_clash(session->letters, item->decision, row))
			(void)cJSON_AddItemToArray(item->against,
			    cJSON_CreateString(list.items[i].id));
		if (strcmp(json_text(row, "kind"), kind) != 0 ||
		    strcmp(kind, "withdraw") == 0)
			continue;
		if (supersede_replaces(session->letters, item->decision, row)) {
			if (replaced != NULL)
				(void)cJSON_AddItemToArray(
				    item->beside, cJSON_CreateString(replaced));
			replaced = list.items[i].id;
		} else {
			(void)cJSON_AddItemToArray(
			    item->beside, cJSON_CreateString(list.items[i].id));
		}
	}
	if (replaced != NULL)
		json_add_text(item->decision, "supersedes", replaced);
	decision_list_free(&list);
	return CARNET_OK;
}
