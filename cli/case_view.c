/* SPDX-License-Identifier: ISC */
/*
 * From a statement's row to what vault/consent reckons with.  Decides
 * nothing.  The contract is in case_view.h.
 */
#include "case_view.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const cJSON *
case_statement(const struct letter_desk *desk, const cJSON *row)
{
	const struct letters *letters = desk->session->letters;
	const char *template = json_text(row, "template");
	const cJSON *statement = letters_statement(letters, template);

	return statement != NULL || template[0] == '\0' ? statement
							: letters_own(letters);
}

struct carnet_date
case_today(const struct session *session)
{
	struct carnet_date today = { 0 };

	(void)carnet_date_parse(session->today, &today);
	return today;
}

/* A month, extended to three, is what the GDPR gives wherever the catalogue
 * knows no other clock. */
static struct case_clock
case_clock_of(const cJSON *statement)
{
	static const struct {
		const char *name;
		enum clock_kind kind;
	} kinds[] = { { "none", CLOCK_NONE }, { "months", CLOCK_MONTHS },
		{ "days", CLOCK_DAYS },
		{ "national-days", CLOCK_NATIONAL_DAYS },
		{ "national-months", CLOCK_NATIONAL_MONTHS } };
	struct case_clock clock = { .kind = CLOCK_MONTHS,
		.count = 1,
		.extended_months = 3,
		.presumed_days = 3 };
	const cJSON *data = carnet_json_get(statement, "clock");
	const char *kind = json_text(data, "kind");
	int64_t count = 0, extended = 0, presumed = 0, silence = 0, days = 0,
		review = 0;

	if (data == NULL)
		return clock;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, kind) == 0)
			clock.kind = kinds[i].kind;
	(void)carnet_json_int(data, "count", &count);
	(void)carnet_json_int(data, "extended_months", &extended);
	(void)carnet_json_int(data, "presumed_days", &presumed);
	(void)carnet_json_int(data, "complain_months", &silence);
	clock.count = (int)count;
	(void)carnet_json_int(data, "extended_days", &days);
	clock.extended_months = (int)extended;
	clock.extended_days = (int)days;
	clock.extended_open = carnet_json_bool(data, "extended_open", false);
	(void)carnet_json_int(data, "review_days", &review);
	clock.review_days = (int)review;
	clock.presumed_days = (int)presumed;
	clock.complain_months = (int)silence;
	return clock;
}

/* Where the addressee works: as the person says, the catalogue, or the
 * beginning of the id ("fr/…"). */
static void
case_calendar(const struct letter_desk *desk, const char *recipient,
    struct carnet_calendar *ret_calendar)
{
	const struct letters *letters = desk->session->letters;
	const cJSON *own = letter_recipient(desk, recipient);
	const cJSON *entry = letters_recipient(letters, recipient);
	const char *country = carnet_json_string(own, "country");
	const char *region = carnet_json_string(own, "region");
	char prefix[3] = "";

	if (country == NULL)
		country = carnet_json_string(entry, "country");
	if (region == NULL)
		region = carnet_json_string(entry, "region");
	if (country == NULL && strlen(recipient) > 2 && recipient[2] == '/') {
		prefix[0] = (char)toupper((unsigned char)recipient[0]);
		prefix[1] = (char)toupper((unsigned char)recipient[1]);
		country = prefix;
	}
	letters_calendar(
	    letters, country == NULL ? "" : country, region, ret_calendar);
}

enum carnet_status
case_facts_read(const struct letter_desk *desk, const cJSON *row,
    struct case_facts *ret_facts)
{
	struct carnet_error *err = &desk->session->err;
	const cJSON *step;

	ret_facts->len = 0;
	cJSON_ArrayForEach(step, carnet_json_get(row, "steps"))
	{
		struct case_step *to = &ret_facts->steps[ret_facts->len];

		if (ret_facts->len == CASE_STEPS_MAX)
			return carnet_fail(err, CARNET_UNSUPPORTED,
			    _("this case has more steps than carnet follows"));
		to->outcome = OUTCOME_NONE;
		(void)step_outcome_parse(
		    json_text(step, "outcome"), &to->outcome);
		/* a newer carnet's kind of step changes nothing here */
		if (step_kind_parse(json_text(step, "kind"), &to->kind) &&
		    carnet_date_parse(json_text(step, "on"), &to->on))
			ret_facts->len++;
	}
	ret_facts->clock = case_clock_of(case_statement(desk, row));
	case_calendar(desk, json_text(row, "recipient"), &ret_facts->calendar);
	return CARNET_OK;
}

void
case_due_unanswered(const struct case_facts *facts, struct carnet_date today,
    char ret_due[CARNET_DATE_TEXT])
{
	struct case_facts before = *facts;
	struct case_view view;

	before.len = 0;
	for (size_t i = 0; i < facts->len; i++)
		if (facts->steps[i].kind != STEP_ANSWERED &&
		    facts->steps[i].kind != STEP_CLOSED)
			before.steps[before.len++] = facts->steps[i];
	case_evaluate(before.steps, before.len, false, &before.clock,
	    &before.calendar, today, &view);
	carnet_date_format(view.due, ret_due);
}
