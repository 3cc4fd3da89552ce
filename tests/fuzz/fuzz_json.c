/* SPDX-License-Identifier: ISC */
/* Fuzzes the scanner that JSON passes before cJSON sees it.
 * Compares nothing: the sanitizers judge.  How to run it: tests/fuzz/run. */
#include <stdlib.h>
#include <string.h>

#include "carnet_types.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	cJSON *json = NULL;

	if (carnet_json_parse((const char *)bytes, len, &json, NULL) ==
	    CARNET_OK)
		cJSON_Delete(json);
	return 0;
}
