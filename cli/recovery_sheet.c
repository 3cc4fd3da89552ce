/* SPDX-License-Identifier: ISC */
/*
 * The recovery sheet: what a person prints and keeps in a drawer.  Its texts
 * are here, once; a PDF is set by carnet-press, plain text by this file.
 * Knows no key: the words are given to it.
 */
#include "recovery_sheet.h"

#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"

#define SHEET_TEXT_MAX 16384 /* a page has a tenth of it */

static void
recovery_sheet_add_step(cJSON *steps, const char *text, const char *command)
{
	cJSON *step = cJSON_CreateObject();

	json_add_text(step, "text", text);
	json_add_text(step, "command", command);
	(void)cJSON_AddItemToArray(steps, step);
}

/* What every sheet begins with, as carnet-press takes it (formats.h). */
static cJSON *
recovery_sheet_begin(struct session *session, const char *title)
{
	cJSON *job = cJSON_CreateObject(), *facts = cJSON_CreateArray();
	char id[33], day[40], line[128];

	carnet_vault_id(session->vault, id);
	print_date(session, session->today, day);
	json_add_text(job, "op", "recovery");
	json_add_text(job, "lang", session->lang);
	json_add_text(job, "date", session->today);
	json_add_text(job, "title", title);
	(void)snprintf(line, sizeof(line), _("Vault: %s"), id);
	(void)cJSON_AddItemToArray(facts, cJSON_CreateString(line));
	(void)snprintf(line, sizeof(line), _("Made on: %s"), day);
	(void)cJSON_AddItemToArray(facts, cJSON_CreateString(line));
	json_add(job, "facts", facts);
	return job;
}

/* All that the recovery sheet says. */
static cJSON *
recovery_sheet_job(struct session *session, const cJSON *words)
{
	cJSON *job = recovery_sheet_begin(session, _("carnet: recovery sheet"));
	cJSON *steps = cJSON_CreateArray();

	json_add_text(job, "lead",
	    _("These words open the vault, as its passphrase does. Whoever "
	      "has them and the vault, or a backup of it, can read "
	      "everything. Keep this sheet where nobody else looks, and not "
	      "beside the machine."));
	(void)cJSON_AddItemToObject(job, "words", cJSON_Duplicate(words, true));
	recovery_sheet_add_step(steps,
	    _("If the passphrase is forgotten, type this, then the words, in "
	      "order. Accents and capitals don't matter."),
	    "carnet key recover");
	recovery_sheet_add_step(steps,
	    _("If the machine is lost, from a backup:"),
	    _("carnet restore BACKUP --to DIR --recover"));
	json_add(job, "steps", steps);
	json_add_text(job, "note",
	    _("The square code holds the same words, without accents. A "
	      "telephone that keeps "
	      "its pictures online would hand them on."));
	return job;
}

/* Whether the job holds every word (a sheet without them is none): memory may
 * have run out. */
static enum carnet_status
recovery_sheet_check(
    struct session *session, const cJSON *job, const cJSON *words)
{
	int len = cJSON_GetArraySize(words);

	if (len > 0 &&
	    cJSON_GetArraySize(carnet_json_get(job, "words")) == len &&
	    cJSON_GetArraySize(carnet_json_get(job, "steps")) == 2)
		return CARNET_OK;
	return carnet_fail_errno(&session->err, ENOMEM, "carnet");
}

/* A text in locked memory that never moves; `full`: it didn't fit. */
struct sheet_text {
	struct secret *secret;
	size_t len;
	bool full;
};

CARNET_PRINTF(2, 3)
static void
sheet_text_add(struct sheet_text *text, const char *format, ...)
{
	size_t room = secret_len(text->secret) - text->len;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(
	    (char *)secret_bytes(text->secret) + text->len, room, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= room)
		text->full = true;
	else
		text->len += (size_t)n;
}

