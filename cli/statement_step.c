/* SPDX-License-Identifier: ISC */
/*
 * statement sent, received, answered…: a step with its proof, in one commit.
 * `sent` freezes the letter's bytes.  What may follow what is vault/consent's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority.h"
#include "case_list.h"
#include "statement.h"
#include "verbs.h"

enum carnet_status
statement_queue_step(struct session *session, const char *statement,
    enum step_kind kind, const char *via, const char *proof, cJSON *frozen)
{
	const struct options *options = session->options;
	const char *outcome = option_text(options, "outcome");
	const char *reason = option_text(options, "reason");
	cJSON *payload = cJSON_CreateObject();

	json_add_text(payload, "statement", statement);
	json_add_text(payload, "kind", step_kind_name(kind));
	if (via != NULL)
		json_add_text(payload, "via", via);
	if (kind == STEP_ANSWERED && outcome != NULL)
		json_add_text(payload, "outcome", outcome);
	if (reason != NULL && kind != STEP_REMINDED && kind != STEP_COMPLAINED)
		json_add_text(payload, "reason", reason);
	if (proof != NULL && proof[0] != '\0')
		json_add_text(payload, "proof", proof);
	json_add(payload, "frozen", frozen);
	return carnet_queue(session->vault, "statement.step", session->today,
	    payload, NULL, &session->err);
}

/* What was sent, as it was sent: by that channel, on that day. */
static enum carnet_status
step_freeze(struct session *session, const struct letter_desk *desk,
    const cJSON *row, const char *via, cJSON **ret_frozen)
{
	cJSON *sent = cJSON_Duplicate(row, 1), *step = cJSON_CreateObject();
	struct launcher_files files = { 0 };
	uint8_t *bytes = NULL;
	cJSON *meta = NULL;
	size_t len = 0;
	unsigned key =
	    option_flag(session->options, "print-key") ? LETTER_KEY : 0;
	enum carnet_status status;

	json_add_text(step, "kind", "sent");
	json_add_text(step, "on", session->today);
	cJSON_DeleteItemFromObjectCaseSensitive(sent, "channel");
	json_add_text(sent, "channel", via);
	cJSON_DeleteItemFromObjectCaseSensitive(sent, "steps");
	json_add(sent, "steps", cJSON_CreateArray());
	(void)cJSON_AddItemToArray(
	    cJSON_GetObjectItemCaseSensitive(sent, "steps"), step);
	status = letter_files(desk, sent, LETTER_ALL | key, &meta, &files);
	if (status == CARNET_INVALID) { /* a character that no font has */
		status = letter_files(
		    desk, sent, LETTER_TEXT | LETTER_HTML | key, &meta, &files);
		if (status == CARNET_OK)
			session_warn(session,
			    _("%s: kept as text and HTML, without a PDF, "
			      "which can't show every character of it"),
			    json_text(row, "id"));
	}
	if (status == CARNET_OK) {
		statement_warn_key(session, row, meta);
		statement_warn_cautions(session, meta);
	}
	cJSON_DeleteItemFromObjectCaseSensitive(meta, "cautions");
	if (status == CARNET_OK)
		status = letter_pack(meta, &files, &bytes, &len, &session->err);
	if (status == CARNET_OK)
		status = carnet_freeze(
		    session->vault, bytes, len, ret_frozen, &session->err);
	free(bytes);
	cJSON_Delete(meta);
	cJSON_Delete(sent);
	launcher_files_clear(&files);
	return status;
}

/* A reminder or a complaint that is sent is a step of the case it is about. */
static enum carnet_status
step_queue_linked(struct session *session, const struct letter_desk *desk,
    const cJSON *row, const char *via)
{
	const cJSON *about =
	    letter_find(desk->statements, "id", json_text(row, "about"));
	const cJSON *next =
	    carnet_json_get(case_statement(desk, about), "next");
	const char *template = json_text(row, "template");
	struct case_step step = { STEP_REMINDED, case_today(session),
		OUTCOME_NONE };
	struct case_facts facts;
	struct carnet_error err;

	if (about == NULL)
		return CARNET_OK;
	if (strcmp(authority_complaint(desk, about), template) == 0)
		step.kind = STEP_COMPLAINED;
	else if (strcmp(json_text(next, "reminder"), template) != 0)
		return CARNET_OK;
	if (case_facts_read(desk, about, &facts) != CARNET_OK)
		return session->err.status;
	if (case_step_check(facts.steps, facts.len, &step, &err) != CARNET_OK) {
		session_warn(
		    session, "%s: %s", json_text(about, "id"), err.message);
		return CARNET_OK;
	}
	return statement_queue_step(
	    session, json_text(about, "id"), step.kind, via, NULL, NULL);
}

/* A complaint isn't sent before its day. */
static bool
step_is_too_early(struct session *session, const struct letter_desk *desk,
    const cJSON *row, struct case_view *ret_view)
{
	const cJSON *about =
	    letter_find(desk->statements, "id", json_text(row, "about"));
	const char *complaint = authority_complaint(desk, about);
	struct carnet_date today = case_today(session);
	struct case_facts facts;

	if (about == NULL ||
	    strcmp(complaint, json_text(row, "template")) != 0 ||
	    case_facts_read(desk, about, &facts) != CARNET_OK)
		return false;
	case_evaluate(facts.steps, facts.len, false, &facts.clock,
	    &facts.calendar, today, ret_view);
	return carnet_date_is_set(ret_view->complain_from) &&
	       carnet_date_compare(today, ret_view->complain_from) < 0;
}

/* Everything that can refuse a step, before anything is stored; EXIT_DONE:
 * nothing does. */
