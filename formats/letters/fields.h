/* SPDX-License-Identifier: ISC */
/*
 * What a template may name: a closed list of fields, each with its value or
 * none.  Filled from a job by collect.c; read by fill.c.
 * The list is described in README.md.
 */
#ifndef LETTERS_FIELDS_H
#define LETTERS_FIELDS_H
#include "carnet_types.h"
#include "job.h"
#include "text.h"

struct field {
	char *name;    /* "person.name" */
	char *value;   /* NULL: not known */
	char *missing; /* what a blank is called; NULL: it isn't reported */
	bool markdown; /* our own words: set as they are */
};
struct fields {
	struct field *items;
	size_t len;
	bool failed; /* an allocation failed */
};

/* NULL: no field of that name. */
const struct field *fields_find(
    const struct fields *fields, const char *name, size_t len);
/* Replaces (or adds) a field; value may be NULL. */
void fields_set(struct fields *fields, const char *name, const char *value);
void fields_flag(struct fields *fields, const char *name, bool on);
void fields_free(struct fields *fields);

/* Adds what `text` holds and empties it; an empty text is no value. */
void fields_add_text(struct fields *fields, const char *name, struct text *text,
    const char *missing, bool markdown);
/* Our own words (or NULL), with the typography of the letter's language. */
void fields_add_words(struct fields *fields, const struct job *job,
    const char *name, const char *words, const char *missing);

/* What a person typed. */
enum fields_how { FIELDS_LINE, FIELDS_LINES, FIELDS_DATE };
enum carnet_status fields_add_typed(struct fields *fields,
    const struct job *job, const char *name, const char *raw,
    enum fields_how how, const char *missing, struct carnet_error *err);
struct fields_row {
	const char *key;
	enum fields_how how;
	bool needed; /* a blank is reported */
};
/* Adds prefix.key for each row, from object; a blank is called as.key. */
enum carnet_status fields_add_rows(struct fields *fields, const struct job *job,
    const cJSON *object, const char *prefix, const char *as,
    const struct fields_row *rows, size_t len, struct carnet_error *err);
#define FIELDS_ROWS(rows) (rows), sizeof(rows) / sizeof((rows)[0])
#endif
