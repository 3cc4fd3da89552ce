/* SPDX-License-Identifier: ISC */
/*
 * Two forgets and a backup on a replicated folder, in every order of their
 * steps and of what the carrier does between them: whatever stays restores,
 * bit for bit.  All orders, each with one way of carrying; with
 * CARNET_ALL_ORDERS each with all ways.  All of it is synthetic.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h> /* needs the ones before */

#include "carnet_backup.h"
#include "replica.h"
#include "vault.h"

#define TODAY "2026-03-05"
#define DAY_MS ((int64_t)24 * 3600 * 1000)
#define STEPS ((size_t)8)
#define DOCUMENT_LEN 3000
#ifdef CARNET_SANITIZED
#define ORDERS_STEP 6 /* of the orders, one in so many */
#else
#define ORDERS_STEP 1
#endif

/* The steps: of a forget at replica A, of one at B, of a backup to B, and of
 * the carrier.  Each but the carrier's twice. */
enum step { FORGET_A, FORGET_B, BACKUP, CARRY };
/* What the carrier is, from where it carries at its two steps, and whether
 * B begins as an older replica. */
#define WAYS 32

struct world {
	char top[64];
	char model[2][96]; /* the second: as it was a snapshot before */
	char second[96];   /* a vault made from that one */
	char vault[96];
	struct replica_pair pair;
	struct secret *master;
	char stays[CARNET_ID_TEXT];  /* of the first vault, its newest */
	char backup[CARNET_ID_TEXT]; /* that the backup made */
	int64_t begun, now;          /* milliseconds */
	int64_t marked[2];           /* when each forget condemned; 0 */
	enum step steps[STEPS];
	size_t at;
	bool backing_up;
	unsigned waiting; /* steps of the forget at B */
	unsigned way, carried;
	bool owes[2]; /* the rest of what it has carried from there */
	size_t locked, deleted, restored, again;
};
static struct world world;

/* --- a vault, its backup, and another made from it --------------------------
 */

static void
fill(unsigned number, uint8_t bytes[DOCUMENT_LEN])
{
	uint64_t state = number + 1;

	for (size_t i = 0; i < DOCUMENT_LEN; i++) {
		state = state * 6364136223846793005U + 1442695040888963407U;
		bytes[i] = (uint8_t)(state >> 56);
	}
}

static void
add(struct carnet_vault *vault, unsigned number, char id[CARNET_ID_TEXT])
{
	cJSON *meta = cJSON_CreateObject();
	char person[CARNET_ID_TEXT];
	uint8_t bytes[DOCUMENT_LEN];
	uint64_t new_bytes = 0;
	bool duplicate = false;

	fill(number, bytes);
	assert_int_equal(
	    carnet_person_find(vault, NULL, person, NULL), CARNET_OK);
	(void)cJSON_AddStringToObject(meta, "person", person);
	(void)cJSON_AddStringToObject(meta, "source", "a.bin");
	assert_int_equal(carnet_document_add_bytes(vault, bytes, sizeof(bytes),
			     meta, id, &new_bytes, &duplicate, NULL),
	    CARNET_OK);
	assert_int_equal(carnet_commit(vault, NULL), CARNET_OK);
}

static struct carnet_vault *
open_vault(const char *path, enum carnet_access access)
{
	const struct carnet_unlock unlock = { .master = world.master };
	struct carnet_vault *vault = NULL;

	assert_int_equal(
	    carnet_vault_open(path, &unlock, access, NULL, &vault, NULL),
	    CARNET_OK);
	return vault;
}

static struct carnet_backup *
open_backup(const char *path)
{
	const struct carnet_unlock unlock = { .master = world.master };
	struct carnet_backup *backup = NULL;

	assert_int_equal(
	    carnet_backup_open(path, &unlock, &backup, NULL), CARNET_OK);
	return backup;
}

static void
back_up(struct carnet_vault *vault, const char *path, carnet_progress *progress,
    char ret_id[CARNET_ID_TEXT])
{
	const struct carnet_backup_options options = { .today = TODAY,
		.progress = progress };
	struct carnet_error err = { 0 };
	cJSON *report = NULL;
	enum carnet_status status;

	status = carnet_backup_make(vault, path, &options, &report, &err);
	if (status == CARNET_CHANGED) { /* a file was deleted: once more */
		world.again++;
		status =
		    carnet_backup_make(vault, path, &options, &report, &err);
	}
	if (status != CARNET_OK)
		fail_msg("backup: %s", err.message);
	(void)snprintf(ret_id, CARNET_ID_TEXT, "%s",
	    carnet_json_string(report, "snapshot"));
	cJSON_Delete(report);
}

