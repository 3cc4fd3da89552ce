/* SPDX-License-Identifier: ISC */
/*
 * statement show: the case, and the letter itself.  Changes nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_list.h"
#include "statement.h"
#include "statement_case.h"
#include "statement_row.h"
#include "verbs.h"

/* The row with what follows from its steps, and the rule in words. */
static enum carnet_status
show_case(const struct letter_desk *desk, const char *id, cJSON **ret_row)
{
	struct session *session = desk->session;
	cJSON *filter = cJSON_CreateObject(), *rows = NULL, *row;
	struct case_facts facts;
	struct case_view view;
	char rule[256];
	enum carnet_status status;

	json_add_text(filter, "id", id);
	status = case_list(session, filter, &rows);
	cJSON_Delete(filter);
	if (status != CARNET_OK)
		return status;
	row = cJSON_DetachItemFromArray(rows, 0);
	cJSON_Delete(rows);
	if (row == NULL)
		return carnet_fail(&session->err, CARNET_NOT_FOUND,
		    _("there is no such statement"));
	status = case_facts_read(desk, row, &facts);
	if (status != CARNET_OK) {
		cJSON_Delete(row);
		return status;
	}
	case_evaluate(facts.steps, facts.len, false, &facts.clock,
	    &facts.calendar, case_today(session), &view);
	json_add_text(row, "rule_text",
	    case_rule_text(&facts.clock, &view, rule, sizeof(rule)));
	json_add_bool(row, "national",
	    facts.clock.kind == CLOCK_NATIONAL_DAYS ||
		facts.clock.kind == CLOCK_NATIONAL_MONTHS);
	*ret_row = row;
	return CARNET_OK;
}

/* For machines: without what only people read. */
static void
show_tidy(cJSON *row)
{
	static const char *const extra[] = { "rule_text", "national", "keep",
		"signer", "cautions" };

	for (size_t i = 0; i < sizeof(extra) / sizeof(extra[0]); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(row, extra[i]);
}

int
statement_report(struct session *session, const char *id)
{
	struct letter_desk desk = { 0 };
	cJSON *row = NULL;

	if (letter_desk_open(session, &desk) != CARNET_OK)
		return session_fail(session, NULL);
	if (show_case(&desk, id, &row) != CARNET_OK) {
		letter_desk_close(&desk);
		return session_fail(session, id);
	}
	statement_warn_cautions(session, row);
	if (!session->json && !session->quiet)
		statement_case_print(&desk, row);
	show_tidy(row);
	letter_desk_close(&desk);
	return session_result(session, row, EXIT_DONE);
}

/* The letter itself: as it was sent, or as it would be. */
static enum carnet_status
show_letter(const struct letter_desk *desk, cJSON *row, char **ret_text)
{
	struct launcher_files files = { 0 };
	const struct launcher_file *text;
	cJSON *meta = NULL;
	enum carnet_status status =
	    letter_files(desk, row, LETTER_TEXT, &meta, &files);

	if (status != CARNET_OK)
		return status;
	text = letter_file(&files, FRAME_TEXT);
	*ret_text = strdup(
	    text != NULL ? (const char *)text->bytes : json_text(meta, "body"));
	json_copy(row, meta, "subject");
	json_copy(row, meta, "body");
	cJSON_DeleteItemFromObjectCaseSensitive(row, "warnings");
	json_copy(row, meta, "warnings");
	cJSON_DeleteItemFromObjectCaseSensitive(row, "missing");
	json_copy(row, meta, "missing");
	cJSON_Delete(meta);
	launcher_files_clear(&files);
	return CARNET_OK;
}

static void
show_print_letter(const cJSON *row, const char *text)
{
	const cJSON *warning;

	cJSON_ArrayForEach(warning, carnet_json_get(row, "warnings"))
	    statement_row(_("Note"), warning->valuestring);
	print_line("%s", "");
	for (const char *at = text; *at != '\0';) {
		size_t len = strcspn(at, "\n");
		char *line = strndup(at, len);

		if (line == NULL)
			return;
		if (len == 0)
			print_line("%s", "");
		else
			statement_row_line("", "", 80, line);
		free(line);
		at += len + (at[len] == '\n');
	}
}

int
statement_show(struct session *session)
{
	struct letter_desk desk = { 0 };
	char id[CARNET_ID_TEXT], *text = NULL;
	cJSON *row = NULL;
	int code;

	if (!verb_resolve(session, 's', 1, id, &code))
		return code;
	if (letter_desk_open(session, &desk) != CARNET_OK)
		return session_fail(session, NULL);
	if (show_case(&desk, id, &row) != CARNET_OK ||
	    show_letter(&desk, row, &text) != CARNET_OK) {
		cJSON_Delete(row);
		letter_desk_close(&desk);
		return session_fail(session, id);
	}
	if (!session->json) {
		statement_case_print(&desk, row);
		show_print_letter(row, text);
	}
	free(text);
	show_tidy(row);
	letter_desk_close(&desk);
	return session_result(session, row, EXIT_DONE);
}
