/* SPDX-License-Identifier: ISC */
/*
 * Turns what a configuration calls a folder into an absolute path: a URL of
 * the file system, "~", the names of a person's own folders (Documents...).
 * The contract is in client_folder.h.
 */
#include "client_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings.h"

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

struct folder_name {
	const char *word; /* what a client writes */
	const char *key;  /* of user-dirs.dirs; NULL: the home itself */
	const char *usual;
};

/* Deja Dup's words, and Duplicati's. */
static const struct folder_name folder_names[] = { { "~", NULL, "" },
	{ "$HOME", NULL, "" }, { "${HOME}", NULL, "" }, { "%HOME%", NULL, "" },
	{ "$DESKTOP", "*/XDG_DESKTOP_DIR", "Desktop" },
	{ "$DOCUMENTS", "*/XDG_DOCUMENTS_DIR", "Documents" },
	{ "$DOWNLOAD", "*/XDG_DOWNLOAD_DIR", "Downloads" },
	{ "$MUSIC", "*/XDG_MUSIC_DIR", "Music" },
	{ "$PICTURES", "*/XDG_PICTURES_DIR", "Pictures" },
	{ "$PUBLIC_SHARE", "*/XDG_PUBLICSHARE_DIR", "Public" },
	{ "$TEMPLATES", "*/XDG_TEMPLATES_DIR", "Templates" },
	{ "$VIDEOS", "*/XDG_VIDEOS_DIR", "Videos" },
	{ "%DESKTOP%", "*/XDG_DESKTOP_DIR", "Desktop" },
	{ "%MY_DOCUMENTS%", "*/XDG_DOCUMENTS_DIR", "Documents" },
	{ "%MY_MUSIC%", "*/XDG_MUSIC_DIR", "Music" },
	{ "%MY_PICTURES%", "*/XDG_PICTURES_DIR", "Pictures" } };

struct folder_found {
	const struct client_home *at;
	char path[PATH_MAX];
};

/* The value of user-dirs.dirs: "$HOME/Bureau", or an absolute path. */
static bool
folder_found(const char *value, void *context)
{
	struct folder_found *found = context;
	bool in_home = strncmp(value, "$HOME/", 6) == 0;

	if ((in_home || value[0] == '/') &&
	    snprintf(found->path, PATH_MAX, "%s%s",
		in_home ? found->at->home : "",
		in_home ? value + 5 : value) >= PATH_MAX)
		found->path[0] = '\0';
	return true;
}

/* One's own folder of this name; "": there is no room for its path. */
static void
folder_own(const struct client_home *at, const struct folder_name *name,
    struct folder_found *found)
{
	bool moved = at->config_home[0] != '\0';
	char file[PATH_MAX], *text = NULL;
	size_t len = 0;

	if (snprintf(found->path, PATH_MAX, "%s%s%s", at->home,
		name->key == NULL ? "" : "/", name->usual) >= PATH_MAX)
		found->path[0] = '\0';
	if (name->key == NULL ||
	    snprintf(file, sizeof(file), "%s%s/user-dirs.dirs",
		moved ? at->config_home : at->home,
		moved ? "" : "/.config") >= PATH_MAX)
		return;
	text = settings_load(file, &len);
	if (text != NULL)
		settings_ini(text, len, name->key, folder_found, found);
	free(text);
}

bool
client_folder(const struct client_home *at, const char *value, bool relative,
    char folder[PATH_MAX])
{
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
	for (size_t i = 0; i < sizeof(folder_names) / sizeof(folder_names[0]);
	     i++) {
		const struct folder_name *name = &folder_names[i];
		size_t len = strlen(name->word);
		struct folder_found found = { .at = at };

		if (strncmp(value, name->word, len) != 0 ||
		    (value[len] != '/' && value[len] != '\0'))
			continue;
		if (!at->own || at->home[0] == '\0')
			return false;
		folder_own(at, name, &found);
		return found.path[0] == '/' &&
		       snprintf(folder, PATH_MAX, "%s%s", found.path,
			   value + len) < PATH_MAX;
	}
	if (value[0] != '/' && value[0] != '\0' && relative && at->own &&
	    at->home[0] != '\0')
		return snprintf(folder, PATH_MAX, "%s/%s", at->home, value) <
		       PATH_MAX;
	return value[0] == '/' &&
	       snprintf(folder, PATH_MAX, "%s", value) < PATH_MAX;
}
