/* SPDX-License-Identifier: ISC */
/* The HTML of formats/write/letter_html.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "formats.h"

#include <stdio.h>

static char lang[] = "fr", channel[] = "letter", subject[] = "A < B & \"C\"",
	    signature[] = "Anne <script>alert(1)</script>",
	    footer[] = "Réf. abc";
static char name[] = "Anne & Cie ____________", body[] = "b";
static char *lines[] = { name, name, NULL };

static struct letter
letter_of(char *text)
{
	return (struct letter){ .lang = lang,
		.channel = channel,
		.subject = subject,
		.sender = lines,
		.addressee = lines,
		.place_date = footer,
		.body = text,
		.signature = signature,
		.footer = footer };
}

static char *
html_of(const struct letter *letter)
{
	char *html = NULL;

	assert_int_equal(write_letter_html(letter, &html, NULL), CARNET_OK);
	return html;
}

static void
loads_and_runs_nothing(void **state)
{
	static char hostile[] =
	    "<script>x</script> <img src=x onerror=y>\n\n<iframe>\n\n"
	    "[a](javascript:b) ![c](http://d/e) <style>f</style>";
	struct letter letter = letter_of(hostile);
	char *html = html_of(&letter);
	static const char *const never[] = { "<script", "<img", "<iframe",
		"<link", "href", "src=\"", "url(", "@import" };

	(void)state;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_null(strstr(html, never[i]));
	assert_non_null(strstr(html,
	    "content=\"default-src 'none'; style-src 'unsafe-inline'; "
	    "img-src data:\""));
	assert_non_null(strstr(html, "&lt;script&gt;x&lt;/script&gt;"));
	assert_non_null(
	    strstr(html, "Anne &lt;script&gt;alert(1)&lt;/script&gt;"));
	free(html);
}

static void
says_what_is_what(void **state)
{
	struct letter letter = letter_of(body);
	char *html = html_of(&letter);
	static const char *const parts[] = { "<!DOCTYPE html>",
		"<html lang=\"fr\">", "<meta charset=\"utf-8\">",
		"<title>A &lt; B &amp; &quot;C&quot;</title>", "<main>",
		"aria-label=\"Expéditeur\"", "<address>",
		"aria-label=\"Destinataire\"",
		"<h1>Objet\xc2\xa0: A &lt; B &amp; &quot;C&quot;</h1>",
		"<p>b</p>", "</main>", "<footer>Réf. abc</footer>" };
	const char *at = html;

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		at = strstr(at, parts[i]);
		assert_non_null(at);
	}
	/* a blank is said, not spelt out */
	assert_non_null(strstr(html,
	    "<bdi>Anne &amp; Cie <span class=\"blank\" role=\"img\" "
	    "aria-label=\"blanc, à compléter à la main\">____________</span>"
	    "</bdi>"));
	free(html);
}

static void
blocks_are_elements(void **state)
{
	static char text[] =
	    "# T\n\n- a\n- b\n\n3. c\n\n   d\n\n> e\n\n```\n<f>"
	    "\n```\n\n***\n\n**g** *h* `i`\\\nj __k\n";
	struct letter letter = letter_of(text);
	char *html = html_of(&letter);
	static const char *const parts[] = { "<h2>T</h2>\n",
		"<ul class=\"tight\">\n<li><p>a</p>\n</li>\n<li><p>b</p>\n"
		"</li>\n</ul>\n",
		"<ol start=\"3\">\n<li><p>c</p>\n<p>d</p>\n</li>\n</ol>\n",
		"<blockquote>\n<p>e</p>\n</blockquote>\n",
		"<pre>&lt;f&gt;</pre>\n", "<hr>\n",
		"<p><strong>g</strong> <em>h</em> <code>i</code><br>\nj "
		"__k</p>\n" };
	const char *at = html;

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		at = strstr(at, parts[i]);
		assert_non_null(at);
	}
	free(html);
}

static void
a_message_has_no_layout(void **state)
{
	static char ameli[] = "ameli";
	struct letter letter = letter_of(body);
	char *html;

	(void)state;
	letter.channel = ameli;
	html = html_of(&letter);
	assert_null(strstr(html, "<address>"));
	assert_null(strstr(html, "class=\"place\""));
	assert_non_null(strstr(html, "<p>b</p>"));
	assert_non_null(strstr(html, "<footer>"));
	free(html);
}

static void
hostile_letters_are_refused(void **state)
{
	static char bad_lang[] = "fr\" onload=\"x", bad[] = "a\x08";
	struct letter letter = letter_of(body);
	char *html = NULL;

	(void)state;
	letter.lang = bad_lang;
	assert_int_equal(
	    write_letter_html(&letter, &html, NULL), CARNET_INVALID);
	letter = letter_of(bad);
	assert_int_equal(
	    write_letter_html(&letter, &html, NULL), CARNET_INVALID);
	assert_null(html);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_and_runs_nothing),
		cmocka_unit_test(says_what_is_what),
		cmocka_unit_test(blocks_are_elements),
		cmocka_unit_test(a_message_has_no_layout),
		cmocka_unit_test(hostile_letters_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
