/* SPDX-License-Identifier: ISC */
/*
 * statement export: the letter as files, to print, send and keep.  The guard
 * judges the folder first; nothing that is there is replaced.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"
#include "statement.h"
#include "statement_formats.h"
#include "verbs.h"

#define EXPORT_FORMATS_MAX 16
#define EXPORT_FILES_MAX 64

/* One file to be written. */
struct export_file {
	char name[200], sha256[65];
	const char *format;
	uint8_t *bytes;
	size_t len;
};
struct statement_export {
	struct session *session;
	const struct letter_desk *desk;
	const struct statement_format *formats[EXPORT_FORMATS_MAX];
	size_t formats_len;
	struct export_file files[EXPORT_FILES_MAX];
	size_t files_len;
	cJSON *ids;
};

/* --format txt,pdf; none: the usual ones. */
static bool
export_choose(struct statement_export *export)
{
	const char *list = option_text(export->session->options, "format");
	char name[32];

	for (size_t i = 0; list == NULL && statement_formats[i].name != NULL;
	     i++)
		if (statement_formats[i].usual)
			export->formats[export->formats_len++] =
			    &statement_formats[i];
	while (list != NULL && *list != '\0') {
		size_t len = strcspn(list, ",");
		const struct statement_format *format;

		(void)snprintf(name, sizeof(name), "%.*s",
		    len < sizeof(name) ? (int)len : 0, list);
		format = statement_format_find(name);
		if (format == NULL || export->formats_len == EXPORT_FORMATS_MAX)
			return false;
		for (size_t i = 0; i < export->formats_len && format != NULL;
		     i++)
			if (export->formats[i] == format)
				format = NULL;
		if (format != NULL)
			export->formats[export->formats_len++] = format;
		list += len + (list[len] == ',');
	}
	return export->formats_len > 0;
}

/* "2026-03-05-fr-caisse-s7k2m….pdf": says nothing of the letter. */
static void
export_name(const cJSON *row, const char *extension, char name[200])
{
	char recipient[128], plain[128];

	(void)snprintf(plain, sizeof(plain), "%s", json_text(row, "recipient"));
	for (char *c = plain; *c != '\0'; c++)
		if (*c == '/')
			*c = '-';
	output_safe_name(plain, recipient);
	(void)snprintf(name, 200, "%s-%.100s-%s.%s", letter_date(row),
	    recipient, json_text(row, "id"), extension);
}

static enum carnet_status
export_add(struct statement_export *export, const char *name,
    const char *format, uint8_t *bytes, size_t len)
{
	struct export_file *file = &export->files[export->files_len];

	if (export->files_len == EXPORT_FILES_MAX) {
		free(bytes);
		return carnet_fail(&export->session->err, CARNET_INVALID,
		    _("too many files at once"));
	}
	(void)snprintf(file->name, sizeof(file->name), "%s", name);
	letter_sha256(bytes, len, file->sha256);
	file->format = format;
	file->bytes = bytes;
	file->len = len;
	export->files_len++;
	return CARNET_OK;
}

/* One's own letter has one form: its own file. */
static enum carnet_status
export_own(struct statement_export *export, const cJSON *row, const cJSON *meta,
    const struct launcher_file *file)
{
	const char *dot = strrchr(json_text(meta, "source"), '.');
	char ending[128] = "bin", name[200];
	uint8_t *copy = malloc(file->len + 1);

	if (copy == NULL)
		return carnet_fail_errno(
		    &export->session->err, ENOMEM, "carnet");
	if (dot != NULL && dot[1] != '\0' && strlen(dot) <= 12)
		output_safe_name(dot + 1, ending);
	memcpy(copy, file->bytes, file->len);
	export_name(row, ending, name);
	return export_add(export, name, "original", copy, file->len);
}

/* All forms of one statement, in memory. */
static enum carnet_status
export_make(struct statement_export *export, const cJSON *row)
{
	struct session *session = export->session;
	struct launcher_files files = { 0 };
	const struct launcher_file *own;
	cJSON *meta = NULL;
	enum carnet_status status =
	    letter_files(export->desk, row, &meta, &files);
	struct statement_source source = { export->desk, row, meta, &files };

	if (status != CARNET_OK)
		return status;
	own = letter_file(&files, LETTER_OWN);
	if (own != NULL)
		status = export_own(export, row, meta, own);
	for (size_t i = 0; own == NULL && i < export->formats_len; i++) {
		const struct statement_format *format = export->formats[i];
		uint8_t *bytes = NULL;
		size_t len = 0;
		char name[200];

		status = format->make(&source, &bytes, &len, &session->err);
		if (status != CARNET_OK)
			break;
		export_name(row, format->extension, name);
		status = export_add(export, name, format->name, bytes, len);
		if (status != CARNET_OK)
			break;
	}
	if (status == CARNET_OK)
		(void)cJSON_AddItemToArray(
		    export->ids, cJSON_CreateString(json_text(row, "id")));
	cJSON_Delete(meta);
	launcher_files_clear(&files);
	return status;
}

