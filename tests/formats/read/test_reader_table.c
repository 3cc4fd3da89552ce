/* SPDX-License-Identifier: ISC */
/*
 * What the readers say of text, Markdown and HTML, broken encodings included,
 * and what is guessed from it.  No process, no sandbox: test_reader_main.c.
 * See formats/read/reader_table.h and guess.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "guess.h"
#include "reader.h"
#include "reader_table.h"

struct read_case {
	const char *type;
	const char *bytes;
	size_t len; /* 0: strlen */
	const char *text;
	const char *title; /* NULL: not looked at */
};

#define BYTES(literal) literal, sizeof(literal) - 1

static const struct read_case cases[] = {
	/* encodings */
	{ "text/plain", "caf\xc3\xa9\n", 0, "caf\xc3\xa9\n", "caf\xc3\xa9" },
	{ "text/plain", "\xef\xbb\xbfoui", 0, "oui", "oui" },
	{ "text/plain", "caf\xe9 \x80 \x9c\x81", 0,
	    "caf\xc3\xa9 \xe2\x82\xac \xc5\x93\xef\xbf\xbd", NULL },
	{ "text/plain", BYTES("\xff\xfe\xe9\0\x3d\xd8\0\xde"),
	    "\xc3\xa9\xf0\x9f\x98\x80", NULL },
	{ "text/plain", BYTES("\xfe\xff\0\xe9\xd8\x3d\xde\0"),
	    "\xc3\xa9\xf0\x9f\x98\x80", NULL },
	/* half a pair, half a unit */
	{ "text/plain",
	    BYTES("\xff\xfe\x3d\xd8"
		  "a\0z"),
	    "\xef\xbf\xbd"
	    "a\xef\xbf\xbd",
	    NULL },
	/* mostly UTF-8 stays UTF-8; overlong, surrogate, too large, cut */
	{ "text/plain", "\xc3\xa9\xc3\xa8\xff\xc3\xaa", 0,
	    "\xc3\xa9\xc3\xa8\xef\xbf\xbd\xc3\xaa", NULL },
	{ "text/plain",
	    "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
	    "\xc0\xaf\xed\xa0\x80",
	    0,
	    "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
	    NULL },
	{ "text/plain", "\xc3\xa9\xc3\xa9 a\xe2\x82", 0,
	    "\xc3\xa9\xc3\xa9 a\xef\xbf\xbd", NULL },
	/* controls, line ends, terminals, and what reorders text */
	{ "text/plain",
	    BYTES("a\0b\x01\x7f"
		  "c\xc2\x85"
		  "d"),
	    "abc\nd", NULL },
	{ "text/plain", "a\r\nb\rc\n\rd\fe", 0, "a\nb\nc\n\nd\ne", NULL },
	{ "text/plain", "x\x1b[1;31mrouge\x1b[0m \x1b]0;titre\x07y\x1bMz", 0,
	    "xrouge yz", NULL },
	{ "text/plain",
	    "a\xe2\x80\xae"
	    "b\xe2\x81\xa6"
	    "c\xc2\xad"
	    "d\xef\xbb\xbf",
	    0, "abcd", NULL },
	{ "text/plain",
	    "a\xe2\x80\xa8"
	    "b",
	    0, "a\nb", NULL },
	{ "text/plain", "", 0, "", "" },
	{ "text/plain", "\n \t\n", 0, "\n \t\n", "" },
	{ "text/plain", "-----\n\n  Compte   rendu \n suite", 0,
	    "-----\n\n  Compte   rendu \n suite", "Compte rendu" },
	/* Markdown */
	{ "text/markdown",
	    "Avant\n\n# Titre *fort* `x`\n\n- un\n- deux\n  suite\n\n"
	    "[lien](http://x) &eacute; a\\*b\n",
	    0,
	    "Avant\n\nTitre fort x\n\n- un\n- deux\nsuite\n\n"
	    "lien \xc3\xa9 a*b\n\n",
	    "Titre fort x" },
	{ "text/markdown", "```\n<b>brut</b>\n```\n\n<div>html</div>\n", 0,
	    "<b>brut</b>\n\nhtml\n\n", NULL },
	{ "text/markdown", "Titre\n=====\n\n> cit\xe9\n", 0,
	    "Titre\n\ncit\xc3\xa9\n\n", "Titre" },
	{ "text/markdown", "", 0, "", "" },
	/* HTML */
	{ "text/html",
	    "<html><head><title>A &amp;\n B</title>"
	    "<style>p{color:red}</style></head><body><h1>Un</h1>\n"
	    "<p>x   y<br>z</p><script>if (a<b) evil();</script>w",
	    0, "Un\n\nx y\nz\n\nw\n", "A & B" },
	{ "text/html", "<title></title><h1>Vrai <i>titre</i></h1>x", 0,
	    "Vrai titre\n\nx\n", "Vrai titre" },
	{ "text/html", "<p>pas de titre</p>", 0, "pas de titre\n\n",
	    "pas de titre" },
	{ "text/html", "<title>Page<body><p>texte</p>", 0, "texte\n\n",
	    "Page" },
	{ "text/html",
	    "<table><tr><th>Ferritine</th><td>12</td></tr>"
	    "<tr><td>Fer<td>3</table>",
	    0, "Ferritine\t12\t\nFer3\n\n", NULL },
	{ "text/html", "&eacute;&#233;&#xE9;&#x80;&euro;&lt;&nbsp;&oelig;", 0,
	    "\xc3\xa9\xc3\xa9\xc3\xa9\xe2\x82\xac\xe2\x82\xac<"
	    "\xc2\xa0\xc5\x93\n",
	    NULL },
	{ "text/html", "&#0;&#xD800;&#99999999999;&inconnu;&a=1&lang=fr&", 0,
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd&inconnu;&a=1&lang=fr&\n",
	    NULL },
	{ "text/html", "&#27;[31mx&#8238;y", 0, "xy\n", NULL },
	{ "text/html", "a < b <= c <3", 0, "a < b <= c <3\n", NULL },
	{ "text/html", "a<img alt=\"x > y\" src='>'>b<!-- <p>-- >c-->d", 0,
	    "abd\n", NULL },
	{ "text/html", "<pre>a\n  b</pre>c\n  d", 0, "a\n  b\n\nc d\n", NULL },
	{ "text/html", "<ul><li>un<li>deux</ul>", 0, "- un\n- deux\n", NULL },
	{ "text/html", "vu<script>jamais", 0, "vu\n", NULL },
	{ "text/html", "vu<!-- jamais", 0, "vu\n", NULL },
	{ "text/html", "vu<a href=\"jamais", 0, "vu\n", NULL },
	{ "text/html", "<meta charset=iso-8859-1>caf\xe9", 0, "caf\xc3\xa9\n",
	    NULL },
	{ "text/html", BYTES("\xff\xfe<\0p\0>\0\xe9\0"), "\xc3\xa9\n", NULL },
	{ "text/html", "<script/>vu", 0, "vu\n", NULL },
	{ "text/html", "<svg><title>deux</title></svg>x", 0, "x\n", "deux" },
};

