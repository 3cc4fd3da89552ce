/* SPDX-License-Identifier: ISC */
/*
 * A vault's life: opening and closing; made in create.c.  What happens inside
 * is in commit.c, document.c, replay.c; the index that it answers from is
 * level.c's.  The contract is include/carnet.h.
 */
#include "vault.h"
#include "parallel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
vault_warn(struct carnet_vault *vault, const char *text)
{
	cJSON *item = cJSON_CreateString(text);

	if (item == NULL || !cJSON_AddItemToArray(vault->warnings, item))
		cJSON_Delete(item);
}

static enum carnet_status
vault_none(struct carnet_error *err)
{
	carnet_fail(err, CARNET_NO_VAULT, CARNET_("there is no vault there"));
	carnet_hint(err, CARNET_("make one with: carnet init --person NAME; "
				 "or name another place with --vault DIR"));
	return CARNET_NO_VAULT;
}

enum carnet_status
vault_open_folder(
    const char *path, int *ret_fd, char **ret_path, struct carnet_error *err)
{
	char *real = realpath(path, NULL);
	int fd;

	if (real == NULL && (errno == ENOENT || errno == ENOTDIR))
		return vault_none(err);
	if (real == NULL)
		return carnet_fail_errno(
		    err, errno, CARNET_("cannot open the vault's folder"));
	fd = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		int saved = errno;

		free(real);
		if (saved == ENOTDIR)
			return vault_none(err);
		return carnet_fail_errno(
		    err, saved, CARNET_("cannot open the vault's folder"));
	}
	*ret_fd = fd;
	*ret_path = real;
	return CARNET_OK;
}

enum carnet_status
vault_write_file(int dir_fd, const char *name, const void *bytes, size_t len,
    struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	const uint8_t *at = bytes;
	char temporary[64];
	int fd;

	(void)snprintf(temporary, sizeof(temporary), ".%s.new", name);
	(void)unlinkat(dir_fd, temporary, 0);
	fd = openat(dir_fd, temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return carnet_fail_errno(err, errno, "%s", name);
	while (len > 0 && status == CARNET_OK) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			status = carnet_fail_errno(err, errno, "%s", name);
			break;
		}
		at += n;
		len -= (size_t)n;
	}
	if (status == CARNET_OK && fsync(fd) != 0)
		status = carnet_fail_errno(err, errno, "%s", name);
	(void)close(fd);
	if (status == CARNET_OK &&
	    renameat(dir_fd, temporary, dir_fd, name) != 0)
		status = carnet_fail_errno(err, errno, "%s", name);
	if (status == CARNET_OK && fsync(dir_fd) != 0)
		status = carnet_fail_errno(err, errno, "%s", name);
	if (status != CARNET_OK)
		(void)unlinkat(dir_fd, temporary, 0);
	return status;
}

void
vault_tell(struct carnet_vault *vault, uint64_t done, uint64_t total)
{
	if (vault->progress != NULL)
		vault->progress(vault->progress_context, done, total);
}

/* --- opening ---------------------------------------------------------------
 */

struct carnet_vault *
vault_new_handle(struct carnet_error *err)
{
	struct carnet_vault *vault = calloc(1, sizeof(*vault));
	cJSON *warnings = cJSON_CreateArray();

	if (vault == NULL || warnings == NULL) {
		cJSON_Delete(warnings);
		free(vault);
		(void)carnet_fail_errno(err, ENOMEM, CARNET_("vault"));
		return NULL;
	}
	vault->fd = vault->lock_fd = vault->packs_fd = -1;
	vault->warnings = warnings;
	return vault;
}

void
carnet_vault_close(struct carnet_vault *vault)
{
	if (vault == NULL)
		return;
	follow_end(vault);
	known_forget(vault);
	carnet_discard(vault);
	free(vault->queue);
	free(vault->seen);
	store_free(vault->store);
	index_close(vault->index);
	ledger_free(vault->ledger);
	keys_free(vault->keys);
	secret_free(vault->master);
	secret_free(vault->device_secret);
	header_free(vault->header);
	cJSON_Delete(vault->warnings);
	if (vault->lock_fd >= 0)
		(void)close(vault->lock_fd);
	if (vault->packs_fd >= 0)
		(void)close(vault->packs_fd);
	if (vault->fd >= 0)
		(void)close(vault->fd);
	free(vault->path);
	free(vault);
}

enum carnet_status
carnet_vault_probe(const char *path, struct carnet_error *err)
{
	char text[33];

	return carnet_vault_probe_id(path, text, err);
}

enum carnet_status
carnet_vault_probe_id(const char *path, char text[33], struct carnet_error *err)
{
	struct header *header = NULL;
	enum carnet_status status;
	char *real = NULL;
	unsigned bad;
	int fd;

	status = vault_open_folder(path, &fd, &real, err);
	if (status != CARNET_OK)
		return status;
	status = header_load(fd, &header, &bad, err);
	if (status == CARNET_NO_VAULT)
		status = vault_none(err);
	if (status == CARNET_OK)
		hex_encode(header_id(header), VAULT_ID_LEN, text);
	header_free(header);
	free(real);
	(void)close(fd);
	return status;
}

