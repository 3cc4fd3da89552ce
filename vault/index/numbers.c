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

struct number {
	uint64_t id; /* numbers_pack; 0: free */
	int64_t number;
};
struct numbers {
	struct number lines[NUMBERS_LINES][NUMBERS_WAYS];
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

/* Where it may be; ids look random already. */
static struct number *
numbers_line(const struct index *index, uint64_t id)
{
	return index->numbers->lines[id % NUMBERS_LINES];
}

/* Where it is; NULL: it isn't kept. */
static struct number *
numbers_place(const struct index *index, const char *id)
{
	uint64_t packed = index->numbers == NULL ? 0 : numbers_pack(id);
	struct number *line;

	if (packed == 0)
		return NULL;
	line = numbers_line(index, packed);
	for (size_t i = 0; i < NUMBERS_WAYS; i++)
		if (line[i].id == packed)
			return &line[i];
	return NULL;
}

int64_t
numbers_find(const struct index *index, const char *id)
{
	const struct number *place = numbers_place(index, id);

	return place == NULL ? 0 : place->number;
}

void
numbers_keep(struct index *index, const char *id, int64_t number)
{
	uint64_t packed = index->takes_all ? numbers_pack(id) : 0;
	struct number *line;
	size_t i = 0;

	if (packed == 0)
		return;
	if (index->numbers == NULL)
		index->numbers = calloc(1, sizeof(*index->numbers));
	if (index->numbers == NULL)
		return; /* it is asked for again */
	line = numbers_line(index, packed);
	while (i < NUMBERS_WAYS && line[i].id != 0 && line[i].id != packed)
		i++;
	if (i == NUMBERS_WAYS) /* in the place of any other */
		i = (size_t)number % NUMBERS_WAYS;
	line[i] = (struct number){ packed, number };
}

void
numbers_drop(struct index *index, const char *id)
{
	struct number *place = numbers_place(index, id);

	if (place != NULL)
		place->number = 0;
}

void
numbers_forget(struct index *index)
{
	free(index->numbers);
	index->numbers = NULL;
}
