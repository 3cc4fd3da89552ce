/* SPDX-License-Identifier: ISC */
/*
 * From a case's state to the letters that answer an answer.  Which of them
 * fits, only the person knows who has read it.  The contract is in answers.h.
 */
#include "answers.h"

#include <stdio.h>
#include <string.h>

#include "authority.h"
#include "case_view.h"

/* An extension was announced of a time that a national text gives, and that
 * no text extends. */
static bool
answers_has_none(const struct letter_desk *desk, const cJSON *row)
{
	const char *kind = json_text(
	    carnet_json_get(case_statement(desk, row), "clock"), "kind");

	return strncmp(kind, "national-", 9) == 0 &&
	       carnet_json_bool(
		   carnet_json_get(row, "due"), "no_extension", false);
}

/* Whether the case is in such a state: its own, its deadline's, or the
 * outcome of its last answer. */
static bool
answers_is(const struct letter_desk *desk, const cJSON *row, const char *when)
{
	const char *outcome = "";
	const cJSON *step;

	if (strcmp(when, "late-extension") == 0)
		return carnet_json_bool(
		    carnet_json_get(row, "due"), "late_extension", false);
	if (strcmp(when, "no-extension") == 0)
		return answers_has_none(desk, row);
	cJSON_ArrayForEach(step,
	    carnet_json_get(row, "steps")) if (strcmp(json_text(step, "kind"),
						   "answered") == 0) outcome =
	    json_text(step, "outcome");
	if (strcmp(json_text(row, "status"), "answered") != 0)
		return strcmp(json_text(row, "status"), when) == 0;
	/* what was granted needs no answer */
	return strcmp(outcome, "granted") != 0 &&
	       (strcmp(when, "answered") == 0 || strcmp(outcome, when) == 0);
}

/* Whether the answer can be given to a body of that place. */
static bool
answers_suits(const cJSON *answer, enum authority_place place)
{
	static const char *const names[] = { [PLACE_FRANCE] = "fr",
		[PLACE_GDPR] = "gdpr",
		[PLACE_ELSEWHERE] = "elsewhere" };
	const cJSON *where = carnet_json_get(answer, "where"), *one;

	cJSON_ArrayForEach(one,
	    where) if (strcmp(one->valuestring, names[place]) == 0) return true;
	return where == NULL;
}

void
answers_add(const struct letter_desk *desk, cJSON *row)
{
	const struct session *session = desk->session;
	cJSON *answers = cJSON_AddArrayToObject(row, "answers");
	enum authority_place place =
	    authority_place(desk, json_text(row, "recipient"));
	const cJSON *answer, *when;
	char command[200];

	cJSON_ArrayForEach(answer, letters_answers(session->letters))
	{
		const char *template = carnet_json_string(answer, "template");
		const char *step = json_text(answer, "step");
		const char *id = json_text(row, "id");
		bool fits = false;
		cJSON *item;

		cJSON_ArrayForEach(when, carnet_json_get(answer, "when")) fits =
		    fits || answers_is(desk, row, when->valuestring);
		if (!fits || !answers_suits(answer, place))
			continue;
		if (template != NULL)
			(void)snprintf(command, sizeof(command),
			    "carnet statement new %s --about %s", template, id);
		else
			(void)snprintf(command, sizeof(command),
			    "carnet statement %s %s%s", step, id,
			    strcmp(step, "complain") == 0 ? _(" -o DIR") : "");
		item = cJSON_CreateObject();
		json_copy(item, answer, "id");
		json_add_text(item, "they",
		    json_text(carnet_json_get(answer, "they"), session->lang));
		json_add_text(item, "template", template);
		json_add_text(item, "command", command);
		(void)cJSON_AddItemToArray(answers, item);
	}
}
