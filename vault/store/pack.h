/* SPDX-License-Identifier: ISC */
/*
 * One pack's file: its bytes, its writer, its reader.  Knows no chunker and
 * no index, and keeps no list of packs.  Every byte:
 * docs/format.md, "Packs".
 */
#ifndef PACK_H
#define PACK_H
#include "squeeze.h"
#include "store.h"

#define PACK_VERSION 2 /* what is written; 1 is read too */
#define PACK_EPOCH 0   /* the key epoch; key rotation would raise it */
#define PACK_HEADER_LEN ((size_t)PACK_CHUNKS_BEGIN)
#define PACK_ROW_LEN ((size_t)48)
#define PACK_LIST_HEAD_LEN ((size_t)4)
#define PACK_TRAILER_LEN ((size_t)20 + SEAL_OVERHEAD)
#define PACK_SUM_LEN HASH_LEN
#define PACK_END_LEN (PACK_TRAILER_LEN + PACK_SUM_LEN)
#define PACK_SIZE_MIN ((uint64_t)256 << 10)
#define PACK_SIZE_MAX ((uint64_t)64 << 20) /* what a reader accepts */
#define PACK_AD_LEN (PACK_HEADER_LEN + 9)
#define PACK_ID_TEXT (2 * PACK_ID_LEN + 1)

enum pack_part { PACK_CHUNK = 1, PACK_LIST = 2, PACK_TRAILER = 3 };

/* Bytes. */
void pack_put_le(uint8_t *bytes, uint64_t value, size_t len);
uint64_t pack_get_le(const uint8_t *bytes, size_t len);
/* What seals are bound to.  A file begins with the same, but for its version:
 * that of the checksum, which no seal depends on. */
void pack_header(const uint8_t id[PACK_ID_LEN], uint8_t ret[PACK_HEADER_LEN]);
/* Additional data: that, the part, its offset. */
void pack_ad(const uint8_t header[PACK_HEADER_LEN], enum pack_part part,
    uint64_t offset, uint8_t ret_ad[PACK_AD_LEN]);
/* The size of a file that holds `len` bytes: a power of two from 256 KiB,
 * above 16 MiB by Padme. */
uint64_t pack_padded(uint64_t len);
/* Bytes of header, chunks up to `end`, list of `count` rows, trailer,
 * checksum. */
uint64_t pack_unpadded(uint64_t end, size_t count);

/* The checksum of all bytes before it (pack_sum.c): of version 1 BLAKE2b-256,
 * of all later ones XXH3-128, as xxhsum prints it, and 16 zero bytes. */
struct pack_sum;
struct pack_sum *pack_sum_begin(uint64_t version); /* NULL: no memory */
void pack_sum_more(struct pack_sum *sum, const uint8_t *bytes, size_t len);
void pack_sum_end(
    struct pack_sum *sum, uint8_t ret_sum[PACK_SUM_LEN]); /* frees */
void pack_sum_abandon(struct pack_sum *sum);

/* Folders and names (pack_folder.c).  "packs/ab/.tmp-<32 hex>" */
#define PACK_TEMP_TEXT (PACK_PATH_TEXT + 5)
void pack_temp_path(const uint8_t id[PACK_ID_LEN], char text[PACK_TEMP_TEXT]);
/* packs/ab, made if it isn't there; the caller closes *ret_fd. */
enum carnet_status pack_open_folder(int vault_fd, const uint8_t id[PACK_ID_LEN],
    bool make, int *ret_fd, struct carnet_error *err);
/* fsync of a folder; a file system that has none for folders is fine. */
enum carnet_status pack_sync_folder(int fd, struct carnet_error *err);
/* Gives finished packs their names, then syncs every folder on the way.
 * After a failure none of them is there, under either name. */
enum carnet_status pack_publish(int vault_fd, uint8_t (*ids)[PACK_ID_LEN],
    size_t len, struct carnet_error *err);
/* Deletes an unpublished pack's file. */
void pack_discard(int vault_fd, const uint8_t id[PACK_ID_LEN]);

/* Writing (pack.c): under the temporary name until pack_publish. */
struct pack_writer;
enum carnet_status pack_create(int vault_fd, const uint8_t id[PACK_ID_LEN],
    const struct keys *keys, struct pack_writer **ret_writer,
    struct carnet_error *err);
/* Seals one box at the pack's present end. */
enum carnet_status pack_append(struct pack_writer *writer,
    const struct box *box, struct carnet_error *err);
/* Writes what is still gathered, so that it can be read. */
enum carnet_status pack_settle(
    struct pack_writer *writer, struct carnet_error *err);
/* List, padding, trailer, checksum, fsync.  After a failure pack_abandon is all
 * that may be done. */
enum carnet_status pack_finish(
    struct pack_writer *writer, struct carnet_error *err);
void pack_writer_free(struct pack_writer *writer); /* leaves the file */
/* Deletes the file and frees the writer; NULL is fine. */
void pack_abandon(int vault_fd, struct pack_writer *writer);

/* Reading (pack_read.c). */
struct pack_opener; /* two buffers and an expander; one thread's */
struct pack_opener *pack_opener_new(const struct keys *keys);
void pack_opener_free(struct pack_opener *opener);
/* What it reads of chunks goes there too; NULL: no more. */
void pack_opener_sum(struct pack_opener *opener, struct pack_sum *sum);
/* The bytes from `at` to `end` of a file. */
enum carnet_status pack_sum_range(int fd, const uint8_t id[PACK_ID_LEN],
    struct pack_sum *sum, uint64_t at, uint64_t end, struct carnet_error *err);
/* Exactly len bytes; a file that ends before is damaged. */
enum carnet_status pack_read_at(int fd, const uint8_t id[PACK_ID_LEN],
    uint64_t offset, uint8_t *bytes, size_t len, struct carnet_error *err);
enum carnet_status pack_file_size(int fd, const uint8_t id[PACK_ID_LEN],
    uint64_t *ret_size, struct carnet_error *err);
/* CARNET_DAMAGED, CARNET_NEWER; fills what seals are bound to. */
enum carnet_status pack_read_header(int fd, const uint8_t id[PACK_ID_LEN],
    uint8_t ret_header[PACK_HEADER_LEN], struct carnet_error *err);
/* The list as it is sealed, whatever became of the file's own header: seals are
 * bound to what it was. */
enum carnet_status pack_salvage_list(int fd, const uint8_t id[PACK_ID_LEN],
    const struct keys *keys, struct chunk_row **ret_rows, size_t *ret_len,
    struct carnet_error *err);
/* Whether the chunk at this place would open: its seal alone. */
enum carnet_status pack_verify_chunk(struct pack_opener *opener, int fd,
    const uint8_t header[PACK_HEADER_LEN], const struct chunk_row *row,
    struct carnet_error *err);
/* Opens it, expands it, verifies its name.  *ret_plain
 * (place->plain_len bytes) is the opener's, until its next use. */
enum carnet_status pack_read_chunk(struct pack_opener *opener, int fd,
    const uint8_t header[PACK_HEADER_LEN], const struct chunk_row *row,
    const uint8_t **ret_plain, struct carnet_error *err);
/* CARNET_DAMAGED, "pack packs/ab/...: <what>". */
enum carnet_status pack_damaged(
    const uint8_t id[PACK_ID_LEN], const char *what, struct carnet_error *err);
#endif
