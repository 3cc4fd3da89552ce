/* SPDX-License-Identifier: ISC */
/*
 * Documents read through the launcher: real ones by the real programs, and
 * readers that crash, hang, flood or talk nonsense.
 * See cli/launcher.h; the fakes: fake_program.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "launcher_fixture.h"

static double
now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* --- a PDF by hand ----------------------------------------------------------
 */

struct pdf {
	char bytes[16384];
	size_t len;
	size_t offsets[16];
};

static void
pdf_put(struct pdf *pdf, const char *text)
{
	size_t len = strlen(text);

	assert_true(pdf->len + len < sizeof(pdf->bytes));
	memcpy(pdf->bytes + pdf->len, text, len);
	pdf->len += len;
}

static void
pdf_object(struct pdf *pdf, int number, const char *body)
{
	char head[32];

	pdf->offsets[number] = pdf->len;
	(void)snprintf(head, sizeof(head), "%d 0 obj\n", number);
	pdf_put(pdf, head);
	pdf_put(pdf, body);
	pdf_put(pdf, "\nendobj\n");
}

/* One page with this content; trailer: more entries of the trailer. */
static void
pdf_make(struct pdf *pdf, const char *content, const char *trailer)
{
	char line[4096];
	size_t xref;

	*pdf = (struct pdf){ 0 };
	pdf_put(pdf, "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n");
	pdf_object(pdf, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_object(pdf, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	pdf_object(pdf, 3,
	    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] "
	    "/Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>");
	(void)snprintf(line, sizeof(line),
	    "<< /Length %zu >>\nstream\n%s\nendstream", strlen(content),
	    content);
	pdf_object(pdf, 4, line);
	pdf_object(pdf, 5,
	    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica "
	    "/Encoding /WinAnsiEncoding >>");
	pdf_object(pdf, 6,
	    "<< /Filter /Standard /V 1 /R 2 /P -64 "
	    "/O <000102030405060708090a0b0c0d0e0f"
	    "101112131415161718191a1b1c1d1e1f> "
	    "/U <202122232425262728292a2b2c2d2e2f"
	    "303132333435363738393a3b3c3d3e3f> >>");
	xref = pdf->len;
	pdf_put(pdf, "xref\n0 7\n0000000000 65535 f \n");
	for (int i = 1; i <= 6; i++) {
		(void)snprintf(
		    line, sizeof(line), "%010zu 00000 n \n", pdf->offsets[i]);
		pdf_put(pdf, line);
	}
	(void)snprintf(line, sizeof(line),
	    "trailer\n<< /Size 7 /Root 1 0 R %s >>\nstartxref\n%zu\n%%%%EOF\n",
	    trailer, xref);
	pdf_put(pdf, line);
}

static const char page[] = "BT /F1 14 Tf 20 150 Td (Facture de soins) Tj "
			   "0 -30 Td (Montant \340 payer : 25 \200) Tj ET";

static void
need_poppler(void)
{
	if (access("/usr/bin/pdftotext", X_OK) != 0)
		skip();
}

static void
test_pdf(void **state)
{
	struct launcher *launcher = fixture_real();
	struct reading *reading;
	struct pdf pdf;

	(void)state;
	need_poppler();
	pdf_make(&pdf, page, "");
	reading = fixture_read(launcher, pdf.bytes, pdf.len);
	assert_string_equal(reading->unread_code, "");
	assert_string_equal(reading->type, "application/pdf");
	assert_string_equal(reading->reader, "pdftotext/1");
	assert_non_null(strstr(reading->text, "Facture de soins"));
	assert_non_null(
	    strstr(reading->text, "Montant \xc3\xa0 payer : 25 \xe2\x82\xac"));
	assert_string_equal(reading->title, "Facture de soins");
	assert_string_equal(reading->document, "invoice");
	reading_free(reading);
	launcher_stop(launcher);
}

/* A page of pictures is no failure; a broken or locked file is one. */
static void
test_pdf_unread(void **state)
{
	struct launcher *launcher = fixture_real();
	struct reading *reading;
	struct pdf pdf;

	(void)state;
	need_poppler();
	pdf_make(&pdf, "0 0 m 10 10 l S", "");
	reading = fixture_read(launcher, pdf.bytes, pdf.len);
	assert_string_equal(reading->unread_code, "no-reader");
	assert_null(reading->text);
	reading_free(reading);

	pdf_make(&pdf, page,
	    "/Encrypt 6 0 R /ID [<00112233445566778899aabbccddeeff> "
	    "<00112233445566778899aabbccddeeff>]");
	reading = fixture_read(launcher, pdf.bytes, pdf.len);
	assert_string_equal(reading->unread_code, "encrypted");
	assert_string_equal(reading->type, "application/pdf");
	assert_null(reading->text);
	reading_free(reading);

	pdf_make(&pdf, page, "");
	reading = fixture_read(launcher, pdf.bytes, 120);
	assert_string_equal(reading->unread_code, "malformed");
	assert_true(reading->unread_message[0] != '\0');
	reading_free(reading);
	/* and the next document is read as if nothing had been */
	reading = fixture_read(launcher, pdf.bytes, pdf.len);
	assert_string_equal(reading->unread_code, "");
	reading_free(reading);
	launcher_stop(launcher);
}

/* --- what carnet-reader reads itself ----------------------------------------
 */

static void
test_documents(void **state)
{
	static const struct {
		const char *bytes, *type, *text, *title, *unread;
	} rows[] = {
		{ "Bonjour\n", "text/plain", "Bonjour\n", "Bonjour", "" },
		{ "<html><title>T</title><p>caf&eacute;</p>", "text/html",
		    "caf\xc3\xa9\n\n", "T", "" },
		{ "# Titre\n\ntexte\n", "text/markdown", "Titre\n\ntexte\n\n",
		    "Titre", "" },
		{ "{\"resourceType\":\"Patient\"}", "application/fhir+json",
		    NULL, NULL, "no-reader" },
		{ "\xff\xd8\xff\xe0 JFIF", "image/jpeg", NULL, NULL,
		    "no-reader" },
		{ "", "application/x-empty", NULL, NULL, "" },
	};
	struct launcher *launcher = fixture_real();
	int before = fixture_descriptors();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reading *reading = fixture_read(
		    launcher, rows[i].bytes, strlen(rows[i].bytes));

		assert_string_equal(reading->type, rows[i].type);
		assert_string_equal(reading->unread_code, rows[i].unread);
		assert_int_equal(reading->text == NULL, rows[i].text == NULL);
		if (rows[i].text != NULL) {
			assert_string_equal(reading->text, rows[i].text);
			assert_int_equal(
			    reading->text_len, strlen(rows[i].text));
		}
		if (rows[i].title != NULL)
			assert_string_equal(reading->title, rows[i].title);
		reading_free(reading);
	}
	assert_int_equal(fixture_descriptors(), before);
	launcher_stop(launcher);
}

