/* SPDX-License-Identifier: ISC */
/*
 * search: full text and fields; one query, or with --batch one a line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "documents.h"
#include "verbs.h"

static const struct option_row search_options[] = {
	{ "limit", OPTION_NUMBER, "N", N_("at most so many (20)") },
	{ "ndjson", OPTION_FLAG, NULL, N_("one JSON object a line") },
	{ "batch", OPTION_FLAG, NULL,
	    N_("one query a line in, one JSON object a line out") },
	OPTIONS_END
};
static const struct print_column found_columns[] = {
	{ "id", N_("ID"), false, false }, { "date", N_("DATE"), false, false },
	{ "title", N_("TITLE"), false, true },
	{ "snippet", N_("WORDS FOUND"), false, true },
	{ NULL, NULL, false, false }
};

/* {query, documents} or {query, error}, on a line of its own. */
static bool
search_answer(struct session *session, const char *query, cJSON *documents)
{
	cJSON *answer = cJSON_CreateObject(), *error;
	char *text;
	bool written;

	json_add_text(answer, "query", query);
	if (documents != NULL) {
		documents_tidy(session, documents);
		json_add(answer, "documents", documents);
	} else {
		error = cJSON_AddObjectToObject(answer, "error");
		json_add_text(
		    error, "code", carnet_status_name(session->err.status));
		json_add_text(error, "message", session->err.message);
		json_add_text(error, "hint", session->err.hint);
	}
	text = cJSON_PrintUnformatted(answer);
	cJSON_Delete(answer);
	/* whoever asks may wait for this answer before asking on */
	written = text != NULL && puts(text) >= 0 && fflush(stdout) == 0;
	cJSON_free(text);
	return written;
}

static int
search_batch(struct session *session, const cJSON *filter)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	int code = EXIT_DONE;

	session->json = true;
	while ((len = getline(&line, &room, stdin)) >= 0) {
		cJSON *documents = NULL;
		enum carnet_status status;

		if (len > 0 && line[len - 1] == '\n')
			line[--len] = '\0';
		status = strlen(line) != (size_t)len
			     ? carnet_fail(&session->err, CARNET_INVALID,
				   _("a query with a zero byte"))
			     : carnet_search(session->vault, line, filter,
				   &documents, &session->err);
		if (status == CARNET_INVALID)
			code = EXIT_PARTIAL; /* that query's fault alone */
		else if (status != CARNET_OK)
			break;
		if (!search_answer(session, line, documents)) {
			carnet_fail(&session->err, CARNET_IO,
			    _("the output takes no more"));
			break;
		}
	}
	free(line);
	if (len >= 0)
		return session_fail(session, NULL);
	return session_end(session, code);
}

static int
search_one(struct session *session, const cJSON *filter)
{
	cJSON *documents = NULL;
	char query[4096] = "";
	size_t at = 0;

	for (size_t i = 0;
	     i < options_argc(session->options) && at < sizeof(query); i++)
		at += (size_t)snprintf(query + at, sizeof(query) - at, "%s%s",
		    i == 0 ? "" : " ", options_argument(session->options, i));
	if (at >= sizeof(query))
		carnet_fail(
		    &session->err, CARNET_INVALID, _("the query is too long"));
	else if (carnet_search(session->vault, query, filter, &documents,
		     &session->err) == CARNET_OK)
		return documents_report(session, documents, found_columns);
	return session_fail(session, NULL);
}

static int
search_run(struct session *session)
{
	bool batch = option_flag(session->options, "batch");
	cJSON *filter;
	int code;

	if (!batch && options_argc(session->options) == 0)
		return session_usage(session, _("search for what?"));
	if (batch && options_argc(session->options) > 0)
		return session_usage(
		    session, _("--batch: the queries come on standard input"));
	filter = cJSON_CreateObject();
	json_add_number(filter, "limit",
	    (double)option_number(session->options, "limit", 20));
	if (documents_add_person(session, filter) != CARNET_OK)
		code = session_fail(session, NULL);
	else
		code = batch ? search_batch(session, filter)
			     : search_one(session, filter);
	cJSON_Delete(filter);
	return code;
}

const struct verb verb_search = { "search", N_("QUERY… | --batch"),
	N_("full text and fields: accents and case do not matter"), NEED_READ,
	search_options, search_run,
	"carnet search 'ferritine type:lab from:2024'" };
