/* SPDX-License-Identifier: ISC */
/*
 * GNOME's settings: the database of dconf (GVDB), and the key file that
 * sandboxed programs have instead.  Texts and lists of texts alone are read.
 * The contract is in settings.h.
 */
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GVDB_MAX ((size_t)16 << 20)
#define GVDB_HEADER_LEN ((size_t)24)
#define GVDB_TABLE_LEN ((size_t)8) /* numbers of Bloom words, of buckets */
#define GVDB_ITEM_LEN ((size_t)24)
#define GVDB_DEEP 64 /* parts of a key */
#define GVDB_NO_PARENT 0xffffffffU
#define GVDB_BLOOM_MASK 0x07ffffffU

/* --- the key file ----------------------------------------------------------
 */

struct keyfile {
	settings_sink sink;
	void *context;
};

/* The next text of ['a', "b"] into value, in place; NULL: no more. */
static char *
keyfile_next(char **at)
{
	char *start = strpbrk(*at, "'\""), *in, *out, quote;

	if (start == NULL)
		return NULL;
	quote = *start++;
	for (in = out = start; *in != '\0' && *in != quote; in++) {
		if (*in == '\\' && in[1] != '\0')
			in++;
		*out++ = *in;
	}
	if (*in == '\0')
		return NULL;
	*out = '\0';
	*at = in + 1;
	return start;
}

static bool
keyfile_take(const char *value, void *context)
{
	struct keyfile *keyfile = context;
	char copy[SETTINGS_LINE_MAX], *at = copy, *item;
	bool more = true;

	if (value[0] != '[')
		return keyfile->sink(value, keyfile->context);
	(void)snprintf(copy, sizeof(copy), "%s", value);
	while (more && (item = keyfile_next(&at)) != NULL)
		more = keyfile->sink(item, keyfile->context);
	return more;
}

void
settings_keyfile(const char *text, size_t len, const char *key,
    settings_sink sink, void *context)
{
	struct keyfile keyfile = { sink, context };

	settings_ini(text, len, key, keyfile_take, &keyfile);
}

/* --- the database ----------------------------------------------------------
 */

struct gvdb {
	uint8_t *bytes;
	size_t len;
	size_t items; /* where they begin */
	size_t count;
};

static uint32_t
gvdb_number(const uint8_t *bytes, size_t len)
{
	uint32_t value = 0;

	for (size_t i = len; i > 0; i--)
		value = value << 8 | bytes[i - 1];
	return value;
}

/* A pointer: its bytes lie in the file, or it is none. */
static bool
gvdb_pointer(
    const struct gvdb *gvdb, size_t at, size_t *ret_start, size_t *ret_len)
{
	size_t start = gvdb_number(gvdb->bytes + at, 4);
	size_t end = gvdb_number(gvdb->bytes + at + 4, 4);

	if (start > end || end > gvdb->len)
		return false;
	*ret_start = start;
	*ret_len = end - start;
	return true;
}

