/* SPDX-License-Identifier: ISC */
/*
 * check, repair, log: is everything as it was written; mending; the ledger.
 */
#include <stdio.h>
#include <string.h>

#include "progress.h"
#include "verbs.h"

static const struct option_row check_options[] = {
	{ "read-data", OPTION_FLAG, NULL,
	    N_("expand every chunk, and compare it with its name") },
	OPTIONS_END
};
static const struct option_row log_options[] = {
	{ "verify", OPTION_FLAG, NULL,
	    N_("read the whole ledger: seals, chain, commitments") },
	{ "limit", OPTION_NUMBER, "N", N_("at most so many") },
	{ "ndjson", OPTION_FLAG, NULL, N_("one JSON object a line") },
	OPTIONS_END
};
static const struct option_row no_options[] = { OPTIONS_END };

static void
check_print_problems(const cJSON *problems)
{
	const cJSON *problem;

	cJSON_ArrayForEach(problem, problems)
	    print_line(_("%s %s: %s"), print_word(json_text(problem, "kind")),
		json_text(problem, "id"), json_text(problem, "detail"));
}

void
check_say_counts(
    struct session *session, const cJSON *report, const char *verdict)
{
	int64_t packs = 0, documents = 0;
	char text[64];

	(void)carnet_json_int(report, "packs", &packs);
	(void)carnet_json_int(report, "documents", &documents);
	(void)snprintf(text, sizeof(text),
	    PLURAL_("%lld pack", "%lld packs", packs), (long long)packs);
	session_say(session,
	    PLURAL_(
		"%s, %lld document: %s", "%s, %lld documents: %s", documents),
	    text, (long long)documents, verdict);
}

static int
check_run(struct session *session)
{
	struct carnet_unlock unlock;
	struct progress *progress;
	cJSON *report = NULL;
	const cJSON *warning;
	enum carnet_status status = session_unlock(session, &unlock);
	bool ok;

	if (status == CARNET_OK) {
		progress = progress_start(session, _("Checking"), 0);
		status = carnet_check(session->vault_path, &unlock,
		    option_flag(session->options, "read-data"), progress_set,
		    progress, &report, &session->err);
		progress_stop(progress);
	}
	session_unlock_free(&unlock);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	cJSON_ArrayForEach(warning, carnet_json_get(report, "warnings"))
	    session_warn(session, "%s", warning->valuestring);
	ok = carnet_json_bool(report, "ok", false);
	if (!session->json) {
		check_print_problems(carnet_json_get(report, "problems"));
		check_say_counts(session, report,
		    ok ? _("all as it was written")
		       : _("damaged; carnet repair mends what can be"));
	}
	return session_result(session, report, ok ? EXIT_DONE : EXIT_DAMAGED);
}

/* How far the ledger went, only the index knew. */
static const char *
repair_verdict(const cJSON *report, bool lost)
{
	if (carnet_json_bool(report, "unreadable", false))
		return _("the disk can't read some files now: they stay as "
			 "they are; try again, or copy the vault to another "
			 "disk");
	if (lost)
		return _("mended, with losses: what is lost may be in a "
			 "backup");
	if (!carnet_json_bool(report, "end_known", false))
		return _("mended as far as the ledger goes; only a backup can "
			 "show whether its end is missing");
	return _("mended; nothing is lost");
}

static int
repair_run(struct session *session)
{
	struct carnet_waiter waiter = session_waiter(session);
	struct carnet_unlock unlock;
	struct progress *progress;
	cJSON *report = NULL;
	enum carnet_status status;
	bool lost, unread;

	if (session->dry_run)
		return check_run(session);
	status = session_unlock(session, &unlock);
	if (status == CARNET_OK) {
		progress = progress_start(session, _("Mending"), 0);
		waiter.progress = progress_set;
		waiter.progress_context = progress;
		status = carnet_repair(session->vault_path, &unlock, &waiter,
		    &report, &session->err);
		progress_stop(progress);
	}
	session_unlock_free(&unlock);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	lost = cJSON_GetArraySize(carnet_json_get(report, "problems")) > 0;
	unread = carnet_json_bool(report, "unreadable", false);
	if (!session->json) {
		check_print_problems(carnet_json_get(report, "mended"));
		if (lost)
			print_line("%s",
			    unread ? _("What can't be read now, or is lost:")
				   : _("What stays lost:"));
		check_print_problems(carnet_json_get(report, "problems"));
		session_say(session, "%s", repair_verdict(report, lost));
	}
	return session_result(session, report, lost ? EXIT_DAMAGED : EXIT_DONE);
}

