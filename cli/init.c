/* SPDX-License-Identifier: ISC */
/*
 * init: makes the vault, the first person, and the recovery sheet.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plain_text.h"
#include "recovery_sheet.h"
#include "recovery_words.h"
#include "shown_once.h"
#include "verbs.h"

#define INIT_NAME_MAX 500 /* characters */

static const struct option_row init_options[] = {
	{ "born", OPTION_DATE, "DATE", N_("the person's date of birth") },
	{ "kdf", OPTION_TEXT, "interactive|moderate|sensitive",
	    N_("how dear guessing the passphrase is made") },
	{ "recovery", OPTION_TEXT, "FILE|-",
	    N_("where the recovery sheet goes: .pdf, .txt, or - to a "
	       "printer") },
	{ "no-recovery", OPTION_FLAG, NULL,
	    N_("no recovery words: a lost passphrase is then the end") },
	{ "words-lang", OPTION_TEXT, "fr|en",
	    N_("the language of the recovery words") },
	OPTIONS_END
};

/* "moderate" unless said otherwise; false: no such cost. */
static bool
init_cost(const char *name, enum carnet_cost *ret_cost)
{
	static const char *const names[] = { "interactive", "moderate",
		"sensitive" };

	*ret_cost = CARNET_MODERATE;
	for (int i = 0; i < 3 && name != NULL; i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret_cost = (enum carnet_cost)i;
			return true;
		}
	}
	return name == NULL;
}

/* A sheet inside the vault would be lost with it. */
static enum carnet_status
init_check_sheet(struct session *session, const char *sheet)
{
	char folder[PATH_MAX], *real, *slash;
	size_t len = strlen(session->vault_path);
	enum carnet_status status;

	if (sheet == NULL || strcmp(sheet, "-") == 0)
		return CARNET_OK;
	(void)snprintf(folder, sizeof(folder), "%s", sheet);
	slash = strrchr(folder, '/');
	if (slash == NULL)
		(void)snprintf(folder, sizeof(folder), ".");
	else
		slash[slash == folder ? 1 : 0] = '\0';
	real = realpath(folder, NULL);
	if (real == NULL)
		return carnet_fail_errno(&session->err, errno, "%s", folder);
	if (strncmp(real, session->vault_path, len) == 0 &&
	    (real[len] == '/' || real[len] == '\0')) {
		free(real);
		return carnet_fail(&session->err, CARNET_INVALID,
		    _("the recovery sheet does not belong inside the vault"));
	}
	status = session_guard(session, real, true, false);
	free(real);
	if (status == CARNET_OK && access(sheet, F_OK) == 0)
		return carnet_fail(&session->err, CARNET_EXISTS,
		    _("%s is there already"), sheet);
	return status;
}

static void
init_show_words(struct session *session, const struct shown_once *words)
{
	print_line("%s", "");
	print_line(_("Recovery words: write them down, in this order, and keep "
		     "them away from this machine:"));
	shown_once_print(words, true);
	print_line("%s", "");
	session_warn(session,
	    _("they open the vault as the passphrase does, and are not shown "
	      "again"));
	recovery_words_confirm(session, words);
}

static int
init_report(
    struct session *session, const struct secret *words, const char *person)
{
	cJSON *result = cJSON_CreateObject(), *kdf = NULL;
	const char *sheet = option_text(session->options, "recovery");
	struct shown_once once = { .len = 0 };
	char id[33];
	int code = EXIT_DONE;

