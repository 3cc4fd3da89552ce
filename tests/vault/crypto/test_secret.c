/* SPDX-License-Identifier: ISC */
/* Secret memory: copied, shortened, filled, given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "secret.h"

static void
a_new_secret_is_zero(void **state)
{
	struct secret *secret = secret_new(100);
	static const uint8_t zero[100];

	(void)state;
	assert_non_null(secret);
	assert_int_equal(secret_len(secret), 100);
	assert_memory_equal(secret_peek(secret), zero, 100);
	secret_free(secret);
	secret_free(NULL);
}

static void
a_copy_is_separate(void **state)
{
	char text[] = "correct horse";
	struct secret *secret = secret_from(text, 13);

	(void)state;
	assert_non_null(secret);
	memset(text, 'x', 13);
	assert_memory_equal(secret_peek(secret), "correct horse", 13);
	secret_bytes(secret)[0] = 'C';
	assert_memory_equal(secret_peek(secret), "Correct", 7);
	secret_free(secret);
}

static void
shortening_wipes_and_never_lengthens(void **state)
{
	struct secret *secret = secret_from("passphrase\n", 11);
	const uint8_t *bytes;

	(void)state;
	assert_non_null(secret);
	bytes = secret_peek(secret);
	secret_shorten(secret, 12);
	assert_int_equal(secret_len(secret), 11);
	secret_shorten(secret, 4);
	assert_int_equal(secret_len(secret), 4);
	assert_memory_equal(bytes, "pass\0\0\0\0\0\0\0", 11);
	secret_shorten(secret, 11);
	assert_int_equal(secret_len(secret), 4);
	secret_free(secret);
}

static void
random_secrets_differ(void **state)
{
	struct secret *a = secret_random(32), *b = secret_random(32);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_memory_not_equal(secret_peek(a), secret_peek(b), 32);
	secret_free(a);
	secret_free(b);
}

static void
empty_secrets_work(void **state)
{
	struct secret *secret = secret_from(NULL, 0);

	(void)state;
	assert_non_null(secret);
	assert_int_equal(secret_len(secret), 0);
	secret_shorten(secret, 0);
	secret_free(secret);
}

/* In a child that may lock nothing: 0 when all is as it should be. */
static int
without_locks(void)
{
	struct rlimit none = { 0, 0 };
	struct secret *secret;

	/* root may lock whatever the limit says */
	if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
		return 1;
	if (setrlimit(RLIMIT_MEMLOCK, &none) != 0)
		return 2;
	secret = secret_from("abc", 3);
	if (secret == NULL || secret_is_locked(secret))
		return 3;
	if (memcmp(secret_peek(secret), "abc", 3) != 0)
		return 4;
	secret_free(secret);
	return 0;
}

static void
a_secret_says_when_it_is_not_locked(void **state)
{
	int status = -1;
	pid_t child;

	(void)state;
#ifdef CARNET_SANITIZED
	skip(); /* the sanitizer makes mlock do nothing */
#endif
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(without_locks());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_secret_is_zero),
		cmocka_unit_test(a_copy_is_separate),
		cmocka_unit_test(shortening_wipes_and_never_lengthens),
		cmocka_unit_test(random_secrets_differ),
		cmocka_unit_test(empty_secrets_work),
		cmocka_unit_test(a_secret_says_when_it_is_not_locked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
