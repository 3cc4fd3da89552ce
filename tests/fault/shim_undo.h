/* SPDX-License-Identifier: ISC */
/*
 * What a power cut takes back: every change since it was last synced, kept
 * so that it can be undone.  Counts nothing.  For shim.c alone.
 */
#ifndef SHIM_UNDO_H
#define SHIM_UNDO_H
#include <stddef.h>
#include <stdint.h>

enum shim_undo_kind {
	SHIM_UNDO_WRITE,
	SHIM_UNDO_CUT,
	SHIM_UNDO_CREATE,
	SHIM_UNDO_MKDIR,
	SHIM_UNDO_RENAME,
	SHIM_UNDO_LINK,
	SHIM_UNDO_UNLINK
};

/* stash: a folder on the same file system, for files that lose their name. */
void shim_undo_begin(const char *stash);
void shim_undo_created(const char *path);
/* Before a write; offset < 0: where the descriptor stands. */
void shim_undo_write(int fd, const char *path, size_t len, int64_t offset);
void shim_undo_cut_file(int fd, const char *path, int64_t len);
/* Around a change of names. */
void shim_undo_name_before(
    enum shim_undo_kind kind, const char *from, const char *to, int is_folder);
void shim_undo_name_after(int done);
/* A file: its bytes are durable.  A folder: the names in it are. */
void shim_undo_synced(int fd, const char *path);
/*
 * The power goes.  Names: the last ones are taken back in the order in which
 * they were made, as a journal would lose them; how many, the seed says.
 * Bytes: each write that wasn't synced is kept, lost, or torn at 512.
 * seed 0: everything that wasn't synced by name is lost, in whatever order.
 */
void shim_undo_cut(uint64_t seed);
#endif
