/* SPDX-License-Identifier: ISC */
/*
 * Exhibits of a complaint: collected from what was frozen and from proofs,
 * turned into pages by the launcher's programs, written as they were.
 */
#include "dossier.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "reading.h"

#define DOSSIER_DPI 110
#define DOSSIER_EXHIBIT_PAGES 200 /* a longer one is a file of its own */
#define DOSSIER_TEXT_MAX ((size_t)1 << 20)

void
dossier_clear(struct dossier *dossier)
{
	for (size_t i = 0; i < dossier->len; i++) {
		free(dossier->exhibits[i].title);
		free(dossier->exhibits[i].bytes);
	}
	free(dossier->exhibits);
	launcher_files_clear(&dossier->frames);
	dossier->exhibits = NULL;
	dossier->len = 0;
}

static enum carnet_status
dossier_no_memory(struct dossier *dossier)
{
	return carnet_fail_errno(
	    &dossier->desk->session->err, ENOMEM, "carnet");
}

/* A frame with a copy of the bytes. */
static enum carnet_status
dossier_add_frame(
    struct dossier *dossier, const char *tag, const void *bytes, size_t len)
{
	struct launcher_files *frames = &dossier->frames;
	struct launcher_file *grown =
	    realloc(frames->files, (frames->len + 1) * sizeof(*grown));
	uint8_t *copy = malloc(len + 1);

	if (grown != NULL)
		frames->files = grown;
	if (grown == NULL || copy == NULL) {
		free(copy);
		return dossier_no_memory(dossier);
	}
	memcpy(copy, bytes, len);
	grown += frames->len++;
	(void)snprintf(grown->tag, sizeof(grown->tag), "%s", tag);
	grown->bytes = copy;
	grown->len = len;
	return CARNET_OK;
}

/* "piece-02-recepisse.pdf" */
static void
dossier_name(size_t number, const char *source, char name[200])
{
	char safe[128];

	output_safe_name(source, safe);
	(void)snprintf(name, 200, "%s-%02zu-%s", _("exhibit"), number, safe);
}

static struct dossier_exhibit *
dossier_new(struct dossier *dossier, const char *title, const char *source)
{
	struct dossier_exhibit *exhibit =
	    realloc(dossier->exhibits, (dossier->len + 1) * sizeof(*exhibit));

	if (exhibit == NULL)
		return NULL;
	dossier->exhibits = exhibit;
	exhibit += dossier->len;
	memset(exhibit, 0, sizeof(*exhibit));
	exhibit->title = strdup(title);
	if (exhibit->title == NULL)
		return NULL;
	dossier_name(++dossier->len, source, exhibit->name);
	return exhibit;
}

/* --- pages -----------------------------------------------------------------
 */

static enum carnet_status
dossier_feed_bytes(void *context, launcher_sink *sink, void *sink_context,
    struct carnet_error *err)
{
	const struct dossier_exhibit *exhibit = context;

	(void)err;
	(void)sink(sink_context, exhibit->bytes, exhibit->len);
	return CARNET_OK;
}

struct dossier_text {
	uint8_t *bytes;
	size_t len;
	bool too_long;
};

static bool
dossier_text_sink(void *context, const uint8_t *bytes, size_t len)
{
	struct dossier_text *text = context;

	if (len > DOSSIER_TEXT_MAX - text->len) {
		text->too_long = true;
		return false;
	}
	if (len > 0)
		memcpy(text->bytes + text->len, bytes, len);
	text->len += len;
	return true;
}

/* A text is one page to the press, which breaks it into sheets. */
static enum carnet_status
dossier_text_page(struct dossier *dossier, struct dossier_exhibit *exhibit,
    launcher_source *source, void *context)
{
	struct dossier_text text = { malloc(DOSSIER_TEXT_MAX), 0, false };
	enum carnet_status status;

	if (text.bytes == NULL)
		return dossier_no_memory(dossier);
	status = source(
	    context, dossier_text_sink, &text, &dossier->desk->session->err);
	if (text.too_long) { /* its own file alone */
		free(text.bytes);
		return CARNET_OK;
	}
	if (status == CARNET_OK)
		status = dossier_add_frame(
		    dossier, FRAME_TEXT, text.bytes, text.len);
	if (status == CARNET_OK)
		exhibit->pages = 1;
	free(text.bytes);
	return status;
}

