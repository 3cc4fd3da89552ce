/* SPDX-License-Identifier: ISC */
/*
 * From rows of the vault to a statement's word.  Writes no file.
 * The contract is in statement_word.h.
 */
#include "statement_word.h"

#include <stdio.h>
#include <string.h>

static bool
word_list_has(const cJSON *list, const char *text)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, list)
	{
		if (cJSON_IsString(one) && strcmp(one->valuestring, text) == 0)
			return true;
	}
	return false;
}

static const cJSON *
word_decision(const struct letter_desk *desk, const cJSON *row)
{
	return letter_find(desk->decisions, "id", json_text(row, "decision"));
}

/* Whether the catalogue calls for it when a refusal is taken back. */
static bool
word_is_lift(const struct letter_desk *desk, const char *template)
{
	const cJSON *one;

	if (strcmp(template, "gdpr/lift") == 0)
		return true;
	cJSON_ArrayForEach(one, letters_recipients(desk->session->letters))
	{
		if (word_list_has(
			carnet_json_get(
			    carnet_json_get(one, "statements"), "lift"),
			template))
			return true;
	}
	return false;
}

/* "refuse", "decline", "allow", "withdraw", "lift"; NULL: none. */
static const char *
word_kind(const struct letter_desk *desk, const cJSON *row)
{
	const cJSON *decision = word_decision(desk, row);
	const cJSON *kinds =
	    carnet_json_get(case_statement(desk, row), "decisions");
	const char *kind = decision != NULL ? json_text(decision, "kind")
					    : cJSON_GetStringValue(
						  cJSON_GetArrayItem(kinds, 0));
	const cJSON *taken;

	if (kind == NULL || json_text(row, "about")[0] != '\0' ||
	    !word_list_has(kinds, kind))
		return NULL;
	if (strcmp(kind, "withdraw") != 0)
		return kind;
	taken = letter_find(
	    desk->decisions, "id", json_text(decision, "withdraws"));
	if (taken != NULL)
		return strcmp(json_text(taken, "kind"), "allow") == 0
			   ? "withdraw"
			   : "lift";
	return word_is_lift(desk, json_text(row, "template")) ? "lift"
							      : "withdraw";
}

/* A UUID (RFC 9562, version 8) that is always the same for a statement and
 * tells nothing of the vault. */
static void
word_add_id(const struct letter_desk *desk, const cJSON *row, cJSON *word)
{
	char vault[33], text[200], hex[65], id[64];

	carnet_vault_id(desk->session->vault, vault);
	(void)snprintf(text, sizeof(text), "carnet statement %s %s", vault,
	    json_text(row, "id"));
	letter_sha256(text, strlen(text), hex);
	(void)snprintf(id, sizeof(id), "urn:uuid:%.8s-%.4s-8%.3s-%c%.3s-%.12s",
	    hex, hex + 8, hex + 13, "89ab"[hex[16] % 4], hex + 17, hex + 20);
	json_add_text(word, "id", id);
}

/* --- who --------------------------------------------------------------------
 */

static bool
word_tells(const struct letter_desk *desk, const cJSON *row, const char *what)
{
	const cJSON *entry = letters_recipient(
	    desk->session->letters, json_text(row, "recipient"));

	return word_list_has(
		   carnet_json_get(case_statement(desk, row), "identify"),
		   what) &&
	       (entry == NULL ||
		   word_list_has(carnet_json_get(entry, "identify"), what));
}

/* As the letter names them; a letter frozen by an older carnet: as the vault
 * does. */
static void
word_add_persons(const struct letter_desk *desk, const cJSON *row,
    const cJSON *meta, cJSON *word)
{
	const cJSON *parties = carnet_json_get(meta, "parties");
	const cJSON *known =
	    letter_find(desk->persons, "id", json_text(row, "person_id"));
	cJSON *person =
	    cJSON_Duplicate(carnet_json_get(parties, "person"), true);

	if (person == NULL) {
		person = cJSON_CreateObject();
		json_copy(person, known, "name");
	}
	if (word_tells(desk, row, "born") &&
	    json_text(known, "born")[0] != '\0')
		json_copy(person, known, "born");
	json_add(word, "person", person);
	if (carnet_json_get(parties, "signer") != NULL)
		json_copy(word, parties, "signer");
}