/* Pieces of one byte; pieces of 1 MiB, 100 times; the cap. */
static void
test_pieces(void **state)
{
	struct launcher *launcher = fixture_real();
	struct fixture_document document = { 0 };
	struct reading *reading = NULL;
	char *bytes = malloc((size_t)1 << 20);

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'x', (size_t)1 << 20);
	document.bytes = bytes;
	document.len = 5000;
	document.piece = 1;
	assert_int_equal(launcher_read(launcher, fixture_source, &document,
			     5000, &reading, NULL),
	    CARNET_OK);
	assert_int_equal(reading->text_len, 5000);
	assert_false(reading->cut);
	reading_free(reading);

	document = (struct fixture_document){
		.bytes = bytes, .len = (size_t)1 << 20, .repeat = 100
	};
	assert_int_equal(launcher_read(launcher, fixture_source, &document,
			     (uint64_t)100 << 20, &reading, NULL),
	    CARNET_OK);
	assert_int_equal(reading->text_len, (size_t)8 << 20);
	assert_true(reading->cut);
	assert_string_equal(reading->unread_code, "");
	assert_true(document.given < (size_t)70 << 20);
	reading_free(reading);

	/* what nothing reads is left after its head */
	memcpy(bytes, "\x89PNG\r\n\x1a\n", 8);
	document = (struct fixture_document){
		.bytes = bytes, .len = (size_t)1 << 20, .repeat = 1000
	};
	assert_int_equal(launcher_read(launcher, fixture_source, &document,
			     (uint64_t)1000 << 20, &reading, NULL),
	    CARNET_OK);
	assert_string_equal(reading->type, "image/png");
	assert_string_equal(reading->unread_code, "no-reader");
	assert_true(document.given <= (size_t)4 << 20);
	reading_free(reading);
	free(bytes);
	launcher_stop(launcher);
}

