/* SPDX-License-Identifier: ISC */
/*
 * One run of a verb: opening the vault, asking the guard, reporting errors
 * and results.  Knows no verb.  The contract is in session.h.
 */
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guard.h"
#include "keyring.h"

static const struct {
	enum carnet_status status;
	int exit;
} session_exits[] = {
	{ CARNET_OK, EXIT_DONE },
	{ CARNET_INVALID, EXIT_FAILED },
	{ CARNET_NO_VAULT, EXIT_NO_VAULT },
	{ CARNET_LOCKED, EXIT_LOCKED },
	{ CARNET_WRONG_KEY, EXIT_WRONG_KEY },
	{ CARNET_GUARD, EXIT_GUARD },
	{ CARNET_DAMAGED, EXIT_DAMAGED },
	{ CARNET_INTERRUPTED, EXIT_INTERRUPTED },
};

int
session_exit_code(enum carnet_status status)
{
	for (size_t i = 0; i < sizeof(session_exits) / sizeof(session_exits[0]);
	     i++)
		if (session_exits[i].status == status)
			return session_exits[i].exit;
	return EXIT_FAILED;
}

static void
session_print_error(const char *object, const struct session *session,
    const struct carnet_error *err)
{
	char line[2048];

	(void)snprintf(line, sizeof(line), "carnet: %s%s%s%s%s",
	    session->verb == NULL ? "" : session->verb->name,
	    session->verb == NULL ? "" : ": ", object == NULL ? "" : object,
	    object == NULL ? "" : ": ", err->message);
	session_say(&(struct session){ 0 }, "%s", line);
	if (err->hint[0] != '\0')
		session_say(
		    &(struct session){ 0 }, "%s: %s", _("hint"), err->hint);
}

void
session_item_fail(
    struct session *session, const char *object, const struct carnet_error *err)
{
	if (!session->json)
		session_print_error(object, session, err);
}

static void
session_print_json(FILE *file, const cJSON *json)
{
	char *text = cJSON_PrintUnformatted(json);

	if (text != NULL)
		(void)fprintf(file, "%s\n", text);
	cJSON_free(text);
}

int
session_fail(struct session *session, const char *object)
{
	const struct carnet_error *err = &session->err;
	char message[1024];
	cJSON *outer, *inner;

	if (!session->json) {
		session_print_error(object, session, err);
		return session_exit_code(err->status);
	}
	(void)snprintf(message, sizeof(message), "%s%s%s",
	    object == NULL ? "" : object, object == NULL ? "" : ": ",
	    err->message);
	outer = cJSON_CreateObject();
	inner = cJSON_AddObjectToObject(outer, "error");
	json_add_text(inner, "code", carnet_status_name(err->status));
	json_add_text(inner, "message", message);
	json_add_text(inner, "hint", err->hint);
	session_print_json(stderr, outer);
	cJSON_Delete(outer);
	return session_exit_code(err->status);
}

int
session_usage(struct session *session, const char *message)
{
	carnet_fail(&session->err, CARNET_INVALID, "%s", message);
	if (session->verb != NULL)
		carnet_hint(&session->err, "carnet %s %s", session->verb->name,
		    session->verb->arguments);
	else
		carnet_hint(&session->err, "carnet help");
	(void)session_fail(session, NULL);
	return EXIT_USAGE;
}

int
session_result(struct session *session, cJSON *result, int code)
{
	if (session->vault != NULL && carnet_vault_is_damaged(session->vault))
		code = EXIT_DAMAGED;
	if (session->json && result != NULL)
		session_print_json(stdout, result);
	session->result_printed = true;
	cJSON_Delete(result);
	return code;
}

/* --- opening
 * -------------------------------------------------------------------- */

static bool
session_wait(void *context)
{
	struct session *session = context;

	if (session->no_wait)
		return false;
	session_say(session,
	    _("another carnet is writing to this vault: waiting for it"));
	return true;
}

struct carnet_waiter
session_waiter(struct session *session)
{
	return (struct carnet_waiter){ session, session_wait };
}

