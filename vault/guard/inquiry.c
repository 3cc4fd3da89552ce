/* SPDX-License-Identifier: ISC */
/*
 * The worst finding wins; trust takes findings away.  Looks at nothing but
 * the trusted paths.  The contract is in inquiry.h.
 */
#include "inquiry.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

/* Copies an absolute path; "" for anything else. */
static void
inquiry_path(char path[PATH_MAX], const char *given)
{
	path[0] = '\0';
	if (given != NULL && given[0] == '/' && strlen(given) < PATH_MAX)
		(void)strcpy(path, given);
}

void
inquiry_settle(
    struct inquiry *inquiry, const struct guard_surroundings *surroundings)
{
	const char *home = surroundings != NULL ? surroundings->home : NULL;
	const char *config =
	    surroundings != NULL ? surroundings->config_home : NULL;

	inquiry_path(inquiry->home, home != NULL ? home : getenv("HOME"));
	inquiry->home_real[0] = '\0';
	if (inquiry->home[0] != '\0' &&
	    realpath(inquiry->home, inquiry->home_real) == NULL)
		inquiry->home_real[0] = '\0';
	inquiry_path(inquiry->config_home,
	    config != NULL ? config : getenv("XDG_CONFIG_HOME"));
}

void
inquiry_turn(struct inquiry *inquiry, const struct chain *chain,
    const struct guard_surroundings *surroundings)
{
	inquiry->chain = chain;
	inquiry->trusted = SIZE_MAX;
	/* a path that may be another folder's is no ground for trust */
	if (chain->lost || surroundings == NULL ||
	    surroundings->trusted == NULL)
		return;
	for (size_t i = 0; i < surroundings->trusted_len; i++) {
		const char *path = surroundings->trusted[i];
		size_t level =
		    path != NULL ? chain_find(chain, path) : SIZE_MAX;

		if (level < inquiry->trusted)
			inquiry->trusted = level;
	}
	if (inquiry->trusted != SIZE_MAX) {
		char path[PATH_MAX];

		chain_level_path(chain, inquiry->trusted, path);
		inquiry_note(inquiry, GUARD_OWN, "", SIZE_MAX,
		    CARNET_("trusted: %s"), path);
	}
}

/* One line of valid UTF-8: whatever else a path may hold becomes '?'. */
static void
inquiry_one_line(char *text)
{
	size_t len = strlen(text);
	size_t out = 0;

	for (size_t i = 0; i < len;) {
		utf8proc_int32_t code;
		utf8proc_ssize_t step =
		    utf8proc_iterate((const utf8proc_uint8_t *)text + i,
			(utf8proc_ssize_t)(len - i), &code);
		bool plain = step > 0 && code >= 0x20 && code != 0x7f &&
			     !(code >= 0x80 && code < 0xa0) && code != 0x2028 &&
			     code != 0x2029 &&
			     !(code >= 0x202a && code <= 0x202e) &&
			     !(code >= 0x2066 && code <= 0x2069);

		if (plain) {
			memmove(text + out, text + i, (size_t)step);
			out += (size_t)step;
		} else {
			text[out++] = '?';
		}
		i += step > 0 ? (size_t)step : 1;
	}
	text[out] = '\0';
}

/* Formats into evidence; too long: cut at a character, with "...". */
static void
inquiry_evidence(char evidence[sizeof(((struct guard_place *)0)->evidence)],
    const char *format, va_list args)
{
	const size_t size = sizeof(((struct guard_place *)0)->evidence);
	char line[3 * PATH_MAX];
	size_t len;

	(void)vsnprintf(line, sizeof(line), format, args);
	inquiry_one_line(line);
	len = strlen(line);
	if (len >= size) {
		len = size - 4;
		while (len > 0 && ((unsigned char)line[len] & 0xc0) == 0x80)
			len--;
		(void)strcpy(line + len, "...");
	}
	(void)strcpy(evidence, line);
}

void
inquiry_note(struct inquiry *inquiry, enum guard_verdict verdict,
    const char *provider, size_t level, const char *format, ...)
{
	struct guard_place *place = inquiry->place;
	va_list args;

	if (verdict > GUARD_OWN && inquiry->trusted <= level &&
	    inquiry->trusted != SIZE_MAX)
		return;
	if (verdict <= place->verdict && place->evidence[0] != '\0')
		return;
	place->verdict = verdict;
	(void)snprintf(
	    place->provider, sizeof(place->provider), "%s", provider);
	va_start(args, format);
	inquiry_evidence(place->evidence, format, args);
	va_end(args);
}
