/* SPDX-License-Identifier: ISC */
/* CommonMark to passages, formats/write/passages.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "passages.h"

#include <stdio.h>

/* One line a passage: its kind, number and text, spans as <style start-end>. */
static void
check(const char *markdown, const char *lang, const char *expected)
{
	static const char *const kinds[] = { "p", "h", "code", "rule", "list",
		"/list", "item", "/item", "quote", "/quote" };
	struct passages *passages = NULL;
	struct carnet_error err;
	char *made = NULL;
	size_t len = 0;
	FILE *out;

	assert_int_equal(
	    passages_parse(markdown, lang, &passages, &err), CARNET_OK);
	out = open_memstream(&made, &len);
	assert_non_null(out);
	for (size_t i = 0; i < passages->len; i++) {
		const struct passage *passage = &passages->items[i];

		fprintf(out, "%s", kinds[passage->kind]);
		if (passage->kind != PASSAGE_LIST_END && passage->number != 0)
			fprintf(out, " %d", passage->number);
		if (passage->text != NULL)
			fprintf(out, ":%s", passage->text);
		for (size_t j = 0; j < passage->spans_len; j++)
			fprintf(out, "<%u %zu-%zu>", passage->spans[j].style,
			    passage->spans[j].start, passage->spans[j].end);
		fputc(
		    passage->tight && passage->kind == PASSAGE_LIST ? '+' : '|',
		    out);
	}
	assert_int_equal(fclose(out), 0);
	assert_string_equal(made, expected);
	free(made);
	passages_free(passages);
}

static void
blocks(void **state)
{
	(void)state;
	check("", "en", "");
	check("a\nb\n\nc", "en", "p:a b|p:c|");
	check("a\\\nb", "en", "p:a\nb|");
	check("## t\n\n***\n", "en", "h 2:t|rule|");
	check("```\nx\n  y\n```\n", "en", "code:x\n  y|");
	check("> q\n", "en", "quote|p:q|/quote|");
	check("<div>x</div>\n", "en", "p:<div>x</div>|");
}

static void
lists(void **state)
{
	(void)state;
	check("- a\n- b\n", "en", "list+item|p:a|/item|item|p:b|/item|/list|");
	check("3. a\n4. b\n", "en",
	    "list 3+item 3|p:a|/item|item 4|p:b|/item|/list|");
	check("- a\n\n  b\n", "en", "list|item|p:a|p:b|/item|/list|");
	check("- - x\n", "en",
	    "list+item|list+item|p:x|/item|/list|/item|/list|");
	check("-\n", "en", "list+item|/item|/list|");
}

static void
spans(void **state)
{
	(void)state;
	check("a **b** *c*", "en", "p:a b c<1 2-3><2 4-5>|");
	check("***x***", "en", "p:x<3 0-1>|");
	check("`c  d`", "en", "p:c  d<4 0-4>|");
	check("**a *b* c**", "en", "p:a b c<1 0-2><3 2-3><1 3-5>|");
}

static void
links_survive_paper(void **state)
{
	(void)state;
	check(
	    "[site](https://x.example/)", "en", "p:site (https://x.example/)|");
	check("<https://x.example/>", "en", "p:https://x.example/|");
	check("<a@x.example>", "en", "p:a@x.example|");
	check("[x](javascript:alert(1))", "en", "p:x (javascript:alert(1))|");
	check("![alt](x.png)", "en", "p:alt|");
	check("a <b>c</b>", "en", "p:a <b>c</b>|");
}

#define NBSP "\xc2\xa0"
#define NARROW "\xe2\x80\xaf"

static void
french_spaces(void **state)
{
	(void)state;
	check("a ; b : c ! d ?", "fr",
	    "p:a" NARROW "; b" NBSP ": c" NARROW "! d" NARROW "?|");
	check("a ; b", "en", "p:a ; b|");
	check("« a »", "fr", "p:«" NBSP "a" NBSP "»|");
	check("n° 78, article L. 1461", "fr-FR",
	    "p:n°" NBSP "78, article L." NBSP "1461|");
	check("a **:b**", "fr", "p:a" NBSP ":b<1 3-5>|");
	check("`x` ;", "fr", "p:x" NARROW ";<4 0-1>|");
	check(":", "fr", "p::|");
}

static void
typed_text_is_printed_as_typed(void **state)
{
	(void)state;
	check("\\*a\\* \\_b\\_ \\<c\\> \\# \\[d\\](e)", "en",
	    "p:*a* _b_ <c> # [d](e)|");
	check("1\\. x", "en", "p:1. x|");
	check("&amp; &copy; \\&amp;", "en", "p:& © &amp;|");
}

static void
hidden_characters_are_refused(void **state)
{
	static const char *const bad[] = { "a &#x202e; b", "a &#7; b",
		"&#x2068;", "&#xfffe;", "a\xff" };
	struct passages *passages = NULL;
	struct carnet_error err;

	(void)state;
	/* cmark itself turns what is no UTF-8 into U+FFFD: letter_check sees
	 * the body before */
	for (size_t i = 0; i + 1 < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(passages_parse(bad[i], "fr", &passages, &err),
		    CARNET_INVALID);
		assert_null(passages);
	}
}

static void
deep_nesting_ends(void **state)
{
	struct passages *passages = NULL;
	struct carnet_error err;
	char deep[3001];

	(void)state;
	for (size_t i = 0; i < 3000; i += 2)
		memcpy(deep + i, i % 4 == 0 ? "> " : "- ", 2);
	deep[3000] = '\0';
	assert_int_equal(
	    passages_parse(deep, "fr", &passages, &err), CARNET_OK);
	assert_true(passages->len > 1000);
	passages_free(passages);
	passages_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks),
		cmocka_unit_test(lists),
		cmocka_unit_test(spans),
		cmocka_unit_test(links_survive_paper),
		cmocka_unit_test(french_spaces),
		cmocka_unit_test(typed_text_is_printed_as_typed),
		cmocka_unit_test(hidden_characters_are_refused),
		cmocka_unit_test(deep_nesting_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
