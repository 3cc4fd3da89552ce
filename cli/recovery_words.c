/* SPDX-License-Identifier: ISC */
/*
 * Whether somebody wrote down the recovery words that the screen shows: three
 * are asked for.  Opens nothing, and refuses nothing: the slot is made.
 * The contract is in recovery_words.h.
 */
#include "recovery_words.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <utf8proc.h>

#define CONFIRM_WORDS 3
#define CONFIRM_ROUNDS 3
#define CONFIRM_LINE 256

/* One line; false at the end of the input. */
static bool
confirm_read(int tty, char line[CONFIRM_LINE])
{
	size_t len = 0;

	for (;;) {
		char byte;
		ssize_t n = read(tty, &byte, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		if (byte == '\n')
			break;
		if (len + 1 < CONFIRM_LINE)
			line[len++] = byte;
	}
	while (len > 0 && strchr(" \t\r", line[len - 1]) != NULL)
		len--;
	line[len] = '\0';
	return true;
}

/* Accents and capitals don't matter, as when they are used. */
static char *
confirm_fold(const char *text, size_t len)
{
	utf8proc_uint8_t *folded = NULL;

	if (utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len,
		&folded,
		UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
		    UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD) < 0) {
		free(folded);
		return NULL;
	}
	return (char *)folded;
}

static bool
confirm_same(const char *typed, const char *word, int size)
{
	size_t skip = strspn(typed, " \t");
	char *a = confirm_fold(typed + skip, strlen(typed + skip));
	char *b = confirm_fold(word, (size_t)size);
	bool same = a != NULL && b != NULL && strcmp(a, b) == 0;

	if (a != NULL)
		sodium_memzero(a, strlen(a));
	if (b != NULL)
		sodium_memzero(b, strlen(b));
	free(a);
	free(b);
	return same;
}

enum confirm_end { CONFIRM_RIGHT, CONFIRM_WRONG, CONFIRM_GONE };

/* Asks for three different words, in their order. */
static enum confirm_end
confirm_round(int tty, const struct shown_once *words)
{
	int count = words->len, left = CONFIRM_WORDS;
	enum confirm_end end = CONFIRM_RIGHT;
	char line[CONFIRM_LINE];

	for (int i = 0; i < count && left > 0 && end == CONFIRM_RIGHT; i++) {
		/* each choice of three is as likely as any other */
		if (randombytes_uniform((uint32_t)(count - i)) >=
		    (uint32_t)left)
			continue;
		left--;
		(void)dprintf(tty, _("Word number %d: "), i + 1);
		if (!confirm_read(tty, line))
			end = CONFIRM_GONE;
		else if (!confirm_same(line, words->text[i], words->size[i]))
			end = CONFIRM_WRONG;
		sodium_memzero(line, sizeof(line));
	}
	return end;
}

void
recovery_words_confirm(struct session *session, const struct shown_once *words)
{
	int tty = session->json || isatty(STDOUT_FILENO) == 0
		      ? -1
		      : open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	enum confirm_end end = CONFIRM_WRONG;

	if (tty < 0)
		return;
	(void)fflush(stdout);
	session_say(session,
	    _("To be sure that they are written down, type three of them."));
	for (int round = 0; round < CONFIRM_ROUNDS && end == CONFIRM_WRONG;
	     round++) {
		if (round > 0) {
			session_say(session,
			    _("That is another word.  Here they are again:"));
			shown_once_print(words, true);
			(void)fflush(stdout);
		}
		end = confirm_round(tty, words);
	}
	(void)close(tty);
	if (end == CONFIRM_RIGHT)
		session_say(session, _("These are the words."));
	else
		session_warn(session,
		    _("the words weren't confirmed; they open the vault all "
		      "the same.  For new ones: carnet key add recovery"));
}
