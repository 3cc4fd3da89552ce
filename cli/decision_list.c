/* SPDX-License-Identifier: ISC */
/*
 * Loads decisions and gives them the shape that vault/consent weighs.  Weighs
 * nothing.  The contract is in decision_list.h.
 */
#include "decision_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct carnet_date
decision_today(const struct session *session)
{
	struct carnet_date today = { 0 };

	(void)carnet_date_parse(session->today, &today);
	return today;
}

const char *
decision_purpose_name(struct session *session, const char *code)
{
	const cJSON *purpose;
	const char *name = NULL;

	if (session_letters(session) == CARNET_OK) {
		purpose = letters_purpose(session->letters, code);
		name = carnet_json_string(
		    carnet_json_get(purpose, "name"), session->lang);
	}
	return name == NULL ? code : name;
}

/* "research, public health…": the first plain name of each. */
static enum carnet_status
decision_fail_purpose(struct session *session)
{
	const cJSON *purpose;
	char known[500] = "";
	size_t at = 0;

	carnet_fail(
	    &session->err, CARNET_INVALID, _("--purpose: no such purpose"));
	cJSON_ArrayForEach(purpose, letters_purposes(session->letters))
	{
		bool french = strcmp(session->lang, "fr") == 0;
		const cJSON *names = carnet_json_get(purpose, "names");
		const cJSON *name = cJSON_GetArrayItem(
		    names, french ? cJSON_GetArraySize(names) - 1 : 0);

		if (at < sizeof(known) && cJSON_IsString(name))
			at += (size_t)snprintf(known + at, sizeof(known) - at,
			    "%s%s", at == 0 ? "" : ", ", name->valuestring);
	}
	carnet_hint(&session->err, _("all, %s"), known);
	return CARNET_INVALID;
}

enum carnet_status
decision_purposes(struct session *session, cJSON **ret_purposes)
{
	cJSON *purposes = cJSON_CreateArray(), *seen;
	enum carnet_status status = session_letters(session);
	size_t count = option_count(session->options, "purpose");

	for (size_t i = 0; i < count && status == CARNET_OK; i++) {
		const char *typed = option_item(session->options, "purpose", i);
		const cJSON *purpose = letters_purpose(session->letters, typed);
		bool known = false;

		if (strcmp(typed, "all") == 0 && count == 1)
			break;
		if (purpose == NULL) {
			status = decision_fail_purpose(session);
			break;
		}
		cJSON_ArrayForEach(seen, purposes) known =
		    known ||
		    strcmp(seen->valuestring, json_text(purpose, "code")) == 0;
		if (!known)
			(void)cJSON_AddItemToArray(purposes,
			    cJSON_CreateString(json_text(purpose, "code")));
	}
	if (status != CARNET_OK) {
		cJSON_Delete(purposes);
		return status;
	}
	*ret_purposes = purposes;
	return CARNET_OK;
}

/* --- loading ------------------------------------------------------------- */

static enum decision_kind
decision_kind_of(const char *name)
{
	for (int i = DECISION_REFUSE; i < DECISION_WITHDRAW; i++)
		if (strcmp(decision_kind_name((enum decision_kind)i), name) ==
		    0)
			return (enum decision_kind)i;
	return DECISION_WITHDRAW;
}

static bool
decision_is_named(const cJSON *named, const char *code)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, named)
	{
		if (strcmp(one->valuestring, code) == 0)
			return true;
	}
	return false;
}

/* What a refusal of `named` touches: each of them, above and below. */
static bool
decision_reaches(
    const struct letters *letters, const cJSON *named, const char *code)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, named)
	{
		if (letters_purpose_within(letters, code, one->valuestring) ||
		    letters_purpose_within(letters, one->valuestring, code))
			return true;
	}
	return false;
}

/* Writes the purposes of one item at *next, which moves behind them. */
static void
decision_expand(struct session *session, const cJSON *named,
    struct decision *item, const char ***next)
{
	const cJSON *one, *purpose;
	const char **first = *next;

	cJSON_ArrayForEach(one, named) * (*next)++ = one->valuestring;
	if (item->kind == DECISION_REFUSE || item->kind == DECISION_DECLINE) {
		cJSON_ArrayForEach(purpose, letters_purposes(session->letters))
		{
			const char *code = json_text(purpose, "code");

			if (cJSON_GetArraySize(named) > 0 &&
			    !decision_is_named(named, code) &&
			    decision_reaches(session->letters, named, code))
				*(*next)++ = code;
		}
	}
	item->purposes = first;
	item->purposes_len = (size_t)(*next - first);
}