enum carnet_status
session_unlock(struct session *session, struct carnet_unlock *ret_unlock)
{
	struct secret *passphrase = NULL;
	enum carnet_status status;
	char id[33];

	memset(ret_unlock, 0, sizeof(*ret_unlock));
	status = carnet_vault_probe_id(session->vault_path, id, &session->err);
	if (status != CARNET_OK)
		return status;
	if (!session->ask && !session_names_secret(session))
		ret_unlock->master = keyring_find(id);
	if (ret_unlock->master != NULL)
		return CARNET_OK;
	status = session_secret(
	    session, "passphrase", false, _("Passphrase"), &passphrase);
	if (status == CARNET_OK)
		ret_unlock->passphrase = passphrase;
	return status;
}

void
session_unlock_free(struct carnet_unlock *unlock)
{
	secret_free((struct secret *)unlock->passphrase);
	secret_free((struct secret *)unlock->words);
	secret_free((struct secret *)unlock->master);
	memset(unlock, 0, sizeof(*unlock));
}

enum carnet_status
session_open_vault(struct session *session, enum carnet_access access)
{
	struct carnet_waiter waiter = session_waiter(session);
	struct carnet_unlock unlock;
	const cJSON *warning;
	enum carnet_status status = session_unlock(session, &unlock);

	if (status == CARNET_OK)
		status = carnet_vault_open(session->vault_path, &unlock, access,
		    &waiter, &session->vault, &session->err);
	session_unlock_free(&unlock);
	if (status != CARNET_OK)
		return status;
	cJSON_ArrayForEach(warning, carnet_vault_warnings(session->vault))
	    session_warn(session, "%s", warning->valuestring);
	return CARNET_OK;
}

enum carnet_status
session_person(struct session *session)
{
	const char *name = option_text(session->options, "person");

	if (name == NULL)
		name = getenv("CARNET_PERSON");
	return carnet_person_find(
	    session->vault, name, session->person, &session->err);
}

enum carnet_status
session_letters(struct session *session)
{
	if (session->letters != NULL)
		return CARNET_OK;
	return letters_load(&session->letters, &session->err);
}

/* --- the guard
 * ------------------------------------------------------------------- */

/* The paths that the ledger trusts; the array's texts are the view's. */
static const char **
session_trusted(struct session *session, cJSON **ret_places, size_t *ret_len)
{
	const char **paths = NULL;
	const cJSON *place;
	size_t len = 0;

	if (session->vault == NULL ||
	    carnet_places(session->vault, ret_places, NULL) != CARNET_OK)
		return NULL;
	paths =
	    calloc((size_t)cJSON_GetArraySize(*ret_places) + 1, sizeof(*paths));
	if (paths == NULL)
		return NULL;
	cJSON_ArrayForEach(place, *ret_places) paths[len++] =
	    json_text(place, "path");
	*ret_len = len;
	return paths;
}

static enum carnet_status
session_judge(struct session *session, const struct guard_place *place,
    bool plain, bool to_cloud)
{
	const char *verdict = guard_verdict_name(place->verdict);

	if (place->verdict == GUARD_UNKNOWN) {
		session_warn(session,
		    _("%s: carnet can't tell who else sees this place (%s)"),
		    place->path, place->evidence);
		return CARNET_OK;
	}
	if (place->verdict != GUARD_CLOUD && place->verdict != GUARD_REMOTE)
		return CARNET_OK;
	if (!plain && to_cloud)
		return CARNET_OK;
	carnet_fail(&session->err, CARNET_GUARD,
	    _("%s: others would see it: %s%s%s (%s)"), place->path, verdict,
	    place->provider[0] == '\0' ? "" : ", ", place->provider,
	    place->evidence);
	carnet_hint(&session->err, "%s",
	    plain ? _("choose a folder on this machine's own disk")
		  : _("an encrypted backup may go there: say --to-cloud"));
	return CARNET_GUARD;
}

enum carnet_status
session_guard(
    struct session *session, const char *path, bool plain, bool to_cloud)
{
	struct guard_surroundings surroundings = { 0 };
	struct guard_place place;
	cJSON *places = NULL;
	char *missing = NULL;
	const char **trusted;
	enum carnet_status status;
	int fd = -1;

	status = guard_open_nearest(path, &fd, &missing, &session->err);
	if (status != CARNET_OK)
		return status;
	trusted = session_trusted(session, &places, &surroundings.trusted_len);
	surroundings.trusted = trusted;
	status = guard_judge(fd, &surroundings, &place, &session->err);
	if (status == CARNET_OK)
		status = session_judge(session, &place, plain, to_cloud);
	free(trusted);
	cJSON_Delete(places);
	free(missing);
	(void)close(fd);
	return status;
}
