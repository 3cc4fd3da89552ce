/* SPDX-License-Identifier: ISC */
/*
 * The command line to options: rows of data say what there is.  Knows no
 * verb's meaning.  The contract is in options.h.
 */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nearest.h"

const struct option_row options_global[] = {
	{ "vault", OPTION_TEXT, "DIR",
	    CARNET_N_("where the vault is (CARNET_VAULT)") },
	{ "person", OPTION_TEXT, "NAME",
	    CARNET_N_("whose record (CARNET_PERSON)") },
	{ "json", OPTION_FLAG, NULL, CARNET_N_("results as JSON") },
	{ "quiet", OPTION_FLAG, NULL, CARNET_N_("results and errors only") },
	{ "verbose", OPTION_FLAG, NULL, CARNET_N_("say more") },
	{ "dry-run", OPTION_FLAG, NULL,
	    CARNET_N_("say what would be done, change nothing") },
	{ "no-wait", OPTION_FLAG, NULL,
	    CARNET_N_("fail instead of waiting for another writer") },
	{ "lang", OPTION_TEXT, "fr|en", CARNET_N_("the interface's language") },
	{ "on", OPTION_DATE, "DATE", CARNET_N_("today is DATE") },
	{ "passphrase-file", OPTION_TEXT, "FILE",
	    CARNET_N_("the passphrase, in a file only you can read") },
	{ "passphrase-fd", OPTION_NUMBER, "N",
	    CARNET_N_("the passphrase, from an open descriptor") },
	{ "passphrase-command", OPTION_TEXT, "CMD",
	    CARNET_N_("the passphrase, as a command prints it") },
	{ "new-passphrase-file", OPTION_TEXT, "FILE",
	    CARNET_N_("the new passphrase, in a file only you can read") },
	{ "new-passphrase-fd", OPTION_NUMBER, "N",
	    CARNET_N_("the new passphrase, from an open descriptor") },
	{ "new-passphrase-command", OPTION_TEXT, "CMD",
	    CARNET_N_("the new passphrase, as a command prints it") },
	{ "words-file", OPTION_TEXT, "FILE",
	    CARNET_N_("the recovery words, or shares, in a file") },
	{ "key-file", OPTION_TEXT, "FILE",
	    CARNET_N_("a key file instead of a passphrase") },
	{ "help", OPTION_FLAG, NULL, CARNET_N_("how a verb is used") },
	{ "version", OPTION_FLAG, NULL, CARNET_N_("which carnet this is") },
	OPTIONS_END
};

struct option_value {
	const struct option_row *row;
	const char *text;
};
struct options {
	struct option_value *values;
	size_t len;
	const char **arguments;
	size_t arguments_len;
	const char *verb;
};

void
options_free(struct options *options)
{
	if (options == NULL)
		return;
	free(options->values);
	free(options->arguments);
	free(options);
}

/* The row of a name that ends at `end`, or NULL. */
static const struct option_row *
options_row(const struct option_row *rows, const char *name, const char *end)
{
	size_t len = (size_t)(end - name);

	for (; rows != NULL && rows->name != NULL; rows++)
		if (strlen(rows->name) == len &&
		    strncmp(rows->name, name, len) == 0)
			return rows;
	return NULL;
}

static enum carnet_status
options_check_value(
    const struct option_row *row, const char *text, struct carnet_error *err)
{
	struct carnet_date date;
	char *end;
	long long number;

	if (row->kind == OPTION_DATE && !carnet_date_parse(text, &date)) {
		carnet_fail(err, CARNET_INVALID,
		    CARNET_("--%s: this date does not exist"), row->name);
		carnet_hint(err, CARNET_("dates are written 2026-03-05"));
		return CARNET_INVALID;
	}
	if (row->kind == OPTION_NUMBER) {
		errno = 0;
		number = strtoll(text, &end, 10);
		if (errno != 0 || *end != '\0' || end == text || number < 0)
			return carnet_fail(err, CARNET_INVALID,
			    CARNET_("--%s: a number is needed"), row->name);
	}
	return CARNET_OK;
}

/* The nearer of what was found and the rows' names. */
static const char *
options_nearest(const struct option_row *rows, const char *name, size_t *best,
    const char *found)
{
	for (; rows != NULL && rows->name != NULL; rows++) {
		size_t distance = nearest_distance(name, rows->name);

		if (distance < *best) {
			*best = distance;
			found = rows->name;
		}
	}
	return found;
}

static enum carnet_status
options_unknown(const struct option_row *verb_rows, const char *name,
    const char *end, struct carnet_error *err)
{
	char typed[NEAREST_FAR + 1];
	const char *found;
	size_t len = (size_t)(end - name);
	size_t best = len < 3 ? len : 3;

	(void)snprintf(typed, sizeof(typed), "%.*s", (int)len, name);
	found = options_nearest(verb_rows, typed, &best, NULL);
	found = options_nearest(options_global, typed, &best, found);
	carnet_fail(err, CARNET_INVALID, CARNET_("unknown option --%.*s"),
	    (int)len, name);
	if (found != NULL)
		carnet_hint(err, CARNET_("did you mean: --%s"), found);
	else
		carnet_hint(err, CARNET_("the options of a verb: carnet help "
					 "VERB"));
	return CARNET_INVALID;
}

