/* SPDX-License-Identifier: ISC */
/*
 * backup forget: which snapshots stay, what is condemned, what is deleted.
 * Deletes nothing itself: vault/backup/forget.c.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backup.h"
#include "carnet_backup.h"
#include "progress.h"

/* --- what to keep -----------------------------------------------------------
 */

/* "2y6m10d12h", each at most once, in that order. */
static bool
forget_duration(const char *text, struct carnet_keep_policy *policy)
{
	static const char units[] = "ymdh";
	int *const fields[] = { &policy->within.years, &policy->within.months,
		&policy->within.days, &policy->within.hours };
	size_t next = 0;

	if (text[0] == '\0')
		return false;
	while (text[0] != '\0') {
		size_t digits = strspn(text, "0123456789");
		const char *unit = digits == 0 || digits > 5
				       ? NULL
				       : strchr(units, text[digits]);

		if (unit == NULL || *unit == '\0' ||
		    (size_t)(unit - units) < next)
			return false;
		next = (size_t)(unit - units);
		*fields[next] = (int)strtol(text, NULL, 10);
		next++;
		text += digits + 1;
	}
	return policy->within.years > 0 || policy->within.months > 0 ||
	       policy->within.days > 0 || policy->within.hours > 0;
}

static bool
forget_policy(struct session *session, struct carnet_keep_policy *policy)
{
	const struct {
		const char *name;
		unsigned *field;
	} counts[] = { { "keep-last", &policy->last },
		{ "keep-daily", &policy->daily },
		{ "keep-weekly", &policy->weekly },
		{ "keep-monthly", &policy->monthly },
		{ "keep-yearly", &policy->yearly } };
	const char *within = option_text(session->options, "keep-within");

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		int64_t number =
		    option_number(session->options, counts[i].name, 0);

		*counts[i].field =
		    number > 1000000 ? 1000000 : (unsigned)number;
	}
	return within == NULL || forget_duration(within, policy);
}

/* Today is --on, where that is later than today: what is condemned must not
 * look older than it is. */
static int64_t
forget_now(const struct session *session)
{
	const char *on = option_text(session->options, "on");
	struct timespec now;
	struct tm day = { .tm_isdst = -1 };
	int64_t real, wanted;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	real = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	if (on == NULL || strptime(on, "%Y-%m-%d", &day) == NULL)
		return real;
	day.tm_hour = 23;
	day.tm_min = 59;
	day.tm_sec = 59;
	wanted = (int64_t)mktime(&day) * 1000;
	return wanted > real + (int64_t)24 * 3600 * 1000 ? wanted : real;
}

/* --- what is said -----------------------------------------------------------
 */

static double
forget_number(const cJSON *report, const char *key, const char *member)
{
	const cJSON *number =
	    carnet_json_get(carnet_json_get(report, key), member);

	return number == NULL ? 0 : number->valuedouble;
}

static void
forget_until(cJSON *json, const char *from, const char *to)
{
	const cJSON *number = carnet_json_get(json, from);
	char when[40];

	if (number == NULL)
		return;
	print_time(number->valuedouble, when);
	cJSON_DeleteItemFromObjectCaseSensitive(json, from);
	json_add_text(json, to, when);
}

/* Of a moment, its day as people read it. */
static void
forget_day(const struct session *session, const char *time, char text[40])
{
	char day[CARNET_DATE_TEXT];

	(void)snprintf(day, sizeof(day), "%.10s", time);
	print_date(session, day, text);
}

static void
forget_say_snapshots(struct session *session, const cJSON *report)
{
	double kept = cJSON_GetArraySize(carnet_json_get(report, "kept"));
	const cJSON *forgotten = carnet_json_get(report, "forgotten"), *row;
	double gone = cJSON_GetArraySize(forgotten);

	cJSON_ArrayForEach(row, forgotten)
	{
		char day[40];

		forget_day(session, json_text(row, "time"), day);
		print_line(session->dry_run ? _("would forget %s  %s")
					    : _("forgotten %s  %s"),
		    json_text(row, "id"), day);
	}
	session_say(session,
	    PLURAL_("%.0f snapshot stays", "%.0f snapshots stay", kept), kept);
	if (gone > 0 && !session->dry_run)
		session_say(session,
		    _("Until it is deleted, carnet restore DEST ID still "
		      "restores what is forgotten."));
}

