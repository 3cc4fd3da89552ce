/* SPDX-License-Identifier: ISC */
/* The template syntax, strict: formats/letters/template.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "template.h"

/* Two fields with a value, two without, one of our own words. */
static struct fields
template_fields(void)
{
	static char names[5][8] = { "name", "flag", "none", "quiet", "words" };
	static char values[3][8] = { "*A*", "yes", "**b**" };
	static char missing[2][16] = { "person.name", "person.none" };
	static struct field items[] = {
		{ names[0], values[0], missing[0], false },
		{ names[1], values[1], NULL, false },
		{ names[2], NULL, missing[1], false },
		{ names[3], NULL, NULL, false },
		{ names[4], values[2], NULL, true },
	};

	return (struct fields){ .items = items,
		.len = sizeof(items) / sizeof(items[0]) };
}

static enum carnet_status
template_try(const char *source, bool plain, char **ret_text,
    struct lines *missing, struct carnet_error *err)
{
	struct fields fields = template_fields();
	struct template_context context = { .fields = &fields,
		.lang = "en",
		.plain = plain,
		.missing = missing };
	struct letter_template *template = NULL;
	struct text text = { 0 };
	enum carnet_status status;

	status = template_parse("test", source, strlen(source), &template, err);
	if (status == CARNET_OK)
		status = template_fill(template, &context, &text, err);
	template_free(template);
	if (status == CARNET_OK)
		*ret_text = text_take(&text);
	text_free(&text);
	return status;
}

static void
templates_are_filled(void **state)
{
	static const struct {
		const char *source, *expected;
	} rows[] = {
		{ "", "" },
		{ "a", "a" },
		{ "a {b} c", "a {b} c" },
		{ "{{name}}", "\\*A\\*" },
		{ "<{{name}}>", "<\\*A\\*>" },
		{ "{{words}}", "**b**" },
		{ "{{#flag}}a{{/flag}}b", "ab" },
		{ "{{^flag}}a{{/flag}}b", "b" },
		{ "{{#quiet}}a{{/quiet}}{{^quiet}}c{{/quiet}}", "c" },
		{ "{{#flag}}{{^none}}x{{/none}}{{/flag}}", "x" },
		{ "a\n{{#flag}}\nb\n{{/flag}}\nc\n", "a\nb\nc\n" },
		{ "a {{#flag}}b{{/flag}}\nc", "a b\nc" },
		{ "---\nsubject: S\n---\n\nbody\n", "body\n" },
	};
	struct carnet_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lines missing = { 0 };
		char *text = NULL;

		assert_int_equal(
		    template_try(rows[i].source, false, &text, &missing, &err),
		    CARNET_OK);
		assert_string_equal(text, rows[i].expected);
		assert_int_equal(missing.len, 0);
		free(text);
		lines_free(&missing);
	}
}

static void
blanks_are_ruled_and_reported(void **state)
{
	struct lines missing = { 0 };
	struct carnet_error err;
	char *text = NULL;

	(void)state;
	assert_int_equal(template_try("{{none}} {{none}} {{quiet}}", true,
			     &text, &missing, &err),
	    CARNET_OK);
	assert_string_equal(text, "____________ ____________ ____________");
	assert_int_equal(missing.len, 1);
	assert_string_equal(missing.items[0], "person.none");
	free(text);
	lines_free(&missing);
	/* in the body a rule is escaped: it must not become a line of its own
	 */
	assert_int_equal(
	    template_try("{{quiet}}", false, &text, &missing, &err), CARNET_OK);
	assert_memory_equal(text, "\\_\\_", 4);
	free(text);
	lines_free(&missing);
}

static void
bad_templates_are_refused(void **state)
{
	static const char *const bad[] = {
		"{{unknown}}",
		"{{#unknown}}a{{/unknown}}",
		"{{#quiet}}{{unknown}}{{/quiet}}", /* also where it hides */
		"{{^flag}}{{unknown}}{{/flag}}",
		"{{>nowhere}}",
		"{{#quiet}}{{>nowhere}}{{/quiet}}",
		"{{name",
		"{{name}",
		"{{ name }}",
		"{{name\n}}",
		"{{}}",
		"{{#}}",
		"{{Name}}",
		"{{{name}}}",
		"name}}",
		"{{#flag}}a",
		"a{{/flag}}",
		"{{#flag}}{{#name}}{{/flag}}{{/name}}",
		"{{#each flag}}{{/each}}",
		"{{&name}}",
		"{{!comment}}",
		"---\nsubject: S\nbody",
		"---\nsubject\n---\nbody",
		"---\nsubject:S\n---\nbody",
		"---\na: 1\nb: 2\nc: 3\nd: 4\ne: 5\n---\nbody",
		"{{#flag}}{{#flag}}{{#flag}}{{#flag}}{{#flag}}{{#flag}}"
		"{{#flag}}{{#flag}}{{#flag}}x{{/flag}}{{/flag}}{{/flag}}"
		"{{/flag}}{{/flag}}{{/flag}}{{/flag}}{{/flag}}{{/flag}}",
		"{{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaa}}",
	};
	struct carnet_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct lines missing = { 0 };
		char *text = NULL;

		err.message[0] = '\0';
		assert_int_equal(
		    template_try(bad[i], false, &text, &missing, &err),
		    CARNET_INVALID);
		assert_null(text);
		assert_string_not_equal(err.message, "");
		lines_free(&missing);
	}
}

static void
front_matter_has_its_keys(void **state)
{
	static const char source[] = "---\nsubject: To {{name}}\n---\nbody";
	struct fields fields = template_fields();
	struct lines missing = { 0 };
	struct template_context context = { .fields = &fields,
		.lang = "en",
		.plain = true,
		.missing = &missing };
	struct letter_template *template = NULL;
	struct text text = { 0 };
	struct carnet_error err;
	char *subject;

	(void)state;
	assert_int_equal(
	    template_parse("test", source, sizeof(source) - 1, &template, &err),
	    CARNET_OK);
	assert_int_equal(
	    template_fill_key(template, "subject", &context, &text, &err),
	    CARNET_OK);
	subject = text_take(&text);
	assert_string_equal(subject, "To *A*");
	free(subject);
	assert_int_equal(
	    template_fill_key(template, "sub", &context, &text, &err),
	    CARNET_INVALID);
	template_free(template);
	text_free(&text);
	lines_free(&missing);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(templates_are_filled),
		cmocka_unit_test(blanks_are_ruled_and_reported),
		cmocka_unit_test(bad_templates_are_refused),
		cmocka_unit_test(front_matter_has_its_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
