/* SPDX-License-Identifier: ISC */
/*
 * guard: who else would see a place, and which places a person trusts.
 * Works without a vault; a vault is opened only if something could be
 * trusted and its secret is at hand.  Looking for files: scan.c.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "add_walk.h"
#include "place.h"
#include "scan.h"
#include "verbs.h"

#define GUARD_REASON_MAX 2000

static const struct option_row guard_options[] = {
	{ "reason", OPTION_TEXT, "TEXT",
	    N_("why this place is trusted (trust); kept in the ledger") },
	{ "adopt", OPTION_FLAG, NULL,
	    N_("store what is found, and remove it there (scan)") },
	OPTIONS_END
};

/* One question: the folder that is judged, and what to call it. */
struct guard_question {
	char path[2 * PATH_MAX]; /* as answered */
	struct guard_place place;
};

/* --- judging ----------------------------------------------------------------
 */

static void
guard_cannot_tell(struct guard_question *question, const char *path,
    const struct carnet_error *err)
{
	memset(&question->place, 0, sizeof(question->place));
	question->place.verdict = GUARD_UNKNOWN;
	(void)snprintf(question->path, sizeof(question->path), "%s", path);
	(void)snprintf(question->place.evidence,
	    sizeof(question->place.evidence), "%s", err->message);
}

static bool
guard_is_file(const char *path)
{
	struct stat seen;

	return stat(path, &seen) == 0 && !S_ISDIR(seen.st_mode);
}

/* The folder `path`, or the nearest above it. */
static enum carnet_status
guard_ask_folder(
    struct session *session, const char *path, struct guard_question *question)
{
	char *missing = NULL;
	enum carnet_status status;
	int fd = -1;

	status = guard_open_nearest(path, &fd, &missing, &session->err);
	if (status != CARNET_OK)
		return status;
	status = place_judge(session, fd, &question->place);
	(void)close(fd);
	if (status == CARNET_OK)
		(void)snprintf(question->path, sizeof(question->path), "%s%s%s",
		    question->place.path,
		    missing[0] == '\0' || strcmp(question->place.path, "/") == 0
			? ""
			: "/",
		    missing);
	free(missing);
	return status;
}

/* A file: the folder its name stands in, and the one it lies in. */
static enum carnet_status
guard_ask_file(
    struct session *session, const char *path, struct guard_question *question)
{
	char named[PATH_MAX], real[PATH_MAX];
	const char *const paths[] = { named, real };
	enum carnet_status status = CARNET_OK;

	(void)snprintf(named, sizeof(named), "%s", path);
	if (realpath(path, real) == NULL)
		return carnet_fail_errno(&session->err, errno, "%s", path);
	for (size_t i = 0; i < 2 && status == CARNET_OK; i++) {
		struct guard_question one;
		char *slash = strrchr(paths[i], '/');
		const char *folder = slash == NULL ? "." : paths[i];

		if (slash != NULL)
			slash[slash == paths[i] ? 1 : 0] = '\0';
		status = guard_ask_folder(session, folder, &one);
		if (status == CARNET_OK &&
		    (i == 0 || one.place.verdict > question->place.verdict))
			*question = one;
	}
	if (status == CARNET_OK && realpath(path, real) != NULL)
		(void)snprintf(
		    question->path, sizeof(question->path), "%s", real);
	return status;
}

static void
guard_ask(
    struct session *session, const char *path, struct guard_question *question)
{
	enum carnet_status status =
	    guard_is_file(path) ? guard_ask_file(session, path, question)
				: guard_ask_folder(session, path, question);

	if (status != CARNET_OK)
		guard_cannot_tell(question, path, &session->err);
}

/* --- trust that is kept in a vault ------------------------------------------
 */

/* True once the vault is open: then its trusted places are known. */
static bool
guard_open_vault(struct session *session)
{
	if (session->vault != NULL)
		return true;
	if (carnet_vault_probe(session->vault_path, NULL) != CARNET_OK)
		return false;
	if (!session_has_secret(session)) {
		session_say(session,
		    _("places that you trust are kept in the vault: give its "
		      "passphrase (--passphrase-file FILE) to have them count "
		      "here"));
		return false;
	}
	if (session_open_vault(session, CARNET_READ) == CARNET_OK)
		return true;
	session_warn(session,
	    _("the vault doesn't open, so places that you trust don't count: "
	      "%s"),
	    session->err.message);
	return false;
}

