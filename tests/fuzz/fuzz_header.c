/* SPDX-License-Identifier: ISC */
/* Fuzzes one copy of the header; its checksum is made right, so that the JSON
 * is reached.
 * Compares nothing: the sanitizers judge.  How to run it: tests/fuzz/run. */
#include <stdlib.h>
#include <string.h>

#include "header.h"
#include "seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct header *header = NULL;
	uint8_t *copy;

	if (len > HEADER_MAX_LEN)
		return 0;
	copy = malloc(len + 64);
	if (copy == NULL)
		return 0;
	memcpy(copy, bytes, len);
	memset(copy + len, 0, 64);
	hash_bytes(NULL, copy, len, copy + len);
	if (header_parse(copy, len + 64, &header, NULL) == CARNET_OK)
		for (size_t i = 0; i < header_slot_count(header); i++)
			(void)header_slot(header, i);
	header_free(header);
	header = NULL;
	(void)header_parse(bytes, len, &header, NULL);
	header_free(header);
	free(copy);
	return 0;
}
