/* SPDX-License-Identifier: ISC */
/*
 * The date of a document, where a label says that it is one: French and
 * English.  A date of birth is never it, nor one that can be read two ways.
 * The contract: guess.h.
 */
#include <stdlib.h>
#include <string.h>

#include "guess.h"

enum date_order {
	DATE_DAY_FIRST, /* 03/04 is 3 April */
	DATE_EITHER     /* 03/04 may be March or April: no date */
};

struct date_label {
	int rank; /* a lower one is closer to what happened */
	enum date_order order;
	const char *label; /* folded */
};

static const struct date_label labels[] = {
	{ 1, DATE_DAY_FIRST, "date de prelevement" },
	{ 1, DATE_DAY_FIRST, "date du prelevement" },
	{ 1, DATE_DAY_FIRST, "preleve le" },
	{ 1, DATE_DAY_FIRST, "prelevement du" },
	{ 1, DATE_DAY_FIRST, "prelevement effectue le" },
	{ 1, DATE_EITHER, "collected on" },
	{ 1, DATE_EITHER, "collected:" },
	{ 1, DATE_EITHER, "collection date" },
	{ 1, DATE_EITHER, "date collected" },
	{ 1, DATE_EITHER, "date of collection" },
	{ 1, DATE_DAY_FIRST, "date de l'examen" },
	{ 1, DATE_DAY_FIRST, "date d'examen" },
	{ 1, DATE_DAY_FIRST, "examen du" },
	{ 1, DATE_DAY_FIRST, "examen realise le" },
	{ 1, DATE_EITHER, "date of exam" },
	{ 1, DATE_EITHER, "exam date" },
	{ 1, DATE_DAY_FIRST, "date de vaccination" },
	{ 1, DATE_DAY_FIRST, "date de consultation" },
	{ 1, DATE_DAY_FIRST, "date de la consultation" },
	{ 1, DATE_DAY_FIRST, "consultation du" },
	{ 1, DATE_EITHER, "date of service" },
	{ 1, DATE_EITHER, "service date" },
	{ 1, DATE_EITHER, "date of visit" },
	{ 1, DATE_EITHER, "visit date" },
	{ 2, DATE_DAY_FIRST, "date du compte rendu" },
	{ 2, DATE_DAY_FIRST, "date du document" },
	{ 2, DATE_DAY_FIRST, "date de l'ordonnance" },
	{ 2, DATE_DAY_FIRST, "date de prescription" },
	{ 2, DATE_DAY_FIRST, "date de facture" },
	{ 2, DATE_DAY_FIRST, "date de la facture" },
	{ 2, DATE_EITHER, "report date" },
	{ 2, DATE_EITHER, "date of report" },
	{ 2, DATE_EITHER, "invoice date" },
	{ 3, DATE_EITHER, "\ndate:" },
	{ 3, DATE_DAY_FIRST, "\ndate :" },
	{ 3, DATE_DAY_FIRST, "\nle " },
	{ 3, DATE_DAY_FIRST, ", le " },
};

/* Folded; "fevr." and the like by their first letters. */
static const struct date_month {
	const char *name;
	int month;
} months[] = {
	{ "janvier", 1 },
	{ "fevrier", 2 },
	{ "mars", 3 },
	{ "avril", 4 },
	{ "mai", 5 },
	{ "juin", 6 },
	{ "juillet", 7 },
	{ "aout", 8 },
	{ "septembre", 9 },
	{ "octobre", 10 },
	{ "novembre", 11 },
	{ "decembre", 12 },
	{ "january", 1 },
	{ "february", 2 },
	{ "march", 3 },
	{ "april", 4 },
	{ "may", 5 },
	{ "june", 6 },
	{ "july", 7 },
	{ "august", 8 },
	{ "september", 9 },
	{ "october", 10 },
	{ "november", 11 },
	{ "december", 12 },
	{ "janv", 1 },
	{ "fevr", 2 },
	{ "avr", 4 },
	{ "juil", 7 },
	{ "sept", 9 },
	{ "jan", 1 },
	{ "feb", 2 },
	{ "mar", 3 },
	{ "apr", 4 },
	{ "jun", 6 },
	{ "jul", 7 },
	{ "aug", 8 },
	{ "sep", 9 },
	{ "oct", 10 },
	{ "nov", 11 },
	{ "dec", 12 },
};

static bool
date_is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

/* A number of at most four digits; how many there were in *ret_count. */
static int
date_number(const char **at, int *ret_count)
{
	int value = 0;

	*ret_count = 0;
	while (**at >= '0' && **at <= '9' && *ret_count < 5) {
		value = value * 10 + (**at - '0');
		(*at)++;
		(*ret_count)++;
	}
	return value;
}

/* The month whose name stands here; 0: none.  Moves behind it and a dot. */
static int
date_month(const char **at)
{
	for (size_t i = 0; i < sizeof(months) / sizeof(months[0]); i++) {
		size_t len = strlen(months[i].name);

		if (strncmp(*at, months[i].name, len) != 0 ||
		    date_is_letter((*at)[len]))
			continue;
		*at += len;
		if (**at == '.')
			(*at)++;
		return months[i].month;
	}
	return 0;
}

static void
date_skip(const char **at, const char *set)
{
	*at += strspn(*at, set);
}

