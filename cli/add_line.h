/* SPDX-License-Identifier: ISC */
/* Files that `add` has met and not stored yet, first come, first served. */
#ifndef ADD_LINE_H
#define ADD_LINE_H
#include "carnet.h"

#define ADD_LINE_MAX 64

struct add_waiting {
	char *path;
	int fd;
	/* if it was stored before, as carnet_document_seen says: */
	bool seen;
	char id[CARNET_ID_TEXT];
	uint64_t size;
};
struct add_line {
	struct add_waiting waiting[ADD_LINE_MAX]; /* a ring */
	size_t first, len, room;
};

/* How many may wait: the store, the index and the walk need most of the
 * descriptors that a process may have.  0: none. */
void add_line_begin(struct add_line *line);
/* A copy of fd and path goes to the end; NULL (errno): it can't.  Fewer
 * than line->room wait. */
struct add_waiting *add_line_put(
    struct add_line *line, const char *path, int fd);
/* The first of a line that isn't empty; the caller owns path and fd. */
struct add_waiting add_line_take(struct add_line *line);
/* Closes and frees what add_line_take gave. */
void add_waiting_clear(struct add_waiting *waiting);
#endif
