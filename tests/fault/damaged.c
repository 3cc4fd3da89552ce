/* SPDX-License-Identifier: ISC */
/*
 * A small vault and its backup, to be hurt; what check, a reader and a restore
 * make of them.  Hurts nothing but single bytes.  The contract: damaged.h.
 */
#include "damaged.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault.h"

/* --- the template --------------------------------------------------------- */

void
damaged_make_vault(
    struct place *place, const char *path, unsigned first, unsigned len)
{
	struct secret *passphrase = place_passphrase("damage");
	struct carnet_new new = { .path = path,
		.person = "Essai",
		.today = "2026-03-05",
		.passphrase = passphrase };
	struct secret *words = NULL;
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };

	if (carnet_vault_create(&new, &vault, &words, &err) != CARNET_OK)
		place_fail("making a vault", &err);
	secret_free(place->master);
	place->master =
	    secret_from(secret_peek(vault->master), secret_len(vault->master));
	for (unsigned number = first; number < first + len; number++)
		if (place_add(place, vault, number, false, &err) != CARNET_OK)
			place_fail("adding", &err);
	if (carnet_commit(vault, &err) != CARNET_OK)
		place_fail("committing", &err);
	carnet_vault_close(vault);
	secret_free(passphrase);
}

static void
make_backup(struct place *place)
{
	const struct carnet_backup_options options = { .today = "2026-03-05" };
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	cJSON *report = NULL;

	if (mkdir(place->backup, 0700) != 0 ||
	    place_open(place, place->vault, CARNET_WRITE, &vault, &err) !=
		CARNET_OK ||
	    carnet_backup_make(vault, place->backup, &options, &report, &err) !=
		CARNET_OK)
		place_fail("a backup", &err);
	cJSON_Delete(report);
	carnet_vault_close(vault);
}

static struct damaged_files *listed;
static size_t listed_from; /* where the names below work/ begin */

static int
list_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)where;
	if (type == FTW_F && st->st_size > 0 && listed->len < DAMAGED_FILES)
		(void)snprintf(listed->names[listed->len++], PLACE_PATH, "%s",
		    path + listed_from);
	return 0;
}

void
damaged_make_template(struct place *place, struct damaged_files *files)
{
	damaged_make_vault(place, place->vault, 0, DAMAGED_DOCUMENTS);
	make_backup(place);
	listed = files;
	listed_from = strlen(place->template) + 1;
	if (rename(place->work, place->template) != 0 ||
	    nftw(place->template, list_one, 16, FTW_PHYS) != 0)
		place_fail("template", NULL);
	place_fresh(place);
}

bool
damaged_in_backup(const char *file)
{
	return strncmp(file, "backup/", 7) == 0;
}

bool
damaged_is_index(const char *file)
{
	return strcmp(file, "vault/index.db") == 0;
}

void
damaged_path(
    const struct place *place, const char *file, char ret[2 * PLACE_PATH])
{
	(void)snprintf(ret, 2 * PLACE_PATH, "%.500s/%.500s", place->work, file);
}

bool
damaged_is_pack(const char *file)
{
	return strstr(file, "packs/") != NULL;
}

/* --- judging -------------------------------------------------------------- */

bool
damaged_detected(struct place *place, const char *file)
{
	struct carnet_unlock unlock = { .master = place->master };
	struct carnet_backup *backup = NULL;
	struct carnet_error err = { 0 };
	cJSON *report = NULL;
	enum carnet_status status;
	bool found;

	if (damaged_in_backup(file)) {
		status =
		    carnet_backup_open(place->backup, &unlock, &backup, &err);
		if (status == CARNET_OK)
			status = carnet_backup_check(
			    backup, true, NULL, NULL, &report, &err);
		carnet_backup_close(backup);
	} else
		status = carnet_check(
		    place->vault, &unlock, true, NULL, NULL, &report, &err);
	found = status == CARNET_OK
		    ? !carnet_json_bool(report, "ok", true)
		    : status == CARNET_DAMAGED || status == CARNET_NO_VAULT ||
			  status == CARNET_NEWER || status == CARNET_WRONG_KEY;
	if (!found && status != CARNET_OK)
		(void)judge(false, "check: %s", err.message);
	cJSON_Delete(report);
	return found;
}

static bool
sink(void *context, const uint8_t *bytes, size_t len)
{
	uint8_t **at = context;

	if (len > 0)
		memcpy(*at, bytes, len);
	*at += len;
	return true;
}

int
damaged_whole(struct place *place, const char *path, struct carnet_error *err)
{
	static uint8_t room[1 << 20];
	struct carnet_vault *vault = NULL;
	cJSON *documents = NULL;
	const cJSON *document;
	int whole = 0;

	if (place_open(place, path, CARNET_READ, &vault, err) != CARNET_OK)
		return 0;
	if (carnet_documents(vault, NULL, &documents, err) == CARNET_OK)
		cJSON_ArrayForEach(document, documents)
		{
			uint8_t *end = room;

			if (carnet_document_read(vault,
				carnet_json_string(document, "id"), sink, &end,
				err) != CARNET_OK)
				continue;
			if (place_recognise(room, (size_t)(end - room)) < 0)
				whole = -1000;
			whole++;
		}
	cJSON_Delete(documents);
	carnet_vault_close(vault);
	return whole < 0 ? -1 : whole;
}

int
damaged_restored(struct place *place, struct carnet_error *err)
{
	struct carnet_unlock unlock = { .master = place->master };
	struct carnet_restore_options options = { .to = place->target,
		.today = "2026-03-05" };
	struct carnet_backup *backup = NULL;
	cJSON *report = NULL;
	int whole = 0;

	if (carnet_backup_open(place->backup, &unlock, &backup, err) ==
		CARNET_OK &&
	    carnet_backup_restore(backup, &options, &report, err) == CARNET_OK)
		whole = damaged_whole(place, place->target, err);
	cJSON_Delete(report);
	carnet_backup_close(backup);
	place_remove(place->target);
	return whole;
}

void
damaged_flip(const char *path, off_t at)
{
	uint8_t byte = 0;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 || pread(fd, &byte, 1, at) != 1)
		place_fail(path, NULL);
	byte ^= (uint8_t)(1U << (at % 8));
	if (pwrite(fd, &byte, 1, at) != 1)
		place_fail(path, NULL);
	(void)close(fd);
}

bool
damaged_is_whole(struct place *place)
{
	return damaged_whole(place, place->vault, NULL) == DAMAGED_DOCUMENTS &&
	       !damaged_detected(place, "vault/") &&
	       !damaged_detected(place, "backup/");
}
