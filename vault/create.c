/* SPDX-License-Identifier: ISC */
/*
 * Making a vault: its folder, its rooms, its first events; its header last of
 * all, before which there is none.  The contract is include/carnet.h.
 */
#include "vault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Empties what an init that was cut off has left: everything but a header. */
static enum carnet_status
vault_clear_leftovers(int fd, struct carnet_error *err)
{
	static const char *const files[] = { "device", ".device.new", "lock",
		"packs.lock", "index.db", "index.db-journal", "carnet.head.new",
		"carnet.head.1.new" };
	struct dirent *entry;
	int ledger_fd = openat(
	    fd, "ledger", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = ledger_fd < 0 ? NULL : fdopendir(ledger_fd);

	/* a device's folder with its first segment, or what was to be it */
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char path[64];

		if (strlen(entry->d_name) != 2 * DEVICE_ID_LEN ||
		    strspn(entry->d_name, "0123456789abcdef") !=
			2 * DEVICE_ID_LEN)
			continue;
		(void)snprintf(path, sizeof(path), "%.32s/1", entry->d_name);
		(void)unlinkat(ledger_fd, path, 0);
		(void)snprintf(path, sizeof(path), "%.32s/.new", entry->d_name);
		(void)unlinkat(ledger_fd, path, 0);
		(void)unlinkat(ledger_fd, entry->d_name, AT_REMOVEDIR);
	}
	if (dir != NULL)
		(void)closedir(dir);
	else if (ledger_fd >= 0)
		(void)close(ledger_fd);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (unlinkat(fd, files[i], 0) != 0 && errno != ENOENT)
			return carnet_fail_errno(err, errno, "%s", files[i]);
	(void)unlinkat(fd, "ledger", AT_REMOVEDIR);
	(void)unlinkat(fd, "packs", AT_REMOVEDIR);
	return CARNET_OK;
}

