/* SPDX-License-Identifier: ISC */
/*
 * Files that will be put next, read, cut and named on other threads before
 * it is their turn.  Asks no index and squeezes nothing; what comes of a file
 * is told in the order in which they were given.  All functions are the
 * caller's thread's.  docs/decisions/0013-files-are-named-ahead.md
 */
#ifndef AHEAD_H
#define AHEAD_H
#include "chunk.h"
#include "squeeze.h"

#include <sys/stat.h>

struct ahead;
/* Both outlive it.  NULL: no memory, or no thread to be had. */
struct ahead *ahead_new(
    const struct keys *keys, const struct chunk_gear *gear, unsigned threads);
void ahead_free(struct ahead *ahead); /* as after ahead_forget; NULL is fine */

/*
 * fd: a regular file, open until its turn is over; it is read from its
 * beginning, its position isn't moved.  before: its fstat.  False: no memory.
 */
bool ahead_give(struct ahead *ahead, int fd, const struct stat *before);
/* Whether it is this one's turn; *ret_before (NULL: not wanted): as given. */
bool ahead_is_first(const struct ahead *ahead, int fd, struct stat *ret_before);

/*
 * The next chunk of the file whose turn it is, named; NULL at its end.  Waits.
 * The box, or another of its room, goes back by ahead_return before the turn
 * is over.  CARNET_NO_MEMORY, or why the file can't be read.
 */
enum carnet_status ahead_next(
    struct ahead *ahead, struct box **ret_box, struct carnet_error *err);
void ahead_return(struct ahead *ahead, struct box *box);
/* The turn is over, whatever of the file was taken. */
void ahead_end_turn(struct ahead *ahead);
/* All turns are over: no descriptor is used from here on. */
void ahead_forget(struct ahead *ahead);
#endif
