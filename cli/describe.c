/* SPDX-License-Identifier: ISC */
/*
 * edit, tag, note, remove, trash: what a person says about a document, and
 * taking it away.
 */
#include <stdio.h>
#include <string.h>

#include "verbs.h"

#define DESCRIBE_TAGS 64

static const struct option_row edit_options[] = {
	{ "title", OPTION_TEXT, "TEXT", N_("what it is called") },
	{ "type", OPTION_TEXT, "TYPE", N_("its type") },
	{ "date", OPTION_DATE, "DATE", N_("its own date") },
	{ "for", OPTION_TEXT, "NAME", N_("whose record it belongs to") },
	OPTIONS_END
};
static const struct option_row remove_options[] = {
	{ "purge", OPTION_FLAG, NULL,
	    N_("erase it from this vault, for good") },
	OPTIONS_END
};
static const struct option_row no_options[] = { OPTIONS_END };

/* Commits the one queued event and shows the document as it is now. */
static int
describe_commit(struct session *session, const char *id)
{
	cJSON *document = NULL, *result;

	if (carnet_commit(session->vault, &session->err) != CARNET_OK ||
	    carnet_document(session->vault, id, &document, &session->err) !=
		CARNET_OK)
		return session_fail(session, id);
	result = cJSON_CreateObject();
	json_copy(result, document, "id");
	json_copy(result, document, "title");
	json_copy(result, document, "type");
	json_copy(result, document, "date");
	json_copy(result, document, "tags");
	json_copy(result, document, "person");
	json_copy(result, document, "notes");
	if (!session->json)
		session_say(
		    session, "%s  %s", id, json_text(document, "title"));
	cJSON_Delete(document);
	return session_result(session, result, EXIT_DONE);
}

static int
describe_queue(
    struct session *session, const char *kind, const char *id, cJSON *payload)
{
	json_add_text(payload, "document", id);
	if (session->dry_run) {
		cJSON_Delete(payload);
		return EXIT_DONE;
	}
	if (carnet_queue(session->vault, kind, session->today, payload, NULL,
		&session->err) != CARNET_OK)
		return session_fail(session, id);
	return describe_commit(session, id);
}

static int
edit_run(struct session *session)
{
	const struct options *options = session->options;
	static const char *const fields[] = { "title", "type", "date" };
	const char *type = option_text(options, "type");
	const char *whose = option_text(options, "for");
	char id[CARNET_ID_TEXT], person[CARNET_ID_TEXT];
	cJSON *payload;
	int code;

	if (type != NULL && !verb_is_type(type))
		return session_usage(session, _("--type: no such type"));
	if (!verb_resolve(session, 'd', 0, id, &code))
		return code;
	if (whose != NULL && carnet_person_find(session->vault, whose, person,
				 &session->err) != CARNET_OK)
		return session_fail(session, whose);
	payload = cJSON_CreateObject();
	for (size_t i = 0; i < 3; i++)
		if (option_text(options, fields[i]) != NULL)
			json_add_text(payload, fields[i],
			    option_text(options, fields[i]));
	if (whose != NULL)
		json_add_text(payload, "person", person);
	if (cJSON_GetArraySize(payload) == 0) {
		cJSON_Delete(payload);
		return session_usage(session,
		    _("what should change? --title, --type, --date or --for"));
	}
	return describe_queue(session, "document.edited", id, payload);
}

static int
tag_run(struct session *session)
{
	cJSON *payload = cJSON_CreateObject();
	cJSON *more = cJSON_AddArrayToObject(payload, "add");
	cJSON *less = cJSON_AddArrayToObject(payload, "remove");
	size_t count = options_argc(session->options);
	char id[CARNET_ID_TEXT];
	int code;

	if (!verb_resolve(session, 'd', 0, id, &code)) {
		cJSON_Delete(payload);
		return code;
	}
	for (size_t i = 1; i < count; i++) {
		const char *tag = options_argument(session->options, i);
		cJSON *list = tag[0] == '-' ? less : more;

		if (tag[0] == '+' || tag[0] == '-')
			tag++;
		if (tag[0] == '\0' || strlen(tag) > 200 || i > DESCRIBE_TAGS) {
			cJSON_Delete(payload);
			return session_usage(
			    session, _("a tag has 1 to 200 characters"));
		}
		(void)cJSON_AddItemToArray(list, cJSON_CreateString(tag));
	}
	if (count < 2) {
		cJSON_Delete(payload);
		return session_usage(session, _("which tags? +a adds a, -b "
						"takes b away"));
	}
	return describe_queue(session, "document.tagged", id, payload);
}

static int
note_run(struct session *session)
{
	cJSON *payload;
	char id[CARNET_ID_TEXT], text[16384] = "";
	size_t at = 0;
	int code;

	if (!verb_resolve(session, 'd', 0, id, &code))
		return code;
	for (size_t i = 1;
	     i < options_argc(session->options) && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s",
		    i == 1 ? "" : " ", options_argument(session->options, i));
	if (at == 0 || at >= sizeof(text))
		return session_usage(session,
		    _("note: an id, then a text of at most 16,000 bytes"));
	payload = cJSON_CreateObject();
	json_add_text(payload, "text", text);
	return describe_queue(session, "document.noted", id, payload);
}

/* --- taking away -------------------------------------------------------------
 */

