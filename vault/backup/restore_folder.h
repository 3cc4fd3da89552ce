/* SPDX-License-Identifier: ISC */
/*
 * The folder that a vault is restored into: absent or empty, or what a
 * restore that was cut off has left.  Nothing else is ever touched.
 */
#ifndef RESTORE_FOLDER_H
#define RESTORE_FOLDER_H
#include "carnet_types.h"

/* In the folder until the header is there: an unfinished restore. */
#define RESTORE_MARKER "restoring"

struct restore_folder {
	int fd;
	int marker_fd; /* locked while we write */
};
#define RESTORE_FOLDER_NONE                                                    \
	{                                                                      \
		-1, -1                                                         \
	}

/*
 * Makes and opens the folder, clears leftovers, makes packs/ and ledger/.
 * CARNET_EXISTS; CARNET_LOCKED; CARNET_INVALID: inside the backup.
 */
enum carnet_status restore_folder_begin(const char *path, const int *judged,
    int backup_fd, struct restore_folder *folder, struct carnet_error *err);
/* Takes the marker away: the vault is whole. */
enum carnet_status restore_folder_end(
    struct restore_folder *folder, struct carnet_error *err);
void restore_folder_close(struct restore_folder *folder);
#endif
