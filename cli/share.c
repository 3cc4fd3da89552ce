/* SPDX-License-Identifier: ISC */
/*
 * share: documents for one other person, in one age file.  One document as
 * it is, several in a tar archive.  No plain copy touches the disk: what the
 * vault gives is sealed before it is written.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "age.h"
#include "file_name.h"
#include "output.h"
#include "tar.h"
#include "verbs.h"

static const struct option_row share_options[] = {
	{ "to", OPTION_LIST, "age1…",
	    N_("the recipient's public key; may be given several times") },
	{ "passphrase", OPTION_FLAG, NULL,
	    N_("a passphrase of its own instead: asked, or "
	       "--new-passphrase-file") },
	{ "output", OPTION_TEXT, "FILE.age", N_("the new file (-o FILE.age)") },
	OPTIONS_END
};

struct share {
	struct session *session;
	cJSON *documents; /* whole rows */
	uint8_t *recipients;
	size_t recipients_len;
	struct secret *passphrase;
	struct output *output;
	struct age_writer *writer;
};

static bool
share_sink(void *context, const uint8_t *bytes, size_t len)
{
	struct share *share = context;

	return output_more(share->output, bytes, len);
}

static bool
share_piece(void *context, const uint8_t *bytes, size_t len)
{
	struct share *share = context;

	return age_write_more(share->writer, bytes, len, NULL) == CARNET_OK;
}

/* The family's data make bad passphrases, here too. */
static enum carnet_status
share_passphrase(struct share *share)
{
	struct session *session = share->session;
	cJSON *persons = NULL;
	enum carnet_status status;

	(void)carnet_persons(session->vault, &persons, NULL);
	status = session_file_passphrase(session, persons, &share->passphrase);
	cJSON_Delete(persons);
	return status;
}

/* Keys of --to, or the file's own passphrase. */
static enum carnet_status
share_to_whom(struct share *share)
{
	struct session *session = share->session;
	size_t count = option_count(session->options, "to");

	if (count == 0)
		return share_passphrase(share);
	share->recipients = calloc(count, AGE_PUBLIC_LEN);
	for (size_t i = 0; i < count; i++) {
		if (share->recipients == NULL ||
		    age_recipient_parse(option_item(session->options, "to", i),
			share->recipients + i * AGE_PUBLIC_LEN,
			&session->err) != CARNET_OK)
			return session->err.status;
		share->recipients_len++;
	}
	return CARNET_OK;
}

static enum carnet_status
share_choose(struct share *share)
{
	struct session *session = share->session;
	char id[CARNET_ID_TEXT];

	share->documents = cJSON_CreateArray();
	for (size_t i = 0; i < options_argc(session->options); i++) {
		const char *prefix = options_argument(session->options, i);
		cJSON *document = NULL;
		enum carnet_status status = carnet_resolve(
		    session->vault, 'd', prefix, id, &session->err);

		if (status == CARNET_OK)
			status = carnet_document(
			    session->vault, id, &document, &session->err);
		if (status != CARNET_OK)
			return status;
		(void)cJSON_AddItemToArray(share->documents, document);
	}
	return CARNET_OK;
}

/* A document in the archive: header, bytes, padding. */
static enum carnet_status
share_entry(struct share *share, const cJSON *document)
{
	static const uint8_t zeros[TAR_BLOCK];
	const char *id = json_text(document, "id");
	uint64_t size =
	    (uint64_t)carnet_json_get(document, "size")->valuedouble;
	uint8_t head[TAR_HEAD_MAX];
	char name[FILE_NAME_TEXT];
	enum carnet_status status;
	size_t len;

	file_name_of_document(document, id, name);
	len = tar_head(name, size, (int64_t)time(NULL), head);
	if (len == 0 || !share_piece(share, head, len))
		return carnet_fail(&share->session->err, CARNET_IO,
		    _("the file could not be written"));
	status = carnet_document_read(share->session->vault, id, share_piece,
	    share, &share->session->err);
	if (status == CARNET_OK &&
	    !share_piece(share, zeros, tar_padding(size)))
		status = CARNET_INTERRUPTED;
	return status;
}

static enum carnet_status
share_bytes(struct share *share)
{
	static const uint8_t end[TAR_END_LEN];
	const cJSON *document;
	enum carnet_status status = CARNET_OK;

	if (cJSON_GetArraySize(share->documents) == 1)
		return carnet_document_read(share->session->vault,
		    json_text(cJSON_GetArrayItem(share->documents, 0), "id"),
		    share_piece, share, &share->session->err);
	cJSON_ArrayForEach(document, share->documents)
	{
		status = share_entry(share, document);
		if (status != CARNET_OK)
			return status;
	}
	return share_piece(share, end, sizeof(end)) ? CARNET_OK
						    : CARNET_INTERRUPTED;
}

/* Header, documents, end. */
static enum carnet_status
share_seal(struct share *share)
{
	struct carnet_error *err = &share->session->err;
	struct age_to to = { share->recipients, share->recipients_len,
		share->passphrase, AGE_WORK_FACTOR };
	enum carnet_status status =
	    age_write_begin(&to, share_sink, share, &share->writer, err);

	if (status != CARNET_OK)
		return status;
	status = share_bytes(share);
	if (status == CARNET_OK)
		return age_write_end(share->writer, err);
	age_write_abandon(share->writer);
	return status;
}

