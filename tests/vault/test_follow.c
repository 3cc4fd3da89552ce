/* SPDX-License-Identifier: ISC */
/*
 * The index that follows while the next documents are stored: whatever comes
 * between, it is in the end what the ledger makes of it.  vault/follow.c.
 */
#include "vault_fixture.h"

#include "statement.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BATCH 40

struct open_fixture {
	struct fixture fixture;
	struct carnet_vault *vault;
};

static void
begin(struct open_fixture *opened)
{
	fixture_make(&opened->fixture);
	opened->vault =
	    fixture_open(&opened->fixture, opened->fixture.path, CARNET_WRITE);
	store_set_threads(opened->vault->store, 3);
}

/* A file with these bytes, read ahead, then stored. */
static void
add(struct open_fixture *opened, const char *text, size_t len,
    char ret_id[CARNET_ID_TEXT], bool *ret_duplicate)
{
	cJSON *meta = cJSON_CreateObject();
	char path[128];
	uint64_t size;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/file", opened->fixture.top);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_non_null(
	    cJSON_AddStringToObject(meta, "person", opened->fixture.person));
	assert_true(carnet_document_ahead(opened->vault, fd));
	assert_int_equal(carnet_document_add(opened->vault, fd, meta, ret_id,
			     &size, NULL, ret_duplicate, NULL),
	    CARNET_OK);
	(void)close(fd);
}

/* So many documents from this number on; none was there before. */
static void
add_many(struct open_fixture *opened, int from, int count)
{
	for (int i = from; i < from + count; i++) {
		char id[CARNET_ID_TEXT], text[32];
		bool duplicate;

		(void)snprintf(text, sizeof(text), "document %d", i);
		add(opened, text, strlen(text), id, &duplicate);
		assert_false(duplicate);
	}
}

static void
commit_early(struct open_fixture *opened)
{
	assert_int_equal(carnet_commit_early(opened->vault, NULL), CARNET_OK);
}

/* What a process has written is read by the next; and the index it left is
 * the one that the ledger makes. */
static void
expect_whole(struct open_fixture *opened, int documents)
{
	struct fixture *fixture = &opened->fixture;
	uint8_t followed[HASH_LEN], made_again[HASH_LEN];
	struct carnet_vault *vault =
	    fixture_open(fixture, fixture->path, CARNET_READ);
	cJSON *listed = NULL;

	assert_int_equal(
	    carnet_documents(vault, NULL, &listed, NULL), CARNET_OK);
	assert_int_equal(cJSON_GetArraySize(listed), documents);
	cJSON_Delete(listed);
	carnet_vault_close(vault);
	fixture_digest(fixture, fixture->path, followed);
	fixture_shell(fixture, "rm %s/vault/index.db");
	fixture_digest(fixture, fixture->path, made_again);
	assert_memory_equal(followed, made_again, HASH_LEN);
	fixture_remove(fixture);
}

static void
batch_after_batch(void **state)
{
	struct open_fixture opened;

	(void)state;
	begin(&opened);
	for (int batch = 0; batch < 4; batch++) {
		add_many(&opened, batch * BATCH, BATCH);
		commit_early(&opened);
		assert_true(opened.vault->follow.waits); /* its thread */
	}
	assert_int_equal(carnet_commit(opened.vault, NULL), CARNET_OK);
	assert_false(opened.vault->follow.waits);
	carnet_vault_close(opened.vault);
	expect_whole(&opened, 4 * BATCH);
}

/* Nothing asks for it: it is done by itself. */
static void
it_keeps_up(void **state)
{
	struct open_fixture opened;

	(void)state;
	begin(&opened);
	add_many(&opened, 0, BATCH);
	commit_early(&opened);
	for (int i = 0; i < 6000 && opened.vault->follow.waits; i++) {
		(void)usleep(10000);
		follow_look(opened.vault);
	}
	assert_false(opened.vault->follow.waits);
	add_many(&opened, BATCH, BATCH);
	carnet_vault_close(
	    opened.vault); /* the second batch was not committed */
	expect_whole(&opened, BATCH);
}

static void
the_same_bytes_are_one_document(void **state)
{
	char first[CARNET_ID_TEXT], again[CARNET_ID_TEXT];
	struct open_fixture opened;
	bool duplicate;

	(void)state;
	begin(&opened);
	add_many(&opened, 0, BATCH);
	add(&opened, "twin", 4, first, &duplicate);
	assert_false(duplicate);
	commit_early(&opened);
	add(&opened, "twin", 4, again, &duplicate);
	assert_true(duplicate);
	assert_string_equal(first, again);
	carnet_vault_close(opened.vault);
	expect_whole(&opened, BATCH + 1);
}