static void
forget_say_files(struct session *session, const cJSON *report)
{
	double gone = forget_number(report, "deleted", "files");
	double waiting = forget_number(report, "waiting", "files");
	char size[32], day[40];

	print_size(forget_number(report, "deleted", "bytes"), size);
	if (gone > 0)
		session_say(session,
		    session->dry_run ? PLURAL_("Would delete %.0f file, %s",
					   "Would delete %.0f files, %s", gone)
				     : PLURAL_("Deleted %.0f file, %s",
					   "Deleted %.0f files, %s", gone),
		    gone, size);
	print_size(forget_number(report, "waiting", "bytes"), size);
	forget_day(session, json_text(report, "until"), day);
	if (waiting > 0)
		session_say(session,
		    PLURAL_("%.0f file waits to be deleted, %s: carnet backup "
			    "forget from %s on",
			"%.0f files wait to be deleted, %s: carnet backup "
			"forget from %s on",
			waiting),
		    waiting, size, day);
}

static void
forget_warn(struct session *session, const cJSON *report)
{
	if (carnet_json_bool(report, "late", false))
		session_warn(session,
		    _("a snapshot arrived meanwhile; what is left to delete "
		      "waits for the next run"));
	if (carnet_json_bool(report, "unlocked", false))
		session_warn(session,
		    _("this disk has no locks, so nothing is deleted there: "
		      "another backup might be running"));
}

static int
forget_report(struct session *session, cJSON *report)
{
	cJSON *row;
	bool hurt = cJSON_GetArraySize(carnet_json_get(report, "problems")) > 0;

	cJSON_ArrayForEach(row, carnet_json_get(report, "kept"))
	    forget_until(row, "time_ms", "time");
	cJSON_ArrayForEach(row, carnet_json_get(report, "forgotten"))
	    forget_until(row, "time_ms", "time");
	forget_until(report, "until_ms", "until");
	forget_warn(session, report);
	if (!session->json) {
		backup_print_problems(carnet_json_get(report, "problems"));
		if (hurt) {
			session_say(session,
			    _("Nothing was forgotten or deleted: what can't be "
			      "read may need anything. See carnet backup "
			      "check."));
		} else {
			forget_say_snapshots(session, report);
			forget_say_files(session, report);
		}
	}
	return session_result(session, report, hurt ? EXIT_DAMAGED : EXIT_DONE);
}

int
backup_forget(struct session *session, const char *path)
{
	struct carnet_waiter waiter = session_waiter(session);
	struct carnet_forget_options options = { .now_ms = forget_now(session),
		.dry_run = session->dry_run,
		.waiter = &waiter,
		.progress = progress_set };
	struct carnet_backup *backup = NULL;
	struct progress *progress;
	cJSON *report = NULL;
	enum carnet_status status;

	if (!forget_policy(session, &options.policy))
		return session_usage(
		    session, _("--keep-within: a duration such as 2y6m10d12h"));
	status = backup_open(session, path, &backup);
	if (status == CARNET_OK) {
		progress = progress_start(session, _("Forgetting"), 0);
		options.context = progress;
		status = carnet_backup_forget(
		    backup, &options, &report, &session->err);
		progress_stop(progress);
	}
	carnet_backup_close(backup);
	if (status != CARNET_OK)
		return session_fail(session, path);
	return forget_report(session, report);
}

/* --- in the list ------------------------------------------------------------
 */

void
backup_take_forgotten(cJSON *snapshots, cJSON *forgotten)
{
	cJSON *row;

	cJSON_ArrayForEach(row, forgotten)
	{
		for (int i = cJSON_GetArraySize(snapshots); i-- > 0;) {
			cJSON *listed = cJSON_GetArrayItem(snapshots, i);

			if (strcmp(json_text(listed, "id"),
				json_text(row, "id")) != 0)
				continue;
			json_copy(row, listed, "time");
			cJSON_DeleteItemFromArray(snapshots, i);
		}
		forget_until(row, "until_ms", "until");
	}
}

void
backup_say_forgotten(struct session *session, const cJSON *forgotten)
{
	const cJSON *row;

	cJSON_ArrayForEach(row, forgotten)
	{
		char day[40];

		forget_day(session, json_text(row, "until"), day);
		session_say(session,
		    _("%s is forgotten; it can be restored "
		      "until %s at least"),
		    json_text(row, "id"), day);
	}
}
