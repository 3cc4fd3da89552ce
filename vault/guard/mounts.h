/* SPDX-License-Identifier: ISC */
/*
 * The table of mounts (proc(5), /proc/self/mountinfo): which one holds a
 * path, and under what other names the same folder can be seen.  Judges
 * nothing.
 */
#ifndef MOUNTS_H
#define MOUNTS_H
#include "carnet_types.h"

#include <limits.h>

struct mount_entry { /* strings are the table's */
	int id;
	unsigned major, minor;
	const char *root;    /* the folder of the file system it shows */
	const char *point;   /* where */
	const char *type;    /* "ext4", "fuse.sshfs"... */
	const char *source;  /* "/dev/sda1", "host:/export"... */
	const char *options; /* the file system's own */
};
struct mount_table {
	struct mount_entry *entries;
	size_t len;
	char *text;
};

/* Reads and parses `file`; lines that make no sense are skipped.
 * CARNET_IO: it can't be read. */
enum carnet_status mounts_load(
    const char *file, struct mount_table *ret_table, struct carnet_error *err);
/* The same from memory; `text` (malloc) becomes the table's. */
enum carnet_status mounts_parse(
    char *text, struct mount_table *ret_table, struct carnet_error *err);
void mounts_free(struct mount_table *table);

/* The mount id of a descriptor, -1 if the kernel doesn't tell. */
int mounts_id(int fd);
/* The mount with this id, if its point is above `path`; id -1: the one that
 * was mounted last on the longest point above it.  NULL: none. */
const struct mount_entry *mounts_holding(
    const struct mount_table *table, int id, const char *path);
/* What of `path` is beneath the mount's point: "" or "a/b". */
const char *mounts_beneath(const struct mount_entry *entry, const char *path);
/* The path inside the file system; false if it gets too long. */
bool mounts_inside(
    const struct mount_entry *entry, const char *path, char inside[PATH_MAX]);
/*
 * The n-th other path (from 0) at which another mount of the same file system
 * shows `path`; false when there is no such one.  Its folder may be hidden
 * under a later mount: compare inodes.
 */
bool mounts_alias(const struct mount_table *table,
    const struct mount_entry *entry, const char *path, size_t n,
    char alias[PATH_MAX]);
/* True if it shows a folder that no other mount here shows (a container's
 * volume), and isn't a whole file system or subvolume. */
bool mounts_is_window(
    const struct mount_table *table, const struct mount_entry *entry);
/* Copies the value of `key` in comma-separated options; false if absent. */
bool mounts_option(const char *options, const char *key, char value[PATH_MAX]);

#endif
