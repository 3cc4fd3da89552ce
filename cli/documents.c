/* SPDX-License-Identifier: ISC */
/*
 * list, show, cat: documents out. cat writes the original's bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "documents.h"
#include "verbs.h"

static const struct option_row list_options[] = {
	{ "type", OPTION_TEXT, "TYPE", N_("documents of this type") },
	{ "tag", OPTION_TEXT, "TAG", N_("documents with this tag") },
	{ "since", OPTION_DATE, "DATE", N_("from this day on") },
	{ "until", OPTION_DATE, "DATE", N_("up to this day") },
	{ "limit", OPTION_NUMBER, "N", N_("at most so many") },
	{ "ndjson", OPTION_FLAG, NULL, N_("one JSON object a line") },
	OPTIONS_END
};
static const struct option_row no_options[] = { OPTIONS_END };

static const struct print_column document_columns[] = {
	{ "id", N_("ID"), false, false }, { "date", N_("DATE"), false, false },
	{ "type", N_("TYPE"), false, false },
	{ "title", N_("TITLE"), false, true },
	{ "size_text", N_("SIZE"), true, false },
	{ "tags", N_("TAGS"), false, true }, { NULL, NULL, false, false }
};
void
documents_tidy(const struct session *session, cJSON *documents)
{
	static const char *const extra[] = { "source", "added_ms", "removed",
		"media" };
	cJSON *row;

	cJSON_ArrayForEach(row, documents)
	{
		char size[32], *line;

		for (size_t i = 0; i < 4; i++)
			cJSON_DeleteItemFromObjectCaseSensitive(row, extra[i]);
		if (session->json)
			continue;
		print_size(carnet_json_get(row, "size")->valuedouble, size);
		json_add_text(row, "size_text", size);
		print_row_word(row, "type");
		print_row_day(session, row, "date");
		line = (char *)json_text(row, "snippet");
		for (; line[0] != '\0'; line++)
			if (line[0] == '\n' || line[0] == '\r' ||
			    line[0] == '\t')
				line[0] = ' ';
	}
}

int
documents_report(struct session *session, cJSON *documents,
    const struct print_column *columns)
{
	cJSON *result, *row;

	documents_tidy(session, documents);
	if (session->json && option_flag(session->options, "ndjson")) {
		cJSON_ArrayForEach(row, documents)
		{
			char *text = cJSON_PrintUnformatted(row);

			if (text != NULL)
				(void)puts(text);
			cJSON_free(text);
		}
		cJSON_Delete(documents);
		return session_end(session, EXIT_DONE);
	}
	if (!session->json && cJSON_GetArraySize(documents) > 0)
		print_table(documents, columns);
	else if (!session->json)
		session_say(session, _("nothing found"));
	result = cJSON_CreateObject();
	json_add(result, "documents", documents);
	return session_result(session, result, EXIT_DONE);
}

enum carnet_status
documents_add_person(struct session *session, cJSON *filter)
{
	if (!session_names_person(session))
		return CARNET_OK;
	if (session_person(session) != CARNET_OK)
		return session->err.status;
	json_add_text(filter, "person", session->person);
	return CARNET_OK;
}

static int
list_run(struct session *session)
{
	static const char *const texts[] = { "type", "tag", "since", "until" };
	cJSON *filter = cJSON_CreateObject(), *documents = NULL;
	enum carnet_status status = documents_add_person(session, filter);
	const char *type = option_text(session->options, "type");

	if (type != NULL && !verb_is_type(type)) {
		cJSON_Delete(filter);
		return session_usage(session, _("--type: no such type"));
	}
	for (size_t i = 0; i < 4; i++)
		if (option_text(session->options, texts[i]) != NULL)
			json_add_text(filter, texts[i],
			    option_text(session->options, texts[i]));
	if (option_flag(session->options, "limit"))
		json_add_number(filter, "limit",
		    (double)option_number(session->options, "limit", 0));
	if (status == CARNET_OK)
		status = carnet_documents(
		    session->vault, filter, &documents, &session->err);
	cJSON_Delete(filter);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	return documents_report(session, documents, document_columns);
}

/* --- show -------------------------------------------------------------------
 */

static void
show_print(struct session *session, const cJSON *result)
{
	const cJSON *unread = carnet_json_get(result, "unread"), *note;
	const char *text = json_text(result, "text");
	cJSON *person = NULL;
	char size[32], date[40];

	(void)carnet_person(
	    session->vault, json_text(result, "person"), &person, NULL);
	print_size(carnet_json_get(result, "size")->valuedouble, size);
	print_date(session, json_text(result, "date"), date);
	print_line("%-10s %s", _("Document"), json_text(result, "id"));
	print_line("%-10s %s", _("Title"), json_text(result, "title"));
	print_line(
	    "%-10s %s", _("Type"), print_word(json_text(result, "type")));
	print_line("%-10s %s", _("Date"), date);
	print_line("%-10s %s", _("Person"),
	    person == NULL ? json_text(result, "person")
			   : json_text(person, "name"));
	print_line("%-10s %s", _("Size"), size);
	print_line("%-10s %s", _("Source"), json_text(result, "source"));
	print_line("%-10s %s", _("SHA-256"), json_text(result, "sha256"));
	cJSON_ArrayForEach(note, carnet_json_get(result, "notes"))
	    print_line("%-10s %s", _("Note"), json_text(note, "text"));
	if (cJSON_IsObject(unread))
		print_line(
		    "%-10s %s", _("Unread"), json_text(unread, "message"));
	if (text[0] != '\0') {
		print_line("%s", "");
		print_text(text);
	}
	cJSON_Delete(person);
}

