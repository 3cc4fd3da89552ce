/* SPDX-License-Identifier: ISC */
/*
 * consents and may: who may do what, on a day, and by which decision.
 * Unknown never reads as permitted; where decisions disagree the stricter
 * holds, and it is said.  Writes nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decision_list.h"
#include "recipient_find.h"
#include "verbs.h"

#define CONSENTS_SOON 30 /* days before an end that are worth a mark */

static const struct option_row consents_options[] = {
	{ "recipient", OPTION_TEXT, "R", N_("only this one") }, OPTIONS_END
};
static const struct option_row may_options[] = { { "purpose", OPTION_LIST, "P",
						     N_("for what: research, "
							"care…") },
	OPTIONS_END };

static const char *
consents_answer_name(enum may_answer answer)
{
	static const char *const names[] = { "permitted", "refused",
		"unknown" };

	return names[answer];
}

static const char *
consents_answer_words(const char *answer)
{
	if (strcmp(answer, "permitted") == 0)
		return _("permitted");
	return strcmp(answer, "refused") == 0 ? _("refused") : _("unknown");
}

/* The decisions of one recipient: a part of the list. */
struct consents_group {
	struct session *session;
	const struct decision *items;
	const cJSON *const *rows;
	size_t len;
	size_t *used; /* room for len */
	const char *name;
};

static bool
consents_names(const cJSON *row, const char *purpose)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, carnet_json_get(row, "purposes"))
	{
		if (strcmp(one->valuestring, purpose) == 0)
			return true;
	}
	return false;
}

static bool
consents_touches(const struct decision *item, const char *purpose)
{
	if (purpose == NULL || item->purposes_len == 0)
		return true;
	for (size_t i = 0; i < item->purposes_len; i++)
		if (strcmp(item->purposes[i], purpose) == 0)
			return true;
	return false;
}

static bool
consents_counts(
    const struct consents_group *group, size_t i, const char *purpose)
{
	return consents_touches(&group->items[i], purpose) &&
	       decision_holds(
		   group->items, group->len, i, decision_today(group->session));
}

/* A refusal and a consent both hold and speak of the same. */
static bool
consents_is_conflict(const struct consents_group *group, const char *purpose)
{
	for (size_t i = 0; i < group->len; i++)
		for (size_t j = 0; j < i; j++)
			if (consents_counts(group, i, purpose) &&
			    consents_counts(group, j, purpose) &&
			    decision_rows_clash(group->session->letters,
				group->rows[i], group->rows[j]))
				return true;
	return false;
}

/* The earliest end among the decisions that decide; NULL: none. */
static const char *
consents_end(const struct consents_group *group, size_t used_len)
{
	const char *end = NULL;

	for (size_t i = 0; i < used_len; i++) {
		const char *until =
		    carnet_json_string(group->rows[group->used[i]], "until");

		if (until != NULL && (end == NULL || strcmp(until, end) < 0))
			end = until;
	}
	return end;
}

static void
consents_add_row(
    struct consents_group *group, const char *purpose, cJSON *consents)
{
	cJSON *row = cJSON_CreateObject(), *ids;
	size_t used_len = 0;
	const char *recipient = group->items[0].recipient;
	enum may_answer answer =
	    decisions_may(group->items, group->len, recipient, purpose,
		decision_today(group->session), group->used, &used_len);

	json_add_text(row, "recipient", recipient);
	json_add_text(row, "name", group->name);
	json_add_text(row, "purpose", purpose);
	json_add_text(row, "answer", consents_answer_name(answer));
	ids = cJSON_AddArrayToObject(row, "decisions");
	for (size_t i = 0; i < used_len; i++)
		(void)cJSON_AddItemToArray(
		    ids, cJSON_CreateString(group->items[group->used[i]].id));
	json_add_bool(row, "conflict", consents_is_conflict(group, purpose));
	json_add_text(row, "until", consents_end(group, used_len));
	(void)cJSON_AddItemToArray(consents, row);
}

