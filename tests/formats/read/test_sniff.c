/* SPDX-License-Identifier: ISC */
/*
 * Media types from first bytes: a table of beginnings, every cut of each, and
 * real files where CARNET_CORPORA is.  Reads no document.
 * See formats/read/sniff.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sniff.h"

struct sniff_case {
	const char *type;
	const char *bytes;
	size_t len; /* 0: strlen */
};

#define BYTES(literal) literal, sizeof(literal) - 1

static const struct sniff_case cases[] = {
	{ "application/pdf", "%PDF-1.7\n%", 0 },
	{ "application/pdf", "junk before\n%PDF-1.4\n1 0 obj\n<<>>\nendobj\n",
	    0 },
	{ "text/plain", "In a letter: %PDF-1.4 is how 1 0 obj begins", 0 },
	{ "text/plain", "%PD", 0 },
	{ "image/png", BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIHDR") },
	{ "image/jpeg", BYTES("\xff\xd8\xff\xe0\0\x10JFIF") },
	{ "image/gif", "GIF89a....", 0 },
	{ "text/plain", "GIF88a is no GIF", 0 },
	{ "image/tiff", BYTES("II*\0\x08\0\0\0") },
	{ "image/tiff", BYTES("MM\0*\0\0\0\x08") },
	{ "image/webp", BYTES("RIFF\x10\0\0\0WEBPVP8 ") },
	{ "application/octet-stream", BYTES("RIFF\x10\0\0\0WAVEfmt \0\0") },
	{ "image/heic", BYTES("\0\0\0\x18"
			      "ftypheic\0\0\0\0") },
	{ "application/zip", BYTES("PK\x03\x04\x14\0\0\0") },
	{ "application/zip", BYTES("PK\x05\x06\0\0\0\0") },
	{ "application/gzip", BYTES("\x1f\x8b\x08\0\0\0\0\0") },
	{ "application/rtf", "{\\rtf1\\ansi Bonjour}", 0 },
	/* DICOM without its preamble: group 8, explicit and implicit */
	{ "application/dicom",
	    BYTES("\x08\0\x05\0CS\x0a\0ISO_IR 100\x08\0\x12\0DA\x08\0"
		  "20040119\x08\0\x13\0TM\x06\0"
		  "072731") },
	{ "application/dicom",
	    BYTES("\x08\0\x05\0\x0a\0\0\0ISO_IR 100\x08\0\x12\0\x08\0\0\0"
		  "20040119\x08\0\x13\0\x06\0\0\0"
		  "072731") },
	{ "application/dicom", BYTES("\0\x08\0\x05"
				     "CS\0\x0aISO_IR 100\0\x08\0\x12"
				     "DA\0\x08"
				     "20040119\0\x08\0\x13TM\0\x06"
				     "072731") },
	/* the same, out of order, or of odd length: not DICOM */
	{ "application/octet-stream",
	    BYTES("\x08\0\x12\0DA\x08\0"
		  "20040119\x08\0\x05\0CS\x0a\0ISO_IR 100\x08\0\x13\0TM\x06\0"
		  "072731") },
	{ "application/octet-stream",
	    BYTES("\x08\0\x05\0CS\x0b\0ISO_IR 100 \x08\0\x12\0DA\x08\0"
		  "20040119\x08\0\x13\0TM\x06\0"
		  "072731") },
	/* JSON and FHIR */
	{ "application/fhir+json", "{\"resourceType\":\"Bundle\"}", 0 },
	{ "application/fhir+json",
	    "\xef\xbb\xbf \n{ \"id\" : [1,2,{\"a\":\"\\u00e9\"}],\n"
	    "\"resourceType\" :\n\"Patient\"}",
	    0 },
	{ "application/json", "{\"a\":{\"resourceType\":\"Patient\"}}", 0 },
	{ "application/json", "{\"a\":\"resourceType\",\"b\":\"Patient\"}", 0 },
	{ "application/json", "{\"resourceType\":[\"Patient\"]}", 0 },
	{ "application/json", "{\"resourceType\":12}", 0 },
	{ "application/json", "[]", 0 },
	{ "application/json", "[1.50e-3, true, null, \"x\"]", 0 },
	{ "text/plain", "[1,]", 0 },
	{ "text/plain", "{'a':1}", 0 },
	{ "text/plain", "[01]", 0 },
	{ "text/plain", "[\"a\\x\"]", 0 },
	{ "text/plain", "{} {}", 0 },
	{ "text/plain", "[ ] to do\n[x] done", 0 },
	{ "text/plain", "42", 0 },
	{ "application/fhir+ndjson",
	    "{\"resourceType\":\"A1x\"}\n{\"resourceType\":\"B\"}", 0 },
	{ "application/x-ndjson", "{\"a\":1}\n{\"b\":2}\n", 0 },
	/* XML, CDA, HTML */
	{ "application/xml", "<?xml version=\"1.0\"?>\n<record/>", 0 },
	{ "application/xml", "<?xml version='1.0'?><!-- only this -->", 0 },
	{ "application/hl7-cda+xml",
	    "<?xml version=\"1.0\"?><?xml-stylesheet href=\"x\"?>\n"
	    "<!-- <html> -->\n<ClinicalDocument xmlns=\"urn:hl7-org:v3\">",
	    0 },
	{ "application/hl7-cda+xml",
	    "<n:ClinicalDocument xmlns:n='urn:hl7-org:v3'>", 0 },
	{ "application/xml", "<ClinicalDocument xmlns=\"urn:other\"/>", 0 },
	{ "application/fhir+xml",
	    "<Patient xmlns=\"http://hl7.org/fhir\"><id/></Patient>", 0 },
	{ "application/xml",
	    "<?xml version=\"1.0\"?><!DOCTYPE HealthData [\n"
	    "<!ELEMENT HealthData (Me)>\n]>\n<HealthData locale=\"fr\">",
	    0 },
	{ "application/xml", "<?xml version=\"1.0\"?><table><p/></table>", 0 },
	{ "image/svg+xml", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", 0 },
	{ "text/html", "<!DOCTYPE html>\n<title>x</title>", 0 },
	{ "text/html", "<!doctype HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">",
	    0 },
	{ "text/html", "<!-- saved -->\n<HTML><BODY>", 0 },
	{ "text/html", "<?xml version=\"1.0\"?><html xmlns=\"x\">", 0 },
	{ "text/html", "<p>Bonjour</p>", 0 },
	{ "text/plain", "<jeanne@example.org> wrote:", 0 },
	{ "text/plain", "< 5 mg/L", 0 },
	{ "text/plain", "<5 mg/L", 0 },
	{ "application/xml",
	    BYTES("\xff\xfe<\0?\0x\0m\0l\0 \0?\0>\0<\0a\0/\0>\0") },
	/* HL7 v2 */
	{ "application/hl7-v2", "MSH|^~\\&|LAB|HOSP|||20260305||ORU^R01", 0 },
	{ "application/hl7-v2", "\x0bMSH|^~\\&#|LAB|\r", 0 },
	{ "application/hl7-v2", "FHS|^~\\&|X|", 0 },
	{ "text/plain", "MSH is a segment", 0 },
	{ "text/plain", "MSH|1|2|3|4|5", 0 },
	/* Markdown: a heading first, or two kinds of marks */
	{ "text/markdown", "\n# Bilan sanguin\n\nFerritine basse.\n", 0 },
	{ "text/markdown", "Un [lien](http://x)\n\n## Suite\n", 0 },
	{ "text/plain", "texte\n# pas un titre\n", 0 },
	{ "text/plain", "#hashtag\n", 0 },
	{ "text/plain", "* un\n* deux\n- trois\n", 0 },
	/* text and what isn't */
	{ "text/plain", "Bonjour", 0 },
	{ "text/plain", "caf\xc3\xa9 cr\xc3\xa8me", 0 },
	{ "text/plain", "caf\xe9 cr\xe8me, 5 \x80", 0 },
	{ "text/plain", "a\fb\x1b[31mc", 0 },
	{ "text/plain", BYTES("\xff\xfe"
			      "a\0b\0") },
	{ "text/plain", BYTES("\xfe\xff\0a\0b") },
	{ "application/octet-stream", BYTES("\xff\xfe\0\0a\0\0\0") },
	{ "application/octet-stream", BYTES("a\0b") },
	{ "application/octet-stream", "\xe9\xe8\xea\x80\x81\x82\x83\x84", 0 },
	{ "application/octet-stream", "\x01\x02\x03\x04", 0 },
	{ "application/x-empty", BYTES("") },
};

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct sniff_case *row = &cases[i];
		size_t len = row->len != 0 ? row->len : strlen(row->bytes);
		const char *type =
		    sniff_type((const uint8_t *)row->bytes, len, true);

		if (strcmp(type, row->type) != 0)
			fail_msg("case %zu (%.30s): %s, not %s", i, row->bytes,
			    type, row->type);
	}
}

