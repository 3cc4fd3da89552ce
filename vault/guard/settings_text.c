/* SPDX-License-Identifier: ISC */
/*
 * Configuration files of lines: INI, what Qt makes of it, plain lines; and
 * how any text is loaded.  The contract is in settings.h.
 */
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utf8proc.h>

#include "providers.h"

char *
settings_load(const char *path, size_t *ret_len)
{
	struct stat seen;
	size_t len = 0;
	char *text = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &seen) != 0 || !S_ISREG(seen.st_mode) ||
	    seen.st_size > (off_t)SETTINGS_TEXT_MAX)
		goto done;
	text = malloc(SETTINGS_TEXT_MAX + 2);
	while (text != NULL) {
		ssize_t got = read(fd, text + len, SETTINGS_TEXT_MAX + 1 - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got > 0)
			len += (size_t)got;
		if (got > 0 && len <= SETTINGS_TEXT_MAX)
			continue;
		if (got == 0 && memchr(text, '\0', len) == NULL) {
			text[len] = '\0';
			*ret_len = len;
			(void)close(fd);
			return text;
		}
		break;
	}
done:
	free(text);
	(void)close(fd);
	return NULL;
}

/* Copies the next line without blanks around it; false at the end.  One
 * that is too long is given as "". */
static bool
settings_line(const char **at, const char *end, char line[SETTINGS_LINE_MAX])
{
	const char *start = *at;
	const char *stop;

	if (start >= end)
		return false;
	stop = memchr(start, '\n', (size_t)(end - start));
	*at = stop != NULL ? stop + 1 : end;
	if (stop == NULL)
		stop = end;
	while (start < stop && strchr(" \t\r", *start) != NULL)
		start++;
	while (stop > start && strchr(" \t\r", stop[-1]) != NULL)
		stop--;
	if ((size_t)(stop - start) >= SETTINGS_LINE_MAX)
		stop = start;
	memcpy(line, start, (size_t)(stop - start));
	line[stop - start] = '\0';
	return true;
}

void
settings_lines(const char *text, size_t len, const char *key,
    settings_sink sink, void *context)
{
	const char *at = text;
	char line[SETTINGS_LINE_MAX];
	size_t values = 0;

	(void)key;
	while (settings_line(&at, text + len, line))
		if (line[0] != '\0' &&
		    (values++ >= SETTINGS_VALUES_MAX || !sink(line, context)))
			return;
}

static int
settings_hex(char digit)
{
	const char *digits = "0123456789abcdef";
	const char *found;

	if (digit == '\0')
		return -1;
	if (digit >= 'A' && digit <= 'F')
		digit = (char)(digit - 'A' + 'a');
	found = strchr(digits, digit);
	return found != NULL ? (int)(found - digits) : -1;
}

/* One \xHHHH (QSettings takes every hex digit that follows); surrogates in
 * pairs.  Returns bytes written, 0 if it is no character. */
static size_t
settings_qt_hex(const char **at, uint32_t *high, char *out)
{
	uint32_t code = 0;
	utf8proc_ssize_t len;

	for (; settings_hex(**at) >= 0; (*at)++)
		if (code < 0x1000000)
			code = code * 16 + (uint32_t)settings_hex(**at);
	if (code >= 0xd800 && code < 0xdc00) {
		*high = code;
		return 0;
	}
	if (code >= 0xdc00 && code < 0xe000 && *high != 0)
		code = 0x10000 + ((*high - 0xd800) << 10) + (code - 0xdc00);
	*high = 0;
	if (code == 0 || code > 0x10ffff ||
	    !utf8proc_codepoint_valid((utf8proc_int32_t)code))
		return 0;
	len = utf8proc_encode_char(
	    (utf8proc_int32_t)code, (utf8proc_uint8_t *)out);
	return len > 0 ? (size_t)len : 0;
}

/* Takes Qt's escapes and quotes off, in place: it never gets longer. */
static void
settings_qt_value(char *value)
{
	static const char *const escapes = "abfnrtv\"'\\";
	static const char *const meanings = "\a\b\f\n\r\t\v\"'\\";
	const char *at = value;
	char *out = value;
	uint32_t high = 0;

	while (*at != '\0') {
		const char *escape;

		if (*at == '"') {
			at++;
			continue;
		}
		if (*at != '\\' || at[1] == '\0') {
			*out++ = *at++;
			continue;
		}
		at++;
		if (*at == 'x' && settings_hex(at[1]) >= 0) {
			at++;
			out += settings_qt_hex(&at, &high, out);
			continue;
		}
		escape = strchr(escapes, *at);
		*out++ = escape != NULL ? meanings[escape - escapes] : *at;
		at++;
	}
	*out = '\0';
}

static void
settings_plain_value(char *value)
{
	size_t len = strlen(value);

	if (len >= 2 && (value[0] == '"' || value[0] == '\'') &&
	    value[len - 1] == value[0]) {
		memmove(value, value + 1, len - 2);
		value[len - 2] = '\0';
	}
}

static void
settings_ini_walk(const char *text, size_t len, const char *key, bool qt,
    settings_sink sink, void *context)
{
	char line[SETTINGS_LINE_MAX], section[SETTINGS_LINE_MAX] = "";
	char name[2 * SETTINGS_LINE_MAX];
	const char *at = text;
	size_t values = 0;

	while (settings_line(&at, text + len, line)) {
		size_t last = strlen(line);
		char *value;

		if (line[0] == '\0' || line[0] == '#' || line[0] == ';')
			continue;
		if (line[0] == '[' && line[last - 1] == ']') {
			memcpy(section, line + 1, last - 2);
			section[last - 2] = '\0';
			continue;
		}
		value = strchr(line, '=');
		if (value == NULL || value == line)
			continue;
		*value++ = '\0';
		for (last = strlen(line);
		     last > 0 && strchr(" \t", line[last - 1]) != NULL; last--)
			line[last - 1] = '\0';
		value += strspn(value, " \t");
		(void)snprintf(name, sizeof(name), "%s/%s", section, line);
		if (!providers_match_glob(key, name))
			continue;
		if (qt)
			settings_qt_value(value);
		else
			settings_plain_value(value);
		if (values++ >= SETTINGS_VALUES_MAX || !sink(value, context))
			return;
	}
}

void
settings_ini(const char *text, size_t len, const char *key, settings_sink sink,
    void *context)
{
	settings_ini_walk(text, len, key, false, sink, context);
}

void
settings_qt(const char *text, size_t len, const char *key, settings_sink sink,
    void *context)
{
	settings_ini_walk(text, len, key, true, sink, context);
}