static void
word_lines(const cJSON *array, char text[600])
{
	const cJSON *line;
	size_t at = 0;

	text[0] = '\0';
	cJSON_ArrayForEach(line, array) if (at < 600) at +=
	    (size_t)snprintf(text + at, 600 - at, "%s%s", at == 0 ? "" : ", ",
		line->valuestring);
}

/* A body: one's own values first, then the catalogue's. */
static cJSON *
word_body(const struct letter_desk *desk, const char *id, const char *lang)
{
	static const char *const keys[] = { "name", "address", "email",
		"country" };
	const cJSON *own = letter_recipient(desk, id);
	const cJSON *entry = letters_recipient(desk->session->letters, id);
	cJSON *body = cJSON_CreateObject();
	char address[600];

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_text(own, keys[i])[0] != '\0')
			json_copy(body, own, keys[i]);
	if (carnet_json_get(body, "name") == NULL) {
		const cJSON *names = carnet_json_get(entry, "name");
		const char *name = json_text(names, lang);

		json_add_text(body, "name",
		    name[0] != '\0'                     ? name
		    : json_text(names, "en")[0] != '\0' ? json_text(names, "en")
							: id);
	}
	word_lines(carnet_json_get(entry, "address"), address);
	if (carnet_json_get(body, "address") == NULL && address[0] != '\0')
		json_add_text(body, "address", address);
	if (carnet_json_get(body, "email") == NULL &&
	    json_text(entry, "email")[0] != '\0')
		json_copy(body, entry, "email");
	if (carnet_json_get(body, "country") == NULL &&
	    json_text(entry, "country")[0] != '\0')
		json_copy(body, entry, "country");
	return body;
}

/* --- what -------------------------------------------------------------------
 */

static void
word_add_purposes(
    const struct letter_desk *desk, const cJSON *decision, cJSON *word)
{
	cJSON *list = cJSON_AddArrayToObject(word, "purposes");
	const cJSON *code;

	cJSON_ArrayForEach(code, carnet_json_get(decision, "purposes"))
	{
		const cJSON *purpose =
		    letters_purpose(desk->session->letters, code->valuestring);
		cJSON *item;

		if (purpose == NULL) /* a newer carnet's */
			continue;
		item = cJSON_CreateObject();
		json_copy(item, purpose, "system");
		json_copy(item, purpose, "code");
		(void)cJSON_AddItemToArray(list, item);
	}
}

static enum carnet_status
word_add_scope(const struct letter_desk *desk, const cJSON *decision,
    const char *lang, cJSON *word, struct carnet_error *err)
{
	char *words = NULL;
	enum carnet_status status;

	if (json_text(decision, "scope")[0] == '\0')
		return CARNET_OK;
	status = letters_scope_words(desk->session->letters,
	    json_text(decision, "scope"), lang, &words, err);
	if (status == CARNET_OK && words[0] != '\0')
		json_add_text(word, "scope", words);
	cJSON_free(words);
	return status;
}

static void
word_add_basis(const struct letter_desk *desk, const cJSON *row, cJSON *word)
{
	cJSON *list = cJSON_AddArrayToObject(word, "basis");
	const cJSON *basis;

	cJSON_ArrayForEach(
	    basis, carnet_json_get(case_statement(desk, row), "basis"))
	{
		const cJSON *texts = carnet_json_get(basis, "text");
		const char *text = json_text(texts, json_text(row, "lang"));
		cJSON *item = cJSON_CreateObject();

		json_copy(item, basis, "id");
		json_add_text(item, "text",
		    text[0] != '\0' ? text : json_text(texts, "en"));
		(void)cJSON_AddItemToArray(list, item);
	}
}

