/* SPDX-License-Identifier: ISC */
/*
 * The ledger's files: listing, reading and writing whole segments.
 * Opens no record.  The contract is in ledger.h and ledger_files.h.
 */
#include "ledger_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
ledger_path(const uint8_t device[DEVICE_ID_LEN], uint64_t segment,
    uint32_t revision, char path[LEDGER_PATH_TEXT])
{
	char hex[DEVICE_ID_TEXT];

	hex_encode(device, DEVICE_ID_LEN, hex);
	if (revision == 0)
		(void)snprintf(
		    path, LEDGER_PATH_TEXT, "ledger/%s/%" PRIu64, hex, segment);
	else
		(void)snprintf(path, LEDGER_PATH_TEXT,
		    "ledger/%s/%" PRIu64 ".%" PRIu32, hex, segment, revision);
}

void
ledger_file_name(const struct ledger *ledger, const struct ledger_file *file,
    struct segment_name *ret_name)
{
	memset(ret_name, 0, sizeof(*ret_name));
	memcpy(ret_name->vault, ledger->vault_id, sizeof(ret_name->vault));
	memcpy(ret_name->device, file->device, DEVICE_ID_LEN);
	ret_name->number = file->segment;
	ret_name->revision = file->revision;
}

const struct ledger_cursor *
ledger_cursor_find(const struct ledger_cursor *cursors, size_t len,
    const uint8_t device[DEVICE_ID_LEN])
{
	for (size_t i = 0; i < len; i++)
		if (memcmp(cursors[i].device, device, DEVICE_ID_LEN) == 0)
			return &cursors[i];
	return NULL;
}

uint64_t
ledger_known_end(
    const struct ledger_cursor *known, const struct ledger_file *file)
{
	if (known == NULL || known->segment < file->segment)
		return 0;
	/* of another revision, only that all of it was known once */
	if (known->segment > file->segment || known->revision != file->revision)
		return UINT64_MAX;
	return known->end;
}

/* Strict decimal without a leading zero; moves *text behind it. */
static bool
ledger_files_number(const char **text, uint64_t limit, uint64_t *ret)
{
	const char *at = *text;
	uint64_t value = 0;

	if (*at < '1' || *at > '9')
		return false;
	for (; *at >= '0' && *at <= '9'; at++) {
		value = value * 10 + (uint64_t)(*at - '0');
		if (value > limit)
			return false;
	}
	*text = at;
	*ret = value;
	return true;
}

static bool
ledger_files_parse(
    const char *name, uint64_t *ret_segment, uint32_t *ret_revision)
{
	uint64_t revision = 0;

	if (!ledger_files_number(&name, UINT64_C(1) << 40, ret_segment))
		return false;
	if (*name == '.') {
		name++;
		if (!ledger_files_number(&name, UINT32_MAX, &revision))
			return false;
	}
	*ret_revision = (uint32_t)revision;
	return *name == '\0';
}

static int
ledger_files_compare(const void *left, const void *right)
{
	const struct ledger_file *a = left, *b = right;
	int order = memcmp(a->device, b->device, DEVICE_ID_LEN);

	if (order != 0)
		return order;
	if (a->segment != b->segment)
		return a->segment < b->segment ? -1 : 1;
	if (a->revision != b->revision)
		return a->revision > b->revision ? -1 : 1;
	return 0;
}

struct ledger_listing {
	struct ledger_file *files;
	size_t len, room;
};

static enum carnet_status
ledger_listing_add(struct ledger_listing *listing,
    const struct ledger_file *file, struct carnet_error *err)
{
	if (listing->len == listing->room) {
		size_t room = listing->room == 0 ? 16 : listing->room * 2;
		struct ledger_file *files =
		    reallocarray(listing->files, room, sizeof(*files));

		if (files == NULL)
			return carnet_fail_errno(err, ENOMEM, "ledger");
		listing->files = files;
		listing->room = room;
	}
	listing->files[listing->len++] = *file;
	return CARNET_OK;
}

/* Adds one device's segments. */
static enum carnet_status
ledger_listing_device(struct ledger_listing *listing, int ledger_fd,
    const char *hex, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	struct ledger_file file = { 0 };
	struct dirent *entry;
	struct stat info;
	DIR *dir;
	int fd;

	if (strlen(hex) != DEVICE_ID_TEXT - 1 ||
	    !hex_decode(hex, file.device, DEVICE_ID_LEN))
		return CARNET_OK;
	fd = openat(
	    ledger_fd, hex, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		int saved = errno;

		if (fd >= 0)
			(void)close(fd);
		return carnet_fail_errno(
		    err, saved, CARNET_("cannot open the ledger's folder"));
	}
	while (
	    status == CARNET_OK && (errno = 0, entry = readdir(dir)) != NULL) {
		if (!ledger_files_parse(
			entry->d_name, &file.segment, &file.revision))
			continue;
		ledger_path(
		    file.device, file.segment, file.revision, file.path);
		/* passed over, a segment would count as missing */
		if (fstatat(fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) !=
		    0) {
			if (errno != ENOENT)
				status = carnet_fail_errno(
				    err, errno, "%s", file.path);
			continue;
		}
		if (!S_ISREG(info.st_mode))
			continue;
		file.size = (uint64_t)info.st_size;
		status = ledger_listing_add(listing, &file, err);
	}
	if (status == CARNET_OK && errno != 0)
		status = carnet_fail_errno(
		    err, errno, CARNET_("cannot open the ledger's folder"));
	(void)closedir(dir);
	return status;
}

