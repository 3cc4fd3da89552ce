/* SPDX-License-Identifier: ISC */
/*
 * Help, made from the tables of verbs and options: what isn't in them isn't
 * in the help.  Opens nothing.
 */
#include "help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nearest.h"

/* What stands for a value in the usage, in the reader's language. */
static const char *const help_values[] = { N_("ADDRESS"), N_("CMD"), N_("DATE"),
	N_("DIR"), N_("DURATION"), N_("FILE"), N_("FORM"), N_("ID"), N_("LANG"),
	N_("N"), N_("NAME"), N_("NUMBER"), N_("PATH"), N_("PLACE"),
	N_("PURPOSE"), N_("QUERY"), N_("REGION"), N_("SCOPE"), N_("TAG"),
	N_("TEXT"), N_("TYPE") };

static const char *
help_value(const char *value)
{
	size_t len = sizeof(help_values) / sizeof(help_values[0]);

	for (size_t i = 0; i < len; i++)
		if (strcmp(help_values[i], value) == 0)
			return _(help_values[i]);
	return value;
}

/* "--name FILE|-": of an argument with bars, each part for itself. */
static void
help_option_usage(const struct option_row *row, char usage[128])
{
	char parts[128] = "", *save = NULL, *part;
	int at = snprintf(usage, 128, "  %s--%s",
	    strcmp(row->name, "output") == 0 ? "-o, " : "", row->name);
	const char *between = " ";

	if (row->argument != NULL)
		(void)snprintf(parts, sizeof(parts), "%s", row->argument);
	for (part = strtok_r(parts, "|", &save); part != NULL && at < 128;
	     part = strtok_r(NULL, "|", &save)) {
		at += snprintf(usage + at, (size_t)(128 - at), "%s%s", between,
		    help_value(part));
		between = "|";
	}
}

static void
help_options(const struct option_row *rows)
{
	for (; rows != NULL && rows->name != NULL; rows++) {
		char usage[128];

		help_option_usage(rows, usage);
		print_entry(30, usage, rows->help == NULL ? "" : _(rows->help));
	}
}

const char *
help_arguments(const struct verb *verb)
{
	return verb->arguments[0] == '\0' ? "" : _(verb->arguments);
}

/* The tables as JSON: completions and the manual are made from it. */
static cJSON *
help_options_json(const struct option_row *rows)
{
	cJSON *options = cJSON_CreateArray();

	for (; rows != NULL && rows->name != NULL; rows++) {
		cJSON *option = cJSON_CreateObject();
		char usage[128];

		help_option_usage(rows, usage);
		json_add_text(option, "name", rows->name);
		json_add_text(option, "usage", usage + strspn(usage, " "));
		json_add_bool(option, "value", rows->kind != OPTION_FLAG);
		json_add_bool(option, "repeated", rows->kind == OPTION_LIST);
		json_add_text(
		    option, "help", rows->help == NULL ? "" : _(rows->help));
		(void)cJSON_AddItemToArray(options, option);
	}
	return options;
}

/* What no table of options can say; "": nothing. */
static const char *
help_note(const struct verb *verb)
{
	static const char statement[] = N_(
	    "Your own words for a letter: add a text file (carnet add), then "
	    "carnet tag ID +template:TEMPLATE, with the name of a template of "
	    "carnet statement templates, or one of your own. From then on they "
	    "stand in place of carnet's; +lang:fr limits them to letters in "
	    "French. The file begins with a line ---, a line subject: and a "
	    "line ---, and may use {{fields}}.");

	static const char due[] =
	    N_("A notice that opens a time to object, before a record exists: "
	       "carnet add notice.pdf --date 2026-03-02 --tag TAG, with the "
	       "day on which it was sent (for the pharmaceutical record: "
	       "handed over) and the tag notice-mes for Mon espace santé, "
	       "notice-dp for the pharmaceutical record, notice-epa for the "
	       "German ePA. The last day to object is then in this list.");

	if (strcmp(verb->name, "due") == 0)
		return _(due);
	return strcmp(verb->name, "statement") == 0 ? _(statement) : "";
}

