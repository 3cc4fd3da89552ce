/* SPDX-License-Identifier: ISC */
/*
 * From a job to its files: reads, composes, has them written, answers.
 * Draws nothing itself; opens no file.
 * The contract is in press.h.
 */
#include "press.h"

#include "dossier_pdf.h"
#include "letter_pdf.h"
#include "recovery_pdf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PRESS_JOB_MAX ((size_t)8 << 20)
#define PRESS_FILES_MAX 4

struct press_file {
	const char *tag;
	uint8_t *bytes;
	size_t len;
};

struct press {
	const struct letters *letters;
	int in, out;
	const char *sandbox;
	cJSON *job;
	struct letter *letter;
	cJSON *meta;
	struct press_file files[PRESS_FILES_MAX];
	size_t files_len;
};

static enum carnet_status
press_no_memory(struct carnet_error *err)
{
	return carnet_fail_errno(err, ENOMEM, CARNET_("a letter"));
}

static bool
press_add_strings(cJSON *meta, const char *key, char **strings)
{
	cJSON *array = cJSON_AddArrayToObject(meta, key);

	for (size_t i = 0; strings != NULL && strings[i] != NULL; i++) {
		cJSON *string = cJSON_CreateString(strings[i]);

		if (string == NULL || !cJSON_AddItemToArray(array, string)) {
			cJSON_Delete(string);
			return false;
		}
	}
	return array != NULL;
}

/* One reference, in the letter's language. */
static bool
press_add_reference(const struct press *press, const cJSON *basis, cJSON *array)
{
	const cJSON *texts = carnet_json_get(basis, "text");
	const char *text = carnet_json_string(texts, press->letter->lang);
	cJSON *item = cJSON_CreateObject();

	if (text == NULL)
		text = carnet_json_string(texts, "en");
	if (cJSON_AddStringToObject(item, "text", text == NULL ? "" : text) !=
		NULL &&
	    cJSON_AddBoolToObject(item, "checked",
		carnet_json_bool(basis, "checked", false)) != NULL &&
	    cJSON_AddItemToArray(array, item))
		return true;
	cJSON_Delete(item);
	return false;
}

/* The bases that the template rests on; of a person's own words, those that
 * they cite. */
static bool
press_add_basis(const struct press *press, const cJSON *job, cJSON *meta)
{
	cJSON *array = cJSON_AddArrayToObject(meta, "basis");
	char **cited = press->letter->basis;
	const cJSON *statement, *basis;
	bool good = array != NULL;

	for (; good && cited != NULL && *cited != NULL; cited++)
		good = press_add_reference(
		    press, letters_basis(press->letters, *cited), array);
	if (press->letter->basis != NULL)
		return good;
	statement = letters_statement(
	    press->letters, carnet_json_string(job, "template"));
	cJSON_ArrayForEach(basis, carnet_json_get(statement, "basis"))
	{
		good = good && press_add_reference(press, basis, array);
	}
	return good;
}

static enum carnet_status
press_meta(struct press *press, const cJSON *job, struct carnet_error *err)
{
	const struct letter *letter = press->letter;
	cJSON *meta = cJSON_CreateObject();

	press->meta = meta;
	if (cJSON_AddStringToObject(meta, "subject", letter->subject) == NULL ||
	    cJSON_AddStringToObject(meta, "lang", letter->lang) == NULL ||
	    cJSON_AddStringToObject(meta, "channel", letter->channel) == NULL ||
	    cJSON_AddNumberToObject(
		meta, "max_chars", (double)letter->max_chars) == NULL ||
	    !press_add_strings(meta, "missing", letter->missing) ||
	    !press_add_strings(meta, "warnings", letter->warnings) ||
	    !press_add_basis(press, job, meta) ||
	    cJSON_AddStringToObject(meta, "body", letter->body) == NULL ||
	    (letter->key != NULL &&
		cJSON_AddStringToObject(meta, "key", letter->key) == NULL) ||
	    cJSON_AddStringToObject(meta, "sandbox", press->sandbox) == NULL)
		return press_no_memory(err);
	return CARNET_OK;
}

