/* SPDX-License-Identifier: ISC */
/*
 * The forms that a statement leaves the vault in: one row each.
 */
#ifndef STATEMENT_FORMATS_H
#define STATEMENT_FORMATS_H
#include "letter.h"

/* What a form is made of. */
struct statement_source {
	const struct letter_desk *desk;
	const cJSON *row;  /* of carnet_statements */
	const cJSON *meta; /* of the letter */
	const struct launcher_files *files;
	const char *stem; /* of the files' names */
	int fhir;         /* the version of FHIR: 4, 5 */
};
/* Gives the file's bytes, which the caller frees.  CARNET_UNSUPPORTED: this
 * statement has no such form. */
typedef enum carnet_status statement_make(const struct statement_source *source,
    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err);

struct statement_format {
	const char *name; /* of --format */
	const char *extension;
	bool usual;     /* made when no --format is given */
	unsigned needs; /* of carnet-press: LETTER_TEXT… */
	statement_make *make;
};
extern const struct statement_format statement_formats[]; /* name NULL: end */
const struct statement_format *statement_format_find(const char *name);
#endif
