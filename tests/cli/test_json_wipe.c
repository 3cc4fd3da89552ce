/* SPDX-License-Identifier: ISC */
/*
 * What cJSON gives back is zeros by then: nodes, texts, and the pieces that a
 * printed text grew out of.  cli/json_wipe.c.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "json_wipe.h"

static bool watching;
static size_t given_back, dirty;

void __real_free(void *memory);
void __wrap_free(void *memory);

/* Linked in the place of free for the file under test. */
void
__wrap_free(void *memory)
{
	const uint8_t *bytes = memory;
	size_t len = memory == NULL ? 0 : malloc_usable_size(memory);

	if (watching && memory != NULL)
		given_back++;
	for (size_t i = 0; watching && i < len; i++)
		if (bytes[i] != 0) {
			dirty++;
			break;
		}
	__real_free(memory);
}

static void
nothing_is_given_back_unwiped(void **state)
{
	cJSON *object, *words;
	char *text, word[16];

	(void)state;
	json_wipe_always();
	given_back = dirty = 0;
	watching = true;
	object = cJSON_CreateObject();
	words = cJSON_AddArrayToObject(object, "words");
	assert_non_null(words);
	for (int i = 0; i < 400; i++) {
		(void)memset(word, 'a' + i % 26, sizeof(word) - 1);
		word[sizeof(word) - 1] = '\0';
		assert_true(
		    cJSON_AddItemToArray(words, cJSON_CreateString(word)));
	}
	text = cJSON_PrintUnformatted(object);
	assert_non_null(text);
	cJSON_Delete(object);
	object = cJSON_Parse(text);
	assert_non_null(object);
	cJSON_Delete(object);
	cJSON_free(text);
	watching = false;
	/* twice 400 nodes and texts, and pieces of the printed one */
	assert_true(given_back > 1600);
	assert_int_equal(dirty, 0);
}

static void
no_memory_is_fine(void **state)
{
	(void)state;
	json_wipe_always();
	cJSON_free(NULL);
	cJSON_Delete(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_given_back_unwiped),
		cmocka_unit_test(no_memory_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
