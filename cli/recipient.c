/* SPDX-License-Identifier: ISC */
/*
 * recipient: who may ask for health data: the catalogue, what varies from
 * person to person (one's own fund, doctor, hospital), and one's own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "letter.h"
#include "plain_text.h"
#include "recipient_find.h"
#include "recipient_public.h"
#include "verbs.h"

#define RECIPIENT_NAME_MAX 500
#define RECIPIENT_ADDRESS_MAX 2000
#define RECIPIENT_ID_MAX 64

static const struct option_row recipient_options[] = {
	{ "name", OPTION_TEXT, "NAME", N_("its name, as on an envelope") },
	{ "address", OPTION_TEXT, "TEXT",
	    N_("postal address; lines are separated by \\n or commas") },
	{ "email", OPTION_TEXT, "ADDRESS", N_("e-mail address") },
	{ "region", OPTION_TEXT, "CODE",
	    N_("where it is, for its holidays: FR-57, DE-BY…") },
	{ "country", OPTION_TEXT, "CODE",
	    N_("its country, two letters (add)") },
	{ "public", OPTION_TEXT, "yes|no|unknown",
	    N_("whether it is a public body, or a private one with a public "
	       "service to perform") },
	OPTIONS_END
};

/* --- judging what was typed ------------------------------------------------
 */

static bool
recipient_is_country(const char *text)
{
	return strlen(text) == 2 && text[0] >= 'A' && text[0] <= 'Z' &&
	       text[1] >= 'A' && text[1] <= 'Z';
}

/* "FR-57": a country, a hyphen, one to three letters or digits. */
static bool
recipient_is_region(const char *text)
{
	size_t len = strlen(text);

	if (len < 4 || len > 6 || text[2] != '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (i != 2 && !(text[i] >= 'A' && text[i] <= 'Z') &&
		    !(i > 2 && text[i] >= '0' && text[i] <= '9'))
			return false;
	return true;
}

static bool
recipient_is_email(const char *text)
{
	const char *at = strchr(text, '@');

	return at != NULL && at != text && at[1] != '\0' &&
	       strchr(at + 1, '@') == NULL && strpbrk(text, " ,;<>") == NULL &&
	       strlen(text) <= 254;
}

/* Lower-case letters, digits, and - . _ / between them. */
static bool
recipient_is_id(const char *id)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t len = strlen(id);

	if (len < 3 || len > RECIPIENT_ID_MAX || strchr(plain, id[0]) == NULL ||
	    strchr(plain, id[len - 1]) == NULL)
		return false;
	for (size_t i = 1; i < len; i++) {
		if (strchr(plain, id[i]) == NULL &&
		    (strchr("-._/", id[i]) == NULL ||
			strchr(plain, id[i - 1]) == NULL))
			return false;
	}
	return true;
}

/* A later catalogue may bring any name under a country that it has. */
static bool
recipient_is_reserved(struct session *session, const char *id)
{
	const cJSON *entry;
	const char *slash = strchr(id, '/');

	if (slash == NULL)
		return false;
	cJSON_ArrayForEach(entry, letters_recipients(session->letters))
	{
		if (strncmp(json_text(entry, "id"), id,
			(size_t)(slash - id) + 1) == 0)
			return true;
	}
	return false;
}

/* An empty text clears a field; any other has to make sense. */
static const char *
recipient_wrong(struct session *session)
{
	const struct options *options = session->options;
	const char *name = option_text(options, "name");
	const char *address = option_text(options, "address");
	const char *email = option_text(options, "email");
	const char *region = option_text(options, "region");
	const char *country = option_text(options, "country");

	if (name != NULL && name[0] != '\0' &&
	    plain_text_check(session, "--name", name, RECIPIENT_NAME_MAX,
		false) != CARNET_OK)
		return session->err.message;
	if (address != NULL && address[0] != '\0' &&
	    plain_text_check(session, "--address", address,
		RECIPIENT_ADDRESS_MAX, true) != CARNET_OK)
		return session->err.message;
	if (email != NULL && email[0] != '\0' &&
	    (plain_text_check(session, "--email", email, 254, false) !=
		    CARNET_OK ||
		!recipient_is_email(email)))
		return _("--email: this is no e-mail address");
	if (region != NULL && region[0] != '\0' && !recipient_is_region(region))
		return _("--region: a code such as FR-57 or DE-BY");
	if (country != NULL && !recipient_is_country(country))
		return _("--country: two capital letters, such as FR");
	return NULL;
}

/* --- writing ----------------------------------------------------------------
 */

