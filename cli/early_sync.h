/* SPDX-License-Identifier: ISC */
/*
 * Has the disk begin with what was written while more is being made, so that
 * the sync at the end waits for little.  Knows no files: all of a file system
 * is synced, as at the end.
 */
#ifndef EARLY_SYNC_H
#define EARLY_SYNC_H
#include <stddef.h>

struct early_sync;
/* dir_fd: a folder there, borrowed.  NULL, which all others take: no memory
 * or no thread, and all is synced at the end. */
struct early_sync *early_sync_begin(int dir_fd);
/* So many bytes more were written; on any thread. */
void early_sync_wrote(struct early_sync *early, size_t len);
/* All is on the disk.  0, or the errno of a sync that failed.  Frees. */
int early_sync_end(struct early_sync *early, int dir_fd);
#endif
