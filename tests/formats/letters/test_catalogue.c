/* SPDX-License-Identifier: ISC */
/*
 * Every statement, for every recipient that it fits, by every channel, in
 * each of its languages, for every kind of person: nothing unknown, empty,
 * expired, unmarked or too long, and nobody gets what is not theirs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cmark.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "letters_fixture.h"

#define NIR "299019999999988"
#define LONG 500

static const char *const channels[] = { "ameli", "portal", "email", "letter",
	"registered", "hand", "form", "phone", "other" };

enum who {
	WHO_FULL,
	WHO_EMPTY,
	WHO_PARENT,
	WHO_MANDATE,
	WHO_HOSTILE,
	WHO_LONG
};
#define WHOS 6

static char long_name[LONG * 4 + 1];

static const char *
who_name(enum who who)
{
	if (who == WHO_HOSTILE)
		return "*_[]{{person.nir}}<b>& \327\251\327\234 e\314\201 "
		       "\360\237\221\251 \342\200\256\033[31m # 1. `x`";
	return who == WHO_LONG ? long_name : "Camille Ferrand";
}

static cJSON *
who_person(enum who who)
{
	cJSON *person = cJSON_CreateObject();

	if (who == WHO_EMPTY)
		return person;
	cJSON_AddStringToObject(person, "name", who_name(who));
	cJSON_AddStringToObject(person, "born", "1980-03-01");
	cJSON_AddStringToObject(person, "birthplace", who_name(who));
	cJSON_AddStringToObject(person, "address",
	    who == WHO_LONG ? long_name : "4 rue Haute, 35000 Rennes");
	cJSON_AddStringToObject(person, "email", "camille@exemple.fr");
	cJSON_AddStringToObject(person, "nir", NIR);
	return person;
}

static void
who_fill(enum who who, cJSON *job)
{
	cJSON *item;

	cJSON_AddItemToObject(job, "person", who_person(who));
	if (who == WHO_PARENT || who == WHO_MANDATE || who == WHO_LONG) {
		item = who_person(who);
		cJSON_AddStringToObject(
		    item, "as", who == WHO_MANDATE ? "mandate" : "parent");
		cJSON_AddStringToObject(item, "proof", "livret");
		cJSON_AddItemToObject(job, "represents", item);
	}
	if (who == WHO_EMPTY)
		return;
	item = cJSON_AddObjectToObject(job, "decision");
	cJSON_AddStringToObject(item, "reason", who_name(who));
	cJSON_AddStringToObject(item, "request", who_name(who));
	cJSON_AddStringToObject(
	    item, "scope", who == WHO_LONG ? "all" : who_name(who));
	cJSON_AddItemToObject(item, "purposes",
	    cJSON_CreateStringArray(
		(const char *[]){ "HRESCH", who_name(who) }, 2));
	if (who == WHO_FULL) {
		cJSON_AddStringToObject(item, "from", "2026-12-01");
		cJSON_AddStringToObject(item, "until", "2030-12-31");
		cJSON_AddStringToObject(item, "remarks", "Rien d'autre.");
	}
	item = cJSON_AddObjectToObject(job, "about");
	cJSON_AddStringToObject(item, "name", who_name(who));
	cJSON_AddStringToObject(item, "address", "2 rue Basse, 35000 Rennes");
	cJSON_AddStringToObject(item, "siren", "000000000");
}

static void
who_fill_case(enum who who, cJSON *job)
{
	cJSON *item = cJSON_AddObjectToObject(job, "case"), *steps, *step;

	cJSON_AddStringToObject(item, "sent", "2026-03-05");
	cJSON_AddStringToObject(item, "received", "2026-03-06");
	cJSON_AddStringToObject(item, "due", "2026-04-07");
	cJSON_AddStringToObject(item, "via", "registered");
	cJSON_AddStringToObject(item, "template", "fr/snds-opposition");
	steps = cJSON_AddArrayToObject(item, "steps");
	step = cJSON_CreateObject();
	cJSON_AddStringToObject(step, "kind", "sent");
	cJSON_AddStringToObject(step, "on", "2026-03-05");
	cJSON_AddItemToArray(steps, step);
	if (who != WHO_MANDATE)
		return;
	step = cJSON_CreateObject();
	cJSON_AddStringToObject(step, "kind", "answered");
	cJSON_AddStringToObject(step, "on", "2026-03-20");
	cJSON_AddStringToObject(step, "outcome", "partly");
	cJSON_AddStringToObject(step, "proof", "d12345");
	cJSON_AddItemToArray(steps, step);
}

static cJSON *
job_new(const cJSON *statement, const char *recipient, const char *lang,
    const char *channel, enum who who, const char *date)
{
	cJSON *job = cJSON_CreateObject(), *item;

	cJSON_AddStringToObject(
	    job, "template", carnet_json_string(statement, "id"));
	cJSON_AddStringToObject(job, "lang", lang);
	cJSON_AddStringToObject(job, "channel", channel);
	who_fill(who, job);
	item = cJSON_AddObjectToObject(job, "recipient");
	cJSON_AddStringToObject(item, "id", recipient);
	if (who != WHO_EMPTY) {
		cJSON_AddStringToObject(item, "name", who_name(who));
		cJSON_AddStringToObject(
		    item, "address", "1 place Neuve\n35000 Rennes");
		cJSON_AddStringToObject(item, "email", "dpo@exemple.fr");
		cJSON_AddStringToObject(job, "date", date);
		cJSON_AddStringToObject(job, "reference", "sabcde");
		who_fill_case(who, job);
	}
	return job;
}

/* --- what is looked at --------------------------------------------------- */