/* Only an empty folder will do. */
static enum carnet_status
vault_check_empty(int fd, struct carnet_error *err)
{
	struct dirent *entry;
	bool empty = true;
	DIR *dir;
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	dir = copy < 0 ? NULL : fdopendir(copy);
	if (dir == NULL) {
		int saved = errno;

		if (copy >= 0)
			(void)close(copy);
		return carnet_fail_errno(
		    err, saved, CARNET_("cannot open the vault's folder"));
	}
	while (empty && (entry = readdir(dir)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 ||
			strcmp(entry->d_name, "..") == 0;
	(void)closedir(dir);
	if (!empty) {
		carnet_fail(err, CARNET_EXISTS,
		    CARNET_("this folder holds something else"));
		carnet_hint(err, CARNET_("name a new folder with --vault"));
		return CARNET_EXISTS;
	}
	return CARNET_OK;
}

/* Makes the folder and those above it; syncs the one it stands in. */
static enum carnet_status
vault_make_folder(const char *path, struct carnet_error *err)
{
	char *copy = strdup(path), *slash;
	int fd;

	if (copy == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	for (slash = strchr(copy + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(copy, 0700);
		*slash = '/';
	}
	if (mkdir(copy, 0700) != 0 && errno != EEXIST) {
		int saved = errno;

		free(copy);
		return carnet_fail_errno(
		    err, saved, CARNET_("cannot make the vault's folder"));
	}
	slash = strrchr(copy, '/');
	if (slash != NULL && slash != copy)
		*slash = '\0';
	fd = open(slash == NULL ? "." : (slash == copy ? "/" : copy),
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		(void)close(fd);
	}
	free(copy);
	return CARNET_OK;
}

static enum carnet_status
vault_make_rooms(struct carnet_vault *vault, struct carnet_error *err)
{
	static const char *const folders[] = { "ledger", "packs" };
	struct header *existing = NULL;
	enum carnet_status status;
	unsigned bad;

	status = header_load(vault->fd, &existing, &bad, NULL);
	header_free(existing);
	if (status != CARNET_NO_VAULT) {
		carnet_fail(
		    err, CARNET_EXISTS, CARNET_("there is a vault already"));
		carnet_hint(err, CARNET_("name another place with --vault"));
		return CARNET_EXISTS;
	}
	status = vault_clear_leftovers(vault->fd, err);
	if (status == CARNET_OK)
		status = vault_check_empty(vault->fd, err);
	for (size_t i = 0; i < 2 && status == CARNET_OK; i++)
		if (mkdirat(vault->fd, folders[i], 0700) != 0)
			status =
			    carnet_fail_errno(err, errno, "%s", folders[i]);
	return status;
}

static enum carnet_status
vault_make_header(struct carnet_vault *vault, const struct carnet_new *new,
    struct secret **ret_words, struct carnet_error *err)
{
	static const enum kdf_cost costs[] = { KDF_INTERACTIVE, KDF_MODERATE,
		KDF_SENSITIVE };
	enum carnet_status status =
	    header_new(costs[new->cost], &vault->header, err);

	vault->master = secret_random(KEY_LEN);
	if (status == CARNET_OK && vault->master == NULL)
		status = carnet_fail_errno(err, ENOMEM, "vault");
	if (status == CARNET_OK)
		status = header_add_passphrase(vault->header, vault->master,
		    new->passphrase, new->today, vault->slot, err);
	if (status == CARNET_OK && new->words_lang != NULL)
		status = header_add_recovery(vault->header, vault->master,
		    new->words_lang, new->today, ret_words, NULL, err);
	if (status == CARNET_OK)
		status = keys_derive(vault->master, &vault->keys, err);
	return status;
}

static enum carnet_status
vault_make_first_events(struct carnet_vault *vault,
    const struct carnet_new *new, struct carnet_error *err)
{
	cJSON *created = cJSON_CreateObject(), *person = cJSON_CreateObject();
	enum carnet_status status;

	vault_payload_add(&created, "carnet", CARNET_VERSION);
	status = carnet_queue(
	    vault, "vault.created", new->today, created, NULL, err);
	vault_payload_add(&person, "name", new->person);
	if (new->born != NULL)
		vault_payload_add(&person, "born", new->born);
	if (status != CARNET_OK) {
		cJSON_Delete(person);
		return status;
	}
	return carnet_queue(
	    vault, "person.added", new->today, person, NULL, err);
}

enum carnet_status
carnet_vault_create(const struct carnet_new *new,
    struct carnet_vault **ret_vault, struct secret **ret_words,
    struct carnet_error *err)
{
	enum carnet_status status = vault_make_folder(new->path, err);
	struct carnet_vault *vault = NULL;
	struct secret *words = NULL;
	bool header_begun = false;

	if (status != CARNET_OK)
		return status;
	vault = vault_new_handle(err);
	if (vault == NULL)
		return CARNET_NO_MEMORY;
	vault->access = CARNET_WRITE;
	status = vault_open_folder(new->path, &vault->fd, &vault->path, err);
	if (status == CARNET_OK)
		status = carnet_folder_judged(new->judged, vault->fd, err);
	if (status == CARNET_OK)
		status = vault_make_rooms(vault, err);
	if (status == CARNET_OK)
		status = vault_lock(vault, false, err);
	if (status == CARNET_OK)
		status = vault_lock_packs(vault, err);
	if (status == CARNET_OK)
		status = vault_make_header(vault, new, &words, err);
	if (status == CARNET_OK)
		status = ledger_open(vault->fd, header_id(vault->header),
		    vault->keys, &vault->ledger, err);
	if (status == CARNET_OK)
		status = vault_make_store(vault, err);
	if (status == CARNET_OK)
		status = replay_rebuild(vault, err); /* an empty index */
	if (status == CARNET_OK)
		status = device_make(vault, err);
	if (status == CARNET_OK)
		status = vault_make_first_events(vault, new, err);
	if (status == CARNET_OK)
		status = carnet_commit(vault, err);
	if (status == CARNET_OK) { /* last: before it there is no vault */
		header_begun = true;
		status =
		    header_store(vault->fd, vault->header, vault->master, err);
	}
	if (status != CARNET_OK) {
		if (header_begun) { /* ours, and nobody was told of it */
			(void)unlinkat(vault->fd, "carnet.head", 0);
			(void)unlinkat(vault->fd, "carnet.head.1", 0);
		}
		if (vault->fd >= 0 && status != CARNET_EXISTS)
			(void)vault_clear_leftovers(vault->fd, NULL);
		secret_free(words);
		carnet_vault_close(vault);
		return status;
	}
	*ret_vault = vault;
	*ret_words = words;
	return CARNET_OK;
}
