/* SPDX-License-Identifier: ISC */
/*
 * key add keyfile, key add shares: ways in beside passphrase and words.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "key.h"
#include "keyfile.h"
#include "output.h"
#include "recovery_sheet.h"
#include "shown_once.h"

/* A new key file, where the guard looked; opened. */
static enum carnet_status
key_make_file(struct session *session, const char *path, int *ret_fd)
{
	const char *name = NULL;
	struct secret *text = NULL;
	int dir_fd = -1;
	enum carnet_status status =
	    session_guard_file(session, path, &dir_fd, &name);

	if (status != CARNET_OK)
		return status;
	text = keyfile_random();
	status = text == NULL
		     ? carnet_fail_errno(&session->err, ENOMEM, "%s", path)
		     : output_file_at(dir_fd, name, secret_peek(text),
			   secret_len(text), &session->err);
	secret_free(text);
	if (status == CARNET_OK)
		*ret_fd = openat(
		    dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
	if (status == CARNET_OK && *ret_fd < 0)
		status = carnet_fail_errno(&session->err, errno, "%s", path);
	output_close_folder(dir_fd);
	return status;
}

/* One that is there, wherever its name leads, if nobody else sees that
 * place: a copy in a cloud would open what lies beside it. */
static enum carnet_status
key_open_file(struct session *session, const char *path, int *ret_fd)
{
	char *real = realpath(path, NULL);
	const char *name = NULL;
	int dir_fd = -1;
	enum carnet_status status;

	if (real == NULL)
		return carnet_fail_errno(&session->err, errno, "%s", path);
	status = session_guard_file(session, real, &dir_fd, &name);
	if (status == CARNET_OK) {
		*ret_fd = openat(
		    dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
		if (*ret_fd < 0)
			status =
			    carnet_fail_errno(&session->err, errno, "%s", path);
		(void)close(dir_fd);
	}
	free(real);
	return status;
}

/* Makes the file if there is none, and writes to no other; then reads it as
 * `--key-file` will. */
static enum carnet_status
key_take_file(struct session *session, const char *path,
    struct secret **ret_key, bool *ret_made)
{
	struct stat info;
	int fd = -1;
	enum carnet_status status;

	*ret_made = lstat(path, &info) != 0 && errno == ENOENT;
	status = *ret_made ? key_make_file(session, path, &fd)
			   : key_open_file(session, path, &fd);
	if (status != CARNET_OK)
		return status;
	status = key_file_check(session, fd, path);
	if (status == CARNET_OK)
		status = keyfile_read(fd, ret_key, &session->err);
	(void)close(fd);
	return status;
}

int
key_add_keyfile(struct session *session)
{
	const char *path = options_argument(session->options, 2);
	struct secret *key = NULL;
	char slot[CARNET_ID_TEXT];
	bool made = false;
	enum carnet_status status;

	if (path == NULL)
		return session_usage(
		    session, _("key add keyfile: which file?"));
	status = key_open(session, false);
	if (status == CARNET_OK)
		status = key_take_file(session, path, &key, &made);
	if (status == CARNET_OK)
		status = carnet_key_add_keyfile(
		    session->vault, key, session->today, slot, &session->err);
	secret_free(key);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	if (!session->json && made)
		session_say(session, _("Key file made: %s"), path);
	if (!session->json)
		session_say(session,
		    _("Whoever has this file can open the vault; if one byte "
		      "of it changes, nobody can with it."));
	return key_report(session, slot, _("Key file added"));
}

/* --- shares --------------------------------------------------------------- */

/* "carnet-share-2: abcd efgh…" as the words of a sheet: its groups. */
static cJSON *
key_share_groups(const char *text)
{
	struct shown_once groups = { .len = 0 };
	const char *behind = strchr(text, ' '); /* the number */

	if (behind != NULL)
		shown_once_split(&groups, behind + 1, strlen(behind + 1));
	return shown_once_json(&groups);
}

/* Where the guard looked. */
struct key_folder {
	int judged;
	char *missing;
};

/* A sheet to print for each share, in a new folder. */
static enum carnet_status
key_write_shares(struct session *session, const struct key_folder *folder,
    char (*texts)[CARNET_SHARE_TEXT], unsigned count, unsigned need)
{
	enum carnet_status status = CARNET_OK;
	int dir_fd = -1;

	status = output_folder_at(
	    folder->judged, folder->missing, &dir_fd, &session->err);
	for (unsigned i = 0; i < count && status == CARNET_OK; i++) {
		cJSON *groups = key_share_groups(texts[i]);

		status = recovery_sheet_share(
		    session, dir_fd, texts[i], groups, i + 1, need, count);
		cJSON_Delete(groups);
	}
	if (dir_fd >= 0)
		output_close_folder(dir_fd);
	return status;
}

static int
key_report_shares(struct session *session, const char *slot,
    const struct key_folder *judged, char (*texts)[CARNET_SHARE_TEXT],
    unsigned count, unsigned need)
{
	const char *folder = option_text(session->options, "output");
	cJSON *result = cJSON_CreateObject();
	struct shown_once once = { .len = 0 };
	int code = EXIT_DONE;

	for (unsigned i = 0; i < count; i++)
		shown_once_add(&once, texts[i], strlen(texts[i]));
	json_add_text(result, "id", slot);
	json_add_number(result, "need", need);
	json_add_number(result, "of", count);
	json_add(result, "shares", shown_once_json(&once));
	if (folder != NULL && key_write_shares(session, judged, texts, count,
				  need) != CARNET_OK) {
		/* the slot is there: show the shares rather than lose them */
		session_item_fail(session, folder, &session->err);
		folder = NULL;
		code = EXIT_PARTIAL;
	}
	if (!session->json && folder == NULL)
		shown_once_print(&once, false);
	if (!session->json && folder != NULL)
		session_say(
		    session, _("%u sheets to print in %s"), count, folder);
	if (!session->json)
		session_say(session,
		    _("Any %u of them open the vault (carnet key recover). "
		      "Give each to someone else."),
		    need);
	return shown_once_result(session, result, "shares", &once, code);
}

int
key_add_shares(struct session *session)
{
	int64_t count = option_number(session->options, "of", 0);
	int64_t need = option_number(session->options, "need", 0);
	const char *folder = option_text(session->options, "output");
	char texts[CARNET_SHARES_MAX][CARNET_SHARE_TEXT];
	struct key_folder judged = { -1, NULL };
	char slot[CARNET_ID_TEXT];
	enum carnet_status status = CARNET_OK;
	int code;

	if (need < 2 || need > count || count > CARNET_SHARES_MAX)
		return session_usage(session,
		    _("key add shares --of N --need K: K from 2 to N, N at "
		      "most 16"));
	if (folder != NULL)
		status = session_guard_open(session, folder, true, false,
		    &judged.judged, &judged.missing);
	if (status == CARNET_OK)
		status = key_open(session, false);
	if (status == CARNET_OK)
		status = carnet_key_add_shares(session->vault, (unsigned)need,
		    (unsigned)count, session->today, texts, slot,
		    &session->err);
	code = status == CARNET_OK ? key_report_shares(session, slot, &judged,
					 texts, (unsigned)count, (unsigned)need)
				   : session_fail(session, NULL);
	free(judged.missing);
	if (judged.judged >= 0)
		(void)close(judged.judged);
	sodium_memzero(texts, sizeof(texts));
	return code;
}
