/* SPDX-License-Identifier: ISC */
/*
 * Applies the "configs" of providers.json: finds the files, has them read,
 * and compares the folders they name with the directory and all above it.
 * A file that can't be read says nothing.  The contract is in clients.h.
 */
#include "clients.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "providers.h"
#include "settings.h"

#define CLIENTS_FILES_MAX 64   /* that one pattern may find */
#define CLIENTS_LINKS_MAX 4096 /* entries looked at for links */

/* One configuration under one home. */
struct client {
	struct inquiry *inquiry;
	const char *home; /* "" if none */
	const char *config_home;
	bool own_home; /* $HOME, not a folder on the way */
	const cJSON *provider;
	const cJSON *config;
	const char *file;  /* being read */
	const char *value; /* for "then": what the first file said */
	size_t folders;    /* that it named */
};

static void client_read(struct client *client);

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
		const char *home = client->home;

		if (strncmp(file, bases[i].word, len) != 0)
			continue;
		file += len;
		if (bases[i].under_home == NULL)
			home = client->value;
		else if (i == 1 && client->config_home[0] != '\0')
			home = client->config_home;
		if (home == NULL || home[0] == '\0' ||
		    (size_t)snprintf(base, sizeof(base), "%s%s", home,
			home == client->home ? bases[i].under_home : "") >=
			sizeof(base))
			return false;
		break;
	}
	if (base[0] == '\0' && !client->own_home)
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

/* What a configuration calls a folder, as an absolute path.  Another
 * person's "~" isn't ours to expand. */
/* "%2F": the byte it stands for; 0: it stands for none. */
static char
client_unescape(const char *text)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	unsigned byte = 0;

	if (text[0] != '%')
		return 0;
	for (size_t i = 1; i <= 2; i++) {
		const char *digit =
		    text[i] == '\0' ? NULL : strchr(digits, text[i]);

		if (digit == NULL)
			return 0;
		byte = byte * 16 + (unsigned)(digit - digits) % 16;
	}
	return (char)byte;
}

static bool
client_folder(
    const struct client *client, const char *value, char folder[PATH_MAX])
{
	static const char *const homes[] = { "~", "$HOME", "${HOME}" };
	char decoded[PATH_MAX] = "";
	size_t out = 0;

	if (strncmp(value, "file://", 7) == 0) {
		value += 7;
		for (; *value != '\0' && out + 1 < sizeof(decoded); out++) {
			char byte = client_unescape(value);

			decoded[out] = byte != 0 ? byte : *value;
			value += byte != 0 ? 3 : 1;
		}
		decoded[out] = '\0';
		value = decoded;
	}
	for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++) {
		size_t len = strlen(homes[i]);

		if (strncmp(value, homes[i], len) == 0 &&
		    (value[len] == '/' || value[len] == '\0'))
			return client->own_home && client->home[0] != '\0' &&
			       snprintf(folder, PATH_MAX, "%s%s", client->home,
				   value + len) < PATH_MAX;
	}
	return value[0] == '/' &&
	       snprintf(folder, PATH_MAX, "%s", value) < PATH_MAX;
}

/* Clients that follow links carry away what a link in their folder shows. */
static size_t
client_find_link(const struct chain *chain, const char *folder)
{
	size_t best = SIZE_MAX, looked = 0;
	struct dirent *entry;
	DIR *dir = opendir(folder);

	if (dir == NULL)
		return SIZE_MAX;
	while (looked++ < CLIENTS_LINKS_MAX && (entry = readdir(dir)) != NULL) {
		struct stat seen;

		if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
			continue;
		if (fstatat(dirfd(dir), entry->d_name, &seen, 0) != 0 ||
		    !S_ISDIR(seen.st_mode))
			continue;
		for (size_t i = 0; i < chain->len && i < best; i++)
			if (chain->levels[i].dev == seen.st_dev &&
			    chain->levels[i].ino == seen.st_ino)
				best = i;
	}
	(void)closedir(dir);
	return best;
}

