/* SPDX-License-Identifier: ISC */
/*
 * Public or private: the option, the question, what is known.  Records
 * nothing.  The contract is in recipient_public.h.
 */
#include "recipient_public.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum recipient_public
recipient_public(const cJSON *entry, const cJSON *own)
{
	const cJSON *known = carnet_json_get(entry, "public");
	const char *said = json_text(own, "public");

	if (cJSON_IsBool(known))
		return cJSON_IsTrue(known) ? PUBLIC_YES : PUBLIC_NO;
	if (strcmp(said, "yes") == 0)
		return PUBLIC_YES;
	return strcmp(said, "no") == 0 ? PUBLIC_NO : PUBLIC_UNKNOWN;
}

const char *
recipient_public_option(const struct session *session)
{
	const char *text = option_text(session->options, "public");

	return text != NULL && strcmp(text, "unknown") == 0 ? "" : text;
}

const char *
recipient_public_wrong(struct session *session, const char *id)
{
	const char *text = option_text(session->options, "public");
	const cJSON *entry =
	    id == NULL ? NULL : letters_recipient(session->letters, id);

	if (text == NULL)
		return NULL;
	if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0 &&
	    strcmp(text, "unknown") != 0)
		return _("--public: yes, no or unknown");
	if (cJSON_IsBool(carnet_json_get(entry, "public")))
		return _("--public: the catalogue knows what this one is");
	return NULL;
}

static bool
public_lists(const cJSON *list, const char *id)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, list)
	{
		if (cJSON_IsString(one) && strcmp(one->valuestring, id) == 0)
			return true;
	}
	return false;
}

bool
recipient_public_matters(
    struct session *session, const char *id, const cJSON *recipient)
{
	const cJSON *statement;

	if (letters_recipient(session->letters, id) == NULL)
		return strcmp(json_text(recipient, "country"), "FR") == 0;
	cJSON_ArrayForEach(statement, letters_statements(session->letters))
	{
		const cJSON *next = carnet_json_get(statement, "next");

		if (json_text(next, "referral")[0] != '\0' &&
		    public_lists(carnet_json_get(statement, "fits"), id))
			return true;
	}
	return false;
}

const char *
recipient_public_ask(
    struct session *session, const char *id, const cJSON *recipient)
{
	char line[64];

	if (session->json || session->quiet || session->dry_run ||
	    isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0 ||
	    !cJSON_IsNull(carnet_json_get(recipient, "public")) ||
	    !recipient_public_matters(session, id, recipient))
		return NULL;
	session_say(session,
	    _("Is it a public body, or a private one with a public service to "
	      "perform? A refusal to hand over documents can then be "
	      "brought before the CADA. [y/n, Enter: not known]"));
	if (fgets(line, sizeof(line), stdin) == NULL)
		return NULL;
	switch (line[0]) {
	case 'y':
	case 'Y':
	case 'o':
	case 'O':
		return "yes";
	case 'n':
	case 'N':
		return "no";
	default:
		return NULL;
	}
}
