/* SPDX-License-Identifier: ISC */
/* A letter from a press job: formats/letters/compose.c and its parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "letters_fixture.h"

#define NB "\302\240"

#define PERSON                                                                 \
	"\"person\":{\"name\":\"Anne Martin\",\"born\":\"1980-03-01\","        \
	"\"birthplace\":\"Lyon\",\"address\":\"12, rue des Lilas, 69003 "      \
	"Lyon CEDEX 03\",\"email\":\"anne@exemple.fr\","                       \
	"\"nir\":\"280036938312345\"}"
#define FUND                                                                   \
	"\"recipient\":{\"id\":\"fr/caisse\",\"name\":\"CPAM du Rhône\","     \
	"\"address\":\"Service courrier\\n69907 Lyon\"}"

static enum carnet_status
compose_status(void **state, const char *json, struct letter **ret_letter)
{
	cJSON *job = NULL;
	struct carnet_error err = { 0 };
	enum carnet_status status;

	assert_int_equal(
	    carnet_json_parse(json, strlen(json), &job, &err), CARNET_OK);
	status = letters_compose(*state, job, ret_letter, &err);
	if (status != CARNET_OK)
		assert_string_not_equal(err.message, "");
	cJSON_Delete(job);
	return status;
}

static struct letter *
compose(void **state, const char *json)
{
	struct letter *letter = NULL;

	assert_int_equal(compose_status(state, json, &letter), CARNET_OK);
	return letter;
}

static bool
has_line(char **lines, const char *words)
{
	for (; *lines != NULL; lines++) {
		if (strstr(*lines, words) != NULL)
			return true;
	}
	return false;
}

static size_t
count_lines(char **lines)
{
	size_t count = 0;

	while (lines[count] != NULL)
		count++;
	return count;
}

/* A copy whose no-break spaces are spaces. */
static char *
with_spaces(const char *text)
{
	char *copy = malloc(strlen(text) + 1), *to = copy;

	assert_non_null(copy);
	while (*text != '\0') {
		size_t len = strncmp(text, NB, 2) == 0               ? 2
			     : strncmp(text, "\342\200\257", 3) == 0 ? 3
								     : 0;

		*to++ = len == 0 ? *text : ' ';
		text += len == 0 ? 1 : len;
	}
	*to = '\0';
	return copy;
}

/* How many bytes of UTF-8 begin no character. */
static size_t
count_extra_bytes(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xC0) == 0x80 ? 1 : 0;
	return count;
}

static void
the_registered_letter(void **state)
{
	struct letter *letter = compose(state,
	    "{\"template\":\"fr/snds-opposition\",\"lang\":\"fr\","
	    "\"channel\":\"registered\",\"date\":\"2026-11-01\","
	    "\"reference\":\"sabcd\"," PERSON "," FUND "}");

	assert_string_equal(letter->sender[0], "Anne Martin");
	assert_string_equal(letter->sender[1], "12, rue des Lilas");
	assert_string_equal(letter->sender[2], "69003 Lyon CEDEX 03");
	assert_string_equal(letter->sender[3], "anne@exemple.fr");
	assert_null(letter->sender[4]);
	assert_string_equal(letter->addressee[0],
	    "Madame la directrice, Monsieur le directeur");
	assert_string_equal(letter->addressee[1], "CPAM du Rhône");
	assert_string_equal(letter->addressee[3], "Service courrier");
	assert_string_equal(letter->addressee[4], "69907 Lyon");
	assert_null(letter->addressee[5]);
	assert_string_equal(letter->place_date, "Lyon, le 1er novembre 2026");
	assert_string_equal(letter->mention,
	    "Lettre recommandée avec demande d’avis de réception");
	assert_string_equal(letter->signature, "Anne Martin");
	assert_non_null(strstr(letter->footer, "sabcd"));
	assert_non_null(strstr(letter->footer,
	    "Modèle de lettre de carnet, à employer jusqu’au 31 décembre "
	    "2026"));
	assert_null(strstr(letter->footer, "valable"));
	assert_non_null(strstr(letter->body, "280036938312345"));
	assert_non_null(strstr(letter->body, "1er mars 1980"));
	assert_non_null(strstr(letter->body, "R." NB "1461-9"));
	assert_int_equal(letter->max_chars, 0);
	assert_null(letter->missing[0]);
	assert_null(letter->warnings[0]);
	letter_free(letter);
}

static void
the_ameli_message(void **state)
{
	struct letter *letter = compose(state,
	    "{\"template\":\"fr/snds-opposition\",\"lang\":\"fr\","
	    "\"date\":\"2026-11-01\"," PERSON "}");

	assert_string_equal(letter->channel, "ameli");
	assert_string_equal(
	    letter->subject, "Exercer les droits informatique et libertés");
	assert_null(letter->sender[0]);
	assert_null(letter->addressee[0]);
	assert_string_equal(letter->place_date, "");
	assert_string_equal(letter->mention, "");
	assert_int_equal(letter->max_chars, 1500);
	/* the account identifies; the host is not its business */
	assert_null(strstr(letter->body, "280036938312345"));
	assert_null(strstr(letter->body, "Microsoft"));
	assert_null(letter->missing[0]);
	assert_null(letter->warnings[0]);
	letter_free(letter);
	letter = compose(
	    state, "{\"template\":\"fr/snds-opposition\",\"lang\":\"fr\"}");
	assert_int_equal(count_lines(letter->missing), 1);
	assert_string_equal(letter->missing[0], "person.name");
	letter_free(letter);
}

#define CHILD                                                                  \
	"\"represents\":{\"name\":\"Maëlys Martin-Delacroix\",\"born\":"      \
	"\"2019-06-14\",\"birthplace\":\"Villeurbanne\",\"as\":\"parent\","    \
	"\"nir\":\"219066926612345\"}"

