/* SPDX-License-Identifier: ISC */
/*
 * The job of a letter: who writes, to whom, about what.  Presses nothing.
 * The contract is in letter.h; the job in formats.h.
 */
#include "letter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_view.h"
#include "own_template.h"
#include "recipient_find.h"
#include "referral.h"

/* --- the desk ------------------------------------------------------------ */

enum carnet_status
letter_desk_open(struct session *session, struct letter_desk *ret_desk)
{
	struct letter_desk desk = { .session = session };
	struct carnet_vault *vault = session->vault;
	struct carnet_error *err = &session->err;
	enum carnet_status status = session_letters(session);

	if (status == CARNET_OK)
		status = carnet_persons(vault, &desk.persons, err);
	if (status == CARNET_OK)
		status =
		    carnet_representations(vault, &desk.representations, err);
	if (status == CARNET_OK)
		status = carnet_recipients(vault, &desk.recipients, err);
	if (status == CARNET_OK)
		status = carnet_decisions(vault, NULL, &desk.decisions, err);
	if (status == CARNET_OK)
		status = carnet_statements(vault, NULL, &desk.statements, err);
	if (status != CARNET_OK) {
		letter_desk_close(&desk);
		return status;
	}
	*ret_desk = desk;
	return CARNET_OK;
}

void
letter_desk_close(struct letter_desk *desk)
{
	cJSON_Delete(desk->persons);
	cJSON_Delete(desk->representations);
	cJSON_Delete(desk->recipients);
	cJSON_Delete(desk->decisions);
	cJSON_Delete(desk->statements);
	memset(desk, 0, sizeof(*desk));
}

const cJSON *
letter_find(const cJSON *array, const char *key, const char *value)
{
	const cJSON *item;

	cJSON_ArrayForEach(item,
	    array) if (value[0] != '\0' &&
		       strcmp(json_text(item, key), value) == 0) return item;
	return NULL;
}

const cJSON *
letter_recipient(const struct letter_desk *desk, const char *id)
{
	return letter_find(desk->recipients, "id", id);
}

const char *
letter_recipient_name(const struct letter_desk *desk, const char *id)
{
	const char *own = json_text(letter_recipient(desk, id), "name");
	const cJSON *entry = letters_recipient(desk->session->letters, id);
	const char *name =
	    json_text(carnet_json_get(entry, "name"), desk->session->lang);

	if (own[0] != '\0')
		return own;
	return name[0] != '\0' ? name : id;
}

static bool
letter_has_text(const cJSON *array, const char *text)
{
	const cJSON *item;

	cJSON_ArrayForEach(
	    item, array) if (cJSON_IsString(item) &&
			     strcmp(item->valuestring, text) == 0) return true;
	return false;
}

const char *
letter_word(const struct session *session, const char *group, const char *key)
{
	const char *word = json_text(
	    carnet_json_get(
		letters_words(session->letters, session->lang), group),
	    key);

	return word[0] == '\0' ? key : word;
}

const char *
letter_lang(const struct letter_desk *desk, const cJSON *statement,
    const char *recipient)
{
	return recipient_lang(desk->session, statement, recipient,
	    carnet_json_string(letter_recipient(desk, recipient), "country"));
}

/* --- who signs -------------------------------------------------------------
 */

/* Whole years from birth to that day; -1: not known. */
static int
letter_age(const char *born, const char *date)
{
	struct carnet_date from, to;

	if (!carnet_date_parse(born, &from) || !carnet_date_parse(date, &to))
		return -1;
	return to.year - from.year -
	       (to.month < from.month ||
		   (to.month == from.month && to.day < from.day));
}

/* Whether the law gives this to a minor of that age, who then signs alone. */
static bool
letter_is_own_right(const cJSON *statement, int age)
{
	const cJSON *signers = carnet_json_get(statement, "signers");

	return age < 18 &&
	       ((age >= 13 && letter_has_text(signers, "minor13")) ||
		   (age >= 15 && letter_has_text(signers, "minor15")));
}

