/* SPDX-License-Identifier: ISC */
/*
 * Branches of a backup's snapshots, told by their heads alone.  Reads no
 * file; the program's own backups are test_backup.py's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* needs the ones before */

#include "forks.h"

#define HEADS 3
#define SNAPSHOTS 5

struct row { /* a snapshot; a head's hash is one byte, its place the device */
	const char *id;
	int64_t made;
	struct {
		uint64_t seq, lamport;
		uint8_t hash;
	} heads[HEADS]; /* seq 0: the snapshot knows nothing of the device */
};

static const struct {
	const char *name;
	struct row rows[SNAPSHOTS];
	const char *ends; /* their ids, the newest last */
} cases[] = {
	{ "nothing", { { 0 } }, "" },
	{ "one", { { "a", 1, { { 1, 1, 1 } } } }, "" },
	{ "a line",
	    { { "b", 2, { { 5, 5, 5 } } }, { "a", 1, { { 2, 2, 2 } } } }, "" },
	{ "twice the same, whatever the clock says",
	    { { "a", 9, { { 2, 2, 2 } } }, { "b", 3, { { 2, 2, 2 } } },
		{ "c", 5, { { 2, 2, 2 } } } },
	    "" },
	{ "another device goes on",
	    { { "a", 1, { { 5, 5, 5 } } },
		{ "b", 2, { { 5, 5, 5 }, { 3, 8, 3 } } } },
	    "" },
	{ "goes on with a lower counter, by an earlier clock",
	    { { "a", 9, { { 5, 5, 5 } } },
		{ "b", 2, { { 5, 5, 5 }, { 3, 4, 3 } } } },
	    "" },
	{ "two branches",
	    { { "root", 1, { { 2, 2, 2 } } }, { "a", 2, { { 9, 9, 9 } } },
		{ "b", 3, { { 2, 2, 2 }, { 1, 10, 1 } } } },
	    "a b" },
	{ "the last one used comes last",
	    { { "a", 9, { { 9, 12, 9 } } },
		{ "b", 3, { { 2, 2, 2 }, { 1, 10, 1 } } } },
	    "b a" },
	{ "three branches, one of them went on",
	    { { "a", 1, { { 9, 9, 9 } } },
		{ "b", 2, { { 2, 2, 2 }, { 1, 10, 1 } } },
		{ "c", 3, { { 2, 2, 2 }, { 4, 14, 4 } } },
		{ "d", 4, { { 2, 2, 2 }, { 0 }, { 1, 20, 1 } } } },
	    "a c d" },
	{ "two chains of one device",
	    { { "a", 1, { { 9, 9, 1 } } }, { "b", 2, { { 9, 9, 2 } } } },
	    "a b" },
	{ "branches that met again",
	    { { "a", 1, { { 9, 9, 9 } } },
		{ "b", 2, { { 2, 2, 2 }, { 1, 10, 1 } } },
		{ "c", 3, { { 9, 9, 9 }, { 2, 11, 2 } } } },
	    "" },
};

static void
add(struct forks *forks, const struct row *row)
{
	struct snapshot_head heads[HEADS];
	struct snapshot snapshot = { .made = row->made, .heads = heads };

	(void)snprintf(snapshot.id, sizeof(snapshot.id), "%s", row->id);
	for (size_t i = 0; i < HEADS; i++) {
		struct snapshot_head *head = &heads[snapshot.heads_len];

		if (row->heads[i].seq == 0)
			continue;
		memset(head, 0, sizeof(*head));
		head->device[0] = (uint8_t)(i + 1);
		head->seq = row->heads[i].seq;
		head->lamport = row->heads[i].lamport;
		head->hash[0] = row->heads[i].hash;
		snapshot.heads_len++;
	}
	assert_int_equal(forks_add(forks, &snapshot, NULL), CARNET_OK);
}

static void
the_ends_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct forks forks = { 0 };
		char found[64] = "";
		cJSON *ends;
		const cJSON *end;

		for (size_t k = 0; k < SNAPSHOTS && cases[i].rows[k].id != NULL;
		     k++)
			add(&forks, &cases[i].rows[k]);
		ends = forks_ends(&forks);
		assert_non_null(ends);
		cJSON_ArrayForEach(end, ends)
		{
			size_t len = strlen(found);

			(void)snprintf(found + len, sizeof(found) - len, "%s%s",
			    len == 0 ? "" : " ", end->valuestring);
		}
		if (strcmp(found, cases[i].ends) != 0)
			print_error("%s\n", cases[i].name);
		assert_string_equal(found, cases[i].ends);
		cJSON_Delete(ends);
		forks_clear(&forks);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ends_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
