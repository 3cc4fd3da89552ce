/* SPDX-License-Identifier: ISC */
/*
 * statement record: a letter sent before carnet, or written elsewhere, with
 * its own bytes, its own date and the usual clock; and the refusal that it
 * made known, if none is on record.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan_statements.h"
#include "recipient_find.h"
#include "statement.h"
#include "verbs.h"

/*
 * The statement whose clock it runs on: the recipient's usual refusal, the
 * first that goes to that body itself; else the GDPR's one month.
 */
static const char *
record_template(const struct session *session, const char *recipient)
{
	const cJSON *entry = letters_recipient(session->letters, recipient);
	const cJSON *id, *refuse = carnet_json_get(
			     carnet_json_get(entry, "statements"), "refuse");

	cJSON_ArrayForEach(id, refuse)
	{
		const cJSON *statement =
		    letters_statement(session->letters, id->valuestring);
		const char *to = json_text(statement, "addressee");

		if (strcmp(to, "recipient") == 0 || strcmp(to, recipient) == 0)
			return id->valuestring;
	}
	return "gdpr/objection";
}

/* Whether it comes after another letter: reminders, complaints, referrals,
 * answers to answers. */
static bool
record_comes_after(const struct session *session, const char *template)
{
	static const char *const nexts[] = { "reminder", "complaint",
		"referral" };
	const cJSON *one;

	cJSON_ArrayForEach(one, letters_statements(session->letters))
	{
		const cJSON *next = carnet_json_get(one, "next");

		for (size_t i = 0; i < sizeof(nexts) / sizeof(nexts[0]); i++)
			if (strcmp(json_text(next, nexts[i]), template) == 0)
				return true;
	}
	return letter_find(letters_answers(session->letters), "template",
		   template) != NULL;
}

/* The template that was typed, or the usual one, which is said. */
static enum carnet_status
record_choose(
    struct session *session, const char *to, const char **ret_template)
{
	const char *typed = options_argument(session->options, 1);
	const cJSON *statement;

	if (typed == NULL) {
		*ret_template = record_template(session, to);
		statement = letters_statement(session->letters, *ret_template);
		session_warn(session,
		    _("it is taken for: %s. If it is another letter: carnet "
		      "statement record TEMPLATE, with a name out of carnet "
		      "statement templates"),
		    json_text(
			carnet_json_get(statement, "title"), session->lang));
		return CARNET_OK;
	}
	if (letters_statement(session->letters, typed) == NULL) {
		(void)carnet_fail(
		    &session->err, CARNET_NOT_FOUND, _("no such template"));
		carnet_hint(&session->err, "carnet statement templates");
		return CARNET_NOT_FOUND;
	}
	if (record_comes_after(session, typed)) {
		(void)carnet_fail(&session->err, CARNET_INVALID,
		    _("this letter comes after another one, and isn't "
		      "recorded alone"));
		carnet_hint(&session->err,
		    _("record the first letter; then carnet statement new %s "
		      "--about ID, and sent with --proof FILE"),
		    typed);
		return CARNET_INVALID;
	}
	*ret_template = typed;
	return CARNET_OK;
}

/* --- the refusal ---------------------------------------------------------- */

/* Such a decision is made known by this letter: it is about that body, or its
 * catalogue calls for these words. */
static bool
record_makes_known(const struct session *session, const cJSON *decision,
    const struct statement_draft *draft)
{
	const char *to = json_text(decision, "recipient");
	const char *file = json_text(
	    letters_statement(session->letters, draft->template), "file");
	const cJSON *id,
	    *calls = carnet_json_get(
		carnet_json_get(
		    letters_recipient(session->letters, to), "statements"),
		"refuse");

	if (strcmp(to, draft->recipient) == 0)
		return true;
	cJSON_ArrayForEach(id, calls)
	{
		const cJSON *statement =
		    letters_statement(session->letters, id->valuestring);

		if (strcmp(json_text(statement, "file"), file) == 0)
			return true;
	}
	return false;
}

/* The refusal that holds on that day and that this letter makes known; of
 * several the one about that very body, the newest.  "": none. */
static enum carnet_status
record_find_refusal(struct session *session,
    const struct statement_draft *draft, char ret_id[CARNET_ID_TEXT])
{
	struct decision_list list = { 0 };
	bool near = false;
	enum carnet_status status = decision_list_load(session, NULL, &list);

	ret_id[0] = '\0';
	for (size_t i = 0; i < list.len; i++) {
		bool here = strcmp(json_text(list.row_of[i], "recipient"),
				draft->recipient) == 0;

		if (list.items[i].kind != DECISION_REFUSE || (near && !here) ||
		    !decision_holds(
			list.items, list.len, i, decision_today(session)) ||
		    !record_makes_known(session, list.row_of[i], draft))
			continue;
		(void)snprintf(ret_id, CARNET_ID_TEXT, "%s", list.items[i].id);
		near = here;
	}
	decision_list_free(&list);
	return status;
}

