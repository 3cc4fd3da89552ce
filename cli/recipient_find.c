/* SPDX-License-Identifier: ISC */
/*
 * Puts what the catalogue says of a recipient and what a person has added
 * into one view, and finds one by its id.  Writes nothing.
 * The contract is in recipient_find.h.
 */
#include "recipient_find.h"

#include <stdio.h>
#include <string.h>

#include "nearest.h"
#include "recipient_public.h"

/* What one's own recipient is told: the statements for any body. */
static const struct {
	const char *kind, *statement;
} recipient_any[] = {
	{ "refuse", "gdpr/objection" },
	{ "decline", "gdpr/decline" },
	{ "allow", "gdpr/consent" },
	{ "withdraw", "gdpr/withdrawal" },
	{ "lift", "gdpr/lift" },
};

const char *
recipient_words(
    const struct session *session, const cJSON *object, const char *key)
{
	return carnet_json_string(carnet_json_get(object, key), session->lang);
}

const cJSON *
recipient_own_values(const cJSON *array, const char *id)
{
	const cJSON *row;

	cJSON_ArrayForEach(row, array)
	{
		if (strcmp(json_text(row, "id"), id) == 0)
			return row;
	}
	return NULL;
}

/* The languages that they work in: the entry's, or those of the authority of
 * its country; NULL: not known. */
static const cJSON *
recipient_languages(
    const struct session *session, const cJSON *entry, const char *country)
{
	const cJSON *theirs = carnet_json_get(entry, "languages"), *one;

	if (theirs != NULL || country == NULL)
		return theirs;
	cJSON_ArrayForEach(one, letters_recipients(session->letters))
	{
		if (strcmp(json_text(one, "kind"), "authority") == 0 &&
		    strcmp(json_text(one, "country"), country) == 0)
			return carnet_json_get(one, "languages");
	}
	return NULL;
}

static bool
recipient_list_has(const cJSON *list, const char *text)
{
	const cJSON *one;

	cJSON_ArrayForEach(
	    one, list) if (strcmp(one->valuestring, text) == 0) return true;
	return false;
}

/* The first of theirs that the letter is in too, or the usual one. */
static const char *
recipient_common(const cJSON *theirs, const cJSON *has, const char *usual)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, theirs)
	{
		if (recipient_list_has(has, one->valuestring))
			return one->valuestring;
	}
	return usual;
}

const char *
recipient_lang(const struct session *session, const cJSON *statement,
    const char *id, const char *country)
{
	const cJSON *entry = letters_recipient(session->letters, id);
	const cJSON *has = carnet_json_get(statement, "languages"), *one;
	const cJSON *theirs;
	const char *lang = session->lang;

	if (country == NULL)
		country = carnet_json_string(entry, "country");
	if (country == NULL && strncmp(id, "fr/", 3) == 0)
		country = "FR";
	theirs = recipient_languages(session, entry, country);
	if (country != NULL && strcmp(country, "FR") == 0)
		lang = "fr";
	else if (!recipient_list_has(theirs, lang) ||
		 !recipient_list_has(has, lang))
		lang = recipient_common(theirs, has, lang);
	if (recipient_list_has(has, lang))
		return lang;
	one = cJSON_GetArrayItem(has, 0);
	return one == NULL ? "fr" : one->valuestring;
}

/* A value of one's own where there is one, else the catalogue's. */
static void
recipient_value(
    cJSON *view, const cJSON *own, const char *key, const char *published)
{
	const char *text = carnet_json_string(own, key);

	json_add_text(view, key, text != NULL ? text : published);
}

static void
recipient_address(cJSON *view, const cJSON *own, const cJSON *entry)
{
	const char *text = carnet_json_string(own, "address");
	const cJSON *line;
	char lines[1024] = "";
	size_t at = 0;

	if (text == NULL)
		cJSON_ArrayForEach(line,
		    carnet_json_get(entry, "address")) if (at < sizeof(lines))
		    at += (size_t)snprintf(lines + at, sizeof(lines) - at,
			"%s%s", at == 0 ? "" : ", ", line->valuestring);
	json_add_text(view, "address",
	    text != NULL       ? text
	    : lines[0] == '\0' ? NULL
			       : lines);
}

/* One's own: what carnet knows of any body. */
static void
recipient_unlisted(cJSON *view)
{
	static const char *const channels[] = { "registered", "letter", "hand",
		"email", "portal" };
	static const char *const identify[] = { "name", "born", "address" };
	cJSON *list, *statements;

	json_add(view, "channels", cJSON_CreateStringArray(channels, 5));
	json_add(view, "identify", cJSON_CreateStringArray(identify, 3));
	json_add_text(view, "refusable",
	    _("The use of health data for anything but care (GDPR, article "
	      "21)."));
	json_add_text(view, "authority", NULL);
	statements = cJSON_AddObjectToObject(view, "statements");
	for (size_t i = 0; i < sizeof(recipient_any) / sizeof(recipient_any[0]);
	     i++) {
		list =
		    cJSON_AddArrayToObject(statements, recipient_any[i].kind);
		(void)cJSON_AddItemToArray(
		    list, cJSON_CreateString(recipient_any[i].statement));
	}
	json_add(view, "sources", cJSON_CreateArray());
}