/* What can't be shown as pages goes in as its own file: no failure. */
static enum carnet_status
dossier_pages(struct dossier *dossier, struct dossier_exhibit *exhibit,
    launcher_source *source, void *context, const char *media)
{
	struct session *session = dossier->desk->session;
	struct launcher_files pages = { 0 };
	enum carnet_status status;

	if (strcmp(media, "text/plain") == 0)
		return dossier_text_page(dossier, exhibit, source, context);
	status = launcher_pictures(session->launcher, source, context, media,
	    DOSSIER_DPI, &pages, &session->err);
	if (status == CARNET_DAMAGED || status == CARNET_NO_MEMORY)
		return status;
	if (status != CARNET_OK || pages.len > DOSSIER_EXHIBIT_PAGES) {
		launcher_files_clear(&pages);
		return CARNET_OK;
	}
	for (size_t i = 0; i < pages.len && status == CARNET_OK; i++)
		status = dossier_add_frame(dossier, FRAME_PNG,
		    pages.files[i].bytes, pages.files[i].len);
	exhibit->pages = pages.len;
	launcher_files_clear(&pages);
	return status;
}

/* --- the exhibits ------------------------------------------------------------
 */

/* A letter as it was sent: the frozen PDF, or one's own file. */
static enum carnet_status
dossier_add_letter(struct dossier *dossier, const cJSON *row)
{
	struct launcher_files files = { 0 };
	const struct launcher_file *file;
	struct dossier_exhibit *exhibit = NULL;
	cJSON *meta = NULL;
	const char *media = "application/pdf", *source;
	char plain[64];
	enum carnet_status status =
	    letter_files(dossier->desk, row, LETTER_ALL, &meta, &files);

	if (status != CARNET_OK)
		return status;
	file = letter_file(&files, FRAME_PDF);
	(void)snprintf(plain, sizeof(plain), "%s-%s.pdf", letter_date(row),
	    json_text(row, "id"));
	source = plain;
	if (file == NULL && letter_file(&files, FRAME_TEXT) != NULL) {
		file = letter_file(&files, FRAME_TEXT);
		media = "text/plain";
		memcpy(strrchr(plain, '.'), ".txt", 4);
	} else if (file == NULL) {
		file = letter_file(&files, LETTER_OWN);
		media = json_text(meta, "media");
		if (json_text(meta, "source")[0] != '\0')
			source = json_text(meta, "source");
	}
	if (file != NULL)
		exhibit = dossier_new(dossier,
		    json_text(meta, "subject")[0] != '\0'
			? json_text(meta, "subject")
			: source,
		    source);
	if (exhibit == NULL || (exhibit->bytes = malloc(file->len + 1)) == NULL)
		status = dossier_no_memory(dossier);
	if (status == CARNET_OK) {
		memcpy(exhibit->bytes, file->bytes, file->len);
		exhibit->len = file->len;
		letter_sha256(file->bytes, file->len, exhibit->sha256);
		status = dossier_pages(
		    dossier, exhibit, dossier_feed_bytes, exhibit, media);
	}
	cJSON_Delete(meta);
	launcher_files_clear(&files);
	return status;
}

/* What a proof is called: the step that it proves, and its file; a document
 * that was there before keeps its title. */
static void
dossier_title(const struct dossier *dossier, const cJSON *document,
    const char *step, char title[2400])
{
	const char *source = json_text(document, "source");
	const char *own = json_text(document, "title");
	const char *word = json_text(
	    carnet_json_get(
		letters_words(dossier->desk->session->letters, dossier->lang),
		"steps"),
	    step);

	if (own[0] == '\0' ||
	    (word[0] != '\0' &&
		strcmp(json_text(document, "type"), "proof") == 0))
		own = source;
	(void)snprintf(title, 2400, "%s%s%s", word,
	    word[0] == '\0' || own[0] == '\0' ? "" : ", ", own);
}

/* A stored proof of that step ("": of no step); one that is an exhibit
 * already isn't shown twice. */
static enum carnet_status
dossier_add_document(struct dossier *dossier, const char *id, const char *step)
{
	struct session *session = dossier->desk->session;
	struct reading_source source = { session, id };
	struct dossier_exhibit *exhibit;
	cJSON *document = NULL;
	char title[2400];
	enum carnet_status status;

	for (size_t i = 0; i < dossier->len; i++)
		if (strcmp(dossier->exhibits[i].document, id) == 0)
			return CARNET_OK;
	if (id[0] == '\0')
		return CARNET_OK;
	status = carnet_document(session->vault, id, &document, &session->err);
	if (status == CARNET_NOT_FOUND) { /* purged since */
		session_warn(session,
		    _("%s: this proof is no longer in the "
		      "vault"),
		    id);
		return CARNET_OK;
	}
	if (status != CARNET_OK)
		return status;
	dossier_title(dossier, document, step, title);
	exhibit = dossier_new(dossier, title, json_text(document, "source"));
	if (exhibit == NULL)
		status = dossier_no_memory(dossier);
	if (status == CARNET_OK) {
		(void)snprintf(
		    exhibit->document, sizeof(exhibit->document), "%s", id);
		status = carnet_document_sha256(
		    session->vault, id, exhibit->sha256, &session->err);
	}
	if (status == CARNET_OK)
		status = dossier_pages(dossier, exhibit, reading_feed, &source,
		    json_text(document, "media"));
	cJSON_Delete(document);
	return status;
}

