/* SPDX-License-Identifier: ISC */
/*
 * Collecting what is due.  Prints nothing.  The contract is in due.h.
 */
#include <stdio.h>
#include <string.h>

#include "case_view.h"
#include "due.h"

struct due {
	struct session *session;
	struct letter_desk desk;
	cJSON *items;
	int64_t days;
};

const char *
due_day(const cJSON *item)
{
	const char *due = json_text(item, "due");

	return due[0] != '\0' ? due : json_text(item, "look_again");
}

/* By day; what has none comes last; else as it came. */
static void
due_insert(struct due *due, cJSON *item)
{
	const char *day = due_day(item);
	const cJSON *one;
	int place = 0;

	cJSON_ArrayForEach(one, due->items)
	{
		const char *other = due_day(one);

		if (day[0] != '\0' &&
		    (other[0] == '\0' || strcmp(other, day) > 0))
			break;
		place++;
	}
	json_insert(due->items, place, item);
}

/* Stable, and tells nothing: a hash where there is no statement's id. */
static void
due_add_uid(
    const struct due *due, cJSON *item, const char *what, const char *person)
{
	char vault[33], text[256], hex[65];

	carnet_vault_id(due->session->vault, vault);
	(void)snprintf(text, sizeof(text), "%s %s %s", vault, what, person);
	letter_sha256(text, strlen(text), hex);
	(void)snprintf(text, sizeof(text), "%.24s@carnet", hex);
	json_add_text(item, "uid", text);
}

static void
due_add_case(struct due *due, const cJSON *row)
{
	const cJSON *day = carnet_json_get(row, "due");
	cJSON *item = cJSON_CreateObject();
	char uid[64];

	(void)snprintf(uid, sizeof(uid), "%s@carnet", json_text(row, "id"));
	json_add_text(item, "statement", json_text(row, "id"));
	json_copy(item, row, "recipient");
	json_add_text(item, "recipient_name",
	    letter_recipient_name(&due->desk, json_text(row, "recipient")));
	json_copy(item, row, "person");
	json_copy(item, row, "person_id");
	json_add_text(item, "what", "statement");
	json_copy(item, row, "title");
	json_copy(item, row, "status");
	json_add_text(
	    item, "due", cJSON_IsObject(day) ? json_text(day, "on") : NULL);
	json_copy(item, row, "look_again");
	json_add_bool(
	    item, "estimate", carnet_json_bool(day, "estimate", false));
	json_copy(item, row, "overdue_days");
	json_copy(item, row, "next");
	json_copy(item, row, "command");
	json_copy(item, row, "answers");
	json_copy(item, row, "referral");
	json_add_text(item, "uid", uid);
	due_insert(due, item);
}

/* --- before there is a letter --------------------------------------------- */

static cJSON *
due_new(const struct due *due, const char *what, const cJSON *person,
    const cJSON *data, struct carnet_date day)
{
	cJSON *item = cJSON_CreateObject();
	char text[CARNET_DATE_TEXT];

	carnet_date_format(day, text);
	json_add_text(item, "statement", NULL);
	json_add_text(item, "recipient", carnet_json_string(data, "recipient"));
	json_add_text(item, "recipient_name",
	    carnet_json_string(data, "recipient") == NULL
		? NULL
		: letter_recipient_name(
		      &due->desk, json_text(data, "recipient")));
	json_add_text(item, "person", json_text(person, "name"));
	json_add_text(item, "person_id", json_text(person, "id"));
	json_add_text(item, "what", what);
	json_add_text(item, "title",
	    json_text(carnet_json_get(data, "title"), due->session->lang));
	json_add_text(item, "status", NULL);
	json_add_text(item, "due", text);
	json_add_bool(item, "estimate", false);
	json_add_number(item, "overdue_days", 0);
	due_add_uid(
	    due, item, json_text(item, "title"), json_text(person, "id"));
	return item;
}

/* The objection has been sent: the window needs nobody any more. */
static bool
due_is_used(const struct due *due, const cJSON *window, const char *person)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, due->desk.statements)
	{
		if (strcmp(json_text(one, "template"),
			json_text(window, "template")) == 0 &&
		    strcmp(json_text(one, "person_id"), person) == 0 &&
		    cJSON_GetArraySize(carnet_json_get(one, "steps")) > 0)
			return true;
	}
	return false;
}

/* How long the statement has its effect: its "window". */
static struct carnet_date
due_window_end(const cJSON *statement, struct carnet_date from)
{
	const cJSON *window = carnet_json_get(statement, "window");
	int64_t count = 0;

	(void)carnet_json_int(window, "count", &count);
	return strcmp(json_text(window, "unit"), "months") == 0
		   ? date_add_months(from, (int)count)
		   : date_add_days(from, (int)count * 7);
}

