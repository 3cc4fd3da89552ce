/* SPDX-License-Identifier: ISC */
/*
 * A disk that can't read one pack or one segment, for good or for a moment:
 * named, gone around, and nothing is given up that could be read a minute
 * later.  Hurts no byte: damage.c does.  docs/reliability.md.
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

#include "place.h"
#include "shim.h"
#include "vault.h"

#define DOCUMENTS 3

static struct place place;
static char files[32][PLACE_PATH]; /* below the vault */
static size_t files_len;

struct trial {
	const char *file;
	bool no_index;
	bool hurt;   /* and something beside it is hurt, but nothing lost */
	uint64_t at; /* which opening or reading of the file fails first */
	bool persists;
};

/* --- the template --------------------------------------------------------- */

/* Another device has seen how far this one's ledger goes: what can't be read
 * isn't missing because of that. */
static void
see_from_another_device(void)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	cJSON *payload = cJSON_CreateObject();
	char device[PLACE_PATH + 16];

	(void)snprintf(device, sizeof(device), "%s/device", place.vault);
	if (unlink(device) != 0 ||
	    place_open(&place, place.vault, CARNET_WRITE, &vault, &err) !=
		CARNET_OK ||
	    cJSON_AddStringToObject(payload, "carnet", "0.1.0") == NULL ||
	    carnet_queue(vault, "vault.created", NULL, payload, NULL, &err) !=
		CARNET_OK ||
	    carnet_commit(vault, &err) != CARNET_OK)
		place_fail("another device", &err);
	carnet_vault_close(vault);
}

/* Three documents, each in a pack and a segment of its own. */
static void
make_vault(void)
{
	const struct carnet_backup_options options = { .today = "2026-03-05" };
	struct secret *passphrase = place_passphrase("unreadable");
	struct carnet_new new = { .path = place.vault,
		.person = "Essai",
		.today = "2026-03-05",
		.passphrase = passphrase };
	struct secret *words = NULL;
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	cJSON *report = NULL;

	if (mkdir(place.backup, 0700) != 0 ||
	    carnet_vault_create(&new, &vault, &words, &err) != CARNET_OK)
		place_fail("making a vault", &err);
	place.master =
	    secret_from(secret_peek(vault->master), secret_len(vault->master));
	for (unsigned number = 0; number < DOCUMENTS; number++) {
		if (place_add(&place, vault, number, true, &err) != CARNET_OK)
			place_fail("adding", &err);
		if (carnet_backup_make(vault, place.backup, &options, &report,
			&err) != CARNET_OK)
			place_fail("a backup", &err);
		cJSON_Delete(report);
		report = NULL;
	}
	carnet_vault_close(vault);
	secret_free(passphrase);
	see_from_another_device();
}

static int
list_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	const char *below = path + strlen(place.template) + strlen("/vault/");

	(void)where;
	if (type == FTW_F && st->st_size > 0 && files_len < 32 &&
	    (strncmp(below, "packs/", 6) == 0 ||
		strncmp(below, "ledger/", 7) == 0))
		(void)snprintf(files[files_len++], PLACE_PATH, "%s", below);
	return 0;
}

/* --- while it can't be read ----------------------------------------------- */

static bool
judge_named(const cJSON *report, const struct trial *trial)
{
	const cJSON *problem;

	cJSON_ArrayForEach(problem,
	    carnet_json_get(report,
		"problems")) if (strcmp(carnet_json_string(problem, "id"),
				     trial->file) == 0 &&
				 strstr(carnet_json_string(problem, "detail"),
				     strerror(EIO)) != NULL) return true;
	return judge(false, "it isn't named");
}

/* A segment alone is lacking: a whole one is never called missing. */
static bool
judge_no_gap(const cJSON *report)
{
	const cJSON *problem;
	bool good = true;

	cJSON_ArrayForEach(problem, carnet_json_get(report, "problems"))
	{
		const char *detail = carnet_json_string(problem, "detail");

		if (strcmp(carnet_json_string(problem, "kind"), "index") == 0)
			continue;
		good &= judge(strstr(detail, "missing") == NULL &&
				  strstr(detail, "lost") == NULL,
		    "called lost: %s", detail);
	}
	return good;
}

static bool
run_check(const struct trial *trial)
{
	struct carnet_unlock unlock = { .master = place.master };
	struct carnet_error err = { 0 };
	cJSON *report = NULL;
	bool good;

	good = judge(carnet_check(place.vault, &unlock, true, NULL, NULL,
			 &report, &err) == CARNET_OK,
	    "check: %s", err.message);
	if (good && trial->persists)
		good = judge_named(report, trial) && judge_no_gap(report);
	cJSON_Delete(report);
	return good;
}

