/* SPDX-License-Identifier: ISC */
/*
 * The index is a cache: made again, caught up, or of events that came in
 * another order, it is the same to the last byte.  vault/replay.c.
 */
#include "vault_fixture.h"

static void
expect_same(
    struct fixture *fixture, const char *path, const uint8_t expected[HASH_LEN])
{
	uint8_t found[HASH_LEN];

	fixture_digest(fixture, path, found);
	assert_memory_equal(found, expected, HASH_LEN);
}

static void
the_vault_has_every_kind(void **state)
{
	static const char *const kinds[] = { "vault.created", "device.added",
		"key.changed", "person.added", "person.edited",
		"person.represents", "document.added", "document.read",
		"document.edited", "document.tagged", "document.noted",
		"document.removed", "document.restored", "document.purged",
		"recipient.set", "decision.made", "statement.drafted",
		"statement.step", "export.made", "backup.begun", "backup.made",
		"place.trusted", "ledger.repaired" };
	struct fixture fixture;
	struct carnet_vault *vault;
	cJSON *filter, *log = NULL;

	(void)state;
	fixture_make(&fixture);
	fixture_fill(&fixture);
	vault = fixture_open(&fixture, fixture.path, CARNET_READ);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		filter = cJSON_CreateObject();
		(void)cJSON_AddStringToObject(filter, "kind", kinds[i]);
		assert_int_equal(
		    carnet_log(vault, filter, &log, NULL), CARNET_OK);
		if (cJSON_GetArraySize(log) == 0)
			fail_msg("no %s", kinds[i]);
		cJSON_Delete(log);
		cJSON_Delete(filter);
	}
	carnet_vault_close(vault);
	fixture_remove(&fixture);
}

static void
without_index_it_is_made_again(void **state)
{
	struct fixture fixture;
	uint8_t before[HASH_LEN];

	(void)state;
	fixture_make(&fixture);
	fixture_fill(&fixture);
	fixture_digest(&fixture, fixture.path, before);
	fixture_shell(&fixture, "rm %s/vault/index.db");
	expect_same(&fixture, fixture.path, before);
	fixture_shell(&fixture, "echo not a database > %s/vault/index.db");
	expect_same(&fixture, fixture.path, before);
	fixture_remove(&fixture);
}

/* Whoever was killed while making it left one that nobody takes for whole. */
static void
an_interrupted_one_is_made_again(void **state)
{
	struct fixture fixture;
	struct carnet_vault *vault;
	struct index *index = NULL;
	uint8_t before[HASH_LEN];
	char path[128];

	(void)state;
	fixture_make(&fixture);
	fixture_fill(&fixture);
	fixture_digest(&fixture, fixture.path, before);
	(void)snprintf(path, sizeof(path), "%s/index.db", fixture.path);
	vault = fixture_open(&fixture, fixture.path, CARNET_WRITE);
	assert_int_equal(
	    index_open(path, vault->keys, INDEX_MAKE, &index, NULL), CARNET_OK);
	assert_int_equal(index_begin(index, NULL), CARNET_OK);
	assert_int_equal(
	    index_set_cursor(index, &vault->cursor, NULL), CARNET_OK);
	assert_int_equal(index_commit(index, NULL), CARNET_OK);
	index_close(index);
	carnet_vault_close(vault);
	expect_same(&fixture, fixture.path, before);
	fixture_remove(&fixture);
}

/* What whoever waits for it was told. */
struct told {
	uint64_t done, total;
	size_t times, parts;
};

static void
hear(void *context, uint64_t done, uint64_t total)
{
	struct told *told = context;

	assert_true(total == 0 || done <= total);
	if (told->times == 0 || done < told->done || total != told->total)
		told->parts++;
	told->times++;
	told->done = done;
	told->total = total;
}

