/* SPDX-License-Identifier: ISC */
/*
 * backup, restore: encrypted, incremental; a destination is a folder that
 * any tool can carry.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup.h"
#include "carnet_backup.h"
#include "progress.h"
#include "verbs.h"

static const struct option_row backup_options[] = {
	{ "to-cloud", OPTION_FLAG, NULL,
	    N_("the destination may lie in a cloud: it is encrypted") },
	{ "read-data", OPTION_FLAG, NULL,
	    N_("expand every chunk (check); write again what is hurt there") },
	{ "keep-last", OPTION_NUMBER, "N", N_("keep the N newest (forget)") },
	{ "keep-daily", OPTION_NUMBER, "N",
	    N_("keep the newest of each of the last N days that have one") },
	{ "keep-weekly", OPTION_NUMBER, "N", N_("the same by week") },
	{ "keep-monthly", OPTION_NUMBER, "N", N_("the same by month") },
	{ "keep-yearly", OPTION_NUMBER, "N", N_("the same by year") },
	{ "keep-within", OPTION_TEXT, "DURATION",
	    N_("keep all that are at most so much older than the newest: "
	       "2y6m10d12h is years, months, days, hours") },
	OPTIONS_END
};
static const struct option_row restore_options[] = {
	{ "to", OPTION_TEXT, "DIR", N_("where the vault goes: a new folder") },
	{ "recover", OPTION_FLAG, NULL,
	    N_("open with the recovery words, set a new passphrase") },
	OPTIONS_END
};

void
backup_print_problems(const cJSON *problems)
{
	const cJSON *problem;

	cJSON_ArrayForEach(problem, problems)
	    print_line(_("%s %s: %s"), print_word(json_text(problem, "kind")),
		json_text(problem, "id"), json_text(problem, "detail"));
}

/* What to do about it. */
static void
backup_say_remedy(
    struct session *session, const cJSON *problems, const char *path)
{
	const cJSON *problem;
	bool manifest = false, other = false;

	cJSON_ArrayForEach(problem, problems)
	{
		if (strcmp(json_text(problem, "kind"), "snapshot") == 0)
			manifest = true;
		else
			other = true;
	}
	if (other)
		session_say(session,
		    _("carnet backup %s --read-data writes again what the "
		      "vault still has. What is named after that is missing "
		      "from older snapshots alone; a header copy that carnet "
		      "did not make can be deleted."),
		    path);
	if (manifest)
		session_say(session,
		    _("A snapshot that does not open is lost: delete its file, "
		      "snapshots/ID in %s; carnet backup makes a new one."),
		    path);
}

/* Names the branches' ends, so that one can be chosen. */
static void
backup_warn_forks(struct session *session, const cJSON *forks)
{
	char ids[256] = "";
	const cJSON *fork;
	size_t len = 0;

	cJSON_ArrayForEach(fork, forks)
	{
		if (len < sizeof(ids))
			len += (size_t)snprintf(ids + len, sizeof(ids) - len,
			    "%s%s", len == 0 ? "" : ", ", fork->valuestring);
	}
	if (len > 0)
		session_warn(session,
		    _("copies of this vault were used apart; none of these "
		      "snapshots has all that the others have: %s (the last "
		      "one counts as the newest; carnet restore DEST SNAPSHOT "
		      "takes another)"),
		    ids);
}

/* --- making ------------------------------------------------------------------
 */

static int
backup_make(struct session *session, const char *path)
{
	struct carnet_waiter waiter = session_waiter(session);
	struct carnet_backup_options options = { .today = session->today,
		.to_cloud = option_flag(session->options, "to-cloud"),
		.dry_run = session->dry_run,
		.read_data = option_flag(session->options, "read-data"),
		.waiter = &waiter,
		.progress = progress_set };
	struct progress *progress;
	cJSON *report = NULL;
	const cJSON *warning;
	char *missing = NULL;
	int judged = -1;
	enum carnet_status status;
	char size[32];
	bool problems;

	status = session->dry_run ? session_open_vault(session, CARNET_READ)
				  : session_open_to_note(session);
	if (status == CARNET_OK)
		status = session_guard_open(
		    session, path, false, options.to_cloud, &judged, &missing);
	free(missing);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	options.judged = &judged;
	progress = progress_start(session, _("Backing up"), 0);
	options.context = progress;
	status = carnet_backup_make(
	    session->vault, path, &options, &report, &session->err);
	progress_stop(progress);
	(void)close(judged);
	if (status != CARNET_OK)
		return session_fail(session, path);
	cJSON_ArrayForEach(warning, carnet_json_get(report, "warnings"))
	    session_warn(session, "%s", warning->valuestring);
	problems = cJSON_GetArraySize(carnet_json_get(report, "problems")) > 0;
	if (!session->json) {
		print_size(
		    carnet_json_get(report, "new_bytes")->valuedouble, size);
		backup_print_problems(carnet_json_get(report, "problems"));
		backup_say_remedy(
		    session, carnet_json_get(report, "problems"), path);
		session_say(session, _("Backed up to %s: snapshot %s, %s new"),
		    path, json_text(report, "snapshot"), size);
	}
	return session_result(
	    session, report, problems ? EXIT_DAMAGED : EXIT_DONE);
}

