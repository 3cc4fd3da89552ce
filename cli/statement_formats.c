/* SPDX-License-Identifier: ISC */
/*
 * The table of forms of a statement.  Composes nothing: the letter's files are
 * carnet-press's, or frozen.  The contract is in statement_formats.h.
 */
#include "statement_formats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "statement_word.h"

static enum carnet_status
format_copy(const struct statement_source *source, const char *tag,
    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err)
{
	const struct launcher_file *file = letter_file(source->files, tag);
	uint8_t *copy;

	if (file == NULL)
		return carnet_fail(err, CARNET_UNSUPPORTED,
		    _("this statement has no such form"));
	copy = malloc(file->len + 1);
	if (copy == NULL)
		return carnet_fail_errno(err, ENOMEM, "carnet");
	memcpy(copy, file->bytes, file->len);
	*ret_bytes = copy;
	*ret_len = file->len;
	return CARNET_OK;
}

static enum carnet_status
format_text(const struct statement_source *source, uint8_t **ret_bytes,
    size_t *ret_len, struct carnet_error *err)
{
	return format_copy(source, FRAME_TEXT, ret_bytes, ret_len, err);
}

static enum carnet_status
format_html(const struct statement_source *source, uint8_t **ret_bytes,
    size_t *ret_len, struct carnet_error *err)
{
	return format_copy(source, FRAME_HTML, ret_bytes, ret_len, err);
}

static enum carnet_status
format_pdf(const struct statement_source *source, uint8_t **ret_bytes,
    size_t *ret_len, struct carnet_error *err)
{
	return format_copy(source, FRAME_PDF, ret_bytes, ret_len, err);
}

/* What was sent with no PDF goes without. */
static enum carnet_status
format_mail(const struct statement_source *source, uint8_t **ret_bytes,
    size_t *ret_len, struct carnet_error *err)
{
	const struct launcher_file *text =
	    letter_file(source->files, FRAME_TEXT);
	const struct launcher_file *pdf = letter_file(source->files, FRAME_PDF);
	cJSON *message;
	char file[200], *written = NULL;
	enum carnet_status status;

	if (text == NULL)
		return carnet_fail(err, CARNET_UNSUPPORTED,
		    _("this statement has no such form"));
	message = statement_message(
	    source->desk, source->row, source->meta, (const char *)text->bytes);
	(void)snprintf(file, sizeof(file), "%s.pdf", source->stem);
	json_add_text(message, "file", file);
	status = write_message(message, pdf == NULL ? NULL : pdf->bytes,
	    pdf == NULL ? 0 : pdf->len, &written, ret_len, err);
	cJSON_Delete(message);
	if (status == CARNET_OK)
		*ret_bytes = (uint8_t *)written;
	return status;
}

static enum carnet_status
format_machine(const struct statement_source *source, bool fhir,
    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err)
{
	cJSON *word = NULL;
	char *text = NULL;
	enum carnet_status status =
	    statement_word(source->desk, source->row, source->meta, &word, err);

	if (status != CARNET_OK)
		return status;
	status = fhir ? write_consent(word, source->fhir, &text, err)
		      : write_word_record(word, &text, err);
	cJSON_Delete(word);
	if (status != CARNET_OK)
		return status;
	*ret_bytes = (uint8_t *)text;
	*ret_len = strlen(text);
	return CARNET_OK;
}

static enum carnet_status
format_fhir(const struct statement_source *source, uint8_t **ret_bytes,
    size_t *ret_len, struct carnet_error *err)
{
	return format_machine(source, true, ret_bytes, ret_len, err);
}

static enum carnet_status
format_record(const struct statement_source *source, uint8_t **ret_bytes,
    size_t *ret_len, struct carnet_error *err)
{
	return format_machine(source, false, ret_bytes, ret_len, err);
}

const struct statement_format statement_formats[] = {
	{ "txt", "txt", true, LETTER_TEXT, format_text },
	{ "html", "html", true, LETTER_HTML, format_html },
	{ "pdf", "pdf", true, LETTER_PDF, format_pdf },
	{ "eml", "eml", false, LETTER_TEXT | LETTER_PDF, format_mail },
	{ "fhir", "fhir.json", false, 0, format_fhir },
	{ "record", "jsonld", false, 0, format_record },
	{ NULL, NULL, false, 0, NULL },
};

const struct statement_format *
statement_format_find(const char *name)
{
	for (size_t i = 0; statement_formats[i].name != NULL; i++)
		if (strcmp(statement_formats[i].name, name) == 0)
			return &statement_formats[i];
	return NULL;
}
