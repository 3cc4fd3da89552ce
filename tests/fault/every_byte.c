/* SPDX-License-Identifier: ISC */
/*
 * Every byte of a small vault and of its backup, flipped in turn, with the key
 * in hand: the whole check says so each time, and nothing else is ever read.
 * What else can happen to a file: damage.c.
 *
 * every_byte [STEP [FIRST [SPARSE [PART]]]]
 *   STEP: every STEP-th byte only, from byte FIRST on, so that several runs
 *   side by side come by all of them: 2 0 and 2 1
 *   SPARSE: of the index and of packs' padding, which are nine tenths of all
 *   bytes, one in SPARSE of these
 *   PART: only files whose names begin so: vault/ or backup/
 * What is read and restored after a flip is asked of every byte but of the
 * index and of packs' padding: there of one in EVERY_READ.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "damaged.h"

#define EVERY_READ 61     /* a prime: spread over whatever STEP is */
#define EVERY_BATCH 1024  /* flips of one process */
#define EVERY_PATIENCE 60 /* seconds for one flip */
#define EVERY_SHOWN 30

/* Where a pack's chunks and list end at the latest, and its trailer begins:
 * the template's documents are small. */
#define EVERY_PACK_HEAD ((off_t)12 << 10)
#define EVERY_PACK_TAIL ((off_t)512)

/* Shared with the process that flips: a crash is a finding, too. */
struct every_state {
	off_t at;
	unsigned long flips, read, bad;
};

static struct place place;
static struct damaged_files files;
static struct every_state *state;
static unsigned long step = 1, first, sparse = 1;
static const char *part = "";

/* The index, and the padding of a pack. */
static bool
is_vast_at(const char *file, off_t at, off_t size)
{
	if (damaged_is_index(file))
		return true;
	return damaged_is_pack(file) && at >= EVERY_PACK_HEAD &&
	       at < size - EVERY_PACK_TAIL;
}

static bool
is_skipped_at(const char *file, off_t at, off_t size)
{
	return (at - (off_t)first) / (off_t)step % (off_t)sparse != 0 &&
	       is_vast_at(file, at, size);
}

static bool
is_read_at(const char *file, off_t at, off_t size)
{
	return at % EVERY_READ == 0 || !is_vast_at(file, at, size);
}

/* A reader makes a hurt index again: the flipped one comes back here. */
static void
put_index_back(const char *file, const char *path)
{
	char from[2 * PLACE_PATH];

	if (!damaged_is_index(file))
		return;
	(void)snprintf(
	    from, sizeof(from), "%.500s/%.500s", place.template, file);
	if (unlink(path) != 0)
		place_fail(path, NULL);
	place_copy(from, path);
}

static bool
judge_read(const char *file)
{
	struct carnet_error err = { 0 };
	int whole;

	if (damaged_in_backup(file))
		return judge(damaged_restored(&place, &err) >= 0,
		    "something else was restored");
	whole = damaged_whole(&place, place.vault, &err);
	if (damaged_is_pack(file) || damaged_is_index(file))
		return judge(whole >= 0, "something else was read");
	return judge(whole == DAMAGED_DOCUMENTS, "only %d are readable: %s",
	    whole, err.message);
}

static void
judge_flip(const char *file, const char *path, off_t size)
{
	bool good;

	(void)alarm(EVERY_PATIENCE);
	damaged_flip(path, state->at);
	good =
	    judge(damaged_detected(&place, file), "the check doesn't say so");
	if (is_read_at(file, state->at, size)) {
		good &= judge_read(file);
		state->read++;
		if (damaged_is_index(file))
			put_index_back(file, path);
		else
			damaged_flip(path, state->at);
	} else
		damaged_flip(path, state->at);
	state->flips++;
	if (good)
		return;
	if (state->bad++ < EVERY_SHOWN)
		(void)fprintf(
		    stderr, "^ %s, %lld\n", file, (long long)state->at);
}

/* From state->at to `end`, in a process of its own. */
static void
flip_batch(const char *file, off_t end, off_t size)
{
	char path[2 * PLACE_PATH];
	int status = -1;
	pid_t pid;

	damaged_path(&place, file, path);
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		for (; state->at < end; state->at += (off_t)step)
			if (!is_skipped_at(file, state->at, size))
				judge_flip(file, path, size);
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		place_fail("fork", NULL);
	if (status == 0)
		return;
	(void)fprintf(stderr, "^ %s, %lld: %s %d\n", file, (long long)state->at,
	    WIFSIGNALED(status) ? "signal" : "exit",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	state->bad++;
	state->flips++;
	state->at += (off_t)step;
	place_fresh(&place);
}

static void
flip_file(const char *file)
{
	unsigned long before = state->flips, read = state->read;
	char path[2 * PLACE_PATH];
	struct timespec from, to;
	struct stat st;
	off_t batch = (off_t)(EVERY_BATCH * step);

	damaged_path(&place, file, path);
	if (stat(path, &st) != 0)
		place_fail(path, NULL);
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	for (off_t at = (off_t)first; at < st.st_size; at += batch) {
		off_t end = at + batch < st.st_size ? at + batch : st.st_size;

		for (state->at = at; state->at < end;)
			flip_batch(file, end, st.st_size);
	}
	place_fresh(&place);
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%-60s %8lld bytes, %7lu flipped, %7lu read back, %.0f s\n",
	    file, (long long)st.st_size, state->flips - before,
	    state->read - read,
	    (double)(to.tv_sec - from.tv_sec) +
		(double)(to.tv_nsec - from.tv_nsec) / 1e9);
	(void)fflush(stdout);
}

static bool
parse(int argc, char **argv)
{
	if (argc > 1)
		step = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		first = strtoul(argv[2], NULL, 10);
	if (argc > 3)
		sparse = strtoul(argv[3], NULL, 10);
	if (argc > 4)
		part = argv[4];
	return argc <= 5 && step > 0 && first < step && sparse > 0;
}

int
main(int argc, char **argv)
{
	const char *where = access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm"
			    : getenv("TMPDIR") != NULL ? getenv("TMPDIR")
						       : "/tmp";
	char scratch[PLACE_PATH], top[PLACE_PATH];
	unsigned long flips, bad;

	if (!parse(argc, argv) || sodium_init() < 0)
		return 2;
	state = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	(void)snprintf(
	    scratch, sizeof(scratch), "%.300s/carnet-every-byte-XXXXXX", where);
	if (state == MAP_FAILED || mkdtemp(scratch) == NULL)
		place_fail("scratch", NULL);
	(void)snprintf(top, sizeof(top), "%.400s/run", scratch);
	place_begin(&place, top);
	damaged_make_template(&place, &files);
	if (!judge(damaged_is_whole(&place), "not whole to begin with"))
		return 2;
	for (size_t i = 0; i < files.len; i++)
		if (strncmp(files.names[i], part, strlen(part)) == 0)
			flip_file(files.names[i]);
	place_end(&place);
	(void)rmdir(scratch);
	flips = state->flips;
	bad = state->bad;
	printf("%lu passed, %lu failed, 0 skipped\n", flips - bad, bad);
	return bad == 0 ? 0 : 1;
}