/* One "--name", "--name=value" or "--name value"; *i moves over a value. */
static enum carnet_status
options_take(struct options *options, const struct option_row *verb_rows,
    int argc, char **argv, int *i, struct carnet_error *err)
{
	const char *name = argv[*i] + 2;
	const char *equals = strchr(name, '=');
	const char *end = equals == NULL ? name + strlen(name) : equals;
	const struct option_row *row = options_row(verb_rows, name, end);
	const char *text = NULL;
	enum carnet_status status;

	if (row == NULL)
		row = options_row(options_global, name, end);
	if (row == NULL)
		return options_unknown(verb_rows, name, end, err);
	if (row->kind == OPTION_FLAG && equals != NULL)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("--%s takes no value"), row->name);
	if (row->kind != OPTION_FLAG) {
		text = equals != NULL ? equals + 1
				      : (*i + 1 < argc ? argv[++*i] : NULL);
		if (text == NULL)
			return carnet_fail(err, CARNET_INVALID,
			    CARNET_("--%s needs a value"), row->name);
		status = options_check_value(row, text, err);
		if (status != CARNET_OK)
			return status;
	}
	options->values[options->len].row = row;
	options->values[options->len++].text = text;
	return CARNET_OK;
}

/* "-o PLACE": the one short option, of the verbs that have --output. */
static enum carnet_status
options_take_output(struct options *options, const struct option_row *verb_rows,
    int argc, char **argv, int *i, struct carnet_error *err)
{
	static const char name[] = "output";
	const struct option_row *row =
	    options_row(verb_rows, name, name + strlen(name));

	if (row == NULL)
		return carnet_fail(
		    err, CARNET_INVALID, CARNET_("unknown option -o"));
	if (*i + 1 >= argc)
		return carnet_fail(
		    err, CARNET_INVALID, CARNET_("-o needs a value"));
	options->values[options->len].row = row;
	options->values[options->len++].text = argv[++*i];
	return CARNET_OK;
}

/* The verb's rows, found by looking over the global options before it. */
static const struct option_row *
options_find_rows(int argc, char **argv, options_find *find)
{
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i];
		const struct option_row *row;

		if (strcmp(name, "-h") == 0)
			continue;
		if (strcmp(name, "-o") == 0) { /* before its verb */
			i++;
			continue;
		}
		if (strncmp(name, "--", 2) != 0)
			return find(name);
		if (strchr(name, '=') != NULL)
			continue;
		row =
		    options_row(options_global, name + 2, name + strlen(name));
		if (row != NULL && row->kind != OPTION_FLAG)
			i++;
	}
	return NULL;
}

enum carnet_status
options_parse(int argc, char **argv, options_find *find,
    struct options **ret_options, struct carnet_error *err)
{
	struct options *options = calloc(1, sizeof(*options));
	const struct option_row *rows = options_find_rows(argc, argv, find);
	enum carnet_status status = CARNET_OK;
	static char help[] = "--help";
	bool only_words = false;

	if (options == NULL)
		return carnet_fail_errno(err, ENOMEM, "carnet");
	options->values = calloc((size_t)argc + 1, sizeof(*options->values));
	options->arguments =
	    calloc((size_t)argc + 1, sizeof(*options->arguments));
	if (options->values == NULL || options->arguments == NULL)
		status = carnet_fail_errno(err, ENOMEM, "carnet");
	for (int i = 1; i < argc && status == CARNET_OK; i++) {
		if (!only_words && strcmp(argv[i], "--") == 0)
			only_words = true;
		else if (!only_words && strcmp(argv[i], "-h") == 0)
			status = options_take(options, rows, 1,
			    &(char *){ help }, &(int){ 0 }, err);
		else if (!only_words && strcmp(argv[i], "-o") == 0)
			status = options_take_output(
			    options, rows, argc, argv, &i, err);
		else if (!only_words && strncmp(argv[i], "--", 2) == 0)
			status =
			    options_take(options, rows, argc, argv, &i, err);
		else if (options->verb == NULL)
			options->verb = argv[i];
		else
			options->arguments[options->arguments_len++] = argv[i];
	}
	if (status != CARNET_OK) {
		options_free(options);
		return status;
	}
	*ret_options = options;
	return CARNET_OK;
}

const char *
options_verb(const struct options *options)
{
	return options->verb;
}

size_t
options_argc(const struct options *options)
{
	return options->arguments_len;
}

const char *
options_argument(const struct options *options, size_t i)
{
	return i < options->arguments_len ? options->arguments[i] : NULL;
}

bool
option_flag(const struct options *options, const char *name)
{
	return option_count(options, name) > 0;
}

const char *
option_text(const struct options *options, const char *name)
{
	size_t count = option_count(options, name);

	return count == 0 ? NULL : option_item(options, name, count - 1);
}

size_t
option_count(const struct options *options, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < options->len; i++)
		if (strcmp(options->values[i].row->name, name) == 0)
			count++;
	return count;
}

const char *
option_item(const struct options *options, const char *name, size_t at)
{
	for (size_t i = 0; i < options->len; i++)
		if (strcmp(options->values[i].row->name, name) == 0 &&
		    at-- == 0)
			return options->values[i].text;
	return NULL;
}

int64_t
option_number(const struct options *options, const char *name, int64_t fallback)
{
	const char *text = option_text(options, name);

	return text == NULL ? fallback : strtoll(text, NULL, 10);
}
