/* SPDX-License-Identifier: ISC */
/*
 * What vault/ and formats/ share: texts and their language, status codes,
 * errors, dates, holiday rules, a strict JSON reader.  Knows no vault, no key.
 * Parameter order everywhere: object, inputs, ret_ outputs, error.
 */
#ifndef CARNET_TYPES_H
#define CARNET_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <libintl.h>

/* User-visible text: English msgid, looked up in the "carnet" catalogue. */
#define CARNET_(text) dgettext("carnet", text)
#define CARNET_N_(text) text
/* The same for a count, in the language's own plural. */
#define CARNET_PLURAL_(one, many, count)                                       \
	dngettext("carnet", one, many, (unsigned long)(count))

#define CARNET_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

/*
 * Sets the language of texts, "fr" or "en" (NULL: as the environment asks),
 * and a locale in UTF-8.  Returns the language chosen.  Before any thread.
 */
const char *carnet_texts_choose(const char *lang);
/* The folder that holds <lang>/LC_MESSAGES/carnet.mo; a static text. */
const char *carnet_texts_folder(void);
/* strerror, in that language even where the system has no translations. */
const char *carnet_texts_errno(int errno_value);

/* What happened to the caller's request; never which dependency failed. */
enum carnet_status {
	CARNET_OK = 0,
	CARNET_FAILED,    /* anything without a code of its own */
	CARNET_INVALID,   /* the input is wrong; nothing was changed */
	CARNET_NOT_FOUND, /* no such document, recipient, file... */
	CARNET_AMBIGUOUS, /* an id's prefix names several things */
	CARNET_EXISTS,    /* it is already there */
	CARNET_NO_VAULT,  /* no vault, or no backup, at that place */
	CARNET_LOCKED,    /* another process holds the lock */
	CARNET_WRONG_KEY, /* no slot opens */
	CARNET_GUARD,     /* a third party would see it */
	CARNET_DAMAGED,   /* what was read is not what was written */
	CARNET_NEWER,     /* written by a newer carnet */
	CARNET_NO_MEMORY,
	CARNET_IO,          /* the system refused: message has strerror */
	CARNET_NO_SPACE,    /* the disk or the quota is full */
	CARNET_TOO_EARLY,   /* a complaint before its day */
	CARNET_CHANGED,     /* a file changed while it was read */
	CARNET_UNSUPPORTED, /* this machine or this build can't */
	CARNET_INTERRUPTED
};

/*
 * The error a caller passes in.  message: one line, says where, never what
 * (no names, values, keys or rejected input); hint: what to do, or "".
 * Every function that returns carnet_status accepts err == NULL.
 */
struct carnet_error {
	enum carnet_status status;
	int errno_value; /* of carnet_fail_errno, else 0 */
	char message[512];
	char hint[512];
};

/* Fills err and returns status, so that `return carnet_fail(...)` reads well.
 */
enum carnet_status carnet_fail(struct carnet_error *err,
    enum carnet_status status, const char *format, ...) CARNET_PRINTF(3, 4);

/* As carnet_fail, with ": strerror(errno_value)" appended; ENOSPC and EDQUOT
 * become CARNET_NO_SPACE, ENOMEM CARNET_NO_MEMORY, all others CARNET_IO. */
enum carnet_status carnet_fail_errno(struct carnet_error *err, int errno_value,
    const char *format, ...) CARNET_PRINTF(3, 4);

/*
 * Whether a call that read a file failed with what a disk says that can't read
 * what is there (EIO, or a file system that finds its own notes hurt): damage
 * of that file for now, but perhaps not a minute later, so never a loss.
 */
bool carnet_is_unreadable(const struct carnet_error *err);
/* Whether it failed because nothing can be written there now: no room, a disk
 * or a folder that may only be read. */
bool carnet_is_unwritable(const struct carnet_error *err);

/* Adds what to do to an error that carnet_fail has filled. */
void carnet_hint(struct carnet_error *err, const char *format, ...)
    CARNET_PRINTF(2, 3);