void
letter_signer(const struct letter_desk *desk, const cJSON *row,
    const char *date, const cJSON **ret_as, bool *ret_ended)
{
	const char *id = json_text(row, "person_id");
	const cJSON *statement = case_statement(desk, row), *one;
	int age = letter_age(
	    json_text(letter_find(desk->persons, "id", id), "born"), date);

	*ret_as = NULL;
	*ret_ended = false;
	if (carnet_json_bool(statement, "self_only", false))
		return;
	cJSON_ArrayForEach(one, desk->representations)
	{
		bool parent = strcmp(json_text(one, "as"), "parent") == 0;

		if (strcmp(json_text(one, "represents"), id) != 0)
			continue;
		if (parent && age >= 18) {
			*ret_ended = true;
			continue;
		}
		if (parent && letter_is_own_right(statement, age))
			continue;
		*ret_as = one;
		*ret_ended = false;
		return;
	}
}

bool
letter_lacks_guardian(
    const struct letter_desk *desk, const cJSON *row, const char *date)
{
	const cJSON *statement = case_statement(desk, row), *as = NULL;
	const cJSON *person =
	    letter_find(desk->persons, "id", json_text(row, "person_id"));
	int age = letter_age(json_text(person, "born"), date);
	bool ended;

	if (age < 0 || age >= 18 || letter_is_own_right(statement, age) ||
	    carnet_json_get(statement, "signers") == NULL ||
	    carnet_json_bool(statement, "self_only", false))
		return false;
	letter_signer(desk, row, date, &as, &ended);
	return as == NULL;
}

static cJSON *
letter_person(const cJSON *person)
{
	static const char *const keys[] = { "name", "born", "birthplace",
		"address", "email", "phone", "nir" };
	cJSON *object = cJSON_CreateObject();

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_text(person, keys[i])[0] != '\0')
			json_copy(object, person, keys[i]);
	return object;
}

/* What the letter calls the document that proves a representation. */
static void
letter_add_proof(
    const struct letter_desk *desk, const cJSON *as, cJSON *represents)
{
	const char *id = json_text(as, "proof");
	cJSON *document = NULL;
	const char *name;

	if (id[0] == '\0' || carnet_document(desk->session->vault, id,
				 &document, NULL) != CARNET_OK)
		return;
	name = json_text(document, "title");
	if (name[0] == '\0')
		name = json_text(document, "source");
	json_add_text(represents, "proof", name[0] == '\0' ? id : name);
	cJSON_Delete(document);
}

static void
letter_add_persons(const struct letter_desk *desk, const cJSON *row, cJSON *job)
{
	const cJSON *concerned =
	    letter_find(desk->persons, "id", json_text(row, "person_id"));
	const cJSON *as = NULL, *signer;
	cJSON *represents;
	bool ended;

	letter_signer(desk, row, letter_date(row), &as, &ended);
	signer = letter_find(desk->persons, "id", json_text(as, "person"));
	if (as == NULL || signer == NULL) {
		json_add(job, "person", letter_person(concerned));
		return;
	}
	represents = letter_person(concerned);
	json_copy(represents, as, "as");
	letter_add_proof(desk, as, represents);
	json_add(job, "person", letter_person(signer));
	json_add(job, "represents", represents);
}

/* --- to whom, about what ---------------------------------------------------
 */

static cJSON *
letter_body(const struct letter_desk *desk, const char *id)
{
	static const char *const keys[] = { "name", "address", "email",
		"region" };
	const cJSON *own = letter_recipient(desk, id);
	cJSON *object = cJSON_CreateObject();

	json_add_text(object, "id", id);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_text(own, keys[i])[0] != '\0')
			json_copy(object, own, keys[i]);
	return object;
}

/*
 * The request that a reminder, a complaint or a note is about: `about`, or
 * for a note the statement of the same decision whose answer is owed.
 */
static const cJSON *
letter_about(const struct letter_desk *desk, const cJSON *row)
{
	const char *about = json_text(row, "about");
	const char *decision = json_text(row, "decision");
	const cJSON *one, *clock;

	if (about[0] != '\0')
		return letter_find(desk->statements, "id", about);
	if (decision[0] == '\0' ||
	    !carnet_json_bool(case_statement(desk, row), "keep", false))
		return NULL;
	cJSON_ArrayForEach(one, desk->statements)
	{
		clock = carnet_json_get(case_statement(desk, one), "clock");
		if (strcmp(json_text(one, "decision"), decision) == 0 &&
		    strcmp(json_text(one, "about"), "") == 0 &&
		    strcmp(json_text(clock, "kind"), "none") != 0)
			return one;
	}
	return NULL;
}

