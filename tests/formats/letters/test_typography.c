/* SPDX-License-Identifier: ISC */
/* French spaces and apostrophes: formats/letters/typography.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "typography.h"

#define NB "\302\240"
#define NN "\342\200\257"
#define AP "\342\200\231"

static const struct {
	const char *lang, *words, *expected;
} rows[] = {
	{ "fr", "", "" },
	{ "de", "§ 363 Abs. 5 SGB V", "§" NB "363 Abs." NB "5 SGB V" },
	{ "de", "nach Art. ", "nach Art." NB },
	{ "de", "Abs. und § oder: ja", "Abs. und § oder: ja" },
	{ "es", "el artículo 21 del", "el artículo" NB "21 del" },
	{ "es", "este artículo dice", "este artículo dice" },
	{ "it", "dell'articolo 7", "dell" AP "articolo 7" },
	{ "it", "articolo 7, par. 3", "articolo" NB "7, par." NB "3" },
	{ "nl", "artikel 21, lid 1", "artikel" NB "21, lid" NB "1" },
	{ "nl", "een ; twee", "een ; twee" },
	{ "en", "article 21 ; § 3", "article 21 ; § 3" },
	{ "fr", "Bonjour", "Bonjour" },
	{ "fr", "l'article d'un", "l" AP "article d" AP "un" },
	{ "fr", "un ; deux", "un" NN "; deux" },
	{ "fr", "quoi ? oui !", "quoi" NN "? oui" NN "!" },
	{ "fr", "objet : ceci", "objet" NB ": ceci" },
	{ "fr", "objet :", "objet" NB ":" },
	{ "fr", " : ceci", NB ": ceci" },
	{ "fr", "« ceci »", "«" NB "ceci" NB "»" },
	{ "fr", "« ", "«" NB },
	{ "fr", "(« ceci »)", "(«" NB "ceci" NB "»)" },
	{ "fr", "n° 78-17", "n°" NB "78-17" },
	{ "fr", "§ 2", "§" NB "2" },
	{ "fr", "article 21", "article" NB "21" },
	{ "fr", "cet article dit", "cet article dit" },
	{ "fr", "article R*. 1", "article" NB "R*." NB "1" },
	{ "fr", "l'article L. 1461-3", "l" AP "article" NB "L." NB "1461-3" },
	{ "fr", "articles ", "articles" NB },
	/* existing no-break spaces stay, and nothing is set twice */
	{ "fr", "un" NN "; deux" NB ": trois", "un" NN "; deux" NB ": trois" },
	/* no space where there was none; times and line ends stay */
	{ "fr", "10:30", "10:30" },
	{ "fr", "un\n; deux", "un\n; deux" },
	{ "fr", "- un ;\n- deux.\n", "- un" NN ";\n- deux.\n" },
	/* addresses stay as they are */
	{ "fr", "voir https://x.fr/l'a?b=c:d ici",
	    "voir https://x.fr/l'a?b=c:d ici" },
	{ "fr", "a.l'b@exemple.fr", "a.l'b@exemple.fr" },
	{ "fr", "www.exemple.fr/d'a", "www.exemple.fr/d'a" },
	/* other languages: apostrophes only */
	{ "en", "don't ; stop : now ?", "don" AP "t ; stop : now ?" },
};

static void
typography_sets_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text text = { 0 };
		char *set;

		typography_add(
		    &text, rows[i].lang, rows[i].words, strlen(rows[i].words));
		set = text_take(&text);
		assert_string_equal(set, rows[i].expected);
		free(set);
	}
}

static void
typography_is_stable(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text text = { 0 };
		char *set;

		typography_add(&text, rows[i].lang, rows[i].expected,
		    strlen(rows[i].expected));
		set = text_take(&text);
		assert_string_equal(set, rows[i].expected);
		free(set);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(typography_sets_words),
		cmocka_unit_test(typography_is_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
