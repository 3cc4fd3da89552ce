/* SPDX-License-Identifier: ISC */
/*
 * Packs gathered while faults come: what was there is there, whatever was
 * cut off, and the next run finishes it.  The contract: place.h.
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

#define COMPACT_DOCUMENTS 10
#define COMPACT_TODAY "2026-05-05"
#define COMPACT_ROUND_BYTES 100000 /* several rounds of so few bytes */

/* --- the template --------------------------------------------------------- */

/* A pack, or part of the next one, that no event names. */
static void
put_unnamed(struct carnet_vault *vault, const char *text, bool flush)
{
	struct carnet_error err = { 0 };
	struct content content = { 0 };
	struct chunk_row *rows = NULL;
	size_t len = 0;
	enum carnet_status status = store_put_bytes(
	    vault->store, text, strlen(text), &content, NULL, &err);

	if (status == CARNET_OK && flush)
		status = store_flush(vault->store, &rows, &len, &err);
	if (status != CARNET_OK)
		place_fail("what nobody names", &err);
	content_clear(&content);
	free(rows);
}

struct find_pack {
	uint8_t id[PACK_ID_LEN];
	size_t packs, others;
	uint64_t bytes;
};

static enum carnet_status
find_pack(void *context, const uint8_t id[PACK_ID_LEN], bool is_pack,
    const char *path, uint64_t size, struct carnet_error *err)
{
	struct find_pack *find = context;

	(void)path;
	(void)err;
	if (is_pack)
		memcpy(find->id, id, PACK_ID_LEN);
	find->packs += is_pack;
	find->others += !is_pack;
	find->bytes += size;
	return CARNET_OK;
}

static struct find_pack
count_packs(struct carnet_vault *vault)
{
	struct find_pack find = { 0 };
	struct carnet_error err = { 0 };

	if (pack_walk(vault->fd, find_pack, &find, &err) != CARNET_OK)
		place_fail("packs", &err);
	return find;
}

/* The same chunks a second time, as a run leaves them that was cut off. */
static void
double_a_pack(struct carnet_vault *vault)
{
	struct find_pack find = count_packs(vault);
	struct carnet_error err = { 0 };
	struct chunk_row *rows = NULL;
	size_t saved = 0, len = 0;

	if (store_salvage_pack(vault->store, find.id, NULL, 0, &saved, &err) !=
		CARNET_OK ||
	    store_flush(vault->store, &rows, &len, &err) != CARNET_OK)
		place_fail("a pack twice", &err);
	free(rows);
}

static void
leave_unfinished(struct carnet_vault *vault)
{
	static const char name[] =
	    "packs/ab/.tmp-ab000000000000000000000000000001";
	int fd;

	(void)mkdirat(vault->fd, "packs/ab", 0700);
	fd = openat(vault->fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, "half", 4) != 4)
		place_fail(name, NULL);
	(void)close(fd);
}

/* A whole pack that nobody names, set aside long ago. */
static void
leave_orphan(struct carnet_vault *vault)
{
	struct carnet_error err = { 0 };
	struct carnet_date date = { 2026, 3, 5 };
	struct chunk_row *rows = NULL;
	struct content content = { 0 };
	size_t len = 0;

	if (store_put_bytes(vault->store, "long ago", 8, &content, NULL,
		&err) != CARNET_OK ||
	    store_flush(vault->store, &rows, &len, &err) != CARNET_OK ||
	    orphans_set_aside(vault, rows[0].place.pack, date, &err) !=
		CARNET_OK)
		place_fail("an orphan", &err);
	content_clear(&content);
	free(rows);
}

void
prepare_compact(struct place *place)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };

	prepare_vault(place);
	if (mkdir(place->backup, 0700) != 0 ||
	    place_open(place, place->vault, CARNET_WRITE, &vault, &err) !=
		CARNET_OK)
		place_fail("what is to be gathered", &err);
	for (unsigned number = 3; number < COMPACT_DOCUMENTS; number++) {
		if (number == 5)
			put_unnamed(vault, "beside document 5", false);
		if (place_add(place, vault, number, true, &err) != CARNET_OK)
			place_fail("adding", &err);
	}
	put_unnamed(vault, "a pack of its own", true);
	double_a_pack(vault);
	if (make_snapshot(place, vault, &err) != CARNET_OK)
		place_fail("a first backup", &err);
	leave_unfinished(vault);
	leave_orphan(vault);
	carnet_vault_close(vault);
}

