/* SPDX-License-Identifier: ISC */
/*
 * refuse, allow, withdraw: a person's word, recorded with the statements that
 * make it known.  All recipients of a call or none; nothing that stood before
 * is erased.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "letter.h"
#include "plain_text.h"
#include "plan.h"
#include "refuse_ask.h"
#include "verbs.h"

#define DECIDE_REASON_MAX 2000
#define DECIDE_REQUEST_MAX 500

static const struct option_row decide_options[] = {
	{ "purpose", OPTION_LIST, "P",
	    N_("for what: research, marketing…; several times for several") },
	{ "scope", OPTION_TEXT, "S",
	    N_("which data: all, lab, 2019..2021, an id, query:…") },
	{ "from", OPTION_DATE, "DATE", N_("it begins on this day") },
	{ "until", OPTION_DATE, "DATE", N_("it ends with this day") },
	{ "request", OPTION_TEXT, "FORM",
	    N_("the form or request that this answers") },
	{ "reason", OPTION_TEXT, "TEXT",
	    N_("one's own situation, in one's own words") },
	{ "proof", OPTION_TEXT, "FILE", N_("a file to keep with it") },
	{ "letter-lang", OPTION_TEXT, "fr|en", N_("the letters' language") },
	OPTIONS_END
};
static const struct option_row withdraw_options[] = {
	{ "reason", OPTION_TEXT, "TEXT", N_("why, in one's own words") },
	{ "proof", OPTION_TEXT, "FILE", N_("a file to keep with it") },
	{ "letter-lang", OPTION_TEXT, "fr|en", N_("the letters' language") },
	OPTIONS_END
};

/* --- what was typed ------------------------------------------------------ */

static const char *
decide_wrong_dates(struct session *session)
{
	const char *from = option_text(session->options, "from");
	const char *until = option_text(session->options, "until");

	if (from != NULL && until != NULL && strcmp(from, until) > 0)
		return _("--until comes before --from");
	if (until != NULL && strcmp(until, session->today) < 0)
		return _("--until: this day is over already");
	return NULL;
}

static const char *
decide_wrong(struct session *session)
{
	const struct options *options = session->options;
	const char *reason = option_text(options, "reason");
	const char *request = option_text(options, "request");
	const char *lang = option_text(options, "letter-lang");

	if (reason != NULL && plain_text_check(session, "--reason", reason,
				  DECIDE_REASON_MAX, true) != CARNET_OK)
		return session->err.message;
	if (request != NULL && plain_text_check(session, "--request", request,
				   DECIDE_REQUEST_MAX, false) != CARNET_OK)
		return session->err.message;
	if (lang != NULL && strcmp(lang, "fr") != 0 && strcmp(lang, "en") != 0)
		return _("--letter-lang: fr or en");
	return decide_wrong_dates(session);
}

static enum carnet_status
decide_resolve(void *context, const char *prefix, char ret_id[14],
    struct carnet_error *err)
{
	struct session *session = context;

	return carnet_resolve(session->vault, 'd', prefix, ret_id, err);
}

static enum carnet_status
decide_add_scope(struct session *session, cJSON *wish)
{
	const char *typed = option_text(session->options, "scope");
	char *scope = NULL;
	enum carnet_status status;

	if (typed == NULL) {
		json_add_text(wish, "scope", "all");
		return CARNET_OK;
	}
	status = plain_text_check(session, "--scope", typed, 2000, false);
	if (status == CARNET_OK)
		status = letters_scope_parse(session->letters, typed,
		    decide_resolve, session, &scope, &session->err);
	if (status == CARNET_OK)
		json_add_text(wish, "scope", scope);
	free(scope);
	return status;
}

/* The wish of the options, for every recipient the same. */
static enum carnet_status
decide_wish(struct session *session, const char *kind, cJSON *wish)
{
	static const char *const texts[] = { "from", "until", "reason",
		"request" };
	cJSON *purposes = NULL;
	enum carnet_status status = decision_purposes(session, &purposes);

	if (status != CARNET_OK)
		return status;
	json_add_text(wish, "kind", kind);
	json_add(wish, "purposes", purposes);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *text = option_text(session->options, texts[i]);

		if (text != NULL)
			json_add_text(wish, texts[i], text);
	}
	return decide_add_scope(session, wish);
}

