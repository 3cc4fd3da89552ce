/* SPDX-License-Identifier: ISC */
/*
 * export: originals into a new folder, bit for bit, with a manifest.  The
 * folder is judged by the guard first: what is in it can be read by anyone.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "early_sync.h"
#include "file_name.h"
#include "output.h"
#include "progress.h"
#include "seal.h"
#include "verbs.h"

static const struct option_row export_options[] = { { "all", OPTION_FLAG, NULL,
							N_("every document") },
	{ "query", OPTION_TEXT, "QUERY", N_("what a search finds") },
	{ "output", OPTION_TEXT, "DIR", N_("the new folder (-o DIR)") },
	{ "format", OPTION_TEXT, "original",
	    N_("originals; other formats come with the record's facts") },
	OPTIONS_END };

struct export
{
	struct session *session;
	struct progress *progress;
	struct early_sync *early;
	int dir_fd;
	const char *const *chosen; /* ids */
	cJSON *files;              /* of the manifest */
	cJSON *ids;
	bool damaged;
};

/* One original on its way out, and the hash of what was written. */
struct export_file {
	struct early_sync *early; /* borrowed, as the folder is */
	int dir_fd;
	struct output *output;
	struct sha256_state *sha256;
	cJSON *row; /* of the manifest; owned */
	char name[FILE_NAME_TEXT], sha256_hex[65];
	uint64_t size;
};

static enum carnet_status
export_begin(
    void *context, size_t number, void *result, struct carnet_error *err)
{
	const struct export *export = context;
	struct export_file *file = result;
	const char *id = export->chosen[number];
	cJSON *document = NULL;
	enum carnet_status status =
	    carnet_document(export->session->vault, id, &document, err);

	if (status != CARNET_OK)
		return status;
	file_name_of_document(document, id, file->name);
	file->size = (uint64_t)carnet_json_get(document, "size")->valuedouble;
	file->row = cJSON_CreateObject();
	json_add_text(file->row, "file", file->name);
	json_copy(file->row, document, "id");
	json_copy(file->row, document, "title");
	json_copy(file->row, document, "type");
	json_copy(file->row, document, "date");
	json_copy(file->row, document, "size");
	json_copy(file->row, document, "tags");
	json_copy(file->row, document, "person");
	json_copy(file->row, document, "source");
	cJSON_Delete(document);
	file->early = export->early;
	file->dir_fd = export->dir_fd;
	return CARNET_OK;
}

static enum carnet_status
export_open(void *result, struct carnet_error *err)
{
	struct export_file *file = result;

	file->sha256 = sha256_begin();
	if (file->sha256 == NULL)
		return carnet_fail_errno(err, ENOMEM, "%s", file->name);
	return output_begin(file->dir_fd, file->name, &file->output, err);
}

static bool
export_bytes(void *result, const uint8_t *bytes, size_t len)
{
	struct export_file *file = result;

	sha256_more(file->sha256, bytes, len);
	early_sync_wrote(file->early, len);
	return output_more(file->output, bytes, len);
}

/* Stopped (CARNET_INTERRUPTED) is when it can't be written: the output knows
 * why. */
static void
export_end(void *result, enum carnet_status *status, struct carnet_error *err)
{
	struct export_file *file = result;
	uint8_t hash[HASH_LEN];

	if (file->output != NULL &&
	    (*status == CARNET_OK || *status == CARNET_INTERRUPTED))
		*status = output_end_unsynced(file->output, err);
	else
		output_abandon(file->output);
	file->output = NULL;
	if (file->sha256 == NULL)
		return;
	sha256_end(file->sha256, hash);
	hex_encode(hash, sizeof(hash), file->sha256_hex);
	file->sha256 = NULL;
}

/* Damage is reported and the rest goes on. */
static enum carnet_status
export_settle(void *context, size_t number, void *result,
    enum carnet_status status, const struct carnet_error *why,
    struct carnet_error *err)
{
	struct export *export = context;
	struct export_file *file = result;
	const char *id = export->chosen[number];

