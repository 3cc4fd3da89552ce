/* SPDX-License-Identifier: ISC */
/*
 * The part of YAML that configuration files are written in: maps and lists in
 * blocks, plain and quoted texts, [lists, like this] on one line.  What else
 * there is gives nothing.  The contract is in settings.h.
 */
#include "settings.h"

#include <stdio.h>
#include <string.h>

#include "providers.h"

struct yaml {
	const char *key; /* a glob */
	settings_sink sink;
	void *context;
	char owner[SETTINGS_LINE_MAX]; /* whose items follow */
	size_t indent;                 /* of that key */
	size_t values;
};

/* Cuts a comment off, and blanks at the end. */
static void
yaml_cut(char *line)
{
	char quote = 0;
	size_t len = 0;

	for (size_t i = 0; line[i] != '\0'; i++) {
		if (quote != 0)
			quote = line[i] == quote ? 0 : quote;
		else if (line[i] == '#' &&
			 (i == 0 || strchr(" \t", line[i - 1]) != NULL))
			break;
		else if ((line[i] == '"' || line[i] == '\'') &&
			 (i == 0 || strchr(" \t[,", line[i - 1]) != NULL))
			quote = line[i];
		if (strchr(" \t\r", line[i]) == NULL)
			len = i + 1;
	}
	line[len] = '\0';
}

/* Gives one text without its quotes; false: that is enough. */
static bool
yaml_give(struct yaml *yaml, char *value)
{
	size_t len = strlen(value);

	if (len >= 2 && (value[0] == '"' || value[0] == '\'') &&
	    value[len - 1] == value[0]) {
		value[len - 1] = '\0';
		value++;
	}
	if (value[0] == '\0')
		return true;
	return yaml->values++ < SETTINGS_VALUES_MAX &&
	       yaml->sink(value, yaml->context);
}

/* A text, or a list on one line. */
static bool
yaml_take(struct yaml *yaml, char *value)
{
	size_t len = strlen(value);
	bool more = true;

	if (value[0] != '[' || value[len - 1] != ']')
		return yaml_give(yaml, value);
	value[len - 1] = '\0';
	for (value++; more && *value != '\0';) {
		char *end;

		value += strspn(value, " \t");
		end = value + strcspn(value, ",");
		len = (size_t)(end - value);
		if (*end != '\0')
			*end++ = '\0';
		while (len > 0 && strchr(" \t", value[len - 1]) != NULL)
			value[--len] = '\0';
		more = yaml_give(yaml, value);
		value = end;
	}
	return more;
}

/* Splits "key: value" in place; NULL: it is none. */
static char *
yaml_value(char *line)
{
	char *colon = line[0] == '"' || line[0] == '\'' || line[0] == '['
			  ? NULL
			  : strchr(line, ':');

	while (colon != NULL && colon[1] != ' ' && colon[1] != '\0')
		colon = strchr(colon + 1, ':');
	if (colon == NULL || colon == line)
		return NULL;
	*colon++ = '\0';
	return colon + strspn(colon, " \t");
}

static bool
yaml_line(struct yaml *yaml, char *line)
{
	size_t indent = strspn(line, " ");
	char *text = line + indent, *value;
	bool item = text[0] == '-' && (text[1] == ' ' || text[1] == '\0');

	if (text[0] == '\0')
		return true;
	if (item) {
		text++;
		text += strspn(text, " ");
	}
	value = yaml_value(text);
	if (value != NULL && value[0] != '\0')
		return !providers_match_glob(yaml->key, text) ||
		       yaml_take(yaml, value);
	if (value != NULL) {
		(void)snprintf(yaml->owner, sizeof(yaml->owner), "%s", text);
		yaml->indent = indent;
		return true;
	}
	return !item || yaml->owner[0] == '\0' || indent < yaml->indent ||
	       !providers_match_glob(yaml->key, yaml->owner) ||
	       yaml_take(yaml, text);
}

void
settings_yaml(const char *text, size_t len, const char *key, settings_sink sink,
    void *context)
{
	struct yaml yaml = { .key = key, .sink = sink, .context = context };
	const char *at = text, *end = text + len;
	char line[SETTINGS_LINE_MAX];

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t part = (size_t)((stop == NULL ? end : stop) - at);

		if (part < sizeof(line)) {
			memcpy(line, at, part);
			line[part] = '\0';
			yaml_cut(line);
			if (!yaml_line(&yaml, line))
				return;
		}
		at += part + (stop != NULL);
	}
}