static enum carnet_status
vault_unlock(struct carnet_vault *vault, const struct carnet_unlock *unlock,
    struct carnet_error *err)
{
	if (unlock->master != NULL) {
		vault->master = secret_from(
		    secret_peek(unlock->master), secret_len(unlock->master));
		if (vault->master == NULL)
			return carnet_fail_errno(err, ENOMEM, "vault");
		return header_verify(vault->header, vault->master, err);
	}
	if (unlock->words != NULL) {
		vault->by_words = true;
		return header_open_words(vault->header, unlock->words,
		    &vault->master, vault->slot, err);
	}
	if (unlock->keyfile != NULL) {
		vault->by_words = true;
		return header_open_keyfile(vault->header, unlock->keyfile,
		    &vault->master, vault->slot, err);
	}
	return header_open_passphrase(vault->header, unlock->passphrase,
	    &vault->master, vault->slot, err);
}

/* An answer's bytes, for apply. */
static enum carnet_status
vault_load_answer(void *context, const struct content *content,
    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err)
{
	struct carnet_vault *vault = context;
	enum carnet_status status;

	if (vault->store == NULL)
		return CARNET_NOT_FOUND;
	status = store_get_bytes(
	    vault->store, content, (size_t)64 << 20, ret_bytes, ret_len, err);
	if (status != CARNET_IO || vault->committing)
		return status;
	/* a disk that can't read one pack must not shut the whole vault */
	vault->damaged = vault->packs_unreadable = true;
	vault_warn(vault, CARNET_("the text that was read out of a document "
				  "can't be read now: see carnet check"));
	return CARNET_DAMAGED;
}

static int
vault_find_chunk(
    void *context, const struct chunk_name *name, struct chunk_place *ret_place)
{
	struct carnet_vault *vault = context;
	int found;

	if (vault->index == NULL)
		return 0;
	found = index_find_chunk(vault->index, name, ret_place);
	if (found == INDEX_HURT && level_heal(vault))
		found = index_find_chunk(vault->index, name, ret_place);
	return found;
}

enum carnet_status
vault_missing_chunks(struct carnet_vault *vault, const struct content *content,
    size_t *ret_missing, struct carnet_error *err)
{
	struct chunk_name *names = NULL;
	struct chunk_place place;
	size_t len = 0, missing = 0;
	enum carnet_status status =
	    store_content_names(vault->store, content, &names, &len, err);

	for (size_t i = 0; i < len; i++)
		if (index_find_chunk(vault->index, &names[i], &place) != 1)
			missing++;
	free(names);
	*ret_missing = missing;
	return status;
}

enum carnet_status
vault_make_store(struct carnet_vault *vault, struct carnet_error *err)
{
	enum carnet_status status;

	vault->places.context = vault;
	vault->places.find = vault_find_chunk;
	vault->places.lacks = known_lacks_chunk;
	vault->answers.context = vault;
	vault->answers.load = vault_load_answer;
	status = store_open(
	    vault->fd, vault->keys, &vault->places, &vault->store, err);
	if (status == CARNET_OK)
		store_set_threads(vault->store, parallel_cores());
	return status;
}

/* One copy is not there and nothing stands in its place: what an init or a
 * restore leaves that was cut off between the two. */
static bool
vault_header_is_half(int fd)
{
	struct stat info;

	return (fstatat(fd, "carnet.head", &info, AT_SYMLINK_NOFOLLOW) != 0 &&
		   errno == ENOENT) ||
	       (fstatat(fd, "carnet.head.1", &info, AT_SYMLINK_NOFOLLOW) != 0 &&
		   errno == ENOENT);
}

enum carnet_status
vault_open_bare(const char *path, const struct carnet_unlock *unlock,
    enum carnet_access access, const struct carnet_waiter *waiter,
    struct carnet_vault **ret_vault, struct carnet_error *err)
{
	struct carnet_vault *vault = vault_new_handle(err);
	enum carnet_status status;
	unsigned bad = 0;
	bool is_half;

