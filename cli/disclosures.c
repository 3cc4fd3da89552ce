/* SPDX-License-Identifier: ISC */
/*
 * disclosures: what left the vault, when, for whom, as the ledger has it.
 * Of what became of it afterwards nobody here knows anything.
 */
#include <stdio.h>

#include "verbs.h"

static const struct option_row disclosures_options[] = { OPTIONS_END };

/* "d7k2m…, d9x4q…": the ids of one row, for a table. */
static void
disclosures_join(const cJSON *ids, char *text, size_t size)
{
	const cJSON *id;
	size_t at = 0;

	text[0] = '\0';
	cJSON_ArrayForEach(id, ids) if (cJSON_IsString(id) && at < size) at +=
	    (size_t)snprintf(text + at, size - at, "%s%s", at == 0 ? "" : ", ",
		id->valuestring);
}

static void
disclosures_print(const struct session *session, cJSON *rows)
{
	static const struct print_column columns[] = { { "when", N_("WHEN"),
							   false, false },
		{ "what", N_("WHAT"), false, false },
		{ "format", N_("FORMAT"), false, false },
		{ "recipient", N_("FOR"), false, true },
		{ "list", N_("WHICH ONES"), false, true },
		{ NULL, NULL, false, false } };
	cJSON *row;
	char text[1024];

	cJSON_ArrayForEach(row, rows)
	{
		(void)snprintf(
		    text, sizeof(text), "%.10s", json_text(row, "at"));
		json_add_text(row, "when", text);
		print_row_day(session, row, "when");
		print_row_word(row, "what");
		disclosures_join(
		    carnet_json_get(row, "ids"), text, sizeof(text));
		if (json_text(row, "name")[0] != '\0') /* a file, no document */
			(void)snprintf(text, sizeof(text),
			    "%s (SHA-256 %.12s…)", json_text(row, "name"),
			    json_text(row, "sha256"));
		json_add_text(row, "list", text);
	}
	print_table(rows, columns);
}

static int
disclosures_run(struct session *session)
{
	cJSON *result, *rows = NULL, *row;
	char when[40];

	if (carnet_disclosures(session->vault, &rows, &session->err) !=
	    CARNET_OK)
		return session_fail(session, NULL);
	cJSON_ArrayForEach(row, rows)
	{
		print_time(carnet_json_get(row, "made_ms")->valuedouble, when);
		cJSON_DeleteItemFromObjectCaseSensitive(row, "made_ms");
		json_add_text(row, "at", when);
	}
	if (!session->json && cJSON_GetArraySize(rows) == 0)
		session_say(session, "%s", _("Nothing has left this vault."));
	else if (!session->json)
		disclosures_print(session, rows);
	result = cJSON_CreateObject();
	json_add(result, "disclosures", rows);
	return session_result(session, result, EXIT_DONE);
}

const struct verb verb_disclosures = { "disclosures", "",
	N_("what left the vault, when, for whom"), NEED_READ,
	disclosures_options, disclosures_run, "" };
