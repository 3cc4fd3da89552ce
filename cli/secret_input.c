/* SPDX-License-Identifier: ISC */
/*
 * Secrets in: from a file, a descriptor, a command, or the terminal without
 * echo.  Never from the command line or the environment.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#include "keyfile.h"
#include "session.h"
#include "shares.h"

#define SECRET_MAX 4096
#ifndef EXFAT_SUPER_MAGIC
#define EXFAT_SUPER_MAGIC 0x2011BAB0
#endif

/* Reads one line (all of it for words) into locked memory. */
static enum carnet_status
secret_read_fd(
    int fd, bool whole, struct secret **ret_secret, struct carnet_error *err)
{
	struct secret *secret = secret_new(SECRET_MAX);
	size_t len = 0, end;
	uint8_t *bytes;

	if (secret == NULL)
		return carnet_fail_errno(err, ENOMEM, _("secret"));
	bytes = secret_bytes(secret);
	while (len < SECRET_MAX) {
		/* a terminal or descriptor may hold more than our line */
		ssize_t n = read(fd, bytes + len, whole ? SECRET_MAX - len : 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int saved = errno;

			secret_free(secret);
			return carnet_fail_errno(
			    err, saved, _("the secret cannot be read"));
		}
		if (n == 0)
			break;
		len += (size_t)n;
		if (!whole && bytes[len - 1] == '\n')
			break;
	}
	if (len == SECRET_MAX) {
		secret_free(secret);
		return carnet_fail(
		    err, CARNET_INVALID, _("the secret is too long"));
	}
	for (end = len;
	     end > 0 && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r');
	     end--)
		;
	if (end == 0) {
		secret_free(secret);
		return carnet_fail(
		    err, CARNET_INVALID, _("the secret is empty"));
	}
	secret_shorten(secret, end);
	*ret_secret = secret;
	return CARNET_OK;
}

static enum carnet_status
secret_file_check(int fd, const char *path, struct carnet_error *err)
{
	struct stat info;

	if (fstat(fd, &info) != 0)
		return carnet_fail_errno(err, errno, "%s", path);
	if (!S_ISREG(info.st_mode) || (info.st_mode & 077) == 0)
		return CARNET_OK;
	(void)carnet_fail(
	    err, CARNET_INVALID, _("%s: others can read this file"), path);
	carnet_hint(err, "chmod 600 %s", path);
	return CARNET_INVALID;
}

static enum carnet_status
secret_read_file(const char *path, bool whole, struct secret **ret_secret,
    struct carnet_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum carnet_status status;

	if (fd < 0)
		return carnet_fail_errno(err, errno, "%s", path);
	status = secret_file_check(fd, path, err);
	if (status == CARNET_OK)
		status = secret_read_fd(fd, whole, ret_secret, err);
	(void)close(fd);
	return status;
}

/* FAT and its kin, as on most sticks: every file has the mount's mode. */
static bool
secret_disk_has_modes(int fd)
{
	struct statfs disk;

	return fstatfs(fd, &disk) != 0 || (disk.f_type != MSDOS_SUPER_MAGIC &&
					      disk.f_type != EXFAT_SUPER_MAGIC);
}

enum carnet_status
key_file_check(struct session *session, int fd, const char *path)
{
	enum carnet_status status = secret_file_check(fd, path, &session->err);

	if (status != CARNET_INVALID || secret_disk_has_modes(fd))
		return status;
	session_warn(session,
	    _("%s: this disk keeps no file from others: whoever gets at it can "
	      "open the vault"),
	    path);
	return CARNET_OK;
}

/* --- the terminal ------------------------------------------------------------
 */

static struct termios secret_saved;
static volatile sig_atomic_t secret_tty = -1;

static void
secret_restore_and_die(int number)
{
	if (secret_tty >= 0)
		(void)tcsetattr(secret_tty, TCSANOW, &secret_saved);
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

/* tcsetattr succeeds when it could do any of what it was asked for: look. */
static bool
secret_hide(int tty, const struct termios *quiet)
{
	struct termios now;

	return tcsetattr(tty, TCSAFLUSH, quiet) == 0 &&
	       tcgetattr(tty, &now) == 0 && (now.c_lflag & ECHO) == 0;
}

static enum carnet_status
secret_ask(int tty, const char *prompt, struct secret **ret_secret,
    struct carnet_error *err)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction old[4], dying = { 0 };
	struct termios quiet;
	enum carnet_status status;

	if (tcgetattr(tty, &secret_saved) != 0)
		return carnet_fail_errno(err, errno, _("the terminal"));
	quiet = secret_saved;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	secret_tty = tty;
	dying.sa_handler = secret_restore_and_die;
	for (size_t i = 0; i < 4; i++)
		(void)sigaction(signals[i], &dying, &old[i]);
	if (secret_hide(tty, &quiet)) {
		(void)dprintf(tty, _("%s: "), prompt);
		status = secret_read_fd(tty, false, ret_secret, err);
		(void)dprintf(tty, "\n");
	} else {
		status = carnet_fail(err, CARNET_UNSUPPORTED,
		    _("this terminal would show what is typed: nothing is "
		      "asked"));
		carnet_hint(err, _("give it with --passphrase-file FILE, "
				   "--passphrase-fd N or "
				   "--passphrase-command CMD"));
	}
	(void)tcsetattr(tty, TCSAFLUSH, &secret_saved);
	secret_tty = -1;
	for (size_t i = 0; i < 4; i++)
		(void)sigaction(signals[i], &old[i], NULL);
	return status;
}

