/* SPDX-License-Identifier: ISC */
/*
 * When a refusal, or the silence that stands for one, can be brought before
 * another body.  Prints nothing.  The contract is in referral.h.
 */
#include "referral.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recipient_public.h"

/* --- the days ------------------------------------------------------------ */

static int
referral_number(const cJSON *window, const char *key)
{
	int64_t number = 0;

	(void)carnet_json_int(window, key, &number);
	return (int)number;
}

static struct carnet_date
referral_end(const cJSON *window, struct carnet_date from)
{
	int count = referral_number(window, "count");

	return strcmp(json_text(window, "unit"), "months") == 0
		   ? date_add_months(from, count)
		   : date_add_days(from, count * 7);
}

/* From the refusal, or from the silence that is one. */
static void
referral_days(const struct case_facts *facts, const struct case_step *answer,
    struct referral *referral)
{
	const cJSON *window = carnet_json_get(referral->statement, "window");
	struct case_view view;
	struct carnet_date silence;

	if (answer != NULL) {
		referral->from = answer->on;
		referral->until = referral_end(window, answer->on);
		return;
	}
	case_evaluate(facts->steps, facts->len, false, &facts->clock,
	    &facts->calendar, facts->steps[0].on, &view);
	silence = date_add_months(
	    view.clock_from, referral_number(window, "silence_months"));
	referral->from = date_add_days(silence, 1);
	referral->until = referral_end(window, silence);
	referral->estimate = view.presumed;
}

static enum referral_state
referral_state_of(const struct referral *referral, struct carnet_date today)
{
	if (!carnet_date_is_set(referral->from))
		return REFERRAL_UNSENT;
	if (carnet_date_compare(today, referral->from) < 0)
		return REFERRAL_EARLY;
	return carnet_date_compare(today, referral->until) > 0 ? REFERRAL_LATE
							       : REFERRAL_OPEN;
}

struct referral
referral_of(const struct letter_desk *desk, const cJSON *row)
{
	struct session *session = desk->session;
	struct referral referral = { .state = REFERRAL_NONE };
	const cJSON *entry =
	    letters_recipient(session->letters, json_text(row, "recipient"));
	enum recipient_public public = recipient_public(
	    entry, letter_recipient(desk, json_text(row, "recipient")));
	const struct case_step *answer = NULL;
	struct case_facts facts;

	referral.statement = letters_statement(session->letters,
	    json_text(carnet_json_get(case_statement(desk, row), "next"),
		"referral"));
	if (referral.statement == NULL ||
	    case_facts_read(desk, row, &facts) != CARNET_OK)
		return referral;
	referral.private_body = public == PUBLIC_NO;
	referral.public_body = public == PUBLIC_YES;
	referral.state = REFERRAL_UNSENT;
	if (facts.len == 0)
		return referral;
	for (size_t i = 0; i < facts.len; i++) {
		if (facts.steps[i].kind == STEP_ANSWERED)
			answer = &facts.steps[i];
	}
	if (answer != NULL && answer->outcome == OUTCOME_GRANTED) {
		referral.state = REFERRAL_GRANTED;
		return referral;
	}
	referral_days(&facts, answer, &referral);
	referral.state = referral_state_of(&referral, case_today(session));
	return referral;
}

/* --- a draft of it ---------------------------------------------------------
 */

/* The referral of the request that the draft is about; state NONE: the draft
 * isn't one. */
static struct referral
referral_of_draft(const struct letter_desk *desk, const cJSON *draft)
{
	const cJSON *about =
	    letter_find(desk->statements, "id", json_text(draft, "about"));
	struct referral referral = { .state = REFERRAL_NONE };

	if (about != NULL)
		referral = referral_of(desk, about);
	if (strcmp(json_text(referral.statement, "id"),
		json_text(draft, "template")) != 0)
		referral.state = REFERRAL_NONE;
	return referral;
}

bool
referral_is_outside(const struct letter_desk *desk, const cJSON *draft)
{
	enum referral_state state = referral_of_draft(desk, draft).state;

	return state != REFERRAL_NONE && state != REFERRAL_OPEN;
}

