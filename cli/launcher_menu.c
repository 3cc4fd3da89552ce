/* SPDX-License-Identifier: ISC */
/*
 * The closed menu: which programs there are, with which arguments, limits,
 * files and surroundings.  Whoever asks can choose a row, never a path.
 * The contract: launcher_wire.h; the cage: formats/include/cage.h.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cage.h"
#include "launcher.h"
#include "launcher_wire.h"
#include "reader.h"

#define MENU_PAGES "31" /* PICTURES_PAGES, and one that tells of more */

enum menu_cage {
	MENU_FREE,   /* the person's own command */
	MENU_LIMITS, /* shuts itself in: carnet-reader */
	MENU_CAGE    /* is shut in: limits, Landlock, seccomp */
};

struct menu_row {
	const char *program; /* NULL: one of ours, from launcher_paths */
	enum menu_cage cage;
	struct cage_limits limits;
	const char *args[10];
};

/* In args: "%d" becomes the request's number. */
static const struct menu_row menu[LAUNCHER_PROGRAMS] = {
	[LAUNCHER_READER] = { NULL, MENU_LIMITS, { READER_MEMORY_MAX, 30, 16 },
	    { "carnet-reader" } },
	[LAUNCHER_READER_OF_PDFTOTEXT] = { NULL, MENU_LIMITS,
	    { READER_MEMORY_MAX, 30, 16 },
	    { "carnet-reader", READER_FROM_PDFTOTEXT } },
	[LAUNCHER_PDFTOTEXT] = { "pdftotext", MENU_CAGE,
	    { (uint64_t)1 << 30, 30, 64 },
	    { "pdftotext", "-enc", "UTF-8", "-", "-" } },
	[LAUNCHER_PDFTOPPM] = { "pdftoppm", MENU_CAGE,
	    { (uint64_t)1 << 30, 120, 64 },
	    { "pdftoppm", "-png", "-r", "%d", "-f", "1", "-l", MENU_PAGES,
		"-" } },
	[LAUNCHER_PRESS] = { NULL, MENU_CAGE, { (uint64_t)2 << 30, 120, 64 },
	    { "carnet-press" } },
	[LAUNCHER_COMMAND] = { "/bin/sh", MENU_FREE, { 0 }, { "sh", "-c" } },
};

/* What a caged program may read: libraries, fonts, poppler's data. */
static const char *const menu_readable[] = {
	"/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib64", "/usr/share",
	"/usr/local/share/fonts", "/etc/fonts", "/etc/ld.so.cache",
	"/var/cache/fontconfig", "/dev/null", "/dev/urandom",
#ifdef CARNET_SANITIZED
	"/proc", /* the sanitizers look at their own memory map */
#endif
};

/* No HOME, nothing that changes how a library behaves. */
static char *const menu_environment[] = { (char *)"PATH=/usr/bin:/bin",
	(char *)"LC_ALL=C.UTF-8", NULL };
static char *const menu_environment_french[] = { (char *)"PATH=/usr/bin:/bin",
	(char *)"LC_ALL=C.UTF-8", (char *)"LANGUAGE=fr",
#ifdef CARNET_SANITIZED
	(char *)"ASAN_OPTIONS=detect_leaks=0",
#endif
	NULL };

static int
menu_interpreter(struct dl_phdr_info *info, size_t size, void *context)
{
	const char **path = context;

	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			*path = (const char *)(info->dlpi_addr +
					       info->dlpi_phdr[i].p_vaddr);
	}
	return 1; /* the program itself comes first */
}

/* Only the program and the loader may be executed. */
static enum carnet_status
menu_landlock(const char *program, struct carnet_error *err)
{
	enum { READABLE = sizeof(menu_readable) / sizeof(menu_readable[0]) };
	struct cage_path paths[READABLE + 3];
	const char *loader = NULL;
	size_t len = 0;

	for (size_t i = 0; i < READABLE; i++)
		paths[len++] =
		    (struct cage_path){ menu_readable[i], CAGE_READ };
	paths[len++] = (struct cage_path){ carnet_texts_folder(), CAGE_READ };
	paths[len++] = (struct cage_path){ program, CAGE_READ | CAGE_EXECUTE };
	(void)dl_iterate_phdr(menu_interpreter, &loader);
	if (loader != NULL)
		paths[len++] =
		    (struct cage_path){ loader, CAGE_READ | CAGE_EXECUTE };
	return cage_landlock(paths, len, err);
}

