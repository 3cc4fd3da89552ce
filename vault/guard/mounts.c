/* SPDX-License-Identifier: ISC */
/*
 * Parses mountinfo, proc(5), with its octal escapes.  The kernel writes the
 * file, but mounters choose the words in it: every line may be strange.
 * The contract is in mounts.h.
 */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOUNTS_TEXT_MAX ((size_t)16 << 20)
#define MOUNTS_FIELDS 6 /* id, parent, device, root, point, options */

/* Turns \040 and the like back into bytes, in place. */
static void
mounts_unescape(char *text)
{
	char *out = text;

	while (*text != '\0') {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' &&
		    text[2] >= '0' && text[2] <= '7' && text[3] >= '0' &&
		    text[3] <= '7') {
			int byte = (text[1] - '0') * 64 + (text[2] - '0') * 8 +
				   (text[3] - '0');

			if (byte != 0) {
				*out++ = (char)byte;
				text += 4;
				continue;
			}
		}
		*out++ = *text++;
	}
	*out = '\0';
}

/* Cuts the next word off *rest (one space ends it); NULL at the end. */
static char *
mounts_word(char **rest)
{
	char *word = *rest;
	char *space;

	if (word == NULL)
		return NULL;
	space = strchr(word, ' ');
	*rest = NULL;
	if (space != NULL) {
		*space = '\0';
		*rest = space + 1;
	}
	return word;
}

/* Takes a decimal number and the character behind it off *text. */
static bool
mounts_number(char **text, char end, unsigned long *ret_number)
{
	char *behind = NULL;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*ret_number = strtoul(*text, &behind, 10);
	if (errno != 0 || *ret_number > INT_MAX || *behind != end)
		return false;
	*text = end == '\0' ? behind : behind + 1;
	return true;
}

static bool
mounts_parse_line(char *line, struct mount_entry *entry)
{
	char *fields[MOUNTS_FIELDS];
	char *word, *type, *source, *options;
	unsigned long id, major, minor;

	for (size_t i = 0; i < MOUNTS_FIELDS; i++) {
		fields[i] = mounts_word(&line);
		if (fields[i] == NULL)
			return false;
	}
	do
		word = mounts_word(&line);
	while (word != NULL && strcmp(word, "-") != 0);
	type = mounts_word(&line);
	source = mounts_word(&line);
	options = mounts_word(&line);
	if (word == NULL || type == NULL || type[0] == '\0' || source == NULL ||
	    !mounts_number(&fields[0], '\0', &id) ||
	    !mounts_number(&fields[2], ':', &major) ||
	    !mounts_number(&fields[2], '\0', &minor) || fields[4][0] != '/')
		return false;
	entry->id = (int)id;
	entry->major = (unsigned)major;
	entry->minor = (unsigned)minor;
	if (options == NULL)
		options = source + strlen(source);
	mounts_unescape(fields[3]);
	mounts_unescape(fields[4]);
	mounts_unescape(type);
	mounts_unescape(source);
	mounts_unescape(options);
	entry->root = fields[3];
	entry->point = fields[4];
	entry->type = type;
	entry->source = source;
	entry->options = options;
	return true;
}

enum carnet_status
mounts_parse(
    char *text, struct mount_table *ret_table, struct carnet_error *err)
{
	struct mount_table table = { .text = text };
	size_t lines = 1;
	char *line = text;

	for (const char *at = text; *at != '\0'; at++)
		lines += *at == '\n';
	table.entries = calloc(lines, sizeof(*table.entries));
	if (table.entries == NULL) {
		free(text);
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("no memory for the table of mounts"));
	}
	while (line != NULL) {
		char *next = strchr(line, '\n');

		if (next != NULL)
			*next++ = '\0';
		if (mounts_parse_line(line, &table.entries[table.len]))
			table.len++;
		line = next;
	}
	*ret_table = table;
	return CARNET_OK;
}

enum carnet_status
mounts_load(
    const char *file, struct mount_table *ret_table, struct carnet_error *err)
{
	size_t room = 64 << 10, len = 0;
	char *text = NULL;
	ssize_t got = -1;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("the table of mounts can't be read"));
	for (;;) {
		char *more = realloc(text, room + 1);

		if (more == NULL) {
			errno = ENOMEM;
			break;
		}
		text = more;
		got = read(fd, text + len, room - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		len += (size_t)got;
		if (len == room && room < MOUNTS_TEXT_MAX)
			room *= 2;
		else if (len == room) {
			got = -1;
			errno = EFBIG;
			break;
		}
	}
	if (got != 0) {
		int saved = errno;

		(void)close(fd);
		free(text);
		return carnet_fail_errno(
		    err, saved, CARNET_("the table of mounts can't be read"));
	}
	(void)close(fd);
	text[len] = '\0';
	return mounts_parse(text, ret_table, err);
}

void
mounts_free(struct mount_table *table)
{
	free(table->entries);
	free(table->text);
	table->entries = NULL;
	table->text = NULL;
	table->len = 0;
}