static bool
run_list(const struct trial *trial)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	cJSON *documents = NULL;
	bool good = judge(place_open(&place, place.vault, CARNET_READ, &vault,
			      &err) == CARNET_OK,
	    "open: %s", err.message);
	int len;

	if (!good)
		return false;
	good =
	    judge(carnet_documents(vault, NULL, &documents, &err) == CARNET_OK,
		"list: %s", err.message);
	len = cJSON_GetArraySize(documents);
	/* a segment holds at most one document; the first one, whose they
	 * are, too */
	if (strncmp(trial->file, "ledger/", 7) != 0 ||
	    strcmp(strrchr(trial->file, '/'), "/1") != 0)
		good &= judge(len >= DOCUMENTS - 1, "only %d are listed", len);
	if (trial->persists && trial->no_index)
		good &= judge(
		    carnet_vault_is_damaged(vault), "nobody is told of it");
	cJSON_Delete(documents);
	carnet_vault_close(vault);
	return good;
}

/* A writer goes on with what the index knows, or writes nothing at all. */
static bool
run_write(const struct trial *trial)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	enum carnet_status status =
	    place_open(&place, place.vault, CARNET_WRITE, &vault, &err);
	bool ledger = strncmp(trial->file, "ledger/", 7) == 0;

	carnet_vault_close(vault);
	if (ledger && trial->no_index && trial->persists)
		return judge(status == CARNET_DAMAGED,
		    "written behind what can't be read: %d", (int)status);
	return judge(status == CARNET_OK, "open to write: %s", err.message);
}

/* Who reads "problems" alone must not take the vault for mended. */
static bool
judge_unread_is_a_problem(const cJSON *report)
{
	return judge(
	    !carnet_json_bool(report, "unreadable", false) ||
		cJSON_GetArraySize(carnet_json_get(report, "problems")) > 0,
	    "something is unreadable, and no problem");
}

static bool
run_repair(const struct trial *trial)
{
	struct carnet_unlock unlock = { .master = place.master };
	struct carnet_error err = { 0 };
	cJSON *report = NULL;
	bool good;

	good = judge(carnet_repair(place.vault, &unlock, NULL, &report, &err) ==
			 CARNET_OK,
	    "repair: %s", err.message);
	if (good && trial->persists)
		good = judge_named(report, trial) && judge_no_gap(report);
	if (good)
		good = judge_unread_is_a_problem(report);
	cJSON_Delete(report);
	return good;
}

/* It may fail here, if it says so, but not call anything lost. */
static bool
run_repair_hurt(const struct trial *trial)
{
	struct carnet_unlock unlock = { .master = place.master };
	struct carnet_error err = { 0 };
	cJSON *report = NULL;
	enum carnet_status status =
	    carnet_repair(place.vault, &unlock, NULL, &report, &err);
	bool good = judge(
	    status == CARNET_OK || strstr(err.message, strerror(EIO)) != NULL,
	    "repair: %s", err.message);

	if (status == CARNET_OK && trial->persists)
		good &= judge_named(report, trial);
	if (status == CARNET_OK)
		good &=
		    judge_no_gap(report) && judge_unread_is_a_problem(report);
	cJSON_Delete(report);
	return good;
}

/* --- a minute later ------------------------------------------------------- */

static bool
judge_kept(const struct trial *trial)
{
	char path[3 * PLACE_PATH];
	bool good;

	(void)snprintf(path, sizeof(path), "%s/%s", place.vault, trial->file);
	good = judge(access(path, F_OK) == 0, "the file is gone");
	(void)snprintf(path, sizeof(path), "%s/damaged", place.vault);
	return judge(access(path, F_OK) != 0, "something was set aside") &&
	       good;
}

static bool
judge_ledger(void)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	cJSON *problems = NULL, *gaps = NULL;
	uint64_t events = 0;
	bool good = judge(place_open(&place, place.vault, CARNET_READ, &vault,
			      &err) == CARNET_OK,
	    "open again: %s", err.message);

	if (!good)
		return false;
	good = judge(carnet_log_verify(
			 vault, &problems, &gaps, &events, &err) == CARNET_OK,
		   "log: %s", err.message) &&
	       judge(cJSON_GetArraySize(problems) == 0, "the chain is hurt") &&
	       judge(cJSON_GetArraySize(gaps) == 0,
		   "a loss was written down that is none");
	cJSON_Delete(problems);
	cJSON_Delete(gaps);
	carnet_vault_close(vault);
	return good;
}

/* What was hurt besides is mended now, and was no loss. */
static bool
repair_again(void)
{
	struct carnet_unlock unlock = { .master = place.master };
	struct carnet_error err = { 0 };
	cJSON *report = NULL;
	bool good = judge(carnet_repair(place.vault, &unlock, NULL, &report,
			      &err) == CARNET_OK,
	    "repair again: %s", err.message);

	good &=
	    judge(cJSON_GetArraySize(carnet_json_get(report, "problems")) == 0,
		"something is lost");
	cJSON_Delete(report);
	return good;
}