static void
letter_add_bodies(const struct letter_desk *desk, const cJSON *row,
    const cJSON *about, cJSON *job)
{
	const char *recipient = json_text(row, "recipient");
	const char *other = json_text(about, "recipient");

	if (other[0] == '\0')
		other = json_text(case_statement(desk, row), "about");
	json_add(job, "recipient", letter_body(desk, recipient));
	if (other[0] != '\0' && strcmp(other, recipient) != 0)
		json_add(job, "about", letter_body(desk, other));
}

/* The SHA-256 of what was sent: of the PDF, or of one's own file. */
static void
letter_add_fingerprint(
    const struct letter_desk *desk, const cJSON *about, cJSON *record)
{
	struct launcher_files files = { 0 };
	const struct launcher_file *file;
	cJSON *meta = NULL;
	char hex[65];

	if (!carnet_json_bool(about, "frozen", false) ||
	    letter_files(desk, about, 0, &meta, &files) != CARNET_OK)
		return;
	file = letter_file(&files, FRAME_PDF);
	if (file == NULL)
		file = letter_file(&files, LETTER_OWN);
	if (file != NULL) {
		letter_sha256(file->bytes, file->len, hex);
		json_add_text(record, "body_sha256", hex);
	}
	cJSON_Delete(meta);
	launcher_files_clear(&files);
}

/* Whether a reminder of it was sent: a complaint's dossier holds it. */
static bool
letter_has_reminders(const struct letter_desk *desk, const cJSON *about)
{
	const char *reminder = json_text(
	    carnet_json_get(case_statement(desk, about), "next"), "reminder");
	const cJSON *one;

	cJSON_ArrayForEach(one, desk->statements)
	{
		if (strcmp(json_text(one, "about"), json_text(about, "id")) ==
			0 &&
		    strcmp(json_text(one, "template"), reminder) == 0 &&
		    carnet_json_bool(one, "frozen", false))
			return true;
	}
	return false;
}

/* Dates, channel and steps of the request that this letter is about. */
static enum carnet_status
letter_add_case(const struct letter_desk *desk, const cJSON *row,
    const cJSON *about, cJSON *job)
{
	static const char *const keys[] = { "kind", "on", "via", "outcome",
		"proof" };
	struct case_facts facts;
	char due[CARNET_DATE_TEXT];
	const cJSON *step;
	cJSON *record, *steps;
	enum carnet_status status;

	if (about == NULL)
		return CARNET_OK;
	status = case_facts_read(desk, about, &facts);
	if (status != CARNET_OK)
		return status;
	record = cJSON_AddObjectToObject(job, "case");
	json_copy(record, about, "template");
	steps = cJSON_AddArrayToObject(record, "steps");
	cJSON_ArrayForEach(step, carnet_json_get(about, "steps"))
	{
		const char *kind = json_text(step, "kind");
		cJSON *copy = cJSON_CreateObject();

		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			if (json_text(step, keys[i])[0] != '\0')
				json_copy(copy, step, keys[i]);
		if (!cJSON_AddItemToArray(steps, copy))
			cJSON_Delete(copy);
		if (strcmp(kind, "sent") == 0) {
			json_add_text(record, "sent", json_text(step, "on"));
			json_add_text(
			    record, "first_sent", json_text(step, "on"));
			json_add_text(
			    record, "via", json_text(about, "channel"));
		} else if (strcmp(kind, "received") == 0) {
			json_add_text(
			    record, "received", json_text(step, "on"));
		}
	}
	case_due_unanswered(&facts, case_today(desk->session), due);
	if (due[0] != '\0')
		json_add_text(record, "due", due);
	if (letter_has_reminders(desk, about))
		json_add_bool(record, "reminders", true);
	if (referral_is_outside(desk, row))
		json_add_bool(record, "outside", true);
	if (!carnet_json_bool(case_statement(desk, row), "keep", false))
		letter_add_fingerprint(desk, about, record);
	return CARNET_OK;
}

static void
letter_add_decision(
    const struct letter_desk *desk, const cJSON *row, cJSON *job)
{
	static const char *const keys[] = { "kind", "purposes", "scope", "from",
		"until", "reason", "request" };
	const cJSON *decision =
	    letter_find(desk->decisions, "id", json_text(row, "decision"));
	cJSON *object;

	if (decision == NULL)
		return;
	object = cJSON_AddObjectToObject(job, "decision");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!cJSON_IsNull(carnet_json_get(decision, keys[i])))
			json_copy(object, decision, keys[i]);
}

