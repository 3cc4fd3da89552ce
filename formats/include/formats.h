/* SPDX-License-Identifier: ISC */
/*
 * The translators' public face.  Knows no vault and no key.
 *
 * The catalogue (letters_*) is data: formats/letters/recipients.json,
 * statements.json and holidays.json, embedded by the build; their keys are
 * described in formats/letters/README.md.  A letter is composed, and turned
 * into text, HTML and PDF, by carnet-press alone: it gets one job on its
 * standard input and answers with frames.
 */
#ifndef FORMATS_H
#define FORMATS_H
#include "carnet_types.h"

/* --- the catalogue ----------------------------------------------------- */
struct letters;
enum carnet_status letters_load(
    struct letters **ret_letters, struct carnet_error *err);
void letters_free(struct letters *letters);
/* Objects and arrays are owned by letters; NULL when there is none. */
const cJSON *letters_recipients(const struct letters *letters);
const cJSON *letters_recipient(const struct letters *letters, const char *id);
const cJSON *letters_statements(const struct letters *letters);
const cJSON *letters_statement(const struct letters *letters, const char *id);
/* The statement of a template that isn't shipped. */
const cJSON *letters_own(const struct letters *letters);
/* windows.json: {windows[], ages[]}, days that count before there is a
 * letter. */
const cJSON *letters_windows(const struct letters *letters);
/* answers.json: [{id, when[], they{}, template or step}]. */
const cJSON *letters_answers(const struct letters *letters);
/* Set phrases of a language: "channels", "steps", "outcomes", "as"...; NULL:
 * no such language. */
const cJSON *letters_words(const struct letters *letters, const char *lang);
/* A reference by its id: { text, short, checked, source }. */
const cJSON *letters_basis(const struct letters *letters, const char *id);
/* country "FR"; region NULL or e.g. "FR-57" (Alsace-Moselle).  An unknown
 * country gives a calendar with weekends only, labelled estimate.
 * *ret_calendar borrows from letters. */
void letters_calendar(const struct letters *letters, const char *country,
    const char *region, struct carnet_calendar *ret_calendar);

/* --- purposes and scope (docs/scope.md) ---------------------------------- */
/* Without case and accents, for comparing; NULL if it isn't UTF-8.  The
 * caller frees it. */
char *letters_fold(const char *text);
/* The vocabulary: [{code, system, parent, names[], name{fr,en,de,es,it,nl}}].
 */
const cJSON *letters_purposes(const struct letters *letters);
/* By code or plain name, whatever case and accents; NULL: not known. */
const cJSON *letters_purpose(const struct letters *letters, const char *text);
/* Whether a code is `above` itself or stands below it. */
bool letters_purpose_within(
    const struct letters *letters, const char *code, const char *above);
/* The whole id of a document from a prefix of it; size of ret_id: 14. */
typedef enum carnet_status letters_resolve(void *context, const char *prefix,
    char ret_id[14], struct carnet_error *err);
/*
 * A scope as a person types it, in the form that is stored; the caller frees
 * *ret_scope.  CARNET_INVALID: an unknown word (the hint has the known ones),
 * a period that can't be, nothing after a colon.
 */
enum carnet_status letters_scope_parse(const struct letters *letters,
    const char *text, letters_resolve *resolve, void *context, char **ret_scope,
    struct carnet_error *err);
/* A stored scope in words ("" for all); what it doesn't know it leaves as it
 * is.  The caller frees *ret_words. */
enum carnet_status letters_scope_words(const struct letters *letters,
    const char *scope, const char *lang, char **ret_words,
    struct carnet_error *err);
/* Whether all that the narrow stored scope names lies in the wide one. */
bool letters_scope_covers(const char *wide, const char *narrow);

