/* SPDX-License-Identifier: ISC */
/* Boxes of vault/store/squeeze.c: there and back, and what isn't a box. */
#include "store_fixture.h"

#include <zstd.h>

struct kit {
	struct squeezer *squeezer;
	struct expander *expander;
	struct box *box;
	uint8_t *plain, *spare;
};

static int
set_up(void **state)
{
	struct kit *kit = calloc(1, sizeof(*kit));

	kit->squeezer = squeezer_new();
	kit->expander = expander_new();
	kit->box = box_new(CHUNK_MAX);
	kit->plain = malloc(CHUNK_MAX);
	kit->spare = malloc(CHUNK_MAX);
	assert_true(kit->squeezer && kit->expander && kit->box);
	*state = kit;
	return 0;
}

static int
tear_down(void **state)
{
	struct kit *kit = *state;

	squeezer_free(kit->squeezer);
	expander_free(kit->expander);
	box_free(kit->box);
	free(kit->plain);
	free(kit->spare);
	free(kit);
	return 0;
}

/* Squeezes kit->plain, expands it, compares; returns the wrapped length. */
static size_t
there_and_back(struct kit *kit, size_t len)
{
	const uint8_t *plain = NULL;

	memcpy(box_plain(kit->box), kit->plain, len);
	kit->box->plain_len = (uint32_t)len;
	box_squeeze(kit->squeezer, kit->box);
	assert_true(box_expand(kit->expander, box_wrapped(kit->box),
	    box_wrapped_len(kit->box), len, kit->spare, &plain));
	assert_memory_equal(plain, kit->plain, len);
	assert_true(box_wrapped_len(kit->box) <= BOX_HEADER_LEN + len);
	return box_wrapped_len(kit->box);
}

static void
everything_comes_back(void **state)
{
	static const size_t sizes[] = { 1, 2, 31, 32, 33, 64, 1000, 65536,
		131071, 131072, 131073, 1 << 20, CHUNK_MAX - 1, CHUNK_MAX };
	struct kit *kit = *state;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t len = sizes[i];

		fixture_random(kit->plain, len, i);
		assert_int_equal(
		    there_and_back(kit, len), len + BOX_HEADER_LEN);
		memset(kit->plain, ' ', len);
		(void)there_and_back(kit, len);
		for (size_t j = 0; j < len; j++)
			kit->plain[j] = (uint8_t)("kreatinin "[j % 10]);
		if (len >= 1000)
			assert_true(there_and_back(kit, len) < len / 10);
	}
}

/* What shrinks only in parts of a chunk is still found. */
static void
half_noise_is_squeezed(void **state)
{
	struct kit *kit = *state;

	fixture_random(kit->plain, CHUNK_MAX / 2, 1);
	memset(kit->plain + CHUNK_MAX / 2, 7, CHUNK_MAX / 2);
	assert_true(there_and_back(kit, CHUNK_MAX) < CHUNK_MAX * 6 / 10);
}

/* A gain of under 1/32 is not worth a decompression. */
static void
small_gains_are_left(void **state)
{
	struct kit *kit = *state;

	fixture_random(kit->plain, 100000, 1);
	memset(kit->plain, 0, 2000);
	assert_int_equal(there_and_back(kit, 100000), 100000 + BOX_HEADER_LEN);
	memset(kit->plain, 0, 5000);
	assert_true(there_and_back(kit, 100000) < 97000);
}

static void
what_is_no_box_is_refused(void **state)
{
	struct kit *kit = *state;
	const uint8_t *plain = NULL;
	uint8_t wrapped[600] = { 0 };
	size_t len, cut;

	memset(kit->plain, 'x', 5000);
	len = there_and_back(kit, 5000);
	assert_true(len < sizeof(wrapped));
	memcpy(wrapped, box_wrapped(kit->box), len);
	for (cut = 0; cut < len; cut++)
		assert_false(box_expand(
		    kit->expander, wrapped, cut, 5000, kit->spare, &plain));
	assert_false(
	    box_expand(kit->expander, wrapped, len, 4999, kit->spare, &plain));
	assert_false(
	    box_expand(kit->expander, wrapped, len, 5001, kit->spare, &plain));
	for (unsigned flag = 2; flag < 256; flag++) {
		wrapped[0] = (uint8_t)flag;
		assert_false(box_expand(
		    kit->expander, wrapped, len, 5000, kit->spare, &plain));
	}
	wrapped[0] = 0; /* raw: the lengths don't fit */
	assert_false(
	    box_expand(kit->expander, wrapped, len, 5000, kit->spare, &plain));
	assert_null(plain);
}

/* A frame that grows beyond what its header says, or beyond 4 MiB. */
static void
bombs_are_refused(void **state)
{
	struct kit *kit = *state;
	size_t huge = 64 << 20, room = ZSTD_compressBound(64 << 20);
	uint8_t *zeros = calloc(1, huge), *wrapped = malloc(room + 5);
	const uint8_t *plain = NULL;
	size_t len = ZSTD_compress(wrapped + 5, room, zeros, huge, 1);

	assert_false(ZSTD_isError(len));
	wrapped[0] = 1;
	pack_put_le(wrapped + 1, 100, 4);
	assert_false(box_expand(
	    kit->expander, wrapped, len + 5, 100, kit->spare, &plain));
	pack_put_le(wrapped + 1, CHUNK_MAX, 4);
	assert_false(box_expand(
	    kit->expander, wrapped, len + 5, CHUNK_MAX, kit->spare, &plain));
	pack_put_le(wrapped + 1, huge, 4);
	assert_false(box_expand(
	    kit->expander, wrapped, len + 5, huge, kit->spare, &plain));
	free(zeros);
	free(wrapped);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything_comes_back),
		TEST(half_noise_is_squeezed),
		TEST(small_gains_are_left),
		TEST(what_is_no_box_is_refused),
		TEST(bombs_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
