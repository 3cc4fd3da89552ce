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
#include "record.h"
#include "statement.h"
#include "statement_formats.h"
#include "statement_word.h"
#include "verbs.h"

#define EXPORT_FORMATS_MAX 16
#define EXPORT_FILES_MAX 96
#define EXPORT_STATEMENTS_MAX 32

/* One file to be written; bytes NULL: it is already. */
struct export_file {
	char name[200], sha256[65];
	const char *format;
	uint8_t *bytes;
	size_t len;
};
/* One statement: its files, and what the signed record says of it. */
struct export_part {
	char stem[180];
	size_t first, len;
	cJSON *about;
	const char *signer; /* a person's id */
};
struct statement_export {
	struct session *session;
	const struct letter_desk *desk;
	const struct statement_format *formats[EXPORT_FORMATS_MAX];
	size_t formats_len;
	struct export_file files[EXPORT_FILES_MAX];
	size_t files_len;
	struct export_part parts[EXPORT_STATEMENTS_MAX];
	size_t parts_len;
	cJSON *ids;
	cJSON *blanks, *warnings; /* of all of them */
	int fhir;                 /* the version of FHIR */
	int judged;               /* the folder that the guard judged */
	char *missing;
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

/* "2026-03-05-fr-caisse-s7k2m…": says nothing of the letter. */
static void
export_stem(const cJSON *row, char stem[180])
{
	char recipient[128], plain[128];

	(void)snprintf(plain, sizeof(plain), "%s", json_text(row, "recipient"));
	for (char *c = plain; *c != '\0'; c++)
		if (*c == '/')
			*c = '-';
	output_safe_name(plain, recipient);
	(void)snprintf(stem, 180, "%s-%.100s-%s", letter_date(row), recipient,
	    json_text(row, "id"));
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
export_own(struct statement_export *export, const char *stem, const cJSON *meta,
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
	(void)snprintf(name, sizeof(name), "%s.%.12s", stem, ending);
	return export_add(export, name, "original", copy, file->len);
}

/* What carnet-press is asked for. */
static unsigned
export_needs(const struct statement_export *export)
{
	unsigned needs = 0;

	for (size_t i = 0; i < export->formats_len; i++)
		needs |= export->formats[i]->needs;
	if (option_flag(export->session->options, "print-key"))
		needs |= LETTER_KEY;
	return needs;
}

static enum carnet_status
export_forms(struct statement_export *export,
    const struct statement_source *source, const char *stem)
{
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < export->formats_len && status == CARNET_OK;
	     i++) {
		const struct statement_format *format = export->formats[i];
		uint8_t *bytes = NULL;
		size_t len = 0;
		char name[200];

		status =
		    format->make(source, &bytes, &len, &export->session->err);
		if (status != CARNET_OK)
			break;
		(void)snprintf(
		    name, sizeof(name), "%s.%s", stem, format->extension);
		status = export_add(export, name, format->name, bytes, len);
	}
	return status;
}

static void
export_gather(cJSON *all, const cJSON *texts)
{
	const cJSON *text, *one;
	bool there;

	cJSON_ArrayForEach(text, texts)
	{
		there = false;
		cJSON_ArrayForEach(one, all) there =
		    there || strcmp(one->valuestring, text->valuestring) == 0;
		if (!there)
			(void)cJSON_AddItemToArray(
			    all, cJSON_CreateString(text->valuestring));
	}
}

/* All forms of one statement, in memory. */
static enum carnet_status
export_make(struct statement_export *export, const cJSON *row)
{
	struct session *session = export->session;
	struct export_part *part = &export->parts[export->parts_len];
	struct launcher_files files = { 0 };
	const struct launcher_file *own;
	cJSON *meta = NULL;
	enum carnet_status status;

	if (export->parts_len == EXPORT_STATEMENTS_MAX)
		return carnet_fail(
		    &session->err, CARNET_INVALID, _("too many files at once"));
	status = letter_files(
	    export->desk, row, export_needs(export), &meta, &files);
	if (status != CARNET_OK)
		return status;
	export->parts_len++;
	part->first = export->files_len;
	export_stem(row, part->stem);
	own = letter_file(&files, LETTER_OWN);
	if (own != NULL) {
		status = export_own(export, part->stem, meta, own);
	} else {
		const struct statement_source source = { export->desk, row,
			meta, &files, part->stem, export->fhir };

		status = export_forms(export, &source, part->stem);
	}
	part->len = export->files_len - part->first;
	part->about = statement_about(row, meta);
	statement_warn_key(session, row, meta);
	if (!carnet_json_bool(row, "frozen", false))
		statement_warn_cautions(session, meta);
	export_gather(export->blanks, carnet_json_get(meta, "missing"));
	export_gather(export->warnings, carnet_json_get(meta, "warnings"));
	part->signer = statement_signer(export->desk, row);
	if (status == CARNET_OK)
		(void)cJSON_AddItemToArray(
		    export->ids, cJSON_CreateString(json_text(row, "id")));
	cJSON_Delete(meta);
	launcher_files_clear(&files);
	return status;
}

/* --- out -------------------------------------------------------------------
 */

static enum carnet_status
export_is_free(struct statement_export *export, int fd, const char *name)
{
	struct carnet_error *err = &export->session->err;
	struct stat there;

	if (fstatat(fd, name, &there, AT_SYMLINK_NOFOLLOW) != 0)
		return CARNET_OK;
	(void)carnet_fail(err, CARNET_EXISTS, _("%s is there already"), name);
	carnet_hint(err, "%s", _("choose another folder, or move it away"));
	return CARNET_EXISTS;
}

/* All or nothing: looks for what is there before it writes. */
static enum carnet_status
export_look(struct statement_export *export, int fd)
{
	enum carnet_status status = CARNET_OK;
	char name[300];

	for (size_t i = 0; i < export->files_len && status == CARNET_OK; i++)
		status = export_is_free(export, fd, export->files[i].name);
	for (size_t i = 0; i < export->parts_len && status == CARNET_OK; i++) {
		(void)snprintf(name, sizeof(name), "%s%s",
		    export->parts[i].stem, RECORD_ENDING);
		status = export_is_free(export, fd, name);
		(void)snprintf(name, sizeof(name), "%s%s%s",
		    export->parts[i].stem, RECORD_ENDING, SIGNATURE_ENDING);
		if (status == CARNET_OK)
			status = export_is_free(export, fd, name);
	}
	return status;
}

/* The record that record_write made, for the result. */
static enum carnet_status
export_add_written(struct statement_export *export, int fd, const char *stem,
    const char *ending, const char *format)
{
	struct export_file *file = &export->files[export->files_len];
	enum carnet_status status;

	if (export->files_len == EXPORT_FILES_MAX)
		return carnet_fail(&export->session->err, CARNET_INVALID,
		    _("too many files at once"));
	(void)snprintf(file->name, sizeof(file->name), "%s%s", stem, ending);
	status = record_hash_file(
	    fd, file->name, file->sha256, NULL, &export->session->err);
	if (status != CARNET_OK)
		return status;
	file->format = format;
	export->files_len++;
	return CARNET_OK;
}

/* The statement's signed record: the hash of each of its files. */
static enum carnet_status
export_sign(
    struct statement_export *export, int fd, const struct export_part *part)
{
	cJSON *files = cJSON_CreateArray();
	enum carnet_status status;
	char key[CARNET_SIGNER_TEXT];