/* A row for anything at all, then one for each purpose that is named. */
static void
consents_add_group(struct consents_group *group, cJSON *consents)
{
	const cJSON *one;

	consents_add_row(group, NULL, consents);
	for (size_t i = 0; i < group->len; i++) {
		cJSON_ArrayForEach(
		    one, carnet_json_get(group->rows[i], "purposes"))
		{
			bool before = false;

			for (size_t j = 0; j < i && !before; j++)
				before = consents_names(
				    group->rows[j], one->valuestring);
			if (!before)
				consents_add_row(
				    group, one->valuestring, consents);
		}
	}
}

static const char *
consents_name(const cJSON *all, const char *id)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, all)
	{
		if (strcmp(json_text(one, "id"), id) == 0)
			return json_text(one, "name");
	}
	return id;
}

static enum carnet_status
consents_rows(struct session *session, const struct decision_list *list,
    const cJSON *recipients, cJSON *consents)
{
	size_t *used = calloc(list->len + 1, sizeof(*used));
	size_t first = 0, end;

	if (used == NULL)
		return carnet_fail(
		    &session->err, CARNET_NO_MEMORY, _("not enough memory"));
	for (; first < list->len; first = end) {
		struct consents_group group = { session, &list->items[first],
			&list->row_of[first], 0, used, NULL };

		for (end = first;
		     end < list->len && strcmp(list->items[end].recipient,
					    list->items[first].recipient) == 0;
		     end++)
			;
		group.len = end - first;
		group.name =
		    consents_name(recipients, list->items[first].recipient);
		consents_add_group(&group, consents);
	}
	free(used);
	return CARNET_OK;
}

/* The decisions made by that day, each with whether it holds. */
static cJSON *
consents_decisions(struct session *session, const struct decision_list *list)
{
	cJSON *decisions = cJSON_CreateArray(), *row;
	size_t first = 0, end;

	for (; first < list->len; first = end) {
		for (end = first;
		     end < list->len && strcmp(list->items[end].recipient,
					    list->items[first].recipient) == 0;
		     end++)
			;
		for (size_t i = first; i < end; i++) {
			if (carnet_date_compare(list->items[i].made,
				decision_today(session)) > 0)
				continue;
			row = cJSON_Duplicate(list->row_of[i], 1);
			json_add_bool(row, "holds",
			    decision_holds(&list->items[first], end - first,
				i - first, decision_today(session)));
			(void)cJSON_AddItemToArray(decisions, row);
		}
	}
	return decisions;
}

/* --- for people -------------------------------------------------------------
 */

/* Short, for a narrow table; the lines below it say what it means. */
static void
consents_note(
    struct session *session, const cJSON *row, char *text, size_t size)
{
	const char *until = carnet_json_string(row, "until");
	struct carnet_date end;
	char day[16];

	text[0] = '\0';
	if (carnet_json_bool(row, "conflict", false))
		(void)snprintf(text, size, "%s", _("conflict"));
	else if (until != NULL && carnet_date_parse(until, &end)) {
		print_day(session, until, day);
		(void)snprintf(text, size, "%s%s",
		    date_diff_days(decision_today(session), end) <=
			    CONSENTS_SOON
			? "! → "
			: "→ ",
		    day);
	}
}

static void
consents_explain(struct session *session, const cJSON *table)
{
	const cJSON *line;
	bool conflict = false, soon = false;

	cJSON_ArrayForEach(line, table)
	{
		const char *note = json_text(line, "note");

		conflict |= strcmp(note, _("conflict")) == 0;
		soon |= note[0] == '!';
	}
	if (conflict)
		session_say(session,
		    _("conflict: a refusal and a consent both hold; the "
		      "stricter counts."));
	if (soon)
		session_say(session,
		    _("!: ends within %d days, on the day that is named."),
		    CONSENTS_SOON);
	session_say(session,
	    _("What isn't listed is unknown, and unknown is not permitted."));
}