static void
client_judge_folder(struct client *client, const char *folder)
{
	struct inquiry *inquiry = client->inquiry;
	const char *id = carnet_json_string(client->provider, "id");
	const char *name = carnet_json_string(client->provider, "name");
	size_t level = chain_find(inquiry->chain, folder);

	if (level != SIZE_MAX) {
		inquiry_note(inquiry, GUARD_CLOUD, id, level,
		    CARNET_("%s is a folder of %s, says %s"), folder, name,
		    client->file);
		return;
	}
	if (!carnet_json_bool(client->config, "follows_links", false))
		return;
	level = client_find_link(inquiry->chain, folder);
	if (level != SIZE_MAX)
		inquiry_note(inquiry, GUARD_CLOUD, id, level,
		    CARNET_("a link in %s leads here, and %s follows links"),
		    folder, name);
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
	if (client_folder(client, value, folder)) {
		client->folders++;
		client_judge_folder(client, folder);
	}
	return true;
}

static void
client_read_file(struct client *client, const char *path)
{
	static const struct {
		const char *name;
		settings_reader read;
	} readers[] = { { "ini", settings_ini }, { "qt", settings_qt },
		{ "json", settings_json }, { "xml", settings_xml },
		{ "lines", settings_lines } };
	const char *reader = carnet_json_string(client->config, "reader");
	const cJSON *keys = carnet_json_get(client->config, "keys");
	const cJSON *key;
	char *text = NULL;
	size_t len = 0;

	client->file = path;
	if (strcmp(reader, "sqlite") == 0) {
		cJSON_ArrayForEach(key, keys) settings_sqlite(
		    path, key->valuestring, client_take, client);
		return;
	}
	text = settings_load(path, &len);
	for (size_t i = 0;
	     text != NULL && i < sizeof(readers) / sizeof(readers[0]); i++) {
		if (strcmp(reader, readers[i].name) != 0)
			continue;
		if (keys == NULL)
			readers[i].read(text, len, "", client_take, client);
		cJSON_ArrayForEach(key, keys) readers[i].read(
		    text, len, key->valuestring, client_take, client);
	}
	free(text);
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
			if (first[0] == '\0')
				(void)snprintf(first, sizeof(first), "%s",
				    found.gl_pathv[i]);
			if (client->inquiry->source != NULL)
				client->inquiry->source(
				    client->inquiry->source_context,
				    found.gl_pathv[i]);
			client_read_file(client, found.gl_pathv[i]);
		}
		globfree(&found);
	}
	client->file = NULL;
	if (client->folders > 0 || first[0] == '\0')
		return;
	client->file = first;
	cJSON_ArrayForEach(item, carnet_json_get(client->config, "default"))
	{
		if (client_folder(client, item->valuestring, folder))
			client_judge_folder(client, folder);
	}
	client->file = NULL;
}

static void
clients_judge_home(struct inquiry *inquiry, const char *home,
    const char *config_home, bool own_home)
{
	for (const cJSON *provider = providers_each(inquiry->list);
	     provider != NULL; provider = provider->next) {
		const cJSON *config;

		cJSON_ArrayForEach(config, carnet_json_get(provider, "configs"))
		{
			struct client client = { .inquiry = inquiry,
				.home = home,
				.config_home = config_home,
				.own_home = own_home,
				.provider = provider,
				.config = config };

			client_read(&client);
		}
	}
}

void
clients_judge(struct inquiry *inquiry)
{
	char path[PATH_MAX];

	clients_judge_home(inquiry, inquiry->home, inquiry->config_home, true);
	for (size_t level = 0; level + 1 < inquiry->chain->len; level++) {
		chain_level_path(inquiry->chain, level, path);
		if (strcmp(path, inquiry->home) != 0 &&
		    strcmp(path, inquiry->home_real) != 0)
			clients_judge_home(inquiry, path, "", false);
	}
}
