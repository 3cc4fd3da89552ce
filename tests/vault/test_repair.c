/* SPDX-License-Identifier: ISC */
/*
 * Repair makes the same index from ledger and packs alone, keeps what is
 * hurt, and writes down once what is lost.  vault/repair.c.
 */
#include "vault_fixture.h"

static cJSON *
repair(struct fixture *fixture)
{
	const struct carnet_unlock unlock = { .master = fixture->master };
	cJSON *report = NULL;

	assert_int_equal(
	    carnet_repair(fixture->path, &unlock, NULL, &report, NULL),
	    CARNET_OK);
	return report;
}

static int
repair_problems(struct fixture *fixture)
{
	cJSON *report = repair(fixture);
	int problems = cJSON_GetArraySize(carnet_json_get(report, "problems"));

	cJSON_Delete(report);
	return problems;
}

static bool
is_ok(struct fixture *fixture)
{
	const struct carnet_unlock unlock = { .master = fixture->master };
	cJSON *report = NULL;
	bool ok;

	assert_int_equal(carnet_check(fixture->path, &unlock, true, NULL, NULL,
			     &report, NULL),
	    CARNET_OK);
	ok = carnet_json_bool(report, "ok", false);
	cJSON_Delete(report);
	return ok;
}

static void
the_index_from_ledger_and_packs_alone(void **state)
{
	static const char *const losses[] = { "true", "rm %s/vault/index.db",
		"echo no database > %s/vault/index.db" };
	struct fixture fixture;
	uint8_t before[HASH_LEN], after[HASH_LEN];

	(void)state;
	fixture_make(&fixture);
	fixture_fill(&fixture);
	fixture_digest(&fixture, fixture.path, before);
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		fixture_shell(&fixture, losses[i]);
		assert_int_equal(repair_problems(&fixture), 0);
		fixture_digest(&fixture, fixture.path, after);
		assert_memory_equal(after, before, HASH_LEN);
		assert_true(is_ok(&fixture));
	}
	fixture_remove(&fixture);
}

/* A flipped byte somewhere in the first segment: one event at most. */
static void
what_is_lost_is_written_down(void **state)
{
	struct fixture fixture;
	struct carnet_vault *vault;
	cJSON *problems = NULL, *gaps = NULL;
	uint64_t events = 0, fewer = 0;

	(void)state;
	fixture_make(&fixture);
	fixture_fill(&fixture);
	vault = fixture_open(&fixture, fixture.path, CARNET_READ);
	assert_int_equal(
	    carnet_log_verify(vault, &problems, &gaps, &events, NULL),
	    CARNET_OK);
	carnet_vault_close(vault);
	cJSON_Delete(problems);
	cJSON_Delete(gaps);
	fixture_shell(&fixture,
	    "printf 'hurt' | dd of=$(find %s/vault/ledger -type f) bs=1 "
	    "seek=2000 conv=notrunc status=none");
	assert_false(is_ok(&fixture));
	assert_true(repair_problems(&fixture) > 0);
	assert_true(is_ok(&fixture));
	assert_int_equal(repair_problems(&fixture), 0);
	fixture_shell(&fixture, "ls %s/vault/damaged/ledger-* >/dev/null");
	vault = fixture_open(&fixture, fixture.path, CARNET_WRITE);
	fixture_write(vault, "vault.created", NULL, NULL, "{}");
	assert_int_equal(
	    carnet_log_verify(vault, &problems, &gaps, &fewer, NULL),
	    CARNET_OK);
	assert_int_equal(cJSON_GetArraySize(problems), 0);
	assert_int_equal(cJSON_GetArraySize(gaps), 1);
	/* one lost; device.added, ledger.repaired and ours are new */
	assert_int_equal(fewer, events - 1 + 3);
	cJSON_Delete(problems);
	cJSON_Delete(gaps);
	carnet_vault_close(vault);
	fixture_remove(&fixture);
}

static void
a_hurt_frame_loses_nothing(void **state)
{
	struct fixture fixture;
	uint8_t before[HASH_LEN], after[HASH_LEN];

	(void)state;
	fixture_make(&fixture);
	fixture_fill(&fixture);
	fixture_digest(&fixture, fixture.path, before);
	fixture_shell(&fixture,
	    "printf 'x' | dd of=$(find %s/vault/ledger -type f) bs=1 "
	    "seek=50 conv=notrunc status=none");
	assert_false(is_ok(&fixture));
	assert_int_equal(repair_problems(&fixture), 0);
	assert_true(is_ok(&fixture));
	fixture_digest(&fixture, fixture.path, after);
	assert_memory_equal(after, before, HASH_LEN);
	fixture_remove(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_index_from_ledger_and_packs_alone),
		cmocka_unit_test(what_is_lost_is_written_down),
		cmocka_unit_test(a_hurt_frame_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