static void
consents_print(struct session *session, const cJSON *consents)
{
	static const struct print_column columns[] = {
		{ "recipient", N_("RECIPIENT"), false, false },
		{ "purpose", N_("PURPOSE"), false, true },
		{ "answer", N_("ANSWER"), false, false },
		{ "decisions", N_("BY"), false, true },
		{ "note", N_("NOTE"), false, false },
		{ NULL, NULL, false, false }
	};
	cJSON *table = cJSON_CreateArray(), *line;
	const cJSON *row, *id;

	cJSON_ArrayForEach(row, consents)
	{
		const char *purpose = carnet_json_string(row, "purpose");
		char note[80], ids[256] = "";
		size_t at = 0;

		cJSON_ArrayForEach(id, carnet_json_get(row, "decisions"))
		{
			if (at < sizeof(ids)) /* a prefix is enough to type */
				at += (size_t)snprintf(ids + at,
				    sizeof(ids) - at, "%s%.6s",
				    at == 0 ? "" : " ", id->valuestring);
		}
		consents_note(session, row, note, sizeof(note));
		line = cJSON_CreateObject();
		json_copy(line, row, "recipient");
		json_add_text(line, "purpose",
		    purpose == NULL ? _("anything")
				    : decision_purpose_name(session, purpose));
		json_add_text(line, "answer",
		    consents_answer_words(json_text(row, "answer")));
		json_add_text(line, "decisions", ids);
		json_add_text(line, "note", note);
		(void)cJSON_AddItemToArray(table, line);
	}
	if (cJSON_GetArraySize(table) > 0) {
		print_table(table, columns);
		consents_explain(session, table);
	} else {
		session_say(session,
		    _("No decision yet. What to do next: carnet refuse fr"));
	}
	cJSON_Delete(table);
}

/* Asked for one body that nothing was decided about: unknown. */
static void
consents_add_unknown(const cJSON *recipient, cJSON *consents)
{
	cJSON *row = cJSON_CreateObject();

	json_add_text(row, "recipient", json_text(recipient, "id"));
	json_add_text(row, "name", json_text(recipient, "name"));
	json_add_text(row, "purpose", NULL);
	json_add_text(row, "answer", "unknown");
	json_add(row, "decisions", cJSON_CreateArray());
	json_add_bool(row, "conflict", false);
	json_add_text(row, "until", NULL);
	(void)cJSON_AddItemToArray(consents, row);
}

static int
consents_run(struct session *session)
{
	const char *only = option_text(session->options, "recipient");
	struct decision_list list = { 0 };
	cJSON *recipients = NULL, *one = NULL, *result;
	cJSON *consents = cJSON_CreateArray();
	enum carnet_status status = session_person(session);

	if (status == CARNET_OK && only != NULL)
		status = recipient_find(session, only, &one);
	if (status == CARNET_OK)
		status = recipient_all(session, &recipients);
	if (status == CARNET_OK)
		status = decision_list_load(session, only, &list);
	if (status == CARNET_OK)
		status = consents_rows(session, &list, recipients, consents);
	if (status == CARNET_OK && one != NULL && list.len == 0)
		consents_add_unknown(one, consents);
	cJSON_Delete(one);
	cJSON_Delete(recipients);
	if (status != CARNET_OK) {
		cJSON_Delete(consents);
		decision_list_free(&list);
		return session_fail(session, only);
	}
	if (!session->json)
		consents_print(session, consents);
	result = cJSON_CreateObject();
	json_add_text(result, "on", session->today);
	json_add(result, "consents", consents);
	json_add(result, "decisions", consents_decisions(session, &list));
	decision_list_free(&list);
	return session_result(session, result, EXIT_DONE);
}

/* --- may -------------------------------------------------------------------
 */

