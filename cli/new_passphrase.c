/* SPDX-License-Identifier: ISC */
/*
 * A passphrase that is set: taken as any secret, then weighed.  A weak one is
 * told, and at a terminal asked for once more; it is never refused.
 * The contract is in session.h.
 */
#include <errno.h>

#include "session.h"
#include "strength.h"

/* What it closes. */
enum closes { CLOSES_VAULT, CLOSES_FILE };

static void
passphrase_warn(struct session *session, enum closes what, const char *duration)
{
	if (what == CLOSES_FILE)
		session_warn(session,
		    _("this passphrase is weak: whoever has the file and "
		      "good machines would find it in %s (an estimate).  "
		      "Four or five words that have nothing to do with each "
		      "other, or with you, are strong."),
		    duration);
	else
		session_warn(session,
		    _("this passphrase is weak: whoever has the vault's files "
		      "and good machines would find it in %s (an estimate).  "
		      "Four or five words that have nothing to do with each "
		      "other, or with you, are strong."),
		    duration);
}

/* True if it is weak; says so. */
static bool
passphrase_weigh(struct session *session, enum closes what,
    const struct secret *passphrase, char *const *words)
{
	double bits = strength_bits(passphrase, (const char *const *)words);

	if (bits < 0) {
		session_warn(session,
		    _("how strong the passphrase is can't be estimated here"));
		return false;
	}
	if (bits >= STRENGTH_WEAK_BITS)
		return false;
	passphrase_warn(session, what, _(strength_duration(bits)));
	return true;
}

static enum carnet_status
passphrase_ask(struct session *session, enum closes what, const char *which,
    const cJSON *persons, struct secret **ret_passphrase)
{
	const char *prompt = what == CLOSES_FILE ? _("Passphrase for this file")
						 : _("New passphrase");
	bool typed = !session_secret_given(session, which);
	char **words = NULL;
	struct secret *passphrase = NULL;
	enum carnet_status status =
	    session_secret(session, which, true, prompt, &passphrase);

	if (status != CARNET_OK)
		return status;
	words = strength_words(persons);
	if (words == NULL) {
		secret_free(passphrase);
		return carnet_fail_errno(&session->err, ENOMEM, "carnet");
	}
	if (passphrase_weigh(session, what, passphrase, words) && typed) {
		session_say(session,
		    _("Type a better one, or the same again to keep it."));
		secret_free(passphrase);
		passphrase = NULL;
		status =
		    session_secret(session, which, true, prompt, &passphrase);
		if (status == CARNET_OK)
			(void)passphrase_weigh(
			    session, what, passphrase, words);
	}
	strength_words_free(words);
	if (status == CARNET_OK)
		*ret_passphrase = passphrase;
	return status;
}

enum carnet_status
session_new_passphrase(struct session *session, const char *which,
    const cJSON *persons, struct secret **ret_passphrase)
{
	return passphrase_ask(
	    session, CLOSES_VAULT, which, persons, ret_passphrase);
}

enum carnet_status
session_file_passphrase(struct session *session, const cJSON *persons,
    struct secret **ret_passphrase)
{
	return passphrase_ask(
	    session, CLOSES_FILE, "new-passphrase", persons, ret_passphrase);
}