static void
restore(const char *from, const char *id, const char *to)
{
	const struct carnet_restore_options options = {
		.to = to, .snapshot = id, .today = TODAY
	};
	struct carnet_backup *backup = open_backup(from);
	cJSON *report = NULL;

	assert_int_equal(
	    carnet_backup_restore(backup, &options, &report, NULL), CARNET_OK);
	assert_int_equal(
	    cJSON_GetArraySize(carnet_json_get(report, "problems")), 0);
	cJSON_Delete(report);
	carnet_backup_close(backup);
}

/*
 * Documents 0; 1 and 2 in one pack; two snapshots.  A second vault is made
 * from them, which keeps that pack.  The first one purges document 1: its next
 * snapshot has another pack in its place, and nothing there needs the old one
 * any more.
 */
static void
make_vaults(const char *first, const char *second)
{
	struct secret *passphrase = secret_from("pw", 2);
	struct carnet_new new = { .path = first,
		.person = "Essai",
		.today = TODAY,
		.cost = CARNET_INTERACTIVE,
		.passphrase = passphrase };
	char doomed[CARNET_ID_TEXT], id[CARNET_ID_TEXT];
	char snapshot[CARNET_ID_TEXT];
	struct carnet_vault *vault = NULL;
	struct secret *words = NULL;

	assert_int_equal(
	    carnet_vault_create(&new, &vault, &words, NULL), CARNET_OK);
	world.master = secret_from(secret_peek(vault->master), KEY_LEN);
	add(vault, 0, id);
	back_up(vault, world.model[0], NULL, snapshot);
	add(vault, 1, doomed);
	add(vault, 2, id);
	back_up(vault, world.model[0], NULL, snapshot);
	restore(world.model[0], snapshot, second);
	replica_copy(world.model[0], world.model[1]);
	assert_int_equal(carnet_document_purge(vault, doomed, NULL), CARNET_OK);
	back_up(vault, world.model[0], NULL, world.stays);
	carnet_vault_close(vault);
	secret_free(passphrase);
	vault = open_vault(second, CARNET_WRITE); /* its device is made now */
	add(vault, 3, id);
	carnet_vault_close(vault);
}

static int
make_world(void **state)
{
	char first[96];
	struct timespec now;

	(void)state;
	(void)snprintf(world.top, sizeof(world.top), "%s/carnet-order-XXXXXX",
	    access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(world.top));
	(void)snprintf(world.model[0], 96, "%s/template", world.top);
	(void)snprintf(world.model[1], 96, "%s/older", world.top);
	(void)snprintf(
	    world.second, sizeof(world.second), "%s/second", world.top);
	(void)snprintf(world.vault, sizeof(world.vault), "%s/vault", world.top);
	(void)snprintf(first, sizeof(first), "%s/first", world.top);
	(void)snprintf(world.pair.paths[0], REPLICA_PATH, "%s/A", world.top);
	(void)snprintf(world.pair.paths[1], REPLICA_PATH, "%s/B", world.top);
	make_vaults(first, world.second);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	world.begun = (int64_t)now.tv_sec * 1000;
	for (int i = 0; i < 2; i++)
		replica_set_time(world.model[i], 0, INT64_MAX,
		    (world.begun - 90 * DAY_MS) * 1000000);
	return 0;
}

static int
remove_world(void **state)
{
	(void)state;
	replica_remove(world.top);
	secret_free(world.master);
	return 0;
}

/* --- steps ------------------------------------------------------------------
 */

/* Replicas may hear nothing of each other for as long as they like; but a
 * carrier that has brought a part brings the rest within the wait. */
static void
wait_until(int64_t then)
{
	if (then <= world.now)
		return;
	world.pair.late = NULL;
	for (int from = 0; from < 2; from++) {
		if (world.owes[from])
			replica_carry(&world.pair, from);
		world.owes[from] = false;
	}
	world.now = then;
}

/* Its first run condemns; its second one, 31 days later, deletes. */
static bool
step_forget(int replica)
{
	struct carnet_forget_options options = { .policy = { .last = 1 } };
	struct carnet_backup *backup = open_backup(world.pair.paths[replica]);
	struct carnet_error err = { 0 };
	cJSON *report = NULL;
	enum carnet_status status;

	if (world.marked[replica] > 0)
		wait_until(world.marked[replica] + 31 * DAY_MS);
	options.now_ms = world.now;
	status = carnet_backup_forget(backup, &options, &report, &err);
	carnet_backup_close(backup);
	if (status == CARNET_LOCKED && world.backing_up)
		return false; /* it waits for the backup */
	if (status != CARNET_OK)
		fail_msg("forget: %s", err.message);
	world.marked[replica] = world.now;
	world.deleted +=
	    (size_t)carnet_json_get(carnet_json_get(report, "deleted"), "files")
		->valuedouble;
	cJSON_Delete(report);
	return true;
}

