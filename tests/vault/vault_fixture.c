/* SPDX-License-Identifier: ISC */
/*
 * The fixture of the vault's tests.  Asserts whatever must not fail.
 * The contract is vault_fixture.h.
 */
#include "vault_fixture.h"

#include <unistd.h>

void
fixture_make(struct fixture *fixture)
{
	struct secret *passphrase = secret_from("pw", 2);
	struct carnet_new new = { .path = fixture->path,
		.person = "Zoé Exemple",
		.born = "1980-05-17",
		.today = "2026-03-05",
		.cost = CARNET_INTERACTIVE,
		.passphrase = passphrase };
	struct carnet_vault *vault = NULL;
	struct secret *words = NULL;

	memset(fixture, 0, sizeof(*fixture));
	(void)snprintf(
	    fixture->top, sizeof(fixture->top), "/tmp/carnet-vault-XXXXXX");
	assert_non_null(mkdtemp(fixture->top));
	(void)snprintf(
	    fixture->path, sizeof(fixture->path), "%s/vault", fixture->top);
	assert_int_equal(
	    carnet_vault_create(&new, &vault, &words, NULL), CARNET_OK);
	fixture->master = secret_from(secret_peek(vault->master), KEY_LEN);
	assert_int_equal(
	    carnet_person_find(vault, NULL, fixture->person, NULL), CARNET_OK);
	carnet_vault_close(vault);
	secret_free(passphrase);
	secret_free(words);
}

void
fixture_remove(struct fixture *fixture)
{
	fixture_shell(fixture, "rm -rf %s");
	secret_free(fixture->master);
}

struct carnet_vault *
fixture_open(
    struct fixture *fixture, const char *path, enum carnet_access access)
{
	const struct carnet_unlock unlock = { .master = fixture->master };
	struct carnet_vault *vault = NULL;

	assert_int_equal(
	    carnet_vault_open(path, &unlock, access, NULL, &vault, NULL),
	    CARNET_OK);
	return vault;
}

static void
fixture_queue(struct carnet_vault *vault, const char *kind, const char *on,
    char ret_id[CARNET_ID_TEXT], char *text)
{
	cJSON *payload = NULL;

	for (char *at = text; *at != '\0'; at++)
		if (*at == '\'')
			*at = '"';
	assert_int_equal(
	    carnet_json_parse(text, strlen(text), &payload, NULL), CARNET_OK);
	assert_int_equal(
	    carnet_queue(vault, kind, on, payload, ret_id, NULL), CARNET_OK);
	assert_int_equal(carnet_commit(vault, NULL), CARNET_OK);
}

void
fixture_write(struct carnet_vault *vault, const char *kind, const char *on,
    char ret_id[CARNET_ID_TEXT], const char *payload, ...)
{
	char text[2048];
	va_list args;

	va_start(args, payload);
	(void)vsnprintf(text, sizeof(text), payload, args);
	va_end(args);
	fixture_queue(vault, kind, on, ret_id, text);
}

/* A document, and what was read out of it, or that it couldn't be. */
static void
fixture_add(struct fixture *fixture, struct carnet_vault *vault,
    const char *text, bool read, char ret_id[CARNET_ID_TEXT])
{
	cJSON *meta = cJSON_CreateObject(), *answer;
	uint64_t new_bytes = 0;
	bool duplicate = false;

	(void)cJSON_AddStringToObject(meta, "person", fixture->person);
	(void)cJSON_AddStringToObject(meta, "source", "f.txt");
	assert_int_equal(carnet_document_add_bytes(vault, text, strlen(text),
			     meta, ret_id, &new_bytes, &duplicate, NULL),
	    CARNET_OK);
	assert_false(duplicate);
	assert_int_equal(carnet_commit(vault, NULL), CARNET_OK);
	if (read) {
		answer = cJSON_CreateObject();
		(void)cJSON_AddStringToObject(answer, "text", text);
		(void)cJSON_AddStringToObject(answer, "title", "Lu");
		assert_int_equal(carnet_document_answer(
				     vault, ret_id, "text 1", answer, NULL),
		    CARNET_OK);
	} else {
		assert_int_equal(carnet_document_unread(vault, ret_id, "text 1",
				     "x/y", "unsupported", "no", NULL),
		    CARNET_OK);
	}
	assert_int_equal(carnet_commit(vault, NULL), CARNET_OK);
}

