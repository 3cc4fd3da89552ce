/* SPDX-License-Identifier: ISC */
/*
 * Drafts: a letter of one's choice, and the reminder that the catalogue
 * names.  Sends nothing.
 */
#include <stdio.h>
#include <string.h>

#include "authority.h"
#include "case_list.h"
#include "own_template.h"
#include "statement.h"
#include "verbs.h"

enum carnet_status
statement_queue_draft(struct session *session,
    const struct statement_draft *draft, char ret_id[CARNET_ID_TEXT],
    cJSON **ret_row)
{
	const struct {
		const char *key, *text;
	} texts[] = { { "decision", draft->decision },
		{ "template", draft->template },
		{ "recipient", draft->recipient },
		{ "channel", draft->channel }, { "lang", draft->lang },
		{ "about", draft->about }, { "document", draft->document } };
	cJSON *payload = cJSON_CreateObject(), *row;
	char id[CARNET_ID_TEXT];
	enum carnet_status status;

	json_add_text(payload, "person", draft->person);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].text != NULL && texts[i].text[0] != '\0')
			json_add_text(payload, texts[i].key, texts[i].text);
	row = cJSON_Duplicate(payload, 1);
	status = carnet_queue(session->vault, "statement.drafted",
	    session->today, payload, id, &session->err);
	if (status != CARNET_OK) {
		cJSON_Delete(row);
		return status;
	}
	(void)snprintf(ret_id, CARNET_ID_TEXT, "%s", id);
	json_add_text(row, "id", id);
	json_add_text(row, "person_id", draft->person);
	json_add_text(row, "drafted", session->today);
	json_add(row, "steps", cJSON_CreateArray());
	if (ret_row != NULL)
		*ret_row = row;
	else
		cJSON_Delete(row);
	return CARNET_OK;
}

const cJSON *
statement_find_draft(
    const struct letter_desk *desk, const char *template, const char *about)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, desk->statements)
	{
		if (strcmp(json_text(one, "template"), template) == 0 &&
		    strcmp(json_text(one, "about"), about) == 0 &&
		    cJSON_GetArraySize(carnet_json_get(one, "steps")) == 0)
			return one;
	}
	return NULL;
}

/* --- a letter of one's choice ------------------------------------------------
 */

static bool
statement_list_has(const cJSON *array, const char *text)
{
	const cJSON *item;

	cJSON_ArrayForEach(
	    item, array) if (strcmp(item->valuestring, text) == 0) return true;
	return false;
}

enum carnet_status
statement_check_recipient(const struct letter_desk *desk, const char *id)
{
	struct session *session = desk->session;

	if (letters_recipient(session->letters, id) != NULL ||
	    letter_recipient(desk, id) != NULL)
		return CARNET_OK;
	(void)carnet_fail(
	    &session->err, CARNET_NOT_FOUND, _("no such recipient"));
	carnet_hint(&session->err, "carnet recipient list");
	return CARNET_NOT_FOUND;
}

/* The authority of the body that --to or --about names, or that one. */
static const char *
statement_authority(
    const struct letter_desk *desk, const char *to, const cJSON *about)
{
	struct session *session = desk->session;
	const char *found = "";

	if (to != NULL && statement_check_recipient(desk, to) != CARNET_OK)
		return NULL;
	if (to != NULL)
		found = authority_of(desk, to);
	else if (about != NULL)
		found = authority_of(desk, json_text(about, "recipient"));
	if (found[0] != '\0')
		return found;
	(void)carnet_fail(&session->err, CARNET_INVALID,
	    _("to which authority? --to AUTHORITY"));
	carnet_hint(&session->err, "carnet recipient list authority");
	return NULL;
}

/* To whom: --to, or whom the template names. */
static const char *
statement_recipient(
    const struct letter_desk *desk, const cJSON *statement, const cJSON *about)
{
	struct session *session = desk->session;
	const char *to = option_text(session->options, "to");
	const char *fixed = json_text(statement, "addressee");

	if (strcmp(fixed, "authority") == 0)
		return statement_authority(desk, to, about);
	if (to == NULL && strcmp(fixed, "recipient") != 0)
		return fixed;
	if (to == NULL && about != NULL)
		return json_text(about, "recipient");
	if (to == NULL) {
		(void)carnet_fail(&session->err, CARNET_INVALID,
		    _("to whom? --to RECIPIENT"));
		return NULL;
	}
	if (statement_check_recipient(desk, to) != CARNET_OK)
		return NULL;
	/* a note names the body that it is about; all else goes where it must
	 */
	if (strcmp(fixed, "recipient") == 0 || strcmp(fixed, to) == 0 ||
	    carnet_json_bool(statement, "keep", false))
		return to;
	session_warn(session, _("this letter goes to %s"),
	    letter_recipient_name(desk, fixed));
	return fixed;
}

