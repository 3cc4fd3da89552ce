/* SPDX-License-Identifier: ISC */
/*
 * statement show: the letter, where its case stands, what to type next.
 * Changes nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority.h"
#include "case_list.h"
#include "missing_words.h"
#include "statement.h"
#include "verbs.h"

/* --- in words --------------------------------------------------------------
 */

static const char *
show_state(const char *status)
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

/* "7 April 2026, in 13 days"; dates are ISO. */
static void
show_due_text(struct session *session, const char *on, char text[160])
{
	struct carnet_date due;
	char day[40];
	int days;

	print_date(session, on, day);
	if (!carnet_date_parse(on, &due)) {
		(void)snprintf(text, 160, "%s", day);
		return;
	}
	days = date_diff_days(case_today(session), due);
	if (days == 0)
		(void)snprintf(text, 160, _("%s, today"), day);
	else if (days == 1)
		(void)snprintf(text, 160, _("%s, tomorrow"), day);
	else if (days > 1)
		(void)snprintf(text, 160, _("%s, in %d days"), day, days);
	else if (days == -1)
		(void)snprintf(text, 160, _("%s, yesterday"), day);
	else
		(void)snprintf(text, 160, _("%s, %d days ago"), day, -days);
}

/* Text broken at blanks so that no line has more columns than `width`, the
 * first one behind label, the others behind rest. */
static void
show_line(const char *label, const char *rest, size_t width, const char *text)
{
	const char *start = text, *blank = NULL, *c = text;
	const char *before = label;
	size_t columns = 0;

	for (;; c++) {
		bool end = *c == '\0' || *c == '\n';

		if (*c == ' ')
			blank = c;
		if (!end && (*c & 0xc0) != 0x80)
			columns++;
		if (!end && columns <= width)
			continue;
		if (!end && blank != NULL && blank > start)
			c = blank;
		print_line("%s%.*s", before, (int)(c - start), start);
		before = rest;
		if (*c == ' ' || *c == '\n')
			c++;
		if (*c == '\0')
			return;
		start = c--;
		blank = NULL;
		columns = 0;
	}
}

/* The label padded to 11 columns, counted as seen. */
static void
show_row(const char *label, const char *text)
{
	char padded[80];
	size_t columns = 0, len = strlen(label);

	for (size_t i = 0; i < len; i++)
		columns += (label[i] & 0xc0) != 0x80;
	(void)snprintf(padded, sizeof(padded), "%s%*s", label,
	    columns < 11 ? (int)(11 - columns) : 1, "");
	if (text[0] != '\0')
		show_line(padded, "           ", 67, text);
}

/* A national text moves nothing: the day as it counts, and the one on which a
 * complaint can stand. */
static void
show_counted(struct session *session, const cJSON *row)
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
	show_row("", line);
}

/* More time was announced than there is. */
static void
show_no_extension(const cJSON *row)
{
	if (carnet_json_bool(
		carnet_json_get(row, "due"), "no_extension", false))
		show_row("", carnet_json_bool(row, "national", false)
				 ? _("the law that sets this time limit knows "
				     "no extension: it runs on")
				 : _("no law extends these days: they run "
				     "on"));
}

static void
show_due(struct session *session, const cJSON *row)
{
	const cJSON *due = carnet_json_get(row, "due");
	char text[160], line[400];

	if (!cJSON_IsObject(due))
		return;
	show_due_text(session, json_text(due, "on"), text);
	(void)snprintf(line, sizeof(line), "%s%s%s", text,
	    carnet_json_bool(due, "presumed", false)
		? _("; receipt is presumed")
		: "",
	    carnet_json_bool(due, "estimate", false) ? _(" (an estimate)")
						     : "");
	show_row(_("Answer due"), line);
	show_row("", json_text(row, "rule_text"));
	show_counted(session, row);
	show_no_extension(row);
}

/* No law says until when: that is said, and a day proposed all the same. */
static void
show_look_again(struct session *session, const cJSON *row)
{
	char day[160], line[300];

	if (carnet_json_string(row, "look_again") == NULL)
		return;
	show_row(
	    _("Answer due"), strcmp(json_text(row, "status"), "extended") == 0
				 ? _("the day that their notice names: the "
				     "law lets them name it")
				 : _("carnet knows no law that sets a "
				     "time for this answer"));
	show_due_text(session, json_text(row, "look_again"), day);
	(void)snprintf(line, sizeof(line),
	    _("%s: carnet's own proposal, not the law's"), day);
	show_row(_("Look again"), line);
}

