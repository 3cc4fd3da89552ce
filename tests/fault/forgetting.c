/* SPDX-License-Identifier: ISC */
/*
 * Forgetting in a backup, and copying one, while faults come: no snapshot
 * that stays loses anything, and another run finishes.  Contract: place.h.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "place.h"
#include "vault.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)
#define EXTRA 6 /* a document that is purged again */

/* What the template's backup has: snapshots that are due, one that is not
 * condemned yet, one that stays; a pack that is due. */
static struct {
	char due[2][32], next[32], stays[32];
	char pack[2 * PLACE_PATH]; /* below the backup's folder */
} made;

static int64_t
forget_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000;
}

static enum carnet_status
forget(struct place *place, int64_t now, cJSON **ret_report,
    struct carnet_error *err)
{
	const struct carnet_unlock unlock = { .master = place->master };
	const struct carnet_forget_options options = { .policy = { .last = 1 },
		.now_ms = now };
	struct carnet_backup *backup = NULL;
	enum carnet_status status =
	    carnet_backup_open(place->backup, &unlock, &backup, err);

	if (status == CARNET_OK)
		status =
		    carnet_backup_forget(backup, &options, ret_report, err);
	carnet_backup_close(backup);
	return status;
}

/* --- the template --------------------------------------------------------- */

static const struct place *looking;

/* A pack of the backup that the vault has no more. */
static int
find_pack(
    const char *path, const struct stat *info, int type, struct FTW *where)
{
	const char *below = path + strlen(looking->backup);
	char there[3 * PLACE_PATH];

	(void)info;
	(void)where;
	if (type != FTW_F || strncmp(below, "/packs/", 7) != 0)
		return 0;
	(void)snprintf(there, sizeof(there), "%s%s", looking->vault, below);
	if (access(there, F_OK) != 0)
		(void)snprintf(made.pack, sizeof(made.pack), "%s", below);
	return 0;
}

static void
back_up(struct place *place, struct carnet_vault *vault, char id[32])
{
	struct carnet_error err = { 0 };

	if (make_snapshot(place, vault, &err) != CARNET_OK)
		place_fail("a backup", &err);
	(void)snprintf(id, 32, "%s", place->told->snapshot);
}

void
prepare_forget(struct place *place)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	cJSON *report = NULL;

	prepare_backup(place);
	(void)snprintf(made.due[0], 32, "%s", place->told->snapshot);
	if (place_open(place, place->vault, CARNET_WRITE, &vault, &err) !=
		CARNET_OK ||
	    place_add(place, vault, EXTRA, true, &err) != CARNET_OK)
		place_fail("adding", &err);
	back_up(place, vault, made.due[1]);
	if (carnet_document_purge(vault,
		place->told->added[place->told->added_len - 1].id,
		&err) != CARNET_OK)
		place_fail("purging", &err);
	back_up(place, vault, made.next);
	if (forget(place, forget_now() - 31 * DAY_MS, &report, &err) !=
		CARNET_OK ||
	    cJSON_GetArraySize(carnet_json_get(report, "forgotten")) != 2)
		place_fail("condemning", &err);
	cJSON_Delete(report);
	back_up(place, vault, made.stays);
	carnet_vault_close(vault);
	looking = place;
	if (nftw(place->backup, find_pack, 16, FTW_PHYS) != 0 ||
	    made.pack[0] == '\0')
		place_fail("finding the pack", NULL);
}

/* --- forget --------------------------------------------------------------- */

enum carnet_status
run_forget(struct place *place, struct carnet_error *err)
{
	cJSON *report = NULL;
	enum carnet_status status = forget(place, forget_now(), &report, err);

	/* what it couldn't read then it must have said */
	if (status == CARNET_OK &&
	    cJSON_GetArraySize(carnet_json_get(report, "problems")) > 0)
		status = carnet_fail(err, CARNET_DAMAGED, "problems");
	place->told->purged = status == CARNET_OK;
	cJSON_Delete(report);
	return status;
}

static bool
judge_restored(struct place *place, const char *snapshot)
{
	struct carnet_error err = { 0 };
	bool good;

	place_remove(place->target);
	good = judge(restore_to_target(place, snapshot, &err) == CARNET_OK,
		   "%s doesn't restore: %s", snapshot, err.message) &&
	       judge_vault(place, place->target) &&
	       judge_documents(place, place->target, -1);
	return good;
}

static bool
judge_gone(struct place *place)
{
	char path[4 * PLACE_PATH];
	bool good = true;

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/snapshots/%s",
		    place->backup, made.due[i]);
		good &= judge(access(path, F_OK) != 0, "%s is there", path);
	}
	(void)snprintf(path, sizeof(path), "%s%s", place->backup, made.pack);
	return judge(access(path, F_OK) != 0, "%s is there", path) && good;
}

/* What stays restores, and what isn't due, at any time; another run deletes
 * what this one hasn't; and the next backup goes through. */
bool
judge_forget(struct place *place)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	bool good = judge_backup_check(place) &&
		    judge_restored(place, made.stays) &&
		    judge_restored(place, made.next);

	if (!good || (place->told->purged && !judge_gone(place)))
		return false;
	if (!judge(run_forget(place, &err) == CARNET_OK,
		"no further forget: %s", err.message) ||
	    !judge_gone(place) || !judge_restored(place, made.stays) ||
	    !judge_restored(place, made.next))
		return false;
	good = judge(place_open(place, place->vault, CARNET_WRITE, &vault,
			 &err) == CARNET_OK &&
			 make_snapshot(place, vault, &err) == CARNET_OK,
	    "no further backup: %s", err.message);
	carnet_vault_close(vault);
	return judge_backup_check(place) && good;
}

/* --- copy ----------------------------------------------------------------- */

enum carnet_status
run_copy(struct place *place, struct carnet_error *err)
{
	const struct carnet_copy_options options = { .dry_run = false };
	cJSON *report = NULL;
	enum carnet_status status = carnet_backup_copy(
	    place->backup, place->target, &options, &report, err);

	if (status == CARNET_OK &&
	    cJSON_GetArraySize(carnet_json_get(report, "problems")) > 0)
		status = carnet_fail(err, CARNET_DAMAGED, "problems");
	place->told->restored = status == CARNET_OK;
	cJSON_Delete(report);
	return status;
}

static bool
judge_copy_check(struct place *place)
{
	char backup[PLACE_PATH];
	bool good;

	(void)snprintf(backup, sizeof(backup), "%s", place->backup);
	(void)snprintf(
	    place->backup, sizeof(place->backup), "%s", place->target);
	good = judge_backup_check(place);
	(void)snprintf(place->backup, sizeof(place->backup), "%s", backup);
	return good;
}

/* Whole, or it goes on where it was cut off; the first one stays as it is. */
bool
judge_copy(struct place *place)
{
	struct carnet_error err = { 0 };

	if (!judge_backup_check(place) ||
	    (place->told->restored && !judge_copy_check(place)))
		return false;
	return judge(run_copy(place, &err) == CARNET_OK,
		   "it can't be resumed: %s", err.message) &&
	       judge_copy_check(place) && judge_backup_check(place);
}
