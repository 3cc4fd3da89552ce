/* SPDX-License-Identifier: ISC */
/*
 * status: where the vault is, who is in it, counts, last backup, what is due.
 */
#include <stdio.h>

#include "case_list.h"
#include "verbs.h"

static const struct option_row status_options[] = { OPTIONS_END };

/* Adds "due" and "overdue" counts. */
static enum carnet_status
status_count_due(struct session *session, cJSON *result)
{
	cJSON *cases = NULL;
	const cJSON *one;
	int due = 0, overdue = 0;
	enum carnet_status status = case_list(session, NULL, &cases);

	if (status != CARNET_OK)
		return status;
	cJSON_ArrayForEach(one, cases)
	{
		int64_t late = 0;

		if (!case_is_open(one))
			continue;
		due++;
		if (carnet_json_int(one, "overdue_days", &late) && late > 0)
			overdue++;
	}
	cJSON_Delete(cases);
	json_add_number(result, "due", due);
	json_add_number(result, "overdue", overdue);
	return CARNET_OK;
}

static void
status_count(const char *left, const cJSON *count)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%.0f", count->valuedouble);
	print_entry(20, left, text);
}

static void
status_print(const struct session *session, const cJSON *result)
{
	const cJSON *person;
	char date[40], persons[512] = "";
	size_t at = 0;

	cJSON_ArrayForEach(person,
	    carnet_json_get(result, "persons")) if (at < sizeof(persons)) at +=
	    (size_t)snprintf(persons + at, sizeof(persons) - at, "%s%s",
		at == 0 ? "" : ", ", json_text(person, "name"));
	print_entry(20, _("Vault"), json_text(result, "vault"));
	print_entry(20, _("Persons"), persons);
	status_count(_("Documents"), carnet_json_get(result, "documents"));
	status_count(_("Decisions"), carnet_json_get(result, "decisions"));
	status_count(_("Statements"), carnet_json_get(result, "statements"));
	status_count(_("Due"), carnet_json_get(result, "due"));
	status_count(_("Overdue"), carnet_json_get(result, "overdue"));
	if (carnet_json_string(result, "last_backup") != NULL) {
		char day[CARNET_DATE_TEXT];

		(void)snprintf(day, sizeof(day), "%.10s",
		    json_text(result, "last_backup"));
		print_date(session, day, date);
		print_entry(20, _("Last backup"), date);
	} else {
		print_entry(
		    20, _("Last backup"), _("none: carnet backup DEST"));
	}
}

static int
status_run(struct session *session)
{
	cJSON *result = cJSON_CreateObject(), *counts = NULL, *persons = NULL;
	enum carnet_status status;
	char id[33], when[40];
	const cJSON *backup;

	status = carnet_vault_counts(session->vault, &counts, &session->err);
	if (status == CARNET_OK)
		status =
		    carnet_persons(session->vault, &persons, &session->err);
	if (status != CARNET_OK) {
		cJSON_Delete(counts);
		cJSON_Delete(result);
		return session_fail(session, NULL);
	}
	carnet_vault_id(session->vault, id);
	json_add_text(result, "vault", carnet_vault_path(session->vault));
	json_add_text(result, "id", id);
	json_add(result, "persons", persons);
	json_copy(result, counts, "documents");
	json_copy(result, counts, "facts");
	json_copy(result, counts, "decisions");
	json_copy(result, counts, "statements");
	backup = carnet_json_get(counts, "last_backup_ms");
	if (cJSON_IsNumber(backup))
		print_time(backup->valuedouble, when);
	status = status_count_due(session, result);
	json_add_text(
	    result, "last_backup", cJSON_IsNumber(backup) ? when : NULL);
	cJSON_Delete(counts);
	if (status != CARNET_OK) {
		cJSON_Delete(result);
		return session_fail(session, NULL);
	}
	if (!session->json)
		status_print(session, result);
	return session_result(session, result, EXIT_DONE);
}

const struct verb verb_status = { "status", "",
	N_("where the vault is, who is in it, what is due"), NEED_READ,
	status_options, status_run, "" };
