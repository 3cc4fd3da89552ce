/* SPDX-License-Identifier: ISC */
/* The cutter of vault/store/chunk.c: bounds, splitting, keys, insertions. */
#include "store_fixture.h"

#include "chunk.h"

#define LONG_LEN ((size_t)64 << 20)

struct cuts {
	size_t ends[2048];
	size_t len;
};

/* Feeds in steps of `step` bytes. */
static void
cut_all(const struct chunk_gear *gear, const uint8_t *bytes, size_t len,
    size_t step, struct cuts *cuts)
{
	struct chunk_cutter cutter;

	cuts->len = 0;
	chunk_cutter_begin(&cutter, gear);
	for (size_t at = 0; at < len;) {
		size_t n = step < len - at ? step : len - at;
		bool cut = false;

		n = chunk_cutter_feed(&cutter, bytes + at, n, &cut);
		assert_true(n > 0);
		at += n;
		if (cut)
			cuts->ends[cuts->len++] = at;
	}
}

static void
gear_of(uint8_t seed, struct chunk_gear *gear)
{
	uint8_t master[KEY_LEN];
	struct secret *secret;
	struct keys *keys = NULL;

	memset(master, seed, sizeof(master));
	secret = secret_from(master, sizeof(master));
	assert_int_equal(keys_derive(secret, &keys, NULL), CARNET_OK);
	chunk_gear_derive(keys, gear);
	keys_free(keys);
	secret_free(secret);
}

/* A second cutter, written from docs/format.md: every hash from its own 64
 * bytes. */
static size_t
slow_cut(const struct chunk_gear *gear, const uint8_t *bytes, size_t len)
{
	for (size_t n = CHUNK_MIN; n <= len; n++) {
		uint64_t hash = 0;
		unsigned bits = n < CHUNK_NORMAL ? 22 : 18;

		if (n == CHUNK_MAX)
			return n;
		for (size_t i = n - 64; i < n; i++)
			hash = hash * 2 + gear->table[bytes[i]];
		if (hash >> (64 - bits) == 0)
			return n;
	}
	return len;
}

static void
sizes_keep_the_law(void **state)
{
	uint8_t *bytes = malloc(LONG_LEN);
	static struct cuts cuts;
	struct chunk_gear gear;
	size_t begin = 0, slow = 0;

	(void)state;
	assert_non_null(bytes);
	gear_of(1, &gear);
	fixture_random(bytes, LONG_LEN, 1);
	cut_all(&gear, bytes, LONG_LEN, LONG_LEN, &cuts);
	for (size_t i = 0; i < cuts.len; i++) {
		size_t len = cuts.ends[i] - begin;

		assert_in_range(len, CHUNK_MIN, CHUNK_MAX);
		begin = cuts.ends[i];
	}
	/* about 1.1 MiB */
	assert_in_range(LONG_LEN / cuts.len, 800 << 10, 1500 << 10);
	for (size_t i = 0; i < 8; i++) {
		slow += slow_cut(&gear, bytes + slow, LONG_LEN - slow);
		assert_int_equal(slow, cuts.ends[i]);
	}
	free(bytes);
}

static void
splitting_changes_nothing(void **state)
{
	static const size_t steps[] = { 1, 63, 64, 65, 4096, 65535, 65536,
		65537, 262144, (1 << 20) - 1, 1 << 20, 5 << 20 };
	size_t len = LONG_LEN / 8;
	uint8_t *bytes = malloc(len);
	static struct cuts whole, split;
	struct chunk_gear gear;

	(void)state;
	assert_non_null(bytes);
	gear_of(2, &gear);
	fixture_random(bytes, len, 2);
	memset(bytes + len / 2, 0, len / 4); /* no cut but by length */
	cut_all(&gear, bytes, len, len, &whole);
	assert_true(whole.len > 3);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		cut_all(&gear, bytes, len, steps[i], &split);
		assert_int_equal(split.len, whole.len);
		assert_memory_equal(
		    split.ends, whole.ends, whole.len * sizeof(size_t));
	}
	free(bytes);
}

/* A byte that never cuts is cut at the maximum. */
static void
monotony_is_cut_at_the_maximum(void **state)
{
	size_t len = 3 * CHUNK_MAX + 1;
	uint8_t *bytes = calloc(1, len);
	static struct cuts cuts;
	struct chunk_gear gear;

	(void)state;
	assert_non_null(bytes);
	gear_of(3, &gear);
	cut_all(&gear, bytes, len, 100000, &cuts);
	assert_int_equal(cuts.len, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(cuts.ends[i], (i + 1) * CHUNK_MAX);
	free(bytes);
}

static size_t
cuts_shared(
    const struct cuts *a, const struct cuts *b, size_t shift_from, size_t shift)
{
	size_t shared = 0;

	for (size_t i = 0, j = 0; i < a->len && j < b->len;) {
		size_t end = a->ends[i] + (a->ends[i] > shift_from ? shift : 0);

		if (end == b->ends[j])
			shared++;
		if (end <= b->ends[j])
			i++;
		else
			j++;
	}
	return shared;
}

static void
an_insertion_moves_few_cuts(void **state)
{
	size_t middle = LONG_LEN / 2;
	uint8_t *bytes = malloc(LONG_LEN + 1);
	static struct cuts before, after;
	struct chunk_gear gear;

	(void)state;
	assert_non_null(bytes);
	gear_of(4, &gear);
	fixture_random(bytes, LONG_LEN, 4);
	cut_all(&gear, bytes, LONG_LEN, 262144, &before);
	memmove(bytes + middle + 1, bytes + middle, LONG_LEN - middle);
	bytes[middle] ^= 0x55;
	cut_all(&gear, bytes, LONG_LEN + 1, 262144, &after);
	assert_true(cuts_shared(&before, &after, middle, 1) + 4 >= before.len);
	free(bytes);
}

static void
keys_decide_cuts(void **state)
{
	uint8_t *bytes = malloc(LONG_LEN / 2);
	static struct cuts mine, theirs;
	struct chunk_gear gear, other;

	(void)state;
	assert_non_null(bytes);
	gear_of(5, &gear);
	gear_of(6, &other);
	fixture_random(bytes, LONG_LEN / 2, 5);
	cut_all(&gear, bytes, LONG_LEN / 2, 262144, &mine);
	cut_all(&other, bytes, LONG_LEN / 2, 262144, &theirs);
	assert_int_equal(cuts_shared(&mine, &theirs, SIZE_MAX, 0), 0);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_keep_the_law),
		cmocka_unit_test(splitting_changes_nothing),
		cmocka_unit_test(monotony_is_cut_at_the_maximum),
		cmocka_unit_test(an_insertion_moves_few_cuts),
		cmocka_unit_test(keys_decide_cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
