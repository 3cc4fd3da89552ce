/* SPDX-License-Identifier: ISC */
/*
 * statement record: a letter sent before carnet, or written elsewhere, with
 * its own bytes, its own date and the usual clock.
 */
#include <stdlib.h>
#include <string.h>

#include "statement.h"
#include "verbs.h"

/*
 * The statement whose clock it runs on: the recipient's usual refusal, the
 * first that goes to that body itself; else the GDPR's one month.
 */
static const char *
record_template(const struct session *session, const char *recipient)
{
	const cJSON *entry = letters_recipient(session->letters, recipient);
	const cJSON *id, *refuse = carnet_json_get(
			     carnet_json_get(entry, "statements"), "refuse");

	cJSON_ArrayForEach(id, refuse)
	{
		const cJSON *statement =
		    letters_statement(session->letters, id->valuestring);
		const char *to = json_text(statement, "addressee");

		if (strcmp(to, "recipient") == 0 || strcmp(to, recipient) == 0)
			return id->valuestring;
	}
	return "gdpr/objection";
}

/* The letter as a document, a statement of its own, and the step `sent` with
 * the letter's own bytes as what was sent. */
static enum carnet_status
record_queue(struct session *session, struct statement_draft *draft,
    const char *file, char ret_id[CARNET_ID_TEXT],
    char ret_document[CARNET_ID_TEXT])
{
	cJSON *frozen = NULL;
	uint8_t *bytes = NULL;
	size_t len = 0;
	enum carnet_status status =
	    statement_read_file(session, file, &bytes, &len);

	if (status != CARNET_OK)
		return status;
	status = statement_queue_bytes(
	    session, file, bytes, len, draft->person, "letter", ret_document);
	draft->document = ret_document;
	if (status == CARNET_OK)
		status = statement_queue_draft(session, draft, ret_id, NULL);
	if (status == CARNET_OK)
		status = carnet_freeze(
		    session->vault, bytes, len, &frozen, &session->err);
	if (status == CARNET_OK)
		status = statement_queue_step(
		    session, ret_id, STEP_SENT, draft->channel, NULL, frozen);
	free(bytes);
	return status;
}

static int
record_run(struct session *session, const struct letter_desk *desk,
    const char *to, const char *file)
{
	struct statement_draft draft = { .person = session->person,
		.template = record_template(session, to),
		.recipient = to,
		.channel = statement_via(session, "letter") };
	const cJSON *one;
	char id[CARNET_ID_TEXT], document[CARNET_ID_TEXT];
	enum carnet_status status;

	draft.lang = letter_lang(
	    desk, letters_statement(session->letters, draft.template), to);
	cJSON_ArrayForEach(one, desk->decisions)
	{
		if (strcmp(json_text(one, "recipient"), to) == 0 &&
		    strcmp(json_text(one, "person_id"), session->person) == 0)
			draft.decision = json_text(one, "id");
	}
	statement_warn_date(session, session->today);
	if (session->dry_run) {
		session_say(session, _("Would record: %s"), file);
		return session_end(session, EXIT_DONE);
	}
	status = record_queue(session, &draft, file, id, document);
	if (status == CARNET_OK)
		status = statement_commit(session, document);
	else
		carnet_discard(session->vault);
	return status == CARNET_OK ? statement_report(session, id)
				   : session_fail(session, NULL);
}

int
statement_record(struct session *session)
{
	const char *to = option_text(session->options, "to");
	const char *file = option_text(session->options, "file");
	struct letter_desk desk = { 0 };
	int code;

	if (to == NULL || file == NULL)
		return session_usage(
		    session, _("statement record: --to RECIPIENT --file FILE"));
	if (statement_via(session, "letter") == NULL)
		return session_usage(session, _("--via: no such channel"));
	if (session_person(session) != CARNET_OK ||
	    letter_desk_open(session, &desk) != CARNET_OK)
		return session_fail(session, NULL);
	if (statement_check_recipient(&desk, to) != CARNET_OK)
		code = session_fail(session, to);
	else
		code = record_run(session, &desk, to, file);
	letter_desk_close(&desk);
	return code;
}
