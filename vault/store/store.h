/* SPDX-License-Identifier: ISC */
/*
 * Bytes in, bytes out: content-defined chunks, named by keyed BLAKE2b,
 * squeezed, sealed, gathered in packs.  Knows no ledger and no SQL: where a
 * chunk lies is asked through store_places, and told through store_sealed.
 */
#ifndef STORE_H
#define STORE_H
#include "carnet_types.h"
#include "keys.h"
#include "seal.h"

#include <sys/stat.h>

#define PACK_ID_LEN 16
#define CHUNK_MAX ((size_t)4 << 20)

struct chunk_name {
	uint8_t bytes[HASH_LEN];
};
struct chunk_place {
	uint8_t pack[PACK_ID_LEN];
	uint64_t offset;    /* of the sealed chunk in the pack's file */
	uint32_t len;       /* sealed length in the file, bytes */
	uint32_t plain_len; /* of the chunk itself */
};
struct chunk_row { /* one line of a pack's list */
	struct chunk_name name;
	struct chunk_place place;
};

/* How the store asks where a chunk lies.  find: 1 known, 0 unknown, -1 error.
 * lacks: before a chunk is put, whether it is surely unknown; NULL: find is
 * asked. */
struct store_places {
	void *context;
	int (*find)(void *context, const struct chunk_name *name,
	    struct chunk_place *ret_place);
	bool (*lacks)(void *context, const struct chunk_name *name);
};

struct store;

/* vault_fd: the vault's (or a backup's) folder, holding packs/; kept open by
 * the caller.  keys and places outlive the store. */
enum carnet_status store_open(int vault_fd, const struct keys *keys,
    const struct store_places *places, struct store **ret_store,
    struct carnet_error *err);
void store_free(struct store *store); /* unflushed chunks are forgotten */
/* How many threads work for a put; 1 at first.  What comes of it is the same
 * for any number.  They live from a batch's first MiB to its flush; the
 * caller's thread alone asks store_places. */
void store_set_threads(struct store *store, unsigned threads);

/* A content: the chunks of a document, or of a list of its chunks. */
struct content {
	uint64_t size;  /* of the document, bytes */
	uint32_t depth; /* 0: names are its chunks; 1: names are chunks
			 * that hold a list of (name 32, u32 LE length) */
	struct chunk_name *names;
	size_t len;
};
void content_clear(struct content *content);

/*
 * Reads fd to its end, cuts, names, seals what isn't known yet.  Nothing is
 * durable before store_flush.  *ret_new_bytes: sealed bytes this added (0: a
 * duplicate); NULL: not wanted, and with threads the put returns sooner.
 * Memory is bounded whatever the size.  At depth 0 at most 64 names; larger
 * contents get depth 1.
 *
 * When fd can't be read, only this put has failed.  When packs can't be
 * written, everything since the last flush is lost and deleted; with threads
 * a later put may be the one to say so, and store_flush always does.
 */
enum carnet_status store_put_fd(struct store *store, int fd,
    struct content *ret_content, uint64_t *ret_new_bytes,
    struct carnet_error *err);
enum carnet_status store_put_bytes(struct store *store, const void *bytes,
    size_t len, struct content *ret_content, uint64_t *ret_new_bytes,
    struct carnet_error *err);

/*
 * fd, a regular file, will be put soon: other threads begin to read, cut and
 * name it now, as far as their memory goes.  before: its fstat.  It stays
 * open, and what was given is put in that order, until store_put_fd has taken
 * it or store_forget_ahead has forgotten it with all the others.  False: it
 * isn't done, and the put reads it itself.
 */
bool store_read_ahead(struct store *store, int fd, const struct stat *before);
/* Whether the next store_put_fd of this file takes what was read since then. */
bool store_is_ahead(const struct store *store, int fd, struct stat *ret_before);
void store_forget_ahead(struct store *store);

/*
 * Finishes the open packs: written, padded, fsynced, renamed, folder
 * fsynced.  Then *ret_rows (caller frees with free) are the places of every
 * chunk sealed since the last flush, for the index.  After a failure the
 * store holds nothing unflushed and what it had written is deleted.
 */
enum carnet_status store_flush(struct store *store, struct chunk_row **ret_rows,
    size_t *ret_len, struct carnet_error *err);

/* Called with each piece in order; false stops the reading. */
typedef bool store_sink(void *context, const uint8_t *bytes, size_t len);
/*
 * Reads a content piece by piece, each chunk's name verified again before
 * the sink sees it.  CARNET_DAMAGED: err names the pack.  CARNET_NOT_FOUND
 * never happens for what the ledger names: a chunk without a place is
 * CARNET_DAMAGED too.  CARNET_INTERRUPTED: the sink said stop.
 */
enum carnet_status store_get(struct store *store, const struct content *content,
    store_sink *sink, void *context, struct carnet_error *err);
/* All of it, for small contents (at most `limit` bytes, else CARNET_INVALID);
 * the caller frees *ret_bytes. */
enum carnet_status store_get_bytes(struct store *store,
    const struct content *content, size_t limit, uint8_t **ret_bytes,
    size_t *ret_len, struct carnet_error *err);
