/* SPDX-License-Identifier: ISC */
/*
 * What is shown of a case, row by row: a label, and words beside it that end
 * between words.  The contract is in statement_row.h.
 */
#include "statement_row.h"

#include <stdio.h>
#include <string.h>

#include "case_view.h"

void
statement_row_day(struct session *session, const char *on, char text[160])
{
	struct carnet_date due;
	char day[40];
	int days;

	print_date(session, on, day);
	if (!carnet_date_parse(on, &due)) {
		(void)snprintf(text, 160, "%s", day);
		return;
	}
	days = date_diff_days(case_today(session), due);
	if (days == 0)
		(void)snprintf(text, 160, _("%s, today"), day);
	else if (days == 1)
		(void)snprintf(text, 160, _("%s, tomorrow"), day);
	else if (days > 1)
		(void)snprintf(text, 160, _("%s, in %d days"), day, days);
	else if (days == -1)
		(void)snprintf(text, 160, _("%s, yesterday"), day);
	else
		(void)snprintf(text, 160, _("%s, %d days ago"), day, -days);
}

void
statement_row_line(
    const char *label, const char *rest, size_t width, const char *text)
{
	const char *start = text, *blank = NULL, *c = text;
	const char *before = label;
	size_t columns = 0;

	for (;; c++) {
		bool end = *c == '\0' || *c == '\n';

		if (*c == ' ')
			blank = c;
		if (!end && (*c & 0xc0) != 0x80)
			columns++;
		if (!end && columns <= width)
			continue;
		if (!end && blank != NULL && blank > start)
			c = blank;
		print_line("%s%.*s", before, (int)(c - start), start);
		before = rest;
		if (*c == ' ' || *c == '\n')
			c++;
		if (*c == '\0')
			return;
		start = c--;
		blank = NULL;
		columns = 0;
	}
}

void
statement_row(const char *label, const char *text)
{
	char padded[80];
	size_t columns = 0, len = strlen(label);

	for (size_t i = 0; i < len; i++)
		columns += (label[i] & 0xc0) != 0x80;
	(void)snprintf(padded, sizeof(padded), "%s%*s", label,
	    columns < 11 ? (int)(11 - columns) : 1, "");
	if (text[0] != '\0')
		statement_row_line(padded, "           ", 67, text);
}