/* A child's message says all that a grown-up's does, and fits. */
static void
a_child_s_message_fits(void **state)
{
	static const char *const langs[] = { "fr", "en" };
	static const char *const words[][4] = {
		{ "« mes données » et « mes droits » sont les siens.",
		    "système national des données de santé (SNDS)",
		    "code des relations entre le public et l’administration",
		    "suspendre jusqu’à votre réponse" },
		{ "“my data” and “my rights” are theirs.",
		    "national health data system (SNDS)",
		    "code of relations between the public",
		    "suspend until you answer" },
	};

	for (size_t i = 0; i < 2; i++) {
		char json[1024], *body;
		struct letter *letter;

		(void)snprintf(json, sizeof(json),
		    "{\"template\":\"fr/snds-opposition\",\"lang\":\"%s\","
		    "\"date\":\"2026-11-25\",\"reference\":\"sabcd\"," PERSON
		    "," CHILD ",\"decision\":{\"reason\":\"Le secret qui "
		    "lie le médecin et l'enfant doit tenir.\"}}",
		    langs[i]);
		letter = compose(state, json);
		body = with_spaces(letter->body);
		for (size_t k = 0; k < 4; k++)
			assert_non_null(strstr(body, words[i][k]));
		assert_null(strstr(body, "CRPA"));
		assert_null(strstr(body, "12345"));
		assert_false(has_line(letter->warnings, "left out"));
		assert_false(has_line(letter->warnings, "shortened"));
		assert_true(strlen(body) + strlen(letter->subject) +
				strlen(letter->signature) +
				strlen(letter->footer) + 20 <=
			    1500 + count_extra_bytes(body));
		free(body);
		letter_free(letter);
	}
}

static void
a_long_reason_is_left_out(void **state)
{
	static const size_t lengths[] = { 10, 300, 900, 5000 };
	static const bool kept[] = { true, true, false, false };

	for (size_t i = 0; i < 4; i++) {
		char *json = malloc(8192), reason[5001];
		struct letter *letter;

		assert_non_null(json);
		memset(reason, 'z', lengths[i]);
		reason[lengths[i]] = '\0';
		(void)snprintf(json, 8192,
		    "{\"template\":\"fr/"
		    "snds-opposition\",\"lang\":\"fr\"," PERSON
		    ",\"decision\":{\"reason\":\"%s\"}}",
		    reason);
		letter = compose(state, json);
		assert_true(
		    (strstr(letter->body, "zzzzzzzzzz") != NULL) == kept[i]);
		assert_true(has_line(letter->warnings, "reason") != kept[i]);
		/* nothing else is lost for it */
		assert_non_null(strstr(letter->body, "base principale"));
		letter_free(letter);
		free(json);
	}
}

static void
a_scope_is_never_left_out(void **state)
{
	char json[4096], scope[2001];
	struct letter *letter;

	memset(scope, 'z', 2000);
	scope[2000] = '\0';
	(void)snprintf(json, sizeof(json),
	    "{\"template\":\"fr/snds-opposition\",\"lang\":\"fr\"," PERSON
	    ",\"decision\":{\"scope\":\"%s\"}}",
	    scope);
	letter = compose(state, json);
	assert_non_null(strstr(letter->body, scope));
	assert_true(has_line(letter->warnings, "longer than this channel"));
	letter_free(letter);
}

