/* SPDX-License-Identifier: ISC */
/*
 * The log that a power cut plays backwards.  Files are known by device and
 * inode, folders by path; a file that loses its last name is kept alive by a
 * link in the stash.  The contract: shim_undo.h.
 */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#include "shim_undo.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define UNDO_PATH 4096
#define UNDO_SECTOR 512

struct undo {
	enum shim_undo_kind kind;
	int durable;
	ino_t file;           /* WRITE, CUT: whose bytes */
	int fd;               /* a descriptor of our own to it */
	int64_t offset, size; /* size: of the file before */
	uint8_t *old;         /* bytes at offset before */
	size_t old_len, new_len;
	char *from, *to; /* paths */
	char *stash;     /* a link to what was at from (unlink), to (rename) */
	int is_folder, had_target;
	mode_t mode;
};

static struct {
	struct undo *list;
	size_t len, room;
	char stash[UNDO_PATH];
	unsigned stashed;
	struct undo pending; /* between name_before and name_after */
} undo_log;

static void
undo_add(const struct undo *undo)
{
	if (undo_log.len == undo_log.room) {
		undo_log.room = undo_log.room == 0 ? 256 : undo_log.room * 2;
		undo_log.list = realloc(
		    undo_log.list, undo_log.room * sizeof(*undo_log.list));
		if (undo_log.list == NULL)
			abort();
	}
	undo_log.list[undo_log.len++] = *undo;
}

void
shim_undo_begin(const char *stash)
{
	(void)snprintf(undo_log.stash, sizeof(undo_log.stash), "%s",
	    stash != NULL ? stash : "/nonexistent");
	undo_log.len = 0;
}

void
shim_undo_created(const char *path)
{
	undo_add(&(struct undo){
	    .kind = SHIM_UNDO_CREATE, .fd = -1, .from = strdup(path) });
}

/* The same file, open to be read and written, whatever its name becomes. */
static int
undo_reopen(const char *path, ino_t file)
{
	struct stat st;
	int fd = (int)syscall(
	    SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0);

	if (fd >= 0 && (fstat(fd, &st) != 0 || st.st_ino != file)) {
		(void)syscall(SYS_close, fd);
		return -1;
	}
	return fd;
}

/* A descriptor that an earlier entry for this file has, or a new one. */
static int
undo_fd(const char *path, ino_t file)
{
	for (size_t i = undo_log.len; i-- > 0;)
		if (undo_log.list[i].file == file && undo_log.list[i].fd >= 0)
			return undo_log.list[i].fd;
	return undo_reopen(path, file);
}

static void
undo_keep_bytes(int fd, const char *path, int64_t offset, size_t len,
    enum shim_undo_kind kind)
{
	struct undo undo = { .kind = kind, .offset = offset, .new_len = len };
	struct stat st;
	long got = 0;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	undo.file = st.st_ino;
	undo.size = st.st_size;
	undo.fd = undo_fd(path, st.st_ino);
	if (undo.fd < 0)
		return;
	if (kind == SHIM_UNDO_CUT)
		len = st.st_size > offset ? (size_t)(st.st_size - offset) : 0;
	undo.old = malloc(len + 1);
	if (undo.old == NULL)
		abort();
	if (len > 0)
		got = syscall(SYS_pread64, undo.fd, undo.old, len, offset);
	undo.old_len = got > 0 ? (size_t)got : 0;
	undo_add(&undo);
}

void
shim_undo_write(int fd, const char *path, size_t len, int64_t offset)
{
	if (offset < 0)
		offset = syscall(SYS_lseek, fd, 0, SEEK_CUR);
	undo_keep_bytes(fd, path, offset, len, SHIM_UNDO_WRITE);
}

void
shim_undo_cut_file(int fd, const char *path, int64_t len)
{
	undo_keep_bytes(fd, path, len, 0, SHIM_UNDO_CUT);
}

/* --- names ---------------------------------------------------------------- */

static char *
undo_stash(const char *path)
{
	char name[UNDO_PATH + 32];

	(void)snprintf(name, sizeof(name), "%s/%u-%u", undo_log.stash,
	    (unsigned)getpid(), undo_log.stashed++);
	if (syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, name, 0) != 0)
		return NULL;
	return strdup(name);
}

void
shim_undo_name_before(
    enum shim_undo_kind kind, const char *from, const char *to, int is_folder)
{
	struct undo undo = { .kind = kind,
		.fd = -1,
		.from = strdup(from),
		.is_folder = is_folder };
	struct stat st;

	if (to != NULL)
		undo.to = strdup(to);
	if (kind == SHIM_UNDO_UNLINK && !is_folder)
		undo.stash = undo_stash(from);
	if (kind == SHIM_UNDO_UNLINK && is_folder && lstat(from, &st) == 0)
		undo.mode = st.st_mode & 07777;
	if (kind == SHIM_UNDO_RENAME && lstat(to, &st) == 0) {
		undo.had_target = 1;
		undo.stash = undo_stash(to);
	}
	undo_log.pending = undo;
}

void
shim_undo_name_after(int done)
{
	if (done)
		undo_add(&undo_log.pending);
}

static int
undo_is_in(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return path != NULL && strncmp(path, folder, len) == 0 &&
	       path[len] == '/' && strchr(path + len + 1, '/') == NULL;
}

