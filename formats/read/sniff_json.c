/* SPDX-License-Identifier: ISC */
/*
 * Is this the beginning of JSON, and of which kind.  Follows the grammar of
 * RFC 8259 as far as the bytes go; keeps no value.
 * The contract: sniff.h.
 */
#include "sniff.h"

#include <string.h>

#define JSON_DEPTH 1024 /* deeper ones aren't followed to their end */

enum json_expect {
	JSON_VALUE,
	JSON_VALUE_OR_END, /* behind '[' */
	JSON_KEY_OR_END,   /* behind '{' */
	JSON_KEY,
	JSON_COLON,
	JSON_COMMA_OR_END,
	JSON_DONE
};

struct json_scan {
	const char *text;
	size_t len, pos, depth;
	enum json_expect expect;
	uint8_t is_object[JSON_DEPTH]; /* of each level */
	bool resource_key;             /* the last key was "resourceType" */
	bool fhir;
};

enum json_step { JSON_ON, JSON_WRONG, JSON_CUT };

static bool
json_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Behind a backslash. */
static enum json_step
json_escape(struct json_scan *scan)
{
	char c;

	if (scan->pos == scan->len)
		return JSON_CUT;
	c = scan->text[scan->pos++];
	if (c != 'u')
		return memchr("\"\\/bfnrt", c, 8) != NULL ? JSON_ON
							  : JSON_WRONG;
	for (int i = 0; i < 4; i++) {
		if (scan->pos == scan->len)
			return JSON_CUT;
		c = scan->text[scan->pos++];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
			(c >= 'A' && c <= 'F')))
			return JSON_WRONG;
	}
	return JSON_ON;
}

/* From behind the opening quote to behind the closing one. */
static enum json_step
json_string(struct json_scan *scan, size_t *ret_start, size_t *ret_len)
{
	*ret_start = scan->pos;
	while (scan->pos < scan->len) {
		char c = scan->text[scan->pos++];

		if (c == '"') {
			*ret_len = scan->pos - 1 - *ret_start;
			return JSON_ON;
		}
		if (c == '\\') {
			enum json_step step = json_escape(scan);

			if (step != JSON_ON)
				return step;
		} else if ((unsigned char)c < 0x20)
			return JSON_WRONG;
	}
	return JSON_CUT;
}

static size_t
json_digits(const struct json_scan *scan, size_t pos)
{
	while (
	    pos < scan->len && scan->text[pos] >= '0' && scan->text[pos] <= '9')
		pos++;
	return pos;
}

static enum json_step
json_number(struct json_scan *scan)
{
	const char *text = scan->text;
	size_t start = scan->pos, pos = scan->pos;

	if (text[pos] == '-')
		start = ++pos;
	pos = json_digits(scan, pos);
	if (pos == scan->len)
		goto cut;
	if (pos == start || (text[start] == '0' && pos > start + 1))
		return JSON_WRONG;
	if (text[pos] == '.') {
		start = pos + 1;
		pos = json_digits(scan, start);
		if (pos == scan->len)
			goto cut;
		if (pos == start)
			return JSON_WRONG;
	}
	if (text[pos] == 'e' || text[pos] == 'E') {
		pos++;
		if (pos < scan->len && (text[pos] == '+' || text[pos] == '-'))
			pos++;
		start = pos;
		pos = json_digits(scan, start);
		if (pos == scan->len)
			goto cut;
		if (pos == start)
			return JSON_WRONG;
	}
	scan->pos = pos;
	return JSON_ON;
cut:
	scan->pos = pos;
	return JSON_CUT;
}

static enum json_step
json_literal(struct json_scan *scan)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t left = scan->len - scan->pos;

	for (size_t i = 0; i < 3; i++) {
		size_t len = strlen(words[i]);
		size_t same = len < left ? len : left;

		if (memcmp(scan->text + scan->pos, words[i], same) != 0)
			continue;
		scan->pos += same;
		return same < len ? JSON_CUT : JSON_ON;
	}
	return JSON_WRONG;
}

static void
json_open(struct json_scan *scan, bool is_object)
{
	scan->is_object[scan->depth++] = is_object;
	scan->expect = is_object ? JSON_KEY_OR_END : JSON_VALUE_OR_END;
}