/* --- warnings --------------------------------------------------------------
 */

/* A child without a recorded parent or guardian: said once. */
static void
decide_warn_guardian(
    const struct letter_desk *desk, const struct plan *plan, cJSON *row)
{
	const cJSON *statement;

	for (size_t i = 0; i < plan->len; i++) {
		cJSON_ArrayForEach(statement, plan->items[i].statements)
		{
			cJSON_DeleteItemFromObjectCaseSensitive(
			    row, "template");
			json_copy(row, statement, "template");
			if (!letter_lacks_guardian(
				desk, row, desk->session->today))
				continue;
			session_warn(desk->session, "%s", _(letter_guardian));
			return;
		}
	}
}

/* Someone signs for the person: is it still theirs to do? */
static enum carnet_status
decide_warn_signer(struct session *session, const struct plan *plan)
{
	struct letter_desk desk = { 0 };
	const cJSON *as = NULL, *statement, *entry;
	cJSON *row = cJSON_CreateObject();
	bool ended = false;
	enum carnet_status status = letter_desk_open(session, &desk);

	json_add_text(row, "person_id", session->person);
	if (status == CARNET_OK)
		letter_signer(&desk, row, session->today, &as, &ended);
	if (ended)
		session_warn(session,
		    _("a parent's representation ends at 18: this person "
		      "signs now"));
	for (size_t i = 0; i < plan->len && as != NULL && !ended; i++) {
		cJSON_ArrayForEach(statement, plan->items[i].statements)
		{
			entry = letters_statement(
			    session->letters, json_text(statement, "template"));
			if (carnet_json_bool(entry, "self_only", false))
				session_warn(session,
				    _("%s: nobody can sign this for another"),
				    json_text(statement, "template"));
		}
	}
	if (status == CARNET_OK)
		decide_warn_guardian(&desk, plan, row);
	cJSON_Delete(row);
	letter_desk_close(&desk);
	return status;
}

static void
decide_warn_wish(struct session *session, const cJSON *wish)
{
	const char *kind = json_text(wish, "kind");

	if (strcmp(kind, "allow") == 0 &&
	    cJSON_GetArraySize(carnet_json_get(wish, "purposes")) == 0)
		session_warn(session,
		    _("a consent to every purpose: --purpose names those it "
		      "is meant for"));
}

/* --- refuse and allow ------------------------------------------------------
 */

static enum carnet_status
decide_add_all(struct session *session, struct plan *plan, const cJSON *wish,
    const cJSON *chosen, const char **ret_object)
{
	enum carnet_status status = CARNET_OK;
	const cJSON *one;

	cJSON_ArrayForEach(one, chosen)
	{
		status = plan_add(
		    plan, one->valuestring, wish, json_text(wish, "kind"));
		if (status != CARNET_OK) {
			*ret_object = one->valuestring;
			return status;
		}
	}
	decide_warn_wish(session, wish);
	return decide_warn_signer(session, plan);
}

static int
decide_all(struct session *session, const cJSON *wish, const cJSON *chosen)
{
	struct plan plan = { .session = session };
	const char *object = NULL;
	enum carnet_status status =
	    decide_add_all(session, &plan, wish, chosen, &object);
	int code;

	if (status == CARNET_OK) {
		object = option_text(session->options, "proof");
		status = plan_commit(&plan, object);
	}
	code = status == CARNET_OK ? plan_report(&plan)
				   : session_fail(session, object);
	plan_free(&plan);
	return code;
}

/* The recipients named, or those that a country's questions chose. */
static enum carnet_status
decide_choose(struct session *session, const char *kind, cJSON **ret_chosen)
{
	size_t count = options_argc(session->options);
	const char *first = options_argument(session->options, 0);

	if (count == 1 && strcmp(kind, "refuse") == 0 &&
	    refuse_ask_is_country(session, first))
		return refuse_ask(session, first, ret_chosen);
	*ret_chosen = cJSON_CreateArray();
	for (size_t i = 0; i < count; i++)
		(void)cJSON_AddItemToArray(*ret_chosen,
		    cJSON_CreateString(options_argument(session->options, i)));
	return CARNET_OK;
}