/* Whoever asks while it is written is told what is true afterwards. */
static void
questions_wait(void **state)
{
	struct open_fixture opened;
	cJSON *listed = NULL;

	(void)state;
	begin(&opened);
	add_many(&opened, 0, BATCH);
	commit_early(&opened);
	assert_int_equal(
	    carnet_documents(opened.vault, NULL, &listed, NULL), CARNET_OK);
	assert_int_equal(cJSON_GetArraySize(listed), BATCH);
	assert_false(opened.vault->follow.waits);
	cJSON_Delete(listed);
	carnet_vault_close(opened.vault);
	expect_whole(&opened, BATCH);
}

/* An event whose text the store must read isn't left to a thread. */
static void
what_asks_the_store_is_done_at_once(void **state)
{
	char id[CARNET_ID_TEXT];
	struct open_fixture opened;
	cJSON *payload = cJSON_CreateObject();
	bool duplicate;

	(void)state;
	begin(&opened);
	add(&opened, "read", 4, id, &duplicate);
	assert_non_null(cJSON_AddStringToObject(payload, "document", id));
	assert_non_null(cJSON_AddStringToObject(payload, "title", "a title"));
	assert_int_equal(carnet_queue(opened.vault, "document.edited", NULL,
			     payload, NULL, NULL),
	    CARNET_OK);
	commit_early(&opened);
	assert_false(opened.vault->follow.waits);
	carnet_vault_close(opened.vault);
	expect_whole(&opened, 1);
}

/* Each in the vault or in the batch already. */
static void
expect_all_found(struct open_fixture *opened, int documents)
{
	for (int i = 0; i < documents; i += 97) {
		char id[CARNET_ID_TEXT], text[32];
		bool duplicate = false;

		(void)snprintf(text, sizeof(text), "document %d", i);
		add(opened, text, strlen(text), id, &duplicate);
		assert_true(duplicate);
	}
}

/* The index isn't asked for what it lacks: at once where it knows little, else
 * behind a thousand questions.  What is there is found all the same. */
static void
what_is_known_is_found(void **state)
{
	enum { MANY = 1400 };
	struct open_fixture opened;

	(void)state;
	begin(&opened);
	add_many(&opened, 0, MANY);
	assert_non_null(opened.vault->known);
	commit_early(&opened);
	add_many(&opened, MANY, BATCH);
	expect_all_found(&opened, MANY + BATCH);
	assert_int_equal(carnet_commit(opened.vault, NULL), CARNET_OK);
	carnet_vault_close(opened.vault);
	opened.vault =
	    fixture_open(&opened.fixture, opened.fixture.path, CARNET_WRITE);
	store_set_threads(opened.vault->store, 3);
	add_many(&opened, MANY + BATCH, 20 * BATCH);
	assert_null(opened.vault->known);
	expect_all_found(&opened, MANY + 21 * BATCH);
	commit_early(&opened);
	add_many(&opened, MANY + 21 * BATCH, 2);
	assert_non_null(opened.vault->known);
	expect_all_found(&opened, MANY + 21 * BATCH + 2);
	carnet_vault_close(opened.vault);
	expect_whole(&opened, MANY + 21 * BATCH);
}

/* Queued and forgotten is only what wasn't committed. */
static void
what_is_durable_is_not_discarded(void **state)
{
	struct open_fixture opened;

	(void)state;
	begin(&opened);
	add_many(&opened, 0, BATCH);
	commit_early(&opened);
	add_many(&opened, BATCH, 3);
	carnet_discard(opened.vault);
	carnet_vault_close(opened.vault);
	expect_whole(&opened, BATCH);
}

static void
a_killed_process_has_lost_nothing(void **state)
{
	struct open_fixture opened;
	int status;
	pid_t pid;

	(void)state;
	fixture_make(&opened.fixture);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		opened.vault = fixture_open(
		    &opened.fixture, opened.fixture.path, CARNET_WRITE);
		store_set_threads(opened.vault->store, 3);
		add_many(&opened, 0, BATCH);
		commit_early(&opened);
		add_many(&opened, BATCH, 5);
		(void)raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	expect_whole(&opened, BATCH);
}

/* A process that may not write long files, as a full disk would have it. */
static void
let_files_grow_to(rlim_t most)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = most;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
no_room_for_the_index(void **state)
{
	enum { MANY = 600 }; /* the index is larger than ledger and packs */
	struct open_fixture opened;
	struct stat index;

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	begin(&opened);
	add_many(&opened, 0, MANY);
	assert_int_equal(carnet_commit(opened.vault, NULL), CARNET_OK);
	add_many(&opened, MANY, BATCH);
	assert_int_equal(fstatat(opened.vault->fd, "index.db", &index, 0), 0);
	let_files_grow_to((rlim_t)index.st_size);
	commit_early(&opened);
	follow_end(opened.vault);
	assert_true(opened.vault->index_behind);
	let_files_grow_to(RLIM_INFINITY);
	add_many(&opened, MANY + BATCH, BATCH);
	commit_early(&opened);
	carnet_vault_close(opened.vault);
	expect_whole(&opened, MANY + 2 * BATCH);
}

