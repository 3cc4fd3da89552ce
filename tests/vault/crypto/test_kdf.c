/* SPDX-License-Identifier: ISC */
/*
 * The 64 bytes behind a slot: normalised passphrases, bounds, memory that
 * isn't there, and the binding of recovery words to a slot.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kdf.h"
#include "seal.h"

/* The cheapest that is allowed. */
static const struct kdf_setting cheap = { .ops = KDF_OPS_MIN,
	.mem_kib = KDF_MEM_KIB_MIN,
	.salt = "0123456789abcde" };

static struct secret *
derive(const char *text, size_t len)
{
	struct secret *passphrase = secret_from(text, len), *out = NULL;

	assert_non_null(passphrase);
	assert_int_equal(
	    kdf_passphrase(&cheap, passphrase, &out, NULL), CARNET_OK);
	assert_int_equal(secret_len(out), KDF_LEN);
	secret_free(passphrase);
	return out;
}

/* What the reference implementation makes of it (Debian's argon2): one lane,
 * version 0x13, 64 bytes. */
static void
argon2id_has_its_values(void **state)
{
	static const struct {
		struct kdf_setting setting;
		const char *passphrase;
		size_t len;
		const char *wanted;
	} rows[] = {
		{ { .ops = 2, .mem_kib = 65536, .salt = "0123456789abcdef" },
		    "correct horse battery", 21,
		    "9d2dba822abd22ba5890443c45ed2ee0"
		    "23d59b4edc450e0674c320271ee55983"
		    "b44ef94ed0760359ca862c1a7338590c"
		    "bde35baaa92367a32266a370fcc2fa0d" },
		{ { .ops = 3,
		      .mem_kib = 65537,
		      .salt = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
			  14, 15 } },
		    "sept abricots m\303\273rs", 19,
		    "15a092f8eb0a8cee7693a1c0c3ba3ae7"
		    "73c8e52784faa490747126b3883964c0"
		    "3d669fc8d033addd32da4c93e9d1e1cf"
		    "d1e4cbb422e06c99775ad9e2b123209b" },
		{ { .ops = 5,
		      .mem_kib = 70000,
		      .salt = { 255, 255, 255, 255, 255, 255, 255, 255, 255,
			  255, 255, 255, 255, 255, 255, 255 } },
		    "\0", 1,
		    "141e8ddc1466dc941349d36c6578070d"
		    "7f5d9b86fb289e4c92667331eca57148"
		    "ae4253cfb009adfca43fb780a1595712"
		    "d336dab9c528c3382001d4a542f85cf6" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct secret *passphrase =
		    secret_from(rows[i].passphrase, rows[i].len);
		struct secret *out = NULL;
		uint8_t wanted[KDF_LEN];

		assert_non_null(passphrase);
		assert_true(hex_decode(rows[i].wanted, wanted, KDF_LEN));
		assert_int_equal(
		    kdf_passphrase(&rows[i].setting, passphrase, &out, NULL),
		    CARNET_OK);
		assert_memory_equal(secret_peek(out), wanted, KDF_LEN);
		secret_free(out);
		secret_free(passphrase);
	}
}

static void
spellings_of_one_passphrase_agree(void **state)
{
	/* "Éléonore", composed and decomposed; and no UTF-8 at all */
	struct secret *nfc = derive("\303\211l\303\251onore", 10);
	struct secret *nfd = derive("E\314\201le\314\201onore", 12);
	struct secret *latin1 = derive("\311l\351onore", 8);

	(void)state;
	assert_memory_equal(secret_peek(nfc), secret_peek(nfd), KDF_LEN);
	assert_memory_not_equal(secret_peek(nfc), secret_peek(latin1), KDF_LEN);
	assert_memory_not_equal(secret_peek(nfc), secret_peek(nfc) + 32, 32);
	secret_free(nfc);
	secret_free(nfd);
	secret_free(latin1);
}

static void
nul_bytes_and_blanks_count(void **state)
{
	struct secret *plain = derive("a", 1), *nul = derive("a\0", 2),
		      *blank = derive("a ", 2);

	(void)state;
	assert_memory_not_equal(secret_peek(plain), secret_peek(nul), KDF_LEN);
	assert_memory_not_equal(
	    secret_peek(plain), secret_peek(blank), KDF_LEN);
	secret_free(plain);
	secret_free(nul);
	secret_free(blank);
}

