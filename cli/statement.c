/* SPDX-License-Identifier: ISC */
/*
 * statement: the letters and what became of them.  Finds the subverb; lists
 * statements and templates.
 */
#include "statement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_list.h"
#include "own_template.h"
#include "verbs.h"

static const struct option_row statement_options[] = {
	{ "to", OPTION_TEXT, "RECIPIENT", N_("to whom (new, record)") },
	{ "letter-lang", OPTION_TEXT, "fr|en",
	    N_("the letter's language (its recipient's)") },
	{ "about", OPTION_TEXT, "ID",
	    N_("the statement that this one is about (new)") },
	{ "via", OPTION_TEXT, "CHANNEL",
	    N_("ameli, portal, email, letter, registered, hand, form, phone or "
	       "other") },
	{ "outcome", OPTION_TEXT, "granted|partly|refused",
	    N_("what was answered") },
	{ "reason", OPTION_TEXT, "TEXT", N_("their reason, in short") },
	{ "proof", OPTION_TEXT, "FILE",
	    N_("the proof of this step: kept as a document") },
	{ "file", OPTION_TEXT, "FILE", N_("one's own letter (record)") },
	{ "format", OPTION_TEXT, "LIST",
	    N_("txt,html,pdf,eml,fhir,record (export)") },
	{ "fhir-version", OPTION_TEXT, "4|5",
	    N_("which FHIR (export; usually 4)") },
	{ "print-key", OPTION_FLAG, NULL,
	    N_("the signing key below the letter: as words and as a QR code "
	       "(export, sent)") },
	{ "output", OPTION_TEXT, "DIR", N_("the folder (-o DIR)") }, OPTIONS_END
};

/* --- lists -----------------------------------------------------------------
 */

/* A person is a filter only when one is named. */
static enum carnet_status
statement_filter(struct session *session, cJSON **ret_filter)
{
	cJSON *filter;

	if (!session_names_person(session)) {
		*ret_filter = NULL;
		return CARNET_OK;
	}
	if (session_person(session) != CARNET_OK)
		return session->err.status;
	filter = cJSON_CreateObject();
	json_add_text(filter, "person", session->person);
	*ret_filter = filter;
	return CARNET_OK;
}

/* What a table shows, made of what the rows hold. */
static void
statement_list_print(const struct session *session, const cJSON *rows)
{
	static const struct print_column columns[] = { { "id", N_("ID"), false,
							   false },
		{ "status", N_("STATE"), false, false },
		{ "due_on", N_("DUE"), false, false },
		{ "recipient", N_("TO"), false, false },
		{ "title", N_("LETTER"), false, true },
		{ NULL, NULL, false, false } };
	cJSON *shown = cJSON_CreateArray();
	const cJSON *row;

	cJSON_ArrayForEach(row, rows)
	{
		cJSON *line = cJSON_CreateObject();

		json_copy(line, row, "id");
		json_copy(line, row, "status");
		print_row_word(line, "status");
		json_add_text(line, "due_on",
		    json_text(carnet_json_get(row, "due"), "on"));
		print_row_day(session, line, "due_on");
		json_copy(line, row, "recipient");
		json_copy(line, row, "title");
		(void)cJSON_AddItemToArray(shown, line);
	}
	print_table(shown, columns);
	cJSON_Delete(shown);
}

static int
statement_list(struct session *session)
{
	cJSON *filter = NULL, *rows = NULL, *result;
	enum carnet_status status = statement_filter(session, &filter);

	if (status == CARNET_OK)
		status = case_list(session, filter, &rows);
	cJSON_Delete(filter);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	if (!session->json && cJSON_GetArraySize(rows) > 0)
		statement_list_print(session, rows);
	else if (!session->json)
		session_say(session, _("no statement yet: carnet refuse, or "
				       "carnet statement new"));
	result = cJSON_CreateObject();
	json_add(result, "statements", rows);
	return session_result(session, result, EXIT_DONE);
}

