/* SPDX-License-Identifier: ISC */
/*
 * Segments that are hurt: every event of theirs that opens is taken over, and
 * what is lost is named.  The contract is repair.h.
 */
#include "repair.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void
repair_ledger_problem(void *context, const char *path, const char *detail)
{
	struct repair *repair = context;

	repair->ledger_problems++;
	repair_note(repair->ledger_said, "ledger", path, detail);
}

/* What is lost is a problem once; then it is written down. */
static void
repair_ledger_gap(void *context, const struct ledger_gap *gap)
{
	struct repair *repair = context;
	struct ledger_gap *grown;

	if (gap->is_known)
		return;
	grown =
	    reallocarray(repair->gaps, repair->gaps_len + 1, sizeof(*grown));
	if (grown == NULL)
		return; /* it stays a gap, and check's problem */
	repair->gaps = grown;
	repair->gaps[repair->gaps_len++] = *gap;
}

static void
repair_tell_gaps(struct repair *repair)
{
	char path[LEDGER_PATH_TEXT], hex[DEVICE_ID_TEXT];
	char detail[LEDGER_GAP_TEXT];

	for (size_t i = 0; i < repair->gaps_len; i++) {
		hex_encode(repair->gaps[i].device, DEVICE_ID_LEN, hex);
		(void)snprintf(path, sizeof(path), "ledger/%s", hex);
		ledger_gap_describe(&repair->gaps[i], detail);
		repair_note(repair->problems, "ledger", path, detail);
	}
}

static enum carnet_status
repair_no_visit(void *context, const struct event *event,
    const struct ledger_place *place, struct carnet_error *err)
{
	(void)context;
	(void)event;
	(void)place;
	(void)err;
	return CARNET_OK;
}

static enum carnet_status
repair_ledger_hurt(void *context, const struct ledger_file *file,
    uint64_t records, struct carnet_error *err)
{
	struct repair *repair = context;
	char hex[DEVICE_ID_TEXT], name[96], detail[160];
	enum carnet_status status;

	hex_encode(file->device, DEVICE_ID_LEN, hex);
	(void)snprintf(name, sizeof(name), "ledger-%s-%" PRIu64 ".%" PRIu32,
	    hex, file->segment, file->revision);
	status = repair_set_aside(repair, file->path, name, err);
	if (status != CARNET_OK)
		return status;
	(void)snprintf(detail, sizeof(detail),
	    CARNET_("%" PRIu64 " whole events taken over; the hurt file is "
		    "kept in damaged/"),
	    records);
	repair_note(repair->mended, "ledger", file->path, detail);
	return CARNET_OK;
}

/* A part of the ledger can't be read: no other part of it is touched, for it
 * can't be told from here what is lost. */
static void
repair_leave_ledger(struct repair *repair)
{
	const cJSON *said;

	cJSON_ArrayForEach(said, repair->ledger_said)
	    repair_note_unread(repair, "ledger", carnet_json_string(said, "id"),
		carnet_json_string(said, "detail"));
	repair->gaps_len = 0;
}

enum carnet_status
repair_ledger(struct repair *repair, struct carnet_error *err)
{
	struct carnet_vault *vault = repair->vault;
	struct ledger_cursor *known = NULL;
	struct ledger_reading reading = { .visit = repair_no_visit,
		.problem = repair_ledger_problem,
		.gap = repair_ledger_gap,
		.context = repair,
		.unreadable = &repair->ledger_unread };
	struct carnet_error why = { 0 };
	size_t known_len = 0, unhidden = 0;
	enum carnet_status status;

	if (mkdirat(vault->fd, "ledger", 0700) == 0)
		repair_note(repair->problems, "ledger", "ledger",
		    CARNET_("the whole ledger was missing"));
	if (repair->old != NULL &&
	    index_cursors(repair->old, &known, &known_len, NULL) != CARNET_OK)
		known_len = 0;
	repair->end_known = known_len > 0;
	reading.known = known;
	reading.known_len = known_len;
	status = ledger_read(vault->ledger, &reading, NULL, &why);
	if (status == CARNET_OK && repair->ledger_unread) {
		free(known);
		repair_leave_ledger(repair);
		return CARNET_OK;
	}
	if (status == CARNET_OK && repair->ledger_problems > 0)
		status = ledger_unhide_older(
		    vault->ledger, repair_ledger_hurt, repair, &unhidden, &why);
	if (status == CARNET_OK && unhidden > 0) {
		repair->ledger_problems = repair->gaps_len = 0;
		status = ledger_read(vault->ledger, &reading, NULL, &why);
	}
	repair_tell_gaps(repair);
	if (status == CARNET_OK && repair->ledger_problems > 0)
		status = ledger_mend(vault->ledger, known, known_len,
		    repair_ledger_hurt, repair, &why);
	if (status == CARNET_OK)
		status = ledger_clear_older(
		    vault->ledger, repair_ledger_hurt, repair, &why);
	free(known);
	/* a folder of the ledger, or a segment that was whole just now */
	if (status != CARNET_OK && carnet_is_unreadable(&why))
		status = why.status = CARNET_DAMAGED;
	if (status != CARNET_OK && err != NULL)
		*err = why;
	return status;
}