static void
fixture_fill_word(struct fixture *fixture, struct carnet_vault *vault)
{
	char decision[CARNET_ID_TEXT], statement[CARNET_ID_TEXT];
	cJSON *content = NULL;
	char *text;

	fixture_write(vault, "recipient.set", NULL, NULL,
	    "{'recipient':'fr/caisse','name':'CPAM'}");
	fixture_write(vault, "decision.made", "2026-03-05", decision,
	    "{'kind':'refuse','person':'%s','recipient':'fr/pds'}",
	    fixture->person);
	fixture_write(vault, "statement.drafted", "2026-03-05", statement,
	    "{'person':'%s','decision':'%s','template':'t',"
	    "'recipient':'fr/caisse','channel':'ameli','lang':'fr'}",
	    fixture->person, decision);
	assert_int_equal(
	    carnet_freeze(vault, "Madame,", 7, &content, NULL), CARNET_OK);
	text = cJSON_PrintUnformatted(content);
	fixture_write(vault, "statement.step", "2026-03-06", NULL,
	    "{'statement':'%s','kind':'sent','frozen':%s}", statement, text);
	cJSON_free(text);
	cJSON_Delete(content);
}

void
fixture_fill(struct fixture *fixture)
{
	struct carnet_vault *vault =
	    fixture_open(fixture, fixture->path, CARNET_WRITE);
	char other[CARNET_ID_TEXT], doomed[CARNET_ID_TEXT];

	fixture_add(fixture, vault, "premier texte", true, fixture->document);
	fixture_add(fixture, vault, "second texte", false, other);
	fixture_add(fixture, vault, "texte de trop", true, doomed);
	fixture_write(vault, "document.edited", NULL, NULL,
	    "{'document':'%s','title':'T','date':'2024'}", fixture->document);
	fixture_write(vault, "document.tagged", NULL, NULL,
	    "{'document':'%s','add':['a','b'],'remove':['a']}", other);
	fixture_write(vault, "document.noted", NULL, NULL,
	    "{'document':'%s','text':'note'}", other);
	fixture_write(
	    vault, "document.removed", NULL, NULL, "{'document':'%s'}", other);
	fixture_write(
	    vault, "document.restored", NULL, NULL, "{'document':'%s'}", other);
	assert_int_equal(carnet_document_purge(vault, doomed, NULL), CARNET_OK);
	fixture_write(vault, "key.changed", NULL, NULL,
	    "{'action':'add','slot':'kaaaaaaaa'}");
	fixture_write(
	    vault, "person.added", NULL, other, "{'name':'Léo Exemple'}");
	fixture_write(vault, "person.edited", NULL, NULL,
	    "{'person':'%s','phone':'01'}", other);
	fixture_write(vault, "person.represents", NULL, NULL,
	    "{'person':'%s','represents':'%s','as':'parent'}", fixture->person,
	    other);
	fixture_fill_word(fixture, vault);
	fixture_write(vault, "export.made", NULL, NULL,
	    "{'what':'export','ids':['%s']}", fixture->document);
	fixture_write(
	    vault, "backup.made", NULL, NULL, "{'snapshot':'baaaaaaaaaaaa'}");
	fixture_write(vault, "backup.begun", NULL, NULL, "{}");
	fixture_write(
	    vault, "place.trusted", NULL, NULL, "{'path':'/srv','reason':'r'}");
	fixture_write(vault, "ledger.repaired", NULL, NULL, "{'gaps':[]}");
	/* what says the impossible is kept, too */
	fixture_write(vault, "document.noted", NULL, NULL,
	    "{'document':'dnone','text':'x'}");
	carnet_vault_close(vault);
}

void
fixture_shell(struct fixture *fixture, const char *line)
{
	char command[1024];
	size_t len = 0;

	for (; *line != '\0'; line++) {
		if (line[0] == '%' && line[1] == 's') {
			len += (size_t)snprintf(command + len,
			    sizeof(command) - len, "%s", fixture->top);
			line++;
		} else {
			command[len++] = *line;
		}
		assert_true(len + 1 < sizeof(command));
	}
	command[len] = '\0';
	assert_int_equal(system(command), 0);
}

void
fixture_digest(
    struct fixture *fixture, const char *path, uint8_t ret_hash[HASH_LEN])
{
	struct carnet_vault *vault = fixture_open(fixture, path, CARNET_READ);

	assert_false(carnet_vault_is_damaged(vault));
	assert_int_equal(index_digest(vault->index, ret_hash, NULL), CARNET_OK);
	carnet_vault_close(vault);
}

void
fixture_write_unknown(struct fixture *fixture)
{
	struct carnet_vault *vault =
	    fixture_open(fixture, fixture->path, CARNET_WRITE);

	fixture_write(vault, "future.thing", NULL, NULL, "{'x':1}");
	carnet_vault_close(vault);
}