/* "1 month", "8 days", "-". */
static void
statement_clock_text(const cJSON *clock, char text[32])
{
	const char *kind = json_text(clock, "kind");
	int64_t count = 0;

	(void)carnet_json_int(clock, "count", &count);
	if (strcmp(kind, "none") == 0)
		(void)snprintf(text, 32, "-");
	else if (strstr(kind, "months") != NULL && count == 1)
		(void)snprintf(text, 32, "%s", _("1 month"));
	else if (strstr(kind, "months") != NULL)
		(void)snprintf(text, 32, _("%d months"), (int)count);
	else
		(void)snprintf(text, 32, _("%d days"), (int)count);
}

/* One's own templates.  With no vault, or one that would have to be asked
 * for, there are none: the catalogue can be read without. */
static enum carnet_status
statement_own(struct session *session, cJSON **ret_own)
{
	enum carnet_status status =
	    carnet_vault_probe(session->vault_path, &session->err);

	if (status == CARNET_NO_VAULT || !session_has_secret(session)) {
		*ret_own = cJSON_CreateArray();
		return CARNET_OK;
	}
	if (status == CARNET_OK)
		status = session_open_vault(session, CARNET_READ);
	return status == CARNET_OK ? own_template_list(session, ret_own)
				   : status;
}

/* "own": the document whose words take the place of the shipped ones. */
static void
statement_mark_own(struct session *session, cJSON *row, const cJSON *own)
{
	const cJSON *mine = letter_find(own, "id", json_text(row, "id"));
	char title[400];

	json_add_text(
	    row, "own", mine == NULL ? NULL : json_text(mine, "document"));
	if (mine == NULL || session->json)
		return;
	(void)snprintf(title, sizeof(title), "%.300s (%s)",
	    json_text(row, "title"), _("your own words"));
	cJSON_DeleteItemFromObjectCaseSensitive(row, "title");
	json_add_text(row, "title", title);
}

/* Those that the catalogue doesn't have. */
static void
statement_add_own(struct session *session, cJSON *rows, const cJSON *own)
{
	static const char *const keys[] = { "addressee", "clock", "channels",
		"decisions", "languages", "valid_until" };
	const cJSON *kind = letters_own(session->letters), *mine;

	cJSON_ArrayForEach(mine, own)
	{
		cJSON *row;

		if (letter_find(rows, "id", json_text(mine, "id")) != NULL)
			continue;
		row = cJSON_CreateObject();
		json_copy(row, mine, "id");
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			json_copy(row, kind, keys[i]);
		json_copy(row, mine, "title");
		json_add_text(row, "limits",
		    json_text(carnet_json_get(kind, "limits"), session->lang));
		statement_mark_own(session, row, own);
		if (!session->json)
			json_add_text(row, "clock_text", "-");
		(void)cJSON_AddItemToArray(rows, row);
	}
}

/* Keeps the rows with that word in their name or title. */
static void
statement_keep(cJSON *rows, const char *word)
{
	for (int i = cJSON_GetArraySize(rows) - 1; i >= 0; i--) {
		const cJSON *row = cJSON_GetArrayItem(rows, i);

		if (strcasestr(json_text(row, "id"), word) == NULL &&
		    strcasestr(json_text(row, "title"), word) == NULL)
			cJSON_DeleteItemFromArray(rows, i);
	}
}

