/* SPDX-License-Identifier: ISC */
/* Opens an age file from standard input, for check_age.py:
 * age_open AGE-SECRET-KEY-1... | age_open --passphrase WORDS */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "age.h"
#include "bech32.h"

static ptrdiff_t
give(void *context, uint8_t *bytes, size_t len)
{
	(void)context;
	return read(STDIN_FILENO, bytes, len);
}

static bool
take(void *context, const uint8_t *bytes, size_t len)
{
	(void)context;
	return fwrite(bytes, 1, len, stdout) == len;
}

int
main(int argc, char **argv)
{
	struct age_identity identity = { NULL, NULL };
	struct secret *secret = secret_new(32);
	struct carnet_error err = { 0 };
	enum carnet_status status;

	if (argc < 2 || secret == NULL || sodium_init() < 0)
		return 2;
	if (argc == 3) {
		secret_free(secret);
		secret = secret_from(argv[2], strlen(argv[2]));
		identity.passphrase = secret;
	} else if (bech32_decode(argv[1], "age-secret-key-",
		       secret_bytes(secret), secret_len(secret))) {
		identity.x25519 = secret;
	} else {
		return 2;
	}
	status = age_read(give, NULL, &identity, take, NULL, &err);
	secret_free(secret);
	if (status != CARNET_OK)
		(void)fprintf(stderr, "%s: %s\n", carnet_status_name(status),
		    err.message);
	return status == CARNET_OK && fflush(stdout) == 0 ? 0 : 1;
}
