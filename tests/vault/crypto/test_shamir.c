/* SPDX-License-Identifier: ISC */
/* Shamir's shares: every subset of every size up to six; and their text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "shares.h"

/* Joins those shares whose bits are set. */
static void
join_subset(const uint8_t *ys, unsigned count, unsigned bits, uint8_t *secret)
{
	uint8_t xs[SHAMIR_MAX], chosen[SHAMIR_MAX * SHAMIR_LEN];
	unsigned len = 0;

	for (unsigned i = 0; i < count && i < SHAMIR_MAX; i++) {
		if ((bits >> i & 1) == 0)
			continue;
		xs[len] = (uint8_t)(i + 1);
		memcpy(chosen + (size_t)len * SHAMIR_LEN,
		    ys + (size_t)i * SHAMIR_LEN, SHAMIR_LEN);
		len++;
	}
	shamir_join(xs, chosen, len, secret);
}

static void
every_large_enough_subset_joins(void **state)
{
	uint8_t secret[SHAMIR_LEN], ys[SHAMIR_MAX * SHAMIR_LEN];
	uint8_t joined[SHAMIR_LEN];

	(void)state;
	for (unsigned count = 2; count <= 6; count++) {
		for (unsigned need = 2; need <= count; need++) {
			randombytes_buf(secret, sizeof(secret));
			shamir_split(secret, need, count, ys);
			for (unsigned bits = 0; bits < 1U << count; bits++) {
				unsigned size =
				    (unsigned)__builtin_popcount(bits);

				if (size < 2)
					continue;
				join_subset(ys, count, bits, joined);
				assert_int_equal(
				    memcmp(joined, secret, SHAMIR_LEN) == 0,
				    size >= need);
			}
		}
	}
}

/* One share of two: each byte takes every value about as often, whatever the
 * secret is. */
static void
one_share_says_nothing(void **state)
{
	static const uint8_t secrets[2][SHAMIR_LEN] = { { 0 },
		{ 255, 255, 255, 255 } };
	uint8_t ys[SHAMIR_MAX * SHAMIR_LEN];
	unsigned counts[256];

	(void)state;
	for (size_t s = 0; s < 2; s++) {
		memset(counts, 0, sizeof(counts));
		for (int i = 0; i < 51200; i++) {
			shamir_split(secrets[s], 2, 2, ys);
			counts[ys[0]]++;
		}
		/* 200 expected each, standard deviation 14 */
		for (int i = 0; i < 256; i++)
			assert_in_range(counts[i], 100, 300);
	}
}

static struct share
share_of(unsigned number, unsigned need)
{
	struct share share = { .number = number,
		.need = need,
		.vault = { 1, 2, 3, 4 },
		.slot = "kabcdefgh" };

	randombytes_buf(share.y, sizeof(share.y));
	share_fill(&share);
	return share;
}

static enum carnet_status
parse(const char *text, struct share *shares, size_t *len)
{
	struct secret *typed = secret_from(text, strlen(text));
	enum carnet_status status = shares_parse(typed, shares, len, NULL);

	secret_free(typed);
	return status;
}

static void
text_comes_back(void **state)
{
	struct share one = share_of(1, 2), two = share_of(16, 2);
	struct share back[SHAMIR_MAX];
	char a[SHARES_TEXT], b[SHARES_TEXT], text[400];
	size_t len = 0;

	(void)state;
	share_print(&one, a);
	share_print(&two, b);
	assert_int_equal(strlen(a), strlen("carnet-share-1:") + 14 * 5);
	(void)snprintf(text, sizeof(text), "\n  %s\r\n\n%s\n%s", a, b, a);
	assert_int_equal(parse(text, back, &len), CARNET_OK);
	assert_int_equal(len, 2);
	assert_memory_equal(back[0].y, one.y, SHAMIR_LEN);
	assert_int_equal(back[1].number, 16);
	assert_string_equal(back[0].slot, "kabcdefgh");
	/* capitals, and no blanks or hyphens in the code */
	for (char *c = a; *c != '\0'; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
	assert_int_equal(parse(a, back, &len), CARNET_OK);
	assert_memory_equal(back[0].y, one.y, SHAMIR_LEN);
}

static void
mistakes_are_found(void **state)
{
	struct share one = share_of(3, 4), other = share_of(4, 4);
	struct share back[SHAMIR_MAX];
	char text[SHARES_TEXT], both[2 * SHARES_TEXT + 1], second[SHARES_TEXT];
	size_t len = 0, start;

	(void)state;
	share_print(&one, text);
	start = strlen("carnet-share-3: ");
	for (size_t i = start; text[i] != '\0'; i++) {
		char kept = text[i];

		if (kept == ' ')
			continue;
		text[i] = kept == 'q' ? 'r' : 'q';
		assert_int_equal(parse(text, back, &len), CARNET_INVALID);
		text[i] = '1'; /* base32 has none */
		assert_int_equal(parse(text, back, &len), CARNET_INVALID);
		text[i] = kept;
	}
	text[strlen(text) - 1] = '\0';
	assert_int_equal(parse(text, back, &len), CARNET_INVALID);
	share_print(&one, text);
	other.slot[3] = 'x';
	share_fill(&other);
	share_print(&other, second);
	(void)snprintf(both, sizeof(both), "%s\n%s", text, second);
	assert_int_equal(parse(both, back, &len), CARNET_INVALID);
	assert_int_equal(parse("carnet-share-", back, &len), CARNET_INVALID);
	assert_int_equal(parse("abaisser abandon", back, &len), CARNET_INVALID);
}

static void
it_is_known_how_many_lack(void **state)
{
	struct share one = share_of(1, 3);
	char text[SHARES_TEXT];
	struct secret *typed;

	(void)state;
	share_print(&one, text);
	typed = secret_from(text, strlen(text));
	assert_true(shares_are_meant(typed));
	assert_int_equal(shares_lacking(typed), 2);
	secret_free(typed);
	typed = secret_from("abaisser", 8);
	assert_false(shares_are_meant(typed));
	assert_int_equal(shares_lacking(typed), 0);
	secret_free(typed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_large_enough_subset_joins),
		cmocka_unit_test(one_share_says_nothing),
		cmocka_unit_test(text_comes_back),
		cmocka_unit_test(mistakes_are_found),
		cmocka_unit_test(it_is_known_how_many_lack),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