	for (size_t i = part->first; i < part->first + part->len; i++) {
		cJSON *row = cJSON_CreateObject();

		json_add_text(row, "path", export->files[i].name);
		json_add_text(row, "sha256", export->files[i].sha256);
		(void)cJSON_AddItemToArray(files, row);
	}
	status = record_write(export->session, fd, part->stem, "statement",
	    part->signer, part->about, files, key);
	cJSON_Delete(files);
	if (status == CARNET_OK)
		status = export_add_written(
		    export, fd, part->stem, RECORD_ENDING, "signed-record");
	if (status == CARNET_OK)
		status = export_add_written(export, fd, part->stem,
		    RECORD_ENDING SIGNATURE_ENDING, "signature");
	return status;
}

/* Into the folder that the guard judged, or a new one beneath it. */
static enum carnet_status
export_folder(struct statement_export *export, int *ret_fd)
{
	struct carnet_error *err = &export->session->err;
	int fd;

	if (export->missing[0] != '\0')
		return output_folder_at(
		    export->judged, export->missing, ret_fd, err);
	fd = openat(export->judged, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return carnet_fail_errno(err, errno, _("cannot open"));
	*ret_fd = fd;
	return CARNET_OK;
}

static enum carnet_status
export_write(struct statement_export *export, const char *folder)
{
	struct session *session = export->session;
	size_t letters = export->files_len;
	int fd = -1;
	enum carnet_status status = export_folder(export, &fd);

	if (status != CARNET_OK)
		return status;
	status = export_look(export, fd);
	for (size_t i = 0; i < letters && status == CARNET_OK; i++)
		status = output_file_at(fd, export->files[i].name,
		    export->files[i].bytes, export->files[i].len,
		    &session->err);
	for (size_t i = 0; i < export->parts_len && status == CARNET_OK; i++)
		status = export_sign(export, fd, &export->parts[i]);
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
	json_add(result, "missing", cJSON_Duplicate(export->blanks, 1));
	json_add(result, "warnings", cJSON_Duplicate(export->warnings, 1));
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
		for (size_t i = 0; i < export->parts_len; i++)
			session_say(session, _("Would write: %s/%s%s"), folder,
			    export->parts[i].stem, RECORD_ENDING);
		return session_end(session, EXIT_DONE);
	}
	status = export_write(export, folder);
	if (status == CARNET_OK)
		status = export_disclose(export, row);
	return status == CARNET_OK ? export_report(export, folder)
				   : session_fail(session, NULL);
}

/* --via: drafts as they would be sent by that channel, a registered letter
 * with its addresses instead of a message.  What was sent stays as it was. */
static void
export_by(const struct letter_desk *desk, const char *channel)
{
	cJSON *row;

	cJSON_ArrayForEach(row, desk->statements)
	{
		if (carnet_json_bool(row, "frozen", false))
			continue;
		cJSON_DeleteItemFromObjectCaseSensitive(row, "channel");
		json_add_text(row, "channel", channel);
	}
}

/* --fhir-version 4 or 5. */
static bool
export_fhir_version(struct statement_export *export)
{
	const char *version =
	    option_text(export->session->options, "fhir-version");

	export->fhir = 4;
	if (version == NULL || strcmp(version, "4") == 0)
		return true;
	export->fhir = 5;
	return strcmp(version, "5") == 0;
}

static void
export_clear(struct statement_export *export)
{
	for (size_t i = 0; i < export->files_len; i++)
		free(export->files[i].bytes);
	for (size_t i = 0; i < export->parts_len; i++)
		cJSON_Delete(export->parts[i].about);
	cJSON_Delete(export->ids);
	cJSON_Delete(export->blanks);
	cJSON_Delete(export->warnings);
	free(export->missing);
	if (export->judged >= 0)
		(void)close(export->judged);
	free(export);
}

int
statement_export(struct session *session)
{
	const char *folder = option_text(session->options, "output");
	const char *via = option_text(session->options, "via");
	struct letter_desk desk = { 0 };
	struct statement_export *export;
	int code;

	if (folder == NULL)
		return session_usage(session, _("where to? -o DIR"));
	if (options_argc(session->options) < 2)
		return session_usage(session, _("which one? an id is missing"));
	if (via != NULL && statement_via(session, via) == NULL)
		return session_usage(session, _("--via: no such channel"));
	export = calloc(1, sizeof(*export));
	if (export == NULL)
		return EXIT_FAILED;
	export->session = session;
	export->desk = &desk;
	export->judged = -1;
	export->ids = cJSON_CreateArray();
	export->blanks = cJSON_CreateArray();
	export->warnings = cJSON_CreateArray();
	if (!export_choose(export))
		code = session_usage(session,
		    _("--format: there is no such form of a statement"));
	else if (!export_fhir_version(export))
		code = session_usage(session, _("--fhir-version: 4 or 5"));
	else if (session_guard_open(session, folder, true, false,
		     &export->judged, &export->missing) != CARNET_OK ||
		 letter_desk_open(session, &desk) != CARNET_OK)
		code = session_fail(session, NULL);
	else {
		if (via != NULL)
			export_by(&desk, via);
		code = export_run(export, folder);
	}
	export_clear(export);
	letter_desk_close(&desk);
	return code;
}
