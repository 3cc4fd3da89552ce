/* SPDX-License-Identifier: ISC */
/* Which packs are worth writing anew: vault/compact_plan.c. */
#include "vault_fixture.h"

#include "compact.h"

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)
#define PLANNED 40

/* A pack with so many needed chunks of one length, and dead bytes. */
struct made {
	size_t chunks;
	uint32_t len;
	uint64_t dead;
	bool fixed;
};

struct plan {
	struct compact_weight weights[PLANNED];
	uint32_t *lens[PLANNED];
	size_t len;
	struct compact_outcome outcome;
};

static size_t
plan_of(const struct made *made, size_t len, uint64_t round, struct plan *plan)
{
	size_t chosen = 0;

	memset(plan, 0, sizeof(*plan));
	plan->len = len;
	for (size_t i = 0; i < len; i++) {
		uint64_t used = PACK_CHUNKS_BEGIN +
				made[i].chunks * made[i].len + made[i].dead;
		size_t listed = made[i].chunks + (made[i].dead > 0 ? 1 : 0);

		plan->lens[i] = calloc(made[i].chunks + 1, sizeof(uint32_t));
		for (size_t k = 0; k < made[i].chunks; k++)
			plan->lens[i][k] = made[i].len;
		plan->weights[i] = (struct compact_weight){
			.size = pack_size_of(used, listed),
			.used = used,
			.dead = made[i].dead,
			.listed = listed,
			.lens = plan->lens[i],
			.count = made[i].chunks,
			.fixed = made[i].fixed,
		};
	}
	assert_int_equal(
	    compact_plan(plan->weights, len, round, &plan->outcome, NULL),
	    CARNET_OK);
	for (size_t i = 0; i < len; i++) {
		chosen += plan->weights[i].chosen ? 1 : 0;
		free(plan->lens[i]);
	}
	return chosen;
}

static void
small_ones_are_gathered(void **state)
{
	struct made made[PLANNED];
	struct plan plan;

	(void)state;
	for (size_t i = 0; i < PLANNED; i++)
		made[i] = (struct made){ 2, 1000, 0, false };
	assert_int_equal(plan_of(made, PLANNED, 0, &plan), PLANNED);
	assert_int_equal(plan.outcome.packs_new, 1);
	assert_int_equal(plan.outcome.bytes_new, 256 * KIB);
	assert_int_equal(plan_of(made, 1, 0, &plan), 0);
	assert_int_equal(plan_of(made, 0, 0, &plan), 0);
	made[0].fixed = true;
	assert_int_equal(plan_of(made, PLANNED, 0, &plan), PLANNED - 1);
	/* a round takes some of them */
	assert_in_range(plan_of(made, PLANNED, 8000, &plan), 3, 6);
}

static void
full_ones_stay(void **state)
{
	const struct made full = { 18, 1 << 20, 0, false };
	const struct made many = { PACK_CHUNKS_MAX, 200, 0, false };
	const struct made packs[] = { full, full, many, many };
	struct plan plan;

	(void)state;
	assert_int_equal(plan_of(packs, 4, 0, &plan), 0);
}

static void
dead_weight_goes(void **state)
{
	const struct made packs[] = { { 12, 1 << 20, 6 * MIB, false },
		{ 17, 1 << 20, 1 * MIB, false }, { 0, 0, 20 * MIB, false },
		{ 0, 0, 20 * MIB, true } };
	struct plan plan;

	(void)state;
	assert_int_equal(plan_of(packs, 4, 0, &plan), 2);
	assert_true(plan.weights[0].chosen);
	assert_false(plan.weights[1].chosen); /* too little of it is dead */
	assert_true(plan.weights[2].chosen);
	assert_int_equal(plan.outcome.packs, 2);
	assert_int_equal(plan.outcome.packs_new, 1);
	assert_int_equal(plan.outcome.bytes_new, 16 * MIB);
}

/* 7.9 MiB and a little more would be padded to 16 MiB. */
static void
what_would_grow_is_left(void **state)
{
	const struct made packs[] = { { 79, 104000, 0, false },
		{ 2, 100000, 0, false }, { 1, 50000, 0, false },
		{ 1, 50000, 0, false } };
	struct plan plan;

	(void)state;
	assert_int_equal(plan_of(packs, 2, 0, &plan), 0);
	assert_int_equal(plan_of(packs, 4, 0, &plan), 3);
	assert_false(plan.weights[0].chosen);
	assert_int_equal(plan.outcome.bytes_new, 512 * KIB);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_ones_are_gathered),
		cmocka_unit_test(full_ones_stay),
		cmocka_unit_test(dead_weight_goes),
		cmocka_unit_test(what_would_grow_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
