/* SPDX-License-Identifier: ISC */
/*
 * Tables of words: French and English.
 * The contract is in wording.h.
 */
#include "wording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NBSP "\xc2\xa0"

static const struct wording wordings[] = {
	{ .lang = "en",
	    .subject = "Subject",
	    .colon = ": ",
	    .page = "Page",
	    .sender = "Sender",
	    .addressee = "Addressee",
	    .signature = "Signature",
	    .blank = "blank, to be filled in by hand",
	    .timeline = "Timeline",
	    .date = "Date",
	    .step = "Step",
	    .detail = "Details",
	    .exhibits = "Exhibits",
	    .exhibit = "Exhibit" NBSP,
	    .digest = "SHA-256 of the original file",
	    .apart = "This exhibit is in the folder as a file of its own.",
	    .escaped = "Characters that cannot be printed here are shown as "
		       "[U+code].",
	    .months = { "January", "February", "March", "April", "May", "June",
		"July", "August", "September", "October", "November",
		"December" } },
	{ .lang = "fr",
	    .subject = "Objet",
	    .colon = NBSP ": ",
	    .page = "Page",
	    .sender = "Expéditeur",
	    .addressee = "Destinataire",
	    .signature = "Signature",
	    .blank = "blanc, à compléter à la main",
	    .timeline = "Chronologie",
	    .date = "Date",
	    .step = "Étape",
	    .detail = "Précisions",
	    .exhibits = "Liste des pièces",
	    .exhibit = "Pièce n°" NBSP,
	    .digest = "Empreinte SHA-256 du fichier d’origine",
	    .apart = "Cette pièce est jointe au dossier comme fichier "
		     "séparé.",
	    .escaped = "Les caractères qui ne peuvent être imprimés ici sont "
		       "notés [U+code].",
	    .months = { "janvier", "février", "mars", "avril", "mai", "juin",
		"juillet", "août", "septembre", "octobre", "novembre",
		"décembre" } },
};

static const struct {
	const char *kind, *en, *fr;
} steps[] = {
	{ "refuse", "Refusal", "Refus" },
	{ "decline", "Form declined", "Formulaire non signé" },
	{ "allow", "Consent", "Consentement" },
	{ "withdraw", "Withdrawal", "Retrait" },
	{ "drafted", "Drafted", "Rédaction" },
	{ "sent", "Sent", "Envoi" },
	{ "received", "Received", "Réception" },
	{ "answered", "Answer", "Réponse" },
	{ "extended", "Extended", "Prolongation" },
	{ "paused", "Paused", "Suspension" },
	{ "resumed", "Resumed", "Reprise" },
	{ "due", "Answer due", "Échéance" },
	{ "overdue", "No answer", "Sans réponse" },
	{ "reminded", "Reminder", "Relance" },
	{ "complained", "Complaint", "Plainte" },
	{ "closed", "Closed", "Clôture" },
};

const struct wording *
wording_for(const char *lang)
{
	size_t len = sizeof(wordings) / sizeof(wordings[0]);

	for (size_t i = 0; lang != NULL && i < len; i++) {
		if (strncmp(lang, wordings[i].lang, 2) == 0 &&
		    (lang[2] == '\0' || lang[2] == '-'))
			return &wordings[i];
	}
	return &wordings[0];
}

const char *
wording_step(const struct wording *words, const char *kind)
{
	bool french = strcmp(words->lang, "fr") == 0;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strcmp(kind, steps[i].kind) == 0)
			return french ? steps[i].fr : steps[i].en;
	}
	return kind;
}

char *
wording_date(const struct wording *words, const char *iso)
{
	struct carnet_date date;
	const char *first;
	char *text = NULL;

	if (!carnet_date_parse(iso, &date))
		return strdup(iso);
	first = date.day == 1 && strcmp(words->lang, "fr") == 0 ? "er" : "";
	if (asprintf(&text, "%d%s" NBSP "%s" NBSP "%d", date.day, first,
		words->months[date.month - 1], date.year) < 0)
		return NULL;
	return text;
}

bool
wording_tag_ok(const char *lang)
{
	size_t len = lang == NULL ? 0 : strlen(lang);

	if (len < 2 || len > 35)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = lang[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(i > 1 && ((c >= '0' && c <= '9') || c == '-'))))
			return false;
	}
	return true;
}
