/* SPDX-License-Identifier: ISC */
/*
 * Fewer, fuller packs: rounds of it until nothing more is gained, and what
 * lies in orphans/.  The contract is include/carnet.h; why nothing is lost:
 * docs/format.md, "Compacting".
 */
#include "compact.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COMPACT_ORPHAN_DAYS 30

/* --- orphans/ ------------------------------------------------------------- */

static int64_t
compact_day(struct carnet_date date)
{
	struct tm tm = { .tm_year = date.year - 1900,
		.tm_mon = date.month - 1,
		.tm_mday = date.day };

	return (int64_t)timegm(&tm) / 86400;
}

/* Something in it is named by now, and in no pack. */
static bool
compact_misses(
    const struct compact *compact, const struct chunk_row *rows, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (compact_find_live(compact, &rows[i].name) != NULL &&
		    compact_home(compact, &rows[i].name) == NULL)
			return true;
	return false;
}

/* Back among the packs; takes rows over. */
static enum carnet_status
compact_bring_back(struct compact *compact, const uint8_t id[PACK_ID_LEN],
    const char *path, struct chunk_row *rows, size_t len,
    struct carnet_error *err)
{
	const struct chunk_place *last = &rows[len - 1].place;
	struct carnet_vault *vault = compact->vault;
	enum carnet_status status = orphans_bring_back(vault, id, path, err);