static void
show_steps(struct session *session, const cJSON *row)
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
		show_row(label, line);
		label = "";
	}
}

/* Until when a complaint is taken, once one can be made. */
static void
show_complaint(const struct letter_desk *desk, const cJSON *row)
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
	show_due_text(session, iso, text);
	show_row(_("Complaint"), text);
}

static void
show_missing(const cJSON *row)
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
	show_row(_("Missing"), line);
}

/* The other way that is open, or will be. */
static void
show_referral(struct session *session, const cJSON *row)
{
	const cJSON *referral = carnet_json_get(row, "referral");
	char from[40], until[40], line[700];

	if (!cJSON_IsObject(referral))
		return;
	print_date(session, json_text(referral, "from"), from);
	print_date(session, json_text(referral, "until"), until);
	show_row(_("Or"), json_text(referral, "command"));
	(void)snprintf(line, sizeof(line),
	    carnet_json_bool(referral, "public", false)
		? _("%s, from %s to %s%s")
		: _("%s, against a public body, from %s to %s%s"),
	    json_text(referral, "title"), from, until,
	    carnet_json_bool(referral, "estimate", false) ? _(" (an estimate)")
							  : "");
	show_row("", line);
}

/* An answer can still come. */
static bool
show_awaits(const cJSON *row)
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
show_next(const cJSON *row)
{
	const char *command = json_text(row, "command");
	char answered[200];

	show_row(_("Next"), command);
	if (strstr(command, " sent ") != NULL ||
	    strstr(command, " received ") != NULL)
		show_row("", _("--proof FILE keeps the proof of it: a "
			       "complaint needs it"));
	if (!show_awaits(row))
		return;
	case_answered_command(row, answered, sizeof(answered));
	if (strcmp(answered, command) != 0)
		show_row(_("Answered?"), answered);
	show_row("", _(case_outcome_words));
	if (carnet_json_string(row, "look_again") == NULL)
		return;
	(void)snprintf(answered, sizeof(answered),
	    "%s\ncarnet statement closed %s",
	    _("have done it without an answer"), json_text(row, "id"));
	show_row(_("If they"), answered);
}

/* A letter in a language that isn't the reader's: how to read it in theirs. */
static void
show_language(const struct letter_desk *desk, const cJSON *row)
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
		show_row(_("Language"), line);
	}
}

/* Where the case stands, and what to type. */
static void
show_print(const struct letter_desk *desk, const cJSON *row)
{
	struct session *session = desk->session;
	const char *next = json_text(row, "next");
	const char *title = json_text(row, "title");
	const cJSON *answer;
	char line[700];

	show_row(json_text(row, "id"),
	    title[0] == '\0' ? json_text(row, "template") : title);
	(void)snprintf(line, sizeof(line), "%s (%s)",
	    letter_recipient_name(desk, json_text(row, "recipient")),
	    letter_word(session, "channels", json_text(row, "channel")));
	show_row(_("To"), line);
	show_row(_("For"), json_text(row, "person"));
	show_language(desk, row);
	show_row(_("State"),
	    show_state(carnet_json_string(row, "look_again") != NULL &&
			       strcmp(json_text(row, "status"), "received") == 0
			   ? "waiting"
			   : json_text(row, "status")));
	show_due(session, row);
	show_look_again(session, row);
	show_missing(row);
	show_steps(session, row);
	if (strcmp(next, "complete") == 0 || strcmp(next, "send") == 0) {
		(void)snprintf(line, sizeof(line),
		    _("carnet statement export %s -o DIR"),
		    json_text(row, "id"));
		show_row(_("To print"), line);
	}
	show_complaint(desk, row);
	show_next(row);
	show_referral(session, row);
	cJSON_ArrayForEach(answer, carnet_json_get(row, "answers"))
	{
		(void)snprintf(line, sizeof(line), "%s\n%s",
		    json_text(answer, "they"), json_text(answer, "command"));
		show_row(_("If they"), line);
	}
}

/* --- one row -----------------------------------------------------------------
 */