static int
decide_run(struct session *session, const char *kind)
{
	const char *wrong = decide_wrong(session);
	cJSON *wish, *chosen = NULL;
	enum carnet_status status;
	int code;

	if (wrong != NULL)
		return session_usage(session, wrong);
	if (options_argc(session->options) == 0)
		return session_usage(session,
		    _("whom? one recipient or several (carnet recipient "
		      "list)"));
	wish = cJSON_CreateObject();
	status = session_person(session);
	if (status == CARNET_OK)
		status = session_letters(session);
	if (status != CARNET_OK) {
		cJSON_Delete(wish);
		return session_fail(session, NULL);
	}
	status = decide_wish(session, kind, wish);
	if (status == CARNET_OK)
		status = decide_choose(session, kind, &chosen);
	if (status == CARNET_OK && cJSON_GetArraySize(chosen) == 0) {
		session_say(session, _("Nothing chosen, nothing recorded."));
		code = EXIT_DONE;
	} else if (status == CARNET_OK) {
		code = decide_all(session, wish, chosen);
	} else {
		(void)session_fail(session, NULL);
		code = status == CARNET_INVALID ? EXIT_USAGE
						: session_exit_code(status);
	}
	cJSON_Delete(chosen);
	cJSON_Delete(wish);
	return code;
}

static int
refuse_run(struct session *session)
{
	return decide_run(session,
	    option_text(session->options, "request") == NULL ? "refuse"
							     : "decline");
}

static int
allow_run(struct session *session)
{
	return decide_run(session, "allow");
}

/* --- withdraw ----------------------------------------------------------------
 */

static enum carnet_status
withdraw_fail(struct session *session, const char *message, const char *hint)
{
	carnet_fail(&session->err, CARNET_INVALID, "%s", message);
	carnet_hint(&session->err, "%s", hint);
	return CARNET_INVALID;
}

/* What can be taken back: what holds, or begins later. */
static enum carnet_status
withdraw_check(struct session *session, const struct decision_list *list,
    const struct decision *item)
{
	struct carnet_date today = decision_today(session);

	if (item->kind == DECISION_WITHDRAW)
		return withdraw_fail(session,
		    _("this takes a decision back already"),
		    _("decide anew: carnet refuse, carnet allow"));
	if (carnet_date_compare(item->made, today) > 0)
		return withdraw_fail(session,
		    _("on that day this decision wasn't made yet"), "");
	for (size_t i = 0; i < list->len; i++) {
		const struct decision *other = &list->items[i];

		if (other->withdraws != NULL &&
		    strcmp(other->withdraws, item->id) == 0)
			return withdraw_fail(session,
			    _("this decision was taken back already"),
			    _("what holds: carnet consents"));
		if (other->supersedes != NULL &&
		    strcmp(other->supersedes, item->id) == 0 &&
		    carnet_date_compare(other->made, today) <= 0 &&
		    carnet_date_compare(other->from, today) <= 0)
			return withdraw_fail(session,
			    _("another decision has taken its place"),
			    _("take that one back: carnet consents shows "
			      "it"));
	}
	if (carnet_date_is_set(item->until) &&
	    carnet_date_compare(item->until, today) < 0)
		return withdraw_fail(
		    session, _("this decision has ended already"), "");
	return CARNET_OK;
}

static void
withdraw_wish(struct session *session, const cJSON *row, cJSON *wish)
{
	const char *reason = option_text(session->options, "reason");

	json_add_text(wish, "kind", "withdraw");
	json_add_text(wish, "withdraws", json_text(row, "id"));
	json_copy(wish, row, "purposes");
	json_copy(wish, row, "scope");
	if (carnet_json_string(row, "request") != NULL)
		json_copy(wish, row, "request");
	if (reason != NULL)
		json_add_text(wish, "reason", reason);
}

