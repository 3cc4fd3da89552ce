/* SPDX-License-Identifier: ISC */
/*
 * An opened directory and every directory above it, by device and inode, so
 * that symbolic links and bind mounts don't hide a parent.  Judges nothing.
 */
#ifndef CHAIN_H
#define CHAIN_H
#include "carnet_types.h"

#include <limits.h>
#include <sys/stat.h>
#include <sys/types.h>

#define CHAIN_MAX 2048 /* a path of 4,096 bytes has no more folders */

struct chain_level {
	dev_t dev;
	ino_t ino;
};
struct chain {
	int fd;              /* the directory; owned if `owned` */
	bool owned;          /* opened here, as another name of the first */
	bool whole;          /* reached the root */
	bool lost;           /* the path names nothing, or something else */
	char path[PATH_MAX]; /* absolute */
	size_t len;          /* levels; 0 is the directory itself */
	struct chain_level levels[CHAIN_MAX];
};

/* Called at each level, with a descriptor for *at calls (O_PATH above the
 * first); false stops the walk. */
typedef bool (*chain_visit)(
    int fd, const struct stat *stat, size_t level, void *context);
/* Walks from dir_fd up to the root; true if it got there. */
bool chain_walk(int dir_fd, chain_visit visit, void *context);

/*
 * Fills a chain for dir_fd (borrowed).  A directory that has no path any more
 * (deleted, or not reachable from here) is `lost`; path then holds what the
 * system says of it, or "".  CARNET_INVALID: not a directory.  CARNET_IO: not
 * an open descriptor.
 */
enum carnet_status chain_open(
    int dir_fd, struct chain *ret_chain, struct carnet_error *err);
/* Opens `path` as another name of the directory `dir_fd`; false if it is
 * not the same directory. */
bool chain_open_alias(const char *path, int dir_fd, struct chain *ret_chain);
void chain_close(struct chain *chain);

/* The level at which `path` stands (SIZE_MAX: it is not above the
 * directory): by device and inode if it can be seen, else by its text. */
size_t chain_find(const struct chain *chain, const char *path);
/* The level of an absolute path that is the chain's own or a prefix of it,
 * by text alone; SIZE_MAX if it isn't. */
size_t chain_find_text(const struct chain *chain, const char *path);
/* Copies the path of a level. */
void chain_level_path(
    const struct chain *chain, size_t level, char path[PATH_MAX]);

#endif