static void
making_it_again_is_told(void **state)
{
	struct fixture fixture;
	struct told told = { 0 };
	struct carnet_waiter waiter = { .progress = hear,
		.progress_context = &told };
	struct carnet_vault *vault = NULL;
	cJSON *report = NULL;

	(void)state;
	fixture_make(&fixture);
	fixture_fill(&fixture);
	const struct carnet_unlock unlock = { .master = fixture.master };

	/* nothing to make: nothing is told */
	assert_int_equal(carnet_vault_open(fixture.path, &unlock, CARNET_READ,
			     &waiter, &vault, NULL),
	    CARNET_OK);
	carnet_vault_close(vault);
	assert_int_equal(told.times, 0);
	/* packs, then the ledger to its end */
	fixture_shell(&fixture, "rm %s/vault/index.db");
	assert_int_equal(carnet_vault_open(fixture.path, &unlock, CARNET_READ,
			     &waiter, &vault, NULL),
	    CARNET_OK);
	assert_true(told.times > 10);
	assert_int_equal(told.parts, 2);
	assert_true(told.total > 0 && told.done > told.total / 2);
	/* and nobody is told any more once it is open */
	told.times = 0;
	fixture_shell(&fixture, "echo no database > %s/vault/index.db");
	(void)carnet_log(vault, NULL, &report, NULL);
	cJSON_Delete(report);
	carnet_vault_close(vault);
	assert_int_equal(told.times, 0);
	/* mending: packs twice, the ledger */
	told = (struct told){ 0 };
	report = NULL;
	assert_int_equal(
	    carnet_repair(fixture.path, &unlock, &waiter, &report, NULL),
	    CARNET_OK);
	cJSON_Delete(report);
	assert_true(told.parts >= 3);
	fixture_remove(&fixture);
}

/* An index from any earlier moment catches up to the same. */
static void
an_older_index_catches_up(void **state)
{
	struct fixture fixture;
	struct carnet_vault *vault;
	uint8_t after[HASH_LEN];

	(void)state;
	fixture_make(&fixture);
	fixture_shell(&fixture, "cp %s/vault/index.db %s/first.db");
	fixture_fill(&fixture);
	fixture_shell(&fixture, "cp %s/vault/index.db %s/second.db");
	vault = fixture_open(&fixture, fixture.path, CARNET_WRITE);
	fixture_write(vault, "document.noted", NULL, NULL,
	    "{'document':'%s','text':'later'}", fixture.document);
	carnet_vault_close(vault);
	fixture_digest(&fixture, fixture.path, after);
	fixture_shell(&fixture, "cp %s/first.db %s/vault/index.db");
	expect_same(&fixture, fixture.path, after);
	fixture_shell(&fixture, "cp %s/second.db %s/vault/index.db");
	expect_same(&fixture, fixture.path, after);
	fixture_remove(&fixture);
}

/* One device's notes, apart from the other's. */
static void
write_notes(struct fixture *fixture, const char *path, const char *text)
{
	struct carnet_vault *vault = fixture_open(fixture, path, CARNET_WRITE);

	for (int i = 0; i < 3; i++)
		fixture_write(vault, "document.noted", NULL, NULL,
		    "{'document':'%s','text':'%s %d'}", fixture->document, text,
		    i);
	fixture_write(vault, "document.edited", NULL, NULL,
	    "{'document':'%s','title':'%s'}", fixture->document, text);
	fixture_write(vault, "person.added", NULL, NULL, "{'name':'%s'}", text);
	carnet_vault_close(vault);
}

/* Two devices write apart; their files meet in either order. */
static void
the_order_of_arrival_does_not_matter(void **state)
{
	struct fixture fixture;
	char other[96];
	uint8_t one[HASH_LEN], alone[HASH_LEN];

	(void)state;
	fixture_make(&fixture);
	fixture_fill(&fixture);
	(void)snprintf(other, sizeof(other), "%s/other", fixture.top);
	fixture_shell(&fixture, "cp -a %s/vault %s/other");
	fixture_shell(&fixture, "rm %s/other/device"); /* a new device */
	write_notes(&fixture, fixture.path, "hier");
	write_notes(&fixture, other, "ailleurs");
	fixture_digest(&fixture, fixture.path, alone);
	/* here the other's events come late, there ours do */
	fixture_shell(&fixture, "cp -rn %s/other/ledger/. %s/vault/ledger/; "
				"cp -rn %s/other/packs/. %s/vault/packs/");
	fixture_digest(&fixture, fixture.path, one);
	assert_memory_not_equal(one, alone, HASH_LEN);
	/* one device's segment in `other` is an older copy of ours */
	fixture_shell(&fixture, "cp -r %s/vault/ledger/. %s/other/ledger/; "
				"cp -rn %s/vault/packs/. %s/other/packs/");
	expect_same(&fixture, other, one);
	fixture_shell(&fixture, "rm %s/vault/index.db %s/other/index.db");
	expect_same(&fixture, fixture.path, one);
	expect_same(&fixture, other, one);
	fixture_remove(&fixture);
}