/* The person's last decision of a kind that this statement makes known. */
static const char *
statement_decision(const struct letter_desk *desk, const cJSON *statement,
    const char *recipient)
{
	const cJSON *one;
	const char *id = NULL;

	cJSON_ArrayForEach(one, desk->decisions)
	{
		if (strcmp(json_text(one, "person_id"),
			desk->session->person) == 0 &&
		    strcmp(json_text(one, "recipient"), recipient) == 0 &&
		    statement_list_has(carnet_json_get(statement, "decisions"),
			json_text(one, "kind")))
			id = json_text(one, "id");
	}
	return id;
}

/* What a reminder, a complaint or a referral is about when nobody says: the
 * last letter sent (the reminder: to that body) that has it as its next one. */
static const char *
statement_guess_about(
    const struct letter_desk *desk, const char *template, const char *recipient)
{
	const cJSON *one, *found = NULL;

	cJSON_ArrayForEach(one, desk->statements)
	{
		const cJSON *next =
		    carnet_json_get(case_statement(desk, one), "next");
		bool reminder =
		    strcmp(json_text(next, "reminder"), template) == 0;
		bool complaint =
		    strcmp(authority_complaint(desk, one), template) == 0;

		complaint = complaint ||
			    strcmp(json_text(next, "referral"), template) == 0;
		if (strcmp(json_text(one, "person_id"),
			desk->session->person) == 0 &&
		    json_text(one, "about")[0] == '\0' &&
		    letter_find(carnet_json_get(one, "steps"), "kind",
			"sent") != NULL &&
		    (complaint ||
			(reminder && strcmp(json_text(one, "recipient"),
					 recipient) == 0)))
			found = one;
	}
	return found == NULL ? NULL : json_text(found, "id");
}

/* --letter-lang, if the statement has it. */
static const char *
statement_lang(const struct letter_desk *desk, const cJSON *statement,
    const char *recipient)
{
	struct session *session = desk->session;
	const char *lang = option_text(session->options, "letter-lang");

	if (lang == NULL)
		return letter_lang(desk, statement, recipient);
	if (statement_list_has(carnet_json_get(statement, "languages"), lang))
		return lang;
	(void)carnet_fail(&session->err, CARNET_INVALID,
	    _("--letter-lang: this letter isn't in that language"));
	return NULL;
}

/* Whether the vault has words for this template; -1: failed. */
static int
statement_is_own(struct session *session, const char *name)
{
	cJSON *all = NULL;
	bool found;

	if (own_template_list(session, &all) != CARNET_OK)
		return -1;
	found = letter_find(all, "id", name) != NULL;
	cJSON_Delete(all);
	return found;
}

static enum carnet_status
statement_check_own(
    struct session *session, const struct statement_draft *draft)
{
	cJSON *payload = cJSON_CreateObject();
	enum carnet_status status;

	json_add_text(payload, "person", draft->person);
	json_add_text(payload, "template", draft->template);
	json_add_text(payload, "recipient", draft->recipient);
	json_add_text(payload, "channel", draft->channel);
	json_add_text(payload, "lang", draft->lang);
	if (draft->decision != NULL)
		json_add_text(payload, "decision", draft->decision);
	if (draft->about != NULL)
		json_add_text(payload, "about", draft->about);
	status = own_template_check(session, payload);
	cJSON_Delete(payload);
	return status;
}

static int
statement_new_draft(
    struct session *session, const struct letter_desk *desk, const char *name)
{
	const cJSON *statement = letters_statement(session->letters, name);
	struct statement_draft draft = { .person = session->person,
		.template = name };
	const char *about = option_text(session->options, "about");
	char id[CARNET_ID_TEXT], about_id[CARNET_ID_TEXT];
	const cJSON *about_row = NULL;
	int own = statement_is_own(session, name);