static cJSON *
recipient_payload(
    struct session *session, const char *id, const cJSON *recipient)
{
	static const char *const fields[] = { "name", "address", "region",
		"email", "country" };
	cJSON *payload = cJSON_CreateObject();
	const char *sector;

	json_add_text(payload, "recipient", id);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const char *text = option_text(session->options, fields[i]);

		char *lines = NULL;

		if (text != NULL && strcmp(fields[i], "address") == 0)
			lines = plain_text_lines(text);
		if (lines != NULL)
			text = lines;
		if (text != NULL)
			json_add_text(payload, fields[i], text);
		free(lines);
	}
	sector = recipient_public_option(session);
	if (sector == NULL)
		sector = recipient_public_ask(session, id, recipient);
	if (sector != NULL)
		json_add_text(payload, "public", sector);
	return payload;
}

static int recipient_show_view(struct session *session, cJSON *recipient);

static int
recipient_write(struct session *session, const char *id, const cJSON *before)
{
	cJSON *payload = recipient_payload(session, id, before);
	cJSON *recipient = NULL;
	enum carnet_status status;

	if (session->dry_run) {
		cJSON *result = cJSON_CreateObject();

		session_say(session, _("Would be written: %s"), id);
		json_add(result, "recipient", payload);
		json_add_bool(result, "dry_run", true);
		return session_result(session, result, EXIT_DONE);
	}
	status = carnet_queue(session->vault, "recipient.set", session->today,
	    payload, NULL, &session->err);
	if (status == CARNET_OK)
		status = carnet_commit(session->vault, &session->err);
	if (status == CARNET_OK)
		status = recipient_find(session, id, &recipient);
	if (status != CARNET_OK)
		return session_fail(session, id);
	session_say(session, _("Noted. What to do next: carnet refuse %s"), id);
	return recipient_show_view(session, recipient);
}

static enum carnet_status
recipient_open(struct session *session, bool write)
{
	return session_open_vault(
	    session, write && !session->dry_run ? CARNET_WRITE : CARNET_READ);
}

static int
recipient_add(struct session *session)
{
	const char *id = options_argument(session->options, 1);
	const char *name = option_text(session->options, "name");
	const char *wrong = recipient_wrong(session);
	const struct options *options = session->options;
	cJSON *found = NULL, *before;
	int code;

	if (wrong == NULL)
		wrong = recipient_public_wrong(session, NULL);
	if (wrong != NULL)
		return session_usage(session, wrong);
	if (id == NULL || !recipient_is_id(id))
		return session_usage(session,
		    _("recipient add: a short name of your own, such as "
		      "me/dr-durand (small letters, digits, - . _ /)"));
	if (name == NULL || name[0] == '\0')
		return session_usage(
		    session, _("recipient add: --name is needed"));
	if (session_letters(session) != CARNET_OK ||
	    recipient_open(session, true) != CARNET_OK)
		return session_fail(session, NULL);
	if (recipient_find(session, id, &found) == CARNET_OK) {
		cJSON_Delete(found);
		carnet_fail(&session->err, CARNET_EXISTS,
		    _("this recipient is there already"));
		carnet_hint(&session->err, "carnet recipient edit %s", id);
		return session_fail(session, id);
	}
	if (recipient_is_reserved(session, id)) {
		carnet_fail(&session->err, CARNET_INVALID,
		    _("names of this country are the catalogue's"));
		carnet_hint(&session->err, _("choose another, such as me/%s"),
		    strchr(id, '/') + 1);
		return session_fail(session, id);
	}
	before = cJSON_CreateObject();
	json_add(before, "public", cJSON_CreateNull());
	json_add_text(before, "country", option_text(options, "country"));
	code = recipient_write(session, id, before);
	cJSON_Delete(before);
	return code;
}

static int
recipient_edit(struct session *session)
{
	const char *id = options_argument(session->options, 1);
	const char *name = option_text(session->options, "name");
	const char *wrong = recipient_wrong(session);
	cJSON *found = NULL;
	int code;
	bool own;

	if (id == NULL)
		return session_usage(session, _("recipient edit: which one?"));
	if (wrong != NULL)
		return session_usage(session, wrong);
	if (name == NULL && option_text(session->options, "address") == NULL &&
	    option_text(session->options, "email") == NULL &&
	    option_text(session->options, "region") == NULL &&
	    option_text(session->options, "country") == NULL &&
	    option_text(session->options, "public") == NULL)
		return session_usage(session,
		    _("what should change? --name, --address, --email, "
		      "--region, --country or --public"));
	if (recipient_open(session, true) != CARNET_OK)
		return session_fail(session, NULL);
	if (recipient_find(session, id, &found) != CARNET_OK)
		return session_fail(session, id);
	own = carnet_json_bool(found, "own", false);
	wrong = recipient_public_wrong(session, id);
	if (wrong != NULL) {
		cJSON_Delete(found);
		return session_usage(session, wrong);
	}
	if (own && name != NULL && name[0] == '\0')
		code = session_usage(session,
		    _("a recipient of your own can't be without a name"));
	else if (!own && option_text(session->options, "country") != NULL)
		code = session_usage(session,
		    _("--country: the catalogue knows where this one is"));
	else
		code = recipient_write(session, id, found);
	cJSON_Delete(found);
	return code;
}

