/* SPDX-License-Identifier: ISC */
/*
 * Marks in folders, from the opened directory up to the root.  Opens only
 * those that say where a backup goes.  The contract is in marks.h.
 */
#include "marks.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "levels.h"
#include "providers.h"
#include "settings.h"

#define MARKS_ENTRIES_MAX 65536 /* of one folder */

static bool
mark_is_glob(const char *name)
{
	return strpbrk(name, "*?[") != NULL;
}

static bool
mark_has_type(const cJSON *mark, mode_t mode)
{
	const char *type = carnet_json_string(mark, "type");

	if (type != NULL && strcmp(type, "file") == 0)
		return S_ISREG(mode);
	if (type != NULL && strcmp(type, "folder") == 0)
		return S_ISDIR(mode);
	return true;
}

static void
mark_note(struct inquiry *inquiry, const struct level_mark *mark, size_t level,
    const char *path)
{
	const char *id = carnet_json_string(mark->provider, "id");
	const char *provider = carnet_json_string(mark->provider, "name");

	if (mark->attribute)
		inquiry_note(inquiry, GUARD_UNKNOWN, id, level,
		    CARNET_("%s has the attribute %s of %s"), path, mark->name,
		    provider);
	else
		inquiry_note(inquiry, GUARD_CLOUD, id, level,
		    CARNET_("%s is in %s: %s puts it in its folders"),
		    mark->name, path, provider);
}

/* A backup's mark (JSON) counts if it names a destination that is elsewhere. */
static bool
mark_counts(const cJSON *mark, int fd)
{
	const cJSON *to = carnet_json_get(mark, "goes_to"), *key;
	struct providers_away goes = { .near = carnet_json_get(to, "near") };
	char path[PATH_MAX], *text;
	size_t len = 0;

	if (to == NULL)
		return true;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", fd,
	    carnet_json_string(mark, "name"));
	text = settings_load(path, &len);
	cJSON_ArrayForEach(key, carnet_json_get(to, "keys"))
	{
		if (text != NULL)
			settings_json(text, len, key->valuestring,
			    providers_is_away, &goes);
	}
	free(text);
	return goes.away;
}

/* Marks with a plain name: one look each. */
static void
marks_plain(const cJSON *list, int fd, struct level_marks *marks)
{
	for (const cJSON *provider = providers_each(list); provider != NULL;
	     provider = provider->next) {
		const cJSON *mark;

		cJSON_ArrayForEach(mark, carnet_json_get(provider, "marks"))
		{
			const char *name = carnet_json_string(mark, "name");
			struct stat seen;

			if (!mark_is_glob(name) &&
			    fstatat(fd, name, &seen, AT_SYMLINK_NOFOLLOW) ==
				0 &&
			    mark_has_type(mark, seen.st_mode) &&
			    mark_counts(mark, fd))
				levels_add_mark(marks, provider, name, false);
		}
	}
}

/* Marks with a pattern: compares one name with all of them. */
static void
marks_pattern(
    const cJSON *list, int fd, const char *entry, struct level_marks *marks)
{
	for (const cJSON *provider = providers_each(list); provider != NULL;
	     provider = provider->next) {
		const cJSON *mark;

		cJSON_ArrayForEach(mark, carnet_json_get(provider, "marks"))
		{
			const char *name = carnet_json_string(mark, "name");
			struct stat seen;

			if (mark_is_glob(name) &&
			    providers_match_glob(name, entry) &&
			    fstatat(fd, entry, &seen, AT_SYMLINK_NOFOLLOW) ==
				0 &&
			    mark_has_type(mark, seen.st_mode))
				levels_add_mark(marks, provider, entry, false);
		}
	}
}

static void
marks_listed(const cJSON *list, int fd, struct level_marks *marks)
{
	struct dirent *entry;
	DIR *dir;
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (copy < 0)
		return;
	dir = fdopendir(copy);
	if (dir == NULL) {
		(void)close(copy);
		return;
	}
	for (size_t i = 0; i < MARKS_ENTRIES_MAX; i++) {
		entry = readdir(dir);
		if (entry == NULL)
			break;
		if (entry->d_name[0] == '.')
			marks_pattern(list, fd, entry->d_name, marks);
	}
	(void)closedir(dir);
}

/* Weak: attributes stay on a folder that was moved away or copied. */
static void
marks_attributes(const cJSON *list, int fd, struct level_marks *marks)
{
	char link[64];

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	for (const cJSON *provider = providers_each(list); provider != NULL;
	     provider = provider->next) {
		const cJSON *name;

		cJSON_ArrayForEach(name, carnet_json_get(provider, "xattrs"))
		{
			if (getxattr(link, name->valuestring, NULL, 0) >= 0)
				levels_add_mark(
				    marks, provider, name->valuestring, true);
		}
	}
}

static bool
marks_visit(int fd, const struct stat *stat, size_t level, void *context)
{
	struct inquiry *inquiry = context;
	struct level *kept;
	char path[PATH_MAX];

	(void)stat;
	if (level >= inquiry->chain->len)
		return false;
	chain_level_path(inquiry->chain, level, path);
	kept = levels_at(inquiry, level, path);
	if (kept == NULL || kept->marks.cut) {
		inquiry_note(inquiry, GUARD_UNKNOWN, "", 0,
		    CARNET_("no memory to look around"));
		return kept != NULL;
	}
	if (!kept->has_marks) {
		marks_plain(inquiry->list, fd, &kept->marks);
		marks_listed(inquiry->list, fd, &kept->marks);
		marks_attributes(inquiry->list, fd, &kept->marks);
		kept->has_marks = true;
	}
	for (size_t i = 0; i < kept->marks.len; i++)
		mark_note(inquiry, &kept->marks.list[i], level, path);
	return true;
}

void
marks_judge(struct inquiry *inquiry)
{
	(void)chain_walk(inquiry->chain->fd, marks_visit, inquiry);
}

/* True if `folder` (len bytes) is the home, or isn't inside it. */
static bool
marks_counts_in(const char *home, const char *folder, size_t len)
{
	size_t home_len = strlen(home);

	if (home_len == 0 || strncmp(folder, home, home_len) != 0 ||
	    len < home_len)
		return true;
	return len == home_len || folder[home_len] != '/';
}

void
marks_judge_names(
    struct inquiry *inquiry, const char *path, enum guard_verdict verdict)
{
	size_t depth = 0, at = 0;

	for (const char *p = path; *p != '\0'; p++)
		depth += p[0] == '/' && p[1] != '\0';
	while (path[at] == '/' && path[at + 1] != '\0') {
		size_t len = strcspn(path + at + 1, "/");
		char name[NAME_MAX + 1];
		const cJSON *provider;

		depth--;
		(void)snprintf(
		    name, sizeof(name), "%.*s", (int)len, path + at + 1);
		for (provider = providers_each(inquiry->list); provider != NULL;
		     provider = provider->next) {
			if (marks_counts_in(inquiry->home, path, at) &&
			    marks_counts_in(inquiry->home_real, path, at) &&
			    providers_match(
				carnet_json_get(provider, "names"), name))
				inquiry_note(inquiry, verdict,
				    carnet_json_string(provider, "id"), depth,
				    CARNET_("%.*s has the name of a folder "
					    "of %s"),
				    (int)(at + 1 + len), path,
				    carnet_json_string(provider, "name"));
		}
		at += 1 + len;
	}
}
