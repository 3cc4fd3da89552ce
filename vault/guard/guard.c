/* SPDX-License-Identifier: ISC */
/*
 * The judgement: under every name of the directory, what the mount, the sync
 * clients, their marks and the names say; the worst counts.  The contract is
 * in guard.h.
 */
#include "guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients.h"
#include "inquiry.h"
#include "marks.h"
#include "mount_kinds.h"
#include "mounts.h"
#include "providers.h"

#define GUARD_MOUNTINFO "/proc/self/mountinfo"
#define GUARD_ALIASES_MAX 16 /* other names of one directory */

const char *
guard_verdict_name(enum guard_verdict verdict)
{
	static const char *const names[] = { [GUARD_LOCAL] = "local",
		[GUARD_OWN] = "own",
		[GUARD_UNKNOWN] = "unknown",
		[GUARD_REMOTE] = "remote",
		[GUARD_CLOUD] = "cloud" };
	size_t i = (size_t)verdict;

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : "unknown";
}

/* What the mount that holds the chain's path says. */
static const struct mount_entry *
guard_judge_mount(
    struct inquiry *inquiry, const struct mount_table *table, bool live)
{
	const struct chain *chain = inquiry->chain;
	int id = live ? mounts_id(chain->fd) : -1;
	const struct mount_entry *entry =
	    mounts_holding(table, id, chain->path);
	char elsewhere[PATH_MAX];

	if (entry == NULL) {
		inquiry_note(inquiry, GUARD_UNKNOWN, "", 0,
		    CARNET_("%s is in no mount of the table"), chain->path);
		return NULL;
	}
	if (mounts_is_window(table, entry) &&
	    mounts_inside(entry, chain->path, elsewhere))
		marks_judge_names(inquiry, elsewhere, GUARD_UNKNOWN);
	if (mount_kinds_judge(inquiry, table, entry)) {
		marks_judge_names(inquiry, chain->path, GUARD_CLOUD);
		(void)snprintf(
		    elsewhere, sizeof(elsewhere), "/%.4000s", entry->source);
		marks_judge_names(inquiry, elsewhere, GUARD_CLOUD);
	}
	return entry;
}

/* Everything about one name of the directory, its mount included. */
static const struct mount_entry *
guard_judge_chain(struct inquiry *inquiry, const struct mount_table *table,
    bool live, const struct chain *chain,
    const struct guard_surroundings *surroundings)
{
	const struct mount_entry *entry = NULL;

	inquiry_turn(inquiry, chain, surroundings);
	clients_judge(inquiry);
	marks_judge(inquiry);
	if (table->text != NULL)
		entry = guard_judge_mount(inquiry, table, live);
	marks_judge_names(inquiry, chain->path, GUARD_UNKNOWN);
	if (chain->lost)
		inquiry_note(inquiry, GUARD_UNKNOWN, "", 0,
		    CARNET_("the folder isn't where its path says: deleted, "
			    "moved or hidden"));
	else if (!chain->whole)
		inquiry_note(inquiry, GUARD_UNKNOWN, "", 0,
		    CARNET_("a folder above %s can't be looked at"),
		    chain->path);
	return entry;
}

/* The same folder, seen elsewhere (bind mounts). */
static void
guard_judge_aliases(struct inquiry *inquiry, const struct mount_table *table,
    bool live, const struct mount_entry *entry, const struct chain *first,
    const struct guard_surroundings *surroundings)
{
	struct chain *chain = malloc(sizeof(*chain));
	char alias[PATH_MAX];

	for (size_t i = 0; chain != NULL && i < GUARD_ALIASES_MAX &&
			   mounts_alias(table, entry, first->path, i, alias);
	     i++) {
		if (!chain_open_alias(alias, first->fd, chain))
			continue;
		(void)guard_judge_chain(
		    inquiry, table, live, chain, surroundings);
		chain_close(chain);
	}
	free(chain);
}

static void
guard_look(struct inquiry *inquiry, const struct chain *chain,
    const struct guard_surroundings *surroundings)
{
	const char *file =
	    surroundings != NULL ? surroundings->mountinfo : NULL;
	bool live = file == NULL || strcmp(file, GUARD_MOUNTINFO) == 0;
	struct mount_table table = { 0 };
	const struct mount_entry *entry;

	if (mounts_load(file != NULL ? file : GUARD_MOUNTINFO, &table, NULL) !=
	    CARNET_OK)
		inquiry_note(inquiry, GUARD_UNKNOWN, "", 0,
		    CARNET_("the table of mounts can't be read"));
	entry = guard_judge_chain(inquiry, &table, live, chain, surroundings);
	if (table.text == NULL)
		mount_kinds_judge_magic(inquiry, chain->fd);
	if (entry != NULL)
		guard_judge_aliases(
		    inquiry, &table, live, entry, chain, surroundings);
	mounts_free(&table);
}

enum carnet_status
guard_judge(int dir_fd, const struct guard_surroundings *surroundings,
    struct guard_place *ret_place, struct carnet_error *err)
{
	struct guard_place place = { .verdict = GUARD_LOCAL };
	struct inquiry *inquiry = calloc(1, sizeof(*inquiry));
	struct chain *chain = calloc(1, sizeof(*chain));
	cJSON *list = NULL;
	enum carnet_status status;

	if (inquiry == NULL || chain == NULL) {
		status = carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("no memory to look around"));
		goto done;
	}
	inquiry->place = &place;
	inquiry->trusted = SIZE_MAX;
	inquiry->chain = chain;
	status = providers_load(&list, err);
	if (status != CARNET_OK)
		goto done;
	inquiry->list = list;
	status = chain_open(dir_fd, chain, err);
	if (status != CARNET_OK)
		goto done;
	inquiry_settle(inquiry, surroundings);
	guard_look(inquiry, chain, surroundings);
	(void)memcpy(place.path, chain->path, sizeof(place.path));
	*ret_place = place;
done:
	cJSON_Delete(list);
	free(chain);
	free(inquiry);
	return status;
}

enum carnet_status
guard_sources(int dir_fd, const struct guard_surroundings *surroundings,
    guard_source *visit, void *context, struct carnet_error *err)
{
	struct guard_place place = { .verdict = GUARD_LOCAL };
	struct inquiry *inquiry = calloc(1, sizeof(*inquiry));
	struct chain *chain = calloc(1, sizeof(*chain));
	cJSON *list = NULL;
	enum carnet_status status = CARNET_OK;

	if (inquiry == NULL || chain == NULL)
		status = carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("no memory to look around"));
	if (status == CARNET_OK)
		status = providers_load(&list, err);
	if (status == CARNET_OK && dir_fd >= 0)
		status = chain_open(dir_fd, chain, err);
	if (status == CARNET_OK) {
		inquiry->place = &place;
		inquiry->trusted = SIZE_MAX;
		inquiry->chain = chain;
		inquiry->list = list;
		inquiry->source = visit;
		inquiry->source_context = context;
		inquiry_settle(inquiry, surroundings);
		clients_judge(inquiry);
	}
	cJSON_Delete(list);
	free(chain);
	free(inquiry);
	return status;
}