/* --- looking at a destination
 * ---------------------------------------------------- */

/* By the key that unlock keeps of the vault whose backup it is.  False: there
 * is none, or it doesn't fit; then it is as if there were none. */
static bool
backup_open_kept(struct session *session, const char *path, const char *id,
    struct carnet_backup **ret_backup)
{
	struct carnet_unlock unlock = { .master =
					    session_kept_key(session, id) };
	bool opened =
	    unlock.master != NULL &&
	    carnet_backup_open(path, &unlock, ret_backup, NULL) == CARNET_OK;

	session_unlock_free(&unlock);
	return opened;
}

enum carnet_status
backup_open(struct session *session, const char *path,
    struct carnet_backup **ret_backup)
{
	struct carnet_unlock unlock = { 0 };
	struct secret *words = NULL;
	bool recover = option_flag(session->options, "recover");
	char id[33];
	enum carnet_status status =
	    carnet_backup_probe_id(path, id, &session->err);

	if (status == CARNET_OK && !recover &&
	    backup_open_kept(session, path, id, ret_backup))
		return CARNET_OK;
	if (status == CARNET_OK)
		status = recover ? session_words(session, &words)
				 : session_unlock_with(session, &unlock);
	if (status != CARNET_OK)
		return status;
	if (recover)
		unlock.words = words;
	status = carnet_backup_open(path, &unlock, ret_backup, &session->err);
	session_unlock_free(&unlock);
	return status;
}

static int
backup_list(struct session *session, const char *path)
{
	static const struct print_column columns[] = { { "id", N_("ID"), false,
							   false },
		{ "time", N_("MADE"), false, false },
		{ "documents", N_("DOCUMENTS"), true, false },
		{ "packs", N_("PACKS"), true, false },
		{ NULL, NULL, false, false } };
	struct carnet_backup *backup = NULL;
	cJSON *snapshots = NULL, *forks = NULL, *problems = NULL;
	cJSON *forgotten = NULL, *result, *row;
	int code = EXIT_DONE;

	if (backup_open(session, path, &backup) != CARNET_OK)
		return session_fail(session, path);
	if (carnet_backup_list(backup, &snapshots, &forks, &problems,
		&session->err) != CARNET_OK ||
	    carnet_backup_forgotten(
		backup, &forgotten, problems, &session->err) != CARNET_OK) {
		cJSON_Delete(snapshots);
		cJSON_Delete(forks);
		cJSON_Delete(problems);
		carnet_backup_close(backup);
		return session_fail(session, path);
	}
	carnet_backup_close(backup);
	cJSON_ArrayForEach(row, snapshots)
	{
		char when[40];

		print_time(carnet_json_get(row, "time_ms")->valuedouble, when);
		cJSON_DeleteItemFromObjectCaseSensitive(row, "time_ms");
		json_add_text(row, "time", when);
		if (!session->json)
			print_row_day(session, row, "time");
	}
	backup_take_forgotten(snapshots, forgotten);
	if (cJSON_GetArraySize(problems) > 0)
		code = EXIT_DAMAGED;
	if (!session->json) {
		print_table(snapshots, columns);
		backup_say_forgotten(session, forgotten);
		backup_print_problems(problems);
	}
	result = cJSON_CreateObject();
	backup_warn_forks(session, forks);
	json_add(result, "snapshots", snapshots);
	json_add(result, "forks", forks);
	json_add(result, "forgotten", forgotten);
	json_add(result, "problems", problems);
	return session_result(session, result, code);
}