static enum carnet_status
menu_confine(const struct menu_row *row, const char *program)
{
	struct carnet_error err;
	enum carnet_status status = CARNET_OK;

	if (row->cage == MENU_FREE)
		return CARNET_OK;
	/* what has no seccomp can read nothing foreign */
	if (!cage_has_seccomp())
		return CARNET_UNSUPPORTED;
	if (chdir("/") != 0)
		return CARNET_IO;
	status = cage_limit(&row->limits, &err);
	if (status == CARNET_OK && row->cage == MENU_CAGE)
		status = menu_landlock(program, &err);
	if (status == CARNET_OK && row->cage == MENU_CAGE)
		status = cage_seccomp_deny(CAGE_DENY_CHILD, &err);
	return status;
}

/* The standard descriptors, and none of the others after execve. */
static bool
menu_descriptors(const int fds[LAUNCHER_FDS])
{
	for (int i = 0; i < LAUNCHER_RESULT_FD; i++) {
		if (dup2(fds[i], i) < 0)
			return false;
	}
	if (syscall(SYS_close_range, 3U, ~0U, 4U) == 0) /* on exec */
		return true;
	for (int i = 3; i < 1024; i++)
		(void)fcntl(i, F_SETFD, FD_CLOEXEC);
	return true;
}

static void
menu_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		(void)sigaction(signal_number, &action, NULL);
}

/* The person's own command has theirs. */
static char *const *
menu_surroundings(const struct menu_row *row)
{
	const char *lang = getenv("LANGUAGE");

	if (row->cage == MENU_FREE)
		return environ;
	return lang != NULL && strcmp(lang, "fr") == 0 ? menu_environment_french
						       : menu_environment;
}

/* Debian's places only: PATH is the person's, and not asked. */
bool
launcher_find_program(const char *name, char path[4096])
{
	static const char *const folders[] = { "/usr/bin", "/bin",
		"/usr/local/bin" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		(void)snprintf(path, 4096, "%s/%s", folders[i], name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

bool
launcher_serves(const char *program)
{
	for (size_t i = 0; i < LAUNCHER_PROGRAMS; i++)
		if (menu[i].program != NULL &&
		    strcmp(menu[i].program, program) == 0)
			return true;
	return false;
}

static const char *
menu_program(const struct launcher_request *request,
    const struct launcher_paths *paths, char found[4096])
{
	const struct menu_row *row = &menu[request->program];

	if (request->program == LAUNCHER_PRESS)
		return paths->press;
	if (row->program == NULL)
		return paths->reader;
	if (row->program[0] == '/')
		return row->program;
	return launcher_find_program(row->program, found) ? found : NULL;
}

struct launcher_result
launcher_become(const struct launcher_request *request,
    const int fds[LAUNCHER_FDS], const struct launcher_paths *paths)
{
	const struct menu_row *row = &menu[request->program];
	struct launcher_result result = { .end = LAUNCHER_MISSING };
	char found[4096], number[16];
	const char *program = menu_program(request, paths, found);
	char *args[12] = { NULL };
	size_t len = 0;

	if (program == NULL || access(program, X_OK) != 0) {
		result.value = ENOENT;
		return result;
	}
	(void)snprintf(number, sizeof(number), "%u", request->number);
	for (size_t i = 0; row->args[i] != NULL; i++)
		args[len++] = strcmp(row->args[i], "%d") == 0
				  ? number
				  : (char *)(uintptr_t)row->args[i];
	if (request->program == LAUNCHER_COMMAND)
		args[len++] = (char *)(uintptr_t)request->text;
	else if (setsid() < 0) /* no terminal, a group of its own */
		return (struct launcher_result){ .end = LAUNCHER_UNCAGED };
	menu_signals();
	if (!menu_descriptors(fds))
		return (struct launcher_result){ .end = LAUNCHER_LOST };
	if (menu_confine(row, program) != CARNET_OK)
		return (struct launcher_result){ .end = LAUNCHER_UNCAGED };
	(void)execve(program, args, menu_surroundings(row));
	result.value = errno;
	return result;
}
