/* SPDX-License-Identifier: ISC */
/*
 * Judges and copies short texts that a person types.
 * The contract is in plain_text.h.
 */
#include "plain_text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* C0, DEL, C1 and the characters that turn the reading order around; the
 * marks of direction (LRM, RLM) only help right-to-left names. */
static bool
plain_text_is_control(utf8proc_int32_t c, bool lines)
{
	if (lines && (c == '\n' || c == '\t'))
		return false;
	return c < 0x20 || (c >= 0x7f && c < 0xa0) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

enum carnet_status
plain_text_check(struct session *session, const char *what, const char *text,
    size_t max, bool lines)
{
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
	utf8proc_ssize_t left = (utf8proc_ssize_t)strlen(text);
	size_t count = 0;

	while (left > 0) {
		utf8proc_int32_t c;
		utf8proc_ssize_t len = utf8proc_iterate(at, left, &c);

		if (len <= 0)
			return carnet_fail(&session->err, CARNET_INVALID,
			    _("%s: this text is not UTF-8"), what);
		if (plain_text_is_control(c, lines))
			return carnet_fail(&session->err, CARNET_INVALID,
			    _("%s: control characters can't be part of it"),
			    what);
		at += len;
		left -= len;
		count++;
	}
	if (count == 0)
		return carnet_fail(&session->err, CARNET_INVALID,
		    _("%s: an empty text says nothing"), what);
	if (count > max)
		return carnet_fail(&session->err, CARNET_INVALID,
		    _("%s: at most %zu characters"), what, max);
	return CARNET_OK;
}

char *
plain_text_lines(const char *typed)
{
	char *copy = malloc(strlen(typed) + 1), *to = copy;

	if (copy == NULL)
		return NULL;
	while (*typed != '\0') {
		bool ends = typed[0] == '\\' && typed[1] == 'n';

		*to++ = ends ? '\n' : *typed;
		typed += ends ? 2 : 1;
	}
	*to = '\0';
	return copy;
}
