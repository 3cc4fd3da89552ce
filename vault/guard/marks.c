/* SPDX-License-Identifier: ISC */
/*
 * Marks in folders, from the opened directory up to the root.  Opens no
 * file.  The contract is in marks.h.
 */
#include "marks.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "providers.h"

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
mark_note(struct inquiry *inquiry, const cJSON *provider, size_t level,
    const char *name)
{
	char path[PATH_MAX];

	chain_level_path(inquiry->chain, level, path);
	inquiry_note(inquiry, GUARD_CLOUD, carnet_json_string(provider, "id"),
	    level, CARNET_("%s is in %s: %s puts it in its folders"), name,
	    path, carnet_json_string(provider, "name"));
}

/* Marks with a plain name: one look each. */
static void
marks_plain(struct inquiry *inquiry, int fd, size_t level)
{
	for (const cJSON *provider = providers_each(inquiry->list);
	     provider != NULL; provider = provider->next) {
		const cJSON *mark;

		cJSON_ArrayForEach(mark, carnet_json_get(provider, "marks"))
		{
			const char *name = carnet_json_string(mark, "name");
			struct stat seen;

			if (!mark_is_glob(name) &&
			    fstatat(fd, name, &seen, AT_SYMLINK_NOFOLLOW) ==
				0 &&
			    mark_has_type(mark, seen.st_mode))
				mark_note(inquiry, provider, level, name);
		}
	}
}

/* Marks with a pattern: compares one name with all of them. */
static void
marks_pattern(struct inquiry *inquiry, int fd, size_t level, const char *entry)
{
	for (const cJSON *provider = providers_each(inquiry->list);
	     provider != NULL; provider = provider->next) {
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
				mark_note(inquiry, provider, level, entry);
		}
	}
}

static void
marks_listed(struct inquiry *inquiry, int fd, size_t level)
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
			marks_pattern(inquiry, fd, level, entry->d_name);
	}
	(void)closedir(dir);
}

/* Weak: attributes stay on a folder that was moved away or copied. */
static void
marks_attributes(struct inquiry *inquiry, int fd, size_t level)
{
	char link[64], path[PATH_MAX];

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	for (const cJSON *provider = providers_each(inquiry->list);
	     provider != NULL; provider = provider->next) {
		const cJSON *name;

		cJSON_ArrayForEach(name, carnet_json_get(provider, "xattrs"))
		{
			if (getxattr(link, name->valuestring, NULL, 0) < 0)
				continue;
			chain_level_path(inquiry->chain, level, path);
			inquiry_note(inquiry, GUARD_UNKNOWN,
			    carnet_json_string(provider, "id"), level,
			    CARNET_("%s has the attribute %s of %s"), path,
			    name->valuestring,
			    carnet_json_string(provider, "name"));
		}
	}
}

static bool
marks_visit(int fd, const struct stat *stat, size_t level, void *context)
{
	(void)stat;
	marks_plain(context, fd, level);
	marks_listed(context, fd, level);
	marks_attributes(context, fd, level);
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