static void
decision_fill(struct session *session, const cJSON *row, struct decision *item,
    const char ***next)
{
	item->id = json_text(row, "id");
	item->kind = decision_kind_of(json_text(row, "kind"));
	item->recipient = json_text(row, "recipient");
	item->scope = carnet_json_string(row, "scope");
	item->supersedes = carnet_json_string(row, "supersedes");
	item->withdraws = carnet_json_string(row, "withdraws");
	(void)carnet_date_parse(json_text(row, "made"), &item->made);
	(void)carnet_date_parse(json_text(row, "from"), &item->from);
	(void)carnet_date_parse(json_text(row, "until"), &item->until);
	decision_expand(session, carnet_json_get(row, "purposes"), item, next);
}

struct decision_order {
	const cJSON *row;
	size_t at; /* among the rows */
};

/* By recipient; within one as they were made. */
static int
decision_compare(const void *a, const void *b)
{
	const struct decision_order *left = a, *right = b;
	int order = strcmp(json_text(left->row, "recipient"),
	    json_text(right->row, "recipient"));

	if (order != 0)
		return order;
	return left->at < right->at ? -1 : left->at > right->at;
}

/* The rows in that order. */
static enum carnet_status
decision_sort(struct decision_list *list, struct carnet_error *err)
{
	struct decision_order *order = calloc(list->len + 1, sizeof(*order));
	const cJSON *row;
	size_t i = 0;

	if (order == NULL)
		return carnet_fail_errno(err, ENOMEM, _("decisions"));
	cJSON_ArrayForEach(row, list->rows)
	{
		order[i].row = row;
		order[i].at = i;
		i++;
	}
	qsort(order, list->len, sizeof(*order), decision_compare);
	for (i = 0; i < list->len; i++)
		list->row_of[i] = order[i].row;
	free(order);
	return CARNET_OK;
}

void
decision_list_free(struct decision_list *list)
{
	cJSON_Delete(list->rows);
	free(list->items);
	free(list->row_of);
	free(list->purposes);
	memset(list, 0, sizeof(*list));
}

enum carnet_status
decision_list_load(struct session *session, const char *recipient,
    struct decision_list *ret_list)
{
	struct decision_list list = { 0 };
	cJSON *filter = cJSON_CreateObject();
	enum carnet_status status = session_letters(session);
	const char **next;
	size_t known, named = 0;
	const cJSON *row;

	json_add_text(filter, "person", session->person);
	if (recipient != NULL)
		json_add_text(filter, "recipient", recipient);
	if (status == CARNET_OK)
		status = carnet_decisions(
		    session->vault, filter, &list.rows, &session->err);
	cJSON_Delete(filter);
	if (status != CARNET_OK)
		return status;
	known = (size_t)cJSON_GetArraySize(letters_purposes(session->letters));
	cJSON_ArrayForEach(row, list.rows)
	{
		list.len++;
		named += (size_t)cJSON_GetArraySize(
		    carnet_json_get(row, "purposes"));
	}
	list.items = calloc(list.len + 1, sizeof(*list.items));
	list.row_of = calloc(list.len + 1, sizeof(void *));
	list.purposes =
	    calloc(list.len * known + named + 1, sizeof(*list.purposes));
	status =
	    list.items == NULL || list.row_of == NULL || list.purposes == NULL
		? carnet_fail_errno(&session->err, ENOMEM, _("decisions"))
		: decision_sort(&list, &session->err);
	if (status != CARNET_OK) {
		decision_list_free(&list);
		return status;
	}
	next = list.purposes;
	for (size_t i = 0; i < list.len; i++)
		decision_fill(session, list.row_of[i], &list.items[i], &next);
	*ret_list = list;
	return CARNET_OK;
}

static bool
decision_purposes_meet(
    const struct letters *letters, const cJSON *ones, const cJSON *others)
{
	const cJSON *one, *other;

	if (cJSON_GetArraySize(ones) == 0 || cJSON_GetArraySize(others) == 0)
		return true;
	cJSON_ArrayForEach(one, ones)
	{
		cJSON_ArrayForEach(other, others)
		{
			if (letters_purpose_within(letters, one->valuestring,
				other->valuestring) ||
			    letters_purpose_within(
				letters, other->valuestring, one->valuestring))
				return true;
		}
	}
	return false;
}

bool
decision_rows_clash(
    const struct letters *letters, const cJSON *one, const cJSON *other)
{
	const char *kind = json_text(one, "kind");
	const char *against = json_text(other, "kind");
	bool differ =
	    (strcmp(kind, "refuse") == 0 && strcmp(against, "allow") == 0) ||
	    (strcmp(kind, "allow") == 0 && strcmp(against, "refuse") == 0);

	return differ &&
	       decision_purposes_meet(letters, carnet_json_get(one, "purposes"),
		   carnet_json_get(other, "purposes"));
}