static int
statement_templates(struct session *session)
{
	static const struct print_column columns[] = { { "id", N_("TEMPLATE"),
							   false, false },
		{ "addressee", N_("TO"), false, false },
		{ "clock_text", N_("ANSWER IN"), false, false },
		{ "title", N_("LETTER"), false, true },
		{ NULL, NULL, false, false } };
	static const char *const keys[] = { "id", "addressee", "clock",
		"channels", "decisions", "languages", "valid_until" };
	cJSON *rows, *result, *own = NULL;
	const cJSON *statement;

	if (session_letters(session) != CARNET_OK ||
	    statement_own(session, &own) != CARNET_OK)
		return session_fail(session, NULL);
	rows = cJSON_CreateArray();
	cJSON_ArrayForEach(statement, letters_statements(session->letters))
	{
		cJSON *row = cJSON_CreateObject();
		char clock[32];

		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			json_copy(row, statement, keys[i]);
		json_add_text(row, "title",
		    json_text(
			carnet_json_get(statement, "title"), session->lang));
		json_add_text(row, "limits",
		    json_text(
			carnet_json_get(statement, "limits"), session->lang));
		statement_mark_own(session, row, own);
		if (!session->json) {
			statement_clock_text(
			    carnet_json_get(statement, "clock"), clock);
			json_add_text(row, "clock_text", clock);
		}
		(void)cJSON_AddItemToArray(rows, row);
	}
	statement_add_own(session, rows, own);
	cJSON_Delete(own);
	if (options_argument(session->options, 1) != NULL)
		statement_keep(rows, options_argument(session->options, 1));
	if (!session->json)
		print_table(rows, columns);
	result = cJSON_CreateObject();
	json_add(result, "templates", rows);
	return session_result(session, result, EXIT_DONE);
}

/* --- the subverbs -------------------------------------------------------- */

static const struct {
	const char *name;
	enum verb_need need;
	int (*run)(struct session *session);
} statement_verbs[] = {
	{ "list", NEED_READ, statement_list },
	{ "templates", NEED_NOTHING, statement_templates },
	{ "show", NEED_READ, statement_show },
	{ "new", NEED_WRITE, statement_new },
	{ "export", NEED_WRITE, statement_export },
	{ "record", NEED_WRITE, statement_record },
	{ "remind", NEED_WRITE, statement_remind },
	{ "complain", NEED_WRITE, statement_complain },
};

static enum carnet_status
statement_open(struct session *session, enum verb_need need)
{
	if (need == NEED_NOTHING)
		return CARNET_OK;
	return session_open_vault(
	    session, need == NEED_WRITE && !session->dry_run ? CARNET_WRITE
							     : CARNET_READ);
}

static int
statement_run(struct session *session)
{
	const char *what = options_argument(session->options, 0);
	enum step_kind kind;

	if (what == NULL)
		what = "list";
	for (size_t i = 0;
	     i < sizeof(statement_verbs) / sizeof(statement_verbs[0]); i++) {
		if (strcmp(statement_verbs[i].name, what) != 0)
			continue;
		if (option_flag(session->options, "print-key") &&
		    statement_verbs[i].run != statement_export)
			break;
		if (statement_open(session, statement_verbs[i].need) !=
		    CARNET_OK)
			return session_fail(session, NULL);
		return statement_verbs[i].run(session);
	}
	if (option_flag(session->options, "print-key") &&
	    strcmp(what, "sent") != 0)
		return session_usage(
		    session, _("--print-key goes with export and sent alone"));
	/* reminded and complained follow from letters that are sent */
	if (step_kind_parse(what, &kind) && kind != STEP_REMINDED &&
	    kind != STEP_COMPLAINED) {
		if (statement_open(session, NEED_WRITE) != CARNET_OK)
			return session_fail(session, NULL);
		return statement_step(session, kind);
	}
	return session_usage(
	    session, _("statement: list, templates, new, show, export, sent, "
		       "received, answered, extended, paused, resumed, closed, "
		       "record, remind or complain"));
}

const struct verb verb_statement = { "statement",
	N_("list | templates [WORD] | new TEMPLATE --to R | show ID | export "
	   "ID -o "
	   "DIR "
	   "| sent|received|answered|extended|paused|resumed|closed ID… | "
	   "record [TEMPLATE] --to R --file F | remind ID | complain ID -o "
	   "DIR"),
	N_("the letters: written, sent, answered, followed to their end"),
	NEED_NOTHING, statement_options, statement_run,
	"carnet statement sent s7k2m --via registered --proof slip.pdf" };
