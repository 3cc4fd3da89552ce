/* SPDX-License-Identifier: ISC */
/*
 * Asks, at a terminal and never without one, which of the usual bodies a
 * person wants to refuse.  Records nothing.  Which bodies are usual, and in
 * which order, is data: recipients.json, "usual".
 * The contract is in refuse_ask.h.
 */
#include "refuse_ask.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "recipient_find.h"

#define ASK_MOST 100 /* bodies asked about, at most */

bool
refuse_ask_is_country(struct session *session, const char *text)
{
	const cJSON *entry;

	if (strlen(text) != 2)
		return false;
	cJSON_ArrayForEach(entry, letters_recipients(session->letters))
	{
		const char *id = json_text(entry, "id");

		if (strncmp(id, text, 2) == 0 && id[2] == '/')
			return true;
	}
	return false;
}

/* The country's usual body of that rank, or NULL. */
static const cJSON *
ask_usual(const cJSON *all, const char *country, int64_t rank)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, all)
	{
		int64_t usual = 0;

		if (strncmp(json_text(one, "id"), country, 2) == 0 &&
		    carnet_json_int(one, "usual", &usual) && usual == rank)
			return one;
	}
	return NULL;
}

static bool
ask_is_there(const cJSON *recipient, const char *country)
{
	return strncmp(json_text(recipient, "id"), country, 2) == 0 &&
	       json_text(recipient, "id")[2] == '/' &&
	       carnet_json_string(recipient, "refusable") != NULL;
}

/* Whom to ask about: the usual bodies by their rank; where the catalogue
 * ranks none, all at which something can be refused. */
static const cJSON *
ask_next(const cJSON *all, const char *country, int rank)
{
	const cJSON *one;

	if (ask_usual(all, country, 1) != NULL)
		return ask_usual(all, country, rank);
	cJSON_ArrayForEach(one, all)
	{
		if (ask_is_there(one, country) && --rank == 0)
			return one;
	}
	return NULL;
}

enum ask_answer { ASK_YES, ASK_NO, ASK_STOP };

/* One line from the terminal: y or o for yes, n or nothing for no, q stops;
 * anything else is asked again. */
static enum ask_answer
ask_line(const char *question)
{
	char line[256];

	for (;;) {
		(void)fprintf(stderr, "%s ", question);
		(void)fflush(stderr);
		if (fgets(line, sizeof(line), stdin) == NULL)
			return ASK_STOP;
		switch (line[0]) {
		case 'y':
		case 'Y':
		case 'o':
		case 'O':
			return ASK_YES;
		case 'n':
		case 'N':
		case '\n':
			return ASK_NO;
		case 'q':
		case 'Q':
			return ASK_STOP;
		default:
			(void)fprintf(stderr, "%s\n",
			    _("y for yes, n or Enter for no, q to stop"));
		}
	}
}

static enum ask_answer
ask_about(struct session *session, const cJSON *recipient)
{
	session_say(session, "\n%s (%s)", json_text(recipient, "name"),
	    json_text(recipient, "id"));
	session_say(session, "%s", json_text(recipient, "role"));
	session_say(session, _("What can be refused: %s"),
	    json_text(recipient, "refusable"));
	return ask_line(_("Refuse it? [y/N/q]"));
}

static enum carnet_status
ask_all(struct session *session, const char *country, const cJSON *all,
    cJSON *chosen)
{
	enum ask_answer answer = ASK_NO;
	const cJSON *one;
	char question[128];

	if (ask_next(all, country, 1) == NULL) {
		(void)carnet_fail(&session->err, CARNET_INVALID,
		    _("carnet knows no body of that country that could be "
		      "refused"));
		carnet_hint(&session->err,
		    _("add one: carnet recipient add me/NAME --name NAME "
		      "--country COUNTRY; then carnet refuse me/NAME"));
		return CARNET_INVALID;
	}
	session_say(session,
	    _("Which of these do you want to refuse? Nothing is recorded "
	      "before the end."));
	for (int rank = 1; rank <= ASK_MOST && answer != ASK_STOP; rank++) {
		one = ask_next(all, country, rank);
		if (one == NULL)
			break;
		answer = ask_about(session, one);
		if (answer == ASK_YES)
			(void)cJSON_AddItemToArray(
			    chosen, cJSON_CreateString(json_text(one, "id")));
	}
	if (answer != ASK_STOP && cJSON_GetArraySize(chosen) > 0) {
		(void)snprintf(question, sizeof(question),
		    _("Chosen: %d. Record the refusals and draft the letters? "
		      "[y/N]"),
		    cJSON_GetArraySize(chosen));
		if (ask_line(question) != ASK_YES)
			answer = ASK_STOP;
	}
	return answer != ASK_STOP
		   ? CARNET_OK
		   : carnet_fail(&session->err, CARNET_INTERRUPTED,
			 _("stopped: nothing was recorded"));
}

enum carnet_status
refuse_ask(struct session *session, const char *country, cJSON **ret_chosen)
{
	cJSON *all = NULL, *chosen;
	enum carnet_status status;

	if (session->json || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		carnet_fail(&session->err, CARNET_INVALID,
		    _("a country alone asks questions, and there is no "
		      "terminal to ask"));
		carnet_hint(&session->err,
		    _("name the recipients: carnet refuse %s/NAME… (carnet "
		      "recipient list)"),
		    country);
		return CARNET_INVALID;
	}
	status = recipient_all(session, &all);
	if (status != CARNET_OK)
		return status;
	chosen = cJSON_CreateArray();
	status = ask_all(session, country, all, chosen);
	cJSON_Delete(all);
	if (status != CARNET_OK) {
		cJSON_Delete(chosen);
		return status;
	}
	*ret_chosen = chosen;
	return CARNET_OK;
}
