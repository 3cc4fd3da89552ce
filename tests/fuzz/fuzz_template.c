/* SPDX-License-Identifier: ISC */
/* Fuzzes a letter's template, one's own too.
 * Compares nothing: the sanitizers judge.  How to run it: tests/fuzz/run. */
#include <stdlib.h>
#include <string.h>

#include "template.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct letter_template *template = NULL;
	char *text = malloc(len + 1);

	if (text == NULL)
		return 0;
	memcpy(text, bytes, len);
	text[len] = '\0';
	if (template_parse("fuzz", text, len, &template, NULL) == CARNET_OK)
		template_free(template);
	free(text);
	return 0;
}
