/* SPDX-License-Identifier: ISC */
/*
 * person: the family, and who stands for whom.
 */
#include <stdlib.h>
#include <string.h>

#include "plain_text.h"
#include "verbs.h"

static const struct option_row person_options[] = {
	{ "born", OPTION_DATE, "DATE", N_("date of birth") },
	{ "birthplace", OPTION_TEXT, "PLACE", N_("place of birth") },
	{ "address", OPTION_TEXT, "TEXT",
	    N_("postal address; lines are separated by \\n or commas") },
	{ "email", OPTION_TEXT, "ADDRESS", N_("e-mail address") },
	{ "phone", OPTION_TEXT, "NUMBER", N_("telephone number") },
	{ "nir", OPTION_TEXT, "NUMBER",
	    N_("French social security number: only ever shown to the fund") },
	{ "name", OPTION_TEXT, "NAME", N_("a new name (edit)") },
	{ "represents", OPTION_TEXT, "NAME", N_("for whom this person signs") },
	{ "as", OPTION_TEXT, "parent|guardian|mandate",
	    N_("in which quality") },
	{ "proof", OPTION_TEXT, "ID", N_("the document that proves it") },
	OPTIONS_END
};

static const char *const person_fields[] = { "born", "birthplace", "address",
	"email", "phone", "nir" };
#define PERSON_FIELDS (sizeof(person_fields) / sizeof(person_fields[0]))

#define PERSON_NAME_MAX 500
#define PERSON_TEXT_MAX 2000

/* 13 digits and a key of two: blanks don't matter, letters only of Corsica. */
static bool
person_is_nir(const char *nir)
{
	char digits[16];
	size_t len = 0;
	unsigned long long number = 0;

	for (; *nir != '\0'; nir++) {
		if (*nir == ' ' || *nir == '.')
			continue;
		if (len == 15)
			return false;
		digits[len++] = *nir;
	}
	if (len != 13 && len != 15)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool corsica = i == 6 && digits[5] == '2' &&
			       (digits[i] == 'A' || digits[i] == 'B');

		if (!corsica && (digits[i] < '0' || digits[i] > '9'))
			return false;
	}
	if (len == 13)
		return true;
	for (size_t i = 0; i < 13; i++)
		number =
		    number * 10 +
		    (unsigned long long)(digits[i] > '9' ? 0 : digits[i] - '0');
	if (digits[6] == 'A')
		number -= 1000000;
	else if (digits[6] == 'B')
		number -= 2000000;
	return (unsigned)(97 - number % 97) ==
	       (unsigned)((digits[13] - '0') * 10 + digits[14] - '0');
}

/* What can't be is refused before anything is written. */
static const char *
person_wrong(struct session *session)
{
	const struct options *options = session->options;
	const char *born = option_text(options, "born");
	const char *nir = option_text(options, "nir");
	const char *quality = option_text(options, "as");
	char what[40];

	if (born != NULL && strcmp(born, session->today) > 0)
		return _("--born: this day has not come yet");
	if (nir != NULL && nir[0] != '\0' && !person_is_nir(nir))
		return _("--nir: 13 or 15 digits, and the key must fit");
	for (size_t i = 0; i < PERSON_FIELDS; i++) {
		const char *text = option_text(options, person_fields[i]);

		(void)snprintf(what, sizeof(what), "--%.30s", person_fields[i]);
		if (text != NULL && text[0] != '\0' &&
		    plain_text_check(session, what, text, PERSON_TEXT_MAX,
			strcmp(person_fields[i], "address") == 0) != CARNET_OK)
			return session->err.message;
	}
	if (quality != NULL && strcmp(quality, "parent") != 0 &&
	    strcmp(quality, "guardian") != 0 && strcmp(quality, "mandate") != 0)
		return _("--as: parent, guardian or mandate");
	if ((quality == NULL) != (option_text(options, "represents") == NULL))
		return _("--represents NAME and --as QUALITY go together");
	return NULL;
}

static cJSON *
person_payload(struct session *session)
{
	cJSON *payload = cJSON_CreateObject();

	for (size_t i = 0; i < PERSON_FIELDS; i++) {
		const char *text =
		    option_text(session->options, person_fields[i]);

		char *lines = NULL;

		if (text != NULL && strcmp(person_fields[i], "address") == 0)
			lines = plain_text_lines(text);
		if (lines != NULL)
			text = lines;
		if (text != NULL) /* an empty text clears the field */
			json_add_text(payload, person_fields[i],
			    text[0] == '\0' ? NULL : text);
		free(lines);
	}
	return payload;
}

static enum carnet_status
person_queue_represents(struct session *session, const char *id)
{
	const struct options *options = session->options;
	const char *whom = option_text(options, "represents");
	const char *proof = option_text(options, "proof");
	char represented[CARNET_ID_TEXT], document[CARNET_ID_TEXT];
	cJSON *payload;

	if (whom == NULL)
		return CARNET_OK;
	if (carnet_person_find(session->vault, whom, represented,
		&session->err) != CARNET_OK ||
	    (proof != NULL && carnet_resolve(session->vault, 'd', proof,
				  document, &session->err) != CARNET_OK))
		return session->err.status;
	payload = cJSON_CreateObject();
	json_add_text(payload, "person", id);
	json_add_text(payload, "represents", represented);
	json_add_text(payload, "as", option_text(options, "as"));
	if (proof != NULL)
		json_add_text(payload, "proof", document);
	return carnet_queue(session->vault, "person.represents", session->today,
	    payload, NULL, &session->err);
}