	if (status == CARNET_OK)
		status = packs_sync(
		    vault->fd, (const uint8_t(*)[PACK_ID_LEN])id, 1, err);
	if (status == CARNET_OK)
		status = index_begin(vault->index, err);
	if (status == CARNET_OK)
		status = index_add_chunks(vault->index, rows, len, err);
	if (status == CARNET_OK)
		status = index_commit(vault->index, err);
	if (status != CARNET_OK) {
		index_rollback(vault->index);
		free(rows);
		return status;
	}
	compact->count.brought_back++;
	if (compact_add_pack(compact, id,
		pack_size_of(last->offset + last->len, len), rows, len) == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	return compact_mark(compact, err);
}

static enum carnet_status
compact_orphan(void *context, const uint8_t id[PACK_ID_LEN], const char *path,
    struct carnet_date since, struct carnet_error *err)
{
	struct compact *compact = context;
	struct chunk_row *rows = NULL;
	struct carnet_error why = { 0 };
	enum carnet_status status;
	size_t len = 0;
	int fd =
	    openat(compact->vault->fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		status = carnet_fail_errno(&why, errno, "%s", path);
	else
		status = pack_read_list(
		    fd, id, compact->vault->keys, &rows, &len, &why);
	if (fd >= 0)
		(void)close(fd);
	/* nobody knows what is in it: it stays */
	if (status != CARNET_OK && compact_is_hurt(&why))
		return CARNET_OK;
	if (status != CARNET_OK) {
		if (err != NULL)
			*err = why;
		return status;
	}
	if (compact_misses(compact, rows, len))
		return compact_bring_back(compact, id, path, rows, len, err);
	free(rows);
	if (compact->unsure ||
	    compact_day(compact->today) - compact_day(since) <
		COMPACT_ORPHAN_DAYS)
		return CARNET_OK;
	if (unlinkat(compact->vault->fd, path, 0) != 0)
		return carnet_fail_errno(err, errno, "%s", path);
	compact->count.expired++;
	return CARNET_OK;
}

/* --- rounds --------------------------------------------------------------- */

static void
compact_count(
    const struct compact *compact, size_t *ret_packs, uint64_t *ret_bytes)
{
	*ret_packs = compact->len;
	*ret_bytes = 0;
	for (size_t i = 0; i < compact->len; i++)
		*ret_bytes += compact->packs[i].size;
}

/* What the packs would come to. */
static enum carnet_status
compact_foresee(struct compact *compact, struct carnet_error *err)
{
	struct compact_outcome outcome = { 0 };
	bool any = false;
	enum carnet_status status =
	    compact_choose(compact, 0, &outcome, &any, err);

	if (status != CARNET_OK)
		return status;
	compact->total = outcome.bytes;
	compact->count.packs_after += outcome.packs_new;
	compact->count.packs_after -= outcome.packs;
	compact->count.bytes_after += outcome.bytes_new;
	compact->count.bytes_after -= outcome.bytes;
	if (!compact->options->dry_run)
		return CARNET_OK;
	compact->count.gathered = outcome.packs;
	compact->count.written = outcome.packs_new;
	return CARNET_OK;
}

/* Until nothing more is gained; each round leaves less behind. */
static enum carnet_status
compact_rounds(struct compact *compact, struct carnet_error *err)
{
	uint64_t round = compact->options->round_bytes > 0
			     ? compact->options->round_bytes
			     : COMPACT_ROUND;
	enum carnet_status status = CARNET_OK;

	for (;;) {
		struct compact_outcome outcome = { 0 };
		size_t packs, packs_now;
		uint64_t bytes, bytes_now;
		bool any = false;

		compact_count(compact, &packs, &bytes);
		status = compact_choose(compact, round, &outcome, &any, err);
		if (status == CARNET_OK && any)
			status = compact_round(compact, err);
		if (status == CARNET_OK && any)
			status = compact_mark(compact, err);
		if (status != CARNET_OK || !any)
			return status;
		compact_count(compact, &packs_now, &bytes_now);
		/* what couldn't be foreseen must not go on for ever */
		if (packs_now >= packs && bytes_now >= bytes)
			return CARNET_OK;
	}
}

static enum carnet_status
compact_all(struct compact *compact, bool *ret_begun, struct carnet_error *err)
{
	bool dry = compact->options->dry_run;
	enum carnet_status status = compact_load(compact, err);

	if (status == CARNET_OK)
		status = compact_name(compact, err);
	if (status == CARNET_OK)
		status = compact_mark(compact, err);
	if (status != CARNET_OK)
		return status;
	compact_count(compact, &compact->count.packs_before,
	    &compact->count.bytes_before);
	if (!dry)
		status =
		    orphans_walk(compact->vault, compact_orphan, compact, err);
	if (status == CARNET_OK)
		status = orphans_sync(compact->vault, err);
	compact_count(
	    compact, &compact->count.packs_after, &compact->count.bytes_after);
	if (status == CARNET_OK)
		status = compact_foresee(compact, err);
	if (status == CARNET_OK && !dry) {
		status = compact_rounds(compact, err);
		compact_count(compact, &compact->count.packs_after,
		    &compact->count.bytes_after);
	}
	*ret_begun = compact->count.gathered + compact->count.brought_back +
			 compact->count.expired >
		     0;
	return status;
}

/* --- the report ----------------------------------------------------------- */

static bool
compact_report_failure(cJSON *report, const struct carnet_error *why)
{
	cJSON *failed = cJSON_AddArrayToObject(report, "failed"), *one;
	bool good = failed != NULL;

	if (!good || why->status == CARNET_OK)
		return good;
	one = cJSON_CreateObject();
	good = cJSON_AddStringToObject(
		   one, "code", carnet_status_name(why->status)) != NULL &&
	       cJSON_AddStringToObject(one, "message", why->message) != NULL &&
	       cJSON_AddStringToObject(one, "hint", why->hint) != NULL &&
	       cJSON_AddItemToArray(failed, one);
	if (!good)
		cJSON_Delete(one);
	return good;
}

/* NULL: no memory. */
static cJSON *
compact_report(struct compact *compact, const struct carnet_error *why)
{
	const struct {
		const char *key;
		uint64_t number;
	} numbers[] = { { "packs_before", compact->count.packs_before },
		{ "packs_after", compact->count.packs_after },
		{ "bytes_before", compact->count.bytes_before },
		{ "bytes_after", compact->count.bytes_after },
		{ "gathered", compact->count.gathered },
		{ "written", compact->count.written },
		{ "set_aside", compact->count.set_aside },
		{ "brought_back", compact->count.brought_back },
		{ "expired", compact->count.expired },
		{ "swept", compact->count.swept },
		{ "left", compact->count.left } };
	cJSON *report = cJSON_CreateObject();
	bool good = report != NULL;

	for (size_t i = 0; good && i < sizeof(numbers) / sizeof(numbers[0]);
	     i++)
		good = cJSON_AddNumberToObject(report, numbers[i].key,
			   (double)numbers[i].number) != NULL;
	good =
	    good &&
	    cJSON_AddBoolToObject(report, "unsure", compact->unsure) != NULL &&
	    cJSON_AddBoolToObject(
		report, "dry_run", compact->options->dry_run) != NULL &&
	    cJSON_AddItemToObject(report, "problems", compact->problems);
	if (good)
		compact->problems = NULL;
	if (good && compact_report_failure(report, why))
		return report;
	cJSON_Delete(report);
	return NULL;
}

enum carnet_status
carnet_compact(struct carnet_vault *vault,
    const struct carnet_compact_options *options, cJSON **ret_report,
    struct carnet_error *err)
{
	struct compact compact = { .vault = vault,
		.options = options,
		.patience = options->patience_ms };
	struct carnet_error why = { 0 };
	cJSON *report = NULL;
	bool begun = false;

	compact.problems = cJSON_CreateArray();
	if (compact.problems == NULL)
		(void)carnet_fail_errno(&why, ENOMEM, "vault");
	else if (!carnet_date_parse(options->today, &compact.today))
		(void)carnet_fail(
		    &why, CARNET_INVALID, CARNET_("this date does not exist"));
	else if (!options->dry_run && vault->access != CARNET_WRITE)
		(void)carnet_fail(&why, CARNET_FAILED,
		    CARNET_("the vault is open for reading only"));
	else
		why.status = compact_all(&compact, &begun, &why);
	if (why.status == CARNET_OK || begun)
		report = compact_report(&compact, &why);
	if (report == NULL && why.status == CARNET_OK)
		(void)carnet_fail_errno(&why, ENOMEM, "vault");
	compact_clear(&compact);
	if (report != NULL) {
		*ret_report = report;
		return CARNET_OK;
	}
	if (err != NULL)
		*err = why;
	return why.status;
}
