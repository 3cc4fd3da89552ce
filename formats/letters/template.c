/* SPDX-License-Identifier: ISC */
/*
 * Parses a template into nodes, then fills them.  Values come from fields.c
 * and are escaped here; this file knows none of their names.
 * The contract is in template.h.
 */
#include "template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "letters.h"
#include "typography.h"
#include "value.h"

#define TEMPLATE_DEPTH 8
#define TEMPLATE_PARTS 3
#define TEMPLATE_KEYS 4
#define TEMPLATE_NAME 64

enum node_kind { NODE_TEXT, NODE_FIELD, NODE_IF, NODE_UNLESS, NODE_PART };

struct node {
	enum node_kind kind;
	const char *start; /* the text, or the name */
	size_t len;
	size_t end; /* NODE_IF, NODE_UNLESS: the first node behind it */
};

struct nodes {
	struct node *items;
	size_t len, cap;
};

struct template
{
	char *name;
	struct {
		const char *key;
		size_t key_len;
		struct nodes value;
	} keys[TEMPLATE_KEYS];
	size_t keys_len;
	struct nodes body;
};

static enum carnet_status
template_bad(const char *name, const char *what, struct carnet_error *err)
{
	return carnet_fail(
	    err, CARNET_INVALID, CARNET_("template %s: %s"), name, what);
}

static bool
nodes_add(
    struct nodes *nodes, enum node_kind kind, const char *start, size_t len)
{
	if (kind == NODE_TEXT && len == 0)
		return true;
	if (nodes->len == nodes->cap) {
		size_t cap = nodes->cap == 0 ? 16 : nodes->cap * 2;
		struct node *items =
		    realloc(nodes->items, cap * sizeof(*items));

		if (items == NULL)
			return false;
		nodes->items = items;
		nodes->cap = cap;
	}
	nodes->items[nodes->len++] =
	    (struct node){ .kind = kind, .start = start, .len = len };
	return true;
}

static bool
template_is_name(const char *name, size_t len)
{
	if (len == 0 || len >= TEMPLATE_NAME)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!((name[i] >= 'a' && name[i] <= 'z') ||
			(name[i] >= '0' && name[i] <= '9') ||
			strchr("._-", name[i]) != NULL))
			return false;
	}
	return true;
}

/* One {{tag}}: its sign ('\0' for a field), its name, and its extent. */
struct tag {
	char sign;
	const char *start, *end; /* of the whole tag */
	const char *name;
	size_t name_len;
};

static bool
template_read_tag(const char *open, const char *limit, struct tag *ret_tag)
{
	struct tag tag = { .start = open, .name = open + 2 };
	const char *close = tag.name;

	while (close < limit && *close != '}' && *close != '\n')
		close++;
	if (limit - close < 2 || close[0] != '}' || close[1] != '}')
		return false;
	if (close > tag.name && strchr("#^/>", *tag.name) != NULL)
		tag.sign = *tag.name++;
	tag.name_len = (size_t)(close - tag.name);
	tag.end = close + 2;
	if (!template_is_name(tag.name, tag.name_len))
		return false;
	*ret_tag = tag;
	return true;
}

/* A section's or part's tag alone on its line takes the line with it. */
static void
template_widen(const char *from, const char *limit, struct tag *tag)
{
	bool first = tag->start == from || tag->start[-1] == '\n';

	if (tag->sign != '\0' && first && tag->end < limit && *tag->end == '\n')
		tag->end++;
}

struct template_parser {
	const char *name;
	struct nodes *nodes;
	size_t open[TEMPLATE_DEPTH]; /* the sections not yet closed */
	size_t depth;
};

static enum carnet_status
template_take_tag(struct template_parser *parser, const struct tag *tag,
    struct carnet_error *err)
{
	struct nodes *nodes = parser->nodes;
	enum node_kind kind = NODE_FIELD;
	struct node *section;

