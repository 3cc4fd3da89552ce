/* SPDX-License-Identifier: ISC */
/*
 * Words that guessers try first, beside zxcvbn's own English lists: the
 * person's data, and what people who write French choose.  Estimates nothing.
 * The contract is in strength.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "strength.h"

#define STRENGTH_WORDS_MAX 1024
#define STRENGTH_WORD_MIN 3 /* bytes; shorter says nothing */

/* From our own knowledge of the language and of its keyboard; in lower case,
 * without accents. */
static const char *const french[] = { "azerty", "motdepasse", "azertyuiop",
	"loulou", "doudou", "soleil", "chouchou", "bonjour", "marseille",
	"jetaime", "coucou", "chocolat", "amour", "nicolas", "julien",
	"camille", "thomas", "maison", "famille", "bonheur", "princesse",
	"papillon", "sardine", "cheval", "chaton", "minou", "toutou", "lapin",
	"louloute", "cherie", "cheri", "mon amour", "monamour", "mamour",
	"maman", "papa", "mamie", "papy", "bebe", "enfant", "coeur", "etoile",
	"paris", "lyon", "france", "bretagne", "toulouse", "bordeaux", "nantes",
	"lille", "nice", "strasbourg", "montpellier", "rennes", "psg", "om",
	"allezlom", "allezlesbleus", "football", "rugby", "tennis", "musique",
	"guitare", "piano", "moto", "voiture", "peugeot", "renault", "citroen",
	"vacances", "plage", "montagne", "jardin", "fleur", "rose",
	"marguerite", "printemps", "automne", "hiver", "janvier", "fevrier",
	"mars", "avril", "juin", "juillet", "aout", "septembre", "octobre",
	"novembre", "decembre", "lundi", "mardi", "mercredi", "jeudi",
	"vendredi", "samedi", "dimanche", "isabelle", "nathalie", "sandrine",
	"stephane", "sebastien", "christophe", "philippe", "francois",
	"frederic", "laurent", "celine", "aurelie", "emilie", "caroline",
	"melanie", "mathieu", "matthieu", "alexandre", "maxime", "antoine",
	"guillaume", "romain", "pierre", "manon", "chloe", "lea", "emma",
	"oceane", "pauline", "marine", "laura", "sarah", "lucie", "juliette",
	"louise", "jules", "hugo", "lucas", "enzo", "theo", "raphael",
	"gabriel", "secret", "secrete", "phrase", "passe", "carnet", "sante",
	"medecin", "docteur", "hopital", "maladie", "ameli", "vitale",
	"securite", "ordinateur", "internet", "bienvenue", "administrateur",
	"toto", "tata", "titi", "tintin", "asterix", "obelix", "merde",
	"connard", "salope", "putain", "bisous", "bisou", "gateau", "fromage",
	"poisson", "poulet", "pompier", "gendarme", "liberte", "egalite",
	"fraternite", "azertyui", "azertyu", "azert", "qsdfghjklm", "qsdfghjk",
	"qsdfgh", "qsdf", "wxcvbn", "aqwzsx", "nbvcxw", "poiuytreza",
	"mlkjhgfdsq", "1234azerty", "azerty123", "azer1234", "a1z2e3r4t5" };

/* Adds a word in lower case, without accents, and as it is written if that
 * differs.  False: no memory. */
static bool
strength_add(char **words, size_t *len, const char *text)
{
	static const int options[] = { UTF8PROC_STABLE | UTF8PROC_COMPOSE |
					   UTF8PROC_CASEFOLD,
		UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK |
		    UTF8PROC_CASEFOLD };

	for (size_t i = 0; i < 2 && *len < STRENGTH_WORDS_MAX; i++) {
		utf8proc_uint8_t *word = NULL;

		if (utf8proc_map((const utf8proc_uint8_t *)text, 0, &word,
			(utf8proc_option_t)(options[i] | UTF8PROC_NULLTERM)) <
		    0) {
			free(word);
			return true; /* not UTF-8: no word */
		}
		if (word == NULL)
			return false;
		if (strlen((char *)word) < STRENGTH_WORD_MIN ||
		    (i == 1 && strcmp((char *)word, words[*len - 1]) == 0)) {
			free(word);
			return true;
		}
		words[(*len)++] = (char *)word;
	}
	return true;
}

/* The words of a name or an address, one by one. */
static bool
strength_add_text(char **words, size_t *len, const char *text)
{
	static const char between[] = " \t\n,;.:-_'/()@+\"";
	bool good = true;

	while (good && *text != '\0') {
		size_t part = strcspn(text, between);
		char word[128];

		if (part > 0 && part < sizeof(word)) {
			(void)snprintf(
			    word, sizeof(word), "%.*s", (int)part, text);
			good = strength_add(words, len, word);
		}
		text += part;
		text += strspn(text, between);
	}
	return good;
}

/* A day of birth in the ways that people type it. */
static bool
strength_add_day(char **words, size_t *len, const char *day)
{
	char forms[8][16];
	struct carnet_date date;
	int year, month, dom;

	if (!carnet_date_parse(day, &date))
		return strength_add(words, len, day);
	year = date.year % 10000;
	month = date.month % 100;
	dom = date.day % 100;
	(void)snprintf(forms[0], 16, "%04d%02d%02d", year, month, dom);
	(void)snprintf(forms[1], 16, "%02d%02d%04d", dom, month, year);
	(void)snprintf(forms[2], 16, "%02d%02d%02d", dom, month, year % 100);
	(void)snprintf(forms[3], 16, "%02d/%02d/%04d", dom, month, year);
	(void)snprintf(forms[4], 16, "%02d-%02d-%04d", dom, month, year);
	(void)snprintf(forms[5], 16, "%04d", year);
	(void)snprintf(forms[6], 16, "%02d%02d", dom, month);
	(void)snprintf(forms[7], 16, "%02d.%02d.%04d", dom, month, year);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (!strength_add(words, len, forms[i]))
			return false;
	return true;
}

char **
strength_words(const cJSON *persons)
{
	static const char *const fields[] = { "name", "birthplace", "address",
		"email", "phone", "nir" };
	char **words = calloc(STRENGTH_WORDS_MAX + 1, sizeof(*words));
	bool good = words != NULL;
	const cJSON *person;
	size_t len = 0;

	cJSON_ArrayForEach(person, persons)
	{
		const char *born = carnet_json_string(person, "born");

		for (size_t i = 0;
		     good && i < sizeof(fields) / sizeof(fields[0]); i++) {
			const char *text =
			    carnet_json_string(person, fields[i]);

			if (text != NULL)
				good = strength_add_text(words, &len, text);
		}
		if (good && born != NULL)
			good = strength_add_day(words, &len, born);
	}
	for (size_t i = 0; good && i < sizeof(french) / sizeof(french[0]); i++)
		good = strength_add(words, &len, french[i]);
	if (!good) {
		strength_words_free(words);
		return NULL;
	}
	return words;
}

void
strength_words_free(char **words)
{
	for (size_t i = 0; words != NULL && words[i] != NULL; i++)
		free(words[i]);
	free(words);
}