/* --- a composed letter ------------------------------------------------- */
struct letter {
	char *lang;       /* "fr" */
	char *channel;    /* "ameli", "registered"... */
	char *subject;    /* one line */
	char **sender;    /* lines, NULL-terminated; blanks are ruled */
	char **addressee; /* lines, NULL-terminated */
	char *place_date; /* "Lyon, le 5 mars 2026" */
	char *mention;    /* "Lettre recommandee avec..." or "" */
	char *body;       /* CommonMark; names are escaped: print as typed */
	char *signature;  /* the signer's name, or a ruled blank */
	char *footer;     /* reference; whose template; "" if a wish */
	char *key;        /* the signing key to print, or NULL: none */
	char **key_words; /* the same as words; NULL: none */
	char **missing;   /* "person.address", "recipient.name"... */
	char **warnings;  /* an expired validity, an unchecked basis... */
	char **basis;     /* ids of what it cites, if its words are a person's
			   * own; NULL: those of the statement */
	size_t max_chars; /* of the text version (ameli: 1500); 0: none */
};
/*
 * Composes a letter from a press job (see docs of press below).  The caller
 * owns *ret_letter.  CARNET_NOT_FOUND: no such template or language.
 * CARNET_INVALID: the job is not one, or a template uses an unknown field.
 */
enum carnet_status letters_compose(const struct letters *letters,
    const cJSON *job, struct letter **ret_letter, struct carnet_error *err);
void letter_free(struct letter *letter);

/* --- turning it into files (formats/write) ------------------------------ */
/* The caller frees *ret_text / *ret_bytes. */
enum carnet_status write_letter_text(
    const struct letter *letter, char **ret_text, struct carnet_error *err);
enum carnet_status write_letter_html(
    const struct letter *letter, char **ret_html, struct carnet_error *err);
/* creation: ISO 8601, makes the file reproducible. */
enum carnet_status write_letter_pdf(const struct letter *letter,
    const char *creation, uint8_t **ret_bytes, size_t *ret_len,
    struct carnet_error *err);

/*
 * An iCalendar file (formats/write/calendar.c).  events: [{uid, summary, due
 * (ISO), sequence, cancelled}]; each lasts the whole day and has alarms a week
 * and a day before.  stamp: ISO date.  The caller frees *ret_text.
 */
enum carnet_status write_calendar(const cJSON *events, const char *stamp,
    char **ret_text, struct carnet_error *err);

/* --- a statement for other programs (formats/write) ----------------------- */
/*
 * A draft that a mail program opens (RFC 5322, X-Unsent).  message: {"from",
 * "to": {name, email}, "subject", "text", "file": the attachment's name};
 * From and To only with an address that is one.  pdf may be NULL.  The caller
 * frees *ret_text, which has CRLF line ends.
 */
enum carnet_status write_message(const cJSON *message, const uint8_t *pdf,
    size_t pdf_len, char **ret_text, size_t *ret_len, struct carnet_error *err);
/*
 * What a statement makes known, as the two writers below take it: {
 *   "id": "urn:uuid:…", "kind": "refuse", "decline", "allow", "withdraw" (of
 *   a consent) or "lift" (of a refusal), "date", "lang", "title",
 *   "person": {name, born}, whose data it is; "signer": {name, as}, who signs
 *   for that person, or absent; "recipient": {name, address, email, country};
 *   "purposes": [{system, code}], none: every one; "scope": in words, or
 *   absent: all; "from", "until", "since": when it holds, and since when what
 *   is taken back did; "request": a form's name; "basis": [{id, text}] }
 */
/*
 * FHIR Consent, version 4 (4.0.1) or 5.  A refusal is active with a nested
 * deny (R5: an exception to the base decision), a form declined is rejected
 * (R5: not-done), a consent permits, what is taken back is inactive.
 * CARNET_UNSUPPORTED: another version.  CARNET_INVALID: a word without kind,
 * id or date; the result broke a rule of check_consent.
 */
enum carnet_status write_consent(
    const cJSON *word, int version, char **ret_text, struct carnet_error *err);