	if (tag->sign == '/') {
		if (parser->depth == 0)
			return template_bad(parser->name,
			    CARNET_("a section is closed that isn't open"),
			    err);
		section = &nodes->items[parser->open[--parser->depth]];
		if (section->len != tag->name_len ||
		    strncmp(section->start, tag->name, tag->name_len) != 0)
			return template_bad(
			    parser->name, CARNET_("sections overlap"), err);
		section->end = nodes->len;
		return CARNET_OK;
	}
	if (tag->sign == '#')
		kind = NODE_IF;
	else if (tag->sign == '^')
		kind = NODE_UNLESS;
	else if (tag->sign == '>')
		kind = NODE_PART;
	if (kind == NODE_IF || kind == NODE_UNLESS) {
		if (parser->depth == TEMPLATE_DEPTH)
			return template_bad(parser->name,
			    CARNET_("sections are nested too deep"), err);
		parser->open[parser->depth++] = nodes->len;
	}
	if (!nodes_add(nodes, kind, tag->name, tag->name_len))
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("letter: not enough memory"));
	return CARNET_OK;
}

static enum carnet_status
template_parse_nodes(const char *name, const char *from, const char *limit,
    struct nodes *nodes, struct carnet_error *err)
{
	struct template_parser parser = { .name = name, .nodes = nodes };
	const char *at = from, *text = from;

	while (at + 1 < limit) {
		enum carnet_status status;
		struct tag tag;

		if (at[0] == '}' && at[1] == '}')
			return template_bad(
			    name, CARNET_("}} without {{"), err);
		if (at[0] != '{' || at[1] != '{') {
			at++;
			continue;
		}
		if (!template_read_tag(at, limit, &tag))
			return template_bad(
			    name, CARNET_("a {{tag}} is not well formed"), err);
		if (!nodes_add(nodes, NODE_TEXT, text, (size_t)(at - text)))
			return carnet_fail(err, CARNET_NO_MEMORY,
			    CARNET_("letter: not enough memory"));
		template_widen(from, limit, &tag);
		status = template_take_tag(&parser, &tag, err);
		if (status != CARNET_OK)
			return status;
		at = text = tag.end;
	}
	if (parser.depth > 0)
		return template_bad(name, CARNET_("a section stays open"), err);
	if (!nodes_add(nodes, NODE_TEXT, text, (size_t)(limit - text)))
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("letter: not enough memory"));
	return CARNET_OK;
}

/* One "key: value" line of the front matter. */
static enum carnet_status
template_parse_key(struct template *template, const char *line, const char *end,
    struct carnet_error *err)
{
	const char *colon = memchr(line, ':', (size_t)(end - line));
	size_t i = template->keys_len;

	if (colon == NULL || colon == line || colon + 1 >= end ||
	    colon[1] != ' ' || i == TEMPLATE_KEYS)
		return template_bad(template->name,
		    CARNET_("a line of the front matter is not key: value"),
		    err);
	template->keys[i].key = line;
	template->keys[i].key_len = (size_t)(colon - line);
	template->keys_len++;
	return template_parse_nodes(
	    template->name, colon + 2, end, &template->keys[i].value, err);
}

static enum carnet_status
template_parse_source(struct template *template, const char *source, size_t len,
    struct carnet_error *err)
{
	const char *at = source, *limit = source + len;

	if (len < 4 || strncmp(source, "---\n", 4) != 0)
		return template_parse_nodes(
		    template->name, at, limit, &template->body, err);
	at += 4;
	for (;;) {
		const char *end = memchr(at, '\n', (size_t)(limit - at));
		enum carnet_status status;

		if (end == NULL)
			return template_bad(template->name,
			    CARNET_("the front matter stays open"), err);
		if (end - at == 3 && strncmp(at, "---", 3) == 0) {
			at = end + 1;
			break;
		}
		status = template_parse_key(template, at, end, err);
		if (status != CARNET_OK)
			return status;
		at = end + 1;
	}
	while (at < limit && *at == '\n')
		at++;
	return template_parse_nodes(
	    template->name, at, limit, &template->body, err);
}

