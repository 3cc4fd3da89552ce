/* SPDX-License-Identifier: ISC */
/*
 * All statements with what follows from their steps.  Asks carnet-press once
 * for what is missing in the drafts.  The contract is in case_list.h.
 */
#include "case_list.h"

#include <stdio.h>
#include <string.h>

#include "answers.h"
#include "case_view.h"
#include "referral.h"

static void
case_add_date(cJSON *row, const char *key, struct carnet_date date)
{
	char text[CARNET_DATE_TEXT];

	carnet_date_format(date, text);
	json_add_text(row, key, text[0] == '\0' ? NULL : text);
}

static void
case_add_due(cJSON *row, const struct case_view *view)
{
	cJSON *due;

	if (!carnet_date_is_set(view->due)) {
		json_add_text(row, "due", NULL);
		case_add_date(row, "raw", view->raw);
		return;
	}
	due = cJSON_AddObjectToObject(row, "due");
	case_add_date(due, "on", view->due);
	json_add_text(due, "rule", view->rule);
	json_add_bool(due, "estimate", view->estimate);
	json_add_bool(due, "presumed", view->presumed);
	json_add_bool(due, "extended", view->extended);
	json_add_bool(due, "late_extension", view->late_extension);
	json_add_bool(due, "no_extension", view->no_extension);
	case_add_date(row, "raw", view->raw);
}

/* A name as a shell takes it. */
static void
case_quote(const char *text, char *quoted, size_t size)
{
	bool plain = text[0] != '\0';
	size_t at = 0;

	for (const char *c = text; *c != '\0'; c++)
		plain = plain && (strchr("/-_.@+:", *c) != NULL ||
				     (*c >= '0' && *c <= '9') ||
				     (*c >= 'a' && *c <= 'z') ||
				     (*c >= 'A' && *c <= 'Z'));
	if (plain) {
		(void)snprintf(quoted, size, "%s", text);
		return;
	}
	quoted[at++] = '\'';
	for (const char *c = text; *c != '\0' && at + 6 < size; c++) {
		if (*c == '\'') {
			memcpy(quoted + at, "'\\''", 4);
			at += 4;
		} else {
			quoted[at++] = *c;
		}
	}
	quoted[at++] = '\'';
	quoted[at] = '\0';
}

/* What to type for the first thing that is missing and that a verb gives;
 * false: nothing is. */
static bool
case_command_complete(const struct letter_desk *desk, const cJSON *row,
    char *command, size_t size)
{
	static const struct {
		const char *missing, *option;
		enum { SIGNER, RECIPIENT, ABOUT } whose;
	} rows[] = {
		{ "person.birthplace", N_("--birthplace PLACE"), SIGNER },
		{ "person.born", N_("--born YYYY-MM-DD"), SIGNER },
		{ "person.address", N_("--address ADDRESS"), SIGNER },
		{ "person.nir", N_("--nir NUMBER"), SIGNER },
		{ "person.email", N_("--email ADDRESS"), SIGNER },
		{ "recipient.name", N_("--name NAME"), RECIPIENT },
		{ "recipient.address", N_("--address ADDRESS"), RECIPIENT },
		{ "recipient.email", N_("--email ADDRESS"), RECIPIENT },
		{ "about.name", N_("--name NAME"), ABOUT },
		{ "about.address", N_("--address ADDRESS"), ABOUT },
	};
	const cJSON *missing, *about = letter_find(desk->statements, "id",
				  json_text(row, "about"));
	char whom[512];

	cJSON_ArrayForEach(missing, carnet_json_get(row, "missing"))
	{
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			if (strcmp(missing->valuestring, rows[i].missing) !=
				0 ||
			    (rows[i].whose == ABOUT && about == NULL))
				continue;
			case_quote(rows[i].whose == ABOUT
				       ? json_text(about, "recipient")
				       : json_text(row, rows[i].whose == SIGNER
							    ? "signer"
							    : "recipient"),
			    whom, sizeof(whom));
			(void)snprintf(command, size, "carnet %s edit %s %s",
			    rows[i].whose == SIGNER ? "person" : "recipient",
			    whom, _(rows[i].option));
			return true;
		}
	}
	return false;
}

