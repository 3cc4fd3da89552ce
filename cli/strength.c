/* SPDX-License-Identifier: ISC */
/*
 * zxcvbn's estimate, made in a process of its own: the library leaves copies
 * of what it is given in its heap, which ends with that process.  Judges
 * nothing.  The contract is in strength.h.
 */
#include "strength.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zxcvbn.h>

/* What is longer is judged by its beginning: zxcvbn takes its time. */
#define STRENGTH_LEN_MAX ((size_t)100)
#define STRENGTH_SECONDS 10
/* Argon2id lets sixteen large graphics cards try about as many a second. */
#define STRENGTH_GUESSES 10000.0

static _Noreturn void
strength_child(
    int out, const struct secret *passphrase, const char *const *words)
{
	char text[STRENGTH_LEN_MAX + 1];
	size_t len = secret_len(passphrase);
	double bits;
	ssize_t n;

	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	(void)alarm(STRENGTH_SECONDS);
	if (len > STRENGTH_LEN_MAX)
		len = STRENGTH_LEN_MAX;
	memcpy(text, secret_peek(passphrase), len);
	text[len] = '\0';
	bits = ZxcvbnMatch(text, (const char **)(uintptr_t)words, NULL);
	n = write(out, &bits, sizeof(bits));
	_exit(n == (ssize_t)sizeof(bits) ? EXIT_SUCCESS : EXIT_FAILURE);
}

double
strength_bits(const struct secret *passphrase, const char *const *words)
{
	double bits = -1.0;
	int ends[2], status = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1.0;
	pid = fork();
	if (pid == 0)
		strength_child(ends[1], passphrase, words);
	(void)close(ends[1]);
	if (pid < 0) {
		(void)close(ends[0]);
		return -1.0;
	}
	do
		n = read(ends[0], &bits, sizeof(bits));
	while (n < 0 && errno == EINTR);
	(void)close(ends[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return n == (ssize_t)sizeof(bits) && isfinite(bits) ? bits : -1.0;
}

const char *
strength_duration(double bits)
{
	static const struct {
		double seconds;
		const char *words;
	} rows[] = { { 60, CARNET_N_("less than a minute") },
		{ 3600, CARNET_N_("a few minutes") },
		{ 86400, CARNET_N_("a few hours") },
		{ 30 * 86400.0, CARNET_N_("a few days") },
		{ 365 * 86400.0, CARNET_N_("a few months") } };
	/* half of the guesses, on the average */
	double seconds = pow(2.0, bits - 1.0) / STRENGTH_GUESSES;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (seconds < rows[i].seconds)
			return rows[i].words;
	return CARNET_N_("a few years");
}