int
mounts_id(int fd)
{
	static const char label[] = "mnt_id:";
	char name[64], line[256];
	unsigned long number;
	FILE *file;
	int id = -1;

	(void)snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
	file = fopen(name, "re");
	if (file == NULL)
		return -1;
	while (id < 0 && fgets(line, sizeof(line), file) != NULL) {
		char *at = line + sizeof(label) - 1;

		if (strncmp(line, label, sizeof(label) - 1) != 0)
			continue;
		at += strspn(at, " \t");
		if (mounts_number(&at, '\n', &number))
			id = (int)number;
	}
	(void)fclose(file);
	return id;
}

/* True if `above` is `path` or a folder above it; "/" is above all. */
static bool
mounts_is_above(const char *above, const char *path)
{
	size_t len = strlen(above);

	while (len > 0 && above[len - 1] == '/')
		len--;
	return strncmp(above, path, len) == 0 &&
	       (path[len] == '\0' || path[len] == '/');
}

const struct mount_entry *
mounts_holding(const struct mount_table *table, int id, const char *path)
{
	const struct mount_entry *best = NULL;

	for (size_t i = 0; i < table->len; i++) {
		const struct mount_entry *entry = &table->entries[i];

		if (!mounts_is_above(entry->point, path))
			continue;
		if (id != -1) {
			if (entry->id == id)
				return entry;
		} else if (best == NULL ||
			   strlen(entry->point) >= strlen(best->point)) {
			best = entry;
		}
	}
	return best;
}

const char *
mounts_beneath(const struct mount_entry *entry, const char *path)
{
	path += strlen(entry->point);
	while (*path == '/')
		path++;
	return path;
}

/* Joins without doubling the slash. */
static bool
mounts_join(const char *folder, const char *rest, char path[PATH_MAX])
{
	size_t len = strlen(folder), rest_len;

	while (len > 0 && folder[len - 1] == '/')
		len--;
	while (*rest == '/')
		rest++;
	rest_len = strlen(rest);
	if (len + 1 + rest_len >= PATH_MAX)
		return false;
	memcpy(path, folder, len);
	if (rest_len > 0 || len == 0)
		path[len++] = '/';
	memcpy(path + len, rest, rest_len + 1);
	return true;
}

bool
mounts_inside(
    const struct mount_entry *entry, const char *path, char inside[PATH_MAX])
{
	return mounts_join(entry->root, mounts_beneath(entry, path), inside);
}

static bool
mounts_same_device(const struct mount_entry *a, const struct mount_entry *b)
{
	return a->major == b->major && a->minor == b->minor;
}

bool
mounts_alias(const struct mount_table *table, const struct mount_entry *entry,
    const char *path, size_t n, char alias[PATH_MAX])
{
	char inside[PATH_MAX];

	if (!mounts_inside(entry, path, inside))
		return false;
	for (size_t i = 0; i < table->len; i++) {
		const struct mount_entry *other = &table->entries[i];
		size_t len = strlen(other->root);

		if (other == entry || !mounts_same_device(other, entry) ||
		    !mounts_is_above(other->root, inside))
			continue;
		if (strcmp(other->root, "/") == 0)
			len = 0;
		if (mounts_join(other->point, inside + len, alias) &&
		    strcmp(alias, path) != 0 && n-- == 0)
			return true;
	}
	return false;
}

/* True for the whole of a file system, a subvolume of one, or the root that
 * this process was given. */
static bool
mounts_is_whole(const struct mount_entry *entry)
{
	char subvolume[PATH_MAX];

	return strcmp(entry->root, "/") == 0 || entry->root[0] != '/' ||
	       strcmp(entry->point, "/") == 0 ||
	       (mounts_option(entry->options, "subvol", subvolume) &&
		   strcmp(subvolume, entry->root) == 0);
}

bool
mounts_is_window(
    const struct mount_table *table, const struct mount_entry *entry)
{
	const struct mount_entry *widest = entry;

	for (size_t i = 0; i < table->len; i++) {
		const struct mount_entry *other = &table->entries[i];

		if (mounts_same_device(other, entry) &&
		    mounts_is_above(other->root, entry->root) &&
		    (strlen(other->root) < strlen(widest->root) ||
			mounts_is_whole(other)))
			widest = other;
		if (mounts_is_whole(widest))
			return false;
	}
	return !mounts_is_whole(widest);
}

bool
mounts_option(const char *options, const char *key, char value[PATH_MAX])
{
	size_t len = strlen(key);

	while (*options != '\0') {
		size_t part = strcspn(options, ",");

		if (part > len && part - len - 1 < PATH_MAX &&
		    strncmp(options, key, len) == 0 && options[len] == '=') {
			(void)snprintf(value, PATH_MAX, "%.*s",
			    (int)(part - len - 1), options + len + 1);
			return true;
		}
		options += part;
		options += *options == ',';
	}
	return false;
}
