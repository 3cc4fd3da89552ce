/* SPDX-License-Identifier: ISC */
/*
 * The list of fields, and the ways to add to it.  Knows none of their names:
 * collect.c and correspondence.c do.
 * The contract is in fields.h.
 */
#include "fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "typography.h"
#include "value.h"
#include "words.h"

#define FIELDS_YES "yes"

const struct field *
fields_find(const struct fields *fields, const char *name, size_t len)
{
	for (size_t i = 0; i < fields->len; i++) {
		if (strlen(fields->items[i].name) == len &&
		    strncmp(fields->items[i].name, name, len) == 0)
			return &fields->items[i];
	}
	return NULL;
}

/* Takes value (which may be NULL). */
static void
fields_add(struct fields *fields, const char *name, char *value,
    const char *missing, bool markdown)
{
	struct field field = { .name = strdup(name),
		.value = value,
		.missing = missing == NULL ? NULL : strdup(missing),
		.markdown = markdown };
	struct field *items;

	items = realloc(fields->items, (fields->len + 1) * sizeof(*items));
	if (items != NULL)
		fields->items = items;
	if (items == NULL || field.name == NULL ||
	    (missing != NULL && field.missing == NULL)) {
		free(field.name);
		free(field.value);
		free(field.missing);
		fields->failed = true;
		return;
	}
	items[fields->len++] = field;
}

void
fields_set(struct fields *fields, const char *name, const char *value)
{
	char *copy = value == NULL ? NULL : strdup(value);

	if (value != NULL && copy == NULL)
		fields->failed = true;
	for (size_t i = 0; i < fields->len; i++) {
		if (strcmp(fields->items[i].name, name) == 0) {
			free(fields->items[i].value);
			fields->items[i].value = copy;
			return;
		}
	}
	fields_add(fields, name, copy, NULL, false);
}

void
fields_free(struct fields *fields)
{
	for (size_t i = 0; i < fields->len; i++) {
		free(fields->items[i].name);
		free(fields->items[i].value);
		free(fields->items[i].missing);
	}
	free(fields->items);
	*fields = (struct fields){ 0 };
}

void
fields_flag(struct fields *fields, const char *name, bool on)
{
	fields_set(fields, name, on ? FIELDS_YES : NULL);
}

void
fields_add_text(struct fields *fields, const char *name, struct text *text,
    const char *missing, bool markdown)
{
	char *value = text_take(text);

	if (value == NULL)
		fields->failed = true;
	else if (value[0] == '\0') {
		free(value);
		value = NULL;
	}
	fields_add(fields, name, value, missing, markdown);
}

void
fields_add_words(struct fields *fields, const struct job *job, const char *name,
    const char *words, const char *missing)
{
	struct text text = { 0 };

	if (words != NULL)
		typography_add(&text, job->lang, words, strlen(words));
	fields_add_text(fields, name, &text, missing, true);
}

enum carnet_status
fields_add_typed(struct fields *fields, const struct job *job, const char *name,
    const char *raw, enum fields_how how, const char *missing,
    struct carnet_error *err)
{
	struct text text = { 0 };
	char *value = NULL;
	enum carnet_status status =
	    value_clean(raw, how == FIELDS_LINES, &value, err);

	if (status != CARNET_OK)
		return status;
	if (value != NULL && how == FIELDS_DATE)
		words_add_iso(job->words, value, &text);
	else if (value != NULL)
		text_add(&text, value);
	free(value);
	fields_add_text(fields, name, &text, missing, false);
	return CARNET_OK;
}

enum carnet_status
fields_add_rows(struct fields *fields, const struct job *job,
    const cJSON *object, const char *prefix, const char *as,
    const struct fields_row *rows, size_t len, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < len && status == CARNET_OK; i++) {
		char name[64], missing[64];

		(void)snprintf(
		    name, sizeof(name), "%s.%s", prefix, rows[i].key);
		(void)snprintf(
		    missing, sizeof(missing), "%s.%s", as, rows[i].key);
		status = fields_add_typed(fields, job, name,
		    carnet_json_string(object, rows[i].key), rows[i].how,
		    rows[i].needed ? missing : NULL, err);
	}
	return status;
}