static bool
judge_later(const struct trial *trial)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	bool good = trial->hurt || judge_kept(trial);

	if (trial->hurt)
		good &= repair_again();
	/* what a reader finds: all of it, without a repair */
	good &= judge_documents(&place, place.vault, -1) && judge_ledger();
	good &= judge(place_open(&place, place.vault, CARNET_WRITE, &vault,
			  &err) == CARNET_OK,
	    "open to write: %s", err.message);
	if (vault != NULL)
		good &=
		    judge(place_add(&place, vault, 4, true, &err) == CARNET_OK,
			"adding: %s", err.message);
	carnet_vault_close(vault);
	return judge_vault(&place, place.vault) &&
	       judge_documents(&place, place.vault, -1) && good;
}

/* --- trials --------------------------------------------------------------- */

/* A pack's checksum, or the length of the first record of segment 2. */
static void
hurt_beside(const char *file)
{
	char path[2 * PLACE_PATH + 16];
	bool is_pack = strncmp(file, "packs/", 6) == 0;
	uint8_t byte = 0;
	struct stat st;
	int fd;

	for (size_t i = 0; i < files_len && !is_pack; i++)
		if (strncmp(files[i], "ledger/", 7) == 0 &&
		    strcmp(strrchr(files[i], '/'), "/2") == 0)
			file = files[i];
	(void)snprintf(path, sizeof(path), "%s/%s", place.vault, file);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0 ||
	    pread(fd, &byte, 1, is_pack ? st.st_size - 1 : 50) != 1)
		place_fail("hurting", NULL);
	byte ^= 1;
	if (pwrite(fd, &byte, 1, is_pack ? st.st_size - 1 : 50) != 1)
		place_fail("hurting", NULL);
	(void)close(fd);
}

typedef bool trial_run(const struct trial *trial);

static bool
try_it(const struct trial *trial, trial_run *run)
{
	struct shim_order order = { .act = SHIM_FAIL,
		.kinds = SHIM_OPEN | SHIM_READ,
		.at = trial->at,
		.persist = trial->persists,
		.error = EIO,
		.only = trial->file };
	char path[PLACE_PATH + 16];
	bool good;

	if (trial->no_index) {
		(void)snprintf(path, sizeof(path), "%s/index.db", place.vault);
		if (unlink(path) != 0)
			place_fail("index.db", NULL);
	}
	if (trial->hurt)
		hurt_beside(trial->file);
	shim_arm(place.vault, &order);
	good = run(trial);
	(void)shim_disarm();
	return judge_later(trial) && good;
}

/* In a process of its own: a crash is a finding, too. */
static bool
judge_trial(const struct trial *trial, trial_run *run, const char *name)
{
	int status = -1;
	pid_t pid;

	place_fresh(&place);
	(void)fflush(stderr);
	pid = fork();
	if (pid == 0) {
		(void)alarm(120);
		exit(try_it(trial, run) ? 0 : 1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		place_fail("fork", NULL);
	return judge(status == 0, "^ %s, %s%s, call %d%s: %d", name,
	    trial->file, trial->no_index ? ", no index" : "", (int)trial->at,
	    trial->persists ? " and all later ones" : "", status);
}

static const struct {
	const char *name;
	trial_run *run;
} runs[] = {
	{ "check", run_check },
	{ "list", run_list },
	{ "write", run_write },
	{ "repair", run_repair },
	{ "repair of another hurt", run_repair_hurt },
};

static void
try_file(const char *file, unsigned *passed, unsigned *failed)
{
	for (size_t r = 0; r < sizeof(runs) / sizeof(runs[0]); r++)
		for (unsigned way = 0; way < 12; way++) {
			struct trial trial = { .file = file,
				.no_index = way % 2 == 1,
				.hurt = runs[r].run == run_repair_hurt,
				.at = way < 2 ? 1 : way / 2,
				.persists = way < 2 };

			if (judge_trial(&trial, runs[r].run, runs[r].name))
				(*passed)++;
			else
				(*failed)++;
		}
}

int
main(void)
{
	const char *where =
	    access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
	char scratch[PLACE_PATH], top[PLACE_PATH];
	unsigned passed = 0, failed = 0;

	if (sodium_init() < 0)
		return 2;
	(void)snprintf(
	    scratch, sizeof(scratch), "%.300s/carnet-unreadable-XXXXXX", where);
	if (mkdtemp(scratch) == NULL)
		place_fail("scratch", NULL);
	(void)snprintf(top, sizeof(top), "%.400s/run", scratch);
	place_begin(&place, top);
	make_vault();
	if (rename(place.work, place.template) != 0 ||
	    nftw(place.template, list_one, 16, FTW_PHYS) != 0)
		place_fail("template", NULL);
	for (size_t i = 0; i < files_len; i++)
		try_file(files[i], &passed, &failed);
	place_end(&place);
	(void)rmdir(scratch);
	printf("%u passed, %u failed, 0 skipped\n", passed, failed);
	return failed == 0 && passed > 0 ? 0 : 1;
}
