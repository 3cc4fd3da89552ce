/* SPDX-License-Identifier: ISC */
/*
 * Text for people, on stdout: lines, tables, sizes, dates.  Nothing that a
 * file or a stranger says reaches the terminal raw: control and
 * bidirectional characters are made visible.
 */
#include <libsmartcols.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

/* Length of the UTF-8 sequence at text; 0 if it isn't one. */
static size_t
print_sequence(const unsigned char *text)
{
	size_t len = text[0] < 0x80             ? 1
		     : (text[0] & 0xe0) == 0xc0 ? 2
		     : (text[0] & 0xf0) == 0xe0 ? 3
		     : (text[0] & 0xf8) == 0xf0 ? 4
						: 0;

	for (size_t i = 1; i < len; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/* C0, DEL, C1, and what turns the direction of a line. */
static bool
print_is_control(const unsigned char *text, size_t len)
{
	if (len == 1)
		return text[0] < 0x20 || text[0] == 0x7f;
	if (len == 2)
		return text[0] == 0xc2 && text[1] < 0xa0;
	if (len != 3 || text[0] != 0xe2)
		return len == 3 && text[0] == 0xef && text[1] == 0xbb &&
		       text[2] == 0xbf;
	return (text[1] == 0x80 && text[2] >= 0x8b && text[2] <= 0x8f &&
		   text[2] != 0x8d && text[2] != 0x8c) ||
	       (text[1] == 0x80 && text[2] >= 0xa8 && text[2] <= 0xae) ||
	       (text[1] == 0x81 && text[2] >= 0xa6 && text[2] <= 0xa9);
}

void
print_safely(FILE *file, const char *text, bool keep_lines)
{
	const unsigned char *at = (const unsigned char *)text;

	while (*at != '\0') {
		size_t len = print_sequence(at);

		if (keep_lines && (*at == '\n' || *at == '\t')) {
			(void)fputc(*at++, file);
		} else if (len == 0) {
			(void)fprintf(file, "\\x%02x", *at++);
		} else if (print_is_control(at, len)) {
			for (size_t i = 0; i < len; i++)
				(void)fprintf(file, "\\x%02x", at[i]);
			at += len;
		} else {
			(void)fwrite(at, 1, len, file);
			at += len;
		}
	}
}

void
print_line(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		return;
	print_safely(stdout, text, true);
	(void)fputc('\n', stdout);
	free(text);
}

void
print_text(const char *text)
{
	size_t len = strlen(text);

	print_safely(stdout, text, true);
	if (len > 0 && text[len - 1] != '\n')
		(void)fputc('\n', stdout);
}

/* Messages go the same way, to stderr. */
static void
session_speak(const char *prefix, const char *format, va_list args)
{
	char *text = NULL, *whole = NULL;

	if (vasprintf(&text, format, args) < 0)
		return;
	progress_hide();
	(void)fflush(stdout);
	if (asprintf(&whole, "%s%s", prefix, text) >= 0)
		print_paragraph(stderr, whole);
	free(whole);
	free(text);
}

void
session_say(struct session *session, const char *format, ...)
{
	va_list args;

	if (session->quiet || session->json)
		return;
	va_start(args, format);
	session_speak("", format, args);
	va_end(args);
}

static void
session_print_warning(const char *text)
{
	char *whole = NULL;

	progress_hide();
	(void)fflush(stdout);
	if (asprintf(&whole, _("carnet: %s: %s"), _("warning"), text) >= 0)
		print_paragraph(stderr, whole);
	free(whole);
}

void
session_warn(struct session *session, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		return;
	if (session->json && session->warnings == NULL)
		session->warnings = cJSON_CreateArray();
	if (session->warnings != NULL)
		(void)cJSON_AddItemToArray(
		    session->warnings, cJSON_CreateString(text));
	else
		session_print_warning(text);
	free(text);
}

void
session_say_warnings(struct session *session)
{
	const cJSON *warning;

	cJSON_ArrayForEach(warning, session->warnings)
	    session_print_warning(warning->valuestring);
	cJSON_Delete(session->warnings);
	session->warnings = NULL;
}

/* --- tables ----------------------------------------------------------------
 */

static void
print_cell(const cJSON *value, char *text, size_t len)
{
	const cJSON *item;
	size_t at = 0;

	text[0] = '\0';
	if (cJSON_IsString(value)) {
		(void)snprintf(text, len, "%s", value->valuestring);
	} else if (cJSON_IsNumber(value)) {
		(void)snprintf(text, len, "%.0f", value->valuedouble);
	} else if (cJSON_IsBool(value)) {
		(void)snprintf(
		    text, len, "%s", cJSON_IsTrue(value) ? _("yes") : _("no"));
	} else if (cJSON_IsArray(value)) {
		cJSON_ArrayForEach(item, value)
		{
			if (!cJSON_IsString(item) || at >= len)
				continue;
			at += (size_t)snprintf(text + at, len - at, "%s%s",
			    at == 0 ? "" : ", ", item->valuestring);
		}
	}
}

/* libsmartcols would leave bidirectional characters as they are. */
static void
print_set_cell(struct libscols_line *line, size_t column, const char *text)
{
	char *visible = NULL;
	size_t len = 0;
	FILE *memory = open_memstream(&visible, &len);

	if (memory == NULL)
		return;
	print_safely(memory, text, false);
	if (fclose(memory) == 0)
		(void)scols_line_set_data(line, column, visible);
	free(visible);
}

static void
print_fill_table(struct libscols_table *table, const cJSON *rows,
    const struct print_column *columns)
{
	const cJSON *row;

	cJSON_ArrayForEach(row, rows)
	{
		struct libscols_line *line = scols_table_new_line(table, NULL);

		for (size_t i = 0; line != NULL && columns[i].key != NULL;
		     i++) {
			char text[1024];

			print_cell(carnet_json_get(row, columns[i].key), text,
			    sizeof(text));
			print_set_cell(line, i, text);
		}
	}
}

void
print_table(const cJSON *rows, const struct print_column *columns)
{
	struct libscols_table *table = NULL;

	scols_init_debug(0);
	table = scols_new_table();
	if (table == NULL)
		return;
	(void)scols_table_set_stream(table, stdout);
	(void)scols_table_enable_noencoding(table, 1);
	if (!isatty(STDOUT_FILENO)) {
		(void)scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
		(void)scols_table_enable_nowrap(table, 1);
	}
	for (size_t i = 0; columns[i].key != NULL; i++) {
		int flags = columns[i].right ? SCOLS_FL_RIGHT : 0;

		if (columns[i].wrap)
			flags |= SCOLS_FL_TRUNC;
		(void)scols_table_new_column(table, _(columns[i].title),
		    columns[i].wrap ? 0.3 : 0, flags);
	}
	print_fill_table(table, rows, columns);
	(void)scols_print_table(table);
	scols_unref_table(table);
}

/* --- sizes and dates ---------------------------------------------------------
 */

void
print_size(double bytes, char text[32])
{
	const char *const units[] = { N_("B"), N_("kB"), N_("MB"), N_("GB"),
		N_("TB") };
	size_t unit = 0;
	char *point;

	while (bytes >= 999.5 && unit < 4) {
		bytes /= 1000;
		unit++;
	}
	(void)snprintf(text, 32, unit == 0 ? _("%.0f %s") : _("%.1f %s"), bytes,
	    _(units[unit]));
	point = strchr(text, '.');
	if (point != NULL) /* the sign between units and tenths */
		*point = _(".")[0];
}

void
print_date(const struct session *session, const char *iso, char text[40])
{
	static const char *const fr[] = { "janvier", "février", "mars", "avril",
		"mai", "juin", "juillet", "août", "septembre", "octobre",
		"novembre", "décembre" };
	static const char *const en[] = { "January", "February", "March",
		"April", "May", "June", "July", "August", "September",
		"October", "November", "December" };
	struct carnet_date date;

	if (!carnet_date_parse(iso, &date))
		(void)snprintf(text, 40, "%.39s", iso == NULL ? "" : iso);
	else if (strcmp(session->lang, "fr") == 0)
		(void)snprintf(text, 40, "%u%s %s %d", date.day,
		    date.day == 1 ? "er" : "", fr[date.month - 1], date.year);
	else
		(void)snprintf(text, 40, "%u %s %d", date.day,
		    en[date.month - 1], date.year);
}

void
print_day(const struct session *session, const char *iso, char text[16])
{
	struct carnet_date date;

	if (strcmp(session->lang, "fr") == 0 && carnet_date_parse(iso, &date))
		(void)snprintf(text, 16, "%02u/%02u/%04d", date.day, date.month,
		    date.year);
	else
		(void)snprintf(text, 16, "%.15s", iso == NULL ? "" : iso);
}

void
print_row_day(const struct session *session, cJSON *row, const char *key)
{
	const char *iso = carnet_json_string(row, key);
	char day[CARNET_DATE_TEXT], text[16], whole[40];

	if (iso == NULL)
		return;
	/* a time keeps its hour: "2026-03-05T14:03" */
	(void)snprintf(day, sizeof(day), "%.10s", iso);
	print_day(session, day, text);
	(void)snprintf(whole, sizeof(whole), "%s%s%.5s", text,
	    strlen(iso) > 15 ? " " : "", strlen(iso) > 15 ? iso + 11 : "");
	(void)cJSON_ReplaceItemInObjectCaseSensitive(
	    row, key, cJSON_CreateString(whole));
}

void
print_row_word(cJSON *row, const char *key)
{
	const char *word = carnet_json_string(row, key);

	if (word != NULL)
		(void)cJSON_ReplaceItemInObjectCaseSensitive(
		    row, key, cJSON_CreateString(print_word(word)));
}

void
print_time(double milliseconds, char text[40])
{
	time_t seconds = (time_t)(milliseconds / 1000);
	struct tm parts;
	char zone[8] = "";

	text[0] = '\0';
	if (localtime_r(&seconds, &parts) == NULL)
		return;
	(void)strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &parts);
	(void)strftime(zone, sizeof(zone), "%z", &parts);
	if (strlen(zone) == 5) { /* +0100 becomes +01:00 */
		size_t len = strlen(text);

		memcpy(text + len, zone, 3);
		text[len + 3] = ':';
		memcpy(text + len + 4, zone + 3, 3);
	}
}