static void
the_matching_costs(void **state)
{
	static const uint32_t wanted[][2] = { { 2, 65536 }, { 3, 262144 },
		{ 4, 1048576 } };
	struct kdf_setting setting, other;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		    kdf_choose((enum kdf_cost)i, &setting, NULL), CARNET_OK);
		assert_int_equal(setting.ops, wanted[i][0]);
		assert_int_equal(setting.mem_kib, wanted[i][1]);
	}
	assert_int_equal(kdf_choose(KDF_SENSITIVE, &other, NULL), CARNET_OK);
	assert_memory_not_equal(setting.salt, other.salt, KDF_SALT_LEN);
	assert_int_equal(
	    kdf_choose((enum kdf_cost)3, &other, NULL), CARNET_INVALID);
}

static void
lengths_are_bounded(void **state)
{
	struct secret *empty = secret_new(0), *out = NULL;
	struct secret *longest = secret_new(KDF_PASSPHRASE_MAX + 1);

	(void)state;
	assert_non_null(empty);
	assert_non_null(longest);
	assert_int_equal(
	    kdf_passphrase(&cheap, empty, &out, NULL), CARNET_INVALID);
	assert_int_equal(
	    kdf_passphrase(&cheap, longest, &out, NULL), CARNET_INVALID);
	assert_null(out);
	secret_free(empty);
	secret_free(longest);
}

static void
a_setting_out_of_bounds_costs_nothing(void **state)
{
	static const uint32_t rows[][2] = { { 1, 65536 }, { 0, 65536 },
		{ 21, 65536 }, { UINT32_MAX, 65536 }, { 2, 65535 }, { 2, 0 },
		{ 2, (4U << 20) + 1 }, { 2, UINT32_MAX } };
	struct secret *passphrase = secret_from("x", 1), *out = NULL;

	(void)state;
	assert_non_null(passphrase);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kdf_setting setting = cheap;

		setting.ops = rows[i][0];
		setting.mem_kib = rows[i][1];
		assert_int_equal(
		    kdf_passphrase(&setting, passphrase, &out, NULL),
		    CARNET_DAMAGED);
	}
	assert_true(kdf_is_bounded(20, 4U << 20));
	assert_true(kdf_is_bounded(2, 65536));
	assert_null(out);
	secret_free(passphrase);
}

/* In a child, whose memory is limited: 0 when all is as it should be. */
static int
without_memory(void)
{
	struct rlimit limit = { 512U << 20, 512U << 20 };
	struct kdf_setting setting = cheap;
	struct secret *passphrase = secret_from("x", 1), *out = NULL;
	struct carnet_error err = { 0 };

	setting.mem_kib = 1U << 20;
	if (passphrase == NULL || setrlimit(RLIMIT_AS, &limit) != 0)
		return 1;
	if (kdf_passphrase(&setting, passphrase, &out, &err) !=
	    CARNET_NO_MEMORY)
		return 2;
	if (out != NULL || strstr(err.message, "1024 MiB") == NULL)
		return 3;
	secret_free(passphrase);
	return 0;
}

static void
missing_memory_is_no_wrong_key(void **state)
{
	int status = -1;
	pid_t child;

	(void)state;
#ifdef CARNET_SANITIZED
	skip(); /* the sanitizer needs the address space itself */
#endif
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(without_memory());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
recovery_is_bound_to_its_slot(void **state)
{
	uint8_t entropy[20] = { 1 }, vault[VAULT_ID_LEN] = { 2 };
	uint8_t first[KDF_LEN], other[KDF_LEN];

	(void)state;
	kdf_recovery(entropy, vault, "kaaaaaaaa", first);
	kdf_recovery(entropy, vault, "kaaaaaaaa", other);
	assert_memory_equal(first, other, KDF_LEN);
	kdf_recovery(entropy, vault, "kaaaaaaab", other);
	assert_memory_not_equal(first, other, KDF_LEN);
	vault[15] = 1;
	kdf_recovery(entropy, vault, "kaaaaaaaa", other);
	assert_memory_not_equal(first, other, KDF_LEN);
	vault[15] = 0;
	entropy[19] = 1;
	kdf_recovery(entropy, vault, "kaaaaaaaa", other);
	assert_memory_not_equal(first, other, KDF_LEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(argon2id_has_its_values),
		cmocka_unit_test(spellings_of_one_passphrase_agree),
		cmocka_unit_test(nul_bytes_and_blanks_count),
		cmocka_unit_test(the_matching_costs),
		cmocka_unit_test(lengths_are_bounded),
		cmocka_unit_test(a_setting_out_of_bounds_costs_nothing),
		cmocka_unit_test(missing_memory_is_no_wrong_key),
		cmocka_unit_test(recovery_is_bound_to_its_slot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
