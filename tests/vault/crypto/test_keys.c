/* SPDX-License-Identifier: ISC */
/*
 * Subkeys against values made by Python's hashlib.blake2b: key = master,
 * salt = number (16 bytes LE), person = "carnet__" and 8 NUL bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keys.h"
#include "seal.h"

static void
subkeys_have_their_values(void **state)
{
	static const char *const wanted[KEY_USE_MAX] = {
		"ca9cf2adc6ad769ecd0283feae1b0d64"
		"a7f69df98262f5864b477570a8a9718a",
		"04e7a99f1d7db3e9a8f540fce44a6996"
		"2b809a88fc5a134b4ce54b51011a0c37",
		"94c979c5715c2ebece2135794b9f6438"
		"bb5fe915096e6e19be32eeaf66c55ac9",
		"ba60b149b67d8db20fc52efd2412d7a9"
		"80338cc9d49d1e204e5d1ad5ffb54e21",
		"122c8356480ca0a8c94d1a55a5eabc01"
		"052fc513916fb5a1c5177256aea873b4",
		"3e31cf79c5ec55bd6241c8d133a472a2"
		"5140bf2c575f84b74922b559aea05e21",
		"a3b5a050308c54a453f46d3d160e6bb8"
		"e0aa7406c35667ae00a34920153c00f5",
		"d17446801f80bb67511a880f5b92f33f"
		"7571ca6ddbdf7867a9ccfbf528740efc",
		"38550ab065f5964121ba2bee88108d51"
		"a96f1fd3858142769c92df7c9f31c272",
		"f18beea0943926ffaf9b45b46615f112"
		"1378c25a7b7fcd2e0b5b09866f906238",
	};
	struct secret *master = secret_new(KEY_LEN);
	struct keys *keys = NULL;
	char hex[2 * KEY_LEN + 1];

	(void)state;
	assert_non_null(master);
	for (unsigned i = 0; i < KEY_LEN; i++)
		secret_bytes(master)[i] = (uint8_t)i;
	assert_int_equal(keys_derive(master, &keys, NULL), CARNET_OK);
	secret_free(master);
	for (unsigned i = 0; i < KEY_USE_MAX; i++) {
		hex_encode(keys_get(keys, (enum key_use)(i + 1)), KEY_LEN, hex);
		assert_string_equal(hex, wanted[i]);
	}
	keys_free(keys);
	keys_free(NULL);
}

static void
a_master_of_another_length_is_refused(void **state)
{
	struct secret *master = secret_random(KEY_LEN - 1);
	struct keys *keys = NULL;
	struct carnet_error err;

	(void)state;
	assert_non_null(master);
	assert_int_equal(keys_derive(master, &keys, &err), CARNET_INVALID);
	assert_null(keys);
	secret_free(master);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subkeys_have_their_values),
		cmocka_unit_test(a_master_of_another_length_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
