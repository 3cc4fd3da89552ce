/* SPDX-License-Identifier: ISC */
/*
 * Attributes out of a small XML file.  Refuses documents with a DOCTYPE;
 * knows the five entities and character numbers, no namespaces.
 * The contract is in settings.h.
 */
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#define XML_DEPTH_MAX 32
#define XML_PATH_MAX 1024
#define XML_BLANKS " \t\r\n"

struct xml_cursor {
	const char *at;
	char path[XML_PATH_MAX];       /* "a/b" */
	size_t lengths[XML_DEPTH_MAX]; /* of the path at each depth */
	size_t depth;
};

/* A reference at *at ("&amp;"); bytes written to out, 0 if it is unknown. */
static size_t
xml_reference(const char **at, char *out)
{
	static const struct {
		const char *name;
		char byte;
	} names[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
		{ "&quot;", '"' }, { "&apos;", '\'' } };
	char *end = NULL;
	unsigned long code;
	utf8proc_ssize_t len;
	bool hex;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t name_len = strlen(names[i].name);

		if (strncmp(*at, names[i].name, name_len) == 0) {
			*at += name_len;
			*out = names[i].byte;
			return 1;
		}
	}
	if (strncmp(*at, "&#", 2) != 0)
		return 0;
	hex = (*at)[2] == 'x';
	if (strchr("0123456789abcdefABCDEF", (*at)[hex ? 3 : 2]) == NULL ||
	    (*at)[hex ? 3 : 2] == '\0')
		return 0;
	code = strtoul(*at + (hex ? 3 : 2), &end, hex ? 16 : 10);
	if (*end != ';' || code == 0 || code > 0x10ffff ||
	    !utf8proc_codepoint_valid((utf8proc_int32_t)code))
		return 0;
	len = utf8proc_encode_char(
	    (utf8proc_int32_t)code, (utf8proc_uint8_t *)out);
	*at = end + 1;
	return len > 0 ? (size_t)len : 0;
}

/* A quoted value at cursor->at; false if it is malformed or too long. */
static bool
xml_value(struct xml_cursor *cursor, char value[SETTINGS_LINE_MAX])
{
	char quote = *cursor->at;
	size_t len = 0;

	if (quote != '"' && quote != '\'')
		return false;
	cursor->at++;
	while (*cursor->at != quote) {
		if (*cursor->at == '\0' || *cursor->at == '<' ||
		    len + 5 >= SETTINGS_LINE_MAX)
			return false;
		if (*cursor->at == '&') {
			size_t got = xml_reference(&cursor->at, value + len);

			if (got == 0)
				return false;
			len += got;
		} else {
			value[len++] = *cursor->at++;
		}
	}
	cursor->at++;
	value[len] = '\0';
	return true;
}

static size_t
xml_name_len(const char *at)
{
	return strcspn(at, XML_BLANKS "=/><\"'");
}

static bool
xml_push(struct xml_cursor *cursor, const char *name, size_t len)
{
	size_t old = strlen(cursor->path);

	if (cursor->depth >= XML_DEPTH_MAX || len == 0 ||
	    old + len + 2 > sizeof(cursor->path))
		return false;
	cursor->lengths[cursor->depth++] = old;
	if (old > 0)
		cursor->path[old++] = '/';
	memcpy(cursor->path + old, name, len);
	cursor->path[old + len] = '\0';
	return true;
}

static bool
xml_pop(struct xml_cursor *cursor)
{
	if (cursor->depth == 0)
		return false;
	cursor->path[cursor->lengths[--cursor->depth]] = '\0';
	return true;
}

/* Passes "<!-- -->", "<? ?>", "<![CDATA[ ]]>"; false if it doesn't end, or
 * is a DOCTYPE. */
static bool
xml_skip(struct xml_cursor *cursor)
{
	static const struct {
		const char *start, *end;
	} kinds[] = { { "<!--", "-->" }, { "<?", "?>" },
		{ "<![CDATA[", "]]>" } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t len = strlen(kinds[i].start);
		const char *end;

		if (strncmp(cursor->at, kinds[i].start, len) != 0)
			continue;
		end = strstr(cursor->at + len, kinds[i].end);
		if (end == NULL)
			return false;
		cursor->at = end + strlen(kinds[i].end);
		return true;
	}
	return false;
}

/* A start tag, cursor after its '<': pushes it, gives its attributes that
 * are asked for, pops it if it is empty. */
static bool
xml_start_tag(struct xml_cursor *cursor, const char *key, size_t *values,
    settings_sink sink, void *context)
{
	char value[SETTINGS_LINE_MAX];
	size_t len = xml_name_len(cursor->at);
	const char *wanted = strchr(key, '@');
	bool here;

	if (wanted == NULL || !xml_push(cursor, cursor->at, len))
		return false;
	here = strlen(cursor->path) == (size_t)(wanted - key) &&
	       strncmp(cursor->path, key, (size_t)(wanted - key)) == 0;
	cursor->at += len;
	for (;;) {
		const char *name;

		cursor->at += strspn(cursor->at, XML_BLANKS);
		if (*cursor->at == '>') {
			cursor->at++;
			return true;
		}
		if (strncmp(cursor->at, "/>", 2) == 0) {
			cursor->at += 2;
			return xml_pop(cursor);
		}
		name = cursor->at;
		len = xml_name_len(name);
		cursor->at += len;
		cursor->at += strspn(cursor->at, XML_BLANKS);
		if (len == 0 || *cursor->at++ != '=')
			return false;
		cursor->at += strspn(cursor->at, XML_BLANKS);
		if (!xml_value(cursor, value))
			return false;
		if (here && strlen(wanted + 1) == len &&
		    strncmp(wanted + 1, name, len) == 0 &&
		    ((*values)++ >= SETTINGS_VALUES_MAX ||
			!sink(value, context)))
			return false;
	}
}

void
settings_xml(const char *text, size_t len, const char *key, settings_sink sink,
    void *context)
{
	struct xml_cursor cursor = { .at = text };
	size_t values = 0;

	(void)len;
	while ((cursor.at = strchr(cursor.at, '<')) != NULL) {
		if (cursor.at[1] == '!' || cursor.at[1] == '?') {
			if (!xml_skip(&cursor))
				return;
		} else if (cursor.at[1] == '/') {
			cursor.at = strchr(cursor.at, '>');
			if (cursor.at == NULL || !xml_pop(&cursor))
				return;
		} else {
			cursor.at++;
			if (!xml_start_tag(
				&cursor, key, &values, sink, context))
				return;
		}
	}
}
