/* SPDX-License-Identifier: ISC */
/*
 * The holiday data that ships, through the calendar code: its form, days
 * known from elsewhere, and what must hold of every country's century.
 * First argument: formats/letters/holidays.json.  A second one, --days, prints
 * each weekday off from 2000 to 2100 instead (for check_holidays.mjs).
 */
#include "french.h"

#define MOST_RULES 128

static const char *data_path;
static cJSON *data;

struct loaded {
	struct carnet_holiday rules[MOST_RULES];
	struct carnet_calendar calendar;
};

static int
number(const cJSON *rule, const char *key, int low, int high)
{
	int64_t value = 0;

	if (carnet_json_get(rule, key) == NULL)
		return 0;
	if (!carnet_json_int(rule, key, &value) || value < low || value > high)
		fail_msg("%s: %s", carnet_json_string(rule, "name"), key);
	return (int)value;
}

/* Every key of the rule is one that its kind knows. */
static void
check_keys(const cJSON *rule, const char *known)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, rule)
	{
		char key[32];

		(void)snprintf(key, sizeof(key), " %s ", item->string);
		if (strstr(known, key) == NULL)
			fail_msg("%s: key %s", carnet_json_string(rule, "name"),
			    item->string);
	}
}

#define KEYS_ALL " name kind from until observed "

static struct carnet_holiday
load_rule(const cJSON *rule)
{
	const char *kind = carnet_json_string(rule, "kind");
	const char *observed = carnet_json_string(rule, "observed");
	struct carnet_holiday out = { 0 };

	assert_non_null(carnet_json_string(rule, "name"));
	assert_non_null(kind);
	out.from = (int16_t)number(rule, "from", 1900, 2100);
	out.until = (int16_t)number(rule, "until", 1900, 2100);
	out.month = (int8_t)number(rule, "month", 1, 12);
	out.day = (int8_t)number(rule, "day", 1, 31);
	out.offset = (int16_t)number(rule, "offset", -70, 70);
	out.nth = (int8_t)number(rule, "nth", -5, 5);
	out.weekday = (int8_t)number(rule, "weekday", 0, 6);
	if (observed != NULL) {
		assert_string_equal(observed, "next-monday");
		out.observed = CARNET_OBSERVED_NEXT_MONDAY;
	}
	assert_true(out.until == 0 || out.until >= out.from);
	if (strcmp(kind, "fixed") == 0) {
		check_keys(rule, KEYS_ALL "month day ");
		assert_true(out.day >= 1 &&
			    out.day <= carnet_days_in_month(2001, out.month));
	} else if (strcmp(kind, "nth") == 0) {
		out.kind = CARNET_HOLIDAY_NTH;
		check_keys(rule, KEYS_ALL "month day nth weekday ");
		assert_true(out.nth != 0 && out.month != 0);
		assert_non_null(carnet_json_get(rule, "weekday"));
		assert_true(out.day <= carnet_days_in_month(2001, out.month));
	} else {
		bool orthodox = strcmp(kind, "orthodox") == 0;

		assert_true(orthodox || strcmp(kind, "easter") == 0);
		check_keys(rule, KEYS_ALL "offset ");
		assert_non_null(carnet_json_get(rule, "offset"));
		out.kind =
		    orthodox ? CARNET_HOLIDAY_ORTHODOX : CARNET_HOLIDAY_EASTER;
	}
	return out;
}

static void
load_list(const cJSON *holder, struct loaded *loaded)
{
	const cJSON *list = carnet_json_get(holder, "holidays"), *rule;

	assert_true(cJSON_IsArray(list) && cJSON_GetArraySize(list) > 0);
	cJSON_ArrayForEach(rule, list)
	{
		assert_true(loaded->calendar.len < MOST_RULES);
		loaded->rules[loaded->calendar.len++] = load_rule(rule);
	}
}

/* "FR", or "FR-57": the country's rules and the region's. */
static void
load(const char *code, struct loaded *loaded)
{
	char country_code[3] = { code[0], code[1], '\0' };
	const cJSON *country = carnet_json_get(data, country_code);

	if (country == NULL)
		fail_msg("%s: not there", code);
	memset(loaded, 0, sizeof(*loaded));
	loaded->calendar.holidays = loaded->rules;
	loaded->calendar.estimate = carnet_json_bool(country, "estimate", true);
	load_list(country, loaded);
	if (strlen(code) > 2)
		load_list(
		    carnet_json_get(carnet_json_get(country, "regions"), code),
		    loaded);
}