static void
read_bytes(const char *type, const char *bytes, size_t len,
    struct reader_answer *answer)
{
	const struct reader_row *row = reader_find(type);
	uint8_t *copy = malloc(len > 0 ? len : 1);
	struct reader_input input = { .bytes = copy, .len = len };

	assert_non_null(row);
	assert_non_null(copy);
	if (len > 0)
		memcpy(copy, bytes, len);
	reader_answer_init(answer);
	assert_int_equal(row->read(&input, answer, NULL), CARNET_OK);
	free(copy);
}

static const char *
text_of(const struct text_out *out)
{
	return out->bytes != NULL ? out->bytes : "";
}

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct read_case *row = &cases[i];
		struct text_out title = { 0 };
		struct reader_answer answer;

		read_bytes(row->type, row->bytes,
		    row->len != 0 ? row->len : strlen(row->bytes), &answer);
		if (strcmp(text_of(&answer.text), row->text) != 0)
			fail_msg("case %zu: \"%s\", not \"%s\"", i,
			    text_of(&answer.text), row->text);
		assert_true(reader_text_is_clean(
		    text_of(&answer.text), answer.text.len));
		(void)guess_title(&answer.title, &answer.text, &title);
		if (row->title != NULL &&
		    strcmp(text_of(&title), row->title) != 0)
			fail_msg("case %zu: title \"%s\", not \"%s\"", i,
			    text_of(&title), row->title);
		text_out_clear(&title);
		reader_answer_clear(&answer);
	}
}