/* A copy of exactly that size, so that a sanitizer sees one byte too many. */
static const char *
sniff_copy(const char *bytes, size_t len, bool whole)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	const char *type;

	assert_non_null(copy);
	if (len > 0)
		memcpy(copy, bytes, len);
	type = sniff_type(copy, len, whole);
	free(copy);
	return type;
}

static void
test_every_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct sniff_case *row = &cases[i];
		size_t len = row->len != 0 ? row->len : strlen(row->bytes);

		for (size_t cut = 0; cut < len; cut++) {
			assert_non_null(sniff_copy(row->bytes, cut, true));
			assert_non_null(sniff_copy(row->bytes, cut, false));
		}
	}
}

/* Bytes that are nothing, and beginnings with bytes changed. */
static void
test_noise(void **state)
{
	uint32_t seed = 12345;
	char bytes[300];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		const struct sniff_case *row =
		    &cases[(size_t)round % (sizeof(cases) / sizeof(cases[0]))];
		size_t len = row->len != 0 ? row->len : strlen(row->bytes);

		memcpy(bytes, row->bytes, len);
		for (int change = 0; change < 3 && len > 0; change++) {
			seed = seed * 1664525 + 1013904223;
			bytes[(seed >> 8) % len] = (char)(seed >> 24);
		}
		assert_non_null(sniff_copy(bytes, len, (round & 1) != 0));
	}
}

