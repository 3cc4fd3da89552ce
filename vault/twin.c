/* SPDX-License-Identifier: ISC */
/*
 * Documents that aren't in the index yet: the same bytes for the same person
 * a second time in one batch, or in the next, are one document.
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

/* The mark's slot, or the empty one where it would be; there always is one. */
static struct twin *
twin_slot(struct twin *slots, size_t room, const uint8_t mark[TWIN_MARK_LEN])
{
	uint64_t at;

	memcpy(&at, mark, sizeof(at));
	for (at &= room - 1; slots[at].id[0] != '\0';
	     at = (at + 1) & (room - 1))
		if (memcmp(slots[at].mark, mark, TWIN_MARK_LEN) == 0)
			break;
	return &slots[at];
}

/* Twice the room, a power of two; half of it stays empty. */
static bool
twin_grow(struct twins *twins)
{
	size_t room = twins->room == 0 ? 64 : 2 * twins->room;
	struct twin *grown = calloc(room, sizeof(*grown));

	if (grown == NULL)
		return false;
	for (size_t i = 0; i < twins->room; i++)
		if (twins->slots[i].id[0] != '\0')
			*twin_slot(grown, room, twins->slots[i].mark) =
			    twins->slots[i];
	free(twins->slots);
	twins->slots = grown;
	twins->room = room;
	return true;
}

bool
twin_find(const struct twins *twins, const struct content *content,
    const char *person, char ret_id[CARNET_ID_TEXT])
{
	uint8_t mark[TWIN_MARK_LEN];
	const struct twin *twin;

	if (twins->len == 0)
		return false;
	twin_mark(content, person, mark);
	twin = twin_slot(twins->slots, twins->room, mark);
	if (twin->id[0] == '\0')
		return false;
	memcpy(ret_id, twin->id, CARNET_ID_TEXT);
	return true;
}

void
twin_remember(struct twins *twins, const struct content *content,
    const char *person, const char id[CARNET_ID_TEXT])
{
	uint8_t mark[TWIN_MARK_LEN];
	struct twin *twin;

	if (2 * (twins->len + 1) > twins->room && !twin_grow(twins))
		return; /* then there may be two: no harm */
	twin_mark(content, person, mark);
	twin = twin_slot(twins->slots, twins->room, mark);
	if (twin->id[0] != '\0')
		return; /* the first stays */
	memcpy(twin->mark, mark, TWIN_MARK_LEN);
	memcpy(twin->id, id, CARNET_ID_TEXT);
	twins->len++;
}

void
twin_forget(struct twins *twins)
{
	free(twins->slots);
	memset(twins, 0, sizeof(*twins));
}