static enum carnet_status
dossier_add_steps(struct dossier *dossier, const cJSON *row)
{
	const cJSON *step;
	enum carnet_status status = CARNET_OK;

	cJSON_ArrayForEach(step,
	    carnet_json_get(row, "steps")) if (status == CARNET_OK) status =
	    dossier_add_document(
		dossier, json_text(step, "proof"), json_text(step, "kind"));
	return status;
}

enum carnet_status
dossier_collect(struct dossier *dossier)
{
	const struct letter_desk *desk = dossier->desk;
	const char *reminder = json_text(
	    carnet_json_get(case_statement(desk, dossier->row), "next"),
	    "reminder");
	const cJSON *one, *as = NULL;
	bool ended;
	enum carnet_status status = dossier_add_letter(dossier, dossier->row);

	if (status == CARNET_OK)
		status = dossier_add_steps(dossier, dossier->row);
	cJSON_ArrayForEach(one, desk->statements)
	{
		if (status != CARNET_OK)
			return status;
		if (strcmp(json_text(one, "about"),
			json_text(dossier->row, "id")) != 0 ||
		    strcmp(json_text(one, "template"), reminder) != 0 ||
		    !carnet_json_bool(one, "frozen", false))
			continue;
		status = dossier_add_letter(dossier, one);
		if (status == CARNET_OK)
			status = dossier_add_steps(dossier, one);
	}
	letter_signer(desk, dossier->row, desk->session->today, &as, &ended);
	if (status == CARNET_OK)
		status =
		    dossier_add_document(dossier, json_text(as, "proof"), "");
	return status;
}

/* --- out ---------------------------------------------------------------------
 */

enum carnet_status
dossier_press(struct dossier *dossier, const cJSON *letter_job,
    const char *title, const cJSON *timeline, struct launcher_files *ret_files)
{
	struct session *session = dossier->desk->session;
	struct launcher_files *frames = &dossier->frames;
	struct launcher_file job_frame;
	cJSON *job = cJSON_CreateObject(), *exhibits;
	char *text;
	enum carnet_status status;

	json_add_text(job, "op", "dossier");
	json_add_text(job, "title", title);
	json_add_text(job, "lang", dossier->lang);
	json_add_text(job, "date", session->today);
	json_add(job, "letter", cJSON_Duplicate(letter_job, 1));
	json_add(job, "timeline", cJSON_Duplicate(timeline, 1));
	exhibits = cJSON_AddArrayToObject(job, "exhibits");
	for (size_t i = 0; i < dossier->len; i++) {
		cJSON *exhibit = cJSON_CreateObject();

		json_add_text(exhibit, "title", dossier->exhibits[i].title);
		json_add_text(exhibit, "sha256", dossier->exhibits[i].sha256);
		json_add_number(
		    exhibit, "pages", (double)dossier->exhibits[i].pages);
		(void)cJSON_AddItemToArray(exhibits, exhibit);
	}
	text = cJSON_PrintUnformatted(job);
	cJSON_Delete(job);
	if (text == NULL)
		return dossier_no_memory(dossier);
	status = dossier_add_frame(dossier, FRAME_JOB, text, strlen(text));
	cJSON_free(text);
	if (status != CARNET_OK)
		return status;
	/* the job goes first */
	job_frame = frames->files[frames->len - 1];
	memmove(frames->files + 1, frames->files,
	    (frames->len - 1) * sizeof(*frames->files));
	frames->files[0] = job_frame;
	return launcher_press(
	    session->launcher, frames, ret_files, &session->err);
}

static bool
dossier_write_sink(void *context, const uint8_t *bytes, size_t len)
{
	return output_more(context, bytes, len);
}

enum carnet_status
dossier_write(const struct dossier *dossier, int dir_fd)
{
	struct session *session = dossier->desk->session;
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < dossier->len && status == CARNET_OK; i++) {
		const struct dossier_exhibit *exhibit = &dossier->exhibits[i];
		struct output *output = NULL;

		if (exhibit->document[0] == '\0') {
			status = output_file_at(dir_fd, exhibit->name,
			    exhibit->bytes, exhibit->len, &session->err);
			continue;
		}
		status =
		    output_begin(dir_fd, exhibit->name, &output, &session->err);
		if (status != CARNET_OK)
			return status;
		status = carnet_document_read(session->vault, exhibit->document,
		    dossier_write_sink, output, &session->err);
		if (status == CARNET_OK || status == CARNET_INTERRUPTED)
			status = output_end(output, &session->err);
		else
			output_abandon(output);
	}
	return status;
}
