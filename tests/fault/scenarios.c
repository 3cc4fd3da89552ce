/* SPDX-License-Identifier: ISC */
/*
 * What is done while faults come, and what must hold after each: one row a
 * kind of work.  Faults are ordered by drive.c.  The contract: place.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "place.h"
#include "vault.h"

#define TODAY "2026-03-05"
#define OLD_PASSPHRASE "the old passphrase"
#define NEW_PASSPHRASE "the new passphrase"

/* --- the template --------------------------------------------------------- */

/* A vault with documents 0, 1 and 2, in packs of their own. */
void
prepare_vault(struct place *place)
{
	struct secret *passphrase = place_passphrase(OLD_PASSPHRASE);
	struct carnet_new new = { .path = place->vault,
		.person = "Essai",
		.today = TODAY,
		.passphrase = passphrase };
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	struct secret *words = NULL;

	if (carnet_vault_create(&new, &vault, &words, &err) != CARNET_OK)
		place_fail("making a vault", &err);
	place->master =
	    secret_from(secret_peek(vault->master), secret_len(vault->master));
	for (unsigned number = 0; number < 3; number++)
		if (place_add(place, vault, number, true, &err) != CARNET_OK)
			place_fail("adding", &err);
	carnet_vault_close(vault);
	secret_free(passphrase);
}

enum carnet_status
make_snapshot(
    struct place *place, struct carnet_vault *vault, struct carnet_error *err)
{
	const struct carnet_backup_options options = { .today = TODAY };
	cJSON *report = NULL;
	enum carnet_status status =
	    carnet_backup_make(vault, place->backup, &options, &report, err);
	const char *id = carnet_json_string(report, "snapshot");

	if (status == CARNET_OK && id != NULL)
		(void)snprintf(place->told->snapshot,
		    sizeof(place->told->snapshot), "%s", id);
	cJSON_Delete(report);
	return status;
}

void
prepare_backup(struct place *place)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };

	prepare_vault(place);
	if (mkdir(place->backup, 0700) != 0)
		place_fail("backup", NULL);
	if (place_open(place, place->vault, CARNET_WRITE, &vault, &err) !=
		CARNET_OK ||
	    make_snapshot(place, vault, &err) != CARNET_OK)
		place_fail("a first backup", &err);
	carnet_vault_close(vault);
}

bool
judge_usual(struct place *place)
{
	return judge_vault(place, place->vault) &&
	       judge_documents(place, place->vault, -1);
}

/* --- add ------------------------------------------------------------------ */

static enum carnet_status
run_add(struct place *place, struct carnet_error *err)
{
	struct carnet_vault *vault = NULL;
	enum carnet_status status =
	    place_open(place, place->vault, CARNET_WRITE, &vault, err);

	for (unsigned number = 3; number < 6 && status == CARNET_OK; number++)
		status = place_add(place, vault, number, true, err);
	carnet_vault_close(vault);
	return status;
}

/* Several documents and a reader's answer in one commit. */
static enum carnet_status
run_batch(struct place *place, struct carnet_error *err)
{
	struct told *told = place->told;
	struct carnet_vault *vault = NULL;
	unsigned queued = 0;
	cJSON *answer;
	enum carnet_status status =
	    place_open(place, place->vault, CARNET_WRITE, &vault, err);

	for (unsigned number = 7; number < 11 && status == CARNET_OK;
	     number++) {
		status = place_add(place, vault, number, false, err);
		told->added_len++; /* not told yet: see below */
		queued++;
	}
	if (status == CARNET_OK) {
		answer = cJSON_CreateObject();
		if (answer == NULL || cJSON_AddStringToObject(answer, "text",
					  "Ferritine 12 ng/mL") == NULL) {
			cJSON_Delete(answer);
			status = carnet_fail_errno(err, ENOMEM, "driver");
		} else
			status = carnet_document_answer(
			    vault, told->added[0].id, "text/1", answer, err);
	}
	told->added_len = 0;
	if (status == CARNET_OK)
		status = carnet_commit(vault, err);
	if (status == CARNET_OK)
		told->added_len = queued;
	carnet_vault_close(vault);
	return status;
}

