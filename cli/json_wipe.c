/* SPDX-License-Identifier: ISC */
/*
 * cJSON's memory, wiped when it is given back.  Without hooks of its own,
 * cJSON leaves what it held in freed memory, and copies of a text that grows.
 * The contract: json_wipe.h.
 */
#include "json_wipe.h"

#include <cjson/cJSON.h>
#include <malloc.h>
#include <sodium.h>
#include <stdlib.h>

/*
 * The allocator knows the size, so that no header of ours is needed and
 * free() of such memory stays right.  With a pair of hooks, cJSON grows a
 * text by a new piece and this, never by realloc.
 */
static void
json_wipe_free(void *memory)
{
	if (memory != NULL)
		sodium_memzero(memory, malloc_usable_size(memory));
	free(memory);
}

void
json_wipe_always(void)
{
	cJSON_Hooks hooks = { malloc, json_wipe_free };

	cJSON_InitHooks(&hooks);
}