/* --- showing ----------------------------------------------------------------
 */

/* "Label text", if there is a text. */
static void
recipient_print(const char *label, const char *text)
{
	char *line = NULL;

	if (text == NULL || text[0] == '\0' ||
	    asprintf(&line, "%s %s", label, text) < 0)
		return;
	print_paragraph(stdout, line);
	free(line);
}

/* group: of letter_word; NULL: the items as they are. */
static void
recipient_print_list(const struct session *session, const char *label,
    const char *group, const cJSON *array)
{
	const cJSON *item;
	char text[1024] = "";
	size_t at = 0;

	cJSON_ArrayForEach(item, array)
	{
		if (at < sizeof(text))
			at += (size_t)snprintf(text + at, sizeof(text) - at,
			    "%s%s", at == 0 ? "" : ", ",
			    group == NULL ? item->valuestring
					  : letter_word(session, group,
						item->valuestring));
	}
	recipient_print(label, text);
}

/* What a refusal writes, and what it can't obtain. */
static void
recipient_print_statements(struct session *session, const cJSON *recipient)
{
	const cJSON *id,
	    *list = carnet_json_get(
		carnet_json_get(recipient, "statements"), "refuse");

	if (cJSON_GetArraySize(list) == 0) {
		print_line("%s", _("Nothing can be refused there."));
		return;
	}
	print_line("%s", _("A refusal writes:"));
	cJSON_ArrayForEach(id, list)
	{
		const cJSON *statement =
		    letters_statement(session->letters, id->valuestring);
		const char *title =
		    recipient_words(session, statement, "title");
		const char *limits =
		    recipient_words(session, statement, "limits");
		char line[2048];

		(void)snprintf(line, sizeof(line), "%s (%s)",
		    title == NULL ? "" : title, id->valuestring);
		print_entry(2, "-", line);
		if (limits == NULL)
			continue;
		(void)snprintf(
		    line, sizeof(line), "%s %s", _("Limits:"), limits);
		print_entry(2, "", line);
	}
}

/* Only where it makes a difference: France's CADA is for public bodies. */
static void
recipient_print_public(struct session *session, const cJSON *recipient)
{
	const cJSON *sector = carnet_json_get(recipient, "public");

	if (!recipient_public_matters(
		session, json_text(recipient, "id"), recipient))
		return;
	recipient_print(_("Public body:"), cJSON_IsTrue(sector) ? _("yes")
					   : cJSON_IsFalse(sector)
					       ? _("no")
					       : _("not known (--public)"));
}

static int
recipient_show_view(struct session *session, cJSON *recipient)
{
	cJSON *result;

	if (!session->json) {
		print_line("%s  %s", json_text(recipient, "id"),
		    json_text(recipient, "name"));
		if (carnet_json_string(recipient, "role") != NULL)
			print_paragraph(stdout, json_text(recipient, "role"));
		recipient_print(_("What can be refused:"),
		    carnet_json_string(recipient, "refusable"));
		recipient_print(
		    _("Address:"), carnet_json_string(recipient, "address"));
		recipient_print(
		    _("E-mail:"), carnet_json_string(recipient, "email"));
		recipient_print(
		    _("Region:"), carnet_json_string(recipient, "region"));
		recipient_print_public(session, recipient);
		recipient_print_list(session, _("Channels:"), "channels",
		    carnet_json_get(recipient, "channels"));
		recipient_print(_("Complaints go to:"),
		    carnet_json_string(recipient, "authority"));
		recipient_print_statements(session, recipient);
		recipient_print(
		    _("To know:"), carnet_json_string(recipient, "note"));
		recipient_print_list(session, _("Sources:"), NULL,
		    carnet_json_get(recipient, "sources"));
	}
	result = cJSON_CreateObject();
	json_add(result, "recipient", recipient);
	return session_result(session, result, EXIT_DONE);
}