/* One commit: all of its documents or none, told or not. */
static bool
judge_batch(struct place *place)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	cJSON *documents = NULL;
	int added = 0;
	bool good = judge_usual(place);

	if (!judge(place_open(place, place->vault, CARNET_READ, &vault, &err) ==
			   CARNET_OK &&
		       carnet_documents(vault, NULL, &documents, &err) ==
			   CARNET_OK,
		"documents aren't listed: %s", err.message))
		good = false;
	else
		added = cJSON_GetArraySize(documents) - 3;
	good &= judge(added == 0 || added == 4,
	    "part of a commit: %d of 4 documents", added);
	cJSON_Delete(documents);
	carnet_vault_close(vault);
	return good;
}

/* Batch after batch, each durable before the index has it, which a thread
 * writes meanwhile: what was told stays, in the ledger at least. */
static enum carnet_status
run_early(struct place *place, struct carnet_error *err)
{
	char person[CARNET_ID_TEXT];
	struct carnet_vault *vault = NULL;
	enum carnet_status status =
	    place_open(place, place->vault, CARNET_WRITE, &vault, err);

	if (status == CARNET_OK)
		status = carnet_person_find(vault, NULL, person, err);
	for (unsigned number = 3; number < 9 && status == CARNET_OK; number++) {
		status = place_put(place, vault, person, number, err);
		if (status == CARNET_OK)
			status = carnet_commit_early(vault, err);
		if (status == CARNET_OK)
			place->told->added_len++;
	}
	if (status == CARNET_OK)
		status = carnet_commit(vault, err);
	carnet_vault_close(vault);
	return status;
}

/* --- the word ------------------------------------------------------------- */

static enum carnet_status
word_add(struct carnet_vault *vault, const char *kind,
    const char *const fields[][2], char ret_id[CARNET_ID_TEXT], cJSON *frozen,
    struct carnet_error *err)
{
	cJSON *payload = cJSON_CreateObject();
	bool good = payload != NULL;

	for (size_t i = 0; good && fields[i][0] != NULL; i++)
		good = cJSON_AddStringToObject(
			   payload, fields[i][0], fields[i][1]) != NULL;
	if (good && frozen != NULL) {
		good = cJSON_AddItemToObject(payload, "frozen", frozen);
		frozen = good ? NULL : frozen;
	}
	if (!good) {
		cJSON_Delete(frozen);
		cJSON_Delete(payload);
		return carnet_fail_errno(err, ENOMEM, "driver");
	}
	return carnet_queue(vault, kind, TODAY, payload, ret_id, err);
}

static enum carnet_status
run_word(struct place *place, struct carnet_error *err)
{
	char person[CARNET_ID_TEXT], decision[CARNET_ID_TEXT];
	char statement[CARNET_ID_TEXT];
	struct carnet_vault *vault = NULL;
	cJSON *frozen = NULL;
	enum carnet_status status =
	    place_open(place, place->vault, CARNET_WRITE, &vault, err);

	if (status == CARNET_OK)
		status = carnet_person_find(vault, NULL, person, err);
	if (status == CARNET_OK)
		status = word_add(vault, "decision.made",
		    (const char *const[][2]){ { "kind", "refuse" },
			{ "person", person }, { "recipient", "fr/pds" },
			{ NULL, NULL } },
		    decision, NULL, err);
	if (status == CARNET_OK)
		status = word_add(vault, "statement.drafted",
		    (const char *const[][2]){ { "person", person },
			{ "decision", decision }, { "template", "t" },
			{ "recipient", "fr/caisse" }, { "channel", "ameli" },
			{ "lang", "fr" }, { NULL, NULL } },
		    statement, NULL, err);
	if (status == CARNET_OK)
		status = carnet_commit(vault, err);
	if (status == CARNET_OK)
		place->told->events = 1;
	if (status == CARNET_OK)
		status =
		    carnet_freeze(vault, "Madame, Monsieur", 16, &frozen, err);
	if (status == CARNET_OK)
		status = word_add(vault, "statement.step",
		    (const char *const[][2]){ { "statement", statement },
			{ "kind", "sent" }, { "via", "ameli" },
			{ NULL, NULL } },
		    NULL, frozen, err);
	if (status == CARNET_OK)
		status = carnet_commit(vault, err);
	if (status == CARNET_OK)
		place->told->events = 2;
	carnet_vault_close(vault);
	return status;
}

