/* SPDX-License-Identifier: ISC */
/*
 * Documents that are queued and so not in the index yet: the same bytes for
 * the same person a second time in one batch are one document.
 */
#include "vault.h"

#include <stdlib.h>
#include <string.h>

/* Content and person, hashed; the rest of a hash tells as much. */
static void
twin_mark(const struct content *content, const char *person,
    uint8_t ret_mark[TWIN_MARK_LEN])
{
	struct hash_state *state = hash_begin(NULL);
	uint8_t hash[HASH_LEN] = { 0 };

	if (state != NULL) {
		hash_more(state, &content->size, sizeof(content->size));
		hash_more(state, &content->depth, sizeof(content->depth));
		hash_more(state, content->names,
		    content->len * sizeof(*content->names));
		hash_more(state, person, strlen(person));
		hash_end(state, hash);
	}
	memcpy(ret_mark, hash, TWIN_MARK_LEN);
}

bool
twin_find(const struct carnet_vault *vault, const struct content *content,
    const char *person, char ret_id[CARNET_ID_TEXT])
{
	uint8_t mark[TWIN_MARK_LEN];

	if (vault->twins_len == 0)
		return false;
	twin_mark(content, person, mark);
	for (size_t i = 0; i < vault->twins_len; i++)
		if (memcmp(vault->twins[i].mark, mark, TWIN_MARK_LEN) == 0) {
			memcpy(ret_id, vault->twins[i].id, CARNET_ID_TEXT);
			return true;
		}
	return false;
}

void
twin_remember(struct carnet_vault *vault, const struct content *content,
    const char *person, const char id[CARNET_ID_TEXT])
{
	struct twin *twin;

	if (vault->twins_len == vault->twins_room) {
		size_t room =
		    vault->twins_room == 0 ? 64 : 2 * vault->twins_room;
		struct twin *grown =
		    reallocarray(vault->twins, room, sizeof(*grown));

		if (grown == NULL) /* then there will be two: no harm */
			return;
		vault->twins = grown;
		vault->twins_room = room;
	}
	twin = &vault->twins[vault->twins_len++];
	twin_mark(content, person, twin->mark);
	memcpy(twin->id, id, CARNET_ID_TEXT);
}