static void
step_carry(void)
{
	static const struct {
		bool deletions;
		const char *late;
	} carriers[] = { { true, NULL }, { false, NULL }, { true, "packs/" },
		{ true, "snapshots/" } };
	unsigned from = (world.way >> world.carried) & 1;

	world.pair.deletions = carriers[world.way / 4 % 4].deletions;
	world.pair.late = carriers[world.way / 4 % 4].late;
	world.owes[from] = world.pair.late != NULL;
	world.carried++;
	replica_carry(&world.pair, (int)from);
}

static void run_steps(void);
static void step_backup(void);

/* Everything up to the backup's second step happens while its first file is
 * being copied. */
static void
during_backup(void *context, uint64_t done, uint64_t total)
{
	(void)context;
	(void)done;
	(void)total;
	if (!world.backing_up) {
		world.backing_up = true;
		run_steps();
	}
}

/* The system's clock stands still beside this world's, which begins ten days
 * later: what it has put on files becomes the time of this world. */
static void
step_times(void)
{
	for (int i = 0; i < 2; i++)
		replica_set_time(world.pair.paths[i],
		    (world.begun - DAY_MS) * 1000000,
		    (world.begun + DAY_MS) * 1000000, world.now * 1000000);
}

static void
step_backup(void)
{
	struct carnet_vault *vault = open_vault(world.vault, CARNET_WRITE);

	back_up(vault, world.pair.paths[1], during_backup, world.backup);
	carnet_vault_close(vault);
	assert_true(world.backing_up); /* it copied something */
	world.backing_up = false;
	step_times();
	for (; world.waiting > 0; world.waiting--)
		assert_true(step_forget(1));
}

static void
run_steps(void)
{
	step_times();
	while (world.at < STEPS) {
		enum step step = world.steps[world.at++];

		world.now += 1000;
		if (step == BACKUP && world.backing_up)
			break;
		if (step == BACKUP)
			step_backup();
		else if (step == CARRY)
			step_carry();
		else if ((step == FORGET_B && world.waiting > 0) ||
			 !step_forget((int)step)) {
			world.waiting++;
			world.locked++;
		}
		step_times();
	}
}

/* --- what must hold ---------------------------------------------------------
 */

static void
judge_document(struct carnet_vault *vault, const char *id)
{
	uint8_t bytes[DOCUMENT_LEN];
	char sha256[65], wanted[65];
	struct sha256_state *hash;
	uint8_t digest[HASH_LEN];
	bool found = false;

	assert_int_equal(
	    carnet_document_sha256(vault, id, sha256, NULL), CARNET_OK);
	for (unsigned number = 0; number < 4 && !found; number++) {
		fill(number, bytes);
		hash = sha256_begin();
		sha256_more(hash, bytes, sizeof(bytes));
		sha256_end(hash, digest);
		hex_encode(digest, HASH_LEN, wanted);
		found = strcmp(sha256, wanted) == 0;
	}
	assert_true(found);
}

static void
judge_restore(const char *from, const char *id, int documents)
{
	struct carnet_vault *vault;
	cJSON *list = NULL;
	const cJSON *row;
	char to[96];

	(void)snprintf(to, sizeof(to), "%s/restored", world.top);
	restore(from, id, to);
	vault = open_vault(to, CARNET_READ);
	assert_int_equal(carnet_documents(vault, NULL, &list, NULL), CARNET_OK);
	assert_int_equal(cJSON_GetArraySize(list), documents);
	cJSON_ArrayForEach(row, list)
	    judge_document(vault, carnet_json_string(row, "id"));
	cJSON_Delete(list);
	carnet_vault_close(vault);
	replica_remove(to);
	world.restored++;
}

static bool
judge_is_listed(const cJSON *snapshots, const cJSON *forgotten, const char *id)
{
	const cJSON *row;
	bool found = false;

	cJSON_ArrayForEach(row, snapshots) found |=
	    strcmp(carnet_json_string(row, "id"), id) == 0;
	cJSON_ArrayForEach(row, forgotten) found &=
	    strcmp(carnet_json_string(row, "id"), id) != 0;
	return found;
}