	carnet_vault_id(session->vault, id);
	json_add_text(result, "vault", carnet_vault_path(session->vault));
	json_add_text(result, "id", id);
	json_add_text(result, "person", person);
	if (words != NULL) {
		shown_once_words(&once, words);
		json_add(result, "recovery_words", shown_once_json(&once));
	}
	if (carnet_key_kdf(session->vault, &kdf, NULL) == CARNET_OK)
		json_add(result, "kdf", kdf);
	if (sheet != NULL && words != NULL &&
	    recovery_sheet_write(session, sheet,
		carnet_json_get(result, "recovery_words")) != CARNET_OK) {
		/* the vault is made: say the words rather than lose them */
		session_item_fail(session, sheet, &session->err);
		code = EXIT_PARTIAL;
		sheet = NULL;
	}
	if (!session->json) {
		session_say(session, _("Vault made: %s"),
		    carnet_vault_path(session->vault));
		if (words == NULL)
			session_warn(
			    session, _("no recovery words: whoever forgets the "
				       "passphrase loses the vault"));
		else if (sheet == NULL)
			init_show_words(session, &once);
		else if (strcmp(sheet, "-") != 0)
			session_say(session,
			    _("Recovery sheet: %s. Print it, keep it away from "
			      "this machine, then delete the file."),
			    sheet);
	}
	if (words == NULL)
		return session_result(session, result, code);
	return shown_once_result(
	    session, result, "recovery_words", &once, code);
}

/* The person isn't stored yet, but their name is known to guessers. */
static enum carnet_status
init_passphrase(struct session *session, const struct carnet_new *new,
    struct secret **ret_passphrase)
{
	cJSON *persons = cJSON_CreateArray(), *person = cJSON_CreateObject();
	enum carnet_status status;

	json_add_text(person, "name", new->person);
	json_add_text(person, "born", new->born);
	(void)cJSON_AddItemToArray(persons, person);
	status = session_new_passphrase(
	    session, "passphrase", persons, ret_passphrase);
	cJSON_Delete(persons);
	return status;
}

static int
init_run(struct session *session)
{
	const struct options *options = session->options;
	const char *person = option_text(options, "person");
	const char *lang = option_text(options, "words-lang");
	struct secret *passphrase = NULL, *words = NULL;
	char *missing = NULL;
	int judged = -1;
	struct carnet_new new = { .path = session->vault_path,
		.judged = &judged,
		.born = option_text(options, "born"),
		.today = session->today };
	enum carnet_status status;
	int code;

	if (options_argc(options) > 0)
		return session_usage(session, _("init takes no argument"));
	if (!init_cost(option_text(options, "kdf"), &new.cost))
		return session_usage(
		    session, _("--kdf: interactive, moderate or sensitive"));
	if (lang != NULL && strcmp(lang, "fr") != 0 && strcmp(lang, "en") != 0)
		return session_usage(session, _("--words-lang: fr or en"));
	if (person == NULL)
		person = getenv("CARNET_PERSON");
	new.person = person == NULL ? _("me") : person;
	if (plain_text_check(session, "--person", new.person, INIT_NAME_MAX,
		false) != CARNET_OK)
		return session_usage(session, session->err.message);
	if (new.born != NULL && strcmp(new.born, session->today) > 0)
		return session_usage(
		    session, _("--born: this day has not come yet"));
	if (!option_flag(options, "no-recovery"))
		new.words_lang = lang == NULL ? session->lang : lang;
	status = session_guard_open(
	    session, session->vault_path, false, false, &judged, &missing);
	free(missing);
	if (status == CARNET_OK)
		status =
		    init_check_sheet(session, option_text(options, "recovery"));
	if (status == CARNET_OK && session->dry_run) {
		session_say(session, _("Would make a vault at %s"),
		    session->vault_path);
		(void)close(judged);
		return EXIT_DONE;
	}
	if (status == CARNET_OK)
		status = init_passphrase(session, &new, &passphrase);
	new.passphrase = passphrase;
	if (status == CARNET_OK)
		status = carnet_vault_create(
		    &new, &session->vault, &words, &session->err);
	secret_free(passphrase);
	if (judged >= 0)
		(void)close(judged);
	code = status == CARNET_OK ? init_report(session, words, new.person)
				   : session_fail(session, NULL);
	secret_free(words);
	return code;
}

const struct verb verb_init = { "init",
	N_("[--person NAME] [--born DATE] [--recovery FILE.pdf|-]"),
	N_("makes a vault, its first person and a recovery sheet"),
	NEED_NOTHING, init_options, init_run,
	"carnet init --person \"Claire Martin\" --recovery secours.pdf" };