	if (own < 0)
		return session_fail(session, name);
	if (statement == NULL && own > 0)
		statement = letters_own(session->letters);
	if (statement == NULL) {
		(void)carnet_fail(
		    &session->err, CARNET_NOT_FOUND, _("no such template"));
		carnet_hint(&session->err, "carnet statement templates");
		return session_fail(session, name);
	}
	if (about != NULL && carnet_resolve(session->vault, 's', about,
				 about_id, &session->err) != CARNET_OK)
		return session_fail(session, about);
	if (about != NULL)
		about_row = letter_find(desk->statements, "id", about_id);
	draft.recipient = statement_recipient(desk, statement, about_row);
	if (draft.recipient == NULL)
		return session_fail(session, NULL);
	if (about_row != NULL)
		draft.person = json_text(about_row, "person_id");
	draft.lang = statement_lang(desk, statement, draft.recipient);
	if (draft.lang == NULL)
		return session_fail(session, NULL);
	draft.channel = statement_via(session, json_text(statement, "channel"));
	if (draft.channel == NULL)
		return session_usage(session, _("--via: no such channel"));
	draft.about = about != NULL
			  ? about_id
			  : statement_guess_about(desk, name, draft.recipient);
	draft.decision =
	    draft.about != NULL
		? json_text(letter_find(desk->statements, "id", draft.about),
		      "decision")
		: statement_decision(desk, statement, draft.recipient);
	statement_warn_via(session, statement, draft.recipient, draft.channel);
	if (own > 0 && statement_check_own(session, &draft) != CARNET_OK)
		return session_fail(session, name);
	if (session->dry_run) {
		session_say(session, _("Would draft: %s"), name);
		return session_end(session, EXIT_DONE);
	}
	if (statement_queue_draft(session, &draft, id, NULL) != CARNET_OK ||
	    statement_commit(session, NULL) != CARNET_OK)
		return session_fail(session, NULL);
	return statement_report(session, id);
}

int
statement_new(struct session *session)
{
	const char *name = options_argument(session->options, 1);
	struct letter_desk desk = { 0 };
	int code;

	if (name == NULL)
		return session_usage(session, _("which letter? a template is "
						"missing"));
	if (session_person(session) != CARNET_OK ||
	    letter_desk_open(session, &desk) != CARNET_OK)
		return session_fail(session, NULL);
	code = statement_new_draft(session, &desk, name);
	letter_desk_close(&desk);
	return code;
}

/* --- the reminder ----------------------------------------------------------
 */

/* The same way as the letter, if the reminder can go that way. */
static const char *
statement_remind_channel(
    struct session *session, const cJSON *row, const cJSON *reminder)
{
	const char *channel = json_text(row, "channel");

	if (!statement_list_has(carnet_json_get(reminder, "channels"), channel))
		channel = json_text(reminder, "channel");
	return statement_via(session, channel);
}

static int
statement_remind_about(struct session *session, const struct letter_desk *desk,
    const cJSON *row, struct case_facts *facts)
{
	const char *name = json_text(
	    carnet_json_get(case_statement(desk, row), "next"), "reminder");
	const cJSON *reminder = letters_statement(session->letters, name);
	const cJSON *draft = NULL;
	const char *id = json_text(row, "id");
	struct case_step step = { STEP_REMINDED, case_today(session),
		OUTCOME_NONE };
	struct statement_draft made = { .person = json_text(row, "person_id"),
		.template = name,
		.recipient = json_text(row, "recipient"),
		.decision = json_text(row, "decision"),
		.about = id };
	struct case_view view;
	char new_id[CARNET_ID_TEXT];

	if (case_facts_read(desk, row, facts) != CARNET_OK ||
	    case_step_check(facts->steps, facts->len, &step, &session->err) !=
		CARNET_OK)
		return session_fail(session, id);
	if (reminder == NULL) {
		(void)carnet_fail(&session->err, CARNET_INVALID,
		    _("no reminder goes with this letter"));
		return session_fail(session, id);
	}
	case_evaluate(facts->steps, facts->len, false, &facts->clock,
	    &facts->calendar, step.on, &view);
	if (view.overdue_days == 0 && view.state != CASE_ANSWERED)
		session_warn(
		    session, _("their time to answer has not run out yet"));
	made.lang = letter_lang(desk, reminder, made.recipient);
	made.channel = statement_remind_channel(session, row, reminder);
	if (made.channel == NULL)
		return session_usage(session, _("--via: no such channel"));
	draft = statement_find_draft(desk, name, id);
	if (draft != NULL)
		return statement_report(session, json_text(draft, "id"));
	if (session->dry_run) {
		session_say(session, _("Would draft: %s"), name);
		return session_end(session, EXIT_DONE);
	}
	if (statement_queue_draft(session, &made, new_id, NULL) != CARNET_OK ||
	    statement_commit(session, NULL) != CARNET_OK)
		return session_fail(session, NULL);
	return statement_report(session, new_id);
}

int
statement_remind(struct session *session)
{
	struct letter_desk desk = { 0 };
	struct case_facts facts;
	const cJSON *row;
	int code;

	if (letter_desk_open(session, &desk) != CARNET_OK)
		return session_fail(session, NULL);
	row = statement_argument(session, &desk, 1, &code);
	if (row != NULL)
		code = statement_remind_about(session, &desk, row, &facts);
	letter_desk_close(&desk);
	return code;
}
