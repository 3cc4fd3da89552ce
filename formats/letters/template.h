/* SPDX-License-Identifier: ISC */
/*
 * Templates: CommonMark with {{fields}}, {{#sections}}, {{^else}} and
 * {{>parts}}; no loops, no code, nothing unknown.  The syntax is described
 * in README.md.
 */
#ifndef LETTERS_TEMPLATE_H
#define LETTERS_TEMPLATE_H
#include "carnet_types.h"
#include "fields.h"
#include "text.h"

struct letter_template;

/*
 * Parses a template with its front matter (or without, for a part).  name is
 * for error messages.  The text must outlive the template.
 * CARNET_INVALID: a tag is open, unknown or nested too deep.
 */
enum carnet_status template_parse(const char *name, const char *source,
    size_t len, struct letter_template **ret_template,
    struct carnet_error *err);
void template_free(struct letter_template *template);

/* What a template is filled from, and what the filling finds out. */
struct template_context {
	const struct fields *fields;
	const struct letters *letters; /* for the parts */
	const char *lang;
	bool plain;            /* no escapes: for lines, not for the body */
	struct lines *missing; /* the blanks that were printed */
	struct lines *used;    /* the fields that were asked for, or NULL */
};

/* Adds the filled body, or the front matter's value of that key.
 * CARNET_INVALID: an unknown field, part or key. */
enum carnet_status template_fill(const struct letter_template *template,
    const struct template_context *context, struct text *text,
    struct carnet_error *err);
enum carnet_status template_fill_key(const struct letter_template *template,
    const char *key, const struct template_context *context, struct text *text,
    struct carnet_error *err);
#endif
