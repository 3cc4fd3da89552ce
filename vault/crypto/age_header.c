/* SPDX-License-Identifier: ISC */
/*
 * age's textual header: a version line, a stanza a recipient, a MAC.
 * Strict: what age.md doesn't allow is refused.  Wraps no key.
 */
#include "age_inside.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AGE_LINE 64 /* characters of a full line of a body */
#define AGE_BASE64 sodium_base64_VARIANT_ORIGINAL_NO_PADDING
#define AGE_BODY_TEXT 43 /* 32 bytes in base64 without padding */

/* --- writing ------------------------------------------------------------ */

static void
age_print_base64(FILE *stream, const uint8_t *bytes, size_t len)
{
	char text[64];

	(void)sodium_bin2base64(text, sizeof(text), bytes, len, AGE_BASE64);
	(void)fputs(text, stream);
}

static void
age_print_stanza(FILE *stream, const struct age_stanza *stanza)
{
	if (stanza->is_scrypt) {
		(void)fputs("-> scrypt ", stream);
		age_print_base64(stream, stanza->salt, sizeof(stanza->salt));
		(void)fprintf(stream, " %u\n", stanza->work_factor);
	} else {
		(void)fputs("-> X25519 ", stream);
		age_print_base64(stream, stanza->share, sizeof(stanza->share));
		(void)fputs("\n", stream);
	}
	age_print_base64(stream, stanza->body, sizeof(stanza->body));
	(void)fputs("\n", stream);
}

enum carnet_status
age_header_write(const uint8_t *file_key, const struct age_stanza *stanzas,
    size_t stanzas_len, char **ret_text, size_t *ret_len,
    struct carnet_error *err)
{
	char *text = NULL;
	size_t len = 0;
	uint8_t mac[AGE_MAC_LEN];
	FILE *stream = open_memstream(&text, &len);

	if (stream == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("an age file"));
	(void)fputs(AGE_VERSION "\n", stream);
	for (size_t i = 0; i < stanzas_len; i++)
		age_print_stanza(stream, &stanzas[i]);
	(void)fputs("---", stream);
	if (fflush(stream) == 0) {
		age_mac(file_key, text, len, mac);
		(void)fputs(" ", stream);
		age_print_base64(stream, mac, sizeof(mac));
		(void)fputs("\n", stream);
	}
	if (ferror(stream) != 0 || fclose(stream) != 0) {
		free(text);
		return carnet_fail_errno(err, ENOMEM, CARNET_("an age file"));
	}
	*ret_text = text;
	*ret_len = len;
	return CARNET_OK;
}

/* --- reading ------------------------------------------------------------ */

struct age_lines { /* what is left of the header */
	const char *at, *end;
};

static enum carnet_status
age_malformed(struct carnet_error *err, const char *what)
{
	return carnet_fail(
	    err, CARNET_DAMAGED, CARNET_("not a sound age file: %s"), what);
}

/* The next line without its newline; false at the end. */
static bool
age_next_line(struct age_lines *lines, const char **ret_line, size_t *ret_len)
{
	const char *newline =
	    memchr(lines->at, '\n', (size_t)(lines->end - lines->at));

	if (newline == NULL)
		return false;
	*ret_line = lines->at;
	*ret_len = (size_t)(newline - lines->at);
	lines->at = newline + 1;
	return true;
}

/* Exactly `wanted` bytes of canonical base64 without padding. */
static bool
age_base64(const char *text, size_t len, uint8_t *bytes, size_t wanted)
{
	size_t got = 0;
	const char *end = NULL;

	return sodium_base642bin(bytes, wanted, text, len, NULL, &got, &end,
		   AGE_BASE64) == 0 &&
	       got == wanted && end == text + len;
}

/* A word of a stanza's first line: printable ASCII, not empty. */
static bool
age_next_word(
    const char **at, const char *end, const char **ret_word, size_t *ret_len)
{
	const char *word = *at, *c = word;

	while (c < end && *c != ' ') {
		if (*c < 33 || *c > 126)
			return false;
		c++;
	}
	if (c == word || (c < end && c + 1 == end))
		return false;
	*ret_word = word;
	*ret_len = (size_t)(c - word);
	*at = c < end ? c + 1 : end;
	return true;
}

/* "1" to "63", no sign, no leading zero. */
static bool
age_work_factor(const char *text, size_t len, unsigned *ret_factor)
{
	unsigned factor = 0;

	if (len < 1 || len > 2 || text[0] == '0')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		factor = factor * 10 + (unsigned)(text[i] - '0');
	}
	*ret_factor = factor;
	return factor < 64;
}