static int
backup_check(struct session *session, const char *path)
{
	struct carnet_backup *backup = NULL;
	struct progress *progress;
	cJSON *report = NULL;
	enum carnet_status status = backup_open(session, path, &backup);
	bool ok;

	if (status == CARNET_OK) {
		progress = progress_start(session, _("Checking"), 0);
		status = carnet_backup_check(backup,
		    option_flag(session->options, "read-data"), progress_set,
		    progress, &report, &session->err);
		progress_stop(progress);
	}
	carnet_backup_close(backup);
	if (status != CARNET_OK)
		return session_fail(session, path);
	ok = carnet_json_bool(report, "ok", false);
	if (!session->json) {
		backup_print_problems(carnet_json_get(report, "problems"));
		check_say_counts(session, report,
		    ok ? _("all as it was written") : _("damaged"));
		backup_say_remedy(
		    session, carnet_json_get(report, "problems"), path);
	}
	return session_result(session, report, ok ? EXIT_DONE : EXIT_DAMAGED);
}

static int
backup_run(struct session *session)
{
	const char *first = options_argument(session->options, 0);
	const char *second = options_argument(session->options, 1);
	const char *third = options_argument(session->options, 2);

	if (first == NULL)
		return session_usage(session, _("where to?"));
	if (strcmp(first, "list") == 0 && second != NULL)
		return backup_list(session, second);
	if (strcmp(first, "check") == 0 && second != NULL)
		return backup_check(session, second);
	if (strcmp(first, "forget") == 0 && second != NULL && third == NULL)
		return backup_forget(session, second);
	if (strcmp(first, "copy") == 0 && third != NULL)
		return backup_copy(session, second, third);
	if (second != NULL)
		return session_usage(session,
		    _("backup: DEST, list DEST, check DEST, forget DEST or "
		      "copy DEST DEST2"));
	return backup_make(session, first);
}

/* --- restore
 * --------------------------------------------------------------------- */

static int
restore_report(struct session *session, cJSON *report)
{
	bool hurt = cJSON_GetArraySize(carnet_json_get(report, "problems")) > 0;
	double documents = carnet_json_get(report, "documents")->valuedouble;

	backup_warn_forks(session, carnet_json_get(report, "forks"));
	if (!session->json) {
		backup_print_problems(carnet_json_get(report, "problems"));
		session_say(session,
		    PLURAL_("Restored to %s: %.0f document",
			"Restored to %s: %.0f documents", documents),
		    json_text(report, "vault"), documents);
		if (carnet_json_bool(report, "other_header", false))
			session_say(session,
			    _("It opens with what opened the vault when this "
			      "snapshot was made."));
	}
	return session_result(session, report, hurt ? EXIT_DAMAGED : EXIT_DONE);
}

static int
restore_run(struct session *session)
{
	const char *path = options_argument(session->options, 0);
	const char *snapshot = options_argument(session->options, 1);
	struct carnet_restore_options options = { .today = session->today,
		.to = option_text(session->options, "to"),
		.dry_run = session->dry_run,
		.progress = progress_set };
	struct carnet_backup *backup = NULL;
	struct secret *passphrase = NULL;
	struct progress *progress = NULL;
	cJSON *report = NULL;
	char *missing = NULL;
	int judged = -1;
	enum carnet_status status;

	if (path == NULL || options.to == NULL)
		return session_usage(session,
		    _("restore: from where, and --to which new folder?"));
	if (snapshot != NULL && strcmp(snapshot, "latest") != 0)
		options.snapshot = snapshot;
	status = session_guard_open(
	    session, options.to, false, false, &judged, &missing);
	free(missing);
	options.judged = &judged;
	if (status == CARNET_OK)
		status = backup_open(session, path, &backup);
	if (status == CARNET_OK && option_flag(session->options, "recover"))
		status = session_new_passphrase(
		    session, "new-passphrase", NULL, &passphrase);
	options.new_passphrase = passphrase;
	if (status == CARNET_OK) {
		progress = progress_start(session, _("Restoring"), 0);
		options.context = progress;
		status = carnet_backup_restore(
		    backup, &options, &report, &session->err);
		progress_stop(progress);
	}
	secret_free(passphrase);
	carnet_backup_close(backup);
	if (judged >= 0)
		(void)close(judged);
	if (status != CARNET_OK)
		return session_fail(session, path);
	return restore_report(session, report);
}

const struct verb verb_backup = { "backup",
	N_("DEST [--to-cloud] [--read-data] | list DEST | check DEST "
	   "[--read-data] | forget DEST [--keep-last N]… | copy DEST DEST2 "
	   "[--to-cloud]"),
	N_("an encrypted copy in a folder, a stick, another disk"),
	NEED_NOTHING, backup_options, backup_run,
	"carnet backup /media/usb/carnet" };
const struct verb verb_restore = { "restore",
	N_("DEST [SNAPSHOT] --to DIR [--recover]"),
	N_("makes a vault again from a backup"), NEED_NOTHING, restore_options,
	restore_run, "carnet restore /media/usb/carnet --to ~/carnet" };
