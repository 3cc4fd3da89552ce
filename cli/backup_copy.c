/* SPDX-License-Identifier: ISC */
/*
 * backup copy: from one destination to another, verified while it is read.
 * Asks for no secret: what is copied is sealed already.
 */
#include <stdlib.h>
#include <unistd.h>

#include "backup.h"
#include "carnet_backup.h"
#include "progress.h"

static int
backup_copy_report(
    struct session *session, cJSON *report, const char *from, const char *to)
{
	const cJSON *problems = carnet_json_get(report, "problems");
	double snapshots = carnet_json_get(report, "snapshots")->valuedouble;
	bool hurt = cJSON_GetArraySize(problems) > 0;
	char size[32];

	if (!session->json) {
		print_size(
		    carnet_json_get(report, "new_bytes")->valuedouble, size);
		backup_print_problems(problems);
		session_say(session,
		    session->dry_run
			? PLURAL_("Would copy to %s: %.0f snapshot, %s new",
			      "Would copy to %s: %.0f snapshots, %s new",
			      snapshots)
			: PLURAL_("Copied to %s: %.0f snapshot, %s new",
			      "Copied to %s: %.0f snapshots, %s new",
			      snapshots),
		    to, snapshots, size);
		if (hurt)
			session_say(session,
			    _("What is hurt in %s was not copied."), from);
	}
	return session_result(session, report, hurt ? EXIT_DAMAGED : EXIT_DONE);
}

int
backup_copy(struct session *session, const char *from, const char *to)
{
	struct carnet_waiter waiter = session_waiter(session);
	struct carnet_copy_options options = { .dry_run = session->dry_run,
		.waiter = &waiter,
		.progress = progress_set };
	bool to_cloud = option_flag(session->options, "to-cloud");
	struct progress *progress;
	cJSON *report = NULL;
	char *missing = NULL;
	enum carnet_status status;
	int judged = -1;

	if (session_guard_open(
		session, to, false, to_cloud, &judged, &missing) != CARNET_OK)
		return session_fail(session, NULL);
	free(missing);
	options.judged = &judged;
	progress = progress_start(session, _("Copying"), 0);
	options.context = progress;
	status = carnet_backup_copy(from, to, &options, &report, &session->err);
	progress_stop(progress);
	(void)close(judged);
	if (status != CARNET_OK)
		return session_fail(
		    session, status == CARNET_NO_VAULT ? from : to);
	return backup_copy_report(session, report, from, to);
}
