/* SPDX-License-Identifier: ISC */
/*
 * Takes a file out of a cloud's folder into the vault: stored, committed,
 * read back and compared byte for byte, and only then removed there.  What
 * the provider keeps is out of reach.  The contract is in scan.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "add_walk.h"
#include "reading.h"
#include "scan.h"

struct adopt_compare {
	int fd;
	off_t at;
	bool same;
};

/* One stored piece against the same bytes of the file. */
static bool
adopt_compare(void *context, const uint8_t *bytes, size_t len)
{
	struct adopt_compare *compare = context;
	uint8_t own[16384];

	while (len > 0 && compare->same) {
		size_t want = len < sizeof(own) ? len : sizeof(own);
		ssize_t n = pread(compare->fd, own, want, compare->at);

		if (n < 0 && errno == EINTR)
			continue;
		compare->same = n > 0 && memcmp(own, bytes, (size_t)n) == 0;
		if (n <= 0)
			break;
		bytes += n;
		len -= (size_t)n;
		compare->at += n;
	}
	return compare->same;
}

static enum carnet_status
adopt_changed(struct session *session)
{
	return carnet_fail(&session->err, CARNET_CHANGED,
	    _("stored, but not removed there: what lies there now is not "
	      "what was stored"));
}

static bool
adopt_is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Whether the vault gives back what the file holds now. */
static enum carnet_status
adopt_verify(struct session *session, const char *id, int dir_fd,
    const char *name, int fd, const struct stat *before)
{
	struct adopt_compare compare = { .fd = fd, .same = true };
	struct stat opened, named;
	enum carnet_status status = carnet_document_read(
	    session->vault, id, adopt_compare, &compare, &session->err);

	if (!compare.same)
		return adopt_changed(session);
	if (status != CARNET_OK)
		return status;
	if (fstat(fd, &opened) != 0 ||
	    fstatat(dir_fd, name, &named, AT_SYMLINK_NOFOLLOW) != 0)
		return carnet_fail_errno(
		    &session->err, errno, _("stored, but not removed there"));
	if (compare.at != opened.st_size || !adopt_is_same(before, &opened) ||
	    !adopt_is_same(before, &named))
		return adopt_changed(session);
	return CARNET_OK;
}

static enum carnet_status
adopt_store(struct session *session, const char *name, int fd,
    char ret_id[CARNET_ID_TEXT])
{
	cJSON *meta = cJSON_CreateObject();
	struct reading_outcome outcome;
	uint64_t size = 0, new_bytes = 0;
	bool duplicate = false;
	char source[1024];
	enum carnet_status status;

	text_valid_utf8(name, source, sizeof(source));
	json_add_text(meta, "person", session->person);
	json_add_text(meta, "source", source);
	status = carnet_document_add(session->vault, fd, meta, ret_id, &size,
	    &new_bytes, &duplicate, &session->err);
	if (status == CARNET_OK)
		status = carnet_commit(session->vault, &session->err);
	if (status != CARNET_OK || duplicate)
		return status;
	status = reading_do(session, ret_id, size, &outcome);
	if (status == CARNET_OK)
		status = carnet_commit(session->vault, &session->err);
	return status;
}

enum carnet_status
scan_adopt(struct session *session, int dir_fd, const char *name, int fd,
    char ret_id[CARNET_ID_TEXT])
{
	struct stat before;
	enum carnet_status status;

	if (fstat(fd, &before) != 0 || lseek(fd, 0, SEEK_SET) != 0)
		return carnet_fail_errno(
		    &session->err, errno, _("cannot read"));
	status = adopt_store(session, name, fd, ret_id);
	if (status == CARNET_OK)
		status =
		    adopt_verify(session, ret_id, dir_fd, name, fd, &before);
	if (status != CARNET_OK)
		return status;
	if (unlinkat(dir_fd, name, 0) != 0)
		return carnet_fail_errno(
		    &session->err, errno, _("stored, but not removed there"));
	(void)fsync(dir_fd);
	return CARNET_OK;
}
