/* SPDX-License-Identifier: ISC */
/*
 * From the catalogue's list to drafts: to whom, by which channel, in which
 * language.  Composes no letter.  The contract is in plan_statements.h.
 */
#include "plan_statements.h"

#include <stdio.h>
#include <string.h>

#include "recipient_find.h"

/* --- to whom ------------------------------------------------------------ */

static bool
statements_is_named(struct session *session, const char *id)
{
	cJSON *recipient = NULL;
	bool named;

	if (recipient_find(session, id, &recipient) != CARNET_OK)
		return false;
	named = carnet_json_bool(recipient, "personal", false) &&
		carnet_json_bool(recipient, "named", false);
	cJSON_Delete(recipient);
	return named;
}

/*
 * The same words to another of the person's own bodies: whoever has named
 * the MSA and no other fund gets its letter instead of the one to "one's
 * fund".
 */
static const cJSON *
statements_for_person(
    struct session *session, const cJSON *statement, const char *recipient)
{
	const char *addressee = json_text(statement, "addressee");
	const char *file = json_text(statement, "file");
	const cJSON *entry = letters_recipient(session->letters, addressee);
	const cJSON *other;

	if (!carnet_json_bool(entry, "personal", false) ||
	    strcmp(addressee, recipient) == 0 ||
	    statements_is_named(session, addressee))
		return statement;
	cJSON_ArrayForEach(other, letters_statements(session->letters))
	{
		const char *instead = json_text(other, "addressee");

		if (strcmp(json_text(other, "file"), file) == 0 &&
		    strcmp(instead, addressee) != 0 &&
		    strcmp(instead, "recipient") != 0 &&
		    statements_is_named(session, instead))
			return other;
	}
	return statement;
}

static bool
statements_has(const cJSON *list, const char *text)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, list)
	{
		if (strcmp(one->valuestring, text) == 0)
			return true;
	}
	return false;
}

/* The statement's own channel if the addressee takes it, else the first that
 * both have. */
static const char *
statements_channel(const cJSON *statement, const cJSON *addressee)
{
	const char *usual = json_text(statement, "channel");
	const cJSON *taken = carnet_json_get(addressee, "channels"), *one;

	if (carnet_json_bool(statement, "keep", false) ||
	    statements_has(taken, usual))
		return usual;
	cJSON_ArrayForEach(one, carnet_json_get(statement, "channels"))
	{
		if (statements_has(taken, one->valuestring))
			return one->valuestring;
	}
	return usual;
}

static const char *
statements_lang(
    struct session *session, const cJSON *statement, const cJSON *addressee)
{
	const char *wanted = option_text(session->options, "letter-lang");

	if (wanted != NULL &&
	    statements_has(carnet_json_get(statement, "languages"), wanted))
		return wanted;
	return recipient_lang(session, statement, json_text(addressee, "id"),
	    carnet_json_string(addressee, "country"));
}

static bool
statements_is_planned(
    const struct plan *plan, const char *template, const char *recipient)
{
	const cJSON *one;

	for (size_t i = 0; i < plan->len; i++)
		cJSON_ArrayForEach(one, plan->items[i].statements)
		{
			if (strcmp(json_text(one, "template"), template) == 0 &&
			    strcmp(json_text(one, "recipient"), recipient) == 0)
				return true;
		}
	return false;
}

/* --- drafting ----------------------------------------------------------- */

void
plan_basis(cJSON *decision, const cJSON *statement, const char *lang)
{
	cJSON *list;
	const cJSON *basis;
	char text[512];

	if (carnet_json_get(decision, "basis") != NULL)
		return;
	list = cJSON_AddArrayToObject(decision, "basis");
	cJSON_ArrayForEach(basis, carnet_json_get(statement, "basis"))
	{
		const char *words =
		    json_text(carnet_json_get(basis, "text"), lang);

		(void)snprintf(text, sizeof(text), "%s%s", words,
		    carnet_json_bool(basis, "checked", false) ? ""
		    : strcmp(lang, "fr") == 0 ? " (à vérifier)"
					      : " (to be checked)");
		(void)cJSON_AddItemToArray(list, cJSON_CreateString(text));
	}
}

static enum carnet_status
statements_draft(
    struct plan *plan, struct plan_item *item, const cJSON *statement)
{
	struct session *session = plan->session;
	const char *own = json_text(item->recipient, "id");
	const char *to = json_text(statement, "addressee");
	const char *template = json_text(statement, "id");
	cJSON *addressee = NULL, *payload;
	const char *lang;
	enum carnet_status status;

	if (strcmp(to, "recipient") == 0)
		to = own;
	status = recipient_find(session, to, &addressee);
	if (status != CARNET_OK)
		return status;
	lang = statements_lang(session, statement, addressee);
	plan_basis(item->decision, statement, lang);
	if (!statements_is_planned(plan, template, to)) {
		payload = cJSON_CreateObject();
		json_add_text(payload, "person", session->person);
		json_add_text(payload, "template", template);
		json_add_text(payload, "recipient", to);
		json_add_text(payload, "channel",
		    statements_channel(statement, addressee));
		json_add_text(payload, "lang", lang);
		(void)cJSON_AddItemToArray(item->statements, payload);
	}
	cJSON_Delete(addressee);
	return CARNET_OK;
}

enum carnet_status
plan_statements(struct plan *plan, struct plan_item *item, const char *calls)
{
	struct session *session = plan->session;
	const cJSON *list = carnet_json_get(
	    carnet_json_get(item->recipient, "statements"), calls);
	const cJSON *id, *statement;
	enum carnet_status status = CARNET_OK;

	cJSON_ArrayForEach(id, list)
	{
		statement =
		    letters_statement(session->letters, id->valuestring);
		if (statement == NULL)
			continue; /* a test holds that there is none such */
		statement = statements_for_person(
		    session, statement, json_text(item->recipient, "id"));
		status = statements_draft(plan, item, statement);
		if (status != CARNET_OK)
			break;
	}
	return status;
}