/* Every cut of every case: no crash, clean text, whatever it says. */
static void
test_every_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct read_case *row = &cases[i];
		size_t len = row->len != 0 ? row->len : strlen(row->bytes);

		for (size_t cut = 0; cut < len; cut++) {
			struct reader_answer answer;

			read_bytes(row->type, row->bytes, cut, &answer);
			assert_true(reader_text_is_clean(
			    text_of(&answer.text), answer.text.len));
			reader_answer_clear(&answer);
		}
	}
}

static void
test_noise(void **state)
{
	static const char *const types[] = { "text/plain", "text/markdown",
		"text/html" };
	static const char alphabet[] = "<>/&;#-!=\"' \n\tabtdhpre\\*`[]()"
				       "\xc3\xa9\xff\xfe\0\x1b";
	uint32_t seed = 7;
	char bytes[400];

	(void)state;
	for (int round = 0; round < 6000; round++) {
		struct reader_answer answer;
		size_t len;

		seed = seed * 1664525 + 1013904223;
		len = (seed >> 8) % sizeof(bytes);
		for (size_t i = 0; i < len; i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[i] =
			    alphabet[(seed >> 8) % (sizeof(alphabet) - 1)];
		}
		read_bytes(types[round % 3], bytes, len, &answer);
		assert_true(reader_text_is_clean(
		    text_of(&answer.text), answer.text.len));
		reader_answer_clear(&answer);
	}
}

static void
test_caps(void **state)
{
	size_t len = READER_TEXT_MAX + 100;
	char *bytes = malloc(len);
	struct reader_answer answer;

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'x', len);
	/* a letter of two bytes stands across the limit: none of it is kept */
	memcpy(bytes + READER_TEXT_MAX - 1, "\xc3\xa9", 2);
	read_bytes("text/plain", bytes, len, &answer);
	assert_true(answer.text.cut);
	assert_int_equal(answer.text.len, READER_TEXT_MAX - 1);
	assert_true(reader_text_is_clean(answer.text.bytes, answer.text.len));
	reader_answer_clear(&answer);
	read_bytes("text/plain", bytes, READER_TEXT_MAX - 1, &answer);
	assert_false(answer.text.cut);
	reader_answer_clear(&answer);
	/* Markdown that is too long to be parsed is plain text */
	bytes[0] = '#';
	bytes[1] = ' ';
	read_bytes("text/markdown", bytes, (size_t)2 << 20, &answer);
	assert_memory_equal(answer.text.bytes, "# xxx", 5);
	reader_answer_clear(&answer);
	free(bytes);
}

static void
test_title(void **state)
{
	struct text_out text, none, title = { 0 };

	(void)state;
	text_out_init(&text, 10000);
	text_out_init(&none, 100);
	text_out_ascii(&text, "\n  ");
	for (int i = 0; i < 200; i++)
		text_out_put(&text, 0xe9);
	assert_true(guess_title(&none, &text, &title));
	assert_int_equal(title.len, 2 * READER_TITLE_MAX);
	text_out_clear(&title);
	text_out_clear(&text);
	assert_false(guess_title(&none, &text, &title));
	text_out_ascii(&text, "***\n---\n");
	assert_false(guess_title(&none, &text, &title));
	text_out_clear(&text);
}

