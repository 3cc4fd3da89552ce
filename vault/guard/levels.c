/* SPDX-License-Identifier: ISC */
/*
 * Keeps what was read in folders above, by depth; a folder that isn't the
 * same one any more (device, inode, path) is looked at anew.  The contract
 * is in levels.h.
 */
#include "levels.h"

#include <stdlib.h>
#include <string.h>

static void
level_free(struct level *level)
{
	if (level == NULL)
		return;
	client_places_free(&level->clients);
	for (size_t i = 0; i < level->marks.len; i++)
		free(level->marks.list[i].name);
	free(level->marks.list);
	free(level->path);
	free(level);
}

struct level *
levels_at(struct inquiry *inquiry, size_t level, const char *path)
{
	const struct chain *chain = inquiry->chain;
	const struct chain_level *inode = &chain->levels[level];
	struct level **kept = &inquiry->levels->depths[chain->len - 1 - level];
	struct level *made;

	if (*kept != NULL && (*kept)->dev == inode->dev &&
	    (*kept)->ino == inode->ino && strcmp((*kept)->path, path) == 0)
		return *kept;
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return NULL;
	made->dev = inode->dev;
	made->ino = inode->ino;
	made->path = strdup(path);
	if (made->path == NULL) {
		free(made);
		return NULL;
	}
	level_free(*kept);
	*kept = made;
	return made;
}

const struct client_places *
levels_own_clients(struct inquiry *inquiry)
{
	struct levels *levels = inquiry->levels;
	struct client_home home = { .list = inquiry->list,
		.home = inquiry->home,
		.config_home = inquiry->config_home,
		.own = true,
		.source = inquiry->source,
		.source_context = inquiry->source_context };

	if (!levels->has_own)
		client_places_read(&home, &levels->own);
	levels->has_own = true;
	return &levels->own;
}

const struct client_places *
levels_clients(struct inquiry *inquiry, size_t level, const char *path)
{
	struct level *kept = levels_at(inquiry, level, path);
	struct client_home home = { .list = inquiry->list,
		.home = path,
		.config_home = "",
		.source = inquiry->source,
		.source_context = inquiry->source_context };

	if (kept == NULL) {
		inquiry->levels->none.cut = true;
		return &inquiry->levels->none;
	}
	if (!kept->has_clients)
		client_places_read(&home, &kept->clients);
	kept->has_clients = true;
	return &kept->clients;
}

void
levels_add_mark(struct level_marks *marks, const cJSON *provider,
    const char *name, bool attribute)
{
	struct level_mark *more =
	    realloc(marks->list, (marks->len + 1) * sizeof(*more));
	char *copy = strdup(name);

	if (more != NULL)
		marks->list = more;
	if (more == NULL || copy == NULL) {
		free(copy);
		marks->cut = true;
		return;
	}
	marks->list[marks->len].provider = provider;
	marks->list[marks->len].name = copy;
	marks->list[marks->len++].attribute = attribute;
}

void
levels_free(struct levels *levels)
{
	client_places_free(&levels->own);
	for (size_t i = 0; i < CHAIN_MAX; i++)
		level_free(levels->depths[i]);
}
