/* SPDX-License-Identifier: ISC */
/*
 * The names of blanks in words.  The codes are those of formats/letters and
 * of the complaint.  The contract is in missing_words.h.
 */
#include "missing_words.h"

#include <string.h>

static const struct {
	const char *code, *words;
} missing_rows[] = {
	{ "person.name", N_("the writer's name") },
	{ "person.address", N_("the writer's address") },
	{ "person.born", N_("the date of birth") },
	{ "person.birthplace", N_("the place of birth") },
	{ "person.nir", N_("the social security number") },
	{ "person.email", N_("an e-mail address or a telephone number") },
	{ "signer.age", N_("someone of the age that the law asks for") },
	{ "represents.name", N_("the name of the person represented") },
	{ "represents.born",
	    N_("the date of birth of the person represented") },
	{ "represents.birthplace",
	    N_("the place of birth of the person represented") },
	{ "represents.nir",
	    N_("the social security number of the person represented") },
	{ "represents.as", N_("in which quality the writer signs") },
	{ "represents.proof", N_("the proof of representation") },
	{ "recipient.name", N_("the addressee's name") },
	{ "recipient.address", N_("the addressee's address") },
	{ "recipient.email", N_("the addressee's e-mail address") },
	{ "about.name", N_("the body's name") },
	{ "about.address", N_("the body's address") },
	{ "about.siren", N_("the body's SIREN number") },
	{ "decision.scope", N_("what the decision covers") },
	{ "decision.purposes", N_("the purposes") },
	{ "decision.request", N_("the form's name") },
	{ "case.sent", N_("when the request was sent") },
	{ "case.received", N_("when the request was received") },
	{ "case.due", N_("the last day for the answer") },
	{ "case.via", N_("how the request was sent") },
	{ "case.steps", N_("the steps taken") },
	{ "case.answered", N_("when they answered") },
	{ "case.body_sha256", N_("the fingerprint of what was sent") },
	{ "place", N_("the place of writing") },
	{ "date", N_("the date") },
	{ "proof.sent", N_("the proof that it was sent") },
	{ "proof.received", N_("the proof that it was received") },
	{ "proof.answered", N_("their answer") },
};

const char *
missing_words(const char *code)
{
	for (size_t i = 0; i < sizeof(missing_rows) / sizeof(missing_rows[0]);
	     i++)
		if (strcmp(missing_rows[i].code, code) == 0)
			return _(missing_rows[i].words);
	return code;
}
