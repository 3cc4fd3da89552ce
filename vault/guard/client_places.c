/* SPDX-License-Identifier: ISC */
/*
 * Applies the "configs" of providers.json to one home: finds the files, has
 * them read, and keeps the folders they name.  A file that can't be read says
 * nothing.  The contract is in client_places.h.
 */
#include "client_places.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client_folder.h"
#include "providers.h"
#include "settings.h"

#define CLIENTS_FILES_MAX 64   /* that one pattern may find */
#define CLIENTS_LINKS_MAX 4096 /* entries looked at for links */
#define CLIENTS_FIRST_MAX 64   /* names right under a home */

/* A name right under a home, and whether it is there: most folders are no
 * home, and have none of the names that configurations stand in. */
struct client_first {
	char name[NAME_MAX + 1];
	bool there;
};
struct client_under {
	struct client_first list[CLIENTS_FIRST_MAX];
	size_t len;
};

/* One configuration under one home. */
struct client {
	const struct client_home *at;
	struct client_under *under;
	struct client_places *places;
	const cJSON *provider;
	const cJSON *config;
	const char *file;  /* being read */
	const char *value; /* for "then": what the first file said */
	size_t folders;    /* that it named */
};

static void client_read(struct client *client);

/* False if the first name of `rest` ("/.name/...") isn't under the home. */
static bool
client_has_first(const struct client *client, const char *rest)
{
	struct client_under *under = client->under;
	size_t len = strcspn(++rest, "/");
	char path[PATH_MAX];
	struct stat seen;
	bool there;

	if (len > NAME_MAX || strcspn(rest, "*?[") < len)
		return true;
	for (size_t i = 0; i < under->len; i++)
		if (strncmp(under->list[i].name, rest, len) == 0 &&
		    under->list[i].name[len] == '\0')
			return under->list[i].there;
	if (snprintf(path, sizeof(path), "%s/%.*s", client->at->home, (int)len,
		rest) >= PATH_MAX)
		return true;
	there = stat(path, &seen) == 0;
	if (under->len < CLIENTS_FIRST_MAX) {
		memcpy(under->list[under->len].name, rest, len);
		under->list[under->len].name[len] = '\0';
		under->list[under->len++].there = there;
	}
	return there;
}

/* Expands ~, $CONFIG... of a file's pattern; the base is escaped for glob.
 * False if that base isn't known. */
static bool
client_pattern(
    const struct client *client, const char *file, char pattern[2 * PATH_MAX])
{
	static const struct {
		const char *word, *under_home;
	} bases[] = { { "~", "" }, { "$CONFIG", "/.config" },
		{ "$DATA", "/.local/share" }, { "$STATE", "/.local/state" },
		{ "$VALUE", NULL } };
	char base[PATH_MAX] = "";
	size_t out = 0;

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		size_t len = strlen(bases[i].word);
		const char *home = client->at->home;

		if (strncmp(file, bases[i].word, len) != 0)
			continue;
		file += len;
		if (bases[i].under_home == NULL)
			home = client->value;
		else if (i == 1 && client->at->config_home[0] != '\0')
			home = client->at->config_home;
		if (home == NULL || home[0] == '\0' ||
		    (size_t)snprintf(base, sizeof(base), "%s%s", home,
			home == client->at->home ? bases[i].under_home : "") >=
			sizeof(base))
			return false;
		if (home == client->at->home && home[0] != '\0' &&
		    !client_has_first(client, bases[i].under_home[0] != '\0'
						  ? bases[i].under_home
						  : file))
			return false;
		break;
	}
	if (base[0] == '\0' && !client->at->own)
		return false; /* /etc: once is enough */
	for (const char *at = base; *at != '\0'; at++) {
		if (strchr("*?[]\\", *at) != NULL)
			pattern[out++] = '\\';
		pattern[out++] = *at;
	}
	if (out + strlen(file) >= (size_t)(2 * PATH_MAX))
		return false;
	(void)strcpy(pattern + out, file);
	return true;
}

/* Clients that follow links carry away what a link in their folder shows. */
static void
client_place_links(struct client_place *place, bool *cut)
{
	size_t looked = 0, room = 0;
	struct dirent *entry;
	DIR *dir = opendir(place->folder);

	if (dir == NULL)
		return;
	while (looked++ < CLIENTS_LINKS_MAX && (entry = readdir(dir)) != NULL) {
		struct client_inode *more;
		struct stat seen;

		if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
			continue;
		if (fstatat(dirfd(dir), entry->d_name, &seen, 0) != 0 ||
		    !S_ISDIR(seen.st_mode))
			continue;
		if (place->links_len == room) {
			room = room == 0 ? 8 : 2 * room;
			more = realloc(place->links, room * sizeof(*more));
			if (more == NULL) {
				*cut = true;
				break;
			}
			place->links = more;
		}
		place->links[place->links_len].dev = seen.st_dev;
		place->links[place->links_len++].ino = seen.st_ino;
	}
	(void)closedir(dir);
}

/* Keeps a folder that the configuration names; spared: as left out. */
static void
client_keep(struct client *client, const char *folder, bool spared)
{
	struct client_places *places = client->places;
	struct client_place place = { .provider = client->provider,
		.folder = strdup(folder),
		.file = strdup(client->file),
		.spared = spared };
	struct client_place *more =
	    realloc(places->list, (places->len + 1) * sizeof(*more));
	struct stat seen;

	if (more != NULL)
		places->list = more;
	if (more == NULL || place.folder == NULL || place.file == NULL) {
		free(place.folder);
		free(place.file);
		places->cut = true;
		return;
	}
	if (stat(folder, &seen) == 0 && S_ISDIR(seen.st_mode)) {
		place.there = true;
		place.inode.dev = seen.st_dev;
		place.inode.ino = seen.st_ino;
	}
	place.follows_links =
	    carnet_json_bool(client->config, "follows_links", false);
	if (place.follows_links)
		client_place_links(&place, &places->cut);
	places->list[places->len++] = place;
}