static int
step_check(struct session *session, const struct letter_desk *desk,
    const cJSON *row, enum step_kind kind)
{
	const char *outcome = option_text(session->options, "outcome");
	struct case_step step = { kind, case_today(session), OUTCOME_NONE };
	struct case_view view;
	struct case_facts facts;
	enum carnet_status status;

	if (outcome != NULL && !step_outcome_parse(outcome, &step.outcome))
		return session_usage(
		    session, _("--outcome: granted, partly or refused"));
	status = case_facts_read(desk, row, &facts);
	if (status == CARNET_OK)
		status = case_step_check(
		    facts.steps, facts.len, &step, &session->err);
	if (status != CARNET_OK)
		return session_fail(session, json_text(row, "id"));
	if (kind == STEP_SENT && step_is_too_early(session, desk, row, &view))
		return statement_too_early(session, desk,
		    letter_find(
			desk->statements, "id", json_text(row, "about")),
		    &view);
	statement_warn_date(session, json_text(row, "drafted"));
	if (kind == STEP_ANSWERED && outcome == NULL)
		session_warn(session,
		    _("%s: what the answer says isn't recorded; if it refuses, "
		      "in part or in all: carnet statement answered %s "
		      "--outcome partly (or refused)"),
		    json_text(row, "id"), json_text(row, "id"));
	return EXIT_DONE;
}

/* One statement's step, queued. */
static enum carnet_status
step_queue(struct session *session, const struct letter_desk *desk,
    const cJSON *row, enum step_kind kind, const char *proof)
{
	const char *id = json_text(row, "id");
	const char *via = option_text(session->options, "via");
	cJSON *frozen = NULL;
	const cJSON *as = NULL;
	enum carnet_status status = CARNET_OK;
	bool ended;

	if (kind == STEP_SENT) {
		via = statement_via(session, json_text(row, "channel"));
		statement_warn_via(session, case_statement(desk, row),
		    json_text(row, "recipient"), via);
		letter_signer(desk, row, session->today, &as, &ended);
		if (ended)
			session_warn(session,
			    _("a parent's representation ends at 18: the "
			      "person signs for themself"));
		status = step_freeze(session, desk, row, via, &frozen);
	}
	if (status == CARNET_OK)
		status =
		    statement_queue_step(session, id, kind, via, proof, frozen);
	if (status == CARNET_OK && kind == STEP_SENT)
		status = step_queue_linked(session, desk, row, via);
	return status;
}

/* Several statements: an array of what became of each. */
static int
step_report(struct session *session, const cJSON *ids)
{
	cJSON *all = cJSON_CreateArray(), *result;
	const cJSON *id;

	if (cJSON_GetArraySize(ids) == 1) {
		cJSON_Delete(all);
		return statement_report(session, ids->child->valuestring);
	}
	cJSON_ArrayForEach(id, ids)
	{
		cJSON *filter = cJSON_CreateObject(), *rows = NULL;

		json_add_text(filter, "id", id->valuestring);
		if (case_list(session, filter, &rows) == CARNET_OK)
			(void)cJSON_AddItemToArray(
			    all, cJSON_DetachItemFromArray(rows, 0));
		cJSON_Delete(rows);
		cJSON_Delete(filter);
		if (!session->json)
			session_say(session, "%s", id->valuestring);
	}
	result = cJSON_CreateObject();
	json_add(result, "statements", all);
	return session_result(session, result, EXIT_DONE);
}

static bool
step_names(const cJSON *ids, const char *id)
{
	const cJSON *one;

	cJSON_ArrayForEach(
	    one, ids) if (strcmp(one->valuestring, id) == 0) return true;
	return false;
}

static int
step_run(struct session *session, const struct letter_desk *desk,
    enum step_kind kind)
{
	size_t count = options_argc(session->options);
	cJSON *ids = cJSON_CreateArray();
	char proof[CARNET_ID_TEXT] = "";
	enum carnet_status status = CARNET_OK;
	const cJSON *row;
	int code = EXIT_DONE;

	for (size_t i = 1; i < count && code == EXIT_DONE; i++) {
		row = statement_argument(session, desk, i, &code);
		if (row == NULL)
			break;
		code = step_check(session, desk, row, kind);
		if (code == EXIT_DONE && !step_names(ids, json_text(row, "id")))
			(void)cJSON_AddItemToArray(
			    ids, cJSON_CreateString(json_text(row, "id")));
	}
	if (code != EXIT_DONE || session->dry_run) {
		cJSON_Delete(ids);
		return code;
	}
	row = letter_find(desk->statements, "id", ids->child->valuestring);
	status =
	    statement_queue_proof(session, json_text(row, "person_id"), proof);
	for (const cJSON *id = ids->child; id != NULL && status == CARNET_OK;
	     id = id->next)
		status = step_queue(session, desk,
		    letter_find(desk->statements, "id", id->valuestring), kind,
		    proof);
	if (status == CARNET_OK)
		status = statement_commit(session, proof);
	else
		carnet_discard(session->vault);
	code = status == CARNET_OK ? step_report(session, ids)
				   : session_fail(session, NULL);
	cJSON_Delete(ids);
	return code;
}

int
statement_step(struct session *session, enum step_kind kind)
{
	struct letter_desk desk = { 0 };
	int code;

	if (options_argc(session->options) < 2)
		return session_usage(session, _("which one? an id is missing"));
	if (statement_via(session, "other") == NULL)
		return session_usage(session, _("--via: no such channel"));
	if (letter_desk_open(session, &desk) != CARNET_OK)
		return session_fail(session, NULL);
	code = step_run(session, &desk, kind);
	letter_desk_close(&desk);
	return code;
}
