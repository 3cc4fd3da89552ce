/* SPDX-License-Identifier: ISC */
/*
 * Read ahead by another thread, the ledger tells the same: events, problems,
 * in the same order, until somebody has had enough.  vault/replay_ahead.c.
 */
#include "vault_fixture.h"

#define MANY 700 /* more than two batches of events */

struct told {
	struct hash_state *state;
	size_t events, problems, least; /* fails with that many events */
};

static enum carnet_status
hear_event(void *context, const struct event *event,
    const struct ledger_place *place, struct carnet_error *err)
{
	struct told *told = context;

	hash_more(told->state, event->hash, HASH_LEN);
	hash_more(told->state, event->kind, strlen(event->kind));
	hash_more(told->state, &place->end, sizeof(place->end));
	if (event->payload != NULL)
		hash_more(told->state, event->payload, event->payload_len + 1);
	told->events++;
	return told->events == told->least
		   ? carnet_fail(err, CARNET_NO_SPACE, "enough")
		   : CARNET_OK;
}

static void
hear_problem(void *context, const char *path, const char *detail)
{
	struct told *told = context;

	hash_more(told->state, path, strlen(path));
	hash_more(told->state, detail, strlen(detail));
	told->problems++;
}

typedef enum carnet_status read_ledger(struct ledger *ledger,
    const struct ledger_reading *reading, size_t *ret_problems,
    struct carnet_error *err);

/* What was told; *ret_problems counts what the reading itself counted. */
static struct told
listen(struct carnet_vault *vault, read_ledger *read, size_t least,
    enum carnet_status expected, size_t *ret_problems, uint8_t hash[HASH_LEN])
{
	struct told told = { .state = hash_begin(NULL), .least = least };
	struct carnet_error err = { 0 };
	const struct ledger_reading reading = {
		.visit = hear_event, .problem = hear_problem, .context = &told
	};

	assert_non_null(told.state);
	assert_int_equal(
	    read(vault->ledger, &reading, ret_problems, &err), expected);
	assert_int_equal(err.status, expected);
	hash_end(told.state, hash);
	return told;
}

static void
expect_same(struct carnet_vault *vault, size_t least,
    enum carnet_status expected, size_t problems)
{
	uint8_t here[HASH_LEN], there[HASH_LEN];
	size_t counts[2] = { 0 };
	const struct told one =
	    listen(vault, ledger_read, least, expected, &counts[0], here);
	const struct told two =
	    listen(vault, replay_ahead, least, expected, &counts[1], there);

	assert_true(one.events > 0);
	assert_int_equal(one.events, two.events);
	assert_int_equal(one.problems, problems);
	assert_int_equal(two.problems, problems);
	assert_int_equal(counts[0], counts[1]);
	assert_memory_equal(here, there, HASH_LEN);
}

static struct carnet_vault *
open_many(struct fixture *fixture)
{
	struct carnet_vault *vault;

	fixture_make(fixture);
	fixture_fill(fixture);
	vault = fixture_open(fixture, fixture->path, CARNET_WRITE);
	for (size_t i = 0; i < MANY; i++) {
		cJSON *payload = cJSON_CreateObject();

		(void)cJSON_AddStringToObject(
		    payload, "document", fixture->document);
		(void)cJSON_AddStringToObject(payload, "text", "again");
		assert_int_equal(carnet_queue(vault, "document.noted", NULL,
				     payload, NULL, NULL),
		    CARNET_OK);
	}
	assert_int_equal(carnet_commit(vault, NULL), CARNET_OK);
	return vault;
}

static void
the_same_is_told(void **state)
{
	struct fixture fixture;
	struct carnet_vault *vault;

	(void)state;
	vault = open_many(&fixture);
	expect_same(vault, 0, CARNET_OK, 0);
	carnet_vault_close(vault);
	fixture_remove(&fixture);
}

/* A byte in the middle: an event that does not open, and is missing. */
static void
problems_are_told_in_their_place(void **state)
{
	struct fixture fixture;
	struct carnet_vault *vault;

	(void)state;
	vault = open_many(&fixture);
	fixture_shell(&fixture,
	    "f=$(ls -S $(find %s/vault/ledger -type f) | head -n 1);"
	    "printf x | dd of=$f bs=1 seek=99999 conv=notrunc 2>/dev/null");
	expect_same(vault, 0, CARNET_OK, 2);
	carnet_vault_close(vault);
	fixture_remove(&fixture);
}

/* Wherever in its batch an event fails, the thread ends with it. */
static void
the_first_failure_ends_it(void **state)
{
	static const size_t at[] = { 1, 255, 256, 257, 512, 700 };
	struct fixture fixture;
	struct carnet_vault *vault;

	(void)state;
	vault = open_many(&fixture);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		expect_same(vault, at[i], CARNET_NO_SPACE, 0);
	carnet_vault_close(vault);
	fixture_remove(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_is_told),
		cmocka_unit_test(problems_are_told_in_their_place),
		cmocka_unit_test(the_first_failure_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
