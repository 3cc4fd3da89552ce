/* SPDX-License-Identifier: ISC */
/* Fuzzes shares as they are typed.
 * Compares nothing: the sanitizers judge.  How to run it: tests/fuzz/run. */
#include <stdlib.h>
#include <string.h>

#include "shares.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct secret *typed = secret_from(bytes, len);
	struct share shares[SHAMIR_MAX];
	size_t count = 0;

	if (typed == NULL)
		return 0;
	(void)shares_are_meant(typed);
	(void)shares_lacking(typed);
	(void)shares_parse(typed, shares, &count, NULL);
	secret_free(typed);
	return 0;
}