/* Nobody can make this statement for a person of that age. */
static bool
case_is_forbidden(const cJSON *row)
{
	const cJSON *missing;

	cJSON_ArrayForEach(missing,
	    carnet_json_get(row, "missing")) if (strcmp(missing->valuestring,
						     "signer.age") ==
						 0) return true;
	return false;
}

/* A reminder isn't reminded of: what it reminds of is complained about. */
static const char *
case_complained(const struct letter_desk *desk, const cJSON *row)
{
	const cJSON *about =
	    letter_find(desk->statements, "id", json_text(row, "about"));
	const char *reminder = json_text(
	    carnet_json_get(case_statement(desk, about), "next"), "reminder");

	return about != NULL &&
		       strcmp(reminder, json_text(row, "template")) == 0
		   ? json_text(about, "id")
		   : json_text(row, "id");
}

const char case_outcome_words[] =
    N_("OUTCOME is granted (they do all that you ask), partly or refused; "
       "another day: --on YYYY-MM-DD; --proof FILE keeps their letter");

void
case_answered_command(const cJSON *one, char *command, size_t size)
{
	(void)snprintf(command, size, "carnet statement answered %s%s",
	    json_text(one, "id"), _(" --outcome OUTCOME"));
}

/* The command that does what comes next; "": nothing. */
static void
case_add_command(
    const struct letter_desk *desk, cJSON *row, const struct case_view *view)
{
	static const struct {
		enum case_next next;
		const char *verb, *rest;
	} commands[] = {
		{ NEXT_ANSWER_PAUSE, "resumed", N_(" --on YYYY-MM-DD") },
		{ NEXT_REMIND, "remind", "" },
		{ NEXT_COMPLAIN, "complain", N_(" -o DIR") },
		{ NEXT_CLOSE, "closed", "" },
		{ NEXT_AWAIT_AUTHORITY, "closed", "" },
	};
	char command[1024] = "";
	const char *verb = NULL, *rest = "", *id = json_text(row, "id");

	if (view->next == NEXT_COMPLAIN)
		id = case_complained(desk, row);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].next == view->next) {
			verb = commands[i].verb;
			rest = commands[i].rest;
		}
	if (view->next == NEXT_COMPLETE && case_is_forbidden(row))
		; /* nothing that one could type would make it good */
	else if (view->next == NEXT_COMPLETE &&
		 case_command_complete(desk, row, command, sizeof(command)))
		;
	else if (view->next == NEXT_COMPLETE || view->next == NEXT_SEND)
		(void)snprintf(command, sizeof(command),
		    "carnet statement sent %s --via %s", id,
		    json_text(row, "channel"));
	else if (view->next == NEXT_WAIT && view->presumed)
		(void)snprintf(command, sizeof(command),
		    "carnet statement received %s%s", id,
		    _(" --on YYYY-MM-DD"));
	else if (view->next == NEXT_WAIT || view->next == NEXT_LOOK_AGAIN)
		case_answered_command(row, command, sizeof(command));
	else if (verb != NULL)
		(void)snprintf(command, sizeof(command),
		    "carnet statement %s %s%s", verb, id,
		    rest[0] == '\0' ? "" : _(rest));
	json_add_text(row, "command", command);
}

/* The person who signs: whose address and name the letter needs. */
static void
case_add_signer(const struct letter_desk *desk, cJSON *row)
{
	const cJSON *as = NULL;
	bool ended;

	letter_signer(desk, row, letter_date(row), &as, &ended);
	json_add_text(row, "signer",
	    json_text(letter_find(desk->persons, "id",
			  as == NULL ? json_text(row, "person_id")
				     : json_text(as, "person")),
		"name"));
}