static void
add_text(char **out, const char *text)
{
	size_t len = strlen(*out), more = strlen(text);

	*out = realloc(*out, len + more + 2);
	assert_non_null(*out);
	memcpy(*out + len, text, more);
	memcpy(*out + len + more, "\n", 2);
}

/* No-break spaces become spaces, so that what follows can look for them. */
static void
plain_spaces(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0';) {
		if (strncmp(from, "\302\240", 2) == 0 ||
		    strncmp(from, "\342\200\257", 3) == 0) {
			from += *from == '\302' ? 2 : 3;
			*to++ = ' ';
		} else
			*to++ = *from++;
	}
	*to = '\0';
}

/* What the body prints, by an independent reader of CommonMark. */
static char *
printed_body(const struct letter *letter, size_t *ret_lists)
{
	char *out = strdup("");
	cmark_node *node = cmark_parse_document(
	    letter->body, strlen(letter->body), CMARK_OPT_DEFAULT);
	cmark_iter *iter = cmark_iter_new(node);
	cmark_event_type event;
	size_t lists = 0;

	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node *at = cmark_iter_get_node(iter);

		switch (cmark_node_get_type(at)) {
		case CMARK_NODE_TEXT:
			add_text(&out, cmark_node_get_literal(at));
			out[strlen(out) - 1] = '\0';
			break;
		case CMARK_NODE_PARAGRAPH:
		case CMARK_NODE_LINEBREAK:
			if (event == CMARK_EVENT_EXIT ||
			    cmark_node_get_type(at) == CMARK_NODE_LINEBREAK)
				add_text(&out, "");
			break;
		case CMARK_NODE_LIST: /* "5. März" begins none */
			assert_int_equal(
			    cmark_node_get_list_type(at), CMARK_BULLET_LIST);
			lists += event == CMARK_EVENT_ENTER ? 1 : 0;
			break;
		case CMARK_NODE_DOCUMENT:
		case CMARK_NODE_ITEM:
		case CMARK_NODE_STRONG:
			break;
		default: /* a heading, a link, code, HTML, a soft break... */
			print_message("%s\n", cmark_node_get_type_string(at));
			fail_msg("markup that no template has");
		}
	}
	cmark_iter_free(iter);
	cmark_node_free(node);
	*ret_lists = lists;
	return out;
}

