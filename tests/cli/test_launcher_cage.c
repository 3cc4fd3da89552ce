/* SPDX-License-Identifier: ISC */
/*
 * Every kind of program that the launcher starts, in its own cage: what it
 * tries there, and that the real ones sit in one before they are given a
 * byte.  The filters by themselves: tests/formats/read/test_cage.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cage.h"
#include "launcher_fixture.h"

enum { HELD = 0, NO_NAMESPACE = 77 };

/* --- what a program tries -------------------------------------------------
 */

/* A vault's file that this process can open, and says where. */
static void
make_vault(char path[64], char given[96])
{
	int fd;

	(void)snprintf(path, 64, "/tmp/carnet-vault-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	(void)close(fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	(void)close(fd);
	(void)snprintf(given, 96, "%%PDF-1.4\nvault:%s\n", path);
}

/* "" if all was refused; else what wasn't. */
static const char *
what_escaped(const char *text)
{
	static const char *const seccomp[] = { "socket denied", "unix denied",
		"connect denied", "io_uring denied", "ptrace denied",
		"fork denied" };
	static const char *const landlock[] = { "write denied", "read denied",
		"exec denied", "vault denied" };

	for (size_t i = 0; i < sizeof(seccomp) / sizeof(seccomp[0]); i++)
		if (strstr(text, seccomp[i]) == NULL)
			return seccomp[i];
	if (cage_landlock_abi() == 0)
		return "";
	for (size_t i = 0; i < sizeof(landlock) / sizeof(landlock[0]); i++)
		if (strstr(text, landlock[i]) == NULL)
			return landlock[i];
	return "";
}

/* Runs a fake in the cage of this kind; "" if it held. */
static const char *
try_kind(struct launcher *launcher, enum launcher_program program)
{
	const struct launcher_step step = {
		.program = program, .number = 72, .milliseconds = 20000
	};
	struct launcher_line line = { 0 };
	char path[64], given[96], text[2048];
	const char *escaped = "start";
	size_t len = 0;

	make_vault(path, given);
	if (launcher_line_start(launcher, &step, 1, 4096, &line, NULL) ==
	    CARNET_OK) {
		(void)launcher_line_feed(&line, given, strlen(given));
		launcher_line_finish(&line);
		for (; len < line.answer_len && len < sizeof(text) - 1; len++)
			text[len] = line.answer[len] == '\0'
					? '.'
					: (char)line.answer[len];
		text[len] = '\0';
		escaped = what_escaped(text);
		if (escaped[0] != '\0')
			(void)fprintf(stderr, "program %d, end %u %d:\n%s\n",
			    (int)program, line.ends[0].end,
			    (int)line.ends[0].value, text);
		launcher_line_clear(&line);
	}
	(void)unlink(path);
	return escaped;
}

static void
test_press_tries(void **state)
{
	struct launcher *launcher = fixture_fake("escape", 0);

	(void)state;
	if (!cage_has_seccomp())
		skip();
	assert_string_equal(try_kind(launcher, LAUNCHER_PRESS), "");
	launcher_stop(launcher);
}

/* A view of the machine in which the fake is poppler's program. */
static bool
stand_in(const char *program)
{
	char text[64];
	unsigned uid = (unsigned)getuid(), gid = (unsigned)getgid();
	const struct {
		const char *file;
		unsigned id;
	} maps[] = { { "/proc/self/setgroups", 0 },
		{ "/proc/self/uid_map", uid }, { "/proc/self/gid_map", gid } };

	if (unshare(CLONE_NEWNS) != 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
			return false;
		for (size_t i = 0; i < 3; i++) {
			int fd = open(maps[i].file, O_WRONLY | O_CLOEXEC);
			int len = i == 0
				      ? snprintf(text, sizeof(text), "deny")
				      : snprintf(text, sizeof(text), "%u %u 1",
					    maps[i].id, maps[i].id);

			if (fd < 0 || write(fd, text, (size_t)len) != len)
				return false;
			(void)close(fd);
		}
	}
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount(CARNET_TEST_FAKE, program, NULL, MS_BIND, NULL) == 0;
}

static void
test_poppler_tries(void **state)
{
	static const struct {
		const char *path;
		enum launcher_program program;
	} kinds[] = { { "/usr/bin/pdftotext", LAUNCHER_PDFTOTEXT },
		{ "/usr/bin/pdftoppm", LAUNCHER_PDFTOPPM } };
	bool any = false;

	(void)state;
	if (!cage_has_seccomp())
		skip();
	for (size_t i = 0; i < 2; i++) {
		int status;
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			struct launcher *launcher = NULL;
			int code;

			if (!stand_in(kinds[i].path))
				_exit(NO_NAMESPACE);
			if (launcher_start(CARNET_TEST_READER_FOLDER, &launcher,
				NULL) != CARNET_OK)
				_exit(2);
			code = try_kind(launcher, kinds[i].program)[0] == '\0'
				   ? HELD
				   : 3;
			launcher_stop(launcher);
			_exit(code);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		if (WEXITSTATUS(status) == NO_NAMESPACE)
			continue;
		assert_int_equal(WEXITSTATUS(status), HELD);
		any = true;
	}
	if (!any)
		skip(); /* no mounts of one's own here */
}

/* --- the programs as they are ---------------------------------------------
 */

/* The number behind `key` in a process's status; -1: none. */
static long
status_number(pid_t pid, const char *key)
{
	char path[64], line[256];
	long number = -1;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return -1;
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, key, strlen(key)) == 0 &&
		    line[strlen(key)] == ':')
			number = strtol(line + strlen(key) + 1, NULL, 10);
	(void)fclose(file);
	return number;
}

