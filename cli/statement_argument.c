/* SPDX-License-Identifier: ISC */
/*
 * What a person gives to a subverb of statement: an id, a channel, a day.
 * The contract is in statement.h.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "authority.h"
#include "statement.h"
#include "verbs.h"

const cJSON *
statement_argument(struct session *session, const struct letter_desk *desk,
    size_t i, int *ret_code)
{
	char id[CARNET_ID_TEXT];
	const cJSON *row;

	if (!verb_resolve(session, 's', i, id, ret_code))
		return NULL;
	row = letter_find(desk->statements, "id", id);
	if (row == NULL) {
		(void)carnet_fail(&session->err, CARNET_NOT_FOUND,
		    _("there is no such statement"));
		*ret_code = session_fail(session, id);
	}
	return row;
}

const char *
statement_via(struct session *session, const char *fallback)
{
	static const char *const channels[] = { "ameli", "portal", "email",
		"letter", "registered", "hand", "form", "phone", "other" };
	const char *via = option_text(session->options, "via");

	if (via == NULL)
		return fallback;
	for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++)
		if (strcmp(channels[i], via) == 0)
			return channels[i];
	return NULL;
}

static bool
statement_takes(const cJSON *channels, const char *via)
{
	const cJSON *one;

	if (cJSON_GetArraySize(channels) == 0)
		return true;
	cJSON_ArrayForEach(
	    one, channels) if (strcmp(one->valuestring, via) == 0) return true;
	return false;
}

void
statement_warn_via(struct session *session, const cJSON *statement,
    const char *recipient, const char *via)
{
	const cJSON *entry = letters_recipient(session->letters, recipient);

	if (statement_takes(carnet_json_get(statement, "channels"), via) &&
	    statement_takes(carnet_json_get(entry, "channels"), via))
		return;
	session_warn(session,
	    _("%s is not a usual way to send this: keep a proof of it"), via);
}

void
statement_warn_cautions(struct session *session, const cJSON *row)
{
	const cJSON *caution;

	cJSON_ArrayForEach(caution, carnet_json_get(row, "cautions"))
	    session_warn(session, "%s", caution->valuestring);
}

void
statement_warn_key(struct session *session, const cJSON *row, const cJSON *meta)
{
	const char *id = json_text(row, "id");

	if (!option_flag(session->options, "print-key") ||
	    carnet_json_string(meta, "key") != NULL)
		return;
	if (carnet_json_bool(row, "frozen", false))
		session_warn(session,
		    _("%s: was sent without the key, and stays as it was "
		      "sent; the signed record names it"),
		    id);
	else
		session_warn(session,
		    _("%s: a message of limited length has no room for the "
		      "key; the signed record names it"),
		    id);
}

void
statement_warn_date(struct session *session, const char *drafted)
{
	time_t now = time(NULL);
	char today[CARNET_DATE_TEXT] = "";
	struct tm parts;

	if (strcmp(session->today, drafted) < 0)
		session_warn(session, _("this step is dated before its draft"));
	if (localtime_r(&now, &parts) != NULL)
		(void)strftime(today, sizeof(today), "%Y-%m-%d", &parts);
	if (today[0] != '\0' && strcmp(session->today, today) > 0)
		session_warn(session, _("this step is dated after today"));
}

/* Their time is over, but the authority wants to see a longer silence: in
 * France the CNIL, which says so itself. */
static void
statement_fail_silence(const struct letter_desk *desk, const cJSON *row,
    const struct case_view *view, const char *day)
{
	struct session *session = desk->session;
	const cJSON *complaint =
	    letters_statement(session->letters, authority_complaint(desk, row));
	const char *words =
	    _("too early: the authority wants a longer time without an answer; "
	      "a complaint from %s on");

	if (strcmp(json_text(complaint, "addressee"), "fr/cnil") == 0)
		words =
		    view->next == NEXT_REMIND
			? _("too early: the CNIL wants one month without an "
			    "answer; send a reminder first; a complaint from "
			    "%s on")
			: _("too early: the CNIL wants one month without an "
			    "answer; a complaint from %s on");
	(void)carnet_fail(&session->err, CARNET_TOO_EARLY, words, day);
	if (view->next == NEXT_REMIND)
		carnet_hint(&session->err, "carnet statement remind %s",
		    json_text(row, "id"));
	else
		carnet_hint(&session->err, "carnet due");
}

int
statement_too_early(struct session *session, const struct letter_desk *desk,
    const cJSON *row, const struct case_view *view)
{
	const char *id = json_text(row, "id");
	char day[CARNET_DATE_TEXT], words[40];

	carnet_date_format(view->complain_from, day);
	print_date(session, day, words);
	if (view->overdue_days > 0) {
		statement_fail_silence(desk, row, view, words);
		return session_fail_with(session, id, "from", day);
	}
	(void)carnet_fail(&session->err, CARNET_TOO_EARLY,
	    _("too early to complain: they may still answer; from %s on"),
	    words);
	/* an open pause would put it off day by day */
	if (view->state == CASE_PAUSED)
		carnet_hint(&session->err,
		    _("the clock is paused; say when that ended: carnet "
		      "statement resumed %s"),
		    id);
	else
		carnet_hint(&session->err, "carnet due");
	return session_fail_with(session, id, "from", day);
}
