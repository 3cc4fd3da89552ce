/* SPDX-License-Identifier: ISC */
/* Letters and messages of formats/write/letter_text.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "formats.h"

#include <stdio.h>

static char lang[] = "fr", subject[] = "Opposition", signature[] = "Anne Onyme",
	    empty[] = "";
static char sender_name[] = "Anne Onyme", sender_town[] = "1000 Bruxelles";
static char addressee_name[] =
    "Monsieur le Directeur de la Caisse primaire de la Haute-Garonne";
static char date[] = "Lyon, le 5 mars 2026", footer[] = "Réf. abc";
static char mention[] = "Lettre recommandée";
static char *sender[] = { sender_name, sender_town, NULL };
static char *addressee[] = { addressee_name, NULL };

static struct letter
letter_of(char *channel, char *body)
{
	return (struct letter){ .lang = lang,
		.channel = channel,
		.subject = subject,
		.sender = sender,
		.addressee = addressee,
		.place_date = date,
		.mention = mention,
		.body = body,
		.signature = signature,
		.footer = footer };
}

static void
check(const struct letter *letter, const char *expected)
{
	struct carnet_error err;
	char *text = NULL;

	assert_int_equal(write_letter_text(letter, &text, &err), CARNET_OK);
	assert_string_equal(text, expected);
	free(text);
}

static void
a_letter_is_whole(void **state)
{
	static char channel[] = "registered";
	static char body[] = "Madame,\n\nJe :\n\n- m’oppose ;\n- **demande** "
			     "une *réponse* écrite, dans le délai d’un mois "
			     "qui court de la réception.\n\n1. un\n\n   deux\n"
			     "\nFin.\n";
	struct letter letter = letter_of(channel, body);

	(void)state;
	check(&letter,
	    "Anne Onyme\n"
	    "1000 Bruxelles\n"
	    "\n"
	    "                                    Monsieur le Directeur de la "
	    "Caisse\n"
	    "                                    primaire de la Haute-Garonne\n"
	    "\n"
	    "                                    Lyon, le 5 mars 2026\n"
	    "\n"
	    "Lettre recommandée\n"
	    "\n"
	    "Objet\xc2\xa0: Opposition\n"
	    "\n"
	    "Madame,\n"
	    "\n"
	    "Je\xc2\xa0:\n"
	    "\n"
	    "- m’oppose\xe2\x80\xaf;\n"
	    "- demande une réponse écrite, dans le délai d’un mois qui court "
	    "de la\n"
	    "  réception.\n"
	    "\n"
	    "1. un\n"
	    "\n"
	    "   deux\n"
	    "\n"
	    "Fin.\n"
	    "\n"
	    "\n"
	    "                                    Anne Onyme\n"
	    "\n"
	    "Réf. abc\n");
}

static void
a_message_has_no_layout(void **state)
{
	static char channels[][8] = { "ameli", "portal", "form", "email" };
	static char body[] =
	    "Madame,\n\nUne ligne bien plus longue que les soixante-douze "
	    "colonnes d’une lettre : elle n’est pas coupée !\n\n- a ;\n- b\n";

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct letter letter = letter_of(channels[i], body);

		check(&letter,
		    "Objet : Opposition\n\n"
		    "Madame,\n\nUne ligne bien plus longue que les "
		    "soixante-douze colonnes d’une lettre : elle n’est pas "
		    "coupée !\n\n- a ;\n- b\n\nAnne Onyme\n\nRéf. abc\n");
	}
}

static void
empty_parts_leave_no_holes(void **state)
{
	static char channel[] = "letter", body[] = "b";
	struct letter letter = letter_of(channel, body);

	(void)state;
	letter.mention = letter.footer = letter.place_date = empty;
	letter.sender = NULL;
	letter.addressee = NULL;
	letter.signature = NULL;
	check(&letter, "Objet\xc2\xa0: Opposition\n\nb\n");
}

/* The limit is of the whole text, its line of the subject included. */
static void
characters_are_counted(void **state)
{
	static char channel[] = "ameli";
	char body[1600];
	struct letter letter = letter_of(channel, body);
	struct carnet_error err;
	char *text = NULL;
	size_t len;

	(void)state;
	letter.max_chars = 1500;
	letter.footer = empty;
	memset(body, 'a', sizeof(body));
	len = 1500 - strlen("Objet : Opposition\n\n") - strlen("\n\n") -
	      strlen("Anne Onyme\n");
	body[len] = '\0';
	assert_int_equal(write_letter_text(&letter, &text, &err), CARNET_OK);
	free(text);
	text = NULL;
	body[len] = 'a';
	body[len + 1] = '\0';
	assert_int_equal(
	    write_letter_text(&letter, &text, &err), CARNET_INVALID);
	assert_null(text);
	assert_non_null(strstr(err.message, "1501"));
	assert_true(err.hint[0] != '\0');
	/* an accent is one; what is beyond U+FFFF a form counts twice */
	for (size_t i = 0; i < 2; i++) {
		size_t more = i == 0 ? 1 : 2;

		memset(body, 'a', sizeof(body));
		memcpy(body, i == 0 ? "\xc3\xa9" : "\xf0\x9d\x94\xb8",
		    i == 0 ? 2 : 4);
		body[len + more] = '\0';
		assert_int_equal(
		    write_letter_text(&letter, &text, &err), CARNET_OK);
		free(text);
		text = NULL;
		body[len + more] = 'a';
		body[len + more + 1] = '\0';
		assert_int_equal(
		    write_letter_text(&letter, &text, &err), CARNET_INVALID);
	}
}

static void
no_line_is_too_wide(void **state)
{
	static char channel[] = "letter";
	static char body[] =
	    "> - a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e "
	    "f g h i j k l m n o p q r s t u v w x y z\n>   1. one two three "
	    "four five six seven eight nine ten eleven twelve thirteen "
	    "fourteen\n>      > 王王王王王王王王王王王王王王王王王王王王王王王"
	    "王王王王王王王王王王王王王王王王王王王王王王王王王王王王王\n\n"
	    "- - - - - - - - - - - - - - - - - - deep deep deep deep deep deep "
	    "deep deep deep deep deep deep deep deep deep deep deep deep\n";
	struct letter letter = letter_of(channel, body);
	char *text = NULL, *line;

	(void)state;
	assert_int_equal(write_letter_text(&letter, &text, NULL), CARNET_OK);
	for (line = strtok(text, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		assert_true(columns_width(line, strlen(line)) <= 72);
		assert_true(line[strlen(line) - 1] != ' ');
	}
	free(text);
}

static void
hostile_letters_are_refused(void **state)
{
	static char channel[] = "letter", body[] = "b",
		    bad[] = "Anne\xe2\x80\xaeOnyme";
	struct letter letter = letter_of(channel, body);
	char *text = NULL;

	(void)state;
	letter.signature = bad;
	assert_int_equal(
	    write_letter_text(&letter, &text, NULL), CARNET_INVALID);
	assert_null(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_is_whole),
		cmocka_unit_test(a_message_has_no_layout),
		cmocka_unit_test(empty_parts_leave_no_holes),
		cmocka_unit_test(characters_are_counted),
		cmocka_unit_test(no_line_is_too_wide),
		cmocka_unit_test(hostile_letters_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
