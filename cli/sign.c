/* SPDX-License-Identifier: ISC */
/*
 * sign: a minisign signature beside a file, by the person's own key.  Checks
 * nothing; `carnet verify` and `minisign -V` do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "record.h"
#include "verbs.h"

static const struct option_row sign_options[] = { OPTIONS_END };

static enum carnet_status
sign_file(
    struct session *session, const char *path, char ret_key[CARNET_SIGNER_TEXT])
{
	uint8_t digest[64];
	char signature_name[300], trusted[300], *text = NULL;
	const char *name = NULL;
	int dir_fd = -1;
	enum carnet_status status =
	    session_guard_file(session, path, &dir_fd, &name);

	if (status != CARNET_OK)
		return status;
	status = record_hash_file(dir_fd, name, NULL, digest, &session->err);
	(void)snprintf(trusted, sizeof(trusted), "file:%s", name);
	if (status == CARNET_OK)
		status = carnet_signer(
		    session->vault, session->person, ret_key, &session->err);
	if (status == CARNET_OK)
		status = carnet_sign(session->vault, session->person, digest,
		    "signature by carnet", trusted, &text, &session->err);
	(void)snprintf(signature_name, sizeof(signature_name), "%s%s", name,
	    SIGNATURE_ENDING);
	if (status == CARNET_OK && !session->dry_run)
		status = output_file_at(
		    dir_fd, signature_name, text, strlen(text), &session->err);
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
	N_("a signature beside a file, which minisign checks too"), NEED_READ,
	sign_options, sign_run, "carnet sign lettre.pdf" };
