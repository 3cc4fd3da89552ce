/* SPDX-License-Identifier: ISC */
/*
 * Replicas and carriers, as files.  Knows nothing of backups but the name of
 * the lock, which no carrier carries.  The contract is replica.h's.
 */
#include "replica.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
replica_need(bool good, const char *what)
{
	if (!good) {
		perror(what);
		abort();
	}
}

static int64_t
replica_time(const struct stat *info)
{
	return (int64_t)info->st_mtim.tv_sec * 1000000000 +
	       info->st_mtim.tv_nsec;
}

/* --- states -----------------------------------------------------------------
 */

static struct replica_state *reading_state;
static size_t reading_skip;

static int
replica_compare(const void *left, const void *right)
{
	return strcmp(((const struct replica_file *)left)->path,
	    ((const struct replica_file *)right)->path);
}

static int
replica_read_one(
    const char *path, const struct stat *info, int type, struct FTW *where)
{
	struct replica_file *file;
	const char *name = path + reading_skip;
	size_t len = strlen(name);

	(void)where;
	if (type != FTW_F || strcmp(name, "lock") == 0 ||
	    (len > 11 && strcmp(name + len - 11, ".carnet-new") == 0))
		return 0;
	replica_need(reading_state->len < REPLICA_FILES, path);
	file = &reading_state->files[reading_state->len++];
	(void)snprintf(file->path, sizeof(file->path), "%s", name);
	file->written = replica_time(info);
	return 0;
}

void
replica_read(const char *top, struct replica_state *ret_state)
{
	ret_state->len = 0;
	reading_state = ret_state;
	reading_skip = strlen(top) + 1;
	replica_need(nftw(top, replica_read_one, 16, FTW_PHYS) == 0, top);
	qsort(ret_state->files, ret_state->len, sizeof(*ret_state->files),
	    replica_compare);
}

/* 0: it isn't there. */
static int64_t
replica_find(const struct replica_state *state, const char *path)
{
	struct replica_file sought;
	const struct replica_file *found;

	(void)snprintf(sought.path, sizeof(sought.path), "%s", path);
	found = bsearch(&sought, state->files, state->len,
	    sizeof(*state->files), replica_compare);
	return found == NULL ? 0 : found->written;
}

/* --- files ------------------------------------------------------------------
 */

static void
replica_copy_file(const char *from, const char *to)
{
	static char bytes[1 << 18];
	int in = open(from, O_RDONLY | O_CLOEXEC), out;
	struct timespec times[2];
	struct stat info;
	ssize_t len;

	(void)unlink(to); /* as tools do: a new file under the old name */
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	replica_need(in >= 0 && out >= 0 && fstat(in, &info) == 0, from);
	while ((len = read(in, bytes, sizeof(bytes))) > 0)
		replica_need(write(out, bytes, (size_t)len) == len, to);
	times[0] = times[1] = info.st_mtim;
	replica_need(len == 0 && futimens(out, times) == 0, to);
	(void)close(in);
	(void)close(out);
}

static void
replica_make_above(const char *path)
{
	char above[2 * REPLICA_PATH];

	(void)snprintf(above, sizeof(above), "%s", path);
	for (char *at = strchr(above + 1, '/'); at != NULL;
	     at = strchr(at + 1, '/')) {
		*at = '\0';
		replica_need(mkdir(above, 0700) == 0 || errno == EEXIST, above);
		*at = '/';
	}
}

static const char *copying_from, *copying_to;

static int
replica_copy_one(
    const char *path, const struct stat *info, int type, struct FTW *where)
{
	char to[2 * REPLICA_PATH];

	(void)info;
	(void)where;
	(void)snprintf(
	    to, sizeof(to), "%s%s", copying_to, path + strlen(copying_from));
	if (type == FTW_D)
		replica_need(mkdir(to, 0700) == 0, to);
	else
		replica_copy_file(path, to);
	return 0;
}

void
replica_copy(const char *from, const char *to)
{
	copying_from = from;
	copying_to = to;
	replica_need(nftw(from, replica_copy_one, 16, FTW_PHYS) == 0, from);
}

