/* SPDX-License-Identifier: ISC */
/* Options as rows of data: parsed once, asked by name. */
#ifndef OPTIONS_H
#define OPTIONS_H
#include "carnet_types.h"

enum option_kind {
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_LIST,   /* may be given several times */
	OPTION_NUMBER, /* a positive integer */
	OPTION_DATE    /* ISO, of an existing day */
};
struct option_row {
	const char *name; /* without "--" */
	enum option_kind kind;
	const char *argument; /* what the help calls it: "FILE" */
	const char *help;     /* English, a gettext msgid */
};
#define OPTIONS_END                                                            \
	{                                                                      \
		NULL, OPTION_FLAG, NULL, NULL                                  \
	}

struct options;

extern const struct option_row options_global[];

/*
 * Parses argv (the program's name first) against the global rows; the first
 * word that isn't an option is the verb, `find` gives its rows (NULL: no such
 * verb, parsing goes on with the global ones).  CARNET_INVALID: unknown
 * option, missing value, a date that doesn't exist.  "--" ends options.
 */
typedef const struct option_row *options_find(const char *verb);
enum carnet_status options_parse(int argc, char **argv, options_find *find,
    struct options **ret_options, struct carnet_error *err);
void options_free(struct options *options);
const char *options_verb(const struct options *options); /* NULL: none */
size_t options_argc(const struct options *options);      /* after the verb */
const char *options_argument(const struct options *options, size_t i);
/* These look at verb and global options alike. */
bool option_flag(const struct options *options, const char *name);
const char *option_text(const struct options *options, const char *name);
size_t option_count(const struct options *options, const char *name);
const char *option_item(
    const struct options *options, const char *name, size_t i);
/* fallback when it isn't given. */
int64_t option_number(
    const struct options *options, const char *name, int64_t fallback);
#endif