static const char *
referral_words(const struct referral *referral)
{
	if (referral->private_body)
		return _("this addressee is a private body: the CADA gives its "
			 "opinion on public bodies only; against this one "
			 "there is the complaint to the CNIL");
	switch (referral->state) {
	case REFERRAL_UNSENT:
		return _("too early for the CADA: the request hasn't been "
			 "sent");
	case REFERRAL_GRANTED:
		return _("nothing was refused: the CADA gives its opinion on a "
			 "refusal");
	case REFERRAL_EARLY:
		return _("too early for the CADA: it takes a refusal, or one "
			 "month without an answer; from %s on");
	case REFERRAL_LATE:
		return _("too late for the CADA: the two months that follow a "
			 "refusal ended on %s");
	case REFERRAL_NONE:
	case REFERRAL_OPEN:
		break;
	}
	return NULL;
}

/* Nobody said whether the addressee is a public body. */
static char *
referral_unknown(const struct letter_desk *desk, const cJSON *draft)
{
	const cJSON *about =
	    letter_find(desk->statements, "id", json_text(draft, "about"));
	char *text = NULL;

	if (asprintf(&text,
		_("the CADA gives its opinion on public bodies, or private "
		  "ones with a public service to perform; whether this "
		  "addressee is one isn't known: carnet recipient edit %s "
		  "--public yes|no"),
		json_text(about, "recipient")) < 0)
		return NULL;
	return text;
}

char *
referral_warning(const struct letter_desk *desk, const cJSON *draft)
{
	struct referral referral = referral_of_draft(desk, draft);
	struct carnet_date drafted = { 0 };
	const char *words = NULL;
	char iso[CARNET_DATE_TEXT], day[40], *text = NULL;

	if (referral.state != REFERRAL_NONE)
		words = referral_words(&referral);
	(void)carnet_date_parse(letter_date(draft), &drafted);
	if (words == NULL && referral.state == REFERRAL_OPEN &&
	    carnet_date_compare(drafted, referral.from) < 0)
		words = _("this referral is dated before the refusal, which "
			  "stands from %s on: draft it anew");
	if (words == NULL && referral.state == REFERRAL_OPEN &&
	    !referral.public_body)
		return referral_unknown(desk, draft);
	if (words == NULL)
		return NULL;
	carnet_date_format(
	    referral.state == REFERRAL_LATE ? referral.until : referral.from,
	    iso);
	print_date(desk->session, iso, day);
	if (asprintf(&text, words, day) < 0)
		return NULL;
	return text;
}

/* --- a request's way to it -------------------------------------------------
 */

static void
referral_add_date(cJSON *object, const char *key, struct carnet_date date)
{
	char text[CARNET_DATE_TEXT];

	carnet_date_format(date, text);
	json_add_text(object, key, text);
}

/* It has been brought there already. */
static bool
referral_is_sent(const struct letter_desk *desk, const cJSON *row,
    const struct referral *referral)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, desk->statements)
	{
		if (strcmp(json_text(one, "template"),
			json_text(referral->statement, "id")) == 0 &&
		    strcmp(json_text(one, "about"), json_text(row, "id")) ==
			0 &&
		    cJSON_GetArraySize(carnet_json_get(one, "steps")) > 0)
			return true;
	}
	return false;
}

void
referral_add(const struct letter_desk *desk, cJSON *row)
{
	struct referral referral = referral_of(desk, row);
	char command[200];
	cJSON *object;

	if ((referral.state != REFERRAL_EARLY &&
		referral.state != REFERRAL_OPEN) ||
	    referral.private_body ||
	    letter_find(carnet_json_get(row, "steps"), "kind", "closed") !=
		NULL ||
	    referral_is_sent(desk, row, &referral)) {
		json_add_text(row, "referral", NULL);
		return;
	}
	(void)snprintf(command, sizeof(command),
	    "carnet statement new %s --about %s",
	    json_text(referral.statement, "id"), json_text(row, "id"));
	object = cJSON_AddObjectToObject(row, "referral");
	json_add_text(object, "template", json_text(referral.statement, "id"));
	json_add_text(object, "title",
	    json_text(carnet_json_get(referral.statement, "title"),
		desk->session->lang));
	json_add_text(
	    object, "recipient", json_text(referral.statement, "addressee"));
	referral_add_date(object, "from", referral.from);
	referral_add_date(object, "until", referral.until);
	json_add_bool(object, "open", referral.state == REFERRAL_OPEN);
	json_add_bool(object, "estimate", referral.estimate);
	json_add_bool(object, "public", referral.public_body);
	json_add_text(object, "command", command);
}
