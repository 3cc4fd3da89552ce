/* SPDX-License-Identifier: ISC */
/*
 * Parses a template into nodes.  Fills nothing: fill.c does.
 * The contract is in template.h.
 */
#include "template.h"

#include <stdlib.h>
#include <string.h>

#include "nodes.h"

#define TEMPLATE_DEPTH 8

enum carnet_status
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
template_parse_key(struct letter_template *template, const char *line,
    const char *end, struct carnet_error *err)
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
template_parse_source(struct letter_template *template, const char *source,
    size_t len, struct carnet_error *err)
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
    struct letter_template **ret_template, struct carnet_error *err)
{
	struct letter_template *template = calloc(1, sizeof(*template));
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
template_free(struct letter_template *template)
{
	if (template == NULL)
		return;
	for (size_t i = 0; i < template->keys_len; i++)
		free(template->keys[i].value.items);
	free(template->body.items);
	free(template->name);
	free(template);
}