/* --- the run -------------------------------------------------------------- */

static enum carnet_status
compact(struct place *place, bool whole, struct carnet_error *err)
{
	const struct carnet_compact_options options = {
		.today = COMPACT_TODAY,
		.round_bytes = whole ? 0 : COMPACT_ROUND_BYTES,
	};
	struct carnet_vault *vault = NULL;
	cJSON *report = NULL;
	const cJSON *failed;
	enum carnet_status status =
	    place_open(place, place->vault, CARNET_WRITE, &vault, err);

	if (status == CARNET_OK)
		status = carnet_compact(vault, &options, &report, err);
	failed = cJSON_GetArrayItem(carnet_json_get(report, "failed"), 0);
	if (status == CARNET_OK && failed != NULL)
		status = carnet_fail(err, CARNET_FAILED, "%s",
		    carnet_json_string(failed, "message"));
	if (status == CARNET_OK &&
	    cJSON_GetArraySize(carnet_json_get(report, "problems")) > 0)
		status = carnet_fail(err, CARNET_DAMAGED, "packs stay");
	cJSON_Delete(report);
	carnet_vault_close(vault);
	return status;
}

enum carnet_status
run_compact(struct place *place, struct carnet_error *err)
{
	enum carnet_status status = compact(place, false, err);

	place->told->compacted = status == CARNET_OK;
	return status;
}

/* --- judging -------------------------------------------------------------- */

/* All ten, byte for byte. */
static bool
judge_all(struct place *place, const char *path)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	cJSON *documents = NULL;
	bool good =
	    judge_vault(place, path) && judge_documents(place, path, -1);

	if (!judge(place_open(place, path, CARNET_READ, &vault, &err) ==
			   CARNET_OK &&
		       carnet_documents(vault, NULL, &documents, &err) ==
			   CARNET_OK,
		"documents aren't listed: %s", err.message))
		good = false;
	good &= judge(cJSON_GetArraySize(documents) == COMPACT_DOCUMENTS,
	    "%d documents of %d", cJSON_GetArraySize(documents),
	    COMPACT_DOCUMENTS);
	cJSON_Delete(documents);
	carnet_vault_close(vault);
	return good;
}

/* One pack, nothing unfinished; what nobody named is set aside. */
static bool
judge_swept(struct place *place)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	struct find_pack find;
	bool good = judge(place_open(place, place->vault, CARNET_READ, &vault,
			      &err) == CARNET_OK,
	    "it doesn't open: %s", err.message);

	if (!good)
		return false;
	find = count_packs(vault);
	good &= judge(find.packs == 1 && find.others == 0,
	    "%zu packs and %zu other files are left", find.packs, find.others);
	carnet_vault_close(vault);
	return good;
}

static bool
judge_restored(struct place *place)
{
	struct carnet_error err = { 0 };
	bool good = judge(restore_to_target(place, NULL, &err) == CARNET_OK,
			"it doesn't restore: %s", err.message) &&
		    judge_all(place, place->target);

	place_remove(place->target);
	return good;
}

bool
judge_compact(struct place *place)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	bool good = judge_all(place, place->vault);

	good &= judge_restored(place); /* the snapshot before */
	if (place->told->compacted)
		good &= judge_swept(place);
	good &= judge(compact(place, true, &err) == CARNET_OK,
	    "it can't be finished: %s", err.message);
	good &= judge_swept(place) && judge_all(place, place->vault);
	if (!judge(place_open(place, place->vault, CARNET_WRITE, &vault,
		       &err) == CARNET_OK &&
		       make_snapshot(place, vault, &err) == CARNET_OK,
		"no further backup: %s", err.message))
		good = false;
	carnet_vault_close(vault);
	return judge_backup_check(place) && judge_restored(place) && good;
}
