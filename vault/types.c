/* SPDX-License-Identifier: ISC */
/*
 * Status codes, errors and dates: what every room uses.  No I/O.
 * The contract is in include/carnet_types.h.
 */
#include "carnet_types.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const status_names[] = {
	[CARNET_OK] = "ok",
	[CARNET_FAILED] = "failed",
	[CARNET_INVALID] = "invalid",
	[CARNET_NOT_FOUND] = "not-found",
	[CARNET_AMBIGUOUS] = "ambiguous",
	[CARNET_EXISTS] = "exists",
	[CARNET_NO_VAULT] = "no-vault",
	[CARNET_LOCKED] = "locked",
	[CARNET_WRONG_KEY] = "wrong-key",
	[CARNET_GUARD] = "guard",
	[CARNET_DAMAGED] = "damaged",
	[CARNET_NEWER] = "newer",
	[CARNET_NO_MEMORY] = "no-memory",
	[CARNET_IO] = "io",
	[CARNET_NO_SPACE] = "no-space",
	[CARNET_TOO_EARLY] = "too-early",
	[CARNET_CHANGED] = "changed",
	[CARNET_UNSUPPORTED] = "unsupported",
	[CARNET_INTERRUPTED] = "interrupted",
};

const char *
carnet_status_name(enum carnet_status status)
{
	size_t i = (size_t)status;

	if (i >= sizeof(status_names) / sizeof(status_names[0]) ||
	    status_names[i] == NULL)
		return "failed";
	return status_names[i];
}

enum carnet_status
carnet_fail(struct carnet_error *err, enum carnet_status status,
    const char *format, ...)
{
	va_list args;

	if (err == NULL)
		return status;
	err->status = status;
	err->errno_value = 0;
	err->hint[0] = '\0';
	va_start(args, format);
	(void)vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	return status;
}

enum carnet_status
carnet_fail_errno(
    struct carnet_error *err, int errno_value, const char *format, ...)
{
	enum carnet_status status = CARNET_IO;
	va_list args;
	size_t len;

	if (errno_value == ENOSPC || errno_value == EDQUOT)
		status = CARNET_NO_SPACE;
	else if (errno_value == ENOMEM)
		status = CARNET_NO_MEMORY;
	if (err == NULL)
		return status;
	err->status = status;
	err->errno_value = errno_value;
	err->hint[0] = '\0';
	va_start(args, format);
	(void)vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	len = strlen(err->message);
	(void)snprintf(err->message + len, sizeof(err->message) - len, ": %s",
	    carnet_texts_errno(errno_value));
	return status;
}

bool
carnet_is_unreadable(const struct carnet_error *err)
{
	return err->status == CARNET_IO &&
	       (err->errno_value == EIO || err->errno_value == EUCLEAN ||
		   err->errno_value == EBADMSG || err->errno_value == ENODATA ||
		   err->errno_value == EREMOTEIO);
}

bool
carnet_is_unwritable(const struct carnet_error *err)
{
	return err->status == CARNET_NO_SPACE ||
	       (err->status == CARNET_IO &&
		   (err->errno_value == EROFS || err->errno_value == EACCES ||
		       err->errno_value == EPERM));
}

void
carnet_hint(struct carnet_error *err, const char *format, ...)
{
	va_list args;

	if (err == NULL)
		return;
	va_start(args, format);
	(void)vsnprintf(err->hint, sizeof(err->hint), format, args);
	va_end(args);
}

bool
carnet_date_is_set(struct carnet_date date)
{
	return date.year != 0;
}

int
carnet_days_in_month(int year, int month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month < 1 || month > 12)
		return 0;
	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Reads exactly `count` digits at *text; -1 if one of them isn't. */
static int
date_digits(const char *text, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

bool
carnet_date_parse(const char *text, struct carnet_date *ret_date)
{
	int year, month, day;

	if (text == NULL || strlen(text) != CARNET_DATE_TEXT - 1 ||
	    text[4] != '-' || text[7] != '-')
		return false;
	year = date_digits(text, 4);
	month = date_digits(text + 5, 2);
	day = date_digits(text + 8, 2);
	if (year < 1 || day < 1 || day > carnet_days_in_month(year, month))
		return false;
	*ret_date = (struct carnet_date){ .year = (int16_t)year,
		.month = (uint8_t)month,
		.day = (uint8_t)day };
	return true;
}

void
carnet_date_format(struct carnet_date date, char text[CARNET_DATE_TEXT])
{
	if (!carnet_date_is_set(date)) {
		text[0] = '\0';
		return;
	}
	(void)snprintf(text, CARNET_DATE_TEXT, "%04u-%02u-%02u",
	    (unsigned)date.year % 10000U, date.month % 100U, date.day % 100U);
}

int
carnet_date_compare(struct carnet_date a, struct carnet_date b)
{
	if (a.year != b.year)
		return a.year - b.year;
	if (a.month != b.month)
		return a.month - b.month;
	return a.day - b.day;
}