/* Keeps the newest revision of each segment, or all but these. */
static void
ledger_listing_sort(struct ledger_listing *listing, bool older)
{
	struct ledger_file newest = { 0 };
	size_t kept = 0;

	if (listing->len == 0)
		return;
	qsort(listing->files, listing->len, sizeof(*listing->files),
	    ledger_files_compare);
	for (size_t i = 0; i < listing->len; i++) {
		const struct ledger_file *file = &listing->files[i];

		bool is_older =
		    i > 0 && newest.segment == file->segment &&
		    memcmp(newest.device, file->device, DEVICE_ID_LEN) == 0;

		if (!is_older)
			newest = *file;
		if (is_older != older)
			continue;
		listing->files[kept++] = *file;
	}
	listing->len = kept;
}

static enum carnet_status
ledger_list_files(int vault_fd, bool older, struct ledger_file **ret_files,
    size_t *ret_len, struct carnet_error *err)
{
	struct ledger_listing listing = { 0 };
	enum carnet_status status = CARNET_OK;
	struct dirent *entry;
	DIR *dir;
	int fd;

	fd = openat(vault_fd, "ledger", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		int saved = errno;

		if (fd >= 0)
			(void)close(fd);
		if (saved == ENOENT)
			return carnet_fail(err, CARNET_DAMAGED,
			    CARNET_("the ledger's folder is missing"));
		return carnet_fail_errno(
		    err, saved, CARNET_("cannot open the ledger's folder"));
	}
	while (status == CARNET_OK && (errno = 0, entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			status = ledger_listing_device(
			    &listing, fd, entry->d_name, err);
	if (status == CARNET_OK && errno != 0)
		status = carnet_fail_errno(
		    err, errno, CARNET_("cannot open the ledger's folder"));
	(void)closedir(dir);
	if (status != CARNET_OK) {
		free(listing.files);
		return status;
	}
	ledger_listing_sort(&listing, older);
	*ret_files = listing.files;
	*ret_len = listing.len;
	return CARNET_OK;
}

enum carnet_status
ledger_list(int vault_fd, struct ledger_file **ret_files, size_t *ret_len,
    struct carnet_error *err)
{
	return ledger_list_files(vault_fd, false, ret_files, ret_len, err);
}

enum carnet_status
ledger_list_older(int vault_fd, struct ledger_file **ret_files, size_t *ret_len,
    struct carnet_error *err)
{
	return ledger_list_files(vault_fd, true, ret_files, ret_len, err);
}

enum carnet_status
ledger_file_load(int vault_fd, const char *path, uint8_t **ret_bytes,
    size_t *ret_len, struct carnet_error *err)
{
	int fd = openat(vault_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	enum carnet_status status = CARNET_OK;
	uint8_t *bytes = NULL;
	struct stat info;
	size_t got = 0;

	if (fd < 0)
		return carnet_fail_errno(err, errno, "%s", path);
	if (fstat(fd, &info) != 0) {
		status = carnet_fail_errno(err, errno, "%s", path);
		goto done;
	}
	if (info.st_size > (off_t)SEGMENT_MAX_FILE) {
		status = carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("%s: too large for a segment"), path);
		goto done;
	}
	bytes = malloc((size_t)info.st_size + 1);
	if (bytes == NULL) {
		status = carnet_fail_errno(err, ENOMEM, "%s", path);
		goto done;
	}
	while (got < (size_t)info.st_size) {
		ssize_t n = pread(
		    fd, bytes + got, (size_t)info.st_size - got, (off_t)got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			status = carnet_fail_errno(err, errno, "%s", path);
			goto done;
		}
		if (n == 0)
			break;
		got += (size_t)n;
	}
	*ret_bytes = bytes;
	*ret_len = got;
	bytes = NULL;
done:
	free(bytes);
	(void)close(fd);
	return status;
}

enum carnet_status
ledger_file_write_at(int fd, const char *path, const uint8_t *bytes, size_t len,
    uint64_t position, struct carnet_error *err)
{
	size_t put = 0;

	while (put < len) {
		ssize_t n =
		    pwrite(fd, bytes + put, len - put, (off_t)(position + put));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return carnet_fail_errno(err, errno, "%s", path);
		put += (size_t)n;
	}
	return CARNET_OK;
}

enum carnet_status
ledger_sync_folder(int vault_fd, const char *path, struct carnet_error *err)
{
	int fd = openat(vault_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int saved = 0;

	if (fd < 0)
		return carnet_fail_errno(err, errno, "%s", path);
	if (fsync(fd) != 0)
		saved = errno;
	(void)close(fd);
	if (saved != 0)
		return carnet_fail_errno(err, saved, "%s", path);
	return CARNET_OK;
}
