/* SPDX-License-Identifier: ISC */
/*
 * Bytes flipped and files hurt, one after the other, with the key in hand:
 * each is detected and contained.  Every byte, each asked less: every_byte.c.
 *
 * damage STEP
 *   STEP: every STEP-th byte of packs and of the index, every byte of all
 *   other files (every STEP / 64-th when STEP is above 64)
 * The last line counts flips and hurts as test cases.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "damaged.h"

#define DAMAGE_SHOWN 30

static struct place place;
static struct damaged_files files;
static unsigned long flips, hurts, bad;

enum expect { DETECT = 1, KEEP_ALL = 2, REPAIR_ALL = 4 };

/* In a process of its own: a crash is a finding, too. */
static bool
judge_hurt(const char *file, unsigned expect)
{
	struct carnet_unlock unlock = { .master = place.master };
	struct carnet_error err = { 0 };
	cJSON *report = NULL;
	bool good = true;
	int whole;

	if ((expect & DETECT) != 0)
		good = judge(damaged_detected(&place, file), "not detected");
	if (damaged_in_backup(file))
		return judge(damaged_restored(&place, &err) >= 0,
			   "something else was restored") &&
		       good;
	whole = damaged_whole(&place, place.vault, &err);
	good &= judge(whole >= 0, "something else was read");
	if ((expect & KEEP_ALL) != 0)
		good &= judge(whole == DAMAGED_DOCUMENTS,
		    "only %d are readable: %s", whole, err.message);
	if ((expect & REPAIR_ALL) != 0) {
		good &= judge(carnet_repair(place.vault, &unlock, NULL, &report,
				  &err) == CARNET_OK,
		    "not repaired: %s", err.message);
		cJSON_Delete(report);
		whole = damaged_whole(&place, place.vault, &err);
		good &= judge(whole == DAMAGED_DOCUMENTS,
		    "only %d are readable after repair", whole);
	}
	return good;
}

