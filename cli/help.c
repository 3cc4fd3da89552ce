/* SPDX-License-Identifier: ISC */
/*
 * Help, made from the tables of verbs and options: what isn't in them isn't
 * in the help.  Opens nothing.
 */
#include "help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plain_text.h"

static void
help_options(const struct option_row *rows)
{
	for (; rows != NULL && rows->name != NULL; rows++) {
		char left[64];

		(void)snprintf(left, sizeof(left), "--%s%s%s", rows->name,
		    rows->argument == NULL ? "" : " ",
		    rows->argument == NULL ? "" : rows->argument);
		print_line("  %-28s %s", left,
		    rows->help == NULL ? "" : _(rows->help));
	}
}

int
help_all(struct session *session)
{
	(void)session;
	print_line(_("carnet: your health record and your word on who may "
		     "have it, on your own disk."));
	print_line("%s", "");
	print_line(_("Usage: carnet [OPTION…] VERB [ARGUMENT…]"));
	print_line("%s", "");
	for (size_t i = 0; verbs[i] != NULL; i++)
		print_line("  %-11s %s", verbs[i]->name, _(verbs[i]->summary));
	print_line("%s", "");
	print_line(_("Options of every verb:"));
	help_options(options_global);
	print_line("%s", "");
	print_line(_("carnet help VERB says more. The manual: man carnet."));
	return EXIT_DONE;
}

int
help_verb(struct session *session, const struct verb *verb)
{
	(void)session;
	print_line("carnet %s %s", verb->name, verb->arguments);
	print_line("%s", "");
	print_line("%s", _(verb->summary));
	if (verb->options != NULL && verb->options[0].name != NULL) {
		print_line("%s", "");
		help_options(verb->options);
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
		size_t distance = plain_text_distance(name, verbs[i]->name);

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