static bool
date_make(int year, int month, int day, struct carnet_date *ret_date)
{
	if (year < 1900 || year > 2100 || day < 1 ||
	    day > carnet_days_in_month(year, month))
		return false;
	*ret_date = (struct carnet_date){ .year = (int16_t)year,
		.month = (uint8_t)month,
		.day = (uint8_t)day };
	return true;
}

/* "2026-03-05", "05/03/2026", "5.3.2026": begins with a number. */
static bool
date_numeric(const char *at, int first, int first_count, enum date_order order,
    struct carnet_date *ret_date)
{
	char separator = *at;
	int second, third, second_count, third_count;

	if (separator != '-' && separator != '/' && separator != '.')
		return false;
	at++;
	second = date_number(&at, &second_count);
	if (second_count < 1 || second_count > 2 || *at != separator)
		return false;
	at++;
	third = date_number(&at, &third_count);
	if (first_count == 4 && third_count >= 1 && third_count <= 2)
		return date_make(first, second, third, ret_date);
	if (first_count > 2 || third_count != 4)
		return false;
	if (order == DATE_EITHER && separator == '/' && first != second) {
		if (first <= 12 && second <= 12)
			return false;
		if (second > 12)
			return date_make(third, first, second, ret_date);
	}
	return date_make(third, second, first, ret_date);
}

/* "5 mars 2026", "1er mars 2026", "5 March 2026", "5-Mar-2026". */
static bool
date_day_month(const char *at, int day, struct carnet_date *ret_date)
{
	int month, year, count;

	if (strncmp(at, "er ", 3) == 0 || strncmp(at, "st ", 3) == 0 ||
	    strncmp(at, "nd ", 3) == 0 || strncmp(at, "rd ", 3) == 0 ||
	    strncmp(at, "th ", 3) == 0)
		at += 2;
	date_skip(&at, " -");
	month = date_month(&at);
	date_skip(&at, " -,");
	year = date_number(&at, &count);
	return month != 0 && count == 4 &&
	       date_make(year, month, day, ret_date);
}

/* "march 5, 2026". */
static bool
date_month_day(const char *at, struct carnet_date *ret_date)
{
	int month = date_month(&at), day, year, count;

	date_skip(&at, " ");
	day = date_number(&at, &count);
	if (month == 0 || count < 1 || count > 2)
		return false;
	if (strncmp(at, "st", 2) == 0 || strncmp(at, "nd", 2) == 0 ||
	    strncmp(at, "rd", 2) == 0 || strncmp(at, "th", 2) == 0)
		at += 2;
	date_skip(&at, " ,");
	year = date_number(&at, &count);
	return count == 4 && date_make(year, month, day, ret_date);
}

/* The date right behind a label, past a colon and the day of the week. */
static bool
date_behind(const char *at, enum date_order order, struct carnet_date *ret_date)
{
	static const char *const fillers[] = { "le ", "du ", "on ", "lundi ",
		"mardi ", "mercredi ", "jeudi ", "vendredi ", "samedi ",
		"dimanche ", "monday", "tuesday", "wednesday", "thursday",
		"friday", "saturday", "sunday" };
	int number, count;

	date_skip(&at, " :.");
	for (size_t i = 0; i < sizeof(fillers) / sizeof(fillers[0]); i++) {
		size_t len = strlen(fillers[i]);

		if (strncmp(at, fillers[i], len) == 0) {
			at += len;
			date_skip(&at, " ,");
		}
	}
	if (date_is_letter(*at))
		return date_month_day(at, ret_date);
	number = date_number(&at, &count);
	if (count == 0 || count == 3 || count > 4)
		return false;
	if (date_numeric(at, number, count, order, ret_date))
		return true;
	return count <= 2 && date_day_month(at, number, ret_date);
}

/* "Lyon, le 3 mai 1960" may be where and when somebody was born. */
static bool
date_is_of_birth(const char *folded, const char *at)
{
	static const char *const signs[] = { "naissance", "ne le", "nee le",
		"ne(e)", "ne a", "nee a", "ddn", "born", "birth", "dob" };
	const char *begin = at, *end = strchr(at, '\n');

	while (begin > folded && begin[-1] != '\n')
		begin--;
	if (end == NULL)
		end = at + strlen(at);
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (memmem(begin, (size_t)(end - begin), signs[i],
			strlen(signs[i])) != NULL)
			return true;
	}
	return false;
}

void
guess_date(const char *folded, char ret_date[CARNET_DATE_TEXT])
{
	struct carnet_date best = { 0 };
	int best_rank = 99;
	bool clear = true;

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		const struct date_label *label = &labels[i];
		const char *at = folded;

		while ((at = strstr(at, label->label)) != NULL) {
			const char *behind = at + strlen(label->label);
			bool starts = at == folded ||
				      !date_is_letter(label->label[0]) ||
				      !date_is_letter(at[-1]);
			struct carnet_date date;

			at++;
			if (!starts || label->rank > best_rank ||
			    !date_behind(behind, label->order, &date) ||
			    (label->rank == 3 &&
				date_is_of_birth(folded, behind)))
				continue;
			if (label->rank < best_rank) {
				best = date;
				best_rank = label->rank;
				clear = true;
			} else if (carnet_date_compare(date, best) != 0)
				clear = false;
		}
	}
	if (!clear)
		best = (struct carnet_date){ 0 };
	carnet_date_format(best, ret_date);
}
