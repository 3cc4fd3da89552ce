/* SPDX-License-Identifier: ISC */
/* Files that leave the vault: new ones only, whole or not at all. */
#ifndef OUTPUT_H
#define OUTPUT_H
#include "carnet_types.h"

/* Writes a new file (0600): temporary name beside it, fsync, rename that
 * replaces nothing.  CARNET_EXISTS. */
enum carnet_status output_file(
    const char *path, const void *bytes, size_t len, struct carnet_error *err);
/* The same in an opened folder. */
enum carnet_status output_file_at(int dir_fd, const char *name,
    const void *bytes, size_t len, struct carnet_error *err);
/* Makes a folder that isn't there yet (or takes an empty one) and opens it.
 * CARNET_EXISTS when it holds something. */
enum carnet_status output_folder(
    const char *path, int *ret_fd, struct carnet_error *err);
/* Makes the folder if it isn't there and opens it, whatever it holds. */
enum carnet_status output_open_folder(
    const char *path, int *ret_fd, struct carnet_error *err);

/* Makes the folders of `missing` beneath an opened one (none may be there
 * yet, and no link is followed) and opens the last; "": takes dir_fd's own
 * folder if it is empty.  CARNET_EXISTS. */
enum carnet_status output_folder_at(
    int dir_fd, const char *missing, int *ret_fd, struct carnet_error *err);
/* Opens the folder that a new file goes into; name: the path's last part.
 * CARNET_INVALID: the path ends in a slash, or the name is too long. */
enum carnet_status output_open_parent(const char *path, char *name, size_t size,
    int *ret_fd, struct carnet_error *err);
/* Syncs the folder and closes it. */
void output_close_folder(int dir_fd);

/* A file written piece by piece in a folder. */
struct output;
enum carnet_status output_begin(int dir_fd, const char *name,
    struct output **ret_output, struct carnet_error *err);
/* False after a failure; output_end says which. */
bool output_more(struct output *output, const uint8_t *bytes, size_t len);
/* All of it is on the disk, under no name yet; or the failure so far. */
enum carnet_status output_settle(
    struct output *output, struct carnet_error *err);
/* Syncs and names it; frees the output. */
enum carnet_status output_end(struct output *output, struct carnet_error *err);
/* The same, for one of many: whoever calls it syncs the file system once at
 * the end (syncfs), before it reports any. */
enum carnet_status output_end_unsynced(
    struct output *output, struct carnet_error *err);
void output_abandon(struct output *output); /* NULL is fine */
/* A name that is safe in any folder: no slash, no control character, no
 * leading dot; at most 120 bytes, cut between characters. */
void output_safe_name(const char *wanted, char name[128]);
#endif
