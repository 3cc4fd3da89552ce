/* SPDX-License-Identifier: ISC */
/*
 * Scratch folders for the guard's tests: made under $TMPDIR, all synthetic.
 * Each function fails the test by itself; judges nothing.
 */
#ifndef SCRATCH_H
#define SCRATCH_H
#include <limits.h>
#include <stddef.h>

/* Makes a new folder; its path has no symbolic links. */
void scratch_make(char root[PATH_MAX]);
void scratch_remove(const char *root);
/* root/relative, its folders made as needed. */
void scratch_folder(const char *root, const char *relative);
/* The same for a file, whose "@" become `root`. */
void scratch_file(const char *root, const char *relative, const char *text);
void scratch_bytes(
    const char *root, const char *relative, const void *bytes, size_t len);
/* Writes root/relative into path. */
void scratch_path(char path[PATH_MAX], const char *root, const char *relative);

#endif
