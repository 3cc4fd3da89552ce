/* SPDX-License-Identifier: ISC */
/*
 * Which files are worth a reader's time, and which of its answers name a
 * health file.  Compares a name and a few first bytes; whatever needs to be
 * understood is understood in the reader's cage.  The contract is in scan.h.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <utf8proc.h>

#include "scan.h"

#define LOOK_TEXT ((size_t)32 << 10) /* the beginning says what it is */
#define LOOK_ENOUGH 4                /* weights that make a hospital's paper */

bool
scan_is_other(const char *name)
{
	static const char *const endings[] = { "7z", "aac", "avi", "bz2", "c",
		"cc", "cpp", "css", "deb", "epub", "flac", "gif", "go", "gz",
		"h", "heic", "ico", "iso", "jar", "java", "jpeg", "jpg", "js",
		"m4a", "mkv", "mov", "mp3", "mp4", "o", "odg", "odp", "ods",
		"odt", "ogg", "opus", "php", "png", "pptx", "py", "pyc", "rar",
		"rb", "rs", "sh", "so", "svg", "tar", "ts", "ttf", "wav",
		"webm", "webp", "woff", "woff2", "xcf", "xlsx", "xz", "zst" };
	const char *dot = strrchr(name, '.');

	if (dot == NULL || dot == name)
		return false;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (strcasecmp(dot + 1, endings[i]) == 0)
			return true;
	return false;
}

static bool
look_has(const uint8_t *bytes, size_t len, const char *word)
{
	return memmem(bytes, len, word, strlen(word)) != NULL;
}

static bool
look_has_any(const uint8_t *bytes, size_t len, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++)
		if (look_has(bytes, len, words[i]))
			return true;
	return false;
}

/* "MSH|", "FHS|", "BHS|", with whatever separator the file chose. */
static bool
look_is_segment(const uint8_t *text, size_t len)
{
	static const char *const names[] = { "MSH", "FHS", "BHS" };

	for (size_t i = 0; i < 3 && len > 8; i++)
		if (memcmp(text, names[i], 3) == 0)
			return strchr("|^~\\&!#$%*+/", text[3]) != NULL &&
			       text[3] != '\0';
	return false;
}

bool
scan_is_suspect(const uint8_t *head, size_t len)
{
	static const char *const markup[] = { "ClinicalDocument",
		"urn:hl7-org:v3", "hl7.org/fhir", NULL };
	static const char *const json[] = { "\"resourceType\"", "\"fullUrl\"",
		"hl7.org/fhir", NULL };
	size_t at = 0;

	if (len >= 132 && memcmp(head + 128, "DICM", 4) == 0)
		return true;
	if (look_has(head, len < 1024 ? len : 1024, "%PDF-"))
		return true;
	if (len >= 2 && ((head[0] == 0xff && head[1] == 0xfe) ||
			    (head[0] == 0xfe && head[1] == 0xff)))
		return true; /* UTF-16: the reader's business */
	if (len >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
		at = 3;
	while (at < len &&
	       (head[at] == ' ' || head[at] == '\t' || head[at] == '\r' ||
		   head[at] == '\n' || head[at] == 0x0b))
		at++;
	if (at == len)
		return false;
	if (head[at] == '<')
		return look_has_any(head, len, markup);
	if (head[at] == '{' || head[at] == '[')
		return look_has_any(head, len, json);
	return look_is_segment(head + at, len - at);
}

/* --- words of hospitals' and laboratories' papers --------------------------
 */

/* In small letters without accents; NULL when there is no memory. */
static char *
look_fold(const char *text, size_t len)
{
	utf8proc_uint8_t *folded = NULL;
	utf8proc_ssize_t folded_len;

	if (len > LOOK_TEXT)
		len = LOOK_TEXT;
	/* not in the middle of a character */
	while (len > 0 && len == LOOK_TEXT &&
	       ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	folded_len = utf8proc_map((const utf8proc_uint8_t *)text,
	    (utf8proc_ssize_t)len, &folded,
	    UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
		UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK);
	return folded_len < 0 ? NULL : (char *)folded;
}

static bool
look_is_paper(const char *text, size_t len)
{
	static const struct {
		int weight;
		const char *word;
	} words[] = {
		{ 4, "compte rendu d'hospitalisation" },
		{ 4, "compte-rendu d'hospitalisation" },
		{ 4, "compte rendu operatoire" },
		{ 4, "lettre de liaison" },
		{ 4, "anatomo-pathologi" },
		{ 4, "anatomopathologi" },
		{ 4, "discharge summary" },
		{ 4, "operative report" },
		{ 4, "pathology report" },
		{ 3, "biologie medicale" },
		{ 3, "analyses medicales" },
		{ 3, "centre hospitalier" },
		{ 3, "arret de travail" },
		{ 3, "medical record" },
		{ 2, "hopital" },
		{ 2, "hospital" },
		{ 2, "clinique" },
		{ 2, "compte rendu" },
		{ 2, "compte-rendu" },
		{ 2, "antecedents" },
		{ 2, "diagnostic" },
		{ 2, "diagnosis" },
		{ 2, "examen clinique" },
		{ 2, "cher confrere" },
		{ 1, "patient" },
		{ 1, "docteur" },
		{ 1, "medecin" },
		{ 1, "traitement" },
		{ 1, "consultation" },
		{ 1, "allergi" },
	};
	char *folded = look_fold(text, len);
	int weight = 0;

	if (folded == NULL)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(folded, words[i].word) != NULL)
			weight += words[i].weight;
	free(folded);
	return weight >= LOOK_ENOUGH;
}

const char *
scan_kind(const struct reading *reading)
{
	static const struct {
		const char *type, *kind;
	} kinds[] = { { "application/dicom", "dicom" },
		{ "application/fhir+json", "fhir" },
		{ "application/fhir+ndjson", "fhir" },
		{ "application/fhir+xml", "fhir" },
		{ "application/hl7-cda+xml", "cda" },
		{ "application/hl7-v2", "hl7v2" } };
	static const char *const papers[] = { "lab", "imaging", "prescription",
		"vaccination" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(reading->type, kinds[i].type) == 0)
			return kinds[i].kind;
	if (strcmp(reading->type, "application/pdf") != 0 ||
	    reading->text == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(papers) / sizeof(papers[0]); i++)
		if (strcmp(reading->document, papers[i]) == 0)
			return papers[i];
	return look_is_paper(reading->text, reading->text_len) ? "report"
							       : NULL;
}