/* All that the letter prints, with plain spaces. */
static char *
printed(const struct letter *letter)
{
	size_t lists;
	char *all = printed_body(letter, &lists);

	add_text(&all, letter->subject);
	for (char **line = letter->sender; *line != NULL; line++)
		add_text(&all, *line);
	for (char **line = letter->addressee; *line != NULL; line++)
		add_text(&all, *line);
	add_text(&all, letter->place_date);
	add_text(&all, letter->mention);
	add_text(&all, letter->signature);
	add_text(&all, letter->footer);
	plain_spaces(all);
	return all;
}

static bool
is_one_of(const char *what, const char *const *list)
{
	for (size_t i = 0; list[i] != NULL; i++) {
		if (strcmp(list[i], what) == 0)
			return true;
	}
	return false;
}

static bool
warned(const struct letter *letter, const char *words)
{
	for (char **line = letter->warnings; *line != NULL; line++) {
		if (strstr(*line, words) != NULL)
			return true;
	}
	return false;
}

/* No one of age can make it. */
static bool
is_for_minors(const cJSON *statement)
{
	const cJSON *signer;

	cJSON_ArrayForEach(signer, carnet_json_get(statement, "signers"))
	{
		if (strcmp(signer->valuestring, "adult") == 0)
			return false;
	}
	return true;
}

/* What an empty field would leave behind. */
static void
check_no_gap(const char *text)
{
	static const char *const gaps[] = { "  ", " ,", "()", "( ", " )", ": ;",
		": .", ":.", ":;", "\n.", "\n;", ", .", ",.", "{{", "}}",
		"None", "(null)" };

	for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++) {
		if (strstr(text, gaps[i]) != NULL) {
			print_message("[%s] in:\n%s\n", gaps[i], text);
			fail();
		}
	}
}

/* The ruled blanks: each is one run of underscores. */
static int64_t
count_blanks(const char *text)
{
	int64_t count = 0;

	for (const char *at = text; (at = strstr(at, "____")) != NULL; count++)
		at += strspn(at, "_");
	return count;
}

/* What readers of the law found in these letters once. */
static void
check_never_again(const cJSON *statement, const char *text)
{
	static const char *const words[] = { "valables jusqu", "valid until",
		"limiter ces traitements d", "que je ne donne pas",
		"qui datent de moins de cinq ans. Elles", "CRPA," };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(text, words[i]) != NULL) {
			print_message("%s says: %s\n",
			    carnet_json_string(statement, "id"), words[i]);
			fail();
		}
}

/* Every unchecked reference that is printed carries its mark. */
static void
check_marks(const cJSON *statement, const char *lang, const char *text,
    const struct letter *letter)
{
	static const struct {
		const char *lang, *mark;
	} marks[] = { { "fr", " (à vérifier)" }, { "en", " (to be checked)" },
		{ "de", " (zu prüfen)" }, { "es", " (por comprobar)" },
		{ "it", " (da verificare)" },
		{ "nl", " (nog te controleren)" } };
	const char *mark = NULL;
	const cJSON *basis;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (strcmp(marks[i].lang, lang) == 0)
			mark = marks[i].mark;
	}
	assert_non_null(mark);
	cJSON_ArrayForEach(basis, carnet_json_get(statement, "basis"))
	{
		char *words;
		const char *at;

		if (carnet_json_bool(basis, "checked", false))
			continue;
		words = strdup(
		    carnet_json_string(carnet_json_get(basis, "short"), lang));
		plain_spaces(words);
		at = strstr(text, words);
		assert_non_null(at);
		for (; at != NULL; at = strstr(at + 1, words))
			assert_memory_equal(
			    at + strlen(words), mark, strlen(mark));
		assert_true(warned(letter, "not checked"));
		free(words);
	}
}

