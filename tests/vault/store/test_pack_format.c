/* SPDX-License-Identifier: ISC */
/* Numbers of vault/store/pack_format.c: padding, fullness, names. */
#include "store_fixture.h"

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)

static void
padding_keeps_the_law(void **state)
{
	static const struct {
		uint64_t len, padded;
	} cases[] = {
		{ 1, 256 * KIB },
		{ 256 * KIB, 256 * KIB },
		{ 256 * KIB + 1, 512 * KIB },
		{ 1 * MIB, 1 * MIB },
		{ 1 * MIB + 1, 2 * MIB },
		{ 8 * MIB + 1, 16 * MIB },
		{ 16 * MIB, 16 * MIB },
		/* Padme: 24 = floor(log2), 5 bits kept: steps of 512 KiB */
		{ 16 * MIB + 1, 16 * MIB + 512 * KIB },
		{ 16 * MIB + 512 * KIB, 16 * MIB + 512 * KIB },
		{ 16 * MIB + 512 * KIB + 1, 17 * MIB },
		{ 32 * MIB - 1, 32 * MIB },
		{ 32 * MIB, 32 * MIB },
		{ 32 * MIB + 1, 33 * MIB },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(pack_padded(cases[i].len), cases[i].padded);
}

/* Never smaller, never a third more above 16 MiB, idempotent, monotone. */
static void
padding_holds_everywhere(void **state)
{
	uint64_t before = 0;

	(void)state;
	for (uint64_t len = 1; len < 40 * MIB; len += 4093) {
		uint64_t padded = pack_padded(len);

		assert_true(padded >= len && padded >= before);
		assert_int_equal(pack_padded(padded), padded);
		if (len > 16 * MIB)
			assert_true(padded - len <= len / 32);
		else
			assert_true((padded & (padded - 1)) == 0);
		before = padded;
	}
}

static void
packs_close_in_time(void **state)
{
	(void)state;
	assert_false(pack_is_full(PACK_HEADER_LEN, 0));
	assert_false(pack_is_full(16 * MIB - 1, 16));
	assert_true(pack_is_full(1 * MIB, PACK_CHUNKS_MAX));
	assert_true(pack_is_full(24 * MIB, 24));
	/* just past a step of the padding, nearly all of it would be waste */
	assert_false(pack_is_full(16 * MIB + 1, 16));
	assert_true(pack_is_full(17 * MIB - 64 * KIB, 17));
	for (uint64_t end = 16 * MIB; end < 24 * MIB; end += 1021)
		if (pack_is_full(end, 16))
			assert_true(pack_padded(pack_unpadded(end, 16)) -
					pack_unpadded(end, 16) <=
				    end / 100);
	/* the largest there can be stays under what a reader accepts */
	assert_true(pack_padded(pack_unpadded(24 * MIB - 1 + BOX_SEALED_MAX,
			PACK_CHUNKS_MAX)) <= 32 * MIB);
}

static void
paths_are_hex(void **state)
{
	static const uint8_t id[PACK_ID_LEN] = { 0xab, 0, 1, 2, 3, 4, 5, 6, 7,
		8, 9, 10, 11, 12, 13, 0xff };
	char path[PACK_PATH_TEXT], temp[PACK_TEMP_TEXT];

	(void)state;
	pack_path(id, path);
	assert_string_equal(path, "packs/ab/ab000102030405060708090a0b0c0dff");
	pack_temp_path(id, temp);
	assert_string_equal(
	    temp, "packs/ab/.tmp-ab000102030405060708090a0b0c0dff");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(padding_keeps_the_law),
		cmocka_unit_test(padding_holds_everywhere),
		cmocka_unit_test(packs_close_in_time),
		cmocka_unit_test(paths_are_hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