static bool
judge_word(struct place *place)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	cJSON *decisions = NULL, *statements = NULL;
	const cJSON *statement;
	uint8_t *bytes = NULL;
	size_t len = 0;
	int steps;
	bool good;

	if (!judge_usual(place) ||
	    !judge(place_open(place, place->vault, CARNET_READ, &vault, &err) ==
			   CARNET_OK &&
		       carnet_decisions(vault, NULL, &decisions, &err) ==
			   CARNET_OK &&
		       carnet_statements(vault, NULL, &statements, &err) ==
			   CARNET_OK,
		"the word can't be read: %s", err.message)) {
		carnet_vault_close(vault);
		return false;
	}
	statement = cJSON_GetArrayItem(statements, 0);
	steps = cJSON_GetArraySize(carnet_json_get(statement, "steps"));
	/* one commit: both or neither, told or not */
	good = judge(
	    cJSON_GetArraySize(decisions) == cJSON_GetArraySize(statements),
	    "part of a commit: %d decisions, %d statements",
	    cJSON_GetArraySize(decisions), cJSON_GetArraySize(statements));
	good &= judge(place->told->events < 1 || statement != NULL,
	    "the decision is lost");
	good &=
	    judge(place->told->events < 2 || steps == 1, "the step is lost");
	if (steps == 1)
		good &= judge(
		    carnet_frozen(vault, carnet_json_string(statement, "id"),
			&bytes, &len, &err) == CARNET_OK &&
			len == 16,
		    "the frozen letter is lost: %s", err.message);
	free(bytes);
	cJSON_Delete(decisions);
	cJSON_Delete(statements);
	carnet_vault_close(vault);
	return good;
}

/* --- key change ----------------------------------------------------------- */

static enum carnet_status
open_with(struct place *place, const char *text, enum carnet_access access,
    struct carnet_vault **ret_vault, struct carnet_error *err)
{
	struct secret *passphrase = secret_from(text, strlen(text));
	struct carnet_unlock unlock = { .passphrase = passphrase };
	enum carnet_status status;

	if (passphrase == NULL)
		return carnet_fail_errno(err, ENOMEM, "driver");
	status = carnet_vault_open(
	    place->vault, &unlock, access, NULL, ret_vault, err);
	secret_free(passphrase);
	return status;
}

static enum carnet_status
run_key(struct place *place, struct carnet_error *err)
{
	struct secret *new =
	    secret_from(NEW_PASSPHRASE, strlen(NEW_PASSPHRASE));
	struct carnet_vault *vault = NULL;
	char slot[CARNET_ID_TEXT];
	enum carnet_status status;

	if (new == NULL)
		return carnet_fail_errno(err, ENOMEM, "driver");
	status = open_with(place, OLD_PASSPHRASE, CARNET_WRITE, &vault, err);
	if (status == CARNET_OK)
		status = carnet_key_change(vault, new, TODAY, slot, err);
	if (status == CARNET_OK)
		place->told->changed = true;
	carnet_vault_close(vault);
	secret_free(new);
	return status;
}

/* Exactly one of the two opens, and the new one when it was told; when the
 * change failed and yet holds, the error has said so. */
static bool
judge_key(struct place *place)
{
	const struct told *told = place->told;
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	bool old, new, good;

	old = open_with(place, OLD_PASSPHRASE, CARNET_READ, &vault, &err) ==
	      CARNET_OK;
	carnet_vault_close(vault);
	vault = NULL;
	new = open_with(place, NEW_PASSPHRASE, CARNET_READ, &vault, &err) ==
	      CARNET_OK;
	carnet_vault_close(vault);
	good = judge(
	    old != new, "the old one opens: %d, the new one: %d", old, new);
	good &= judge(new || !told->changed, "the change was told, and lost");
	if (told->finished && told->status != CARNET_OK && new)
		good &= judge(strstr(told->err.hint, "new passphrase") != NULL,
		    "it failed, the new passphrase opens, nobody said so: %s",
		    told->err.message);
	return judge_usual(place) && good;
}

/* --- backup and restore --------------------------------------------------- */

static enum carnet_status
run_backup(struct place *place, struct carnet_error *err)
{
	struct carnet_vault *vault = NULL;
	enum carnet_status status =
	    place_open(place, place->vault, CARNET_WRITE, &vault, err);

	if (status == CARNET_OK)
		status = place_add(place, vault, 3, true, err);
	if (status == CARNET_OK)
		status = make_snapshot(place, vault, err);
	carnet_vault_close(vault);
	return status;
}

enum carnet_status
restore_to_target(
    struct place *place, const char *snapshot, struct carnet_error *err)
{
	struct carnet_unlock unlock = { .master = place->master };
	struct carnet_restore_options options = {
		.to = place->target, .snapshot = snapshot, .today = TODAY
	};
	struct carnet_backup *backup = NULL;
	cJSON *report = NULL;
	enum carnet_status status =
	    carnet_backup_open(place->backup, &unlock, &backup, err);

