/* SPDX-License-Identifier: ISC */
/* Drafts of mail of formats/write/message.c; read back by a mail library in
 * tests/cli/test_export.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "message.h"

/* The message made of JSON; the caller frees. */
static char *
made(const char *json, const char *pdf)
{
	cJSON *message = cJSON_Parse(json);
	struct carnet_error err;
	char *text = NULL;
	size_t len = 0;

	assert_non_null(message);
	assert_int_equal(write_message(message, (const uint8_t *)pdf,
			     pdf == NULL ? 0 : strlen(pdf), &text, &len, &err),
	    CARNET_OK);
	assert_int_equal(strlen(text), len);
	cJSON_Delete(message);
	return text;
}

static void
has(const char *json, const char *line, bool there)
{
	char *text = made(json, "%PDF");

	if ((strstr(text, line) != NULL) != there)
		fail_msg("%s\n%s: %s", there ? "lacks" : "has", line, text);
	free(text);
}

static void
a_draft_is_whole(void **state)
{
	char *text = made(
	    "{\"from\":{\"name\":\"Anne Onyme\",\"email\":\"a@b.fr\"},"
	    "\"to\":{\"name\":\"Caisse\",\"email\":\"c@d.fr\"},"
	    "\"subject\":\"Refusal\",\"text\":\"Bonjour,\\n\\n\xc3\xa9t\xc3\xa9"
	    "\\n\",\"file\":\"a.pdf\"}",
	    "%PDF");

	(void)state;
	assert_string_equal(text,
	    "From: \"Anne Onyme\" <a@b.fr>\r\n"
	    "To: \"Caisse\" <c@d.fr>\r\n"
	    "Subject: Refusal\r\n"
	    "X-Unsent: 1\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/mixed;\r\n"
	    " boundary=\"=_carnet_part\"\r\n"
	    "\r\n"
	    "--=_carnet_part\r\n"
	    "Content-Type: text/plain; charset=UTF-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n"
	    "\r\n"
	    "Bonjour,\r\n\r\n=C3=A9t=C3=A9\r\n\r\n"
	    "--=_carnet_part\r\n"
	    "Content-Type: application/pdf;\r\n"
	    " name=\"a.pdf\"\r\n"
	    "Content-Disposition: attachment;\r\n"
	    " filename=\"a.pdf\"\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "\r\n"
	    "JVBERg==\r\n\r\n"
	    "--=_carnet_part--\r\n");
	free(text);
}

static void
no_address_no_field(void **state)
{
	(void)state;
	has("{\"subject\":\"x\",\"text\":\"\"}", "To:", false);
	has("{\"subject\":\"x\",\"text\":\"\"}", "From:", false);
	has("{\"subject\":\"x\",\"text\":\"\"}", "Date:", false);
	has("{\"to\":{\"name\":\"A\",\"email\":\"not one\"},\"subject\":\"x\"}",
	    "To:", false);
	has("{\"to\":{\"email\":\"a@b.fr\"},\"subject\":\"x\"}",
	    "To: a@b.fr\r\n", true);
}

/* What is typed never becomes a field of its own. */
static void
nothing_is_injected(void **state)
{
	(void)state;
	has("{\"to\":{\"email\":\"a@b.fr\\r\\nBcc: "
	    "x@y.fr\"},\"subject\":\"x\"}",
	    "Bcc", false);
	has("{\"subject\":\"x\\r\\nBcc: x@y.fr\"}", "\r\nBcc", false);
	has("{\"to\":{\"name\":\"a\\\"b\\\\c\",\"email\":\"a@b.fr\"},"
	    "\"subject\":\"x\"}",
	    "To: \"a\\\"b\\\\c\" <a@b.fr>\r\n", true);
	has("{\"subject\":\"=?UTF-8?Q?x?=\"}", "Subject: =?UTF-8?Q?x?=", false);
	has("{\"subject\":\"x\",\"text\":\"--=_carnet_part--\"}",
	    "\r\n--=_carnet_part--\r\n\r\n", false);
}

static void
addresses_are_judged(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} cases[] = { { "a@b", true }, { "a.b+c@d.fr", true }, { "", false },
		{ "@b", false }, { "a@", false }, { "a@b@c", false },
		{ "a b@c", false }, { "a@b,c@d", false }, { "<a@b>", false },
		{ "\xc3\xa9@b.fr", false }, { "a@b\n", false } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (message_address_ok(cases[i].text) != cases[i].ok)
			fail_msg("%s", cases[i].text);
}

/* No line is longer than RFC 2045 and RFC 2047 let it be. */
static void
lines_are_short(void **state)
{
	char subject[2000] = "", json[8000];
	char *text;
	size_t column = 0;

	(void)state;
	for (int i = 0; i < 300; i++)
		strcat(subject, i % 7 == 0 ? "\xe2\x82\xac" : "abc ");
	(void)snprintf(json, sizeof(json),
	    "{\"subject\":\"%s\",\"text\":\"%s\",\"file\":\"%.90s.pdf\","
	    "\"to\":{\"name\":\"%s\",\"email\":\"a@b.fr\"}}",
	    subject, subject, subject, subject);
	text = made(json, subject);
	for (const char *c = text; *c != '\0'; c++) {
		assert_in_range((unsigned char)*c, 1, 0x7f);
		column = *c == '\n' ? 0 : column + 1;
		if (*c == '\n')
			assert_true(c > text && c[-1] == '\r');
		assert_true(column <= 78);
	}
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_draft_is_whole),
		cmocka_unit_test(no_address_no_field),
		cmocka_unit_test(nothing_is_injected),
		cmocka_unit_test(addresses_are_judged),
		cmocka_unit_test(lines_are_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
