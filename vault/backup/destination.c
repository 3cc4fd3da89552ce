/* SPDX-License-Identifier: ISC */
/*
 * A backup's folder: what it is, its marker, its lock, opening it with a
 * secret.  Copies nothing.  docs/format.md, "Backup".
 */
#include "backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARKER_FIRST "carnet backup\n"
#define MARKER_VERSION "1\n"
#define MARKER_LEN                                                             \
	(sizeof(MARKER_FIRST) - 1 + 2 * VAULT_ID_LEN + 1 +                     \
	    sizeof(MARKER_VERSION) - 1)
#define MARKER_MAX 4096

void
destination_problem(
    cJSON *problems, const char *kind, const char *id, const char *detail)
{
	const cJSON *problem;

	cJSON_ArrayForEach(problem,
	    problems) if (strcmp(carnet_json_string(problem, "kind"), kind) ==
			      0 &&
			  strcmp(carnet_json_string(problem, "id"), id) ==
			      0) return;
	(void)carnet_problem_add(problems, kind, id, detail);
}

static enum carnet_status
destination_none(struct carnet_error *err)
{
	carnet_fail(err, CARNET_NO_VAULT, CARNET_("there is no backup there"));
	carnet_hint(err, CARNET_("make one with: carnet backup DEST"));
	return CARNET_NO_VAULT;
}

/* --- the marker
 * --------------------------------------------------------------- */

static void
destination_marker(
    const uint8_t vault_id[VAULT_ID_LEN], char text[MARKER_LEN + 1])
{
	char hex[2 * VAULT_ID_LEN + 1];

	hex_encode(vault_id, VAULT_ID_LEN, hex);
	(void)snprintf(
	    text, MARKER_LEN + 1, MARKER_FIRST "%s\n" MARKER_VERSION, hex);
}

enum carnet_status
destination_mark(
    int fd, const uint8_t vault_id[VAULT_ID_LEN], struct carnet_error *err)
{
	char text[MARKER_LEN + 1];
	enum carnet_status status;

	destination_marker(vault_id, text);
	status = files_write(fd, BACKUP_MARKER, text, MARKER_LEN, err);
	if (status == CARNET_OK)
		status = files_sync_folder(fd, ".", err);
	return status;
}

/* CARNET_DAMAGED: it isn't one; CARNET_NOT_FOUND; CARNET_NEWER. */
static enum carnet_status
destination_read_marker(
    int fd, uint8_t ret_id[VAULT_ID_LEN], struct carnet_error *err)
{
	static const size_t first = sizeof(MARKER_FIRST) - 1;
	char hex[2 * VAULT_ID_LEN + 1], whole[MARKER_LEN + 1];
	uint8_t id[VAULT_ID_LEN], *bytes = NULL;
	enum carnet_status status;
	size_t len = 0;

	status = files_load(fd, BACKUP_MARKER, MARKER_MAX, &bytes, &len, err);
	if (status != CARNET_OK)
		return status;
	bytes[len] = '\0'; /* files_load leaves room */
	status = carnet_fail(
	    err, CARNET_DAMAGED, CARNET_("%s is damaged"), BACKUP_MARKER);
	if (len < first + sizeof(hex) ||
	    memcmp(bytes, MARKER_FIRST, first) != 0)
		goto done;
	memcpy(hex, bytes + first, sizeof(hex) - 1);
	hex[sizeof(hex) - 1] = '\0';
	if (!hex_decode(hex, id, sizeof(id)))
		goto done;
	destination_marker(id, whole);
	if (len == MARKER_LEN && memcmp(bytes, whole, MARKER_LEN) == 0) {
		memcpy(ret_id, id, sizeof(id));
		status = CARNET_OK;
	} else if (bytes[first + sizeof(hex) - 1] == '\n' &&
		   strtoul((char *)bytes + first + sizeof(hex), NULL, 10) > 1) {
		status = carnet_fail(err, CARNET_NEWER,
		    CARNET_("this backup was made by a newer carnet"));
		carnet_hint(err, CARNET_("install the newer carnet"));
	}
done:
	free(bytes);
	return status;
}

/* --- what is there
 * -------------------------------------------------------------- */

struct destination_names {
	bool headers, snapshots, other;
};

static enum carnet_status
destination_see(void *context, const char *name, struct carnet_error *err)
{
	struct destination_names *names = context;
	size_t len = strlen(name), tail = sizeof(FILES_TEMPORARY) - 1;

	(void)err;
	if (strcmp(name, "headers") == 0)
		names->headers = true;
	else if (strcmp(name, "snapshots") == 0)
		names->snapshots = true;
	else if (strcmp(name, BACKUP_LOCK) != 0 &&
		 strcmp(name, BACKUP_MARKER) != 0 &&
		 strcmp(name, "lost+found") != 0 &&
		 (len <= tail ||
		     strcmp(name + len - tail, FILES_TEMPORARY) != 0))
		names->other = true;
	return CARNET_OK;
}

