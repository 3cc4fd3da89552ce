/* SPDX-License-Identifier: ISC */
/*
 * The language that carnet speaks: which one, where its translations are,
 * and the system's own messages.  Needs no locale but C.UTF-8, which every
 * system has.  The contract is in include/carnet_types.h.
 */
#include "carnet_types.h"

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "fr", "fr_FR.UTF-8", but not "frr" (North Frisian). */
static bool
texts_is(const char *value, const char *lang)
{
	char after = '\0';

	if (strncmp(value, lang, 2) != 0)
		return false;
	after = value[2];
	return after == '\0' || after == '_' || after == '.' || after == '@' ||
	       after == ':' || after == '-';
}

/* As gettext does: LANGUAGE, a list, counts unless the locale is plain C. */
static bool
texts_wants_french(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	const char *locale = NULL, *list = getenv("LANGUAGE");

	for (size_t i = 0; i < 3 && locale == NULL; i++) {
		locale = getenv(names[i]);
		if (locale != NULL && locale[0] == '\0')
			locale = NULL;
	}
	if (locale == NULL || strcmp(locale, "C") == 0 ||
	    strcmp(locale, "POSIX") == 0)
		return false;
	while (list != NULL && list[0] != '\0') {
		if (texts_is(list, "fr"))
			return true;
		if (texts_is(list, "en"))
			return false;
		list = strchr(list, ':');
		list = list == NULL ? NULL : list + 1;
	}
	return texts_is(locale, "fr");
}

/* Puts `below`, relative to the program's own folder, into folder. */
static bool
texts_find(const char *below, char folder[PATH_MAX])
{
	char program[PATH_MAX], file[PATH_MAX + 32];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	char *slash;

	if (len <= 0)
		return false;
	program[len] = '\0';
	slash = strrchr(program, '/');
	if (slash == NULL)
		return false;
	slash[1] = '\0';
	if (snprintf(folder, PATH_MAX, "%s%s", program, below) >= PATH_MAX)
		return false;
	(void)snprintf(
	    file, sizeof(file), "%s/fr/LC_MESSAGES/carnet.mo", folder);
	return access(file, R_OK) == 0;
}

const char *
carnet_texts_folder(void)
{
	/* of cli/ and of formats/write/ in a build tree; of bin/ and libexec/
	 */
	static const char *const places[] = { "../po", "../../po",
		"../share/locale" };
	static char folder[PATH_MAX];

	for (size_t i = 0; i < 4; i++)
		if (texts_find(places[i], folder))
			return folder;
	return CARNET_LOCALEDIR;
}

const char *
carnet_texts_choose(const char *lang)
{
	bool french =
	    lang == NULL ? texts_wants_french() : strcmp(lang, "fr") == 0;

	/* gettext obeys LANGUAGE in any locale but "C" */
	if (setlocale(LC_ALL, "C.UTF-8") == NULL)
		(void)setlocale(LC_ALL, "");
	(void)setlocale(LC_NUMERIC, "C");
	lang = french ? "fr" : "en";
	(void)setenv("LANGUAGE", lang, 1);
	(void)bindtextdomain("carnet", carnet_texts_folder());
	(void)bind_textdomain_codeset("carnet", "UTF-8");
	(void)textdomain("carnet");
	return lang;
}

/* A system without French has none of these in French. */
static const struct {
	int number;
	const char *text;
} texts_errnos[] = {
	{ EACCES, CARNET_N_("Permission denied") },
	{ EBUSY, CARNET_N_("Device or resource busy") },
	{ EDQUOT, CARNET_N_("Disk quota exceeded") },
	{ EEXIST, CARNET_N_("File exists") },
	{ EFBIG, CARNET_N_("File too large") },
	{ EINVAL, CARNET_N_("Invalid argument") },
	{ EIO, CARNET_N_("Input/output error") },
	{ EISDIR, CARNET_N_("Is a directory") },
	{ ELOOP, CARNET_N_("Too many levels of symbolic links") },
	{ EMFILE, CARNET_N_("Too many open files") },
	{ ENAMETOOLONG, CARNET_N_("File name too long") },
	{ ENFILE, CARNET_N_("Too many open files in system") },
	{ ENODEV, CARNET_N_("No such device") },
	{ ENOENT, CARNET_N_("No such file or directory") },
	{ ENOMEM, CARNET_N_("Cannot allocate memory") },
	{ ENOSPC, CARNET_N_("No space left on device") },
	{ ENOSYS, CARNET_N_("Function not implemented") },
	{ ENOTCONN, CARNET_N_("Transport endpoint is not connected") },
	{ ENOTDIR, CARNET_N_("Not a directory") },
	{ ENOTEMPTY, CARNET_N_("Directory not empty") },
	{ ENOTTY, CARNET_N_("Inappropriate ioctl for device") },
	{ ENXIO, CARNET_N_("No such device or address") },
	{ EOPNOTSUPP, CARNET_N_("Operation not supported") },
	{ EPERM, CARNET_N_("Operation not permitted") },
	{ EPIPE, CARNET_N_("Broken pipe") },
	{ EROFS, CARNET_N_("Read-only file system") },
	{ ESTALE, CARNET_N_("Stale file handle") },
	{ ETIMEDOUT, CARNET_N_("Connection timed out") },
	{ ETXTBSY, CARNET_N_("Text file busy") },
	{ EXDEV, CARNET_N_("Invalid cross-device link") },
};

const char *
carnet_texts_errno(int errno_value)
{
	size_t len = sizeof(texts_errnos) / sizeof(texts_errnos[0]);

	for (size_t i = 0; i < len; i++)
		if (texts_errnos[i].number == errno_value)
			return CARNET_(texts_errnos[i].text);
	return strerror(errno_value);
}