void
shim_undo_synced(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return;
	for (size_t i = 0; i < undo_log.len; i++) {
		struct undo *undo = &undo_log.list[i];

		if (S_ISDIR(st.st_mode) ? undo_is_in(undo->from, path) ||
					      undo_is_in(undo->to, path)
					: (undo->kind == SHIM_UNDO_WRITE ||
					      undo->kind == SHIM_UNDO_CUT) &&
					      undo->file == st.st_ino)
			undo->durable = 1;
	}
}

/* --- the cut -------------------------------------------------------------- */

static uint64_t
undo_random(uint64_t *state)
{
	*state += 0x9e3779b97f4a7c15U;
	uint64_t z = *state;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

/* Puts bytes back that were there before; past the old end, nothing was. */
static void
undo_put_back(const struct undo *undo, int64_t from, int64_t until)
{
	static const uint8_t zeros[UNDO_SECTOR];
	int64_t at = from;

	while (at < until) {
		int64_t in = at - undo->offset;
		int64_t step = until - at;

		if (in < (int64_t)undo->old_len) {
			if (step > (int64_t)undo->old_len - in)
				step = (int64_t)undo->old_len - in;
			(void)!syscall(SYS_pwrite64, undo->fd, undo->old + in,
			    (size_t)step, at);
		} else {
			if (step > UNDO_SECTOR)
				step = UNDO_SECTOR;
			(void)!syscall(
			    SYS_pwrite64, undo->fd, zeros, (size_t)step, at);
		}
		at += step;
	}
}

/*
 * One write: lost whole (the file has its old size again), kept, or torn:
 * each sector for itself is the new or the old one.
 */
static void
undo_write(const struct undo *undo, uint64_t *random)
{
	int64_t end = undo->offset + (int64_t)undo->new_len;
	uint64_t way = random == NULL ? 0 : undo_random(random) % 4;

	if (way == 3)
		return; /* it got there */
	if (way < 2) {
		undo_put_back(undo, undo->offset, end);
		if (undo->size < end)
			(void)!syscall(SYS_ftruncate, undo->fd, undo->size);
		return;
	}
	for (int64_t at = undo->offset; at < end;) {
		int64_t next = (at / UNDO_SECTOR + 1) * UNDO_SECTOR;

		if (next > end)
			next = end;
		if (undo_random(random) % 2 == 0)
			undo_put_back(undo, at, next);
		at = next;
	}
}

static void
undo_cut_back(const struct undo *undo, uint64_t *random)
{
	if (random != NULL && undo_random(random) % 2 == 0)
		return;
	(void)!syscall(
	    SYS_pwrite64, undo->fd, undo->old, undo->old_len, undo->offset);
	(void)!syscall(SYS_ftruncate, undo->fd, undo->size);
}

static void
undo_name(const struct undo *undo)
{
	switch (undo->kind) {
	case SHIM_UNDO_CREATE:
		(void)syscall(SYS_unlinkat, AT_FDCWD, undo->from, 0);
		break;
	case SHIM_UNDO_MKDIR:
		(void)syscall(SYS_unlinkat, AT_FDCWD, undo->from, AT_REMOVEDIR);
		break;
	case SHIM_UNDO_RENAME:
		(void)syscall(SYS_renameat2, AT_FDCWD, undo->to, AT_FDCWD,
		    undo->from, 0U);
		if (undo->stash != NULL)
			(void)syscall(SYS_linkat, AT_FDCWD, undo->stash,
			    AT_FDCWD, undo->to, 0);
		break;
	case SHIM_UNDO_LINK:
		(void)syscall(SYS_unlinkat, AT_FDCWD, undo->to, 0);
		break;
	case SHIM_UNDO_UNLINK:
		if (undo->is_folder)
			(void)syscall(
			    SYS_mkdirat, AT_FDCWD, undo->from, undo->mode);
		else if (undo->stash != NULL)
			(void)syscall(SYS_linkat, AT_FDCWD, undo->stash,
			    AT_FDCWD, undo->from, 0);
		break;
	default:
		break;
	}
}

static int
undo_is_name(const struct undo *undo)
{
	return undo->kind != SHIM_UNDO_WRITE && undo->kind != SHIM_UNDO_CUT;
}

/*
 * Names that may be lost: behind the last durable one that a journal would
 * have written with them, that is, behind every durable one.
 */
static size_t
undo_first_lost(uint64_t *random)
{
	size_t names = 0, kept, first = 0;

	for (size_t i = 0; i < undo_log.len; i++) {
		if (!undo_is_name(&undo_log.list[i]))
			continue;
		if (undo_log.list[i].durable) {
			names = 0;
			first = i + 1;
		} else
			names++;
	}
	kept = undo_random(random) % (names + 1);
	for (size_t i = first; i < undo_log.len && kept > 0; i++) {
		if (undo_is_name(&undo_log.list[i]))
			kept--;
		first = i + 1;
	}
	return first;
}

void
shim_undo_cut(uint64_t seed)
{
	uint64_t state = seed, *random = seed == 0 ? NULL : &state;
	size_t first_lost = random == NULL ? 0 : undo_first_lost(random);

	for (size_t i = undo_log.len; i-- > 0;) {
		struct undo *undo = &undo_log.list[i];

		if (undo->durable)
			continue;
		if (undo->kind == SHIM_UNDO_WRITE)
			undo_write(undo, random);
		else if (undo->kind == SHIM_UNDO_CUT)
			undo_cut_back(undo, random);
		else if (i >= first_lost)
			undo_name(undo);
	}
}
