/* SPDX-License-Identifier: ISC */
/*
 * The checks of a letter that don't depend on the kind of file.
 * Writes nothing.
 * The contract is in letter_check.h.
 */
#include "letter_check.h"

#include "wording.h"

#include <string.h>

#include <utf8proc.h>

#define LETTER_LINES_MAX 64

bool
letter_char_ok(int32_t c, bool line)
{
	if (c == '\n' || c == '\t')
		return !line;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return false;
	if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
		return false;
	if (c == 0x2028 || c == 0x2029 || c == 0xfeff)
		return false;
	/* noncharacters, and tags that show nothing */
	if ((c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef))
		return false;
	return !(c >= 0xe0000 && c <= 0xe0fff);
}

static enum carnet_status
letter_check_part(
    void *context, const char *part, const char *text, struct carnet_error *err)
{
	const uint8_t *bytes = (const uint8_t *)text;
	size_t left = strlen(text);
	bool line = strcmp(part, "body") != 0;

	(void)context;
	while (left > 0) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n =
		    utf8proc_iterate(bytes, (utf8proc_ssize_t)left, &c);

		if (n <= 0)
			return carnet_fail(err, CARNET_INVALID,
			    CARNET_("letter: %s: not UTF-8"), part);
		if (!letter_char_ok(c, line))
			return carnet_fail(err, CARNET_INVALID,
			    CARNET_("letter: %s: the character U+%04X cannot "
				    "be written"),
			    part, (unsigned)c);
		bytes += n;
		left -= (size_t)n;
	}
	return CARNET_OK;
}

static enum carnet_status
letter_each_line(char **lines, const char *part, letter_part_check *check,
    void *context, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0;
	     lines != NULL && lines[i] != NULL && status == CARNET_OK; i++) {
		if (i == LETTER_LINES_MAX)
			return carnet_fail(err, CARNET_INVALID,
			    CARNET_("letter: %s: too many lines"), part);
		status = check(context, part, lines[i], err);
	}
	return status;
}

enum carnet_status
letter_each_part(const struct letter *letter, letter_part_check *check,
    void *context, struct carnet_error *err)
{
	const struct {
		const char *part, *text;
	} parts[] = {
		{ "subject", letter->subject },
		{ "place and date", letter->place_date },
		{ "mention", letter->mention },
		{ "body", letter->body },
		{ "signature", letter->signature },
		{ "footer", letter->footer },
		{ "key", letter->key },
	};
	enum carnet_status status;

	status =
	    letter_each_line(letter->sender, "sender", check, context, err);
	if (status == CARNET_OK)
		status = letter_each_line(
		    letter->addressee, "addressee", check, context, err);
	if (status == CARNET_OK)
		status = letter_each_line(
		    letter->key_words, "key", check, context, err);
	for (size_t i = 0;
	     i < sizeof(parts) / sizeof(parts[0]) && status == CARNET_OK; i++) {
		if (parts[i].text != NULL)
			status =
			    check(context, parts[i].part, parts[i].text, err);
	}
	return status;
}

enum carnet_status
letter_check(const struct letter *letter, struct carnet_error *err)
{
	if (!wording_tag_ok(letter->lang))
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("letter: the language is not a language tag"));
	if (letter->subject == NULL || letter->body == NULL)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("letter: no subject, or no body"));
	return letter_each_part(letter, letter_check_part, NULL, err);
}

bool
letter_is_message(const struct letter *letter)
{
	static const char *const messages[] = { "ameli", "portal", "form",
		"email" };

	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		if (letter->channel != NULL &&
		    strcmp(letter->channel, messages[i]) == 0)
			return true;
	}
	return false;
}
