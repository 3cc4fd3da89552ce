/* SPDX-License-Identifier: ISC */
/*
 * The two copies in a vault's folder: read, judged, written one after the
 * other.  Holds no lock: the caller does.  The contract is in header.h.
 */
#include "header_record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_COPIES 2

static const struct {
	const char *name;
	const char *temporary;
} header_files[HEADER_COPIES] = {
	{ "carnet.head", "carnet.head.new" },
	{ "carnet.head.1", "carnet.head.1.new" },
};

/* What became of one copy. */
struct header_copy {
	struct header *header;
	enum carnet_status status;
	struct carnet_error err;
};

/* Reads up to HEADER_MAX_LEN + 1 bytes of an open file. */
static enum carnet_status
header_read_fd(int fd, const char *name, uint8_t *bytes, size_t *ret_len,
    struct carnet_error *err)
{
	size_t len = 0;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("reading %s"), name);
	if (!S_ISREG(st.st_mode))
		return carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("%s isn't a regular file"), name);
	while (len < HEADER_MAX_LEN + 1) {
		ssize_t got = read(fd, bytes + len, HEADER_MAX_LEN + 1 - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return carnet_fail_errno(
			    err, errno, CARNET_("reading %s"), name);
		if (got == 0)
			break;
		len += (size_t)got;
	}
	*ret_len = len;
	return CARNET_OK;
}

/* The bytes of one copy; the caller frees.  CARNET_NOT_FOUND: no such file. */
static enum carnet_status
header_read_file(int dir_fd, const char *name, uint8_t **ret_bytes,
    size_t *ret_len, struct carnet_error *err)
{
	uint8_t *bytes = NULL;
	enum carnet_status status;
	int fd;

	/* O_NONBLOCK: a FIFO of this name must not hold us */
	fd = openat(dir_fd, name,
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ENOENT)
		return carnet_fail(
		    err, CARNET_NOT_FOUND, CARNET_("%s is missing"), name);
	if (fd < 0 && (errno == ELOOP || errno == ENXIO))
		return carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("%s isn't a regular file"), name);
	if (fd < 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("opening %s"), name);
	bytes = malloc(HEADER_MAX_LEN + 1);
	if (bytes == NULL)
		status = carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("no memory for the header"));
	else
		status = header_read_fd(fd, name, bytes, ret_len, err);
	(void)close(fd);
	if (status != CARNET_OK)
		free(bytes);
	else
		*ret_bytes = bytes;
	return status;
}

enum carnet_status
header_load_copy(int dir_fd, unsigned copy, struct header **ret_header,
    struct carnet_error *err)
{
	enum carnet_status status;
	uint8_t *bytes = NULL;
	size_t len = 0;

	if (copy >= HEADER_COPIES)
		return carnet_fail(
		    err, CARNET_NOT_FOUND, CARNET_("a header has two copies"));
	status = header_read_file(
	    dir_fd, header_files[copy].name, &bytes, &len, err);
	if (status == CARNET_OK)
		status = header_parse(bytes, len, ret_header, err);
	free(bytes);
	return status;
}

/* The error when no copy can be read. */
static enum carnet_status
header_fail_both(
    const struct header_copy copies[HEADER_COPIES], struct carnet_error *err)
{
	if (copies[0].status == CARNET_NOT_FOUND &&
	    copies[1].status == CARNET_NOT_FOUND)
		return carnet_fail(
		    err, CARNET_NO_VAULT, CARNET_("there is no vault here"));
	for (size_t i = 0; i < HEADER_COPIES; i++)
		if (copies[i].status != CARNET_DAMAGED &&
		    copies[i].status != CARNET_NOT_FOUND) {
			if (err != NULL)
				*err = copies[i].err;
			return copies[i].status;
		}
	(void)carnet_fail(err, CARNET_DAMAGED,
	    CARNET_("both copies of the vault's header are damaged"));
	carnet_hint(
	    err, CARNET_("Every backup of the vault has copies of it."));
	return CARNET_DAMAGED;
}

/* Which of two good copies to use.  May take the other's MAC as well. */
static enum carnet_status
header_choose(struct header_copy copies[HEADER_COPIES], size_t *ret_chosen,
    unsigned *ret_bad, struct carnet_error *err)
{
	struct header *a = copies[0].header, *b = copies[1].header;

	if (memcmp(a->id, b->id, VAULT_ID_LEN) != 0) {
		(void)carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("%s and %s belong to different vaults"),
		    header_files[0].name, header_files[1].name);
		carnet_hint(
		    err, CARNET_("Move the one that was put here by mistake "
				 "away."));
		return CARNET_DAMAGED;
	}
	*ret_chosen = b->sequence > a->sequence ? 1 : 0;
	*ret_bad = 0;
	if (a->sequence != b->sequence)
		return CARNET_OK;
	if (a->json_len != b->json_len ||
	    memcmp(a->json, b->json, a->json_len) != 0) {
		/* never written by one carnet: the first counts */
		*ret_bad = 1U << 1;
	} else if (!bytes_equal(a->macs[0], b->macs[0], HASH_LEN)) {
		memcpy(a->macs[1], b->macs[0], HASH_LEN);
		a->macs_len = 2;
		*ret_bad = 1U << 0 | 1U << 1;
	}
	return CARNET_OK;
}

enum carnet_status
header_load(int dir_fd, struct header **ret_header, unsigned *ret_bad,
    struct carnet_error *err)
{
	struct header_copy *copies = calloc(HEADER_COPIES, sizeof(*copies));
	enum carnet_status status = CARNET_OK;
	size_t good = 0, chosen = 0;
	unsigned bad = 0;

