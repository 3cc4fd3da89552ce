/* SPDX-License-Identifier: ISC */
/*
 * The table of readers.  FHIR, CDA, HL7 v2, DICOM and pictures are told apart
 * by sniff.c and have no row yet: they are stored and stay unread.
 * The contract: reader_table.h.
 */
#include "reader_table.h"

#include <string.h>

#include "reader.h"

static const struct reader_row rows[] = {
	{ "text/plain", "text/1", text_read },
	{ "application/x-empty", "text/1", text_read },
	{ "text/markdown", "markdown/1", markdown_read },
	{ "text/html", "html/1", html_read },
};

static const struct reader_row pdftotext_row = { "application/pdf",
	"pdftotext/1", text_read };

const struct reader_row *
reader_find(const char *type)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].type, type) == 0)
			return &rows[i];
	}
	return NULL;
}

const struct reader_row *
reader_of_pdftotext(void)
{
	return &pdftotext_row;
}

void
reader_answer_init(struct reader_answer *answer)
{
	text_out_init(&answer->text, READER_TEXT_MAX);
	/* bytes; characters are counted when it is trimmed */
	text_out_init(&answer->title, READER_TITLE_MAX * 16);
}

void
reader_answer_clear(struct reader_answer *answer)
{
	text_out_clear(&answer->text);
	text_out_clear(&answer->title);
}
