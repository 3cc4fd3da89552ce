/* SPDX-License-Identifier: ISC */
/*
 * Asking the guard before anything is written, and opening what was judged,
 * so that a path that is bent meanwhile leads nowhere else.
 * Detects nothing itself: vault/guard.  The contract is in session.h.
 */
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "session.h"

struct place_run {
	struct session *session;
	struct guard_session *guard;
	cJSON *places;      /* what the ledger trusts */
	const char **paths; /* in `places` */
};

enum carnet_status
place_run_start(struct session *session, struct place_run **ret_run)
{
	struct guard_surroundings surroundings = { 0 };
	struct place_run *run = calloc(1, sizeof(*run));
	const cJSON *place;
	enum carnet_status status = CARNET_OK;

	if (run == NULL)
		return carnet_fail_errno(&session->err, ENOMEM, "carnet");
	run->session = session;
	if (session->vault != NULL)
		status =
		    carnet_places(session->vault, &run->places, &session->err);
	if (status == CARNET_OK) {
		run->paths = calloc((size_t)cJSON_GetArraySize(run->places) + 1,
		    sizeof(*run->paths));
		if (run->paths == NULL)
			status =
			    carnet_fail_errno(&session->err, ENOMEM, "carnet");
	}
	if (status == CARNET_OK) {
		cJSON_ArrayForEach(place, run->places)
		    run->paths[surroundings.trusted_len++] =
		    json_text(place, "path");
		surroundings.trusted = run->paths;
		status = guard_session_start(
		    &surroundings, &run->guard, &session->err);
	}
	if (status != CARNET_OK) {
		place_run_end(run);
		return status;
	}
	*ret_run = run;
	return CARNET_OK;
}

enum carnet_status
place_run_judge(struct place_run *run, int fd, struct guard_place *ret_place)
{
	return guard_session_judge(
	    run->guard, fd, ret_place, &run->session->err);
}

void
place_run_end(struct place_run *run)
{
	if (run == NULL)
		return;
	guard_session_end(run->guard);
	free(run->paths);
	cJSON_Delete(run->places);
	free(run);
}

enum carnet_status
place_judge(struct session *session, int fd, struct guard_place *ret_place)
{
	struct place_run *run = NULL;
	enum carnet_status status = place_run_start(session, &run);

	if (status == CARNET_OK)
		status = place_run_judge(run, fd, ret_place);
	place_run_end(run);
	return status;
}

static const char *
place_hint(const struct session *session, bool plain)
{
	if (plain)
		return _("choose a folder on this machine's own disk; for a "
			 "server of your own: carnet guard trust PATH --reason "
			 "TEXT");
	if (strcmp(session->verb->name, "backup") == 0)
		return _("an encrypted backup may go there: say --to-cloud");
	return _("choose a folder on this machine's own disk; an encrypted "
		 "backup may go there: carnet backup PATH --to-cloud");
}

/* Whether what will be written may go there. */
static enum carnet_status
place_allow(struct session *session, const struct guard_place *place,
    bool plain, bool to_cloud)
{
	if (place->verdict == GUARD_UNKNOWN) {
		session_warn(session,
		    _("%s: carnet can't tell who else sees this place (%s)"),
		    place->path, place->evidence);
		return CARNET_OK;
	}
	if (place->verdict != GUARD_CLOUD && place->verdict != GUARD_REMOTE)
		return CARNET_OK;
	if (!plain && to_cloud)
		return CARNET_OK;
	carnet_fail(&session->err, CARNET_GUARD,
	    _("%s: others would see it: %s%s%s (%s)"), place->path,
	    print_word(guard_verdict_name(place->verdict)),
	    place->provider[0] == '\0' ? "" : ", ", place->provider,
	    place->evidence);
	carnet_hint(&session->err, "%s", place_hint(session, plain));
	return CARNET_GUARD;
}

enum carnet_status
session_guard_open(struct session *session, const char *path, bool plain,
    bool to_cloud, int *ret_fd, char **ret_missing)
{
	struct guard_place place;
	char *missing = NULL;
	enum carnet_status status;
	int fd = -1;

	status = guard_open_nearest(path, &fd, &missing, &session->err);
	if (status != CARNET_OK)
		return status;
	status = place_judge(session, fd, &place);
	if (status == CARNET_OK)
		status = place_allow(session, &place, plain, to_cloud);
	if (status != CARNET_OK) {
		free(missing);
		(void)close(fd);
		return status;
	}
	*ret_fd = fd;
	*ret_missing = missing;
	return CARNET_OK;
}

enum carnet_status
session_guard(
    struct session *session, const char *path, bool plain, bool to_cloud)
{
	char *missing = NULL;
	int fd = -1;
	enum carnet_status status =
	    session_guard_open(session, path, plain, to_cloud, &fd, &missing);

	if (status != CARNET_OK)
		return status;
	free(missing);
	(void)close(fd);
	return CARNET_OK;
}

enum carnet_status
session_guard_folder(struct session *session, const char *path, int *ret_fd)
{
	char *missing = NULL;
	int judged = -1, fd = -1;
	enum carnet_status status =
	    session_guard_open(session, path, true, false, &judged, &missing);

	if (status != CARNET_OK)
		return status;
	status = output_folder_at(judged, missing, &fd, &session->err);
	free(missing);
	(void)close(judged);
	if (status == CARNET_OK)
		*ret_fd = fd;
	return status;
}

enum carnet_status
session_guard_file(struct session *session, const char *path, int *ret_fd,
    const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	char *folder = slash == NULL   ? strdup(".")
		       : slash == path ? strdup("/")
				       : strndup(path, (size_t)(slash - path));
	char *missing = NULL;
	enum carnet_status status;
	int fd = -1;

	if (folder == NULL)
		return carnet_fail_errno(&session->err, ENOMEM, "carnet");
	if (name[0] == '\0' || strlen(name) > NAME_MAX) {
		free(folder);
		return carnet_fail(&session->err, CARNET_INVALID,
		    _("%s: not a file's name"), path);
	}
	status =
	    session_guard_open(session, folder, true, false, &fd, &missing);
	if (status == CARNET_OK && missing[0] != '\0') {
		(void)close(fd);
		status = carnet_fail_errno(&session->err, ENOENT, "%s", folder);
	}
	free(missing);
	free(folder);
	if (status != CARNET_OK)
		return status;
	*ret_fd = fd;
	*ret_name = name;
	return CARNET_OK;
}