/* The person as `person list` shows them. */
static int
person_report(struct session *session, const char *id)
{
	cJSON *person = NULL, *result;

	if (carnet_person(session->vault, id, &person, &session->err) !=
	    CARNET_OK)
		return session_fail(session, NULL);
	if (!session->json)
		session_say(session, "%s  %s", id, json_text(person, "name"));
	result = cJSON_CreateObject();
	json_add(result, "person", person);
	return session_result(session, result, EXIT_DONE);
}

static int
person_add(struct session *session)
{
	const char *name = options_argument(session->options, 1);
	const char *wrong = person_wrong(session);
	char id[CARNET_ID_TEXT];
	cJSON *payload;
	enum carnet_status status;

	if (name == NULL)
		return session_usage(
		    session, _("person add: a name of 1 to 500 characters"));
	if (plain_text_check(session, "person add", name, PERSON_NAME_MAX,
		false) != CARNET_OK)
		return session_usage(session, session->err.message);
	if (wrong != NULL)
		return session_usage(session, wrong);
	if (carnet_person_find(session->vault, name, id, NULL) == CARNET_OK) {
		carnet_fail(&session->err, CARNET_EXISTS,
		    _("this person is in the vault already"));
		carnet_hint(&session->err, "carnet person edit");
		return session_fail(session, NULL);
	}
	if (session->dry_run)
		return EXIT_DONE;
	payload = person_payload(session);
	json_add_text(payload, "name", name);
	status = carnet_queue(session->vault, "person.added", session->today,
	    payload, id, &session->err);
	if (status == CARNET_OK)
		status = person_queue_represents(session, id);
	if (status == CARNET_OK)
		status = carnet_commit(session->vault, &session->err);
	return status == CARNET_OK ? person_report(session, id)
				   : session_fail(session, NULL);
}

static int
person_edit(struct session *session)
{
	const char *name = options_argument(session->options, 1);
	const char *new_name = option_text(session->options, "name");
	const char *wrong = person_wrong(session);
	char id[CARNET_ID_TEXT];
	cJSON *payload;
	enum carnet_status status;

	if (wrong != NULL)
		return session_usage(session, wrong);
	if (new_name != NULL && plain_text_check(session, "--name", new_name,
				    PERSON_NAME_MAX, false) != CARNET_OK)
		return session_usage(session, session->err.message);
	if (carnet_person_find(session->vault, name, id, &session->err) !=
	    CARNET_OK)
		return session_fail(session, name);
	if (session->dry_run)
		return EXIT_DONE;
	payload = person_payload(session);
	json_add_text(payload, "person", id);
	if (new_name != NULL)
		json_add_text(payload, "name", new_name);
	status = carnet_queue(session->vault, "person.edited", session->today,
	    payload, NULL, &session->err);
	if (status == CARNET_OK)
		status = person_queue_represents(session, id);
	if (status == CARNET_OK)
		status = carnet_commit(session->vault, &session->err);
	return status == CARNET_OK ? person_report(session, id)
				   : session_fail(session, NULL);
}

static int
person_list(struct session *session)
{
	static const struct print_column columns[] = { { "id", N_("ID"), false,
							   false },
		{ "name", N_("NAME"), false, true },
		{ "born", N_("BORN"), false, false },
		{ "address", N_("ADDRESS"), false, true },
		{ NULL, NULL, false, false } };
	cJSON *result = cJSON_CreateObject(), *persons = NULL, *who = NULL;
	cJSON *shown, *person;
	enum carnet_status status =
	    carnet_persons(session->vault, &persons, &session->err);

	if (status == CARNET_OK)
		status =
		    carnet_representations(session->vault, &who, &session->err);
	if (status != CARNET_OK) {
		cJSON_Delete(persons);
		cJSON_Delete(result);
		return session_fail(session, NULL);
	}
	if (!session->json) {
		shown = cJSON_Duplicate(persons, 1);
		cJSON_ArrayForEach(person, shown)
		    print_row_day(session, person, "born");
		print_table(shown, columns);
		cJSON_Delete(shown);
	}
	json_add(result, "persons", persons);
	json_add(result, "representations", who);
	return session_result(session, result, EXIT_DONE);
}

static int
person_run(struct session *session)
{
	const char *what = options_argument(session->options, 0);

	if (what == NULL || strcmp(what, "list") == 0)
		return person_list(session);
	if (strcmp(what, "add") == 0)
		return person_add(session);
	if (strcmp(what, "edit") == 0)
		return person_edit(session);
	return session_usage(session, _("person: list, add or edit"));
}

const struct verb verb_person = { "person",
	N_("list | add NAME [OPTION…] | edit NAME [OPTION…]"),
	N_("the family: who is in the vault, who signs for whom"), NEED_LIST,
	person_options, person_run,
	"carnet person edit \"Claire Martin\" --birthplace Lyon" };
