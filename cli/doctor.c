/* SPDX-License-Identifier: ISC */
/*
 * doctor: is this process cut off, is memory locked, is swap encrypted, does
 * what carnet needs work?  Says what to do; changes nothing, opens no vault.
 */
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "verbs.h"

static const struct option_row doctor_options[] = { OPTIONS_END };

void
doctor_note(
    struct doctor *doctor, const char *id, bool ok, const char *format, ...)
{
	cJSON *row = cJSON_CreateObject();
	char *detail = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&detail, format, args) < 0)
		detail = NULL;
	va_end(args);
	json_add_text(row, "id", id);
	json_add_bool(row, "ok", ok);
	json_add_text(row, "detail", detail == NULL ? "" : detail);
	(void)cJSON_AddItemToArray(doctor->checks, row);
	doctor->findings = doctor->findings || !ok;
	free(detail);
}

static void
doctor_print(const struct doctor *doctor)
{
	const cJSON *row;
	int wrong = 0;

	cJSON_ArrayForEach(row, doctor->checks)
	{
		bool ok = carnet_json_bool(row, "ok", false);

		wrong += !ok;
		print_entry(11, ok ? _("fine") : _("attention"),
		    json_text(row, "detail"));
	}
	if (wrong > 0)
		session_say(doctor->session, _("Worth fixing: %d"), wrong);
}

static int
doctor_run(struct session *session)
{
	static void (*const parts[])(struct doctor *) = { doctor_doors,
		doctor_memory, doctor_programs, doctor_place };
	struct doctor doctor = { .session = session,
		.checks = cJSON_CreateArray() };
	cJSON *result = cJSON_CreateObject();

	if (options_argc(session->options) > 0) {
		cJSON_Delete(result);
		cJSON_Delete(doctor.checks);
		return session_usage(session, _("doctor takes no argument"));
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		parts[i](&doctor);
	if (!session->json)
		doctor_print(&doctor);
	json_add(result, "checks", doctor.checks);
	return session_result(
	    session, result, doctor.findings ? EXIT_FINDINGS : EXIT_DONE);
}

const struct verb verb_doctor = { "doctor", "",
	N_("is this process cut off, memory locked, swap encrypted"),
	NEED_NOTHING, doctor_options, doctor_run, "carnet doctor" };
