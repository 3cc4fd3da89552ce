/* SPDX-License-Identifier: ISC */
/*
 * The words that programs know, as people read them: types, kinds of key, of
 * event, of damage.  Options, JSON and the ledger keep the English word.
 */
#include <string.h>

#include "session.h"

static const char *const words[] = {
	/* documents */
	N_("lab"), N_("imaging"), N_("report"), N_("letter"),
	N_("prescription"), N_("vaccination"), N_("certificate"), N_("invoice"),
	N_("consent"), N_("proof"), N_("other"),
	/* what opens a vault */
	N_("passphrase"), N_("recovery"), N_("keyfile"), N_("shares"),
	/* what happened */
	N_("vault.created"), N_("device.added"), N_("key.changed"),
	N_("person.added"), N_("person.edited"), N_("person.represents"),
	N_("document.added"), N_("document.read"), N_("document.edited"),
	N_("document.tagged"), N_("document.noted"), N_("document.removed"),
	N_("document.restored"), N_("document.purged"), N_("recipient.set"),
	N_("decision.made"), N_("statement.drafted"), N_("statement.step"),
	N_("backup.begun"), N_("backup.made"), N_("export.made"),
	N_("place.trusted"), N_("ledger.repaired"),
	/* what is hurt */
	N_("header"), N_("ledger"), N_("index"), N_("pack"), N_("document"),
	N_("answer"), N_("device"), N_("snapshot"), N_("forgotten"),
	/* who sees a place */
	N_("local"), N_("own"), N_("unknown"), N_("remote"), N_("cloud"),
	/* where a statement stands */
	N_("draft"), N_("ready"), N_("sent"), N_("received"), N_("waiting"),
	N_("extended"), N_("paused"), N_("answered"), N_("overdue"),
	N_("reminded"), N_("complained"), N_("closed"),
	/* what left the vault */
	N_("documents"), N_("statement"), N_("share"), N_("complaint"),
	N_("calendar"), N_("signature")
};

const char *
print_word(const char *word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], word) == 0)
			return _(words[i]);
	return word;
}
