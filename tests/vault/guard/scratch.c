/* SPDX-License-Identifier: ISC */
/* Makes and removes scratch folders.  The contract is in scratch.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
scratch_make(char root[PATH_MAX])
{
	const char *base = getenv("TMPDIR");
	char made[PATH_MAX];

	if (base == NULL || base[0] != '/')
		base = "/tmp";
	assert_true(snprintf(made, sizeof(made), "%s/carnet-guard-XXXXXX",
			base) < (int)sizeof(made));
	assert_non_null(mkdtemp(made));
	assert_non_null(realpath(made, root));
}

static int
scratch_remove_one(
    const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)stat;
	(void)type;
	(void)walk;
	return remove(path);
}

void
scratch_remove(const char *root)
{
	assert_non_null(strstr(root, "/carnet-guard-"));
	assert_int_equal(
	    nftw(root, scratch_remove_one, 32, FTW_DEPTH | FTW_PHYS), 0);
}

void
scratch_path(char path[PATH_MAX], const char *root, const char *relative)
{
	assert_true(snprintf(path, PATH_MAX, "%s%s%s", root,
			relative[0] != '\0' ? "/" : "", relative) < PATH_MAX);
}

void
scratch_folder(const char *root, const char *relative)
{
	char path[PATH_MAX];
	size_t start = strlen(root) + 1;

	scratch_path(path, root, relative);
	for (size_t i = start; i <= strlen(path); i++) {
		char old = path[i];

		if (old != '/' && old != '\0')
			continue;
		path[i] = '\0';
		if (mkdir(path, 0700) != 0)
			assert_int_equal(errno, EEXIST);
		path[i] = old;
	}
}

void
scratch_bytes(
    const char *root, const char *relative, const void *bytes, size_t len)
{
	char path[PATH_MAX], folder[PATH_MAX];
	FILE *file;

	(void)snprintf(folder, sizeof(folder), "%s", relative);
	if (strrchr(folder, '/') != NULL) {
		*strrchr(folder, '/') = '\0';
		scratch_folder(root, folder);
	}
	scratch_path(path, root, relative);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

void
scratch_file(const char *root, const char *relative, const char *text)
{
	char *full = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&full, &len);

	assert_non_null(out);
	for (; *text != '\0'; text++) {
		if (*text == '@')
			(void)fputs(root, out);
		else
			(void)fputc(*text, out);
	}
	assert_int_equal(fclose(out), 0);
	scratch_bytes(root, relative, full, len);
	free(full);
}
