/* SPDX-License-Identifier: ISC */
/*
 * Who else would see what is written here?  Judges an opened directory:
 * mounts, sync clients' own configuration, marks in folders.  providers.json
 * is the list.  Reads only; opens no socket; getpwuid is never called.
 */
#ifndef GUARD_H
#define GUARD_H
#include "carnet_types.h"

enum guard_verdict {
	GUARD_LOCAL,
	GUARD_OWN,
	GUARD_UNKNOWN,
	GUARD_REMOTE,
	GUARD_CLOUD
};
const char *guard_verdict_name(enum guard_verdict verdict); /* "local"... */

struct guard_place {
	enum guard_verdict verdict;
	char provider[64];  /* "dropbox"; "" when none */
	char evidence[512]; /* one line: what was seen, and where */
	char path[4096];    /* absolute, resolved from the descriptor */
};
struct guard_surroundings {         /* borrowed; NULL: taken from the process */
	const char *home;           /* $HOME */
	const char *config_home;    /* $XDG_CONFIG_HOME */
	const char *mountinfo;      /* "/proc/self/mountinfo" */
	const char *const *trusted; /* paths the vault's ledger trusts (OWN) */
	size_t trusted_len;
};
/* dir_fd: the opened directory; a file that will be made there inherits the
 * verdict.  Fails only on I/O; "can't tell" is GUARD_UNKNOWN. */
enum carnet_status guard_judge(int dir_fd,
    const struct guard_surroundings *surroundings,
    struct guard_place *ret_place, struct carnet_error *err);
/*
 * The same for many directories: what is above them, clients' configuration
 * and mounts are read once, so what changes there meanwhile may go unseen (a
 * changed table of mounts is read again).  Borrows surroundings->trusted
 * until guard_session_end, which accepts NULL.
 */
struct guard_session;
enum carnet_status guard_session_start(
    const struct guard_surroundings *surroundings,
    struct guard_session **ret_session, struct carnet_error *err);
enum carnet_status guard_session_judge(struct guard_session *session,
    int dir_fd, struct guard_place *ret_place, struct carnet_error *err);
void guard_session_end(struct guard_session *session);
/* Opens the directory `path`, or the nearest one above it that exists
 * (ret_missing: the rest of the path, "" when it exists; caller frees). */
enum carnet_status guard_open_nearest(const char *path, int *ret_fd,
    char **ret_missing, struct carnet_error *err);
/*
 * Tells the path of every configuration file that judging dir_fd (or, with
 * -1, any folder under the home) would read.
 */
typedef void guard_source(void *context, const char *path);
enum carnet_status guard_sources(int dir_fd,
    const struct guard_surroundings *surroundings, guard_source *visit,
    void *context, struct carnet_error *err);
/* Whether people run such a server themselves (Nextcloud...). */
bool guard_provider_is_own(const char *id);
#endif