/* Makes one of the files that a letter's job asks for. */
static enum carnet_status
press_format(struct press *press, const char *format, struct carnet_error *err)
{
	struct press_file file = { 0 };
	const char *date = carnet_json_string(press->job, "date");
	enum carnet_status status;
	char *text = NULL;

	if (press->files_len == PRESS_FILES_MAX)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("press: a job asks for too many files"));
	if (strcmp(format, "text") == 0) {
		file.tag = FRAME_TEXT;
		status = write_letter_text(press->letter, &text, err);
	} else if (strcmp(format, "html") == 0) {
		file.tag = FRAME_HTML;
		status = write_letter_html(press->letter, &text, err);
	} else if (strcmp(format, "pdf") == 0) {
		file.tag = FRAME_PDF;
		status = write_letter_pdf(
		    press->letter, date, &file.bytes, &file.len, err);
	} else {
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("press: a job asks for an unknown kind of file"));
	}
	if (status != CARNET_OK)
		return status;
	if (text != NULL) {
		file.bytes = (uint8_t *)text;
		file.len = strlen(text);
	}
	press->files[press->files_len++] = file;
	return CARNET_OK;
}

static enum carnet_status
press_letter(struct press *press, struct carnet_error *err)
{
	const cJSON *formats = carnet_json_get(press->job, "formats"), *item;
	enum carnet_status status;

	status =
	    letters_compose(press->letters, press->job, &press->letter, err);
	if (status == CARNET_OK)
		status = press_meta(press, press->job, err);
	cJSON_ArrayForEach(item, formats)
	{
		if (status != CARNET_OK)
			break;
		status = press_format(
		    press, cJSON_IsString(item) ? item->valuestring : "", err);
	}
	return status;
}

/* The next frame is an exhibit's page. */
static enum carnet_status
press_next(
    void *context, struct dossier_page *ret_page, struct carnet_error *err)
{
	const struct press *press = context;
	char tag[FRAME_TAG_LEN + 1];
	struct dossier_page page = { 0 };
	enum carnet_status status;

	status =
	    frame_read(press->in, FRAME_MAX, tag, &page.bytes, &page.len, err);
	if (status == CARNET_NOT_FOUND)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("press: fewer pages than the job says"));
	if (status != CARNET_OK)
		return status;
	page.picture = strcmp(tag, FRAME_PNG) == 0;
	if (!page.picture && strcmp(tag, FRAME_TEXT) != 0) {
		free(page.bytes);
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("press: a page is neither picture nor text"));
	}
	*ret_page = page;
	return CARNET_OK;
}

/* After the last page there must be nothing: pages were miscounted, and an
 * exhibit would show another's. */
static enum carnet_status
press_no_more(const struct press *press, struct carnet_error *err)
{
	char tag[FRAME_TAG_LEN + 1];
	uint8_t *bytes = NULL;
	size_t len;
	enum carnet_status status;

	status = frame_read(press->in, FRAME_MAX, tag, &bytes, &len, err);
	free(bytes);
	if (status == CARNET_NOT_FOUND)
		return CARNET_OK;
	if (status != CARNET_OK)
		return status;
	return carnet_fail(err, CARNET_INVALID,
	    CARNET_("press: more pages than the job says"));
}

static enum carnet_status
press_dossier(struct press *press, struct carnet_error *err)
{
	const cJSON *letter = carnet_json_get(press->job, "letter");
	struct press_file *file = &press->files[0];
	unsigned pages = 0;
	bool spelt = false;
	enum carnet_status status;

	if (!cJSON_IsObject(letter))
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("press: a dossier without a letter"));
	status = letters_compose(press->letters, letter, &press->letter, err);
	if (status == CARNET_OK)
		status = press_meta(press, letter, err);
	if (status == CARNET_OK)
		status =
		    write_dossier_pdf(press->job, press->letter, press_next,
			press, &file->bytes, &file->len, &pages, &spelt, err);
	if (status != CARNET_OK)
		return status;
	file->tag = FRAME_PDF;
	press->files_len = 1;
	if (cJSON_AddNumberToObject(press->meta, "pages", pages) == NULL ||
	    cJSON_AddBoolToObject(press->meta, "spelt_out", spelt) == NULL)
		return press_no_memory(err);
	return press_no_more(press, err);
}

static enum carnet_status
press_recovery(struct press *press, struct carnet_error *err)
{
	struct press_file *file = &press->files[0];
	enum carnet_status status;

	press->meta = cJSON_CreateObject();
	if (cJSON_AddStringToObject(press->meta, "sandbox", press->sandbox) ==
	    NULL)
		return press_no_memory(err);
	status = write_recovery_pdf(press->job, &file->bytes, &file->len, err);
	if (status != CARNET_OK)
		return status;
	file->tag = FRAME_PDF;
	press->files_len = 1;
	return CARNET_OK;
}