static enum carnet_status
case_complete(const struct letter_desk *desk, cJSON *row)
{
	const cJSON *statement = case_statement(desk, row);
	struct case_facts facts;
	struct case_view view;
	enum carnet_status status = case_facts_read(desk, row, &facts);

	if (status != CARNET_OK)
		return status;
	case_evaluate(facts.steps, facts.len,
	    carnet_json_get(row, "drafting") != NULL ||
		cJSON_GetArraySize(carnet_json_get(row, "missing")) > 0,
	    &facts.clock, &facts.calendar, case_today(desk->session), &view);
	if (view.next == NEXT_REMIND &&
	    json_text(carnet_json_get(statement, "next"), "reminder")[0] ==
		'\0')
		view.next = NEXT_COMPLAIN;
	json_add_text(row, "status", case_state_name(view.state));
	case_add_due(row, &view);
	case_add_date(row, "look_again", view.look_again);
	json_add_text(row, "next", case_next_name(view.next));
	json_add_number(row, "overdue_days", view.overdue_days);
	case_add_date(row, "complain_from", view.complain_from);
	json_add_text(row, "title",
	    json_text(
		carnet_json_get(statement, "title"), desk->session->lang));
	json_add_bool(row, "keep", carnet_json_bool(statement, "keep", false));
	case_add_signer(desk, row);
	case_add_command(desk, row, &view);
	answers_add(desk, row);
	referral_add(desk, row);
	cJSON_DeleteItemFromObjectCaseSensitive(row, "drafting");
	return CARNET_OK;
}

/* Whether the catalogue can still write this letter. */
static bool
case_is_writable(const struct letter_desk *desk, const cJSON *row)
{
	const cJSON *lang;

	cJSON_ArrayForEach(lang,
	    carnet_json_get(case_statement(desk, row),
		"languages")) if (strcmp(lang->valuestring,
				      json_text(row, "lang")) == 0) return true;
	return false;
}

/* What is missing in each draft: nothing can be missing in what was sent. */
static enum carnet_status
case_add_missing(const struct letter_desk *desk, cJSON *rows)
{
	cJSON *jobs = cJSON_CreateArray(), *metas = NULL, *row, *meta;
	enum carnet_status status = CARNET_OK;

	cJSON_ArrayForEach(row, rows)
	{
		cJSON *job = NULL;

		json_add(row, "missing", cJSON_CreateArray());
		json_add(row, "warnings", cJSON_CreateArray());
		if (carnet_json_bool(row, "frozen", false) ||
		    !case_is_writable(desk, row))
			continue;
		status = letter_job(desk, row, NULL, &job);
		if (status != CARNET_OK) {
			cJSON_Delete(jobs);
			return status;
		}
		json_add_text(row, "drafting", "");
		if (!cJSON_AddItemToArray(jobs, job))
			cJSON_Delete(job);
	}
	status = letter_press_metas(desk->session, jobs, &metas);
	if (status !=
	    CARNET_OK) { /* the rest of the list is true all the same */
		session_warn(desk->session,
		    _("what is missing in the drafts isn't known: %s"),
		    desk->session->err.message);
		return CARNET_OK;
	}
	meta = metas->child;
	cJSON_ArrayForEach(row, rows)
	{
		if (carnet_json_get(row, "drafting") == NULL || meta == NULL)
			continue;
		letter_complete_meta(desk, row, meta);
		cJSON_DeleteItemFromObjectCaseSensitive(row, "drafting");
		cJSON_DeleteItemFromObjectCaseSensitive(row, "missing");
		cJSON_DeleteItemFromObjectCaseSensitive(row, "warnings");
		json_copy(row, meta, "missing");
		json_copy(row, meta, "warnings");
		json_copy(row, meta, "cautions");
		meta = meta->next;
	}
	cJSON_Delete(metas);
	return CARNET_OK;
}

enum carnet_status
case_list(struct session *session, const cJSON *filter, cJSON **ret_cases)
{
	struct letter_desk desk = { 0 };
	cJSON *rows = NULL, *row;
	enum carnet_status status = letter_desk_open(session, &desk);

	if (status == CARNET_OK)
		status = carnet_statements(
		    session->vault, filter, &rows, &session->err);
	if (status == CARNET_OK)
		status = case_add_missing(&desk, rows);
	cJSON_ArrayForEach(row, rows) if (status == CARNET_OK) status =
	    case_complete(&desk, row);
	letter_desk_close(&desk);
	if (status != CARNET_OK) {
		cJSON_Delete(rows);
		return status;
	}
	*ret_cases = rows;
	return CARNET_OK;
}

bool
case_is_open(const cJSON *one)
{
	const char *status = json_text(one, "status");

	/* a note for one's own file waits for nothing */
	if (carnet_json_bool(one, "keep", false) &&
	    (strcmp(status, "draft") == 0 || strcmp(status, "ready") == 0))
		return false;
	return strcmp(json_text(one, "next"), "nothing") != 0;
}
