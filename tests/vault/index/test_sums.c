/* SPDX-License-Identifier: ISC */
/* Sums of the ledger's files: kept, replaced, never taken for another's.
 * vault/index/sums.c. */
#include "index_fixture.h"

static void
sums_are_found_by_their_hash_until_others_come(void **state)
{
	struct index_sum sums[2] = { { .hash = { 1 }, .sum = { 11 } },
		{ .hash = { 2 }, .sum = { 12 } } };
	struct index_sum asked = { .hash = { 2 } };
	struct fixture fixture;
	bool found = true;

	(void)state;
	fixture_open(&fixture);
	assert_int_equal(
	    index_sum_find(fixture.index, &asked, &found, NULL), CARNET_OK);
	assert_false(found);
	assert_int_equal(
	    index_sums_set(fixture.index, sums, 2, NULL), CARNET_OK);
	assert_int_equal(
	    index_sum_find(fixture.index, &asked, &found, NULL), CARNET_OK);
	assert_true(found);
	assert_memory_equal(asked.sum, sums[1].sum, HASH_LEN);
	assert_int_equal(
	    index_sums_set(fixture.index, sums, 1, NULL), CARNET_OK);
	assert_int_equal(
	    index_sum_find(fixture.index, &asked, &found, NULL), CARNET_OK);
	assert_false(found);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    sums_are_found_by_their_hash_until_others_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