/* The index can't follow, and that is seen when all is read once: what is made
 * of it then holds what the ledger has. */
static void
held_by_another_when_all_is_read(void **state)
{
	enum { MANY = 1400 }; /* too many to be read at the first question */
	struct open_fixture opened;
	struct index *other = NULL;
	char path[128];

	(void)state;
	begin(&opened);
	add_many(&opened, 0, MANY);
	assert_int_equal(carnet_commit(opened.vault, NULL), CARNET_OK);
	carnet_vault_close(opened.vault);
	opened.vault =
	    fixture_open(&opened.fixture, opened.fixture.path, CARNET_WRITE);
	store_set_threads(opened.vault->store, 3);
	add_many(&opened, MANY, BATCH);
	assert_null(opened.vault->known);
	opened.vault->asked = UINT_MAX - 1; /* the next one is worth it */
	(void)snprintf(path, sizeof(path), "%s/index.db", opened.fixture.path);
	assert_int_equal(
	    index_open(path, opened.vault->keys, INDEX_WRITE, &other, NULL),
	    CARNET_OK);
	assert_int_equal(index_begin(other, NULL), CARNET_OK);
	(void)sqlite3_busy_timeout(opened.vault->index->db, 10);
	commit_early(&opened);
	add_many(&opened, MANY + BATCH, 1);
	assert_true(opened.vault->index_behind);
	assert_int_equal(opened.vault->asked, UINT_MAX);
	index_close(other);
	expect_all_found(&opened, MANY + BATCH + 1);
	assert_int_equal(carnet_commit(opened.vault, NULL), CARNET_OK);
	carnet_vault_close(opened.vault);
	expect_whole(&opened, MANY + BATCH + 1);
}

/* What was begun anew and not finished is no index that could be followed. */
static void
a_failed_heal_is_no_end(void **state)
{
	enum { MANY = 600 };
	struct open_fixture opened;

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	begin(&opened);
	add_many(&opened, 0, MANY);
	assert_int_equal(carnet_commit(opened.vault, NULL), CARNET_OK);
	let_files_grow_to(300 << 10); /* its tables, and hardly a row */
	assert_false(level_heal(opened.vault));
	assert_non_null(opened.vault->index);
	let_files_grow_to(RLIM_INFINITY);
	add_many(&opened, MANY, BATCH);
	assert_int_equal(carnet_commit(opened.vault, NULL), CARNET_OK);
	carnet_vault_close(opened.vault);
	expect_whole(&opened, MANY + BATCH);
}

/* Tables fit on the disk, rows don't: who reads has an index in memory. */
static void
no_room_for_rows_bars_no_reading(void **state)
{
	enum { MANY = 600 };
	struct open_fixture opened;
	struct carnet_vault *vault;
	cJSON *listed = NULL;

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	begin(&opened);
	add_many(&opened, 0, MANY);
	assert_int_equal(carnet_commit(opened.vault, NULL), CARNET_OK);
	carnet_vault_close(opened.vault);
	fixture_shell(&opened.fixture, "rm %s/vault/index.db");
	let_files_grow_to(300 << 10);
	vault = fixture_open(&opened.fixture, opened.fixture.path, CARNET_READ);
	let_files_grow_to(RLIM_INFINITY);
	assert_int_equal(
	    carnet_documents(vault, NULL, &listed, NULL), CARNET_OK);
	assert_int_equal(cJSON_GetArraySize(listed), MANY);
	assert_int_equal(cJSON_GetArraySize(carnet_vault_warnings(vault)), 1);
	cJSON_Delete(listed);
	carnet_vault_close(vault);
	expect_whole(&opened, MANY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batch_after_batch),
		cmocka_unit_test(it_keeps_up),
		cmocka_unit_test(the_same_bytes_are_one_document),
		cmocka_unit_test(questions_wait),
		cmocka_unit_test(what_asks_the_store_is_done_at_once),
		cmocka_unit_test(what_is_known_is_found),
		cmocka_unit_test(what_is_durable_is_not_discarded),
		cmocka_unit_test(a_killed_process_has_lost_nothing),
		cmocka_unit_test(no_room_for_the_index),
		cmocka_unit_test(held_by_another_when_all_is_read),
		cmocka_unit_test(a_failed_heal_is_no_end),
		cmocka_unit_test(no_room_for_rows_bars_no_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