static void
check_letter(const cJSON *statement, const char *recipient, const char *lang,
    const char *channel, enum who who, const struct letter *letter)
{
	static const char *const funds[] = { "fr/caisse", "fr/cnam", "fr/msa",
		NULL };
	char *text = printed(letter);

	assert_string_equal(letter->lang, lang);
	assert_string_equal(letter->channel, channel);
	assert_string_not_equal(letter->subject, "");
	/* a wish is the person's own, a message has no template */
	assert_int_equal(strstr(letter->footer, "carnet, ") == NULL,
	    carnet_json_bool(statement, "wish", false) ||
		letter->sender[0] == NULL);
	if (carnet_json_bool(statement, "wish", false))
		assert_string_equal(letter->footer, "");
	check_never_again(statement, text);
	assert_null(strchr(letter->subject, '\n'));
	if (who == WHO_FULL || who == WHO_PARENT || who == WHO_MANDATE) {
		int64_t cosign = 0;

		(void)carnet_json_int(statement, "cosign", &cosign);
		check_no_gap(text);
		assert_int_equal(count_blanks(text), cosign);
		/* who writes here is of age */
		if (who == WHO_FULL && is_for_minors(statement)) {
			assert_string_equal(letter->missing[0], "signer.age");
			assert_null(letter->missing[1]);
		} else {
			assert_null(letter->missing[0]);
		}
	}
	if (who == WHO_EMPTY) {
		assert_non_null(letter->missing[0]);
		assert_non_null(strstr(text, "____"));
	}
	if (who == WHO_HOSTILE) /* printed as typed, never filled */
		assert_non_null(strstr(text, "{{person.nir}}"));
	if (strstr(text, NIR) != NULL)
		assert_true(is_one_of(recipient, funds));
	if (strcmp(channel, "ameli") == 0 && letter->max_chars > 0)
		assert_true(strlen(text) > 0);
	check_marks(statement, lang, text, letter);
	free(text);
}

/* --- the walk ------------------------------------------------------------ */

static size_t walked;

/* As formats/write prints a message: UTF-16 units of subject, body and
 * signature with what stands between. */
static size_t
message_units(const struct letter *letter)
{
	size_t lists, units = strlen("Objet : \n\n\n\n");
	char *body = printed_body(letter, &lists);
	const char *parts[] = { body, letter->subject, letter->signature };

	assert_int_equal(lists, 0);
	for (size_t i = 0; i < 3; i++) {
		for (const char *c = parts[i]; *c != '\0'; c++) {
			if ((*c & 0xC0) != 0x80)
				units += (unsigned char)*c >= 0xF0 ? 2 : 1;
			if (*c == '\n')
				units++; /* paragraphs have an empty line */
		}
	}
	free(body);
	return units;
}

/* A day on which the statement holds. */
static const char *
a_day(const cJSON *statement)
{
	const char *from = carnet_json_string(statement, "valid_from");

	return strcmp(from, "2026-11-20") > 0 ? from : "2026-11-20";
}

static void
walk_one(const struct letters *letters, const cJSON *statement,
    const char *recipient, const char *lang, const char *channel, enum who who)
{
	cJSON *job =
	    job_new(statement, recipient, lang, channel, who, a_day(statement));
	struct letter *letter = NULL;
	struct carnet_error err = { 0 };

	if (letters_compose(letters, job, &letter, &err) != CARNET_OK) {
		print_message("%s to %s, %s, %s, %d: %s\n",
		    carnet_json_string(statement, "id"), recipient, lang,
		    channel, (int)who, err.message);
		fail();
	}
	check_letter(statement, recipient, lang, channel, who, letter);
	if (letter->max_chars > 0 &&
	    message_units(letter) > letter->max_chars) {
		print_message("%zu units: %s, %d\n%s\n", message_units(letter),
		    carnet_json_string(statement, "id"), (int)who,
		    letter->body);
		fail();
	}
	assert_false(warned(letter, "true until"));
	assert_false(warned(letter, "written for dates"));
	walked++;
	letter_free(letter);
	cJSON_Delete(job);
}

static void
walk_expired(const struct letters *letters, const cJSON *statement,
    const char *recipient, const char *lang)
{
	cJSON *job = job_new(
	    statement, recipient, lang, "letter", WHO_FULL, "2099-01-01");
	struct letter *letter = NULL;
	char words[64];

	assert_int_equal(
	    letters_compose(letters, job, &letter, NULL), CARNET_OK);
	(void)snprintf(words, sizeof(words), "true until %s",
	    carnet_json_string(statement, "valid_until"));
	assert_true(warned(letter, words));
	letter_free(letter);
	cJSON_Delete(job);
}