enum carnet_status
template_parse(const char *name, const char *source, size_t len,
    struct template **ret_template, struct carnet_error *err)
{
	struct template *template = calloc(1, sizeof(*template));
	enum carnet_status status;

	if (template == NULL || (template->name = strdup(name)) == NULL) {
		free(template);
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("letter: not enough memory"));
	}
	status = template_parse_source(template, source, len, err);
	if (status != CARNET_OK) {
		template_free(template);
		return status;
	}
	*ret_template = template;
	return CARNET_OK;
}

void
template_free(struct template *template)
{
	if (template == NULL)
		return;
	for (size_t i = 0; i < template->keys_len; i++)
		free(template->keys[i].value.items);
	free(template->body.items);
	free(template->name);
	free(template);
}

/* --- filling ----------------------------------------------------------- */

static enum carnet_status template_fill_nodes(const char *name,
    const struct nodes *nodes, size_t from, size_t to,
    const struct template_context *context, int parts, struct text *text,
    struct carnet_error *err);

static enum carnet_status
template_fill_field(const char *name, const struct node *node,
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
template_fill_part(const char *name, const struct node *node,
    const struct template_context *context, int parts, struct text *text,
    struct carnet_error *err)
{
	char file[TEMPLATE_NAME + 16];
	struct template *part = NULL;
	const struct letters_file *source;
	enum carnet_status status;

	(void)snprintf(file, sizeof(file), "%s/_%.*s.md", context->lang,
	    (int)node->len, node->start);
	source = letters_file_find(file);
	if (source == NULL)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("template %s: no part %.*s"), name, (int)node->len,
		    node->start);
	if (parts == TEMPLATE_PARTS)
		return template_bad(
		    name, CARNET_("parts are nested too deep"), err);
	status = template_parse(file, source->text, source->len, &part, err);
	if (status != CARNET_OK)
		return status;
	status = template_fill_nodes(file, &part->body, 0, part->body.len,
	    context, parts + 1, text, err);
	template_free(part);
	return status;
}

/* A section: present when its field has a value.  What is left out is
 * walked too (text NULL), so that an unknown name is always an error. */
static enum carnet_status
template_fill_section(const char *name, const struct nodes *nodes, size_t i,
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
	return template_fill_nodes(name, nodes, i + 1, node->end, context,
	    parts, shown ? text : NULL, err);
}

static enum carnet_status
template_fill_nodes(const char *name, const struct nodes *nodes, size_t from,
    size_t to, const struct template_context *context, int parts,
    struct text *text, struct carnet_error *err)
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
			status =
			    template_fill_field(name, node, context, text, err);
			break;
		case NODE_PART:
			status = template_fill_part(
			    name, node, context, parts, text, err);
			break;
		case NODE_IF:
		case NODE_UNLESS:
			status = template_fill_section(
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
template_fill(const struct template *template,
    const struct template_context *context, struct text *text,
    struct carnet_error *err)
{
	return template_fill_nodes(template->name, &template->body, 0,
	    template->body.len, context, 0, text, err);
}

enum carnet_status
template_fill_key(const struct template *template, const char *key,
    const struct template_context *context, struct text *text,
    struct carnet_error *err)
{
	for (size_t i = 0; i < template->keys_len; i++) {
		const struct nodes *value = &template->keys[i].value;

		if (strlen(key) == template->keys[i].key_len &&
		    strncmp(key, template->keys[i].key, strlen(key)) == 0)
			return template_fill_nodes(template->name, value, 0,
			    value->len, context, 0, text, err);
	}
	return carnet_fail(err, CARNET_INVALID,
	    CARNET_("template %s: no %s in the front matter"), template->name,
	    key);
}
