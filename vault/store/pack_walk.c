/* SPDX-License-Identifier: ISC */
/*
 * Visits every file under packs/, sorted, packs and strangers alike.
 * Opens no pack and deletes nothing.  docs/format.md, "Files of packs";
 * store.h.
 */
#include "pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct walk_names {
	char **names;
	size_t len, room;
};

static void
walk_names_clear(struct walk_names *list)
{
	for (size_t i = 0; i < list->len; i++)
		free(list->names[i]);
	free(list->names);
}

static bool
walk_names_add(struct walk_names *list, const char *name)
{
	if (list->len == list->room) {
		size_t room = list->room == 0 ? 64 : 2 * list->room;
		char **names = realloc(list->names, room * sizeof(*names));

		if (names == NULL)
			return false;
		list->names = names;
		list->room = room;
	}
	list->names[list->len] = strdup(name);
	return list->names[list->len] != NULL && ++list->len > 0;
}

static int
walk_names_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum carnet_status
walk_failed(int errno_value, struct carnet_error *err)
{
	return carnet_fail_errno(
	    err, errno_value, CARNET_("a folder of packs cannot be read"));
}

/* The names in a folder, sorted; takes the descriptor over. */
static enum carnet_status
walk_list(int fd, struct walk_names *list, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	struct dirent *entry;
	DIR *dir = fdopendir(fd);

	if (dir == NULL) {
		status = walk_failed(errno, err);
		(void)close(fd);
		return status;
	}
	while (errno = 0, (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (!walk_names_add(list, entry->d_name)) {
			errno = ENOMEM;
			break;
		}
	}
	if (errno != 0)
		status = walk_failed(errno, err);
	(void)closedir(dir);
	if (list->len > 0)
		qsort(list->names, list->len, sizeof(char *), walk_names_order);
	return status;
}

/* Whether text is exactly len bytes in lower-case hex. */
static bool
walk_is_hex(const char *text, uint8_t *bytes, size_t len)
{
	char again[PACK_ID_TEXT];

	if (strlen(text) != 2 * len || !hex_decode(text, bytes, len))
		return false;
	hex_encode(bytes, len, again);
	return strcmp(text, again) == 0;
}

struct walk {
	int vault_fd;
	pack_visit *visit;
	void *context;
};

/* One file; prefix: the folder's byte, or -1 where no pack belongs. */
static enum carnet_status
walk_visit(const struct walk *walk, const char *path, int prefix,
    const struct stat *st, struct carnet_error *err)
{
	uint8_t id[PACK_ID_LEN] = { 0 };
	bool is_pack = prefix >= 0 && S_ISREG(st->st_mode) &&
		       walk_is_hex(strrchr(path, '/') + 1, id, PACK_ID_LEN) &&
		       id[0] == prefix;

	if (!is_pack)
		memset(id, 0, sizeof(id));
	return walk->visit(walk->context, id, is_pack, path,
	    st->st_size > 0 ? (uint64_t)st->st_size : 0, err);
}

static enum carnet_status walk_folder(const struct walk *walk,
    const char *folder, int prefix, struct carnet_error *err);

/* prefix: of the folder that `path` lies in; -1: that folder is packs/. */
static enum carnet_status
walk_entry(const struct walk *walk, const char *path, int prefix,
    struct carnet_error *err)
{
	struct stat st;
	uint8_t byte;

	if (fstatat(walk->vault_fd, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? CARNET_OK : walk_failed(errno, err);
	if (prefix < 0 && S_ISDIR(st.st_mode) &&
	    walk_is_hex(strrchr(path, '/') + 1, &byte, 1))
		return walk_folder(walk, path, byte, err);
	return walk_visit(walk, path, prefix, &st, err);
}

static enum carnet_status
walk_folder(const struct walk *walk, const char *folder, int prefix,
    struct carnet_error *err)
{
	char path[sizeof("packs/ab/") + NAME_MAX];
	struct walk_names list = { 0 };
	enum carnet_status status;
	int fd = openat(walk->vault_fd, folder,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return errno == ENOENT ? CARNET_OK : walk_failed(errno, err);
	status = walk_list(fd, &list, err);
	for (size_t i = 0; i < list.len && status == CARNET_OK; i++) {
		(void)snprintf(
		    path, sizeof(path), "%.8s/%s", folder, list.names[i]);
		status = walk_entry(walk, path, prefix, err);
	}
	walk_names_clear(&list);
	return status;
}

enum carnet_status
pack_walk(
    int vault_fd, pack_visit *visit, void *context, struct carnet_error *err)
{
	const struct walk walk = { vault_fd, visit, context };

	return walk_folder(&walk, "packs", -1, err);
}