/* The row with what follows from its steps, and the rule in words. */
static enum carnet_status
show_case(const struct letter_desk *desk, const char *id, cJSON **ret_row)
{
	struct session *session = desk->session;
	cJSON *filter = cJSON_CreateObject(), *rows = NULL, *row;
	struct case_facts facts;
	struct case_view view;
	char rule[256];
	enum carnet_status status;

	json_add_text(filter, "id", id);
	status = case_list(session, filter, &rows);
	cJSON_Delete(filter);
	if (status != CARNET_OK)
		return status;
	row = cJSON_DetachItemFromArray(rows, 0);
	cJSON_Delete(rows);
	if (row == NULL)
		return carnet_fail(&session->err, CARNET_NOT_FOUND,
		    _("there is no such statement"));
	status = case_facts_read(desk, row, &facts);
	if (status != CARNET_OK) {
		cJSON_Delete(row);
		return status;
	}
	case_evaluate(facts.steps, facts.len, false, &facts.clock,
	    &facts.calendar, case_today(session), &view);
	json_add_text(row, "rule_text",
	    case_rule_text(&facts.clock, &view, rule, sizeof(rule)));
	json_add_bool(row, "national",
	    facts.clock.kind == CLOCK_NATIONAL_DAYS ||
		facts.clock.kind == CLOCK_NATIONAL_MONTHS);
	*ret_row = row;
	return CARNET_OK;
}

/* For machines: without what only people read. */
static void
show_tidy(cJSON *row)
{
	static const char *const extra[] = { "rule_text", "national", "keep",
		"signer", "cautions" };

	for (size_t i = 0; i < sizeof(extra) / sizeof(extra[0]); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(row, extra[i]);
}

int
statement_report(struct session *session, const char *id)
{
	struct letter_desk desk = { 0 };
	cJSON *row = NULL;

	if (letter_desk_open(session, &desk) != CARNET_OK)
		return session_fail(session, NULL);
	if (show_case(&desk, id, &row) != CARNET_OK) {
		letter_desk_close(&desk);
		return session_fail(session, id);
	}
	statement_warn_cautions(session, row);
	if (!session->json && !session->quiet)
		show_print(&desk, row);
	show_tidy(row);
	letter_desk_close(&desk);
	return session_result(session, row, EXIT_DONE);
}

/* The letter itself: as it was sent, or as it would be. */
static enum carnet_status
show_letter(const struct letter_desk *desk, cJSON *row, char **ret_text)
{
	struct launcher_files files = { 0 };
	const struct launcher_file *text;
	cJSON *meta = NULL;
	enum carnet_status status =
	    letter_files(desk, row, LETTER_TEXT, &meta, &files);

	if (status != CARNET_OK)
		return status;
	text = letter_file(&files, FRAME_TEXT);
	*ret_text = strdup(
	    text != NULL ? (const char *)text->bytes : json_text(meta, "body"));
	json_copy(row, meta, "subject");
	json_copy(row, meta, "body");
	cJSON_DeleteItemFromObjectCaseSensitive(row, "warnings");
	json_copy(row, meta, "warnings");
	cJSON_DeleteItemFromObjectCaseSensitive(row, "missing");
	json_copy(row, meta, "missing");
	cJSON_Delete(meta);
	launcher_files_clear(&files);
	return CARNET_OK;
}

static void
show_print_letter(const cJSON *row, const char *text)
{
	const cJSON *warning;

	cJSON_ArrayForEach(warning, carnet_json_get(row, "warnings"))
	    show_row(_("Note"), warning->valuestring);
	print_line("%s", "");
	for (const char *at = text; *at != '\0';) {
		size_t len = strcspn(at, "\n");
		char *line = strndup(at, len);

		if (line == NULL)
			return;
		if (len == 0)
			print_line("%s", "");
		else
			show_line("", "", 80, line);
		free(line);
		at += len + (at[len] == '\n');
	}
}

int
statement_show(struct session *session)
{
	struct letter_desk desk = { 0 };
	char id[CARNET_ID_TEXT], *text = NULL;
	cJSON *row = NULL;
	int code;

	if (!verb_resolve(session, 's', 1, id, &code))
		return code;
	if (letter_desk_open(session, &desk) != CARNET_OK)
		return session_fail(session, NULL);
	if (show_case(&desk, id, &row) != CARNET_OK ||
	    show_letter(&desk, row, &text) != CARNET_OK) {
		cJSON_Delete(row);
		letter_desk_close(&desk);
		return session_fail(session, id);
	}
	if (!session->json) {
		show_print(&desk, row);
		show_print_letter(row, text);
	}
	free(text);
	show_tidy(row);
	letter_desk_close(&desk);
	return session_result(session, row, EXIT_DONE);
}