/* Letters that nobody has had may not need another. */
static void
withdraw_warn_unsent(struct session *session, const char *id)
{
	cJSON *filter = cJSON_CreateObject(), *statements = NULL;
	const cJSON *one;
	bool sent = false;

	json_add_text(filter, "decision", id);
	if (carnet_statements(session->vault, filter, &statements,
		&session->err) == CARNET_OK) {
		cJSON_ArrayForEach(one, statements) sent =
		    sent ||
		    cJSON_GetArraySize(carnet_json_get(one, "steps")) > 0;
		if (!sent && cJSON_GetArraySize(statements) > 0)
			session_warn(session,
			    _("no letter about %s is marked as sent: there "
			      "may be nothing to take back there"),
			    id);
	}
	cJSON_Delete(statements);
	cJSON_Delete(filter);
}

/* Loads the decisions of the person and recipient that the row is about. */
static enum carnet_status
withdraw_plan(struct session *session, const cJSON *row, struct plan *plan)
{
	const char *kind = json_text(row, "kind");
	const char *recipient = json_text(row, "recipient");
	struct decision_list list = { 0 };
	cJSON *wish = cJSON_CreateObject();
	enum carnet_status status;

	(void)snprintf(session->person, sizeof(session->person), "%s",
	    json_text(row, "person_id"));
	status = decision_list_load(session, recipient, &list);
	for (size_t i = 0; i < list.len && status == CARNET_OK; i++)
		if (strcmp(list.items[i].id, json_text(row, "id")) == 0)
			status = withdraw_check(session, &list, &list.items[i]);
	withdraw_wish(session, row, wish);
	if (status == CARNET_OK)
		status = plan_add(plan, recipient, wish,
		    strcmp(kind, "refuse") == 0  ? "lift"
		    : strcmp(kind, "allow") == 0 ? "withdraw"
						 : NULL);
	if (status == CARNET_OK)
		withdraw_warn_unsent(session, json_text(row, "id"));
	cJSON_Delete(wish);
	decision_list_free(&list);
	return status;
}

static int
withdraw_run(struct session *session)
{
	const char *proof = option_text(session->options, "proof");
	const char *wrong = decide_wrong(session);
	struct plan plan = { .session = session };
	cJSON *filter, *found = NULL;
	char id[CARNET_ID_TEXT];
	enum carnet_status status;
	int code;

	if (wrong != NULL)
		return session_usage(session, wrong);
	if (options_argc(session->options) != 1)
		return session_usage(
		    session, _("which decision? one id (carnet consents)"));
	if (!verb_resolve(session, 'c', 0, id, &code))
		return code;
	filter = cJSON_CreateObject();
	json_add_text(filter, "id", id);
	status = session_letters(session);
	if (status == CARNET_OK)
		status = carnet_decisions(
		    session->vault, filter, &found, &session->err);
	if (status == CARNET_OK)
		status =
		    withdraw_plan(session, cJSON_GetArrayItem(found, 0), &plan);
	if (status == CARNET_OK)
		status = plan_commit(&plan, proof);
	code = status == CARNET_OK ? plan_report(&plan)
				   : session_fail(session, id);
	plan_free(&plan);
	cJSON_Delete(found);
	cJSON_Delete(filter);
	return code;
}

const struct verb verb_refuse = { "refuse", N_("RECIPIENT… [OPTION…] | fr"),
	N_("records a refusal and drafts the letters that it calls for"),
	NEED_WRITE, decide_options, refuse_run,
	"carnet refuse fr/pds --purpose research" };
const struct verb verb_allow = { "allow", N_("RECIPIENT… [OPTION…]"),
	N_("records a consent with its limits"), NEED_WRITE, decide_options,
	allow_run,
	"carnet allow fr/etude --purpose research --until "
	"2027-12-31" };
const struct verb verb_withdraw = { "withdraw", N_("ID [OPTION…]"),
	N_("takes a decision back; what stood before stays on record"),
	NEED_WRITE, withdraw_options, withdraw_run, "" };
