/* SPDX-License-Identifier: ISC */
/*
 * due --ics: days for a calendar.  What was exported stands in the ledger, so
 * that the next file can update and cancel.  The contract is in due.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "due.h"
#include "letter.h"
#include "output.h"

/* Nothing but whose turn it is: a calendar is often somebody else's server. */
static void
calendar_summary(const cJSON *item, char text[300])
{
	const char *who = json_text(item, "recipient_name");

	if (who[0] == '\0')
		(void)snprintf(
		    text, 300, "%s", _("carnet: look at carnet due"));
	else if (strcmp(json_text(item, "what"), "window") == 0)
		(void)snprintf(
		    text, 300, _("carnet: last day to object: %s"), who);
	else if (json_text(item, "due")[0] == '\0')
		(void)snprintf(
		    text, 300, _("carnet: look again, no law's day: %s"), who);
	else
		(void)snprintf(
		    text, 300, _("carnet: last day for an answer: %s"), who);
}

/* One entry as it stands now, after the one of the last file, if any. */
static cJSON *
calendar_entry(const cJSON *item, const cJSON *before)
{
	cJSON *entry = cJSON_CreateObject();
	char summary[300];
	int64_t sequence = 0;

	calendar_summary(item, summary);
	if (before != NULL) {
		(void)carnet_json_int(before, "sequence", &sequence);
		sequence +=
		    carnet_json_bool(before, "cancelled", false) ||
		    strcmp(json_text(before, "due"), due_day(item)) != 0 ||
		    strcmp(json_text(before, "summary"), summary) != 0;
	}
	json_copy(entry, item, "uid");
	json_add_text(entry, "due", due_day(item));
	json_add_text(entry, "summary", summary);
	json_add_number(entry, "sequence", (double)sequence);
	json_add_bool(entry, "cancelled", false);
	return entry;
}

/* What the file holds now (*ret_events), and what is to be remembered: the
 * same and what was cancelled earlier. */
static void
calendar_compare(const cJSON *items, const cJSON *before, cJSON **ret_events,
    cJSON **ret_state)
{
	cJSON *events = cJSON_CreateArray(), *state = cJSON_CreateArray();
	const cJSON *one;

	cJSON_ArrayForEach(one, items)
	{
		if (due_day(one)[0] == '\0')
			continue;
		(void)cJSON_AddItemToArray(events,
		    calendar_entry(one,
			letter_find(before, "uid", json_text(one, "uid"))));
	}
	cJSON_ArrayForEach(one, events)(void)
	    cJSON_AddItemToArray(state, cJSON_Duplicate(one, 1));
	cJSON_ArrayForEach(one, before)
	{
		bool known = carnet_json_bool(one, "cancelled", false);
		cJSON *gone;
		int64_t sequence = 0;

		if (letter_find(state, "uid", json_text(one, "uid")) != NULL)
			continue;
		gone = cJSON_Duplicate(one, 1);
		if (!known) {
			(void)carnet_json_int(one, "sequence", &sequence);
			cJSON_DeleteItemFromObjectCaseSensitive(
			    gone, "sequence");
			cJSON_DeleteItemFromObjectCaseSensitive(
			    gone, "cancelled");
			json_add_number(gone, "sequence", (double)sequence + 1);
			json_add_bool(gone, "cancelled", true);
			(void)cJSON_AddItemToArray(
			    events, cJSON_Duplicate(gone, 1));
		}
		(void)cJSON_AddItemToArray(state, gone);
	}
	*ret_events = events;
	*ret_state = state;
}

/* A calendar that carnet wrote may be replaced, nothing else. */
static bool
calendar_is_ours(int dir_fd, const char *name)
{
	char head[256] = "";
	int fd = openat(
	    dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t got = -1;

	if (fd < 0)
		return false;
	got = read(fd, head, sizeof(head) - 1);
	(void)close(fd);
	return got > 0 && strncmp(head, "BEGIN:VCALENDAR", 15) == 0 &&
	       strstr(head, "PRODID:-//carnet//") != NULL;
}

static enum carnet_status
calendar_write(
    struct session *session, int dir_fd, const char *name, const char *text)
{
	struct carnet_error *err = &session->err;
	char fresh[256];
	enum carnet_status status;

	if (!calendar_is_ours(dir_fd, name))
		return output_file_at(dir_fd, name, text, strlen(text), err);
	if (snprintf(fresh, sizeof(fresh), "%s.new", name) >=
	    (int)sizeof(fresh))
		return carnet_fail(
		    err, CARNET_INVALID, _("the file's path is too long"));
	status = output_file_at(dir_fd, fresh, text, strlen(text), err);
	if (status == CARNET_OK && renameat(dir_fd, fresh, dir_fd, name) != 0) {
		status = carnet_fail_errno(err, errno, "%s", name);
		(void)unlinkat(dir_fd, fresh, 0);
	}
	return status;
}

enum carnet_status
due_write_calendar(
    struct session *session, int dir_fd, const char *name, const cJSON *items)
{
	cJSON *before = NULL, *events, *state, *payload;
	char *text = NULL;
	enum carnet_status status =
	    carnet_calendar(session->vault, &before, &session->err);

	if (status != CARNET_OK)
		return status;
	calendar_compare(items, before, &events, &state);
	cJSON_Delete(before);
	status = write_calendar(events, session->today, &text, &session->err);
	if (status == CARNET_OK)
		status = calendar_write(session, dir_fd, name, text);
	free(text);
	cJSON_Delete(events);
	if (status != CARNET_OK) {
		cJSON_Delete(state);
		return status;
	}
	payload = cJSON_CreateObject();
	json_add_text(payload, "what", "calendar");
	json_add(payload, "ids", cJSON_CreateArray());
	json_add_text(payload, "format", "ics");
	json_add(payload, "calendar", state);
	status = carnet_queue(session->vault, "export.made", session->today,
	    payload, NULL, &session->err);
	if (status == CARNET_OK)
		status = carnet_commit(session->vault, &session->err);
	return status;
}
