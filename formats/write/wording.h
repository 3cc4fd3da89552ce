/* SPDX-License-Identifier: ISC */
/*
 * The few words that the writers add themselves to a letter, in the letter's
 * own language, which need not be the language of the screen: no gettext.
 * Holds no sentence of law: those are in formats/letters.
 */
#ifndef WORDING_H
#define WORDING_H
#include "carnet_types.h"

struct wording {
	const char *lang;    /* two letters: "fr" */
	const char *subject; /* "Objet" */
	const char *colon;   /* with the language's spaces */
	const char *page;    /* "Page" */
	const char *sender;  /* names of regions, for screen readers */
	const char *addressee;
	const char *signature;
	const char *blank; /* "to be filled in by hand" */
	const char *timeline;
	const char *date, *step, *detail; /* heads of its columns */
	const char *exhibits;
	const char *exhibit; /* "Pièce n°" and its no-break space */
	const char *digest;
	const char *apart;   /* said of an exhibit without pages */
	const char *escaped; /* said where a character is shown as U+XXXX */
	const char *key;     /* title of the signing key's block */
	const char *key_proves;
	const char *months[12];
};

/* The words for a language tag ("fr", "fr-BE"); English for any other. */
const struct wording *wording_for(const char *lang);
/* The words for a step of a case ("sent"); the kind itself if unknown. */
const char *wording_step(const struct wording *words, const char *kind);
/* "1er mars 2026"; a text that is no ISO date is copied.  The caller frees;
 * NULL: no memory. */
char *wording_date(const struct wording *words, const char *iso);
/* Is this a language tag that may stand in a file: letters, digits, "-"? */
bool wording_tag_ok(const char *lang);

#endif