enum carnet_status
destination_look(int fd, enum backup_kind *ret_kind,
    uint8_t ret_id[VAULT_ID_LEN], struct carnet_error *err)
{
	struct destination_names names = { 0 };
	enum carnet_status marker, status;

	marker = destination_read_marker(fd, ret_id, err);
	if (marker == CARNET_OK) {
		*ret_kind = BACKUP_THERE;
		return CARNET_OK;
	}
	if (marker != CARNET_DAMAGED && marker != CARNET_NOT_FOUND)
		return marker;
	status = files_each(fd, ".", destination_see, &names, err);
	if (status != CARNET_OK)
		return status;
	if (names.headers && names.snapshots)
		*ret_kind = BACKUP_UNMARKED;
	else if (names.other || marker == CARNET_DAMAGED)
		*ret_kind = BACKUP_STRANGER;
	else
		*ret_kind = BACKUP_EMPTY;
	return CARNET_OK;
}

static enum carnet_status
destination_count(void *context, const char *name, struct carnet_error *err)
{
	(void)err;
	*(size_t *)context += snapshot_is_id(name) ? 1 : 0;
	return CARNET_OK;
}

/* Without a manifest, whole or not, no backup was ever finished. */
static enum carnet_status
destination_open(const char *path, int *ret_fd, bool *ret_has_id,
    uint8_t ret_id[VAULT_ID_LEN], struct carnet_error *err)
{
	enum backup_kind kind = BACKUP_EMPTY;
	enum carnet_status status;
	size_t snapshots = 0;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return destination_none(err);
	if (fd < 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("cannot open the backup's folder"));
	status = destination_look(fd, &kind, ret_id, err);
	if (status == CARNET_OK &&
	    (kind == BACKUP_EMPTY || kind == BACKUP_STRANGER))
		status = destination_none(err);
	if (status == CARNET_OK)
		status = files_each(
		    fd, "snapshots", destination_count, &snapshots, err);
	if (status == CARNET_OK && snapshots == 0)
		status = destination_none(err);
	if (status != CARNET_OK) {
		(void)close(fd);
		return status;
	}
	*ret_fd = fd;
	*ret_has_id = kind == BACKUP_THERE;
	return CARNET_OK;
}

enum carnet_status
carnet_backup_probe(const char *path, struct carnet_error *err)
{
	char text[33];

	return carnet_backup_probe_id(path, text, err);
}

enum carnet_status
carnet_backup_probe_id(
    const char *path, char text[33], struct carnet_error *err)
{
	uint8_t id[VAULT_ID_LEN];
	enum carnet_status status;
	bool has_id = false;
	int fd = -1;

	status = destination_open(path, &fd, &has_id, id, err);
	if (status != CARNET_OK)
		return status;
	(void)close(fd);
	text[0] = '\0';
	if (has_id)
		hex_encode(id, VAULT_ID_LEN, text);
	return CARNET_OK;
}

enum carnet_status
destination_lock(int fd, const struct carnet_waiter *waiter, int *ret_fd,
    struct carnet_error *err)
{
	int lock = openat(
	    fd, BACKUP_LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int code, how = LOCK_EX | LOCK_NB;

	if (lock < 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("cannot write to the backup's folder"));
	for (;;) {
		do
			code = flock(lock, how);
		while (code != 0 && errno == EINTR);
		if (code == 0 || errno != EWOULDBLOCK || waiter == NULL ||
		    !waiter->wait(waiter->context))
			break;
		how = LOCK_EX;
	}
	if (code == 0) {
		*ret_fd = lock;
		return CARNET_OK;
	}
	code = errno;
	(void)close(lock);
	if (code == EWOULDBLOCK) {
		carnet_fail(err, CARNET_LOCKED,
		    CARNET_("another backup is being written there"));
		carnet_hint(err, CARNET_("wait until it is done"));
		return CARNET_LOCKED;
	}
	if (code == ENOLCK || code == EOPNOTSUPP || code == ENOSYS) {
		*ret_fd = -1; /* a disk without locks */
		return CARNET_OK;
	}
	return carnet_fail_errno(err, code, BACKUP_LOCK);
}

/* --- names ------------------------------------------------------------------
 */

void
destination_segment_path(
    const uint8_t hash[HASH_LEN], char path[BACKUP_SEGMENT_TEXT])
{
	char hex[2 * HASH_LEN + 1];

	hex_encode(hash, HASH_LEN, hex);
	(void)snprintf(path, BACKUP_SEGMENT_TEXT, "ledger/%s", hex);
}

/* --- open and close ---------------------------------------------------------
 */

enum carnet_status
carnet_backup_open(const char *path, const struct carnet_unlock *unlock,
    struct carnet_backup **ret_backup, struct carnet_error *err)
{
	struct carnet_backup *backup = calloc(1, sizeof(*backup));
	enum carnet_status status;

	if (backup == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	backup->fd = -1;
	backup->by_words = unlock->words != NULL;
	status = destination_open(
	    path, &backup->fd, &backup->has_id, backup->vault_id, err);
	if (status == CARNET_OK)
		status = destination_unlock(backup, unlock, err);
	if (status == CARNET_OK)
		status = keys_derive(backup->master, &backup->keys, err);
	if (status != CARNET_OK) {
		carnet_backup_close(backup);
		return status;
	}
	*ret_backup = backup;
	return CARNET_OK;
}

void
carnet_backup_close(struct carnet_backup *backup)
{
	if (backup == NULL)
		return;
	keys_free(backup->keys);
	secret_free(backup->master);
	header_free(backup->header);
	if (backup->fd >= 0)
		(void)close(backup->fd);
	free(backup);
}
