/* SPDX-License-Identifier: ISC */
/*
 * Files that need not be read again: same disk, inode, size and both times
 * to the nanosecond as when they were stored.  A file that may still be
 * changing within one tick of the clock is never remembered.
 */
#include "vault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* A change this long before the reading can't look like none. */
#define SEEN_SETTLED_NS INT64_C(2000000000)

static int64_t
seen_ns(struct timespec time)
{
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static bool
seen_of(const struct stat *info, struct index_seen *ret_seen)
{
	struct timespec now;
	int64_t settled;

	if (!S_ISREG(info->st_mode))
		return false;
	*ret_seen = (struct index_seen){ .device = info->st_dev,
		.inode = info->st_ino,
		.size = (uint64_t)info->st_size,
		.modified = seen_ns(info->st_mtim),
		.changed = seen_ns(info->st_ctim) };
	(void)clock_gettime(CLOCK_REALTIME, &now);
	settled = seen_ns(now) - SEEN_SETTLED_NS;
	return ret_seen->modified < settled && ret_seen->changed < settled;
}

enum carnet_status
carnet_document_seen(struct carnet_vault *vault, int fd, const char *person,
    char ret_id[CARNET_ID_TEXT], uint64_t *ret_size, bool *ret_seen,
    struct carnet_error *err)
{
	struct index_seen seen;
	struct stat info;
	enum carnet_status status = CARNET_OK;
	bool found = false;

	if (fstat(fd, &info) == 0 && seen_of(&info, &seen) &&
	    !known_lacks_file(vault, &seen))
		status =
		    index_seen_find(vault->index, person, &seen, &found, err);
	if (status == CARNET_OK && found) {
		memcpy(ret_id, seen.document, CARNET_ID_TEXT);
		*ret_size = seen.size;
	}
	*ret_seen = found;
	return status;
}

void
seen_remember(struct carnet_vault *vault, const struct stat *info,
    const char id[CARNET_ID_TEXT])
{
	struct index_seen seen;

	if (!seen_of(info, &seen))
		return;
	if (vault->seen_len == vault->seen_room) {
		size_t room = vault->seen_room == 0 ? 64 : 2 * vault->seen_room;
		struct index_seen *grown =
		    reallocarray(vault->seen, room, sizeof(*grown));

		if (grown == NULL) /* then it is read again */
			return;
		vault->seen = grown;
		vault->seen_room = room;
	}
	memcpy(seen.document, id, sizeof(seen.document));
	vault->seen[vault->seen_len++] = seen;
}
