/* SPDX-License-Identifier: ISC */
/*
 * The readers: one row a media type.  A new format is a source file with one
 * function and a row in reader_table.c.  Readers see bytes, never a file.
 */
#ifndef READER_TABLE_H
#define READER_TABLE_H
#include "carnet_types.h"
#include "text_out.h"

struct reader_input {
	const uint8_t *bytes;
	size_t len;
	bool cut; /* there was more than READER_INPUT_MAX */
};

struct reader_answer {
	struct text_out text;
	struct text_out title; /* empty: the first line will do */
};

/*
 * Puts the text and, if the format has one, the title.  CARNET_INVALID: not
 * of its kind after all ("malformed"); what was put until then counts.
 */
typedef enum carnet_status reader_function(const struct reader_input *input,
    struct reader_answer *answer, struct carnet_error *err);

struct reader_row {
	const char *type; /* as sniff_type gives it */
	const char *name; /* and version: a newer one makes reindex worth it */
	reader_function *read;
};

/* NULL: no reader for this kind. */
const struct reader_row *reader_find(const char *type);
/* The row for what pdftotext has printed. */
const struct reader_row *reader_of_pdftotext(void);

void reader_answer_init(struct reader_answer *answer);
void reader_answer_clear(struct reader_answer *answer);

reader_function text_read;
reader_function markdown_read;
reader_function html_read;

/* For Markdown, which may hold HTML: the text of a piece of it. */
void html_put_text(struct text_out *out, const char *html, size_t len);
#endif
