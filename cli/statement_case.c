/* SPDX-License-Identifier: ISC */
/*
 * A case in words: to whom, where it stands, until when, its steps, and what
 * to type next.  Changes nothing.  The contract is in statement_case.h.
 */
#include "statement_case.h"

#include <stdio.h>
#include <string.h>

#include "authority.h"
#include "case_list.h"
#include "case_view.h"
#include "missing_words.h"
#include "statement_row.h"

static const char *
case_show_state(const char *status)
{
	static const struct {
		const char *name, *words;
	} states[] = {
		{ "draft", N_("draft: something is still missing") },
		{ "ready", N_("ready to be sent") },
		{ "sent", N_("sent; receipt not recorded") },
		{ "received", N_("received; no answer is owed") },
		{ "waiting", N_("received; waiting for an answer") },
		{ "extended", N_("waiting; they have taken more time") },
		{ "paused", N_("paused: they wait for something from you") },
		{ "answered", N_("answered") },
		{ "overdue", N_("overdue: no answer in time") },
		{ "reminded", N_("reminded; waiting for an answer") },
		{ "complained", N_("with the supervisory authority") },
		{ "closed", N_("closed") },
	};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i].name, status) == 0)
			return _(states[i].words);
	return status;
}

/* A national text moves nothing: the day as it counts, and the one on which a
 * complaint can stand. */
static void
case_show_counted(struct session *session, const cJSON *row)
{
	char raw[40], due[40], line[200];

	if (!carnet_json_bool(row, "national", false))
		return;
	print_date(session, json_text(row, "raw"), raw);
	print_date(session, json_text(carnet_json_get(row, "due"), "on"), due);
	if (strcmp(raw, due) == 0)
		return;
	(void)snprintf(line, sizeof(line),
	    _("that law's own day is %s; as it is no working day, %s counts "
	      "here"),
	    raw, due);
	statement_row("", line);
}

/* More time was announced than there is. */
static void
case_show_no_extension(const cJSON *row)
{
	if (carnet_json_bool(
		carnet_json_get(row, "due"), "no_extension", false))
		statement_row(
		    "", carnet_json_bool(row, "national", false)
			    ? _("the law that sets this time limit knows "
				"no extension: it runs on")
			    : _("no law extends these days: they run "
				"on"));
}

static void
case_show_due(struct session *session, const cJSON *row)
{
	const cJSON *due = carnet_json_get(row, "due");
	char text[160], line[400];

	if (!cJSON_IsObject(due))
		return;
	statement_row_day(session, json_text(due, "on"), text);
	(void)snprintf(line, sizeof(line), "%s%s%s", text,
	    carnet_json_bool(due, "presumed", false)
		? _("; receipt is presumed")
		: "",
	    carnet_json_bool(due, "estimate", false) ? _(" (an estimate)")
						     : "");
	statement_row(_("Answer due"), line);
	statement_row("", json_text(row, "rule_text"));
	case_show_counted(session, row);
	case_show_no_extension(row);
}

/* No law says until when: that is said, and a day proposed all the same. */
static void
case_show_look_again(struct session *session, const cJSON *row)
{
	char day[160], line[300];

	if (carnet_json_string(row, "look_again") == NULL)
		return;
	statement_row(
	    _("Answer due"), strcmp(json_text(row, "status"), "extended") == 0
				 ? _("the day that their notice names: the "
				     "law lets them name it")
				 : _("carnet knows no law that sets a "
				     "time for this answer"));
	statement_row_day(session, json_text(row, "look_again"), day);
	(void)snprintf(line, sizeof(line),
	    _("%s: carnet's own proposal, not the law's"), day);
	statement_row(_("Look again"), line);
}

static void
case_show_steps(struct session *session, const cJSON *row)
{
	const char *label = _("Steps");
	const cJSON *step;

	cJSON_ArrayForEach(step, carnet_json_get(row, "steps"))
	{
		const char *via = json_text(step, "via");
		const char *outcome = json_text(step, "outcome");
		const char *proof = json_text(step, "proof");
		char line[600], day[40];

		print_date(session, json_text(step, "on"), day);
		(void)snprintf(line, sizeof(line), "%s  %s%s%s%s%s%s%s%s", day,
		    letter_word(session, "steps", json_text(step, "kind")),
		    via[0] == '\0' ? "" : ", ",
		    via[0] == '\0' ? "" : letter_word(session, "channels", via),
		    outcome[0] == '\0' ? "" : ", ",
		    outcome[0] == '\0'
			? ""
			: letter_word(session, "outcomes", outcome),
		    proof[0] == '\0' ? "" : " [", proof,
		    proof[0] == '\0' ? "" : "]");
		statement_row(label, line);
		label = "";
	}
}

/* Until when a complaint is taken, once one can be made. */
static void
case_show_complaint(const struct letter_desk *desk, const cJSON *row)
{
	struct session *session = desk->session;
	struct carnet_date from, last;
	char iso[CARNET_DATE_TEXT], text[160];

	if (!carnet_date_parse(json_text(row, "complain_from"), &from) ||
	    carnet_date_compare(case_today(session), from) < 0)
		return;
	last = authority_until(
	    letters_statement(session->letters, authority_complaint(desk, row)),
	    from);
	if (!carnet_date_is_set(last))
		return;
	carnet_date_format(last, iso);
	statement_row_day(session, iso, text);
	statement_row(_("Complaint"), text);
}

