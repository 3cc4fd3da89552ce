/* SPDX-License-Identifier: ISC */
/*
 * ustar headers, and pax records in front where ustar can't say it: a long
 * or non-ASCII name, a size of 8 GiB or more (POSIX.1-2001, pax, "pax
 * Interchange Format").  Opens no file.
 */
#include "tar.h"

#include <stdio.h>
#include <string.h>

struct tar_block { /* ustar, by its offsets */
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12],
	    checksum[8], type[1], link[100], magic[6], version[2], user[32],
	    group[32], major[8], minor[8], prefix[155], rest[12];
};

_Static_assert(sizeof(struct tar_block) == TAR_BLOCK, "a block of ustar");

#define TAR_SIZE_MAX UINT64_C(077777777777)

/* Zero-filled octal that ends in NUL; too large a value becomes the largest. */
static void
tar_octal(char *field, size_t len, uint64_t value)
{
	for (size_t i = len - 1; i-- > 0; value >>= 3)
		field[i] = (char)('0' + (value & 7));
	field[len - 1] = '\0';
}

static void
tar_block(struct tar_block *block, const char *name, char type, uint64_t size,
    int64_t mtime)
{
	const uint8_t *bytes = (const uint8_t *)block;
	size_t len = strlen(name);
	unsigned sum = 0;

	memset(block, 0, sizeof(*block));
	memcpy(block->name, name,
	    len < sizeof(block->name) ? len : sizeof(block->name));
	tar_octal(block->mode, sizeof(block->mode), 0600);
	tar_octal(block->uid, sizeof(block->uid), 0);
	tar_octal(block->gid, sizeof(block->gid), 0);
	tar_octal(block->size, sizeof(block->size),
	    size > TAR_SIZE_MAX ? TAR_SIZE_MAX : size);
	tar_octal(block->mtime, sizeof(block->mtime),
	    mtime < 0 ? 0 : (uint64_t)mtime);
	block->type[0] = type;
	memcpy(block->magic, "ustar", sizeof(block->magic));
	memcpy(block->version, "00", sizeof(block->version));
	memset(block->checksum, ' ', sizeof(block->checksum));
	for (size_t i = 0; i < sizeof(*block); i++)
		sum += bytes[i];
	tar_octal(block->checksum, sizeof(block->checksum) - 1, sum);
}

/* "LEN key=value\n", where LEN counts its own digits too. */
static size_t
tar_record(const char *key, const char *value, char *text, size_t size)
{
	size_t bare = strlen(key) + strlen(value) + 3, len = bare + 1;
	char digits[16];

	while (
	    bare + (size_t)snprintf(digits, sizeof(digits), "%zu", len) != len)
		len++;
	(void)snprintf(text, size, "%zu %s=%s\n", len, key, value);
	return len;
}

static bool
tar_needs_pax(const char *name, uint64_t size)
{
	for (const char *c = name; *c != '\0'; c++)
		if ((unsigned char)*c >= 0x80)
			return true;
	return strlen(name) > 100 || size > TAR_SIZE_MAX;
}

/* A name that old readers show instead: ASCII, cut. */
static void
tar_plain_name(const char *name, char plain[101])
{
	size_t len = 0;

	for (; *name != '\0' && len < 100; name++)
		plain[len++] = (unsigned char)*name < 0x80 ? *name : '_';
	plain[len] = '\0';
}

size_t
tar_head(const char *name, uint64_t size, int64_t mtime,
    uint8_t ret_head[TAR_HEAD_MAX])
{
	char records[TAR_BLOCK] = "", number[24], plain[101];
	struct tar_block block;
	size_t at = 0, len = 0;

	if (strlen(name) > TAR_NAME_MAX)
		return 0;
	tar_plain_name(name, plain);
	memset(ret_head, 0, TAR_HEAD_MAX);
	if (tar_needs_pax(name, size)) {
		len = tar_record("path", name, records, sizeof(records));
		if (size > TAR_SIZE_MAX) {
			(void)snprintf(number, sizeof(number), "%llu",
			    (unsigned long long)size);
			len += tar_record("size", number, records + len,
			    sizeof(records) - len);
		}
		tar_block(&block, "PaxHeaders/file", 'x', len, mtime);
		memcpy(ret_head, &block, TAR_BLOCK);
		memcpy(ret_head + TAR_BLOCK, records, len);
		at = (size_t)2 * TAR_BLOCK;
	}
	tar_block(&block, plain, '0', size, mtime);
	memcpy(ret_head + at, &block, TAR_BLOCK);
	return at + TAR_BLOCK;
}

size_t
tar_padding(uint64_t size)
{
	return (size_t)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}