static enum carnet_status
press_read_job(struct press *press, struct carnet_error *err)
{
	char tag[FRAME_TAG_LEN + 1];
	uint8_t *bytes = NULL;
	size_t len;
	enum carnet_status status;

	status = frame_read(press->in, PRESS_JOB_MAX, tag, &bytes, &len, err);
	if (status == CARNET_NOT_FOUND ||
	    (status == CARNET_OK && strcmp(tag, FRAME_JOB) != 0))
		status = carnet_fail(err, CARNET_INVALID,
		    CARNET_("press: the first frame is no job"));
	if (status == CARNET_OK)
		status = carnet_json_parse(
		    (const char *)bytes, len, &press->job, err);
	free(bytes);
	return status;
}

static enum carnet_status
press_json(
    int out, const char *tag, const cJSON *json, struct carnet_error *err)
{
	char *text = cJSON_PrintUnformatted(json);
	enum carnet_status status;

	if (text == NULL)
		return press_no_memory(err);
	status = frame_write(out, tag, text, strlen(text), err);
	free(text);
	return status;
}

/*
 * Several letters' META alone, in their order: what is missing in each draft,
 * without a process for each.  The frames go out as they are made.
 */
static enum carnet_status
press_letters(struct press *press, struct carnet_error *err)
{
	const cJSON *jobs = carnet_json_get(press->job, "jobs"), *job;
	enum carnet_status status = CARNET_OK;

	if (!cJSON_IsArray(jobs))
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("press: a job of an unknown kind"));
	cJSON_ArrayForEach(job, jobs)
	{
		letter_free(press->letter);
		press->letter = NULL;
		cJSON_Delete(press->meta);
		press->meta = NULL;
		status =
		    letters_compose(press->letters, job, &press->letter, err);
		if (status == CARNET_OK)
			status = press_meta(press, job, err);
		if (status == CARNET_OK)
			status = press_json(
			    press->out, FRAME_META, press->meta, err);
		if (status != CARNET_OK)
			break;
	}
	cJSON_Delete(press->meta);
	press->meta = NULL;
	return status;
}

static enum carnet_status
press_work(struct press *press, struct carnet_error *err)
{
	const char *op;
	enum carnet_status status;

	status = press_read_job(press, err);
	if (status != CARNET_OK)
		return status;
	op = carnet_json_string(press->job, "op");
	if (op != NULL && strcmp(op, "letter") == 0)
		return press_letter(press, err);
	if (op != NULL && strcmp(op, "letters") == 0)
		return press_letters(press, err);
	if (op != NULL && strcmp(op, "dossier") == 0)
		return press_dossier(press, err);
	if (op != NULL && strcmp(op, "recovery") == 0)
		return press_recovery(press, err);
	return carnet_fail(
	    err, CARNET_INVALID, CARNET_("press: a job of an unknown kind"));
}

static enum carnet_status
press_answer(const struct press *press, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	if (press->meta != NULL)
		status = press_json(press->out, FRAME_META, press->meta, err);
	for (size_t i = 0; i < press->files_len && status == CARNET_OK; i++)
		status = frame_write(press->out, press->files[i].tag,
		    press->files[i].bytes, press->files[i].len, err);
	if (status == CARNET_OK)
		status = frame_write(press->out, FRAME_END, "", 0, err);
	return status;
}

static void
press_fail(int out, const struct carnet_error *err)
{
	cJSON *fail = cJSON_CreateObject();

	if (cJSON_AddStringToObject(
		fail, "status", carnet_status_name(err->status)) != NULL &&
	    cJSON_AddStringToObject(fail, "message", err->message) != NULL &&
	    cJSON_AddStringToObject(fail, "hint", err->hint) != NULL)
		(void)press_json(out, FRAME_FAIL, fail, NULL);
	cJSON_Delete(fail);
}

enum carnet_status
press_serve(const struct letters *letters, int in, int out, const char *sandbox,
    struct carnet_error *err)
{
	struct press press = {
		.letters = letters, .in = in, .out = out, .sandbox = sandbox
	};
	enum carnet_status status = press_work(&press, err);

	if (status == CARNET_OK)
		status = press_answer(&press, err);
	else
		press_fail(out, err);
	for (size_t i = 0; i < PRESS_FILES_MAX; i++)
		free(press.files[i].bytes);
	letter_free(press.letter);
	cJSON_Delete(press.meta);
	cJSON_Delete(press.job);
	return status;
}