static enum carnet_status
secret_from_terminal(struct session *session, const char *prompt, bool confirm,
    struct secret **ret_secret, struct carnet_error *err)
{
	int tty = session->json ? -1 : open("/dev/tty", O_RDWR | O_CLOEXEC);
	struct secret *first = NULL, *second = NULL;
	enum carnet_status status;

	if (tty < 0) {
		carnet_fail(err, CARNET_INVALID,
		    _("a secret is needed, and there is no terminal to ask"));
		carnet_hint(err, _("give it with --passphrase-file FILE, "
				   "--passphrase-fd N or "
				   "--passphrase-command CMD"));
		return CARNET_INVALID;
	}
	status = secret_ask(tty, prompt, &first, err);
	if (status == CARNET_OK && confirm)
		status = secret_ask(tty, _("The same once more"), &second, err);
	if (status == CARNET_OK && confirm &&
	    (secret_len(first) != secret_len(second) ||
		memcmp(secret_peek(first), secret_peek(second),
		    secret_len(first)) != 0))
		status = carnet_fail(
		    err, CARNET_INVALID, _("the two are not the same"));
	(void)close(tty);
	secret_free(second);
	if (status != CARNET_OK) {
		secret_free(first);
		return status;
	}
	*ret_secret = first;
	return CARNET_OK;
}

/* --- the ways
 * ------------------------------------------------------------------- */

enum carnet_status
session_secret(struct session *session, const char *which, bool confirm,
    const char *prompt, struct secret **ret_secret)
{
	const struct options *options = session->options;
	bool is_new = strcmp(which, "new-passphrase") == 0;
	char name[64];
	const char *text;

	(void)snprintf(name, sizeof(name), "%s-file", which);
	text = option_text(options, name);
	if (text != NULL)
		return secret_read_file(text, false, ret_secret, &session->err);
	(void)snprintf(name, sizeof(name), "%s-fd", which);
	if (option_flag(options, name))
		return secret_read_fd((int)option_number(options, name, 0),
		    false, ret_secret, &session->err);
	(void)snprintf(name, sizeof(name), "%s-command", which);
	text = option_text(options, name);
	if (text != NULL)
		return launcher_secret(
		    session->launcher, text, ret_secret, &session->err);
	text = is_new ? NULL : getenv("CARNET_PASSPHRASE_FILE");
	if (text != NULL && text[0] != '\0')
		return secret_read_file(text, false, ret_secret, &session->err);
	text = is_new ? NULL : getenv("CARNET_PASSPHRASE_COMMAND");
	if (text != NULL && text[0] != '\0')
		return launcher_secret(
		    session->launcher, text, ret_secret, &session->err);
	return secret_from_terminal(
	    session, prompt, confirm, ret_secret, &session->err);
}

bool
session_secret_given(const struct session *session, const char *which)
{
	static const char *const ways[] = { "file", "fd", "command" };
	static const char *const variables[] = { "CARNET_PASSPHRASE_FILE",
		"CARNET_PASSPHRASE_COMMAND" };
	char name[64];

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s-%s", which, ways[i]);
		if (option_flag(session->options, name))
			return true;
	}
	if (strcmp(which, "new-passphrase") == 0)
		return false;
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i]);

		if (value != NULL && value[0] != '\0')
			return true;
	}
	return false;
}

bool
session_has_secret(const struct session *session)
{
	return session_secret_given(session, "passphrase");
}

/* Asks for shares, one by one, until there are enough; typed grows. */
static enum carnet_status
secret_more_shares(struct session *session, struct secret **typed)
{
	enum carnet_status status = CARNET_OK;
	unsigned lacking;

	while (status == CARNET_OK && (lacking = shares_lacking(*typed)) > 0) {
		struct secret *next = NULL, *joined;
		char prompt[128];

		(void)snprintf(
		    prompt, sizeof(prompt), _("Next share (%u more)"), lacking);
		status = secret_from_terminal(
		    session, prompt, false, &next, &session->err);
		if (status != CARNET_OK)
			return status;
		joined = secret_new(secret_len(*typed) + 1 + secret_len(next));
		if (joined == NULL) {
			secret_free(next);
			return carnet_fail_errno(
			    &session->err, ENOMEM, _("secret"));
		}
		memcpy(secret_bytes(joined), secret_peek(*typed),
		    secret_len(*typed));
		secret_bytes(joined)[secret_len(*typed)] = '\n';
		memcpy(secret_bytes(joined) + secret_len(*typed) + 1,
		    secret_peek(next), secret_len(next));
		secret_free(next);
		secret_free(*typed);
		*typed = joined;
	}
	return status;
}

enum carnet_status
session_words(struct session *session, struct secret **ret_words)
{
	const char *path = option_text(session->options, "words-file");
	struct secret *typed = NULL;
	enum carnet_status status;

	if (path != NULL)
		return secret_read_file(path, true, ret_words, &session->err);
	status = secret_from_terminal(session,
	    _("Recovery words, or the first share"), false, &typed,
	    &session->err);
	if (status == CARNET_OK)
		status = secret_more_shares(session, &typed);
	if (status != CARNET_OK) {
		secret_free(typed);
		return status;
	}
	*ret_words = typed;
	return CARNET_OK;
}

enum carnet_status
session_key_file(struct session *session, struct secret **ret_key)
{
	const char *path = option_text(session->options, "key-file");
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum carnet_status status;

	if (fd < 0)
		return carnet_fail_errno(&session->err, errno, "%s", path);
	status = key_file_check(session, fd, path);
	if (status == CARNET_OK)
		status = keyfile_read(fd, ret_key, &session->err);
	(void)close(fd);
	return status;
}