static int
replica_remove_one(
    const char *path, const struct stat *info, int type, struct FTW *where)
{
	(void)info;
	(void)where;
	return type == FTW_DP ? rmdir(path) : unlink(path);
}

void
replica_remove(const char *top)
{
	(void)nftw(top, replica_remove_one, 16, FTW_PHYS | FTW_DEPTH);
}

void
replica_set_time(const char *top, int64_t since, int64_t until, int64_t written)
{
	static struct replica_state state;
	struct timespec times[2] = { { .tv_sec = written / 1000000000,
	    .tv_nsec = written % 1000000000 } };
	char path[2 * REPLICA_PATH];

	times[1] = times[0];
	replica_read(top, &state);
	for (size_t i = 0; i < state.len; i++) {
		if (state.files[i].written < since ||
		    state.files[i].written > until)
			continue;
		(void)snprintf(
		    path, sizeof(path), "%s/%s", top, state.files[i].path);
		replica_need(utimensat(AT_FDCWD, path, times, 0) == 0, path);
	}
}

/* --- carrying ---------------------------------------------------------------
 */

static void
replica_set_base(struct replica_pair *pair, const char *path, int64_t written)
{
	struct replica_state *base = &pair->base;
	struct replica_file file = { .written = written };
	struct replica_file *found;

	(void)snprintf(file.path, sizeof(file.path), "%s", path);
	found = bsearch(&file, base->files, base->len, sizeof(*base->files),
	    replica_compare);
	if (found != NULL) {
		found->written = written; /* 0: gone in both */
		return;
	}
	replica_need(base->len < REPLICA_FILES, path);
	base->files[base->len++] = file;
	qsort(base->files, base->len, sizeof(*base->files), replica_compare);
}

/* What becomes of one path when `mine` is carried to where `theirs` is. */
static void
replica_carry_one(struct replica_pair *pair, int from, const char *path,
    int64_t mine, int64_t theirs)
{
	int64_t base = replica_find(&pair->base, path);
	char source[2 * REPLICA_PATH], target[2 * REPLICA_PATH];

	if (mine == theirs) {
		replica_set_base(pair, path, mine);
		return;
	}
	if (!pair->deletions && mine <= theirs)
		return; /* only what is new, or newer, is copied */
	if (pair->deletions && mine == base)
		return; /* it changed over there alone */
	(void)snprintf(
	    source, sizeof(source), "%s/%s", pair->paths[from], path);
	(void)snprintf(
	    target, sizeof(target), "%s/%s", pair->paths[1 - from], path);
	if (mine == 0 && theirs != base)
		return; /* a change wins over a deletion */
	if (mine == 0) {
		replica_need(unlink(target) == 0, target);
	} else if (theirs == base || theirs == 0 || mine > theirs) {
		replica_make_above(target);
		replica_copy_file(source, target);
	} else {
		return; /* theirs is the newer change */
	}
	replica_set_base(pair, path, mine);
}

static bool
replica_is_late(const struct replica_pair *pair, const char *path)
{
	return pair->late != NULL &&
	       strncmp(path, pair->late, strlen(pair->late)) == 0;
}

void
replica_carry(struct replica_pair *pair, int from)
{
	static struct replica_state mine, theirs, known;

	replica_read(pair->paths[from], &mine);
	replica_read(pair->paths[1 - from], &theirs);
	known = pair->base;
	for (size_t i = 0; i < mine.len; i++) {
		const char *path = mine.files[i].path;

		if (!replica_is_late(pair, path))
			replica_carry_one(pair, from, path,
			    mine.files[i].written, replica_find(&theirs, path));
	}
	/* what is gone here */
	for (size_t i = 0; i < known.len; i++) {
		const char *path = known.files[i].path;

		if (replica_find(&mine, path) == 0 &&
		    !replica_is_late(pair, path))
			replica_carry_one(
			    pair, from, path, 0, replica_find(&theirs, path));
	}
}

void
replica_settle(struct replica_pair *pair)
{
	replica_read(pair->paths[1], &pair->base);
}
