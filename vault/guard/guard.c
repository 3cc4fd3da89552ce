/* SPDX-License-Identifier: ISC */
/*
 * The judgement: under every name of the directory, what the mount, the sync
 * clients, their marks and the names say; the worst counts.  The contract is
 * in guard.h.
 */
#include "guard.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients.h"
#include "inquiry.h"
#include "levels.h"
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

struct guard_session {
	struct inquiry inquiry;
	struct guard_surroundings surroundings;
	struct levels levels;
	struct chain chain;
	cJSON *list;
	char mountinfo[PATH_MAX]; /* "": none can be named so */
	struct mount_table table; /* text NULL: not read */
	int watch;                /* on the live table: tells of changes; -1 */
};

/* The kernel marks an open mountinfo when the table changes, proc(5). */
static bool
guard_mounts_changed(const struct guard_session *session)
{
	struct pollfd watch = { .fd = session->watch, .events = POLLPRI };

	return session->watch < 0 || poll(&watch, 1, 0) != 0;
}

/* Reads the table unless the one at hand is still good. */
static void
guard_mounts(struct guard_session *session, bool live)
{
	if (session->table.text != NULL && !guard_mounts_changed(session))
		return;
	mounts_free(&session->table);
	if (live && session->watch < 0)
		session->watch = open(session->mountinfo,
		    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (mounts_load(session->mountinfo, &session->table, NULL) != CARNET_OK)
		inquiry_note(&session->inquiry, GUARD_UNKNOWN, "", 0,
		    CARNET_("the table of mounts can't be read"));
}

static void
guard_look(struct guard_session *session)
{
	struct inquiry *inquiry = &session->inquiry;
	bool live = strcmp(session->mountinfo, GUARD_MOUNTINFO) == 0;
	const struct mount_entry *entry;

	guard_mounts(session, live);
	entry = guard_judge_chain(inquiry, &session->table, live,
	    &session->chain, &session->surroundings);
	if (session->table.text == NULL)
		mount_kinds_judge_magic(inquiry, session->chain.fd);
	if (entry != NULL)
		guard_judge_aliases(inquiry, &session->table, live, entry,
		    &session->chain, &session->surroundings);
}

enum carnet_status
guard_session_start(const struct guard_surroundings *surroundings,
    struct guard_session **ret_session, struct carnet_error *err)
{
	struct guard_session *session = calloc(1, sizeof(*session));
	const char *file =
	    surroundings != NULL ? surroundings->mountinfo : NULL;
	enum carnet_status status;

	if (session == NULL)
		return carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("no memory to look around"));
	session->watch = -1;
	status = providers_load(&session->list, err);
	if (status != CARNET_OK) {
		guard_session_end(session);
		return status;
	}
	if (surroundings != NULL) {
		session->surroundings.trusted = surroundings->trusted;
		session->surroundings.trusted_len = surroundings->trusted_len;
	}
	if (file == NULL)
		file = GUARD_MOUNTINFO;
	if (strlen(file) < sizeof(session->mountinfo))
		(void)strcpy(session->mountinfo, file);
	session->inquiry.list = session->list;
	session->inquiry.levels = &session->levels;
	inquiry_settle(&session->inquiry, surroundings);
	*ret_session = session;
	return CARNET_OK;
}

void
guard_session_end(struct guard_session *session)
{
	if (session == NULL)
		return;
	if (session->watch >= 0)
		(void)close(session->watch);
	mounts_free(&session->table);
	levels_free(&session->levels);
	cJSON_Delete(session->list);
	free(session);
}

enum carnet_status
guard_session_judge(struct guard_session *session, int dir_fd,
    struct guard_place *ret_place, struct carnet_error *err)
{
	struct guard_place place = { .verdict = GUARD_LOCAL };
	enum carnet_status status = chain_open(dir_fd, &session->chain, err);

	if (status != CARNET_OK)
		return status;
	session->inquiry.place = &place;
	session->inquiry.trusted = SIZE_MAX;
	session->inquiry.chain = &session->chain;
	guard_look(session);
	(void)memcpy(place.path, session->chain.path, sizeof(place.path));
	session->inquiry.place = NULL;
	*ret_place = place;
	return CARNET_OK;
}

enum carnet_status
guard_judge(int dir_fd, const struct guard_surroundings *surroundings,
    struct guard_place *ret_place, struct carnet_error *err)
{
	struct guard_session *session = NULL;
	enum carnet_status status =
	    guard_session_start(surroundings, &session, err);

	if (status == CARNET_OK)
		status = guard_session_judge(session, dir_fd, ret_place, err);
	guard_session_end(session);
	return status;
}

enum carnet_status
guard_sources(int dir_fd, const struct guard_surroundings *surroundings,
    guard_source *visit, void *context, struct carnet_error *err)
{
	struct guard_place place = { .verdict = GUARD_LOCAL };
	struct guard_session *session = NULL;
	enum carnet_status status =
	    guard_session_start(surroundings, &session, err);

	if (status == CARNET_OK && dir_fd >= 0)
		status = chain_open(dir_fd, &session->chain, err);
	if (status == CARNET_OK) {
		session->inquiry.place = &place;
		session->inquiry.trusted = SIZE_MAX;
		session->inquiry.chain = &session->chain;
		session->inquiry.source = visit;
		session->inquiry.source_context = context;
		clients_judge(&session->inquiry);
	}
	guard_session_end(session);
	return status;
}