static int
remove_purge(struct session *session, const char *id)
{
	cJSON *counts = NULL, *result;
	const cJSON *warning;
	bool backed_up;
	int known; /* warnings that were told when the vault was opened */

	if (session->dry_run)
		return EXIT_DONE;
	known = cJSON_GetArraySize(carnet_vault_warnings(session->vault));
	if (carnet_document_purge(session->vault, id, &session->err) !=
		CARNET_OK ||
	    carnet_vault_counts(session->vault, &counts, &session->err) !=
		CARNET_OK)
		return session_fail(session, id);
	backed_up = cJSON_IsNumber(carnet_json_get(counts, "last_backup_ms"));
	cJSON_Delete(counts);
	cJSON_ArrayForEach(warning, carnet_vault_warnings(session->vault))
	{
		if (known-- <= 0)
			session_warn(session, "%s", warning->valuestring);
	}
	if (!session->json) {
		session_say(session, _("Erased from this vault: %s"), id);
		if (backed_up)
			session_say(session,
			    _("Backups made before still hold it, until their "
			      "snapshots are deleted."));
		session_say(session,
		    _("An SSD or a memory stick may keep old blocks for a "
		      "while; they are encrypted."));
	}
	result = cJSON_CreateObject();
	json_add_text(result, "id", id);
	json_add_bool(result, "purged", true);
	json_add_bool(result, "in_backups", backed_up);
	return session_result(session, result, EXIT_DONE);
}

static int
remove_run(struct session *session)
{
	char id[CARNET_ID_TEXT];
	cJSON *payload, *result;
	int code;

	if (!verb_resolve(session, 'd', 0, id, &code))
		return code;
	if (option_flag(session->options, "purge"))
		return remove_purge(session, id);
	if (session->dry_run)
		return EXIT_DONE;
	payload = cJSON_CreateObject();
	json_add_text(payload, "document", id);
	if (carnet_queue(session->vault, "document.removed", session->today,
		payload, NULL, &session->err) != CARNET_OK ||
	    carnet_commit(session->vault, &session->err) != CARNET_OK)
		return session_fail(session, id);
	if (!session->json)
		session_say(session,
		    _("In the trash: %s (carnet trash restore %s brings it "
		      "back)"),
		    id, id);
	result = cJSON_CreateObject();
	json_add_text(result, "id", id);
	json_add_bool(result, "purged", false);
	return session_result(session, result, EXIT_DONE);
}

static int
trash_list(struct session *session)
{
	static const struct print_column columns[] = { { "id", N_("ID"), false,
							   false },
		{ "date", N_("DATE"), false, false },
		{ "title", N_("TITLE"), false, true },
		{ NULL, NULL, false, false } };
	cJSON *filter = cJSON_CreateObject(), *documents = NULL, *result, *row;
	enum carnet_status status;

	json_add_bool(filter, "removed", true);
	status =
	    carnet_documents(session->vault, filter, &documents, &session->err);
	cJSON_Delete(filter);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	cJSON_ArrayForEach(row, documents)
	{
		char when[40];

		print_time(carnet_json_get(row, "removed")->valuedouble, when);
		cJSON_DeleteItemFromObjectCaseSensitive(row, "removed");
		cJSON_DeleteItemFromObjectCaseSensitive(row, "added_ms");
		cJSON_DeleteItemFromObjectCaseSensitive(row, "source");
		cJSON_DeleteItemFromObjectCaseSensitive(row, "media");
		json_add_text(row, "removed_at", when);
		if (!session->json)
			print_row_day(session, row, "date");
	}
	if (!session->json && cJSON_GetArraySize(documents) > 0)
		print_table(documents, columns);
	else if (!session->json)
		session_say(session, _("the trash is empty"));
	result = cJSON_CreateObject();
	json_add(result, "documents", documents);
	return session_result(session, result, EXIT_DONE);
}

static int
trash_run(struct session *session)
{
	const char *what = options_argument(session->options, 0);
	char id[CARNET_ID_TEXT];
	int code;

	if (what == NULL || strcmp(what, "list") == 0)
		return trash_list(session);
	if (strcmp(what, "restore") != 0)
		return session_usage(session, _("trash: list, or restore ID"));
	if (!verb_resolve(session, 'd', 1, id, &code))
		return code;
	return describe_queue(
	    session, "document.restored", id, cJSON_CreateObject());
}

const struct verb verb_edit = { "edit",
	N_("ID [--title TEXT] [--type TYPE] [--date DATE] [--for NAME]"),
	N_("changes what is known of a document"), NEED_WRITE, edit_options,
	edit_run, "" };
const struct verb verb_tag = { "tag", N_("ID +TAG… -TAG…"),
	N_("adds tags to a document, or takes them away"), NEED_WRITE,
	no_options, tag_run, "carnet tag d4k2m +cardio -urgent" };
const struct verb verb_note = { "note", N_("ID TEXT…"),
	N_("writes a note on a document"), NEED_WRITE, no_options, note_run,
	"" };
const struct verb verb_remove = { "remove", N_("ID [--purge]"),
	N_("moves a document to the trash, or erases it"), NEED_WRITE,
	remove_options, remove_run, "" };
const struct verb verb_trash = { "trash", N_("[list | restore ID]"),
	N_("what was removed, and bringing it back"), NEED_LIST, no_options,
	trash_run, "" };
