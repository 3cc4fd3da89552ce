/* SPDX-License-Identifier: ISC */
/*
 * Fills a parsed template.  Values come from fields.h and are escaped here;
 * this file knows none of their names.
 * The contract is in template.h.
 */
#include <stdio.h>
#include <string.h>

#include "letters.h"
#include "nodes.h"
#include "typography.h"
#include "value.h"

#define FILL_PARTS 3 /* parts within parts */

static enum carnet_status fill_nodes(const char *name,
    const struct nodes *nodes, size_t from, size_t to,
    const struct template_context *context, int parts, struct text *text,
    struct carnet_error *err);

static enum carnet_status
fill_field(const char *name, const struct node *node,
    const struct template_context *context, struct text *text,
    struct carnet_error *err)
{
	const struct field *field =
	    fields_find(context->fields, node->start, node->len);

	if (field == NULL)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("template %s: unknown field %.*s"), name,
		    (int)node->len, node->start);
	if (text == NULL)
		return CARNET_OK;
	if (context->used != NULL)
		lines_add_once(context->used, field->name);
	if (field->value == NULL && field->missing != NULL)
		lines_add_once(context->missing, field->missing);
	if (field->value == NULL && context->plain)
		text_add(text, VALUE_BLANK);
	else if (field->value == NULL)
		value_add_markdown(text, VALUE_BLANK);
	else if (context->plain || field->markdown)
		text_add(text, field->value);
	else
		value_add_markdown(text, field->value);
	return CARNET_OK;
}

static enum carnet_status
fill_part(const char *name, const struct node *node,
    const struct template_context *context, int parts, struct text *text,
    struct carnet_error *err)
{
	char file[TEMPLATE_NAME + 16];
	struct letter_template *part = NULL;
	const struct letters_file *source;
	enum carnet_status status;

	(void)snprintf(file, sizeof(file), "%s/_%.*s.md", context->lang,
	    (int)node->len, node->start);
	source = letters_file_find(file);
	if (source == NULL)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("template %s: no part %.*s"), name, (int)node->len,
		    node->start);
	if (parts == FILL_PARTS)
		return template_bad(
		    name, CARNET_("parts are nested too deep"), err);
	status = template_parse(file, source->text, source->len, &part, err);
	if (status != CARNET_OK)
		return status;
	status = fill_nodes(file, &part->body, 0, part->body.len, context,
	    parts + 1, text, err);
	template_free(part);
	return status;
}

/* A section: present when its field has a value.  What is left out is
 * walked too (text NULL), so that an unknown name is always an error. */
static enum carnet_status
fill_section(const char *name, const struct nodes *nodes, size_t i,
    const struct template_context *context, int parts, struct text *text,
    struct carnet_error *err)
{
	const struct node *node = &nodes->items[i];
	const struct field *field =
	    fields_find(context->fields, node->start, node->len);
	bool shown;

	if (field == NULL)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("template %s: unknown field %.*s"), name,
		    (int)node->len, node->start);
	if (text != NULL && context->used != NULL)
		lines_add_once(context->used, field->name);
	shown = (field->value != NULL) == (node->kind == NODE_IF);
	return fill_nodes(name, nodes, i + 1, node->end, context, parts,
	    shown ? text : NULL, err);
}

static enum carnet_status
fill_nodes(const char *name, const struct nodes *nodes, size_t from, size_t to,
    const struct template_context *context, int parts, struct text *text,
    struct carnet_error *err)
{
	for (size_t i = from; i < to; i++) {
		const struct node *node = &nodes->items[i];
		enum carnet_status status = CARNET_OK;

		switch (node->kind) {
		case NODE_TEXT:
			if (text != NULL)
				typography_add(text, context->lang, node->start,
				    node->len);
			break;
		case NODE_FIELD:
			status = fill_field(name, node, context, text, err);
			break;
		case NODE_PART:
			status =
			    fill_part(name, node, context, parts, text, err);
			break;
		case NODE_IF:
		case NODE_UNLESS:
			status = fill_section(
			    name, nodes, i, context, parts, text, err);
			i = node->end - 1;
			break;
		}
		if (status != CARNET_OK)
			return status;
	}
	return CARNET_OK;
}

enum carnet_status
template_fill(const struct letter_template *template,
    const struct template_context *context, struct text *text,
    struct carnet_error *err)
{
	return fill_nodes(template->name, &template->body, 0,
	    template->body.len, context, 0, text, err);
}

enum carnet_status
template_fill_key(const struct letter_template *template, const char *key,
    const struct template_context *context, struct text *text,
    struct carnet_error *err)
{
	for (size_t i = 0; i < template->keys_len; i++) {
		const struct nodes *value = &template->keys[i].value;

		if (strlen(key) == template->keys[i].key_len &&
		    strncmp(key, template->keys[i].key, strlen(key)) == 0)
			return fill_nodes(template->name, value, 0, value->len,
			    context, 0, text, err);
	}
	return carnet_fail(err, CARNET_INVALID,
	    CARNET_("template %s: no %s in the front matter"), template->name,
	    key);
}