/* The prefix of a long document is judged without its end. */
static void
test_long(void **state)
{
	static const struct {
		const char *type, *begin;
		char fill;
	} rows[] = {
		{ "application/fhir+json",
		    "{\"resourceType\":\"Patient\",\"text\":\"", 'x' },
		{ "application/json", "{\"text\":\"", 'x' },
		{ "application/json", "[", '[' },
		{ "application/json", "[", '1' },
		{ "application/xml", "<?xml version=\"1.0\"?><a b=\"", 'x' },
		{ "application/xml", "<data xmlns=\"", 'x' },
		{ "text/html", "<html><!--", 'x' },
		{ "text/plain", "\xc3\xa9", 'x' },
	};
	char *bytes = malloc(10000);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(bytes, rows[i].fill, 10000);
		memcpy(bytes, rows[i].begin, strlen(rows[i].begin));
		assert_string_equal(
		    sniff_type((uint8_t *)bytes, 10000, true), rows[i].type);
	}
	/* a letter cut in two by the end of what is seen stays UTF-8 */
	memset(bytes, 'x', 10000);
	for (size_t i = 0; i < 4095; i += 2)
		memcpy(bytes + i + 1, "\xc3\xa9", 2);
	assert_string_equal(
	    sniff_type((uint8_t *)bytes, 10000, false), "text/plain");
	free(bytes);
}

struct corpus {
	const char *folder;
	const char *suffix;
	const char *type; /* NULL: any */
	int except;       /* how many may be something else */
};

static const struct corpus corpora[] = {
	{ "fhir-r4-examples", ".json", "application/fhir+json", 1 },
	{ "hl7v2-ms", ".hl7", "application/hl7-v2", 0 },
	{ "dicom-pydicom", ".dcm", "application/dicom", 1 },
	{ "ccda-hl7/Documents", ".xml", NULL, 0 },
	{ "ccda-hl7", ".xml", NULL, 0 },
	{ "pdf-qpdf", ".pdf", "application/pdf", 4 },
	{ "json-nst/test_parsing", ".json", NULL, 0 },
};

static const struct corpus *corpus_now;
static int corpus_seen, corpus_other;

static int
corpus_file(
    const char *path, const struct stat *st, int flag, struct FTW *where)
{
	uint8_t bytes[SNIFF_LEN];
	size_t suffix = strlen(corpus_now->suffix), len = strlen(path);
	const char *type;
	FILE *file;
	size_t got;

	(void)st;
	if (flag != FTW_F || len < suffix ||
	    strcmp(path + len - suffix, corpus_now->suffix) != 0)
		return 0;
	file = fopen(path, "rb");
	if (file == NULL)
		return 0;
	got = fread(bytes, 1, sizeof(bytes), file);
	(void)fclose(file);
	type = sniff_copy((const char *)bytes, got, got < sizeof(bytes));
	corpus_seen++;
	if (corpus_now->type != NULL && strcmp(type, corpus_now->type) != 0)
		corpus_other++;
	/* what must parse as JSON and is no bare value is JSON */
	if (strstr(corpus_now->folder, "json-nst") != NULL &&
	    path[where->base] == 'y' && got > 0 &&
	    (bytes[0] == '{' || bytes[0] == '[') &&
	    strcmp(type, "application/json") != 0)
		corpus_other++;
	if (strstr(corpus_now->folder, "ccda") != NULL &&
	    strcmp(type, "application/xml") != 0 &&
	    strcmp(type, "application/hl7-cda+xml") != 0)
		corpus_other++;
	return 0;
}

static void
test_corpora(void **state)
{
	const char *root = getenv("CARNET_CORPORA");

	(void)state;
	if (root == NULL)
		skip();
	for (size_t i = 0; i < sizeof(corpora) / sizeof(corpora[0]); i++) {
		char path[4096];

		corpus_now = &corpora[i];
		corpus_seen = corpus_other = 0;
		(void)snprintf(
		    path, sizeof(path), "%s/%s", root, corpora[i].folder);
		(void)nftw(path, corpus_file, 16, FTW_PHYS);
		print_message("%s: %d files, %d of another kind\n",
		    corpora[i].folder, corpus_seen, corpus_other);
		assert_true(corpus_seen > 0);
		assert_true(corpus_other <= corpora[i].except);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_corpora),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
