/* SPDX-License-Identifier: ISC */
/* Fuzzes minisign's signatures and keys.
 * Compares nothing: the sanitizers judge.  How to run it: tests/fuzz/run. */
#include <stdlib.h>
#include <string.h>

#include "minisign.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct minisign_signature signature;
	struct minisign_key key;
	char *text = malloc(len + 1);

	if (text == NULL)
		return 0;
	memcpy(text, bytes, len);
	text[len] = '\0';
	(void)minisign_parse((const char *)bytes, len, &signature, NULL);
	(void)minisign_key_parse(text, &key, NULL);
	free(text);
	return 0;
}
