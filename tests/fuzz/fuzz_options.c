/* SPDX-License-Identifier: ISC */
/* Fuzzes a command line: words between NULs.
 * Compares nothing: the sanitizers judge.  How to run it: tests/fuzz/run. */
#include <stdlib.h>
#include <string.h>

#include "options.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct option_row rows[] = { { "flag", OPTION_FLAG, NULL, "" },
	{ "text", OPTION_TEXT, "T", "" }, { "list", OPTION_LIST, "L", "" },
	{ "number", OPTION_NUMBER, "N", "" }, { "born", OPTION_DATE, "D", "" },
	OPTIONS_END };

static const struct option_row *
find(const char *verb)
{
	return verb[0] == 'v' ? rows : NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *argv[34] = { (char *)(uintptr_t) "carnet" };
	struct options *options = NULL;
	char *text = malloc(len + 1);
	int argc = 1;

	if (text == NULL)
		return 0;
	memcpy(text, bytes, len);
	text[len] = '\0';
	for (size_t at = 0; at < len && argc < 33; at += strlen(text + at) + 1)
		argv[argc++] = text + at;
	if (options_parse(argc, argv, find, &options, NULL) == CARNET_OK) {
		(void)option_number(options, "number", 0);
		(void)option_text(options, "text");
		for (size_t i = 0; i < option_count(options, "list"); i++)
			(void)option_item(options, "list", i);
		options_free(options);
	}
	free(text);
	return 0;
}