static void
judge_one(const char *file, const char *how, unsigned long at, unsigned expect)
{
	int status = -1;
	pid_t pid;

	(void)fflush(stderr);
	pid = fork();
	if (pid == 0) {
		(void)alarm(120);
		exit(judge_hurt(file, expect) ? 0 : 1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		place_fail("fork", NULL);
	if (status == 0)
		return;
	if (bad++ < DAMAGE_SHOWN)
		(void)fprintf(stderr, "^ %s, %s, %lu: %s %d\n", file, how, at,
		    WIFSIGNALED(status) ? "signal" : "exit",
		    WIFSIGNALED(status) ? WTERMSIG(status)
					: WEXITSTATUS(status));
}

/* --- flipping ------------------------------------------------------------- */

static unsigned
expect_of(const char *file)
{
	if (damaged_in_backup(file) || damaged_is_pack(file))
		return DETECT;
	if (damaged_is_index(file)) /* a reader builds it again */
		return DETECT;
	return DETECT | KEEP_ALL;
}

static void
flip_file(const char *file, unsigned long step)
{
	bool large = damaged_is_pack(file) || damaged_is_index(file);
	char path[2 * PLACE_PATH];
	struct stat st;

	if (!large)
		step = step / 64 == 0 ? 1 : step / 64;
	damaged_path(&place, file, path);
	if (stat(path, &st) != 0)
		place_fail(path, NULL);
	for (off_t at = 0; at < st.st_size; at += (off_t)step) {
		/* a damaged index is built again: begin anew each time */
		if (damaged_is_index(file))
			place_fresh(&place);
		damaged_flip(path, at);
		judge_one(file, "flipped", (unsigned long)at, expect_of(file));
		if (!damaged_is_index(file))
			damaged_flip(path, at);
		flips++;
	}
	place_fresh(&place);
}

/* --- larger hurts --------------------------------------------------------- */

static void
hurt_zero(const char *path, const char *other)
{
	static const uint8_t zeros[512];
	struct stat st;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	(void)other;
	if (fd < 0 || fstat(fd, &st) != 0 ||
	    pwrite(fd, zeros, st.st_size > 1024 ? 512 : (size_t)st.st_size / 2,
		st.st_size / 4) <= 0)
		place_fail(path, NULL);
	(void)close(fd);
}

static void
hurt_cut(const char *path, const char *other)
{
	struct stat st;

	(void)other;
	if (stat(path, &st) != 0 || truncate(path, st.st_size / 2) != 0)
		place_fail(path, NULL);
}

static void
hurt_empty(const char *path, const char *other)
{
	(void)other;
	if (truncate(path, 0) != 0)
		place_fail(path, NULL);
}

static void
hurt_shorten(const char *path, const char *other)
{
	struct stat st;

	(void)other;
	if (stat(path, &st) != 0 || truncate(path, st.st_size - 1) != 0)
		place_fail(path, NULL);
}

static void
hurt_delete(const char *path, const char *other)
{
	(void)other;
	if (unlink(path) != 0)
		place_fail(path, NULL);
}

/* The file once more behind itself. */
static void
hurt_double(const char *path, const char *other)
{
	struct stat st;
	uint8_t *bytes;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	(void)other;
	if (fd < 0 || fstat(fd, &st) != 0)
		place_fail(path, NULL);
	bytes = malloc((size_t)st.st_size);
	if (bytes == NULL ||
	    pread(fd, bytes, (size_t)st.st_size, 0) != st.st_size ||
	    pwrite(fd, bytes, (size_t)st.st_size, st.st_size) != st.st_size)
		place_fail(path, NULL);
	free(bytes);
	(void)close(fd);
}

/* Another vault's file of the same kind. */
static void
hurt_graft(const char *path, const char *other)
{
	if (unlink(path) != 0)
		place_fail(path, NULL);
	place_copy(other, path);
}

static const struct {
	const char *name;
	void (*hurt)(const char *path, const char *other);
} hurt_rows[] = {
	{ "512 bytes zeroed", hurt_zero },
	{ "cut in half", hurt_cut },
	{ "emptied", hurt_empty },
	{ "one byte short", hurt_shorten },
	{ "deleted", hurt_delete },
	{ "doubled", hurt_double },
	{ "grafted", hurt_graft },
};

/* A file of the same kind in the other vault, or in its backup. */
static const char *other_found;
static char other_path[4096];

static int
other_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	const char *kind = damaged_is_pack(other_found) ? "packs/"
			   : strstr(other_found, "ledger/") != NULL
			       ? "ledger/"
			       : strrchr(other_found, '/');

	(void)where;
	if (type != FTW_F || st->st_size == 0 ||
	    strstr(path + strlen(place.top), kind) == NULL)
		return 0;
	(void)snprintf(other_path, sizeof(other_path), "%.4095s", path);
	return 1;
}

static void
hurt_file(const char *file)
{
	char path[2 * PLACE_PATH], other[PLACE_PATH];
	unsigned expect = DETECT;

	damaged_path(&place, file, path);
	(void)snprintf(other, sizeof(other), "%.400s/other", place.top);
	if (strncmp(file, "vault/", 6) == 0 && !damaged_is_pack(file) &&
	    strstr(file, "ledger/") == NULL)
		expect |= REPAIR_ALL;
	for (size_t i = 0; i < sizeof(hurt_rows) / sizeof(hurt_rows[0]); i++) {
		unsigned row = expect;

		other_found = file;
		other_path[0] = '\0';
		if (hurt_rows[i].hurt == hurt_graft &&
		    (nftw(other, other_one, 16, FTW_PHYS) != 1 ||
			damaged_in_backup(file)))
			continue;
		/* no device file: a restored vault; the next writer makes one
		 */
		if (strcmp(file, "vault/device") == 0 &&
		    hurt_rows[i].hurt == hurt_delete)
			row &= ~(unsigned)DETECT;
		/* two vaults' headers side by side: refused, not guessed */
		if (hurt_rows[i].hurt == hurt_graft)
			row &= ~(unsigned)REPAIR_ALL;
		/* what follows the last known record is a torn tail */
		if (hurt_rows[i].hurt == hurt_double &&
		    strncmp(file, "vault/ledger/", 13) == 0 &&
		    strcmp(strrchr(file, '/'), "/2") == 0)
			row &= ~(unsigned)DETECT;
		place_fresh(&place);
		hurt_rows[i].hurt(path, other_path);
		judge_one(file, hurt_rows[i].name, 0, row);
		hurts++;
	}
	place_fresh(&place);
}

int
main(int argc, char **argv)
{
	const char *where = access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm"
			    : getenv("TMPDIR") != NULL ? getenv("TMPDIR")
						       : "/tmp";
	char other[PLACE_PATH], scratch[PLACE_PATH], top[PLACE_PATH];
	unsigned long step;

	if (argc != 2 || sodium_init() < 0)
		return 2;
	(void)snprintf(
	    scratch, sizeof(scratch), "%.300s/carnet-damage-XXXXXX", where);
	if (mkdtemp(scratch) == NULL)
		place_fail("scratch", NULL);
	(void)snprintf(top, sizeof(top), "%.400s/run", scratch);
	step = strtoul(argv[1], NULL, 10);
	place_begin(&place, top);
	(void)snprintf(other, sizeof(other), "%.400s/other", place.top);
	damaged_make_vault(&place, other, 3, 2);
	damaged_make_template(&place, &files);
	if (!judge(damaged_is_whole(&place), "not whole to begin with"))
		return 2;
	for (size_t i = 0; i < files.len; i++)
		flip_file(files.names[i], step);
	for (size_t i = 0; i < files.len; i++)
		hurt_file(files.names[i]);
	place_end(&place);
	(void)rmdir(scratch);
	printf("%lu flips, %lu hurts\n", flips, hurts);
	printf("%lu passed, %lu failed, 0 skipped\n", flips + hurts - bad, bad);
	return bad == 0 ? 0 : 1;
}
