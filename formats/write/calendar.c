/* SPDX-License-Identifier: ISC */
/*
 * Days to an iCalendar file (RFC 5545), by libical.  Knows no case and no
 * vault.  The contract is in formats.h.
 */
#include <errno.h>
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"

#define CALENDAR_WEEK 7

static struct icaltimetype
calendar_day(struct carnet_date date)
{
	struct icaltimetype time = icaltime_null_date();

	time.year = date.year;
	time.month = date.month;
	time.day = date.day;
	time.is_date = 1;
	return time;
}

/* A reminder so many days before. */
static icalcomponent *
calendar_alarm(const char *summary, unsigned days)
{
	struct icaltriggertype trigger = { .time = icaltime_null_time(),
		.duration = icaldurationtype_null_duration() };
	icalcomponent *alarm = icalcomponent_new_valarm();

	trigger.duration.is_neg = 1;
	trigger.duration.days = days;
	icalcomponent_add_property(
	    alarm, icalproperty_new_action(ICAL_ACTION_DISPLAY));
	icalcomponent_add_property(
	    alarm, icalproperty_new_description(summary));
	icalcomponent_add_property(alarm, icalproperty_new_trigger(trigger));
	return alarm;
}

static icalcomponent *
calendar_event(
    const cJSON *event, struct carnet_date due, struct carnet_date stamp)
{
	const char *summary = carnet_json_string(event, "summary");
	bool cancelled = carnet_json_bool(event, "cancelled", false);
	struct icaltimetype made = calendar_day(stamp);
	icalcomponent *component = icalcomponent_new_vevent();
	int64_t sequence = 0;

	(void)carnet_json_int(event, "sequence", &sequence);
	made.is_date = 0; /* midnight: libical's null date has hours of -1 */
	made.hour = made.minute = made.second = 0;
	made.zone = icaltimezone_get_utc_timezone();
	icalcomponent_add_property(
	    component, icalproperty_new_uid(carnet_json_string(event, "uid")));
	icalcomponent_add_property(component, icalproperty_new_dtstamp(made));
	icalcomponent_add_property(
	    component, icalproperty_new_dtstart(calendar_day(due)));
	icalcomponent_add_property(
	    component, icalproperty_new_summary(summary));
	icalcomponent_add_property(
	    component, icalproperty_new_sequence((int)sequence));
	icalcomponent_add_property(component,
	    icalproperty_new_status(
		cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
	icalcomponent_add_property(
	    component, icalproperty_new_transp(ICAL_TRANSP_TRANSPARENT));
	icalcomponent_add_property(
	    component, icalproperty_new_class(ICAL_CLASS_PRIVATE));
	if (!cancelled) {
		icalcomponent_add_component(
		    component, calendar_alarm(summary, CALENDAR_WEEK));
		icalcomponent_add_component(
		    component, calendar_alarm(summary, 1));
	}
	return component;
}

enum carnet_status
write_calendar(const cJSON *events, const char *stamp, char **ret_text,
    struct carnet_error *err)
{
	icalcomponent *calendar = icalcomponent_new_vcalendar();
	struct carnet_date today, due;
	const cJSON *event;
	char *text;

	if (calendar == NULL || !carnet_date_parse(stamp, &today)) {
		if (calendar != NULL)
			icalcomponent_free(calendar);
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("calendar: the day isn't one"));
	}
	icalcomponent_add_property(calendar, icalproperty_new_version("2.0"));
	icalcomponent_add_property(
	    calendar, icalproperty_new_prodid("-//carnet//carnet//EN"));
	icalcomponent_add_property(
	    calendar, icalproperty_new_method(ICAL_METHOD_PUBLISH));
	cJSON_ArrayForEach(event, events)
	{
		if (carnet_json_string(event, "uid") == NULL ||
		    carnet_json_string(event, "summary") == NULL ||
		    !carnet_date_parse(carnet_json_string(event, "due"), &due))
			continue;
		icalcomponent_add_component(
		    calendar, calendar_event(event, due, today));
	}
	text = icalcomponent_as_ical_string_r(calendar);
	icalcomponent_free(calendar);
	if (text == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a calendar"));
	*ret_text = strdup(text);
	icalmemory_free_buffer(text);
	if (*ret_text == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a calendar"));
	return CARNET_OK;
}
