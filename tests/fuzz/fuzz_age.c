/* SPDX-License-Identifier: ISC */
/* Fuzzes an age file, header and payload, with a key of its own.
 * Compares nothing: the sanitizers judge.  How to run it: tests/fuzz/run. */
#include <stdlib.h>
#include <string.h>

#include "age.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct place {
	const uint8_t *bytes;
	size_t len;
};

static ptrdiff_t
give(void *context, uint8_t *bytes, size_t len)
{
	struct place *place = context;

	if (len > place->len)
		len = place->len;
	memcpy(bytes, place->bytes, len);
	place->bytes += len;
	place->len -= len;
	return (ptrdiff_t)len;
}

static bool
take(void *context, const uint8_t *bytes, size_t len)
{
	(void)context;
	(void)bytes;
	(void)len;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const uint8_t key[32] = { 1 };
	struct place place = { bytes, len };
	struct secret *secret = secret_from(key, sizeof(key));
	const struct age_identity identity = { .x25519 = secret };

	if (secret != NULL)
		(void)age_read(give, &place, &identity, take, NULL, NULL);
	secret_free(secret);
	return 0;
}
