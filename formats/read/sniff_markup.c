/* SPDX-License-Identifier: ISC */
/*
 * XML, CDA, HTML and Markdown by how they begin.  Follows comments and
 * declarations up to the first element; resolves nothing.
 * The contract: sniff.h.
 */
#include "sniff.h"

#include <string.h>
#include <strings.h>

/* The position behind `what`, from pos on; len when it isn't there. */
static size_t
markup_behind(const char *text, size_t len, size_t pos, const char *what)
{
	size_t what_len = strlen(what);

	for (; pos + what_len <= len; pos++) {
		if (memcmp(text + pos, what, what_len) == 0)
			return pos + what_len;
	}
	return len;
}

static bool
markup_has(const char *text, size_t len, size_t pos, const char *what)
{
	size_t what_len = strlen(what);

	for (; pos + what_len <= len; pos++) {
		if (memcmp(text + pos, what, what_len) == 0)
			return true;
	}
	return false;
}

static bool
markup_begins(const char *text, size_t len, size_t pos, const char *what)
{
	size_t what_len = strlen(what);

	return pos <= len && len - pos >= what_len &&
	       strncasecmp(text + pos, what, what_len) == 0;
}

/* Behind a DOCTYPE, whose internal subset may hold '>' of its own. */
static size_t
markup_behind_doctype(const char *text, size_t len, size_t pos)
{
	int depth = 0;

	for (; pos < len; pos++) {
		if (text[pos] == '[')
			depth++;
		else if (text[pos] == ']')
			depth--;
		else if (text[pos] == '>' && depth <= 0)
			return pos + 1;
	}
	return len;
}

static bool
markup_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
markup_is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == ':' || c == '_' || c == '-' ||
	       c == '.' || (unsigned char)c >= 0x80;
}

/* The '<' of the first element; len when it doesn't come.  *ret_xml: an XML
 * declaration stood before it; *ret_html: an HTML DOCTYPE. */
static size_t
markup_root(const char *text, size_t len, bool *ret_xml, bool *ret_html)
{
	size_t pos = 0;

	*ret_xml = false;
	*ret_html = false;
	for (;;) {
		while (pos < len && markup_is_space(text[pos]))
			pos++;
		if (markup_begins(text, len, pos, "<!--"))
			pos = markup_behind(text, len, pos + 4, "-->");
		else if (markup_begins(text, len, pos, "<?")) {
			if (markup_begins(text, len, pos, "<?xml"))
				*ret_xml = true;
			pos = markup_behind(text, len, pos + 2, "?>");
		} else if (markup_begins(text, len, pos, "<!doctype")) {
			size_t name = pos + 9;

			while (name < len && markup_is_space(text[name]))
				name++;
			if (markup_begins(text, len, name, "html"))
				*ret_html = true;
			pos = markup_behind_doctype(text, len, pos);
		} else
			return pos;
	}
}

/* Elements that HTML alone has, and that begin a document or a fragment. */
static bool
markup_is_html_name(const char *name, size_t len)
{
	static const char *const names[] = { "html", "head", "body", "title",
		"meta", "script", "style", "div", "p", "h1", "h2", "h3",
		"table", "span", "ul", "ol", "br", "center", "font", "b", "a",
		"img", "article", "main", "header" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i]) == len &&
		    strncasecmp(names[i], name, len) == 0)
			return true;
	}
	return false;
}

/* XML has <table> and <title> of its own; XHTML's root is unmistakable. */
static bool
markup_is_html_root(const char *name, size_t len)
{
	return len == 4 && strncasecmp(name, "html", 4) == 0;
}

static const char *
markup_element(const char *text, size_t len, size_t pos, bool is_xml)
{
	size_t name = pos + 1, end = name, local = name;

	while (end < len && markup_is_name(text[end])) {
		if (text[end] == ':')
			local = end + 1;
		end++;
	}
	if (end == name || (text[name] >= '0' && text[name] <= '9') ||
	    text[name] == '-' || text[name] == '.')
		return NULL;
	if (end < len && !markup_is_space(text[end]) && text[end] != '>' &&
	    text[end] != '/')
		return NULL; /* "<someone@example.org>" is no element */
	if (end - local == 16 &&
	    memcmp(text + local, "ClinicalDocument", 16) == 0 &&
	    markup_has(text, len, pos, "urn:hl7-org:v3"))
		return "application/hl7-cda+xml";
	if (markup_has(text, len, pos, "=\"http://hl7.org/fhir\"") ||
	    markup_has(text, len, pos, "='http://hl7.org/fhir'"))
		return "application/fhir+xml";
	if (end - local == 3 && memcmp(text + local, "svg", 3) == 0)
		return "image/svg+xml";
	if (is_xml ? markup_is_html_root(text + name, end - name)
		   : markup_is_html_name(text + name, end - name))
		return "text/html";
	/* without a declaration: a tag that is closed in what we see */
	if (is_xml || memchr(text + end, '>', len - end) != NULL || len >= 4000)
		return "application/xml";
	return NULL;
}

const char *
sniff_markup(const char *text, size_t len)
{
	bool is_xml, is_html;
	size_t pos = markup_root(text, len, &is_xml, &is_html);
	const char *type = NULL;

	if (is_html)
		return "text/html";
	if (pos < len && text[pos] == '<')
		type = markup_element(text, len, pos, is_xml);
	if (type == NULL && is_xml)
		type = "application/xml";
	return type;
}

/* "[text](address)". */
static bool
markdown_has_link(const char *line, size_t len)
{
	size_t open = 0, address;

	while (open < len && line[open] != '[')
		open++;
	address = markup_behind(line, len, open, "](");
	while (address < len && line[address] != ')')
		address++;
	return address < len;
}

/* What a line shows of Markdown, one bit a kind; 0: nothing. */
static unsigned
markdown_line(const char *line, size_t len)
{
	size_t hashes = 0;

	while (hashes < len && line[hashes] == '#')
		hashes++;
	if (hashes >= 1 && hashes <= 6 && hashes + 1 < len &&
	    line[hashes] == ' ')
		return 1;
	if (len >= 3 && memcmp(line, "```", 3) == 0)
		return 2;
	if (len >= 4 && (line[0] == '-' || line[0] == '*') && line[1] == ' ' &&
	    markup_has(line, len, 2, "**"))
		return 4;
	if (markdown_has_link(line, len))
		return 8;
	if (len >= 5 && line[0] == '|' && markup_has(line, len, 0, "|-"))
		return 16;
	return 0;
}

/* A heading as the first line, or two kinds of marks: plain text that has a
 * '#' or a '*' somewhere stays plain text. */
bool
sniff_markdown(const char *text, size_t len)
{
	unsigned seen = 0;
	bool first = true;

	for (size_t pos = 0; pos < len;) {
		const char *end = memchr(text + pos, '\n', len - pos);
		size_t line_len =
		    end != NULL ? (size_t)(end - text) - pos : len - pos;
		size_t trimmed = line_len;

		while (trimmed > 0 && markup_is_space(text[pos + trimmed - 1]))
			trimmed--;
		if (trimmed > 0) {
			unsigned kind = markdown_line(text + pos, trimmed);

			if (first && kind == 1)
				return true;
			first = false;
			seen |= kind;
		}
		pos += line_len + 1;
	}
	return seen != 0 && (seen & (seen - 1)) != 0;
}
