/* SPDX-License-Identifier: ISC */
/*
 * The table of forms of a statement.  Composes nothing: the letter's files are
 * carnet-press's, or frozen.  The contract is in statement_formats.h.
 */
#include "statement_formats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

const struct statement_format statement_formats[] = {
	{ "txt", "txt", true, format_text },
	{ "html", "html", true, format_html },
	{ "pdf", "pdf", true, format_pdf },
	{ NULL, NULL, false, NULL },
};

const struct statement_format *
statement_format_find(const char *name)
{
	for (size_t i = 0; statement_formats[i].name != NULL; i++)
		if (strcmp(statement_formats[i].name, name) == 0)
			return &statement_formats[i];
	return NULL;
}
