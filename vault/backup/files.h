/* SPDX-License-Identifier: ISC */
/*
 * Files that are written once: under a temporary name, synced, renamed; the
 * caller syncs their folders.  Knows no manifest.  docs/format.md, "Backup".
 */
#ifndef FILES_H
#define FILES_H
#include "store.h"

/* "ledger/<64 hex>", "ledger/<device>/<n>.<revision>", "headers/<n>-<hex>",
 * "packs/ab/<32 hex>" */
#define FILES_PATH_TEXT 128
/* What is behind a temporary file's name; ours alone. */
#define FILES_TEMPORARY ".carnet-new"

/* Makes a folder if it isn't there. */
enum carnet_status files_make_folder(
    int dir_fd, const char *path, struct carnet_error *err);
enum carnet_status files_sync_folder(
    int dir_fd, const char *path, struct carnet_error *err);
/* Size of a regular file; false: none there, or something else. */
bool files_size(int dir_fd, const char *path, uint64_t *ret_size);
/* The whole file, at most `limit` bytes; caller frees *ret_bytes.
 * CARNET_NOT_FOUND; CARNET_DAMAGED: too large or no regular file. */
enum carnet_status files_load(int dir_fd, const char *path, uint64_t limit,
    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err);
/* The same, its bytes in order, a piece at a time.  *ret_size: how many. */
typedef void files_take(void *context, const uint8_t *bytes, size_t len);
enum carnet_status files_stream(int dir_fd, const char *path, uint64_t limit,
    files_take *take, void *context, uint64_t *ret_size,
    struct carnet_error *err);
/* Whether path holds exactly these bytes. */
bool files_holds(
    int dir_fd, const char *path, const uint8_t *bytes, size_t len);
/* Writes bytes to path; what is there is replaced. */
enum carnet_status files_write(int dir_fd, const char *path, const void *bytes,
    size_t len, struct carnet_error *err);
/* The last HASH_LEN bytes of a pack, and its size. */
enum carnet_status files_pack_mark(int dir_fd, const char *path,
    uint64_t *ret_size, uint8_t ret_hash[HASH_LEN], struct carnet_error *err);

struct files_copy {
	int from, to; /* folders that hold packs/ */
	uint8_t id[PACK_ID_LEN];
	uint64_t size; /* what it must be; and what it turned out to be */
	uint8_t hash[HASH_LEN];
	const struct keys
	    *keys;          /* its seals are verified too; NULL: they aren't */
	bool keep_damaged;  /* the copy stays although it is damaged */
	bool is_read_error; /* set: the source could not be read */
};
/*
 * Copies a pack, at most `size` bytes of it, its checksum (and with keys its
 * seals) verified on the copy before it gets its name.  CARNET_DAMAGED: the
 * source is, or is longer; CARNET_NEWER: its seals are of a version that isn't
 * known here; CARNET_NOT_FOUND: there is none; with is_read_error the source
 * is to blame for any other status.
 */
enum carnet_status files_copy_pack(
    struct files_copy *copy, struct carnet_error *err);
/* What came of one of them, in their order; what fails ends the copying. */
typedef enum carnet_status files_copied(void *context,
    const struct files_copy *copy, enum carnet_status status,
    const struct carnet_error *why, struct carnet_error *err);
/* Copies packs, several at once, each into its folder, made if it isn't
 * there; the caller syncs those. */
enum carnet_status files_copy_packs(struct files_copy *copies, size_t len,
    files_copied *copied, void *context, struct carnet_error *err);
/* Syncs those folders below packs/, by the first byte of the names of their
 * packs, then packs/. */
enum carnet_status files_sync_packs(
    int dir_fd, const bool touched[256], struct carnet_error *err);
/* Removes the temporary files of dead runs from a folder, and from packs/
 * below it.  The caller holds the lock. */
void files_sweep(int dir_fd, const char *path);

/* Whether `fd` is `other` or lies somewhere inside it. */
bool files_is_inside(int fd, int other);
/* Calls visit for each name in a folder, but those with a leading dot,
 * sorted.  No such folder: no name. */
typedef enum carnet_status files_visit(
    void *context, const char *name, struct carnet_error *err);
enum carnet_status files_each(int dir_fd, const char *path, files_visit *visit,
    void *context, struct carnet_error *err);
#endif