static int
recipient_show(struct session *session)
{
	const char *id = options_argument(session->options, 1);
	cJSON *recipient = NULL;

	if (id == NULL)
		return session_usage(session, _("recipient show: which one?"));
	if (recipient_find(session, id, &recipient) != CARNET_OK)
		return session_fail(session, id);
	return recipient_show_view(session, recipient);
}

static bool
recipient_has(const cJSON *recipient, const char *key, const char *folded)
{
	char *text = letters_fold(json_text(recipient, key));
	bool found = text != NULL && strstr(text, folded) != NULL;

	free(text);
	return found;
}

static bool
recipient_matches(const cJSON *recipient, const char *query)
{
	char *folded = letters_fold(query);
	bool found = folded != NULL &&
		     (recipient_has(recipient, "id", folded) ||
			 recipient_has(recipient, "name", folded) ||
			 recipient_has(recipient, "role", folded) ||
			 recipient_has(recipient, "refusable", folded));

	free(folded);
	return found;
}

/* Somebody to complain to rather than to refuse. */
static bool
recipient_is_authority(struct session *session, const cJSON *recipient)
{
	const cJSON *entry =
	    letters_recipient(session->letters, json_text(recipient, "id"));

	return strcmp(json_text(entry, "kind"), "authority") == 0;
}

/* All of them as one table; those that were looked for with what they do. */
static void
recipient_list_print(const cJSON *found, bool looked_for)
{
	static const struct print_column columns[] = { { "id", N_("ID"), false,
							   false },
		{ "name", N_("NAME"), false, true },
		{ NULL, NULL, false, false } };
	const cJSON *one;

	if (!looked_for) {
		print_table(found, columns);
		return;
	}
	cJSON_ArrayForEach(one, found)
	{
		print_entry(22, json_text(one, "id"), json_text(one, "name"));
		print_entry(22, "", json_text(one, "role"));
	}
}

static int
recipient_list(struct session *session)
{
	const char *query = options_argument(session->options, 1);
	cJSON *all = NULL, *result, *found, *one;
	int hidden = 0;

	if (recipient_all(session, &all) != CARNET_OK)
		return session_fail(session, NULL);
	found = cJSON_CreateArray();
	while ((one = cJSON_DetachItemFromArray(all, 0)) != NULL) {
		bool asked = query == NULL
				 ? session->json || session->verbose ||
				       !recipient_is_authority(session, one)
				 : recipient_matches(one, query);

		hidden += query == NULL && !asked;
		if (asked)
			(void)cJSON_AddItemToArray(found, one);
		else
			cJSON_Delete(one);
	}
	cJSON_Delete(all);
	if (!session->json && cJSON_GetArraySize(found) > 0) {
		recipient_list_print(found, query != NULL);
		session_say(session, _("More on one: carnet recipient show R"));
		if (hidden > 0)
			session_say(session,
			    PLURAL_("%d authority that takes complaints isn't "
				    "listed: carnet recipient list authority",
				"%d authorities that take complaints aren't "
				"listed: carnet recipient list authority",
				hidden),
			    hidden);
	} else if (!session->json) {
		session_say(session, _("nothing found"));
	}
	result = cJSON_CreateObject();
	json_add(result, "recipients", found);
	return session_result(session, result, EXIT_DONE);
}

/* The catalogue can be read with no vault at all. */
static int
recipient_read_run(struct session *session, int (*run)(struct session *))
{
	enum carnet_status status =
	    carnet_vault_probe(session->vault_path, &session->err);

	if (status != CARNET_NO_VAULT)
		status = recipient_open(session, false);
	if (status != CARNET_OK && status != CARNET_NO_VAULT)
		return session_fail(session, NULL);
	return run(session);
}

static int
recipient_run(struct session *session)
{
	const char *what = options_argument(session->options, 0);

	if (what == NULL || strcmp(what, "list") == 0)
		return recipient_read_run(session, recipient_list);
	if (strcmp(what, "show") == 0)
		return recipient_read_run(session, recipient_show);
	if (strcmp(what, "add") == 0)
		return recipient_add(session);
	if (strcmp(what, "edit") == 0)
		return recipient_edit(session);
	return session_usage(session, _("recipient: list, show, add or edit"));
}

const struct verb verb_recipient = { "recipient",
	N_("[list [QUERY] | show R | add R --name NAME | edit R [OPTION…]]"),
	N_("who may ask for health data, and what can be refused there"),
	NEED_NOTHING, recipient_options, recipient_run,
	"carnet recipient edit fr/caisse --name \"CPAM du Rhône\"" };
