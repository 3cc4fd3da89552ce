/* SPDX-License-Identifier: ISC */
/*
 * The inside of an open backup destination, for vault/backup/ alone.
 * Files and their bytes: docs/format.md.
 */
#ifndef BACKUP_H
#define BACKUP_H
#include "carnet_backup.h"
#include "files.h"
#include "header.h"
#include "snapshot.h"

#define BACKUP_MARKER "carnet.backup"
#define BACKUP_LOCK "lock"
#define BACKUP_HEADER_TEXT 96  /* "headers/<20 digits>-<64 hex>" */
#define BACKUP_SEGMENT_TEXT 80 /* "ledger/<64 hex>" */

enum backup_kind {
	BACKUP_EMPTY,    /* nothing, or what an empty disk has */
	BACKUP_THERE,    /* a marker, whole */
	BACKUP_UNMARKED, /* a backup whose marker is damaged or missing */
	BACKUP_STRANGER  /* something else */
};

struct carnet_backup {
	int fd;
	bool has_id; /* the marker is whole */
	uint8_t vault_id[VAULT_ID_LEN];
	struct secret *master;
	struct keys *keys;
	struct header *header; /* that the secret opened */
	uint8_t header_hash[HASH_LEN];
	bool by_words;
};

/* --- destination.c ---------------------------------------------------------
 */
/* What this folder is; *ret_id: of BACKUP_THERE. */
enum carnet_status destination_look(int fd, enum backup_kind *ret_kind,
    uint8_t ret_id[VAULT_ID_LEN], struct carnet_error *err);
enum carnet_status destination_mark(
    int fd, const uint8_t vault_id[VAULT_ID_LEN], struct carnet_error *err);
/* The lock of those who write there; *ret_fd -1: no locks on this disk. */
enum carnet_status destination_lock(int fd, const struct carnet_waiter *waiter,
    int *ret_fd, struct carnet_error *err);
void destination_segment_path(
    const uint8_t hash[HASH_LEN], char path[BACKUP_SEGMENT_TEXT]);
/* {kind, id, detail} into an array, once for each kind and id. */
void destination_problem(
    cJSON *problems, const char *kind, const char *id, const char *detail);

/* --- destination_headers.c -------------------------------------------------
 */
void destination_header_path(uint64_t sequence, const uint8_t hash[HASH_LEN],
    char path[BACKUP_HEADER_TEXT]);
/* One header copy, its hash compared with its name; CARNET_NOT_FOUND. */
enum carnet_status destination_load_header(int fd, const char *name,
    uint8_t **ret_bytes, size_t *ret_len, struct header **ret_header,
    struct carnet_error *err);
/* Header copies that this key didn't make, or that are hurt. */
enum carnet_status destination_count_strangers(int fd, const struct header *own,
    const struct secret *master, size_t *ret_count, struct carnet_error *err);

/* --- destination_unlock.c --------------------------------------------------
 */
/*
 * Finds a header copy that the secret opens, whatever else lies beside it;
 * sets header, its hash, vault_id and master.  Argon2id is paid once for all
 * copies with one salt and cost, the cheaper ones first; with the master key
 * or words, never.  CARNET_WRONG_KEY, CARNET_DAMAGED, CARNET_NEWER.
 */
enum carnet_status destination_unlock(struct carnet_backup *backup,
    const struct carnet_unlock *unlock, struct carnet_error *err);

/* --- destination_manifests.c -----------------------------------------------
 */
/* One manifest. */
enum carnet_status destination_load_snapshot(int fd, const char *id,
    const uint8_t vault_id[VAULT_ID_LEN], const struct keys *keys,
    struct snapshot *ret_snapshot, struct carnet_error *err);
/* Calls visit for each manifest, in the order of their ids; one that doesn't
 * open goes to problem instead.  The snapshot is cleared after the call, the
 * visitor may take its lists (and set them NULL). */
struct destination_visit {
	enum carnet_status (*visit)(
	    void *context, struct snapshot *snapshot, struct carnet_error *err);
	void (*problem)(void *context, const char *id, const char *detail);
	void *context;
};
enum carnet_status destination_snapshots(int fd,
    const uint8_t vault_id[VAULT_ID_LEN], const struct keys *keys,
    const struct destination_visit *visit, struct carnet_error *err);

/* --- reading.c -------------------------------------------------------------
 */
/* Snapshots, one after the other, as if each were restored. */
struct reading;
struct reading *reading_open(
    struct carnet_backup *backup); /* NULL: no memory */
/*
 * Takes the snapshot over; replays its ledger in memory with its packs: every
 * chunk of every document must be there.  *ret_documents: how many documents
 * there are.  Quick where it goes on from the one before, and that was whole.
 */
enum carnet_status reading_check(struct reading *reading,
    struct snapshot *snapshot, cJSON *problems, uint64_t *ret_documents,
    struct carnet_error *err);
void reading_close(struct reading *reading);
#endif