static void
word_add_times(
    const struct letter_desk *desk, const cJSON *decision, cJSON *word)
{
	static const char *const keys[] = { "from", "until", "request" };
	const cJSON *taken = letter_find(
	    desk->decisions, "id", json_text(decision, "withdraws"));

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_text(decision, keys[i])[0] != '\0')
			json_copy(word, decision, keys[i]);
	if (taken != NULL)
		json_add_text(word, "since",
		    json_text(taken,
			json_text(taken, "from")[0] != '\0' ? "from" : "made"));
}

enum carnet_status
statement_word(const struct letter_desk *desk, const cJSON *row,
    const cJSON *meta, cJSON **ret_word, struct carnet_error *err)
{
	const cJSON *decision = word_decision(desk, row), *about;
	const char *kind = word_kind(desk, row);
	const char *lang = json_text(row, "lang"), *title;
	cJSON *word;
	enum carnet_status status;

	if (kind == NULL) {
		(void)carnet_fail(err, CARNET_UNSUPPORTED,
		    _("only a statement that makes a decision known has this "
		      "form"));
		carnet_hint(err, "%s", _("take txt, html, pdf or eml"));
		return CARNET_UNSUPPORTED;
	}
	/* the withdrawn decision says what is taken back */
	about = letter_find(
	    desk->decisions, "id", json_text(decision, "withdraws"));
	word = cJSON_CreateObject();
	word_add_id(desk, row, word);
	json_add_text(word, "kind", kind);
	json_add_text(word, "date", letter_date(row));
	json_add_text(word, "lang", lang);
	title = json_text(
	    carnet_json_get(case_statement(desk, row), "title"), lang);
	json_add_text(word, "title",
	    title[0] != '\0' ? title : json_text(meta, "subject"));
	word_add_persons(desk, row, meta, word);
	json_add(word, "recipient",
	    word_body(desk,
		decision != NULL ? json_text(decision, "recipient")
				 : json_text(row, "recipient"),
		lang));
	word_add_purposes(desk, about != NULL ? about : decision, word);
	status = word_add_scope(
	    desk, about != NULL ? about : decision, lang, word, err);
	word_add_times(desk, decision, word);
	word_add_basis(desk, row, word);
	if (status != CARNET_OK) {
		cJSON_Delete(word);
		return status;
	}
	*ret_word = word;
	return CARNET_OK;
}

/* --- a mail, a signed record -------------------------------------------------
 */

cJSON *
statement_message(const struct letter_desk *desk, const cJSON *row,
    const cJSON *meta, const char *text)
{
	const cJSON *sender =
	    letter_find(desk->persons, "id", statement_signer(desk, row));
	cJSON *message = cJSON_CreateObject(), *from;

	from = cJSON_AddObjectToObject(message, "from");
	json_copy(from, sender, "name");
	json_copy(from, sender, "email");
	json_add(message, "to",
	    word_body(
		desk, json_text(row, "recipient"), json_text(row, "lang")));
	json_add_text(message, "subject", json_text(meta, "subject"));
	json_add_text(message, "text", text);
	return message;
}

cJSON *
statement_about(const cJSON *row, const cJSON *meta)
{
	const char *name = json_text(
	    carnet_json_get(carnet_json_get(meta, "parties"), "person"),
	    "name");
	cJSON *about = cJSON_CreateObject();

	json_add_text(about, "statement", json_text(row, "id"));
	json_copy(about, row, "template");
	json_copy(about, row, "recipient");
	if (json_text(row, "decision")[0] != '\0')
		json_copy(about, row, "decision");
	if (name[0] != '\0')
		json_add_text(about, "person", name);
	return about;
}

const char *
statement_signer(const struct letter_desk *desk, const cJSON *row)
{
	const cJSON *as = NULL;
	bool ended;

	letter_signer(desk, row, letter_date(row), &as, &ended);
	return as != NULL ? json_text(as, "person")
			  : json_text(row, "person_id");
}
