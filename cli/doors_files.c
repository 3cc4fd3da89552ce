/* SPDX-License-Identifier: ISC */
/*
 * Which files this run may touch, where the kernel has Landlock: read what
 * was named and what the guard looks at, write the vault and the outputs.
 * The names in folders stay visible: the guard must look up from a folder.
 * Sockets, programs and other processes: doors.c.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cage.h"
#include "doors_files.h"
#include "guard.h"

struct doors_list {
	struct session *session;
	struct cage_path *paths; /* each path allocated */
	size_t len, room;
	bool failed;
};

static void
doors_add(struct doors_list *list, const char *path, unsigned rights)
{
	if (list->len == list->room) {
		size_t room = list->room * 2 + 64;
		struct cage_path *paths =
		    realloc(list->paths, room * sizeof(*paths));

		list->failed = list->failed || paths == NULL;
		if (paths == NULL)
			return;
		list->paths = paths;
		list->room = room;
	}
	list->paths[list->len].path = strdup(path);
	list->paths[list->len].rights = rights;
	if (list->paths[list->len].path == NULL)
		list->failed = true;
	else
		list->len++;
}

/* The folder that `path` stands in. */
static void
doors_above(const char *path, char folder[PATH_MAX])
{
	char *slash;

	(void)snprintf(folder, PATH_MAX, "%s", path);
	for (size_t len = strlen(folder); len > 1 && folder[len - 1] == '/';)
		folder[--len] = '\0';
	slash = strrchr(folder, '/');
	if (slash == NULL)
		(void)strcpy(folder, ".");
	else
		slash[slash == folder ? 1 : 0] = '\0';
}

/* --- what the guard reads ---------------------------------------------------
 */

static void
doors_source(void *context, const char *path)
{
	struct doors_list *list = context;
	const char *home = getenv("HOME");
	char folder[PATH_MAX];

	/* a database's companions lie beside it */
	doors_above(path, folder);
	doors_add(list,
	    home != NULL && strcmp(folder, home) == 0 ? path : folder,
	    CAGE_READ);
}

/* The clients' configurations that would be asked about this place. */
static void
doors_guard(struct doors_list *list, const char *path)
{
	char *missing = NULL;
	int fd = -1;

	if (guard_open_nearest(path, &fd, &missing, NULL) != CARNET_OK)
		return;
	free(missing);
	(void)guard_sources(fd, NULL, doors_source, list, NULL);
	(void)close(fd);
}

/* --- what was named ---------------------------------------------------------
 */

/* Where something new will be: its folder, or the nearest that exists. */
static void
doors_output(struct doors_list *list, const char *path)
{
	char folder[PATH_MAX], above[PATH_MAX];
	struct stat info;

	doors_guard(list, path);
	(void)snprintf(folder, sizeof(folder), "%s", path);
	while (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode)) {
		(void)strcpy(above, folder);
		doors_above(above, folder);
		if (strcmp(above, folder) == 0)
			break;
	}
	doors_add(list, folder, CAGE_READ | CAGE_WRITE);
}

static bool
doors_is_path(const char *text)
{
	struct stat info;

	return strchr(text, '/') != NULL || lstat(text, &info) == 0;
}

/* What each verb does with the files that it is given.  A verb that isn't
 * here may read and write whatever was named. */
enum doors_use {
	DOORS_READS,
	DOORS_BESIDE,
	DOORS_WRITES,
	DOORS_MOVES,
	DOORS_NONE
};
static const struct {
	const char *verb;
	enum doors_use use;
} doors_verbs[] = {
	{ "add", DOORS_MOVES },   /* with --move, removes them */
	{ "guard", DOORS_MOVES }, /* scan --adopt does */
	{ "backup", DOORS_WRITES },
	{ "restore", DOORS_WRITES },
	{ "verify", DOORS_BESIDE }, /* the signature lies beside */
	{ "init", DOORS_NONE },
	{ "status", DOORS_NONE },
	{ "doctor", DOORS_NONE },
	{ "person", DOORS_NONE },
	{ "list", DOORS_NONE },
	{ "show", DOORS_NONE },
	{ "cat", DOORS_NONE },
	{ "search", DOORS_NONE },
	{ "edit", DOORS_NONE },
	{ "tag", DOORS_NONE },
	{ "note", DOORS_NONE },
	{ "remove", DOORS_NONE },
	{ "trash", DOORS_NONE },
	{ "export", DOORS_NONE },
	{ "check", DOORS_NONE },
	{ "repair", DOORS_NONE },
	{ "compact", DOORS_NONE },
	{ "log", DOORS_NONE },
};

