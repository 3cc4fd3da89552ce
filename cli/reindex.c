/* SPDX-License-Identifier: ISC */
/*
 * reindex: reads originals again, those named or all: after add --no-read,
 * after an update that reads more.  What a person typed stays.
 */
#include "progress.h"
#include "reading.h"
#include "verbs.h"

#define REINDEX_BATCH 512

static const struct option_row no_options[] = { OPTIONS_END };

struct reindex {
	struct session *session;
	struct progress *progress;
	cJSON *unread; /* [{id, code, message}] */
	uint64_t read, waiting;
	bool failed;
};

static enum carnet_status
reindex_one(struct reindex *reindex, const char *id, uint64_t size)
{
	struct session *session = reindex->session;
	struct reading_outcome outcome;
	cJSON *row;
	enum carnet_status status = reading_do(session, id, size, &outcome);

	if (status != CARNET_OK)
		return status;
	progress_step(reindex->progress, size, 1);
	reindex->failed |= outcome.failed;
	if (!outcome.unread) {
		reindex->read++;
	} else {
		row = cJSON_CreateObject();
		json_add_text(row, "id", id);
		json_add_text(row, "code", outcome.code);
		json_add_text(row, "message", outcome.message);
		if (!cJSON_AddItemToArray(reindex->unread, row))
			cJSON_Delete(row);
		session_say(
		    session, _("%s  not read (%s)"), id, outcome.message);
	}
	if (++reindex->waiting < REINDEX_BATCH)
		return CARNET_OK;
	reindex->waiting = 0;
	return carnet_commit(session->vault, &session->err);
}

static uint64_t
reindex_size(const cJSON *document)
{
	int64_t size = 0;

	(void)carnet_json_int(document, "size", &size);
	return (uint64_t)size;
}

static int
reindex_all(struct session *session, const cJSON *documents)
{
	struct reindex reindex = { .session = session,
		.unread = cJSON_CreateArray() };
	enum carnet_status status = CARNET_OK;
	const cJSON *document;
	cJSON *result;

	reindex.progress = progress_start(session, _("Reading"), 0);
	cJSON_ArrayForEach(document, documents)
	    progress_expect(reindex.progress, reindex_size(document), 1);
	cJSON_ArrayForEach(document, documents)
	{
		uint64_t size = reindex_size(document);

		status = reindex_one(&reindex, json_text(document, "id"), size);
		if (status != CARNET_OK)
			break;
	}
	progress_stop(reindex.progress);
	if (status == CARNET_OK)
		status = carnet_commit(session->vault, &session->err);
	if (status != CARNET_OK) {
		cJSON_Delete(reindex.unread);
		return session_fail(session, NULL);
	}
	if (!session->json)
		session_say(session, _("%d read, %d not read"),
		    (int)reindex.read, cJSON_GetArraySize(reindex.unread));
	result = cJSON_CreateObject();
	json_add_number(result, "read", (double)reindex.read);
	json_add(result, "unread", reindex.unread);
	return session_result(
	    session, result, reindex.failed ? EXIT_PARTIAL : EXIT_DONE);
}

static int
reindex_run(struct session *session)
{
	cJSON *documents = NULL, *row;
	char id[CARNET_ID_TEXT];
	int code = EXIT_DONE;

	if (options_argc(session->options) == 0) {
		if (carnet_documents(session->vault, NULL, &documents,
			&session->err) != CARNET_OK)
			return session_fail(session, NULL);
	} else {
		documents = cJSON_CreateArray();
	}
	for (size_t i = 0; i < options_argc(session->options); i++) {
		if (!verb_resolve(session, 'd', i, id, &code)) {
			cJSON_Delete(documents);
			return code;
		}
		if (carnet_document(session->vault, id, &row, &session->err) !=
		    CARNET_OK) {
			cJSON_Delete(documents);
			return session_fail(session, id);
		}
		if (!cJSON_AddItemToArray(documents, row))
			cJSON_Delete(row);
	}
	if (session->dry_run)
		session_say(session, _("Would be read: %d"),
		    cJSON_GetArraySize(documents));
	else
		code = reindex_all(session, documents);
	cJSON_Delete(documents);
	return code;
}

const struct verb verb_reindex = { "reindex", N_("[ID…]"),
	N_("reads originals again: after add --no-read, after an update"),
	NEED_WRITE, no_options, reindex_run, "carnet reindex" };