static const char *
judge_replica(const char *path, bool read_data)
{
	struct carnet_backup *backup = open_backup(path);
	cJSON *snapshots = NULL, *problems = NULL, *forgotten = NULL;
	cJSON *report = NULL, *forks = NULL;
	const char *wrong = NULL;

	assert_int_equal(
	    carnet_backup_list(backup, &snapshots, &forks, &problems, NULL),
	    CARNET_OK);
	assert_int_equal(
	    carnet_backup_forgotten(backup, &forgotten, problems, NULL),
	    CARNET_OK);
	assert_int_equal(cJSON_GetArraySize(problems), 0);
	assert_int_equal(
	    carnet_backup_check(backup, read_data, NULL, NULL, &report, NULL),
	    CARNET_OK);
	if (!carnet_json_bool(report, "ok", false))
		wrong = "something is missing";
	else if (!judge_is_listed(snapshots, forgotten, world.stays))
		wrong = "the newest of the first vault is forgotten";
	else if (!judge_is_listed(snapshots, forgotten, world.backup))
		wrong = "the newest of the second vault is forgotten";
	cJSON_Delete(snapshots);
	cJSON_Delete(forks);
	cJSON_Delete(problems);
	cJSON_Delete(forgotten);
	cJSON_Delete(report);
	carnet_backup_close(backup);
	return wrong;
}

static void
judge(size_t number)
{
	static const char *const names[] = { "forget at A", "forget at B",
		"backup at B", "carry" };
	const char *wrong = NULL;

	/* at last the carrier has all the time it needs */
	world.pair.late = NULL;
	for (int i = 0; i < 4; i++)
		replica_carry(&world.pair, i & 1);
	for (int i = 0; i < 2 && wrong == NULL; i++)
		wrong = judge_replica(world.pair.paths[i], number % 16 == 0);
	if (wrong != NULL) {
		for (size_t i = 0; i < STEPS; i++)
			print_error("%s; ", names[world.steps[i]]);
		fail_msg("order %zu, way %u: %s", number, world.way, wrong);
	}
	if (number % 64 == 0) {
		judge_restore(world.pair.paths[0], world.stays, 2);
		judge_restore(world.pair.paths[1], world.backup, 4);
	}
}

/* --- every order ------------------------------------------------------------
 */

static void
run_order(size_t number, unsigned way)
{
	struct replica_pair *pair = &world.pair;

	replica_remove(pair->paths[0]);
	replica_remove(pair->paths[1]);
	replica_remove(world.vault);
	replica_copy(world.model[0], pair->paths[0]);
	replica_copy(world.model[0], pair->paths[1]);
	replica_copy(world.second, world.vault);
	pair->base.len = 0;
	replica_settle(pair);
	world.now = world.begun + 10 * DAY_MS;
	world.marked[0] = world.marked[1] = 0;
	world.at = world.carried = 0;
	world.waiting = 0;
	world.owes[0] = world.owes[1] = false;
	world.way = way;
	run_steps();
	judge(number);
}

static void
swap_steps(enum step *left, enum step *right)
{
	enum step one = *left;

	*left = *right;
	*right = one;
}

/* The next order of the steps, as numbers; false: there is none. */
static bool
next_order(enum step steps[STEPS])
{
	size_t i = STEPS - 1, j = STEPS - 1;

	while (i > 0 && steps[i - 1] >= steps[i])
		i--;
	if (i == 0)
		return false;
	while (steps[j] <= steps[i - 1])
		j--;
	swap_steps(&steps[i - 1], &steps[j]);
	for (j = STEPS - 1; i < j; i++, j--)
		swap_steps(&steps[i], &steps[j]);
	return true;
}

static void
every_order(void **state)
{
	static const enum step first[STEPS] = { FORGET_A, FORGET_A, FORGET_B,
		FORGET_B, BACKUP, BACKUP, CARRY, CARRY };
	bool all = getenv("CARNET_ALL_ORDERS") != NULL;
	size_t number = 0, runs = 0;

	(void)state;
	memcpy(world.steps, first, sizeof(first));
	do {
		for (unsigned way = 0; way < WAYS; way++)
			if (all || (way == number % WAYS &&
				       number / WAYS % ORDERS_STEP == 0)) {
				run_order(number, way);
				runs++;
			}
		number++;
	} while (next_order(world.steps));
	assert_int_equal(number, 2520); /* 8! / (2! 2! 2! 2!) */
	/* none of this was about nothing */
	assert_true(world.deleted > runs);
	assert_true(world.locked > 0);
	assert_true(world.restored > 0);
	assert_true(world.again > 0);
	print_message("%zu runs: %zu files deleted, %zu restored, %zu steps "
		      "waited, %zu backups made again\n",
	    runs, world.deleted, world.restored, world.locked, world.again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_order),
	};

	return cmocka_run_group_tests(tests, make_world, remove_world);
}