/* True if a program of the launcher with this name sits in a filter. */
static bool
find_caged(pid_t launcher, const char *name)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	bool caged = false;

	assert_non_null(dir);
	while (!caged && (entry = readdir(dir)) != NULL) {
		pid_t pid = (pid_t)atoi(entry->d_name);
		char path[300], comm[64] = "";
		FILE *file;

		/* between the two: who minds it */
		if (pid <= 0 || status_number((pid_t)status_number(pid, "PPid"),
				    "PPid") != launcher)
			continue;
		(void)snprintf(
		    path, sizeof(path), "/proc/%s/comm", entry->d_name);
		file = fopen(path, "re");
		if (file == NULL)
			continue;
		if (fgets(comm, sizeof(comm), file) != NULL)
			comm[strcspn(comm, "\n")] = '\0';
		(void)fclose(file);
		caged = strcmp(comm, name) == 0 &&
			status_number(pid, "Seccomp") == 2 &&
			status_number(pid, "NoNewPrivs") == 1;
	}
	(void)closedir(dir);
	return caged;
}

static void
test_real_ones_are_caged(void **state)
{
	static const struct {
		const char *name;
		enum launcher_program program;
	} kinds[] = { { "carnet-reader", LAUNCHER_READER },
		{ "carnet-reader", LAUNCHER_READER_OF_PDFTOTEXT },
		{ "pdftotext", LAUNCHER_PDFTOTEXT },
		{ "pdftoppm", LAUNCHER_PDFTOPPM },
		{ "carnet-press", LAUNCHER_PRESS } };
	struct launcher *launcher = fixture_real();

	(void)state;
	if (!cage_has_seccomp())
		skip();
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct launcher_step step = { .program = kinds[i].program,
			.number = 72,
			.milliseconds = 20000 };
		struct launcher_line line = { 0 };
		bool caged = false;

		if (kinds[i].program == LAUNCHER_PRESS) {
			launcher_stop(launcher);
			assert_int_equal(
			    launcher_start(
				CARNET_TEST_PRESS_FOLDER, &launcher, NULL),
			    CARNET_OK);
		}
		/* it waits for its first byte */
		assert_int_equal(
		    launcher_line_start(launcher, &step, 1, 65536, &line, NULL),
		    CARNET_OK);
		for (int turn = 0; turn < 500 && !caged; turn++) {
			caged = find_caged(launcher->pid, kinds[i].name);
			if (!caged)
				(void)usleep(20000);
		}
		launcher_line_finish(&line);
		launcher_line_clear(&line);
		if (!caged)
			fail_msg("%s (%d) sits in no filter", kinds[i].name,
			    (int)kinds[i].program);
	}
	launcher_stop(launcher);
}

/* The test sees what is free, or it would show nothing. */
static void
test_a_free_one_is_seen(void **state)
{
	const struct launcher_step step = { .program = LAUNCHER_COMMAND,
		.text = "exec cat",
		.milliseconds = 20000 };
	struct launcher *launcher = fixture_real();
	struct launcher_line line = { 0 };
	bool free_one = false;

	(void)state;
	if (status_number(getpid(), "Seccomp") != 0)
		skip(); /* these tests run in a cage themselves */
	assert_int_equal(
	    launcher_line_start(launcher, &step, 1, 65536, &line, NULL),
	    CARNET_OK);
	(void)usleep(200000);
	free_one = !find_caged(launcher->pid, "cat");
	launcher_line_finish(&line);
	launcher_line_clear(&line);
	launcher_stop(launcher);
	assert_true(free_one);
	assert_string_equal(what_escaped("socket done\n"), "socket denied");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_press_tries),
		cmocka_unit_test(test_poppler_tries),
		cmocka_unit_test(test_real_ones_are_caged),
		cmocka_unit_test(test_a_free_one_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