/* --- log --------------------------------------------------------------------
 */

static int
log_verify(struct session *session)
{
	cJSON *problems = NULL, *gaps = NULL, *result;
	const cJSON *gap;
	uint64_t events = 0;
	bool ok;

	if (carnet_log_verify(session->vault, &problems, &gaps, &events,
		&session->err) != CARNET_OK)
		return session_fail(session, NULL);
	ok = cJSON_GetArraySize(problems) == 0;
	if (!session->json) {
		check_print_problems(problems);
		cJSON_ArrayForEach(gap, gaps)
		    print_line(_("known gap, device %s: %s"),
			json_text(gap, "device"), json_text(gap, "detail"));
		session_say(session,
		    PLURAL_("%llu event: %s", "%llu events: %s", events),
		    (unsigned long long)events,
		    ok ? _("each one whole, each chain unbroken")
		       : _("damaged"));
	}
	result = cJSON_CreateObject();
	json_add_bool(result, "ok", ok);
	json_add_number(result, "events", (double)events);
	json_add(result, "problems", problems);
	json_add(result, "known_gaps", gaps);
	return session_result(session, result, ok ? EXIT_DONE : EXIT_DAMAGED);
}

static int
log_run(struct session *session)
{
	static const struct print_column columns[] = { { "at", N_("RECORDED"),
							   false, false },
		{ "on", N_("ON"), false, false },
		{ "kind", N_("WHAT"), false, false },
		{ "subject", N_("ID"), false, false },
		{ "detail", N_("DETAIL"), false, true },
		{ NULL, NULL, false, false } };
	cJSON *filter = cJSON_CreateObject(), *events = NULL, *result, *event;
	enum carnet_status status;

	if (option_flag(session->options, "verify")) {
		cJSON_Delete(filter);
		return log_verify(session);
	}
	if (option_flag(session->options, "limit"))
		json_add_number(filter, "limit",
		    (double)option_number(session->options, "limit", 0));
	status = carnet_log(session->vault, filter, &events, &session->err);
	cJSON_Delete(filter);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	cJSON_ArrayForEach(event, events)
	{
		char when[40];

		print_time(
		    carnet_json_get(event, "recorded_ms")->valuedouble, when);
		if (!session->json)
			when[16] = '\0';
		cJSON_DeleteItemFromObjectCaseSensitive(event, "recorded_ms");
		json_add_text(event, "at", when);
		if (session->json)
			continue;
		print_row_day(session, event, "at");
		print_row_day(session, event, "on");
		/* a reason is in a person's own words */
		if (strcmp(json_text(event, "kind"), "place.trusted") != 0)
			print_row_word(event, "detail");
		print_row_word(event, "kind");
	}
	if (session->json && option_flag(session->options, "ndjson")) {
		cJSON_ArrayForEach(event, events)
		{
			char *text = cJSON_PrintUnformatted(event);

			if (text != NULL)
				(void)puts(text);
			cJSON_free(text);
		}
		cJSON_Delete(events);
		return session_end(session, EXIT_DONE);
	}
	if (!session->json)
		print_table(events, columns);
	result = cJSON_CreateObject();
	json_add(result, "events", events);
	return session_result(session, result, EXIT_DONE);
}

const struct verb verb_check = { "check", N_("[--read-data]"),
	N_("is everything as it was written? changes nothing"), NEED_NOTHING,
	check_options, check_run, "carnet check --read-data" };
const struct verb verb_repair = { "repair", "",
	N_("mends what can be mended; keeps hurt files in damaged/"),
	NEED_NOTHING, no_options, repair_run, "" };
const struct verb verb_log = { "log", N_("[--verify] [--limit N]"),
	N_("the ledger: everything that happened, newest first"), NEED_READ,
	log_options, log_run, "carnet log --verify" };