/* Whether the letter says no where something can be refused. */
static enum carnet_status
record_is_refusal(
    struct session *session, const struct statement_draft *draft, bool *ret_is)
{
	const cJSON *kind,
	    *statement = letters_statement(session->letters, draft->template);
	cJSON *recipient = NULL;
	enum carnet_status status;

	*ret_is = false;
	cJSON_ArrayForEach(kind, carnet_json_get(statement, "decisions"))
	{
		if (strcmp(kind->valuestring, "refuse") == 0)
			*ret_is = true;
	}
	if (!*ret_is)
		return CARNET_OK;
	status = recipient_find(session, draft->recipient, &recipient);
	*ret_is = status == CARNET_OK &&
		  !cJSON_IsNull(carnet_json_get(recipient, "refusable"));
	cJSON_Delete(recipient);
	return status;
}

/* The refusal on the letter's own day, queued. */
static enum carnet_status
record_queue_refusal(struct session *session,
    const struct statement_draft *draft, char ret_id[CARNET_ID_TEXT])
{
	cJSON *payload = cJSON_CreateObject();

	json_add_text(payload, "kind", "refuse");
	json_add(payload, "purposes", cJSON_CreateArray());
	json_add_text(payload, "scope", "all");
	json_add_text(payload, "person", draft->person);
	json_add_text(payload, "recipient", draft->recipient);
	plan_basis(payload,
	    letters_statement(session->letters, draft->template), draft->lang);
	json_add_text(payload, "proof", draft->document);
	return carnet_queue(session->vault, "decision.made", session->today,
	    payload, ret_id, &session->err);
}

/* --- writing it ------------------------------------------------------------
 */

/* The letter as a document, a statement of its own, and the step `sent` with
 * the letter's own bytes as what was sent. */
static enum carnet_status
record_queue(struct session *session, struct statement_draft *draft,
    const char *file, bool refuses, char ret_id[CARNET_ID_TEXT],
    char ret_document[CARNET_ID_TEXT], char ret_decision[CARNET_ID_TEXT])
{
	cJSON *frozen = NULL;
	uint8_t *bytes = NULL;
	size_t len = 0;
	enum carnet_status status =
	    statement_read_file(session, file, &bytes, &len);

	if (status != CARNET_OK)
		return status;
	status = statement_queue_bytes(
	    session, file, bytes, len, draft->person, "letter", ret_document);
	draft->document = ret_document;
	if (status == CARNET_OK && refuses)
		status = record_queue_refusal(session, draft, ret_decision);
	if (refuses)
		draft->decision = ret_decision;
	if (status == CARNET_OK)
		status = statement_queue_draft(session, draft, ret_id, NULL);
	if (status == CARNET_OK)
		status = carnet_freeze(
		    session->vault, bytes, len, &frozen, &session->err);
	if (status == CARNET_OK)
		status = statement_queue_step(
		    session, ret_id, STEP_SENT, draft->channel, NULL, frozen);
	free(bytes);
	return status;
}

static int
record_run(struct session *session, const struct letter_desk *desk,
    const char *to, const char *file)
{
	struct statement_draft draft = { .person = session->person,
		.recipient = to,
		.channel = statement_via(session, "letter") };
	char id[CARNET_ID_TEXT], document[CARNET_ID_TEXT];
	char decision[CARNET_ID_TEXT] = "";
	bool refuses = false;
	enum carnet_status status = record_choose(session, to, &draft.template);

	if (status == CARNET_OK)
		status = record_is_refusal(session, &draft, &refuses);
	if (status == CARNET_OK && refuses)
		status = record_find_refusal(session, &draft, decision);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	draft.lang = letter_lang(
	    desk, letters_statement(session->letters, draft.template), to);
	draft.decision = decision;
	refuses = refuses && decision[0] == '\0';
	statement_warn_date(session, session->today);
	if (session->dry_run) {
		session_say(session, _("Would record: %s"), file);
		return session_end(session, EXIT_DONE);
	}
	status = record_queue(
	    session, &draft, file, refuses, id, document, decision);
	if (status == CARNET_OK)
		status = statement_commit(session, document);
	else
		carnet_discard(session->vault);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	if (refuses)
		session_say(session,
		    _("Recorded with it: the refusal %s, of all purposes and "
		      "data (carnet consents)"),
		    decision);
	return statement_report(session, id);
}

int
statement_record(struct session *session)
{
	const char *to = option_text(session->options, "to");
	const char *file = option_text(session->options, "file");
	struct letter_desk desk = { 0 };
	int code;

	if (to == NULL || file == NULL ||
	    options_argument(session->options, 2) != NULL)
		return session_usage(session,
		    _("statement record: [TEMPLATE] --to RECIPIENT --file "
		      "FILE"));
	if (statement_via(session, "letter") == NULL)
		return session_usage(session, _("--via: no such channel"));
	if (session_person(session) != CARNET_OK ||
	    letter_desk_open(session, &desk) != CARNET_OK)
		return session_fail(session, NULL);
	if (statement_check_recipient(&desk, to) != CARNET_OK)
		code = session_fail(session, to);
	else
		code = record_run(session, &desk, to, file);
	letter_desk_close(&desk);
	return code;
}