/* All chunk names of a content, the lists' own included (for purge, check,
 * backup); caller frees *ret_names. */
enum carnet_status store_content_names(struct store *store,
    const struct content *content, struct chunk_name **ret_names,
    size_t *ret_len, struct carnet_error *err);

/* Packs as files.  fd: an open pack.  Keyless: checks the final checksum and
 * that the file's name is its id, so it finds what chance did, not what
 * somebody did on purpose.  CARNET_DAMAGED says how. */
enum carnet_status pack_check_file(
    int fd, const uint8_t id[PACK_ID_LEN], struct carnet_error *err);
/* Its sealed list; CARNET_DAMAGED, CARNET_NEWER. */
enum carnet_status pack_read_list(int fd, const uint8_t id[PACK_ID_LEN],
    const struct keys *keys, struct chunk_row **ret_rows, size_t *ret_len,
    struct carnet_error *err);
/* Checksum, list, every seal: these are the bytes that were sealed, whoever
 * had the file since.  With names every chunk is expanded and its name
 * verified too.  Each byte is read once.  *ret_rows as of pack_read_list; NULL:
 * they aren't asked for.  CARNET_DAMAGED, CARNET_NEWER. */
enum carnet_status pack_check_all(int fd, const uint8_t id[PACK_ID_LEN],
    const struct keys *keys, bool names, struct chunk_row **ret_rows,
    size_t *ret_len, struct carnet_error *err);
/* Calls visit for each pack in packs/, sorted by name; a file that isn't a
 * pack (no 32 hex digits) is passed with is_pack false. */
typedef enum carnet_status pack_visit(void *context,
    const uint8_t id[PACK_ID_LEN], bool is_pack, const char *path,
    uint64_t size, struct carnet_error *err);
enum carnet_status pack_walk(
    int vault_fd, pack_visit *visit, void *context, struct carnet_error *err);
/* "packs/ab/<32 hex>" */
#define PACK_PATH_TEXT 42
void pack_path(const uint8_t id[PACK_ID_LEN], char text[PACK_PATH_TEXT]);
/* Deletes a pack's file and syncs its folder; missing is fine. */
enum carnet_status pack_delete(
    int vault_fd, const uint8_t id[PACK_ID_LEN], struct carnet_error *err);
/* Deletes many, and syncs each folder once; their folders are there. */
enum carnet_status packs_delete(int vault_fd, const uint8_t (*ids)[PACK_ID_LEN],
    size_t len, struct carnet_error *err);
/* Makes what was renamed or deleted in the folders of these packs durable. */
enum carnet_status packs_sync(int vault_fd, const uint8_t (*ids)[PACK_ID_LEN],
    size_t len, struct carnet_error *err);
/* Deletes a pack that was never finished, if path (of pack_walk) is one's. */
enum carnet_status pack_sweep(
    int vault_fd, const char *path, bool *ret_swept, struct carnet_error *err);

/*
 * Rewrites the packs that hold any of the doomed chunks: every other chunk
 * of them is sealed again into new packs, flushed; *ret_rows are the new
 * places, *ret_old the packs that may now be deleted (caller frees both).
 * Deletes nothing itself.
 */
enum carnet_status store_rewrite_without(struct store *store,
    const struct chunk_name *doomed, size_t doomed_len,
    struct chunk_row **ret_rows, size_t *ret_rows_len,
    uint8_t (**ret_old)[PACK_ID_LEN], size_t *ret_old_len,
    struct carnet_error *err);

/*
 * For whoever gathers packs: takes one chunk out of the pack it lies in, into
 * the batch, whatever store_places knows of it, verified; not again if it is
 * there.  fd: that pack, open.  CARNET_DAMAGED: it did not open, and the
 * batch is as it was.  store_has_unflushed: whether it is in the batch.
 */
enum carnet_status store_take_chunk(struct store *store, int fd,
    const struct chunk_row *row, struct carnet_error *err);
bool store_has_unflushed(
    const struct store *store, const struct chunk_name *name);
/* Whether a chunk opens where it lies. */
enum carnet_status store_try_chunk(struct store *store, int fd,
    const struct chunk_row *row, struct carnet_error *err);
/* Forgets what isn't flushed and deletes its files. */
void store_forget(struct store *store);
/* A pack whose `count` chunks reach from PACK_CHUNKS_BEGIN to `end`: the size
 * of its file, and whether a writer closes it there. */
#define PACK_CHUNKS_BEGIN ((uint64_t)30)
#define PACK_CHUNKS_MAX ((size_t)16384)
#define PACK_FULL ((uint64_t)16 << 20) /* from here on, if little is padded */
uint64_t pack_size_of(uint64_t end, size_t count);
bool pack_is_full(uint64_t end, size_t count);

/*
 * Puts every chunk of a hurt pack that still opens into the batch (a flush
 * makes it durable).  remembered: the pack's rows as the index has them, for
 * when its own list is hurt; may be empty.  Deletes nothing.
 */
enum carnet_status store_salvage_pack(struct store *store,
    const uint8_t id[PACK_ID_LEN], const struct chunk_row *remembered,
    size_t remembered_len, size_t *ret_saved, struct carnet_error *err);
#endif
