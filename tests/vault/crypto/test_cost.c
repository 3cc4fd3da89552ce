/* SPDX-License-Identifier: ISC */
/* What a passphrase costs: one Argon2id, of the same size, whatever is wrong
 * with it and however many slots there are. */
#include <sodium.h>
#include <stdio.h>

#include "header_fixture.h"

static size_t calls;
static unsigned long long cost_ops;
static size_t cost_memory;

int __real_crypto_pwhash(unsigned char *out, unsigned long long out_len,
    const char *text, unsigned long long len, const unsigned char *salt,
    unsigned long long ops, size_t memory, int alg);
int __wrap_crypto_pwhash(unsigned char *out, unsigned long long out_len,
    const char *text, unsigned long long len, const unsigned char *salt,
    unsigned long long ops, size_t memory, int alg);

int
__wrap_crypto_pwhash(unsigned char *out, unsigned long long out_len,
    const char *text, unsigned long long len, const unsigned char *salt,
    unsigned long long ops, size_t memory, int alg)
{
	calls++;
	cost_ops = ops;
	cost_memory = memory;
	return __real_crypto_pwhash(
	    out, out_len, text, len, salt, ops, memory, alg);
}

/* Opens; the result, after one Argon2id of the header's cost. */
static enum carnet_status
open_once(const struct fixture *fixture, const char *text)
{
	struct kdf_info kdf = header_kdf(fixture->header);
	struct secret *passphrase = secret_from(text, strlen(text));
	struct secret *master = NULL;
	enum carnet_status status;

	assert_non_null(passphrase);
	calls = 0;
	status = header_open_passphrase(
	    fixture->header, passphrase, &master, NULL, NULL);
	if (calls != 1)
		fail_msg("%zu Argon2id for one passphrase", calls);
	assert_int_equal(cost_ops, kdf.ops);
	assert_int_equal(cost_memory, (size_t)kdf.mem_kib << 10);
	secret_free(passphrase);
	secret_free(master);
	return status;
}

static void
one_argon2id_however_many_slots(void **state)
{
	static const char *const wrong[] = { "x", "passphrase 0 ",
		"Passphrase 0", "passphrase 00", "\xff\xfe",
		"\xc3\xa9t\xc3\xa9",
		"a passphrase that is much longer than any of those that open "
		"this vault, of many words and to no avail" };
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	for (int slots = 1; slots <= 4; slots++) {
		char text[32];
		struct secret *secret;

		(void)snprintf(text, sizeof(text), "passphrase %d", slots - 1);
		secret = secret_from(text, strlen(text));
		assert_non_null(secret);
		assert_int_equal(
		    header_add_passphrase(fixture.header, fixture.master,
			secret, "2026-03-05", NULL, NULL),
		    CARNET_OK);
		secret_free(secret);
		/* the first slot's, the last one's */
		assert_int_equal(
		    open_once(&fixture, "passphrase 0"), CARNET_OK);
		assert_int_equal(open_once(&fixture, text), CARNET_OK);
		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
			assert_int_equal(
			    open_once(&fixture, wrong[i]), CARNET_WRONG_KEY);
	}
	fixture_clear(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_argon2id_however_many_slots),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