	if (status == CARNET_OK)
		status = carnet_backup_restore(backup, &options, &report, err);
	if (status == CARNET_OK &&
	    cJSON_GetArraySize(carnet_json_get(report, "problems")) > 0)
		status = carnet_fail(err, CARNET_DAMAGED, "problems");
	cJSON_Delete(report);
	carnet_backup_close(backup);
	return status;
}

bool
judge_backup_check(struct place *place)
{
	struct carnet_unlock unlock = { .master = place->master };
	struct carnet_backup *backup = NULL;
	struct carnet_error err = { 0 };
	cJSON *report = NULL;
	bool good = judge(carnet_backup_open(place->backup, &unlock, &backup,
			      &err) == CARNET_OK &&
			      carnet_backup_check(backup, true, NULL, NULL,
				  &report, &err) == CARNET_OK,
	    "the backup can't be checked: %s", err.message);

	if (good)
		good = judge(carnet_json_bool(report, "ok", false),
		    "backup check: %s",
		    carnet_json_string(
			cJSON_GetArrayItem(
			    carnet_json_get(report, "problems"), 0),
			"detail"));
	cJSON_Delete(report);
	carnet_backup_close(backup);
	return good;
}

static bool
judge_backup(struct place *place)
{
	struct told *told = place->told;
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	bool good = judge_usual(place) && judge_backup_check(place);
	unsigned added = told->added_len;

	/* the last good one, or the one that was told, restores */
	if (!good ||
	    !judge(restore_to_target(place,
		       told->snapshot[0] != '\0' ? told->snapshot : NULL,
		       &err) == CARNET_OK,
		"it doesn't restore: %s", err.message))
		return false;
	if (told->snapshot[0] == '\0')
		told->added_len = 0;
	good = judge_vault(place, place->target) &&
	       judge_documents(place, place->target, -1);
	told->added_len = added;
	/* and the next backup goes through */
	if (!judge(place_open(place, place->vault, CARNET_WRITE, &vault,
		       &err) == CARNET_OK &&
		       make_snapshot(place, vault, &err) == CARNET_OK,
		"no further backup: %s", err.message))
		good = false;
	carnet_vault_close(vault);
	return judge_backup_check(place) && good;
}

static enum carnet_status
run_restore(struct place *place, struct carnet_error *err)
{
	enum carnet_status status = restore_to_target(place, NULL, err);

	if (status == CARNET_OK)
		place->told->restored = true;
	return status;
}

/* Complete, or no vault yet; then it can be begun again. */
static bool
judge_restore(struct place *place)
{
	struct carnet_error err = { 0 };
	enum carnet_status there;

	if (!judge_backup_check(place))
		return false;
	/* what couldn't be read was said, and the rest restored */
	if (place->told->finished && place->told->status == CARNET_DAMAGED)
		place_remove(place->target);
	there = carnet_vault_probe(place->target, &err);
	if (there == CARNET_NO_VAULT) {
		if (!judge(!place->told->restored, "told, and not there") ||
		    !judge(restore_to_target(place, NULL, &err) == CARNET_OK,
			"it can't be begun again: %s", err.message))
			return false;
	} else if (!judge(there == CARNET_OK, "target: %s", err.message))
		return false;
	return judge_vault(place, place->target) &&
	       judge_documents(place, place->target, -1) &&
	       judge_vault(place, place->vault);
}

/* --- repair, rebuilding, making ------------------------------------------- */

static void
hurt(const char *folder, const char *name)
{
	char path[2 * PLACE_PATH];
	uint8_t byte = 0;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || pread(fd, &byte, 1, 40) != 1)
		place_fail("hurting a file", NULL);
	byte ^= 0x41;
	if (pwrite(fd, &byte, 1, 40) != 1)
		place_fail("hurting a file", NULL);
	(void)close(fd);
}

static void
lose(const char *folder, const char *name)
{
	char path[2 * PLACE_PATH];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (unlink(path) != 0)
		place_fail("losing a file", NULL);
}

static void
prepare_repair(struct place *place)
{
	prepare_vault(place);
	hurt(place->vault, "carnet.head.1");
	hurt(place->vault, "device");
	lose(place->vault, "index.db");
}

