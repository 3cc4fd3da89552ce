/* SPDX-License-Identifier: ISC */
/*
 * The folders that sync clients' configuration under one home names, read
 * once and kept.  Judges nothing.
 */
#ifndef CLIENT_PLACES_H
#define CLIENT_PLACES_H
#include "guard.h"

#include <sys/types.h>

struct client_inode {
	dev_t dev;
	ino_t ino;
};
struct client_place {
	const cJSON *provider; /* of the list it was read by */
	char *folder;          /* absolute */
	char *file;            /* the configuration that names it */
	bool there;            /* seen when it was read: `inode` is its own */
	struct client_inode inode;
	bool spared;                /* left out of what the file names */
	bool follows_links;         /* the client follows what links lead to */
	struct client_inode *links; /* then: folders that links in it show */
	size_t links_len;
};
struct client_places {
	struct client_place *list;
	size_t len;
	bool cut; /* no memory for all of them */
};

/* One home whose configuration is read. */
struct client_home {
	const cJSON *list; /* providers.json */
	const char *home;  /* "": none */
	const char *config_home;
	bool own;             /* $HOME, not a folder on the way */
	guard_source *source; /* told of each file that is read; NULL: none */
	void *source_context;
};

/* Reads them all; the caller owns what is in *ret_places. */
void client_places_read(
    const struct client_home *home, struct client_places *ret_places);
void client_places_free(struct client_places *places);

#endif