static void
facts_hold_between_their_dates(void **state)
{
	static const struct {
		const char *date;
		bool azure, scaleway, left_out, early, late;
		const char *until;
	} rows[] = {
		{ "2020-06-18", false, false, true, true, false, "2027" },
		{ "2020-06-19", true, false, false, true, false, "2026" },
		{ "2021-06-30", true, false, false, true, false, "2026" },
		{ "2021-07-01", true, false, false, false, false, "2026" },
		{ "2026-04-22", true, false, false, false, false, "22 avril" },
		{ "2026-04-23", true, true, false, false, false, "31 d" },
		{ "2026-12-31", true, true, false, false, false, "2026" },
		{ "2027-01-01", false, false, true, false, false, "2027" },
		{ "2027-12-31", false, false, true, false, false, "2027" },
		{ "2028-01-01", false, false, true, false, true, "2027" },
		{ "", true, true, false, false, false, "2026" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct letter *letter;
		char json[512];

		(void)snprintf(json, sizeof(json),
		    "{\"template\":\"fr/cnam-opposition\",\"lang\":\"fr\","
		    "\"date\":\"%s\"}",
		    rows[i].date);
		letter = compose(state, json);
		assert_true((strstr(letter->body, "Microsoft") != NULL) ==
			    rows[i].azure);
		assert_true((strstr(letter->body, "Scaleway") != NULL) ==
			    rows[i].scaleway);
		assert_true(
		    has_line(letter->warnings, "left out") == rows[i].left_out);
		assert_true(
		    has_line(letter->warnings, "dates from") == rows[i].early);
		assert_true(
		    has_line(letter->warnings, "true until") == rows[i].late);
		assert_non_null(strstr(letter->footer, rows[i].until));
		letter_free(letter);
	}
}

/* What one writes for oneself and keeps has no footer; a letter names the
 * template, a message its reference alone. */
static void
footers_say_whose_template(void **state)
{
	static const struct {
		const char *template, *channel, *lang, *footer;
	} rows[] = {
		{ "fr/directives", "other", "fr", "" },
		{ "fr/directives", "letter", "en", "" },
		{ "fr/confiance-designation", "hand", "fr", "" },
		{ "fr/confiance-revocation", "other", "fr", "" },
		{ "fr/don-refus", "letter", "fr", "" },
		{ "fr/note-snds", "other", "fr",
		    "Réf. sabcd – Modèle de lettre de carnet, à employer "
		    "jusqu’au 31 décembre 2027" },
		{ "fr/mineur-confidentialite", "hand", "en",
		    "Ref. sabcd – Letter template by carnet, to be used until "
		    "31 December 2027" },
		{ "eu/objection", "letter", "de",
		    "Az. sabcd – Briefvorlage von carnet, zu verwenden bis "
		    "31. Dezember 2027" },
		{ "fr/snds-opposition", "ameli", "fr", "Réf. sabcd" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char json[512];
		struct letter *letter;

		(void)snprintf(json, sizeof(json),
		    "{\"template\":\"%s\",\"channel\":\"%s\",\"lang\":"
		    "\"%s\",\"reference\":\"sabcd\",\"date\":"
		    "\"2026-11-25\"," PERSON "}",
		    rows[i].template, rows[i].channel, rows[i].lang);
		letter = compose(state, json);
		assert_string_equal(letter->footer, rows[i].footer);
		letter_free(letter);
	}
}

static void
blanks_for_what_is_not_known(void **state)
{
	static const char *const expected[] = { "person.name", "person.born",
		"person.birthplace", "person.nir", "person.address",
		"recipient.name", "recipient.address", "place", "date" };
	struct letter *letter = compose(state,
	    "{\"template\":\"fr/snds-opposition\",\"lang\":\"fr\","
	    "\"channel\":\"registered\"}");

	assert_int_equal(count_lines(letter->missing), 9);
	for (size_t i = 0; i < 9; i++)
		assert_true(has_line(letter->missing, expected[i]));
	assert_string_equal(letter->sender[0], "____________");
	assert_string_equal(letter->signature, "____________");
	assert_string_equal(
	    letter->place_date, "____________, le ____________");
	assert_string_equal(
	    letter->addressee[1], "Caisse d’assurance maladie de ____________");
	letter_free(letter);
	/* handed over: no postal address is needed; an e-mail needs its own */
	letter = compose(
	    state, "{\"template\":\"fr/medecin-opposition\",\"lang\":\"fr\"}");
	assert_false(has_line(letter->missing, "recipient.address"));
	assert_false(has_line(letter->missing, "person.nir"));
	assert_non_null(strstr(letter->body, "récépissé daté et signé"));
	letter_free(letter);
	letter = compose(state,
	    "{\"template\":\"fr/medecin-opposition\",\"lang\":\"fr\","
	    "\"channel\":\"email\"}");
	assert_true(has_line(letter->missing, "recipient.email"));
	assert_false(has_line(letter->missing, "recipient.address"));
	letter_free(letter);
}

static void
null_and_empty_values_are_blanks(void **state)
{
	struct letter *letter = compose(state,
	    "{\"template\":\"fr/cnam-opposition\",\"lang\":\"fr\","
	    "\"channel\":null,\"date\":\"\",\"person\":{\"name\":null,"
	    "\"born\":\"\",\"address\":\"  \"},\"recipient\":null,"
	    "\"represents\":null,\"decision\":null,\"case\":null}");

	assert_true(has_line(letter->missing, "person.name"));
	assert_true(has_line(letter->missing, "person.address"));
	assert_string_equal(
	    letter->addressee[2], "26-50 avenue du Professeur-André-Lemierre");
	letter_free(letter);
}

static void
addresses_become_lines(void **state)
{
	static const struct {
		const char *address;
		const char *lines[4];
	} rows[] = {
		{ "4 rue Haute, 35000 Rennes",
		    { "4 rue Haute", "35000 Rennes" } },
		{ "4, rue Haute, 35000 Rennes",
		    { "4, rue Haute", "35000 Rennes" } },
		{ "4 bis, rue Haute, 35000 Rennes",
		    { "4 bis, rue Haute", "35000 Rennes" } },
		{ "Bât. A, 4 rue Haute\\n35000 Rennes",
		    { "Bât. A, 4 rue Haute", "35000 Rennes" } },
		{ "Rennes", { "Rennes" } },
		{ ",,4 rue Haute,,", { "4 rue Haute" } },
		{ "12, 13, 14", { "12, 13", "14" } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct letter *letter;
		char json[512];
		size_t n;

		(void)snprintf(json, sizeof(json),
		    "{\"template\":\"gdpr/objection\",\"lang\":\"fr\","
		    "\"person\":{\"address\":\"%s\"}}",
		    rows[i].address);
		letter = compose(state, json);
		for (n = 0; n < 4 && rows[i].lines[n] != NULL; n++)
			assert_string_equal(
			    letter->sender[n + 1], rows[i].lines[n]);
		assert_null(letter->sender[n + 1]);
		letter_free(letter);
	}
}

static void
the_nir_goes_to_funds_only(void **state)
{
	static const char *const others[] = {
		"\"fr/medecin-opposition\",\"recipient\":{\"id\":\"fr/"
		"medecin\"}",
		"\"gdpr/consent\",\"recipient\":{\"id\":\"fr/pds\"}",
		"\"fr/relance\",\"recipient\":{\"id\":\"fr/pds\"}",
		"\"fr/relance\",\"recipient\":{\"id\":\"mon-labo\"}",
		"\"fr/relance\"",
		"\"fr/mes-cloture\"",
		"\"fr/plainte-cnil\"",
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct letter *letter;
		char json[1024];

		(void)snprintf(json, sizeof(json),
		    "{\"lang\":\"fr\"," PERSON ",\"decision\":{\"scope\":"
		    "\"{{person.nir}} {{concerned.nir}}\"},\"template\":%s}",
		    others[i]);
		letter = compose(state, json);
		assert_null(strstr(letter->body, "280036938312345"));
		assert_null(strstr(letter->subject, "280036938312345"));
		assert_false(has_line(letter->missing, "nir"));
		letter_free(letter);
	}
}

static void
one_may_act_for_another(void **state)
{
	static const char job[] =
	    "{\"template\":\"fr/hopital-opposition\",\"lang\":\"fr\","
	    "\"date\":\"2026-11-01\"," PERSON ",\"represents\":{\"name\":"
	    "\"Léo Martin\",\"born\":\"2015-01-31\",\"birthplace\":"
	    "\"Bron\",\"as\":\"%s\"%s}}";
	static const struct {
		const char *as, *proof, *words;
		bool warned;
	} rows[] = {
		{ "parent", "", "titulaire de l’autorité parentale", false },
		{ "guardian", "", "protection juridique", false },
		{ "mandate", "", "mandataire", true },
		{ "mandate", ",\"proof\":\"mandat du 3 mai\"",
		    "mandat du 3 mai", false },
		{ "friend", "", "en qualité de \\_", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct letter *letter;
		char json[1024];

		(void)snprintf(
		    json, sizeof(json), job, rows[i].as, rows[i].proof);
		letter = compose(state, json);
		assert_non_null(strstr(letter->body, "Léo Martin"));
		assert_non_null(strstr(letter->body, "31 janvier 2015"));
		assert_non_null(strstr(letter->body, rows[i].words));
		assert_null(strstr(letter->body, "1er mars 1980"));
		assert_string_equal(letter->sender[0], "Anne Martin");
		assert_string_equal(
		    letter->signature, "Anne Martin, pour Léo Martin");
		assert_true(
		    has_line(letter->warnings, "mandate") == rows[i].warned);
		assert_true(
		    has_line(letter->missing, "represents.as") == (i == 4));
		letter_free(letter);
	}
}

static void
some_statements_are_ones_own(void **state)
{
	struct letter *letter = compose(state,
	    "{\"template\":\"fr/don-refus\",\"lang\":\"fr\"," PERSON
	    ",\"represents\":{\"name\":\"Léo\",\"as\":\"parent\"}}");

	assert_true(has_line(letter->warnings, "only the person themself"));
	/* for one's own file: nobody is written to */
	assert_null(letter->addressee[0]);
	assert_string_equal(letter->sender[0], "Anne Martin");
	letter_free(letter);
}

static void
the_note_has_no_effect(void **state)
{
	struct letter *letter = compose(state,
	    "{\"template\":\"fr/note-snds\",\"lang\":\"fr\"," PERSON
	    ",\"about\":{\"id\":\"fr/caisse\",\"name\":\"CPAM du Rhône\"},"
	    "\"case\":{\"sent\":\"2026-11-01\",\"via\":\"ameli\","
	    "\"due\":\"2026-12-04\"}}");

	assert_non_null(strstr(letter->body, "CPAM du Rhône"));
	assert_non_null(strstr(letter->body, "1er novembre 2026"));
	assert_non_null(strstr(letter->body, "4 décembre 2026"));
	assert_non_null(strstr(letter->body, "messagerie du compte ameli"));
	assert_non_null(strstr(letter->body, "n’a pas d’effet juridique"));
	assert_null(letter->addressee[0]);
	assert_null(strstr(letter->body, "Madame, Monsieur"));
	letter_free(letter);
	letter =
	    compose(state, "{\"template\":\"fr/note-snds\",\"lang\":\"fr\","
			   "\"channel\":\"letter\"}");
	assert_string_equal(letter->addressee[1], "3 place de Fontenoy");
	assert_non_null(strstr(letter->body, "Madame, Monsieur"));
	assert_true(has_line(letter->missing, "about.name"));
	letter_free(letter);
}

static void
the_complaint_tells_the_story(void **state)
{
	static const char job[] =
	    "{\"template\":\"fr/plainte-cnil\",\"lang\":\"fr\","
	    "\"date\":\"2026-04-08\"," PERSON "," FUND ",\"case\":{"
	    "\"sent\":\"2026-03-04\",\"received\":\"2026-03-05\","
	    "\"due\":\"2026-04-07\",\"via\":\"registered\","
	    "\"template\":\"fr/snds-opposition\",\"body_sha256\":\"ab12\","
	    "\"steps\":[{\"kind\":\"sent\",\"on\":\"2026-03-04\",\"via\":"
	    "\"registered\",\"proof\":\"d1\"},{\"kind\":\"received\","
	    "\"on\":\"2026-03-05\"}%s]}}";
	struct letter *letter;
	char json[2048];

	(void)snprintf(json, sizeof(json), job, "");
	letter = compose(state, json);
	/* the job names the fund: the complaint is about it, to the CNIL */
	assert_string_equal(letter->addressee[1], "3 place de Fontenoy");
	assert_non_null(strstr(letter->subject, "CPAM du Rhône"));
	assert_non_null(strstr(letter->body, "Service courrier\\, 69907 Lyon"));
	assert_non_null(strstr(letter->body,
	    "- 4 mars 2026" NB ": envoi, lettre recommandée avec demande "
	    "d’avis de réception (justificatif joint)\n- 5 mars 2026" NB
	    ": réception par l’organisme"));
	assert_non_null(strstr(letter->body, "aucune réponse"));
	assert_non_null(strstr(letter->body, "7 avril 2026"));
	assert_non_null(strstr(letter->body, "ab12"));
	assert_non_null(strstr(letter->body, "du SNDS pour la recherche"));
	assert_int_equal(count_lines(letter->missing), 1);
	assert_string_equal(letter->missing[0], "about.siren");
	letter_free(letter);
	(void)snprintf(json, sizeof(json), job,
	    ",{\"kind\":\"extended\",\"on\":\"2026-03-15\"},{\"kind\":"
	    "\"answered\",\"on\":\"2026-03-20\",\"outcome\":\"refused\"}");
	letter = compose(state, json);
	assert_null(strstr(letter->body, "aucune réponse"));
	assert_non_null(strstr(letter->body,
	    "L’organisme a répondu le 20 mars 2026. Il refuse ma demande. "
	    "Cette réponse ne me paraît pas conforme au RGPD. Dernier jour "
	    "pour répondre (article" NB "12"));
	assert_non_null(strstr(letter->body, "du RGPD)" NB ": 7 avril 2026."));
	assert_null(strstr(letter->body, "pris fin"));
	letter_free(letter);
	(void)snprintf(json, sizeof(json), job,
	    ",{\"kind\":\"answered\",\"on\":\"2026-04-06\",\"outcome\":"
	    "\"partly\",\"proof\":\"d2\"}");
	letter = compose(state, json);
	assert_non_null(strstr(letter->body,
	    "le 6 avril 2026. Il n’y fait droit qu’en partie. Cette"));
	assert_non_null(strstr(letter->body, "les autres échanges"));
	letter_free(letter);
}

/* An answer may come before the last day; no text may say that this day is
 * past.  In all languages, what is attached is what is there. */
static void
complaints_list_what_is_attached(void **state)
{
	static const struct {
		const char *template, *lang, *last, *sent, *received, *other,
		    *timeline;
	} rows[] = {
		{ "fr/plainte-cnil", "fr", "Dernier jour pour répondre (",
		    "la preuve de son envoi", "la preuve de sa réception",
		    "les autres échanges", "l’inventaire" },
		{ "eu/complaint", "fr", "Dernier jour pour répondre (",
		    "la preuve de son envoi", "la preuve de sa réception",
		    "les autres échanges", "l’inventaire" },
		{ "eu/complaint", "en", "Last day to answer (",
		    "the proof that it was sent",
		    "the proof that it was received", "the other exchanges",
		    "the timeline" },
		{ "eu/complaint", "de", "Letzter Tag für die Antwort (",
		    "der Nachweis der Absendung", "der Nachweis des Zugangs",
		    "der übrige Schriftwechsel", "der zeitliche Ablauf" },
		{ "eu/complaint", "es", "Último día para responder (",
		    "la prueba de su envío", "la prueba de su recepción",
		    "los demás intercambios", "la cronología" },
		{ "eu/complaint", "it", "Ultimo giorno per rispondere (",
		    "la prova dell’invio", "la prova del ricevimento",
		    "gli altri scambi", "la cronologia" },
		{ "eu/complaint", "nl", "Laatste dag om te antwoorden (",
		    "het bewijs van verzending", "het bewijs van ontvangst",
		    "de overige briefwisseling", "het tijdsverloop" },
	};
	static const char job[] =
	    "{\"template\":\"%s\",\"lang\":\"%s\",\"date\":\"2026-04-06\","
	    "\"about\":{\"name\":\"Klinik\"},\"case\":{\"due\":\"2026-04-07\","
	    "\"template\":\"%s\",\"steps\":[{\"kind\":\"sent\",\"on\":"
	    "\"2026-03-04\"%s},{\"kind\":\"received\",\"on\":\"2026-03-05\"%s},"
	    "{\"kind\":\"answered\",\"on\":\"2026-04-06\",\"outcome\":"
	    "\"refused\"%s}]}}";

	for (size_t i = 0; i < 8 * sizeof(rows) / sizeof(rows[0]); i++) {
		const char *proof = ",\"proof\":\"d1\"";
		size_t row = i / 8;
		bool has[] = { i & 1, i & 2, i & 4 };
		const char *items[] = { rows[row].sent, rows[row].received,
			rows[row].other };
		struct letter *letter;
		char json[1024];

		(void)snprintf(json, sizeof(json), job, rows[row].template,
		    rows[row].lang, "eu/objection", has[0] ? proof : "",
		    has[1] ? proof : "", has[2] ? proof : "");
		letter = compose(state, json);
		for (size_t j = 0; j < 3; j++)
			if ((strstr(letter->body, items[j]) != NULL) != has[j])
				fail_msg("%s: %s", items[j], letter->body);
		assert_non_null(strstr(letter->body, rows[row].timeline));
		assert_non_null(strstr(letter->body, rows[row].last));
		assert_null(strstr(letter->body, "pris fin"));
		assert_null(strstr(letter->body, "ended on"));
		letter_free(letter);
	}
}

static void
the_referral_knows_its_window(void **state)
{
	static const char job[] =
	    "{\"template\":\"fr/cada-saisine\",\"lang\":\"%s\"," PERSON
	    ",\"about\":{\"name\":\"Hôpital\"},\"case\":{\"template\":"
	    "\"fr/dossier-acces\",\"steps\":[{\"kind\":\"sent\",\"on\":"
	    "\"2026-03-04\"},{\"kind\":\"received\",\"on\":\"2026-03-05\"%s}]"
	    "%s}}";
	static const char *const rows[][2] = {
		{ "fr", "Le délai pour vous saisir est de deux mois à compter "
			"du refus" },
		{ "en", "The time to refer to you is two months from the "
			"refusal" },
	};
	struct letter *letter;
	char json[1024];

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(json, sizeof(json), job, rows[i][0],
		    ",\"proof\":\"d1\"", "");
		letter = compose(state, json);
		assert_non_null(strstr(letter->body, rows[i][1]));
		assert_non_null(
		    strstr(letter->body, i == 0 ? "la preuve de sa réception"
						: "the proof of its receipt"));
		letter_free(letter);
		(void)snprintf(json, sizeof(json), job, rows[i][0], "",
		    ",\"outside\":true");
		letter = compose(state, json);
		assert_null(strstr(letter->body, rows[i][1]));
		assert_null(strstr(letter->body, "343"));
		assert_null(
		    strstr(letter->body, i == 0 ? "la preuve de sa réception"
						: "the proof of its receipt"));
		letter_free(letter);
	}
}

static void
the_reminder_knows_its_clock(void **state)
{
	static const char job[] =
	    "{\"template\":\"fr/relance\",\"lang\":\"fr\"," PERSON "," FUND
	    ",\"case\":{\"first_sent\":\"2026-03-04\",\"sent\":"
	    "\"2026-04-09\",\"due\":\"2026-04-07\",\"template\":\"%s\"}}";
	struct letter *letter;
	char json[1024];

	(void)snprintf(json, sizeof(json), job, "fr/snds-opposition");
	letter = compose(state, json);
	assert_non_null(strstr(letter->subject, "4 mars 2026"));
	assert_non_null(strstr(letter->body, "d’un mois"));
	assert_non_null(strstr(letter->body, "280036938312345"));
	letter_free(letter);
	(void)snprintf(json, sizeof(json), job, "fr/mes-effacement");
	letter = compose(state, json);
	assert_null(strstr(letter->body, "d’un mois"));
	assert_non_null(strstr(letter->body, "demande d’effacement"));
	letter_free(letter);
}

/* The answers to a bad answer: no month where the law gives another time. */
static void
answers_know_their_clock(void **state)
{
	static const struct {
		const char *template, *about;
		bool month;
	} rows[] = {
		{ "fr/reponse-identite", "fr/snds-opposition", true },
		{ "fr/reponse-identite", "fr/dossier-acces", false },
		{ "fr/reponse-identite", "fr/dossier-acces-ancien", false },
		{ "fr/reponse-identite", "fr/mes-effacement", false },
		{ "fr/reponse-delai", "gdpr/access", true },
		{ "fr/reponse-delai", "fr/dossier-acces", false },
		{ "fr/reponse-delai", "fr/dossier-acces-ancien", false },
		{ "fr/reponse-delai", "fr/mes-effacement", false },
		{ "fr/reponse-langue", "fr/snds-opposition", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char json[1024], *body;
		struct letter *letter;

		(void)snprintf(json, sizeof(json),
		    "{\"template\":\"%s\",\"lang\":\"fr\"," PERSON "," FUND
		    ",\"case\":{\"first_sent\":\"2026-03-04\",\"sent\":"
		    "\"2026-03-04\",\"due\":\"2026-04-07\",\"template\":"
		    "\"%s\"}}",
		    rows[i].template, rows[i].about);
		letter = compose(state, json);
		body = with_spaces(letter->body);
		assert_int_equal(
		    strstr(body, "article 12 § 3") != NULL, rows[i].month);
		assert_null(strstr(body, "continue de courir"));
		if (strcmp(rows[i].template, "fr/reponse-delai") == 0)
			assert_non_null(strstr(body, "7 avril 2026"));
		free(body);
		letter_free(letter);
	}
}

/* A letter for another says once whose "I" it is. */
static void
the_child_is_the_i_of_the_letter(void **state)
{
	static const struct {
		const char *template, *channel, *lang, *words;
	} rows[] = {
		{ "fr/medecin-opposition", "hand", "fr",
		    "(naissance : 14 juin 2019), en qualité de parent "
		    "titulaire "
		    "de l’autorité parentale. Dans cette lettre, « je » "
		    "désigne "
		    "cette personne ; « mes données », « mes soins » et « mes "
		    "droits » sont les siens." },
		{ "fr/note-snds", "letter", "fr", "Dans cette lettre, « je »" },
		{ "fr/note-snds", "other", "fr", "Dans ce texte, « je »" },
		{ "fr/note-demarche", "other", "en",
		    "In this text “I” stands for that person; “my data”, “my "
		    "care” and “my rights” are theirs." },
		{ "gdpr/lift", "ameli", "fr", "Dans ce message, « je »" },
		{ "fr/relance", "ameli", "fr", "Dans ce message, « je »" },
		{ "eu/objection", "letter", "de", "In diesem Schreiben" },
		{ "eu/objection", "letter", "es", "En esta carta" },
		{ "eu/objection", "letter", "it", "In questa lettera" },
		{ "eu/objection", "letter", "nl", "In deze brief" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char json[1024], *body;
		struct letter *letter;

		(void)snprintf(json, sizeof(json),
		    "{\"template\":\"%s\",\"channel\":\"%s\",\"lang\":"
		    "\"%s\"," PERSON "," CHILD "}",
		    rows[i].template, rows[i].channel, rows[i].lang);
		letter = compose(state, json);
		body = with_spaces(letter->body);
		if (strstr(body, rows[i].words) == NULL)
			fail_msg("%s\n%s", rows[i].words, body);
		free(body);
		letter_free(letter);
	}
}

static void
an_unchecked_reference_is_marked(void **state)
{
	struct letter *letter = compose(
	    state, "{\"template\":\"fr/partage-opposition\",\"lang\":\"fr\"}");

	assert_non_null(
	    strstr(letter->body, "L." NB "1110-4" NB "(IV) (à vérifier)"));
	assert_true(has_line(letter->warnings, "not checked"));
	letter_free(letter);
	letter = compose(
	    state, "{\"template\":\"fr/partage-opposition\",\"lang\":\"en\"}");
	assert_non_null(
	    strstr(letter->body, "L." NB "1110-4" NB "(IV) (to be checked)"));
	assert_true(has_line(letter->warnings, "send the French one"));
	letter_free(letter);
}

static void
bad_jobs_are_refused(void **state)
{
	static const struct {
		const char *json;
		enum carnet_status status;
	} rows[] = {
		{ "[]", CARNET_INVALID },
		{ "\"x\"", CARNET_INVALID },
		{ "{}", CARNET_NOT_FOUND },
		{ "{\"template\":\"fr/nothing\",\"lang\":\"fr\"}",
		    CARNET_NOT_FOUND },
		{ "{\"template\":\"fr/relance\"}", CARNET_NOT_FOUND },
		{ "{\"template\":\"fr/relance\",\"lang\":\"xx\"}",
		    CARNET_NOT_FOUND },
		{ "{\"template\":\"fr/relance\",\"lang\":\"$schema\"}",
		    CARNET_NOT_FOUND },
		{ "{\"template\":\"fr/plainte-cnil\",\"lang\":\"en\"}",
		    CARNET_NOT_FOUND },
		{ "{\"template\":\"fr/relance\",\"lang\":\"fr\","
		  "\"channel\":\"pigeon\"}",
		    CARNET_INVALID },
		{ "{\"template\":\"fr/relance\",\"lang\":\"fr\","
		  "\"date\":\"2026-02-30\"}",
		    CARNET_INVALID },
		{ "{\"template\":\"fr/relance\",\"lang\":\"fr\","
		  "\"date\":20260230}",
		    CARNET_INVALID },
		{ "{\"template\":5,\"lang\":\"fr\"}", CARNET_INVALID },
		{ "{\"template\":\"fr/relance\",\"lang\":\"fr\","
		  "\"person\":\"Anne\"}",
		    CARNET_INVALID },
		{ "{\"template\":\"fr/relance\",\"lang\":\"fr\","
		  "\"person\":{\"name\":5}}",
		    CARNET_INVALID },
		{ "{\"template\":\"fr/relance\",\"lang\":\"fr\","
		  "\"person\":{\"name\":{}}}",
		    CARNET_INVALID },
		{ "{\"template\":\"fr/relance\",\"lang\":\"fr\","
		  "\"case\":{\"steps\":\"sent\"}}",
		    CARNET_INVALID },
		{ "{\"template\":\"fr/relance\",\"lang\":\"fr\","
		  "\"case\":{\"steps\":[\"sent\"]}}",
		    CARNET_INVALID },
		{ "{\"template\":\"fr/relance\",\"lang\":\"fr\","
		  "\"decision\":{\"purposes\":\"all\"}}",
		    CARNET_INVALID },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct letter *letter = NULL;

		assert_int_equal(compose_status(state, rows[i].json, &letter),
		    rows[i].status);
		assert_null(letter);
	}
}

#define OF_AGE "\"person\":{\"name\":\"A\",\"born\":\"%s\"}"

/* Who may sign, by age and quality, on the day of the letter. */
static void
signers_are_looked_at(void **state)
{
	static const struct {
		const char *template, *born, *as, *warning;
	} rows[] = {
		{ "fr/don-refus", "2013-11-25", NULL, NULL },
		{ "fr/don-refus", "2013-11-26", NULL, "nor for them" },
		{ "fr/mineur-confidentialite", "2011-11-25", NULL, NULL },
		{ "fr/mineur-confidentialite", "2011-11-26", NULL,
		    "nor for them" },
		{ "fr/mineur-confidentialite", "2008-11-25", NULL,
		    "nor for them" },
		{ "fr/soins-refus", "2008-11-25", NULL, NULL },
		{ "fr/soins-refus", "2008-11-26", NULL, "nor for them" },
		{ "fr/recherche-retrait", "2008-11-26", NULL,
		    "parent or guardian: they sign" },
		{ "fr/soins-refus", "1980-01-01", "parent",
		    "only the person themself" },
		{ "fr/recherche-retrait", "1980-01-01", "parent", NULL },
		{ "fr/recherche-retrait", "1980-01-01", "mandate",
		    "of this quality" },
	};
	static const char *const all[] = { "parent or guardian: they sign",
		"nor for them", "only the person themself", "of this quality" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char json[512], as[128] = "";
		struct letter *letter;

		if (rows[i].as != NULL)
			(void)snprintf(as, sizeof(as),
			    ",\"represents\":{\"name\":\"B\",\"as\":\"%s\","
			    "\"proof\":\"p\"}",
			    rows[i].as);
		(void)snprintf(json, sizeof(json),
		    "{\"template\":\"%s\",\"lang\":\"fr\",\"date\":"
		    "\"2026-11-25\"," OF_AGE "%s}",
		    rows[i].template, rows[i].born, as);
		letter = compose(state, json);
		for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
			assert_int_equal(has_line(letter->warnings, all[k]),
			    rows[i].warning != NULL &&
				strcmp(rows[i].warning, all[k]) == 0);
		assert_int_equal(has_line(letter->missing, "signer.age"),
		    has_line(letter->warnings, "nor for them"));
		letter_free(letter);
	}
}

/* What is about care goes to the house, not to its officer for data. */
static void
care_goes_to_the_house(void **state)
{
	static const char *const templates[] = { "fr/presence-secret",
		"fr/image-refus", "gdpr/access" };

	for (size_t i = 0; i < 3; i++) {
		char json[256];
		struct letter *letter;

		(void)snprintf(json, sizeof(json),
		    "{\"template\":\"%s\",\"lang\":\"fr\",\"channel\":"
		    "\"letter\",\"recipient\":{\"id\":\"fr/hopital\","
		    "\"name\":\"CHU\"}}",
		    templates[i]);
		letter = compose(state, json);
		assert_true(has_line(letter->addressee, "CHU"));
		assert_int_equal(
		    has_line(letter->addressee, "protection des données"),
		    i == 2);
		letter_free(letter);
	}
}

#define OWN_FR(subject, body)                                                  \
	"\"template_text\":{\"lang\":\"fr\",\"text\":"                         \
	"\"---\\nsubject: " subject "\\n---\\n\\n" body "\"}"

/* A person's own words win over the shipped ones, in their language alone. */
static void
own_words_win(void **state)
{
	struct letter *letter = compose(state,
	    "{\"template\":\"fr/relance\",\"lang\":\"fr\",\"channel\":"
	    "\"letter\",\"date\":\"2099-01-01\"," PERSON "," FUND
	    "," OWN_FR("Ma {{case.claim}}",
		"Bonjour {{recipient.name}} ;\\r\\n\\r\\n{{>greeting}}") "}");

	assert_string_equal(
	    letter->subject, "Ma ma demande relative à mes données de santé");
	assert_non_null(strstr(letter->body, "Bonjour CPAM du Rhône"));
	assert_non_null(strstr(letter->body, "considération"));
	assert_null(strchr(letter->body, '\r'));
	/* not a template of ours, and nobody reviewed them: no warning */
	assert_string_equal(letter->footer, "");
	assert_null(letter->warnings[0]);
	assert_null(letter->basis[0]);
	letter_free(letter);
	/* the English words stay the shipped ones */
	letter = compose(
	    state, "{\"template\":\"fr/relance\",\"lang\":\"en\"," OWN_FR(
		       "Ma relance", "Bonjour") "}");
	assert_non_null(strstr(letter->body, "Please act on it"));
	assert_null(letter->basis);
	letter_free(letter);
}

/* A template that isn't shipped: every basis with its mark, the NIR for the
 * funds only. */
static void
own_templates_need_no_statement(void **state)
{
	struct letter *letter = compose(state,
	    "{\"template\":\"ma-lettre\",\"lang\":\"fr\"," PERSON "," FUND
	    "," OWN_FR("Essai", "{{>identity}}\\n"
				"Article {{basis.csp-l1110-4-iv.short}}, "
				"{{basis.rgpd-15}}.") "}");

	assert_string_equal(letter->subject, "Essai");
	assert_string_equal(letter->channel, "letter");
	assert_non_null(strstr(letter->body, "(à vérifier)"));
	assert_non_null(strstr(letter->body, "280036938312345"));
	assert_true(has_line(letter->warnings, "not checked"));
	assert_int_equal(count_lines(letter->basis), 2);
	assert_string_equal(letter->basis[0], "csp-l1110-4-iv");
	assert_string_equal(letter->basis[1], "rgpd-15");
	letter_free(letter);
	letter = compose(state,
	    "{\"template\":\"ma-lettre\",\"lang\":\"fr\"," PERSON
	    ",\"recipient\":{\"id\":\"fr/pds\"}," OWN_FR(
		"Essai", "{{>identity}}\\nNuméro : {{concerned.nir}}") "}");
	assert_null(strstr(letter->body, "280036938312345"));
	letter_free(letter);
}

static void
bad_own_templates_are_refused(void **state)
{
	static const struct {
		const char *json;
		enum carnet_status status;
	} rows[] = {
		{ "{\"template\":\"x\",\"lang\":\"fr\"}", CARNET_NOT_FOUND },
		{ "{\"template\":\"x\",\"lang\":\"en\"," OWN_FR("a", "b") "}",
		    CARNET_NOT_FOUND },
		{ "{\"template\":\"x\",\"lang\":\"xx\",\"template_text\":"
		  "{\"lang\":\"xx\",\"text\":\"---\\nsubject: a\\n---\\n\"}}",
		    CARNET_NOT_FOUND },
		{ "{\"lang\":\"fr\"," OWN_FR("a", "b") "}", CARNET_NOT_FOUND },
		{ "{\"template\":\"x\",\"lang\":\"fr\","
		  "\"template_text\":\"---\"}",
		    CARNET_INVALID },
		{ "{\"template\":\"x\",\"lang\":\"fr\",\"template_text\":"
		  "{\"lang\":\"fr\",\"text\":7}}",
		    CARNET_INVALID },
		{ "{\"template\":\"x\",\"lang\":\"fr\",\"template_text\":"
		  "{\"lang\":\"fr\",\"text\":\" \\n\"}}",
		    CARNET_INVALID },
		{ "{\"template\":\"x\",\"lang\":\"fr\",\"template_text\":"
		  "{\"lang\":\"fr\",\"text\":\"no subject\"}}",
		    CARNET_INVALID },
		{ "{\"template\":\"x\",\"lang\":\"fr\"," OWN_FR(
		      "a", "{{person.nir}}") "}",
		    CARNET_INVALID },
		{ "{\"template\":\"x\",\"lang\":\"fr\"," OWN_FR(
		      "a", "{{#hand}}open") "}",
		    CARNET_INVALID },
		{ "{\"template\":\"x\",\"lang\":\"fr\"," OWN_FR(
		      "a", "{{>../relance}}") "}",
		    CARNET_INVALID },
		{ "{\"template\":\"x\",\"lang\":\"fr\"," OWN_FR(
		      "a", "{{>unknown}}") "}",
		    CARNET_INVALID },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct letter *letter = NULL;

		assert_int_equal(compose_status(state, rows[i].json, &letter),
		    rows[i].status);
		assert_null(letter);
	}
}

/* cJSON hands broken UTF-8 on: it must not reach a letter. */
static void
broken_text_is_refused(void **state)
{
	static const char *const keys[] = { "name", "address", "born",
		"birthplace", "email", "phone" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		cJSON *job = cJSON_CreateObject(), *person;
		struct letter *letter = NULL;

		cJSON_AddStringToObject(
		    job, "template", "fr/hopital-opposition");
		cJSON_AddStringToObject(job, "lang", "fr");
		person = cJSON_AddObjectToObject(job, "person");
		cJSON_AddStringToObject(person, keys[i], "a\377b");
		assert_int_equal(letters_compose(*state, job, &letter, NULL),
		    CARNET_INVALID);
		assert_null(letter);
		cJSON_Delete(job);
	}
}

static void
the_catalogue_answers(void **state)
{
	struct letters *letters = *state;
	const cJSON *basis;

	assert_non_null(letters_recipient(letters, "fr/pds"));
	assert_null(letters_recipient(letters, "fr/PDS"));
	assert_null(letters_recipient(letters, ""));
	assert_null(letters_recipient(letters, NULL));
	assert_null(letters_statement(letters, "fr/nothing"));
	basis = cJSON_GetArrayItem(
	    carnet_json_get(
		letters_statement(letters, "fr/snds-opposition"), "basis"),
	    0);
	assert_string_equal(carnet_json_string(basis, "id"), "csp-l1461-3");
	assert_non_null(
	    carnet_json_string(carnet_json_get(basis, "text"), "fr"));
	assert_true(carnet_json_bool(basis, "checked", false));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_registered_letter),
		cmocka_unit_test(the_ameli_message),
		cmocka_unit_test(a_child_s_message_fits),
		cmocka_unit_test(a_long_reason_is_left_out),
		cmocka_unit_test(a_scope_is_never_left_out),
		cmocka_unit_test(facts_hold_between_their_dates),
		cmocka_unit_test(footers_say_whose_template),
		cmocka_unit_test(blanks_for_what_is_not_known),
		cmocka_unit_test(null_and_empty_values_are_blanks),
		cmocka_unit_test(addresses_become_lines),
		cmocka_unit_test(the_nir_goes_to_funds_only),
		cmocka_unit_test(one_may_act_for_another),
		cmocka_unit_test(some_statements_are_ones_own),
		cmocka_unit_test(the_note_has_no_effect),
		cmocka_unit_test(the_complaint_tells_the_story),
		cmocka_unit_test(complaints_list_what_is_attached),
		cmocka_unit_test(the_referral_knows_its_window),
		cmocka_unit_test(the_reminder_knows_its_clock),
		cmocka_unit_test(answers_know_their_clock),
		cmocka_unit_test(the_child_is_the_i_of_the_letter),
		cmocka_unit_test(an_unchecked_reference_is_marked),
		cmocka_unit_test(bad_jobs_are_refused),
		cmocka_unit_test(signers_are_looked_at),
		cmocka_unit_test(care_goes_to_the_house),
		cmocka_unit_test(own_words_win),
		cmocka_unit_test(own_templates_need_no_statement),
		cmocka_unit_test(bad_own_templates_are_refused),
		cmocka_unit_test(broken_text_is_refused),
		cmocka_unit_test(the_catalogue_answers),
	};

	return cmocka_run_group_tests(
	    tests, letters_fixture_load, letters_fixture_free);
}
