/* SPDX-License-Identifier: ISC */
/* Hurt and odd PDFs against formats/write/pdf_post.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pdf_post.h"

#include <stdio.h>

static const struct pdf_facts facts = { "T & <t>", "fr", "2026-03-05" };

/* A small PDF with a classic table of objects; extra: in its catalogue. */
static size_t
small(char *pdf, size_t room, const char *extra)
{
	int catalogue, pages, table, len;

	len = snprintf(pdf, room, "%%PDF-1.4\n");
	pages = len;
	len += snprintf(pdf + len, room - (size_t)len,
	    "1 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n");
	catalogue = len;
	len += snprintf(pdf + len, room - (size_t)len,
	    "2 0 obj\n<< /Type /Catalog\n   /Pages 1 0 R\n%s>>\nendobj\n",
	    extra);
	table = len;
	len += snprintf(pdf + len, room - (size_t)len,
	    "xref\n0 3\n0000000000 65535 f \n%010d 00000 n \n%010d 00000 n \n"
	    "trailer\n<< /Size 3\n   /Root 2 0 R\n>>\nstartxref\n%d\n%%%%EOF\n",
	    pages, catalogue, table);
	return (size_t)len;
}

static char *
post(const char *pdf, size_t len, size_t *ret_len)
{
	uint8_t *made = NULL;
	char *text;

	assert_int_equal(
	    pdf_post((const uint8_t *)pdf, len, &facts, &made, ret_len, NULL),
	    CARNET_OK);
	text = malloc(*ret_len + 1);
	assert_non_null(text);
	memcpy(text, made, *ret_len);
	text[*ret_len] = '\0';
	free(made);
	return text;
}

static void
appends_and_changes_nothing(void **state)
{
	char pdf[2048];
	size_t len = small(pdf, sizeof(pdf), ""), made_len;
	char *made = post(pdf, len, &made_len);
	const char *table, *object;
	unsigned long at;

	(void)state;
	assert_true(made_len > len);
	assert_memory_equal(made, pdf, len);
	assert_non_null(strstr(made + len, "/Lang (fr)"));
	assert_non_null(strstr(made + len, "/DisplayDocTitle true"));
	assert_non_null(strstr(made + len, "/Pages 1 0 R"));
	assert_non_null(strstr(made + len, "/Metadata 3 0 R"));
	assert_non_null(strstr(made + len, "T &amp; &lt;t&gt;"));
	assert_non_null(strstr(made + len, "/Size 4"));
	assert_null(strstr(made, "pdfaid"));
	/* the new table's offsets are right */
	table = strstr(made + len, "\nxref\n");
	assert_non_null(table);
	at = strtoul(table + strlen("\nxref\n2 1\n"), NULL, 10);
	object = made + at;
	assert_memory_equal(object, "2 0 obj", 7);
	at = strtoul(table + strlen("\nxref\n2 1\n0000000000 00000 n \n3 1\n"),
	    NULL, 10);
	object = made + at;
	assert_memory_equal(object, "3 0 obj", 7);
	free(made);
}

static void
keeps_keys_that_are_there(void **state)
{
	char pdf[2048];
	size_t len = small(pdf, sizeof(pdf),
		   "/Lang <66> /ViewerPreferences << /X true >> "),
	       made_len;
	char *made = post(pdf, len, &made_len);

	(void)state;
	assert_null(strstr(made + len, "/Lang (fr)"));
	assert_null(strstr(made + len, "DisplayDocTitle"));
	assert_non_null(strstr(made + len, "/ViewerPreferences << /X true >>"));
	free(made);
}

/* Every cut and every changed byte: a PDF, or an error, never a crash. */
static void
hurt_files_end_well(void **state)
{
	char pdf[2048], hurt[2048];
	size_t len = small(pdf, sizeof(pdf), ""), made_len, refused = 0;
	static const char others[] = { '\0', '9', '<', '>', '(', ' ', '\xff' };

	(void)state;
	for (size_t cut = 0; cut < len - 10; cut++) {
		uint8_t *made = NULL, *exact = malloc(cut + 1);

		assert_non_null(exact);
		memcpy(exact, pdf, cut);
		assert_int_equal(
		    pdf_post(exact, cut, &facts, &made, &made_len, NULL),
		    CARNET_DAMAGED);
		assert_null(made);
		free(exact);
	}
	for (size_t i = 0; i < len * sizeof(others); i++) {
		uint8_t *made = NULL;

		memcpy(hurt, pdf, len);
		hurt[i / sizeof(others)] = others[i % sizeof(others)];
		if (pdf_post((const uint8_t *)hurt, len, &facts, &made,
			&made_len, NULL) != CARNET_OK)
			refused++;
		free(made);
	}
	assert_true(refused > 100);
}

static void
others_are_refused(void **state)
{
	static const char *const bad[] = { "",
		"trailer\n<< /Size 3 /Root 2 0 R >>\nstartxref\n0\n%%EOF",
		"xref\n0 4294967295\ntrailer\n<< /Size 3 /Root 2 0 R "
		">>\nstartxref\n0\n%%EOF",
		"xref\n1 3\ntrailer\n<< /Size 3 /Root 2 0 R "
		">>\nstartxref\n0\n%%EOF",
		"startxref\n99999999999999999999\n%%EOF" };
	uint8_t *made = NULL;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(pdf_post((const uint8_t *)bad[i],
				     strlen(bad[i]), &facts, &made, &len, NULL),
		    CARNET_DAMAGED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_and_changes_nothing),
		cmocka_unit_test(keeps_keys_that_are_there),
		cmocka_unit_test(hurt_files_end_well),
		cmocka_unit_test(others_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
