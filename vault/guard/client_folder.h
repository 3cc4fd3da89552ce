/* SPDX-License-Identifier: ISC */
/* What a client's configuration calls a folder.  Looks at no folder. */
#ifndef CLIENT_FOLDER_H
#define CLIENT_FOLDER_H
#include "client_places.h"

#include <limits.h>

/*
 * As an absolute path; false if it is none.  relative: what isn't absolute
 * lies in the home.  Another person's home isn't ours to expand.
 */
bool client_folder(const struct client_home *at, const char *value,
    bool relative, char folder[PATH_MAX]);

#endif
