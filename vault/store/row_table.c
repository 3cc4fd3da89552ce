/* SPDX-License-Identifier: ISC */
/*
 * An open-addressing table of chunk rows.  Names are keyed hashes, so their
 * first bytes spread by themselves and can't be chosen by a stranger.
 * Contract: row_table.h.
 */
#include "row_table.h"

#include <stdlib.h>
#include <string.h>

void
row_table_clear(struct row_table *table)
{
	free(table->rows);
	free(table->slots);
	memset(table, 0, sizeof(*table));
}

/* The slot that holds this name, or the free one where it would go. */
static size_t
row_table_slot(const struct row_table *table, const struct chunk_name *name)
{
	size_t mask = table->slot_count - 1, slot;

	memcpy(&slot, name->bytes, sizeof(slot));
	for (slot &= mask; table->slots[slot] != 0; slot = (slot + 1) & mask)
		if (memcmp(table->rows[table->slots[slot] - 1].name.bytes,
			name->bytes, HASH_LEN) == 0)
			break;
	return slot;
}

const struct chunk_row *
row_table_find(const struct row_table *table, const struct chunk_name *name)
{
	size_t at;

	if (table->slot_count == 0)
		return NULL;
	at = table->slots[row_table_slot(table, name)];
	return at == 0 ? NULL : &table->rows[at - 1];
}

static bool
row_table_grow_slots(struct row_table *table)
{
	size_t *old = table->slots;
	size_t count = table->slot_count == 0 ? 128 : 2 * table->slot_count;
	size_t *slots;

	if (2 * (table->len + 1) <= table->slot_count)
		return true;
	slots = calloc(count, sizeof(*slots));
	if (slots == NULL)
		return false;
	table->slots = slots;
	table->slot_count = count;
	for (size_t i = 0; i < table->len; i++)
		slots[row_table_slot(table, &table->rows[i].name)] = i + 1;
	free(old);
	return true;
}

static bool
row_table_grow_rows(struct row_table *table)
{
	size_t room = table->room == 0 ? 64 : 2 * table->room;
	struct chunk_row *rows;

	if (table->len < table->room)
		return true;
	rows = realloc(table->rows, room * sizeof(*rows));
	if (rows == NULL)
		return false;
	table->rows = rows;
	table->room = room;
	return true;
}

bool
row_table_add(struct row_table *table, const struct chunk_row *row)
{
	if (!row_table_grow_rows(table) || !row_table_grow_slots(table))
		return false;
	table->rows[table->len++] = *row;
	table->slots[row_table_slot(table, &row->name)] = table->len;
	return true;
}

struct chunk_row *
row_table_take(struct row_table *table, size_t *ret_len)
{
	struct chunk_row *rows = table->rows;

	*ret_len = table->len;
	table->rows = NULL;
	row_table_clear(table);
	return rows;
}