static void
each_calendar(void (*visit)(const char *code, const struct loaded *loaded))
{
	const cJSON *country, *region;
	struct loaded loaded;

	cJSON_ArrayForEach(country, data)
	{
		load(country->string, &loaded);
		visit(country->string, &loaded);
		cJSON_ArrayForEach(region, carnet_json_get(country, "regions"))
		{
			load(region->string, &loaded);
			visit(region->string, &loaded);
		}
	}
}

static bool
off(const char *code, const char *date)
{
	struct loaded loaded;

	load(code, &loaded);
	return calendar_is_holiday(&loaded.calendar, day(date));
}

static void
every_country_is_there(void **state)
{
	static const char codes[] = "AT BE BG CA CH CY CZ DE DK EE ES FI FR GB "
				    "GR HR HU IE IS IT LI LT LU LV MT NL NO PL "
				    "PT RO SE SI SK US";
	const cJSON *country, *region;
	int count = 0;

	(void)state;
	cJSON_ArrayForEach(country, data)
	{
		const char *source = carnet_json_string(country, "source");

		assert_non_null(strstr(codes, country->string));
		assert_true(cJSON_IsBool(carnet_json_get(country, "estimate")));
		assert_true(source != NULL && source[0] != '\0');
		assert_non_null(carnet_json_string(country, "checked"));
		/* not an estimate: there is a second source */
		assert_true(
		    carnet_json_bool(country, "estimate", true) ==
		    (carnet_json_string(country, "checked")[0] == '\0'));
		cJSON_ArrayForEach(region, carnet_json_get(country, "regions"))
		    assert_memory_equal(region->string, country->string, 2);
		count++;
	}
	assert_int_equal(count, 34);
	assert_false(
	    carnet_json_bool(carnet_json_get(data, "FR"), "estimate", true));
}

static int days_off;

static void
count_days(const char *code, const struct loaded *loaded)
{
	struct carnet_date on = day("2026-01-01");
	/* Switzerland's and Canada's days are mostly those of their parts */
	int least = strncmp(code, "CH", 2) == 0 ? 4
		    : strcmp(code, "CA") == 0   ? 5
						: 7;

	days_off = 0;
	for (; on.year == 2026; on = date_add_days(on, 1))
		days_off += calendar_is_holiday(&loaded->calendar, on);
	if (days_off < least || days_off > 24)
		fail_msg("%s: %d days in 2026", code, days_off);
}

static void
years_are_plausible(void **state)
{
	(void)state;
	each_calendar(count_days);
}

