/* SPDX-License-Identifier: ISC */
/*
 * One question to the guard: what is asked, in which surroundings, and the
 * worst that was found so far.  Collects, doesn't look.
 */
#ifndef INQUIRY_H
#define INQUIRY_H
#include "guard.h"

#include "chain.h"

struct levels;

struct inquiry {
	const cJSON *list;          /* providers.json */
	char home[PATH_MAX];        /* absolute, or "" */
	char home_real[PATH_MAX];   /* the same, links resolved, or "" */
	char config_home[PATH_MAX]; /* absolute, or "" */
	const struct chain *chain;  /* the name that is looked at now */
	struct levels *levels;      /* what was seen in folders already */
	size_t trusted; /* its nearest trusted level; SIZE_MAX: none */
	struct guard_place *place;
	guard_source *source; /* told of each file that is read; NULL: none */
	void *source_context;
};

/* Home and configuration folder: as given, else the process's. */
void inquiry_settle(
    struct inquiry *inquiry, const struct guard_surroundings *surroundings);
/* Looks at this chain from now on. */
void inquiry_turn(struct inquiry *inquiry, const struct chain *chain,
    const struct guard_surroundings *surroundings);
/*
 * Keeps the worst.  `level` is where it was seen: what a trusted folder
 * itself stands in is covered by that trust; a second cloud's folder further
 * down is not.
 */
void inquiry_note(struct inquiry *inquiry, enum guard_verdict verdict,
    const char *provider, size_t level, const char *format, ...)
    CARNET_PRINTF(5, 6);

#endif