	if (copies == NULL)
		return carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("no memory for the header"));
	for (size_t i = 0; i < HEADER_COPIES; i++) {
		copies[i].status = header_load_copy(
		    dir_fd, (unsigned)i, &copies[i].header, &copies[i].err);
		if (copies[i].status == CARNET_OK) {
			good++;
			chosen = i;
		} else
			bad |= 1U << i;
		/* what a newer carnet began isn't ours to undo */
		if (copies[i].status == CARNET_NEWER ||
		    copies[i].status == CARNET_NO_MEMORY) {
			status = copies[i].status;
			if (err != NULL)
				*err = copies[i].err;
		}
	}
	if (status == CARNET_OK && good == 0)
		status = header_fail_both(copies, err);
	if (status == CARNET_OK && good == HEADER_COPIES)
		status = header_choose(copies, &chosen, &bad, err);
	if (status == CARNET_OK) {
		*ret_header = copies[chosen].header;
		copies[chosen].header = NULL;
		*ret_bad = bad;
	}
	for (size_t i = 0; i < HEADER_COPIES; i++)
		header_free(copies[i].header);
	free(copies);
	return status;
}

enum carnet_status
header_check(int dir_fd, const struct secret *master, unsigned *ret_bad,
    struct carnet_error *err)
{
	unsigned bad = 0;

	for (unsigned i = 0; i < HEADER_COPIES; i++) {
		struct header *header = NULL;
		enum carnet_status status;

		status = header_load_copy(dir_fd, i, &header, err);
		if (status == CARNET_OK)
			status = header_verify(header, master, err);
		header_free(header);
		if (status == CARNET_NEWER || status == CARNET_NO_MEMORY)
			return status;
		if (status != CARNET_OK)
			bad |= 1U << i;
	}
	*ret_bad = bad;
	return CARNET_OK;
}

static enum carnet_status
header_write_fd(int fd, const char *name, const uint8_t *bytes, size_t len,
    struct carnet_error *err)
{
	while (len > 0) {
		ssize_t put = write(fd, bytes, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return carnet_fail_errno(
			    err, errno, CARNET_("writing %s"), name);
		bytes += put;
		len -= (size_t)put;
	}
	if (fsync(fd) != 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("writing %s"), name);
	return CARNET_OK;
}

static enum carnet_status
header_sync_folder(int dir_fd, struct carnet_error *err)
{
	/* EINVAL: a file system that can't sync a folder */
	if (fsync(dir_fd) != 0 && errno != EINVAL)
		return carnet_fail_errno(
		    err, errno, CARNET_("writing the vault's folder"));
	return CARNET_OK;
}

/* Replaces one copy; when it returns CARNET_OK the copy is durable. */
static enum carnet_status
header_write_file(int dir_fd, size_t copy, const uint8_t *bytes, size_t len,
    struct carnet_error *err)
{
	const char *name = header_files[copy].name;
	const char *temporary = header_files[copy].temporary;
	enum carnet_status status;
	int fd;

	if (unlinkat(dir_fd, temporary, 0) != 0 && errno != ENOENT)
		return carnet_fail_errno(
		    err, errno, CARNET_("writing %s"), name);
	fd = openat(dir_fd, temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("writing %s"), name);
	status = header_write_fd(fd, name, bytes, len, err);
	/* some network file systems report a full disk only here */
	if (close(fd) != 0 && status == CARNET_OK)
		status =
		    carnet_fail_errno(err, errno, CARNET_("writing %s"), name);
	if (status == CARNET_OK &&
	    renameat(dir_fd, temporary, dir_fd, name) != 0)
		status =
		    carnet_fail_errno(err, errno, CARNET_("writing %s"), name);
	if (status != CARNET_OK) {
		(void)unlinkat(dir_fd, temporary, 0);
		return status;
	}
	return header_sync_folder(dir_fd, err);
}

enum carnet_status
header_store(int dir_fd, struct header *header, const struct secret *master,
    struct carnet_error *err)
{
	enum carnet_status status;
	uint8_t *bytes = NULL;
	size_t len = 0;

	if (header->sequence >= HEADER_MAX_SEQUENCE)
		return carnet_fail(err, CARNET_FAILED,
		    CARNET_("the header was written too often"));
	status = header_seal(
	    header, header->sequence + 1, master, &bytes, &len, err);
	if (status != CARNET_OK)
		return status;
	status = header_write_file(dir_fd, 0, bytes, len, err);
	if (status == CARNET_OK)
		status =
		    header_adopt(header, header->sequence + 1, bytes, len, err);
	if (status == CARNET_OK)
		status = header_write_file(dir_fd, 1, bytes, len, err);
	free(bytes);
	return status;
}

/* Whether a copy already has exactly these bytes. */
static bool
header_file_is(int dir_fd, const char *name, const uint8_t *bytes, size_t len)
{
	uint8_t *there = NULL;
	size_t there_len = 0;
	bool is_same;

	if (header_read_file(dir_fd, name, &there, &there_len, NULL) !=
	    CARNET_OK)
		return false;
	is_same = there_len == len && bytes_equal(there, bytes, len);
	free(there);
	return is_same;
}

enum carnet_status
header_mend(int dir_fd, const struct header *header,
    const struct secret *master, struct carnet_error *err)
{
	enum carnet_status status;
	uint8_t *bytes = NULL;
	size_t len = 0;

	if (header->is_changed)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("the header has changes that weren't stored"));
	status = header_encode(header, master, &bytes, &len, err);
	for (size_t i = 0; i < HEADER_COPIES && status == CARNET_OK; i++) {
		if (!header_file_is(dir_fd, header_files[i].name, bytes, len))
			status = header_write_file(dir_fd, i, bytes, len, err);
		(void)unlinkat(dir_fd, header_files[i].temporary, 0);
	}
	free(bytes);
	return status;
}