static enum carnet_status
repair(struct place *place, struct carnet_error *err)
{
	struct carnet_unlock unlock = { .master = place->master };
	cJSON *report = NULL;
	enum carnet_status status =
	    carnet_repair(place->vault, &unlock, NULL, &report, err);

	if (status == CARNET_OK &&
	    cJSON_GetArraySize(carnet_json_get(report, "problems")) > 0)
		status = carnet_fail(err, CARNET_DAMAGED, "problems stay");
	cJSON_Delete(report);
	return status;
}

static enum carnet_status
run_repair(struct place *place, struct carnet_error *err)
{
	enum carnet_status status = repair(place, err);

	place->told->repaired = status == CARNET_OK;
	return status;
}

static bool
judge_repair(struct place *place)
{
	struct carnet_error err = { 0 };

	return judge(place->told->repaired || repair(place, &err) == CARNET_OK,
		   "it can't be repaired again: %s", err.message) &&
	       judge_usual(place);
}

/* The index is gone: who opens builds it again. */
static void
prepare_rebuild(struct place *place)
{
	prepare_vault(place);
	lose(place->vault, "index.db");
}

static enum carnet_status
run_open(struct place *place, struct carnet_error *err)
{
	struct carnet_vault *vault = NULL;
	enum carnet_status status =
	    place_open(place, place->vault, CARNET_READ, &vault, err);

	place->told->warned =
	    status == CARNET_OK && carnet_vault_is_damaged(vault);
	carnet_vault_close(vault);
	return status;
}

static void
prepare_nothing(struct place *place)
{
	(void)place;
}

static enum carnet_status
run_init(struct place *place, struct carnet_error *err)
{
	struct secret *passphrase =
	    secret_from(OLD_PASSPHRASE, strlen(OLD_PASSPHRASE));
	struct carnet_new new = { .path = place->vault,
		.person = "Essai",
		.today = TODAY,
		.passphrase = passphrase };
	struct carnet_vault *vault = NULL;
	struct secret *words = NULL;
	enum carnet_status status;

	if (passphrase == NULL)
		return carnet_fail_errno(err, ENOMEM, "driver");
	status = carnet_vault_create(&new, &vault, &words, err);
	if (status == CARNET_OK)
		place->told->made = true;
	carnet_vault_close(vault);
	secret_free(passphrase);
	return status;
}

/* No vault, and another try makes one; or a whole one with its person. */
static bool
judge_init(struct place *place)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	cJSON *persons = NULL;
	bool good;

	if (carnet_vault_probe(place->vault, &err) == CARNET_NO_VAULT) {
		if (!judge(!place->told->made, "made, and not there") ||
		    !judge(run_init(place, &err) == CARNET_OK,
			"it can't be begun again: %s", err.message))
			return false;
	}
	good = judge(open_with(place, OLD_PASSPHRASE, CARNET_WRITE, &vault,
			 &err) == CARNET_OK &&
			 carnet_persons(vault, &persons, &err) == CARNET_OK,
	    "it doesn't open: %s", err.message);
	if (good)
		good =
		    judge(cJSON_GetArraySize(persons) == 1 &&
			      carnet_json_string(cJSON_GetArrayItem(persons, 0),
				  "name") != NULL,
			"the person is lost");
	if (good) {
		secret_free(place->master);
		place->master = secret_from(
		    secret_peek(vault->master), secret_len(vault->master));
	}
	cJSON_Delete(persons);
	carnet_vault_close(vault);
	return good && judge_vault(place, place->vault);
}

const struct scenario scenarios[] = {
	{ "add", prepare_vault, run_add, judge_usual },
	{ "batch", prepare_vault, run_batch, judge_batch },
	{ "early", prepare_vault, run_early, judge_usual },
	{ "word", prepare_vault, run_word, judge_word },
	{ "backup", prepare_backup, run_backup, judge_backup },
	{ "restore", prepare_backup, run_restore, judge_restore },
	{ "forget", prepare_forget, run_forget, judge_forget },
	{ "copy", prepare_forget, run_copy, judge_copy },
	{ "purge", prepare_purge, run_purge, judge_purge },
	{ "repair", prepare_repair, run_repair, judge_repair },
	{ "rebuild", prepare_rebuild, run_open, judge_usual },
	{ "key", prepare_vault, run_key, judge_key },
	{ "init", prepare_nothing, run_init, judge_init },
	{ "purge, cut off", prepare_purge_half, run_purge_repair, judge_purge },
	{ "compact", prepare_compact, run_compact, judge_compact },
	{ NULL, NULL, NULL, NULL },
};