/* The store's own failure is the caller's, whenever it comes. */
static void
test_source_fails(void **state)
{
	static const size_t places[] = { 1, 100, 5000, 100000 };
	struct launcher *launcher = fixture_real();
	int before = fixture_descriptors();
	char *bytes = malloc(200000);

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'x', 200000);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct fixture_document document = { .bytes = bytes,
			.len = 200000,
			.piece = 100,
			.fail_at = places[i] };
		struct reading *reading = NULL;
		struct carnet_error err = { 0 };

		assert_int_equal(launcher_read(launcher, fixture_source,
				     &document, 200000, &reading, &err),
		    CARNET_DAMAGED);
		assert_string_equal(err.message, "a chunk is damaged");
		assert_null(reading);
	}
	assert_int_equal(fixture_descriptors(), before);
	free(bytes);
	launcher_stop(launcher);
}

/* --- readers that fail
 * -------------------------------------------------------- */

static void
test_fakes(void **state)
{
	static const struct {
		const char *how, *unread;
	} rows[] = {
		{ "good", "" },
		{ "deaf", "" },
		{ "litter", "" },
		{ "crash", "crashed" },
		{ "abort", "crashed" },
		{ "exit3", "crashed" },
		{ "hang", "timeout" },
		{ "hang-late", "timeout" },
		{ "flood", "nonsense" },
		{ "silent", "nonsense" },
		{ "garbage", "nonsense" },
		{ "no-sandbox", "no-sandbox" },
		{ "type-path", "nonsense" },
		{ "type-long", "nonsense" },
		{ "type-meta", "nonsense" },
		{ "text-escape", "nonsense" },
		{ "text-broken", "nonsense" },
		{ "text-empty", "nonsense" },
		{ "title-line", "nonsense" },
		{ "title-escape", "nonsense" },
		{ "title-turned", "nonsense" },
		{ "date-none", "nonsense" },
		{ "document-other", "nonsense" },
		{ "reader-long", "nonsense" },
		{ "unread-other", "nonsense" },
		{ "meta-broken", "nonsense" },
		{ "meta-list", "nonsense" },
		{ "meta-short", "nonsense" },
		{ "meta-number", "nonsense" },
		{ "frame-large", "nonsense" },
		{ "frame-cut", "nonsense" },
		{ "frame-other", "nonsense" },
		{ "frame-twice", "nonsense" },
		{ "frame-behind", "nonsense" },
		{ "frame-no-end", "nonsense" },
		{ "frame-no-type", "nonsense" },
	};
	int before = fixture_descriptors();
	char *bytes = malloc(300000);

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'x', 300000); /* more than a pipe holds */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct launcher *launcher = fixture_fake(rows[i].how, 700);
		double start = now();

		for (int j = 0; j < 2; j++) {
			struct reading *reading =
			    fixture_read(launcher, bytes, j == 0 ? 300000 : 10);

			if (strcmp(reading->unread_code, rows[i].unread) != 0)
				fail_msg("%s: \"%s\", not \"%s\"", rows[i].how,
				    reading->unread_code, rows[i].unread);
			if (rows[i].unread[0] != '\0') {
				assert_null(reading->text);
				assert_null(reading->title);
				assert_string_equal(reading->date, "");
				assert_string_equal(reading->document, "");
				assert_true(reading->unread_message[0] != '\0');
			} else
				assert_non_null(reading->text);
			reading_free(reading);
		}
		if (now() - start > 10)
			fail_msg("%s: took %.1f s", rows[i].how, now() - start);
		launcher_stop(launcher);
		assert_int_equal(fixture_descriptors(), before);
	}
	free(bytes);
}

static void
test_missing(void **state)
{
	struct launcher *launcher = NULL;
	struct reading *reading;

	(void)state;
	assert_int_equal(
	    launcher_start("/nonexistent/carnet", &launcher, NULL), CARNET_OK);
	reading = fixture_read(launcher, "Bonjour", 7);
	assert_string_equal(reading->unread_code, "no-program");
	reading_free(reading);
	launcher_stop(launcher);
	launcher_stop(NULL);
}

/* What a reader is given: three descriptors, two variables, no terminal. */
static void
test_inside(void **state)
{
	struct launcher *launcher;
	struct reading *reading;

	(void)state;
	assert_int_equal(setenv("LD_PRELOAD", "", 1), 0);
	assert_int_equal(setenv("OPENSSL_CONF", "/tmp/x", 1), 0);
	assert_int_equal(setenv("CARNET_TEST", "secret", 1), 0);
	assert_int_equal(dup2(1, 77), 77);
	launcher = fixture_fake("inside", 0);
	reading = fixture_read(launcher, "Bonjour", 7);
	assert_string_equal(reading->unread_code, "");
	assert_string_equal(reading->text,
	    "env PATH=/usr/bin:/bin\nenv LC_ALL=C.UTF-8\n"
	    "fd 0\nfd 1\nfd 2\ncwd /\nsid 1\nprivs 1\nfsize 0\n");
	reading_free(reading);
	launcher_stop(launcher);
	(void)close(77);
	(void)unsetenv("LD_PRELOAD");
	(void)unsetenv("OPENSSL_CONF");
}

