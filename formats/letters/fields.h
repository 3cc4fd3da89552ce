/* SPDX-License-Identifier: ISC */
/*
 * What a template may name: a closed list of fields, each with its value or
 * none.  Filled from a job by fields_collect; read by template.c.
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
	bool failed;
};

/* Every field of the list, for this job.  The caller frees with fields_free,
 * also after a failure. */
enum carnet_status fields_collect(
    const struct job *job, struct fields *ret_fields, struct carnet_error *err);
/* NULL: no field of that name. */
const struct field *fields_find(
    const struct fields *fields, const char *name, size_t len);
/* Replaces (or adds) a field; value may be NULL. */
void fields_set(struct fields *fields, const char *name, const char *value);
void fields_free(struct fields *fields);
#endif
