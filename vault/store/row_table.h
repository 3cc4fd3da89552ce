/* SPDX-License-Identifier: ISC */
/*
 * Rows in the order they came, and found by name.  In memory only.
 */
#ifndef ROW_TABLE_H
#define ROW_TABLE_H
#include "store.h"

struct row_table {
	struct chunk_row *rows;
	size_t len, room;
	size_t *slots;     /* index into rows, plus 1; 0: free */
	size_t slot_count; /* a power of two, at least 2 * len; or 0 */
};
void row_table_clear(struct row_table *table);
/* NULL: not there.  Valid until the next row_table_add. */
const struct chunk_row *row_table_find(
    const struct row_table *table, const struct chunk_name *name);
/* The name isn't there yet.  False: no memory, nothing changed. */
bool row_table_add(struct row_table *table, const struct chunk_row *row);
/* Gives the rows away; the table is empty again. */
struct chunk_row *row_table_take(struct row_table *table, size_t *ret_len);
#endif