/* A text that was stored in English, as launcher_reading.c has it. */
static const char *
documents_text(const cJSON *document, const char *key)
{
	const char *text = json_text(document, key);

	return text[0] == '\0' ? "" : _(text);
}

static cJSON *
show_result(const cJSON *document, const char *sha256)
{
	static const char *const same[] = { "id", "title", "type", "date",
		"size" };
	cJSON *result = cJSON_CreateObject(), *unread = NULL;
	const cJSON *added = carnet_json_get(document, "added_ms");
	char when[40] = "";

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		json_copy(result, document, same[i]);
	json_add_text(result, "sha256", sha256[0] == '\0' ? NULL : sha256);
	json_copy(result, document, "tags");
	json_copy(result, document, "person");
	if (cJSON_IsNumber(added))
		print_time(added->valuedouble, when);
	json_add_text(result, "added_at", when);
	json_copy(result, document, "source");
	json_add_text(result, "text", carnet_json_string(document, "text"));
	json_add(result, "facts", cJSON_CreateArray());
	if (carnet_json_string(document, "unread_code") != NULL) {
		unread = cJSON_CreateObject();
		json_add_text(
		    unread, "code", json_text(document, "unread_code"));
		json_add_text(unread, "message",
		    documents_text(document, "unread_message"));
	}
	json_add(
	    result, "unread", unread == NULL ? cJSON_CreateNull() : unread);
	json_add(result, "flags", cJSON_CreateArray());
	json_copy(result, document, "parts");
	json_copy(result, document, "parent");
	json_copy(result, document, "notes");
	json_copy(result, document, "media");
	return result;
}

static int
show_run(struct session *session)
{
	char id[CARNET_ID_TEXT], sha256[65] = "";
	cJSON *document = NULL, *result;
	int code;

	if (!verb_resolve(session, 'd', 0, id, &code))
		return code;
	if (carnet_document(session->vault, id, &document, &session->err) !=
	    CARNET_OK)
		return session_fail(session, id);
	/* damage: what is known is shown all the same, and the exit says 26 */
	if (carnet_document_sha256(session->vault, id, sha256, &session->err) !=
	    CARNET_OK) {
		session_item_fail(session, id, &session->err);
		if (session->err.status != CARNET_DAMAGED) {
			cJSON_Delete(document);
			return session_exit_code(session->err.status);
		}
	}
	result = show_result(document, sha256);
	cJSON_Delete(document);
	if (!session->json)
		show_print(session, result);
	return session_result(session, result, EXIT_DONE);
}

/* --- cat --------------------------------------------------------------------
 */

struct cat {
	bool terminal;
	bool begun;
	bool binary;
	bool broken; /* nobody reads any more */
};

/* Looks at the first bytes before any reaches a terminal. */
static bool
cat_write(void *context, const uint8_t *bytes, size_t len)
{
	struct cat *cat = context;

	if (cat->terminal && !cat->begun)
		for (size_t i = 0; i < len && i < 4096; i++)
			cat->binary |=
			    bytes[i] == 0 || bytes[i] == 0x1b ||
			    (bytes[i] < 0x20 && bytes[i] != '\n' &&
				bytes[i] != '\r' && bytes[i] != '\t' &&
				bytes[i] != '\f');
	cat->begun = true;
	if (cat->binary)
		return false;
	cat->broken = fwrite(bytes, 1, len, stdout) != len;
	return !cat->broken;
}

static int
cat_run(struct session *session)
{
	struct cat cat = { .terminal = isatty(STDOUT_FILENO) == 1 };
	char id[CARNET_ID_TEXT];
	enum carnet_status status;
	int code;

	if (!verb_resolve(session, 'd', 0, id, &code))
		return code;
	status = carnet_document_read(
	    session->vault, id, cat_write, &cat, &session->err);
	if (cat.binary) {
		carnet_fail(&session->err, CARNET_INVALID,
		    _("not text: it is not written to a terminal"));
		carnet_hint(&session->err, _("carnet cat %s > FILE"), id);
		return session_fail(session, id);
	}
	if (cat.broken) {
		carnet_fail(
		    &session->err, CARNET_IO, _("the output takes no more"));
		return session_fail(session, id);
	}
	if (status != CARNET_OK)
		return session_fail(session, id);
	return EXIT_DONE;
}

const struct verb verb_list = { "list",
	N_("[--type TYPE] [--tag TAG] [--since DATE] [--until DATE]"),
	N_("the documents, newest first"), NEED_READ, list_options, list_run,
	"carnet list --type lab --since 2024-01-01" };
const struct verb verb_show = { "show", N_("ID"),
	N_("what is known of one document, and its text"), NEED_READ,
	no_options, show_run, "" };
const struct verb verb_cat = { "cat", N_("ID"),
	N_("the original, byte for byte, to the standard output"), NEED_READ,
	no_options, cat_run, "carnet cat d4k2m > bilan.pdf" };