static void
case_show_missing(const cJSON *row)
{
	const cJSON *item;
	char line[1000] = "";
	size_t at = 0;

	cJSON_ArrayForEach(item, carnet_json_get(row, "missing"))
	{
		if (at < sizeof(line))
			at += (size_t)snprintf(line + at, sizeof(line) - at,
			    "%s%s", at == 0 ? "" : ", ",
			    missing_words(item->valuestring));
	}
	statement_row(_("Missing"), line);
}

/* The other way that is open, or will be. */
static void
case_show_referral(struct session *session, const cJSON *row)
{
	const cJSON *referral = carnet_json_get(row, "referral");
	char from[40], until[40], line[700];

	if (!cJSON_IsObject(referral))
		return;
	print_date(session, json_text(referral, "from"), from);
	print_date(session, json_text(referral, "until"), until);
	statement_row(_("Or"), json_text(referral, "command"));
	(void)snprintf(line, sizeof(line),
	    carnet_json_bool(referral, "public", false)
		? _("%s, from %s to %s%s")
		: _("%s, against a public body, from %s to %s%s"),
	    json_text(referral, "title"), from, until,
	    carnet_json_bool(referral, "estimate", false) ? _(" (an estimate)")
							  : "");
	statement_row("", line);
}

/* An answer can still come. */
static bool
case_show_awaits(const cJSON *row)
{
	static const char *const states[] = { "sent", "waiting", "extended",
		"paused", "overdue", "reminded" };

	if (carnet_json_string(row, "look_again") != NULL)
		return true;
	if (!cJSON_IsObject(carnet_json_get(row, "due")))
		return false;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i], json_text(row, "status")) == 0)
			return true;
	return false;
}

/* What to type next, and what when they have answered, with the words of which
 * one has to be chosen. */
static void
case_show_next(const cJSON *row)
{
	const char *command = json_text(row, "command");
	char answered[200];

	statement_row(_("Next"), command);
	if (strstr(command, " sent ") != NULL ||
	    strstr(command, " received ") != NULL)
		statement_row("", _("--proof FILE keeps the proof of it: a "
				    "complaint needs it"));
	if (!case_show_awaits(row))
		return;
	case_answered_command(row, answered, sizeof(answered));
	if (strcmp(answered, command) != 0)
		statement_row(_("Answered?"), answered);
	statement_row("", _(case_outcome_words));
	if (carnet_json_string(row, "look_again") == NULL)
		return;
	(void)snprintf(answered, sizeof(answered),
	    "%s\ncarnet statement closed %s",
	    _("have done it without an answer"), json_text(row, "id"));
	statement_row(_("If they"), answered);
}

/* A letter in a language that isn't the reader's: how to read it in theirs. */
static void
case_show_language(const struct letter_desk *desk, const cJSON *row)
{
	static const struct {
		const char *code, *name;
	} names[] = { { "fr", N_("French") }, { "en", N_("English") },
		{ "de", N_("German") }, { "es", N_("Spanish") },
		{ "it", N_("Italian") }, { "nl", N_("Dutch") } };
	const char *lang = json_text(row, "lang"), *mine = desk->session->lang;
	const cJSON *one;
	char line[200];

	if (strcmp(lang, mine) == 0 || carnet_json_bool(row, "frozen", false))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].code, lang) == 0)
			lang = _(names[i].name);
	cJSON_ArrayForEach(
	    one, carnet_json_get(case_statement(desk, row),
		     "languages")) if (strcmp(one->valuestring, mine) == 0)
	{
		(void)snprintf(line, sizeof(line),
		    _("%s, theirs; for one that you read, draft it again with "
		      "--letter-lang %s"),
		    lang, mine);
		statement_row(_("Language"), line);
	}
}

void
statement_case_print(const struct letter_desk *desk, const cJSON *row)
{
	struct session *session = desk->session;
	const char *next = json_text(row, "next");
	const char *title = json_text(row, "title");
	const cJSON *answer;
	char line[700];

	statement_row(json_text(row, "id"),
	    title[0] == '\0' ? json_text(row, "template") : title);
	(void)snprintf(line, sizeof(line), "%s (%s)",
	    letter_recipient_name(desk, json_text(row, "recipient")),
	    letter_word(session, "channels", json_text(row, "channel")));
	statement_row(_("To"), line);
	statement_row(_("For"), json_text(row, "person"));
	case_show_language(desk, row);
	statement_row(_("State"),
	    case_show_state(
		carnet_json_string(row, "look_again") != NULL &&
			strcmp(json_text(row, "status"), "received") == 0
		    ? "waiting"
		    : json_text(row, "status")));
	case_show_due(session, row);
	case_show_look_again(session, row);
	case_show_missing(row);
	case_show_steps(session, row);
	if (strcmp(next, "complete") == 0 || strcmp(next, "send") == 0) {
		(void)snprintf(line, sizeof(line),
		    _("carnet statement export %s -o DIR"),
		    json_text(row, "id"));
		statement_row(_("To print"), line);
	}
	case_show_complaint(desk, row);
	case_show_next(row);
	case_show_referral(session, row);
	cJSON_ArrayForEach(answer, carnet_json_get(row, "answers"))
	{
		(void)snprintf(line, sizeof(line), "%s\n%s",
		    json_text(answer, "they"), json_text(answer, "command"));
		statement_row(_("If they"), line);
	}
}