	if (vault == NULL)
		return CARNET_NO_MEMORY;
	vault->access = access;
	if (waiter != NULL) {
		vault->progress = waiter->progress;
		vault->progress_context = waiter->progress_context;
	}
	status = vault_open_folder(path, &vault->fd, &vault->path, err);
	if (status == CARNET_OK)
		status = header_load(vault->fd, &vault->header, &bad, err);
	if (status == CARNET_NO_VAULT)
		status = vault_none(err);
	if (status == CARNET_OK)
		status = vault_unlock(vault, unlock, err);
	is_half = status == CARNET_OK && access == CARNET_WRITE &&
		  vault_header_is_half(vault->fd);
	if (status == CARNET_OK && bad != 0 && !is_half)
		vault_warn(vault,
		    CARNET_("one copy of the header is damaged; the other is "
			    "whole: mend it with carnet repair"));
	if (status == CARNET_OK)
		status = keys_derive(vault->master, &vault->keys, err);
	if (status == CARNET_OK)
		status = ledger_open(vault->fd, header_id(vault->header),
		    vault->keys, &vault->ledger, err);
	if (status == CARNET_OK)
		status = vault_make_store(vault, err);
	if (status == CARNET_OK && access == CARNET_WRITE)
		status = vault_lock_asking(vault, waiter, err);
	if (status == CARNET_OK)
		status = vault_lock_packs(vault, err);
	if (status == CARNET_OK)
		status = device_load(vault, err);
	/* an older copy isn't damage: the writer levels them */
	if (status == CARNET_OK && access == CARNET_WRITE &&
	    (bad == 0 || is_half))
		(void)header_mend(
		    vault->fd, vault->header, vault->master, NULL);
	if (status != CARNET_OK) {
		carnet_vault_close(vault);
		return status;
	}
	*ret_vault = vault;
	return CARNET_OK;
}

enum carnet_status
vault_can_go_on(struct carnet_vault *vault, struct carnet_error *err)
{
	uint64_t unknown = 0;
	enum carnet_status status;

	if (vault->ledger_behind) {
		carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("the ledger is older than the index: nothing is "
			    "written to it"));
		carnet_hint(err, CARNET_("put the newer files back, or run "
					 "carnet repair to go on from here"));
		return CARNET_DAMAGED;
	}
	if (vault->ledger_unreadable) {
		carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("the disk can't read a part of the ledger now: "
			    "nothing is written to it"));
		carnet_hint(err, CARNET_("try again; if it stays so, copy the "
					 "vault to another disk, or restore a "
					 "backup"));
		return CARNET_DAMAGED;
	}
	if (vault->ledger_damaged) {
		carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("the ledger is damaged: nothing is written to "
			    "it"));
		carnet_hint(err, CARNET_("carnet check names what is hurt, "
					 "carnet repair mends what can be"));
		return CARNET_DAMAGED;
	}
	if (vault->device_damaged) {
		carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("this device's key file is damaged"));
		carnet_hint(err, CARNET_("carnet repair makes a new one"));
		return CARNET_DAMAGED;
	}
	status = index_unknown_kinds(vault->index, &unknown, err);
	if (status == CARNET_OK && unknown > 0) {
		carnet_fail(err, CARNET_NEWER,
		    CARNET_("this vault holds what only a newer carnet "
			    "understands: it can be read, not written"));
		carnet_hint(err, CARNET_("install the newer carnet"));
		return CARNET_NEWER;
	}
	return status;
}

static enum carnet_status
vault_ready_writer(struct carnet_vault *vault, struct carnet_error *err)
{
	enum carnet_status status = vault_can_go_on(vault, err);

	if (status == CARNET_OK && !vault->has_device)
		status = device_make(vault, err);
	if (status == CARNET_OK)
		status = replay_find_head(vault, err);
	return status;
}

enum carnet_status
carnet_vault_open(const char *path, const struct carnet_unlock *unlock,
    enum carnet_access access, const struct carnet_waiter *waiter,
    struct carnet_vault **ret_vault, struct carnet_error *err)
{
	struct carnet_vault *vault = NULL;
	enum carnet_status status =
	    vault_open_bare(path, unlock, access, waiter, &vault, err);

	if (status == CARNET_OK)
		status = level_open_index(vault, err);
	if (status == CARNET_OK)
		status = level_index(vault, err);
	if (status == CARNET_OK && access == CARNET_WRITE)
		status = vault_ready_writer(vault, err);
	if (status != CARNET_OK) {
		carnet_vault_close(vault);
		return status;
	}
	vault->progress = NULL; /* its context is the caller's */
	*ret_vault = vault;
	return CARNET_OK;
}

/* --- small questions --------------------------------------------------------
 */

const char *
carnet_vault_path(const struct carnet_vault *vault)
{
	return vault->path;
}

void
carnet_vault_id(const struct carnet_vault *vault, char text[33])
{
	hex_encode(header_id(vault->header), VAULT_ID_LEN, text);
}

bool
carnet_vault_is_for_writing(const struct carnet_vault *vault)
{
	return vault->access == CARNET_WRITE;
}

const cJSON *
carnet_vault_warnings(const struct carnet_vault *vault)
{
	return vault->warnings;
}

bool
carnet_vault_is_damaged(const struct carnet_vault *vault)
{
	return vault->damaged;
}

const struct secret *
carnet_vault_key(const struct carnet_vault *vault)
{
	return vault->master;
}

uint64_t
carnet_vault_new_bytes(const struct carnet_vault *vault)
{
	return vault->new_bytes;
}

enum carnet_status
carnet_vault_counts(
    struct carnet_vault *vault, cJSON **ret_object, struct carnet_error *err)
{
	return index_counts(vault->index, ret_object, err);
}