/* What a sheet says as plain text; NULL: no memory. */
static struct secret *
recovery_sheet_text(const cJSON *job)
{
	struct sheet_text text = { .secret = secret_new(SHEET_TEXT_MAX) };
	const cJSON *item;
	int number = 1;

	if (text.secret == NULL)
		return NULL;
	sheet_text_add(&text, "%s\n\n", json_text(job, "title"));
	cJSON_ArrayForEach(item, carnet_json_get(job, "facts"))
	    sheet_text_add(&text, "%s\n", item->valuestring);
	sheet_text_add(&text, "\n%s\n\n", json_text(job, "lead"));
	cJSON_ArrayForEach(item, carnet_json_get(job, "words"))
	    sheet_text_add(&text, "%2d.  %s\n", number++, item->valuestring);
	cJSON_ArrayForEach(item, carnet_json_get(job, "steps"))
	    sheet_text_add(&text, "\n%s\n\n    %s\n", json_text(item, "text"),
		json_text(item, "command"));
	if (text.full) {
		secret_free(text.secret);
		return NULL;
	}
	secret_shorten(text.secret, text.len);
	return text.secret;
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

/* Has carnet-press make the PDF and writes it to its new file: a path, or a
 * name in an opened folder. */
static enum carnet_status
recovery_sheet_pdf(
    struct session *session, const cJSON *job, int dir_fd, const char *path)
{
	struct launcher_file frame = { .tag = FRAME_JOB };
	struct launcher_files frames = { &frame, 1 }, files = { 0 };
	enum carnet_status status;

	frame.bytes = (uint8_t *)cJSON_PrintUnformatted(job);
	if (frame.bytes == NULL)
		return carnet_fail_errno(&session->err, ENOMEM, "carnet");
	frame.len = strlen((char *)frame.bytes);
	status =
	    launcher_press(session->launcher, &frames, &files, &session->err);
	for (size_t i = 0; i < files.len; i++) {
		struct launcher_file *file = &files.files[i];

		if (status == CARNET_OK && strcmp(file->tag, FRAME_PDF) == 0)
			status = dir_fd < 0
				     ? recovery_sheet_file(session, path,
					   file->bytes, file->len)
				     : output_file_at(dir_fd, path, file->bytes,
					   file->len, &session->err);
		sodium_memzero(file->bytes, file->len);
	}
	launcher_files_clear(&files);
	sodium_memzero(frame.bytes, frame.len);
	cJSON_free(frame.bytes);
	return status;
}

enum carnet_status
recovery_sheet_write(
    struct session *session, const char *path, const cJSON *words)
{
	cJSON *job = recovery_sheet_job(session, words);
	struct secret *text = recovery_sheet_text(job);
	size_t len = strlen(path);
	enum carnet_status status = recovery_sheet_check(session, job, words);

	if (status == CARNET_OK && text == NULL)
		status = carnet_fail_errno(&session->err, ENOMEM, "carnet");
	if (status != CARNET_OK || text == NULL)
		goto done;
	if (strcmp(path, "-") == 0 && !session->json)
		(void)fwrite(secret_peek(text), secret_len(text), 1, stdout);
	else if (len > 4 && strcmp(path + len - 4, ".pdf") == 0)
		status = recovery_sheet_pdf(session, job, -1, path);
	else if (strcmp(path, "-") != 0)
		status = recovery_sheet_file(
		    session, path, secret_peek(text), secret_len(text));
done:
	secret_free(text);
	cJSON_Delete(job);
	return status;
}

enum carnet_status
recovery_sheet_share(struct session *session, int dir_fd, const char *text,
    const cJSON *groups, unsigned number, unsigned need, unsigned count)
{
	cJSON *steps = cJSON_CreateArray(), *job;
	char line[256], name[32];
	enum carnet_status status;

	(void)snprintf(
	    line, sizeof(line), _("carnet: share %u of %u"), number, count);
	job = recovery_sheet_begin(session, line);
	(void)snprintf(line, sizeof(line),
	    _("Any %u of the %u shares open this vault; fewer say nothing of "
	      "it. Keep yours where nobody else looks."),
	    need, count);
	json_add_text(job, "lead", line);
	(void)cJSON_AddItemToObject(
	    job, "words", cJSON_Duplicate(groups, true));
	recovery_sheet_add_step(steps,
	    _("To open the vault, type this, then the shares, one after the "
	      "other, each as one line:"),
	    "carnet key recover");
	recovery_sheet_add_step(steps, _("This share as a line:"), text);
	json_add(job, "steps", steps);
	(void)snprintf(name, sizeof(name), "share-%u.pdf", number);
	status = recovery_sheet_check(session, job, groups);
	if (status == CARNET_OK)
		status = recovery_sheet_pdf(session, job, dir_fd, name);
	cJSON_Delete(job);
	return status;
}