static enum doors_use
doors_use(const struct session *session)
{
	const struct options *options = session->options;
	bool moves =
	    option_flag(options, "move") || option_flag(options, "adopt");
	enum doors_use use = DOORS_WRITES;

	for (size_t i = 0; i < sizeof(doors_verbs) / sizeof(doors_verbs[0]);
	     i++)
		if (strcmp(doors_verbs[i].verb, session->verb->name) == 0)
			use = doors_verbs[i].use;
	if (use == DOORS_MOVES && !moves)
		use = DOORS_READS;
	return use;
}

static void
doors_arguments(struct doors_list *list)
{
	const struct options *options = list->session->options;
	enum doors_use use = doors_use(list->session);
	char folder[PATH_MAX];

	for (size_t i = 0; use != DOORS_NONE && i < options_argc(options);
	     i++) {
		const char *path = options_argument(options, i);

		/* "backup list DEST": the last one may be new */
		if (strcmp(path, "-") == 0 ||
		    (!doors_is_path(path) &&
			(use != DOORS_WRITES || i + 1 < options_argc(options))))
			continue;
		if (use == DOORS_READS) {
			doors_guard(list, path);
			doors_add(list, path, CAGE_READ);
			continue;
		}
		doors_above(path, folder);
		if (use == DOORS_BESIDE) {
			doors_add(list, path, CAGE_READ);
			doors_add(list, folder, CAGE_READ);
			continue;
		}
		doors_output(list, path);
		if (use == DOORS_MOVES)
			doors_output(list, folder);
	}
}

/* Options: outputs may be written, other files read. */
static void
doors_options(struct doors_list *list, const struct option_row *rows)
{
	static const char *const outputs[] = { "output", "to", "recovery",
		"ics" };
	const struct options *options = list->session->options;

	for (; rows->name != NULL; rows++) {
		bool output = false;

		if (rows->kind != OPTION_TEXT && rows->kind != OPTION_LIST)
			continue;
		for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]);
		     i++)
			output |= strcmp(rows->name, outputs[i]) == 0;
		for (size_t i = 0; i < option_count(options, rows->name); i++) {
			const char *path = option_item(options, rows->name, i);

			if (output && strcmp(path, "-") != 0)
				doors_output(list, path);
			else if (!output && doors_is_path(path))
				doors_add(list, path, CAGE_READ);
		}
	}
}

/* --- what every run needs ---------------------------------------------------
 */

/* The program's own folders: its translations, in a build tree. */
static void
doors_program(struct doors_list *list)
{
	char program[PATH_MAX], folder[PATH_MAX], texts[PATH_MAX + 8];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (len <= 0)
		return;
	program[len] = '\0';
	doors_above(program, folder);
	(void)snprintf(texts, sizeof(texts), "%s/../po", folder);
	doors_add(list, texts, CAGE_READ);
}

static void
doors_everywhere(struct doors_list *list)
{
	static const char *const readable[] = { "/usr", "/lib", "/lib32",
		"/lib64", "/etc", "/proc", "/sys", "/dev/urandom",
		CARNET_LOCALEDIR };
	const char *passphrase = getenv("CARNET_PASSPHRASE_FILE");

	doors_add(list, "/", CAGE_LIST);
	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		doors_add(list, readable[i], CAGE_READ);
	doors_add(list, "/dev/null", CAGE_READ | CAGE_WRITE);
	doors_add(list, "/dev/tty", CAGE_TERMINAL);
	if (passphrase != NULL && passphrase[0] != '\0')
		doors_add(list, passphrase, CAGE_READ);
	doors_program(list);
}

/* The vault; only init and restore make one where none is. */
static void
doors_vault(struct doors_list *list)
{
	const char *verb = list->session->verb->name;
	const char *path = list->session->vault_path;

	if (strcmp(verb, "init") == 0)
		doors_output(list, path);
	else
		doors_add(list, path, CAGE_READ | CAGE_WRITE);
	if (strcmp(verb, "guard") == 0 || strcmp(verb, "doctor") == 0) {
		doors_guard(list, path);
		doors_guard(list, ".");
	}
}

enum carnet_status
doors_files(struct session *session, struct carnet_error *err)
{
	struct doors_list list = { .session = session };
	enum carnet_status status = CARNET_OK;

	if (cage_landlock_abi() == 0)
		return CARNET_UNSUPPORTED;
	doors_everywhere(&list);
	doors_vault(&list);
	doors_arguments(&list);
	doors_options(&list, options_global);
	doors_options(&list, session->verb->options);
	if (list.failed)
		status = carnet_fail(
		    err, CARNET_NO_MEMORY, _("no memory to close the doors"));
	else
		status = cage_landlock(list.paths, list.len, err);
	for (size_t i = 0; i < list.len; i++)
		free((char *)(uintptr_t)list.paths[i].path);
	free(list.paths);
	return status;
}