static void
may_print(struct session *session, const struct decision_list *list,
    const size_t *used, size_t used_len, enum may_answer answer)
{
	print_line("%s", consents_answer_words(consents_answer_name(answer)));
	for (size_t i = 0; i < used_len; i++) {
		const cJSON *row = list->row_of[used[i]];
		const char *kind = json_text(row, "kind");
		char date[40];

		print_date(session, json_text(row, "made"), date);
		print_line("  %s  %s  %s", json_text(row, "id"), date,
		    strcmp(kind, "refuse") == 0    ? _("refusal")
		    : strcmp(kind, "decline") == 0 ? _("form not signed")
						   : _("consent"));
	}
	if (answer == MAY_UNKNOWN)
		session_say(
		    session, _("No consent covers this: it does not read as "
			       "permitted."));
}

/* Of several purposes asked for at once, the strictest answer. */
static enum may_answer
may_ask(const struct session *session, const struct decision_list *list,
    const char *recipient, const cJSON *purposes, size_t *used,
    size_t *ret_used_len)
{
	static const int strictness[] = {
		[MAY_PERMITTED] = 0, [MAY_UNKNOWN] = 1, [MAY_REFUSED] = 2
	};
	const cJSON *purpose;
	const char *strictest = NULL;
	enum may_answer answer = MAY_PERMITTED, one;

	cJSON_ArrayForEach(purpose, purposes)
	{
		one = decisions_may(list->items, list->len, recipient,
		    purpose->valuestring, decision_today(session), NULL, NULL);
		if (strictest == NULL || strictness[one] > strictness[answer]) {
			answer = one;
			strictest = purpose->valuestring;
		}
	}
	return decisions_may(list->items, list->len, recipient, strictest,
	    decision_today(session), used, ret_used_len);
}

static int
may_report(struct session *session, const struct decision_list *list,
    const char *recipient, const cJSON *purposes)
{
	size_t *used = calloc(list->len + 1, sizeof(*used)), used_len = 0;
	cJSON *result = cJSON_CreateObject(), *ids;
	enum may_answer answer;

	if (used == NULL) {
		cJSON_Delete(result);
		carnet_fail(
		    &session->err, CARNET_NO_MEMORY, _("not enough memory"));
		return session_fail(session, NULL);
	}
	answer = may_ask(session, list, recipient, purposes, used, &used_len);
	json_add_text(result, "answer", consents_answer_name(answer));
	ids = cJSON_AddArrayToObject(result, "decisions");
	for (size_t i = 0; i < used_len; i++)
		(void)cJSON_AddItemToArray(
		    ids, cJSON_CreateString(list->items[used[i]].id));
	json_add_text(result, "recipient", recipient);
	json_add_text(result, "on", session->today);
	if (!session->json)
		may_print(session, list, used, used_len, answer);
	free(used);
	return session_result(session, result,
	    answer == MAY_PERMITTED ? EXIT_DONE
	    : answer == MAY_REFUSED ? EXIT_REFUSED
				    : EXIT_UNKNOWN);
}

static int
may_run(struct session *session)
{
	const char *id = options_argument(session->options, 0);
	struct decision_list list = { 0 };
	cJSON *purposes = NULL, *recipient = NULL;
	enum carnet_status status;
	int code;

	if (id == NULL || options_argc(session->options) > 1)
		return session_usage(session, _("may who? one recipient"));
	if (decision_purposes(session, &purposes) != CARNET_OK) {
		(void)session_fail(session, NULL);
		return EXIT_USAGE;
	}
	status = session_person(session);
	if (status == CARNET_OK)
		status = recipient_find(session, id, &recipient);
	if (status == CARNET_OK)
		status = decision_list_load(session, id, &list);
	code = status == CARNET_OK ? may_report(session, &list, id, purposes)
				   : session_fail(session, id);
	decision_list_free(&list);
	cJSON_Delete(recipient);
	cJSON_Delete(purposes);
	return code;
}

const struct verb verb_consents = { "consents", N_("[--recipient R]"),
	N_("who may do what with which data, and by which decision"), NEED_READ,
	consents_options, consents_run, "carnet consents --on 2026-01-31" };
const struct verb verb_may = { "may", N_("RECIPIENT [--purpose P]"),
	N_("may they? exit 0 permitted, 20 refused, 21 unknown"), NEED_READ,
	may_options, may_run, "carnet may fr/pds --purpose research" };