/* The rules that FHIR's JSON schema doesn't hold: status, patient, ppc-1,
 * types of provisions, codes.  CARNET_INVALID names the rule. */
enum carnet_status check_consent(
    const cJSON *consent, int version, struct carnet_error *err);
/*
 * JSON-LD with the W3C's Data Privacy Vocabulary: of a consent, its
 * withdrawal or a form declined a consent record (ISO/IEC TS 27560:2023), of
 * an objection, and of one taken back, a record of a right exercised.
 * CARNET_UNSUPPORTED: another kind has no such record.
 */
enum carnet_status write_word_record(
    const cJSON *word, char **ret_text, struct carnet_error *err);

/*
 * carnet-press.  stdin: frames; the first is JOB (JSON), then, for a dossier,
 * one PNG or TEXT frame for each page of each exhibit, in order.  stdout:
 * frames.  A frame: 4 bytes of tag, u32 little-endian length, bytes.
 *
 * Job of a letter: { "op": "letter", "template", "lang", "channel",
 *   "date": ISO, "place", "reference", "formats": ["text","html","pdf"],
 *   "person": {name, born, birthplace, address, email, phone, nir},
 *   "represents": {person as above, "as", "proof"} or absent,
 *   "recipient": {id, name, address, email, region, ...} (the catalogue's
 *     entry is looked up by id; these are the person's own values),
 *   "template_text": {lang, text}: a person's own words for the template,
 *     which win over the shipped ones in that language; the template need
 *     not be shipped,
 *   "decision": {kind, purposes[], scope, from, until, reason, request},
 *   "case": {"sent","received","due","via","first_sent",
 *     "steps":[{kind,on,via,proof}], "body_sha256",
 *     "reminders": true: letters that followed it are attached,
 *     "outside": true: its refusal can't be referred today},
 *   "key": {text, words[]}: the public key of the signature, as minisign
 *     writes it and as words, to be printed below the letter }
 * Every key but op, template, lang may be missing: ruled blanks.
 * Answers: META { subject, lang, channel, max_chars, missing[], warnings[],
 *   basis[{text,checked}], body, key: the one printed } then TEXT, HTML, PDF as
 * asked, then END.
 *
 * Job of several letters: { "op": "letters", "jobs": [a letter's job...] }.
 * Answers one META for each, in order, then END; no files.
 *
 * Job of a dossier: { "op": "dossier", "title", "lang", "date",
 *   "letter": a letter's job, "timeline": [{on, kind, text}],
 *   "exhibits": [{title, sha256, pages}] }.  Answers META, PDF, END.
 *
 * Job of a recovery sheet: { "op": "recovery", "lang", "date", "title",
 *   "facts": [text], "lead": text, "words": [text], "steps": [{text,
 *   command}], "note": text }.  Answers META, PDF, END.
 * On failure: FAIL { status, message, hint } and exit 1.
 */
#define FRAME_JOB "JOB "
#define FRAME_META "META"
#define FRAME_TEXT "TEXT"
#define FRAME_HTML "HTML"
#define FRAME_PDF "PDF "
#define FRAME_PNG "PNG "
#define FRAME_FAIL "FAIL"
#define FRAME_END "END "
#define FRAME_TAG_LEN 4
#define FRAME_MAX ((size_t)64 << 20)

/* Blocking frame i/o over pipes; EINTR and short transfers are handled. */
enum carnet_status frame_write(int fd, const char *tag, const void *bytes,
    size_t len, struct carnet_error *err);
/* CARNET_NOT_FOUND at a clean end of file; the caller frees *ret_bytes,
 * which has one NUL behind its len bytes. */
enum carnet_status frame_read(int fd, size_t max_len,
    char ret_tag[FRAME_TAG_LEN + 1], uint8_t **ret_bytes, size_t *ret_len,
    struct carnet_error *err);

#endif
