/* SPDX-License-Identifier: ISC */
/*
 * Which number a document has, while an index is made of a whole ledger: nine
 * events of ten are about one that was met before, and the table of ids is in
 * no order.  In two megabytes; where a few events follow, the table is asked.
 * The contract is in statement.h.
 */
#include "statement.h"

#include <stdlib.h>
#include <string.h>

#define NUMBERS_WAYS 4 /* places a document may have: a line of the cache */
#define NUMBERS_LINES ((size_t)32 << 10)

struct numbers {
	struct {
		uint64_t id; /* numbers_pack; 0: free */
		int64_t number;
	} lines[NUMBERS_LINES][NUMBERS_WAYS];
};

/* The 60 bits of a document's id, and one more; 0: it is no such id. */
static uint64_t
numbers_pack(const char *id)
{
	uint64_t bits = 1;

	if (id == NULL || strlen(id) != EVENT_ID_TEXT - 1 || id[0] != 'd')
		return 0;
	for (size_t i = 1; i < EVENT_ID_TEXT - 1; i++) {
		if (id[i] >= 'a' && id[i] <= 'z')
			bits = bits << 5 | (uint64_t)(id[i] - 'a');
		else if (id[i] >= '2' && id[i] <= '7')
			bits = bits << 5 | (uint64_t)(id[i] - '2' + 26);
		else
			return 0;
	}
	return bits;
}

/* Ids look random already. */
static size_t
numbers_line(uint64_t id)
{
	return (size_t)(id % NUMBERS_LINES);
}

int64_t
numbers_find(const struct index *index, const char *id)
{
	uint64_t packed = index->numbers == NULL ? 0 : numbers_pack(id);

	for (size_t i = 0; packed != 0 && i < NUMBERS_WAYS; i++)
		if (index->numbers->lines[numbers_line(packed)][i].id == packed)
			return index->numbers->lines[numbers_line(packed)][i]
			    .number;
	return 0;
}

void
numbers_keep(struct index *index, const char *id, int64_t number)
{
	uint64_t packed = numbers_pack(id);
	size_t line = numbers_line(packed), place = 0;

	if (packed == 0 || !index->takes_all)
		return;
	if (index->numbers == NULL)
		index->numbers = calloc(1, sizeof(*index->numbers));
	if (index->numbers == NULL)
		return; /* it is asked for again */
	while (place < NUMBERS_WAYS &&
	       index->numbers->lines[line][place].id != 0 &&
	       index->numbers->lines[line][place].id != packed)
		place++;
	if (place == NUMBERS_WAYS) /* in the place of any other */
		place = (size_t)number % NUMBERS_WAYS;
	index->numbers->lines[line][place].id = packed;
	index->numbers->lines[line][place].number = number;
}

void
numbers_drop(struct index *index, const char *id)
{
	uint64_t packed = index->numbers == NULL ? 0 : numbers_pack(id);

	for (size_t i = 0; packed != 0 && i < NUMBERS_WAYS; i++)
		if (index->numbers->lines[numbers_line(packed)][i].id == packed)
			index->numbers->lines[numbers_line(packed)][i].number =
			    0;
}

void
numbers_forget(struct index *index)
{
	free(index->numbers);
	index->numbers = NULL;
}
