/* SPDX-License-Identifier: ISC */
/*
 * Folders, documents and the judging that all scenarios share.
 * Injects nothing: that is shim.c.  The contract: place.h.
 */
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void
place_fail(const char *what, const struct carnet_error *err)
{
	(void)fprintf(stderr, "drive: %s: %s\n", what,
	    err != NULL ? err->message : strerror(errno));
	exit(2);
}

bool
judge(bool holds, const char *format, ...)
{
	va_list list;

	if (holds)
		return true;
	va_start(list, format);
	(void)vfprintf(stderr, format, list);
	va_end(list);
	(void)fputc('\n', stderr);
	return false;
}

/* --- folders -------------------------------------------------------------- */

static int
place_remove_one(
    const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void
place_remove(const char *path)
{
	(void)nftw(path, place_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *place_copy_from, *place_copy_to;

static void
place_copy_file(const char *from, const char *to)
{
	static char bytes[1 << 16];
	struct timespec times[2];
	struct stat info;
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t len = -1;

	if (in < 0 || out < 0)
		place_fail("copying", NULL);
	while ((len = read(in, bytes, sizeof(bytes))) > 0)
		if (write(out, bytes, (size_t)len) != len)
			place_fail("copying", NULL);
	if (fstat(in, &info) != 0)
		place_fail("copying", NULL);
	times[0] = times[1] = info.st_mtim; /* forget looks at it */
	if (futimens(out, times) != 0)
		place_fail("copying", NULL);
	(void)close(in);
	(void)close(out);
}

static int
place_copy_one(
    const char *path, const struct stat *st, int type, struct FTW *where)
{
	char to[2 * PLACE_PATH];

	(void)st;
	(void)where;
	(void)snprintf(to, sizeof(to), "%s%s", place_copy_to,
	    path + strlen(place_copy_from));
	if (type == FTW_D) {
		if (mkdir(to, 0700) != 0)
			place_fail("copying", NULL);
	} else
		place_copy_file(path, to);
	return 0;
}

void
place_copy(const char *from, const char *to)
{
	place_copy_from = from;
	place_copy_to = to;
	if (nftw(from, place_copy_one, 16, FTW_PHYS) != 0)
		place_fail("copying", NULL);
}

/* --- documents ------------------------------------------------------------ */

/* Sizes of all kinds: empty, small, several chunks. */
static size_t
place_size(unsigned number)
{
	static const size_t sizes[] = { 700, 5000, 300, 1200, 0, 70000, 1,
		400000 };

	return sizes[number % (sizeof(sizes) / sizeof(sizes[0]))] +
	       (number >= 8 ? number : 0);
}

/* Made before any fault: a run must not fail for the driver's own needs. */
static struct {
	uint8_t *bytes;
	size_t len;
} place_known[PLACE_KNOWN];

static void
place_make_documents(void)
{
	for (unsigned number = 0; number < PLACE_KNOWN; number++) {
		size_t len = place_size(number);
		uint64_t state = number + 1;

		place_known[number].bytes = malloc(len + 1);
		place_known[number].len = len;
		if (place_known[number].bytes == NULL)
			place_fail("memory", NULL);
		for (size_t i = 0; i < len; i++) {
			state =
			    state * 6364136223846793005U + 1442695040888963407U;
			place_known[number].bytes[i] = (uint8_t)(state >> 56);
		}
	}
}

const uint8_t *
place_bytes(unsigned number, size_t *ret_len)
{
	*ret_len = place_known[number].len;
	return place_known[number].bytes;
}

/* --- a place --- */

void
place_begin(struct place *place, const char *top)
{
	(void)snprintf(place->top, PLACE_PATH, "%s", top);
	(void)snprintf(place->template, PLACE_PATH, "%.400s/template", top);
	(void)snprintf(place->work, PLACE_PATH, "%.400s/work", top);
	(void)snprintf(place->vault, PLACE_PATH, "%.400s/work/vault", top);
	(void)snprintf(place->backup, PLACE_PATH, "%.400s/work/backup", top);
	(void)snprintf(place->target, PLACE_PATH, "%.400s/work/target", top);
	(void)snprintf(place->stash, PLACE_PATH, "%.400s/stash", top);
	place->told = mmap(NULL, sizeof(*place->told), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (place->told == MAP_FAILED)
		place_fail("memory", NULL);
	place_make_documents();
	if (mkdir(top, 0700) != 0 || mkdir(place->work, 0700) != 0)
		place_fail(top, NULL);
}

void
place_fresh(struct place *place)
{
	place_remove(place->work);
	place_remove(place->stash);
	place_copy(place->template, place->work);
	if (mkdir(place->stash, 0700) != 0)
		place_fail("stash", NULL);
	memset(place->told, 0, sizeof(*place->told));
}

void
place_end(struct place *place)
{
	place_remove(place->top);
	secret_free(place->master);
	for (unsigned i = 0; i < PLACE_KNOWN; i++)
		free(place_known[i].bytes);
	(void)munmap(place->told, sizeof(*place->told));
}

int
place_recognise(const uint8_t *bytes, size_t len)
{
	for (unsigned number = 0; number < PLACE_KNOWN; number++)
		if (place_known[number].len == len &&
		    memcmp(place_known[number].bytes, bytes, len) == 0)
			return (int)number;
	return -1;
}

struct secret *
place_passphrase(const char *text)
{
	struct secret *secret = secret_from(text, strlen(text));

	if (secret == NULL)
		place_fail("memory", NULL);
	return secret;
}

enum carnet_status
place_open(struct place *place, const char *path, enum carnet_access access,
    struct carnet_vault **ret_vault, struct carnet_error *err)
{
	struct carnet_unlock unlock = { .master = place->master };

	return carnet_vault_open(path, &unlock, access, NULL, ret_vault, err);
}

enum carnet_status
place_put(struct place *place, struct carnet_vault *vault, const char *person,
    unsigned number, struct carnet_error *err)
{
	struct told *told = place->told;
	cJSON *meta = cJSON_CreateObject();
	uint64_t new_bytes = 0;
	bool duplicate = false;
	size_t len;
	const uint8_t *bytes = place_bytes(number, &len);

	if (meta == NULL ||
	    cJSON_AddStringToObject(meta, "person", person) == NULL ||
	    cJSON_AddStringToObject(meta, "source", "a.bin") == NULL) {
		cJSON_Delete(meta);
		return carnet_fail_errno(err, ENOMEM, "driver");
	}
	told->added[told->added_len].number = number;
	return carnet_document_add_bytes(vault, bytes, len, meta,
	    told->added[told->added_len].id, &new_bytes, &duplicate, err);
}

enum carnet_status
place_add(struct place *place, struct carnet_vault *vault, unsigned number,
    bool commit, struct carnet_error *err)
{
	char person[CARNET_ID_TEXT];
	enum carnet_status status =
	    carnet_person_find(vault, NULL, person, err);

	if (status == CARNET_OK)
		status = place_put(place, vault, person, number, err);
	if (status == CARNET_OK && commit)
		status = carnet_commit(vault, err);
	if (status == CARNET_OK && commit)
		place->told->added_len++;
	return status;
}

/* --- judging -------------------------------------------------------------- */

static bool
judge_problems(const cJSON *report, const char *allowed, const char *when)
{
	const cJSON *problem;
	bool good = true;

	cJSON_ArrayForEach(problem, carnet_json_get(report, "problems"))
	{
		const char *kind = carnet_json_string(problem, "kind");

		if (allowed == NULL || strstr(allowed, kind) == NULL)
			good = judge(false, "%s: check says %s %s: %s", when,
			    kind, carnet_json_string(problem, "id"),
			    carnet_json_string(problem, "detail"));
	}
	return good;
}

static bool
judge_check(struct place *place, const char *path, const char *allowed,
    const char *when)
{
	struct carnet_unlock unlock = { .master = place->master };
	struct carnet_error err = { 0 };
	cJSON *report = NULL;
	bool good;

	if (!judge(carnet_check(path, &unlock, true, NULL, NULL, &report,
		       &err) == CARNET_OK,
		"%s: check failed: %s", when, err.message))
		return false;
	good = judge_problems(report, allowed, when);
	cJSON_Delete(report);
	return good;
}

/* What the index lacks is no loss as long as check names it: repair. */
static bool
judge_repair_index(struct place *place, const char *path)
{
	struct carnet_unlock unlock = { .master = place->master };
	struct carnet_error err = { 0 };
	cJSON *report = NULL;
	bool clean = true, good = true;

	if (carnet_check(path, &unlock, false, NULL, NULL, &report, &err) ==
	    CARNET_OK)
		clean = carnet_json_bool(report, "ok", false);
	cJSON_Delete(report);
	report = NULL;
	if (!clean) {
		place->told->mended = true;
		good = judge(carnet_repair(path, &unlock, NULL, &report,
				 &err) == CARNET_OK,
		    "it can't be repaired: %s", err.message);
	}
	cJSON_Delete(report);
	return good;
}

bool
judge_vault(struct place *place, const char *path)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	const cJSON *warning;
	bool good;

	/* before anyone mends it, the index may be behind, and one copy of a
	 * header not written yet */
	good = judge_check(place, path, "index header", "before");
	if (!judge(place_open(place, path, CARNET_WRITE, &vault, &err) ==
		       CARNET_OK,
		"it doesn't open: %s", err.message))
		return false;
	good &= judge(!carnet_vault_is_damaged(vault), "opened as damaged");
	cJSON_ArrayForEach(warning, carnet_vault_warnings(vault)) good &= judge(
	    strstr(warning->valuestring, "built again from the ledger") != NULL,
	    "it warns: %s", warning->valuestring);
	carnet_vault_close(vault);
	if (place->may_repair || place->told->warned)
		good &= judge_repair_index(place, path);
	return judge_check(place, path, NULL, "after") && good;
}

struct gathered {
	uint8_t *bytes;
	size_t len;
};

static bool
gather(void *context, const uint8_t *bytes, size_t len)
{
	struct gathered *gathered = context;

	if (gathered->len + len > (1 << 20))
		return false;
	if (len > 0)
		memcpy(gathered->bytes + gathered->len, bytes, len);
	gathered->len += len;
	return true;
}

/* Which document is under this id; -1: none, -2: something else. */
static int
judge_one(struct carnet_vault *vault, const char *id)
{
	static uint8_t room[1 << 20];
	struct gathered gathered = { room, 0 };
	struct carnet_error err = { 0 };
	enum carnet_status status =
	    carnet_document_read(vault, id, gather, &gathered, &err);

	if (status == CARNET_NOT_FOUND)
		return -1;
	if (status != CARNET_OK)
		return -2;
	return place_recognise(room, gathered.len);
}

bool
judge_documents(struct place *place, const char *path, int except)
{
	const struct told *told = place->told;
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	bool seen[PLACE_KNOWN] = { false }, good = true;
	cJSON *documents = NULL;
	const cJSON *document;

	if (!judge(
		place_open(place, path, CARNET_READ, &vault, &err) == CARNET_OK,
		"it doesn't open to read: %s", err.message))
		return false;
	if (judge(carnet_documents(vault, NULL, &documents, &err) == CARNET_OK,
		"documents aren't listed: %s", err.message))
		cJSON_ArrayForEach(document, documents)
		{
			const char *id = carnet_json_string(document, "id");
			int number = judge_one(vault, id);

			good &= judge(number >= 0, "%s is not whole", id);
			if (number >= 0)
				seen[number] = true;
		}
	else
		good = false;
	for (int i = 0; i < 3; i++)
		good &= judge(seen[i] || i == except, "%d is lost", i);
	for (unsigned i = 0; i < told->added_len; i++)
		good &= judge(judge_one(vault, told->added[i].id) ==
				  (int)told->added[i].number,
		    "document %u was told and is lost", told->added[i].number);
	cJSON_Delete(documents);
	carnet_vault_close(vault);
	return good;
}
