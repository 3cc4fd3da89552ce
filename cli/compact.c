/* SPDX-License-Identifier: ISC */
/*
 * compact: small packs, and packs with much that nobody needs, become full
 * ones.  Asks nothing and deletes nothing itself: vault/compact.c.
 */
#include <string.h>

#include "progress.h"
#include "verbs.h"

#define COMPACT_PATIENCE_MS 10000 /* for those who read old packs */

static const struct option_row no_options[] = { OPTIONS_END };

static long long
compact_number(const cJSON *report, const char *key)
{
	int64_t number = 0;

	(void)carnet_json_int(report, key, &number);
	return (long long)number;
}

/* "12 packs, 3.1 MB" */
static void
compact_packs(
    const cJSON *report, const char *packs, const char *bytes, char text[96])
{
	char size[32];

	print_size((double)compact_number(report, bytes), size);
	(void)snprintf(text, 96,
	    PLURAL_("%lld pack, %s", "%lld packs, %s",
		compact_number(report, packs)),
	    compact_number(report, packs), size);
}

static void
compact_say_outcome(struct session *session, const cJSON *report)
{
	char before[96], after[96];

	compact_packs(report, "packs_before", "bytes_before", before);
	compact_packs(report, "packs_after", "bytes_after", after);
	if (compact_number(report, "gathered") +
		compact_number(report, "brought_back") ==
	    0)
		session_say(session, _("%s: nothing to gather"), before);
	else
		session_say(session,
		    session->dry_run ? _("now: %s; after compact: %s")
				     : _("before: %s; now: %s"),
		    before, after);
}

/* What is neither kept as it was nor gone. */
static void
compact_say_rest(struct session *session, const cJSON *report)
{
	long long aside = compact_number(report, "set_aside");
	long long left = compact_number(report, "left");
	long long back = compact_number(report, "brought_back");
	long long gone = compact_number(report, "expired");
	long long swept = compact_number(report, "swept");

	if (aside > 0)
		session_say(session,
		    PLURAL_("%lld pack has bytes that nothing names: it is "
			    "kept in orphans/ for 30 days",
			"%lld packs have bytes that nothing names: they are "
			"kept in orphans/ for 30 days",
			aside),
		    aside);
	if (back > 0)
		session_say(session,
		    PLURAL_("%lld pack came back from orphans/: its bytes are "
			    "named by now",
			"%lld packs came back from orphans/: their bytes are "
			"named by now",
			back),
		    back);
	if (gone + swept > 0)
		session_say(session,
		    PLURAL_("%lld leftover deleted", "%lld leftovers deleted",
			gone + swept),
		    gone + swept);
	if (left > 0)
		session_say(session,
		    PLURAL_("%lld old pack is being read: the next compact "
			    "deletes it",
			"%lld old packs are being read: the next compact "
			"deletes them",
			left),
		    left);
	if (carnet_json_bool(report, "unsure", false))
		session_say(session, "%s",
		    _("What happened is not known without a gap (carnet log "
		      "--verify, carnet check): so everything was kept."));
}

static void
compact_say_problems(struct session *session, const cJSON *report)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, carnet_json_get(report, "problems"))
	    session_warn(session, _("%s; it stays as it is: see carnet check"),
		json_text(one, "detail"));
}

static int
compact_run(struct session *session)
{
	struct progress *progress = progress_start(session, _("Gathering"), 0);
	const struct carnet_compact_options options = {
		.today = session->today,
		.dry_run = session->dry_run,
		.patience_ms = session->no_wait ? 0 : COMPACT_PATIENCE_MS,
		.progress = progress_set,
		.context = progress,
	};
	cJSON *report = NULL;
	const cJSON *failed;
	enum carnet_status status =
	    carnet_compact(session->vault, &options, &report, &session->err);

	progress_stop(progress);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	failed = cJSON_GetArrayItem(carnet_json_get(report, "failed"), 0);
	compact_say_problems(session, report);
	if (!session->json) {
		compact_say_outcome(session, report);
		compact_say_rest(session, report);
	}
	if (failed != NULL) {
		carnet_fail(&session->err, CARNET_FAILED, "%s",
		    json_text(failed, "message"));
		carnet_hint(&session->err, "%s", json_text(failed, "hint"));
		session_item_fail(session, NULL, &session->err);
	}
	return session_result(
	    session, report, failed != NULL ? EXIT_PARTIAL : EXIT_DONE);
}

const struct verb verb_compact = { "compact", "",
	N_("gathers small packs into full ones, sweeps what nothing needs"),
	NEED_WRITE, no_options, compact_run, "" };
