/* SPDX-License-Identifier: ISC */
/*
 * sign: a minisign signature beside a file, by the person's own key.  Checks
 * nothing; `carnet verify` and `minisign -V` do.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "record.h"
#include "verbs.h"

static const struct option_row sign_options[] = { OPTIONS_END };

/* What was signed, by its name and its digest: a signature leaves, too. */
static enum carnet_status
sign_disclose(struct session *session, const char *name, const char *sha256)
{
	cJSON *payload = cJSON_CreateObject();

	json_add_text(payload, "what", "signature");
	json_add(payload, "ids", cJSON_CreateArray());
	json_add_text(payload, "format", "minisig");
	json_add_text(payload, "name", name);
	json_add_text(payload, "sha256", sha256);
	if (carnet_queue(session->vault, "export.made", session->today, payload,
		NULL, &session->err) != CARNET_OK)
		return session->err.status;
	return carnet_commit(session->vault, &session->err);
}

/* The signature gets its name last: none without its event. */
static enum carnet_status
sign_write(struct session *session, int dir_fd, const char *name,
    const char *sha256, const char *text)
{
	struct carnet_error *err = &session->err;
	struct output *output = NULL;
	char signature[300];
	enum carnet_status status;

	(void)snprintf(
	    signature, sizeof(signature), "%s%s", name, SIGNATURE_ENDING);
	if (faccessat(dir_fd, signature, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return carnet_fail(err, CARNET_EXISTS,
		    CARNET_("%s is there already"), signature);
	status = output_begin(dir_fd, signature, &output, err);
	if (status != CARNET_OK)
		return status;
	(void)output_more(output, (const uint8_t *)text, strlen(text));
	status = output_settle(output, err);
	if (status == CARNET_OK)
		status = sign_disclose(session, name, sha256);
	if (status == CARNET_OK)
		return output_end(output, err);
	output_abandon(output);
	return status;
}

static enum carnet_status
sign_file(
    struct session *session, const char *path, char ret_key[CARNET_SIGNER_TEXT])
{
	uint8_t digest[64];
	char trusted[300], sha256[65], *text = NULL;
	const char *name = NULL;
	int dir_fd = -1;
	enum carnet_status status =
	    session_guard_file(session, path, &dir_fd, &name);

	if (status != CARNET_OK)
		return status;
	status = record_hash_file(dir_fd, name, sha256, digest, &session->err);
	(void)snprintf(trusted, sizeof(trusted), "file:%s", name);
	if (status == CARNET_OK)
		status = carnet_signer(
		    session->vault, session->person, ret_key, &session->err);
	if (status == CARNET_OK)
		status = carnet_sign(session->vault, session->person, digest,
		    "signature by carnet", trusted, &text, &session->err);
	if (status == CARNET_OK && !session->dry_run)
		status = sign_write(session, dir_fd, name, sha256, text);
	free(text);
	output_close_folder(dir_fd);
	return status;
}

static int
sign_run(struct session *session)
{
	const char *path = options_argument(session->options, 0);
	char signature[4096], key[CARNET_SIGNER_TEXT];
	enum carnet_status status;
	cJSON *result;

	if (options_argc(session->options) != 1)
		return session_usage(session, _("sign one file"));
	(void)snprintf(
	    signature, sizeof(signature), "%s%s", path, SIGNATURE_ENDING);
	status = session_person(session);
	if (status == CARNET_OK)
		status = sign_file(session, path, key);
	if (status != CARNET_OK)
		return session_fail(session, path);
	result = cJSON_CreateObject();
	json_add_text(result, "file", path);
	json_add_text(result, "signature", signature);
	json_add_text(result, "public_key", key);
	if (!session->json && !session->dry_run) {
		session_say(session, _("Signed: %s"), signature);
		print_line("carnet verify %s --key %s", path, key);
	}
	return session_result(session, result, EXIT_DONE);
}

const struct verb verb_sign = { "sign", N_("FILE"),
	N_("a signature beside a file, which minisign checks too"), NEED_WRITE,
	sign_options, sign_run, "carnet sign lettre.pdf" };