static bool
gvdb_load(const char *path, struct gvdb *gvdb)
{
	struct stat seen;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return false;
	if (fstat(fd, &seen) == 0 && S_ISREG(seen.st_mode) &&
	    seen.st_size > (off_t)GVDB_HEADER_LEN &&
	    seen.st_size <= (off_t)GVDB_MAX)
		gvdb->bytes = malloc((size_t)seen.st_size);
	while (gvdb->bytes != NULL && gvdb->len < (size_t)seen.st_size) {
		ssize_t got = read(fd, gvdb->bytes + gvdb->len,
		    (size_t)seen.st_size - gvdb->len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		gvdb->len += (size_t)got;
	}
	(void)close(fd);
	return gvdb->bytes != NULL && gvdb->len == (size_t)seen.st_size;
}

/* Finds the root table's items: behind Bloom words and buckets. */
static bool
gvdb_open(struct gvdb *gvdb)
{
	size_t start, len, skip;

	/* written by a machine of the other byte order: not read */
	if (memcmp(gvdb->bytes, "GVariant", 8) != 0 ||
	    gvdb_number(gvdb->bytes + 8, 4) != 0 ||
	    !gvdb_pointer(gvdb, 16, &start, &len) || len < GVDB_TABLE_LEN)
		return false;
	skip =
	    ((size_t)(gvdb_number(gvdb->bytes + start, 4) & GVDB_BLOOM_MASK) +
		gvdb_number(gvdb->bytes + start + 4, 4)) *
		4 +
	    GVDB_TABLE_LEN;
	if (skip > len)
		return false;
	gvdb->items = start + skip;
	gvdb->count = (len - skip) / GVDB_ITEM_LEN;
	return true;
}

/* Whether the item's name is this: its own part and those of its parents. */
static bool
gvdb_is(const struct gvdb *gvdb, size_t item, const char *key)
{
	size_t left = strlen(key);

	for (int deep = 0; deep < GVDB_DEEP; deep++) {
		const uint8_t *bytes =
		    gvdb->bytes + gvdb->items + item * GVDB_ITEM_LEN;
		size_t start = gvdb_number(bytes + 8, 4);
		size_t len = gvdb_number(bytes + 12, 2);

		if (len > left || start > gvdb->len ||
		    len > gvdb->len - start ||
		    memcmp(gvdb->bytes + start, key + left - len, len) != 0)
			return false;
		left -= len;
		item = gvdb_number(bytes + 4, 4);
		if (item == GVDB_NO_PARENT)
			return left == 0;
		if (item >= gvdb->count)
			return false;
	}
	return false;
}

/* One text with its NUL; false: it is none, or the sink has enough. */
static bool
gvdb_text(const uint8_t *bytes, size_t len, settings_sink sink, void *context)
{
	if (len == 0 || memchr(bytes, '\0', len) != bytes + len - 1)
		return false;
	return sink((const char *)bytes, context);
}

/* "as": the texts, then where each ends, in numbers of 1, 2 or 4 bytes. */
static void
gvdb_texts(const uint8_t *bytes, size_t len, settings_sink sink, void *context)
{
	size_t width = len <= 0xff ? 1 : (len <= 0xffff ? 2 : 4);
	size_t ends, start = 0;

	if (len < width)
		return;
	ends = gvdb_number(bytes + len - width, width);
	for (size_t at = ends, values = 0;
	     at + width <= len && values < SETTINGS_VALUES_MAX;
	     at += width, values++) {
		size_t end = gvdb_number(bytes + at, width);

		if (end < start || end > ends ||
		    !gvdb_text(bytes + start, end - start, sink, context))
			return;
		start = end;
	}
}

/* A value: its bytes, a NUL, the name of its type. */
static void
gvdb_value(
    const struct gvdb *gvdb, size_t item, settings_sink sink, void *context)
{
	const uint8_t *bytes, *type;
	size_t start, len;

	if (!gvdb_pointer(
		gvdb, gvdb->items + item * GVDB_ITEM_LEN + 16, &start, &len))
		return;
	bytes = gvdb->bytes + start;
	type = memrchr(bytes, '\0', len);
	if (type == NULL)
		return;
	len -= (size_t)(type - bytes) + 1;
	if (len == 1 && type[1] == 's')
		(void)gvdb_text(bytes, (size_t)(type - bytes), sink, context);
	else if (len == 2 && type[1] == 'a' && type[2] == 's')
		gvdb_texts(bytes, (size_t)(type - bytes), sink, context);
}

void
settings_dconf(
    const char *path, const char *key, settings_sink sink, void *context)
{
	struct gvdb gvdb = { 0 };

	if (gvdb_load(path, &gvdb) && gvdb_open(&gvdb))
		for (size_t i = 0; i < gvdb.count; i++)
			if (gvdb.bytes[gvdb.items + i * GVDB_ITEM_LEN + 14] ==
				'v' &&
			    gvdb_is(&gvdb, i, key)) {
				gvdb_value(&gvdb, i, sink, context);
				break;
			}
	free(gvdb.bytes);
}