static void
test_clean(void **state)
{
	static const struct {
		bool clean;
		const char *text;
		size_t len;
	} rows[] = {
		{ true, BYTES("Bonjour\n\t\xc3\xa9 \xef\xbf\xbd") },
		{ false, BYTES("a\0b") },
		{ false, BYTES("a\x1b[31m") },
		{ false, BYTES("a\rb") },
		{ false, BYTES("a\xc2\x85") },
		{ false, BYTES("a\x7f") },
		{ false, BYTES("\xe2\x80\xae") },
		{ false, BYTES("\xff") },
		{ false, BYTES("\xc3") },
		{ false, BYTES("\xed\xa0\x80") },
		{ false, BYTES("\xf4\x90\x80\x80") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
		    reader_text_is_clean(rows[i].text, rows[i].len),
		    rows[i].clean);
}

struct guess_case {
	const char *text, *date, *document;
};

static const struct guess_case guesses[] = {
	{ "Laboratoire de biologie m\xc3\xa9"
	  "dicale\nPr\xc3\xa9lev\xc3\xa9 le : 05/03/2026\nFerritine 12",
	    "2026-03-05", "lab" },
	{ "Date de naissance : 03/05/1960\nDate de pr\xc3\xa9l\xc3\xa8vement : "
	  "5 mars 2026 \xc3\xa0 8h\nFerritine 12 ng/mL",
	    "2026-03-05", "lab" },
	{ "Lyon, le 1er ao\xc3\xbbt 2025\n\nCher confr\xc3\xa8re,\nje vous "
	  "adresse",
	    "2025-08-01", "letter" },
	{ "Mme X, n\xc3\xa9"
	  "e \xc3\xa0 Lyon, le 3 mai 1960\n",
	    "", "" },
	{ "ORDONNANCE\nDate de prescription : 2026-02-28\n"
	  "Doliprane 1 comprim\xc3\xa9 matin et soir",
	    "2026-02-28", "prescription" },
	{ "Radiology report\nExam date: March 5, 2026\nMRI of the knee",
	    "2026-03-05", "imaging" },
	{ "Collected on 03/04/2026\n", "", "" },
	{ "Collected on 13/04/2026\n", "2026-04-13", "" },
	{ "Collected on 04/13/2026\n", "2026-04-13", "" },
	{ "Date of service: 5-Mar-2026", "2026-03-05", "" },
	{ "Examen du lundi 5 janvier 2026", "2026-01-05", "" },
	{ "Examen du 5 janvier 2026, examen du 6 janvier 2026", "", "" },
	{ "Examen du 30/02/2026", "", "" },
	{ "Examen du 05/03/26", "", "" },
	{ "Examen du 5 mars 12026", "", "" },
	{ "mandate: 2026-03-05", "", "" },
	{ "Date: 2026-03-05", "2026-03-05", "" },
	{ "Certificat de vaccination", "", "vaccination" },
	{ "FACTURE n\xc2\xb0 12\nMontant 25 \xe2\x82\xac", "", "invoice" },
	/* both a letter and a scan's report: neither */
	{ "Cher confr\xc3\xa8re, merci pour l'IRM et la mammographie", "", "" },
	/* one word is not enough; parts of words don't count */
	{ "un vaccin", "", "" },
	{ "specimens prelevements irma", "", "" },
	{ "", "", "" },
};

static void
test_guesses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++) {
		const struct guess_case *row = &guesses[i];
		char date[CARNET_DATE_TEXT];
		char *folded = guess_fold(row->text, strlen(row->text));

		assert_non_null(folded);
		guess_date(folded, date);
		if (strcmp(date, row->date) != 0)
			fail_msg("case %zu: date \"%s\", not \"%s\"", i, date,
			    row->date);
		if (strcmp(guess_document(folded), row->document) != 0)
			fail_msg("case %zu: kind \"%s\", not \"%s\"", i,
			    guess_document(folded), row->document);
		free(folded);
	}
}

/* 32 KiB end within a letter; a text of nothing but broken bytes. */
static void
test_fold_edges(void **state)
{
	size_t len = (size_t)40 << 10;
	char *text = malloc(len + 1), *folded;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < len; i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	for (size_t shift = 0; shift < 2; shift++) {
		folded = guess_fold(text + shift * 0, len - shift);
		assert_non_null(folded);
		assert_memory_equal(folded, "\neeee", 5);
		free(folded);
	}
	text[0] = 'a'; /* now every letter stands one byte later */
	memmove(text + 1, text + 2, len - 2);
	folded = guess_fold(text, len - 1);
	assert_non_null(folded);
	assert_memory_equal(folded, "\na", 2);
	free(folded);
	free(text);
}

static void
test_table_of_readers(void **state)
{
	(void)state;
	assert_null(reader_find("application/pdf"));
	assert_null(reader_find("application/fhir+json"));
	assert_string_equal(reader_of_pdftotext()->type, "application/pdf");
	assert_string_equal(reader_find("text/html")->name, "html/1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_title),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_guesses),
		cmocka_unit_test(test_fold_edges),
		cmocka_unit_test(test_table_of_readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
