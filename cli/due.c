/* SPDX-License-Identifier: ISC */
/*
 * due: what must be answered, by whom, until when, and what to do next.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "case_view.h"
#include "due.h"
#include "verbs.h"

#define DUE_LINE 80
#define DUE_DAY 10       /* the day's column */
#define DUE_WHO 38       /* the body's, */
#define DUE_WHO_LEAST 20 /* and where the rest is long */
#define DUE_YEAR 366     /* how far birthdays are told without --days */

static const struct option_row due_options[] = {
	{ "days", OPTION_NUMBER, "N", N_("only what is due within N days") },
	{ "ics", OPTION_TEXT, "FILE", N_("a calendar file of the days") },
	OPTIONS_END
};

/* Keeps what is due within so many days (or is overdue). */
static void
due_filter(struct session *session, cJSON *items, int64_t days)
{
	struct carnet_date today = case_today(session), due;

	for (int i = cJSON_GetArraySize(items) - 1; i >= 0; i--) {
		const cJSON *item = cJSON_GetArrayItem(items, i);

		if (!carnet_date_parse(due_day(item), &due) ||
		    date_diff_days(today, due) > days)
			cJSON_DeleteItemFromArray(items, i);
	}
}

/* Keeps what is about the person whom somebody has named. */
static void
due_filter_person(cJSON *items, const char *person)
{
	for (int i = cJSON_GetArraySize(items) - 1; i >= 0; i--) {
		const cJSON *item = cJSON_GetArrayItem(items, i);

		if (strcmp(json_text(item, "person_id"), person) != 0)
			cJSON_DeleteItemFromArray(items, i);
	}
}

/* Exactly so many columns as seen: cut between letters, or filled up. */
static void
due_cell(const char *text, size_t columns, char cell[200])
{
	size_t seen = 0, len = 0,
	       last = 0; /* last: where the last one begins */

	for (; text[len] != '\0' && len < 160; len++) {
		if ((text[len] & 0xc0) == 0x80)
			continue;
		if (seen == columns) { /* too long: an ellipsis for the last */
			(void)snprintf(cell, 200, "%.*s…", (int)last, text);
			return;
		}
		seen++;
		last = len;
	}
	memcpy(cell, text, len);
	for (; seen < columns && len < 199; seen++)
		cell[len++] = ' ';
	cell[len] = '\0';
}

/* Another way that isn't open yet; once it is, it is an item of its own. */
static void
due_print_referral(const struct session *session, const cJSON *referral)
{
	char day[16], line[160];

	if (!cJSON_IsObject(referral) ||
	    carnet_json_bool(referral, "open", false))
		return;
	print_day(session, json_text(referral, "from"), day);
	(void)snprintf(line, sizeof(line),
	    carnet_json_bool(referral, "public", false)
		? _("or, from %s:")
		: _("or, against a public body, from %s:"),
	    day);
	print_line("            %s", line);
	print_line("            %s", json_text(referral, "command"));
}

/* "3 days late", "estimate", or nothing. */
static void
due_when(const cJSON *item, char when[64])
{
	int64_t late = 0;

	(void)carnet_json_int(item, "overdue_days", &late);
	if (late == 1)
		(void)snprintf(when, 64, "%s", _("1 day late"));
	else if (late > 0)
		(void)snprintf(when, 64, _("%d days late"), (int)late);
	else
		(void)snprintf(when, 64, "%s",
		    carnet_json_bool(item, "estimate", false) ? _("estimate")
							      : "");
}

/* How wide the body's column is, so that every line fits 80 columns. */
static size_t
due_width(const cJSON *items)
{
	size_t width = DUE_WHO;
	const cJSON *item;
	char when[64];

	cJSON_ArrayForEach(item, items)
	{
		size_t others;

		due_when(item, when);
		others = DUE_DAY + 4 +
			 print_columns(json_text(item, "person")) +
			 (when[0] == '\0' ? 0 : 2 + print_columns(when));
		if (others + width > DUE_LINE)
			width = others + DUE_WHO_LEAST < DUE_LINE
				    ? DUE_LINE - others
				    : DUE_WHO_LEAST;
	}
	return width;
}

