/* SPDX-License-Identifier: ISC */
/*
 * What was seen in each folder on the way up, so that a run over many
 * folders looks into one above them once.  Judges nothing.
 */
#ifndef LEVELS_H
#define LEVELS_H
#include "client_places.h"
#include "inquiry.h"

struct level_mark {
	const cJSON *provider;
	char *name;     /* of the entry, or of the attribute */
	bool attribute; /* weak */
};
struct level_marks {
	struct level_mark *list;
	size_t len;
	bool cut; /* no memory for all of them */
};
struct level {
	dev_t dev;
	ino_t ino;
	char *path;
	bool has_clients, has_marks;
	struct client_places clients;
	struct level_marks marks;
};
/* One folder a depth, the last one seen: a walk in depth finds all above it
 * here, and memory stays small. */
struct levels {
	bool has_own;
	struct client_places own;        /* under $HOME */
	struct client_places none;       /* when there is no memory */
	struct level *depths[CHAIN_MAX]; /* 0: the root */
};

/* What is kept of a level of the inquiry's chain, made new if another
 * folder was kept there; NULL: no memory. */
struct level *levels_at(
    struct inquiry *inquiry, size_t level, const char *path);
/* The configurations under the home; under a folder on the way. */
const struct client_places *levels_own_clients(struct inquiry *inquiry);
const struct client_places *levels_clients(
    struct inquiry *inquiry, size_t level, const char *path);
/* Adds a mark; `name` is copied. */
void levels_add_mark(struct level_marks *marks, const cJSON *provider,
    const char *name, bool attribute);
void levels_free(struct levels *levels);

#endif
