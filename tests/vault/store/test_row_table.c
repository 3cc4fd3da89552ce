/* SPDX-License-Identifier: ISC */
/* The table of vault/store/row_table.c, with names that collide. */
#include "store_fixture.h"

static struct chunk_row
row_of(size_t i)
{
	struct chunk_row row = { .place.offset = i };

	/* the first bytes choose the slot: eight values only */
	row.name.bytes[0] = (uint8_t)(i % 8);
	memcpy(row.name.bytes + 24, &i, sizeof(i));
	return row;
}

static void
rows_are_found(void **state)
{
	struct row_table table = { 0 };
	struct chunk_row *rows;
	struct chunk_row row;
	size_t len = 0;

	(void)state;
	row = row_of(0);
	assert_null(row_table_find(&table, &row.name));
	for (size_t i = 0; i < 5000; i++) {
		row = row_of(i);
		assert_null(row_table_find(&table, &row.name));
		assert_true(row_table_add(&table, &row));
	}
	for (size_t i = 0; i < 10000; i++) {
		const struct chunk_row *found;

		row = row_of(i);
		found = row_table_find(&table, &row.name);
		if (i < 5000)
			assert_int_equal(found->place.offset, i);
		else
			assert_null(found);
	}
	rows = row_table_take(&table, &len);
	assert_int_equal(len, 5000);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(rows[i].place.offset, i);
	free(rows);
	assert_null(row_table_find(&table, &row.name));
	row_table_clear(&table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(rows_are_found) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
