/* SPDX-License-Identifier: ISC */
/*
 * Looks a mount's source up in the configuration of the program that mounted
 * it.  What it finds is told, never judged by.  The contract is in remotes.h.
 */
#include "remotes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings.h"

/* "$CONFIG/..." or "~/...", of the person who asks. */
static bool
remotes_path(
    const struct inquiry *inquiry, const char *file, char path[PATH_MAX])
{
	bool in_config = strncmp(file, "$CONFIG/", 8) == 0;
	const char *rest = strchr(file, '/');
	int len;

	if (inquiry->home[0] == '\0' || rest == NULL)
		return false;
	if (in_config && inquiry->config_home[0] != '\0')
		len = snprintf(
		    path, PATH_MAX, "%s%s", inquiry->config_home, rest);
	else
		len = snprintf(path, PATH_MAX, "%s%s%s", inquiry->home,
		    in_config ? "/.config" : "", rest);
	return len < PATH_MAX;
}

/* The first value; it has to be one plain word. */
static bool
remotes_take(const char *value, void *context)
{
	char *kind = context;
	size_t len = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	if (len > 0 && len < REMOTES_TEXT && value[len] == '\0')
		memcpy(kind, value, len + 1);
	return false;
}

/* The name before the colon; nothing that a glob would take for more. */
static bool
remotes_name(const char *source, char name[REMOTES_TEXT])
{
	size_t len = strcspn(source, ":");

	if (source[len] != ':' || len == 0 || len >= REMOTES_TEXT ||
	    strcspn(source, "*?[]\\/,{") < len)
		return false;
	memcpy(name, source, len);
	name[len] = '\0';
	return true;
}

bool
remotes_find(const struct inquiry *inquiry, const cJSON *provider,
    const char *source, struct remote *ret_remote)
{
	const cJSON *remotes = carnet_json_get(provider, "remotes"), *file;
	struct remote remote = { .kind = "" };
	char key[REMOTES_TEXT + 8];

	if (remotes == NULL || !remotes_name(source, remote.name))
		return false;
	(void)snprintf(key, sizeof(key), "%s/%s", remote.name,
	    carnet_json_string(remotes, "key"));
	cJSON_ArrayForEach(file, carnet_json_get(remotes, "files"))
	{
		char *text;
		size_t len = 0;

		if (!remotes_path(inquiry, file->valuestring, remote.file))
			continue;
		if (inquiry->source != NULL)
			inquiry->source(inquiry->source_context, remote.file);
		text = settings_load(remote.file, &len);
		if (text != NULL)
			settings_ini(text, len, key, remotes_take, remote.kind);
		free(text);
		if (remote.kind[0] == '\0')
			continue;
		*ret_remote = remote;
		return true;
	}
	return false;
}
