/* SPDX-License-Identifier: ISC */
/*
 * Policies over snapshots made of a few numbers: which stay, which live.
 * All of it is synthetic.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h> /* needs the ones before */

#include "keeping.h"

/* One snapshot: how far it has seen devices 1 and 2, and when it was made. */
struct row {
	char id;
	uint64_t seen[2];
	const char *made; /* UTC; the tests' zone */
	bool is_condemned;
};

static void
fill(struct keeping *keeping, const struct row *rows)
{
	for (; rows->id != '\0'; rows++) {
		struct snapshot_head heads[2] = { 0 };
		struct snapshot snapshot = { .heads = heads };
		struct tm when = { 0 };

		assert_non_null(strptime(rows->made, "%Y-%m-%d %H:%M", &when));
		snapshot.made = (int64_t)timegm(&when) * 1000;
		(void)snprintf(snapshot.id, sizeof(snapshot.id),
		    "b%caaaaaaaaaaa", rows->id);
		for (uint8_t i = 0; i < 2; i++) {
			struct snapshot_head *head = &heads[snapshot.heads_len];

			if (rows->seen[i] == 0)
				continue;
			head->device[0] = (uint8_t)(i + 1);
			head->seq = head->lamport = rows->seen[i];
			head->hash[0] = (uint8_t)rows->seen[i];
			snapshot.heads_len++;
		}
		assert_int_equal(
		    keeping_add(keeping, &snapshot, NULL), CARNET_OK);
		keeping->rows[keeping->len - 1].is_condemned =
		    rows->is_condemned;
	}
	keeping_judge(keeping);
}

/* The letters of those that live, or that stay, the older ones first. */
static void
letters(const struct keeping *keeping, bool kept, char text[32])
{
	size_t len = 0;

	for (size_t i = 0; i < keeping->len; i++)
		if (kept ? keeping->rows[i].is_kept : keeping->rows[i].is_live)
			text[len++] = keeping->rows[i].id[1];
	text[len] = '\0';
}

static const struct row one_device[] = {
	{ 'a', { 1, 0 }, "2024-01-10 09:00", false },
	{ 'c', { 2, 0 }, "2025-01-31 09:00", false },
	{ 'd', { 3, 0 }, "2025-02-01 09:00", false },
	{ 'e', { 4, 0 }, "2025-02-24 09:00", false }, /* a Monday */
	{ 'f', { 5, 0 }, "2025-03-02 09:00", false }, /* its Sunday */
	{ 'g', { 6, 0 }, "2025-03-03 09:00", false },
	{ 'h', { 7, 0 }, "2025-03-03 21:00", false },
	{ '\0', { 0, 0 }, NULL, false },
};
/* b is on a branch of its own; d goes on from both, e from a alone. */
static const struct row branches[] = {
	{ 'a', { 4, 0 }, "2025-03-01 09:00", false },
	{ 'b', { 0, 5 }, "2025-03-01 10:00", false },
	{ 'c', { 6, 0 }, "2025-03-02 09:00", false },
	{ 'd', { 6, 7 }, "2025-03-02 10:00", false },
	{ 'e', { 9, 0 }, "2025-03-04 09:00", false },
	{ '\0', { 0, 0 }, NULL, false },
};

static void
policies(void **state)
{
	static const struct {
		const char *name;
		const struct row *rows;
		struct carnet_keep_policy policy;
		const char *kept;
	} cases[] = {
		{ "none keeps all", one_device, { 0 }, "acdefgh" },
		{ "last", one_device, { .last = 2 }, "gh" },
		{ "more than there are", one_device, { .last = 99 },
		    "acdefgh" },
		{ "daily", one_device, { .daily = 2 }, "fh" },
		{ "weekly: Monday to Sunday", one_device, { .weekly = 2 },
		    "fh" },
		{ "monthly", one_device, { .monthly = 3 }, "ceh" },
		{ "yearly", one_device, { .yearly = 2 }, "ah" },
		{ "rules add up", one_device, { .last = 1, .yearly = 9 },
		    "ah" },
		{ "within days", one_device, { .within = { .days = 1 } },
		    "gh" },
		{ "within, to the hour", one_device,
		    { .within = { .hours = 12 } }, "gh" },
		{ "within an hour less", one_device,
		    { .within = { .hours = 11 } }, "h" },
		{ "within months", one_device, { .within = { .months = 1 } },
		    "efgh" },
		{ "each branch has its newest", branches, { .last = 1 }, "de" },
		{ "each branch by itself", branches, { .last = 2 }, "cde" },
		{ "of a branch all days", branches, { .daily = 2 }, "bcde" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct keeping keeping = { 0 };
		char kept[32];

		fill(&keeping, cases[i].rows);
		keeping_apply(&keeping, &cases[i].policy);
		letters(&keeping, true, kept);
		if (strcmp(kept, cases[i].kept) != 0)
			fail_msg("%s: %s, not %s", cases[i].name, kept,
			    cases[i].kept);
		keeping_clear(&keeping);
	}
}

/* Whatever lists say, the newest of a branch that is there lives. */
static void
who_lives(void **state)
{
	static const struct {
		const char *name;
		struct row rows[6];
		const char *live, *kept;
	} cases[] = {
		{ "condemned, and gone on from",
		    { { 'a', { 1, 0 }, "2025-01-01 09:00", true },
			{ 'b', { 2, 0 }, "2025-01-02 09:00", false } },
		    "b", "b" },
		{ "the one it was condemned for isn't there",
		    { { 'a', { 1, 0 }, "2025-01-01 09:00", true },
			{ 'b', { 2, 0 }, "2025-01-02 09:00", true } },
		    "ab", "b" },
		{ "gone on from by another branch's only",
		    { { 'a', { 3, 0 }, "2025-01-01 09:00", true },
			{ 'b', { 0, 9 }, "2025-01-02 09:00", false } },
		    "ab", "ab" },
		{ "the same heads: the later one counts",
		    { { 'a', { 3, 0 }, "2025-01-01 09:00", true },
			{ 'b', { 3, 0 }, "2025-01-02 09:00", false } },
		    "b", "b" },
		{ "the same heads: the earlier one doesn't",
		    { { 'a', { 3, 0 }, "2025-01-01 09:00", false },
			{ 'b', { 3, 0 }, "2025-01-02 09:00", true } },
		    "ab", "b" },
		{ "a clock that went back orders nothing",
		    { { 'a', { 1, 0 }, "2025-06-01 09:00", true },
			{ 'b', { 2, 0 }, "2020-01-01 09:00", false } },
		    "b", "b" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct carnet_keep_policy policy = { .last = 1 };
		struct keeping keeping = { 0 };
		char live[32], kept[32];

		fill(&keeping, cases[i].rows);
		keeping_apply(&keeping, &policy);
		letters(&keeping, false, live);
		letters(&keeping, true, kept);
		if (strcmp(live, cases[i].live) != 0 ||
		    strcmp(kept, cases[i].kept) != 0)
			fail_msg(
			    "%s: %s live, %s stay", cases[i].name, live, kept);
		keeping_clear(&keeping);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies),
		cmocka_unit_test(who_lives),
	};

	(void)setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
