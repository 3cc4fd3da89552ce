/* SPDX-License-Identifier: ISC */
/*
 * Behind Landlock: what carnet can still read and write, by what its command
 * line names.  Each case in a forked child.  See cli/doors_files.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cage.h"
#include "doors_files.h"

static char root[64];

static const struct option_row rows[] = { { "output", OPTION_TEXT, "DIR", "" },
	{ "proof", OPTION_TEXT, "FILE", "" }, { "move", OPTION_FLAG, NULL, "" },
	{ "adopt", OPTION_FLAG, NULL, "" }, OPTIONS_END };

static const struct option_row *
find_rows(const char *verb)
{
	(void)verb;
	return rows;
}

/* What a run tries once its doors are closed: 'r' read, 'w' write a new
 * file, 'x' remove, 'l' list; and whether it may. */
struct attempt {
	char how;
	const char *path;
	bool allowed;
};

static const struct {
	const char *args[6];
	struct attempt attempts[9];
} cases[] = {
	{ { "list" },
	    { { 'r', "vault/pack", true }, { 'w', "vault/new", true },
		{ 'x', "vault/new", true }, { 'r', "home/letter", false },
		{ 'w', "home/new", false }, { 'l', "home", true },
		{ 'r', "/etc/passwd", true }, { 'w', "/tmp/new", false } } },
	{ { "add", "home/letter" },
	    { { 'r', "home/letter", true }, { 'r', "home/other", false },
		{ 'x', "home/letter", false }, { 'w', "home/new", false } } },
	{ { "add", "home/sub", "--move" },
	    { { 'r', "home/sub/file", true }, { 'x', "home/sub/file", true },
		{ 'w', "out/new", false }, { 'r', "out/file", false } } },
	{ { "export", "--output", "out/a/b" },
	    { { 'w', "out/new", true }, { 'r', "home/letter", false },
		{ 'w', "home/new", false } } },
	{ { "backup", "out" },
	    { { 'w', "out/new", true }, { 'r', "out/file", true },
		{ 'w', "home/new", false } } },
	{ { "backup", "list", "out" },
	    { { 'r', "out/file", true }, { 'r', "home/letter", false } } },
	{ { "refuse", "--proof", "home/letter" },
	    { { 'r', "home/letter", true }, { 'r', "home/other", false },
		{ 'w', "home/new", false } } },
	{ { "guard", "home" },
	    { { 'r', "home/letter", true }, { 'x', "home/letter", false },
		{ 'r', "out/file", false } } },
	{ { "export", "--output", "out/x" }, /* what the guard must see */
	    { { 'r', "home/.dropbox/info.json", true },
		{ 'r', "home/.secret/key", false } } },
};

static void
make(const char *name)
{
	char path[PATH_MAX];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	for (char *at = path + strlen(root) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		(void)mkdir(path, 0700);
		*at = '/';
	}
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fputs("{}", file);
	assert_int_equal(fclose(file), 0);
}

/* Whether it can be done; anything but "permission denied" counts. */
static bool
can(const struct attempt *attempt)
{
	char path[PATH_MAX];
	DIR *dir;
	int fd;

	if (attempt->path[0] == '/')
		(void)snprintf(path, sizeof(path), "%s", attempt->path);
	else
		(void)snprintf(
		    path, sizeof(path), "%s/%s", root, attempt->path);
	switch (attempt->how) {
	case 'x':
		return unlink(path) == 0 || errno != EACCES;
	case 'l':
		dir = opendir(path);
		if (dir != NULL)
			(void)closedir(dir);
		return dir != NULL;
	case 'w':
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		break;
	default:
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0 || errno != EACCES;
}

/* 0, or the number of the attempt that went the other way. */
static int
run(const char *const *args, const struct attempt *attempts)
{
	struct verb verb = { .options = rows };
	struct session session = { .verb = &verb };
	char *argv[8] = { (char *)"carnet" };
	int argc = 1;

	if (chdir(root) != 0)
		return 100;
	while (args[argc - 1] != NULL) {
		argv[argc] = (char *)(uintptr_t)args[argc - 1];
		argc++;
	}
	(void)snprintf(
	    session.vault_path, sizeof(session.vault_path), "%s/vault", root);
	if (options_parse(argc, argv, find_rows, &session.options, NULL) !=
	    CARNET_OK)
		return 101;
	verb.name = args[0];
	if (doors_files(&session, NULL) != CARNET_OK)
		return 102;
	options_free(session.options);
	for (int i = 0; attempts[i].path != NULL; i++)
		if (can(&attempts[i]) != attempts[i].allowed)
			return i + 1;
	return 0;
}

static void
test_cases(void **state)
{
	static const char *const files[] = { "vault/pack", "home/letter",
		"home/other", "home/sub/file", "out/file",
		"home/.dropbox/info.json", "home/.secret/key" };
	char command[PATH_MAX + 16], home[PATH_MAX + 8];

	(void)state;
	if (cage_landlock_abi() < 3)
		skip();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char name[] = "/tmp/carnet-files-XXXXXX";
		int status;
		pid_t pid;

		assert_non_null(mkdtemp(name));
		(void)snprintf(root, sizeof(root), "%s", name);
		for (size_t j = 0; j < sizeof(files) / sizeof(files[0]); j++)
			make(files[j]);
		(void)snprintf(home, sizeof(home), "%s/home", root);
		assert_int_equal(setenv("HOME", home, 1), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			for (int s = 1; s < NSIG; s++)
				(void)signal(s, SIG_DFL);
			_exit(run(cases[i].args, cases[i].attempts));
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		(void)snprintf(command, sizeof(command), "rm -rf %s", root);
		assert_int_equal(system(command), 0);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			fail_msg("case %zu (%s): attempt %d", i,
			    cases[i].args[0], WEXITSTATUS(status));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	(void)unsetenv("CARNET_PASSPHRASE_FILE");
	(void)unsetenv("XDG_CONFIG_HOME");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