static void
an_unknown_kind_only_stops_writing(void **state)
{
	struct fixture fixture;
	struct carnet_unlock unlock;
	struct carnet_vault *vault = NULL;
	struct carnet_error err;
	cJSON *list = NULL;

	(void)state;
	fixture_make(&fixture);
	fixture_fill(&fixture);
	fixture_write_unknown(&fixture);
	unlock = (struct carnet_unlock){ .master = fixture.master };
	for (int i = 0; i < 2; i++) {
		vault = fixture_open(&fixture, fixture.path, CARNET_READ);
		assert_int_equal(
		    carnet_documents(vault, NULL, &list, NULL), CARNET_OK);
		assert_int_equal(cJSON_GetArraySize(list), 2);
		cJSON_Delete(list);
		carnet_vault_close(vault);
		vault = NULL;
		assert_int_equal(carnet_vault_open(fixture.path, &unlock,
				     CARNET_WRITE, NULL, &vault, &err),
		    CARNET_NEWER);
		assert_null(vault);
		fixture_shell(&fixture, "rm %s/vault/index.db");
	}
	fixture_remove(&fixture);
}

/* A newer pack or segment isn't damage, and nothing is changed. */
static void
newer_files_are_refused(void **state)
{
	static const char *const hurts[] = {
		"printf '\\003' | dd of=$(find %s/vault/ledger -type f | "
		"head -1) bs=1 seek=8 conv=notrunc status=none",
		/* version 3, and the checksum made again */
		"/usr/bin/python3 -c 'import sys,xxhash; p=sys.argv[1];"
		" d=bytearray(open(p,\"rb\").read()); d[8]=3;"
		" d[-32:-16]=xxhash.xxh3_128_digest(bytes(d[:-32]));"
		" open(p,\"wb\").write(d)' $(find %s/vault/packs -type f | "
		"head -1)",
		/* so it is with the header: both copies */
		"/usr/bin/python3 -c 'import hashlib,sys\n"
		"for p in sys.argv[1:]:\n"
		" d=open(p,\"rb\").read()[:-64]\n"
		" d=d.replace(b\"\\\"version\\\":1\",b\"\\\"version\\\":2\")\n"
		" h=hashlib.blake2b(d,digest_size=32).digest()\n"
		" open(p,\"wb\").write(d+h+h)' %s/vault/carnet.head "
		"%s/vault/carnet.head.1",
	};
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	fixture_fill(&fixture);
	fixture_shell(&fixture, "cp -a %s/vault %s/whole");
	for (size_t i = 0; i < sizeof(hurts) / sizeof(hurts[0]); i++) {
		const struct carnet_unlock unlock = { .master =
							  fixture.master };
		struct carnet_vault *vault = NULL;
		struct carnet_error err;

		fixture_shell(
		    &fixture, "rm -rf %s/vault; cp -a %s/whole %s/vault");
		fixture_shell(&fixture, "rm %s/vault/index.db");
		fixture_shell(&fixture, hurts[i]);
		assert_int_equal(carnet_vault_open(fixture.path, &unlock,
				     CARNET_READ, NULL, &vault, &err),
		    CARNET_NEWER);
		assert_non_null(strpbrk(err.message, "23"));
	}
	fixture_remove(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vault_has_every_kind),
		cmocka_unit_test(without_index_it_is_made_again),
		cmocka_unit_test(an_interrupted_one_is_made_again),
		cmocka_unit_test(making_it_again_is_told),
		cmocka_unit_test(an_older_index_catches_up),
		cmocka_unit_test(the_order_of_arrival_does_not_matter),
		cmocka_unit_test(an_unknown_kind_only_stops_writing),
		cmocka_unit_test(newer_files_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
