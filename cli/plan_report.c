/* SPDX-License-Identifier: ISC */
/*
 * What a plan has done, or with --dry-run would do: as JSON, and in words
 * with the next command to type.  Writes nothing.  The contract is in plan.h.
 */
#include <stdio.h>
#include <string.h>

#include "case_list.h"
#include "letter.h"
#include "missing_words.h"
#include "plan.h"

/* --- as JSON ------------------------------------------------------------ */

static enum carnet_status
report_read(struct session *session, const struct plan_item *item,
    cJSON *decisions, cJSON *statements)
{
	cJSON *filter = cJSON_CreateObject(), *found = NULL, *one;
	enum carnet_status status;

	json_add_text(filter, "id", item->id);
	status =
	    carnet_decisions(session->vault, filter, &found, &session->err);
	cJSON_Delete(filter);
	if (status != CARNET_OK)
		return status;
	while ((one = cJSON_DetachItemFromArray(found, 0)) != NULL)
		(void)cJSON_AddItemToArray(decisions, one);
	cJSON_Delete(found);
	found = NULL;
	filter = cJSON_CreateObject();
	json_add_text(filter, "decision", item->id);
	status = case_list(session, filter, &found);
	cJSON_Delete(filter);
	if (status != CARNET_OK)
		return status;
	while ((one = cJSON_DetachItemFromArray(found, 0)) != NULL)
		(void)cJSON_AddItemToArray(statements, one);
	cJSON_Delete(found);
	return CARNET_OK;
}

/* As if it were written: no ids, and nothing composed. */
static void
report_imagine(struct session *session, const struct plan_item *item,
    cJSON *decisions, cJSON *statements)
{
	cJSON *one = cJSON_Duplicate(item->decision, 1), *draft;
	const cJSON *statement;
	static const char *const keys[] = { "from", "until", "supersedes" };

	json_add_text(one, "id", NULL);
	json_add_text(one, "made", session->today);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (carnet_json_get(one, keys[i]) == NULL)
			json_add_text(one, keys[i], NULL);
	if (carnet_json_get(one, "basis") == NULL)
		json_add(one, "basis", cJSON_CreateArray());
	(void)cJSON_AddItemToArray(decisions, one);
	cJSON_ArrayForEach(statement, item->statements)
	{
		const cJSON *entry = letters_statement(
		    session->letters, json_text(statement, "template"));

		draft = cJSON_Duplicate(statement, 1);
		json_add_text(draft, "id", NULL);
		json_add_text(draft, "status", "draft");
		json_add(draft, "missing", cJSON_CreateArray());
		json_add_text(draft, "title",
		    json_text(carnet_json_get(entry, "title"), session->lang));
		(void)cJSON_AddItemToArray(statements, draft);
	}
}

/* --- in words ----------------------------------------------------------- */