/* --- answering --------------------------------------------------------------
 */

static cJSON *
guard_row(const struct guard_question *question)
{
	const struct guard_place *place = &question->place;
	cJSON *row = cJSON_CreateObject();
	char path[2 * PATH_MAX];

	text_valid_utf8(question->path, path, sizeof(path));
	json_add_text(row, "path", path);
	json_add_text(row, "verdict", guard_verdict_name(place->verdict));
	json_add_text(row, "provider",
	    place->provider[0] == '\0' ? NULL : place->provider);
	json_add_text(row, "evidence", place->evidence);
	return row;
}

static const char *
guard_meaning(enum guard_verdict verdict)
{
	switch (verdict) {
	case GUARD_CLOUD:
		return _("a provider gets what is put here");
	case GUARD_REMOTE:
		return _("another machine holds what is put here");
	case GUARD_OWN:
		return _("a place that you trust");
	case GUARD_LOCAL:
		return _("nobody else that carnet knows of");
	case GUARD_UNKNOWN:
	default:
		return _("carnet can't tell who else sees it");
	}
}

static void
guard_print(const struct guard_question *question)
{
	const struct guard_place *place = &question->place;
	char path[2 * PATH_MAX], verdict[400];

	text_valid_utf8(question->path, path, sizeof(path));
	for (char *at = path; *at != '\0'; at++)
		if (*at == '\n' || *at == '\t') /* one path, one line */
			*at = '?';
	print_line("%s", path);
	(void)snprintf(verdict, sizeof(verdict), "  %s%s%.200s",
	    print_word(guard_verdict_name(place->verdict)),
	    place->provider[0] == '\0' ? "" : ", ", place->provider);
	print_line(_("%s: %s"), verdict, guard_meaning(place->verdict));
	print_entry(2, "", place->evidence);
}

int
guard_exit_code(enum guard_verdict worst)
{
	switch (worst) {
	case GUARD_CLOUD:
	case GUARD_REMOTE:
		return EXIT_GUARD;
	case GUARD_UNKNOWN:
		return EXIT_FINDINGS;
	case GUARD_LOCAL:
	case GUARD_OWN:
	default:
		return EXIT_DONE;
	}
}

/* The vault's place, the home, the folder one stands in. */
static size_t
guard_default_paths(struct session *session, const char *paths[3])
{
	const char *home = getenv("HOME");
	size_t len = 0;

	paths[len++] = session->vault_path;
	if (home != NULL && home[0] == '/')
		paths[len++] = home;
	paths[len++] = ".";
	return len;
}

/* Judges all of them; the same folder once. */
static int
guard_places(struct session *session, const char *const *paths, size_t len)
{
	struct guard_question *questions = calloc(len, sizeof(*questions));
	enum guard_verdict worst = GUARD_LOCAL;
	cJSON *result, *places;
	bool again = false;

	if (questions == NULL) {
		carnet_fail_errno(&session->err, ENOMEM, "carnet");
		return session_fail(session, NULL);
	}
	for (size_t i = 0; i < len; i++) {
		guard_ask(session, paths[i], &questions[i]);
		again = again || questions[i].place.verdict > GUARD_OWN;
	}
	if (again && guard_open_vault(session))
		for (size_t i = 0; i < len; i++)
			guard_ask(session, paths[i], &questions[i]);
	result = cJSON_CreateObject();
	places = cJSON_AddArrayToObject(result, "places");
	for (size_t i = 0; i < len; i++) {
		bool said = false;

		for (size_t j = 0; j < i; j++)
			said |=
			    strcmp(questions[i].path, questions[j].path) == 0;
		if (said)
			continue;
		(void)cJSON_AddItemToArray(places, guard_row(&questions[i]));
		if (!session->json)
			guard_print(&questions[i]);
		if (questions[i].place.verdict > worst)
			worst = questions[i].place.verdict;
	}
	free(questions);
	return session_result(session, result, guard_exit_code(worst));
}