/* --- the job -----------------------------------------------------------------
 */

const char *
letter_date(const cJSON *row)
{
	const char *drafted = json_text(row, "drafted");
	const char *sent = json_text(
	    letter_find(carnet_json_get(row, "steps"), "kind", "sent"), "on");

	return sent[0] != '\0' && strcmp(sent, drafted) < 0 ? sent : drafted;
}

/* One's own words for the template, if there are any. */
static enum carnet_status
letter_add_own_words(
    const struct letter_desk *desk, const cJSON *row, cJSON *job)
{
	char *text = NULL;
	cJSON *own;
	enum carnet_status status = own_template_find(desk->session,
	    json_text(row, "template"), json_text(row, "lang"), NULL, &text);

	if (status != CARNET_OK || text == NULL)
		return status;
	own = cJSON_AddObjectToObject(job, "template_text");
	json_copy(own, row, "lang");
	json_add_text(own, "text", text);
	free(text);
	return CARNET_OK;
}

enum carnet_status
letter_job(const struct letter_desk *desk, const cJSON *row,
    const char *const *formats, cJSON **ret_job)
{
	const cJSON *about = letter_about(desk, row);
	cJSON *job = cJSON_CreateObject(), *wanted;
	enum carnet_status status = letter_add_own_words(desk, row, job);

	if (status != CARNET_OK) {
		cJSON_Delete(job);
		return status;
	}

	json_add_text(job, "op", "letter");
	json_copy(job, row, "template");
	json_copy(job, row, "lang");
	json_copy(job, row, "channel");
	json_add_text(job, "date", letter_date(row));
	json_add_text(job, "reference", json_text(row, "id"));
	letter_add_persons(desk, row, job);
	letter_add_bodies(desk, row, about, job);
	letter_add_decision(desk, row, job);
	status = letter_add_case(desk, row, about, job);
	wanted = cJSON_AddArrayToObject(job, "formats");
	for (size_t i = 0; formats != NULL && formats[i] != NULL; i++)
		(void)cJSON_AddItemToArray(
		    wanted, cJSON_CreateString(formats[i]));
	if (status != CARNET_OK) {
		cJSON_Delete(job);
		return status;
	}
	*ret_job = job;
	return CARNET_OK;
}

const char letter_guardian[] =
    N_("at this age the law gives this right to a parent or guardian: they "
       "sign");

/* What has to be said aloud before the letter goes out. */
static void
letter_add_cautions(
    const struct letter_desk *desk, const cJSON *row, cJSON *meta)
{
	cJSON *cautions = cJSON_CreateArray();
	char *words = referral_warning(desk, row);

	if (letter_has_text(carnet_json_get(meta, "missing"), "signer.age"))
		(void)cJSON_AddItemToArray(cautions,
		    cJSON_CreateString(
			_("at this age this statement can be made neither by "
			  "this person nor for them")));
	if (letter_lacks_guardian(desk, row, letter_date(row)))
		(void)cJSON_AddItemToArray(
		    cautions, cJSON_CreateString(_(letter_guardian)));
	if (words != NULL) {
		(void)cJSON_AddItemToArray(cautions, cJSON_CreateString(words));
		(void)cJSON_AddItemToArray(
		    cJSON_GetObjectItemCaseSensitive(meta, "warnings"),
		    cJSON_CreateString(words));
	}
	free(words);
	cJSON_DeleteItemFromObjectCaseSensitive(meta, "cautions");
	json_add(meta, "cautions", cautions);
}

void
letter_complete_meta(
    const struct letter_desk *desk, const cJSON *row, cJSON *meta)
{
	cJSON *missing = cJSON_GetObjectItemCaseSensitive(meta, "missing");
	const cJSON *as = NULL;
	bool ended;

	letter_add_cautions(desk, row, meta);
	letter_signer(desk, row, letter_date(row), &as, &ended);
	if (as != NULL && json_text(as, "proof")[0] == '\0' &&
	    cJSON_IsArray(missing) &&
	    !letter_has_text(missing, "represents.proof"))
		(void)cJSON_AddItemToArray(
		    missing, cJSON_CreateString("represents.proof"));
}