static const char *
report_kind(const struct session *session, const char *kind)
{
	static const struct {
		const char *kind, *done, *would;
	} kinds[] = {
		{ "refuse", N_("Refused: %s (%s), %s"),
		    N_("Would be refused: %s (%s)") },
		{ "decline", N_("Form not signed: %s (%s), %s"),
		    N_("Would be noted, form not signed: %s (%s)") },
		{ "allow", N_("Allowed: %s (%s), %s"),
		    N_("Would be allowed: %s (%s)") },
		{ "withdraw", N_("Taken back: %s (%s), %s"),
		    N_("Would be taken back: %s (%s)") },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return session->dry_run ? _(kinds[i].would)
						: _(kinds[i].done);
	return "%s (%s) %s";
}

static void
report_decision(struct session *session, const struct plan_item *item)
{
	const char *kind = json_text(item->decision, "kind");
	const char *before = carnet_json_string(item->decision, "supersedes");
	const cJSON *beside;
	char line[2048];

	/* the formats are a table's own, each with its arguments */
	(void)snprintf(line, sizeof(line), report_kind(session, kind),
	    json_text(item->recipient, "name"),
	    json_text(item->recipient, "id"), item->id);
	print_paragraph(stdout, line);
	if (before != NULL)
		print_line(
		    _("  It takes the place of %s, which stays on record."),
		    before);
	cJSON_ArrayForEach(beside, item->beside) print_line(
	    _("  %s stands beside it; carnet withdraw %s takes that one back."),
	    beside->valuestring, beside->valuestring);
}

/* A consent where a refusal holds changes nothing; a refusal where a consent
 * holds leaves it to be taken back. */
static void
report_against(struct session *session, const struct plan_item *item)
{
	const char *name = json_text(item->recipient, "id");
	bool allows = strcmp(json_text(item->decision, "kind"), "allow") == 0;
	const cJSON *other;

	cJSON_ArrayForEach(other, item->against)
	{
		const char *id = other->valuestring;

		if (allows)
			session_warn(session,
			    _("%s: still refused: the refusal %s holds, and "
			      "counts more; carnet withdraw %s takes it back"),
			    name, id, id);
		else
			session_warn(session,
			    _("%s: the consent %s holds beside it; the refusal "
			      "counts, and carnet withdraw %s writes to them "
			      "that the consent has ended"),
			    name, id, id);
	}
}

static void
report_statement(const struct session *session, const cJSON *statement)
{
	const cJSON *missing;
	char line[1200], blanks[1024] = "";
	size_t at = 0;

	(void)snprintf(line, sizeof(line), "  %s", json_text(statement, "id"));
	print_entry(17, line, json_text(statement, "title"));
	(void)snprintf(line, sizeof(line), _("to %s (%s)"),
	    json_text(statement, "recipient"),
	    letter_word(session, "channels", json_text(statement, "channel")));
	print_entry(17, "", line);
	cJSON_ArrayForEach(missing, carnet_json_get(statement, "missing"))
	{
		if (at < sizeof(blanks))
			at += (size_t)snprintf(blanks + at, sizeof(blanks) - at,
			    "%s%s", at == 0 ? "" : ", ",
			    missing_words(missing->valuestring));
	}
	if (at == 0)
		return;
	(void)snprintf(line, sizeof(line), _("blanks to fill: %s"), blanks);
	print_entry(17, "", line);
}

static void
report_next(struct session *session, const cJSON *statements)
{
	const cJSON *first = cJSON_GetArrayItem(statements, 0);
	int count = cJSON_GetArraySize(statements);

	if (session->dry_run) {
		session_say(session, _("Nothing was written (--dry-run)."));
		return;
	}
	if (count == 0) {
		session_say(session, _("There is no letter to send."));
		return;
	}
	if (count > 1)
		session_say(session, _("%d statements are drafted."), count);
	session_say(session,
	    _("What to do next: carnet statement export %s -o DIR"),
	    json_text(first, "id"));
	session_say(session,
	    _("once it is sent: carnet statement sent %s; all that is open: "
	      "carnet due"),
	    json_text(first, "id"));
}

int
plan_report(struct plan *plan)
{
	struct session *session = plan->session;
	cJSON *result = cJSON_CreateObject(), *decisions, *statements;
	enum carnet_status status = CARNET_OK;
	const cJSON *statement;

	decisions = cJSON_AddArrayToObject(result, "decisions");
	statements = cJSON_AddArrayToObject(result, "statements");
	for (size_t i = 0; i < plan->len && status == CARNET_OK; i++) {
		report_against(session, &plan->items[i]);
		if (session->dry_run)
			report_imagine(
			    session, &plan->items[i], decisions, statements);
		else
			status = report_read(
			    session, &plan->items[i], decisions, statements);
	}
	if (status != CARNET_OK) {
		cJSON_Delete(result);
		return session_fail(session, NULL);
	}
	if (session->dry_run)
		json_add_bool(result, "dry_run", true);
	if (!session->json) {
		for (size_t i = 0; i < plan->len; i++)
			report_decision(session, &plan->items[i]);
		cJSON_ArrayForEach(statement, statements)
		    report_statement(session, statement);
		report_next(session, statements);
	}
	return session_result(session, result, EXIT_DONE);
}
