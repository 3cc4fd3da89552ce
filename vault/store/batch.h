/* SPDX-License-Identifier: ISC */
/*
 * What came in since the last flush: the table of its chunks, the packs it
 * goes into, and the threads that squeeze and write it.  Knows no content
 * and no index.  In which order things reach the disk: docs/format.md,
 * "Files of packs".
 */
#ifndef BATCH_H
#define BATCH_H
#include "squeeze.h"
#include "store.h"

struct batch;
/* Both outlive the batch.  NULL: no memory. */
struct batch *batch_new(int vault_fd, const struct keys *keys);
void batch_free(struct batch *batch); /* deletes what isn't flushed */
/* As store_set_threads; from the next flush on. */
void batch_set_threads(struct batch *batch, unsigned threads);

bool batch_is_empty(const struct batch *batch);
/* Whether the chunk is among the unflushed. */
bool batch_has(const struct batch *batch, const struct chunk_name *name);

/* An empty box: waits until there is one. */
enum carnet_status batch_spare_box(
    struct batch *batch, struct box **ret_box, struct carnet_error *err);
void batch_return_box(struct batch *batch, struct box *box); /* NULL is fine */
/*
 * A named box, which isn't known yet, goes into the open pack.  The batch
 * takes *box over, or copies a small chunk out of it.  When writing fails the
 * whole batch is lost, and its files are deleted; this or a later call says so,
 * batch_flush at the latest.
 */
enum carnet_status batch_add(
    struct batch *batch, struct box **box, struct carnet_error *err);

/* Chunks added so far; and what the ones from `first` on take in packs
 * (waits until they are squeezed). */
size_t batch_len(const struct batch *batch);
enum carnet_status batch_sealed_since(struct batch *batch, size_t first,
    uint64_t *ret_bytes, struct carnet_error *err);

/* Where an unflushed chunk is, written so that it can be read from
 * batch_open_pack.  batch_has(name) must hold. */
enum carnet_status batch_place(struct batch *batch,
    const struct chunk_name *name, struct chunk_place *ret_place,
    struct carnet_error *err);
/* An unflushed pack's file; -1 (errno) if there is none. */
int batch_open_pack(const struct batch *batch, const uint8_t id[PACK_ID_LEN]);

/* Deletes what isn't flushed; the batch is empty again, failure and all. */
void batch_forget(struct batch *batch);
/* As store_flush. */
enum carnet_status batch_flush(struct batch *batch, struct chunk_row **ret_rows,
    size_t *ret_len, struct carnet_error *err);
#endif