/* --- trusting ---------------------------------------------------------------
 */

static enum carnet_status
guard_write_trust(struct session *session, const char *path, const char *reason)
{
	cJSON *payload = cJSON_CreateObject();

	json_add_text(payload, "path", path);
	json_add_text(payload, "reason", reason);
	if (carnet_queue(session->vault, "place.trusted", session->today,
		payload, NULL, &session->err) != CARNET_OK)
		return session->err.status;
	return carnet_commit(session->vault, &session->err);
}

/* What the person should know before others rely on it. */
static void
guard_warn_trust(struct session *session, const struct guard_place *place)
{
	if (place->verdict == GUARD_LOCAL)
		session_say(session,
		    _("nobody else that carnet knows of sees this place: it "
		      "needs no trust"));
	else if (place->provider[0] != '\0' &&
		 !guard_provider_is_own(place->provider))
		session_warn(session,
		    _("%s keeps what is there on its own machines: whoever "
		      "runs them can read plain files"),
		    place->provider);
}

static int
guard_trust(struct session *session)
{
	const char *path = options_argument(session->options, 1);
	const char *reason = option_text(session->options, "reason");
	struct guard_question question;
	cJSON *result;
	enum carnet_status status;

	if (path == NULL || options_argument(session->options, 2) != NULL)
		return session_usage(session, _("trust which folder?"));
	if (reason == NULL || reason[strspn(reason, " \t\n")] == '\0' ||
	    strlen(reason) > GUARD_REASON_MAX)
		return session_usage(
		    session, _("why is it trusted? --reason TEXT"));
	status = session_open_vault(
	    session, session->dry_run ? CARNET_READ : CARNET_WRITE);
	if (status == CARNET_OK && access(path, F_OK) != 0)
		status = carnet_fail_errno(&session->err, errno, "%s", path);
	if (status == CARNET_OK)
		status = guard_ask_folder(session, path, &question);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	guard_warn_trust(session, &question.place);
	if (session->dry_run) {
		session_say(session, _("Would trust %s"), question.path);
		return session_end(session, EXIT_DONE);
	}
	status = guard_write_trust(session, question.path, reason);
	if (status == CARNET_OK)
		status = guard_ask_folder(session, path, &question);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	if (!session->json)
		guard_print(&question);
	result = cJSON_CreateObject();
	(void)cJSON_AddItemToArray(
	    cJSON_AddArrayToObject(result, "places"), guard_row(&question));
	json_add_text(result, "reason", reason);
	return session_result(session, result, EXIT_DONE);
}

static int
guard_run(struct session *session)
{
	const struct options *options = session->options;
	const char *first = options_argument(options, 0);
	size_t len = options_argc(options);
	const char *defaults[3];
	const char **paths;
	int code;

	if (first != NULL && strcmp(first, "trust") == 0)
		return guard_trust(session);
	if (first != NULL && strcmp(first, "scan") == 0)
		return scan_run(session);
	if (option_flag(options, "reason") || option_flag(options, "adopt"))
		return session_usage(
		    session, _("--reason goes with trust, --adopt with scan"));
	if (len == 0) {
		len = guard_default_paths(session, defaults);
		return guard_places(session, defaults, len);
	}
	paths = calloc(len, sizeof(*paths));
	if (paths == NULL) {
		carnet_fail_errno(&session->err, ENOMEM, "carnet");
		return session_fail(session, NULL);
	}
	for (size_t i = 0; i < len; i++)
		paths[i] = options_argument(options, i);
	code = guard_places(session, paths, len);
	free(paths);
	return code;
}

const struct verb verb_guard = { "guard",
	N_("[PATH…] | scan DIR [--adopt] | trust PATH --reason TEXT"),
	N_("who else would see a place; health files in the cloud"),
	NEED_NOTHING, guard_options, guard_run, "carnet guard ~/Documents" };
