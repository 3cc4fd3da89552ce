/* SPDX-License-Identifier: ISC */
/*
 * What a `forget` has condemned: a sealed list, written once, of snapshots
 * and files that may go when it is old enough.  All lists of a destination
 * together say since when.  Bytes: docs/format.md, "What is condemned".
 */
#ifndef CONDEMNED_H
#define CONDEMNED_H
#include "snapshot.h"

#define CONDEMNED_FOLDER "condemned"
#define CONDEMNED_ID_TEXT SNAPSHOT_ID_TEXT /* "x", 12 of base32, NUL */
#define CONDEMNED_NAME_LEN 40
#define CONDEMNED_PATH_TEXT 128

enum condemned_kind {
	CONDEMNED_PACK = 1,    /* its id (16) */
	CONDEMNED_SEGMENT = 2, /* its hash (32) */
	CONDEMNED_HEADER = 3   /* sequence (8) and hash (32) */
};
/* A file of a destination, by what its name says; the rest is zeros. */
struct condemned_file {
	uint8_t kind;
	uint8_t name[CONDEMNED_NAME_LEN];
};
/* And when it had been written: another time is another writing of it. */
struct condemned_entry {
	struct condemned_file file; /* first, for condemned_compare */
	int64_t written;            /* milliseconds, by the folder */
};
struct condemned_list {
	char id[CONDEMNED_ID_TEXT];
	int64_t made;                        /* milliseconds, UTC */
	char (*snapshots)[SNAPSHOT_ID_TEXT]; /* sorted */
	struct condemned_entry *files;       /* sorted */
	size_t snapshots_len, files_len;
};

/* Files in order, each once. */
struct condemned_set {
	struct condemned_file *rows;
	size_t len, room;
};

int condemned_compare(const void *left, const void *right);
void condemned_of_pack(
    const uint8_t id[PACK_ID_LEN], struct condemned_file *ret_file);
void condemned_of_segment(
    const uint8_t hash[HASH_LEN], struct condemned_file *ret_file);
void condemned_of_header(uint64_t sequence, const uint8_t hash[HASH_LEN],
    struct condemned_file *ret_file);
/* Which file has this name in headers/, ledger/ or packs/ab/; false: none
 * that carnet writes. */
bool condemned_of_name(enum condemned_kind kind, const char *name,
    struct condemned_file *ret_file);
/* Where it lies, from the destination's folder. */
void condemned_path(
    const struct condemned_file *file, char path[CONDEMNED_PATH_TEXT]);

bool condemned_set_has(
    const struct condemned_set *set, const struct condemned_file *file);
/* Adds all that a manifest names. */
enum carnet_status condemned_set_add(struct condemned_set *set,
    const struct snapshot *snapshot, struct carnet_error *err);
void condemned_set_clear(struct condemned_set *set);

void condemned_new_id(char id[CONDEMNED_ID_TEXT]);
bool condemned_is_id(const char *text);
void condemned_clear(struct condemned_list *list);
/* Sorts what must be sorted and seals.  Caller frees *ret_bytes. */
enum carnet_status condemned_encode(struct condemned_list *list,
    const uint8_t vault_id[16], const struct keys *keys, uint8_t **ret_bytes,
    size_t *ret_len, struct carnet_error *err);
/* id: the file's name.  CARNET_DAMAGED, CARNET_NEWER.  The caller clears
 * *ret_list. */
enum carnet_status condemned_decode(const uint8_t *bytes, size_t len,
    const char *id, const uint8_t vault_id[16], const struct keys *keys,
    struct condemned_list *ret_list, struct carnet_error *err);
#endif