static void
known_days(void **state)
{
	static const struct {
		const char *code, *date;
		bool off;
	} cases[] = {
		/* France and its regions */
		{ "FR", "2026-04-06", true },
		{ "FR", "2026-04-03", false },
		{ "FR", "2026-12-26", false },
		{ "FR-57", "2026-04-03", true },
		{ "FR-67", "2026-12-26", true },
		{ "FR-68", "2026-12-26", true },
		{ "FR-57", "2026-07-14", true },
		{ "FR-GP", "2026-05-27", true },
		{ "FR-MQ", "2026-05-22", true },
		{ "FR-GF", "2026-06-10", true },
		{ "FR-RE", "2026-12-20", true },
		{ "FR-YT", "2026-04-27", true },
		{ "FR-RE", "2026-05-22", false },
		/* the United Kingdom, as gov.uk lists them */
		{ "GB-ENG", "2021-12-27", true },
		{ "GB-ENG", "2021-12-28", true },
		{ "GB-ENG", "2022-01-03", true },
		{ "GB-ENG", "2022-05-30", false },
		{ "GB-ENG", "2022-06-02", true },
		{ "GB-ENG", "2022-06-03", true },
		{ "GB-ENG", "2022-09-19", true },
		{ "GB-ENG", "2022-12-27", true },
		{ "GB-ENG", "2023-01-02", true },
		{ "GB-ENG", "2023-05-08", true },
		{ "GB-ENG", "2020-05-04", false },
		{ "GB-ENG", "2026-08-31", true },
		{ "GB-SCT", "2026-08-31", false },
		{ "GB-SCT", "2026-08-03", true },
		{ "GB-SCT", "2022-01-03", true },
		{ "GB-SCT", "2022-01-04", true },
		{ "GB-SCT", "2023-01-03", true },
		{ "GB-SCT", "2024-12-02", true },
		{ "GB-SCT", "2025-12-01", true },
		{ "GB-SCT", "2026-04-06", false },
		{ "GB-NIR", "2024-03-18", true },
		{ "GB-NIR", "2026-07-13", true },
		{ "GB-NIR", "2026-04-06", true },
		/* elsewhere */
		{ "CA-QC", "2026-05-18", true },
		{ "CA-QC", "2027-05-24", true },
		{ "CA-QC", "2026-06-24", true },
		{ "CA-QC", "2026-10-12", true },
		{ "US", "2026-01-19", true },
		{ "US", "2026-05-25", true },
		{ "US", "2026-06-19", true },
		{ "US", "2020-06-19", false },
		{ "US", "2026-11-26", true },
		{ "DE-SN", "2026-11-18", true },
		{ "DE-BY", "2026-11-18", false },
		{ "DE-BE", "2028-06-17", true },
		{ "DE-BE", "2018-03-08", false },
		{ "DE-NW", "2017-10-31", true },
		{ "DE-NW", "2018-10-31", false },
		{ "DE-HH", "2018-10-31", true },
		{ "DK", "2023-05-05", true },
		{ "DK", "2024-04-26", false },
		{ "GR", "2026-02-23", true },
		{ "GR", "2026-04-10", true },
		{ "CY", "2026-06-01", true },
		{ "RO", "2026-04-13", true },
		{ "FI", "2026-06-19", true },
		{ "SE", "2026-06-20", true },
		{ "IS", "2026-04-23", true },
		{ "IE", "2024-02-05", true },
		{ "IE", "2030-02-01", true },
		{ "IE", "2030-02-04", false },
		{ "IE", "2031-02-03", true },
		{ "IT", "2026-10-04", true },
		{ "IT", "2025-10-04", false },
		{ "BG", "2026-05-25", true },
		{ "BG", "2015-05-25", false },
		{ "PL", "2025-12-24", true },
		{ "PL", "2024-12-24", false },
		{ "CH-GE", "2026-09-10", true },
		{ "CH-VD", "2026-09-21", true },
		{ "SK", "2026-05-08", false },
		{ "SK", "2027-09-15", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (off(cases[i].code, cases[i].date) != cases[i].off)
			fail_msg("%s %s", cases[i].code, cases[i].date);
}

/* Rolling ends soon, on a working day, and keeps the order of days. */
static void
roll_a_century(const char *code, const struct loaded *loaded)
{
	struct carnet_date on = day("2000-01-01"), last = { 0 };

	for (; on.year <= 2100; on = date_add_days(on, 1)) {
		struct carnet_date due = calendar_roll(&loaded->calendar, on);

		if (!calendar_is_working(&loaded->calendar, due) ||
		    date_diff_days(on, due) > 8 ||
		    carnet_date_compare(due, last) < 0)
			fail_msg("%s", code);
		last = due;
	}
}

static void
a_century_everywhere(void **state)
{
	(void)state;
	each_calendar(roll_a_century);
}

static void
the_shipped_france_is_the_tested_one(void **state)
{
	struct carnet_date on = day("2000-01-01");
	struct loaded loaded, alsace;
	struct carnet_calendar all = french;

	(void)state;
	load("FR", &loaded);
	load("FR-57", &alsace);
	all.len = sizeof(french_rules) / sizeof(french_rules[0]);
	for (; on.year <= 2100; on = date_add_days(on, 1)) {
		assert_true(calendar_is_holiday(&loaded.calendar, on) ==
			    calendar_is_holiday(&french, on));
		assert_true(calendar_is_holiday(&alsace.calendar, on) ==
			    calendar_is_holiday(&all, on));
	}
}

static void
print_days(const char *code, const struct loaded *loaded)
{
	struct carnet_date on = day("2000-01-01");
	char text[CARNET_DATE_TEXT];

	for (; on.year <= 2100; on = date_add_days(on, 1)) {
		int weekday = date_weekday(on);

		if (weekday == 0 || weekday == 6 ||
		    calendar_is_working(&loaded->calendar, on))
			continue;
		carnet_date_format(on, text);
		(void)printf("%s %s\n", code, text);
	}
}

static int
read_data(void)
{
	static char text[1 << 20];
	struct carnet_error err = { .message = "" };
	FILE *file = fopen(data_path, "rb");
	size_t len;

	if (file == NULL) {
		perror(data_path);
		return 1;
	}
	len = fread(text, 1, sizeof(text), file);
	(void)fclose(file);
	if (carnet_json_parse(text, len, &data, &err) == CARNET_OK)
		return 0;
	(void)fprintf(stderr, "%s: %s\n", data_path, err.message);
	return 1;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_country_is_there),
		cmocka_unit_test(years_are_plausible),
		cmocka_unit_test(known_days),
		cmocka_unit_test(a_century_everywhere),
		cmocka_unit_test(the_shipped_france_is_the_tested_one),
	};
	int result = 0;

	data_path = argc > 1 ? argv[1] : "formats/letters/holidays.json";
	if (read_data() != 0)
		return 1;
	if (argc > 2 && strcmp(argv[2], "--days") == 0)
		each_calendar(print_days);
	else
		result = cmocka_run_group_tests(tests, NULL, NULL);
	cJSON_Delete(data);
	return result;
}