static void
json_after_value(struct json_scan *scan)
{
	scan->resource_key = false;
	scan->expect = scan->depth == 0 ? JSON_DONE : JSON_COMMA_OR_END;
}

static enum json_step
json_close(struct json_scan *scan, bool is_object)
{
	if (scan->depth == 0 ||
	    (scan->is_object[scan->depth - 1] != 0) != is_object)
		return JSON_WRONG;
	scan->depth--;
	json_after_value(scan);
	return JSON_ON;
}

static enum json_step
json_value(struct json_scan *scan, char c)
{
	enum json_step step;
	size_t start, len;

	if (c == '{' || c == '[') {
		if (scan->depth == JSON_DEPTH)
			return JSON_CUT;
		scan->pos++;
		scan->resource_key = false;
		json_open(scan, c == '{');
		return JSON_ON;
	}
	if (c == '"') {
		scan->pos++;
		step = json_string(scan, &start, &len);
		if (step == JSON_ON && scan->resource_key && len > 2 &&
		    scan->text[start] >= 'A' && scan->text[start] <= 'Z')
			scan->fhir = true;
	} else if (c == '-' || (c >= '0' && c <= '9'))
		step = json_number(scan);
	else
		step = json_literal(scan);
	if (step == JSON_ON)
		json_after_value(scan);
	return step;
}

static enum json_step
json_key(struct json_scan *scan)
{
	enum json_step step;
	size_t start, len;

	scan->pos++;
	step = json_string(scan, &start, &len);
	if (step != JSON_ON)
		return step;
	scan->resource_key =
	    scan->depth == 1 && len == 12 &&
	    memcmp(scan->text + start, "resourceType", 12) == 0;
	scan->expect = JSON_COLON;
	return JSON_ON;
}

/* One token; the scan stands on something that isn't a space. */
static enum json_step
json_token(struct json_scan *scan)
{
	char c = scan->text[scan->pos];

	switch (scan->expect) {
	case JSON_VALUE_OR_END:
		if (c == ']') {
			scan->pos++;
			return json_close(scan, false);
		}
		return json_value(scan, c);
	case JSON_VALUE:
		return json_value(scan, c);
	case JSON_KEY_OR_END:
		if (c == '}') {
			scan->pos++;
			return json_close(scan, true);
		}
		return c == '"' ? json_key(scan) : JSON_WRONG;
	case JSON_KEY:
		return c == '"' ? json_key(scan) : JSON_WRONG;
	case JSON_COLON:
		scan->pos++;
		scan->expect = JSON_VALUE;
		return c == ':' ? JSON_ON : JSON_WRONG;
	case JSON_COMMA_OR_END:
		scan->pos++;
		if (c == '}' || c == ']')
			return json_close(scan, c == '}');
		scan->expect = scan->is_object[scan->depth - 1] != 0
				   ? JSON_KEY
				   : JSON_VALUE;
		return c == ',' ? JSON_ON : JSON_WRONG;
	case JSON_DONE:
		break;
	}
	return JSON_WRONG;
}

const char *
sniff_json(const char *text, size_t len, bool whole)
{
	struct json_scan scan = { .text = text, .len = len };
	enum json_step step = JSON_ON;
	bool lines = false;

	while (scan.pos < len && json_is_space(text[scan.pos]))
		scan.pos++;
	if (scan.pos == len || (text[scan.pos] != '{' && text[scan.pos] != '['))
		return NULL;
	while (step == JSON_ON) {
		while (scan.pos < len && json_is_space(text[scan.pos]))
			scan.pos++;
		if (scan.pos == len)
			break;
		if (scan.expect == JSON_DONE) {
			/* NDJSON: another object on a line of its own */
			if (text[scan.pos] != '{' || text[scan.pos - 1] != '\n')
				return NULL;
			scan.expect = JSON_VALUE;
			lines = true;
		}
		step = json_token(&scan);
	}
	if (step == JSON_WRONG ||
	    (whole && scan.pos == len && scan.expect != JSON_DONE))
		return NULL;
	if (lines)
		return scan.fhir ? "application/fhir+ndjson"
				 : "application/x-ndjson";
	return scan.fhir ? "application/fhir+json" : "application/json";
}