/* One window after one notice: until its last day is over. */
static void
due_add_window(struct due *due, const cJSON *window, const cJSON *person,
    const char *noticed)
{
	struct carnet_date from, last;
	char command[700];
	const cJSON *statement = letters_statement(
	    due->session->letters, json_text(window, "template"));
	bool named =
	    strcmp(json_text(statement, "addressee"), "recipient") != 0;
	cJSON *item;

	if (!carnet_date_parse(noticed, &from) ||
	    due_is_used(due, window, json_text(person, "id")))
		return;
	last = due_window_end(statement, from);
	if (carnet_date_compare(case_today(due->session), last) > 0)
		return;
	item = due_new(due, "window", person, window, last);
	json_add_text(item, "next", "object");
	(void)snprintf(command, sizeof(command),
	    "carnet statement new %s%s%s --person %s",
	    json_text(window, "template"), named ? "" : " --to ",
	    named ? "" : json_text(window, "recipient"),
	    json_text(person, "id"));
	json_add_text(item, "command", command);
	due_insert(due, item);
}

/* The notices: documents with a window's tag, dated. */
static enum carnet_status
due_add_windows(struct due *due, const cJSON *window)
{
	struct session *session = due->session;
	const cJSON *tag, *person, *document;
	enum carnet_status status = CARNET_OK;

	cJSON_ArrayForEach(tag, carnet_json_get(window, "tags"))
	{
		cJSON_ArrayForEach(person, due->desk.persons)
		{
			cJSON *filter = cJSON_CreateObject(), *documents = NULL;

			json_add_text(filter, "tag", tag->valuestring);
			json_add_text(
			    filter, "person", json_text(person, "id"));
			status = carnet_documents(
			    session->vault, filter, &documents, &session->err);
			cJSON_Delete(filter);
			if (status != CARNET_OK)
				return status;
			document = documents->child;
			if (document != NULL) /* the newest notice */
				due_add_window(due, window, person,
				    json_text(document, "date"));
			cJSON_Delete(documents);
		}
	}
	return status;
}

/* A refusal, or a long silence, can be referred elsewhere for a time: until
 * its last day. */
static void
due_add_referral(struct due *due, const cJSON *row)
{
	const cJSON *referral = carnet_json_get(row, "referral");
	struct carnet_date last;
	cJSON *item;

	if (!carnet_json_bool(referral, "open", false) ||
	    !carnet_date_parse(json_text(referral, "until"), &last))
		return;
	item = due_new(due, "referral",
	    letter_find(due->desk.persons, "id", json_text(row, "person_id")),
	    letters_statement(
		due->session->letters, json_text(referral, "template")),
	    last);
	cJSON_DeleteItemFromObjectCaseSensitive(item, "recipient");
	cJSON_DeleteItemFromObjectCaseSensitive(item, "recipient_name");
	json_copy(item, referral, "recipient");
	json_add_text(item, "recipient_name",
	    letter_recipient_name(
		&due->desk, json_text(referral, "recipient")));
	cJSON_DeleteItemFromObjectCaseSensitive(item, "estimate");
	json_copy(item, referral, "estimate");
	json_copy(item, referral, "public");
	cJSON_DeleteItemFromObjectCaseSensitive(item, "uid");
	due_add_uid(
	    due, item, json_text(referral, "template"), json_text(row, "id"));
	json_add_text(item, "about", json_text(row, "id"));
	json_add_text(item, "next", "refer");
	json_copy(item, referral, "command");
	due_insert(due, item);
}

static enum carnet_status
due_add_cases(struct due *due)
{
	cJSON *rows = NULL;
	const cJSON *row;
	enum carnet_status status = case_list(due->session, NULL, &rows);

	cJSON_ArrayForEach(row, rows)
	{
		if (case_is_open(row))
			due_add_case(due, row);
		due_add_referral(due, row);
	}
	cJSON_Delete(rows);
	return status;
}

/* A child's next birthdays that change something. */
static void
due_add_ages(struct due *due, const cJSON *child)
{
	const cJSON *age;
	struct carnet_date today = case_today(due->session), born, day;

	if (!carnet_date_parse(json_text(child, "born"), &born))
		return;
	cJSON_ArrayForEach(age,
	    carnet_json_get(letters_windows(due->session->letters), "ages"))
	{
		char what[32], command[64];
		int64_t years = 0;
		cJSON *item;

		(void)carnet_json_int(age, "age", &years);
		day = date_add_months(born, (int)years * 12);
		if (date_diff_days(today, day) < 0 ||
		    date_diff_days(today, day) > due->days)
			continue;
		(void)snprintf(what, sizeof(what), "turns-%d", (int)years);
		item = due_new(due, what, child, age, day);
		json_add_text(item, "next", "note");
		(void)snprintf(command, sizeof(command),
		    "carnet consents --person %s", json_text(child, "id"));
		json_add_text(item, "command", command);
		due_insert(due, item);
	}
}

enum carnet_status
due_items(struct session *session, int64_t days, cJSON **ret_items)
{
	struct due due = { .session = session, .days = days };
	const cJSON *one;
	enum carnet_status status = letter_desk_open(session, &due.desk);

	if (status != CARNET_OK)
		return status;
	due.items = cJSON_CreateArray();
	status = due_add_cases(&due);
	cJSON_ArrayForEach(
	    one, carnet_json_get(letters_windows(session->letters),
		     "windows")) if (status == CARNET_OK) status =
	    due_add_windows(&due, one);
	cJSON_ArrayForEach(one, due.desk.persons) due_add_ages(&due, one);
	letter_desk_close(&due.desk);
	if (status != CARNET_OK) {
		cJSON_Delete(due.items);
		return status;
	}
	*ret_items = due.items;
	return CARNET_OK;
}
