/* SPDX-License-Identifier: ISC */
/* What a person typed, cleaned and escaped: formats/letters/value.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <cmark.h>

#include "value.h"

static void
values_are_cleaned(void **state)
{
	static const struct {
		const char *raw;
		bool lines;
		const char *expected; /* NULL: nothing left */
	} rows[] = {
		{ "Anne Martin", false, "Anne Martin" },
		{ "  Anne \t  Martin  ", false, "Anne Martin" },
		{ "", false, NULL },
		{ " \n\t ", true, NULL },
		{ "a\nb", false, "a b" },
		{ "a\nb", true, "a\nb" },
		{ "a\r\nb\rc", true, "a\nb\nc" },
		{ "\n\na\n\n\n\nb\n\n", true, "a\n\nb" },
		{ "a \n b", true, "a\nb" },
		{ "a\302\205b\342\200\250c", true, "a\nb\nc" },
		{ "a\001\002\033[31mb\177", false, "a[31mb" },
		/* right-to-left override, isolates, marks, zero width */
		{ "a\342\200\256b\342\201\246c\342\201\251d", false, "abcd" },
		{ "a\342\200\213b\357\273\277c\342\200\217d", false, "abcd" },
		/* tag characters and a non-character */
		{ "a\363\240\201\201b\357\277\277c", false, "abc" },
		/* e + combining acute composes; Hebrew and emoji stay */
		{ "Jose\314\201", false, "Jos\303\251" },
		{ "\327\251\327\234\327\225\327\235", false,
		    "\327\251\327\234\327\225\327\235" },
		{ "\360\237\221\251\342\200\215\360\237\224\254", false,
		    "\360\237\221\251\342\200\215\360\237\224\254" },
	};
	struct carnet_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *value = NULL;

		assert_int_equal(
		    value_clean(rows[i].raw, rows[i].lines, &value, &err),
		    CARNET_OK);
		if (rows[i].expected == NULL)
			assert_null(value);
		else
			assert_string_equal(value, rows[i].expected);
		free(value);
	}
}

static void
broken_utf8_is_refused(void **state)
{
	static const char *const bad[] = { "\377", "a\303", "\300\200",
		"\355\240\200", "\364\220\200\200", "a\200b" };
	struct carnet_error err;
	char *value = NULL, *large;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
		    value_clean(bad[i], true, &value, &err), CARNET_INVALID);
		assert_null(value);
	}
	large = malloc(VALUE_MAX + 2);
	assert_non_null(large);
	memset(large, 'x', VALUE_MAX + 1);
	large[VALUE_MAX + 1] = '\0';
	assert_int_equal(
	    value_clean(large, true, &value, &err), CARNET_INVALID);
	large[VALUE_MAX] = '\0';
	assert_int_equal(value_clean(large, true, &value, &err), CARNET_OK);
	assert_int_equal(strlen(value), VALUE_MAX);
	free(value);
	free(large);
}

/* What an independent CommonMark reader prints of an escaped value. */
static char *
value_printed(const char *value)
{
	struct text text = { 0 };
	char *markdown, *printed;
	cmark_node *node;
	cmark_iter *iter;
	struct text out = { 0 };
	cmark_event_type event;

	text_add(&text, "x ");
	value_add_markdown(&text, value);
	markdown = text_take(&text);
	node =
	    cmark_parse_document(markdown, strlen(markdown), CMARK_OPT_DEFAULT);
	iter = cmark_iter_new(node);
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node *at = cmark_iter_get_node(iter);
		cmark_node_type type = cmark_node_get_type(at);

		if (event != CMARK_EVENT_ENTER)
			continue;
		if (type == CMARK_NODE_TEXT)
			text_add(&out, cmark_node_get_literal(at));
		else if (type == CMARK_NODE_LINEBREAK)
			text_add(&out, "\n");
		else if (type != CMARK_NODE_DOCUMENT &&
			 type != CMARK_NODE_PARAGRAPH)
			text_add(&out, "MARKUP");
	}
	cmark_iter_free(iter);
	cmark_node_free(node);
	free(markdown);
	printed = text_take(&out);
	return printed;
}

static void
values_print_as_typed(void **state)
{
	static const char *const values[] = { "Anne Martin", "*_[]{{}}<>&",
		"{{person.nir}}", "{{#represented}}", "# title", "- item",
		"1. item", "> quote", "    code", "[link](http://x)",
		"![image](x)", "<script>alert(1)</script>",
		"&amp; &#65; &copy;", "\\*\\", "a\\", "``code``", "~~~", "---",
		"===", "***", "http://x.example/_a_?b=*c*",
		"<http://auto.example>", "a\nb", "a\n- b", "a\n\n# b",
		"a\n===", "a\n\n    b", "__init__", "| a | b |",
		"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char *clean = NULL, *printed;

		assert_int_equal(
		    value_clean(values[i], true, &clean, NULL), CARNET_OK);
		printed = value_printed(clean);
		assert_memory_equal(printed, "x ", 2);
		assert_string_equal(printed + 2, clean);
		free(printed);
		free(clean);
	}
}

static void
counts_are_those_of_a_web_form(void **state)
{
	static const struct {
		const char *markdown;
		size_t count;
	} rows[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "\\*a\\*", 3 },
		{ "a\\\nb", 4 }, /* a line's end may be sent as CR LF */
		{ "\303\251", 1 },
		{ "\360\237\221\251", 2 },
		{ "\302\240", 1 },
		{ "a\\b", 3 },  /* a backslash that escapes nothing */
		{ "\\\\*", 2 }, /* an escaped backslash escapes no more */
		{ "\\\\\\*", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(value_count(rows[i].markdown), rows[i].count);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_cleaned),
		cmocka_unit_test(broken_utf8_is_refused),
		cmocka_unit_test(values_print_as_typed),
		cmocka_unit_test(counts_are_those_of_a_web_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