	if (status == CARNET_DAMAGED) {
		export->damaged = true;
		session_item_fail(export->session, id, why);
		return CARNET_OK;
	}
	if (status != CARNET_OK) {
		*err = *why;
		return status;
	}
	json_add_text(file->row, "sha256", file->sha256_hex);
	(void)cJSON_AddItemToArray(export->files, file->row);
	file->row = NULL;
	(void)cJSON_AddItemToArray(export->ids, cJSON_CreateString(id));
	progress_step(export->progress, file->size, 1);
	return CARNET_OK;
}

static void
export_drop(void *result)
{
	cJSON_Delete(((struct export_file *)result)->row);
}

static enum carnet_status
export_originals(struct export *export, const cJSON *documents)
{
	const struct carnet_reading reading = { .result_len =
						    sizeof(struct export_file),
		.context = export,
		.begin = export_begin,
		.open = export_open,
		.bytes = export_bytes,
		.end = export_end,
		.settle = export_settle,
		.drop = export_drop };
	size_t count = (size_t)cJSON_GetArraySize(documents), len = 0;
	const char **chosen = calloc(count + 1, sizeof(*chosen));
	const cJSON *document;
	enum carnet_status status;

	if (chosen == NULL)
		return carnet_fail_errno(
		    &export->session->err, ENOMEM, "carnet");
	cJSON_ArrayForEach(document, documents) chosen[len++] =
	    json_text(document, "id");
	export->chosen = chosen;
	status = carnet_documents_read(export->session->vault, chosen, len,
	    &reading, &export->session->err);
	export->chosen = NULL;
	free(chosen);
	return status;
}

/* The ids that were named, searched for, or all. */
static enum carnet_status
export_choose(struct session *session, cJSON **ret_documents)
{
	const struct options *options = session->options;
	const char *query = option_text(options, "query");
	cJSON *documents, *filter;
	enum carnet_status status = CARNET_OK;

	if (option_flag(options, "all"))
		return carnet_documents(
		    session->vault, NULL, ret_documents, &session->err);
	if (query != NULL) {
		filter = cJSON_CreateObject();
		json_add_number(filter, "limit", 1000000);
		status = carnet_search(session->vault, query, filter,
		    ret_documents, &session->err);
		cJSON_Delete(filter);
		return status;
	}
	documents = cJSON_CreateArray();
	for (size_t i = 0; i < options_argc(options) && status == CARNET_OK;
	     i++) {
		char id[CARNET_ID_TEXT];
		cJSON *row;

		status = carnet_resolve(session->vault, 'd',
		    options_argument(options, i), id, &session->err);
		if (status != CARNET_OK)
			break;
		row = cJSON_CreateObject();
		json_add_text(row, "id", id);
		(void)cJSON_AddItemToArray(documents, row);
	}
	if (status != CARNET_OK) {
		cJSON_Delete(documents);
		return status;
	}
	*ret_documents = documents;
	return CARNET_OK;
}

/* All originals at once: the manifest says only what is on the disk. */
static enum carnet_status
export_sync(struct export *export)
{
	int failed = early_sync_end(export->early, export->dir_fd);

	export->early = NULL;
	return failed == 0 ? CARNET_OK
			   : carnet_fail_errno(&export->session->err, failed,
				 "manifest.json");
}

static enum carnet_status
export_write_manifest(struct export *export)
{
	cJSON *manifest = cJSON_CreateObject();
	enum carnet_status status;
	char *text;

	json_add_text(manifest, "format", "carnet export");
	json_add_number(manifest, "version", 1);
	json_add_text(manifest, "made", export->session->today);
	json_add(manifest, "files", cJSON_Duplicate(export->files, 1));
	text = cJSON_Print(manifest);
	cJSON_Delete(manifest);
	if (text == NULL)
		return carnet_fail_errno(
		    &export->session->err, ENOMEM, "carnet");
	status = output_file_at(export->dir_fd, "manifest.json", text,
	    strlen(text), &export->session->err);
	free(text);
	if (status == CARNET_OK && fsync(export->dir_fd) != 0)
		status = carnet_fail_errno(
		    &export->session->err, errno, "manifest.json");
	return status;
}