/* --- many at once
 * --------------------------------------------------------------- */

static void *
read_many(void *context)
{
	struct launcher *launcher = context;
	char text[64];

	for (int i = 0; i < 20; i++) {
		struct fixture_document document = { .bytes = text };
		struct reading *reading = NULL;

		document.len = (size_t)snprintf(text, sizeof(text),
		    "fil %lu, document %d", (unsigned long)pthread_self(), i);
		if (launcher_read(launcher, fixture_source, &document,
			document.len, &reading, NULL) != CARNET_OK)
			return context;
		if (reading->text == NULL || strcmp(reading->text, text) != 0) {
			reading_free(reading);
			return context;
		}
		reading_free(reading);
	}
	return NULL;
}

static void
test_threads(void **state)
{
	struct launcher *launcher = fixture_real();
	pthread_t threads[6];
	void *failed;

	(void)state;
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, read_many, launcher), 0);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	launcher_stop(launcher);
}

/* The launcher killed: an error, no hang, no signal to us. */
static void
test_launcher_dies(void **state)
{
	struct launcher *launcher = fixture_real();
	struct fixture_document document = { .bytes = "x", .len = 1 };
	struct reading *reading = NULL;
	enum carnet_status status;

	(void)state;
	assert_int_equal(kill(launcher->pid, SIGKILL), 0);
	(void)usleep(50000);
	status = launcher_read(
	    launcher, fixture_source, &document, 1, &reading, NULL);
	assert_int_equal(status, CARNET_FAILED);
	launcher_stop(launcher);
}

/* --- real files
 * -------------------------------------------------------------------- */

static struct launcher *corpus_launcher;
static int corpus_seen, corpus_read, corpus_encrypted;

static int
corpus_file(
    const char *path, const struct stat *st, int flag, struct FTW *where)
{
	static const char *const codes[] = { "", "no-reader", "malformed",
		"encrypted", "timeout" };
	struct reading *reading;
	bool known = false;
	FILE *file;
	char *bytes;
	size_t len;

	(void)where;
	if (flag != FTW_F)
		return 0;
	file = fopen(path, "rb");
	if (file == NULL)
		return 0;
	bytes = malloc((size_t)st->st_size + 1);
	assert_non_null(bytes);
	len = fread(bytes, 1, (size_t)st->st_size, file);
	(void)fclose(file);
	reading = fixture_read(corpus_launcher, bytes, len);
	free(bytes);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		known = known || strcmp(reading->unread_code, codes[i]) == 0;
	if (!known)
		fail_msg("%s: %s", path, reading->unread_code);
	if (strcmp(reading->unread_code, "crashed") == 0 ||
	    strcmp(reading->unread_code, "timeout") == 0)
		print_message("%s: %s\n", path, reading->unread_code);
	corpus_seen++;
	if (reading->unread_code[0] == '\0')
		corpus_read++;
	if (strcmp(reading->unread_code, "encrypted") == 0)
		corpus_encrypted++;
	reading_free(reading);
	return 0;
}

static void
test_corpora(void **state)
{
	const char *root = getenv("CARNET_CORPORA");
	char path[4096];

	(void)state;
	if (root == NULL)
		skip();
	need_poppler();
	/* one of them keeps pdftotext busy for ever */
	assert_int_equal(launcher_start_timed(CARNET_TEST_READER_FOLDER, 5000,
			     &corpus_launcher, NULL),
	    CARNET_OK);
	(void)snprintf(path, sizeof(path), "%s/pdf-qpdf", root);
	(void)nftw(path, corpus_file, 16, FTW_PHYS);
	print_message("PDFs: %d seen, %d read, %d encrypted\n", corpus_seen,
	    corpus_read, corpus_encrypted);
	assert_true(corpus_seen > 250);
	assert_true(corpus_read > 100);
	assert_true(corpus_encrypted > 5);
	launcher_stop(corpus_launcher);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_pdf),
		cmocka_unit_test(test_pdf_unread),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_source_fails),
		cmocka_unit_test(test_fakes),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_launcher_dies),
		cmocka_unit_test(test_corpora),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