static bool
client_take(const char *value, void *context)
{
	struct client *client = context;
	const cJSON *then = carnet_json_get(client->config, "then");
	char folder[PATH_MAX];

	if (then != NULL) {
		struct client next = *client;

		next.config = then;
		next.value = value;
		if (value[0] == '/')
			client_read(&next);
		client->folders += next.folders;
		return true;
	}
	if (client_folder(client->at, value,
		carnet_json_bool(client->config, "relative", false), folder)) {
		client->folders++;
		client_keep(client, folder, false);
	}
	return true;
}

static bool
client_spare(const char *value, void *context)
{
	struct client *client = context;
	char folder[PATH_MAX];

	if (client_folder(client->at, value,
		carnet_json_bool(client->config, "relative", false), folder))
		client_keep(client, folder, true);
	return true;
}

/* Gives the values of these keys (NULL: of the whole file) to the sink. */
static void
client_values(const struct client *client, const char *path, const cJSON *keys,
    settings_sink sink, void *context)
{
	static const struct {
		const char *name;
		settings_reader read;
	} readers[] = { { "ini", settings_ini }, { "qt", settings_qt },
		{ "json", settings_json }, { "xml", settings_xml },
		{ "lines", settings_lines }, { "yaml", settings_yaml },
		{ "keyfile", settings_keyfile } };
	const char *reader = carnet_json_string(client->config, "reader");
	const cJSON *key;
	char *text = NULL;
	size_t len = 0;

	if (strcmp(reader, "sqlite") == 0 || strcmp(reader, "dconf") == 0) {
		cJSON_ArrayForEach(key, keys)
		{
			if (reader[0] == 's')
				settings_sqlite(
				    path, key->valuestring, sink, context);
			else
				settings_dconf(
				    path, key->valuestring, sink, context);
		}
		return;
	}
	text = settings_load(path, &len);
	for (size_t i = 0;
	     text != NULL && i < sizeof(readers) / sizeof(readers[0]); i++) {
		if (strcmp(reader, readers[i].name) != 0)
			continue;
		if (keys == NULL)
			readers[i].read(text, len, "", sink, context);
		cJSON_ArrayForEach(key, keys) readers[i].read(
		    text, len, key->valuestring, sink, context);
	}
	free(text);
}

/* Backup programs also write to disks: then their folders stay here, and
 * false. */
static bool
client_read_file(struct client *client, const char *path)
{
	const cJSON *to = carnet_json_get(client->config, "goes_to");
	struct providers_away goes = { .near = carnet_json_get(to, "near") };

	client->file = path;
	if (to != NULL) {
		client_values(client, path, carnet_json_get(to, "keys"),
		    providers_is_away, &goes);
		if (!goes.away)
			return false;
	}
	client_values(client, path, carnet_json_get(client->config, "keys"),
	    client_take, client);
	if (carnet_json_get(client->config, "except") != NULL)
		client_values(client, path,
		    carnet_json_get(client->config, "except"), client_spare,
		    client);
	return true;
}

/* Reads all files of a configuration; its defaults count when a file is
 * there and none names a folder. */
static void
client_read(struct client *client)
{
	const cJSON *item;
	char pattern[2 * PATH_MAX], folder[PATH_MAX];
	char first[PATH_MAX] = "";

	client->folders = 0;
	cJSON_ArrayForEach(item, carnet_json_get(client->config, "files"))
	{
		glob_t found = { 0 };

		if (!client_pattern(client, item->valuestring, pattern) ||
		    glob(pattern, 0, NULL, &found) != 0)
			continue;
		for (size_t i = 0; i < found.gl_pathc && i < CLIENTS_FILES_MAX;
		     i++) {
			if (client->at->source != NULL)
				client->at->source(client->at->source_context,
				    found.gl_pathv[i]);
			if (client_read_file(client, found.gl_pathv[i]) &&
			    first[0] == '\0')
				(void)snprintf(first, sizeof(first), "%s",
				    found.gl_pathv[i]);
		}
		globfree(&found);
	}
	client->file = NULL;
	if (client->folders > 0 || first[0] == '\0')
		return;
	client->file = first;
	cJSON_ArrayForEach(item, carnet_json_get(client->config, "default"))
	{
		if (client_folder(client->at, item->valuestring, false, folder))
			client_keep(client, folder, false);
	}
	client->file = NULL;
}

void
client_places_read(
    const struct client_home *home, struct client_places *ret_places)
{
	struct client_places places = { 0 };
	struct client_under *under = calloc(1, sizeof(*under));

	places.cut = under == NULL;
	for (const cJSON *provider = providers_each(home->list);
	     provider != NULL && under != NULL; provider = provider->next) {
		const cJSON *config;

		cJSON_ArrayForEach(config, carnet_json_get(provider, "configs"))
		{
			struct client client = { .at = home,
				.under = under,
				.places = &places,
				.provider = provider,
				.config = config };

			client_read(&client);
		}
	}
	free(under);
	*ret_places = places;
}

void
client_places_free(struct client_places *places)
{
	for (size_t i = 0; i < places->len; i++) {
		free(places->list[i].folder);
		free(places->list[i].file);
		free(places->list[i].links);
	}
	free(places->list);
	places->list = NULL;
	places->len = 0;
}
