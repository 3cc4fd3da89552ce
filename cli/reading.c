/* SPDX-License-Identifier: ISC */
/*
 * Having documents read: bytes out of the vault, through the launcher's
 * confined reader, its claims back as one event.  Parses nothing itself.
 */
#include "reading.h"

#include <stdio.h>
#include <string.h>

#include "progress.h"

struct reading_adapter {
	launcher_sink *sink;
	void *context;
};

static bool
reading_pass(void *context, const uint8_t *bytes, size_t len)
{
	struct reading_adapter *adapter = context;

	return adapter->sink(adapter->context, bytes, len);
}

enum carnet_status
reading_feed(void *context, launcher_sink *sink, void *sink_context,
    struct carnet_error *err)
{
	struct reading_source *source = context;
	struct reading_adapter adapter = { sink, sink_context };
	enum carnet_status status = carnet_document_read(
	    source->session->vault, source->id, reading_pass, &adapter, err);

	/* the reader has had enough: that is its business */
	return status == CARNET_INTERRUPTED ? CARNET_OK : status;
}

/* Queues text, title, date, type as the reader claims them. */
static enum carnet_status
reading_queue_answer(
    struct session *session, const char *id, const struct reading *reading)
{
	cJSON *answer = cJSON_CreateObject();

	json_add_text(answer, "media", reading->type);
	if (reading->text != NULL)
		json_add_text(answer, "text", reading->text);
	if (reading->title != NULL)
		json_add_text(answer, "title", reading->title);
	if (reading->date[0] != '\0')
		json_add_text(answer, "date", reading->date);
	if (reading->document[0] != '\0')
		json_add_text(answer, "document", reading->document);
	return carnet_document_answer(
	    session->vault, id, reading->reader, answer, &session->err);
}

enum carnet_status
reading_do(struct session *session, const char *id, uint64_t size,
    struct reading_outcome *ret_outcome)
{
	struct reading_source source = { session, id };
	struct reading *reading = NULL;
	enum carnet_status status;

	memset(ret_outcome, 0, sizeof(*ret_outcome));
	status = launcher_read(session->launcher, reading_feed, &source, size,
	    &reading, &session->err);
	if (status != CARNET_OK)
		return status;
	if (reading->unread_code[0] == '\0') {
		status = reading_queue_answer(session, id, reading);
	} else {
		ret_outcome->unread = true;
		ret_outcome->failed =
		    strcmp(reading->unread_code, "no-reader") != 0;
		(void)snprintf(ret_outcome->code, sizeof(ret_outcome->code),
		    "%s", reading->unread_code);
		(void)snprintf(ret_outcome->message,
		    sizeof(ret_outcome->message), "%s",
		    reading->unread_message);
		status = carnet_document_unread(session->vault, id,
		    reading->reader, reading->type, reading->unread_code,
		    reading->unread_message, &session->err);
	}
	reading_free(reading);
	return status;
}

enum carnet_status
reading_resume(struct session *session)
{
	struct progress *progress = progress_start(session, _("Reading"), 0);
	cJSON *pending = NULL;
	const cJSON *one;
	enum carnet_status status =
	    carnet_documents_pending(session->vault, &pending, &session->err);

	progress_expect(progress, 0, (uint64_t)cJSON_GetArraySize(pending));
	cJSON_ArrayForEach(one, pending)
	{
		struct reading_outcome outcome;
		int64_t size = 0;

		(void)carnet_json_int(one, "size", &size);
		status = reading_do(
		    session, json_text(one, "id"), (uint64_t)size, &outcome);
		if (status != CARNET_OK)
			break;
		progress_step(progress, 0, 1);
	}
	progress_stop(progress);
	cJSON_Delete(pending);
	if (status == CARNET_OK)
		status = carnet_commit(session->vault, &session->err);
	return status;
}
