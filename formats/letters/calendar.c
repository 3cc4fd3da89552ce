/* SPDX-License-Identifier: ISC */
/*
 * Reads holidays.json into the rules that the deadlines are computed with.
 * Computes no date itself.  The shape of the file is in README.md.
 */
#include "letters.h"

#include <stdlib.h>
#include <string.h>

/* An integer within bounds; absent gives the fallback. */
static bool
calendar_int(const cJSON *object, const char *key, int min, int max,
    int fallback, int *ret)
{
	const cJSON *item = carnet_json_get(object, key);
	int64_t value;

	if (item == NULL || cJSON_IsNull(item)) {
		*ret = fallback;
		return true;
	}
	if (!carnet_json_int(object, key, &value) || value < min || value > max)
		return false;
	*ret = (int)value;
	return true;
}

static bool
calendar_kind(const char *name, enum carnet_holiday_kind *ret_kind)
{
	static const char *const names[] = { "fixed", "easter", "orthodox",
		"nth" };

	for (size_t i = 0; name != NULL && i < 4; i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret_kind = (enum carnet_holiday_kind)i;
			return true;
		}
	}
	return false;
}

static bool
calendar_rule(const cJSON *json, struct carnet_holiday *ret_rule)
{
	const char *observed = carnet_json_string(json, "observed");
	struct carnet_holiday rule = { 0 };
	int month, day, offset, nth, weekday, from, until;

	if (!calendar_kind(carnet_json_string(json, "kind"), &rule.kind) ||
	    !calendar_int(json, "month", 1, 12, 0, &month) ||
	    !calendar_int(json, "day", 1, 31, 0, &day) ||
	    !calendar_int(json, "offset", -100, 100, 0, &offset) ||
	    !calendar_int(json, "nth", -5, 5, 0, &nth) ||
	    !calendar_int(json, "weekday", 0, 6, 0, &weekday) ||
	    !calendar_int(json, "from", 0, 9999, 0, &from) ||
	    !calendar_int(json, "until", 0, 9999, 0, &until))
		return false;
	if (rule.kind == CARNET_HOLIDAY_FIXED && (month == 0 || day == 0))
		return false;
	if (rule.kind == CARNET_HOLIDAY_NTH && (month == 0 || nth == 0))
		return false;
	rule.month = (int8_t)month;
	rule.day = (int8_t)day;
	rule.offset = (int16_t)offset;
	rule.nth = (int8_t)nth;
	rule.weekday = (int8_t)weekday;
	rule.from = (int16_t)from;
	rule.until = (int16_t)until;
	if (observed != NULL && strcmp(observed, "next-monday") == 0)
		rule.observed = CARNET_OBSERVED_NEXT_MONDAY;
	else if (observed != NULL && strcmp(observed, "never") != 0)
		return false;
	*ret_rule = rule;
	return true;
}

/* Adds one calendar: the country's rules, then the region's own. */
static enum carnet_status
calendar_add(struct letters *letters, const cJSON *country, const cJSON *region,
    struct carnet_error *err)
{
	const cJSON *lists[2] = { carnet_json_get(country, "holidays"),
		carnet_json_get(region, "holidays") };
	struct letters_calendar_entry *entries, *entry;
	size_t len = (size_t)cJSON_GetArraySize(lists[0]) +
		     (size_t)cJSON_GetArraySize(lists[1]);
	const cJSON *rule;

	entries = realloc(letters->calendars,
	    (letters->calendars_len + 1) * sizeof(*entries));
	if (entries == NULL)
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("not enough memory for the catalogue"));
	letters->calendars = entries;
	entry = &entries[letters->calendars_len++];
	*entry = (struct letters_calendar_entry){
		.country = strdup(country->string),
		.region = region == NULL ? NULL : strdup(region->string),
		.holidays = calloc(len + 1, sizeof(*entry->holidays)),
		.estimate = carnet_json_bool(country, "estimate", true) ||
			    (region == NULL &&
				carnet_json_bool(country, "regional", false)),
	};
	if (entry->country == NULL || entry->holidays == NULL ||
	    (region != NULL && entry->region == NULL))
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("not enough memory for the catalogue"));
	for (size_t i = 0; i < 2; i++) {
		cJSON_ArrayForEach(rule, lists[i])
		{
			if (!calendar_rule(rule, &entry->holidays[entry->len]))
				return carnet_fail(err, CARNET_INVALID,
				    CARNET_("a holiday of %s is not well "
					    "formed"),
				    country->string);
			entry->len++;
		}
	}
	return CARNET_OK;
}

enum carnet_status
calendar_load(struct letters *letters, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	const cJSON *country, *region;

	cJSON_ArrayForEach(country, letters->holidays)
	{
		if (!cJSON_IsObject(country))
			continue; /* "$schema", a version */
		status = calendar_add(letters, country, NULL, err);
		if (status != CARNET_OK)
			return status;
		cJSON_ArrayForEach(region, carnet_json_get(country, "regions"))
		{
			status = calendar_add(letters, country, region, err);
			if (status != CARNET_OK)
				return status;
		}
	}
	return status;
}

void
letters_calendar(const struct letters *letters, const char *country,
    const char *region, struct carnet_calendar *ret_calendar)
{
	const struct letters_calendar_entry *found = NULL;

	for (size_t i = 0; i < letters->calendars_len; i++) {
		const struct letters_calendar_entry *entry =
		    &letters->calendars[i];

		if (country == NULL || strcmp(entry->country, country) != 0)
			continue;
		if (entry->region == NULL && found == NULL)
			found = entry;
		else if (entry->region != NULL && region != NULL &&
			 strcmp(entry->region, region) == 0)
			found = entry;
	}
	*ret_calendar = (struct carnet_calendar){ .estimate = true };
	if (found == NULL)
		return;
	ret_calendar->holidays = found->holidays;
	ret_calendar->len = found->len;
	ret_calendar->estimate = found->estimate;
}