/* true, false, or null: not known. */
static void
recipient_add_public(cJSON *view, enum recipient_public public)
{
	if (public == PUBLIC_UNKNOWN)
		json_add(view, "public", cJSON_CreateNull());
	else
		json_add_bool(view, "public", public == PUBLIC_YES);
}

static cJSON *
recipient_view(
    const struct session *session, const cJSON *entry, const cJSON *own)
{
	static const char *const copied[] = { "channels", "identify",
		"authority", "statements", "sources", "valid_from",
		"valid_until", "usual" };
	cJSON *view = cJSON_CreateObject();
	const char *name = carnet_json_string(own, "name");

	json_copy(view, entry == NULL ? own : entry, "id");
	recipient_value(
	    view, own, "name", recipient_words(session, entry, "name"));
	json_add_text(view, "role", recipient_words(session, entry, "role"));
	json_add_text(view, "note", recipient_words(session, entry, "note"));
	recipient_value(
	    view, own, "country", carnet_json_string(entry, "country"));
	json_add_bool(view, "personal",
	    entry == NULL || carnet_json_bool(entry, "personal", false));
	json_add_bool(view, "own", entry == NULL);
	json_add_bool(view, "named", name != NULL);
	recipient_address(view, own, entry);
	recipient_value(view, own, "email", carnet_json_string(entry, "email"));
	recipient_value(view, own, "region", NULL);
	recipient_add_public(view, recipient_public(entry, own));
	if (entry == NULL) {
		recipient_unlisted(view);
		return view;
	}
	json_add_text(
	    view, "refusable", recipient_words(session, entry, "refusable"));
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		json_copy(view, entry, copied[i]);
	return view;
}

static enum carnet_status
recipient_read(struct session *session, cJSON **ret_own)
{
	enum carnet_status status = session_letters(session);

	if (status != CARNET_OK)
		return status;
	if (session->vault == NULL) {
		*ret_own = cJSON_CreateArray();
		return CARNET_OK;
	}
	return carnet_recipients(session->vault, ret_own, &session->err);
}

enum carnet_status
recipient_all(struct session *session, cJSON **ret_array)
{
	const cJSON *entry, *row;
	cJSON *own = NULL, *array;
	enum carnet_status status = recipient_read(session, &own);

	if (status != CARNET_OK)
		return status;
	array = cJSON_CreateArray();
	cJSON_ArrayForEach(entry, letters_recipients(session->letters))
	{
		const char *id = json_text(entry, "id");

		(void)cJSON_AddItemToArray(
		    array, recipient_view(
			       session, entry, recipient_own_values(own, id)));
	}
	cJSON_ArrayForEach(row, own)
	{
		if (letters_recipient(session->letters, json_text(row, "id")) ==
		    NULL)
			(void)cJSON_AddItemToArray(
			    array, recipient_view(session, NULL, row));
	}
	cJSON_Delete(own);
	*ret_array = array;
	return CARNET_OK;
}

/* How unlike an id is: what stands behind its slash counts as well. */
static size_t
recipient_distance(const char *id, const char *other)
{
	const char *tail = strchr(other, '/');
	size_t whole = nearest_distance(id, other);
	size_t part = tail == NULL || strchr(id, '/') != NULL
			  ? NEAREST_FAR
			  : nearest_distance(id, tail + 1);

	return whole < part ? whole : part;
}

static void
recipient_hint(struct session *session, const cJSON *own, const char *id)
{
	const cJSON *lists[] = { letters_recipients(session->letters), own };
	const cJSON *row;
	char near[256] = "";
	size_t at = 0;

	for (size_t distance = 0; distance <= 3 && at == 0; distance++) {
		for (size_t i = 0; i < 2; i++)
			cJSON_ArrayForEach(row, lists[i])
			{
				const char *other = json_text(row, "id");

				if (at > 64 ||
				    recipient_distance(id, other) != distance)
					continue;
				at += (size_t)snprintf(near + at,
				    sizeof(near) - at, "%s%.60s",
				    at == 0 ? "" : ", ", other);
			}
	}
	if (at > 0)
		carnet_hint(&session->err,
		    _("did you mean %s? all of them: carnet recipient list"),
		    near);
	else
		carnet_hint(&session->err,
		    _("all of them: carnet recipient list; one of your own: "
		      "carnet recipient add"));
}

enum carnet_status
recipient_find(struct session *session, const char *id, cJSON **ret_recipient)
{
	const cJSON *entry, *row;
	cJSON *own = NULL;
	enum carnet_status status = recipient_read(session, &own);

	if (status != CARNET_OK)
		return status;
	entry = letters_recipient(session->letters, id);
	row = recipient_own_values(own, id);
	if (entry == NULL && row == NULL) {
		status = carnet_fail(&session->err, CARNET_NOT_FOUND,
		    _("there is no such recipient"));
		recipient_hint(session, own, id);
	} else {
		*ret_recipient = recipient_view(session, entry, row);
	}
	cJSON_Delete(own);
	return status;
}
