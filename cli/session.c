/* SPDX-License-Identifier: ISC */
/*
 * One run of a verb: opening the vault, reporting errors and results.  Knows
 * no verb; asking the guard: place.c.  The contract is in session.h.
 */
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "help.h"
#include "keyring.h"
#include "progress.h"

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
		session_say(&(struct session){ 0 }, _("hint: %s"), err->hint);
}

void
session_item_fail(
    struct session *session, const char *object, const struct carnet_error *err)
{
	if (!session->json)
		session_print_error(object, session, err);
}

/* False: no memory for it. */
static bool
session_print_json(FILE *file, const cJSON *json)
{
	char *text = cJSON_PrintUnformatted(json);

	if (text == NULL)
		return false;
	(void)fprintf(file, "%s\n", text);
	cJSON_free(text);
	return true;
}

int
session_fail(struct session *session, const char *object)
{
	return session_fail_with(session, object, NULL, NULL);
}

int
session_fail_with(struct session *session, const char *object, const char *key,
    const char *text)
{
	const struct carnet_error *err = &session->err;
	char message[1024];
	cJSON *outer, *inner;

	if (err->status == CARNET_NO_SPACE && err->hint[0] == '\0')
		carnet_hint(&session->err,
		    _("make room on that disk, then do the same again"));
	if (err->errno_value == EROFS && err->hint[0] == '\0')
		carnet_hint(&session->err,
		    _("that disk can only be read now; one that begins to "
		      "fail ends up so: copy what is on it to another"));
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
	if (key != NULL)
		json_add_text(inner, key, text);
	json_add(inner, "warnings", session->warnings);
	session->warnings = NULL;
	if (inner == NULL || !session_print_json(stderr, outer))
		(void)fprintf(stderr,
		    "{\"error\":{\"code\":\"%s\",\"message\":\"%s\","
		    "\"hint\":\"\"}}\n",
		    carnet_status_name(CARNET_NO_MEMORY),
		    "not enough memory, not even to say more");
	cJSON_Delete(outer);
	return session_exit_code(err->status);
}

int
session_usage(struct session *session, const char *message)
{
	struct carnet_error err = { 0 }; /* message may be session->err's */

	(void)carnet_fail(&err, CARNET_INVALID, "%s", message);
	session->err = err;
	if (session->verb != NULL)
		carnet_hint(&session->err, "carnet %s %s", session->verb->name,
		    help_arguments(session->verb));
	else
		carnet_hint(&session->err, "carnet help");
	(void)session_fail(session, NULL);
	return EXIT_USAGE;
}

int
session_end(struct session *session, int code)
{
	session->result_printed = true;
	if (session->vault != NULL && carnet_vault_is_damaged(session->vault))
		code = EXIT_DAMAGED;
	return code;
}

int
session_result(struct session *session, cJSON *result, int code)
{
	code = session_end(session, code);
	if (session->json &&
	    (result == NULL || !session_print_json(stdout, result))) {
		carnet_fail_errno(&session->err, ENOMEM, "carnet");
		code = session_fail(session, NULL);
	}
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
	session_say(
	    session, _("another carnet is writing there: waiting for it"));
	return true;
}

struct carnet_waiter
session_waiter(struct session *session)
{
	return (
	    struct carnet_waiter){ .context = session, .wait = session_wait };
}

struct secret *
session_kept_key(const struct session *session, const char *vault_id)
{
	if (vault_id[0] == '\0' || session->ask ||
	    session_has_secret(session) ||
	    option_flag(session->options, "key-file"))
		return NULL;
	return keyring_find(vault_id);
}

enum carnet_status
session_unlock(struct session *session, struct carnet_unlock *ret_unlock)
{
	enum carnet_status status;
	char id[33];

	memset(ret_unlock, 0, sizeof(*ret_unlock));
	status = carnet_vault_probe_id(session->vault_path, id, &session->err);
	if (status != CARNET_OK)
		return status;
	ret_unlock->master = session_kept_key(session, id);
	if (ret_unlock->master != NULL)
		return CARNET_OK;
	return session_unlock_with(session, ret_unlock);
}

enum carnet_status
session_unlock_with(struct session *session, struct carnet_unlock *ret_unlock)
{
	struct secret *secret = NULL;
	bool by_file = option_flag(session->options, "key-file");
	enum carnet_status status = by_file
					? session_key_file(session, &secret)
					: session_secret(session, "passphrase",
					      false, _("Passphrase"), &secret);

	if (status != CARNET_OK)
		return status;
	if (by_file)
		ret_unlock->keyfile = secret;
	else
		ret_unlock->passphrase = secret;
	return CARNET_OK;
}

void
session_unlock_free(struct carnet_unlock *unlock)
{
	secret_free((struct secret *)unlock->passphrase);
	secret_free((struct secret *)unlock->words);
	secret_free((struct secret *)unlock->keyfile);
	secret_free((struct secret *)unlock->master);
	memset(unlock, 0, sizeof(*unlock));
}

static enum carnet_status
session_open_with(struct session *session, enum carnet_access access,
    const struct carnet_unlock *unlock)
{
	struct carnet_waiter waiter = session_waiter(session);
	struct progress *progress =
	    progress_start(session, _("Building the index"), 0);
	enum carnet_status status;

	waiter.progress = progress_set;
	waiter.progress_context = progress;
	status = carnet_vault_open(session->vault_path, unlock, access, &waiter,
	    &session->vault, &session->err);
	progress_stop(progress);
	return status;
}

static void
session_warn_not_noted(struct session *session)
{
	session_warn(session,
	    _("nothing can be written into the vault now (%s): what this "
	      "command does is not noted in its ledger"),
	    session->err.message);
}

/* Asked for the secret once, however often it is opened. */
static enum carnet_status
session_open(
    struct session *session, enum carnet_access access, bool or_to_read)
{
	struct carnet_unlock unlock;
	const cJSON *warning;
	enum carnet_status status = session_unlock(session, &unlock);

	if (status == CARNET_OK)
		status = session_open_with(session, access, &unlock);
	if (status != CARNET_OK && or_to_read &&
	    carnet_is_unwritable(&session->err)) {
		session_warn_not_noted(session);
		status = session_open_with(session, CARNET_READ, &unlock);
	}
	session_unlock_free(&unlock);
	if (status != CARNET_OK)
		return status;
	cJSON_ArrayForEach(warning, carnet_vault_warnings(session->vault))
	    session_warn(session, "%s", warning->valuestring);
	return CARNET_OK;
}

enum carnet_status
session_open_vault(struct session *session, enum carnet_access access)
{
	return session_open(session, access, false);
}

enum carnet_status
session_open_to_note(struct session *session)
{
	return session_open(session, CARNET_WRITE, true);
}

enum carnet_status
session_note(struct session *session, const char *kind, cJSON *payload)
{
	enum carnet_status status;

	if (!carnet_vault_is_for_writing(session->vault)) {
		cJSON_Delete(payload); /* as was said when it was opened */
		return CARNET_OK;
	}
	status = carnet_queue(
	    session->vault, kind, session->today, payload, NULL, &session->err);
	if (status == CARNET_OK)
		status = carnet_commit(session->vault, &session->err);
	if (status == CARNET_OK || !carnet_is_unwritable(&session->err))
		return status;
	session_warn_not_noted(session);
	return CARNET_OK;
}

bool
session_names_person(const struct session *session)
{
	const char *env = getenv("CARNET_PERSON");

	return option_text(session->options, "person") != NULL ||
	       (env != NULL && env[0] != '\0');
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