/* What left the vault stands in the ledger. */
static enum carnet_status
share_disclose(struct share *share)
{
	struct session *session = share->session;
	const struct options *options = session->options;
	cJSON *payload = cJSON_CreateObject(), *ids = cJSON_CreateArray();
	const cJSON *document;
	char text[(AGE_RECIPIENTS_MAX + 1) * 64] = "";
	size_t count = option_count(options, "to"), at = 0;

	cJSON_ArrayForEach(document, share->documents)(void)
	    cJSON_AddItemToArray(
		ids, cJSON_CreateString(json_text(document, "id")));
	for (size_t i = 0; i < count && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s",
		    i == 0 ? "" : " ", option_item(options, "to", i));
	json_add_text(payload, "what", "share");
	json_add(payload, "ids", ids);
	json_add_text(payload, "recipient", count == 0 ? NULL : text);
	json_add_text(payload, "format", "age");
	if (carnet_queue(session->vault, "export.made", session->today, payload,
		NULL, &session->err) != CARNET_OK)
		return session->err.status;
	return carnet_commit(session->vault, &session->err);
}

/*
 * The file gets its name last, when all of it is on the disk and the ledger
 * says that it left: no file without its event, whatever fails or is cut off.
 */
static enum carnet_status
share_write(struct share *share, int dir_fd, const char *name)
{
	struct carnet_error *err = &share->session->err;
	enum carnet_status status, settled;

	if (faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return carnet_fail(
		    err, CARNET_EXISTS, CARNET_("%s is there already"), name);
	status = output_begin(dir_fd, name, &share->output, err);
	if (status != CARNET_OK)
		return status;
	status = share_seal(share);
	/* a sink that stopped: the output knows which error it was */
	if (status == CARNET_OK || status == CARNET_INTERRUPTED) {
		settled = output_settle(share->output, err);
		if (settled == CARNET_OK && status != CARNET_OK)
			settled = carnet_fail(err, CARNET_FAILED,
			    _("the file could not be written"));
		status = settled;
	}
	if (status == CARNET_OK)
		status = share_disclose(share);
	if (status == CARNET_OK)
		return output_end(share->output, err);
	output_abandon(share->output);
	return status;
}

static int
share_report(struct share *share, const char *path)
{
	struct session *session = share->session;
	cJSON *result = cJSON_CreateObject(), *ids = cJSON_CreateArray();
	const cJSON *document;
	int count = cJSON_GetArraySize(share->documents);

	cJSON_ArrayForEach(document, share->documents)(void)
	    cJSON_AddItemToArray(
		ids, cJSON_CreateString(json_text(document, "id")));
	json_add_text(result, "path", path);
	json_add(result, "documents", ids);
	json_add_number(result, "recipients", (double)share->recipients_len);
	json_add_text(result, "content", count == 1 ? "original" : "tar");
	if (!session->json) {
		session_say(session, _("Written: %s"), path);
		session_say(session,
		    _("It opens with age (age -d), and can't be taken back "
		      "once it is sent."));
	}
	return session_result(session, result, EXIT_DONE);
}

static enum carnet_status
share_all(struct share *share, const char *path)
{
	struct session *session = share->session;
	const char *name = NULL;
	int dir_fd = -1;
	enum carnet_status status =
	    session_guard_file(session, path, &dir_fd, &name);

	if (status != CARNET_OK)
		return status;
	status = share_choose(share);
	if (status == CARNET_OK && !session->dry_run) {
		status = share_to_whom(share);
		if (status == CARNET_OK)
			status = share_write(share, dir_fd, name);
	}
	output_close_folder(dir_fd);
	return status;
}

static int
share_run(struct session *session)
{
	const struct options *options = session->options;
	const char *path = option_text(options, "output");
	bool by_passphrase = option_flag(options, "passphrase");
	struct share share = { .session = session };
	int code;

	if (options_argc(options) == 0)
		return session_usage(session, _("which documents? their ids"));
	if (path == NULL)
		return session_usage(session, _("where to? -o FILE.age"));
	if (by_passphrase == (option_count(options, "to") > 0))
		return session_usage(
		    session, _("for whom? --to age1… or --passphrase"));
	if (option_count(options, "to") > AGE_RECIPIENTS_MAX)
		return session_usage(session, _("too many recipients"));
	if (share_all(&share, path) != CARNET_OK)
		code = session_fail(session, NULL);
	else if (session->dry_run)
		code = session_end(session, EXIT_DONE);
	else
		code = share_report(&share, path);
	secret_free(share.passphrase);
	free(share.recipients);
	cJSON_Delete(share.documents);
	return code;
}

const struct verb verb_share = { "share",
	N_("ID… (--to age1…|--passphrase) -o FILE.age"),
	N_("documents for someone else, in one encrypted age file"), NEED_WRITE,
	share_options, share_run,
	"carnet share d7k2m --to age1… -o pour-le-docteur.age" };
