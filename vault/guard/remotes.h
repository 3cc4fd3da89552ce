/* SPDX-License-Identifier: ISC */
/*
 * What a mount's own configuration calls that which is mounted: for rclone,
 * which of a person's remotes it is, and of what kind.  Judges nothing.
 */
#ifndef REMOTES_H
#define REMOTES_H
#include "inquiry.h"

#define REMOTES_TEXT 64

/* "gdrive:sante" is the remote "gdrive" of kind "drive", says `file`. */
struct remote {
	char name[REMOTES_TEXT], kind[REMOTES_TEXT], file[PATH_MAX];
};

/* False: the provider has none, or no configuration that can be read names
 * this one (it may be encrypted, or given on a command line). */
bool remotes_find(const struct inquiry *inquiry, const cJSON *provider,
    const char *source, struct remote *ret_remote);

#endif