/* One kind of person by each channel; the hostile and long ones only by
 * every other. */
static void
walk_who(const struct letters *letters, const cJSON *statement,
    const char *recipient, const char *lang, enum who who)
{
	for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++) {
		if (who <= WHO_EMPTY || i % 2 == 0)
			walk_one(letters, statement, recipient, lang,
			    channels[i], who);
	}
}

/* Every kind of person for the first recipient of a statement; for the
 * others, one of whom all is known and, by paper, one of whom nothing is. */
static void
walk_recipient(const struct letters *letters, const cJSON *statement,
    const char *recipient, bool first)
{
	const cJSON *lang;

	cJSON_ArrayForEach(lang, carnet_json_get(statement, "languages"))
	{
		walk_who(
		    letters, statement, recipient, lang->valuestring, WHO_FULL);
		if (!first) {
			walk_one(letters, statement, recipient,
			    lang->valuestring, "letter", WHO_EMPTY);
			continue;
		}
		for (int who = WHO_EMPTY; who < WHOS; who++)
			walk_who(letters, statement, recipient,
			    lang->valuestring, (enum who)who);
		walk_expired(letters, statement, recipient, lang->valuestring);
	}
}

/* Is this id in the list? */
static bool
names(const cJSON *ids, const char *id)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, ids)
	{
		if (strcmp(item->valuestring, id) == 0)
			return true;
	}
	return false;
}

/* Does a recipient call for this statement? */
static bool
calls_for(const cJSON *recipient, const char *id)
{
	const cJSON *ids;

	cJSON_ArrayForEach(ids, carnet_json_get(recipient, "statements"))
	{
		if (names(ids, id))
			return true;
	}
	return false;
}

/* Can it go to this one?  Only to those that it names, or that call for it;
 * to all if there are none. */
static bool
fits(const struct letters *letters, const cJSON *statement,
    const cJSON *recipient)
{
	const char *id = carnet_json_string(statement, "id");
	const cJSON *named = carnet_json_get(statement, "fits"), *other;

	if (named != NULL)
		return names(named, carnet_json_string(recipient, "id")) ||
		       calls_for(recipient, id);
	cJSON_ArrayForEach(other, letters_recipients(letters))
	{
		if (calls_for(other, id))
			return calls_for(recipient, id);
	}
	return carnet_json_string(recipient, "kind") == NULL;
}

/* Does it go to whoever the job names? */
static bool
is_open(const cJSON *statement)
{
	return strcmp(carnet_json_string(statement, "addressee"),
		   "recipient") == 0;
}

static void
every_statement_is_composed(void **state)
{
	const struct letters *letters = *state;
	const cJSON *statement, *recipient;

	cJSON_ArrayForEach(statement, letters_statements(letters))
	{
		const char *to = carnet_json_string(statement, "addressee");
		bool first = true;

		if (strcmp(to, "authority") == 0)
			continue; /* every_authority_is_reached */
		if (!is_open(statement)) {
			walk_recipient(letters, statement, to, true);
			continue;
		}
		cJSON_ArrayForEach(recipient, letters_recipients(letters))
		{
			if (!fits(letters, statement, recipient))
				continue;
			walk_recipient(letters, statement,
			    carnet_json_string(recipient, "id"), first);
			first = false;
		}
		assert_false(first);
		walk_recipient(letters, statement, "mon-laboratoire", true);
	}
	print_message("%zu letters\n", walked);
	assert_in_range(walked, 5000, 40000);
}

static bool
is_authority(const cJSON *recipient)
{
	const char *kind = carnet_json_string(recipient, "kind");

	return kind != NULL && strcmp(kind, "authority") == 0;
}

/* A complaint goes to the authority of the body that it is about, or to the
 * one that is named; its address is there, unless no source has it. */