#define AGE_WORDS_MAX 3

/*
 * The lines of a body, 64 characters each but the last, which is shorter and
 * may be empty.  body: 43 characters if it is a wrapped key, for known kinds;
 * others' bodies are only checked.
 */
static bool
age_read_body(struct age_lines *lines, bool known, uint8_t body[AGE_BODY_LEN])
{
	uint8_t line_bytes[AGE_LINE];
	const char *line;
	size_t len, count = 0, got;
	bool good = true;

	do {
		if (!age_next_line(lines, &line, &len) || len > AGE_LINE ||
		    sodium_base642bin(line_bytes, sizeof(line_bytes), line, len,
			NULL, &got, NULL, AGE_BASE64) != 0)
			return false;
		if (known && (count > 0 || len != AGE_BODY_TEXT))
			good = false;
		if (known && good)
			memcpy(body, line_bytes, AGE_BODY_LEN);
		count++;
	} while (len == AGE_LINE);
	return good;
}

static bool
age_read_stanza(struct age_lines *lines, const char *line, size_t len,
    struct age_stanza *ret_stanza)
{
	struct age_stanza stanza = { 0 };
	const char *at = line + 3, *words[AGE_WORDS_MAX + 1] = { 0 };
	size_t lens[AGE_WORDS_MAX + 1] = { 0 }, count = 0;

	if (len < 4 || strncmp(line, "-> ", 3) != 0)
		return false;
	while (at < line + len) {
		size_t i = count < AGE_WORDS_MAX ? count : AGE_WORDS_MAX;

		if (!age_next_word(&at, line + len, &words[i], &lens[i]))
			return false;
		count++;
	}
	stanza.is_x25519 = lens[0] == 6 && memcmp(words[0], "X25519", 6) == 0;
	stanza.is_scrypt = lens[0] == 6 && memcmp(words[0], "scrypt", 6) == 0;
	if (stanza.is_x25519 &&
	    (count != 2 || !age_base64(words[1], lens[1], stanza.share,
			       sizeof(stanza.share))))
		return false;
	if (stanza.is_scrypt &&
	    (count != 3 ||
		!age_base64(
		    words[1], lens[1], stanza.salt, sizeof(stanza.salt)) ||
		!age_work_factor(words[2], lens[2], &stanza.work_factor)))
		return false;
	if (!age_read_body(
		lines, stanza.is_x25519 || stanza.is_scrypt, stanza.body))
		return false;
	*ret_stanza = stanza;
	return true;
}

static bool
age_read_mac(const char *line, size_t len, uint8_t mac[AGE_MAC_LEN])
{
	return len == 4 + AGE_BODY_TEXT && memcmp(line, "--- ", 4) == 0 &&
	       age_base64(line + 4, len - 4, mac, AGE_MAC_LEN);
}

enum carnet_status
age_header_parse(const char *text, size_t len, struct age_header *ret_header,
    struct carnet_error *err)
{
	struct age_lines lines = { text, text + len };
	struct age_stanza stanza;
	const char *line;
	size_t line_len, seen = 0;
	bool has_scrypt = false;

	memset(ret_header, 0, sizeof(*ret_header));
	if (!age_next_line(&lines, &line, &line_len) ||
	    line_len != sizeof(AGE_VERSION) - 1 ||
	    memcmp(line, AGE_VERSION, line_len) != 0)
		return age_malformed(err, CARNET_("another version"));
	for (;;) {
		if (!age_next_line(&lines, &line, &line_len))
			return age_malformed(err, CARNET_("its header ends"));
		if (line_len >= 3 && memcmp(line, "---", 3) == 0)
			break;
		if (!age_read_stanza(&lines, line, line_len, &stanza))
			return age_malformed(
			    err, CARNET_("a recipient's line"));
		seen++;
		has_scrypt |= stanza.is_scrypt;
		if (!stanza.is_x25519 && !stanza.is_scrypt)
			continue;
		if (ret_header->stanzas_len == AGE_RECIPIENTS_MAX)
			return age_malformed(
			    err, CARNET_("too many recipients"));
		ret_header->stanzas[ret_header->stanzas_len++] = stanza;
	}
	if (seen == 0 || (has_scrypt && seen > 1))
		return age_malformed(err,
		    CARNET_("a passphrase beside recipients, or none at all"));
	ret_header->mac_len = (size_t)(line - text) + 3;
	if (!age_read_mac(line, line_len, ret_header->mac) ||
	    lines.at != lines.end)
		return age_malformed(err, CARNET_("its MAC's line"));
	return CARNET_OK;
}
