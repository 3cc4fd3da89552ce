/* SPDX-License-Identifier: ISC */
/*
 * Title and kind of a document, guessed from French and English words.
 * Conservative: one word alone makes no kind.  Dates: guess_date.c.
 * The contract: guess.h.
 */
#include "guess.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "decode.h"
#include "reader.h"

#define GUESS_LEN ((size_t)32 << 10) /* the beginning says what it is */

/* The first line that isn't blank, its white space made single spaces. */
static bool
guess_first_line(const struct text_out *text, struct text_out *ret_line)
{
	struct decoder decoder = { .bytes = (const uint8_t *)text->bytes,
		.len = text->len,
		.encoding = DECODE_UTF8 };
	bool space = false;
	size_t count = 0;
	uint32_t code;

	text_out_init(ret_line, READER_TITLE_MAX * 4 + 4);
	while (count < READER_TITLE_MAX && decoder_next(&decoder, &code)) {
		if (code == '\n' && count > 0)
			break;
		if (code == ' ' || code == '\t' || code == '\n' ||
		    code == 0xa0) {
			space = count > 0;
			continue;
		}
		if (space && ++count < READER_TITLE_MAX)
			text_out_put(ret_line, ' ');
		space = false;
		if (count < READER_TITLE_MAX)
			text_out_put(ret_line, code);
		count++;
	}
	if (ret_line->len > 0 && !ret_line->failed)
		return true;
	text_out_clear(ret_line);
	return false;
}