/* What left the vault stands in the ledger. */
static enum carnet_status
export_disclose(struct export *export)
{
	cJSON *payload = cJSON_CreateObject();

	json_add_text(payload, "what", "documents");
	json_add(payload, "ids", cJSON_Duplicate(export->ids, 1));
	json_add_text(payload, "format", "original");
	return session_note(export->session, "export.made", payload);
}

/* Those that were named have no size yet: then files alone are counted. */
static void
export_expect(struct progress *progress, const cJSON *documents)
{
	const cJSON *document;
	int64_t size;

	cJSON_ArrayForEach(document, documents)
	{
		size = 0;
		(void)carnet_json_int(document, "size", &size);
		progress_expect(progress, (uint64_t)size, 1);
	}
}

static int
export_documents(
    struct session *session, const char *folder, const cJSON *documents)
{
	struct export export = { .session = session, .dir_fd = -1 };
	cJSON *result;
	enum carnet_status status =
	    session_guard_folder(session, folder, &export.dir_fd);

	if (status != CARNET_OK)
		return session_fail(session, NULL);
	export.files = cJSON_CreateArray();
	export.ids = cJSON_CreateArray();
	export.progress = progress_start(session, _("Exporting"), 0);
	export_expect(export.progress, documents);
	export.early = early_sync_begin(export.dir_fd);
	status = export_originals(&export, documents);
	progress_stop(export.progress);
	if (status == CARNET_OK)
		status = export_sync(&export);
	else
		(void)early_sync_end(export.early, export.dir_fd);
	if (status == CARNET_OK)
		status = export_write_manifest(&export);
	if (status == CARNET_OK)
		status = export_disclose(&export);
	(void)close(export.dir_fd);
	if (status == CARNET_OK && !session->json)
		session_say(session,
		    PLURAL_("%d document in %s", "%d documents in %s",
			cJSON_GetArraySize(export.files)),
		    cJSON_GetArraySize(export.files), folder);
	result = cJSON_CreateObject();
	json_add_text(result, "path", folder);
	json_add(result, "files", export.files);
	cJSON_Delete(export.ids);
	if (status != CARNET_OK) {
		cJSON_Delete(result);
		return session_fail(session, folder);
	}
	return session_result(
	    session, result, export.damaged ? EXIT_DAMAGED : EXIT_DONE);
}

static int
export_run(struct session *session)
{
	const struct options *options = session->options;
	const char *folder = option_text(options, "output");
	const char *format = option_text(options, "format");
	cJSON *documents = NULL;
	enum carnet_status status;
	int code;

	if (folder == NULL)
		return session_usage(session, _("where to? -o DIR"));
	if (format != NULL && strcmp(format, "original") != 0)
		return session_usage(
		    session, _("--format: only original in this version"));
	if (options_argc(options) == 0 && !option_flag(options, "all") &&
	    option_text(options, "query") == NULL)
		return session_usage(
		    session, _("which ones? ids, --query or --all"));
	status = export_choose(session, &documents);
	if (status == CARNET_OK && session->dry_run)
		status = session_guard(session, folder, true, false);
	if (status != CARNET_OK) {
		cJSON_Delete(documents);
		return session_fail(session, NULL);
	}
	if (session->dry_run) {
		session_say(session,
		    PLURAL_("Would export %d document",
			"Would export %d documents",
			cJSON_GetArraySize(documents)),
		    cJSON_GetArraySize(documents));
		code = EXIT_DONE;
	} else {
		code = export_documents(session, folder, documents);
	}
	cJSON_Delete(documents);
	return code;
}

const struct verb verb_export = { "export",
	N_("[ID… | --all | --query QUERY] -o DIR"),
	N_("originals into a new folder, with a manifest"), NEED_NOTE,
	export_options, export_run, "carnet export --all -o ~/dossier" };
