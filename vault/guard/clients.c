/* SPDX-License-Identifier: ISC */
/*
 * Compares the folders that sync clients' configuration names with the
 * directory and all above it.  Reads no file: client_places.c does, once a
 * home.  The contract is in clients.h.
 */
#include "clients.h"

#include <string.h>

#include "levels.h"

/* The nearest level that is one of these; SIZE_MAX: none. */
static size_t
clients_find(
    const struct chain *chain, const struct client_inode *inodes, size_t len)
{
	for (size_t level = 0; level < chain->len; level++)
		for (size_t i = 0; i < len; i++)
			if (chain->levels[level].dev == inodes[i].dev &&
			    chain->levels[level].ino == inodes[i].ino)
				return level;
	return SIZE_MAX;
}

/* The level that a place is, as it was and as it is called. */
static size_t
clients_level(const struct chain *chain, const struct client_place *place)
{
	size_t level = SIZE_MAX;

	if (place->there)
		level = clients_find(chain, &place->inode, 1);
	return level != SIZE_MAX ? level
				 : chain_find_text(chain, place->folder);
}

/* Whether the same file leaves out something between `level`, which it names,
 * and the directory. */
static bool
clients_spare(const struct chain *chain, const struct client_places *places,
    const struct client_place *place, size_t level)
{
	for (size_t i = 0; i < places->len; i++) {
		const struct client_place *spared = &places->list[i];

		if (spared->spared && spared->provider == place->provider &&
		    strcmp(spared->file, place->file) == 0 &&
		    clients_level(chain, spared) < level)
			return true;
	}
	return false;
}

static void
clients_judge_place(struct inquiry *inquiry, const struct client_places *places,
    const struct client_place *place)
{
	const char *id = carnet_json_string(place->provider, "id");
	const char *name = carnet_json_string(place->provider, "name");
	size_t level = clients_level(inquiry->chain, place);

	if (place->spared)
		return;
	if (level != SIZE_MAX &&
	    clients_spare(inquiry->chain, places, place, level))
		return;
	if (level != SIZE_MAX) {
		inquiry_note(inquiry, GUARD_CLOUD, id, level,
		    CARNET_("%s is a folder of %s, says %s"), place->folder,
		    name, place->file);
		return;
	}
	level = clients_find(inquiry->chain, place->links, place->links_len);
	if (level != SIZE_MAX)
		inquiry_note(inquiry, GUARD_CLOUD, id, level,
		    CARNET_("a link in %s leads here, and %s follows links"),
		    place->folder, name);
}

static void
clients_judge_places(
    struct inquiry *inquiry, const struct client_places *places)
{
	for (size_t i = 0; i < places->len; i++)
		clients_judge_place(inquiry, places, &places->list[i]);
	if (places->cut)
		inquiry_note(inquiry, GUARD_UNKNOWN, "", 0,
		    CARNET_("no memory to look around"));
}

void
clients_judge(struct inquiry *inquiry)
{
	const struct chain *chain = inquiry->chain;
	char path[PATH_MAX];

	clients_judge_places(inquiry, levels_own_clients(inquiry));
	for (size_t level = 0; level + 1 < chain->len; level++) {
		chain_level_path(chain, level, path);
		if (strcmp(path, inquiry->home) != 0 &&
		    strcmp(path, inquiry->home_real) != 0)
			clients_judge_places(
			    inquiry, levels_clients(inquiry, level, path));
	}
}
