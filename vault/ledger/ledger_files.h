/* SPDX-License-Identifier: ISC */
/* The ledger's files, for ledger*.c alone. */
#ifndef LEDGER_FILES_H
#define LEDGER_FILES_H
#include "ledger.h"
#include "segment.h"

/* 4 MiB, the last batch behind it, and room to spare. */
#define SEGMENT_MAX_FILE ((uint64_t)64 << 20)

struct ledger {
	int vault_fd; /* borrowed */
	uint8_t vault_id[16];
	const struct keys *keys; /* borrowed */
};

void ledger_path(const uint8_t device[DEVICE_ID_LEN], uint64_t segment,
    uint32_t revision, char path[LEDGER_PATH_TEXT]);
/* The files that ledger_list leaves out: older revisions.  The caller frees
 * *ret_files. */
enum carnet_status ledger_list_older(int vault_fd,
    struct ledger_file **ret_files, size_t *ret_len, struct carnet_error *err);
/* The whole file; the caller frees *ret_bytes. */
enum carnet_status ledger_file_load(int vault_fd, const char *path,
    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err);
enum carnet_status ledger_file_write_at(int fd, const char *path,
    const uint8_t *bytes, size_t len, uint64_t position,
    struct carnet_error *err);
/* The segment of a file, as it is sealed. */
void ledger_file_name(const struct ledger *ledger,
    const struct ledger_file *file, struct segment_name *ret_name);
const struct ledger_cursor *ledger_cursor_find(
    const struct ledger_cursor *cursors, size_t len,
    const uint8_t device[DEVICE_ID_LEN]);
/* The position in a segment before which nothing can be torn: what `known`
 * (NULL: nothing) says of it. */
uint64_t ledger_known_end(
    const struct ledger_cursor *known, const struct ledger_file *file);
/* A whole segment: temporary name, synced, renamed.  A crash leaves no
 * segment or a whole one. */
enum carnet_status ledger_new_segment(struct ledger *ledger,
    const struct segment_name *name, const uint8_t *bytes, size_t len,
    struct carnet_error *err);
/* Cuts off what lies behind the cursor in its segment. */
enum carnet_status ledger_cut_tail(struct ledger *ledger,
    const struct ledger_cursor *cursor, struct carnet_error *err);
enum carnet_status ledger_sync_folder(
    int vault_fd, const char *path, struct carnet_error *err);
#endif