/* "-----" and "****" are no titles. */
static bool
guess_has_letters(const struct text_out *line)
{
	for (size_t i = 0; i < line->len; i++) {
		unsigned char c = (unsigned char)line->bytes[i];

		if (c >= 0x80 || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z'))
			return true;
	}
	return false;
}

bool
guess_title(const struct text_out *title, const struct text_out *text,
    struct text_out *ret_title)
{
	struct text_out rest = *text;
	struct text_out line;

	if (!text_out_is_blank(title) && guess_first_line(title, &line)) {
		*ret_title = line;
		return true;
	}
	while (rest.len > 0 && guess_first_line(&rest, &line)) {
		char *end;
		size_t skip = 0;

		if (guess_has_letters(&line)) {
			*ret_title = line;
			return true;
		}
		text_out_clear(&line);
		while (skip < rest.len &&
		       (rest.bytes[skip] == '\n' || rest.bytes[skip] == ' ' ||
			   rest.bytes[skip] == '\t'))
			skip++;
		end = memchr(rest.bytes + skip, '\n', rest.len - skip);
		if (end == NULL)
			return false;
		rest.len -= (size_t)(end - rest.bytes);
		rest.bytes = end;
	}
	return false;
}

/* One code point in small letters without accents, after decomposition. */
static void
guess_fold_put(struct text_out *out, uint32_t code)
{
	if (code == 0x153 || code == 0x152)
		text_out_ascii(out, "oe");
	else if (code == 0x2019)
		text_out_put(out, '\'');
	else if (code == '\t' || code == 0xa0 || code == 0x202f)
		text_out_put(out, ' ');
	else
		text_out_put(out, code);
}

char *
guess_fold(const char *text, size_t len)
{
	struct text_out out;
	struct decoder decoder = { .encoding = DECODE_UTF8 };
	utf8proc_uint8_t *folded = NULL;
	utf8proc_ssize_t folded_len;
	uint32_t code;
	bool space = true;

	if (len > GUESS_LEN)
		len = GUESS_LEN;
	/* cut between characters: utf8proc refuses half of one */
	while (len > 0 && len == GUESS_LEN &&
	       ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	folded_len = utf8proc_map((const utf8proc_uint8_t *)text,
	    (utf8proc_ssize_t)len, &folded,
	    UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
		UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK);
	text_out_init(&out, len * 4 + 16);
	text_out_put(&out, '\n'); /* so that every line follows one */
	if (folded_len > 0) {
		decoder.bytes = folded;
		decoder.len = (size_t)folded_len;
	}
	while (decoder_next(&decoder, &code)) {
		bool is_space = code == ' ' || code == '\t' || code == 0xa0;

		if (!is_space || !space)
			guess_fold_put(&out, code);
		space = is_space || code == '\n';
	}
	free(folded);
	if (out.failed) {
		text_out_clear(&out);
		return NULL;
	}
	return out.bytes;
}

struct guess_word {
	const char *kind;
	int weight; /* 4 together make a kind */
	const char *word;
};

/* Folded; each counts once.  Whole words only. */
static const struct guess_word words[] = {
	{ "lab", 3, "laboratoire de biologie" },
	{ "lab", 3, "analyses medicales" },
	{ "lab", 3, "biologie medicale" },
	{ "lab", 3, "valeurs de reference" },
	{ "lab", 3, "valeurs usuelles" },
	{ "lab", 3, "reference range" },
	{ "lab", 3, "reference interval" },
	{ "lab", 3, "laboratory report" },
	{ "lab", 3, "laboratory results" },
	{ "lab", 2, "lab results" },
	{ "lab", 2, "blood test" },
	{ "lab", 2, "prise de sang" },
	{ "lab", 2, "resultats d'analyses" },
	{ "lab", 2, "prelevement" },
	{ "lab", 2, "preleve le" },
	{ "lab", 2, "hemogramme" },
	{ "lab", 2, "numeration formule sanguine" },
	{ "lab", 2, "complete blood count" },
	{ "lab", 2, "specimen" },
	{ "lab", 1, "laboratoire" },
	{ "lab", 1, "laboratory" },
	{ "lab", 1, "ferritine" },
	{ "lab", 1, "ferritin" },
	{ "lab", 1, "hemoglobine" },
	{ "lab", 1, "hemoglobin" },
	{ "lab", 1, "glycemie" },
	{ "lab", 1, "glucose" },
	{ "lab", 1, "creatinine" },
	{ "lab", 1, "cholesterol" },
	{ "lab", 1, "leucocytes" },
	{ "lab", 1, "plaquettes" },
	{ "lab", 1, "platelets" },
	{ "lab", 1, "mmol/l" },
	{ "lab", 1, "g/dl" },
	{ "lab", 1, "ng/ml" },
	{ "prescription", 3, "ordonnance" },
	{ "prescription", 2, "posologie" },
	{ "prescription", 2, "renouvelable" },
	{ "prescription", 2, "a renouveler" },
	{ "prescription", 2, "non substituable" },
	{ "prescription", 2, "qsp" },
	{ "prescription", 2, "refills" },
	{ "prescription", 2, "dispense" },
	{ "prescription", 2, "prescription" },
	{ "prescription", 1, "comprime" },
	{ "prescription", 1, "comprimes" },
	{ "prescription", 1, "gelule" },
	{ "prescription", 1, "gelules" },
	{ "prescription", 1, "matin et soir" },
	{ "prescription", 1, "fois par jour" },
	{ "prescription", 1, "pendant 7 jours" },
	{ "prescription", 1, "tablet" },
	{ "prescription", 1, "tablets" },
	{ "prescription", 1, "capsules" },
	{ "prescription", 1, "twice daily" },
	{ "prescription", 1, "once daily" },
	{ "imaging", 3, "imagerie medicale" },
	{ "imaging", 3, "compte rendu d'imagerie" },
	{ "imaging", 3, "compte rendu de radiologie" },
	{ "imaging", 3, "radiology report" },
	{ "imaging", 3, "diagnostic imaging" },
	{ "imaging", 3, "tomodensitometrie" },
	{ "imaging", 3, "mammographie" },
	{ "imaging", 3, "mammogram" },
	{ "imaging", 2, "radiographie" },
	{ "imaging", 2, "echographie" },
	{ "imaging", 2, "scanner" },
	{ "imaging", 2, "irm" },
	{ "imaging", 2, "mri" },
	{ "imaging", 2, "ct scan" },
	{ "imaging", 2, "x-ray" },
	{ "imaging", 2, "ultrasound" },
	{ "imaging", 2, "radiologue" },
	{ "imaging", 2, "radiologist" },
	{ "imaging", 1, "radiologie" },
	{ "imaging", 1, "radiology" },
	{ "imaging", 1, "impression :" },
	{ "imaging", 1, "findings" },
	{ "imaging", 1, "produit de contraste" },
	{ "imaging", 1, "contrast" },
	{ "vaccination", 4, "certificat de vaccination" },
	{ "vaccination", 4, "carnet de vaccination" },
	{ "vaccination", 4, "vaccination certificate" },
	{ "vaccination", 4, "vaccination record" },
	{ "vaccination", 4, "immunization record" },
	{ "vaccination", 4, "immunisation record" },
	{ "vaccination", 2, "vaccination" },
	{ "vaccination", 2, "vaccine" },
	{ "vaccination", 2, "vaccin" },
	{ "vaccination", 2, "immunization" },
	{ "vaccination", 1, "numero de lot" },
	{ "vaccination", 1, "lot number" },
	{ "vaccination", 1, "dose de rappel" },
	{ "vaccination", 1, "booster" },
	{ "invoice", 3, "facture" },
	{ "invoice", 3, "invoice" },
	{ "invoice", 3, "feuille de soins" },
	{ "invoice", 3, "note d'honoraires" },
	{ "invoice", 2, "total ttc" },
	{ "invoice", 2, "montant a payer" },
	{ "invoice", 2, "net a payer" },
	{ "invoice", 2, "reste a charge" },
	{ "invoice", 2, "amount due" },
	{ "invoice", 2, "total due" },
	{ "invoice", 1, "tva" },
	{ "invoice", 1, "vat" },
	{ "invoice", 1, "montant" },
	{ "invoice", 1, "honoraires" },
	{ "invoice", 1, "iban" },
	{ "letter", 4, "cher confrere" },
	{ "letter", 4, "chere consoeur" },
	{ "letter", 4, "dear colleague" },
	{ "letter", 3, "veuillez agreer" },
	{ "letter", 3, "salutations distinguees" },
	{ "letter", 3, "bien confraternellement" },
	{ "letter", 3, "sentiments distingues" },
	{ "letter", 3, "yours sincerely" },
	{ "letter", 3, "yours faithfully" },
	{ "letter", 3, "sincerely yours" },
	{ "letter", 2, "madame, monsieur" },
	{ "letter", 2, "cher docteur" },
	{ "letter", 2, "dear sir" },
	{ "letter", 2, "dear madam" },
	{ "letter", 2, "dear dr" },
	{ "letter", 2, "cordialement" },
	{ "letter", 1, "objet :" },
};

static bool
guess_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (unsigned char)c >= 0x80;
}

static bool
guess_has_word(const char *folded, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = strstr(folded, word); at != NULL;
	     at = strstr(at + 1, word)) {
		if ((at == folded || !guess_is_letter(at[-1])) &&
		    !guess_is_letter(at[len]))
			return true;
	}
	return false;
}

const char *
guess_document(const char *folded)
{
	static const char *const kinds[] = { "lab", "imaging", "prescription",
		"vaccination", "invoice", "letter" };
	int best = 0, second = 0;
	const char *kind = "";

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		int score = 0;

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			if (strcmp(words[i].kind, kinds[k]) == 0 &&
			    guess_has_word(folded, words[i].word))
				score += words[i].weight;
		}
		if (score > best) {
			second = best;
			best = score;
			kind = kinds[k];
		} else if (score > second)
			second = score;
	}
	/* a letter about a scan is both: then it is neither */
	return best >= 4 && best >= second + 2 ? kind : "";
}