/* All or nothing: looks for what is there before it writes. */
static enum carnet_status
export_write(struct statement_export *export, const char *folder)
{
	struct session *session = export->session;
	struct stat there;
	int fd = -1;
	enum carnet_status status =
	    output_open_folder(folder, &fd, &session->err);

	if (status != CARNET_OK)
		return status;
	for (size_t i = 0; i < export->files_len && status == CARNET_OK; i++) {
		if (fstatat(fd, export->files[i].name, &there,
			AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		status = carnet_fail(&session->err, CARNET_EXISTS,
		    _("%s is there already"), export->files[i].name);
		carnet_hint(&session->err, "%s",
		    _("choose another folder, or move it away"));
	}
	for (size_t i = 0; i < export->files_len && status == CARNET_OK; i++)
		status = output_file_at(fd, export->files[i].name,
		    export->files[i].bytes, export->files[i].len,
		    &session->err);
	if (status == CARNET_OK && fsync(fd) != 0)
		status = carnet_fail_errno(&session->err, errno, "%s", folder);
	(void)close(fd);
	return status;
}

/* What left the vault stands in the ledger. */
static enum carnet_status
export_disclose(struct statement_export *export, const cJSON *row)
{
	struct session *session = export->session;
	cJSON *payload = cJSON_CreateObject();
	char formats[200] = "";
	size_t at = 0;

	for (size_t i = 0; i < export->formats_len && at < sizeof(formats); i++)
		at += (size_t)snprintf(formats + at, sizeof(formats) - at,
		    "%s%s", i == 0 ? "" : ",", export->formats[i]->name);
	json_add_text(payload, "what", "statement");
	json_add(payload, "ids", cJSON_Duplicate(export->ids, 1));
	json_copy(payload, row, "recipient");
	json_add_text(payload, "format", formats);
	if (carnet_queue(session->vault, "export.made", session->today, payload,
		NULL, &session->err) != CARNET_OK)
		return session->err.status;
	return carnet_commit(session->vault, &session->err);
}

static int
export_report(struct statement_export *export, const char *folder)
{
	struct session *session = export->session;
	cJSON *result = cJSON_CreateObject(), *files;

	json_add_text(result, "path", folder);
	files = cJSON_AddArrayToObject(result, "files");
	for (size_t i = 0; i < export->files_len; i++) {
		cJSON *row = cJSON_CreateObject();

		json_add_text(row, "path", export->files[i].name);
		json_add_text(row, "format", export->files[i].format);
		json_add_text(row, "sha256", export->files[i].sha256);
		(void)cJSON_AddItemToArray(files, row);
		if (!session->json)
			session_say(
			    session, "%s/%s", folder, export->files[i].name);
	}
	return session_result(session, result, EXIT_DONE);
}

static int
export_run(struct statement_export *export, const char *folder)
{
	struct session *session = export->session;
	const cJSON *row = NULL;
	enum carnet_status status = CARNET_OK;
	int code = EXIT_DONE;

	for (size_t i = 1; i < options_argc(session->options); i++) {
		row = statement_argument(session, export->desk, i, &code);
		if (row == NULL)
			return code;
		status = export_make(export, row);
		if (status != CARNET_OK)
			return session_fail(session, json_text(row, "id"));
	}
	if (session->dry_run) {
		for (size_t i = 0; i < export->files_len; i++)
			session_say(session, _("Would write: %s/%s"), folder,
			    export->files[i].name);
		return session_result(session, NULL, EXIT_DONE);
	}
	status = export_write(export, folder);
	if (status == CARNET_OK)
		status = export_disclose(export, row);
	return status == CARNET_OK ? export_report(export, folder)
				   : session_fail(session, NULL);
}

int
statement_export(struct session *session)
{
	const char *folder = option_text(session->options, "output");
	struct letter_desk desk = { 0 };
	struct statement_export *export;
	int code;

	if (folder == NULL)
		return session_usage(session, _("where to? -o DIR"));
	if (options_argc(session->options) < 2)
		return session_usage(session, _("which one? an id is missing"));
	if (session_guard(session, folder, true, false) != CARNET_OK ||
	    letter_desk_open(session, &desk) != CARNET_OK)
		return session_fail(session, NULL);
	export = calloc(1, sizeof(*export));
	if (export == NULL) {
		letter_desk_close(&desk);
		return EXIT_FAILED;
	}
	export->session = session;
	export->desk = &desk;
	export->ids = cJSON_CreateArray();
	code = export_choose(export)
		   ? export_run(export, folder)
		   : session_usage(session, _("--format: there is no such "
					      "form of a statement"));
	for (size_t i = 0; i < export->files_len; i++)
		free(export->files[i].bytes);
	cJSON_Delete(export->ids);
	free(export);
	letter_desk_close(&desk);
	return code;
}