static cJSON *
help_verb_json(const struct verb *verb)
{
	cJSON *object = cJSON_CreateObject();

	json_add_text(object, "name", verb->name);
	json_add_text(object, "arguments", help_arguments(verb));
	json_add_text(object, "summary", _(verb->summary));
	json_add_text(object, "example", verb->example);
	json_add_text(object, "note", help_note(verb));
	json_add(object, "options", help_options_json(verb->options));
	return object;
}

static int
help_all_json(struct session *session)
{
	cJSON *result = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(result, "verbs");

	for (size_t i = 0; verbs[i] != NULL; i++)
		(void)cJSON_AddItemToArray(list, help_verb_json(verbs[i]));
	json_add(result, "options", help_options_json(options_global));
	return session_result(session, result, EXIT_DONE);
}

int
help_all(struct session *session)
{
	if (session->json)
		return help_all_json(session);
	print_paragraph(stdout,
	    _("carnet: your health record and your word on who may have it, on "
	      "your own disk."));
	print_line("%s", "");
	print_line(_("Usage: carnet [OPTION…] VERB [ARGUMENT…]"));
	print_line("%s", "");
	for (size_t i = 0; verbs[i] != NULL; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "  %s", verbs[i]->name);
		print_entry(14, name, _(verbs[i]->summary));
	}
	print_line("%s", "");
	print_line(_("Options of every verb:"));
	help_options(options_global);
	print_line("%s", "");
	print_paragraph(
	    stdout, _("carnet help VERB says more. The manual: man carnet."));
	return EXIT_DONE;
}

int
help_verb(struct session *session, const struct verb *verb)
{
	char usage[64];

	if (session->json)
		return session_result(session, help_verb_json(verb), EXIT_DONE);
	(void)snprintf(usage, sizeof(usage), "carnet %s", verb->name);
	print_entry(strlen(usage) + 1, usage, help_arguments(verb));
	print_line("%s", "");
	print_paragraph(stdout, _(verb->summary));
	if (verb->options != NULL && verb->options[0].name != NULL) {
		print_line("%s", "");
		help_options(verb->options);
	}
	if (help_note(verb)[0] != '\0') {
		print_line("%s", "");
		print_paragraph(stdout, help_note(verb));
	}
	if (verb->example[0] != '\0') {
		print_line("%s", "");
		print_line(_("For example: %s"), verb->example);
	}
	return EXIT_DONE;
}

int
help_begin(struct session *session)
{
	print_line(_("There is no vault yet at %s"), session->vault_path);
	print_line("%s", "");
	print_line(_("Make one with:"));
	print_line("  carnet init --person \"%s\" --recovery %s",
	    _("Your Name"), _("recovery.pdf"));
	print_line("%s", "");
	print_line(_("All verbs: carnet help"));
	return EXIT_DONE;
}

int
help_version(struct session *session)
{
	cJSON *result = cJSON_CreateObject();

	json_add_text(result, "version", CARNET_VERSION);
	if (!session->json)
		print_line("carnet %s", CARNET_VERSION);
	return session_result(session, result, EXIT_DONE);
}

int
help_unknown(struct session *session, const char *name)
{
	size_t best = 3;
	const char *nearest = NULL;

	for (size_t i = 0; verbs[i] != NULL; i++) {
		size_t distance = nearest_distance(name, verbs[i]->name);

		if (distance < best) {
			best = distance;
			nearest = verbs[i]->name;
		}
	}
	carnet_fail(&session->err, CARNET_INVALID, _("unknown verb %s"), name);
	if (nearest != NULL)
		carnet_hint(
		    &session->err, _("did you mean: carnet %s"), nearest);
	else
		carnet_hint(&session->err, _("all verbs: carnet help"));
	(void)session_fail(session, NULL);
	return EXIT_USAGE;
}

int
help_run(struct session *session)
{
	const char *name = options_argument(session->options, 0);
	const struct verb *verb;

	if (name == NULL)
		return help_all(session);
	verb = verb_find(name);
	return verb == NULL ? help_unknown(session, name)
			    : help_verb(session, verb);
}