static void
due_print_one(const struct session *session, const cJSON *item, size_t width)
{
	char when[64], who[200], day[16];

	due_when(item, when);
	due_cell(json_text(item, "recipient_name")[0] == '\0'
		     ? json_text(item, "title")
		     : json_text(item, "recipient_name"),
	    width, who);
	print_day(session, due_day(item), day);
	print_line("%-10s  %s  %s%s%s", day[0] == '\0' ? "-" : day, who,
	    json_text(item, "person"), when[0] == '\0' ? "" : "  ", when);
	if (json_text(item, "look_again")[0] != '\0')
		print_line("            %s",
		    _("to look again: no law is known to set a day, it is "
		      "carnet's"));
	if (strcmp(json_text(item, "what"), "referral") == 0 &&
	    !carnet_json_bool(item, "public", false))
		print_line("            %s", _("for public bodies only:"));
	if (json_text(item, "command")[0] != '\0')
		print_line("            %s", json_text(item, "command"));
	due_print_referral(session, carnet_json_get(item, "referral"));
}

/* What has to be chosen in a command above, said once. */
static void
due_print_words(const cJSON *items)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, items)
	{
		if (strstr(json_text(item, "command"),
			_(" --outcome OUTCOME")) == NULL)
			continue;
		print_line("%s", "");
		print_paragraph(stdout, _(case_outcome_words));
		return;
	}
}

static void
due_print(struct session *session, const cJSON *items)
{
	const cJSON *item;
	size_t width = due_width(items);

	if (cJSON_GetArraySize(items) == 0)
		session_say(session, _("nothing is due"));
	cJSON_ArrayForEach(item, items) due_print_one(session, item, width);
	due_print_words(items);
}

static int
due_report(struct session *session, cJSON *items)
{
	cJSON *result = cJSON_CreateObject(), *item;
	int code = EXIT_DONE;

	cJSON_ArrayForEach(item, items)
	{
		int64_t late = 0;

		if (carnet_json_int(item, "overdue_days", &late) && late > 0)
			code = EXIT_FINDINGS;
		cJSON_DeleteItemFromObjectCaseSensitive(item, "uid");
	}
	if (!session->json)
		due_print(session, items);
	json_add(result, "items", items);
	return session_result(session, result, code);
}

static int
due_run(struct session *session)
{
	const char *ics = option_text(session->options, "ics");
	int64_t days = option_number(session->options, "days", -1);
	bool write = ics != NULL && !session->dry_run;
	const char *name = NULL;
	int dir_fd = -1;
	cJSON *items = NULL;
	enum carnet_status status =
	    session_open_vault(session, write ? CARNET_WRITE : CARNET_READ);

	if (status == CARNET_OK && ics != NULL)
		status = session_guard_file(session, ics, &dir_fd, &name);
	if (status == CARNET_OK && session_names_person(session))
		status = session_person(session);
	if (status == CARNET_OK)
		status = due_items(session, days < 0 ? DUE_YEAR : days, &items);
	if (status == CARNET_OK && write)
		status = due_write_calendar(session, dir_fd, name, items);
	if (dir_fd >= 0)
		(void)close(dir_fd);
	if (status != CARNET_OK) {
		cJSON_Delete(items);
		return session_fail(session, NULL);
	}
	if (days >= 0)
		due_filter(session, items, days);
	if (session_names_person(session))
		due_filter_person(items, session->person);
	return due_report(session, items);
}

const struct verb verb_due = { "due", N_("[--days N] [--ics FILE]"),
	N_("what must be answered, by whom, until when, and what to do next"),
	NEED_NOTHING, due_options, due_run, "carnet due --days 30" };
