/* SPDX-License-Identifier: ISC */
/*
 * key: the slots that open the vault.
 */
#include <stdio.h>
#include <string.h>

#include "key.h"
#include "keyring.h"
#include "recovery_sheet.h"
#include "recovery_words.h"
#include "shown_once.h"
#include "verbs.h"

static const struct option_row key_options[] = {
	{ "recovery", OPTION_TEXT, "FILE|-",
	    N_("where the recovery sheet goes (add recovery)") },
	{ "words-lang", OPTION_TEXT, "fr|en",
	    N_("the language of the recovery words") },
	{ "of", OPTION_NUMBER, "N", N_("how many shares to make") },
	{ "need", OPTION_NUMBER, "K", N_("how many of them open the vault") },
	{ "output", OPTION_TEXT, "DIR",
	    N_("a new folder for sheets to print, one a share (-o DIR)") },
	OPTIONS_END
};

enum carnet_status
key_open(struct session *session, bool by_words)
{
	struct carnet_waiter waiter = session_waiter(session);
	struct carnet_unlock unlock = { 0 };
	struct secret *words = NULL;
	enum carnet_status status;

	session->ask = true; /* who changes keys proves who they are */
	if (!by_words)
		return session_open_vault(session, CARNET_WRITE);
	status = carnet_vault_probe(session->vault_path, &session->err);
	if (status == CARNET_OK)
		status = session_words(session, &words);
	if (status != CARNET_OK)
		return status;
	unlock.words = words;
	status = carnet_vault_open(session->vault_path, &unlock, CARNET_WRITE,
	    &waiter, &session->vault, &session->err);
	session_unlock_free(&unlock);
	return status;
}

static void
key_print(const struct session *session, const cJSON *keys)
{
	static const struct print_column columns[] = { { "id", N_("ID"), false,
							   false },
		{ "kind", N_("KIND"), false, false },
		{ "created", N_("MADE ON"), false, false },
		{ NULL, NULL, false, false } };
	cJSON *shown = cJSON_Duplicate(keys, 1), *key;

	cJSON_ArrayForEach(key, shown)
	{
		print_row_word(key, "kind");
		print_row_day(session, key, "created");
	}
	print_table(shown, columns);
	cJSON_Delete(shown);
}

static int
key_list(struct session *session)
{
	cJSON *result, *keys = NULL;

	if (session_open_vault(session, CARNET_READ) != CARNET_OK ||
	    carnet_key_list(session->vault, &keys, &session->err) != CARNET_OK)
		return session_fail(session, NULL);
	if (!session->json)
		key_print(session, keys);
	result = cJSON_CreateObject();
	json_add(result, "keys", keys);
	return session_result(session, result, EXIT_DONE);
}

/* Slots have changed: what unlock keeps is dropped. */
static void
key_drop_kept(struct session *session)
{
	struct carnet_error err;
	bool was;
	char id[33];

	carnet_vault_id(session->vault, id);
	if (keyring_drop(id, &was, &err) != CARNET_OK)
		session_warn(session, "%s", err.message);
}

int
key_report(struct session *session, const char *slot, const char *text)
{
	cJSON *result = cJSON_CreateObject();

	key_drop_kept(session);

	json_add_text(result, "id", slot);
	if (!session->json)
		session_say(session, _("%s: %s"), text, slot);
	return session_result(session, result, EXIT_DONE);
}

/* add passphrase, change, recover: all ask for a new passphrase. */
static int
key_set_passphrase(struct session *session, bool by_words, bool add)
{
	struct secret *passphrase = NULL;
	cJSON *persons = NULL;
	char slot[CARNET_ID_TEXT];
	enum carnet_status status = key_open(session, by_words);

	/* their data make bad passphrases; a hurt index is no reason to stop */
	if (status == CARNET_OK)
		(void)carnet_persons(session->vault, &persons, NULL);
	if (status == CARNET_OK)
		status = session_new_passphrase(
		    session, "new-passphrase", persons, &passphrase);
	cJSON_Delete(persons);
	if (status == CARNET_OK)
		status =
		    add ? carnet_key_add_passphrase(session->vault, passphrase,
			      session->today, slot, &session->err)
			: carnet_key_change(session->vault, passphrase,
			      session->today, slot, &session->err);
	secret_free(passphrase);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	if (!session->json)
		session_say(session,
		    _("Backups made before still open with what opened them "
		      "then."));
	return key_report(session, slot, _("New passphrase set"));
}