static void
every_authority_is_reached(void **state)
{
	static const char *const unknown[] = { "fr/cada", NULL };
	const struct letters *letters = *state;
	const cJSON *statement = letters_statement(letters, "eu/complaint");
	const cJSON *recipient, *lang, *line;
	size_t reached = 0;

	cJSON_ArrayForEach(recipient, letters_recipients(letters))
	{
		const char *id = carnet_json_string(recipient, "id");
		const char *of = carnet_json_string(recipient, "authority");
		const cJSON *to = is_authority(recipient)
				      ? recipient
				      : letters_recipient(letters, of);
		cJSON *job = job_new(
		    statement, id, "en", "letter", WHO_FULL, "2026-11-20");
		struct letter *letter = NULL;
		char *all;

		cJSON_DeleteItemFromObject(
		    cJSON_GetObjectItem(job, "recipient"), "name");
		cJSON_DeleteItemFromObject(
		    cJSON_GetObjectItem(job, "recipient"), "address");
		assert_int_equal(
		    letters_compose(letters, job, &letter, NULL), CARNET_OK);
		all = printed(letter);
		assert_null(strstr(all, NIR));
		cJSON_ArrayForEach(line, carnet_json_get(to, "address"))
		{
			assert_true(is_one_of(line->valuestring,
			    (const char *const *)letter->addressee));
			reached++;
		}
		if (to == NULL ||
		    is_one_of(carnet_json_string(to, "id"), unknown))
			assert_true(is_one_of("recipient.address",
			    (const char *const *)letter->missing));
		free(all);
		letter_free(letter);
		cJSON_Delete(job);
	}
	assert_in_range(reached, 150, 100000);
	cJSON_ArrayForEach(lang, carnet_json_get(statement, "languages"))
	{
		for (int who = 0; who < WHOS; who++)
			walk_who(letters, statement, "de/bfdi",
			    lang->valuestring, (enum who)who);
		walk_expired(letters, statement, "de/kasse", lang->valuestring);
	}
}

/* Each basis that a statement names is printed somewhere in it. */
static void
check_cites(
    const struct letters *letters, const cJSON *statement, const char *lang)
{
	const char *to = carnet_json_string(statement, "addressee");
	cJSON *job = job_new(statement,
	    is_open(statement)             ? "mon-laboratoire"
	    : strcmp(to, "authority") == 0 ? "de/bfdi"
					   : to,
	    lang, "letter", WHO_FULL, a_day(statement));
	struct letter *letter = NULL;
	struct carnet_error err = { 0 };
	const cJSON *basis;
	size_t lists;
	char *text;

	if (letters_compose(letters, job, &letter, &err) != CARNET_OK) {
		print_message("%s: %s\n", carnet_json_string(statement, "id"),
		    err.message);
		fail();
	}
	text = printed_body(letter, &lists);
	plain_spaces(text);
	cJSON_ArrayForEach(basis, carnet_json_get(statement, "basis"))
	{
		const char *known =
		    carnet_json_string(carnet_json_get(basis, "short"), lang);
		char *words;

		assert_non_null(known);
		words = strdup(known);
		assert_non_null(words);
		plain_spaces(words);
		if (strstr(text, words) == NULL) {
			print_message("%s, %s does not cite %s\n",
			    carnet_json_string(statement, "id"), lang, words);
			fail();
		}
		free(words);
	}
	free(text);
	letter_free(letter);
	cJSON_Delete(job);
}

static void
every_basis_is_cited(void **state)
{
	const struct letters *letters = *state;
	const cJSON *statement, *lang;

	cJSON_ArrayForEach(statement, letters_statements(letters))
	{
		cJSON_ArrayForEach(
		    lang, carnet_json_get(statement, "languages"))
		    check_cites(letters, statement, lang->valuestring);
	}
}

static int
setup(void **state)
{
	/* 500 characters of two bytes, so that units and bytes differ */
	for (size_t i = 0; i < LONG; i++)
		memcpy(long_name + 2 * i, i % 10 == 9 ? "\303\240" : "\303\251",
		    2);
	return letters_fixture_load(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_statement_is_composed),
		cmocka_unit_test(every_authority_is_reached),
		cmocka_unit_test(every_basis_is_cited),
	};

	return cmocka_run_group_tests(tests, setup, letters_fixture_free);
}
