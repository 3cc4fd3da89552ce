/* SPDX-License-Identifier: ISC */
/*
 * The recovery sheet: what a person prints and keeps in a drawer.  A PDF is
 * set by carnet-press from plain text; it is written to one new file.
 */
#include "recovery_sheet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"

static char *
recovery_sheet_text(struct session *session, const cJSON *words)
{
	char *text = NULL, id[33];
	const cJSON *word;
	size_t len = 0;
	int number = 1;
	FILE *stream = open_memstream(&text, &len);

	if (stream == NULL)
		return NULL;
	carnet_vault_id(session->vault, id);
	(void)fprintf(stream, "%s\n\n", _("CARNET: RECOVERY SHEET"));
	(void)fprintf(stream, "%s %s\n", _("Vault:"), id);
	(void)fprintf(stream, "%s %s\n\n", _("Made on:"), session->today);
	(void)fprintf(stream, "%s\n\n",
	    _("These words open the vault, as its passphrase does. Whoever "
	      "has them and the vault, or a backup of it, can read "
	      "everything. Keep this sheet where nobody else looks, and not "
	      "beside the machine."));
	cJSON_ArrayForEach(word, words)(void)
	    fprintf(stream, "%2d.  %s\n", number++, word->valuestring);
	(void)fprintf(stream, "\n%s\n\n    carnet key recover\n\n",
	    _("If the passphrase is forgotten:"));
	(void)fprintf(stream,
	    "%s\n\n    carnet restore BACKUP --to DIR --recover\n",
	    _("If the machine is lost, from a backup:"));
	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* One page by carnet-press: the "text" job. */
static enum carnet_status
recovery_sheet_pdf(
    struct session *session, char *text, struct launcher_files *ret_files)
{
	cJSON *job = cJSON_CreateObject();
	struct launcher_file frame = { .tag = FRAME_JOB };
	struct launcher_files frames = { &frame, 1 };
	enum carnet_status status;

	json_add_text(job, "op", "text");
	json_add_text(job, "lang", session->lang);
	json_add_text(job, "date", session->today);
	json_add_text(job, "title", _("Recovery sheet"));
	json_add_text(job, "text", text);
	frame.bytes = (uint8_t *)cJSON_PrintUnformatted(job);
	cJSON_Delete(job);
	if (frame.bytes == NULL)
		return carnet_fail_errno(&session->err, ENOMEM, "carnet");
	frame.len = strlen((char *)frame.bytes);
	status = launcher_press(
	    session->launcher, &frames, ret_files, &session->err);
	memset(frame.bytes, 0, frame.len);
	free(frame.bytes);
	return status;
}

/* The sheet can be read by whoever sees its folder. */
static enum carnet_status
recovery_sheet_file(
    struct session *session, const char *path, const void *bytes, size_t len)
{
	const char *name = NULL;
	int fd = -1;
	enum carnet_status status =
	    session_guard_file(session, path, &fd, &name);

	if (status != CARNET_OK)
		return status;
	status = output_file_at(fd, name, bytes, len, &session->err);
	if (status == CARNET_OK && fsync(fd) != 0)
		status = carnet_fail_errno(&session->err, errno, "%s", path);
	(void)close(fd);
	return status;
}

enum carnet_status
recovery_sheet_write(
    struct session *session, const char *path, const cJSON *words)
{
	char *text = recovery_sheet_text(session, words);
	size_t len = strlen(path);
	struct launcher_files files = { 0 };
	enum carnet_status status = CARNET_OK;

	if (text == NULL)
		return carnet_fail_errno(&session->err, ENOMEM, "carnet");
	if (strcmp(path, "-") == 0) {
		if (!session->json)
			(void)fputs(text, stdout);
	} else if (len > 4 && strcmp(path + len - 4, ".pdf") == 0) {
		status = recovery_sheet_pdf(session, text, &files);
		for (size_t i = 0; i < files.len && status == CARNET_OK; i++)
			if (strcmp(files.files[i].tag, FRAME_PDF) == 0)
				status = recovery_sheet_file(session, path,
				    files.files[i].bytes, files.files[i].len);
		launcher_files_clear(&files);
	} else {
		status = recovery_sheet_file(session, path, text, strlen(text));
	}
	memset(text, 0, strlen(text));
	free(text);
	return status;
}