static int
key_add_recovery(struct session *session)
{
	const char *sheet = option_text(session->options, "recovery");
	const char *lang = option_text(session->options, "words-lang");
	struct shown_once once = { .len = 0 };
	struct secret *words = NULL;
	char slot[CARNET_ID_TEXT];
	cJSON *result, *list;
	int code;
	enum carnet_status status = key_open(session, false);

	if (lang != NULL && strcmp(lang, "fr") != 0 && strcmp(lang, "en") != 0)
		return session_usage(session, _("--words-lang: fr or en"));
	if (status == CARNET_OK)
		status = carnet_key_add_recovery(session->vault,
		    lang == NULL ? session->lang : lang, session->today, &words,
		    slot, &session->err);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	shown_once_words(&once, words);
	list = shown_once_json(&once);
	if (sheet != NULL)
		status = recovery_sheet_write(session, sheet, list);
	if (status != CARNET_OK)
		session_item_fail(session, sheet, &session->err);
	if (!session->json && (sheet == NULL || status != CARNET_OK))
		shown_once_print(&once, true);
	if (!session->json)
		session_say(
		    session, _("%s: %s"), _("New recovery words"), slot);
	if (sheet == NULL || status != CARNET_OK)
		recovery_words_confirm(session, &once);
	result = cJSON_CreateObject();
	json_add_text(result, "id", slot);
	json_add(result, "recovery_words", list);
	code = shown_once_result(session, result, "recovery_words", &once,
	    status == CARNET_OK ? EXIT_DONE : EXIT_PARTIAL);
	secret_free(words);
	return code;
}

static int
key_add(struct session *session)
{
	const char *what = options_argument(session->options, 1);

	if (what != NULL && strcmp(what, "passphrase") == 0)
		return key_set_passphrase(session, false, true);
	if (what != NULL && strcmp(what, "recovery") == 0)
		return key_add_recovery(session);
	if (what != NULL && strcmp(what, "keyfile") == 0)
		return key_add_keyfile(session);
	if (what != NULL && strcmp(what, "shares") == 0)
		return key_add_shares(session);
	return session_usage(
	    session, _("key add: passphrase, recovery, keyfile or shares"));
}

static int
key_remove(struct session *session)
{
	const char *id = options_argument(session->options, 1);
	char slot[CARNET_ID_TEXT];

	if (id == NULL)
		return session_usage(session, _("key remove: which one?"));
	if (key_open(session, false) != CARNET_OK ||
	    carnet_key_remove(session->vault, id, slot, &session->err) !=
		CARNET_OK)
		return session_fail(session, id);
	return key_report(session, slot, _("Removed"));
}

static int
key_run(struct session *session)
{
	const char *what = options_argument(session->options, 0);

	if (what == NULL || strcmp(what, "list") == 0)
		return key_list(session);
	if (session->dry_run)
		return EXIT_DONE;
	if (strcmp(what, "add") == 0)
		return key_add(session);
	if (strcmp(what, "change") == 0)
		return key_set_passphrase(session, false, false);
	if (strcmp(what, "recover") == 0)
		return key_set_passphrase(session, true, false);
	if (strcmp(what, "remove") == 0)
		return key_remove(session);
	return session_usage(
	    session, _("key: list, add, change, remove or recover"));
}

const struct verb verb_key = { "key",
	N_("list | add passphrase | add recovery | add keyfile FILE | "
	   "add shares --of N --need K | change | remove ID | recover"),
	N_("what opens the vault: passphrases, recovery words, shares"),
	NEED_NOTHING, key_options, key_run, "carnet key change" };