/* The code's name in JSON errors: "not-found", "too-early"... */
const char *carnet_status_name(enum carnet_status status);

/* A civil date, proleptic Gregorian.  year 0 means "no date". */
struct carnet_date {
	int16_t year;  /* 1..9999 */
	uint8_t month; /* 1..12 */
	uint8_t day;   /* 1..31 */
};

#define CARNET_DATE_TEXT 11 /* "2026-03-05" and its NUL */

bool carnet_date_is_set(struct carnet_date date);
/* Strict "YYYY-MM-DD" of an existing day; false and *ret untouched if not. */
bool carnet_date_parse(const char *text, struct carnet_date *ret_date);
/* Writes "YYYY-MM-DD", or "" for no date. */
void carnet_date_format(struct carnet_date date, char text[CARNET_DATE_TEXT]);
/* <0, 0, >0 as a is before, on, after b. */
int carnet_date_compare(struct carnet_date a, struct carnet_date b);
int carnet_days_in_month(int year, int month);

/*
 * One rule of a holiday calendar (data: formats/letters/holidays.json; used
 * by vault/consent).  kind FIXED: month, day.  EASTER: offset days from
 * Easter Sunday (Gregorian), ORTHODOX: from the Orthodox one.  NTH: the
 * nth (1..5, -1 = last) weekday (0 = Sunday) of the month.  observed: what
 * happens when it falls on a weekend.
 */
enum carnet_holiday_kind {
	CARNET_HOLIDAY_FIXED,
	CARNET_HOLIDAY_EASTER,
	CARNET_HOLIDAY_ORTHODOX,
	CARNET_HOLIDAY_NTH
};
enum carnet_holiday_observed {
	CARNET_OBSERVED_NEVER,      /* the weekend day only */
	CARNET_OBSERVED_NEXT_MONDAY /* moves to the next free weekday (UK) */
};
struct carnet_holiday {
	enum carnet_holiday_kind kind;
	int8_t month, day;   /* FIXED, NTH */
	int16_t offset;      /* EASTER, ORTHODOX */
	int8_t nth, weekday; /* NTH */
	int16_t from, until; /* years, inclusive; 0 = no bound */
	enum carnet_holiday_observed observed;
};
struct carnet_calendar {
	const struct carnet_holiday *holidays; /* owned by whoever made it */
	size_t len;
	bool estimate; /* no second source: dates are labelled estimate */
};

/*
 * Parses JSON strictly (RFC 8259): valid UTF-8, no duplicate keys, no
 * trailing text, no NUL in strings, depth at most 64, len at most 64 MiB.
 * The caller owns *ret_json (cJSON_Delete).  CARNET_INVALID otherwise.
 */
enum carnet_status carnet_json_parse(
    const char *text, size_t len, cJSON **ret_json, struct carnet_error *err);
/* Typed getters; case-sensitive; NULL, false or `fallback` when absent or of
 * another type.  Strings are owned by the object. */
const cJSON *carnet_json_get(const cJSON *object, const char *key);
const char *carnet_json_string(const cJSON *object, const char *key);
bool carnet_json_bool(const cJSON *object, const char *key, bool fallback);
/* Integers within +-2^53, or decimal strings of 64 bits. */
bool carnet_json_int(const cJSON *object, const char *key, int64_t *ret);
/* Gives an item to an object.  Without memory both are deleted and NULL, so
 * that no answer lacks a part of it; each may be NULL before. */
void carnet_json_give(cJSON **object, const char *key, cJSON **item);
/* {kind, id, detail} at the end of an array: something that is wrong, or was.
 * False, and nothing added: no memory. */
bool carnet_problem_add(
    cJSON *problems, const char *kind, const char *id, const char *detail);

/* Whether folder `fd` is `other`, or stands somewhere below it. */
bool carnet_folder_is_inside(int fd, int other);
/* What the guard judged is where it will be written: CARNET_CHANGED when
 * `fd` is not inside *judged.  NULL: nobody judged, CARNET_OK. */
enum carnet_status carnet_folder_judged(
    const int *judged, int fd, struct carnet_error *err);
#endif
