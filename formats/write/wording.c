/* SPDX-License-Identifier: ISC */
/*
 * Tables of words by language.
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
	    .key = "Public key of whoever signs (minisign)",
	    .key_proves = "It proves, with the signed record of this letter, "
			  "that not a word was changed. As words, to compare by"
			  " telephone:",
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
	    .key = "Clé publique de signature (minisign)",
	    .key_proves = "Avec le fichier de signature de ce courrier, elle "
			  "prouve que rien n’y a été changé. En mots, à "
			  "comparer au téléphone" NBSP ":",
	    .months = { "janvier", "février", "mars", "avril", "mai", "juin",
		"juillet", "août", "septembre", "octobre", "novembre",
		"décembre" } },
	{ .lang = "de",
	    .subject = "Betreff",
	    .colon = ": ",
	    .page = "Seite",
	    .sender = "Absender",
	    .addressee = "Empfänger",
	    .signature = "Unterschrift",
	    .blank = "leer, von Hand auszufüllen",
	    .timeline = "Zeitlicher Ablauf",
	    .date = "Datum",
	    .step = "Schritt",
	    .detail = "Einzelheiten",
	    .exhibits = "Anlagen",
	    .exhibit = "Anlage" NBSP,
	    .digest = "SHA-256 der Originaldatei",
	    .apart = "Diese Anlage liegt dem Ordner als eigene Datei bei.",
	    .escaped = "Zeichen, die hier nicht gedruckt werden können, stehen "
		       "als [U+Code].",
	    .key = "Öffentlicher Schlüssel der Unterschrift (minisign)",
	    .key_proves = "Mit der Signaturdatei dieses Schreibens beweist er, "
			  "dass nichts daran geändert wurde. Als Wörter, zum "
			  "Vergleichen am Telefon:",
	    .months = { "Januar", "Februar", "März", "April", "Mai", "Juni",
		"Juli", "August", "September", "Oktober", "November",
		"Dezember" } },
	{ .lang = "es",
	    .subject = "Asunto",
	    .colon = ": ",
	    .page = "Página",
	    .sender = "Remitente",
	    .addressee = "Destinatario",
	    .signature = "Firma",
	    .blank = "en blanco, para rellenar a mano",
	    .timeline = "Cronología",
	    .date = "Fecha",
	    .step = "Paso",
	    .detail = "Detalles",
	    .exhibits = "Documentos adjuntos",
	    .exhibit = "Documento" NBSP,
	    .digest = "SHA-256 del archivo original",
	    .apart = "Este documento está en la carpeta como archivo aparte.",
	    .escaped = "Los caracteres que no pueden imprimirse aquí aparecen "
		       "como [U+código].",
	    .key = "Clave pública de firma (minisign)",
	    .key_proves = "Con el archivo de firma de este escrito prueba que "
			  "nada se ha cambiado. En palabras, para compararlas "
			  "por teléfono:",
	    .months = { "enero", "febrero", "marzo", "abril", "mayo", "junio",
		"julio", "agosto", "septiembre", "octubre", "noviembre",
		"diciembre" } },
	{ .lang = "it",
	    .subject = "Oggetto",
	    .colon = ": ",
	    .page = "Pagina",
	    .sender = "Mittente",
	    .addressee = "Destinatario",
	    .signature = "Firma",
	    .blank = "spazio da compilare a mano",
	    .timeline = "Cronologia",
	    .date = "Data",
	    .step = "Passo",
	    .detail = "Dettagli",
	    .exhibits = "Allegati",
	    .exhibit = "Allegato" NBSP,
	    .digest = "SHA-256 del file originale",
	    .apart = "Questo allegato è nella cartella come file a sé.",
	    .escaped = "I caratteri che qui non possono essere stampati sono "
		       "indicati come [U+codice].",
	    .key = "Chiave pubblica di firma (minisign)",
	    .key_proves = "Con il file di firma di questa lettera prova che "
			  "nulla è stato cambiato. In parole, da confrontare al"
			  " telefono:",
	    .months = { "gennaio", "febbraio", "marzo", "aprile", "maggio",
		"giugno", "luglio", "agosto", "settembre", "ottobre",
		"novembre", "dicembre" } },
	{ .lang = "nl",
	    .subject = "Betreft",
	    .colon = ": ",
	    .page = "Pagina",
	    .sender = "Afzender",
	    .addressee = "Geadresseerde",
	    .signature = "Handtekening",
	    .blank = "leeg, met de hand in te vullen",
	    .timeline = "Verloop",
	    .date = "Datum",
	    .step = "Stap",
	    .detail = "Bijzonderheden",
	    .exhibits = "Bijlagen",
	    .exhibit = "Bijlage" NBSP,
	    .digest = "SHA-256 van het oorspronkelijke bestand",
	    .apart = "Deze bijlage zit als apart bestand in de map.",
	    .escaped = "Tekens die hier niet kunnen worden afgedrukt, staan "
		       "als [U+code].",
	    .key = "Openbare sleutel van de handtekening (minisign)",
	    .key_proves = "Met het handtekeningbestand van deze brief bewijst "
			  "hij dat niets is veranderd. In woorden, om aan de "
			  "telefoon te vergelijken:",
	    .months = { "januari", "februari", "maart", "april", "mei", "juni",
		"juli", "augustus", "september", "oktober", "november",
		"december" } },
};

/* Each in the order of the languages above. */
#define WORDING_LANGS (sizeof(wordings) / sizeof(wordings[0]))
static const struct {
	const char *kind, *words[WORDING_LANGS];
} steps[] = {
	{ "refuse", { "Refusal", "Refus", "Widerspruch", "Negativa", "Rifiuto",
			"Weigering" } },
	{ "decline",
	    { "Form declined", "Formulaire non signé",
		"Formular nicht unterschrieben", "Formulario no firmado",
		"Modulo non firmato", "Formulier niet getekend" } },
	{ "allow", { "Consent", "Consentement", "Einwilligung",
		       "Consentimiento", "Consenso", "Toestemming" } },
	{ "withdraw", { "Withdrawal", "Retrait", "Widerruf", "Retirada",
			  "Revoca", "Intrekking" } },
	{ "drafted", { "Drafted", "Rédaction", "Entwurf", "Redacción",
			 "Redazione", "Opgesteld" } },
	{ "sent",
	    { "Sent", "Envoi", "Absendung", "Envío", "Invio", "Verzending" } },
	{ "received", { "Received", "Réception", "Zugang", "Recepción",
			  "Ricevimento", "Ontvangst" } },
	{ "answered", { "Answer", "Réponse", "Antwort", "Respuesta", "Risposta",
			  "Antwoord" } },
	{ "extended", { "Extended", "Prolongation", "Verlängerung", "Prórroga",
			  "Proroga", "Verlenging" } },
	{ "paused", { "Paused", "Suspension", "Unterbrechung", "Suspensión",
			"Sospensione", "Opschorting" } },
	{ "resumed", { "Resumed", "Reprise", "Fortsetzung", "Reanudación",
			 "Ripresa", "Hervatting" } },
	{ "due", { "Answer due", "Échéance", "Antwort fällig", "Vencimiento",
		     "Scadenza", "Uiterste datum" } },
	{ "overdue", { "No answer", "Sans réponse", "Ohne Antwort",
			 "Sin respuesta", "Senza risposta", "Geen antwoord" } },
	{ "reminded", { "Reminder", "Relance", "Erinnerung", "Recordatorio",
			  "Sollecito", "Herinnering" } },
	{ "complained", { "Complaint", "Plainte", "Beschwerde", "Reclamación",
			    "Reclamo", "Klacht" } },
	{ "closed", { "Closed", "Clôture", "Abschluss", "Cierre", "Chiusura",
			"Afsluiting" } },
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
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strcmp(kind, steps[i].kind) == 0)
			return steps[i].words[words - wordings];
	}
	return kind;
}

char *
wording_date(const struct wording *words, const char *iso)
{
	struct carnet_date date;
	const char *first = "", *of = "";
	char *text = NULL;

	if (!carnet_date_parse(iso, &date))
		return strdup(iso);
	if (strcmp(words->lang, "de") == 0)
		first = ".";
	else if (date.day == 1 && strcmp(words->lang, "fr") == 0)
		first = "er";
	else if (date.day == 1 && strcmp(words->lang, "it") == 0)
		first = "º";
	if (strcmp(words->lang, "es") == 0)
		of = "de" NBSP;
	if (asprintf(&text, "%d%s" NBSP "%s%s" NBSP "%s%d", date.day, first, of,
		words->months[date.month - 1], of, date.year) < 0)
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
