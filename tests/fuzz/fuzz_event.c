/* SPDX-License-Identifier: ISC */
/* Fuzzes an event's bytes, as a segment's record gives them.
 * Compares nothing: the sanitizers judge.  How to run it: tests/fuzz/run. */
#include <stdlib.h>
#include <string.h>

#include "event.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct event event = { 0 };

	if (event_decode(bytes, len, &event, NULL) == CARNET_OK)
		event_clear(&event);
	return 0;
}
