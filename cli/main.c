/* SPDX-License-Identifier: ISC */
/*
 * carnet: from the command line to a verb.  Knows no verb: verbs.c has the
 * table.  What every run does first (docs/threat-model.md): cleans the
 * environment, forks the launcher, closes its own doors.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "doors_files.h"
#include "help.h"
#include "json_wipe.h"
#include "session.h"

/* Words and shares pass through it: wiped at the end. */
static char main_output[1 << 15];
static char main_messages[4096];

/* What libraries would take orders from. */
static void
main_clean_environment(void)
{
	static const char *const names[] = { "OPENSSL_CONF", "OPENSSL_MODULES",
		"OPENSSL_ENGINES", "XML_CATALOG_FILES", "SQLITE_TMPDIR",
		"TMPDIR", "LIBSMARTCOLS_DEBUG", "GETCONF_DIR", "NLSPATH" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unsetenv(names[i]);
}

static void
main_set_language(struct session *session, const char *lang)
{
	(void)snprintf(session->lang, sizeof(session->lang), "%s",
	    carnet_texts_choose(lang));
}

static void
main_set_today(struct session *session)
{
	const char *on = option_text(session->options, "on");
	time_t now = time(NULL);
	struct tm parts;

	if (on != NULL)
		(void)snprintf(
		    session->today, sizeof(session->today), "%s", on);
	else if (localtime_r(&now, &parts) != NULL)
		(void)strftime(
		    session->today, sizeof(session->today), "%Y-%m-%d", &parts);
}

static enum carnet_status
main_set_vault_path(struct session *session)
{
	const char *path = option_text(session->options, "vault");
	const char *data = getenv("XDG_DATA_HOME");
	const char *home = getenv("HOME");
	int len;

	if (path == NULL)
		path = getenv("CARNET_VAULT");
	if (path != NULL && path[0] != '\0')
		len = snprintf(session->vault_path, sizeof(session->vault_path),
		    "%s", path);
	else if (data != NULL && data[0] == '/')
		len = snprintf(session->vault_path, sizeof(session->vault_path),
		    "%s/carnet/vault", data);
	else if (home != NULL && home[0] == '/')
		len = snprintf(session->vault_path, sizeof(session->vault_path),
		    "%s/.local/share/carnet/vault", home);
	else
		len = 0; /* main_run_verb says so to a verb that needs it */
	if (len >= (int)sizeof(session->vault_path))
		return carnet_fail(&session->err, CARNET_INVALID,
		    _("the vault's path is too long"));
	return CARNET_OK;
}

static enum carnet_status
main_read_globals(struct session *session)
{
	const struct options *options = session->options;
	const char *lang = option_text(options, "lang");

	session->json =
	    option_flag(options, "json") || option_flag(options, "ndjson");
	session->quiet = option_flag(options, "quiet");
	session->verbose = option_flag(options, "verbose");
	session->dry_run = option_flag(options, "dry-run");
	session->no_wait = option_flag(options, "no-wait");
	if (lang != NULL && strcmp(lang, "fr") != 0 && strcmp(lang, "en") != 0)
		return carnet_fail(
		    &session->err, CARNET_INVALID, _("--lang: fr or en"));
	if (lang != NULL)
		main_set_language(session, lang);
	main_set_today(session);
	return main_set_vault_path(session);
}

/* Launcher first (it never holds a secret), then no more doors. */
static enum carnet_status
main_confine(struct session *session)
{
	enum carnet_status status =
	    launcher_start(NULL, &session->launcher, &session->err);

	if (status == CARNET_OK)
		status = launcher_close_doors(&session->doors, &session->err);
	/* best effort; doctor says where it isn't */
	if (status == CARNET_OK)
		session->confined =
		    doors_files(session, &session->err) == CARNET_OK;
	return status;
}

/* Opens the vault as the verb's row says. */
static enum carnet_status
main_open_vault(struct session *session)
{
	const char *what = options_argument(session->options, 0);
	bool list = what == NULL || strcmp(what, "list") == 0;

	switch (session->verb->need) {
	case NEED_NOTHING:
		return CARNET_OK;
	case NEED_NOTE:
		if (!session->dry_run)
			return session_open_to_note(session);
		break;
	case NEED_LIST:
		if (!session->dry_run && !list)
			return session_open_vault(session, CARNET_WRITE);
		break;
	case NEED_WRITE:
		if (!session->dry_run)
			return session_open_vault(session, CARNET_WRITE);
		break;
	case NEED_READ:
		break;
	}
	return session_open_vault(session, CARNET_READ);
}

static int
main_run_verb(struct session *session)
{
	enum carnet_status status;

	if (session->vault_path[0] == '\0' && session->verb->run != help_run) {
		carnet_fail(&session->err, CARNET_INVALID,
		    _("no HOME: say where the vault is with --vault"));
		(void)session_fail(session, NULL);
		return EXIT_USAGE;
	}
	status = main_confine(session);
	if (status == CARNET_OK)
		status = main_open_vault(session);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	return session->verb->run(session);
}

static const struct option_row *
main_find_options(const char *verb)
{
	const struct verb *found = verb_find(verb);

	return found == NULL ? NULL : found->options;
}

/* With no verb: status, or how to begin. */
static int
main_without_verb(struct session *session)
{
	enum carnet_status status =
	    carnet_vault_probe(session->vault_path, &session->err);

	if (option_flag(session->options, "help"))
		return help_all(session);
	if (status == CARNET_NO_VAULT && !session->json &&
	    session->vault_path[0] != '\0')
		return help_begin(session);
	session->verb = verb_find("status");
	return main_run_verb(session);
}

static int
main_dispatch(struct session *session)
{
	const char *name = options_verb(session->options);

	if (option_flag(session->options, "version"))
		return help_version(session);
	if (name == NULL)
		return main_without_verb(session);
	session->verb = verb_find(name);
	if (session->verb == NULL)
		return help_unknown(session, name);
	if (option_flag(session->options, "help"))
		return help_verb(session, session->verb);
	return main_run_verb(session);
}

/* What was typed can't be used; or can't be read, for want of memory. */
static int
main_refuse(struct session *session)
{
	int code = session_fail(session, NULL);

	return session->err.status == CARNET_INVALID ? EXIT_USAGE : code;
}

int
main(int argc, char **argv)
{
	struct session session = { .doors = "" };
	int code;

	main_clean_environment();
	main_set_language(&session, NULL);
	if (sodium_init() < 0)
		return EXIT_FAILED;
	json_wipe_always();
	(void)setvbuf(stdout, main_output,
	    isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, sizeof(main_output));
	/* by itself it makes a system call of each character */
	(void)setvbuf(stderr, main_messages, _IOLBF, sizeof(main_messages));
	if (options_parse(argc, argv, main_find_options, &session.options,
		&session.err) != CARNET_OK) {
		for (int i = 1; i < argc; i++)
			session.json |= strcmp(argv[i], "--json") == 0;
		return main_refuse(&session);
	}
	if (main_read_globals(&session) != CARNET_OK) {
		code = main_refuse(&session);
		options_free(session.options);
		return code;
	}
	code = main_dispatch(&session);
	session_say_warnings(&session);
	carnet_vault_close(session.vault);
	launcher_stop(session.launcher);
	letters_free(session.letters);
	options_free(session.options);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		code = code == EXIT_DONE ? EXIT_FAILED : code;
	(void)fflush(stderr);
	sodium_memzero(main_output, sizeof(main_output));
	sodium_memzero(main_messages, sizeof(main_messages));
	return code;
}
