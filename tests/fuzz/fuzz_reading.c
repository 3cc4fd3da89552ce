/* SPDX-License-Identifier: ISC */
/* Fuzzes a reader's answer, the first byte choosing how it ended.
 * Compares nothing: the sanitizers judge.  How to run it: tests/fuzz/run. */
#include <stdlib.h>
#include <string.h>

#include "launcher_reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct launcher_line line = { .len = 1 };
	struct reading *reading;

	if (len == 0)
		return 0;
	line.len = (bytes[0] & 1) != 0 ? 2 : 1;
	line.flooded = (bytes[0] & 2) != 0;
	for (size_t i = 0; i < line.len; i++)
		line.ends[i].end =
		    (bytes[0] & 4) != 0 ? LAUNCHER_KILLED : LAUNCHER_EXITED;
	line.answer_len = len - 1;
	line.answer = malloc(len);
	reading = calloc(1, sizeof(*reading));
	if (line.answer != NULL && reading != NULL) {
		memcpy(line.answer, bytes + 1, len - 1);
		(void)launcher_judge(&line, reading, NULL);
	}
	reading_free(reading);
	free(line.answer);
	return 0;
}
